//! One line that says how far something is, while it is under way: on stderr, and only if that is a terminal. It is
//! wiped when there is something else to say, so that nothing of it stays in a scrollback or a log.

use super::say::safe;
use crate::runbook::Run;
use crate::runbook::verbs::queue::account::account;
use std::future::Future;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch::Receiver;

/// A line is written this often at most.
const PAUSE: Duration = Duration::from_millis(200);

/// The line.
pub(super) struct Ticker {
    wanted: bool,
    written: AtomicBool,
}

impl Ticker {
    /// A line on this process's stderr; none if that is no terminal.
    pub(super) fn of_process() -> Self {
        Self { wanted: std::io::stderr().is_terminal(), written: AtomicBool::new(false) }
    }

    /// Replaces the line.
    pub(super) fn say(&self, words: &str) {
        if self.wanted {
            self.written.store(true, Ordering::Relaxed);
            write(&format!("\r\u{1b}[K{}", safe(words)));
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if self.written.load(Ordering::Relaxed) {
            write("\r\u{1b}[K");
        }
    }
}

/// A line that cannot be written is missed by nobody: what counts is said at the end.
fn write(text: &str) {
    let mut err = std::io::stderr().lock();
    match err.write_all(text.as_bytes()).and_then(|()| err.flush()) {
        Ok(()) | Err(_) => {}
    }
}

/// Does the work, and says how far a run is meanwhile.
pub(super) async fn beside<T>(
    work: impl Future<Output = T>,
    mut run: Receiver<Arc<Run>>,
    mut doing: Receiver<String>,
) -> T {
    let ticker = Ticker::of_process();
    if !ticker.wanted {
        return work.await;
    }
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            Ok(()) = run.changed() => {}
            Ok(()) = doing.changed() => {}
        }
        let words = words(&run.borrow_and_update(), &doing.borrow_and_update());
        ticker.say(&words);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// What goes through a queue is told by its numbers, everything else by what it is at.
fn words(run: &Run, doing: &str) -> String {
    let open = run.steps.iter().find_map(|s| s.open());
    let through = open.and_then(|(_, c)| account(c.what.tallied()?, &c.tally).into_iter().next());
    through.unwrap_or_else(|| doing.to_owned())
}
