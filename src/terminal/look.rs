//! Looks at messages for the console, backstage. What it tells is made here, so that no body leaves but as it may be drawn.

use crate::console::{RunsNews, Sample};
use crate::engine::Gate;
use crate::engine::messages::{Account, Hands, peek};
use crate::engine::runs::Brake;
use crate::estate::message::Masks;
use crate::estate::{Consent, Ports, Ticket, Timestamp};
use crate::insight::messages::peeked;
use std::sync::Arc;

/// Looks, and says what there was; nothing, if the consent is for something else than a look.
pub(super) async fn look(
    ports: &Ports,
    gate: &Gate,
    ticket: Ticket,
    (retention_s, masks): (Option<u64>, &Masks),
    consent: &Consent,
) -> Option<RunsNews> {
    let queue = consent.change().tallied()?.from().clone();
    let brake = Brake::default();
    let hands = Hands { ports, gate, brake: &brake };
    let result = match peek(&hands, consent, &|_| {}).await {
        Ok(seen) => {
            let told = peeked(seen.messages.iter().map(|held| &held.message), retention_s, masks);
            Ok(Arc::new(Sample { at: seen.at, told, account: account(&seen.account, ports.clock.now()) }))
        }
        Err(fault) => Err(fault.to_string()),
    };
    Some(RunsNews::Peeked { ticket, queue, result })
}

/// What has to be said of what was done: nothing, if every message is back.
fn account(account: &Account, now: Timestamp) -> Vec<String> {
    let mut said = account.gaps.clone();
    said.extend(left(account, now));
    if account.dead_end {
        said.push("It stopped there: with the next receive the queue would pass a message on.".into());
    }
    said
}

/// What is not back yet, and when it is.
pub(super) fn left(account: &Account, now: Timestamp) -> Option<String> {
    let until = account.until.map(|t| crate::insight::words::instant(t, now));
    let when = until.map(|t| format!(", by {t} at the latest")).unwrap_or_default();
    (account.left > 0)
        .then(|| format!("{} could not be given back and come back by themselves{when}", account.left))
}
