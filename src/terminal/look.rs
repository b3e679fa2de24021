//! Looks at messages for the console, backstage. What it tells is made here, so that no body leaves but as it may be drawn.

use crate::console::{RunsNews, Sample, Whose, WhoseOrder};
use crate::engine::Gate;
use crate::engine::messages::whose::search;
use crate::engine::messages::{Hands, Sought, peek};
use crate::engine::runs::Brake;
use crate::estate::message::whose::{Search, likeliest, requests, say_themselves};
use crate::estate::message::{Masks, Select};
use crate::estate::{Consent, Ports, Ticket};
use crate::insight::messages::{peeked, said};
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

/// Looks at a sample and in the logs of functions for whose it is. What is stopped says what it found until then.
pub(super) async fn whose(ports: &Ports, gate: &Gate, order: &WhoseOrder, brake: &Brake) -> RunsNews {
    let (ticket, queue) = (order.ticket, order.queue.clone());
    let hands = Hands { ports, gate, brake };
    let sought = Sought { select: &Select::default(), enough: None };
    let seen = match peek(&hands, &order.consent, &sought, &|_| {}).await {
        Ok(seen) => seen,
        Err(fault) => return RunsNews::Whose { ticket, queue, result: Err(fault.to_string()) },
    };
    let told = peeked(seen.messages.iter().map(|held| &held.message), None, &order.masks);
    let of = said(&told);
    let named: Vec<_> = of.iter().filter_map(|one| one.own.as_ref()).map(|(name, _)| name).collect();
    let all = order.functions.iter().map(|(name, points)| (name, *points));
    let requests = requests(&of);
    let found = match requests.is_empty() {
        true => Search::default(),
        false => {
            let functions = likeliest(all, &named, &queue.name());
            search((ports, gate, brake), &order.consent.change().at, &requests, &functions).await
        }
    };
    let mut words = say_themselves(&of);
    words.extend(found.said());
    words.extend(found.gaps.iter().map(|gap| format!("logs: {gap}")));
    words.extend(seen.account.said(ports.clock.now()));
    let verdict = found.verdict(&of);
    RunsNews::Whose { ticket, queue, result: Ok(Arc::new(Whose { said: words, verdict })) }
}
