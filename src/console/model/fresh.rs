//! The line that says how old and complete everything is: what is equally old stands together, what could
//! not be read says why.

use super::Model;
use crate::console::sheet::Line;
use crate::controls::Role;
use crate::insight::freshness::{self, Part, State};

impl Model {
    /// The line that says how old and complete everything is, in `room` columns.
    #[must_use]
    pub fn freshness_line(&self, room: usize) -> Line {
        let mut parts = freshness::line(&self.inventory, &self.setup.config.intervals, self.minute());
        let line = self.join(&parts);
        if line.width() <= room {
            return line;
        }
        // What is wrong is said first where not all can be said.
        parts.sort_by_key(|p| p.state == State::Fresh);
        self.join(&parts)
    }

    fn join(&self, parts: &[Part]) -> Line {
        let glyphs = self.glyphs();
        let mut line = Line::default();
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                line = line.and(Role::Dim, format!(" {} ", glyphs.dot));
            }
            let (role, sign) = match part.state {
                State::Fresh => (Role::Dim, ""),
                State::Idle | State::Loading => (Role::Dim, glyphs.loading),
                State::Stale => (Role::Stale, glyphs.stale),
                State::Partial | State::Failed => (Role::Unreadable, glyphs.unreadable),
            };
            let gap = if sign.is_empty() { "" } else { " " };
            line = line
                .and(Role::Dim, format!("{} ", part.names))
                .and(role, format!("{sign}{gap}{}", part.words));
        }
        line
    }
}
