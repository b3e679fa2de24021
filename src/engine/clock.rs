//! The two clocks: the machine's, and one that runs ahead of it for the practice estate.

use crate::estate::time::{SignedDuration, Timestamp};
use crate::estate::{BoxFuture, Clock};
use std::time::Duration;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(d))
    }
}

/// A clock that starts at an instant of its own and runs `speed` times as fast as the machine's.
#[derive(Clone, Copy, Debug)]
pub struct FastClock {
    began_real: Timestamp,
    began_virtual: Timestamp,
    speed: u32,
}

impl FastClock {
    /// Starts now, at the virtual instant `at`. A speed of 0 is taken as 1.
    #[must_use]
    pub fn starting(at: Timestamp, speed: u32) -> Self {
        Self { began_real: Timestamp::now(), began_virtual: at, speed: speed.max(1) }
    }
}

impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        let real = Timestamp::now().duration_since(self.began_real);
        let ahead = SignedDuration::from_nanos_i128(real.as_nanos().saturating_mul(i128::from(self.speed)));
        self.began_virtual.saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(d / self.speed))
    }
}
