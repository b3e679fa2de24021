//! Journals in memory, for the practice estate and for tests: the same lines, the same chain and the same
//! verification, gone with the process. It touches no file.

use super::lines::Lines;
use super::{BoxFuture, Claim, Error, Holder, Lease, Mark, Mended, Opened, Reading, Report, Store, Writer};
use crate::journal::chain::{Rest, fold};
use crate::journal::envelope::{Draft, Here};
use crate::journal::head::Head;
use crate::journal::name::RunName;
use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store in memory. Clones share it, as two processes would share a directory.
#[derive(Clone, Debug)]
pub struct Memory {
    here: Here,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default, Debug)]
struct Kept {
    runs: BTreeMap<RunName, Run>,
    leases: BTreeMap<String, (RunName, Holder)>,
}

#[derive(Default, Debug)]
struct Run {
    bytes: Vec<u8>,
    heads: Vec<Head>,
    holder: Option<Holder>,
}

impl Memory {
    /// An empty store, whose records will say `here`.
    #[must_use]
    pub fn new(here: Here) -> Self {
        Self { here, kept: Arc::default() }
    }

    /// Puts a run here as a crash would have left it after these bytes: whole lines are noted in its head.
    pub fn left(&self, run: &RunName, bytes: Vec<u8>) {
        let folded = fold(run, bytes.clone(), None);
        let heads = match folded.records.head() {
            Head::EMPTY => vec![Head::EMPTY],
            head => vec![Head::EMPTY, head],
        };
        self.kept().runs.insert(run.clone(), Run { bytes, heads, holder: None });
    }

    /// The lines of a run as they are; none if there is no such run.
    #[must_use]
    pub fn bytes(&self, run: &RunName) -> Vec<u8> {
        self.kept().runs.get(run).map(|r| r.bytes.clone()).unwrap_or_default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, run: &RunName, claim: Claim, new: bool) -> Result<Opened, Error> {
        let mut kept = self.kept();
        match (kept.runs.get(run), new) {
            (Some(_), true) => return Err(Error::Exists(run.clone())),
            (None, false) => return Err(Error::Missing(run.clone())),
            (None, true) => {
                let begun = Run { heads: vec![Head::EMPTY], ..Run::default() };
                kept.runs.insert(run.clone(), begun);
            }
            (Some(_), false) => {}
        }
        let Some(found) = kept.runs.get_mut(run) else { return Err(Error::Missing(run.clone())) };
        if let Some(holder) = &found.holder {
            return Err(Error::Held { run: run.clone(), holder: Box::new(holder.clone()) });
        }
        let folded = fold(run, found.bytes.clone(), Some(&found.heads));
        let mut mended = Vec::new();
        match folded.rest {
            Rest::Nothing => {}
            Rest::Damaged(damage) => return Err(Error::Damaged(Box::new(damage))),
            Rest::Torn { from, bytes } => {
                found.bytes.truncate(from);
                mended.push(Mended::Torn { bytes, kept: "nowhere".to_owned() });
            }
        }
        if folded.behind > 0 {
            found.heads.push(folded.records.head());
            mended.push(Mended::Head { records: folded.behind });
        }
        found.holder = Some(self.holder_for(claim));
        drop(kept);
        let writer = Handle { run: run.clone(), store: self.clone(), closed: Mutex::new(false) };
        Ok(Opened { writer: Arc::new(writer), records: folded.records, mended })
    }

    fn holder_for(&self, claim: Claim) -> Holder {
        Holder { host: self.here.host.clone(), pid: self.here.pid, since: claim.at, by: claim.by }
    }

    fn look(&self, run: &RunName) -> Result<Reading, Error> {
        let kept = self.kept();
        let found = kept.runs.get(run).ok_or_else(|| Error::Missing(run.clone()))?;
        Ok(Reading { folded: fold(run, found.bytes.clone(), Some(&found.heads)), heads: None })
    }
}

impl Kept {
    fn lease(&self, resource: &str) -> Option<Lease> {
        let (run, taken) = self.leases.get(resource)?;
        let writer = self.runs.get(run).and_then(|r| r.holder.clone());
        Some(Lease { resource: resource.to_owned(), run: run.clone(), taken: taken.clone(), writer })
    }
}

