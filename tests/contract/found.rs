//! Questions that need no filling: whatever a place has, its answers must agree with each other and with what
//! the models say of every such thing.

use super::question::{Question, Wrong, distinct, holds, same};
use crate::asking::Asking;
use bartizan::estate::alarm::Subject;
use bartizan::estate::ask::cloudwatch::{
    DescribeAlarmHistory, DescribeAlarms, GetAlarmMuteRule, GetMetricData, ListAlarmMuteRules,
};
use bartizan::estate::ask::secretsmanager::{DescribeSecret, ListSecretVersionIds, ListSecrets};
use bartizan::estate::ask::sqs::{
    GetQueueAttributes, ListDeadLetterSourceQueues, ListMessageMoveTasks, ListQueues,
};
use bartizan::estate::ask::wafv2::{GetWebACL, ListWebACLs};
use bartizan::estate::metric::{MetricSource, Window};
use bartizan::estate::{AlarmKind, Arn, FaultKind, MoveTaskStatus, QueueFacts, QueueUrl, Scope, time};

/// Of long lists so many are looked into.
const LOOKED_INTO: usize = 25;

pub const FOUND: &[Question] = &[
    Question {
        name: "alarms_agree",
        source: "CloudWatch API reference, DescribeAlarms, MetricAlarm, CompositeAlarm",
        needs: Some("alarm"),
        check: alarms,
    },
    Question {
        name: "histories_agree",
        source: "CloudWatch API reference, DescribeAlarmHistory; \"kept for 30 days\"",
        needs: Some("alarm"),
        check: histories,
    },
    Question {
        name: "metrics_of_alarms_agree",
        source: "CloudWatch API reference, GetMetricData, MetricDataResult",
        needs: Some("alarm"),
        check: metrics,
    },
    Question {
        name: "mute_rules_agree",
        source: "CloudWatch API reference, ListAlarmMuteRules, GetAlarmMuteRule: at most 100 alarm names",
        needs: Some("mute"),
        check: mutes,
    },
    Question {
        name: "queues_agree",
        source: "SQS API reference, GetQueueAttributes; \"FIFO queue names end in .fifo\"; 60 s to 14 days",
        needs: None,
        check: queues,
    },
    Question {
        name: "dead_letter_queues_agree",
        source: "SQS API reference, ListDeadLetterSourceQueues, RedrivePolicy",
        needs: None,
        check: dead_letters,
    },
    Question {
        name: "move_tasks_agree",
        source: "SQS API reference, ListMessageMoveTasks: up to 10, one active",
        needs: Some("move_task"),
        check: move_tasks,
    },
    Question {
        name: "web_acls_agree",
        source: "WAFv2 API reference, ListWebACLs, GetWebACL, Rule: priorities are unique",
        needs: None,
        check: web_acls,
    },
    Question {
        name: "secrets_agree",
        source: "Secrets Manager API reference, ListSecrets, DescribeSecret, \"a label is on one version\"",
        needs: None,
        check: secrets,
    },
];

fn alarms(e: &Asking) -> Result<(), Wrong> {
    let pages = e.pages(DescribeAlarms { names: vec![] })?;
    holds("a page has more than 100", pages.iter().all(|p| p.len() <= 100))?;
    let all: Vec<_> = pages.into_iter().flatten().collect();
    holds("there are no alarms", !all.is_empty())?;
    distinct("alarms", &all.iter().map(|a| a.arn.clone()).collect::<Vec<_>>())?;
    for a in &all {
        let name = a.name.wire();
        holds(format!("{name}: its ARN is {:?}", a.arn), a.arn.wire().ends_with(&format!(":alarm:{name}")))?;
        let rule = matches!(a.subject, Subject::Rule(_));
        same(&format!("{name}: composite by rule"), rule, a.kind == AlarmKind::Composite)?;
        if rule {
            same(&format!("{name}: threshold of a composite"), a.threshold, None)?;
        }
        if let (Some(k), Some(n)) = (a.datapoints_to_alarm, a.evaluation_periods) {
            holds(format!("{name}: {k} of {n} datapoints"), k >= 1 && k <= n)?;
        }
    }
    // each is found again by its name, whatever its type
    for some in all.chunks(all.len().div_ceil(LOOKED_INTO).max(1)).filter_map(<[_]>::first) {
        let again = e.first(DescribeAlarms { names: vec![some.name.clone()] })?;
        same("by name", again.iter().map(|a| &a.arn).collect(), vec![&some.arn])?;
        same("type by name", &again[0].kind, &some.kind)?;
    }
    for a in &all {
        let name = a.name.wire();
        let since = a.since.ok_or_else(|| format!("{name}: StateTransitionedTimestamp is missing"))?;
        holds(format!("{name}: in its state since {since}"), since <= time::plus_seconds(e.now(), 5))?;
    }
    Ok(())
}

