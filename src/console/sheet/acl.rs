//! What the detail of a web ACL says: what each rule blocked and counted in the last hour and minute by
//! minute, whom and what it met (samples, on request), and what it protects.

use super::chart::{bar, spark};
use super::line::{Line, cut_end, cut_middle, width};
use super::say::Say;
use crate::console::model::{Model, Screen};
use crate::controls::Role;
use crate::estate::{Arn, RuleAction, Sample, Samples, Scope, Untrusted};
use crate::insight::waf_counts::{self, AclCount, RuleCount};
use crate::insight::{About, AclRow, Broad, Detail, Source, words};
use std::collections::HashMap;

/// The lines of the ACL `arn`.
pub fn lines(model: &Model, arn: &Arn, say: &Say<'_>) -> Vec<Line> {
    let Some(row) = model.inventory.acl(arn) else {
        let loaded = model.inventory.regional_acls.load().seen().is_some();
        let text = if loaded { "This web ACL is no longer there." } else { "Web ACLs are on the way." };
        return vec![Line::of(Role::Dim, text)];
    };
    let counts = waf_counts::of(&model.inventory, row);
    let mut out = head(model, row, &counts, say);
    out.push(Line::blank());
    out.extend(rules(model, row, &counts, say));
    out.extend(unlisted(model, row, say));
    out.extend(samples(model, row, say));
    out.extend(resources(model, row, say));
    out.extend(super::related(model, &Screen::Acl(arn.clone()), say));
    out
}

fn head(model: &Model, row: &AclRow, counts: &AclCount, say: &Say<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let per_minute = match counts.blocked_per_min {
        Some(n) => {
            let spike = counts.is_spike();
            let (role, sign) = if spike { (Role::Soon, say.glyphs.soon) } else { (Role::Ok, say.glyphs.ok) };
            let mut line = Line::of(role, format!("{sign} {} blocked/min", words::count(n)));
            if let Some(times) = counts.times_usual().filter(|_| spike) {
                line = line.and(Role::Text, format!(", {}", words::times_usual(times)));
            }
            line.and(Role::Text, format!("   {} blocked in 1 h", words::maybe_count(counts.blocked_1h)))
                .and(Role::Text, format!("   {} counted", words::maybe_count(counts.counted_1h)))
        }
        None => match model.inventory.trouble(&Source::Broad(Broad::WafCounts(row.summary.scope))) {
            Some(fault) => Line { left: vec![say.gap(fault)], ..Line::default() },
            None => Line { left: vec![say.unread("its counts are on the way")], ..Line::default() },
        },
    };
    lines.push(per_minute);
    match say.field(&row.acl, "its rules are on the way") {
        Ok((acl, old)) => {
            let mut line = Line::of(Role::Dim, words::scope(row.summary.scope)).and(
                Role::Dim,
                format!("   what no rule decides: {}", words::rule_action(&acl.default_action)),
            );
            if let Some(capacity) = acl.capacity {
                line = line.and(Role::Dim, format!("   {} WCU", words::count(capacity)));
            }
            line.left.extend(old);
            lines.push(line);
        }
        Err(span) => lines.push(Line { left: vec![span], ..Line::default() }),
    }
    if counts.silent_rules > 0 {
        let text = format!(
            "{} has its metrics off: what it blocks is in no count",
            words::counted(counts.silent_rules as u64, "rule")
        );
        lines.push(Line::of(Role::Unknown, format!("{} {text}", say.glyphs.unknown)));
    }
    lines
}

fn rules(model: &Model, row: &AclRow, counts: &AclCount, say: &Say<'_>) -> Vec<Line> {
    if counts.rules.is_empty() {
        return Vec::new();
    }
    let room = say.room.saturating_sub(2);
    let wide = room >= 70;
    // The count matters more than what the rule does, and that more than a longer name.
    let action_width = if room >= 44 { 10 } else { 0 };
    let most_name = if wide { (room * 3 / 10).min(36) } else { 24 };
    let name_width = most_name.min(room.saturating_sub(2 + action_width + 9)).max(8);
    // After the action, the count and the gaps a bar and a sparkline share what is left.
    let rest = room.saturating_sub(name_width + 2 + action_width + 9);
    let spark_width = if wide { (rest.saturating_sub(3) * 3 / 5).min(60) } else { 0 };
    let bar_width =
        if wide { (rest - spark_width).saturating_sub(3).min(24) } else { rest.saturating_sub(1).min(24) };
    let most = counts.rules.iter().map(|r| total(r).unwrap_or(0)).max().unwrap_or(0).max(1);
    let mut title = format!(
        "{:<name_width$}  {:<action_width$}{:>9}",
        format!("RULES {} {}", say.glyphs.dot, counts.rules.len()),
        "",
        "1 h"
    );
    if bar_width > 0 {
        title.push_str(&" ".repeat(bar_width + 1));
    }
    if spark_width > 0 {
        title.push_str("  by minute");
    }
    let mut lines = vec![Line::of(Role::Header, title)];
    for rule in &counts.rules {
        lines.push(rule_line(
            model,
            row,
            rule,
            most,
            (name_width, action_width, bar_width, spark_width),
            say,
        ));
    }
    lines.push(Line::blank());
    lines
}

