//! Metric values and the names of metrics. Sources: CloudWatch API reference, `GetMetricData` (500 queries
//! and 100,800 data points a call) and `ListMetrics` (500 a page).

use super::{Asked, text, time};
use crate::estate::ask::Cursor;
use crate::estate::ask::cloudwatch::{GetMetricData, ListMetrics};
use crate::estate::fault::Fault;
use crate::estate::metric::{MAX_DATAPOINTS, MAX_QUERIES, MetricId, MetricQuery, MetricSource, Series};
use crate::estate::untrusted::Untrusted;
use crate::practice::world::REGION;
use crate::practice::world::signal::SeriesKey;
use crate::practice::{faults, maths, metric, paging, select};
use std::collections::{BTreeMap, BTreeSet};

/// One page of values: whole queries, as many as fit.
pub(super) fn values(asked: &Asked<'_>, q: &GetMetricData) -> Result<(Vec<Series>, Option<Cursor>), Fault> {
    check(asked, q)?;
    let about = format!("{} {} {}", q.queries.len(), q.window.from, q.window.to);
    let first = match asked.from {
        None => 0,
        Some(cursor) => {
            paging::open(asked.op, &about, cursor)?.parse().map_err(|_| faults::bad_token(asked.op))?
        }
    };
    let wanted: Vec<&MetricQuery> = q.queries.iter().filter(|m| m.return_data).collect();
    let (mut page, mut points) = (Vec::new(), 0);
    let mut sheet = Sheet { asked, q, done: BTreeMap::new(), open: BTreeSet::new() };
    for (n, query) in wanted.iter().enumerate().skip(first) {
        let all = sheet.series(query)?;
        let many: usize = all.iter().map(|(_, values)| values.len()).sum();
        if points + many > MAX_DATAPOINTS && !page.is_empty() {
            return Ok((page, Some(paging::seal(asked.op, &about, &n.to_string()))));
        }
        points += many;
        page.extend(all.into_iter().map(|(label, values)| Series {
            id: query.id.clone(),
            label,
            points: values.into_iter().map(|(at, v)| (time(at), v)).collect(),
            trouble: None,
        }));
    }
    Ok((page, None))
}

fn label(query: &MetricQuery) -> Untrusted {
    match &query.source {
        MetricSource::Stat { metric, .. } => metric.name.clone(),
        MetricSource::Expression { .. } => query.id.clone(),
    }
}

fn check(asked: &Asked<'_>, q: &GetMetricData) -> Result<(), Fault> {
    let wrong = |message: String| Err(faults::invalid(asked.op, "ValidationError", &message));
    if q.queries.is_empty() || q.queries.len() > MAX_QUERIES {
        return wrong(format!(
            "The collection MetricDataQueries must have between 1 and {MAX_QUERIES} members."
        ));
    }
    if q.window.from >= q.window.to {
        return wrong("The parameter StartTime must be less than the parameter EndTime.".into());
    }
    let mut ids = BTreeSet::new();
    for query in &q.queries {
        let id = query.id.wire();
        let good = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !good {
            return wrong(format!("The value {id} for the parameter Id is not valid: ^[a-z][a-zA-Z0-9_]*$"));
        }
        if !ids.insert(id) {
            return wrong(format!("The value {id} for the parameter Id is not unique."));
        }
        if let MetricSource::Stat { stat, period_s, .. } = &query.source {
            if *period_s == 0 || !(period_s.is_multiple_of(60) || matches!(period_s, 1 | 5 | 10 | 20 | 30)) {
                return wrong(format!("The value {period_s} for the parameter Period is not valid."));
            }
            if !metric::is_stat(stat.wire()) {
                return wrong(format!("The value {} for the parameter Stat is not supported.", stat.wire()));
            }
        }
    }
    if q.queries.iter().any(|m| m.return_data) {
        Ok(())
    } else {
        wrong("At least one of the queries has to return data.".into())
    }
}

/// The period in which an expression is computed: its own, else the longest of the metrics.
fn period(q: &GetMetricData, query: &MetricQuery) -> i64 {
    match &query.source {
        MetricSource::Stat { period_s, .. } | MetricSource::Expression { period_s: Some(period_s), .. } => {
            i64::from(*period_s).max(60)
        }
        MetricSource::Expression { period_s: None, .. } => q
            .queries
            .iter()
            .filter_map(|m| match &m.source {
                MetricSource::Stat { period_s, .. } => Some(i64::from(*period_s).max(60)),
                MetricSource::Expression { .. } => None,
            })
            .max()
            .unwrap_or(60),
    }
}

/// The queries of a request and what they come to. Each is computed once, however many expressions name it.
struct Sheet<'a> {
    asked: &'a Asked<'a>,
    q: &'a GetMetricData,
    done: BTreeMap<&'a str, maths::Values>,
    /// Those that are being computed: one that comes up again refers to itself.
    open: BTreeSet<&'a str>,
}

impl<'a> Sheet<'a> {
    /// The series that a query comes to, with their labels: one, or as many as a query of Metrics Insights groups.
    fn series(&mut self, query: &'a MetricQuery) -> Result<Vec<(Untrusted, maths::Values)>, Fault> {
        let own = || query.label.clone().unwrap_or_else(|| label(query));
        let select = match &query.source {
            MetricSource::Expression { text, .. } if select::is_meant(text.wire()) => text.wire(),
            MetricSource::Expression { .. } | MetricSource::Stat { .. } => {
                return Ok(vec![(own(), self.values(query)?)]);
            }
        };
        let op = self.asked.op;
        let parsed = select::Select::parse(select).map_err(|message| {
            let message = format!("Error in expression '{}': {message}", query.id.wire());
            faults::invalid(op, "ValidationError", &message)
        })?;
        if !self.asked.here {
            return Ok(Vec::new());
        }
        let (from, to) = (self.q.window.from.as_second(), self.q.window.to.as_second());
        let wide = period(self.q, query);
        let world = self.asked.world;
        let found = parsed.find(world.signals.iter().map(|s| &s.key));
        Ok(found
            .map(|(value, key)| (text(value), metric::series(world, key, parsed.stat, wide, from, to)))
            .collect())
    }

