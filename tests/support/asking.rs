//! Asks an estate from a test: a runtime, a real clock and the place, behind calls that wait.

use bartizan::estate::{
    Ask, Asks, At, BoxFuture, Call, Clock, Context, Cursor, Estates, Fault, FaultKind, IdempotencyKey,
    MaterialSource, MaterialVersion, Page, Ports, Prompt, Query, Receipt, Region, Slot, Timestamp, Vault,
    Writes,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use zeroize::Zeroizing;

/// The Region that tests ask in.
pub const REGION: &str = "eu-central-1";

/// More pages than any test makes: a walk that does not end is a failure, not a hang.
const MOST_PAGES: usize = 2_000;

/// The machine's own time.
pub struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(d))
    }
}

/// Nobody is there to answer.
pub struct Nobody;

impl Prompt for Nobody {
    fn ask_secret<'a>(&'a self, _question: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        Box::pin(async { None })
    }
}

/// An opened estate that can be asked.
pub struct Asking {
    runtime: Runtime,
    ports: Ports,
    at: At,
}

/// The context of a server at `endpoint`.
pub fn context(name: &str, endpoint: Option<String>) -> Context {
    Context { region: Region::new(REGION), endpoint, read_only: true, ..Context::named(name) }
}

impl Asking {
    /// Opens `context` of `estates`.
    pub fn open(estates: &dyn Estates, context: &Context) -> Result<Asking, Fault> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let ports = runtime.block_on(estates.open(context, Arc::new(Nobody)))?;
        let at = At { account: None, region: ports.region.clone() };
        Ok(Asking { runtime, ports, at })
    }

    /// One call: the page that `from` names.
    pub fn page<A: Asks>(&self, ask: A, from: Option<&Cursor>) -> Result<Page, Fault> {
        self.fetch(ask.ask(), from)
    }

    /// The same for a question whose type is not known.
    pub fn fetch(&self, ask: Ask, from: Option<&Cursor>) -> Result<Page, Fault> {
        let q = Query { at: self.at.clone(), ask };
        self.runtime.block_on(self.ports.reads.fetch(&q, from))
    }

    /// One call: the first page, as its own type.
    pub fn first<A: Asks>(&self, ask: A) -> Result<A::Out, Fault> {
        A::open(self.page(ask, None)?.answer)
    }

    /// Every page, each as its own type.
    pub fn pages<A: Asks + Clone>(&self, ask: A) -> Result<Vec<A::Out>, Fault> {
        let (mut out, mut from) = (Vec::new(), None);
        loop {
            let page = self.page(ask.clone(), from.as_ref())?;
            out.push(A::open(page.answer)?);
            assert!(out.len() <= MOST_PAGES, "the walk does not end");
            match page.next {
                Some(next) => from = Some(next),
                None => return Ok(out),
            }
        }
    }

    /// Everything there is.
    pub fn all<A: Asks<Out = Vec<T>> + Clone, T>(&self, ask: A) -> Result<Vec<T>, Fault> {
        Ok(self.pages(ask)?.into_iter().flatten().collect())
    }

    /// One write, with what the vault holds.
    pub fn apply(&self, call: &Call, key: &IdempotencyKey, vault: &Vault) -> Result<Receipt, Fault> {
        self.runtime.block_on(self.writes()?.changes.apply(&self.at, call, key, vault))
    }

    /// Reads what is secret into a slot.
    pub fn load(&self, from: &MaterialSource, into: &str, vault: &Vault) -> Result<MaterialVersion, Fault> {
        let writes = self.writes()?;
        let load = writes.materials.load(&self.at, from, Slot::new(into), vault);
        Ok(self.runtime.block_on(load)?.value)
    }

    fn writes(&self) -> Result<Writes, Fault> {
        let none = || Fault::new(FaultKind::Unsupported, "", "it is read-only");
        self.ports.writes.clone().ok_or_else(none)
    }

    /// Waits by the estate's time.
    pub fn wait(&self, d: Duration) {
        self.runtime.block_on(async { self.ports.clock.sleep(d).await });
    }

    /// The estate's time.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }
}
