//! The writing half of the practice estate: one AWS write for each call, with AWS's refusals and AWS's races.
//! A write compares with what is, never with what an eventually consistent read has seen. Secret bytes are
//! taken from the vault's slots that a call names, and told to nobody. Sources: the API references of the
//! four services, cited in their files.

mod apigateway;
mod canary;
pub(super) mod colleague;
mod iam;
mod lambda;
mod material;
pub(super) mod mishaps;
mod secretsmanager;
mod sqs;

pub use self::colleague::Colleague;
pub(super) use self::iam::add as another_key;
pub use self::mishaps::Mishaps;

use self::mishaps::{Lost, Luck};
use super::world::stale::Was;
use super::world::{Second, World};
use super::{Practice, faults, migrate, prng};
use crate::estate::outside::{Canary, Outside};
use crate::estate::{
    At, BoxFuture, Call, Changes, Fault, FaultKind, IdempotencyKey, MaterialSource, MaterialVersion,
    Materials, Operation, Receipt, Seen, Slot, Vault,
};

/// A write on its way to its receipt.
struct Write<'a> {
    world: &'a mut World,
    op: &'static Operation,
    /// Whether it is sent to the Region where everything is.
    here: bool,
    at: Second,
    vault: &'a Vault,
}

impl Write<'_> {
    /// A refusal that is ours, before anything was sent.
    fn refused(&self, why: impl Into<String>) -> Fault {
        Fault::new(FaultKind::Invalid, self.op.name, why.into())
    }

    /// The bytes of a slot.
    fn held(&self, slot: &Slot) -> Result<zeroize::Zeroizing<Vec<u8>>, Fault> {
        self.vault.copy(slot).ok_or_else(|| self.refused(format!("nothing is held in {}", slot.name())))
    }
}

impl Changes for Practice {
    fn apply<'a>(
        &'a self,
        at: &'a At,
        call: &'a Call,
        key: &'a IdempotencyKey,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        Box::pin(async move {
            let op = call.operation();
            let way = prng::of(&(at, call, key));
            self.inner.wait(way, 2).await;
            let outcome = self.write(at, call, key, vault, op);
            // the answer is on its way back, and the effect is there
            match &outcome {
                Err(Fault { kind: FaultKind::TimedOut, .. }) => self.inner.wait_in_vain().await,
                Ok(_) | Err(_) => self.inner.wait(way, 2).await,
            }
            outcome
        })
    }
}

impl Practice {
    fn write(
        &self,
        at: &At,
        call: &Call,
        key: &IdempotencyKey,
        vault: &Vault,
        op: &'static Operation,
    ) -> Result<Receipt, Fault> {
        let mut state = self.inner.lock();
        let now = self.inner.clock.now().as_millisecond();
        let made = state.ready(&self.inner.options, op)?;
        made.world.step(now.div_euclid(1_000));
        made.gate.pass(op, &at.region, now, &made.world.denied)?;
        let luck = made.dice.roll(&self.inner.options.mishaps);
        if luck.throttled {
            return Err(faults::throttled(op));
        }
        let world = &mut *made.world;
        if luck.colleague {
            colleague::interfere(world, call);
        }
        if luck.lost == Some(Lost::Before) {
            return Err(faults::lost(op));
        }
        let here = super::is_here(at);
        let second = world.now;
        let was = luck.behind.and_then(|_| row(world, call));
        let receipt = make(Write { world, op, here, at: second, vault }, call, key);
        settle(world, &luck, was, receipt.is_ok());
        if receipt.is_ok() {
            super::intruder::note_write(world, call);
        }
        if let Some(keeper) = self.inner.keeper.get() {
            let bytes = super::store::write(world, self.inner.options.seal.as_ref());
            bytes.map_err(|t| t.to_string()).and_then(|b| keeper(&b)).map_err(|why| unkept(op, &why))?;
        }
        match luck.lost {
            Some(Lost::After) => Err(faults::lost(op)),
            Some(Lost::Before) | None => receipt,
        }
    }
}

/// The write happened, and whether it is still there after a restart nobody knows.
fn unkept(op: &Operation, why: &str) -> Fault {
    let why = format!("the practice estate cannot be kept: {why}");
    Fault::new(FaultKind::Other("PracticeEstate".into()), op.name, why)
}

/// What follows from a write.
fn settle(world: &mut World, luck: &Luck, was: Option<Was>, happened: bool) {
    let now = world.now;
    if let (Some(behind), Some(was), true) = (luck.behind, was, happened) {
        world.lag(was, now + behind);
    }
    migrate::settle(world, now);
}

/// The row that a call changes, as it is now.
fn row(world: &World, call: &Call) -> Option<Was> {
    match call {
        Call::SecretsManager(c) => {
            let place = world.secret(secretsmanager::secret_of(c).wire())?;
            Some(Was::Secret(place, Box::new(world.secrets.get(place)?.clone())))
        }
        Call::Iam(c) => iam::row(world, c),
        Call::ApiGateway(_) => Some(Was::Keys(world.keys.clone())),
        // Lambda's control plane reads what it wrote
        Call::Lambda(_) | Call::Sqs(_) => None,
    }
}

fn make(write: Write<'_>, call: &Call, key: &IdempotencyKey) -> Result<Receipt, Fault> {
    match call {
        Call::SecretsManager(c) => secretsmanager::make(write, c, key),
        Call::Lambda(c) => lambda::make(write, c),
        Call::ApiGateway(c) => apigateway::make(write, c),
        Call::Iam(c) => iam::make(write, c),
        Call::Sqs(c) => sqs::make(write, c),
    }
}

impl Materials for Practice {
    fn load<'a>(
        &'a self,
        at: &'a At,
        from: &'a MaterialSource,
        into: Slot,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Seen<MaterialVersion>, Fault>> {
        Box::pin(async move {
            let sent = self.inner.clock.now();
            self.inner.wait(prng::of(&(at, from)), 1).await;
            let op = from.operation();
            let mut state = self.inner.lock();
            let now = self.inner.clock.now().as_millisecond();
            let made = state.ready(&self.inner.options, op)?;
            made.world.step(now.div_euclid(1_000));
            made.gate.pass(op, &at.region, now, &made.world.denied)?;
            let decrypts = !made.gate.denies("kms:Decrypt", &made.world.denied);
            let (version, bytes) = material::read(&mut made.world, op, super::is_here(at), from, decrypts)?;
            vault.put(into, bytes);
            Ok(Seen { value: version, at: sent, complete: crate::estate::Completeness::Complete })
        })
    }
}

impl Outside for Practice {
    fn canary<'a>(&'a self, canary: &'a Canary, vault: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>> {
        Box::pin(async move {
            self.inner.wait(prng::of(canary), 1).await;
            let mut state = self.inner.lock();
            let now = self.inner.clock.now().as_second();
            let made = state.made(&self.inner.options).map_err(|t| super::broken("", &t))?;
            made.world.step(now);
            canary::send(&mut made.world, canary, vault)
        })
    }
}
