//! `secret.look`: how old a secret's value is, whether it rotates, what is on it. Its value is not read.

use super::{age, arn, current, describe, left_by_others, named, versions};
use crate::estate::time::seconds_between;
use crate::estate::{Secret, Timestamp};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::View;
use crate::runbook::words::{counted, instant};

/// Gathers evidence.
pub struct Look;

impl Verb for Look {
    fn name(&self) -> &'static str {
        "secret.look"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells a secret's age, rotation, versions and labels. Its value is not read."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[with::needed("secret", ValueType::Text, "the name or ARN of the secret")];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "secret", kind: ValueType::Text }, Output { name: "version", kind: ValueType::Text }]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let secret = describe(view, &arn(view)?)?;
        let versions = versions(view, &secret.arn)?;
        let current = current(&secret.arn, &versions)?;
        let left = left_by_others(view.run, &versions).len();
        let mut evidence = vec![
            format!("the value is {} old: version {}", age(current, view.now), named(current)),
            rotation(&secret, view.now),
            format!("{}, {} of earlier runs", counted(versions.len(), "version"), counted(left, "label")),
        ];
        evidence.extend(template(&secret));
        let outputs = [
            ("secret".to_owned(), Value::Text(secret.arn.text().clone())),
            ("version".to_owned(), Value::Text(current.id.text().clone())),
        ];
        Ok(Done { evidence, outputs: outputs.into() })
    }
}

fn rotation(secret: &Secret, now: Timestamp) -> String {
    if !secret.rotation_enabled {
        return "rotation is off".to_owned();
    }
    let every = match secret.rotation_days {
        Some(days) => format!(" every {days} days"),
        None => String::new(),
    };
    match secret.next_rotation {
        Some(next) if seconds_between(next, now) > 0 => {
            format!("rotation is on{every} and failed: it was due {}", instant(next))
        }
        Some(next) => format!("rotation is on{every}, next {}", instant(next)),
        None => format!("rotation is on{every}"),
    }
}

/// A template that made the secret may put its own value back with the next deployment.
fn template(secret: &Secret) -> Option<String> {
    const STACK: &str = "aws:cloudformation:stack-name";
    let (_, stack) = secret.tags.iter().find(|(key, _)| key.wire() == STACK)?;
    Some(format!(
        "the stack {} made it: a deployment that sets the value would revert a change",
        stack.shown()
    ))
}
