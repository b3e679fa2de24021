//! Ends a command when the operator or the system asks for it, with the code that says so. It knows nothing
//! of what is interrupted: dropping the command's future cancels its calls.

use std::future::Future;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a command came to, or the signal that ended it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended<T> {
    /// It ran to its end.
    Itself(T),
    /// A signal ended it; 128 and the signal's number.
    BySignal(u8),
}

/// Runs `work` until it ends or SIGINT, SIGTERM or SIGHUP comes. A signal that this process was started with
/// ignored (`nohup`, a background job of a shell) stays ignored.
///
/// # Errors
/// The system does not let us listen for signals.
pub async fn until_signal<T>(work: impl Future<Output = T>) -> std::io::Result<Ended<T>> {
    let ignored = ignored_at_start();
    let mut interrupt = listen(SignalKind::interrupt(), ignored)?;
    let mut terminate = listen(SignalKind::terminate(), ignored)?;
    let mut hangup = listen(SignalKind::hangup(), ignored)?;
    Ok(tokio::select! {
        biased;
        () = next(&mut interrupt) => Ended::BySignal(130),
        () = next(&mut terminate) => Ended::BySignal(143),
        () = next(&mut hangup) => Ended::BySignal(129),
        done = work => Ended::Itself(done),
    })
}

fn listen(kind: SignalKind, ignored: u64) -> std::io::Result<Option<Signal>> {
    let bit = u32::try_from(kind.as_raw_value() - 1).unwrap_or(63).min(63);
    if ignored & (1 << bit) != 0 { Ok(None) } else { signal(kind).map(Some) }
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
