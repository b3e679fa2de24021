//! Signals, as things that happen. Those that end the program are obeyed within a second even if the loop
//! is stuck in a write to a terminal that takes nothing.

use super::guard;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a signal means here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// End, with this code.
    End(i32),
    /// The terminal has another size.
    Resized,
    /// The process was stopped and goes on: others may have used the terminal.
    Continued,
}

/// The exit code of a program that a signal ended, as shells count it.
const fn code(signal: i32) -> i32 {
    128 + signal
}

/// The exit code when the terminal went away without a signal.
pub const HUNG_UP: i32 = code(SIGHUP);

/// How long the loop may take to end by itself.
const GRACE: Duration = Duration::from_secs(1);

/// As long as this lives the loop is expected to end the program when a signal says so.
pub struct Listening {
    over: Arc<AtomicBool>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
    }
}

/// Hands signals to `tell` from now on, in a thread of its own.
///
/// SIGTSTP is not among them: it keeps its default action, which [`guard::stop`] counts on. A `kill -TSTP`
/// from elsewhere stops the program as SIGSTOP would; it draws itself anew when it goes on.
///
/// # Errors
/// The handlers could not be set up.
pub fn listen(tell: impl Fn(Signal) -> bool + Send + 'static) -> io::Result<Listening> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGCONT, SIGWINCH])?;
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&over);
    std::thread::Builder::new().name("signals".into()).stack_size(256 * 1024).spawn(move || {
        for signal in signals.forever() {
            let what = match signal {
                SIGWINCH => Signal::Resized,
                SIGCONT => Signal::Continued,
                ending => Signal::End(code(ending)),
            };
            let heard = tell(what);
            if let Signal::End(code) = what {
                if heard {
                    std::thread::sleep(GRACE);
                    // the loop has ended, and whoever called it is putting things away
                    if ended.load(Ordering::Acquire) {
                        continue;
                    }
                }
                end(code);
            }
        }
    })?;
    Ok(Listening { over })
}

/// Ends the program without the loop. Giving the terminal back may hang as the loop does, so it has a
/// moment only.
fn end(code: i32) -> ! {
    let restoring = std::thread::Builder::new().spawn(guard::restore);
    if restoring.is_ok() {
        std::thread::sleep(Duration::from_millis(200));
    }
    std::process::exit(code)
}
