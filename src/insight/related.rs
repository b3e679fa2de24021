//! What a thing has to do with others, so that one can go from an alarm to its queue, from a queue to its
//! sources and alarms, from a web ACL to its alarms. One pass over the inventory for each question.

use super::alarm_words;
use super::attention::children;
use super::dead_letter::Pointer;
use super::look::Look;
use super::subject::Subject;
use crate::estate::alarm::Subject as Watched;
use crate::estate::metric::MetricSource;
use crate::estate::{Alarm, Arn, MetricId, QueueUrl, Scope, Untrusted};
use std::collections::BTreeSet;

/// How a thing is related to the one that was asked about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Relation {
    /// The alarm watches it.
    Watches,
    /// It watches the thing.
    WatchedBy,
    /// The composite depends on it.
    PartOfIt,
    /// It is a composite that depends on the alarm.
    WholeOfIt,
    /// It sends its dead letters here.
    DeadLettersFrom,
    /// Its dead letters go there.
    DeadLettersTo,
    /// It consumes the queue.
    ConsumedBy,
    /// The alarm tells it.
    Tells,
}

impl Relation {
    /// The relation in words, before the other thing's name.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Relation::Watches => "watches",
            Relation::WatchedBy => "watched by",
            Relation::PartOfIt => "depends on",
            Relation::WholeOfIt => "part of",
            Relation::DeadLettersFrom => "dead letters of",
            Relation::DeadLettersTo => "dead letters go to",
            Relation::ConsumedBy => "consumed by",
            Relation::Tells => "tells",
        }
    }
}

/// The other thing: one that can be looked at, or one that is only known by its ARN.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Other {
    /// It can be looked at.
    Thing(Subject),
    /// A function, a topic, or something that the inventory does not have.
    Arn(Arn),
}

impl Other {
    /// What people call it.
    #[must_use]
    pub fn name(&self, look: &Look<'_>) -> Untrusted {
        match self {
            Other::Thing(subject) => subject.name(look.inv),
            Other::Arn(arn) => arn.resource(),
        }
    }
}

/// Everything that a thing is related to, by relation, then by identity; no doubles.
#[must_use]
pub fn of(look: &Look<'_>, subject: &Subject) -> Vec<(Relation, Other)> {
    let mut found = BTreeSet::new();
    match subject {
        Subject::Alarm(arn) => {
            if let Some(alarm) = look.inv.alarms.get(arn) {
                of_alarm(look, alarm, &mut found);
            }
        }
        Subject::Queue(url) => of_queue(look, url, &mut found),
        Subject::Acl(arn) => {
            if let Some(acl) = look.inv.acl(arn).and_then(|row| row.acl.value()) {
                watched_by(look, &mut found, |m| {
                    m.namespace.wire() == "AWS/WAFV2" && m.dimension("WebACL") == Some(&acl.metric)
                });
            }
        }
        Subject::Secret(_) | Subject::Run(_) | Subject::Incident(_) | Subject::Source(_) => {}
    }
    found.into_iter().collect()
}

type Found = BTreeSet<(Relation, Other)>;

