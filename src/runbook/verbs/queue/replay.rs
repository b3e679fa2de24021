//! `queue.replay`: failed asynchronous invocations are invoked again, with the same event. SQS cannot redrive them, and
//! to attach their queue to the function as an event source would wrap each event in `Records` and break it.
//! Source: Lambda developer guide, "Asynchronous invocation"; Lambda API reference, `Invoke`. How what comes back is
//! recognised is in `back`.

use super::back::{self, Account};
use super::redrive::{SLOW, told};
use super::{
    FILTER, Functions, GROUP, Known, MASKS, MAX, QUEUE, RATE, finished, functions, known, named, number,
    select,
};
use crate::estate::ask::lambda::GetFunctionConcurrency;
use crate::estate::change::messages::{Act as MessagesAct, Callee};
use crate::estate::message::whose::vouches;
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{Act, Change, FunctionName, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{seconds, text};
use crate::runbook::view::{ChangeMade, View};
use crate::runbook::words::{counted, said};
use std::time::Duration;

/// Replays.
pub struct Replay;

/// Twice the time after which Lambda gives an event up that it tries three times: the retries come one minute and two
/// minutes later (Lambda developer guide, "Error handling and automatic retries").
pub const TWICE_THE_RETRIES: u64 = 360;

impl Verb for Replay {
    fn name(&self) -> &'static str {
        "queue.replay"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Invokes Lambda functions again with the events that they failed on: one as a canary whose answer is waited for, \
         then the rest, each deleted when Lambda has taken it; then watches what comes back."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            QUEUE,
            Param {
                name: "function",
                kind: ValueType::Text,
                optional: true,
                doc: "the function; by default each message's own, as its sender or record says",
            },
            Param {
                name: "found",
                kind: ValueType::Text,
                optional: true,
                doc: "the function of those that do not say theirs, where it was looked for and found",
            },
            Param {
                name: "sure",
                kind: ValueType::Text,
                optional: true,
                doc: "how it was found and how sure that is, in words that begin with its name and a colon",
            },
            Param {
                name: "qualifier",
                kind: ValueType::Text,
                optional: true,
                doc: "version or alias to invoke",
            },
            GROUP,
            FILTER,
            MASKS,
            MAX,
            RATE,
            Param {
                name: "canary",
                kind: ValueType::Flag,
                optional: true,
                doc: "whether one is invoked first and its answer waited for; yes by default",
            },
            Param {
                name: "watch",
                kind: ValueType::Duration,
                optional: true,
                doc: "how long to watch for what comes back; twice the retries, six minutes, by default",
            },
            Param {
                name: "look",
                kind: ValueType::Flag,
                optional: true,
                doc: "whether what is in the queue then is looked at, to tell what came back; yes by default",
            },
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "queue", kind: ValueType::Text },
            Output { name: "at", kind: ValueType::Time },
            Output { name: "ended", kind: ValueType::Time },
            Output { name: "account", kind: ValueType::List },
            Output { name: "back", kind: ValueType::Number },
            Output { name: "new", kind: ValueType::Number },
            Output { name: "stayed", kind: ValueType::Number },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let queue = known(v)?;
        let fed = functions(v, &queue.facts.arn)?;
        let callee = callee(v, &queue, &fed)?;
        awake(v, &callee)?;
        let canary = !matches!(v.with.get("canary"), Some(Value::Flag(false)));
        let mut made = v.done.iter();
        let mut evidence = vec![how_sure(v, &callee, &fed)];
        if canary {
            let Some(first) = made.next() else {
                return Err(proposal(v, &queue, &callee, (Some(1), true), &evidence)?);
            };
            evidence.extend(told(first));
            nobodys(&queue, first, &mut evidence)?;
            if let Some((id, why)) = first.tally.refused.first() {
                return Err(Need::Refuse(format!(
                    "the canary failed: message {} ({}); it is back in {}. Nothing else was invoked: mend the cause, and \
                     start another replay",
                    id.shown(),
                    why.shown(),
                    queue.name()
                )));
            }
            if number(v, MAX.name, 1, i64::MAX)? == Some(1) || first.tally.received == 0 {
                // A canary was answered: what it did is known, and nothing of it comes back.
                return Ok(finished(v, &queue, evidence));
            }
        }
        let Some(rest) = made.next() else {
            let most = number(v, MAX.name, 1, i64::MAX)?.map(|n| n.saturating_sub(u64::from(canary)));
            return Err(proposal(v, &queue, &callee, (most, false), &evidence)?);
        };
        evidence.extend(told(rest));
        nobodys(&queue, rest, &mut evidence)?;
        watched(v, &queue, (rest, made.next()), evidence)
    }
}

