//! Charts as lines of text: a curve with its limit, bars and sparklines, each with an ASCII form. Knows
//! numbers and times only.

use super::line::{Line, Span, width};
use crate::controls::{Glyphs, Role};
use crate::estate::Timestamp;
use crate::estate::metric::Window;

/// A curve to draw.
pub struct Curve<'a> {
    /// The points, oldest first.
    pub points: &'a [(Timestamp, f64)],
    /// The span of time from edge to edge.
    pub window: Window,
    /// Seconds that a point stands for: a gap longer than that is drawn as one.
    pub period_s: i64,
    /// A threshold.
    pub limit: Option<f64>,
    /// The signs to draw with.
    pub glyphs: &'a Glyphs,
}

/// Draws `curve` in `columns` x `rows` (the time axis included). Empty where there is no room.
#[must_use]
pub fn curve(curve: &Curve<'_>, columns: usize, rows: usize) -> Vec<Line> {
    let pen = curve.glyphs;
    if rows < 3 || columns < 16 {
        return Vec::new();
    }
    let height = rows - 1;
    let values = || curve.points.iter().map(|(_, v)| *v).filter(|v| v.is_finite());
    let limit = curve.limit.filter(|l| l.is_finite());
    let low = values().chain(limit).fold(0.0, f64::min);
    let top = values().chain(limit).fold(low, f64::max);
    let high = if top > low { top } else { low + 1.0 };
    let row_of = |v: f64| {
        let share = ((high - v) / (high - low)).clamp(0.0, 1.0);
        // The share is within 0..=1, so this is within the grid.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let row = (share * (height - 1) as f64).round() as usize;
        row.min(height - 1)
    };
    let mut labels = vec![String::new(); height];
    labels[0] = number(high);
    labels[height - 1] = number(low);
    if let Some(l) = limit {
        labels[row_of(l)] = number(l);
    }
    let gutter = labels.iter().map(|l| width(l)).max().unwrap_or(0);
    let plot = columns.saturating_sub(gutter + 3);
    if plot < 8 {
        return Vec::new();
    }
    let mut grid = vec![vec![(" ", Role::Text); plot]; height];
    if let Some(l) = limit {
        grid[row_of(l)].fill((pen.threshold, Role::ChartThreshold));
    }
    let heights = columns_of(curve, plot);
    draw(&mut grid, &heights, &row_of, pen);
    let limit_row = limit.map(row_of);
    let mut lines: Vec<Line> = grid
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let role = if limit_row == Some(i) { Role::ChartThreshold } else { Role::ChartAxis };
            let axis = if i == height - 1 {
                pen.axis[2]
            } else if labels[i].is_empty() {
                pen.axis[0]
            } else {
                pen.axis[1]
            };
            let mut line = Line::of(role, format!(" {:>gutter$} ", labels[i])).and(Role::ChartAxis, axis);
            line.left.extend(runs(row));
            line
        })
        .collect();
    lines.push(Line::of(Role::ChartAxis, format!("{}{}", " ".repeat(gutter + 2), hours(curve.window, plot))));
    lines
}

/// The value of each column: the highest of its points, so that a peak is never lost; the last one held over
/// columns that are narrower than a period; nothing where data is missing.
fn columns_of(curve: &Curve<'_>, plot: usize) -> Vec<Option<f64>> {
    let from = curve.window.from.as_second();
    let span = (curve.window.to.as_second() - from).max(1);
    let plot_i = i64::try_from(plot).unwrap_or(i64::MAX);
    let mut out: Vec<Option<f64>> = vec![None; plot];
    for (t, v) in curve.points.iter().filter(|(_, v)| v.is_finite()) {
        let begin = t.as_second() - from;
        let end = begin + curve.period_s.max(1);
        if end <= 0 || begin >= span {
            continue;
        }
        let first = (begin.max(0) * plot_i / span).clamp(0, plot_i - 1);
        let last = ((end * plot_i - 1).div_euclid(span)).clamp(first, plot_i - 1);
        for column in first..=last {
            let Ok(column) = usize::try_from(column) else { continue };
            if let Some(cell) = out.get_mut(column) {
                *cell = Some(cell.map_or(*v, |old: f64| old.max(*v)));
            }
        }
    }
    out
}

