//! Colours, styles and how they degrade: pure arithmetic. It knows neither themes nor a terminal library.

/// How many colours a terminal can draw.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ColourDepth {
    /// None: bold, dim, underline and reverse only (NO_COLOR, `dumb`).
    None,
    /// The sixteen that every terminal lets its person choose.
    Ansi16,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}

macro_rules! ansi {
    ($($variant:ident $name:literal $rgb:expr;)+) => {
        /// One of the sixteen colours.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[allow(missing_docs)] // each is the colour of that name
        #[repr(u8)]
        pub enum Ansi { $($variant,)+ }

        impl Ansi {
            /// All sixteen, in the order of their numbers.
            pub const ALL: [Ansi; 16] = [$(Ansi::$variant,)+];

            /// Its name in theme files.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Ansi::$variant => $name,)+ }
            }

            /// What xterm draws by default; a person's terminal may differ.
            #[must_use]
            pub fn rgb(self) -> (u8, u8, u8) {
                match self { $(Ansi::$variant => $rgb,)+ }
            }
        }
    };
}

ansi! {
    Black "black" (0, 0, 0);
    Red "red" (205, 0, 0);
    Green "green" (0, 205, 0);
    Yellow "yellow" (205, 205, 0);
    Blue "blue" (0, 0, 238);
    Magenta "magenta" (205, 0, 205);
    Cyan "cyan" (0, 205, 205);
    White "white" (229, 229, 229);
    BrightBlack "bright-black" (127, 127, 127);
    BrightRed "bright-red" (255, 0, 0);
    BrightGreen "bright-green" (0, 255, 0);
    BrightYellow "bright-yellow" (255, 255, 0);
    BrightBlue "bright-blue" (92, 92, 255);
    BrightMagenta "bright-magenta" (255, 0, 255);
    BrightCyan "bright-cyan" (0, 255, 255);
    BrightWhite "bright-white" (255, 255, 255);
}

