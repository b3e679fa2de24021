//! Reads sources once, for the commands: walks them together, and what depends on their answers after them.

use super::walker::Engine;
use crate::estate::{At, Ports, Scope, Ticket};
use crate::insight::{Inventory, Source, Step, Wants, roots};
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// What the first questions of `source` are taken from; they wait until those have been walked.
fn comes_after(source: &Source) -> &'static [Source] {
    const QUEUES: &[Source] = &[Source::Queues, Source::Functions];
    const REGIONAL: &[Source] = &[Source::WebAcls(Scope::Regional)];
    const CLOUDFRONT: &[Source] = &[Source::WebAcls(Scope::CloudFront)];
    const ANY_ACL: &[Source] = &[Source::WebAcls(Scope::Regional), Source::WebAcls(Scope::CloudFront)];
    const TAGGED: &[Source] = &[
        Source::Alarms,
        Source::Queues,
        Source::WebAcls(Scope::Regional),
        Source::WebAcls(Scope::CloudFront),
    ];
    match source {
        Source::QueueAges => QUEUES,
        Source::WafCounts(Scope::Regional) => REGIONAL,
        Source::WafCounts(Scope::CloudFront) => CLOUDFRONT,
        Source::AclSamples(_) | Source::AclResources(_) => ANY_ACL,
        Source::Tags => TAGGED,
        Source::AlarmChart(_) => &[Source::Alarms],
        Source::Identity
        | Source::Alarms
        | Source::Mutes
        | Source::Queues
        | Source::Functions
        | Source::WebAcls(_)
        | Source::Secrets
        | Source::OneAlarm(_)
        | Source::AlarmHistory(_)
        | Source::Contributors(_)
        | Source::QueueTrend(_)
        | Source::SecretVersions(_) => &[],
    }
}

/// Walks `sources` into `inventory`, each once, until there is nothing left to ask. What could not be read
/// is in the inventory as gaps. Dropping the future cancels every call.
pub async fn gather(ports: &Ports, sources: &[Source], tags_wanted: bool, inventory: &mut Inventory) {
    let (out, mut events) = mpsc::unbounded_channel();
    let engine = Engine::new(ports.clone(), out);
    let mut waiting: Vec<Source> = sources.to_vec();
    let mut walking: BTreeSet<Source> = BTreeSet::new();
    let mut ticket = 0;
    loop {
        let blocked = |s: &Source| comes_after(s).iter().any(|b| walking.contains(b) || waiting.contains(b));
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
