//! The list of web ACLs: what each blocks now, against what is usual.

use super::overview::sign;
use crate::console::layout::Column;
use crate::console::model::{Model, Screen, Tab};
use crate::console::widgets::table::{Cell, cell, named};
use crate::console::widgets::{ListView, Paint};
use crate::controls::Role;
use crate::estate::Scope;
use crate::insight::freshness::fault_word;
use crate::insight::{AclRow, Broad, Source, waf_counts, words};
use ratatui::layout::Rect;

const COLUMNS: [Column; 6] = [
    Column::name("  web ACL", 14, 28),
    Column::number("blocked/min", 12, 1),
    Column::number("blocked 1 h", 12, 3),
    Column::number("counted 1 h", 11, 5),
    Column::fixed("scope", 10, 4),
    Column::words("most by", 12, 24, 2),
];

/// Draws it.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let list = ListView {
        tab: Tab::Waf,
        columns: &COLUMNS,
        sorted: &[(1, false), (0, true), (2, false)],
        sources: &[
            Source::Broad(Broad::WebAcls(Scope::Regional)),
            Source::Broad(Broad::WebAcls(Scope::CloudFront)),
        ],
        what: "web ACLs",
    };
    list.draw(model, paint, area, |row, _| {
        let Screen::Acl(arn) = &row.screen else { return Vec::new() };
        model.inventory.acl(arn).map_or(Vec::new(), |a| cells(model, a))
    });
}

fn cells(model: &Model, row: &AclRow) -> Vec<Cell> {
    let glyphs = model.glyphs();
    let counts = waf_counts::of(&model.inventory, row);
    let spike = counts.is_spike();
    let source = Source::Broad(Broad::WafCounts(row.summary.scope));
    let fault = row.acl.fault().or(model.inventory.trouble(&source));
    let role = match (counts.blocked_per_min, fault) {
        (_, _) if spike => Role::Soon,
        (Some(_), _) => Role::Ok,
        (None, Some(_)) => Role::Unreadable,
        (None, None) => Role::Unknown,
    };
    let number = |n: Option<u64>, zero: Role| match (n, fault) {
        (Some(0), _) => cell(Role::Dim, "0"),
        (Some(n), _) => cell(zero, words::count(n)),
        (None, Some(fault)) => cell(Role::Unreadable, format!("{} {}", glyphs.unreadable, fault_word(fault))),
        (None, None) => cell(Role::Dim, glyphs.loading),
    };
    let top = match (counts.times_usual().filter(|_| spike), counts.top_rule()) {
        (Some(times), Some(rule)) => {
            cell(Role::Soon, format!("{}, {}", rule.name.shown(), words::times_usual(times)))
        }
        (_, Some(rule)) => cell(Role::Dim, rule.name.shown().to_string()),
        (Some(times), None) => cell(Role::Soon, words::times_usual(times)),
        (None, None) => Vec::new(),
    };
    vec![
        named(
            role,
            if role == Role::Unknown { glyphs.loading } else { sign(glyphs, role) },
            if spike { Role::Strong } else { Role::Text },
            row.summary.name.shown().to_string(),
        ),
        number(counts.blocked_per_min, if spike { Role::Soon } else { Role::Text }),
        number(counts.blocked_1h, Role::Text),
        number(counts.counted_1h, Role::Dim),
        cell(Role::Dim, words::scope(row.summary.scope).to_lowercase()),
        top,
    ]
}
