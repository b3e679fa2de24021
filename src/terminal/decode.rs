//! The bytes that a terminal sends, as keys, pastes, focus and mouse. Pure: bytes in, events out. It keeps
//! what is not complete yet, and knows neither descriptors nor clocks. Sources: ECMA-48, xterm's
//! ctlseqs.txt, the Linux console's console_codes(4).
//!
//! crossterm's reader is not used: it spins for ever when the terminal goes away, takes an escape sequence
//! that arrives in two pieces for single keys, and keeps what was typed (secrets too) in its own buffers.

use crate::controls::{Key, KeyCode};
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

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

/// What the bytes at the front are, and how many.
enum Step {
    /// A key with its modifiers.
    Key(usize, KeyCode, u8),
    Event(usize, Event),
    Skip(usize),
    More,
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

const SHIFT: u8 = 1;
const ALT: u8 = 2;
const CTRL: u8 = 4;

fn key(length: usize, code: KeyCode, modifiers: u8) -> Step {
    Step::Key(length, code, modifiers)
}

fn alt(length: usize, byte: u8) -> Step {
    key(length, KeyCode::Char(char::from(byte)), ALT)
}

/// A key that is one character.
fn plain(bytes: &[u8], erase: u8, last: bool) -> Step {
    let first = bytes[0];
    match first {
        0x7f => key(1, KeyCode::Backspace, 0),
        0x08 if erase == 0x08 => key(1, KeyCode::Backspace, 0),
        0x00 => key(1, KeyCode::Char(' '), CTRL),
        b'\r' => key(1, KeyCode::Enter, 0),
        b'\t' => key(1, KeyCode::Tab, 0),
        0x01..=0x1a => key(1, KeyCode::Char(char::from(first - 1 + b'a')), CTRL),
        0x1c..=0x1f => key(1, KeyCode::Char(char::from(first - 0x1c + b'\\')), CTRL),
        0x1b => key(1, KeyCode::Esc, 0),
        0x20..=0x7e => key(1, KeyCode::Char(char::from(first)), 0),
        0x80.. => utf8(bytes, last),
    }
}

fn utf8(bytes: &[u8], last: bool) -> Step {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Skip(1),
    };
    match std::str::from_utf8(&bytes[..length.min(bytes.len())]) {
        Ok(text) => match text.chars().next().filter(|c| !c.is_control()) {
            Some(c) => key(length, KeyCode::Char(c), 0),
            None => Step::Skip(length),
        },
        Err(e) if e.error_len().is_none() && !last => Step::More,
        Err(_) => Step::Skip(1),
    }
}

/// A control sequence, behind `ESC [`.
fn csi(bytes: &[u8]) -> Step {
    if let [b'[', rest @ ..] = bytes {
        // the Linux console's F1 to F5
        return match rest {
            [c @ b'A'..=b'E', ..] => key(2, KeyCode::F(c - b'A' + 1), 0),
            [_, ..] => Step::Skip(2),
            [] => Step::More,
        };
    }
    let Some(end) = bytes.iter().position(|b| !(0x20..0x40).contains(b)) else { return Step::More };
    let (parameters, last) = (&bytes[..end], bytes[end]);
    let length = end + 1;
    if !(0x40..0x7f).contains(&last) {
        // not a sequence after all: what interrupts it counts by itself
        return Step::Skip(end);
    }
    if let [b'<', rest @ ..] = parameters {
        return mouse(rest, last, length);
    }
    let Ok(text) = std::str::from_utf8(parameters) else { return Step::Skip(length) };
    let mut numbers = text.split(';').map(|p| p.split(':').next().unwrap_or("").parse::<u32>().unwrap_or(1));
    let (first, second, third) = (numbers.next(), numbers.next(), numbers.next());
    let modifiers = second.map_or(0, modifiers);
    match (last, first) {
        (b'I', _) if parameters.is_empty() => Step::Event(length, Event::Focus(true)),
        (b'O', _) if parameters.is_empty() => Step::Event(length, Event::Focus(false)),
        (b'Z', _) => key(length, KeyCode::BackTab, modifiers & !SHIFT),
        (b'~', Some(27)) => coded(third, modifiers, length),
        (b'u', code) => coded(code, modifiers, length),
        (b'~', Some(n)) => numbered(n, modifiers, length),
        // a report of the cursor's place, `ESC [ row ; column R`, is no F3
        (b'R', Some(n)) if n != 1 || second.is_some_and(|m| m > 16) => Step::Skip(length),
        (letter, _) => match lettered(letter) {
            Some(code) => key(length, code, modifiers),
            None => Step::Skip(length),
        },
    }
}

