//! The thread that writes a run. Appends that come in while it waits for the disk are written together and share
//! the next sync: that is the group commit. It knows nothing of opening and mending.

#[cfg(test)]
mod tests;

use super::heads::HeadLog;
use super::lock::Locked;
use super::medium::Medium;
use crate::journal::envelope::{Draft, Here};
use crate::journal::head::{Head, LAG};
use crate::journal::name::RunName;
use crate::journal::store::error::Io;
use crate::journal::store::lines::Lines;
use crate::journal::store::{Error, MOST_AT_ONCE};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long the writer is idle before it syncs the heads.
const IDLE: Duration = Duration::from_millis(50);
/// A run as large as this takes no more records: with those of one commit it still can be read.
const FULL: u64 = crate::journal::store::lines::LARGEST_RUN / 2;

/// What the writer of a run is asked to do.
pub(super) enum Order {
    /// Append, and say how it went.
    Append(Vec<Draft>, Reply),
    /// End, and say whether the heads are durable.
    Close(oneshot::Sender<Result<(), Error>>),
}

/// The state of the thread.
pub(super) struct Committer {
    pub(super) run: RunName,
    pub(super) here: Here,
    pub(super) path: PathBuf,
    pub(super) medium: Box<dyn Medium>,
    pub(super) heads: HeadLog,
    /// What is on the disk.
    pub(super) head: Head,
    /// Its length in bytes.
    pub(super) size: u64,
    /// The count of the last head that was noted.
    pub(super) noted: u64,
    /// The count of the last head that is on the disk.
    pub(super) synced: u64,
    /// Why nothing more can be written.
    pub(super) broken: Option<Io>,
    /// Held as long as this lives.
    pub(super) _locked: Locked,
}

/// Where the outcome of an append goes.
type Reply = oneshot::Sender<Result<Head, Error>>;
/// An append.
type Asked = (Vec<Draft>, Reply);
/// An append of which the lines are made.
type Waiting = (Reply, Head);

impl Committer {
    /// Works until it is told to close or nobody can order any more.
    pub(super) fn work(mut self, orders: &Receiver<Order>) {
        let mut next = None;
        let mut rested = true; // whether the heads were tried since the last commit
        loop {
            let order = match next.take() {
                Some(order) => order,
                None if rested => match orders.recv() {
                    Ok(order) => order,
                    Err(_) => break, // the last handle was dropped
                },
                None => match orders.recv_timeout(IDLE) {
                    Ok(order) => order,
                    Err(RecvTimeoutError::Timeout) => {
                        self.settle_later();
                        rested = true;
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => break,
                },
            };
            match order {
                Order::Append(drafts, reply) => {
                    let mut batch = vec![(drafts, reply)];
                    next = gather(orders, &mut batch);
                    self.commit(batch);
                    rested = false;
                }
                Order::Close(reply) => {
                    let settled = self.settle();
                    drop(self); // the run is free before it is said to be
                    answer(reply, settled);
                    return;
                }
            }
        }
        self.settle_later(); // nobody is left to be told; the next opening mends it
    }

    /// Settles when nobody waits. What fails is seen in the counts, tried again before too many records depend
    /// on it, and told then.
    fn settle_later(&mut self) {
        drop(self.settle());
    }

    /// Writes a batch with one write and one sync, and answers everybody in it.
    fn commit(&mut self, batch: Vec<Asked>) {
        let records: usize = batch.iter().map(|(drafts, _)| drafts.len()).sum();
        if let Err(e) = self.ready(records as u64) {
            batch.into_iter().for_each(|(_, reply)| answer(reply, Err(e.clone())));
            return;
        }
        let mut lines = Lines::after(self.head);
        let mut waiting: Vec<Waiting> = Vec::with_capacity(batch.len());
        for (drafts, reply) in batch {
            match lines.add(&self.run, &self.here, &drafts) {
                Ok(head) => waiting.push((reply, head)),
                Err(e) => answer(reply, Err(e)),
            }
        }
        let written = if lines.bytes.is_empty() { Ok(()) } else { self.write(&lines) };
        for (reply, head) in waiting {
            answer(reply, written.clone().map(|()| head));
        }
    }

    /// Whether that many records may be written now.
    fn ready(&mut self, records: u64) -> Result<(), Error> {
        if let Some(why) = &self.broken {
            return Err(Error::Broken(why.clone()));
        }
        if self.size >= FULL {
            return Err(Error::Full { run: self.run.clone() });
        }
        if self.head.count - self.synced + records <= LAG {
            return Ok(());
        }
        self.settle().map_err(|e| match e {
            Error::Io(io) => Error::NotWritten(io),
            other => other,
        })
    }

    fn write(&mut self, lines: &Lines) -> Result<(), Error> {
        if let Err(why) = self.medium.append(&lines.bytes) {
            let why = Io::new("write", &self.path, &why);
            return Err(match self.medium.cut(self.size) {
                Ok(()) => Error::NotWritten(why),
                // a torn end is kept aside by the next opening; until then nothing may follow it
                Err(_) => self.broke(why),
            });
        }
        if let Err(why) = self.medium.sync() {
            // Linux marks the pages clean when a sync fails, so that a second one would lie. The records are cut
            // off, if that works, since nobody was told that they are there.
            let mut io = Io::new("sync", &self.path, &why);
            if let Err(also) = self.medium.cut(self.size) {
                io.why = format!("{}, and it cannot be cut: {also}", io.why);
            }
            return Err(self.broke(io));
        }
        self.head = lines.head;
        self.size += lines.bytes.len() as u64;
        // a head that cannot be noted now is noted later: the records are safe, and the chain shows them
        if self.heads.note(&self.run, self.head).is_ok() {
            self.noted = self.head.count;
        }
        Ok(())
    }

    fn broke(&mut self, why: Io) -> Error {
        self.broken = Some(why.clone());
        Error::Broken(why)
    }

    /// Makes the head of all that was written durable.
    fn settle(&mut self) -> Result<(), Error> {
        if self.noted < self.head.count {
            self.heads.note(&self.run, self.head)?;
            self.noted = self.head.count;
        }
        if self.synced < self.noted {
            self.heads.sync().inspect_err(|e| {
                if let Error::Io(io) = e
                    && io.doing == "sync"
                {
                    self.broken.get_or_insert(io.clone()); // as with the records: a second sync would lie
                }
            })?;
            self.synced = self.noted;
        }
        Ok(())
    }
}

/// Takes more appends for the same sync, as long as they are there already. Gives back an order that does not fit.
fn gather(orders: &Receiver<Order>, batch: &mut Vec<Asked>) -> Option<Order> {
    let mut records = batch.iter().map(|(drafts, _)| drafts.len()).sum::<usize>();
    loop {
        match orders.try_recv() {
            Ok(Order::Append(drafts, reply)) if records + drafts.len() <= MOST_AT_ONCE => {
                records += drafts.len();
                batch.push((drafts, reply));
            }
            Ok(other) => return Some(other),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => return None,
        }
    }
}

/// Tells whoever waits; that nobody does any more is their own choice.
fn answer<T>(reply: oneshot::Sender<T>, with: T) {
    if let Err(unheard) = reply.send(with) {
        drop(unheard);
    }
}
