//! Keys as data: one normal form for what terminals report and what keymap files say. It knows no terminal
//! library; `terminal` translates into it.

use crate::diagnose::{nearest, quoted};
use std::fmt;

/// What was pressed, apart from its modifiers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)] // each is the key of that name
pub enum KeyCode {
    /// A character as typed, capital letters included; the space bar is `' '`.
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    /// A function key, from 1.
    F(u8),
}

/// A key with its modifiers in normal form: two that a terminal cannot tell apart are equal. Made only by
/// [`Key::new`] and its short forms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    alt: bool,
    shift: bool,
}

/// The names of keys in keymap files; the first of several is the one that is printed.
const NAMES: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("del", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("ins", KeyCode::Insert),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pgup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("pgdn", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
];

impl Key {
    /// A key in normal form. Shift is folded into a character; Ctrl with a letter has no case; and the pairs
    /// that send the same byte are one key (Ctrl-I and Tab, Ctrl-M and Enter, Ctrl-[ and Esc; ECMA-48 C0).
    #[must_use]
    pub fn new(code: KeyCode, ctrl: bool, alt: bool, shift: bool) -> Self {
        let (mut code, mut ctrl, mut shift) = (code, ctrl, shift);
        if let KeyCode::Char(c) = code {
            if ctrl {
                // A terminal without extensions reports 0x1c to 0x1f, which crossterm calls Ctrl-4 to Ctrl-7.
                code = match c {
                    'i' | 'I' => KeyCode::Tab,
                    'm' | 'M' => KeyCode::Enter,
                    '[' | '3' => KeyCode::Esc,
                    '@' | '2' => KeyCode::Char(' '),
                    '4' => KeyCode::Char('\\'),
                    '5' => KeyCode::Char(']'),
                    '6' => KeyCode::Char('^'),
                    '7' | '/' => KeyCode::Char('_'),
                    other => KeyCode::Char(lower(other)),
                };
                ctrl = matches!(code, KeyCode::Char(_));
            } else if shift {
                code = KeyCode::Char(upper(c));
            }
            shift = false;
        }
        if shift && code == KeyCode::Tab {
            code = KeyCode::BackTab;
        }
        if code == KeyCode::BackTab {
            shift = false;
        }
        Self { code, ctrl, alt, shift }
    }

    /// A key without modifiers.
    #[must_use]
    pub fn plain(code: KeyCode) -> Self {
        Self::new(code, false, false, false)
    }

    /// A character, as typed.
    #[must_use]
    pub fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    /// A character with Ctrl.
    #[must_use]
    pub fn ctrl(c: char) -> Self {
        Self::new(KeyCode::Char(c), true, false, false)
    }

    /// What was pressed.
    #[must_use]
    pub fn code(self) -> KeyCode {
        self.code
    }

    /// The character that this key types where text is taken; none with Ctrl or Alt.
    #[must_use]
    pub fn text(self) -> Option<char> {
        if let KeyCode::Char(c) = self.code
            && !self.ctrl
            && !self.alt
        {
            return Some(c);
        }
        None
    }

    /// Reads one key as keymap files write it: `j`, `G`, `ctrl-n`, `alt-left`, `f1`, `space`.
    ///
    /// # Errors
    /// A sentence with what is wrong and the name of the nearest key.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        while let Some((modifier, more)) = rest.split_once('-') {
            if more.is_empty() {
                break; // the key is `-` itself, or nothing follows
            }
            match modifier.to_ascii_lowercase().as_str() {
                "ctrl" | "c" if !ctrl => ctrl = true,
                "alt" | "meta" | "m" if !alt => alt = true,
                "shift" | "s" if !shift => shift = true,
                _ => return Err(BadKey::new(text, rest)),
            }
            rest = more;
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() && !c.is_whitespace() => KeyCode::Char(c),
            _ => named(rest).ok_or_else(|| BadKey::new(text, rest))?,
        };
        Ok(Self::new(code, ctrl, alt, shift))
    }

    /// Reads keys that are pressed one after the other, with spaces between: `g g`, `ctrl-x ctrl-c`.
    ///
    /// # Errors
    /// The first of them that is no key, or that there is none.
    pub fn parse_sequence(text: &str) -> Result<Vec<Self>, BadKey> {
        let keys: Vec<Self> = text.split_ascii_whitespace().map(Self::parse).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(BadKey::new(text, text)) } else { Ok(keys) }
    }

    /// Writes keys as [`Key::parse_sequence`] reads them.
    #[must_use]
    pub fn print_sequence(keys: &[Self]) -> String {
        keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

fn named(name: &str) -> Option<KeyCode> {
    let name = name.to_ascii_lowercase();
    if let Some(number) = name.strip_prefix('f')
        && !number.starts_with(['0', '+'])
        && let Ok(n @ 1..=24) = number.parse::<u8>()
    {
        return Some(KeyCode::F(n));
    }
    NAMES.iter().find(|(n, _)| *n == name).map(|(_, code)| *code)
}

/// The capital of a letter that has exactly one; others stay, as `ß` has none of one character.
fn upper(c: char) -> char {
    let mut many = c.to_uppercase();
    match (many.next(), many.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn lower(c: char) -> char {
    let mut many = c.to_lowercase();
    match (many.next(), many.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        if let KeyCode::F(n) = self.code {
            return write!(f, "f{n}");
        }
        if let KeyCode::Char(c) = self.code { write!(f, "{c}") } else { Ok(()) }
    }
}

/// A text that names no key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadKey {
    /// What is wrong.
    pub what: String,
    /// The key that was probably meant.
    pub nearest: Option<String>,
}

impl BadKey {
    fn new(whole: &str, part: &str) -> Self {
        if whole.trim().is_empty() {
            return Self { what: "no key is named".to_owned(), nearest: None };
        }
        let names = NAMES.iter().map(|(n, _)| *n).chain(["ctrl", "alt", "shift"]);
        let word = part.split_once('-').map_or(part, |(modifier, _)| modifier);
        Self {
            what: format!("{} is not a key", quoted(whole)),
            nearest: nearest(word, names).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_read_in_any_usual_form() {
        for (text, printed) in [
            ("j", "j"),
            ("G", "G"),
            ("shift-g", "G"),
            ("ctrl-n", "ctrl-n"),
            ("Ctrl-N", "ctrl-n"),
            ("C-n", "ctrl-n"),
            ("ctrl-shift-n", "ctrl-n"),
            ("M-x", "alt-x"),
            ("alt-ctrl-x", "ctrl-alt-x"),
            ("-", "-"),
            ("ctrl--", "ctrl--"),
            ("Return", "enter"),
            ("ctrl-m", "enter"),
            ("ctrl-i", "tab"),
            ("ctrl-[", "esc"),
            ("shift-tab", "backtab"),
            ("ctrl-@", "ctrl-space"),
            ("ctrl-/", "ctrl-_"),
            ("ctrl-7", "ctrl-_"),
            ("alt-left", "alt-left"),
            ("shift-up", "shift-up"),
            ("F12", "f12"),
            ("f", "f"),
            (":", ":"),
            ("pgdn", "pagedown"),
            ("ß", "ß"),
        ] {
            assert_eq!(Key::parse(text).unwrap().to_string(), printed, "{text}");
        }
        for bad in ["", "ctrl-", "hyper-x", "f0", "f25", "f01", "ctrl-ctrl-x", "ab", "\u{1b}", "\n", "x-"] {
            assert!(Key::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Key::parse_sequence(" g  g ").unwrap(), [Key::char('g'), Key::char('g')]);
        assert!(Key::parse_sequence("  ").is_err());
    }

    #[test]
    fn only_plain_characters_are_text() {
        assert_eq!(Key::char('x').text(), Some('x'));
        assert_eq!(Key::ctrl('x').text(), None);
        assert_eq!(Key::parse("alt-x").unwrap().text(), None);
        assert_eq!(Key::parse("space").unwrap().text(), Some(' '));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(c in any::<char>(), n in 0usize..30, held in any::<[bool; 3]>()) {
            let named = NAMES.get(n).map_or(KeyCode::F(24), |(_, code)| *code);
            for code in [KeyCode::Char(c), named] {
                if matches!(code, KeyCode::Char(c) if c.is_control() || (c != ' ' && c.is_whitespace())) {
                    continue; // such characters are typed, and cannot be bound
                }
                let key = Key::new(code, held[0], held[1], held[2]);
                prop_assert_eq!(Key::parse(&key.to_string()), Ok(key));
                prop_assert_eq!(Key::parse_sequence(&format!("{key} {key}")), Ok(vec![key, key]));
            }
        }

        #[test]
        fn no_name_panics(text in "\\PC*") {
            if let Ok(keys) = Key::parse_sequence(&text) {
                prop_assert_eq!(Key::parse_sequence(&Key::print_sequence(&keys)), Ok(keys));
            }
        }
    }
}
