//! The bytes that a terminal sends, as keys, pastes, focus and mouse. Pure: bytes in, events out. It keeps
//! what is not complete yet, and knows neither descriptors nor clocks; what a sequence means is told by
//! `sequence`.
//!
//! crossterm's reader is not used: it spins for ever when the terminal goes away, takes an escape sequence
//! that arrives in two pieces for single keys, and keeps what was typed (secrets too) in its own buffers.

use crate::controls::{Key, KeyCode};
use sequence::{ALT, CTRL, SHIFT, Step, alt, csi, key, plain, reply, ss3};
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

mod sequence;

/// What came from the terminal.
#[derive(PartialEq, Eq, Debug)]
pub enum Event {
    /// A key.
    Key(Key),
    /// A paste, which may be a secret.
    Paste(Zeroizing<String>),
    /// The terminal got or lost the focus.
    Focus(bool),
    /// The mouse: what, column and row from 0.
    Mouse(Mouse, u16, u16),
}

/// What a mouse did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mouse {
    /// The left button went down.
    Press,
    /// The wheel turned away.
    ScrollUp,
    /// The wheel turned towards the person.
    ScrollDown,
}

/// How long a lone ESC may be the beginning of a sequence whose rest is still on its way.
const ESCAPE: Duration = Duration::from_millis(20);
/// How long a paste may pause before it counts as ended.
const PAUSE: Duration = Duration::from_secs(1);
/// More of one paste is dropped: nothing here takes more.
const LONGEST_PASTE: usize = 1 << 20;
/// A sequence longer than this is none of ours and is dropped.
const LONGEST_SEQUENCE: usize = 256;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns bytes into events.
pub struct Decoder {
    held: Zeroizing<Vec<u8>>,
    paste: Option<Zeroizing<Vec<u8>>>,
    erase: u8,
}

impl Decoder {
    /// `erase` is what this terminal's Backspace sends (VERASE of its settings): DEL or BS.
    #[must_use]
    pub fn new(erase: u8) -> Self {
        Self { held: Zeroizing::default(), paste: None, erase }
    }

