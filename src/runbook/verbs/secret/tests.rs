//! The verbs about secrets over one secret: what is looked at, what is refused and in which words, and that nobody's
//! work is overwritten.

mod checks;
mod date;
mod races;
mod reveal;
mod update;

use super::super::find;
use crate::runbook::need::{Done, Need};
use crate::runbook::testing::secrets::{Secrets, arn};
use crate::runbook::testing::{Bench, beginning};
use crate::runbook::value::Value;

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// A bench with the secret's ARN and these texts as parameters.
fn bench(parameters: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::with(&[("secret", Value::Text(arn().text().clone()))]);
    bench.with.extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), text(value))));
    bench
}

fn world() -> Secrets {
    Secrets::new(beginning())
}

fn go(verb: &str, bench: &mut Bench, world: &mut Secrets) -> Result<Done, Need> {
    bench.go(find(verb).unwrap(), world)
}

/// The words of a refusal.
#[track_caller]
fn refusal(result: Result<Done, Need>) -> String {
    match result {
        Err(Need::Refuse(words) | Need::Lacks { text: words, .. }) => words,
        other => panic!("not refused: {other:?}"),
    }
}
