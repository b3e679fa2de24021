//! Alarms of every kind and state, a metric with three points, and a rule that mutes.

use super::Filled;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Dimension, Metric, MetricDataQuery, MetricDatum, MetricStat, MuteTargets, Rule,
    Schedule, StandardUnit, StateValue, Statistic,
};
use futures_util::future::join_all;

/// So many alarms beside those with a name of their own: three pages of 100 in all.
pub const BULK: usize = 250;
pub const SPIKE: &str = "spike";
pub const SILENCED: &str = "silenced";
pub const MATHS: &str = "error-rate";
pub const COMPOSITE: &str = "anything-wrong";
/// All that is legal in a name and awkward on a screen.
pub const AWKWARD: &str = "über/alarm (a:b) \"q\" 👩‍👧";
pub const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:page";
pub const NAMESPACE: &str = "Contract";
pub const METRIC: &str = "Depth";
pub const MUTE: &str = "night";

pub async fn fill(client: &Client, filled: &mut Filled) {
    filled.note("metric", metric(client).await);
    let spike = client
        .put_metric_alarm()
        .alarm_name(SPIKE)
        .alarm_description("Too deep")
        .namespace(NAMESPACE)
        .metric_name(METRIC)
        .dimensions(Dimension::builder().name("Queue").value("orders").build())
        .statistic(Statistic::Maximum)
        .period(60)
        .evaluation_periods(3)
        .datapoints_to_alarm(2)
        .threshold(5.5)
        .comparison_operator(ComparisonOperator::GreaterThanThreshold)
        .treat_missing_data("notBreaching")
        .alarm_actions(TOPIC)
        .ok_actions(TOPIC);
    if filled.note("alarm", spike.send().await).is_none() {
        return; // nothing of its CloudWatch can be written
    }
    let state = client.set_alarm_state().alarm_name(SPIKE).state_value(StateValue::Alarm);
    filled.note("alarm_state", state.state_reason("a test").send().await);
    let silenced = plain(client, SILENCED).actions_enabled(false).send().await;
    filled.note("alarm_silenced", silenced);
    filled.note("alarm_maths", maths(client).await);
    filled.note("alarm_awkward", plain(client, AWKWARD).send().await);
    let composite = client.put_composite_alarm().alarm_name(COMPOSITE);
    let composite = composite.alarm_rule(format!("ALARM(\"{SPIKE}\") OR ALARM(\"{SILENCED}\")"));
    filled.note("alarm_composite", composite.send().await);
    filled.note("mute", mute(client).await);
    for tens in (0..BULK).collect::<Vec<_>>().chunks(10) {
        let calls = tens.iter().map(|n| plain(client, &format!("bulk-{n:03}")).send());
        for outcome in join_all(calls).await {
            filled.note("alarms_bulk", outcome);
        }
    }
}

fn plain(
    client: &Client,
    name: &str,
) -> aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder {
    client
        .put_metric_alarm()
        .alarm_name(name)
        .namespace(NAMESPACE)
        .metric_name("Never")
        .statistic(Statistic::Sum)
        .period(60)
        .evaluation_periods(1)
        .threshold(0.0)
        .comparison_operator(ComparisonOperator::GreaterThanThreshold)
}

async fn maths(client: &Client) -> Result<(), aws_sdk_cloudwatch::Error> {
    let stat = |name: &str| {
        let metric = Metric::builder().namespace(NAMESPACE).metric_name(name).build();
        MetricStat::builder().metric(metric).period(60).stat("Sum").build()
    };
    let errors = MetricDataQuery::builder().id("e").metric_stat(stat("Errors")).return_data(false).build();
    let calls = MetricDataQuery::builder().id("c").metric_stat(stat("Calls")).return_data(false).build();
    let rate = MetricDataQuery::builder().id("rate").expression("100 * e / c").return_data(true).build();
    client
        .put_metric_alarm()
        .alarm_name(MATHS)
        .set_metrics(Some(vec![errors, calls, rate]))
        .evaluation_periods(1)
        .threshold(1.0)
        .comparison_operator(ComparisonOperator::GreaterThanOrEqualToThreshold)
        .send()
        .await?;
    Ok(())
}

/// Three whole minutes in the last half hour: 1, 2, 3.
async fn metric(client: &Client) -> Result<(), aws_sdk_cloudwatch::Error> {
    let minute = jiff::Timestamp::now().as_second() / 60 * 60;
    for (value, ago) in [(1.0, 1200), (2.0, 1140), (3.0, 1080)] {
        let datum = MetricDatum::builder()
            .metric_name(METRIC)
            .dimensions(Dimension::builder().name("Queue").value("orders").build())
            .timestamp(DateTime::from_secs(minute - ago))
            .value(value)
            .unit(StandardUnit::Count)
            .build();
        client.put_metric_data().namespace(NAMESPACE).metric_data(datum).send().await?;
    }
    Ok(())
}

async fn mute(client: &Client) -> Result<(), aws_sdk_cloudwatch::Error> {
    let schedule =
        Schedule::builder().expression("cron(0 2 * * *)").duration("PT4H").timezone("Europe/Berlin");
    let schedule = schedule.build();
    client
        .put_alarm_mute_rule()
        .name(MUTE)
        .rule(Rule::builder().schedule(schedule).build())
        .mute_targets(MuteTargets::builder().alarm_names(SPIKE).build())
        .send()
        .await?;
    Ok(())
}
