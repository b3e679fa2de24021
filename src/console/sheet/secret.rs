//! What the detail of a secret says: how old its value is against its policy, its rotation, its versions and
//! their stages. Never a value: the watch does not even ask for one.

use super::line::Line;
use super::say::Say;
use crate::console::model::{Model, Screen};
use crate::controls::Role;
use crate::estate::{Arn, FieldDate, SecretVersion};
use crate::insight::secret_age::{self, AgeState};
use crate::insight::{About, Detail, SecretRow, Source, words};

/// The lines of the secret `arn`.
pub fn lines(model: &Model, arn: &Arn, say: &Say<'_>) -> Vec<Line> {
    let Some(row) = model.inventory.secrets.get(arn) else {
        let loaded = model.inventory.secrets.load().seen().is_some();
        let text = if loaded { "This secret is no longer there." } else { "Secrets are on the way." };
        return vec![Line::of(Role::Dim, text)];
    };
    let mut out = age(model, row, say);
    out.push(Line::blank());
    out.extend(fields(row, say));
    out.extend(rotation(model, row, say));
    out.extend(dates(row, say));
    out.extend(versions(model, row, say));
    out.extend(super::related(model, &Screen::Secret(arn.clone()), say));
    out
}

fn age(model: &Model, row: &SecretRow, say: &Say<'_>) -> Vec<Line> {
    let age = secret_age::of(row, &model.setup.config.policy, say.now);
    let (role, sign) = match age.state {
        AgeState::Overdue => (Role::Soon, say.glyphs.soon),
        AgeState::DueSoon => (Role::Soon, say.glyphs.soon),
        AgeState::Ok => (Role::Ok, say.glyphs.ok),
        AgeState::Unknown => (Role::Unknown, say.glyphs.unknown),
    };
    let mut line = Line::of(role, format!("{sign} {}", secret_age::sentence(&age)));
    if let Some(due) = age.due.filter(|_| age.deletion.is_none()) {
        let text = match age.state {
            AgeState::Overdue => format!("   overdue since {}", words::date(due, say.now)),
            AgeState::DueSoon | AgeState::Ok => format!("   due on {}", words::date(due, say.now)),
            AgeState::Unknown => String::new(),
        };
        line = line.and(Role::Text, text);
    }
    let mut lines = vec![line];
    if let Err(span) = say.field(&row.versions, "its versions are on the way") {
        lines.push(Line { left: vec![span], ..Line::default() });
    }
    if let Some(at) = row.secret.deletion_at {
        lines.push(Line::of(
            Role::Now,
            format!("{} deletion is planned: {}", say.glyphs.now, words::instant(at, say.now)),
        ));
    }
    if let Some(text) = &row.secret.description {
        lines.extend(say.quoted(Role::Dim, text));
    }
    lines
}

/// The fields of which tags record when they were changed.
fn fields(row: &SecretRow, say: &Say<'_>) -> Vec<Line> {
    let all = secret_age::fields(row, say.now);
    if all.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![say.heading("FIELDS", Some(all.len()))];
    for field in &all {
        let name = field.field.shown().to_string();
        let (role, when) = match field.date {
            Ok(FieldDate::On(at)) => (Role::Text, format!("   changed {}", words::date(at, say.now))),
            Ok(FieldDate::Before(at)) => {
                (Role::Text, format!("   not changed since {}", words::date(at, say.now)))
            }
            Err(_) => (Role::Unknown, String::new()),
        };
        let line = Line::of(Role::Strong, format!("{name:<20}"));
        lines.push(line.and(role, format!("  {}", secret_age::field_sentence(field))).and(Role::Dim, when));
    }
    lines.extend(say.wrapped(Role::Dim, secret_age::FIELDS_NOTE));
    lines.push(Line::blank());
    lines
}

