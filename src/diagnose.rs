//! What is wrong in a file that a person wrote: which file, which line, what, and the nearest valid word.
//! Shared by the configuration, keymaps and themes. It imports nothing of ours and reads no files: it is
//! given text.

pub mod walk;

use std::fmt;

/// One thing that is wrong in one place of one file. The texts are kept as they are; `Display` draws them
/// neutralised, for a file may hold terminal escapes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnosis {
    /// The file as the person knows it, or `--theme`, or `BARTIZAN_THEME`.
    pub file: String,
    /// From 1; 0 where there are no lines (an option, a variable, a whole file).
    pub line: usize,
    /// From 1, in characters; 0 where unknown.
    pub column: usize,
    /// What is wrong, as a sentence without its full stop.
    pub what: String,
    /// The nearest valid word, where one is near enough to be meant.
    pub nearest: Option<String>,
    /// What to do about it, where that is not plain from the rest.
    pub hint: Option<String>,
}

impl Diagnosis {
    /// Something wrong with `file` as a whole (or with an option or variable of that name).
    pub fn of(file: impl Into<String>, what: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, column: 0, what: what.into(), nearest: None, hint: None }
    }

    /// The same, at a line and column (from 1).
    #[must_use]
    pub fn at(self, line: usize, column: usize) -> Self {
        Self { line, column, ..self }
    }

    /// The same, with the word of `valid` that is nearest to `word`, if any is near.
    #[must_use]
    pub fn near<'a>(self, word: &str, valid: impl IntoIterator<Item = &'a str>) -> Self {
        Self { nearest: nearest(word, valid).map(str::to_owned), ..self }
    }

    /// The same, with what to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// `config.toml:12: unknown key `refesh`; did you mean `refresh`?`, the form that editors can jump to.
impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Neutral(&self.file))?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", Neutral(&self.what))?;
        if let Some(word) = &self.nearest {
            write!(f, "; did you mean `{}`?", Neutral(word))?;
        }
        match (&self.hint, &self.nearest) {
            (None, _) => Ok(()),
            (Some(hint), None) => write!(f, "; {}", Neutral(hint)),
            (Some(hint), Some(_)) => write!(f, " {}", Neutral(&capital(hint))),
        }
    }
}

impl std::error::Error for Diagnosis {}

/// The text begun with a capital, as after a question.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Text drawn on one line with what a terminal would obey, reorder or hide written as an escape.
pub struct Neutral<'a>(pub &'a str);

impl fmt::Display for Neutral<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for c in self.0.chars() {
            // `is_control` is C0, DEL and C1. `escape_debug` also escapes what is not printable (format and
            // bidirectional characters, separators, private use), but quotes and backslashes too, which stay.
            if matches!(c, '\'' | '"' | '\\') {
                f.write_char(c)?;
            } else {
                for e in c.escape_debug() {
                    f.write_char(e)?;
                }
            }
        }
        Ok(())
    }
}

/// A word from a file or the command line, cut so that a message stays readable, in backquotes.
#[must_use]
pub fn quoted(word: &str) -> String {
    const LONGEST: usize = 60;
    let mut cut: String = word.chars().take(LONGEST).collect();
    if cut.len() < word.len() {
        cut.push('…');
    }
    format!("`{cut}`")
}

/// `a`, `b` or `c`: what would have been right.
#[must_use]
pub fn one_of<'a>(valid: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = valid.into_iter().map(|w| format!("`{w}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The word of `valid` that was most likely meant by `word`. Short words must be nearly right, for every
/// two-letter word is near every other; longer ones may have a wrong letter in about three.
#[must_use]
pub fn nearest<'a>(word: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64; // the distance costs time by the product of both lengths
    let length = word.chars().count();
    if length == 0 || length > LONGEST {
        return None;
    }
    let allowed = match length {
        1 | 2 => 0,
        3..=5 => 1,
        6..=8 => 2,
        _ => 3,
    };
    let plain = |w: &str| w.to_lowercase().replace(['_', ' '], "-");
    let meant = plain(word);
    valid
        .into_iter()
        .filter_map(|candidate| {
            let other = plain(candidate);
            let distance = strsim::osa_distance(&meant, &other);
            let begins = length >= 3 && (other.starts_with(&meant) || meant.starts_with(&other));
            // Of equally distant ones, the one that begins and sounds more alike: `gren` is `green`, not `grey`.
            let unlike = 1.0 - strsim::jaro_winkler(&meant, &other);
            if distance <= allowed {
                Some((distance, unlike, candidate))
            } else if begins {
                Some((allowed + distance, unlike, candidate))
            } else {
                None
            }
        })
        .min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .map(|(_, _, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnosis_reads_as_one_line_an_editor_can_jump_to() {
        let d = Diagnosis::of("config.toml", "unknown key `refesh`").at(12, 3).near("refesh", ["refresh"]);
        assert_eq!(d.to_string(), "config.toml:12: unknown key `refesh`; did you mean `refresh`?");
        let d = d.hint("known are `a` and `b`");
        assert!(d.to_string().ends_with("did you mean `refresh`? Known are `a` and `b`"));
        let d = Diagnosis::of("--theme", "unknown theme `x`").hint("use `dark` or `light`");
        assert_eq!(d.to_string(), "--theme: unknown theme `x`; use `dark` or `light`");
    }

    #[test]
    fn escapes_in_a_file_are_drawn_not_obeyed() {
        let d = Diagnosis::of("a\u{1b}[2J", format!("unknown key {}", quoted("k\u{202e}\n\u{9b}é")));
        assert_eq!(d.to_string(), "a\\u{1b}[2J: unknown key `k\\u{202e}\\n\\u{9b}é`");
        assert!(quoted(&"x".repeat(1000)).chars().count() <= 63);
    }

    #[test]
    fn the_nearest_word_is_near() {
        let words = ["refresh", "region", "role", "read_only", "down"];
        assert_eq!(nearest("refesh", words), Some("refresh"));
        assert_eq!(nearest("Read-Only", words), Some("read_only"));
        assert_eq!(nearest("rle", words), Some("role"));
        assert_eq!(nearest("reg", words), Some("region"));
        assert_eq!(nearest("xy", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest("banana", words), None);
        assert_eq!(nearest(&"r".repeat(100_000), words), None);
    }

    #[test]
    fn choices_are_listed_as_a_person_would() {
        assert_eq!(one_of(["a"]), "`a`");
        assert_eq!(one_of(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
