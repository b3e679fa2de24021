//! Which functions a queue's dead letters are likely of, the likeliest first, as far as the inventory has them.

use super::Peeked;
use crate::estate::message::whose::likeliest;
use crate::estate::{Arn, FunctionName};
use crate::insight::{Inventory, QueueRow};

/// The functions of an account in the order in which they are likely to have failed on what is in a queue.
#[must_use]
pub fn functions(inv: &Inventory, queue: &Arn, told: &Peeked) -> Vec<FunctionName> {
    let named: Vec<&FunctionName> =
        told.messages.iter().filter_map(|m| m.function.as_ref().map(|(name, _)| name)).collect();
    likeliest(pointing(inv, queue), &named, &queue.resource())
}

/// The function that alone names a queue as the place of its failures, where no queue does: its messages need not say so.
#[must_use]
pub fn alone(inv: &Inventory, queue: &Arn) -> Option<FunctionName> {
    let fed = |row: &QueueRow| {
        let policy = row.facts.value().and_then(|facts| facts.redrive.as_ref());
        policy.is_some_and(|policy| policy.dead_letter_target == *queue)
    };
    let mut named = pointing(inv, queue).filter(|(_, points)| *points).map(|(name, _)| name);
    let only = named.next().filter(|_| named.next().is_none())?;
    (!inv.queues.values().any(fed)).then(|| only.clone())
}

/// Each function, and whether it names a queue as the place of its failures.
pub fn pointing<'a>(inv: &'a Inventory, queue: &'a Arn) -> impl Iterator<Item = (&'a FunctionName, bool)> {
    inv.functions.values().map(move |row| {
        let function = &row.function;
        let destinations = row.on_failure.value().into_iter().flatten().map(|way| &way.destination);
        (&function.name, function.dead_letter.iter().chain(destinations).any(|to| to == queue))
    })
}
