//! How old and how complete each source is, what was missing and why, and what reading it has cost.

use super::line::Line;
use super::say::Say;
use crate::console::model::Model;
use crate::controls::Role;
use crate::estate::Loadable;
use crate::insight::freshness::fault_word;
use crate::insight::{Source, words};

/// The lines of the screen of freshness.
pub fn lines(model: &Model, say: &Say<'_>) -> Vec<Line> {
    let mut out = Vec::new();
    for source in model.wanted() {
        out.extend(source_lines(model, &source, say));
    }
    out.push(Line::blank());
    let spend = model.inventory.spend;
    // Millionths of a dollar, shown to a hundredth of a cent.
    #[allow(clippy::cast_precision_loss)]
    let usd = spend.micro_usd as f64 / 1e6;
    out.push(
        say.pair(
            "cost so far",
            Line::of(Role::Text, words::counted(spend.calls, "AWS call")).and(
                Role::Dim,
                format!("   {} throttled   about USD {usd:.4}", words::count(spend.throttled)),
            ),
        ),
    );
    out
}

fn source_lines(model: &Model, source: &Source, say: &Say<'_>) -> Vec<Line> {
    let label = format!("{:<19}", source.words());
    let standing = model.inventory.standing(source);
    let trouble = model.inventory.trouble(source);
    let age = |seen: &crate::estate::Seen<()>| words::age(seen.at, say.now);
    let mut lines = Vec::new();
    let line = Line::of(Role::Text, label);
    let line = match (&standing, trouble) {
        (_, Some(fault)) => {
            lines.extend(say.wrapped(Role::Unreadable, &fault.to_string()));
            let known = standing
                .seen()
                .map_or(String::new(), |s| format!("   {} known {} ago", say.glyphs.stale, age(s)));
            line.and(Role::Unreadable, format!("{} {}", say.glyphs.unreadable, fault_word(fault)))
                .and(Role::Stale, known)
        }
        (Loadable::Idle, None) => line.and(Role::Dim, format!("{} not asked for yet", say.glyphs.loading)),
        (Loadable::Loading { stale: None, .. }, None) => {
            line.and(Role::Dim, format!("{} on the way", say.glyphs.loading))
        }
        (Loadable::Loading { stale: Some(seen), .. } | Loadable::Ready(seen), None) => {
            let gaps = seen.complete.gaps();
            if gaps.is_empty() {
                line.and(Role::Ok, format!("{} ", say.glyphs.ok))
                    .and(Role::Text, format!("{}, complete", age(seen)))
            } else {
                for gap in gaps.iter().take(4) {
                    let about = gap.about.as_ref().map_or(String::new(), |a| format!("{}: ", a.shown()));
                    lines.extend(say.wrapped(Role::Unreadable, &format!("{about}{}", gap.fault)));
                }
                if gaps.len() > 4 {
                    lines.push(Line::of(Role::Dim, format!("and {} more", gaps.len() - 4)));
                }
                line.and(Role::Unreadable, format!("{} ", say.glyphs.unreadable)).and(
                    Role::Text,
                    format!("{}, partial: {}", age(seen), words::counted(gaps.len() as u64, "gap")),
                )
            }
        }
        (Loadable::Failed { fault, stale }, None) => {
            let known = stale.as_ref().map_or(String::new(), |s| format!("   known {} ago", age(s)));
            line.and(Role::Unreadable, format!("{} {fault}{known}", say.glyphs.unreadable))
        }
    };
    for line in &mut lines {
        line.left.insert(0, super::Span { role: Role::Dim, text: " ".repeat(4) });
    }
    lines.insert(0, line);
    lines
}
