//! A question on the controlling terminal whose answer is not echoed, for the commands: an MFA code, later
//! a secret input. The terminal's echo comes back however the question ends: answered, cancelled, dropped,
//! or the program killed.

use crate::estate::{BoxFuture, Prompt};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a command may take to end after a signal.
const GRACE: Duration = Duration::from_millis(500);

/// Asks on `/dev/tty`, so that standard input and output stay free for data.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TtyPrompt;

impl Prompt for TtyPrompt {
    fn ask_secret<'a>(&'a self, question: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        Box::pin(on_a_thread(question.to_owned(), Echo::No))
    }
}

impl TtyPrompt {
    /// Asks for a line that may be seen, such as a confirmation; `None` if the person declines or there is
    /// nobody to ask. What was typed before the question is no answer to it, nor is a pasted line: an answer
    /// whose end comes together with its letters counts as declined.
    pub async fn line(&self, question: &str) -> Option<String> {
        on_a_thread(question.to_owned(), Echo::Yes).await.map(|text| text.to_string())
    }
}

/// Whether what is typed is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    Yes,
    No,
}

async fn on_a_thread(question: String, echo: Echo) -> Option<Zeroizing<String>> {
    let (give_up, given_up) = UnixStream::pair().ok()?;
    let (reply, answer) = tokio::sync::oneshot::channel();
    let asking = std::thread::Builder::new()
        .name("prompt".into())
        .spawn(move || {
            // nobody waits any more when the reply cannot be sent
            if let Err(unwanted) = reply.send(ask(&question, &given_up, echo)) {
                drop(unwanted);
            }
        })
        .ok()?;
    let _asking = Asking { give_up: Some(give_up), thread: Some(asking) };
    answer.await.ok().flatten()
}

/// A question under way. Dropping it ends the question and waits until the echo is back.
struct Asking {
    give_up: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Asking {
    fn drop(&mut self) {
        drop(self.give_up.take());
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            drop(panic); // reported by the panic hook where it happened
        }
    }
}

/// Puts the settings back when dropped.
struct Quiet<'a> {
    tty: &'a File,
    settings: Termios,
}

impl<'a> Quiet<'a> {
    /// No echo, a byte at a time, and Ctrl-C as a byte.
    fn new(tty: &'a File) -> io::Result<Self> {
        use rustix::termios::LocalModes;
        let settings = tcgetattr(tty)?;
        let mut quiet = settings.clone();
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        // what was typed before the question was seen is not an answer to it
        tcsetattr(tty, OptionalActions::Flush, &quiet)?;
        Ok(Self { tty, settings })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // the terminal may be gone, and then nobody is left who could miss the echo
        if tcsetattr(self.tty, OptionalActions::Now, &self.settings).is_ok() {
            match (&mut &*self.tty).write_all(b"\n") {
                Ok(()) | Err(_) => {}
            }
        }
    }
}

fn ask(question: &str, given_up: &UnixStream, echo: Echo) -> Option<Zeroizing<String>> {
    let tty = File::options().read(true).write(true).open("/dev/tty").ok()?;
    let (signal, signalled) = UnixStream::pair().ok()?;
    let _signals = Signals::during_question(&signal).ok()?;
    let quiet = Quiet::new(&tty).ok()?;
    let question: String = question.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    (&tty).write_all(format!("{question}: ").as_bytes()).ok()?;
    let answer = read(&tty, given_up, &signalled, echo);
    drop(quiet);
    match answer {
        Answer::Given(text) => Some(text),
        Answer::None => None,
        Answer::Killed => {
            // the echo is back; whoever runs the command ends it, and if nobody does, this does
            std::thread::sleep(GRACE);
            std::process::exit(128 + Signals::last());
        }
    }
}

enum Answer {
    Given(Zeroizing<String>),
    None,
    Killed,
}

fn read(tty: &File, given_up: &UnixStream, signalled: &UnixStream, echo: Echo) -> Answer {
    let mut line = Line::default();
    loop {
        let mut fds = [
            PollFd::new(tty, PollFlags::IN),
            PollFd::new(given_up, PollFlags::IN),
            PollFd::new(signalled, PollFlags::IN),
        ];
        match poll(&mut fds, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return Answer::None,
        }
        if !fds[2].revents().is_empty() {
            return Answer::Killed;
        }
        if !fds[1].revents().is_empty() {
            return Answer::None;
        }
        if fds[0].revents().is_empty() {
            continue;
        }
        let mut bytes = Zeroizing::new([0; 64]);
        let n = match rustix::io::read(tty, &mut bytes[..]) {
            Ok(0) => return Answer::None,
            Ok(n) => n,
            Err(Errno::INTR | Errno::AGAIN) => continue,
            Err(_) => return Answer::None,
        };
        if echo == Echo::Yes && n > 1 && bytes[..n].iter().any(|b| matches!(b, b'\r' | b'\n')) {
            return Answer::None;
        }
        for byte in &bytes[..n] {
            let before = line.typed.len();
            let taken = line.take(*byte);
            if echo == Echo::Yes {
                show(tty, &line, before);
            }
            match taken {
                Some(true) => return line.text().map_or(Answer::None, Answer::Given),
                Some(false) => return Answer::None,
                None => {}
            }
        }
    }
}

