//! The writes that set tags of a secret.

use super::{Case, SECRET, json_reply, target};
use bartizan::estate::change::{Call, secretsmanager};
use bartizan::estate::{Arn, Receipt, Service};
use serde_json::json;

pub const TAGS: &[Case] = &[
    Case {
        name: "tag_resource",
        service: Service::SecretsManager,
        call: || {
            let tags = vec![
                ("bartizan:changed:apiKey".into(), "2026-11-17T10:00:00Z".into()),
                ("bartizan:changed:user".into(), "before 2026-08-12T10:00:00Z".into()),
            ];
            Call::SecretsManager(secretsmanager::Call::TagResource { secret: Arn::new(SECRET), tags })
        },
        line: "POST /",
        right: |r| {
            let model = json!({ "SecretId": SECRET, "Tags": [
                { "Key": "bartizan:changed:apiKey", "Value": "2026-11-17T10:00:00Z" },
                { "Key": "bartizan:changed:user", "Value": "before 2026-08-12T10:00:00Z" },
            ] });
            target(r, "TagResource", model)
        },
        good: || json_reply(Service::SecretsManager, 200, &json!({})),
        receipt: || Receipt::Done,
        conflict: (400, "ResourceExistsException"),
    },
    Case {
        name: "untag_resource",
        service: Service::SecretsManager,
        call: || {
            let keys = vec!["bartizan:changed:gone".into()];
            Call::SecretsManager(secretsmanager::Call::UntagResource { secret: Arn::new(SECRET), keys })
        },
        line: "POST /",
        right: |r| {
            let model = json!({ "SecretId": SECRET, "TagKeys": ["bartizan:changed:gone"] });
            target(r, "UntagResource", model)
        },
        good: || json_reply(Service::SecretsManager, 200, &json!({})),
        receipt: || Receipt::Done,
        conflict: (400, "ResourceExistsException"),
    },
];