fn histories(e: &Asking) -> Result<(), Wrong> {
    let oldest = time::plus_seconds(e.now(), -30 * 86_400 - 60);
    for a in e.first(DescribeAlarms { names: vec![] })?.iter().take(LOOKED_INTO) {
        let lines = e.all(DescribeAlarmHistory { alarm: a.name.clone() })?;
        let name = a.name.wire();
        holds(format!("{name}: not newest first"), lines.windows(2).all(|w| w[0].at >= w[1].at))?;
        holds(format!("{name}: older than 30 days"), lines.iter().all(|l| l.at >= oldest))?;
        holds(format!("{name}: an empty summary"), lines.iter().all(|l| !l.summary.is_empty()))?;
    }
    Ok(())
}

fn metrics(e: &Asking) -> Result<(), Wrong> {
    let to = e.now();
    let window = Window { from: time::plus_seconds(to, -3 * 3600), to };
    for a in e.first(DescribeAlarms { names: vec![] })? {
        let Subject::Metric(query) = a.subject.clone() else { continue };
        let MetricSource::Stat { period_s, .. } = query.source else { continue };
        let (id, name) = (query.id.clone(), a.name.wire().to_owned());
        let series = e.all(GetMetricData { queries: vec![query], window })?;
        holds(format!("{name}: no series comes back"), !series.is_empty())?;
        for s in series {
            same(&format!("{name}: id"), &s.id, &id)?;
            let inside = s.points.iter().all(|p| p.0 < window.to);
            holds(format!("{name}: a point after the window"), inside)?;
            let on_period = s.points.iter().all(|p| p.0.as_second() % i64::from(period_s) == 0);
            holds(format!("{name}: a point off its period"), on_period)?;
            holds(format!("{name}: not oldest first"), s.points.windows(2).all(|w| w[0].0 < w[1].0))?;
        }
    }
    Ok(())
}

fn mutes(e: &Asking) -> Result<(), Wrong> {
    let names = e.all(ListAlarmMuteRules {})?;
    holds("there are no mute rules", !names.is_empty())?;
    distinct("mute rules", &names)?;
    for name in names {
        let rule = e.first(GetAlarmMuteRule { name: name.clone() })?;
        same("name", &rule.name, &name)?;
        holds(format!("{} targets", rule.targets.len()), rule.targets.len() <= 100)?;
        let status = rule.status.wire();
        holds(format!("status {status}"), ["SCHEDULED", "ACTIVE", "EXPIRED"].contains(&status))?;
    }
    Ok(())
}

fn facts(e: &Asking) -> Result<Vec<(QueueUrl, QueueFacts)>, Wrong> {
    let urls = e.all(ListQueues {})?;
    holds("there are no queues", !urls.is_empty())?;
    distinct("queues", &urls)?;
    let mut out = Vec::new();
    for queue in urls.into_iter().filter(|u| !u.name().wire().starts_with("bulk-")) {
        out.push((queue.clone(), e.first(GetQueueAttributes { queue })?));
    }
    Ok(out)
}

fn queues(e: &Asking) -> Result<(), Wrong> {
    for (url, f) in facts(e)? {
        let name = url.name().wire().to_owned();
        same("ARN's name", f.arn.resource().wire(), name.as_str())?;
        same("ARN's account", f.arn.account(), url.account())?;
        same(&format!("{name}: FIFO"), f.fifo, name.ends_with(".fifo"))?;
        let retention = f.retention_s.ok_or("MessageRetentionPeriod is missing")?;
        holds(format!("{name}: retention {retention}"), (60..=1_209_600).contains(&retention))?;
        holds(
            format!("{name}: visibility {:?}", f.visibility_s),
            f.visibility_s.is_some_and(|v| v <= 43_200),
        )?;
        holds(format!("{name}: a count is missing"), f.messages.is_some() && f.in_flight.is_some())?;
        let made = f.created.ok_or("CreatedTimestamp is missing")?;
        holds(format!("{name}: made at {made}"), made <= time::plus_seconds(e.now(), 5))?;
    }
    Ok(())
}

