//! The writes that hold a function down and give it back, on the wire. By the published service model; not verified against
//! AWS.

use super::{Case, body, empty, function, json_reply, same};
use bartizan::estate::change::lambda::contain::Write as Isolate;
use bartizan::estate::change::{Call, lambda};
use bartizan::estate::{Receipt, Service};
use serde_json::json;

fn isolate(write: Isolate) -> Call {
    Call::Lambda(lambda::Call::Contain(write))
}

pub const RESERVE: Case = Case {
    name: "put_function_concurrency",
    service: Service::Lambda,
    call: || isolate(Isolate::PutFunctionConcurrency { function: function(), reserved: 0, was: None }),
    line: "PUT /2017-10-31/functions/ingest/concurrency",
    right: |r| same(body(r), json!({ "ReservedConcurrentExecutions": 0 })),
    good: || json_reply(Service::Lambda, 200, &json!({ "ReservedConcurrentExecutions": 0 })),
    receipt: || Receipt::Done,
    conflict: (409, "ResourceConflictException"),
};

pub const UNRESERVE: Case = Case {
    name: "delete_function_concurrency",
    service: Service::Lambda,
    call: || isolate(Isolate::DeleteFunctionConcurrency { function: function() }),
    line: "DELETE /2017-10-31/functions/ingest/concurrency",
    right: |r| same(r.body.len(), 0),
    good: || empty(204),
    receipt: || Receipt::Done,
    conflict: (409, "ResourceConflictException"),
};

pub const MAPPING: Case = Case {
    name: "update_event_source_mapping",
    service: Service::Lambda,
    call: || {
        let (function, mapping) = (function(), "m-1".into());
        isolate(Isolate::UpdateEventSourceMapping { function, mapping, enabled: false })
    },
    line: "PUT /2015-03-31/event-source-mappings/m-1",
    right: |r| same(body(r), json!({ "Enabled": false })),
    good: || json_reply(Service::Lambda, 202, &json!({ "UUID": "m-1", "State": "Disabling" })),
    receipt: || Receipt::Done,
    conflict: (400, "ResourceInUseException"),
};