    fn values(&mut self, query: &'a MetricQuery) -> Result<maths::Values, Fault> {
        if let Some(known) = self.done.get(query.id.wire()) {
            return Ok(known.clone());
        }
        let (from, to) = (self.q.window.from.as_second(), self.q.window.to.as_second());
        let wide = period(self.q, query);
        let values = match &query.source {
            MetricSource::Stat { .. } if !self.asked.here => BTreeMap::new(),
            MetricSource::Stat { metric, stat, .. } => {
                metric::series(self.asked.world, &key(metric), stat.wire(), wide, from, to)
            }
            MetricSource::Expression { text, .. } => {
                let op = self.asked.op;
                let wrong = |message: String| {
                    let message = format!("Error in expression '{}': {message}", query.id.wire());
                    faults::invalid(op, "ValidationError", &message)
                };
                if !self.open.insert(query.id.wire()) {
                    return Err(wrong("it refers to itself".into()));
                }
                let mut inputs = BTreeMap::new();
                for other in named(self.q, text.wire()) {
                    inputs.insert(other.id.wire().to_owned(), self.values(other)?);
                }
                self.open.remove(query.id.wire());
                maths::compute(text.wire(), &inputs, &metric::grid(wide, from, to)).map_err(wrong)?
            }
        };
        self.done.insert(query.id.wire(), values.clone());
        Ok(values)
    }
}

/// The queries that an expression names; `METRICS()` names all that are no expressions.
fn named<'a>(q: &'a GetMetricData, expression: &str) -> Vec<&'a MetricQuery> {
    let words: BTreeSet<&str> =
        expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
    let every = words.contains("METRICS");
    let is_named = |m: &&MetricQuery| {
        words.contains(m.id.wire()) || (every && matches!(m.source, MetricSource::Stat { .. }))
    };
    q.queries.iter().filter(is_named).collect()
}

fn key(m: &MetricId) -> SeriesKey {
    let mut dims: Vec<(String, String)> =
        m.dimensions.iter().map(|(n, v)| (n.wire().to_owned(), v.wire().to_owned())).collect();
    dims.sort();
    SeriesKey { namespace: m.namespace.wire().to_owned(), name: m.name.wire().to_owned(), dims }
}

/// A series as CloudWatch names it.
pub(super) fn id(key: &SeriesKey) -> MetricId {
    MetricId {
        namespace: text(&key.namespace),
        name: text(&key.name),
        dimensions: key.dims.iter().map(|(n, v)| (text(n), text(v))).collect(),
    }
}

/// The series of a metric.
pub(super) fn list(asked: &Asked<'_>, q: &ListMetrics) -> Result<(Vec<MetricId>, Option<Cursor>), Fault> {
    let (namespace, name) = (q.namespace.wire(), q.name.wire());
    let mut keys: Vec<SeriesKey> = Vec::new();
    if asked.here {
        let series = asked.world.signals.iter().map(|s| &s.key);
        keys.extend(series.filter(|k| k.namespace == namespace && k.name == name).cloned());
        match namespace {
            "AWS/SQS" => keys.extend(of_queues(asked, name)),
            "AWS/WAFV2" => keys.extend(of_acls(asked, name)),
            _ => {}
        }
    }
    let mut named: Vec<(String, SeriesKey)> =
        keys.into_iter().map(|k| (format!("{:?}", k.dims), k)).collect();
    named.sort();
    let rows: Vec<&(String, SeriesKey)> = named.iter().collect();
    let (page, next) = asked.page(&format!("{namespace} {name}"), &rows, 500, |(dims, _)| dims)?;
    Ok((page.into_iter().map(|(_, key)| id(key)).collect(), next))
}

fn of_queues<'a>(asked: &Asked<'a>, name: &'a str) -> impl Iterator<Item = SeriesKey> + use<'a> {
    const NAMES: [&str; 7] = [
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateAgeOfOldestMessage",
        "NumberOfMessagesSent",
        "NumberOfMessagesReceived",
        "NumberOfMessagesDeleted",
    ];
    let known = NAMES.contains(&name);
    asked.world.queues.iter().filter(move |_| known).map(move |q| SeriesKey {
        namespace: "AWS/SQS".into(),
        name: name.to_owned(),
        dims: vec![("QueueName".into(), q.name.clone())],
    })
}

fn of_acls(asked: &Asked<'_>, name: &str) -> Vec<SeriesKey> {
    let mut keys = Vec::new();
    for acl in &asked.world.acls {
        for (_, group, rule) in acl.series().into_iter().filter(|(metric, _, _)| *metric == name) {
            let mut dims = vec![("Rule".to_owned(), rule), ("WebACL".to_owned(), acl.metric.clone())];
            dims.extend(group.map(|g| ("RuleGroup".to_owned(), g)));
            if !acl.cloudfront {
                dims.push(("Region".to_owned(), REGION.to_owned()));
            }
            dims.sort();
            keys.push(SeriesKey { namespace: "AWS/WAFV2".into(), name: name.to_owned(), dims });
        }
    }
    keys
}
