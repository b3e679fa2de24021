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
use super::keep::Unkept;
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
            let (outcome, unkept) = self.write(at, call, key, vault, op)?;
            let (outcome, unkept) = self.poll(at, call, key, vault, (outcome, unkept)).await?;
            // the answer is on its way back, and the effect is there
            if let Err(Fault { kind: FaultKind::TimedOut, .. }) = &outcome {
                kept(unkept, op)?;
                self.inner.wait_in_vain().await;
                return outcome;
            }
            self.inner.wait(way, 2).await;
            kept(unkept, op)?;
            outcome
        })
    }
}

/// What became of a write, and whether it is to be kept still; or why the estate itself cannot be had.
type Written<'a> = Result<(Result<Receipt, Fault>, Option<Unkept<'a>>), Fault>;

/// The write is kept before its answer is told.
fn kept(unkept: Option<Unkept<'_>>, op: &Operation) -> Result<(), Fault> {
    unkept.map_or(Ok(()), Unkept::keep).map_err(|why| super::keep::unkept(op, &why))
}

/// Whether nothing was received, and so nothing was changed.
fn found_nothing(outcome: &Result<Receipt, Fault>) -> bool {
    matches!(outcome, Ok(Receipt::Received { messages, .. }) if messages.is_empty())
}

impl Practice {
    /// A long poll waits for a first message, by the estate's clock.
    async fn poll<'a>(
        &'a self,
        at: &At,
        call: &Call,
        key: &IdempotencyKey,
        vault: &Vault,
        (mut outcome, mut unkept): (Result<Receipt, Fault>, Option<Unkept<'a>>),
    ) -> Written<'a> {
        let Call::Sqs(SqsCall::ReceiveMessage { wait_s, .. }) = call else { return Ok((outcome, unkept)) };
        for _ in 0..*wait_s {
            if !found_nothing(&outcome) {
                break;
            }
            // nobody else waits as long as a poll
            kept(unkept.take(), call.operation())?;
            self.inner.clock.sleep(SECOND).await;
            (outcome, unkept) = self.look_again(at, call, key, vault)?;
        }
        Ok((outcome, unkept))
    }

    /// The same receive once more: one call of AWS, so that nothing befalls it anew.
    fn look_again(&self, at: &At, call: &Call, key: &IdempotencyKey, vault: &Vault) -> Written<'_> {
        let op = call.operation();
        let mut state = self.inner.enter_for(op)?;
        let now = self.inner.clock.now().as_second();
        let made = state.ready(&self.inner.options, op)?;
        made.world.step(now);
        let decrypts = !made.gate.denies("kms:Decrypt", &made.world.denied);
        let world = &mut *made.world;
        let (here, second) = (super::is_here(at), world.now);
        let write = Write { world, op, here, at: second, vault, decrypts, encrypts: true };
        let receipt = make(write, call, key);
        let unkept = if found_nothing(&receipt) { None } else { self.inner.wrote(&mut state) };
        Ok((receipt, unkept))
    }

    fn write(
        &self,
        at: &At,
        call: &Call,
        key: &IdempotencyKey,
        vault: &Vault,
        op: &'static Operation,
    ) -> Written<'_> {
        let mut state = self.inner.enter_for(op)?;
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
            let unkept = if luck.colleague { self.inner.wrote(&mut state) } else { None };
            return Ok((Err(faults::lost(op)), unkept));
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
        let changed = luck.colleague || !found_nothing(&receipt);
        let unkept = if changed { self.inner.wrote(&mut state) } else { None };
        let outcome = match luck.lost {
            Some(Lost::After) => {
                never_came(vault, &receipt);
                Err(faults::lost(op))
            }
            Some(Lost::Before) | None => receipt,
        };
        Ok((outcome, unkept))
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
            let mut state = self.inner.enter_for(op)?;
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
            let mut state = self.inner.enter().map_err(|t| super::broken("", &t))?;
            let now = self.inner.clock.now().as_second();
            let made = state.made(&self.inner.options).map_err(|t| super::broken("", &t))?;
            made.world.step(now);
            let status = canary::send(&mut made.world, canary, vault);
            // a request that was let in counts as use of the key
            let unkept = self.inner.wrote(&mut state);
            drop(state);
            unkept
                .map_or(Ok(()), Unkept::keep)
                .map_err(|why| Fault::new(FaultKind::Other("PracticeEstate".into()), "", why))?;
            status
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