/// Both ways: who names a dead-letter queue is among its sources, and nobody else is.
fn dead_letters(e: &Asking) -> Result<(), Wrong> {
    let all = facts(e)?;
    let mut targets: Vec<Arn> =
        all.iter().filter_map(|(_, f)| Some(f.redrive.as_ref()?.dead_letter_target.clone())).collect();
    targets.sort();
    targets.dedup();
    holds("nothing is a dead-letter queue", !targets.is_empty())?;
    for target in targets {
        let name = target.resource();
        let mut named: Vec<String> = all
            .iter()
            .filter(|(_, f)| f.redrive.as_ref().is_some_and(|r| r.dead_letter_target == target))
            .map(|(u, _)| u.wire().to_owned())
            .collect();
        let url = all[0].0.sibling(name.wire());
        let found = e.all(ListDeadLetterSourceQueues { queue: url })?;
        let mut found: Vec<String> = found.iter().map(|u| u.wire().to_owned()).collect();
        named.sort();
        found.sort();
        same(&format!("sources of {}", name.wire()), found, named)?;
    }
    Ok(())
}

fn move_tasks(e: &Asking) -> Result<(), Wrong> {
    let all = facts(e)?;
    let mut seen = 0;
    for arn in all.iter().filter_map(|(_, f)| Some(&f.redrive.as_ref()?.dead_letter_target)) {
        let tasks = e.first(ListMessageMoveTasks { queue: arn.clone() })?;
        holds(format!("{} tasks", tasks.len()), tasks.len() <= 10)?;
        let active = tasks
            .iter()
            .filter(|t| matches!(t.status, MoveTaskStatus::Running | MoveTaskStatus::Cancelling))
            .count();
        holds(format!("{active} are active"), active <= 1)?;
        holds("it moved more than there was", tasks.iter().all(|t| t.to_move.is_none_or(|n| t.moved <= n)))?;
        holds("newest first", tasks.windows(2).all(|w| w[0].started >= w[1].started))?;
        seen += tasks.len();
    }
    holds("there is no task to look at", seen > 0)
}

fn web_acls(e: &Asking) -> Result<(), Wrong> {
    let mut seen = 0;
    for scope in [Scope::Regional, Scope::CloudFront] {
        let all = e.all(ListWebACLs { scope })?;
        distinct("web ACLs", &all.iter().map(|a| a.arn.clone()).collect::<Vec<_>>())?;
        for summary in all.into_iter().filter(|a| !a.name.wire().starts_with("bulk-")) {
            let global = summary.arn.wire().contains(":global/");
            same("global by scope", global, scope == Scope::CloudFront)?;
            let acl = e.first(GetWebACL { name: summary.name.clone(), id: summary.id.clone(), scope })?;
            same("summary", &acl.summary, &summary)?;
            let order: Vec<i32> = acl.rules.iter().map(|r| r.priority).collect();
            holds(format!("priorities {order:?}"), order.windows(2).all(|w| w[0] < w[1]))?;
            distinct("rules", &acl.rules.iter().map(|r| r.name.clone()).collect::<Vec<_>>())?;
            holds(
                "a metric name is empty",
                !acl.metric.is_empty() && acl.rules.iter().all(|r| !r.metric.is_empty()),
            )?;
            seen += 1;
        }
    }
    holds("there are no web ACLs", seen > 0)
}

fn secrets(e: &Asking) -> Result<(), Wrong> {
    let all = e.all(ListSecrets {})?;
    holds("there are no secrets", !all.is_empty())?;
    distinct("secrets", &all.iter().map(|s| s.arn.clone()).collect::<Vec<_>>())?;
    for s in all.iter().filter(|s| !s.name.wire().starts_with("bulk/")) {
        let name = s.name.wire();
        let end = s.arn.wire().split_once(&format!(":secret:{name}-")).map(|(_, end)| end.len());
        same(&format!("{name}: random characters of {:?}", s.arn), end, Some(6))?;
        // a resource policy may deny a listed secret to whoever lists it
        let described = match e.first(DescribeSecret { secret: s.arn.clone() }) {
            Err(f) if matches!(&f.kind, FaultKind::Denied { resource: Some(r), .. } if r == s.arn.text()) => {
                continue;
            }
            described => described?,
        };
        same(&format!("{name}: description"), &described.description, &s.description)?;
        same(&format!("{name}: rotation"), described.rotation_enabled, s.rotation_enabled)?;
        let versions = e.all(ListSecretVersionIds { secret: s.arn.clone(), deprecated: false })?;
        let stages: Vec<_> = versions.iter().flat_map(|v| v.stages.clone()).collect();
        distinct(&format!("{name}: labels"), &stages)?;
        holds(format!("{name}: a version without a label"), versions.iter().all(|v| !v.stages.is_empty()))?;
        let now = time::plus_seconds(e.now(), 5);
        let past = versions.iter().all(|v| v.created.is_some_and(|c| c <= now));
        holds(format!("{name}: a version of tomorrow, or of no day"), past)?;
    }
    Ok(())
}
