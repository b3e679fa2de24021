//! Which runs an incident takes without being told.

use super::*;
use crate::runbook::Plan;
use crate::runbook::definition::shipped;

/// A plan of a shipped runbook that contains nothing.
fn plan(runbook: &str, inputs: &[(&str, &str)]) -> Plan {
    Plan {
        definition: shipped(runbook).unwrap().unwrap(),
        inputs: inputs.iter().map(|(n, v)| ((*n).to_owned(), Value::Text(Untrusted::from(*v)))).collect(),
        at: place(),
        run: run_id(9),
        steps: Vec::new(),
        hash: String::new(),
    }
}

#[test]
fn what_deals_with_a_line_or_looks_at_the_same_suspect_is_part_of_it() {
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:omni/db-AbCdEf";
    let mut events = key_run(false);
    let at = events.iter().position(|e| matches!(e, RunEvent::Finished { step, .. } if step == "sessions"));
    let read = Value::List(vec![Untrusted::from(arn)]);
    events[at.unwrap()] = finished("sessions", "found", &[("secrets", read)]);
    let picture = picture(vec![opened()], vec![attached(events, 600, "ops/alice")]);
    let key = "AKIAIOSFODNN7EXAMPLE";
    for (runbook, inputs, taken) in [
        ("secret-update", &[("secret", "omni/db")][..], true),
        ("secret-update", &[("secret", arn), ("field", "password")], true),
        ("api-key-rotation", &[("store", "secret"), ("secret", "omni/db")], true),
        ("secret-update", &[("secret", "omni/other")], false),
        ("secret-update", &[], false),
        ("persistence-sweep", &[("key", key)], true),
        ("persistence-sweep", &[("key", "AKIAOTHER0000EXAMPLE")], false),
        ("api-key-rotation", &[("store", "iam-user"), ("user", "somebody")], false),
    ] {
        assert_eq!(
            picture.takes(&plan(runbook, inputs)),
            taken,
            "{runbook} {inputs:?}: {:?}",
            picture.recovery
        );
    }
}
