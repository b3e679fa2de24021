//! Journals in files below one directory, private to its owner: the store of every installation. It knows
//! nothing of what the records say.
//!
//! ```text
//! heads.jsonl       how many records each run has, and the last hash (heads.lock beside it)
//! runs/RUN.jsonl    the records of a run; RUN.lock says who writes it; RUN.torn-N is what a crash tore
//! leases/HASH.json  what a run holds (leases/lock beside them)
//! ```
//!
//! Whatever touches a file runs where it may block: on tokio's blocking threads, or on a writer's own thread.

mod commit;
mod heads;
mod lease;
mod lock;
mod medium;
mod open;
mod place;
mod read;
mod writer;

use super::{BoxFuture, Claim, Error, Holder, Lease, Mark, Opened, Reading, Report, Store};
use crate::journal::envelope::Here;
use crate::journal::name::RunName;
use place::Places;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The store in a directory.
#[derive(Clone, Debug)]
pub struct Files {
    places: Arc<Places>,
    here: Here,
}

impl Files {
    /// The store below `dir`, which is made with its first run. Records will say `here`.
    #[must_use]
    pub fn new(dir: &Path, here: Here) -> Self {
        Self { places: Arc::new(Places::below(dir)), here }
    }

    /// This machine and this process. A machine that does not tell its name is `unknown`.
    #[must_use]
    pub fn here() -> Here {
        let told = ["/proc/sys/kernel/hostname", "/etc/hostname"]
            .into_iter()
            .find_map(|file| std::fs::read_to_string(file).map_or(None, |text| named(&text)));
        let host = told.or_else(|| std::env::var("HOSTNAME").map_or(None, |text| named(&text)));
        Here { host: host.unwrap_or_else(|| "unknown".to_owned()), pid: std::process::id() }
    }

    /// Runs `work` where it may block.
    fn blocking<'a, T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Places>, Here) -> Result<T, Error> + Send + 'static,
    ) -> BoxFuture<'a, Result<T, Error>> {
        let (places, here) = (Arc::clone(&self.places), self.here.clone());
        Box::pin(async move {
            let dir = places.dir().to_owned();
            match tokio::task::spawn_blocking(move || work(&places, here)).await {
                Ok(done) => done,
                Err(died) => Err(Error::io("use", &dir)(io::Error::other(died.to_string()))),
            }
        })
    }
}

fn named(text: &str) -> Option<String> {
    let name = text.trim();
    (!name.is_empty() && name.len() <= 255).then(|| name.to_owned())
}

impl Store for Files {
    fn runs(&self) -> BoxFuture<'_, Result<Vec<RunName>, Error>> {
        self.blocking(|places, _| read::runs(places))
    }

    fn read<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Reading, Error>> {
        let run = run.clone();
        self.blocking(move |places, _| read::read(places, &run))
    }

    fn mark<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Option<Mark>, Error>> {
        let run = run.clone();
        self.blocking(move |places, _| read::mark(places, &run))
    }

    fn holder<'a>(&'a self, run: &'a RunName) -> BoxFuture<'a, Result<Option<Holder>, Error>> {
        let run = run.clone();
        self.blocking(move |places, _| lock::holder(places, &run))
    }

    fn leases(&self) -> BoxFuture<'_, Result<Vec<Lease>, Error>> {
        self.blocking(|places, _| lease::all(places))
    }

    fn create<'a>(&'a self, run: &'a RunName, claim: Claim) -> BoxFuture<'a, Result<Opened, Error>> {
        let run = run.clone();
        self.blocking(move |places, here| open::create(places, here, run, claim))
    }

    fn open<'a>(&'a self, run: &'a RunName, claim: Claim) -> BoxFuture<'a, Result<Opened, Error>> {
        let run = run.clone();
        self.blocking(move |places, here| open::open(places, here, run, claim))
    }

    fn verify(&self) -> BoxFuture<'_, Result<Report, Error>> {
        self.blocking(|places, _| read::verify(places))
    }
}
