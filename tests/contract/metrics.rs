//! Questions about metrics: their values, maths over them, and which there are.

use super::fill::cloudwatch::{METRIC, NAMESPACE};
use super::question::{Question, Wrong, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::cloudwatch::{GetMetricData, ListMetrics};
use bartizan::estate::metric::{MetricId, MetricQuery, MetricSource, Series, Window};
use bartizan::estate::{FaultKind, time};

const DATA: &str = "CloudWatch API reference, GetMetricData, MetricDataQuery";

pub const FILLED: &[Question] = &[
    Question { name: "metric_values", source: DATA, needs: Some("metric"), check: values },
    Question { name: "metric_maths", source: DATA, needs: Some("metric"), check: maths },
    Question { name: "metric_without_values", source: DATA, needs: Some("metric"), check: nothing },
    Question {
        name: "metrics_that_exist",
        source: "CloudWatch API reference, ListMetrics",
        needs: Some("metric"),
        check: list,
    },
];

pub const MISSING: &[Question] = &[
    Question {
        name: "metrics_that_do_not_exist",
        source: "CloudWatch API reference, ListMetrics",
        needs: Some("metric"),
        check: |e| {
            same(
                "metrics",
                e.all(ListMetrics { namespace: "No/Such".into(), name: "Nothing".into() })?.len(),
                0,
            )
        },
    },
    Question {
        name: "metric_query_id_in_upper_case",
        source: "CloudWatch API reference, MetricDataQuery, Id: the first character must be a lower-case letter",
        needs: Some("metric"),
        check: |e| refused(ask(e, vec![depth("Upper", true)]), &FaultKind::Invalid),
    },
    Question {
        name: "metric_expression_over_nothing",
        source: "CloudWatch API reference, MetricDataQuery, Expression: other queries by their id",
        needs: Some("metric"),
        check: |e| refused(ask(e, vec![over("r", "nobody * 2")]), &FaultKind::Invalid),
    },
    Question {
        name: "metric_window_backwards",
        source: "CloudWatch API reference, GetMetricData, EndTime: must be later than StartTime",
        needs: Some("metric"),
        check: |e| {
            let Window { from, to } = hour(e);
            let ask =
                GetMetricData { queries: vec![depth("m", true)], window: Window { from: to, to: from } };
            refused(e.first(ask), &FaultKind::Invalid)
        },
    },
];

fn depth(id: &str, return_data: bool) -> MetricQuery {
    stat(id, METRIC, &[("Queue", "orders")], return_data)
}

fn stat(id: &str, name: &str, dimensions: &[(&str, &str)], return_data: bool) -> MetricQuery {
    MetricQuery {
        id: id.into(),
        source: MetricSource::Stat {
            metric: MetricId::of(NAMESPACE, name, dimensions),
            stat: "Maximum".into(),
            period_s: 60,
            unit: None,
        },
        return_data,
        label: None,
    }
}

fn over(id: &str, text: &str) -> MetricQuery {
    MetricQuery {
        id: id.into(),
        source: MetricSource::Expression { text: text.into(), period_s: None },
        return_data: true,
        label: None,
    }
}

fn hour(e: &Asking) -> Window {
    let to = time::plus_seconds(e.now(), 60);
    Window { from: time::plus_seconds(to, -3600), to }
}

fn ask(e: &Asking, queries: Vec<MetricQuery>) -> Result<Vec<Series>, bartizan::estate::Fault> {
    e.first(GetMetricData { queries, window: hour(e) })
}

fn only(mut series: Vec<Series>, id: &str) -> Result<Series, Wrong> {
    match (series.pop(), series.len()) {
        (Some(s), 0) if s.id.wire() == id => Ok(s),
        (last, before) => Err(format!("{before} series and {last:?}, not one called {id}").into()),
    }
}

fn points(s: &Series) -> Vec<f64> {
    s.points.iter().map(|p| p.1).collect()
}

fn values(e: &Asking) -> Result<(), Wrong> {
    let s = only(ask(e, vec![depth("m", true)])?, "m")?;
    same("values, oldest first", points(&s), vec![1.0, 2.0, 3.0])?;
    holds("a point is not at the start of its minute", s.points.iter().all(|p| p.0.as_second() % 60 == 0))?;
    holds("it is not oldest first", s.points.windows(2).all(|w| w[0].0 < w[1].0))?;
    same("trouble", s.trouble, None)
}

fn maths(e: &Asking) -> Result<(), Wrong> {
    let s = only(ask(e, vec![depth("m", false), over("r", "m * 2")])?, "r")?;
    same("values", points(&s), vec![2.0, 4.0, 6.0])
}

fn nothing(e: &Asking) -> Result<(), Wrong> {
    let s = only(ask(e, vec![stat("m", "Never", &[], true)])?, "m")?;
    same("values", points(&s), vec![])?;
    same("trouble", s.trouble, None)
}

fn list(e: &Asking) -> Result<(), Wrong> {
    let found = e.all(ListMetrics { namespace: NAMESPACE.into(), name: METRIC.into() })?;
    same("metrics", found, vec![MetricId::of(NAMESPACE, METRIC, &[("Queue", "orders")])])
}
