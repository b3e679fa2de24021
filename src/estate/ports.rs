//! The ports: what the engine needs from whoever answers for an estate. `aws` and `practice` implement them.

use super::ask::{Cursor, Page, Query};
use super::at::{At, Region};
use super::change::{Call, IdempotencyKey, Receipt};
use super::context::Context;
use super::fault::Fault;
use super::load::Seen;
use super::material::{MaterialSource, MaterialVersion};
use super::outside::Outside;
use super::time::Timestamp;
use super::vault::{Slot, Vault};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// A future that can be held and sent, without naming its type.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Answers questions. Exactly one AWS call for each fetch: no hidden pages, no hidden retries.
pub trait Reads: Send + Sync {
    /// Asks `q`, from the page that `from` names (the first one without it). Dropping the future cancels
    /// the call.
    fn fetch<'a>(&'a self, q: &'a Query, from: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>>;

    /// A person wants what failed tried anew, at once: a declined MFA code may be asked for again. Polling
    /// never calls this, or a person would be asked without end.
    fn try_again(&self) {}
}

/// Makes changes. Exactly one AWS write for each call, without any retry of the SDK's own: whoever calls
/// has the intent on disk, and settles what is in doubt.
pub trait Changes: Send + Sync {
    /// Makes `call` at `at`. Secret bytes are taken from (or, for what AWS makes, put into) the slots of
    /// `vault` that the call names. A fault with [`Fault::may_have_happened`] leaves it in doubt.
    fn apply<'a>(
        &'a self,
        at: &'a At,
        call: &'a Call,
        key: &'a IdempotencyKey,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Receipt, Fault>>;
}

/// Reads what is secret, straight into a vault.
pub trait Materials: Send + Sync {
    /// Reads `source` into the slot `into`. What comes back says which version it was and when it was asked.
    fn load<'a>(
        &'a self,
        at: &'a At,
        from: &'a MaterialSource,
        into: Slot,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Seen<MaterialVersion>, Fault>>;
}

/// The half of an estate that can change it. Read-only is its absence.
#[derive(Clone)]
pub struct Writes {
    /// Makes changes.
    pub changes: Arc<dyn Changes>,
    /// Reads what is secret: not needed for watching, so it goes with the changes.
    pub materials: Arc<dyn Materials>,
}

/// Tells the time, real or virtual, and waits by it.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Returns after `d` of this clock's time; a fast clock returns sooner.
    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()>;
}

/// Asks a person for something secret that opening an estate needs, such as an MFA code. The answer is
/// never echoed.
pub trait Prompt: Send + Sync {
    /// `None` if the person declines or there is nobody to ask.
    fn ask_secret<'a>(&'a self, question: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>>;
}

/// An opened estate.
#[derive(Clone)]
pub struct Ports {
    /// Answers questions.
    pub reads: Arc<dyn Reads>,
    /// Makes changes; `None` is read-only.
    pub writes: Option<Writes>,
    /// Sends canary requests.
    pub outside: Arc<dyn Outside>,
    /// The estate's time.
    pub clock: Arc<dyn Clock>,
    /// The Region that was settled on.
    pub region: Region,
    /// Whether this is the practice estate, which every screen must say.
    pub practice: bool,
}

/// Opens contexts. Opening reads configuration files and settles the Region; credentials are fetched at the
/// first question, and again whenever they have expired, so that a renewal needs no restart.
pub trait Estates: Send + Sync {
    /// # Errors
    /// No Region could be settled on, the profile does not exist, a configuration file cannot be read.
    fn open<'a>(
        &'a self,
        context: &'a Context,
        prompt: Arc<dyn Prompt>,
    ) -> BoxFuture<'a, Result<Ports, Fault>>;
}
