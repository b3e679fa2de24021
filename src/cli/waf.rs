//! `waf list`, `show`, `blocked` and `samples`: what they read and how they say it. It makes no conclusions
//! of its own.

use super::facts::Facts;
use super::say;
use super::scene::{Scene, maybe_instant, maybe_text, snake};
use super::table::{Block, Cell, Column, Table, Tone};
use crate::estate::{Sample, Samples, Scope, Untrusted};
use crate::insight::document::acl::{self as document, action, mode, resources, rules_json, scope};
use crate::insight::waf_counts::{self, AclCount, RuleCount, Unlisted};
use crate::insight::{About, AclRow, Broad, Detail, Source};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Web ACLs in the order of a list: those that block most first, then by name.
fn sorted<'a>(scene: &'a Scene<'_>, facts: &Facts) -> Vec<&'a AclRow> {
    let mut rows: Vec<&AclRow> =
        scene.inv.regional_acls.values().chain(scene.inv.cloudfront_acls.values()).collect();
    rows.sort_by_cached_key(|row| {
        (std::cmp::Reverse(facts.acl_count(row, scene).blocked_1h.unwrap_or(0)), row.summary.name.clone())
    });
    rows
}

/// The sources that list web ACLs.
pub const ACLS: [Source; 2] =
    [Source::Broad(Broad::WebAcls(Scope::Regional)), Source::Broad(Broad::WebAcls(Scope::CloudFront))];

/// `waf list` as a document.
#[must_use]
pub fn list_document(scene: &Scene<'_>, facts: &Facts) -> Value {
    let look = facts.look(scene);
    let acls = sorted(scene, facts).into_iter().map(|r| Value::Object(document::json(r, &look))).collect();
    scene.document("waf", vec![("web_acls", scene.listed(&ACLS, acls))])
}

fn number(n: Option<u64>) -> Cell {
    match n {
        None => Cell::toned("?", Tone::Unknown),
        Some(0) => Cell::toned("0", Tone::Faint),
        Some(n) => say::count(n).into(),
    }
}

/// `waf list` for a person.
#[must_use]
pub fn list_blocks(scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    let mut table = Table::new(vec![
        Column::name("NAME", 0),
        Column::text("SCOPE", 2),
        Column::number("RULES", 3),
        Column::number("BLOCKED 1 H", 0),
        Column::number("PER MIN", 1),
        Column::number("COUNTED 1 H", 4),
        Column::name("SYSTEM", 5),
    ]);
    for row in sorted(scene, facts) {
        let count = facts.acl_count(row, scene);
        table.row(vec![
            row.summary.name.shown().to_string().into(),
            Cell::toned(scope(row.summary.scope), Tone::Faint),
            number(row.acl.value().map(|a| a.rules.len() as u64)),
            number(count.blocked_1h),
            number(count.blocked_per_min),
            number(count.counted_1h),
            Cell::toned(
                facts.system_of_acl(row).map(|s| s.shown().to_string()).unwrap_or_default(),
                Tone::Faint,
            ),
        ]);
    }
    vec![Block::Table(table)]
}

/// `waf show` as a document.
#[must_use]
pub fn show_document(row: &AclRow, scene: &Scene<'_>, facts: &Facts) -> Value {
    document::show(row, &scene.head_of(), &facts.look(scene))
}

fn unlisted_table(all: &[Unlisted]) -> Table {
    let mut table = Table::new(vec![
        Column::name("BY METRIC, IN NO SUM", 0),
        Column::name("RULE GROUP", 1),
        Column::number("BLOCKED 1 H", 0),
        Column::number("COUNTED 1 H", 0),
    ]);
    for u in all {
        table.row(vec![
            u.rule.shown().to_string().into(),
            u.group.as_ref().map(|g| g.shown().to_string()).unwrap_or_default().into(),
            number(u.blocked_1h),
            number(u.counted_1h),
        ]);
    }
    table
}

