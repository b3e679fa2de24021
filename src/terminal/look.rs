//! Looks at messages for the console, backstage. What it tells is made here, so that no body leaves but as it may be drawn.

use crate::console::{RunsNews, Sample};
use crate::engine::Gate;
use crate::engine::messages::{Hands, Sought, peek};
use crate::engine::runs::Brake;
use crate::estate::message::{Masks, Select};
use crate::estate::{Consent, Ports, Ticket};
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
    let result =
        match peek(&hands, consent, &Sought { select: &Select::default(), enough: None }, &|_| {}).await {
            Ok(seen) => {
                let told = peeked(seen.messages.iter().map(|held| &held.message), retention_s, masks);
                Ok(Arc::new(Sample { at: seen.at, told, account: seen.account.said(ports.clock.now()) }))
            }
            Err(fault) => Err(fault.to_string()),
        };
    Some(RunsNews::Peeked { ticket, queue, result })
}
