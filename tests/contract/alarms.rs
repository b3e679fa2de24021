//! Questions about alarms, their history and what mutes them.

use super::fill::cloudwatch::{
    AWKWARD, BULK, COMPOSITE, MATHS, METRIC, MUTE, NAMESPACE, SILENCED, SPIKE, TOPIC,
};
use super::question::{Question, Wrong, distinct, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::alarm::Subject;
use bartizan::estate::ask::cloudwatch::{
    DescribeAlarmContributors, DescribeAlarmHistory, DescribeAlarms, GetAlarmMuteRule, ListAlarmMuteRules,
    ListTagsForResource,
};
use bartizan::estate::metric::MetricSource;
use bartizan::estate::{Alarm, AlarmKind, AlarmName, AlarmState, Arn, Cursor, FaultKind, MuteRuleName, time};
use std::sync::Arc;

const DESCRIBE: &str = "CloudWatch API reference, DescribeAlarms";

/// What a filled server knows.
pub const FILLED: &[Question] = &[
    Question {
        name: "alarms_of_every_type_on_every_page",
        source: DESCRIBE,
        needs: Some("alarms_bulk"),
        check: every,
    },
    Question { name: "alarm_is_as_it_was_put", source: DESCRIBE, needs: Some("alarm"), check: definition },
    Question {
        name: "alarm_state_is_as_it_was_set",
        source: "CloudWatch API reference, SetAlarmState, MetricAlarm",
        needs: Some("alarm_state"),
        check: state,
    },
    Question {
        name: "alarm_with_actions_off",
        source: DESCRIBE,
        needs: Some("alarm_silenced"),
        check: silenced,
    },
    Question {
        name: "alarm_over_maths",
        source: "CloudWatch API reference, MetricAlarm, Metrics",
        needs: Some("alarm_maths"),
        check: maths,
    },
    Question {
        name: "composite_alarm",
        source: "CloudWatch API reference, CompositeAlarm, AlarmRule",
        needs: Some("alarm_composite"),
        check: composite,
    },
    Question {
        name: "awkward_alarm_name",
        source: "CloudWatch API reference, PutMetricAlarm, AlarmName: any UTF-8 but control characters",
        needs: Some("alarm_awkward"),
        check: awkward,
    },
    Question { name: "alarms_by_name", source: DESCRIBE, needs: Some("alarm_composite"), check: by_name },
    Question {
        name: "alarm_history",
        source: "CloudWatch API reference, DescribeAlarmHistory",
        needs: Some("alarm_state"),
        check: history,
    },
    Question {
        name: "alarm_tags",
        source: "CloudWatch API reference, ListTagsForResource",
        needs: Some("alarm"),
        check: tags,
    },
    Question {
        name: "mute_rule",
        source: "CloudWatch API reference, GetAlarmMuteRule",
        needs: Some("mute"),
        check: mute,
    },
];

/// What nobody knows, and what is asked wrongly.
pub const MISSING: &[Question] = &[
    Question {
        name: "alarm_names_that_are_not",
        source: DESCRIBE,
        needs: Some("alarm"),
        check: |e| {
            same("alarms", e.first(DescribeAlarms { names: vec![AlarmName::new("no-such-alarm")] })?.len(), 0)
        },
    },
    Question {
        name: "too_many_alarm_names",
        source: "CloudWatch service model, AlarmNames: at most 100",
        needs: Some("alarm"),
        check: |e| {
            let names = (0..101).map(|n| AlarmName::new(format!("a{n}"))).collect();
            refused(e.first(DescribeAlarms { names }), &FaultKind::Invalid)
        },
    },
    Question {
        name: "alarm_token_that_is_none",
        source: "CloudWatch service model, DescribeAlarms: InvalidNextToken",
        needs: Some("alarm"),
        check: |e| {
            let cursor = Cursor("none of yours".into());
            refused(e.page(DescribeAlarms { names: vec![] }, Some(&cursor)), &FaultKind::Invalid)
        },
    },
    Question {
        name: "history_of_an_alarm_that_is_not",
        source: "CloudWatch API reference, DescribeAlarmHistory: kept even if the alarm is deleted; its only \
                 error is InvalidNextToken",
        needs: Some("alarm"),
        check: |e| {
            let ask = DescribeAlarmHistory { alarm: AlarmName::new("no-such-alarm") };
            same("lines", e.first(ask)?.len(), 0)
        },
    },
    Question {
        name: "contributors_of_an_alarm_that_is_not",
        source: "CloudWatch service model, DescribeAlarmContributors: ResourceNotFoundException",
        needs: Some("alarm"),
        check: |e| {
            let ask = DescribeAlarmContributors { alarm: AlarmName::new("no-such-alarm") };
            refused(e.first(ask), &FaultKind::NotFound)
        },
    },
    Question {
        name: "mute_rule_that_is_not",
        source: "CloudWatch service model, GetAlarmMuteRule: ResourceNotFoundException",
        needs: Some("alarm"),
        check: |e| {
            let ask = GetAlarmMuteRule { name: MuteRuleName::new("no-such-rule") };
            refused(e.first(ask), &FaultKind::NotFound)
        },
    },
    Question {
        name: "tags_of_an_alarm_that_is_not",
        source: "CloudWatch service model, ListTagsForResource: ResourceNotFoundException",
        needs: Some("alarm"),
        check: |e| {
            let first = e.first(DescribeAlarms { names: vec![] })?;
            let arn = first.first().ok_or("there are no alarms")?.arn.wire().to_owned();
            let (account, _) = arn.rsplit_once(':').ok_or("no ARN")?;
            let resource = Arn::new(format!("{account}:no-such-alarm"));
            refused(e.first(ListTagsForResource { resource }), &FaultKind::NotFound)
        },
    },
];

fn one(e: &Asking, name: &str) -> Result<Alarm, Wrong> {
    let mut found = e.first(DescribeAlarms { names: vec![AlarmName::new(name)] })?;
    match (found.pop(), found.len()) {
        (Some(alarm), 0) => Ok(Arc::unwrap_or_clone(alarm)),
        (None, _) => Err(format!("there is no {name:?}").into()),
        (Some(_), n) => Err(format!("{name:?} is there {} times", n + 1).into()),
    }
}

fn every(e: &Asking) -> Result<(), Wrong> {
    let pages = e.pages(DescribeAlarms { names: vec![] })?;
    holds("a page has more than 100", pages.iter().all(|p| p.len() <= 100))?;
    let alarms: Vec<Arc<Alarm>> = pages.into_iter().flatten().collect();
    let mut names: Vec<&str> = alarms.iter().map(|a| a.name.wire()).collect();
    distinct("alarms", &names)?;
    let mut put: Vec<String> = (0..BULK).map(|n| format!("bulk-{n:03}")).collect();
    put.extend([SPIKE, SILENCED, MATHS, COMPOSITE, AWKWARD].map(str::to_owned));
    put.sort();
    names.sort_unstable();
    same("names", names, put.iter().map(String::as_str).collect())
}

fn definition(e: &Asking) -> Result<(), Wrong> {
    let a = one(e, SPIKE)?;
    same("type", a.kind, AlarmKind::Metric)?;
    same("ARN's end", a.arn.wire().ends_with(&format!(":alarm:{SPIKE}")), true)?;
    same("threshold", a.threshold, Some(5.5))?;
    same("comparison", a.comparison.as_ref().map(|c| c.wire()), Some("GreaterThanThreshold"))?;
    same("missing data", a.treat_missing.as_ref().map(|m| m.wire()), Some("notBreaching"))?;
    same("periods", (a.evaluation_periods, a.datapoints_to_alarm), (Some(3), Some(2)))?;
    same("description", a.description.as_ref().map(|d| d.wire()), Some("Too deep"))?;
    same("actions", a.actions_enabled, true)?;
    same("on alarm", a.alarm_actions, vec![Arn::new(TOPIC)])?;
    same("on OK", a.ok_actions, vec![Arn::new(TOPIC)])?;
    same("on no data", a.insufficient_data_actions, vec![])?;
    let Subject::Metric(query) = a.subject else { return Err(format!("it watches {:?}", a.subject).into()) };
    let MetricSource::Stat { metric, stat, period_s, .. } = query.source else {
        return Err("it watches an expression".into());
    };
    same("namespace", (metric.namespace.wire(), metric.name.wire()), (NAMESPACE, METRIC))?;
    same("dimension", metric.dimension("Queue").map(|v| v.wire()), Some("orders"))?;
    same("statistic", (stat.wire(), period_s), ("Maximum", 60))
}

fn state(e: &Asking) -> Result<(), Wrong> {
    let a = one(e, SPIKE)?;
    same("state", a.state, AlarmState::Alarm)?;
    same("reason", a.reason.wire(), "a test")?;
    let since = a.since.ok_or("StateTransitionedTimestamp is missing")?;
    let ago = time::seconds_between(since, e.now());
    holds(format!("in that state since {ago} s"), (-5..600).contains(&ago))
}

fn silenced(e: &Asking) -> Result<(), Wrong> {
    same("actions", one(e, SILENCED)?.actions_enabled, false)
}

fn maths(e: &Asking) -> Result<(), Wrong> {
    let a = one(e, MATHS)?;
    let Subject::Expression(queries) = a.subject else {
        return Err(format!("it watches {:?}", a.subject).into());
    };
    same("queries", queries.len(), 3)?;
    let back: Vec<&str> = queries.iter().filter(|q| q.return_data).map(|q| q.id.wire()).collect();
    same("returned", back, vec!["rate"])?;
    let rate = queries.iter().find(|q| q.return_data).map(|q| &q.source);
    let Some(MetricSource::Expression { text, .. }) = rate else { return Err("no expression".into()) };
    same("expression", text.wire(), "100 * e / c")
}

fn composite(e: &Asking) -> Result<(), Wrong> {
    let a = one(e, COMPOSITE)?;
    same("type", a.kind, AlarmKind::Composite)?;
    let Subject::Rule(rule) = a.subject else { return Err(format!("it watches {:?}", a.subject).into()) };
    let put = format!("ALARM(\"{SPIKE}\") OR ALARM(\"{SILENCED}\")");
    same("rule", rule.wire(), put.as_str())?;
    same("threshold", a.threshold, None)
}

fn awkward(e: &Asking) -> Result<(), Wrong> {
    same("name", one(e, AWKWARD)?.name.wire(), AWKWARD)
}

fn by_name(e: &Asking) -> Result<(), Wrong> {
    let names = [SPIKE, COMPOSITE, "no-such-alarm"].map(AlarmName::new).to_vec();
    let mut found: Vec<String> =
        e.all(DescribeAlarms { names })?.iter().map(|a| a.name.wire().to_owned()).collect();
    found.sort();
    same("names", found, vec![COMPOSITE.to_owned(), SPIKE.to_owned()])
}

fn history(e: &Asking) -> Result<(), Wrong> {
    let lines = e.all(DescribeAlarmHistory { alarm: AlarmName::new(SPIKE) })?;
    holds("no StateUpdate is in it", lines.iter().any(|l| l.kind.wire() == "StateUpdate"))?;
    holds("it is not newest first", lines.windows(2).all(|w| w[0].at >= w[1].at))
}

fn tags(e: &Asking) -> Result<(), Wrong> {
    same("tags", e.first(ListTagsForResource { resource: one(e, SPIKE)?.arn })?.len(), 0)
}

fn mute(e: &Asking) -> Result<(), Wrong> {
    same("rules", e.all(ListAlarmMuteRules {})?, vec![MuteRuleName::new(MUTE)])?;
    let rule = e.first(GetAlarmMuteRule { name: MuteRuleName::new(MUTE) })?;
    same("targets", rule.targets, vec![AlarmName::new(SPIKE)])?;
    let words = [rule.schedule, rule.duration, rule.timezone].map(|w| w.map(|w| w.wire().to_owned()));
    let put = ["cron(0 2 * * *)", "PT4H", "Europe/Berlin"].map(|w| Some(w.to_owned()));
    same("schedule", words, put)?;
    holds(
        format!("its status is {:?}", rule.status),
        ["SCHEDULED", "ACTIVE", "EXPIRED"].contains(&rule.status.wire()),
    )
}
