//! The signs that are drawn, in Unicode and in ASCII. Every state has one besides its colour and its word.
//! All are one cell wide, so that a layout is the same in both.

/// A set of signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Glyphs {
    /// Fine.
    pub ok: &'static str,
    /// Needs somebody soon.
    pub soon: &'static str,
    /// Needs somebody now.
    pub now: &'static str,
    /// Not known by AWS.
    pub unknown: &'static str,
    /// Not readable by us.
    pub unreadable: &'static str,
    /// Known once, and old now.
    pub stale: &'static str,
    /// Being fetched.
    pub loading: &'static str,
    /// The bar before the selected row.
    pub selected: &'static str,
    /// Between the parts of a path: Queues › lambda-dlq.
    pub crumb: &'static str,
    /// Between things on one line.
    pub dot: &'static str,
    /// To what comes next.
    pub arrow: &'static str,
    /// Sorted upwards, beside a column's name.
    pub ascending: &'static str,
    /// Sorted downwards.
    pub descending: &'static str,
    /// Where a name was cut.
    pub cut: &'static str,
    /// Between the ends of a range, and where there is nothing to count.
    pub dash: &'static str,
    /// A number that is a bound or an estimate.
    pub about: &'static str,
    /// A line across.
    pub rule: &'static str,
    /// A line down.
    pub wall: &'static str,
    /// The corners of a box: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// The axis of a chart: plain, with a number beside it, its corner.
    pub axis: [&'static str; 3],
    /// The turns of a chart's line: from the left down, from the left up, up to the right, down to the right.
    pub turns: [&'static str; 4],
    /// The threshold in a chart.
    pub threshold: &'static str,
    /// Bars from lowest to full.
    pub bars: [&'static str; 8],
    /// The scroll bar's thumb.
    pub thumb: &'static str,
    /// A step that is done.
    pub done: &'static str,
    /// A step that is under way or waits.
    pub half: &'static str,
    /// A step that was undone.
    pub undone: &'static str,
    /// The step that a run is at.
    pub here: &'static str,
}

impl Glyphs {
    /// For terminals and fonts that have them.
    pub const UNICODE: Glyphs = Glyphs {
        ok: "●",
        soon: "▲",
        now: "✖",
        unknown: "○",
        unreadable: "?",
        stale: "~",
        loading: "…",
        selected: "▌",
        crumb: "›",
        dot: "·",
        arrow: "→",
        ascending: "↑",
        descending: "↓",
        cut: "…",
        dash: "–",
        about: "≈",
        rule: "─",
        wall: "│",
        corners: ["╭", "╮", "╰", "╯"],
        axis: ["│", "┤", "┼"],
        turns: ["╮", "╯", "╭", "╰"],
        threshold: "╌",
        bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        thumb: "┃",
        done: "✔",
        half: "◐",
        undone: "↶",
        here: "▌",
    };

    /// For everything else.
    pub const ASCII: Glyphs = Glyphs {
        ok: "*",
        soon: "!",
        now: "X",
        unknown: "o",
        unreadable: "?",
        stale: "~",
        loading: ".",
        selected: ">",
        crumb: ">",
        dot: "-",
        arrow: ">",
        ascending: "^",
        descending: "v",
        cut: ".",
        dash: "-",
        about: "~",
        rule: "-",
        wall: "|",
        corners: ["+", "+", "+", "+"],
        axis: ["|", "+", "+"],
        turns: ["\\", "/", "/", "\\"],
        threshold: "=",
        bars: ["_", ".", "-", "=", "+", "*", "%", "#"],
        thumb: "#",
        done: "+",
        half: "%",
        undone: "<",
        here: ">",
    };
}

#[cfg(test)]
mod tests {
    use super::Glyphs;
    use unicode_width::UnicodeWidthStr;

    fn all(g: &Glyphs) -> Vec<&'static str> {
        let mut all = states(g);
        all.extend([g.loading, g.selected, g.crumb, g.dot, g.arrow, g.ascending, g.descending, g.cut]);
        all.extend([g.dash, g.about, g.rule, g.wall, g.threshold, g.thumb]);
        all.extend(g.corners.iter().chain(&g.axis).chain(&g.turns).chain(&g.bars));
        all
    }

    fn states(g: &Glyphs) -> Vec<&'static str> {
        vec![g.ok, g.soon, g.now, g.unknown, g.unreadable, g.stale]
    }

    #[test]
    fn each_is_one_cell_and_states_differ() {
        for set in [Glyphs::UNICODE, Glyphs::ASCII] {
            assert!(all(&set).iter().all(|g| g.width() == 1), "{set:?}");
            let mut distinct = states(&set);
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), 6);
        }
        assert!(all(&Glyphs::ASCII).iter().all(|g| g.is_ascii()));
    }
}