/// Who is invoked.
fn callee(v: &View<'_>, queue: &Known, fed: &Functions) -> Result<Callee, Need> {
    let qualifier = text(v, "qualifier").cloned();
    if let Some(said) = text(v, "function") {
        let name = there(fed, said)?;
        return Ok(Callee { one: Some(name), known: Vec::new(), otherwise: None, qualifier });
    }
    if let Some(gap) = &fed.gap {
        return Err(Need::Refuse(format!(
            "which functions there are cannot be read ({gap}): say which is to be invoked with `function`"
        )));
    }
    match fed.pointing.as_slice() {
        [] if !queue.sources.is_empty() => Err(Need::Refuse(format!(
            "{} holds messages of queues, not failed invocations: redrive it instead (`queues redrive`)",
            queue.name()
        ))),
        // One function points here, and nothing else does: its messages need not say so.
        [only] if queue.sources.is_empty() => {
            Ok(Callee { one: Some(only.clone()), known: Vec::new(), otherwise: None, qualifier })
        }
        _ => {
            let otherwise = text(v, "found").map(|said| there(fed, said)).transpose()?;
            Ok(Callee { one: None, known: fed.all.clone(), otherwise, qualifier })
        }
    }
}

/// The function that is meant, which must be there where that can be known.
fn there(fed: &Functions, said: &Untrusted) -> Result<FunctionName, Need> {
    let name = named(said.wire());
    if fed.gap.is_some() || fed.all.contains(&name) {
        return Ok(name);
    }
    let near = crate::diagnose::nearest(name.wire(), fed.all.iter().map(FunctionName::wire));
    let hint = near.map(|n| format!("; did you mean {}?", Untrusted::from(n).shown())).unwrap_or_default();
    Err(Need::Refuse(format!("there is no function {}{hint}", name.shown())))
}

