//! What is in the way between an engine and its estate: a fuse that ends everything at a counted point, weather above
//! every call, and a count of what had its effect. It knows no runbook.

use bartizan::estate::ask::{Cursor, Page};
use bartizan::estate::outside::{Canary, Outside};
use bartizan::estate::*;
use bartizan::journal::store::{self as kept, Error, Opened, Reading, Report};
use bartizan::journal::{Claim, Draft, Head, Holder, Lease, RunName, Store, Writer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tokio::sync::Notify;

/// What happens at a point where a process can die.
pub enum End {
    /// Nothing goes on any more; whoever waits drops the engine.
    Stops,
    /// The process kills itself.
    Kill,
    /// A byte on standard output: whoever reads may kill.
    Tell,
}

/// Counts the points at which a process can die, and ends it at one of them.
pub struct Fuse {
    left: AtomicI64,
    pub passed: AtomicUsize,
    pub blown: Notify,
    end: End,
    /// What is done at every point: the estate's time goes on whoever dies, so somebody outside keeps it.
    pub mark: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl Fuse {
    /// Ends at the `nth` point from 0; never if that is negative.
    pub fn at(nth: i64, end: End) -> Arc<Self> {
        let left = AtomicI64::new(if nth < 0 { i64::MAX } else { nth });
        Arc::new(Self { left, passed: AtomicUsize::new(0), blown: Notify::new(), end, mark: OnceLock::new() })
    }

    pub fn never() -> Arc<Self> {
        Self::at(-1, End::Stops)
    }

    pub async fn point(&self) {
        self.passed.fetch_add(1, Ordering::SeqCst);
        if let Some(mark) = self.mark.get() {
            mark();
        }
        if let End::Tell = self.end {
            use std::io::Write;
            let mut out = std::io::stdout();
            out.write_all(b".").unwrap();
            out.flush().unwrap();
        }
        if self.left.fetch_sub(1, Ordering::SeqCst) > 0 {
            return;
        }
        match self.end {
            End::Stops | End::Tell => {
                self.blown.notify_one();
                std::future::pending::<()>().await;
            }
            End::Kill => {
                rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
                    .unwrap();
                std::future::pending::<()>().await;
            }
        }
    }
}

/// What befalls one call.
#[derive(Clone, Debug)]
pub enum Weather {
    Fine,
    /// It never has an effect.
    Before(FaultKind),
    /// It has, and this is the answer.
    After(FaultKind),
}

type Heard = dyn Fn(&Call, &Receipt) + Send + Sync;
type Sky = dyn Fn(&str, usize) -> Weather + Send + Sync;

/// All ports, with a fuse before and after each call, and a sky above them.
pub struct Wire {
    pub inner: Ports,
    pub fuse: Arc<Fuse>,
    /// Asked with `read`, `load`, `canary` or `write`, and the number of the call among its kind.
    pub sky: Mutex<Box<Sky>>,
    pub counts: Mutex<BTreeMap<&'static str, usize>>,
    /// So many more writes, and then one panics with all it was handed in its words; after its effect, or before.
    pub falls: Mutex<Option<(usize, bool)>>,
    /// Hears of every write that had its effect.
    pub heard: OnceLock<Box<Heard>>,
    /// The keys of the writes that had their effect, and how often each operation had.
    pub made: Mutex<(BTreeSet<String>, BTreeMap<&'static str, usize>)>,
}

impl Wire {
    async fn through<T>(
        &self,
        kind: &'static str,
        operation: &'static str,
        call: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        self.fuse.point().await;
        let nth = {
            let mut counts = self.counts.lock().unwrap();
            let n = counts.entry(kind).or_default();
            *n += 1;
            *n - 1
        };
        let weather = (self.sky.lock().unwrap())(kind, nth);
        let fault = |kind| Fault::new(kind, operation, "weather");
        let answer = match weather {
            Weather::Fine => call.await,
            Weather::Before(kind) => Err(fault(kind)),
            Weather::After(kind) => match call.await {
                Ok(_) => Err(fault(kind)),
                Err(refused) => Err(refused),
            },
        };
        self.fuse.point().await;
        answer
    }
}

impl Reads for Wire {
    fn fetch<'a>(&'a self, q: &'a Query, from: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>> {
        let call = self.inner.reads.fetch(q, from);
        Box::pin(self.through("read", q.ask.operation().name, call))
    }
}

impl Changes for Wire {
    fn apply<'a>(
        &'a self,
        at: &'a At,
        call: &'a Call,
        key: &'a IdempotencyKey,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        let name = call.operation().name;
        let write = async move {
            let falls = {
                let mut falls = self.falls.lock().unwrap();
                match falls.as_mut() {
                    Some((0, after)) => Some(*after),
                    Some((left, _)) => {
                        *left -= 1;
                        None
                    }
                    None => None,
                }
            };
            if falls == Some(false) {
                panic!("the port fell over: {at:?} {call:?} {key:?} {vault:?}");
            }
            let receipt = self.inner.writes.as_ref().unwrap().changes.apply(at, call, key, vault).await?;
            if let Some(heard) = self.heard.get() {
                heard(call, &receipt);
            }
            let mut made = self.made.lock().unwrap();
            if made.0.insert(key.as_str().to_owned()) {
                *made.1.entry(name).or_default() += 1;
            }
            drop(made);
            if falls == Some(true) {
                panic!("the port fell over: {at:?} {call:?} {key:?} {vault:?} {receipt:?}");
            }
            Ok(receipt)
        };
        Box::pin(self.through("write", name, write))
    }
}

impl Materials for Wire {
    fn load<'a>(
        &'a self,
        at: &'a At,
        from: &'a MaterialSource,
        into: Slot,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Seen<MaterialVersion>, Fault>> {
        let call = self.inner.writes.as_ref().unwrap().materials.load(at, from, into, vault);
        Box::pin(self.through("load", from.operation().name, call))
    }
}

impl Outside for Wire {
    fn canary<'a>(&'a self, canary: &'a Canary, vault: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>> {
        Box::pin(self.through("canary", "", self.inner.outside.canary(canary, vault)))
    }
}

