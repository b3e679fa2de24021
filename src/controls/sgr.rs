//! Styles as the bytes that switch them on: SGR, "Select Graphic Rendition" (ECMA-48 8.3.117; the colours
//! beyond eight as xterm has them). For text that is coloured line by line; it knows no terminal.

use super::colour::{Colour, Style};

/// Switches everything off again.
pub const RESET: &str = "\x1b[0m";

impl Style {
    /// The sequence that switches this style on, from no style at all; empty if there is nothing to switch.
    #[must_use]
    pub fn sgr(self) -> String {
        let mut codes: Vec<String> = Vec::new();
        for (on, code) in [
            (self.bold, "1"),
            (self.dim, "2"),
            (self.italic, "3"),
            (self.underline, "4"),
            (self.reverse, "7"),
        ] {
            if on {
                codes.push(code.to_owned());
            }
        }
        codes.extend(self.fg.map(|c| colour(c, 30)));
        codes.extend(self.bg.map(|c| colour(c, 40)));
        if codes.is_empty() { String::new() } else { format!("\x1b[{}m", codes.join(";")) }
    }

    /// `text`, which must be safe to draw, in this style and nothing after it.
    #[must_use]
    pub fn paint(self, text: &str) -> String {
        let on = self.sgr();
        if on.is_empty() || text.is_empty() { text.to_owned() } else { format!("{on}{text}{RESET}") }
    }
}

/// The code of a colour; `base` is 30 for ink and 40 for ground.
fn colour(colour: Colour, base: u8) -> String {
    match colour {
        Colour::Ansi(a) => match a as u8 {
            n @ 0..=7 => (base + n).to_string(),
            n => (base + 60 + n - 8).to_string(),
        },
        Colour::Indexed(n) => format!("{};5;{n}", base + 8),
        Colour::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::Ansi;

    #[test]
    fn styles_are_the_codes_of_ecma_48() {
        let style = Style { fg: Some(Colour::Rgb(1, 2, 3)), bold: true, ..Style::default() };
        assert_eq!(style.paint("x"), "\x1b[1;38;2;1;2;3mx\x1b[0m");
        let style = Style {
            fg: Some(Colour::Ansi(Ansi::BrightRed)),
            bg: Some(Colour::Ansi(Ansi::Blue)),
            reverse: true,
            ..Style::default()
        };
        assert_eq!(style.sgr(), "\x1b[7;91;44m");
        assert_eq!(Style { bg: Some(Colour::Indexed(208)), ..Style::default() }.sgr(), "\x1b[48;5;208m");
        assert_eq!(Style::default().paint("x"), "x");
        assert_eq!(style.paint(""), "");
    }
}
