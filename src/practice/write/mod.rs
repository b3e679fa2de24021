//! The writing half of the practice estate: one AWS write for each call, with AWS's refusals and AWS's races.
//! A write compares with what is, never with what an eventually consistent read has seen. Secret bytes are
//! taken from the vault's slots that a call names, and told to nobody. Sources: the API references of the
//! four services, cited in their files.

mod apigateway;
mod canary;
pub(super) mod colleague;
mod ec2;
mod iam;
mod lambda;
mod material;
pub(super) mod mishaps;
mod rds;
mod secretsmanager;
mod sqs;

pub use self::colleague::Colleague;
pub(super) use self::iam::add as another_key;
pub(super) use self::lambda::mapped;
pub use self::mishaps::Mishaps;

use self::mishaps::{Lost, Luck};
use super::world::stale::Was;
use super::world::{Second, World};
use super::{Practice, consume, faults, migrate, prng};
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::outside::{Canary, Listener, Outside};
use crate::estate::{
    At, BoxFuture, Call, Changes, Fault, FaultKind, IdempotencyKey, MaterialSource, MaterialVersion,
    Materials, Operation, Receipt, Seen, Slot, Vault,
};
use std::time::Duration;

/// A write on its way to its receipt.
struct Write<'a> {
    world: &'a mut World,
    op: &'static Operation,
    /// Whether it is sent to the Region where everything is.
    here: bool,
    at: Second,
    vault: &'a Vault,
    /// Whether customer keys may be used, to read and to write.
    decrypts: bool,
    encrypts: bool,
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
            let outcome = self.poll(at, call, key, vault, outcome).await;
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
    /// A long poll waits for a first message, by the estate's clock.
    async fn poll(
        &self,
        at: &At,
        call: &Call,
        key: &IdempotencyKey,
        vault: &Vault,
        outcome: Result<Receipt, Fault>,
    ) -> Result<Receipt, Fault> {
        let Call::Sqs(SqsCall::ReceiveMessage { wait_s, .. }) = call else { return outcome };
        let mut outcome = outcome;
        for _ in 0..*wait_s {
            match &outcome {
                Ok(Receipt::Received { messages, .. }) if messages.is_empty() => {}
                Ok(_) | Err(_) => break,
            }
            self.inner.clock.sleep(SECOND).await;
            outcome = self.look_again(at, call, key, vault);
        }
        outcome
    }

    /// The same receive once more: one call of AWS, so that nothing befalls it anew.
    fn look_again(
        &self,
        at: &At,
        call: &Call,
        key: &IdempotencyKey,
        vault: &Vault,
    ) -> Result<Receipt, Fault> {
        let op = call.operation();
        let mut state = self.inner.lock();
        let now = self.inner.clock.now().as_second();
        let made = state.ready(&self.inner.options, op)?;
        made.world.step(now);
        let decrypts = !made.gate.denies("kms:Decrypt", &made.world.denied);
        let world = &mut *made.world;
        let (here, second) = (super::is_here(at), world.now);
        let write = Write { world, op, here, at: second, vault, decrypts, encrypts: true };
        let receipt = make(write, call, key);
        self.keep(world, op)?;
        receipt
    }

    /// Has the estate kept, where somebody keeps it.
    fn keep(&self, world: &mut World, op: &Operation) -> Result<(), Fault> {
        let Some(keeper) = self.inner.keeper.get() else { return Ok(()) };
        let bytes = super::store::write(world, self.inner.options.seal.as_ref());
        bytes.map_err(|t| t.to_string()).and_then(|b| keeper(&b)).map_err(|why| unkept(op, &why))
    }

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
        let decrypts = !made.gate.denies("kms:Decrypt", &made.world.denied);
        let encrypts = !made.gate.denies("kms:GenerateDataKey", &made.world.denied);
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
        let receipt = make(Write { world, op, here, at: second, vault, decrypts, encrypts }, call, key);
        settle(world, &luck, was, receipt.is_ok());
        if receipt.is_ok() {
            super::intruder::note_write(world, call);
            super::runaway::note_write(world, call);
            super::breach::wrote(world, call, faults::ROLE);
            super::squatter::wrote(world, call);
        }
        self.keep(world, op)?;
        match luck.lost {
            Some(Lost::After) => {
                never_came(vault, &receipt);
                Err(faults::lost(op))
            }
            Some(Lost::Before) | None => receipt,
        }
    }
}

/// What was received with an answer that was lost is in nobody's hand.
fn never_came(vault: &Vault, receipt: &Result<Receipt, Fault>) {
    if let Ok(Receipt::Received { messages, .. }) = receipt {
        messages.iter().for_each(|head| drop(vault.shelf().take(&head.id)));
    }
}

/// How often a long poll looks.
const SECOND: Duration = Duration::from_secs(1);

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
        // what is asked for is there at once, and comes into force later (`world::database`)
        Call::Rds(_) | Call::Ec2(_) => None,
    }
}

fn make(write: Write<'_>, call: &Call, key: &IdempotencyKey) -> Result<Receipt, Fault> {
    match call {
        Call::SecretsManager(c) => secretsmanager::make(write, c, key),
        Call::Lambda(c) => lambda::make(write, c),
        Call::ApiGateway(c) => apigateway::make(write, c),
        Call::Iam(c) => iam::make(write, c),
        Call::Sqs(c) => sqs::make(write, c),
        Call::Rds(c) => rds::make(write, c),
        Call::Ec2(c) => ec2::make(write, c),
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

    /// Nobody is really told: nothing of a practice estate leaves this machine.
    fn tell<'a>(
        &'a self,
        to: &'a Listener,
        _text: &'a str,
        _vault: &'a Vault,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            self.inner.wait(prng::of(to), 1).await;
            Ok(())
        })
    }
}
