//! `function.limit`: how much of a function may run at once is lowered, to nothing if need be; what was reserved before is
//! remembered and given back by an undo. Sources: Lambda API reference, `PutFunctionConcurrency`; Lambda developer guide,
//! "How Lambda handles errors and retries with asynchronous invocation".

use super::spill::{Spill, spills};
use super::{FUNCTION, called, config, contains, function, given_back, reserved, sources, touched};
use crate::estate::ask::lambda::{
    GetProvisionedConcurrencyConfig, ListAliases, ListFunctionEventInvokeConfigs,
};
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::change::lambda::contain::Act as Contain;
use crate::estate::{Act, Alias, Change, FunctionName, Made, SourceKind};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{again, all, instant, made};
use crate::runbook::verbs::with::optional;
use crate::runbook::view::{View, refusal, undo_by_inverse};
use crate::runbook::words::said as how_long;

/// Lowers the concurrency.
pub struct Limit;

impl Verb for Limit {
    fn name(&self) -> &'static str {
        "function.limit"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Lowers the reserved concurrency of a function, to 0 without `to`; its name must be typed. At 0 its event sources must \
         have been disabled first. What was reserved before is given back by an undo, once the late input `restore` says why \
         it may run."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            FUNCTION,
            optional("to", ValueType::Number, "how many may run at once, 0 to 10000; 0 without it"),
            optional(
                "disconnects",
                ValueType::Flag,
                "a step before this disables its event sources, so that both can be agreed to at once",
            ),
            optional("disconnected", ValueType::Time, "when that was done"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }, Output { name: "was", kind: ValueType::Number }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let (name, to) = (function(v)?, wanted(v)?);
        let config = config(v, &name)?;
        let now = reserved(v, &name)?;
        let made = made(v, |a| matches!(contains(a), Some(Contain::Limit { .. })));
        let was = match made.map(|c| contains(&c.change.act)) {
            Some(Some(Contain::Limit { was, .. })) => *was,
            Some(_) | None => now,
        };
        if made.is_none() && now != Some(to) {
            if let Some(now) = now.filter(|now| *now < to) {
                return Err(Need::Refuse(format!(
                    "the reserved concurrency of {} is {now} already, less than {to}: nothing would be held down",
                    name.shown()
                )));
            }
            provisioned(v, &name, to)?;
            if to == 0 {
                disconnected(v, &name)?;
            }
            let act = Contain::Limit { function: name.clone(), to, was: now };
            let changes = vec![Change { at: v.at.clone(), act: Act::Lambda(LambdaAct::Contain(act)) }];
            let breaks = breaks(v, &name, to, config.dead_letter.is_some())?;
            let mut leaves =
                vec![format!("what runs already, for up to {}", how_long(u64::from(config.timeout_s)))];
            leaves.push(
                "sessions of its role that somebody has taken out of it: the role's revocation ends those"
                    .to_owned(),
            );
            return Err(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })));
        }
        if now != Some(to) && !v.planning {
            return Err(again(2, "the reserved concurrency does not show yet"));
        }
        let before = was.map_or_else(|| "nothing was reserved before".to_owned(), |n| format!("it was {n}"));
        let said = match made {
            Some(_) => format!("the reserved concurrency of {} is {to}; {before}", name.shown()),
            None => {
                format!("the reserved concurrency of {} was {to} already: nothing was changed", name.shown())
            }
        };
        let mut done = Done {
            evidence: if v.planning { Vec::new() } else { vec![said] },
            outputs: [("at".to_owned(), Value::Time(v.now))].into(),
        };
        if let Some(was) = was {
            done.outputs.insert("was".to_owned(), Value::Number(i64::from(was)));
        }
        Ok(done)
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        let Some(Contain::Limit { function, to, was }) = contains(&change.act) else {
            return undo_by_inverse(v, change, made);
        };
        let reason = given_back(v)?;
        let now = reserved(v, function)?;
        if now == *was {
            let evidence =
                vec![format!("what is reserved is as before; it may run, because: {}", reason.shown())];
            return Ok(Done { evidence, ..Done::default() });
        }
        if v.done.is_empty() && now != Some(*to) {
            let now = now.map_or_else(|| "nothing is reserved".to_owned(), |n| format!("{n} is reserved"));
            return Err(touched(change, &now));
        }
        let undone = undo_by_inverse(v, change, made)?;
        if v.planning { Ok(undone) } else { Err(again(2, "the reserved concurrency does not show yet")) }
    }
}