/// Rules that only their metrics name. Nothing is said where there is none: that is the usual case.
fn unlisted(model: &Model, row: &AclRow, say: &Say<'_>) -> Vec<Line> {
    let arn = &row.summary.arn;
    let failed = [About::AclSeries(arn.clone()), About::AclUnlisted(arn.clone())].into_iter().find_map(|a| {
        let load = model.inventory.detail(&Source::Detail(a));
        load.filter(|l| l.fault().is_some() || l.seen().is_some_and(|s| !s.complete.gaps().is_empty()))
    });
    let trouble = failed.and_then(|load| say.standing(Some(load), "rules by their metrics"));
    let all = waf_counts::unlisted(&model.inventory, row).unwrap_or_default();
    if all.is_empty() && trouble.is_none() {
        return Vec::new();
    }
    let mut lines = vec![say.heading("BY METRIC", Some(all.len()))];
    // Where counts and a name do not fit side by side, the counts go to the next line.
    let room = say.room.saturating_sub(2 + 2 * 19).clamp(24, 48);
    for rule in all {
        let name = match &rule.group {
            Some(group) => format!("{} in {}", rule.rule.shown(), group.shown()),
            None => rule.rule.shown().to_string(),
        };
        let name = cut_middle(&name, room, say.glyphs.cut);
        let pad = " ".repeat(room.saturating_sub(width(&name)));
        let count = |n| format!("{:>8}", words::maybe_count(n));
        let counts = format!("  {} blocked {} counted", count(rule.blocked_1h), count(rule.counted_1h));
        lines.push(Line::of(Role::Text, format!("{name}{pad}")).and(Role::Text, counts));
    }
    if lines.len() > 1 {
        let text = "rules inside groups, or no longer in the ACL; in no sum above";
        lines.extend(say.wrapped(Role::Dim, text));
    }
    lines.extend(trouble);
    lines.push(Line::blank());
    lines
}

/// Blocked, or counted where a rule only counts.
fn total(rule: &RuleCount) -> Option<u64> {
    if only_counts(rule) { rule.counted_1h } else { rule.blocked_1h }
}

fn only_counts(rule: &RuleCount) -> bool {
    matches!(rule.action, RuleAction::Count | RuleAction::GroupCount)
}

fn rule_line(
    model: &Model,
    row: &AclRow,
    rule: &RuleCount,
    most: u64,
    (name_width, action_width, bar_width, spark_width): (usize, usize, usize, usize),
    say: &Say<'_>,
) -> Line {
    let name = cut_middle(&rule.name.shown().to_string(), name_width, say.glyphs.cut);
    let pad = " ".repeat(name_width.saturating_sub(width(&name)) + 2);
    let count = total(rule);
    let action = cut_end(&words::rule_action(&rule.action), action_width.saturating_sub(1), say.glyphs.cut);
    let mut line =
        Line::of(Role::Text, format!("{name}{pad}")).and(Role::Dim, format!("{action:<action_width$}")).and(
            if count.is_some() { Role::Text } else { Role::Unreadable },
            format!("{:>9}", words::maybe_count(count)),
        );
    if bar_width > 0 {
        // Counts of an hour: far below where a float loses whole numbers.
        #[allow(clippy::cast_precision_loss)]
        let share = count.unwrap_or(0) as f64 / most as f64;
        let drawn = bar(share, bar_width, say.glyphs);
        let pad = " ".repeat(bar_width.saturating_sub(width(&drawn)));
        line = line.and(Role::Chart, format!(" {drawn}{pad}"));
    }
    if spark_width > 0 {
        let minutes = waf_counts::minutes(&model.inventory, row, &rule.metric, !only_counts(rule), say.now);
        if minutes.iter().any(|n| *n > 0) {
            // As above.
            #[allow(clippy::cast_precision_loss)]
            let values: Vec<f64> = minutes.iter().map(|n| *n as f64).collect();
            line = line.and(Role::Chart, format!("  {}", spark(&values, spark_width, say.glyphs)));
        } else if count == Some(0) {
            line = line.and(Role::Dim, "  quiet");
        }
    }
    line
}

