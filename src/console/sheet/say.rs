//! How the sheets say what is not known: a word in its place, never a zero and never nothing.

use super::{Line, Span};
use crate::controls::{Glyphs, Role};
use crate::estate::{Fault, Field, Loadable, Timestamp, Untrusted};
use crate::insight::Detail;
use crate::insight::freshness::fault_word;
use crate::insight::words;

/// What every sheet needs at hand.
#[derive(Clone, Copy)]
pub struct Say<'a> {
    /// The signs to draw with.
    pub glyphs: &'a Glyphs,
    /// The instant that ages are counted to.
    pub now: Timestamp,
    /// Columns.
    pub room: usize,
    /// Rows of the screen that the sheet is read on.
    pub rows: usize,
}

impl Say<'_> {
    /// A heading, with a count where there is one.
    #[must_use]
    pub fn heading(&self, title: &str, count: Option<usize>) -> Line {
        match count {
            Some(n) => {
                Line::of(Role::Header, format!("{title} {} {}", self.glyphs.dot, words::count(n as u64)))
            }
            None => Line::of(Role::Header, title),
        }
    }

    /// Text on its way.
    #[must_use]
    pub fn unread(&self, what: &str) -> Span {
        Span { role: Role::Dim, text: format!("{} {what}", self.glyphs.loading) }
    }

    /// Text that could not be read, in a word.
    #[must_use]
    pub fn gap(&self, fault: &Fault) -> Span {
        Span { role: Role::Unreadable, text: format!("{} {}", self.glyphs.unreadable, fault_word(fault)) }
    }

    /// The value of a field, or the words for why there is none. A value that could not be read again is
    /// marked as old.
    pub fn field<'f, T>(&self, field: &'f Field<T>, what: &str) -> Result<(&'f T, Option<Span>), Span> {
        match field {
            Field::Unread => Err(self.unread(what)),
            Field::Read { value, .. } => Ok((value, None)),
            Field::Gap { stale: Some((value, at)), fault } => {
                let text =
                    format!("{} as of {} ({})", self.glyphs.stale, words::clock(*at), fault_word(fault));
                Ok((value, Some(Span { role: Role::Stale, text })))
            }
            Field::Gap { stale: None, fault } => Err(self.gap(fault)),
        }
    }

    /// What is to be said about a detail before its value: that it is on its way, old or not readable.
    #[must_use]
    pub fn standing(&self, load: Option<&Loadable<Detail>>, what: &str) -> Option<Line> {
        let span = match load {
            None | Some(Loadable::Idle) => self.unread(&format!("{what} not asked for yet")),
            Some(Loadable::Loading { stale: None, .. }) => self.unread(&format!("{what} on the way")),
            Some(Loadable::Loading { stale: Some(_), .. }) => return None,
            Some(Loadable::Failed { fault, stale: None }) => {
                let text = format!("{} {fault}", self.glyphs.unreadable);
                return Some(Line::of(Role::Unreadable, text));
            }
            Some(Loadable::Failed { fault, stale: Some(seen) }) => {
                let text = format!("{} {what} as of {}: {fault}", self.glyphs.stale, words::clock(seen.at));
                return Some(Line::of(Role::Stale, text));
            }
            Some(Loadable::Ready(seen)) => {
                let gap = seen.complete.gaps().first()?;
                let text = format!("{} {what} incomplete: {}", self.glyphs.unreadable, gap.fault);
                return Some(Line::of(Role::Unreadable, text));
            }
        };
        Some(Line { left: vec![span], ..Line::default() })
    }

    /// Text of someone else's, wrapped.
    #[must_use]
    pub fn quoted(&self, role: Role, text: &Untrusted) -> Vec<Line> {
        self.wrapped(role, &text.shown().to_string())
    }

    /// A sentence, wrapped; on a wide screen to lines that can be read.
    #[must_use]
    pub fn wrapped(&self, role: Role, text: &str) -> Vec<Line> {
        super::line::wrap(text, self.room.saturating_sub(2).clamp(8, 100))
            .into_iter()
            .map(|l| Line::of(role, l))
            .collect()
    }

    /// A label and its value, in columns.
    #[must_use]
    pub fn pair(&self, label: &str, value: Line) -> Line {
        let mut line = Line::of(Role::Dim, format!("{label:<13}"));
        line.left.extend(value.left);
        line.right = value.right;
        line.link = value.link;
        line
    }

    /// How many rows a chart may take.
    #[must_use]
    pub fn chart_rows(&self) -> usize {
        match self.rows {
            0..12 => 4,
            12..20 => 5,
            20..40 => 7,
            _ => 12,
        }
    }
}