fn rule_table(row: &AclRow, count: &AclCount) -> Table {
    let mut table = Table::new(vec![
        Column::name("RULE", 0),
        Column::text("ACTION", 1),
        Column::text("MODE", 2),
        Column::number("BLOCKED 1 H", 0),
        Column::number("PER MIN", 2),
        Column::number("COUNTED 1 H", 1),
        Column::words("MATCHES", 3),
    ]);
    for rule in &count.rules {
        let mode = mode(row, rule);
        let known = row.acl.value().into_iter().flat_map(|a| &a.rules).find(|r| r.metric == rule.metric);
        table.row(vec![
            rule.name.shown().to_string().into(),
            say::safe(&action(&rule.action)).into(),
            Cell::toned(mode, if mode == "enforce" { Tone::Plain } else { Tone::Soon }),
            number(rule.blocked_1h),
            number(rule.blocked_per_min),
            number(rule.counted_1h),
            Cell::toned(known.map(|r| r.statement.shown().to_string()).unwrap_or_default(), Tone::Faint),
        ]);
    }
    table
}

/// `waf show` for a person.
#[must_use]
pub fn show_blocks(row: &AclRow, scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    let mut lines = say::Facts::new();
    lines.head(vec![Cell::toned(row.summary.name.shown().to_string(), Tone::Title)]);
    lines.add("scope", scope(row.summary.scope));
    let count = facts.acl_count(row, scene);
    lines.add_cell("blocked 1 h", number(count.blocked_1h));
    lines.add_cell("per minute", number(count.blocked_per_min));
    if let Some(acl) = row.acl.value() {
        lines.add("otherwise", say::safe(&action(&acl.default_action)));
    }
    for (i, arn) in resources(row, scene.inv).unwrap_or_default().into_iter().enumerate() {
        lines.add(if i == 0 { "protects" } else { "" }, say::safe(&arn));
    }
    if let Some(system) = facts.system_of_acl(row) {
        lines.add("system", system.shown().to_string());
    }
    lines.add("arn", row.summary.arn.shown().to_string());
    let mut blocks = lines.blocks();
    blocks.push(Block::Line(Vec::new()));
    blocks.push(Block::Table(rule_table(row, &count)));
    if let Some(all) = waf_counts::unlisted(scene.inv, row).filter(|all| !all.is_empty()) {
        blocks.push(Block::Line(Vec::new()));
        blocks.push(Block::Table(unlisted_table(&all)));
    }
    blocks
}

/// `waf blocked` as a document.
#[must_use]
pub fn blocked_document(row: &AclRow, scene: &Scene<'_>, facts: &Facts) -> Value {
    let count = facts.acl_count(row, scene);
    let minutes = |rule: &RuleCount| waf_counts::minutes(scene.inv, row, &rule.metric, true, scene.now);
    let by_minute: Map<String, Value> =
        count.rules.iter().map(|r| (r.name.wire().to_owned(), json!(minutes(r)))).collect();
    scene.document(
        "waf_blocked",
        vec![
            ("name", json!(row.summary.name.wire())),
            ("arn", json!(row.summary.arn.wire())),
            ("blocked_1h", json!(count.blocked_1h)),
            ("counted_1h", json!(count.counted_1h)),
            ("blocked_per_min", json!(count.blocked_per_min)),
            ("usual_per_min", json!(count.usual_per_min)),
            ("rules", rules_json(row, &count)),
            // Sixty numbers each, the last minute last; empty where they are not known.
            ("minutes", Value::Object(by_minute)),
        ],
    )
}

/// `waf blocked` for a person.
#[must_use]
pub fn blocked_blocks(row: &AclRow, scene: &Scene<'_>, facts: &Facts) -> Vec<Block> {
    vec![Block::Table(rule_table(row, &facts.acl_count(row, scene)))]
}

fn samples<'a>(row: &AclRow, scene: &'a Scene<'_>) -> Option<&'a [(Untrusted, Samples)]> {
    match scene.inv.detail(&Source::Detail(About::AclSamples(row.summary.arn.clone())))?.value()? {
        Detail::Samples(samples) => Some(samples),
        _ => None,
    }
}

/// All samples, newest first.
fn requests<'a>(samples: &'a [(Untrusted, Samples)]) -> Vec<&'a Sample> {
    let mut all: Vec<&'a Sample> = samples.iter().flat_map(|(_, s)| &s.requests).collect();
    all.sort_by_key(|s| std::cmp::Reverse(s.at));
    all
}