fn rotation(model: &Model, row: &SecretRow, say: &Say<'_>) -> Vec<Line> {
    let secret = &row.secret;
    let age = secret_age::of(row, &model.setup.config.policy, say.now);
    let mut lines = vec![say.heading("ROTATION", None)];
    if let Some(since) = age.rotation_failed {
        lines.push(Line::of(
            Role::Now,
            format!(
                "{} failed: it was due on {} and did not happen",
                say.glyphs.now,
                words::instant(since, say.now)
            ),
        ));
    }
    let how = match (secret.rotation_enabled, secret.rotation_days) {
        (true, Some(days)) => format!("on, every {days} days"),
        (true, None) => "on".to_owned(),
        (false, _) => "off: somebody rotates it by hand".to_owned(),
    };
    lines.push(say.pair("rotation", Line::of(Role::Text, how)));
    if let Some(next) = secret.next_rotation.filter(|_| age.rotation_failed.is_none()) {
        lines.push(say.pair("next", Line::of(Role::Text, words::instant(next, say.now))));
    }
    let last = secret.last_rotated.map_or("never".to_owned(), |t| words::instant(t, say.now));
    lines.push(say.pair("last", Line::of(Role::Text, last)));
    lines.push(Line::blank());
    lines
}

fn dates(row: &SecretRow, say: &Say<'_>) -> Vec<Line> {
    let secret = &row.secret;
    let mut lines = vec![say.heading("USE", None)];
    let accessed = secret.last_accessed.map_or("not that AWS knows".to_owned(), |t| words::date(t, say.now));
    lines.push(say.pair("last read", Line::of(Role::Text, accessed).and(Role::Dim, "   by day")));
    if let Some(changed) = secret.last_changed {
        lines.push(
            say.pair(
                "last changed",
                Line::of(Role::Text, words::instant(changed, say.now))
                    .and(Role::Dim, "   by anything, tags too: no age"),
            ),
        );
    }
    let key = secret.kms_key.as_ref().map_or("the AWS managed key".to_owned(), |k| k.shown().to_string());
    lines.push(say.pair("encrypted by", Line::of(Role::Text, key)));
    if let Some(owner) = &secret.owning_service {
        lines.push(say.pair("managed by", Line::of(Role::Text, owner.shown().to_string())));
    }
    if let Some(primary) = &secret.primary_region {
        lines.push(say.pair("replica of", Line::of(Role::Text, primary.shown().to_string())));
    }
    lines.push(Line::blank());
    lines
}

fn versions(model: &Model, row: &SecretRow, say: &Say<'_>) -> Vec<Line> {
    let load = model.inventory.detail(&Source::Detail(About::SecretVersions(row.secret.arn.clone())));
    let mut all: Vec<&SecretVersion> = match load.and_then(|l| l.value()) {
        Some(Detail::Versions(all)) if !all.is_empty() => all.iter().collect(),
        Some(_) | None => row.versions.value().into_iter().flatten().collect(),
    };
    all.sort_by_key(|v| std::cmp::Reverse(v.created));
    let mut lines = vec![say.heading("VERSIONS", Some(all.len()).filter(|n| *n > 0))];
    lines.extend(say.standing(load, "its latest state"));
    for version in all {
        let stages: Vec<String> = version.stages.iter().map(|s| s.shown().to_string()).collect();
        let stages = if stages.is_empty() { "no label".to_owned() } else { stages.join(", ") };
        let current = version.has_stage("AWSCURRENT");
        let role = if current { Role::Strong } else { Role::Text };
        let made = version.created.map_or("?".to_owned(), |t| {
            format!("made {}, {} ago", words::date(t, say.now), words::age(t, say.now))
        });
        let read = version
            .last_accessed
            .map_or("never read".to_owned(), |t| format!("read {}", words::date(t, say.now)));
        lines.push(
            Line::of(role, format!("{stages:<14}"))
                .and(Role::Text, format!("  {made:<28}"))
                .and(Role::Dim, format!("  {read:<12}"))
                .ending(Role::Dim, version.id.shown().to_string().chars().take(8).collect::<String>()),
        );
    }
    lines.push(Line::blank());
    lines
}
