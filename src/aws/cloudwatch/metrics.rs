//! Metric queries and series, between the estate's types and the SDK's.

use super::super::convert::{count, malformed, text, time};
use crate::estate::metric::MetricSource;
use crate::estate::{Fault, MetricId, MetricQuery, Series, Untrusted};
use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, StandardUnit, StatusCode,
};

pub(super) fn to_sdk(q: &MetricQuery) -> MetricDataQuery {
    let out = MetricDataQuery::builder().id(q.id.wire()).return_data(q.return_data);
    let out = out.set_label(q.label.as_ref().map(|l| l.wire().to_owned()));
    match &q.source {
        MetricSource::Stat { metric, stat, period_s, unit } => {
            let dimensions = metric.dimensions.iter();
            let dimensions =
                dimensions.map(|(n, v)| Dimension::builder().name(n.wire()).value(v.wire()).build());
            let id = Metric::builder().namespace(metric.namespace.wire()).metric_name(metric.name.wire());
            let stat = MetricStat::builder()
                .metric(id.set_dimensions(Some(dimensions.collect())).build())
                .stat(stat.wire())
                .period(i32::try_from(*period_s).unwrap_or(i32::MAX))
                .set_unit(unit.as_ref().map(|u| StandardUnit::from(u.wire())));
            out.metric_stat(stat.build()).build()
        }
        MetricSource::Expression { text, period_s } => {
            let period = period_s.and_then(|p| i32::try_from(p).ok());
            out.expression(text.wire()).set_period(period).build()
        }
    }
}

pub(super) fn from_sdk(q: &MetricDataQuery) -> MetricQuery {
    let source = match &q.metric_stat {
        Some(s) => MetricSource::Stat {
            metric: s.metric.clone().map_or_else(|| MetricId::of("", "", &[]), id),
            stat: s.stat.as_deref().unwrap_or("Average").into(),
            period_s: count(s.period).filter(|p| *p > 0).unwrap_or(60),
            unit: s.unit.as_ref().map(|u| u.as_str().into()),
        },
        None => MetricSource::Expression {
            text: q.expression.as_deref().unwrap_or_default().into(),
            period_s: count(q.period).filter(|p| *p > 0),
        },
    };
    MetricQuery {
        id: q.id.as_deref().unwrap_or_default().into(),
        source,
        // "The default is true" (CloudWatch API reference, `MetricDataQuery`).
        return_data: q.return_data.unwrap_or(true),
        label: text(q.label.clone()),
    }
}

pub(super) fn id(m: Metric) -> MetricId {
    let [namespace, name] = [m.namespace, m.metric_name].map(Option::unwrap_or_default);
    named(&namespace, &name, m.dimensions.as_deref().unwrap_or_default())
}

pub(super) fn named(namespace: &str, name: &str, dimensions: &[Dimension]) -> MetricId {
    let pair = |d: &Dimension| {
        (d.name.as_deref().unwrap_or_default().into(), d.value.as_deref().unwrap_or_default().into())
    };
    MetricId {
        namespace: namespace.into(),
        name: name.into(),
        dimensions: dimensions.iter().map(pair).collect(),
    }
}

/// One result of a page. `PartialData` is what every page but the last says of a series that goes on.
pub(super) fn series(op: &'static str, r: MetricDataResult, last: bool) -> Result<Series, Fault> {
    let [times, values] = [r.timestamps.as_ref().map_or(0, Vec::len), r.values.as_ref().map_or(0, Vec::len)];
    if times != values {
        return Err(malformed(op, format!("{times} timestamps for {values} values")));
    }
    let times = r.timestamps.unwrap_or_default();
    let mut points: Vec<_> = times
        .iter()
        .zip(r.values.unwrap_or_default())
        .filter_map(|(t, v)| time(Some(t)).map(|t| (t, v)))
        .collect();
    points.sort_by_key(|(t, _)| *t);
    let said = r.messages.unwrap_or_default().into_iter().find_map(|m| m.value);
    let trouble = match r.status_code {
        None | Some(StatusCode::Complete) => None,
        Some(StatusCode::PartialData) if !last => None,
        Some(code) => Some(match said {
            Some(said) => format!("{}: {said}", code.as_str()).into(),
            None => Untrusted::from(code.as_str()),
        }),
    };
    Ok(Series {
        id: r.id.unwrap_or_default().into(),
        label: r.label.unwrap_or_default().into(),
        points,
        trouble,
    })
}
