//! `function.disconnect`: the event sources of a function are disabled before nothing of it runs any more: a queue's
//! messages would count as received each time they are throttled, and end in its dead-letter queue. What was enabled is
//! remembered and enabled again by an undo. Source: Lambda developer guide, "Using Lambda with Amazon SQS".

use super::evidence::loses;
use super::{FUNCTION, called, config, contains, function, given_back, is_made, sources, touched};
use crate::estate::ask::sqs::{GetQueueAttributes, ListQueues};
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::change::lambda::contain::Act as Contain;
use crate::estate::{Act, Change, EventSource, FunctionName, Made, SourceKind, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::again;
use crate::runbook::view::{View, undo_by_inverse};
use crate::runbook::words::said as how_long;

/// Disables event sources.
pub struct Disconnect;

impl Verb for Disconnect {
    fn name(&self) -> &'static str {
        "function.disconnect"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Disables every event source of a function that is enabled, and remembers which; the function's name must be typed. \
         An undo enables those again, once the late input `restore` says why it may run."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[FUNCTION];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let name = function(v)?;
        let feeds = sources(v, &name)?;
        let ours =
            |m: &&EventSource| v.done.iter().any(|c| disables(&c.change).is_some_and(|id| *id == m.id));
        if v.planning && !v.done.is_empty() {
            return Ok(done(v, Vec::new()));
        }
        let on: Vec<&EventSource> = feeds.iter().filter(|m| !m.is_off()).collect();
        if let Some(busy) = on.iter().find(|m| !matches!(m.state.wire(), "Enabled")) {
            return Err(again(3, format!("the {} is {}", called(busy), busy.state.shown())));
        }
        let fresh: Vec<&EventSource> = on.iter().copied().filter(|m| !ours(m)).collect();
        if !fresh.is_empty() {
            return Err(propose(v, &name, &fresh)?);
        }
        if let Some(late) = on.first() {
            return Err(again(2, format!("the {} does not show as disabled yet", called(late))));
        }
        if let Some(going) = feeds.iter().find(|m| m.state.wire() == "Disabling") {
            return Err(again(3, format!("the {} is being disabled", called(going))));
        }
        let said: Vec<String> = feeds
            .iter()
            .map(|m| {
                let whose = if ours(&m) { "is disabled, and was enabled" } else { "was disabled already" };
                format!("the {} {whose}", called(m))
            })
            .collect();
        Ok(done(
            v,
            if said.is_empty() {
                vec![format!("{} has no event source: nothing to disable", name.shown())]
            } else {
                said
            },
        ))
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        let Some(Contain::Disconnect { function, mapping, .. }) = contains(&change.act) else {
            return undo_by_inverse(v, change, made);
        };
        let reason = given_back(v)?;
        let feeds = sources(v, function)?;
        let Some(now) = feeds.iter().find(|m| m.id == *mapping) else {
            let gone = format!("the event source mapping {} is gone: nothing to enable", mapping.shown());
            return Ok(Done { evidence: vec![gone], ..Done::default() });
        };
        if v.done.is_empty() && now.is_on() {
            let there = format!("the {} is enabled already", called(now));
            return Ok(Done { evidence: vec![there], ..Done::default() });
        }
        if now.state.wire() == "Disabling" {
            return Err(again(3, format!("the {} is being disabled", called(now))));
        }
        if v.done.is_empty() && !now.is_off() && is_made(made) {
            return Err(touched(change, &now.state.shown().to_string()));
        }
        let mut undone = undo_by_inverse(v, change, made)?;
        if !v.planning && now.state.wire() != "Enabled" {
            return Err(again(3, format!("the {} is being enabled", called(now))));
        }
        undone.evidence.push(format!("the {} takes again, because: {}", called(now), reason.shown()));
        Ok(undone)
    }
}

fn done(v: &View<'_>, evidence: Vec<String>) -> Done {
    Done { evidence, outputs: [("at".to_owned(), Value::Time(v.now))].into() }
}

/// The mapping that a change disables.
fn disables(change: &Change) -> Option<&Untrusted> {
    match contains(&change.act)? {
        Contain::Disconnect { mapping, .. } => Some(mapping),
        Contain::Connect { .. } | Contain::Limit { .. } | Contain::Unlimit { .. } => None,
    }
}

fn propose(v: &View<'_>, name: &FunctionName, fresh: &[&EventSource]) -> Result<Need, Need> {
    let mut breaks = Vec::new();
    for source in fresh {
        breaks.push(waits(v, source)?);
        breaks.extend(loses(source, v.now));
    }
    let timeout = config(v, name)?.timeout_s;
    let leaves = vec![
        format!("what runs already, for up to {}", how_long(u64::from(timeout))),
        "whoever invokes it by themselves: callers, its URL, rules".to_owned(),
    ];
    let changes = fresh
        .iter()
        .map(|m| {
            let act = Contain::Disconnect {
                function: name.clone(),
                mapping: m.id.clone(),
                source: m.source.clone(),
            };
            Change { at: v.at.clone(), act: Act::Lambda(LambdaAct::Contain(act)) }
        })
        .collect();
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}

/// What becomes of what it would have taken.
fn waits(v: &View<'_>, source: &EventSource) -> Result<String, Need> {
    let name = called(source);
    if source.kind() != SourceKind::Queue {
        return Ok(format!("nobody takes from the {name} meanwhile"));
    }
    let queue = source.source.as_ref().map(|arn| arn.resource());
    let kept = match v.pages(ListQueues {})? {
        Ok(pages) => match pages.concat().into_iter().find(|url| Some(url.name()) == queue) {
            Some(url) => v.pages(GetQueueAttributes { queue: url })?.ok(),
            None => None,
        },
        Err(_) => None,
    };
    Ok(match kept.and_then(|facts| facts.into_iter().next()).and_then(|f| f.retention_s) {
        Some(kept) => format!(
            "messages wait in the {name}, and the oldest are lost {} after they were sent",
            how_long(kept)
        ),
        None => format!("messages wait in the {name}; for how long it keeps them could not be read"),
    })
}