/// A store with a fuse before and after each append.
pub struct Fused {
    pub inner: Arc<dyn Store>,
    pub fuse: Arc<Fuse>,
}

struct FusedWriter {
    inner: Arc<dyn Writer>,
    fuse: Arc<Fuse>,
}

impl Fused {
    fn wrap(&self, opened: Opened) -> Opened {
        Opened { writer: Arc::new(FusedWriter { inner: opened.writer, fuse: self.fuse.clone() }), ..opened }
    }
}

impl Store for Fused {
    fn runs(&self) -> kept::BoxFuture<'_, Result<Vec<RunName>, Error>> {
        self.inner.runs()
    }
    fn read<'a>(&'a self, run: &'a RunName) -> kept::BoxFuture<'a, Result<Reading, Error>> {
        self.inner.read(run)
    }
    fn holder<'a>(&'a self, run: &'a RunName) -> kept::BoxFuture<'a, Result<Option<Holder>, Error>> {
        self.inner.holder(run)
    }
    fn leases(&self) -> kept::BoxFuture<'_, Result<Vec<Lease>, Error>> {
        self.inner.leases()
    }
    fn create<'a>(&'a self, run: &'a RunName, claim: Claim) -> kept::BoxFuture<'a, Result<Opened, Error>> {
        Box::pin(async move { self.inner.create(run, claim).await.map(|o| self.wrap(o)) })
    }
    fn open<'a>(&'a self, run: &'a RunName, claim: Claim) -> kept::BoxFuture<'a, Result<Opened, Error>> {
        Box::pin(async move { self.inner.open(run, claim).await.map(|o| self.wrap(o)) })
    }
    fn verify(&self) -> kept::BoxFuture<'_, Result<Report, Error>> {
        self.inner.verify()
    }
}

impl Writer for FusedWriter {
    fn run(&self) -> &RunName {
        self.inner.run()
    }
    fn append(&self, drafts: Vec<Draft>) -> kept::BoxFuture<'_, Result<Head, Error>> {
        Box::pin(async move {
            self.fuse.point().await;
            let head = self.inner.append(drafts).await;
            self.fuse.point().await;
            head
        })
    }
    fn lease<'a>(&'a self, resource: &'a str, claim: Claim) -> kept::BoxFuture<'a, Result<bool, Error>> {
        self.inner.lease(resource, claim)
    }
    fn release<'a>(&'a self, resource: &'a str) -> kept::BoxFuture<'a, Result<bool, Error>> {
        self.inner.release(resource)
    }
    fn close(&self) -> kept::BoxFuture<'_, Result<(), Error>> {
        self.inner.close()
    }
}