/// A colour as a theme names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Colour {
    /// One of the sixteen.
    Ansi(Ansi),
    /// One of the 256 of xterm; 16 to 255, for the first sixteen are `Ansi`.
    Indexed(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// The steps of xterm's colour cube (256colres.pl in its source).
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Colour {
    /// Reads `red`, `bright-red`, `#rrggbb`, or a number from 0 to 255.
    #[must_use]
    pub fn parse(text: &str) -> Option<Colour> {
        if let Some(hex) = text.strip_prefix('#') {
            let good = hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit());
            let Ok(n) = u32::from_str_radix(hex, 16) else { return None };
            let [_, r, g, b] = n.to_be_bytes();
            return good.then_some(Colour::Rgb(r, g, b));
        }
        if text.bytes().all(|b| b.is_ascii_digit())
            && let Ok(n) = text.parse::<u8>()
        {
            return Some(Ansi::ALL.get(usize::from(n)).map_or(Colour::Indexed(n), |a| Colour::Ansi(*a)));
        }
        Ansi::ALL.iter().find(|a| a.name() == text).map(|a| Colour::Ansi(*a))
    }

    /// Its red, green and blue, as xterm has them.
    #[must_use]
    pub fn rgb(self) -> (u8, u8, u8) {
        match self {
            Colour::Ansi(a) => a.rgb(),
            Colour::Rgb(r, g, b) => (r, g, b),
            Colour::Indexed(n @ 0..=15) => Ansi::ALL[usize::from(n)].rgb(),
            Colour::Indexed(n @ 16..=231) => {
                let n = usize::from(n - 16);
                (CUBE[n / 36], CUBE[n / 6 % 6], CUBE[n % 6])
            }
            Colour::Indexed(n @ 232..=255) => {
                let grey = 8 + 10 * (n - 232);
                (grey, grey, grey)
            }
        }
    }

    /// The nearest colour that a terminal of this depth has.
    #[must_use]
    pub fn at(self, depth: ColourDepth) -> Option<Colour> {
        match depth {
            ColourDepth::None => None,
            ColourDepth::True => Some(self),
            ColourDepth::Indexed => Some(self.indexed()),
            ColourDepth::Ansi16 => Some(Colour::Ansi(self.ansi())),
        }
    }

    fn indexed(self) -> Colour {
        let Colour::Rgb(r, g, b) = self else { return self };
        let step = |v: u8| (0u8..6).min_by_key(|i| CUBE[usize::from(*i)].abs_diff(v)).unwrap_or(0);
        let cube = Colour::Indexed(16 + 36 * step(r) + 6 * step(g) + step(b));
        let mean = (u16::from(r) + u16::from(g) + u16::from(b)) / 3;
        let grey = Colour::Indexed(232 + u8::try_from(mean.saturating_sub(3) / 10).unwrap_or(23).min(23));
        let far = |c: Colour| {
            let (x, y, z) = c.rgb();
            [(x, r), (y, g), (z, b)].iter().map(|(p, q)| u32::from(p.abs_diff(*q)).pow(2)).sum::<u32>()
        };
        // A tint is kept although a grey is nearer by numbers, for a tint is what tells two roles apart.
        let tinted = r.max(g).max(b) - r.min(g).min(b) >= 24;
        if !tinted && far(grey) < far(cube) { grey } else { cube }
    }

    /// By hue and not by distance: a pale blue is nearest to white by numbers, and blue to the eye.
    fn ansi(self) -> Ansi {
        if let Colour::Ansi(a) = self {
            return a;
        }
        let (r, g, b) = self.rgb();
        let (most, least) = (r.max(g).max(b), r.min(g).min(b));
        let spread = most - least;
        if spread < 40 || u16::from(spread) * 5 < u16::from(most) {
            return match most {
                0..=63 => Ansi::Black,
                64..=159 => Ansi::BrightBlack,
                160..=239 => Ansi::White,
                240..=255 => Ansi::BrightWhite,
            };
        }
        // A component counts where it is in the upper half between the least and the most.
        let on = |v: u8| v - least > spread / 2;
        let bright = most > 170;
        match (on(r), on(g), on(b), bright) {
            (true, false, false, false) => Ansi::Red,
            (true, false, false, true) => Ansi::BrightRed,
            (false, true, false, false) => Ansi::Green,
            (false, true, false, true) => Ansi::BrightGreen,
            (true, true, false, false) => Ansi::Yellow,
            (true, true, false, true) => Ansi::BrightYellow,
            (false, false, true, false) => Ansi::Blue,
            (false, false, true, true) => Ansi::BrightBlue,
            (true, false, true, false) => Ansi::Magenta,
            (true, false, true, true) => Ansi::BrightMagenta,
            (false, true, true, false) => Ansi::Cyan,
            (false, true, true, true) => Ansi::BrightCyan,
            (true, true, true, _) | (false, false, false, _) => Ansi::White,
        }
    }
}

/// The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance").
#[must_use]
pub fn contrast(one: Colour, other: Colour) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(colour: Colour) -> f64 {
    let part = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    let (r, g, b) = colour.rgb();
    0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
}

/// How a piece of text is drawn. `None` is the terminal's own colour.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[allow(missing_docs)] // each is the attribute of that name
pub struct Style {
    pub fg: Option<Colour>,
    pub bg: Option<Colour>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
    pub reverse: bool,
}

impl Style {
    /// This style with what `over` sets laid over it: its colours where it has some, its attributes added.
    #[must_use]
    pub fn with(self, over: Style) -> Style {
        Style {
            fg: over.fg.or(self.fg),
            bg: over.bg.or(self.bg),
            bold: self.bold || over.bold,
            dim: self.dim || over.dim,
            italic: self.italic || over.italic,
            underline: self.underline || over.underline,
            reverse: self.reverse || over.reverse,
        }
    }

    /// This style as the one that fills the screen, on a terminal of fewer colours: ink and ground stay
    /// together where both can be had and read, and are the terminal's own where not.
    #[must_use]
    pub fn filling_at(self, depth: ColourDepth) -> Style {
        let (fg, bg) = (self.fg.and_then(|c| c.at(depth)), self.bg.and_then(|c| c.at(depth)));
        match (fg, bg) {
            (Some(ink), Some(ground)) if contrast(ink, ground) < 4.5 => Style { fg: None, bg: None, ..self },
            (fg, bg) => Style { fg, bg, ..self },
        }
    }

