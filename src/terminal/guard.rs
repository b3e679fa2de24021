//! The modes that the console puts the terminal into, and the promise that they are taken back however the
//! program ends: by returning, by a panic in any thread, by a signal. It also holds the only way to write
//! to the terminal, so that nothing is written behind its back. It knows nothing of what is written.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::io;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

/// Alternate screen, bracketed paste, focus reports; the cursor is hidden until a frame wants it.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?25l";
/// All of it back, after the end of a frame that was cut short, with no scroll region and no colour.
const LEAVE: &[u8] =
    b"\x1b[?2026l\x1b[r\x1b[m\x1b[?1006l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l";
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";

/// What is to be given back, while the console has the terminal.
struct Held {
    settings: Termios,
    owner: ThreadId,
}

static HELD: Mutex<Option<Held>> = Mutex::new(None);
/// Held while bytes go out, so that a frame and the way back never mix.
static OUTPUT: Mutex<()> = Mutex::new(());
static HOOK: Once = Once::new();

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal is gone: hung up, closed, or the process lost it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gone;

/// The console has the terminal as long as this lives.
pub struct Guard {
    mouse: bool,
    erase: u8,
}

impl Guard {
    /// Takes the terminal, and sees to it that a panic gives it back before it is reported.
    ///
    /// # Errors
    /// Standard input is no terminal, or it is gone.
    pub fn enter() -> io::Result<Self> {
        HOOK.call_once(|| {
            let report = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                let owner = restore();
                report(panic);
                // A panic elsewhere would leave the console running over the shell's screen, with a part of
                // it silently dead. It ends as a panic of its own would.
                if owner.is_some_and(|o| o != std::thread::current().id()) {
                    std::process::exit(101);
                }
            }));
        });
        let mut guard = Self { mouse: false, erase: 0x7f };
        guard.take()?;
        Ok(guard)
    }

    fn take(&mut self) -> io::Result<()> {
        let settings = tcgetattr(io::stdin())?;
        self.erase = settings.special_codes[SpecialCodeIndex::VERASE];
        let mut raw = settings.clone();
        raw.make_raw();
        *lock(&HELD) = Some(Held { settings, owner: std::thread::current().id() });
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        let mouse: &[u8] = if self.mouse { MOUSE_ON } else { b"" };
        write(&[ENTER, mouse].concat()).map_err(|Gone| io::Error::from(io::ErrorKind::BrokenPipe))
    }

    /// What this terminal's Backspace sends.
    #[must_use]
    pub fn erase(&self) -> u8 {
        self.erase
    }

    /// Turns mouse reports on or off.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn mouse(&mut self, on: bool) -> Result<(), Gone> {
        if self.mouse == on {
            return Ok(());
        }
        self.mouse = on;
        write(if on { MOUSE_ON } else { MOUSE_OFF })
    }

    /// Gives the terminal back for a while.
    pub fn leave(&mut self) {
        restore();
    }

    /// Takes it again, in whatever state others left it.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn enter_again(&mut self) -> io::Result<()> {
        restore();
        self.take()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, if the console has it; says which thread it belonged to. Safe to call from
/// anywhere and any number of times; whoever calls first does it.
pub fn restore() -> Option<ThreadId> {
    let held = lock(&HELD).take()?;
    // A frame may be on its way to a terminal that takes nothing: that is not waited for long.
    let mut output = None;
    for _ in 0..20 {
        match OUTPUT.try_lock() {
            Ok(guard) => output = Some(guard),
            Err(std::sync::TryLockError::Poisoned(e)) => output = Some(e.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
        if output.is_some() {
            break;
        }
    }
    // A terminal that is gone has nothing to be restored, and there is nobody left to tell.
    if tcsetattr(io::stdin(), OptionalActions::Now, &held.settings).is_ok() && takes_bytes() {
        match send(LEAVE) {
            Ok(()) | Err(Gone) => {}
        }
    }
    drop(output);
    Some(held.owner)
}

/// Whether the terminal takes bytes within a moment; one stopped by flow control does not.
fn takes_bytes() -> bool {
    let stdout = io::stdout();
    let mut fds = [PollFd::new(&stdout, PollFlags::OUT)];
    matches!(poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 100_000_000 })), Ok(1..))
}

/// Writes to the terminal, all in one go where it takes that. Nothing is written when the console does not
/// have the terminal.
///
/// # Errors
/// The terminal is gone.
pub fn write(bytes: &[u8]) -> Result<(), Gone> {
    if bytes.is_empty() {
        return Ok(());
    }
    let _output = lock(&OUTPUT);
    if lock(&HELD).is_none() {
        return Ok(());
    }
    send(bytes)
}

fn send(mut bytes: &[u8]) -> Result<(), Gone> {
    let stdout = io::stdout();
    while !bytes.is_empty() {
        match rustix::io::write(&stdout, bytes) {
            Ok(0) => return Err(Gone),
            Ok(n) => bytes = &bytes[n..],
            Err(Errno::INTR) => {}
            // somebody who shares the terminal made it non-blocking
            Err(Errno::AGAIN) => {
                let mut fds = [PollFd::new(&stdout, PollFlags::OUT)];
                match poll(&mut fds, None) {
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(_) => return Err(Gone),
                }
            }
            Err(_) => return Err(Gone),
        }
    }
    Ok(())
}

/// Stops this process and its group as the shell's Ctrl-Z would, and returns when it goes on. The group
/// gets SIGTSTP with its default action: where nobody could ever continue it (the console is what a
/// terminal or a `ssh` command runs), the kernel then does not stop it.
///
/// # Errors
/// As `kill(2)`.
pub fn stop() -> io::Result<()> {
    rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
    Ok(())
}