    /// How long to wait for more bytes before [`settle`](Self::settle); `None` if nothing is held.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        match &self.paste {
            Some(_) => Some(PAUSE),
            None => (!self.held.is_empty()).then_some(ESCAPE),
        }
    }

    /// Takes bytes as they come.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) {
        self.held.extend_from_slice(bytes);
        self.run(false, out);
    }

    /// Nothing follows: what is held is all there is.
    pub fn settle(&mut self, out: &mut Vec<Event>) {
        if let Some(paste) = &mut self.paste {
            paste.extend_from_slice(&self.held);
            self.consume(self.held.len());
            self.end_paste(out);
            return;
        }
        self.run(true, out);
    }

    fn run(&mut self, last: bool, out: &mut Vec<Event>) {
        while !self.held.is_empty() {
            if self.paste.is_some() {
                if !self.more_paste(out) {
                    return;
                }
                continue;
            }
            match self.step(last) {
                Step::Key(n, code, modifiers) => {
                    self.consume(n);
                    let has = |bit| modifiers & bit != 0;
                    out.push(Event::Key(Key::new(code, has(CTRL), has(ALT), has(SHIFT))));
                }
                Step::Event(n, event) => {
                    self.consume(n);
                    out.push(event);
                }
                Step::Skip(n) => self.consume(n),
                Step::More => return,
            }
        }
    }

    fn consume(&mut self, n: usize) {
        let left = self.held.len() - n;
        self.held.copy_within(n.., 0);
        self.held[left..].zeroize();
        self.held.truncate(left);
    }

    /// Whether the paste ended and something follows.
    fn more_paste(&mut self, out: &mut Vec<Event>) -> bool {
        let end = self.held.windows(PASTE_END.len()).position(|w| w == PASTE_END);
        // the end may be cut in two: its beginning stays
        let take = end.unwrap_or_else(|| self.held.len() - partial_end(&self.held));
        if let Some(paste) = &mut self.paste {
            let room = LONGEST_PASTE.saturating_sub(paste.len());
            paste.extend_from_slice(&self.held[..take.min(room)]);
        }
        self.consume(take + if end.is_some() { PASTE_END.len() } else { 0 });
        if end.is_some() {
            self.end_paste(out);
        }
        end.is_some()
    }

    fn end_paste(&mut self, out: &mut Vec<Event>) {
        if let Some(bytes) = self.paste.take() {
            out.push(Event::Paste(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())));
        }
    }

    fn step(&mut self, last: bool) -> Step {
        let held = self.held.as_slice();
        match held {
            [0x1b] if last => key(1, KeyCode::Esc, 0),
            [0x1b] => Step::More,
            [0x1b, b'[', b'2', b'0', b'0', b'~', ..] => {
                self.paste = Some(Zeroizing::default());
                Step::Skip(6)
            }
            [0x1b, b'[' | b'O' | b']' | b'P', rest @ ..] => {
                let known = match held[1] {
                    b'[' => csi(rest),
                    b'O' => ss3(rest),
                    _ => reply(rest),
                };
                match known {
                    Step::More if held.len() > LONGEST_SEQUENCE => Step::Skip(held.len()),
                    Step::More if last && rest.is_empty() => alt(2, held[1]),
                    Step::More if last => Step::Skip(held.len()),
                    Step::More => Step::More,
                    Step::Skip(n) => Step::Skip(n + 2),
                    Step::Key(n, code, modifiers) => Step::Key(n + 2, code, modifiers),
                    Step::Event(n, event) => Step::Event(n + 2, event),
                }
            }
            [0x1b, 0x1b, ..] => key(1, KeyCode::Esc, 0),
            [0x1b, rest @ ..] => match plain(rest, self.erase, last) {
                Step::Key(n, code, modifiers) => Step::Key(n + 1, code, modifiers | ALT),
                Step::Event(n, event) => Step::Event(n + 1, event),
                Step::Skip(n) => Step::Skip(n + 1),
                Step::More => Step::More,
            },
            _ => plain(held, self.erase, last),
        }
    }
}

