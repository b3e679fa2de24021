//! How a cell is coloured, packed small, and the shortest way from one colouring to the next in SGR
//! sequences (ECMA-48 8.3.117). It knows nothing of positions or text.

use crate::controls::colour::ColourDepth;
use ratatui::style::{Color, Modifier};

/// A colour in one word: 0 the terminal's default, `INDEXED | n`, or `RGB | rrggbb`.
type Paint = u32;
const INDEXED: Paint = 1 << 24;
const RGB: Paint = 2 << 24;

/// The colouring of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Pen {
    fg: Paint,
    bg: Paint,
    attrs: u16,
}

/// What is seen on a cell without a glyph.
const SEEN_ON_BLANK: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

/// SGR codes that switch a modifier on and off.
const CODES: [(Modifier, u8, u8); 8] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Pen {
    /// The terminal's default.
    pub const DEFAULT: Self = Self { fg: 0, bg: 0, attrs: 0 };

    /// The pen for a cell's colours on a terminal of `depth`.
    #[must_use]
    pub fn new(fg: Color, bg: Color, modifier: Modifier, depth: ColourDepth) -> Self {
        let mut modifier = modifier;
        if modifier.contains(Modifier::RAPID_BLINK) {
            modifier.remove(Modifier::RAPID_BLINK);
            modifier.insert(Modifier::SLOW_BLINK);
        }
        Self { fg: paint(fg, depth), bg: paint(bg, depth), attrs: modifier.bits() }
    }

    /// The same pen as far as it is seen on a cell without a glyph, so that blanks that look alike are equal.
    #[must_use]
    pub fn on_blank(self) -> Self {
        let seen = Modifier::from_bits_truncate(self.attrs) & SEEN_ON_BLANK;
        if seen.is_empty() {
            Self { fg: 0, bg: self.bg, attrs: 0 }
        } else {
            Self { attrs: seen.bits(), ..self }
        }
    }

    /// Whether a blank drawn with this pen looks like one drawn with `blank` (which is in `on_blank` form).
    #[must_use]
    pub fn blanks_like(self, blank: Self) -> bool {
        self.on_blank() == blank
    }

    /// Whether blanks of this pen can be made by erasing. Erasing fills with the background colour, and
    /// only on terminals with "back colour erase" when that is not the default.
    #[must_use]
    pub fn erasable(self, back_colour_erase: bool) -> bool {
        let seen = Modifier::from_bits_truncate(self.attrs) & SEEN_ON_BLANK;
        seen.is_empty() && (self.bg == 0 || back_colour_erase)
    }

    /// Appends the shortest SGR sequence that changes `from` into this; `None` is an unknown pen.
    pub fn write(self, from: Option<Self>, out: &mut Vec<u8>) {
        let Some(from) = from else {
            out.extend_from_slice(b"\x1b[");
            self.afresh(true, out);
            return;
        };
        if from == self {
            return;
        }
        if self == Self::DEFAULT {
            out.extend_from_slice(b"\x1b[m");
            return;
        }
        let start = out.len();
        out.extend_from_slice(b"\x1b[");
        self.step(from, out);
        let step = out.len() - start;
        out.extend_from_slice(b"\x1b[");
        self.afresh(true, out);
        let whole = out.len() - start - step;
        if whole < step {
            out.drain(start..start + step);
        } else {
            out.truncate(start + step);
        }
    }

    fn afresh(self, reset: bool, out: &mut Vec<u8>) {
        let mut codes = Codes { out, first: true };
        if reset && self != Self::DEFAULT {
            codes.put(0);
        }
        for (bit, on, _) in CODES {
            if self.has(bit) {
                codes.put(on);
            }
        }
        if self.fg != 0 {
            codes.paint(self.fg, 30);
        }
        if self.bg != 0 {
            codes.paint(self.bg, 40);
        }
        out.push(b'm');
    }

    fn step(self, from: Self, out: &mut Vec<u8>) {
        let mut codes = Codes { out, first: true };
        // 22 ends bold and dim together, so the one that stays is set again
        let weight = [Modifier::BOLD, Modifier::DIM];
        let lighter = weight.iter().any(|w| from.has(*w) && !self.has(*w));
        if lighter {
            codes.put(22);
        }
        for (bit, on, off) in CODES {
            let had = from.has(bit) && !(lighter && weight.contains(&bit));
            if self.has(bit) && !had {
                codes.put(on);
            } else if !self.has(bit) && had {
                codes.put(off);
            }
        }
        if self.fg != from.fg {
            codes.paint(self.fg, 30);
        }
        if self.bg != from.bg {
            codes.paint(self.bg, 40);
        }
        out.push(b'm');
    }

    fn has(self, bit: Modifier) -> bool {
        self.attrs & bit.bits() != 0
    }
}

/// A list of SGR parameters being written.
struct Codes<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl Codes<'_> {
    fn put(&mut self, code: u8) {
        if !self.first {
            self.out.push(b';');
        }
        self.first = false;
        number(u16::from(code), self.out);
    }

    /// `base` is 30 for the foreground and 40 for the background.
    fn paint(&mut self, paint: Paint, base: u8) {
        let [kind, r, g, b] = paint.to_be_bytes();
        match kind {
            0 => self.put(base + 9),
            1 if b < 8 => self.put(base + b),
            1 if b < 16 => self.put(base + 60 + b - 8),
            1 => [base + 8, 5, b].into_iter().for_each(|c| self.put(c)),
            _ => [base + 8, 2, r, g, b].into_iter().for_each(|c| self.put(c)),
        }
    }
}

