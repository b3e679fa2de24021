//! Alarms that need a person.

use super::{Attention, Hint, Kind, Rank, Severity, class};
use crate::estate::alarm::Subject as Watched;
use crate::estate::{Alarm, AlarmState, Arn, Untrusted};
use crate::insight::look::Look;
use crate::insight::source::{Broad, Source};
use crate::insight::subject::Subject;
use crate::insight::{alarm_words, words};
use std::collections::HashMap;
use std::sync::Arc;

/// More alarms than this with their actions switched off are one line, not many.
const NAMED_SETTINGS: usize = 3;

pub(super) fn find(look: &Look<'_>, all: &mut Vec<Attention>) {
    let parents = parents(look);
    let mut without_actions = Vec::new();
    for (arn, alarm) in look.inv.alarms.iter() {
        let mute = look.picture.mutes.get(&alarm.name);
        let idle = !alarm.actions_enabled && has_actions(alarm);
        match &alarm.state {
            AlarmState::Alarm => {
                all.push(in_alarm(look, arn, alarm, parents.get(alarm.name.wire()).copied()))
            }
            AlarmState::Other(_) => all.push(unknown(arn, alarm, alarm_words::sentence(alarm, look.now))),
            AlarmState::InsufficientData if mute.is_none() => {
                all.push(unknown(arn, alarm, alarm_words::sentence(alarm, look.now)));
            }
            AlarmState::InsufficientData | AlarmState::Ok => {
                if let Some(reason) = cannot_be_judged(alarm) {
                    all.push(unknown(arn, alarm, reason));
                } else if idle {
                    without_actions.push((arn, alarm));
                }
            }
        }
    }
    settings(without_actions, all);
}

fn in_alarm(look: &Look<'_>, arn: &Arn, alarm: &Alarm, parent: Option<&Arc<Alarm>>) -> Attention {
    let name = alarm.name.text();
    let mut reason = alarm_words::sentence(alarm, look.now);
    let mute = look.picture.mutes.get(&alarm.name);
    if let Some(mute) = mute {
        reason = match mute.until {
            Some(t) => format!("muted until {}; {reason}", words::instant(t, look.now)),
            None => format!("muted by {}; {reason}", mute.rule.shown()),
        };
    }
    if !alarm.actions_enabled && has_actions(alarm) {
        reason.push_str("; actions disabled");
    }
    let class = if mute.is_some() { class::MUTED } else { class::ALARM };
    let mut rank = Rank::of(class, name).since(alarm.since);
    if let Some(parent) = parent {
        rank = Rank::of(class, parent.name.text()).since(parent.since);
        rank.child = true;
        reason.push_str(&format!("; part of {}", parent.name.shown()));
    }
    Attention {
        severity: if mute.is_some() { Severity::Soon } else { Severity::Now },
        kind: Kind::Alarm,
        subject: Subject::Alarm(arn.clone()),
        name: name.clone(),
        reason,
        next: Hint::Chart,
        by: None,
        rank,
    }
}

fn unknown(arn: &Arn, alarm: &Alarm, reason: String) -> Attention {
    let name = alarm.name.text();
    Attention {
        severity: Severity::Unknown,
        kind: Kind::AlarmUnknown,
        subject: Subject::Alarm(arn.clone()),
        name: name.clone(),
        reason,
        next: Hint::Chart,
        by: None,
        rank: Rank::of(class::ALARM, name).since(alarm.since),
    }
}

/// CloudWatch could not evaluate it, so its state says nothing (`EvaluationState`).
fn cannot_be_judged(alarm: &Alarm) -> Option<String> {
    match alarm.evaluation.as_ref()?.wire() {
        "EVALUATION_ERROR" | "EVALUATION_FAILURE" => {
            let state = words::alarm_state(&alarm.state);
            Some(format!("{state}, but CloudWatch could not evaluate it"))
        }
        _ => None,
    }
}

fn has_actions(alarm: &Alarm) -> bool {
    [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions].iter().any(|a| !a.is_empty())
}

fn settings(off: Vec<(&Arn, &Arc<Alarm>)>, all: &mut Vec<Attention>) {
    let line = |subject: Subject, name: Untrusted, reason: String, next| Attention {
        severity: Severity::Soon,
        kind: Kind::ActionsDisabled,
        subject,
        rank: Rank::of(class::SETTING, &name),
        name,
        reason,
        next,
        by: None,
    };
    if off.len() > NAMED_SETTINGS {
        let reason = format!(
            "{} alarms have their actions disabled: they tell nobody",
            words::count(off.len() as u64)
        );
        all.push(line(Subject::Source(Source::Broad(Broad::Alarms)), "alarms".into(), reason, Hint::List));
        return;
    }
    for (arn, alarm) in off {
        let reason = "actions disabled: it tells nobody".to_string();
        all.push(line(Subject::Alarm(arn.clone()), alarm.name.text().clone(), reason, Hint::Chart));
    }
}

/// The composite in ALARM that each alarm is a part of; of several, the first by name.
fn parents<'a>(look: &Look<'a>) -> HashMap<String, &'a Arc<Alarm>> {
    let mut parents = HashMap::new();
    let muted = |a: &Alarm| look.picture.mutes.get(&a.name).is_some();
    for alarm in look.inv.alarms.values() {
        let Watched::Rule(rule) = &alarm.subject else { continue };
        if alarm.state != AlarmState::Alarm || muted(alarm) {
            continue;
        }
        for child in children(rule.wire()) {
            if child != alarm.name.wire() {
                parents.entry(child).or_insert(alarm);
            }
        }
    }
    parents
}

/// The alarms that a composite's rule names: what stands in the brackets of ALARM, OK and
/// INSUFFICIENT_DATA, a name or an ARN, in quotes or not (CloudWatch API reference, `PutCompositeAlarm`,
/// `AlarmRule`).
pub(in crate::insight) fn children(rule: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = rule;
    while let Some(open) = rest.find('(') {
        let head = rest[..open].trim_end();
        let is_state = ["ALARM", "OK", "INSUFFICIENT_DATA"].iter().any(|s| head.ends_with(s));
        rest = &rest[open + 1..];
        if !is_state {
            continue;
        }
        let body = rest.trim_start();
        let quote = body.chars().next().filter(|c| matches!(c, '"' | '\''));
        let name = match quote {
            Some(q) => body[1..].split(q).next(),
            None => body.split(')').next().map(str::trim_end),
        };
        if let Some(name) = name {
            let name =
                if name.starts_with("arn:") { name.splitn(7, ':').nth(6).unwrap_or(name) } else { name };
            found.push(name.to_string());
        }
    }
    found.sort();
    found.dedup();
    found
}
