//! A function that costs, or is not its owner's any more: what the verbs share that look at it, hold it down and give it
//! back. Facts: Lambda developer guide, "Configuring reserved concurrency for a function", "How Lambda processes records
//! from stream and queue-based event sources".

pub mod disconnect;
pub mod evidence;
pub mod leads;
pub mod limit;
mod spill;
pub mod stopped;

use super::environment::no_function;
use super::key::{one, text};
use super::with::needed;
use crate::estate::ask::lambda::{GetFunctionConcurrency, GetFunctionConfiguration, ListEventSourceMappings};
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::change::lambda::contain::Act as Contain;
use crate::estate::message::envelope::function_of;
use crate::estate::{Act, Change, EventSource, FunctionConfig, FunctionName, Made, SourceKind, Untrusted};
use crate::runbook::need::{Need, Question};
use crate::runbook::value::ValueType;
use crate::runbook::verb::Param;
use crate::runbook::view::{View, is_missing};

/// The late input by which a person says why it may run again.
pub const RESTORE: &str = "restore";

pub(super) const FUNCTION: Param = needed("function", ValueType::Text, "the function, by name or ARN");

/// The function that the step is about.
///
/// # Errors
/// `Refuse`, if the parameter is missing.
fn function(v: &View<'_>) -> Result<FunctionName, Need> {
    let said = v.text(FUNCTION.name)?.wire();
    Ok(function_of(said).map_or_else(|| FunctionName::new(said), |named| named.name))
}

/// The configuration of `$LATEST`.
///
/// # Errors
/// `Know`; `Refuse`, if there is no such function, with the nearest name.
fn config(v: &View<'_>, function: &FunctionName) -> Result<FunctionConfig, Need> {
    let asked = || GetFunctionConfiguration { function: function.clone(), version: None };
    if let Err(fault) = v.pages(asked())?
        && is_missing(&fault)
    {
        return Err(no_function(v, function)?);
    }
    one(v, asked())
}

/// What feeds a function, whichever of its versions.
///
/// # Errors
/// As [`View::must`].
fn sources(v: &View<'_>, function: &FunctionName) -> Result<Vec<EventSource>, Need> {
    let mut all = v.must(ListEventSourceMappings {})?.concat();
    all.retain(|m| function_of(m.function.wire()).is_some_and(|named| named.name == *function));
    Ok(all)
}

/// What is reserved for a function.
///
/// # Errors
/// As [`View::must`].
fn reserved(v: &View<'_>, function: &FunctionName) -> Result<Option<u32>, Need> {
    one(v, GetFunctionConcurrency { function: function.clone() })
}

/// An event source, as people call it.
fn called(source: &EventSource) -> String {
    let name = source.source.as_ref().map_or_else(
        || source.id.clone(),
        |arn| match source.kind() {
            // arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL
            SourceKind::TableStream => {
                let parts: Vec<&str> = arn.wire().split('/').collect();
                parts.get(1).map_or_else(|| arn.resource(), |table| Untrusted::from(*table))
            }
            SourceKind::Queue | SourceKind::Stream | SourceKind::Other => arn.resource(),
        },
    );
    let kind = match source.kind() {
        SourceKind::Queue => "queue",
        SourceKind::TableStream => "stream of the table",
        SourceKind::Stream => "stream",
        SourceKind::Other => "event source",
    };
    format!("{kind} {}", name.shown())
}

/// What of a function was contained by a change; `None` if that is another change.
fn contains(act: &Act) -> Option<&Contain> {
    match act {
        Act::Lambda(LambdaAct::Contain(act)) => Some(act),
        Act::Lambda(_)
        | Act::SecretsManager(_)
        | Act::ApiGateway(_)
        | Act::Iam(_)
        | Act::Sqs(_)
        | Act::Rds(_)
        | Act::Ec2(_)
        | Act::Messages(_) => None,
    }
}

/// Why it may run again, or the question: what contained it is given back for a reason that is kept.
///
/// # Errors
/// `Person`, until somebody has said it.
fn given_back<'v>(v: &View<'v>) -> Result<&'v Untrusted, Need> {
    text(v, RESTORE).ok_or_else(|| {
        Need::Person(Question {
            text: format!(
                "It was stopped for a reason: why may it run again? Say what was deployed or mended, and who has looked at \
                 it (`--set {RESTORE}=REASON`)"
            ),
            accepts: vec![RESTORE.into()],
            ..Question::default()
        })
    })
}

/// Refuses to give back what this run did not leave as it is now.
fn touched(change: &Change, now: &str) -> Need {
    Need::Refuse(format!(
        "{} was done, and it is otherwise now ({now}): somebody has changed it since. Look who, and set it by hand",
        change.sentence()
    ))
}

/// Whether a call of the change was made.
fn is_made(made: &[Made]) -> bool {
    !made.is_empty()
}

/// What a fault leaves unknown.
fn unknown<T>(what: &str, answer: Result<T, crate::estate::Fault>, say: impl FnOnce(T) -> String) -> String {
    match answer {
        Ok(told) => say(told),
        Err(fault) => format!("{what}: not known ({fault})"),
    }
}
