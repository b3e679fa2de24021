//! The questions to CloudWatch, one call each. What their answers say about alarms is in `alarms`, about
//! series in `metrics`.

mod alarms;
mod known;
mod metrics;
mod shared;
mod sieve;

use super::convert::{date_time, need, next, text, time, token};
use super::fault::Judge;
use crate::estate::alarm::Contributor;
use crate::estate::ask::cloudwatch::{Answer, Ask};
use crate::estate::metric::MAX_DATAPOINTS;
use crate::estate::{
    Alarm, AlarmName, Arn, Cursor, Fault, FaultKind, HistoryItem, MuteRule, MuteRuleName, Untrusted,
};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::get_alarm_mute_rule::GetAlarmMuteRuleOutput;
use aws_sdk_cloudwatch::types::{AlarmHistoryItem, AlarmType, ScanBy};
use known::{Known, Mark};
use sieve::Sieve;
use std::iter::repeat;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// `MaxRecords` goes up to 100 for alarms, history and mute rules (CloudWatch API reference).
const PAGE: i32 = 100;

/// The page after which the walk over alarms starts again without asking for log alarms.
const WITHOUT_LOG_ALARMS: &str = "bartizan:without-log-alarms";

/// What is remembered between calls.
#[derive(Default)]
pub(super) struct Memory {
    /// The server refuses the name of log alarms.
    no_log_alarms: AtomicBool,
    known: Arc<Known>,
}

impl Memory {
    fn types(&self) -> Vec<AlarmType> {
        let mut types = vec![AlarmType::MetricAlarm, AlarmType::CompositeAlarm];
        if !self.no_log_alarms.load(Ordering::Relaxed) {
            types.push(AlarmType::LogAlarm);
        }
        types
    }
}

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
    memory: &Memory,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::DescribeAlarms(q) => describe_alarms(client, &q.names, from, judge, memory).await,
        Ask::DescribeAlarmHistory(q) => {
            let out = client.describe_alarm_history().alarm_name(q.alarm.wire()).max_records(PAGE);
            // Like DescribeAlarms it leaves out all but metric alarms unless each type is named.
            let out = out.set_alarm_types(Some(memory.types())).scan_by(ScanBy::TimestampDescending);
            let out = judge.of(out.set_next_token(token(from)).send().await)?;
            let items = out.alarm_history_items.unwrap_or_default();
            let items = items.into_iter().map(|i| history(op, i)).collect::<Result<_, _>>()?;
            Ok((Answer::DescribeAlarmHistory(items), next(op, from, out.next_token)?))
        }
        Ask::DescribeAlarmContributors(q) => {
            let out = client.describe_alarm_contributors().alarm_name(q.alarm.wire());
            let out = judge.of(out.set_next_token(token(from)).send().await)?;
            let all = out.alarm_contributors.unwrap_or_default().into_iter().map(|c| Contributor {
                attributes: super::convert::sorted(c.contributor_attributes.unwrap_or_default()),
                reason: Untrusted::from(c.state_reason.unwrap_or_default()),
                since: time(c.state_transitioned_timestamp.as_ref()),
            });
            Ok((Answer::DescribeAlarmContributors(all.collect()), next(op, from, out.next_token)?))
        }
        Ask::ListAlarmMuteRules(_) => {
            let out = client.list_alarm_mute_rules().max_records(PAGE).set_next_token(token(from));
            let out = judge.of(out.send().await)?;
            let mut names = Vec::new();
            for rule in out.alarm_mute_rule_summaries.unwrap_or_default() {
                // A summary has an ARN and no name: `...:alarm-mute-rule:NAME` ("Actions, resources, and
                // condition keys for Amazon CloudWatch").
                let arn = need(op, "AlarmMuteRuleArn", rule.alarm_mute_rule_arn)?;
                let name = arn.split_once(":alarm-mute-rule").and_then(|(_, n)| n.get(1..));
                let name = name.filter(|n| !n.is_empty()).unwrap_or(&arn);
                names.push(MuteRuleName::new(name));
            }
            Ok((Answer::ListAlarmMuteRules(names), next(op, from, out.next_token)?))
        }
        Ask::GetAlarmMuteRule(q) => {
            let out = client.get_alarm_mute_rule().alarm_mute_rule_name(q.name.wire()).send().await;
            Ok((Answer::GetAlarmMuteRule(mute_rule(judge.of(out)?, &q.name)), None))
        }
        Ask::GetMetricData(q) => {
            let queries = q.queries.iter().map(metrics::to_sdk).collect();
            let out = client.get_metric_data().set_metric_data_queries(Some(queries));
            let out = out.start_time(date_time(q.window.from)).end_time(date_time(q.window.to));
            let out = out.scan_by(ScanBy::TimestampAscending).set_next_token(token(from));
            let out = judge
                .of(out.max_datapoints(i32::try_from(MAX_DATAPOINTS).unwrap_or(i32::MAX)).send().await)?;
            let next = next(op, from, out.next_token)?;
            let series = out.metric_data_results.unwrap_or_default().into_iter();
            let series = series.map(|r| metrics::series(op, r, next.is_none())).collect::<Result<_, _>>()?;
            Ok((Answer::GetMetricData(series), next))
        }
        Ask::ListMetrics(q) => {
            let out = client.list_metrics().namespace(q.namespace.wire()).metric_name(q.name.wire());
            let out = judge.of(out.set_next_token(token(from)).send().await)?;
            let ids = out.metrics.unwrap_or_default().into_iter().map(metrics::id).collect();
            Ok((Answer::ListMetrics(ids), next(op, from, out.next_token)?))
        }
        Ask::ListTagsForResource(q) => {
            let out = client.list_tags_for_resource().resource_arn(q.resource.wire()).send().await;
            let tags = judge.of(out)?.tags.unwrap_or_default().into_iter();
            let tags = tags.map(|t| (t.key.unwrap_or_default(), t.value.unwrap_or_default()));
            Ok((Answer::ListTagsForResource(super::convert::sorted(tags)), None))
        }
    }
}

