//! Alarms, their history and the rules that mute them; metrics are next door in `data`. Sources: CloudWatch
//! API reference, `DescribeAlarms` (100 a page), `DescribeAlarmHistory` (100 a page, 30 days),
//! `ListAlarmMuteRules`, `GetAlarmMuteRule`.

use super::{Asked, data, maybe, pairs, reason, text, time};
use crate::estate::alarm::{Alarm, AlarmKind, AlarmState, Contributor, HistoryItem, MuteRule, Subject};
use crate::estate::ask::Cursor;
use crate::estate::ask::cloudwatch::{Answer, Ask, DescribeAlarms, ListAlarmMuteRules};
use crate::estate::fault::Fault;
use crate::estate::metric::{MetricQuery, MetricSource};
use crate::estate::names::{AlarmName, Arn, MuteRuleName};
use crate::practice::faults;
use crate::practice::world::alarm::{Alarm as Row, Mute, Schedule, State, Watch, contributors};
use crate::practice::world::{DAY, Second, arn};
use std::sync::Arc;

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    let world = asked.world;
    match ask {
        Ask::DescribeAlarms(q) => describe(asked, q).map(|(a, n)| (Answer::DescribeAlarms(a), n)),
        Ask::DescribeAlarmHistory(q) => {
            // an alarm that is not there has no history, which is no fault: no such error is in the model
            let items = find(asked, q.alarm.wire()).map(|row| history(row, world.now)).unwrap_or_default();
            let (page, next) = asked.newest(q.alarm.wire(), &items, 100)?;
            Ok((Answer::DescribeAlarmHistory(page.into_iter().cloned().collect()), next))
        }
        Ask::DescribeAlarmContributors(q) => {
            asked.single()?;
            let Some(row) = find(asked, q.alarm.wire()) else {
                return Err(faults::missing(
                    asked.op,
                    "ResourceNotFoundException",
                    "The named resource does not exist.",
                ));
            };
            let all = contributors(world, row).into_iter().map(|c| Contributor {
                attributes: pairs(&c.key.dims),
                reason: reason::of_contributor(row, &c).into(),
                since: Some(time(c.since)),
            });
            Ok((Answer::DescribeAlarmContributors(all.collect()), None))
        }
        Ask::ListAlarmMuteRules(ListAlarmMuteRules {}) => {
            let rows = asked.rows(&world.mutes);
            let (page, next) = asked.page("", &rows, 50, |m| &m.name)?;
            let names = page.into_iter().map(|m| MuteRuleName::new(m.name.as_str())).collect();
            Ok((Answer::ListAlarmMuteRules(names), next))
        }
        Ask::GetAlarmMuteRule(q) => {
            asked.single()?;
            match asked.rows(&world.mutes).into_iter().find(|m| m.name == q.name.wire()) {
                Some(m) => Ok((Answer::GetAlarmMuteRule(mute(m, world.now)), None)),
                None => {
                    let message = format!("Alarm mute rule {} does not exist.", q.name.wire());
                    Err(faults::missing(asked.op, "ResourceNotFoundException", &message))
                }
            }
        }
        Ask::GetMetricData(q) => data::values(asked, q).map(|(s, n)| (Answer::GetMetricData(s), n)),
        Ask::ListMetrics(q) => data::list(asked, q).map(|(m, n)| (Answer::ListMetrics(m), n)),
        Ask::ListTagsForResource(q) => {
            asked.single()?;
            match asked.rows(&world.alarms).into_iter().find(|a| a.arn() == q.resource.wire()) {
                Some(a) => Ok((Answer::ListTagsForResource(pairs(&a.tags)), None)),
                None => Err(faults::missing(
                    asked.op,
                    "ResourceNotFoundException",
                    "The named resource does not exist.",
                )),
            }
        }
    }
}

fn find<'a>(asked: &Asked<'a>, name: &str) -> Option<&'a Row> {
    let place = asked.world.alarm(name).filter(|_| asked.here)?;
    asked.world.alarms.get(place)
}

fn describe(asked: &Asked<'_>, q: &DescribeAlarms) -> Result<(Vec<Arc<Alarm>>, Option<Cursor>), Fault> {
    if q.names.len() > 100 {
        let message = "Value at 'alarmNames' failed to satisfy constraint: Member must have length less than or equal to 100";
        return Err(faults::invalid(asked.op, "ValidationError", message));
    }
    let rows: Vec<&Row> = if q.names.is_empty() {
        asked.rows(&asked.world.alarms)
    } else {
        let mut named: Vec<&Row> = q.names.iter().filter_map(|n| find(asked, n.wire())).collect();
        named.sort_by(|a, b| a.name.cmp(&b.name)); // as the table is
        named.dedup_by(|a, b| a.name == b.name);
        named
    };
    let about: String = q.names.iter().map(AlarmName::wire).collect();
    let (page, next) = asked.page(&about, &rows, 100, |a| &a.name)?;
    Ok((page.into_iter().map(|row| Arc::new(alarm(row))).collect(), next))
}

