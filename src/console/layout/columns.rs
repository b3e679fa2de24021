//! The columns of a table: which stay and how wide they are in a given room. They leave in order of
//! importance, and keep their places while the contents change.

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// The least width at which it is worth having.
    pub least: u16,
    /// The width it would like; what is left over goes to the first column that grows.
    pub best: u16,
    /// The least important leaves first. 0 never leaves.
    pub leaves: u8,
    /// Whether its text ends at its right edge.
    pub right: bool,
    /// Whether it takes what is left over.
    pub grows: bool,
    /// Whether its text is a name, to be cut in the middle.
    pub name: bool,
}

impl Column {
    /// A column of fixed width.
    #[must_use]
    pub const fn fixed(title: &'static str, width: u16, leaves: u8) -> Self {
        Self { title, least: width, best: width, leaves, right: false, grows: false, name: false }
    }

    /// A column of fixed width whose text ends at its right edge.
    #[must_use]
    pub const fn number(title: &'static str, width: u16, leaves: u8) -> Self {
        Self { title, least: width, best: width, leaves, right: true, grows: false, name: false }
    }

    /// The column of names.
    #[must_use]
    pub const fn name(title: &'static str, least: u16, best: u16) -> Self {
        Self { title, least, best, leaves: 0, right: false, grows: false, name: true }
    }

    /// A column of words that takes what is left over.
    #[must_use]
    pub const fn words(title: &'static str, least: u16, best: u16, leaves: u8) -> Self {
        Self { title, least, best, leaves, right: false, grows: true, name: false }
    }

    /// The column as one of names, cut in their middle.
    #[must_use]
    pub const fn of_names(self) -> Self {
        Self { name: true, ..self }
    }
}

/// Columns between two columns.
pub const GAP: u16 = 2;

/// The widths of `columns` in `room`; 0 is left out.
#[must_use]
pub fn widths(columns: &[Column], room: u16) -> Vec<u16> {
    let mut keep: Vec<bool> = vec![true; columns.len()];
    let need = |keep: &[bool]| {
        let kept = columns.iter().zip(keep).filter(|(_, k)| **k);
        let (n, sum) = kept.fold((0_u32, 0_u32), |(n, sum), (c, _)| (n + 1, sum + u32::from(c.least)));
        sum + u32::from(GAP) * n.saturating_sub(1)
    };
    while need(&keep) > u32::from(room) {
        let least = (0..columns.len())
            .filter(|i| keep[*i] && columns[*i].leaves > 0)
            .max_by_key(|i| columns[*i].leaves);
        match least {
            Some(i) => keep[i] = false,
            None => break,
        }
    }
    let mut widths: Vec<u16> = columns.iter().zip(&keep).map(|(c, k)| if *k { c.least } else { 0 }).collect();
    let mut spare = room.saturating_sub(u16::try_from(need(&keep)).unwrap_or(u16::MAX));
    let mut order: Vec<usize> = (0..columns.len()).filter(|i| keep[*i]).collect();
    order.sort_by_key(|i| columns[*i].leaves);
    for i in &order {
        let more = columns[*i].best.saturating_sub(widths[*i]).min(spare);
        widths[*i] += more;
        spare -= more;
    }
    let grower =
        order.iter().find(|i| columns[**i].grows).or_else(|| order.iter().find(|i| columns[**i].name));
    if let Some(i) = grower {
        widths[*i] += spare;
    }
    // Columns that never leave may be too wide together: the widest give way.
    let total = |w: &[u16]| {
        let n = w.iter().filter(|w| **w > 0).count();
        w.iter().map(|w| u32::from(*w)).sum::<u32>()
            + u32::from(GAP) * u32::try_from(n).unwrap_or(0).saturating_sub(1)
    };
    while total(&widths) > u32::from(room) {
        match widths.iter_mut().max_by_key(|w| **w) {
            Some(w) if *w > 0 => *w -= 1,
            Some(_) | None => break,
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::{Column, GAP, widths};
    use proptest::prelude::*;

    const TABLE: [Column; 4] = [
        Column::name("name", 10, 30),
        Column::number("messages", 8, 1),
        Column::fixed("kept", 6, 3),
        Column::words("words", 10, 20, 2),
    ];

    #[test]
    fn the_least_important_leaves_first() {
        assert_eq!(widths(&TABLE, 100), [30, 8, 6, 50]);
        assert_eq!(widths(&TABLE, 40), [10, 8, 6, 10]);
        assert_eq!(widths(&TABLE, 39), [17, 8, 0, 10]);
        assert_eq!(widths(&TABLE, 22), [12, 8, 0, 0]);
        assert_eq!(widths(&TABLE, 5), [5, 0, 0, 0]);
        assert_eq!(widths(&TABLE, 0), [0, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn they_always_fit(room in 0_u16..300) {
            let w = widths(&TABLE, room);
            let n = w.iter().filter(|w| **w > 0).count() as u16;
            prop_assert!(w.iter().sum::<u16>() + GAP * n.saturating_sub(1) <= room);
        }
    }
}
