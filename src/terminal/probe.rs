//! What the terminal can do, told from what is at hand: the descriptors, their size, the environment. It
//! asks the terminal nothing, for over a slow line an answer comes late or never.

use super::screen::Traits;
use crate::controls::ColourDepth;
use crate::controls::copy::Through;
use std::ffi::OsString;
use std::os::fd::AsFd;

/// What is known of the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Abilities {
    /// How many colours it shows.
    pub depth: ColourDepth,
    /// Whether characters beyond ASCII can be drawn.
    pub unicode: bool,
    /// What it is inside of.
    pub through: Through,
    /// Whether blocks of rows can be moved.
    pub scrolls: bool,
    /// Whether erasing fills with the background colour in use.
    pub back_colour_erase: bool,
}

impl Abilities {
    /// What the screen needs to know of them.
    #[must_use]
    pub fn traits(&self) -> Traits {
        Traits { depth: self.depth, scrolls: self.scrolls, back_colour_erase: self.back_colour_erase }
    }

    /// Told from this process's environment.
    #[must_use]
    pub fn here() -> Self {
        Self::from_env(|name| std::env::var_os(name))
    }

    /// Told from an environment. A variable that is set and empty counts as not set, as
    /// <https://no-color.org> and POSIX locales have it.
    pub fn from_env(var: impl Fn(&str) -> Option<OsString>) -> Self {
        let var = |name: &str| {
            var(name).map(|v| v.to_string_lossy().into_owned()).filter(|v| !v.is_empty()).unwrap_or_default()
        };
        let term = var("TERM");
        let dumb = term.is_empty() || term == "dumb" || term == "unknown";
        let through = Through::of(!var("TMUX").is_empty(), !var("STY").is_empty(), &term);
        let depth = if dumb || !var("NO_COLOR").is_empty() {
            ColourDepth::None
        } else {
            depth(&term, &var("COLORTERM"), through)
        };
        Self {
            depth,
            unicode: !dumb && is_utf8(&[&var("LC_ALL"), &var("LC_CTYPE"), &var("LANG")]),
            through,
            scrolls: !dumb,
            back_colour_erase: !dumb && erases_in_colour(&term, through),
        }
    }
}

fn depth(term: &str, colorterm: &str, through: Through) -> ColourDepth {
    const TRUE: [&str; 6] = ["xterm-kitty", "alacritty", "wezterm", "foot", "xterm-ghostty", "contour"];
    let claims = matches!(colorterm, "truecolor" | "24bit");
    let known = TRUE.iter().any(|t| term.starts_with(t)) || term.ends_with("-direct");
    if term.starts_with("vt") || term.ends_with("-mono") || term.ends_with("-m") {
        ColourDepth::None
    } else if through == Through::Screen {
        // COLORTERM reaches GNU screen from the outer terminal; screen 4 does not know 24-bit colours
        if term.contains("256color") { ColourDepth::Indexed } else { ColourDepth::Ansi16 }
    } else if claims || known {
        ColourDepth::True
    } else if term.contains("256color") {
        ColourDepth::Indexed
    } else {
        ColourDepth::Ansi16
    }
}

/// The first of LC_ALL, LC_CTYPE and LANG that is set decides (POSIX base definitions, 8.2).
fn is_utf8(locale: &[&str]) -> bool {
    let charset = locale.iter().find(|v| !v.is_empty()).map(|v| v.to_ascii_lowercase().replace('-', ""));
    charset.is_some_and(|v| v.contains("utf8"))
}

/// Terminals whose terminfo entry has `bce`, and tmux, which does it whatever TERM says. kitty and GNU
/// screen do not.
fn erases_in_colour(term: &str, through: Through) -> bool {
    const DO: [&str; 10] =
        ["xterm", "alacritty", "foot", "wezterm", "linux", "rxvt", "konsole", "gnome", "vte", "st-"];
    match through {
        Through::Tmux => true,
        Through::Screen => false,
        Through::Nothing => !term.contains("kitty") && DO.iter().any(|t| term.starts_with(t)),
    }
}

/// Whether there is a terminal on both ends: keys come from one and the screen is on one.
#[must_use]
pub fn is_terminal() -> bool {
    rustix::termios::isatty(std::io::stdin()) && rustix::termios::isatty(std::io::stdout())
}

/// Columns and rows of standard output. Serial lines and some containers do not know theirs: then what the
/// environment says, or 80x24.
#[must_use]
pub fn size() -> (u16, u16) {
    size_of(std::io::stdout()).unwrap_or_else(|| {
        let var = |name| std::env::var(name).ok().and_then(|v| v.parse().ok()).filter(|n| *n > 0);
        (var("COLUMNS").unwrap_or(80), var("LINES").unwrap_or(24))
    })
}

/// More columns or rows than any terminal has come from a fault, and would only cost memory.
const MOST: u16 = 2_000;

fn size_of(fd: impl AsFd) -> Option<(u16, u16)> {
    match rustix::termios::tcgetwinsize(fd) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
            Some((size.ws_col.min(MOST), size.ws_row.min(MOST)))
        }
        Ok(_) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Abilities, ColourDepth, Through};

    fn told(vars: &[(&str, &str)]) -> Abilities {
        Abilities::from_env(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into()))
    }

    #[test]
    fn colours_are_told_from_the_environment() {
        let depth = |vars: &[(&str, &str)]| told(vars).depth;
        assert_eq!(depth(&[("TERM", "xterm-256color")]), ColourDepth::Indexed);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), ColourDepth::True);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), ColourDepth::None);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), ColourDepth::Indexed);
        assert_eq!(depth(&[("TERM", "xterm")]), ColourDepth::Ansi16);
        assert_eq!(depth(&[("TERM", "linux")]), ColourDepth::Ansi16);
        assert_eq!(depth(&[("TERM", "vt100")]), ColourDepth::None);
        assert_eq!(depth(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]), ColourDepth::None);
        assert_eq!(depth(&[]), ColourDepth::None);
        let screen = [("TERM", "screen.xterm-256color"), ("STY", "1.x"), ("COLORTERM", "truecolor")];
        assert_eq!(depth(&screen), ColourDepth::Indexed);
        let tmux = [("TERM", "screen-256color"), ("TMUX", "/tmp/x,1,0"), ("COLORTERM", "truecolor")];
        assert_eq!(depth(&tmux), ColourDepth::True);
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let unicode = |vars: &[(&str, &str)]| told(&[&[("TERM", "xterm")], vars].concat()).unicode;
        assert!(unicode(&[("LANG", "de_DE.UTF-8")]));
        assert!(unicode(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!unicode(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(!unicode(&[]));
        assert!(!told(&[("TERM", "dumb"), ("LANG", "de_DE.UTF-8")]).unicode);
    }

    #[test]
    fn throughs_are_told_apart() {
        let tmux = told(&[("TERM", "screen-256color"), ("TMUX", "x")]);
        assert_eq!((tmux.through, tmux.back_colour_erase), (Through::Tmux, true));
        let screen = told(&[("TERM", "screen-256color")]);
        assert_eq!((screen.through, screen.back_colour_erase), (Through::Screen, false));
        let bare = told(&[("TERM", "xterm-kitty")]);
        assert_eq!(
            (bare.through, bare.back_colour_erase, bare.depth),
            (Through::Nothing, false, ColourDepth::True)
        );
    }
}