/// Shows what one key has changed.
fn show(mut tty: &File, line: &Line, before: usize) {
    let shown = match line.typed.len() {
        now if now > before => tty.write_all(&line.typed[before..]),
        now if now < before => (now..before).try_for_each(|_| tty.write_all(b"\x08 \x08")),
        _ => Ok(()),
    };
    // A terminal that is gone is noticed by the next read.
    match shown {
        Ok(()) | Err(_) => {}
    }
}

/// What has been typed. The room is made once, so that no copy is left behind by growing.
struct Line {
    typed: Zeroizing<Vec<u8>>,
    /// Inside an escape sequence, which is no part of an answer.
    escape: bool,
}

/// More than any code or key. What is longer gives the question up, for a part of it would be another value.
const LONGEST: usize = 4096;

impl Default for Line {
    fn default() -> Self {
        Self { typed: Zeroizing::new(Vec::with_capacity(LONGEST)), escape: false }
    }
}

impl Line {
    /// Some(true) when it is done, Some(false) when it was given up.
    fn take(&mut self, byte: u8) -> Option<bool> {
        if self.escape {
            self.escape = byte == b'[' || byte == b'O' || (0x20..0x40).contains(&byte);
            return None;
        }
        match byte {
            b'\r' | b'\n' => return Some(true),
            3 => return Some(false),
            4 if self.typed.is_empty() => return Some(false),
            0x7f | 0x08 => self.rub_out(),
            0x15 => self.typed.clear(),
            0x1b => self.escape = true,
            // A value with a tab that is left out would be another one too.
            b'\t' => return Some(false),
            0x00..=0x1f => {}
            _ if self.typed.len() < LONGEST => self.typed.push(byte),
            _ => return Some(false),
        }
        None
    }

    /// Takes the last character away, all bytes of it.
    fn rub_out(&mut self) {
        while let Some(byte) = self.typed.pop() {
            if byte & 0xc0 != 0x80 {
                break;
            }
        }
    }

    fn text(&self) -> Option<Zeroizing<String>> {
        std::str::from_utf8(&self.typed).ok().map(|t| Zeroizing::new(t.to_owned()))
    }
}

/// Notices the signals that end a program for the length of a question. Whoever runs the command listens to
/// them too and ends it; this is for the echo.
struct Signals {
    ids: Vec<signal_hook::SigId>,
}

static LAST: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

impl Signals {
    const ALL: [i32; 4] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT];

    fn during_question(wake: &UnixStream) -> io::Result<Self> {
        let last = LAST.get_or_init(Arc::default);
        let mut signals = Self { ids: Vec::new() };
        for signal in Self::ALL {
            signals.ids.push(signal_hook::flag::register_usize(signal, Arc::clone(last), signal as usize)?);
            signals.ids.push(signal_hook::low_level::pipe::register(signal, wake.try_clone()?)?);
        }
        Ok(signals)
    }

    fn last() -> i32 {
        LAST.get().map_or(SIGTERM, |l| l.load(Ordering::Acquire) as i32)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in self.ids.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    fn typed(bytes: &[u8]) -> Option<String> {
        let mut line = Line::default();
        for byte in bytes {
            match line.take(*byte) {
                Some(true) => return line.text().map(|t| t.to_string()),
                Some(false) => return None,
                None => {}
            }
        }
        panic!("not finished by {bytes:?}");
    }

    #[test]
    fn a_line_can_be_mended_and_given_up() {
        assert_eq!(typed(b"123456\r").as_deref(), Some("123456"));
        assert_eq!(typed("12é\u{7f}\u{8}3\n".as_bytes()).as_deref(), Some("13"));
        assert_eq!(typed(b"wrong\x15\x7fright\n").as_deref(), Some("right"));
        assert_eq!(typed(b"1\x1b[A2\x1b[1;5C3\n").as_deref(), Some("123"));
        assert_eq!(typed(b"\n").as_deref(), Some(""));
        assert_eq!(typed(b"12\x03"), None);
        assert_eq!(typed(b"1\t2\n"), None);
        assert_eq!(
            typed(&[[b'x'; super::LONGEST].as_slice(), b"y\n"].concat()),
            None,
            "never a part of a value"
        );
        assert_eq!(typed(b"\x04"), None);
        assert_eq!(typed(b"1\x042\n").as_deref(), Some("12"));
    }
}
