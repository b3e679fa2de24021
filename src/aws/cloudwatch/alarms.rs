//! What `DescribeAlarms` says about the three types of alarm, as the estate has it.

use super::super::convert::{count, need, text, time};
use super::metrics;
use crate::estate::alarm::Subject;
use crate::estate::metric::MetricSource;
use crate::estate::{Alarm, AlarmKind, AlarmName, AlarmState, Arn, Fault, MetricQuery, Untrusted};
use aws_sdk_cloudwatch::types::{
    CompositeAlarm, EvaluationCriteria, LogAlarm, MetricAlarm, StateValue, Statistic,
};

pub(super) fn metric(op: &'static str, a: MetricAlarm) -> Result<Alarm, Fault> {
    let subject = subject(&a);
    Ok(Alarm {
        name: AlarmName::new(need(op, "AlarmName", a.alarm_name)?),
        arn: Arn::new(need(op, "AlarmArn", a.alarm_arn)?),
        kind: AlarmKind::Metric,
        state: state(a.state_value.as_ref()),
        since: time(a.state_transitioned_timestamp.as_ref()),
        reason: Untrusted::from(a.state_reason.unwrap_or_default()),
        reason_data: text(a.state_reason_data.filter(|_| !fine(a.state_value.as_ref()))),
        evaluation: a.evaluation_state.map(|e| e.as_str().into()),
        actions_enabled: a.actions_enabled.unwrap_or(true),
        alarm_actions: arns(a.alarm_actions),
        ok_actions: arns(a.ok_actions),
        insufficient_data_actions: arns(a.insufficient_data_actions),
        subject,
        threshold: a.threshold,
        comparison: a.comparison_operator.map(|c| c.as_str().into()),
        treat_missing: text(a.treat_missing_data),
        evaluation_periods: count(a.evaluation_periods),
        datapoints_to_alarm: count(a.datapoints_to_alarm),
        description: text(a.alarm_description),
    })
}

pub(super) fn composite(op: &'static str, a: CompositeAlarm) -> Result<Alarm, Fault> {
    Ok(Alarm {
        name: AlarmName::new(need(op, "AlarmName", a.alarm_name)?),
        arn: Arn::new(need(op, "AlarmArn", a.alarm_arn)?),
        kind: AlarmKind::Composite,
        state: state(a.state_value.as_ref()),
        since: time(a.state_transitioned_timestamp.as_ref()),
        reason: Untrusted::from(a.state_reason.unwrap_or_default()),
        reason_data: text(a.state_reason_data.filter(|_| !fine(a.state_value.as_ref()))),
        evaluation: None,
        actions_enabled: a.actions_enabled.unwrap_or(true),
        alarm_actions: arns(a.alarm_actions),
        ok_actions: arns(a.ok_actions),
        insufficient_data_actions: arns(a.insufficient_data_actions),
        subject: Subject::Rule(Untrusted::from(a.alarm_rule.unwrap_or_default())),
        threshold: None,
        comparison: None,
        treat_missing: None,
        evaluation_periods: None,
        datapoints_to_alarm: None,
        description: text(a.alarm_description),
    })
}

pub(super) fn log(op: &'static str, a: LogAlarm) -> Result<Alarm, Fault> {
    let query = a.scheduled_query_configuration.map(|q| {
        let [fold, query] = [q.aggregation_expression, q.query_string].map(Option::unwrap_or_default);
        if fold.is_empty() { query } else { format!("{fold} of {query}") }
    });
    Ok(Alarm {
        name: AlarmName::new(need(op, "AlarmName", a.alarm_name)?),
        arn: Arn::new(need(op, "AlarmArn", a.alarm_arn)?),
        kind: AlarmKind::Log,
        state: state(a.state_value.as_ref()),
        since: time(a.state_transitioned_timestamp.as_ref()),
        reason: Untrusted::from(a.state_reason.unwrap_or_default()),
        reason_data: text(a.state_reason_data.filter(|_| !fine(a.state_value.as_ref()))),
        evaluation: a.evaluation_state.map(|e| e.as_str().into()),
        actions_enabled: a.actions_enabled.unwrap_or(true),
        alarm_actions: arns(a.alarm_actions),
        ok_actions: arns(a.ok_actions),
        insufficient_data_actions: arns(a.insufficient_data_actions),
        subject: Subject::Other(Untrusted::from(query.unwrap_or_default())),
        threshold: a.threshold,
        comparison: a.comparison_operator.map(|c| c.as_str().into()),
        treat_missing: text(a.treat_missing_data),
        evaluation_periods: count(a.query_results_to_evaluate),
        datapoints_to_alarm: count(a.query_results_to_alarm),
        description: text(a.alarm_description),
    })
}

/// Whether the data behind the state is left out.
fn fine(state: Option<&StateValue>) -> bool {
    matches!(state, Some(StateValue::Ok))
}

fn state(value: Option<&StateValue>) -> AlarmState {
    match value {
        Some(StateValue::Alarm) => AlarmState::Alarm,
        Some(StateValue::Ok) => AlarmState::Ok,
        Some(StateValue::InsufficientData) => AlarmState::InsufficientData,
        Some(other) => AlarmState::Other(other.as_str().into()),
        None => AlarmState::Other("".into()),
    }
}

fn subject(a: &MetricAlarm) -> Subject {
    if let Some(queries) = a.metrics.as_ref().filter(|m| !m.is_empty()) {
        return Subject::Expression(queries.iter().map(metrics::from_sdk).collect());
    }
    if let (Some(namespace), Some(name)) = (&a.namespace, &a.metric_name) {
        let stat = a.statistic.as_ref().map(Statistic::as_str).or(a.extended_statistic.as_deref());
        let source = MetricSource::Stat {
            metric: metrics::named(namespace, name, a.dimensions.as_deref().unwrap_or_default()),
            stat: stat.unwrap_or("Average").into(),
            // An alarm on a metric always has one; a minute is CloudWatch's ordinary resolution.
            period_s: count(a.period).filter(|p| *p > 0).unwrap_or(60),
            unit: a.unit.as_ref().map(|u| u.as_str().into()),
        };
        return Subject::Metric(MetricQuery { id: "m1".into(), source, return_data: true, label: None });
    }
    match &a.evaluation_criteria {
        Some(EvaluationCriteria::PromQlCriteria(c)) => {
            Subject::Other(c.query.as_deref().unwrap_or("PromQL").into())
        }
        Some(_) | None => Subject::Other("".into()),
    }
}

fn arns(list: Option<Vec<String>>) -> Vec<Arn> {
    list.unwrap_or_default().into_iter().map(Arn::new).collect()
}
