//! The whole of secret-update over one secret, and its verbs one by one.

use crate::estate::change::secretsmanager::CURRENT;
use crate::runbook::definition::shipped;
use crate::runbook::need::Need;
use crate::runbook::testing::secrets::Secrets;
use crate::runbook::testing::{Bench, Ran, beginning, run};
use crate::runbook::value::Value;

fn update(inputs: &[(&str, &str)], world: &mut Secrets) -> Ran {
    let definition = shipped("secret-update").unwrap().unwrap();
    run(&definition, inputs, &Bench::default(), world, |_, need, bench| match need {
        Need::Enter { slot, .. } => {
            bench.held.insert(slot.clone());
            true
        }
        Need::Time { accepts, .. } => {
            assert_eq!(accepts.as_slice(), ["close"]);
            bench.late.insert("close".to_owned(), Value::Flag(true));
            true
        }
        _ => false,
    })
}

#[test]
fn a_field_is_updated() {
    let mut world = Secrets::new(beginning());
    let ran = update(&[("secret", "omnitrack/api-keys"), ("field", "slackWebhookUrl")], &mut world);
    assert_eq!(ran.stopped, None);
    let made = ran.outputs["stage"]["version"].clone();
    let Value::Text(made) = made else { panic!() };
    assert_eq!(world.holder(CURRENT), Some(made.wire()));
    assert_eq!(world.holder("AWSPREVIOUS"), Some("v1"));
    assert!(world.versions.iter().all(|v| !v.stages.iter().any(|s| s.wire().starts_with("bartizan"))));
    assert_eq!(
        ran.changed.iter().map(|(step, _)| step.as_str()).collect::<Vec<_>>(),
        ["stage", "promote", "close"]
    );
}