/// All types are named, for the API leaves composites and log alarms out otherwise. A server that does not
/// know log alarms yet (an emulator, a partition that is behind) refuses the name; then the page is an empty
/// one whose successor is the first page without it, so that a fetch stays one call.
async fn describe_alarms(
    client: &Client,
    names: &[AlarmName],
    from: Option<&Cursor>,
    judge: &Judge<'_>,
    memory: &Memory,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    let from = from.filter(|c| &*c.0 != WITHOUT_LOG_ALARMS);
    let asked_for_log = !memory.no_log_alarms.load(Ordering::Relaxed);
    if names.is_empty() && from.is_none() {
        memory.known.begin();
    }
    let sieve = Sieve::new(&memory.known);
    let out = client.describe_alarms().max_records(PAGE).set_alarm_types(Some(memory.types()));
    let names = (!names.is_empty()).then(|| names.iter().map(|n| n.wire().to_owned()).collect());
    let out = out.set_alarm_names(names).set_next_token(token(from)).customize();
    let out = judge.of(out.interceptor(sieve.clone()).send().await);
    let out = match out {
        Err(fault) if asked_for_log && refuses_log_alarms(&fault) => {
            memory.no_log_alarms.store(true, Ordering::Relaxed);
            return Ok((Answer::DescribeAlarms(Vec::new()), Some(Cursor(WITHOUT_LOG_ALARMS.into()))));
        }
        out => out?,
    };
    let sifted = sieve.take();
    let [metric, composite, log] =
        sifted.new.map(Vec::into_iter).map(|marks| marks.map(Some).chain(repeat(None)));
    let kept = |(alarm, mark): (Result<Alarm, Fault>, Option<Mark>)| Ok(memory.known.keep(mark, alarm?));
    let metric = out.metric_alarms.unwrap_or_default().into_iter().map(|a| alarms::metric(op, a)).zip(metric);
    let composite =
        out.composite_alarms.unwrap_or_default().into_iter().map(|a| alarms::composite(op, a)).zip(composite);
    let log = out.log_alarms.unwrap_or_default().into_iter().map(|a| alarms::log(op, a)).zip(log);
    let known = sifted.known.into_iter().map(Ok);
    let all = known.chain(metric.chain(composite).chain(log).map(kept)).collect::<Result<_, _>>()?;
    Ok((Answer::DescribeAlarms(all), next(op, from, out.next_token)?))
}

fn refuses_log_alarms(fault: &Fault) -> bool {
    let said = fault.message.wire().to_ascii_lowercase();
    fault.kind == FaultKind::Invalid && (said.contains("logalarm") || said.contains("alarmtype"))
}

fn history(op: &'static str, item: AlarmHistoryItem) -> Result<HistoryItem, Fault> {
    Ok(HistoryItem {
        at: need(op, "Timestamp", time(item.timestamp.as_ref()))?,
        kind: Untrusted::from(item.history_item_type.map(|k| k.as_str().to_owned()).unwrap_or_default()),
        summary: Untrusted::from(item.history_summary.unwrap_or_default()),
    })
}

fn mute_rule(out: GetAlarmMuteRuleOutput, asked: &MuteRuleName) -> MuteRule {
    let schedule = out.rule.and_then(|r| r.schedule);
    let (expression, duration, timezone) = match schedule {
        Some(s) => (s.expression, s.duration, s.timezone),
        None => (None, None, None),
    };
    let targets = out.mute_targets.and_then(|t| t.alarm_names).unwrap_or_default();
    MuteRule {
        name: out.name.filter(|n| !n.is_empty()).map_or_else(|| asked.clone(), MuteRuleName::new),
        arn: out.alarm_mute_rule_arn.map(Arn::new),
        status: Untrusted::from(out.status.map(|s| s.as_str().to_owned()).unwrap_or_default()),
        targets: targets.into_iter().map(AlarmName::new).collect(),
        schedule: text(expression),
        duration: text(duration),
        timezone: text(timezone),
        starts: time(out.start_date.as_ref()),
        expires: time(out.expire_date.as_ref()),
        description: text(out.description),
    }
}
