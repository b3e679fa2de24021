//! What the bytes at the front of a terminal's input are: a key, an event, nothing of ours, or the beginning
//! of something. It keeps nothing. Sources: ECMA-48, xterm's ctlseqs.txt, the Linux console's
//! console_codes(4).

use super::{Event, Mouse};
use crate::controls::KeyCode;

/// What the bytes at the front are, and how many.
pub(super) enum Step {
    /// A key with its modifiers.
    Key(usize, KeyCode, u8),
    Event(usize, Event),
    Skip(usize),
    More,
}

pub(super) const SHIFT: u8 = 1;
pub(super) const ALT: u8 = 2;
pub(super) const CTRL: u8 = 4;

pub(super) fn key(length: usize, code: KeyCode, modifiers: u8) -> Step {
    Step::Key(length, code, modifiers)
}

pub(super) fn alt(length: usize, byte: u8) -> Step {
    key(length, KeyCode::Char(char::from(byte)), ALT)
}

/// A key that is one character.
pub(super) fn plain(bytes: &[u8], erase: u8, last: bool) -> Step {
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
pub(super) fn csi(bytes: &[u8]) -> Step {
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
pub(super) fn ss3(bytes: &[u8]) -> Step {
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
pub(super) fn reply(bytes: &[u8]) -> Step {
    match bytes.iter().position(|b| *b == 7 || *b == 0x1b) {
        Some(at) if bytes[at] == 7 => Step::Skip(at + 1),
        Some(at) if bytes.get(at + 1) == Some(&b'\\') => Step::Skip(at + 2),
        Some(at) if at + 1 < bytes.len() => Step::Skip(at),
        Some(_) | None => Step::More,
    }
}