fn of_alarm(look: &Look<'_>, alarm: &Alarm, found: &mut Found) {
    for metric in metrics_of(alarm) {
        if metric.namespace.wire() == "AWS/SQS"
            && let Some(name) = metric.dimension("QueueName")
            && let Some((any, _)) = look.inv.queues.iter().next()
        {
            // Names are unique in an account and Region, so the URL follows from that of any other queue.
            let url = any.sibling(name.wire());
            if look.inv.queues.get(&url).is_some() {
                found.insert((Relation::Watches, Other::Thing(Subject::Queue(url))));
            }
        }
        if is_of_functions(metric)
            && let Some(name) = metric.dimension("FunctionName")
            && let Some(function) = look.inv.function_named(name)
        {
            found.insert((Relation::Watches, Other::Arn(function.function.arn.clone())));
        }
        if metric.namespace.wire() == "AWS/WAFV2"
            && let Some(name) = metric.dimension("WebACL")
        {
            for scope in [Scope::Regional, Scope::CloudFront] {
                for (arn, row) in look.inv.acls(scope).iter() {
                    if row.acl.value().is_some_and(|acl| acl.metric == *name) {
                        found.insert((Relation::Watches, Other::Thing(Subject::Acl(arn.clone()))));
                    }
                }
            }
        }
    }
    let parts = match &alarm.subject {
        Watched::Rule(rule) => children(rule.wire()),
        Watched::Metric(_) | Watched::Expression(_) | Watched::Other(_) => Vec::new(),
    };
    for (arn, other) in look.inv.alarms.iter() {
        if parts.iter().any(|part| part == other.name.wire()) {
            found.insert((Relation::PartOfIt, Other::Thing(Subject::Alarm(arn.clone()))));
        }
        if let Watched::Rule(rule) = &other.subject
            && rule.wire().contains(alarm.name.wire())
            && children(rule.wire()).iter().any(|part| part == alarm.name.wire())
        {
            found.insert((Relation::WholeOfIt, Other::Thing(Subject::Alarm(arn.clone()))));
        }
    }
    for target in alarm.alarm_actions.iter().chain(&alarm.ok_actions).chain(&alarm.insufficient_data_actions)
    {
        found.insert((Relation::Tells, Other::Arn(target.clone())));
    }
}

fn of_queue(look: &Look<'_>, url: &QueueUrl, found: &mut Found) {
    for pointer in look.picture.roles.role(url).pointed_by() {
        let other = match pointer {
            Pointer::Queue(source) => Other::Thing(Subject::Queue(source.clone())),
            Pointer::AllowedQueue(arn) => match look.inv.queue_at(arn) {
                Some(row) => Other::Thing(Subject::Queue(row.url.clone())),
                None => Other::Arn(arn.clone()),
            },
            Pointer::AllowsAll => continue,
            Pointer::Function(arn) | Pointer::Destination(arn) | Pointer::EventSource(arn) => {
                Other::Arn(arn.clone())
            }
        };
        found.insert((Relation::DeadLettersFrom, other));
    }
    let facts = look.inv.queues.get(url).and_then(|row| row.facts.value());
    if let Some(facts) = facts {
        if let Some(policy) = &facts.redrive {
            let other = match look.inv.queue_at(&policy.dead_letter_target) {
                Some(row) => Other::Thing(Subject::Queue(row.url.clone())),
                None => Other::Arn(policy.dead_letter_target.clone()),
            };
            found.insert((Relation::DeadLettersTo, other));
        }
        for mapping in look.inv.event_sources.values() {
            if mapping.source.as_ref() == Some(&facts.arn) {
                found.insert((Relation::ConsumedBy, Other::Arn(mapping.function.clone())));
            }
        }
    }
    let name = url.name();
    watched_by(look, found, |m| m.namespace.wire() == "AWS/SQS" && m.dimension("QueueName") == Some(&name));
}

fn watched_by(look: &Look<'_>, found: &mut Found, is_it: impl Fn(&MetricId) -> bool) {
    for (arn, alarm) in look.inv.alarms.iter() {
        if metrics_of(alarm).any(&is_it) {
            found.insert((Relation::WatchedBy, Other::Thing(Subject::Alarm(arn.clone()))));
        }
    }
}

/// Whether a metric's `FunctionName` means a Lambda function: Lambda's own, or one that an application sends.
#[must_use]
pub fn is_of_functions(metric: &MetricId) -> bool {
    let namespace = metric.namespace.wire();
    namespace == "AWS/Lambda" || !namespace.starts_with("AWS/")
}

/// The metrics that an alarm watches.
pub fn metrics_of(alarm: &Alarm) -> impl Iterator<Item = &MetricId> {
    let queries = match &alarm.subject {
        Watched::Metric(query) => std::slice::from_ref(query),
        Watched::Expression(queries) => queries.as_slice(),
        Watched::Rule(_) | Watched::Other(_) => &[],
    };
    queries.iter().filter_map(|query| match &query.source {
        MetricSource::Stat { metric, .. } => Some(metric),
        MetricSource::Expression { .. } => None,
    })
}