fn wanted(v: &View<'_>) -> Result<u32, Need> {
    match v.with.get("to") {
        Some(Value::Number(n)) => u32::try_from(*n)
            .ok()
            .filter(|n| *n <= 10_000)
            .ok_or_else(|| Need::Refuse(format!("a concurrency is 0 to 10000, not {n}"))),
        Some(_) | None => Ok(0),
    }
}

/// Lambda reserves no less than what is provisioned.
fn provisioned(v: &View<'_>, name: &FunctionName, to: u32) -> Result<(), Need> {
    let aliases = v.must(ListAliases { function: name.clone() })?.concat();
    let ask = |a: &Alias| {
        v.pages(GetProvisionedConcurrencyConfig { function: name.clone(), alias: a.name.clone() })
    };
    let mut held = Vec::new();
    for (alias, told) in aliases.iter().zip(all(aliases.iter().map(ask))?) {
        // who may not ask learns it from the call itself
        let requested = told.map_or(0, |p| p.into_iter().flatten().map(|p| p.requested).sum::<u32>());
        if requested > 0 {
            held.push((alias, requested));
        }
    }
    if held.iter().map(|(_, n)| n).sum::<u32>() <= to {
        return Ok(());
    }
    let lines: Vec<String> = held
        .iter()
        .map(|(alias, n)| {
            format!(
                "`aws lambda delete-provisioned-concurrency-config --function-name {} --qualifier {}` (it has {n})",
                crate::runbook::shell::quote(name.wire()),
                crate::runbook::shell::quote(alias.name.wire())
            )
        })
        .collect();
    Err(Need::Refuse(format!(
        "aliases of {} have provisioned concurrency, and Lambda reserves no less than that. Take it off first, and note it: {}",
        name.shown(),
        lines.join("; ")
    )))
}

/// Refuses to stop a function that is still fed: that would burn its messages.
fn disconnected(v: &View<'_>, name: &FunctionName) -> Result<(), Need> {
    let before = v.planning || instant(v, "disconnected").is_none();
    if before && v.flag("disconnects") {
        return Ok(());
    }
    let on = sources(v, name)?.into_iter().find(|m| !m.is_off());
    match on {
        None => Ok(()),
        Some(m) => Err(Need::Refuse(format!(
            "the {} of {} is {}: at a concurrency of 0 {}. Disable it first",
            called(&m),
            name.shown(),
            m.state.shown(),
            match m.kind() {
                SourceKind::Queue =>
                    "its messages count as received each time they are throttled, and end in its dead-letter queue",
                SourceKind::TableStream | SourceKind::Stream | SourceKind::Other =>
                    "its records are tried again until they expire",
            }
        ))),
    }
}

fn breaks(v: &View<'_>, name: &FunctionName, to: u32, letters: bool) -> Result<Vec<String>, Need> {
    let kept = letters
        || match v.pages(ListFunctionEventInvokeConfigs { function: name.clone() })? {
            Ok(pages) => !pages.concat().is_empty(),
            Err(fault) if fault.is_passing() => return Err(refusal(fault)),
            Err(_) => false,
        };
    if to > 0 {
        let mut said = vec![format!(
            "callers beyond {to} at once get 429; asynchronous events are tried again for up to 6 h"
        )];
        said.extend(spills(v, &sources(v, name)?)?.iter().map(Spill::burns));
        return Ok(said);
    }
    Ok(vec![
        "whoever calls it and waits gets 429 at once".to_owned(),
        if kept {
            "asynchronous events go straight to its dead-letter queue or destination, without a second try"
                .to_owned()
        } else {
            "asynchronous events ARE LOST: it has no dead-letter queue and no destination".to_owned()
        },
    ])
}