/// Appends `n` in decimal.
pub fn number(n: u16, out: &mut Vec<u8>) {
    let mut digits = [0; 5];
    let mut left = n;
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn paint(colour: Color, depth: ColourDepth) -> Paint {
    let exact = match colour {
        Color::Reset => return 0,
        Color::Black => INDEXED,
        Color::Red => INDEXED | 1,
        Color::Green => INDEXED | 2,
        Color::Yellow => INDEXED | 3,
        Color::Blue => INDEXED | 4,
        Color::Magenta => INDEXED | 5,
        Color::Cyan => INDEXED | 6,
        Color::Gray => INDEXED | 7,
        Color::DarkGray => INDEXED | 8,
        Color::LightRed => INDEXED | 9,
        Color::LightGreen => INDEXED | 10,
        Color::LightYellow => INDEXED | 11,
        Color::LightBlue => INDEXED | 12,
        Color::LightMagenta => INDEXED | 13,
        Color::LightCyan => INDEXED | 14,
        Color::White => INDEXED | 15,
        Color::Indexed(n) => INDEXED | Paint::from(n),
        Color::Rgb(r, g, b) => RGB | Paint::from_be_bytes([0, r, g, b]),
    };
    match depth {
        ColourDepth::None => 0,
        ColourDepth::True => exact,
        ColourDepth::Indexed if exact & RGB == 0 => exact,
        ColourDepth::Indexed => INDEXED | Paint::from(nearest(rgb_of(exact), 16..=255)),
        ColourDepth::Ansi16 if exact & RGB == 0 && exact & 0xff < 16 => exact,
        ColourDepth::Ansi16 => INDEXED | Paint::from(nearest(rgb_of(exact), 0..=15)),
    }
}

fn rgb_of(paint: Paint) -> [u8; 3] {
    let [kind, r, g, b] = paint.to_be_bytes();
    if kind == 1 { palette(b) } else { [r, g, b] }
}

fn nearest(want: [u8; 3], among: std::ops::RangeInclusive<u8>) -> u8 {
    let distance =
        |n: &u8| -> u32 { palette(*n).iter().zip(want).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum() };
    among.min_by_key(distance).unwrap_or(7)
}

/// xterm's palette: sixteen named colours, a 6x6x6 cube, 24 greys.
fn palette(n: u8) -> [u8; 3] {
    const NAMED: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    const LEVEL: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match n {
        0..16 => NAMED[usize::from(n)],
        16..232 => {
            let n = usize::from(n - 16);
            [LEVEL[n / 36], LEVEL[n / 6 % 6], LEVEL[n % 6]]
        }
        232.. => [8 + (n - 232) * 10; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::{ColourDepth, Pen};
    use ratatui::style::{Color, Modifier};

    fn sgr(from: Option<Pen>, to: Pen) -> String {
        let mut out = Vec::new();
        to.write(from, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_shorter_of_a_step_and_a_fresh_start_is_written() {
        let red = Pen::new(Color::Red, Color::Reset, Modifier::empty(), ColourDepth::True);
        let red_bold = Pen::new(Color::Red, Color::Reset, Modifier::BOLD, ColourDepth::True);
        let dim = Pen::new(Color::Reset, Color::Reset, Modifier::DIM, ColourDepth::True);
        let all = Modifier::BOLD | Modifier::ITALIC | Modifier::UNDERLINED | Modifier::REVERSED;
        let busy = Pen::new(Color::Rgb(1, 2, 3), Color::Indexed(200), all, ColourDepth::True);
        assert_eq!(sgr(Some(red), red), "");
        assert_eq!(sgr(Some(red), red_bold), "\x1b[1m");
        assert_eq!(sgr(Some(red_bold), red), "\x1b[22m");
        assert_eq!(sgr(Some(red_bold), dim), "\x1b[0;2m");
        assert_eq!(sgr(Some(busy), red), "\x1b[0;31m");
        assert_eq!(sgr(Some(busy), Pen::DEFAULT), "\x1b[m");
        assert_eq!(sgr(None, Pen::DEFAULT), "\x1b[m");
        assert_eq!(sgr(None, busy), "\x1b[0;1;3;4;7;38;2;1;2;3;48;5;200m");
    }

    #[test]
    fn colours_come_down_to_what_the_terminal_has() {
        let orange = Color::Rgb(255, 135, 0);
        let at = |d| sgr(Some(Pen::DEFAULT), Pen::new(orange, Color::Reset, Modifier::empty(), d));
        assert_eq!(at(ColourDepth::True), "\x1b[38;2;255;135;0m");
        assert_eq!(at(ColourDepth::Indexed), "\x1b[38;5;208m");
        assert_eq!(at(ColourDepth::Ansi16), "\x1b[33m");
        assert_eq!(at(ColourDepth::None), "");
        let bright = Pen::new(Color::LightCyan, Color::DarkGray, Modifier::empty(), ColourDepth::Ansi16);
        assert_eq!(sgr(Some(Pen::DEFAULT), bright), "\x1b[96;100m");
    }
}
