//! The one place where a live run is written: events go to the journal first and into the run after. A task of
//! its own does it, so that whoever gives up waiting (a dropped future) leaves journal and run agreeing, and so
//! that what is asked for together is on the disk together, by one sync.

use super::fault::RunsFault;
use crate::estate::{Clock, Untrusted};
use crate::journal::store::MOST_AT_ONCE;
use crate::journal::{Draft, Writer};
use crate::runbook::Event;
use crate::runbook::run::{Run, Stamp};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// A run under way and its journal.
pub(super) struct Book {
    requests: mpsc::UnboundedSender<Request>,
    run: watch::Receiver<Arc<Run>>,
    writer: Arc<dyn Writer>,
    task: JoinHandle<()>,
}

struct Request {
    events: Vec<Event>,
    done: oneshot::Sender<Result<(), RunsFault>>,
}

/// Who writes, for every record.
#[derive(Clone)]
pub(super) struct Scribe {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) by: Untrusted,
    pub(super) host: Untrusted,
}

impl Scribe {
    fn stamp(&self, seq: u64) -> Stamp {
        Stamp { seq, at: self.clock.now(), by: self.by.clone(), host: self.host.clone() }
    }
}

/// Writes the first record of a run and gives what it begins.
pub(super) async fn begin(
    writer: &Arc<dyn Writer>,
    scribe: &Scribe,
    started: &Event,
) -> Result<Run, RunsFault> {
    let stamp = scribe.stamp(1);
    let run = Run::begin(&stamp, started).map_err(|m| RunsFault::Refused(m.to_string()))?;
    writer.append(vec![draft(&stamp, started)?]).await?;
    Ok(run)
}

impl Book {
    /// Takes up a run that is as `run` says.
    pub(super) fn open(run: Run, writer: Arc<dyn Writer>, scribe: Scribe) -> Self {
        let (requests, incoming) = mpsc::unbounded_channel();
        let (tell, seen) = watch::channel(Arc::new(run));
        let task = tokio::spawn(keep(incoming, tell, writer.clone(), scribe));
        Self { requests, run: seen, writer, task }
    }

    /// The run as it is on the disk.
    pub(super) fn run(&self) -> Arc<Run> {
        self.run.borrow().clone()
    }

    /// Hears of every change of the run.
    pub(super) fn progress(&self) -> watch::Receiver<Arc<Run>> {
        self.run.clone()
    }

    /// Writes events, in their order and nothing between them. They are durable and in the run when this
    /// returns; dropping the future takes nothing back.
    ///
    /// # Errors
    /// They cannot be written, or do not fit the run: then the run is as it was.
    pub(super) async fn save(&self, events: Vec<Event>) -> Result<(), RunsFault> {
        let (done, answer) = oneshot::channel();
        let gone = || RunsFault::Refused("the writer of this run's journal has ended".to_owned());
        self.requests.send(Request { events, done }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Takes a resource for the run; `true` if it was not the run's before.
    pub(super) fn writer(&self) -> &Arc<dyn Writer> {
        &self.writer
    }

    /// Ends writing: everything is durable and the run is free for others when this returns.
    ///
    /// # Errors
    /// The journal's head could not be made durable.
    pub(super) async fn close(self) -> Result<(), RunsFault> {
        drop(self.requests);
        self.task.await.map_err(|e| RunsFault::Refused(format!("the journal's writer died: {e}")))?;
        Ok(self.writer.close().await?)
    }
}

async fn keep(
    mut incoming: mpsc::UnboundedReceiver<Request>,
    tell: watch::Sender<Arc<Run>>,
    writer: Arc<dyn Writer>,
    scribe: Scribe,
) {
    let mut next = incoming.recv().await;
    while let Some(first) = next.take() {
        let mut batch = vec![first];
        let mut size = batch[0].events.len();
        while let Ok(more) = incoming.try_recv() {
            if size + more.events.len() > MOST_AT_ONCE {
                next = Some(more);
                break;
            }
            size += more.events.len();
            batch.push(more);
        }
        write(batch, &tell, &writer, &scribe).await;
        if next.is_none() {
            next = incoming.recv().await;
        }
    }
}

/// Writes what was asked for together. A request that does not fit the run is refused; the others are written.
async fn write(
    batch: Vec<Request>,
    tell: &watch::Sender<Arc<Run>>,
    writer: &Arc<dyn Writer>,
    scribe: &Scribe,
) {
    let mut run = (**tell.borrow()).clone();
    let mut drafts = Vec::new();
    let mut fit = Vec::new();
    for request in batch {
        match prepare(&run, &request.events, scribe) {
            Ok((after, mut lines)) => {
                run = after;
                drafts.append(&mut lines);
                fit.push(request.done);
            }
            Err(fault) => answer(request.done, Err(fault)),
        }
    }
    if fit.is_empty() {
        return;
    }
    let written = writer.append(drafts).await.map(|_| ()).map_err(RunsFault::from);
    if written.is_ok() {
        tell.send_replace(Arc::new(run));
    }
    for done in fit {
        answer(done, written.clone());
    }
}

fn answer(done: oneshot::Sender<Result<(), RunsFault>>, result: Result<(), RunsFault>) {
    if done.send(result).is_err() {
        // Whoever asked gave up waiting; the run tells it all the same.
    }
}

fn prepare(run: &Run, events: &[Event], scribe: &Scribe) -> Result<(Run, Vec<Draft>), RunsFault> {
    let mut after = run.clone();
    let mut drafts = Vec::with_capacity(events.len());
    for event in events {
        let stamp = scribe.stamp(after.seq + 1);
        after.apply(&stamp, event).map_err(|m| RunsFault::misfit(&run.id, &m))?;
        drafts.push(draft(&stamp, event)?);
    }
    Ok((after, drafts))
}

fn draft(stamp: &Stamp, event: &Event) -> Result<Draft, RunsFault> {
    Draft::new(stamp.at, stamp.by.wire(), event)
        .map_err(|e| RunsFault::Refused(format!("an event cannot be written as JSON: {e}")))
}
