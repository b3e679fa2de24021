//! What is told of a change that went through a queue: a true account, in sentences that are safe to draw. The two
//! front ends and the journal say the same.

use crate::estate::change::messages::Act;
use crate::estate::{MessageId, Tally};

/// Ids that are named one by one; more are counted.
const NAMED: usize = 20;

/// What came of it so far.
#[must_use]
pub fn account(act: &Act, tally: &Tally) -> Vec<String> {
    let mut out = vec![through(act, tally)];
    if tally.awaits() && !act.finished(tally) {
        out.push(
            "what was in hand when the program ended comes back within a minute, and is waited for"
                .to_owned(),
        );
    } else if !tally.owed.is_empty() {
        let said = tally.owed.iter().map(|id| id.shown().to_string()).collect();
        out.push(format!(
            "passed on, and not deleted here as far as is known: {}",
            some(said, tally.owed.len())
        ));
    } else if tally.let_go > 0 {
        out.push(format!("{} were in hand and come back by themselves within a minute", tally.let_go));
    }
    if let Act::Discard { listed: Some(listed), .. } = act
        && !tally.stopping
        && tally.passed_on() < u64::from(listed.count)
    {
        let missing = u64::from(listed.count) - tally.passed_on();
        out.push(format!("{missing} of those listed were not found: deleted before, or hidden by others"));
    }
    if !tally.refused.is_empty() {
        let said = tally.refused.iter().map(|(id, why)| format!("{} ({})", id.shown(), why.shown()));
        let stays = if let Act::Import(_) = act { "only in the file" } else { "back in the queue" };
        out.push(format!("not taken, and {stays}: {}", some(said.collect(), tally.refused.len())));
    }
    if !tally.doubtful.is_empty() {
        let ids: Vec<&MessageId> = tally.doubtful.keys().collect();
        let said = ids.iter().map(|id| id.shown().to_string()).collect();
        out.push(format!("may be there twice, since an answer was lost: {}", some(said, ids.len())));
    }
    if tally.stopping {
        let stays = if let Act::Import(_) = act {
            "was not sent is in the file"
        } else {
            "was not passed on stays in the queue"
        };
        out.push(format!("stopped by a person: what {stays}"));
    }
    if tally.at_dead_end {
        out.push("stopped: the next receive would have moved a message on".to_owned());
    }
    out
}

/// The numbers.
fn through(act: &Act, tally: &Tally) -> String {
    let in_hand = tally.ready.len() + tally.sent.len() + tally.back.len();
    let (passed, on) = match act {
        Act::Redrive { .. } => ("sent on", tally.passed_on()),
        Act::Replay { .. } => ("invoked", tally.passed_on()),
        Act::Discard { .. } => ("to be deleted", tally.passed_on()),
        Act::Peek { .. } => ("looked at", tally.received),
        Act::Import(import) => return format!("{} of {} sent", tally.passed_on(), import.from.count),
    };
    format!(
        "{} received, {on} {passed}, {} deleted here, {} given back{}",
        tally.received,
        tally.deleted,
        tally.returned,
        if in_hand == 0 { String::new() } else { format!(", {in_hand} in hand") }
    )
}

fn some(mut said: Vec<String>, of: usize) -> String {
    said.truncate(NAMED);
    let more = of.saturating_sub(NAMED);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more, named in the journal") };
    format!("{}{rest}", said.join(", "))
}