/// Values by the requests they stand for, heaviest first.
fn top<'a>(
    all: &[&'a Sample],
    value: impl Fn(&'a Sample) -> Option<&'a Untrusted>,
) -> Vec<(&'a Untrusted, u64)> {
    const MOST: usize = 10;
    let mut weights: HashMap<&Untrusted, u64> = HashMap::new();
    for sample in all {
        if let Some(value) = value(sample) {
            *weights.entry(value).or_default() += sample.weight;
        }
    }
    let mut top: Vec<_> = weights.into_iter().collect();
    top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    top.truncate(MOST);
    top
}

/// What a top list is of, its word, and how it is read from a sample.
type Of = (&'static str, fn(&Sample) -> Option<&Untrusted>);
const TOPS: [Of; 4] = [
    ("ip", |s| Some(&s.ip)),
    ("country", |s| s.country.as_ref()),
    ("uri", |s| Some(&s.uri)),
    ("rule", |s| Some(&s.rule)),
];

/// `waf samples` as a document.
#[must_use]
pub fn samples_document(row: &AclRow, scene: &Scene<'_>) -> Value {
    let all = samples(row, scene).map(requests);
    let each = |s: &&Sample| {
        json!({
            "at": maybe_instant(s.at),
            "rule": s.rule.wire(),
            "action": snake(s.action.wire()),
            "ip": s.ip.wire(),
            "country": maybe_text(s.country.as_ref()),
            "method": s.method.wire(),
            "uri": s.uri.wire(),
            "user_agent": maybe_text(s.user_agent.as_ref()),
            "weight": s.weight,
        })
    };
    let tops = all.as_ref().map(|all| {
        let one = |(value, weight): (&Untrusted, u64)| json!({ "value": value.wire(), "weight": weight });
        let lists = TOPS.iter().map(|(word, of)| {
            ((*word).to_owned(), Value::Array(top(all, of).into_iter().map(one).collect()))
        });
        Value::Object(lists.collect())
    });
    let population = samples(row, scene).map(|s| s.iter().map(|(_, s)| s.population).sum::<u64>());
    scene.document(
        "waf_samples",
        vec![
            ("name", json!(row.summary.name.wire())),
            ("arn", json!(row.summary.arn.wire())),
            ("population", json!(population)),
            ("samples", json!(all.as_ref().map(|all| all.iter().map(each).collect::<Vec<_>>()))),
            ("top", json!(tops)),
        ],
    )
}

/// `waf samples` for a person.
#[must_use]
pub fn samples_blocks(row: &AclRow, scene: &Scene<'_>) -> Vec<Block> {
    let all = samples(row, scene).map(requests).unwrap_or_default();
    let mut blocks = Vec::new();
    for (word, of) in TOPS {
        let mut table = Table::new(vec![Column::number("REQUESTS", 0), Column::name(title(word), 0)]);
        for (value, weight) in top(&all, of) {
            table.row(vec![say::count(weight).into(), value.shown().to_string().into()]);
        }
        blocks.push(Block::Table(table));
        blocks.push(Block::Line(Vec::new()));
    }
    let mut table = Table::new(vec![
        Column::text("AT", 0),
        Column::text("ACTION", 0),
        Column::name("RULE", 2),
        Column::name("IP", 0),
        Column::text("COUNTRY", 4),
        Column::text("METHOD", 3),
        Column::words("URI", 1),
        Column::words("USER AGENT", 5),
    ]);
    for s in all {
        let text = |t: &Untrusted| Cell::plain(t.shown().to_string());
        table.row(vec![
            s.at.map(say::instant).unwrap_or_default().into(),
            text(&s.action),
            text(&s.rule),
            text(&s.ip),
            s.country.as_ref().map(text).unwrap_or_default(),
            text(&s.method),
            text(&s.uri),
            s.user_agent.as_ref().map(text).unwrap_or_default(),
        ]);
    }
    blocks.push(Block::Table(table));
    blocks
}

fn title(word: &str) -> &'static str {
    match word {
        "ip" => "BY IP",
        "country" => "BY COUNTRY",
        "uri" => "BY URI",
        _ => "BY RULE",
    }
}
