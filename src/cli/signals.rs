//! Ends a command when the operator or the system asks for it, with the code that says so. It knows nothing
//! of what is interrupted: dropping the command's future cancels its calls.

use crate::engine::runs::Brake;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a command came to, or the signal that ended it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended<T> {
    /// It ran to its end.
    Itself(T),
    /// A signal ended it; 128 and the signal's number.
    BySignal(u8),
}

/// Where a command leaves its brake while it has something in hand that should be put back first.
#[derive(Clone, Default)]
pub struct Landing(Arc<Mutex<Option<Brake>>>);

/// While it lives, a signal pulls the brake first.
pub struct Landed(Landing);

impl Landing {
    /// Has the first signal pull a brake instead of ending the command at once.
    #[must_use]
    pub fn hold(&self, brake: &Brake) -> Landed {
        *self.lock() = Some(brake.clone());
        Landed(self.clone())
    }

    /// Pulls the brake; `false` if there is none.
    fn pull(&self) -> bool {
        let brake = self.lock().take();
        brake.as_ref().inspect(|brake| brake.pull()).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Brake>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Landed {
    fn drop(&mut self) {
        self.0.lock().take();
    }
}

/// How long a command may take to put back what it has in hand.
const PUTTING_BACK: Duration = Duration::from_secs(30);

/// Runs `work` until it ends or SIGINT, SIGTERM or SIGHUP comes. A signal that this process was started with
/// ignored (`nohup`, a background job of a shell) stays ignored. A command with its brake in `landing` may put back first
/// what it has in hand; a second signal ends it at once.
///
/// # Errors
/// The system does not let us listen for signals.
pub async fn until_signal<T>(work: impl Future<Output = T>, landing: &Landing) -> std::io::Result<Ended<T>> {
    let ignored = ignored_at_start();
    let mut interrupt = listen(SignalKind::interrupt(), ignored)?;
    let mut terminate = listen(SignalKind::terminate(), ignored)?;
    let mut hangup = listen(SignalKind::hangup(), ignored)?;
    tokio::pin!(work);
    let code = tokio::select! {
        biased;
        code = any(&mut interrupt, &mut terminate, &mut hangup) => code,
        done = &mut work => return Ok(Ended::Itself(done)),
    };
    if landing.pull() {
        tokio::select! {
            biased;
            _ = any(&mut interrupt, &mut terminate, &mut hangup) => {}
            _ = &mut work => {}
            () = tokio::time::sleep(PUTTING_BACK) => {}
        }
    }
    Ok(Ended::BySignal(code))
}

fn listen(kind: SignalKind, ignored: u64) -> std::io::Result<Option<Signal>> {
    let bit = u32::try_from(kind.as_raw_value() - 1).unwrap_or(63).min(63);
    if ignored & (1 << bit) != 0 { Ok(None) } else { signal(kind).map(Some) }
}

async fn any(
    interrupt: &mut Option<Signal>,
    terminate: &mut Option<Signal>,
    hangup: &mut Option<Signal>,
) -> u8 {
    tokio::select! {
        biased;
        () = next(interrupt) => 130,
        () = next(terminate) => 143,
        () = next(hangup) => 129,
    }
}

async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// The signals that are ignored, bit n-1 for signal n, as Linux says it (proc_pid_status(5), `SigIgn`).
/// Where there is no such file none is taken as ignored.
fn ignored_at_start() -> u64 {
    let status = match std::fs::read_to_string("/proc/self/status") {
        Ok(status) => status,
        Err(_) => return 0,
    };
    parse_ignored(&status)
}

fn parse_ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|l| l.strip_prefix("SigIgn:")).map(str::trim);
    mask.and_then(|m| u64::from_str_radix(m, 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::parse_ignored;

    #[test]
    fn the_mask_is_read_as_linux_writes_it() {
        let status = "Name:\tx\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0\n";
        assert_eq!(parse_ignored(status), 0x1001);
        assert_eq!(parse_ignored(""), 0);
        assert_eq!(parse_ignored("SigIgn:\tzz"), 0);
    }
}
