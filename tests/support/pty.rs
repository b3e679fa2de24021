//! A program in a pseudo-terminal with an emulator behind it, driven as a person would: type, look, wait
//! for what is to be seen. Nothing sleeps; a wait that is not fulfilled fails with the screen in its words.
//! It knows nothing of what the program is.

use pty_process::blocking::{Command, Pty, open};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, tcgetattr};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program and its terminal.
pub struct Tty {
    pty: Option<Pty>,
    child: Child,
    emulator: vt100::Parser,
    log: Vec<u8>,
}

impl Tty {
    /// Starts `command` in a new session on a terminal of this size.
    pub fn start(command: Command, width: u16, height: u16) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(height, width)).unwrap();
        let child = command.spawn(pts).unwrap();
        let size = |n| NonZeroU16::new(n).unwrap();
        Self {
            pty: Some(pty),
            child,
            emulator: vt100::Parser::new(size(height), size(width), 0),
            log: Vec::new(),
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What is on the screen.
    pub fn screen(&self) -> &vt100::Screen {
        self.emulator.screen()
    }

    /// What is on the screen, as text.
    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// Every byte that came so far.
    pub fn log(&self) -> &[u8] {
        &self.log
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        let mut pty = self.pty.as_ref().expect("the terminal is closed");
        pty.write_all(keys.as_bytes()).unwrap();
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, width: u16, height: u16) {
        let pty = self.pty.as_ref().expect("the terminal is closed");
        pty.resize(pty_process::Size::new(height, width)).unwrap();
        self.emulator.set_size(NonZeroU16::new(height).unwrap(), NonZeroU16::new(width).unwrap());
    }

    /// Whether the terminal echoes what is typed, as it does for a shell.
    pub fn echoes(&self) -> bool {
        let settings = tcgetattr(self.pty.as_ref().expect("the terminal is closed")).unwrap();
        settings.local_modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Whether everything that a console changes about a terminal is as a shell wants it.
    pub fn is_restored(&self) -> bool {
        let s = self.screen();
        self.echoes()
            && !s.alternate_screen()
            && !s.hide_cursor()
            && !s.bracketed_paste()
            && s.mouse_protocol_mode() == vt100::MouseProtocolMode::None
            && s.fgcolor() == vt100::Color::Default
            && s.bgcolor() == vt100::Color::Default
    }

    /// Stops the output, as Ctrl-S does in a shell: what the program writes from now on waits.
    pub fn hold(&self) {
        let slave = std::fs::File::open(format!("/proc/{}/fd/1", self.id())).unwrap();
        rustix::termios::tcflow(&slave, rustix::termios::Action::OOff).unwrap();
    }

    /// Waits until the program has read everything that was typed, or for as long as one that is stuck in a
    /// write to a held terminal needs to show that it reads nothing.
    pub fn wait_key_taken_or_stuck(&self) {
        let slave = std::fs::File::open(format!("/proc/{}/fd/0", self.id())).unwrap();
        let until = Instant::now() + Duration::from_secs(2);
        while rustix::io::ioctl_fionread(&slave).unwrap() > 0 && Instant::now() < until {
            std::thread::yield_now();
        }
    }

    /// Closes the terminal as a window or a dropped connection does.
    pub fn close(&mut self) {
        self.pty = None;
    }

    /// Takes what comes until `until`, or for one read; false when nothing will ever come again.
    pub fn pump(&mut self, until: Instant) -> bool {
        let Some(pty) = &self.pty else { return false };
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).unwrap();
        let mut fds = [PollFd::new(pty, PollFlags::IN)];
        match poll(&mut fds, Some(&left)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return true,
            Ok(_) => {}
            Err(e) => panic!("poll: {e}"),
        }
        let mut bytes = [0; 65536];
        let mut reader = pty;
        match reader.read(&mut bytes) {
            // Linux says EIO when the last process has closed its side
            Ok(0) | Err(_) => false,
            Ok(n) => {
                self.emulator.process(&bytes[..n]);
                self.log.extend_from_slice(&bytes[..n]);
                true
            }
        }
    }

    /// Waits until `seen` is true of it; `what` says in words what that is.
    pub fn wait(&mut self, what: &str, seen: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !seen(self) {
            if !self.pump(until) || Instant::now() >= until {
                panic!("never seen: {what}. The screen is:\n{}", self.text());
            }
        }
    }

    /// Waits for this text on the screen.
    pub fn wait_text(&mut self, text: &str) {
        self.wait(text, |t| t.text().contains(text));
    }

    /// Waits for the program's end.
    pub fn end(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        while self.pump(until) {
            assert!(Instant::now() < until, "it does not end. The screen is:\n{}", self.text());
        }
        self.child.wait().unwrap()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().expect("it is our child");
            self.child.wait().expect("it is our child");
        }
    }
}
