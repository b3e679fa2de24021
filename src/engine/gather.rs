//! Reads sources once, for the commands: walks them together, and what depends on their answers after them.

use super::walker::Engine;
use crate::estate::{At, Ports, Ticket};
use crate::insight::{Inventory, Source, Step, Wants, roots};
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// Walks `sources` into `inventory`, each once, until there is nothing left to ask. What could not be read
/// is in the inventory as gaps. Dropping the future cancels every call.
pub async fn gather(ports: &Ports, sources: &[Source], tags_wanted: bool, inventory: &mut Inventory) {
    let (out, mut events) = mpsc::unbounded_channel();
    let engine = Engine::new(ports.clone(), out);
    let mut waiting: Vec<Source> = sources.to_vec();
    let mut walking: BTreeSet<Source> = BTreeSet::new();
    let mut ticket = 0;
    loop {
        let blocked = |s: &Source| walking.iter().chain(&waiting).any(|before| s.comes_after(before));
        let (blocked, ready): (Vec<Source>, Vec<Source>) = waiting.iter().cloned().partition(blocked);
        waiting = blocked;
        for source in ready {
            ticket += 1;
            let account = inventory.identity.value().map(|i| i.account.clone());
            let wants = Wants {
                at: At { account, region: ports.region.clone() },
                now: ports.clock.now(),
                tags_wanted,
            };
            let roots = roots(&source, inventory, &wants);
            inventory.begin(&source, Ticket(ticket));
            walking.insert(source.clone());
            engine.walk(source, Ticket(ticket), roots, true);
        }
        if walking.is_empty() {
            return;
        }
        let Some(event) = events.recv().await else { return };
        if matches!(event.step, Step::End { .. }) {
            walking.remove(&event.source);
        }
        inventory.fold(event);
    }
}
