//! A peek: looks at a sample of a queue and gives every message back, whatever ends it. Which calls come next is said by
//! the change itself. If the future is dropped, nothing can be given back any more: the messages come back when their
//! time has passed, which is a minute.

use super::hands::{Account, Came, Hands};
use crate::engine::runs::RunsFault;
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::message::{Held, Ids, Select};
use crate::estate::time::plus_seconds;
use crate::estate::{Call, Consent, Fault, Progress, Receipt, Timestamp, Vault};
use std::sync::Arc;

/// What is looked for. As many are read as the consent allows, until enough of those meant were found.
pub struct Sought<'a> {
    /// Which are meant; the others are given back and forgotten.
    pub select: &'a Select,
    /// How many of them are enough.
    pub enough: Option<u64>,
}

/// What was seen.
pub struct Peeked {
    /// The messages that were meant, in the order of their coming. Their handles are spent.
    pub messages: Vec<Arc<Held>>,
    /// What was done with them.
    pub account: Account,
    /// What ended it before its end. What was read until then is there.
    pub fault: Option<Fault>,
    /// It ended because enough were found; there may be more.
    pub enough: bool,
    /// When the first was asked for.
    pub at: Timestamp,
}

/// Looks at messages, and tells how far it is after each round.
///
/// # Errors
/// The context is read-only, or the consent is for something else; nothing was done. A fault of AWS is no error: what was
/// read is told with it.
pub async fn peek(
    hands: &Hands<'_>,
    consent: &Consent,
    sought: &Sought<'_>,
    tell: &(dyn Fn(&Account) + Sync),
) -> Result<Peeked, RunsFault> {
    let agreed = hands.agreed(consent)?;
    let vault = Vault::default();
    let (mut so_far, mut seen) = (Progress::default(), Ids::default());
    let mut peeked = Peeked {
        messages: Vec::new(),
        account: Account::default(),
        fault: None,
        enough: false,
        at: hands.ports.clock.now(),
    };
    loop {
        if hands.brake.is_pulled() && !so_far.tally.stopping {
            peeked.account.stopped = true;
            so_far.tally.stop();
        }
        let found = peeked.messages.len() as u64;
        if sought.enough.is_some_and(|enough| found >= enough) && !so_far.tally.stopping {
            peeked.enough = true;
            so_far.tally.stop();
        }
        let calls = agreed.change.next(&so_far);
        if calls.is_empty() {
            break;
        }
        calls.iter().for_each(|call| so_far.tally.begin(call));
        for Came { call, left, lost, result } in hands.make(&agreed, &vault, calls).await? {
            peeked.account.until = peeked.account.until.max(hidden_until(&call, left));
            if let (Some(lost), Call::Sqs(SqsCall::ReceiveMessage { .. })) = (lost, &call) {
                so_far.tally.doubt(&call, lost);
            }
            match result {
                Ok(receipt) => {
                    if let Receipt::Received { messages, .. } = &receipt {
                        peeked.account.receives += 1;
                        let new = messages.iter().filter(|head| seen.add(&head.id));
                        let now = hands.ports.clock.now();
                        let new = new.filter_map(|head| vault.shelf().get(&head.id));
                        let room = sought.enough.map_or(usize::MAX, |n| {
                            usize::try_from(n).unwrap_or(usize::MAX).saturating_sub(peeked.messages.len())
                        });
                        let meant = new.filter(|held| sought.select.chooses(&held.message, now));
                        peeked.messages.extend(meant.take(room));
                    }
                    agreed.act.tally(&mut so_far.tally, &call, &receipt);
                }
                Err(fault) => {
                    // What could not be given back is let go; nothing more is received.
                    so_far.tally.doubt(&call, left);
                    so_far.tally.stop();
                    peeked.fault.get_or_insert(fault);
                }
            }
        }
        let account = &mut peeked.account;
        account.received = so_far.tally.received;
        account.returned = so_far.tally.returned;
        account.left = so_far.tally.let_go;
        account.dead_end = so_far.tally.at_dead_end;
        tell(account);
    }
    if peeked.account.left == 0 {
        peeked.account.until = None;
    }
    peeked.account.gaps.extend(peeked.fault.as_ref().map(Fault::to_string));
    Ok(peeked)
}

/// Until when messages of a call are hidden at most.
fn hidden_until(call: &Call, left: Timestamp) -> Option<Timestamp> {
    match call {
        Call::Sqs(SqsCall::ReceiveMessage { visibility_s: s, wait_s, .. }) => {
            Some(plus_seconds(left, i64::from(*s) + i64::from(*wait_s)))
        }
        Call::Sqs(SqsCall::ChangeMessageVisibilityBatch { seconds: s, .. }) if *s > 0 => {
            Some(plus_seconds(left, i64::from(*s)))
        }
        Call::Sqs(_)
        | Call::SecretsManager(_)
        | Call::Lambda(_)
        | Call::ApiGateway(_)
        | Call::Iam(_)
        | Call::Rds(_)
        | Call::Ec2(_) => None,
    }
}
