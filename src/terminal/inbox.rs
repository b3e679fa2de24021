//! One queue for everything that happens, beside the keys: filled from any thread or task, emptied by the
//! loop, which sleeps on it and on the keyboard at once. It knows nothing of what goes through it.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// The end to put things in.
pub struct Sender<T> {
    queue: mpsc::Sender<T>,
    bell: Arc<Bell>,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), bell: Arc::clone(&self.bell) }
    }
}

/// Wakes the loop: a byte in a pipe, and a flag so that a full queue costs one byte and not thousands.
struct Bell {
    rung: AtomicBool,
    wire: UnixStream,
}

impl<T> Sender<T> {
    /// Adds `item`; false when nobody will ever take it.
    pub fn send(&self, item: T) -> bool {
        if self.queue.send(item).is_err() {
            return false;
        }
        if self.bell.rung.swap(true, Ordering::AcqRel) {
            return true;
        }
        match (&self.bell.wire).write_all(&[1]) {
            Ok(()) => true,
            // the pipe cannot be full of one byte; a full one would wake the loop as well
            Err(e) => e.kind() == io::ErrorKind::WouldBlock,
        }
    }
}

/// The end that the loop has.
pub struct Inbox<T> {
    queue: mpsc::Receiver<T>,
    bell: Arc<Bell>,
    wire: UnixStream,
}

/// What ended a wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ready {
    /// There is something to read from the keyboard, or its end.
    pub keys: bool,
}

/// Makes both ends.
///
/// # Errors
/// No pipe could be made.
pub fn inbox<T>() -> io::Result<(Sender<T>, Inbox<T>)> {
    let (near, far) = UnixStream::pair()?;
    near.set_nonblocking(true)?;
    far.set_nonblocking(true)?;
    let (sender, queue) = mpsc::channel();
    let bell = Arc::new(Bell { rung: AtomicBool::new(false), wire: far });
    Ok((Sender { queue: sender, bell: Arc::clone(&bell) }, Inbox { queue, bell, wire: near }))
}

impl<T> Inbox<T> {
    /// Sleeps until there is something in the queue or on `keyboard`, or for `most`.
    ///
    /// # Errors
    /// As `poll(2)`, interruptions aside.
    pub fn wait(&self, keyboard: impl AsFd, most: Option<Duration>) -> io::Result<Ready> {
        let keyboard = keyboard.as_fd();
        let mut fds = [watch(keyboard), watch(self.wire.as_fd())];
        let most = most.and_then(|d| Timespec::try_from(d).ok());
        match poll(&mut fds, most.as_ref()) {
            Ok(_) => Ok(Ready { keys: !fds[0].revents().is_empty() }),
            Err(rustix::io::Errno::INTR) => Ok(Ready::default()),
            Err(e) => Err(e.into()),
        }
    }

    /// Takes everything that is there.
    pub fn drain(&mut self, into: &mut impl Extend<T>) {
        let mut bytes = [0; 64];
        // The order is what keeps a thing from being left behind. The byte goes first, while the flag still
        // keeps others from ringing; taken after the flag it could be that of a newer ring, and the flag would
        // then silence all that follow. The queue goes last: what was put in it without a ring is there.
        while matches!(self.wire.read(&mut bytes), Ok(n) if n == bytes.len()) {}
        self.bell.rung.swap(false, Ordering::AcqRel);
        into.extend(self.queue.try_iter());
    }

    /// Waits for one thing, for `most`.
    #[must_use]
    pub fn next_within(&self, most: Duration) -> Option<T> {
        self.queue.recv_timeout(most).ok()
    }
}

/// Whether `keyboard` has something to read now.
///
/// # Errors
/// As `poll(2)`, interruptions aside.
pub fn has_more(keyboard: impl AsFd) -> io::Result<bool> {
    let mut fds = [watch(keyboard.as_fd())];
    match poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) {
        Ok(n) => Ok(n > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

fn watch(fd: BorrowedFd<'_>) -> PollFd<'_> {
    PollFd::from_borrowed_fd(fd, PollFlags::IN)
}

#[cfg(test)]
mod tests {
    use super::inbox;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    #[test]
    fn things_wake_the_loop_and_none_is_left_behind() {
        let (keyboard, _hand) = UnixStream::pair().unwrap();
        let (sender, mut inbox) = inbox().unwrap();
        let mut got = Vec::new();
        let senders: Vec<_> = (0..4)
            .map(|t| {
                let sender = sender.clone();
                std::thread::spawn(move || (0..500).for_each(|i| assert!(sender.send(t * 500 + i))))
            })
            .collect();
        while got.len() < 2000 {
            let ready = inbox.wait(&keyboard, None).unwrap();
            assert!(!ready.keys);
            inbox.drain(&mut got);
        }
        senders.into_iter().for_each(|s| s.join().unwrap());
        inbox.drain(&mut got);
        got.sort_unstable();
        assert_eq!(got, (0..2000).collect::<Vec<_>>());
        // and then it is quiet, but for one late ring
        inbox.drain(&mut got);
        assert!(!inbox.wait(&keyboard, Some(Duration::from_millis(1))).unwrap().keys);
        inbox.drain(&mut got);
        assert_eq!(got.len(), 2000);
    }

    /// Two things at a time, the second while the first is being taken: a ring that gets lost would leave the
    /// loop asleep over a full queue until somebody presses a key.
    #[test]
    fn no_ring_is_lost_while_the_queue_is_emptied() {
        let (keyboard, _hand) = UnixStream::pair().unwrap();
        let (sender, mut inbox) = inbox().unwrap();
        let (next, turn) = std::sync::mpsc::channel();
        let other = std::thread::spawn(move || {
            while let Ok(spins) = turn.recv() {
                assert!(sender.send(1));
                (0..spins).for_each(|_| std::hint::spin_loop());
                assert!(sender.send(2));
            }
        });
        for round in 0..20_000 {
            next.send(round % 400).unwrap();
            let mut got: Vec<i32> = Vec::new();
            while got.len() < 2 {
                let began = std::time::Instant::now();
                inbox.wait(&keyboard, Some(Duration::from_secs(5))).unwrap();
                inbox.drain(&mut got);
                assert!(began.elapsed() < Duration::from_secs(5), "round {round} was slept over: {got:?}");
            }
        }
        drop(next);
        other.join().unwrap();
    }
}
