//! What the tests stand on: a clock that jumps, a fuse that stops everything at a given point, a store that
//! passes the fuse, and runs over the small AWS.

use super::aws::Aws;
use super::verbs;
use crate::engine::runs::{Runs, Site, Who};
use crate::estate::time::SignedDuration;
use crate::estate::{BoxFuture, Clock, Ports, Region, Timestamp, Untrusted, Writes};
use crate::journal::store::{self, Claim, Error, Holder, Lease, Opened, Reading, Report};
use crate::journal::{Draft, Head, Here, Memory, RunName, Store, Writer};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// Sleeping moves the time on.
pub struct Jumping(Mutex<Timestamp>);

impl Jumping {
    pub fn at(second: i64) -> Self {
        Self(Mutex::new(Timestamp::from_second(second).unwrap()))
    }

    pub fn jump(&self, d: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.saturating_add(SignedDuration::try_from(d).unwrap()).unwrap();
    }
}

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        // Every look costs a little, so that no two records have one time.
        self.jump(Duration::from_micros(1));
        *self.0.lock().unwrap()
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        self.jump(d);
        Box::pin(tokio::task::yield_now())
    }
}

/// Counts the points at which a process can die, and stops everything at one of them.
pub struct Fuse {
    left: AtomicI64,
    pub blown: Notify,
}

impl Fuse {
    /// A fuse that blows at the `nth` point from 0; never, if that is negative.
    pub fn at(nth: i64) -> Arc<Self> {
        let left = if nth < 0 { i64::MAX } else { nth };
        Arc::new(Self { left: AtomicI64::new(left), blown: Notify::new() })
    }

    pub async fn point(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.blown.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// A store whose every append passes the fuse before and after.
pub struct Fused {
    pub inner: Memory,
    pub fuse: Arc<Fuse>,
    /// Appends fail from this number on.
    pub full_from: AtomicI64,
}

struct FusedWriter {
    inner: Arc<dyn Writer>,
    store: Arc<Fused>,
}

impl Fused {
    fn wrap(self: &Arc<Self>, opened: Opened) -> Opened {
        let writer = Arc::new(FusedWriter { inner: opened.writer, store: self.clone() });
        Opened { writer, ..opened }
    }
}

/// The store as `Runs` wants it.
pub struct Shelf(pub Arc<Fused>);

impl Store for Shelf {
    fn runs(&self) -> store::BoxFuture<'_, Result<Vec<RunName>, Error>> {
        self.0.inner.runs()
    }
    fn read<'a>(&'a self, run: &'a RunName) -> store::BoxFuture<'a, Result<Reading, Error>> {
        self.0.inner.read(run)
    }
    fn holder<'a>(&'a self, run: &'a RunName) -> store::BoxFuture<'a, Result<Option<Holder>, Error>> {
        self.0.inner.holder(run)
    }
    fn leases(&self) -> store::BoxFuture<'_, Result<Vec<Lease>, Error>> {
        self.0.inner.leases()
    }
    fn create<'a>(&'a self, run: &'a RunName, claim: Claim) -> store::BoxFuture<'a, Result<Opened, Error>> {
        Box::pin(async move { self.0.inner.create(run, claim).await.map(|o| self.0.wrap(o)) })
    }
    fn open<'a>(&'a self, run: &'a RunName, claim: Claim) -> store::BoxFuture<'a, Result<Opened, Error>> {
        Box::pin(async move { self.0.inner.open(run, claim).await.map(|o| self.0.wrap(o)) })
    }
    fn verify(&self) -> store::BoxFuture<'_, Result<Report, Error>> {
        self.0.inner.verify()
    }
}

impl Writer for FusedWriter {
    fn run(&self) -> &RunName {
        self.inner.run()
    }
    fn append(&self, drafts: Vec<Draft>) -> store::BoxFuture<'_, Result<Head, Error>> {
        Box::pin(async move {
            self.store.fuse.point().await;
            if self.store.full_from.fetch_sub(1, Ordering::SeqCst) <= 0 {
                return Err(Error::Exists(self.inner.run().clone())); // any error will do
            }
            let head = self.inner.append(drafts).await;
            self.store.fuse.point().await;
            head
        })
    }
    fn lease<'a>(&'a self, resource: &'a str, claim: Claim) -> store::BoxFuture<'a, Result<bool, Error>> {
        self.inner.lease(resource, claim)
    }
    fn release<'a>(&'a self, resource: &'a str) -> store::BoxFuture<'a, Result<bool, Error>> {
        self.inner.release(resource)
    }
    fn close(&self) -> store::BoxFuture<'_, Result<(), Error>> {
        self.inner.close()
    }
}

/// Everything together.
pub struct World {
    pub aws: Arc<Aws>,
    pub clock: Arc<Jumping>,
    pub store: Arc<Fused>,
    pub site: Site,
    pub read_only: bool,
}

impl World {
    pub fn new() -> Self {
        Self::with_fuse(Fuse::at(-1))
    }

    pub fn with_fuse(fuse: Arc<Fuse>) -> Self {
        let store = Memory::new(here());
        Self {
            aws: Arc::new(Aws::new(fuse.clone())),
            clock: Arc::new(Jumping::at(1_790_000_000)),
            store: Arc::new(Fused { inner: store, fuse, full_from: AtomicI64::new(i64::MAX) }),
            site: Site { context: Untrusted::from("test"), read_only: false, production: false },
            read_only: false,
        }
    }

    pub fn ports(&self) -> Ports {
        let writes = Writes { changes: self.aws.clone(), materials: self.aws.clone() };
        Ports {
            reads: self.aws.clone(),
            writes: (!self.read_only).then_some(writes),
            outside: self.aws.clone(),
            clock: self.clock.clone(),
            region: Region::new("eu-central-1").unwrap(),
            practice: false,
        }
    }

    pub fn runs(&self) -> Runs {
        self.runs_over(Arc::new(Shelf(self.store.clone())))
    }

    pub fn runs_over(&self, store: Arc<dyn Store>) -> Runs {
        let who = Who { principal: Untrusted::from("alice"), host: Untrusted::from("bastion"), pid: 7 };
        Runs::with_verbs(self.ports(), Some(store), who, self.site.clone(), verbs::find)
    }
}

pub fn here() -> Here {
    Here { host: "bastion".into(), pid: 7 }
}

impl Fuse {
    /// It blows at that point, counted from now.
    pub fn blow_at(&self, nth: i64) {
        self.left.store(nth, Ordering::SeqCst);
    }

    /// From now on it never blows.
    pub fn mend(&self) {
        self.left.store(i64::MAX, Ordering::SeqCst);
    }
}

impl World {
    /// The world after a crash: the process is gone, the journal of `run` is as it was on the disk, AWS goes on.
    pub fn after_a_crash(&mut self, run: &crate::estate::RunId) {
        let name: RunName = run.as_str().parse().unwrap();
        let bytes = self.store.inner.bytes(&name);
        self.restart_with(&name, bytes);
    }

    /// The same with these lines for a journal.
    pub fn restart_with(&mut self, name: &RunName, bytes: Vec<u8>) {
        self.aws.fuse.mend();
        let inner = Memory::new(here());
        inner.left(name, bytes);
        let fuse = self.aws.fuse.clone();
        self.store = Arc::new(Fused { inner, fuse, full_from: AtomicI64::new(i64::MAX) });
    }
}
