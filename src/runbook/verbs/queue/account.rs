//! What is told of a change that went through a queue: a true account, in sentences that are safe to draw. The two
//! front ends and the journal say the same.

use crate::estate::change::messages::Act;
use crate::estate::{MessageId, Tally};

/// Ids that are named one by one; more are counted.
const NAMED: usize = 20;

/// What came of it so far.
#[must_use]
pub fn account(act: &Act, tally: &Tally) -> Vec<String> {
    let mut out = Vec::new();
    let in_hand = tally.ready.len() + tally.sent.len() + tally.back.len();
    let passed = match act {
        Act::Redrive { .. } => "sent on",
        Act::Replay { .. } => "invoked",
        Act::Discard { .. } => "to be deleted",
        Act::Peek { .. } => "looked at",
    };
    let on = match act {
        Act::Peek { .. } => tally.received,
        Act::Redrive { .. } | Act::Replay { .. } | Act::Discard { .. } => tally.passed_on(),
    };
    out.push(format!(
        "{} received, {on} {passed}, {} deleted here, {} given back{}",
        tally.received,
        tally.deleted,
        tally.returned,
        if in_hand == 0 { String::new() } else { format!(", {in_hand} in hand") }
    ));
    if tally.let_go > 0 {
        out.push(format!("{} were in hand and come back by themselves within a minute", tally.let_go));
    }
    if !tally.refused.is_empty() {
        let said = tally.refused.iter().map(|(id, why)| format!("{} ({})", id.shown(), why.shown()));
        out.push(format!("not taken, and back in the queue: {}", some(said.collect(), tally.refused.len())));
    }
    if !tally.doubtful.is_empty() {
        let ids: Vec<&MessageId> = tally.doubtful.keys().collect();
        let said = ids.iter().map(|id| id.shown().to_string()).collect();
        out.push(format!("may be there twice, since an answer was lost: {}", some(said, ids.len())));
    }
    if tally.stopping {
        out.push("stopped by a person: what was not passed on stays in the queue".to_owned());
    }
    if tally.at_dead_end {
        out.push("stopped: the next receive would have moved a message on".to_owned());
    }
    out
}

fn some(mut said: Vec<String>, of: usize) -> String {
    said.truncate(NAMED);
    let more = of.saturating_sub(NAMED);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more, named in the journal") };
    format!("{}{rest}", said.join(", "))
}
