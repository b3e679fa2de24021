//! An estate that is kept, perhaps by several processes at once: one has it at a time, takes over first what another has
//! kept since, and keeps what it wrote before it tells the answer. Writes whose answers are on their way together are kept
//! together. What only time and looking made is kept with the next write, for the same seed makes it again.

use super::gate::Gate;
use super::world::World;
use super::write::mishaps::Dice;
use super::{Inner, Made, State, Trouble, answer, store};
use crate::estate::{Fault, FaultKind, Operation, Timestamp};
use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

/// Where an estate is kept between starts, and shared with other processes meanwhile.
pub trait Keeper: Send + Sync {
    /// Has the estate until it is released: the bytes that somebody else has kept since they were last seen here, or nothing
    /// if they are as they were.
    ///
    /// # Errors
    /// Another process does not let it go, or it cannot be read; in words.
    fn take(&self) -> Result<Option<Vec<u8>>, String>;

    /// Keeps the bytes: they are safe when this returns.
    ///
    /// # Errors
    /// They cannot be kept; in words.
    fn keep(&self, bytes: &[u8]) -> Result<(), String>;

    /// Lets others have it.
    fn release(&self);

    /// The estate has come so far, by another's clock: time here must not be before that.
    fn reached(&self, now: Timestamp);
}

/// A keeper of an estate that nobody else has.
pub(super) struct Alone<F>(pub(super) F);

impl<F: Fn(&[u8]) -> Result<(), String> + Send + Sync> Keeper for Alone<F> {
    fn take(&self) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }

    fn keep(&self, bytes: &[u8]) -> Result<(), String> {
        self.0(bytes)
    }

    fn release(&self) {}

    fn reached(&self, _: Timestamp) {}
}

/// What is kept of the writes of this process.
#[derive(Default)]
pub(super) struct Shelf {
    /// Whether this process has the estate.
    has: bool,
    /// The estate was just made, by this process.
    pub(super) is_new: bool,
    /// Writes so far, and how many of them are kept.
    made: u64,
    kept: u64,
    /// Writes whose answers are on their way.
    open: u64,
}

/// The estate while this process has it.
pub(super) struct Entered<'a> {
    inner: &'a Inner,
    state: MutexGuard<'a, State>,
}

impl Deref for Entered<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Entered<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.inner.release(&mut self.state);
    }
}

/// A write that may not be kept yet. Its answer is told only after [`Unkept::keep`]; dropped, it is kept as well as can be.
pub(super) struct Unkept<'a> {
    inner: &'a Inner,
    number: u64,
    open: bool,
}

impl Unkept<'_> {
    /// Has it kept, with all others that are not yet.
    ///
    /// # Errors
    /// It cannot be kept; in words.
    pub(super) fn keep(mut self) -> Result<(), String> {
        self.close()
    }

    fn close(&mut self) -> Result<(), String> {
        if !std::mem::take(&mut self.open) {
            return Ok(());
        }
        let mut state = self.inner.lock();
        state.shelf.open = state.shelf.open.saturating_sub(1);
        let kept = if state.shelf.kept < self.number { self.inner.store(&mut state) } else { Ok(()) };
        self.inner.release(&mut state);
        kept
    }
}

impl Drop for Unkept<'_> {
    fn drop(&mut self) {
        // whoever gave up waiting is told nothing any more; what could not be kept is tried again with the next write
        drop(self.close());
    }
}

impl Inner {
    /// Has the estate, as whoever had it last has left it.
    ///
    /// # Errors
    /// Another process does not let it go, or what it left is no estate.
    pub(super) fn enter(&self) -> Result<Entered<'_>, Trouble> {
        let mut state = self.lock();
        if let Some(keeper) = self.keeper.get().filter(|_| !state.shelf.has) {
            let news = keeper.take().map_err(Trouble::Shared)?;
            state.shelf.has = true;
            if let Some(bytes) = news {
                let world = store::read(&bytes, self.options.seal.as_ref());
                match world {
                    Ok(world) => state.take_over(world, self),
                    Err(trouble) => {
                        self.release(&mut state);
                        return Err(trouble);
                    }
                }
                if let Some(made) = &state.made {
                    keeper.reached(answer::time(made.world.now));
                }
            }
        }
        Ok(Entered { inner: self, state })
    }

    /// The same, for a call of `op`.
    pub(super) fn enter_for(&self, op: &Operation) -> Result<Entered<'_>, Fault> {
        self.enter().map_err(|t| super::broken(op.name, &t))
    }

    /// Takes note of a write.
    pub(super) fn wrote(&self, state: &mut Entered<'_>) -> Option<Unkept<'_>> {
        self.keeper.get()?;
        let shelf = &mut state.shelf;
        shelf.made += 1;
        shelf.open += 1;
        Some(Unkept { inner: self, number: shelf.made, open: true })
    }

    /// Lets others have the estate, unless something of it is to be kept first.
    fn release(&self, state: &mut State) {
        let shelf = &mut state.shelf;
        if shelf.has && (shelf.kept == shelf.made || shelf.open == 0) {
            shelf.has = false;
            if let Some(keeper) = self.keeper.get() {
                keeper.release();
            }
        }
    }

    /// Keeps everything.
    fn store(&self, state: &mut State) -> Result<(), String> {
        let Some(keeper) = self.keeper.get() else { return Ok(()) };
        let made = state.made(&self.options).map_err(|t| t.to_string())?;
        let bytes = store::write(&mut made.world, self.options.seal.as_ref()).map_err(|t| t.to_string())?;
        keeper.keep(&bytes)?;
        state.shelf.kept = state.shelf.made;
        Ok(())
    }
}

impl State {
    /// Another process has written: its world goes on here. What stands before it is this process's own.
    fn take_over(&mut self, world: World, inner: &Inner) {
        let (gate, dice) = match self.made.take() {
            Some(Made { gate, dice, .. }) => (gate, dice),
            None => (Gate::new(world.seed, &inner.options), Dice::new(world.seed)),
        };
        self.made = Some(Made { world: Box::new(world), gate, dice });
        self.shelf.is_new = false;
    }
}

/// A write happened, and whether it is still there after a restart nobody knows.
pub(super) fn unkept(op: &Operation, why: &str) -> Fault {
    let why = format!("the practice estate cannot be kept: {why}");
    Fault::new(FaultKind::Other("PracticeEstate".into()), op.name, why)
}