/// How many bytes at the end may be the beginning of a paste's end.
fn partial_end(bytes: &[u8]) -> usize {
    (1..PASTE_END.len()).rev().find(|n| bytes.ends_with(&PASTE_END[..*n])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Decoder, Event, Mouse};
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    fn all(decoder: &mut Decoder, bytes: &[u8]) -> Vec<Event> {
        let mut out = Vec::new();
        decoder.feed(bytes, &mut out);
        out
    }

    fn keys(bytes: &[u8]) -> String {
        let mut decoder = Decoder::new(0x7f);
        let mut out = all(&mut decoder, bytes);
        decoder.settle(&mut out);
        let names = out.iter().map(|e| match e {
            Event::Key(k) => k.to_string(),
            other => format!("{other:?}"),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn keys_are_told_apart() {
        assert_eq!(keys(b"jG 1"), "j G space 1");
        assert_eq!(keys("é漢🦀".as_bytes()), "é 漢 🦀");
        assert_eq!(
            keys(b"\r\t\x7f\x08\x03\x00\x1c\x1f\n"),
            "enter tab backspace ctrl-h ctrl-c ctrl-space ctrl-\\ ctrl-_ ctrl-j"
        );
        assert_eq!(keys(b"\x1b"), "esc");
        assert_eq!(keys(b"\x1b\x1b"), "esc esc");
        assert_eq!(keys(b"\x1bx\x1bX\x1b\x18"), "alt-x alt-X ctrl-alt-x");
        assert_eq!(
            keys(b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;2D\x1b[3;3~"),
            "up down ctrl-right shift-left alt-delete"
        );
        assert_eq!(
            keys(b"\x1b[Z\x1b[5~\x1b[6~\x1b[H\x1b[4~\x1b[2~"),
            "backtab pageup pagedown home end insert"
        );
        assert_eq!(
            keys(b"\x1bOP\x1b[15~\x1b[17~\x1b[24~\x1b[[B\x1b[25~\x1b[28~\x1b[34~"),
            "f1 f5 f6 f12 f2 f13 f15 f20"
        );
        assert_eq!(keys(b"\x1b[27;5;105~\x1b[106;5u\x1bOM\x1bOq"), "tab ctrl-j enter 1");
        assert_eq!(keys(b"\x1b["), "alt-[");
        assert_eq!(keys(b"\x1bO"), "alt-O");
    }

    #[test]
    fn what_nobody_pressed_is_no_key() {
        assert_eq!(keys(b"\x1b]11;rgb:0000/0000/0000\x07j"), "j");
        assert_eq!(keys(b"\x1b]11;rgb:0000/0000/0000\x1b\\j"), "j");
        assert_eq!(keys(b"\x1bP1+r544e\x1b\\j"), "j");
        assert_eq!(keys(b"\x1b[?62;c\x1b[10;20R\x1b[99~j"), "j");
        assert_eq!(keys(b"\xff\xc3\x28\xe2\x82j"), "( j");
        assert_eq!(keys(b"\x1b[1;\x1b[A"), "up");
    }

    #[test]
    fn sequences_may_arrive_in_pieces() {
        let mut decoder = Decoder::new(0x7f);
        assert_eq!(all(&mut decoder, b"\x1b"), []);
        assert!(decoder.patience().is_some());
        assert_eq!(all(&mut decoder, b"[1;"), []);
        let got = all(&mut decoder, b"5A\xc3");
        assert_eq!(format!("{got:?}").matches("Key(").count(), 1);
        assert_eq!(all(&mut decoder, b"\xa9").len(), 1);
        assert!(decoder.patience().is_none());
    }

    #[test]
    fn a_paste_is_one_event_wherever_it_is_cut() {
        let bytes = "\x1b[200~a\x1b[Ab\ré\x1b[201~x".as_bytes();
        for cut in 0..bytes.len() {
            let mut decoder = Decoder::new(0x7f);
            let mut out = all(&mut decoder, &bytes[..cut]);
            decoder.feed(&bytes[cut..], &mut out);
            assert_eq!(out.len(), 2, "cut at {cut}: {out:?}");
            assert_eq!(out[0], Event::Paste(Zeroizing::new("a\x1b[Ab\ré".to_owned())));
        }
        let mut decoder = Decoder::new(0x7f);
        let mut out = all(&mut decoder, b"\x1b[200~never ended\x1b[20");
        decoder.settle(&mut out);
        assert_eq!(out, [Event::Paste(Zeroizing::new("never ended\x1b[20".to_owned()))]);
    }

    #[test]
    fn focus_and_mouse() {
        let mut decoder = Decoder::new(8);
        let got = all(
            &mut decoder,
            b"\x1b[I\x1b[O\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;1;1M\x1b[<65;200;50M\x1b[<35;1;1M",
        );
        let want = [
            Event::Focus(true),
            Event::Focus(false),
            Event::Mouse(Mouse::Press, 2, 3),
            Event::Mouse(Mouse::ScrollUp, 0, 0),
            Event::Mouse(Mouse::ScrollDown, 199, 49),
        ];
        assert_eq!(got, want);
    }

    proptest! {
        #[test]
        fn no_bytes_stop_it(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..200) {
            let mut decoder = Decoder::new(0x7f);
            let mut out = Vec::new();
            let cut = cut.min(bytes.len());
            decoder.feed(&bytes[..cut], &mut out);
            decoder.feed(&bytes[cut..], &mut out);
            decoder.settle(&mut out);
            prop_assert!(decoder.patience().is_none());
            out.clear();
            decoder.feed(b"j", &mut out);
            prop_assert_eq!(out, vec![Event::Key(crate::controls::Key::char('j'))]);
        }
    }
}
