//! Lines of text with roles: what a detail says, before anything is known of cells. Also the measuring and
//! cutting of text. Knows no theme; a role says what
//! a text is for, not how it looks.

use crate::console::model::Screen;
use crate::controls::Role;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A piece of text in one role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// What it is for.
    pub role: Role,
    /// The text, safe to draw.
    pub text: String,
}

/// A line: text from the left, and text that ends at the right edge.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Line {
    /// From the left.
    pub left: Vec<Span>,
    /// Ends at the right edge; leaves first when there is no room.
    pub right: Vec<Span>,
    /// Where Enter goes from this line.
    pub link: Option<Screen>,
    /// The step that Enter unfolds here.
    pub fold: Option<String>,
}

impl Line {
    /// An empty line.
    #[must_use]
    pub fn blank() -> Self {
        Self::default()
    }

    /// A line that begins with `text`.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self::default().and(role, text)
    }

    /// The line with more text.
    #[must_use]
    pub fn and(mut self, role: Role, text: impl Into<String>) -> Self {
        self.left.push(Span { role, text: text.into() });
        self
    }

    /// The line with more text that ends at the right edge.
    #[must_use]
    pub fn ending(mut self, role: Role, text: impl Into<String>) -> Self {
        self.right.push(Span { role, text: text.into() });
        self
    }

    /// The line as a link.
    #[must_use]
    pub fn to(mut self, screen: Screen) -> Self {
        self.link = Some(screen);
        self
    }

    /// The line as one that unfolds a step.
    #[must_use]
    pub fn folding(mut self, step: &str) -> Self {
        self.fold = Some(step.to_owned());
        self
    }

    /// Whether it can be selected.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        self.link.is_some() || self.fold.is_some()
    }

    /// Whether nothing stands in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.left.iter().chain(&self.right).all(|s| s.text.trim().is_empty())
    }

    /// The columns that its left text takes.
    #[must_use]
    pub fn width(&self) -> usize {
        self.left.iter().map(|s| width(&s.text)).sum()
    }
}

/// The line in `room` columns: where it is too long, facts that stand apart (their text begins with two spaces)
/// go to lines of their own, so that none is cut in its middle. What has no such place stays as it is.
#[must_use]
pub fn flowed(line: Line, room: usize) -> Vec<Line> {
    if line.width() <= room {
        return vec![line];
    }
    let Line { left, right, link, fold } = line;
    let mut lines = vec![Line { left: Vec::new(), right, link, fold }];
    let mut used = 0;
    let mut spans = left.into_iter().peekable();
    while let Some(first) = spans.next() {
        // A fact: a span and those after it that do not stand apart.
        let mut fact = vec![first];
        while let Some(next) = spans.next_if(|s| !s.text.starts_with("  ")) {
            fact.push(next);
        }
        let wide: usize = fact.iter().map(|s| width(&s.text)).sum();
        let apart = fact.first().is_some_and(|s| s.text.starts_with("  "));
        if apart && used > 0 && used + wide > room {
            if let Some(first) = fact.first_mut() {
                first.text = format!("  {}", first.text.trim_start());
            }
            used = 0;
            lines.push(Line::default());
        }
        used += fact.iter().map(|s| width(&s.text)).sum::<usize>();
        if let Some(last) = lines.last_mut() {
            last.left.extend(fact);
        }
    }
    lines
}

/// The columns that `text` takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { UnicodeWidthStr::width(text) }
}

/// `text` in at most `room` columns, cut at its end.
#[must_use]
pub fn cut_end(text: &str, room: usize, mark: &str) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let keep = room.saturating_sub(width(mark));
    let mut out = head(text, keep).to_owned();
    out.push_str(head(mark, room));
    out
}

/// A name in at most `room` columns, cut in its middle: the two ends tell names apart, and the end of a name
/// is where stages and numbers stand.
#[must_use]
pub fn cut_middle(text: &str, room: usize, mark: &str) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let keep = room.saturating_sub(width(mark));
    if keep < 2 {
        return head(text, room).to_owned();
    }
    let front = keep.div_ceil(2);
    format!("{}{mark}{}", head(text, front), tail(text, keep - front))
}

/// The longest beginning of `text` that fits in `room` columns.
#[must_use]
pub fn head(text: &str, room: usize) -> &str {
    let mut used = 0;
    for (at, g) in text.grapheme_indices(true) {
        used += width(g);
        if used > room {
            return &text[..at];
        }
    }
    text
}

fn tail(text: &str, room: usize) -> &str {
    let mut used = 0;
    let mut from = text.len();
    for (at, g) in text.grapheme_indices(true).rev() {
        used += width(g);
        if used > room {
            break;
        }
        from = at;
    }
    &text[from..]
}

/// `text` in lines of at most `room` columns, broken at spaces where there are any.
#[must_use]
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= room {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        while width(word) > room {
            let first = head(word, room);
            if first.is_empty() {
                break; // a character wider than the room
            }
            lines.push(first.to_owned());
            word = &word[first.len()..];
        }
        line.push_str(head(word, room));
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{cut_end, cut_middle, width, wrap};
    use proptest::prelude::*;

    #[test]
    fn names_are_cut_in_their_middle() {
        assert_eq!(cut_middle("StepFunctionFailureAlarm", 17, "…"), "StepFunc…ureAlarm");
        assert_eq!(cut_middle("short", 17, "…"), "short");
        assert_eq!(
            cut_middle("漢字漢字漢字", 7, "…"),
            "漢…漢字".chars().take(0).collect::<String>() + "漢…字"
        );
        assert_eq!(cut_middle("abcdef", 1, "…"), "a");
        assert_eq!(cut_middle("abcdef", 0, "…"), "");
    }

    #[test]
    fn sentences_wrap_at_spaces() {
        assert_eq!(wrap("a bc def", 4), ["a bc", "def"]);
        assert_eq!(wrap("abcdefgh i", 3), ["abc", "def", "gh", "i"]);
        assert_eq!(wrap("", 3), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(text in "\\PC{0,40}", room in 0_usize..30) {
            prop_assert!(width(&cut_middle(&text, room, "…")) <= room);
            prop_assert!(width(&cut_end(&text, room, "…")) <= room);
            for line in wrap(&text, room) {
                prop_assert!(width(&line) <= room.max(1));
            }
        }
    }
}
