//! What a tone looks like on this terminal, by the theme. It knows nothing of tables, and never writes an
//! escape sequence where colour was not asked for.

use super::table::Tone;
use crate::controls::Glyphs;
use crate::controls::colour::{Colour, Style};
use crate::controls::theme::{Role, Theme};

/// The escape sequence before each tone; none at all without colour.
#[derive(Clone, Debug, Default)]
pub struct Paint {
    before: Vec<(Tone, String)>,
    ascii: bool,
}

const TONES: [(Tone, Role); 6] = [
    (Tone::Title, Role::Header),
    (Tone::Faint, Role::Dim),
    (Tone::Good, Role::Ok),
    (Tone::Soon, Role::Soon),
    (Tone::Now, Role::Now),
    (Tone::Unknown, Role::Unknown),
];

impl Paint {
    /// No colour: the words and glyphs say it all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The colours of a theme, which has been fitted to what the terminal can draw. The background stays the
    /// terminal's own: a table is not a screen.
    #[must_use]
    pub fn of(theme: &Theme) -> Self {
        let before = TONES
            .iter()
            .map(|(tone, role)| (*tone, sgr(theme.style(*role))))
            .filter(|(_, sgr)| !sgr.is_empty())
            .map(|(tone, sgr)| (tone, format!("\u{1b}[{sgr}m")))
            .collect();
        Self { before, ascii: false }
    }

    /// The same with our own signs in ASCII. What AWS and people named stays as it is.
    #[must_use]
    pub fn in_ascii(self, ascii: bool) -> Self {
        Self { ascii, ..self }
    }

    /// Adds `text` in `tone` to `to`.
    pub fn add(&self, text: &str, tone: Tone, to: &mut String) {
        let plain: String;
        let text = if self.ascii && !text.is_ascii() {
            plain = ascii(text);
            &plain
        } else {
            text
        };
        match self.before.iter().find(|(t, _)| *t == tone) {
            Some((_, before)) if !text.is_empty() => {
                to.push_str(before);
                to.push_str(text);
                to.push_str("\u{1b}[0m");
            }
            Some(_) | None => to.push_str(text),
        }
    }
}

/// Our own signs in ASCII, one for one so that columns keep their places.
fn ascii(text: &str) -> String {
    let (from, to) = (Glyphs::UNICODE, Glyphs::ASCII);
    let pairs = [
        (from.ok, to.ok),
        (from.soon, to.soon),
        (from.now, to.now),
        (from.unknown, to.unknown),
        (from.dot, to.dot),
        (from.arrow, to.arrow),
        (from.cut, to.cut),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The parameters of the SGR sequence for a style (ECMA-48, 8.3.117).
fn sgr(style: Style) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (on, code) in
        [(style.bold, 1), (style.dim, 2), (style.italic, 3), (style.underline, 4), (style.reverse, 7)]
    {
        if on {
            parts.push(code.to_string());
        }
    }
    match style.fg {
        None => {}
        Some(Colour::Ansi(ansi)) => {
            let n = ansi as u8;
            parts.push((if n < 8 { 30 + n } else { 82 + n }).to_string());
        }
        Some(Colour::Indexed(n)) => parts.push(format!("38;5;{n}")),
        Some(Colour::Rgb(r, g, b)) => parts.push(format!("38;2;{r};{g};{b}")),
    }
    parts.join(";")
}

#[cfg(test)]
mod tests {
    use super::{Paint, sgr};
    use crate::cli::table::Tone;
    use crate::controls::colour::{Ansi, Colour, Style};

    #[test]
    fn without_colour_nothing_is_added() {
        let mut text = String::new();
        Paint::none().add("x", Tone::Now, &mut text);
        assert_eq!(text, "x");
    }

    #[test]
    fn our_signs_have_an_ascii_form_of_the_same_width() {
        let mut text = String::new();
        Paint::none().in_ascii(true).add("✖ ALARM 漢 …", Tone::Now, &mut text);
        assert!(!text.contains('✖') && !text.contains('…') && text.contains('漢'), "{text}");
        assert_eq!(text.chars().count(), "✖ ALARM 漢 …".chars().count());
    }

    #[test]
    fn styles_become_sgr() {
        let style = |fg| Style { fg: Some(fg), ..Style::default() };
        assert_eq!(sgr(style(Colour::Ansi(Ansi::Red))), "31");
        assert_eq!(sgr(style(Colour::Ansi(Ansi::BrightRed))), "91");
        assert_eq!(sgr(Style { bold: true, ..style(Colour::Indexed(200)) }), "1;38;5;200");
        assert_eq!(sgr(style(Colour::Rgb(1, 2, 3))), "38;2;1;2;3");
        assert_eq!(sgr(Style::default()), "");
    }
}