/// The series that an alarm is judged by, for a chart: its points, oldest first; `None` until they were
/// read, or where there are none to read.
#[must_use]
pub fn chart<'a>(look: &Look<'a>, alarm: &Alarm) -> Option<&'a [(crate::estate::Timestamp, f64)]> {
    use super::{About, MetricKey, Reach, Source};
    let metrics = look.inv.metrics(&Source::Detail(About::AlarmChart(alarm.arn.clone(), Reach::Near)))?;
    let judged = alarm_words::judged(alarm)?;
    let key = match &judged.source {
        MetricSource::Stat { metric, stat, .. } => MetricKey::Stat(metric.clone(), stat.clone()),
        MetricSource::Expression { .. } => MetricKey::Expression(judged.id.clone()),
    };
    metrics.series.get(&key).map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Policy;
    use crate::insight::examples::*;
    use crate::insight::{Inventory, Picture};

    fn told(inv: &Inventory, subject: &Subject) -> Vec<String> {
        let picture = Picture::of(inv, &[]);
        let policy = Policy::default();
        let look = Look { inv, picture: &picture, policy: &policy, runs: &[], incidents: &[], now: now() };
        of(&look, subject).iter().map(|(r, o)| format!("{} {}", r.words(), o.name(&look).shown())).collect()
    }

    fn watching(name: &str, namespace: &str, dimension: &str, value: &str) -> Alarm {
        let mut it = alarm(name);
        if let Watched::Metric(q) = &mut it.subject
            && let MetricSource::Stat { metric, .. } = &mut q.source
        {
            *metric = MetricId::of(namespace, "X", &[(dimension, value)]);
        }
        it
    }

    #[test]
    fn from_each_thing_to_the_others() {
        let mut inv = Inventory::default();
        let mut source = facts("orders");
        source.redrive = to("orders-dlq");
        queues(&mut inv, &[source, facts("orders-dlq")]);
        functions(&mut inv, &[function("f", Some("orders-dlq"))], &[], &[]);
        let shop = acl("shop", Scope::Regional, vec![]);
        let acl_arn = shop.summary.arn.clone();
        acls(&mut inv, Scope::Regional, &[shop]);
        let mut whole = alarm("whole");
        whole.subject = Watched::Rule("ALARM(\"deep\")".into());
        alarms(
            &mut inv,
            &[
                watching("deep", "AWS/SQS", "QueueName", "orders-dlq"),
                watching("waf", "AWS/WAFV2", "WebACL", "shopAcl"),
                watching("err", "AWS/Lambda", "FunctionName", "f"),
                watching("own", "Shop/Orders", "FunctionName", "f"),
                watching("other", "AWS/Other", "FunctionName", "f"),
                whole,
            ],
        );
        let alarm = |n: &str| told(&inv, &Subject::Alarm(alarm_arn(n)));
        assert_eq!(alarm("deep"), ["watches orders-dlq", "part of whole", "tells page"]);
        assert_eq!(alarm("waf"), ["watches shop", "tells page"]);
        assert_eq!(alarm("err"), ["watches f", "tells page"]);
        assert_eq!((alarm("own"), alarm("other")), (alarm("err"), vec!["tells page".to_owned()]));
        assert_eq!(alarm("whole"), ["depends on deep", "tells page"]);
        assert_eq!(
            told(&inv, &Subject::Queue(url("orders-dlq"))),
            ["watched by deep", "dead letters of orders", "dead letters of f"]
        );
        assert_eq!(told(&inv, &Subject::Queue(url("orders"))), ["dead letters go to orders-dlq"]);
        assert_eq!(told(&inv, &Subject::Acl(acl_arn)), ["watched by waf"]);
        assert!(told(&inv, &Subject::Queue(url("gone"))).is_empty());
    }
}