fn alarm(a: &Row) -> Alarm {
    let arns = |list: &[String]| list.iter().map(|t| Arn::new(t.as_str())).collect::<Vec<_>>();
    let measured = !matches!(a.watch, Watch::Rule(_));
    Alarm {
        name: AlarmName::new(a.name.as_str()),
        arn: Arn::new(a.arn()),
        kind: match a.watch {
            Watch::Metric { .. } | Watch::Maths { .. } | Watch::Select { .. } => AlarmKind::Metric,
            Watch::Rule(_) => AlarmKind::Composite,
            Watch::Log { .. } => AlarmKind::Log,
        },
        state: match a.state {
            State::Ok => AlarmState::Ok,
            State::Alarm => AlarmState::Alarm,
            State::Insufficient => AlarmState::InsufficientData,
        },
        since: Some(time(a.since)),
        reason: reason::words(a).into(),
        reason_data: reason::data(a).filter(|_| !matches!(a.state, State::Ok)).map(Into::into),
        evaluation: maybe(a.evaluation.as_ref()),
        actions_enabled: a.actions_enabled,
        alarm_actions: arns(&a.alarm_actions),
        ok_actions: arns(&a.ok_actions),
        insufficient_data_actions: Vec::new(),
        subject: subject(a),
        threshold: measured.then_some(a.threshold),
        comparison: measured.then(|| text(reason::operator(a.op))),
        treat_missing: measured.then(|| text(a.missing.word())),
        evaluation_periods: measured.then_some(a.periods),
        datapoints_to_alarm: a.datapoints.filter(|_| measured),
        description: maybe(a.description.as_ref()),
    }
}

fn subject(a: &Row) -> Subject {
    let period_s = u32::try_from(a.period).unwrap_or(u32::MAX);
    let stat = |id: &str, key, stat: &str, return_data| MetricQuery {
        id: text(id),
        source: MetricSource::Stat { metric: data::id(key), stat: text(stat), period_s, unit: None },
        return_data,
        label: None,
    };
    match &a.watch {
        Watch::Metric { key, stat: s } => Subject::Metric(stat("m1", key, s, true)),
        Watch::Maths { inputs, stat: s, expression } => {
            let mut queries: Vec<MetricQuery> =
                inputs.iter().map(|(id, key)| stat(id, key, s, false)).collect();
            queries.push(MetricQuery {
                id: text("e1"),
                source: MetricSource::Expression { text: text(expression), period_s: Some(period_s) },
                return_data: true,
                label: None,
            });
            Subject::Expression(queries)
        }
        Watch::Select { query, .. } => Subject::Expression(vec![MetricQuery {
            id: text("q1"),
            source: MetricSource::Expression { text: text(query), period_s: Some(period_s) },
            return_data: true,
            label: None,
        }]),
        Watch::Rule(rule) => Subject::Rule(text(rule)),
        Watch::Log { query, .. } => Subject::Other(text(query)),
    }
}

/// Newest first: what its states were, which actions were carried out, and its creation if that is recent.
fn history(a: &Row, now: Second) -> Vec<HistoryItem> {
    let mut items = Vec::new();
    let item = |at, kind: &str, summary: String| HistoryItem {
        at: time(at),
        kind: text(kind),
        summary: summary.into(),
    };
    for turn in a.turns.iter().rev().filter(|t| t.at >= now - 30 * DAY) {
        let actions = match turn.to {
            State::Alarm => a.alarm_actions.as_slice(),
            State::Ok => a.ok_actions.as_slice(),
            State::Insufficient => &[],
        };
        if turn.acted {
            for action in actions {
                items.push(item(turn.at, "Action", format!("Successfully executed action {action}")));
            }
        }
        let summary = format!("Alarm updated from {} to {}", turn.from.word(), turn.to.word());
        items.push(item(turn.at, "StateUpdate", summary));
    }
    if a.created >= now - 30 * DAY {
        items.push(item(a.created, "ConfigurationUpdate", format!("Alarm \"{}\" created", a.name)));
    }
    items
}

fn mute(m: &Mute, now: Second) -> MuteRule {
    let status = if m.active(now) {
        "ACTIVE"
    } else if m.expired(now) {
        "EXPIRED"
    } else {
        "SCHEDULED"
    };
    let (schedule, starts, expires) = match m.schedule {
        Schedule::At(at) => {
            let day = time(at).to_string();
            let minute = day.get(..16).unwrap_or(&day).to_owned();
            (format!("at({minute})"), Some(time(at)), Some(time(at + m.minutes * 60)))
        }
        Schedule::Daily(hour) => (format!("cron(0 {hour} * * *)"), None, None),
    };
    MuteRule {
        name: MuteRuleName::new(m.name.as_str()),
        arn: Some(Arn::new(arn("cloudwatch", &format!("alarm-mute-rule:{}", m.name)))),
        status: text(status),
        targets: m.targets.iter().map(|t| AlarmName::new(t.as_str())).collect(),
        schedule: Some(schedule.into()),
        duration: Some(iso(m.minutes).into()),
        timezone: maybe(m.timezone.as_ref()),
        starts,
        expires,
        description: maybe(m.description.as_ref()),
    }
}

/// Minutes as ISO 8601 writes a duration.
fn iso(minutes: i64) -> String {
    let (days, hours, minutes) = (minutes / 1_440, minutes % 1_440 / 60, minutes % 60);
    let part = |n: i64, unit: char| if n == 0 { String::new() } else { format!("{n}{unit}") };
    let time = part(hours, 'H') + &part(minutes, 'M');
    format!("P{}{}{time}", part(days, 'D'), if time.is_empty() { "" } else { "T" })
}
