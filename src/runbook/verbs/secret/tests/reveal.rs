//! One field shown.

use super::{refusal, world};
use crate::estate::edit::Shape;
use crate::runbook::definition::shipped;
use crate::runbook::need::{Fact, Need, Want};
use crate::runbook::testing::secrets::Secrets;
use crate::runbook::testing::{Bench, Ran, World, beginning, run};
use crate::runbook::value::Value;

fn reveal(inputs: &[(&str, &str)], bench: &Bench, world: &mut impl World) -> (Ran, Vec<Need>) {
    let definition = shipped("secret-reveal").unwrap().unwrap();
    let mut needs = Vec::new();
    let ran = run(&definition, inputs, bench, world, |_, need, bench| {
        needs.push(need.clone());
        bench.late.insert("show".to_owned(), Value::Flag(true)).is_none() && matches!(need, Need::Person(_))
    });
    (ran, needs)
}

#[test]
fn a_field_is_shown_only_after_a_yes_and_nothing_is_changed() {
    let mut world = world();
    let inputs = [("secret", "omnitrack/api-keys"), ("field", "slackWebhookUrl")];
    let (ran, needs) = reveal(&inputs, &Bench::default(), &mut world);
    assert_eq!(ran.stopped, None);
    let [Need::Person(question)] = &needs[..] else { panic!("{needs:?}") };
    assert!(question.text.starts_with("Show the field slackWebhookUrl of omnitrack/api-keys-AbCdEf on this"));
    assert_eq!(question.accepts, ["show"]);
    assert!(ran.evidence["reveal"][0].contains("was read to be shown, version v1"));
    assert!(ran.changed.is_empty() && world.calls.is_empty());
}

#[test]
fn a_document_with_fields_is_not_shown_whole_and_a_plain_text_is() {
    let (ran, _) = reveal(&[("secret", "omnitrack/api-keys")], &Bench::default(), &mut world());
    assert!(refusal(Err(ran.stopped.unwrap().1)).contains("name one"));
    let mut plain = Plain(world());
    let (ran, _) = reveal(&[("secret", "omnitrack/api-keys")], &Bench::default(), &mut plain);
    assert_eq!(ran.stopped, None);
}

#[test]
fn a_plan_reads_nothing_and_asks_nobody() {
    let bench = Bench { planning: true, ..Bench::default() };
    let (ran, needs) = reveal(&[("secret", "omnitrack/api-keys"), ("field", "a")], &bench, &mut world());
    assert!(ran.stopped.is_none() && needs.is_empty());
}

/// A secret whose value is one text.
struct Plain(Secrets);

impl World for Plain {
    fn answer(&mut self, now: crate::estate::Timestamp, want: &Want) -> Fact {
        match want {
            Want::Shape { of, .. } if of.name() == "reveal.document" => {
                Fact::Shape(Ok(Shape { bytes: 20, fields: None, entries: Some(Vec::new()) }))
            }
            other => self.0.answer(beginning().max(now), other),
        }
    }

    fn apply(
        &mut self,
        _: crate::estate::Timestamp,
        call: &crate::estate::Call,
        _: &crate::estate::IdempotencyKey,
    ) -> Result<crate::estate::Receipt, crate::estate::Fault> {
        panic!("{call:?}")
    }
}
