//! The handle of whoever writes a run: orders go to the thread of `commit`, leases to the disk. It waits for
//! neither on the caller's thread, but when it is dropped.

use super::Files;
use super::commit::{Committer, Order};
use super::lease;
use crate::journal::envelope::Draft;
use crate::journal::head::Head;
use crate::journal::name::RunName;
use crate::journal::store::error::Io;
use crate::journal::store::{BoxFuture, Claim, Error, Writer};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// The one writer of a run.
pub(super) struct Handle {
    run: RunName,
    path: PathBuf,
    files: Files,
    thread: Mutex<Option<(Sender<Order>, JoinHandle<()>)>>,
}

impl Handle {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(super) fn start(files: Files, committer: Committer) -> Result<Self, Error> {
        let (run, path) = (committer.run.clone(), committer.path.clone());
        let (sender, orders) = channel();
        let work = move || committer.work(&orders);
        let thread = thread::Builder::new()
            .name(format!("journal {run}"))
            .spawn(work)
            .map_err(Error::io("start writing", &path))?;
        Ok(Self { run, path, files, thread: Mutex::new(Some((sender, thread))) })
    }

    fn thread(&self) -> MutexGuard<'_, Option<(Sender<Order>, JoinHandle<()>)>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders something of the thread, which answers through what `make` puts into the order.
    fn order<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<T>) -> Order,
    ) -> Result<oneshot::Receiver<T>, Error> {
        let (reply, answer) = oneshot::channel();
        match self.thread().as_ref() {
            None => Err(Error::Closed(self.run.clone())),
            Some((sender, _)) => match sender.send(make(reply)) {
                Ok(()) => Ok(answer),
                Err(_) => Err(self.gone()),
            },
        }
    }

    /// The thread has ended without an answer, as after a panic.
    fn gone(&self) -> Error {
        let why = io::Error::other("the thread that writes has ended");
        Error::Broken(Io::new("write", Path::new(&self.path), &why))
    }

    fn is_open(&self) -> Result<(), Error> {
        if self.thread().is_some() { Ok(()) } else { Err(Error::Closed(self.run.clone())) }
    }
}

impl Writer for Handle {
    fn run(&self) -> &RunName {
        &self.run
    }

    fn append(&self, drafts: Vec<Draft>) -> BoxFuture<'_, Result<Head, Error>> {
        Box::pin(async move {
            let answer = self.order(|reply| Order::Append(drafts, reply))?;
            answer.await.unwrap_or_else(|_| Err(self.gone()))
        })
    }

    fn lease<'a>(&'a self, resource: &'a str, claim: Claim) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move {
            self.is_open()?;
            let (run, resource) = (self.run.clone(), resource.to_owned());
            self.files.blocking(move |places, here| lease::take(places, &here, &run, resource, claim)).await
        })
    }

    fn release<'a>(&'a self, resource: &'a str) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move {
            self.is_open()?;
            let (run, resource) = (self.run.clone(), resource.to_owned());
            self.files.blocking(move |places, _| lease::release(places, &run, &resource)).await
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            // no order comes after this one; dropping the future ends the thread as well
            let Some((sender, _thread)) = self.thread().take() else { return Ok(()) };
            let (reply, answer) = oneshot::channel();
            match sender.send(Order::Close(reply)) {
                Ok(()) => answer.await.unwrap_or_else(|_| Err(self.gone())),
                Err(_) => Err(self.gone()),
            }
        })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let thread = self.thread().take();
        if let Some((sender, thread)) = thread {
            drop(sender); // the thread ends after what was ordered
            // a panic there was told by its own hook, and what it had in hand was answered by `gone`
            drop(thread.join());
        }
    }
}
