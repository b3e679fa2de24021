//! One field of a secret on the screen, for a few seconds: the whole screen is cleared for it, no frame is drawn
//! meanwhile, and any key ends it. Its bytes are in wiped memory only and never in a buffer of cells, a message
//! or the console's model.

use crate::estate::Untrusted;
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use unicode_width::UnicodeWidthChar;
use zeroize::{Zeroize, Zeroizing};

/// How long it is shown.
pub const SHOWN: Duration = Duration::from_secs(10);

/// What is to be shown: the secret text, and what it is.
pub struct Reveal {
    /// The value as it came.
    pub value: Zeroizing<Vec<u8>>,
    /// Which field of which secret; safe to draw.
    pub what: String,
}

/// That something is on the screen, and until when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Showing {
    /// When it is taken away.
    pub until: Instant,
}

/// The bytes that show it on a screen of this size. They are wiped when they are dropped; the value is not kept.
#[must_use]
pub fn page(reveal: &Reveal, width: u16, height: u16) -> Zeroizing<Vec<u8>> {
    let text = neutral(&reveal.value);
    // Room for everything from the start: a growing buffer leaves copies behind. Each character may get a
    // cursor movement of at most twelve bytes at the beginning of its line.
    let lines = text.chars().count() / usize::from(width.max(1)) + 8;
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() + reveal.what.len() + lines * 16 + 512));
    out.extend_from_slice(b"\x1b[m\x1b[2J\x1b[1;1H");
    out.extend_from_slice(reveal.what.as_bytes());
    out.extend_from_slice(b"\x1b[2;1Hshown for 10 seconds; any key hides it");
    let (mut row, mut column) = (4_u16, 0_u16);
    go(&mut out, row);
    for c in text.chars() {
        let wide = u16::try_from(c.width().unwrap_or(0)).unwrap_or(0);
        if column + wide > width {
            row += 1;
            column = 0;
            if row >= height {
                out.extend_from_slice(b"\x1b[1;1H(longer than this screen)");
                break;
            }
            go(&mut out, row);
        }
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        column += wide;
    }
    out
}

fn go(out: &mut Vec<u8>, row: u16) {
    out.extend_from_slice(b"\x1b[");
    let mut digits = [0_u8; 5];
    let mut at = digits.len();
    let mut n = row;
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(n % 10).unwrap_or(0);
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
    out.extend_from_slice(b";1H");
}

/// The value with what a terminal would obey made visible. Not through a type that is kept: [`Untrusted`] is not
/// wiped.
fn neutral(value: &[u8]) -> Zeroizing<String> {
    // An escape is at most eight characters for one byte of the value.
    let mut out = Zeroizing::new(String::with_capacity(value.len() * 8 + 16));
    for chunk in value.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut one = [0_u8; 4];
            let harmless = !c.is_control() && is_plain(c.encode_utf8(&mut one));
            one.zeroize();
            if harmless {
                out.push(c);
            } else if write!(out, "\\u{{{:x}}}", u32::from(c)).is_err() {
                break;
            }
        }
        for byte in chunk.invalid() {
            if write!(out, "\\x{byte:02x}").is_err() {
                break;
            }
        }
    }
    out
}

/// Whether a single character is drawn as itself.
fn is_plain(c: &str) -> bool {
    c.is_ascii() || Untrusted::from(c).shown().to_string() == c
}

#[cfg(test)]
mod tests {
    use super::{Reveal, page};
    use zeroize::Zeroizing;

    fn size(n: u16) -> std::num::NonZeroU16 {
        std::num::NonZeroU16::new(n).unwrap()
    }

    fn shown(value: &[u8], width: u16, height: u16) -> String {
        let reveal = Reveal { value: Zeroizing::new(value.to_vec()), what: "field a of b".into() };
        let mut terminal = vt100::Parser::new(size(height), size(width), 0);
        terminal.process(&page(&reveal, width, height));
        terminal.screen().contents()
    }

    #[test]
    fn the_value_is_there_with_what_it_is() {
        let text = shown(b"hunter2", 40, 10);
        assert!(
            text.contains("hunter2") && text.contains("field a of b") && text.contains("any key"),
            "{text}"
        );
    }

    #[test]
    fn a_hostile_value_moves_nothing() {
        let text = shown("a\u{1b}[2J\u{9b}3Jb\u{202e}c\r\nd".as_bytes(), 60, 10);
        assert!(text.contains("a\\u{1b}[2J\\u{9b}3Jb\\u{202e}c\\u{d}\\u{a}d"), "{text}");
        assert!(shown(b"\xff\xfe", 40, 10).contains("\\xff\\xfe"));
    }

    #[test]
    fn a_long_value_is_wrapped_and_said_to_be_cut() {
        let text = shown("x".repeat(200).as_bytes(), 20, 8);
        assert!(text.contains("longer than this screen"), "{text}");
        assert!(shown("漢".repeat(15).as_bytes(), 11, 12).matches('漢').count() == 15);
    }
}