impl Store for Memory {
    fn runs(&self) -> BoxFuture<'_, Result<Vec<RunName>, Error>> {
        Box::pin(ready(Ok(self.kept().runs.keys().cloned().collect())))
    }

    fn read<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Reading, Error>> {
        Box::pin(async move { self.look(run) })
    }

    fn mark<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Option<Mark>, Error>> {
        // Only appended to; its length alone tells.
        let mark = |r: &Run| Mark { length: r.bytes.len() as u64, touched: (0, 0), file: 0 };
        Box::pin(ready(Ok(self.kept().runs.get(run).map(mark))))
    }

    fn holder<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Option<Holder>, Error>> {
        Box::pin(ready(Ok(self.kept().runs.get(run).and_then(|r| r.holder.clone()))))
    }

    fn leases(&self) -> BoxFuture<'_, Result<Vec<Lease>, Error>> {
        let kept = self.kept();
        Box::pin(ready(Ok(kept.leases.keys().filter_map(|resource| kept.lease(resource)).collect())))
    }

    fn create<'a>(&'a self, run: &'a RunName, claim: Claim) -> BoxFuture<'a, Result<Opened, Error>> {
        Box::pin(async move { self.take(run, claim, true) })
    }

    fn open<'a>(&'a self, run: &'a RunName, claim: Claim) -> BoxFuture<'a, Result<Opened, Error>> {
        Box::pin(async move { self.take(run, claim, false) })
    }

    fn verify(&self) -> BoxFuture<'_, Result<Report, Error>> {
        let mut report = Report::new(None);
        for (run, found) in &self.kept().runs {
            report.add(&fold(run, found.bytes.clone(), Some(&found.heads)));
        }
        Box::pin(ready(Ok(report)))
    }
}

/// The one writer of a run.
struct Handle {
    run: RunName,
    store: Memory,
    closed: Mutex<bool>,
}

impl Handle {
    fn open(&self) -> Result<MutexGuard<'_, Kept>, Error> {
        let closed = *self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if closed { Err(Error::Closed(self.run.clone())) } else { Ok(self.store.kept()) }
    }

    fn write(&self, drafts: &[Draft]) -> Result<Head, Error> {
        let mut kept = self.open()?;
        let found = kept.runs.get_mut(&self.run).ok_or_else(|| Error::Missing(self.run.clone()))?;
        let last = found.heads.last().copied().unwrap_or(Head::EMPTY);
        let mut lines = Lines::after(last);
        let head = lines.add(&self.run, &self.store.here, drafts)?;
        if head.count > last.count {
            found.bytes.extend_from_slice(&lines.bytes);
            found.heads.push(head);
        }
        Ok(head)
    }

    fn end(&self) {
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut *closed, true)
            && let Some(found) = self.store.kept().runs.get_mut(&self.run)
        {
            found.holder = None;
        }
    }

    fn take(&self, resource: &str, claim: Claim) -> Result<bool, Error> {
        let mut kept = self.open()?;
        super::may_be_leased(resource)?;
        match kept.lease(resource) {
            Some(lease) if lease.run != self.run => Err(Error::Leased(Box::new(lease))),
            Some(_) => Ok(false),
            None => {
                let taken = (self.run.clone(), self.store.holder_for(claim));
                kept.leases.insert(resource.to_owned(), taken);
                Ok(true)
            }
        }
    }

    fn give_back(&self, resource: &str) -> Result<bool, Error> {
        let mut kept = self.open()?;
        let ours = kept.leases.get(resource).is_some_and(|(run, _)| *run == self.run);
        if ours {
            kept.leases.remove(resource);
        }
        Ok(ours)
    }
}

impl Writer for Handle {
    fn run(&self) -> &RunName {
        &self.run
    }

    fn append(&self, drafts: Vec<Draft>) -> BoxFuture<'_, Result<Head, Error>> {
        Box::pin(async move { self.write(&drafts) })
    }

    fn lease<'a>(&'a self, resource: &'a str, claim: Claim) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move { self.take(resource, claim) })
    }

    fn release<'a>(&'a self, resource: &'a str) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move { self.give_back(resource) })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        self.end();
        Box::pin(ready(Ok(())))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.end();
    }
}
