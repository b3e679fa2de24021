//! What the verified records of a journal tell: the events, the run they add up to, and the consents that
//! people gave. The only place where a consent comes from anything but a person's answer, and it takes nothing
//! but verified records.

use super::fault::RunsFault;
use crate::estate::{Consent, Untrusted};
use crate::journal::Verified;
use crate::runbook::Event;
use crate::runbook::run::{Run, Stamp};
use std::collections::BTreeMap;

/// Consents by step and number of the change in it.
pub(super) type Consents = BTreeMap<(String, u32), Consent>;

/// Every event of a run with what its envelope says.
///
/// # Errors
/// A record holds no event that this version knows.
pub(super) fn events(records: &Verified) -> Result<Vec<(Stamp, Event)>, RunsFault> {
    let read = records.iter().map(|record| {
        let stamp = Stamp {
            seq: record.seq(),
            at: record.at(),
            by: Untrusted::from(record.by()),
            host: Untrusted::from(record.host()),
        };
        match record.body::<Event>() {
            Ok(event) => Ok((stamp, event)),
            Err(why) => Err(nonsense(records, format!("record {} holds no event: {why}", stamp.seq))),
        }
    });
    read.collect()
}

/// The run that the records add up to.
///
/// # Errors
/// They make no sense.
pub(super) fn run(records: &Verified) -> Result<Run, RunsFault> {
    let events = events(records)?;
    Run::fold(events.iter().map(|(stamp, event)| (stamp.clone(), event)))
        .map_err(|misfit| nonsense(records, misfit.to_string()))
}

/// The consents to changes that are not made yet.
///
/// # Errors
/// A record tells of an answer that the change does not take for one.
pub(super) fn consents(records: &Verified, run: &Run) -> Result<Consents, RunsFault> {
    let mut out = Consents::new();
    for (stamp, event) in events(records)? {
        let Event::Consented { step, change, what, given, .. } = event else { continue };
        let open = run.step(&step).and_then(|s| s.changes.get(change as usize)).is_some_and(|c| c.open());
        if !open {
            continue;
        }
        match Consent::recall(what, given) {
            Ok(consent) => {
                out.insert((step, change), consent);
            }
            Err(change) => {
                let why = format!("record {} is no consent to: {}", stamp.seq, change.sentence());
                return Err(nonsense(records, why));
            }
        }
    }
    Ok(out)
}

fn nonsense(records: &Verified, why: String) -> RunsFault {
    RunsFault::Nonsense { run: records.run().to_string(), why: Untrusted::from(why).shown().to_string() }
}