    /// This style on a terminal of fewer colours. A coloured ground that is lost, or that would fall together
    /// with the terminal's own black or with the ink, becomes reverse, so that a selection and a band stay
    /// visible.
    #[must_use]
    pub fn at(self, depth: ColourDepth) -> Style {
        let mut style =
            Style { fg: self.fg.and_then(|c| c.at(depth)), bg: self.bg.and_then(|c| c.at(depth)), ..self };
        let drab = |c: Option<Colour>| match c {
            None => true,
            Some(c) => matches!(c.ansi(), Ansi::Black | Ansi::White | Ansi::BrightBlack | Ansi::BrightWhite),
        };
        let lost = match depth {
            ColourDepth::True | ColourDepth::Indexed => false,
            ColourDepth::Ansi16 => drab(style.bg) || style.fg == style.bg,
            ColourDepth::None => true,
        };
        if self.bg.is_some() && lost {
            style.bg = None;
            if drab(style.fg) {
                style.fg = None;
            }
            style.reverse = true;
        }
        style
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn colours_are_read_by_name_number_and_hex() {
        assert_eq!(Colour::parse("bright-red"), Some(Colour::Ansi(Ansi::BrightRed)));
        assert_eq!(Colour::parse("#0aFf10"), Some(Colour::Rgb(10, 255, 16)));
        assert_eq!(Colour::parse("9"), Some(Colour::Ansi(Ansi::BrightRed)));
        assert_eq!(Colour::parse("208"), Some(Colour::Indexed(208)));
        for bad in ["", "#", "#12345", "#+12345", "256", "-1", "reddish", "#é1234"] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_palette_of_xterm() {
        assert_eq!(Colour::Indexed(208).rgb(), (255, 135, 0));
        assert_eq!(Colour::Indexed(16).rgb(), (0, 0, 0));
        assert_eq!(Colour::Indexed(231).rgb(), (255, 255, 255));
        assert_eq!(Colour::Indexed(255).rgb(), (238, 238, 238));
    }

    #[test]
    fn a_pale_colour_keeps_its_hue() {
        let ansi = |r, g, b| Colour::Rgb(r, g, b).at(ColourDepth::Ansi16);
        assert_eq!(ansi(255, 131, 121), Some(Colour::Ansi(Ansi::BrightRed)));
        assert_eq!(ansi(226, 180, 85), Some(Colour::Ansi(Ansi::BrightYellow)));
        assert_eq!(ansi(152, 162, 174), Some(Colour::Ansi(Ansi::White)));
        assert_eq!(ansi(11, 87, 168), Some(Colour::Ansi(Ansi::Blue)));
        assert_eq!(Colour::Rgb(255, 135, 0).at(ColourDepth::Indexed), Some(Colour::Indexed(208)));
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let (black, white) = (Colour::Rgb(0, 0, 0), Colour::Rgb(255, 255, 255));
        assert!((contrast(black, white) - 21.0).abs() < 0.001);
        assert!((contrast(white, Colour::Rgb(118, 118, 118)) - 4.54).abs() < 0.01);
    }

    #[test]
    fn a_ground_that_is_lost_becomes_reverse() {
        let selection = Style { bg: Some(Colour::Rgb(42, 52, 66)), ..Style::default() };
        for depth in [ColourDepth::Ansi16, ColourDepth::None] {
            assert_eq!(selection.at(depth), Style { reverse: true, ..Style::default() });
        }
        assert!(!selection.at(ColourDepth::Indexed).reverse);
        assert!(Style { bold: true, ..Style::default() }.at(ColourDepth::None).bold);
    }

    proptest! {
        #[test]
        fn degrading_gives_what_the_depth_has_and_twice_is_once(r: u8, g: u8, b: u8) {
            let c = Colour::Rgb(r, g, b);
            for depth in [ColourDepth::True, ColourDepth::Indexed, ColourDepth::Ansi16] {
                let once = c.at(depth).unwrap();
                prop_assert_eq!(once.at(depth), Some(once));
            }
            prop_assert!(matches!(c.at(ColourDepth::Indexed), Some(Colour::Indexed(16..))));
            prop_assert!(matches!(c.at(ColourDepth::Ansi16), Some(Colour::Ansi(_))));
            prop_assert_eq!(c.at(ColourDepth::None), None);
        }
    }
}