fn draw(
    grid: &mut [Vec<(&'static str, Role)>],
    values: &[Option<f64>],
    row_of: &dyn Fn(f64) -> usize,
    pen: &Glyphs,
) {
    let mut before: Option<usize> = None;
    for (x, value) in values.iter().enumerate() {
        let Some(v) = value else {
            before = None;
            continue;
        };
        let row = row_of(*v);
        match before {
            Some(old) if old > row => {
                grid[old][x] = (pen.turns[1], Role::Chart);
                for line in &mut grid[row + 1..old] {
                    line[x] = (pen.wall, Role::Chart);
                }
                grid[row][x] = (pen.turns[2], Role::Chart);
            }
            Some(old) if old < row => {
                grid[old][x] = (pen.turns[0], Role::Chart);
                for line in &mut grid[old + 1..row] {
                    line[x] = (pen.wall, Role::Chart);
                }
                grid[row][x] = (pen.turns[3], Role::Chart);
            }
            Some(_) | None => grid[row][x] = (pen.rule, Role::Chart),
        }
        before = Some(row);
    }
}

fn runs(row: &[(&'static str, Role)]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (c, role) in row {
        match spans.last_mut() {
            Some(last) if last.role == *role => last.text.push_str(c),
            Some(_) | None => spans.push(Span { role: *role, text: (*c).to_owned() }),
        }
    }
    spans
}

/// The hours under a plot: round times, far enough apart to be read.
fn hours(window: Window, plot: usize) -> String {
    const STEPS: [i64; 14] =
        [60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];
    let from = window.from.as_second();
    let span = (window.to.as_second() - from).max(1);
    let plot_i = i64::try_from(plot).unwrap_or(i64::MAX);
    let step = STEPS.into_iter().find(|s| s * plot_i / span >= 10).unwrap_or(i64::MAX / 4);
    let mut axis = String::new();
    let mut t = from.div_euclid(step) * step;
    if t < from {
        t += step;
    }
    while t < from + span {
        let column = usize::try_from((t - from) * plot_i / span).unwrap_or(0);
        let label = match Timestamp::from_second(t) {
            Ok(at) if step < 86_400 => at.strftime("%H:%M").to_string(),
            Ok(at) => at.strftime("%-d %b").to_string(),
            Err(_) => String::new(),
        };
        if column >= axis.len() && column + label.len() <= plot {
            axis.push_str(&" ".repeat(column - axis.len()));
            axis.push_str(&label);
        }
        t += step;
    }
    axis
}

/// A number for an axis: short, and exact where it is a whole one.
#[must_use]
pub fn number(v: f64) -> String {
    let size = v.abs();
    if size >= 1e15 {
        return format!("{v:.1e}");
    }
    if size >= 10_000_000.0 {
        return format!("{:.1} M", v / 1e6);
    }
    if size >= 100_000.0 {
        return format!("{:.0} k", v / 1e3);
    }
    if (v - v.round()).abs() < 1e-9 {
        return format!("{v:.0}");
    }
    if size >= 100.0 {
        format!("{v:.0}")
    } else if size >= 0.01 {
        let text = format!("{v:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{v:.1e}")
    }
}

/// A sparkline of `values` in `columns`, each column the highest of its values. Zero is the lowest mark.
#[must_use]
pub fn spark(values: &[f64], columns: usize, glyphs: &Glyphs) -> String {
    let marks = &glyphs.bars;
    if values.is_empty() || columns == 0 {
        return String::new();
    }
    let columns = columns.min(values.len());
    let top = values.iter().copied().fold(0.0, f64::max);
    (0..columns)
        .map(|c| {
            let part = &values[c * values.len() / columns..(c + 1) * values.len() / columns];
            let v = part.iter().copied().fold(0.0, f64::max);
            // A share of 0..=1 of seven steps.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let step = if top > 0.0 { (v / top * 7.0).ceil() as usize } else { 0 };
            marks[step.min(7)]
        })
        .collect()
}

/// A bar of `share` (0 to 1) of `columns`; anything above zero is seen.
#[must_use]
pub fn bar(share: f64, columns: usize, glyphs: &Glyphs) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    // At most `columns` eighths times eight.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let eighths = (share * columns as f64 * 8.0).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    let full = glyphs.bars[7];
    if full.is_ascii() {
        full.repeat(eighths.div_ceil(8))
    } else {
        format!("{}{}", full.repeat(eighths / 8), EIGHTHS[eighths % 8])
    }
}

#[cfg(test)]
mod tests {
    use super::{Curve, bar, curve, number, spark};
    use crate::console::sheet::line::{Line, width};
    use crate::controls::Glyphs;
    use crate::estate::Timestamp;
    use crate::estate::metric::Window;
    use proptest::prelude::*;

    fn text(lines: &[Line]) -> String {
        lines
            .iter()
            .map(|l| l.left.iter().map(|s| s.text.as_str()).collect::<String>().trim_end().to_owned() + "\n")
            .collect()
    }

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    #[test]
    fn a_curve_rises_and_falls_around_its_limit() {
        let points: Vec<_> =
            (0..60).map(|m| (at(m * 60), if (20..40).contains(&m) { 8.0 } else { 1.0 })).collect();
        let chart = Curve {
            points: &points,
            window: Window { from: at(0), to: at(3_600) },
            period_s: 60,
            limit: Some(5.0),
            glyphs: &Glyphs::UNICODE,
        };
        insta::assert_snapshot!(text(&curve(&chart, 50, 6)), @r"
        8 ┤               ╭───────────────╮
          │               │               │
        5 ┤╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌╌╌╌╌
          │               │               │
        0 ┼───────────────╯               ╰──────────────
          00:00      00:15       00:30      00:45
        ");
        let plain = Curve { glyphs: &Glyphs::ASCII, ..chart };
        insta::assert_snapshot!(text(&curve(&plain, 50, 6)), @r"
        8 +               /---------------\
          |               |               |
        5 +===============|===============|==============
          |               |               |
        0 +---------------/               \--------------
          00:00      00:15       00:30      00:45
        ");
    }

    #[test]
    fn missing_data_is_a_gap_in_the_curve() {
        let points = [(at(0), 1.0), (at(60), 1.0), (at(600), 1.0)];
        let chart = Curve {
            points: &points,
            window: Window { from: at(0), to: at(1_200) },
            period_s: 60,
            limit: None,
            glyphs: &Glyphs::ASCII,
        };
        let drawn = text(&curve(&chart, 30, 3));
        assert!(drawn.lines().next().unwrap().contains("--- "), "{drawn}");
        assert_eq!(drawn.lines().next().unwrap().matches(" -").count(), 1, "{drawn}");
    }

    #[test]
    fn numbers_sparks_and_bars() {
        assert_eq!(
            [number(214.0), number(0.05), number(1.5), number(12e6)],
            ["214", "0.05", "1.5", "12.0 M"]
        );
        assert_eq!(spark(&[0.0, 1.0, 2.0, 7.0], 4, &Glyphs::UNICODE), "▁▂▃█");
        assert_eq!(spark(&[0.0, 0.0], 4, &Glyphs::ASCII), "__");
        assert_eq!(bar(0.5, 4, &Glyphs::UNICODE), "██");
        assert_eq!(bar(0.000_1, 4, &Glyphs::UNICODE), "▏");
        assert_eq!(bar(0.0, 4, &Glyphs::UNICODE), "");
        assert_eq!(bar(0.6, 4, &Glyphs::ASCII), "###");
    }

    proptest! {
        #[test]
        fn no_size_and_no_value_breaks_it(
            values in proptest::collection::vec(prop_oneof![any::<f64>(), 0.0..100.0_f64], 0..40),
            columns in 0_usize..120, rows in 0_usize..20, limit in proptest::option::of(any::<f64>()),
        ) {
            let points: Vec<_> = values.iter().enumerate().map(|(i, v)| (at(i as i64 * 60), *v)).collect();
            let chart = Curve {
                points: &points, window: Window { from: at(0), to: at(2_400) }, period_s: 60, limit, glyphs: &Glyphs::UNICODE,
            };
            for line in curve(&chart, columns, rows) {
                let w: usize = line.left.iter().map(|s| width(&s.text)).sum();
                prop_assert!(w <= columns, "{w} > {columns}");
            }
        }
    }
}