/// Refuses a function that is switched off: with a reserved concurrency of 0 every event goes straight back (Lambda
/// developer guide, "Asynchronous invocation").
fn awake(v: &View<'_>, callee: &Callee) -> Result<(), Need> {
    let Some(function) = callee.one.as_ref().or(callee.otherwise.as_ref()) else { return Ok(()) };
    match v.pages(GetFunctionConcurrency { function: function.clone() })? {
        Ok(pages) if pages.contains(&Some(0)) => Err(Need::Refuse(format!(
            "{} has a reserved concurrency of 0: every event would go straight back to the queue. Restore it first",
            function.shown()
        ))),
        // That it cannot be read is no reason not to replay: the canary tells.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Where no message of those that were meant says whose it is, nothing was done, and it is said how to find out; where some
/// do not, it is said of them.
fn nobodys(queue: &Known, made: &ChangeMade, evidence: &mut Vec<String>) -> Result<(), Need> {
    let silent = made.tally.unrouted();
    if silent == 0 {
        return Ok(());
    }
    let how = "say which it is (`--function NAME`), or let the logs of functions be searched for their requests \
               (`--search-logs`, `search_logs=true` of dlq-drain)";
    let of = counted(silent, "message");
    if made.tally.passed_on() > 0 || made.tally.refused.len() > silent {
        evidence.push(format!("{of} that do not say which function they failed in are back: {how}"));
        return Ok(());
    }
    Err(Need::Refuse(format!(
        "which function is to be invoked is not known: {of} of {} came and did not say it, and no single function names this \
         queue as the place of its failures. Nothing was invoked, and all are back: {how}",
        queue.name()
    )))
}

fn how_sure(v: &View<'_>, callee: &Callee, fed: &Functions) -> String {
    let named = callee.one.as_ref().or(callee.otherwise.as_ref());
    let sure = text(v, "sure").filter(|sure| vouches(sure.wire(), named)).map(Untrusted::shown);
    match (sure, &callee.otherwise) {
        (Some(sure), None) => return format!("how the function was found: {sure}"),
        (sure, Some(function)) => {
            let said = sure.map_or_else(|| "a person says so".to_owned(), |sure| sure.to_string());
            let of = match fed.pointing.len() {
                0 | 1 => String::new(),
                n => format!(" ({n} functions name this queue: whichever of them failed on it)"),
            };
            return format!(
                "each message's own function is invoked where it says one, and {} where it does not{of}: {said}",
                function.shown()
            );
        }
        (None, None) => {}
    }
    match &callee.one {
        Some(one) if fed.pointing.contains(one) => {
            format!("{} names this queue as its dead-letter queue", one.shown())
        }
        Some(one) => format!("{} is invoked because a person says so", one.shown()),
        None => format!(
            "{} functions name this queue: each message's own is the one that sent it (its sender, or its record), and one \
             that does not say is not invoked",
            fed.pointing.len()
        ),
    }
}

fn proposal(
    v: &View<'_>,
    queue: &Known,
    callee: &Callee,
    (most, wait): (Option<u64>, bool),
    evidence: &[String],
) -> Result<Need, Need> {
    let pace = number(v, RATE.name, 1, super::FASTEST)?.and_then(|n| u32::try_from(n).ok()).unwrap_or(SLOW);
    let act = MessagesAct::Replay {
        from: queue.url.clone(),
        callee: callee.clone(),
        select: select(v)?,
        most,
        pace: Some(pace),
        wait,
    };
    let changes = vec![Change { at: v.at.clone(), act: Act::Messages(act) }];
    let mut breaks = vec![format!("{} has {}", queue.name(), queue.count())];
    breaks.extend(evidence.iter().cloned());
    let mut leaves = vec![match wait {
        true => "the rest is asked about when the canary has succeeded".to_owned(),
        false => {
            "an accepted event has not succeeded yet: what fails comes back after its retries, and is recognised"
                .to_owned()
        }
    }];
    if !matches!(v.with.get("look"), Some(Value::Flag(false))) {
        leaves.push(
            "to see whose it is, what is in the queue then is looked at, which is asked about".to_owned(),
        );
    }
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}

/// Tells later steps what came back and what is new.
fn known_back(mut done: Done, rest: &ChangeMade, account: Account) -> Done {
    let number = |n: u64| Value::Number(i64::try_from(n).unwrap_or(i64::MAX));
    let said = account.said.into_iter().map(Untrusted::from).collect();
    done.outputs.extend([
        ("account".to_owned(), Value::List(said)),
        ("back".to_owned(), number(account.back)),
        ("new".to_owned(), number(account.new)),
        ("stayed".to_owned(), number(account.stayed)),
    ]);
    done.outputs.extend(rest.tally.clock.map(|ended| ("ended".to_owned(), Value::Time(ended))));
    done
}

/// Watches what comes back, and looks whose it is.
fn watched(
    v: &View<'_>,
    queue: &Known,
    (rest, looked): (&ChangeMade, Option<&ChangeMade>),
    mut evidence: Vec<String>,
) -> Result<Done, Need> {
    let span = seconds(v, "watch", TWICE_THE_RETRIES);
    if let Some(looked) = looked {
        let account = back::account(v.began, rest, looked, queue.facts.messages);
        evidence.extend(account.said.iter().cloned());
        return Ok(known_back(finished(v, queue, evidence), rest, account));
    }
    let invoked = rest.tally.passed_on();
    if v.planning || span == 0 || invoked == 0 {
        return Ok(finished(v, queue, evidence));
    }
    let there = queue.facts.messages.unwrap_or(0);
    let ended = rest.tally.clock.unwrap_or(v.since);
    let left = seconds_between(v.now, plus_seconds(ended, span));
    if left > 0 {
        let why = format!(
            "{} to see what comes back; {} has about {there} messages",
            said(left.unsigned_abs()),
            queue.name()
        );
        return Err(Need::Again { after: Duration::from_secs(left.clamp(1, 15).unsigned_abs()), why });
    }
    if there == 0 {
        let nothing = format!("nothing came back in {}", said(span.unsigned_abs()));
        evidence.push(nothing.clone());
        let account = Account { said: vec![nothing], ..Account::default() };
        return Ok(known_back(finished(v, queue, evidence), rest, account));
    }
    let looks = !matches!(v.with.get("look"), Some(Value::Flag(false)));
    match back::look(v, queue)? {
        Ok(proposal) if looks => Err(Need::Consent(Box::new(proposal))),
        // Counted by depth then, and said.
        not => {
            let stayed = rest.tally.returned + rest.tally.refused.len() as u64;
            let more = there.saturating_sub(stayed).min(invoked);
            let why = not.err().unwrap_or_else(|| "as was asked for".to_owned());
            evidence.push(format!(
                "about {there} messages are in the queue {} later, {more} more than stayed there; whose they are was not \
                 looked at: {why}",
                said(span.unsigned_abs())
            ));
            Ok(finished(v, queue, evidence))
        }
    }
}