fn samples(model: &Model, row: &AclRow, say: &Say<'_>) -> Vec<Line> {
    let arn = &row.summary.arn;
    let source = Source::Detail(About::AclSamples(arn.clone()));
    let load = model.inventory.detail(&source);
    if load.is_none() && !model.sampled.contains(arn) {
        let keys = model
            .keymap()
            .and_then(|k| k.hint(model.screen().place(), crate::controls::Action::Samples))
            .unwrap_or_else(|| "samples".to_owned());
        return vec![
            say.heading("SAMPLES", None),
            Line::of(Role::Key, keys).and(Role::Dim, " fetches whom and what the rules met in the last 3 h"),
            Line::blank(),
        ];
    }
    let mut lines = Vec::new();
    let standing = say.standing(load, "samples");
    if let Some(Detail::Samples(all)) = load.and_then(|l| l.value()) {
        let requests: Vec<&Sample> = all.iter().flat_map(|(_, s)| &s.requests).collect();
        let population: u64 = all.iter().map(|(_, s)| s.population).sum();
        lines.push(say.heading("SAMPLES", Some(requests.len())).and(
            Role::Dim,
            format!("  of {} requests; weighted{}", words::count(population), covered(all, say)),
        ));
        if requests.is_empty() && standing.is_none() {
            lines.push(Line::of(Role::Dim, "no request met these rules in the last 3 h"));
        } else {
            lines.extend(tops(&requests, say));
        }
    } else {
        lines.push(say.heading("SAMPLES", None));
    }
    lines.extend(standing);
    lines.push(Line::blank());
    lines
}

/// The time that samples really cover, which AWS may have made shorter.
fn covered(all: &[(Untrusted, Samples)], say: &Say<'_>) -> String {
    let from = all.iter().filter_map(|(_, s)| s.window).map(|w| w.from).min();
    from.map_or(String::new(), |t| {
        format!("; from {} {} {}", words::clock(t), say.glyphs.dash, words::clock(say.now))
    })
}

type Pick = fn(&Sample) -> Option<&Untrusted>;

fn tops(requests: &[&Sample], say: &Say<'_>) -> Vec<Line> {
    const PICKS: [(&str, Pick); 4] = [
        ("by rule", |s| Some(&s.rule)),
        ("by address", |s| Some(&s.ip)),
        ("by country", |s| s.country.as_ref()),
        ("by URI", |s| Some(&s.uri)),
    ];
    let all: u64 = requests.iter().map(|s| s.weight).sum::<u64>().max(1);
    let room = say.room.saturating_sub(2);
    let mut lines = Vec::new();
    for (label, pick) in PICKS {
        for (i, (value, weight)) in heaviest(requests, pick).into_iter().enumerate() {
            // Weights of a sample: far below where a float loses whole numbers.
            #[allow(clippy::cast_precision_loss)]
            let share = weight as f64 / all as f64;
            let label = if i == 0 { label } else { "" };
            let bar_width = if room >= 60 { 16 } else { 0 };
            let value_room = room.saturating_sub(12 + 6 + bar_width + 2).max(8);
            lines.push(
                Line::of(Role::Dim, format!("{label:<11} "))
                    .and(Role::Text, format!("{:>3.0} % ", share * 100.0))
                    .and(
                        Role::Chart,
                        pad(&bar(share, bar_width, say.glyphs), bar_width + usize::from(bar_width > 0)),
                    )
                    .and(Role::Text, cut_middle(&value.shown().to_string(), value_room, say.glyphs.cut)),
            );
        }
    }
    lines
}

fn pad(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(width(text))))
}

/// The values with the most weight, heaviest first.
fn heaviest(requests: &[&Sample], pick: Pick) -> Vec<(Untrusted, u64)> {
    const SHOWN: usize = 3;
    let mut sums: HashMap<&Untrusted, u64> = HashMap::new();
    for sample in requests {
        if let Some(value) = pick(sample) {
            *sums.entry(value).or_default() += sample.weight;
        }
    }
    let mut all: Vec<(Untrusted, u64)> = sums.into_iter().map(|(v, n)| (v.clone(), n)).collect();
    all.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    all.truncate(SHOWN);
    all
}

fn resources(model: &Model, row: &AclRow, say: &Say<'_>) -> Vec<Line> {
    if row.summary.scope == Scope::CloudFront {
        return Vec::new();
    }
    let load = model.inventory.detail(&Source::Detail(About::AclResources(row.summary.arn.clone())));
    let standing = say.standing(load, "what it protects");
    let mut lines = match load.and_then(|l| l.value()) {
        Some(Detail::Resources(all)) => {
            let mut lines = vec![say.heading("PROTECTS", Some(all.len()))];
            for arn in all {
                let service = Untrusted::from(arn.service().unwrap_or("?"));
                lines.push(
                    Line::of(Role::Dim, format!("{:<13}", service.shown().to_string()))
                        .and(Role::Text, arn.resource().shown().to_string()),
                );
            }
            if all.is_empty() && standing.is_none() {
                lines.push(Line::of(
                    Role::Soon,
                    format!("{} nothing: it is attached to no resource", say.glyphs.soon),
                ));
            }
            lines
        }
        Some(_) | None => vec![say.heading("PROTECTS", None)],
    };
    lines.extend(standing);
    lines.push(Line::blank());
    lines
}
