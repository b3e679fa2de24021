//! What came back after a replay, told by identity and not by counting: the dead letter of an invocation says the id of its
//! request, which the answer to the invocation said too (Lambda developer guide, "Adding a dead-letter queue":
//! `RequestID`, "the ID of the invocation request"; "Capturing records of asynchronous invocations":
//! `requestContext.requestId`). Where an answer did not, the event itself tells, as long as the process lives that sent it.
//! To look costs each message a receive, so it is asked for, and bounded.

use super::{Known, look_at};
use crate::estate::message::Trace;
use crate::estate::{Timestamp, Untrusted};
use crate::runbook::need::{Need, Proposal};
use crate::runbook::view::{ChangeMade, View};
use std::collections::BTreeMap;

/// Messages that are looked at, at most (ours: twenty receives).
const MOST: u64 = 200;
/// Errors that are named.
const NAMED: usize = 5;

/// The look at what is in the queue; or why there is none.
///
/// # Errors
/// `Refuse`, where the masks cannot be read.
pub(super) fn look(v: &View<'_>, queue: &Known) -> Result<Result<Proposal, String>, Need> {
    let leaves = vec![format!(
        "at most {MOST} messages are looked at and all of them given back; without it what came back is only counted \
         (`look=false`)"
    )];
    look_at(v, queue, MOST, leaves)
}

/// Whose the messages are that were looked at.
#[derive(Default)]
struct Sorted {
    /// They say a request that was made here: by their errors.
    ours: BTreeMap<Untrusted, u64>,
    /// They hold an event that was sent from here, and another request or none.
    alike: BTreeMap<Untrusted, u64>,
    /// They came while it was watched, from elsewhere.
    strange: u64,
    /// They were there before.
    before: u64,
}

impl Sorted {
    fn of(seen: &[Trace], began: Timestamp, rest: &ChangeMade) -> Self {
        let mut sorted = Self::default();
        for trace in seen {
            let known = trace.request.as_ref().is_some_and(|request| rest.tally.has_invoked(request));
            if known {
                *sorted.ours.entry(trace.error.clone()).or_default() += 1;
            } else if trace.again {
                *sorted.alike.entry(trace.error.clone()).or_default() += 1;
            } else if trace.sent.is_some_and(|sent| sent >= began) {
                sorted.strange += 1;
            } else {
                sorted.before += 1;
            }
        }
        sorted
    }
}

/// What a look told of it, for later steps too.
#[derive(Default)]
pub(super) struct Account {
    /// In sentences.
    pub said: Vec<String>,
    /// Messages that came back.
    pub back: u64,
    /// Messages that came meanwhile from elsewhere.
    pub new: u64,
    /// Messages that were there before.
    pub stayed: u64,
}

/// What a look told.
pub(super) fn account(
    began: Timestamp,
    rest: &ChangeMade,
    looked: &ChangeMade,
    there: Option<u64>,
) -> Account {
    let (invoked, seen) = (rest.tally.passed_on(), looked.tally.received);
    let sorted = Sorted::of(&looked.tally.seen, began, rest);
    let ours: u64 = sorted.ours.values().sum();
    let mut out = vec![match ours {
        0 => format!("of {invoked} that were invoked none is among the {seen} messages that were looked at"),
        n => format!("{n} of {invoked} that were invoked came back: {}", errors(&sorted.ours)),
    }];
    let alike: u64 = sorted.alike.values().sum();
    if alike > 0 {
        out.push(format!(
            "{alike} more hold an event that was invoked and say another request, or none: {}",
            errors(&sorted.alike)
        ));
    }
    if sorted.strange > 0 {
        out.push(format!("{} came meanwhile from elsewhere", sorted.strange));
    }
    if sorted.before > 0 {
        out.push(format!("{} were there before", sorted.before));
    }
    if looked.tally.at_dead_end {
        out.push("looking stopped at a message that the next receive would have moved on".to_owned());
    }
    match there {
        Some(n) if n > seen => out.push(format!("about {} more were not looked at", n - seen)),
        Some(_) | None => {}
    }
    if looked.tally.let_go > 0 {
        out.push(format!("{} come back by themselves within a minute", looked.tally.let_go));
    }
    Account { said: out, back: ours + alike, new: sorted.strange, stayed: sorted.before }
}

/// By the most frequent.
fn errors(of: &BTreeMap<Untrusted, u64>) -> String {
    let mut all: Vec<(&Untrusted, u64)> = of.iter().map(|(error, n)| (error, *n)).collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let mut said: Vec<String> =
        all.iter().take(NAMED).map(|(error, n)| format!("{n} of {}", error.shown())).collect();
    let more: u64 = all.iter().skip(NAMED).map(|(_, n)| n).sum();
    if more > 0 {
        said.push(format!("{more} of others"));
    }
    said.join(", ")
}