/// xterm's modifier parameter: 1 plus a bit each; the higher ones (Super, locks) are not looked at.
fn modifiers(parameter: u32) -> u8 {
    (parameter.saturating_sub(1) & 7) as u8
}

/// The letters that end the sequences of cursor and function keys.
fn lettered(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'R' => KeyCode::F(3),
        b'S' => KeyCode::F(4),
        _ => return None,
    })
}

/// `ESC [ n ~`.
fn numbered(n: u32, modifiers: u8, length: usize) -> Step {
    let code = match n {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F((n - 10) as u8),
        17..=21 => KeyCode::F((n - 11) as u8),
        23..=26 => KeyCode::F((n - 12) as u8),
        28 | 29 => KeyCode::F((n - 13) as u8),
        31..=34 => KeyCode::F((n - 14) as u8),
        _ => return Step::Skip(length),
    };
    key(length, code, modifiers)
}

/// A key by its character's number (modifyOtherKeys, `CSI u`).
fn coded(code: Option<u32>, modifiers: u8, length: usize) -> Step {
    let code = match code {
        Some(9) => KeyCode::Tab,
        Some(13) => KeyCode::Enter,
        Some(27) => KeyCode::Esc,
        Some(8 | 127) => KeyCode::Backspace,
        Some(n) => match char::from_u32(n).filter(|c| !c.is_control()) {
            Some(c) => KeyCode::Char(c),
            None => return Step::Skip(length),
        },
        None => return Step::Skip(length),
    };
    key(length, code, modifiers)
}

/// `ESC [ < button ; column ; row M` (SGR mouse, mode 1006).
fn mouse(parameters: &[u8], last: u8, length: usize) -> Step {
    let numbers: Vec<u16> = std::str::from_utf8(parameters)
        .unwrap_or_default()
        .split(';')
        .map_while(|p| p.parse().ok())
        .collect();
    let [button, column, row] = numbers[..] else { return Step::Skip(length) };
    let what = match (button & !0b1_1100, last) {
        (0, b'M') => Mouse::Press,
        (64, b'M') => Mouse::ScrollUp,
        (65, b'M') => Mouse::ScrollDown,
        _ => return Step::Skip(length),
    };
    Step::Event(length, Event::Mouse(what, column.saturating_sub(1), row.saturating_sub(1)))
}

/// Behind `ESC O`: cursor, function and keypad keys.
fn ss3(bytes: &[u8]) -> Step {
    let Some(letter) = bytes.first() else { return Step::More };
    match (lettered(*letter), letter) {
        (Some(code), _) => key(1, code, 0),
        (None, b'M') => key(1, KeyCode::Enter, 0),
        (None, c @ b'j'..=b'y') => key(1, KeyCode::Char(char::from(c - b'p'.wrapping_sub(b'0'))), 0),
        (None, _) => Step::Skip(1),
    }
}

/// A terminal's answer to a question that another program asked (`ESC ]` or `ESC P` up to BEL or ST). It
/// must not be taken for keys.
fn reply(bytes: &[u8]) -> Step {
    match bytes.iter().position(|b| *b == 7 || *b == 0x1b) {
        Some(at) if bytes[at] == 7 => Step::Skip(at + 1),
        Some(at) if bytes.get(at + 1) == Some(&b'\\') => Step::Skip(at + 2),
        Some(at) if at + 1 < bytes.len() => Step::Skip(at),
        Some(_) | None => Step::More,
    }
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
