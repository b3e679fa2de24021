//! Where each answer and each gap goes in the inventory, and whether that changes anything to see. What is
//! read again unchanged keeps its allocation.

use super::{
    AclRow, Answer, Arc, Ask, Detail, Fault, Field, FunctionRow, Gap, Inventory, Loadable, MetricKey,
    Metrics, Page, Query, QueueRow, SecretRow, Source, Ticket, Timestamp, Usual, cloudwatch, lambda,
    secretsmanager, sqs, wafv2,
};
use crate::estate::ask::{iam, sts};
use crate::estate::metric::MetricSource;
use crate::estate::time::seconds_between;
use crate::estate::{Arn, MetricId, MetricQuery, Series};
use crate::insight::source::{About, Broad};
use crate::insight::waf_counts;
use std::collections::HashMap;

mod alarm;
mod gap;

/// A page's place in a walk.
#[derive(Clone, Copy)]
struct Arrival {
    ticket: Ticket,
    sent: Timestamp,
    first: bool,
    /// It is all of its question's answer.
    whole: bool,
}

impl Inventory {
    pub(super) fn page(
        &mut self,
        source: &Source,
        ticket: Ticket,
        query: &Query,
        page: Page,
        first: bool,
    ) -> bool {
        let here = Arrival { ticket, sent: page.sent, first, whole: first && page.next.is_none() };
        match page.answer {
            Answer::CloudWatch(answer) => self.cloudwatch(source, here, query, answer),
            Answer::Sqs(answer) => self.sqs(here, query, answer),
            Answer::Wafv2(answer) => self.wafv2(source, here, query, answer),
            Answer::SecretsManager(answer) => self.secretsmanager(source, here, query, answer),
            Answer::Sts(sts::Answer::GetCallerIdentity(identity)) => {
                set(&mut self.identity, identity, here.sent)
            }
            Answer::Iam(iam::Answer::ListAccountAliases(aliases)) => {
                set(&mut self.alias, aliases.into_iter().next(), here.sent)
            }
            Answer::Lambda(answer) => self.lambda(here, query, answer),
            // What runbooks ask is not of the watch.
            Answer::Iam(
                iam::Answer::ListAccessKeys(_)
                | iam::Answer::GetAccessKeyLastUsed(_)
                | iam::Answer::ListUsers(_)
                | iam::Answer::ListUserTags(_)
                | iam::Answer::SimulatePrincipalPolicy(_)
                | iam::Answer::GetUser(_)
                | iam::Answer::ListAttachedUserPolicies(_)
                | iam::Answer::ListUserPolicies(_)
                | iam::Answer::GetUserPolicy(_)
                | iam::Answer::ListGroupsForUser(_)
                | iam::Answer::GetLoginProfile(_)
                | iam::Answer::ListMFADevices(_)
                | iam::Answer::ListRoles(_)
                | iam::Answer::GetRole(_)
                | iam::Answer::ListAttachedRolePolicies(_)
                | iam::Answer::ListRolePolicies(_)
                | iam::Answer::GetRolePolicy(_)
                | iam::Answer::GetAccountAuthorizationDetails(_)
                | iam::Answer::GenerateCredentialReport(_)
                | iam::Answer::GetCredentialReport(_)
                | iam::Answer::ListSAMLProviders(_)
                | iam::Answer::ListOpenIDConnectProviders(_)
                | iam::Answer::GetOpenIDConnectProvider(_),
            )
            | Answer::Sts(sts::Answer::GetAccessKeyInfo(_))
            | Answer::CloudTrail(_)
            | Answer::Rds(_)
            | Answer::Ec2(_)
            | Answer::Kms(_)
            | Answer::Logs(_)
            | Answer::Events(_)
            | Answer::ApiGateway(_) => false,
        }
    }

    /// Adds to what has arrived of a detail. That shows only while nothing older is drawn in its place.
    fn arrived(&mut self, source: &Source, ticket: Ticket, add: impl FnOnce(&mut Detail)) -> bool {
        let Some(held) = self.details.get_mut(source) else { return false };
        let shows = matches!(held.load, Loadable::Loading { stale: None, .. });
        match held.load.arriving(ticket) {
            Some(detail) => {
                add(detail);
                shows
            }
            None => false,
        }
    }

    fn cloudwatch(
        &mut self,
        source: &Source,
        here: Arrival,
        query: &Query,
        answer: cloudwatch::Answer,
    ) -> bool {
        match answer {
            cloudwatch::Answer::DescribeAlarms(alarms) => self.alarm_page(source, here, alarms),
            cloudwatch::Answer::ListAlarmMuteRules(names) => {
                self.mutes.listed_page();
                let mut shows = false;
                for name in names {
                    shows |= self.mutes.list(here.ticket, name, |_| Field::Unread);
                }
                shows
            }
            cloudwatch::Answer::GetAlarmMuteRule(rule) => match self.mutes.get_mut(&rule.name) {
                Some(row) => set(row, rule, here.sent),
                None => false,
            },
            cloudwatch::Answer::DescribeAlarmHistory(items) => self.arrived(source, here.ticket, |d| {
                if let Detail::History(all) = d {
                    all.extend(items);
                }
            }),
            cloudwatch::Answer::DescribeAlarmContributors(items) => self.arrived(source, here.ticket, |d| {
                if let Detail::Contributors(all) = d {
                    all.extend(items);
                }
            }),
            cloudwatch::Answer::GetMetricData(series) => {
                let Ask::CloudWatch(cloudwatch::Ask::GetMetricData(asked)) = &query.ask else { return false };
                // Of a walk of counts, the window that is longer than an hour is the usual's.
                let seconds = seconds_between(asked.window.from, asked.window.to);
                if matches!(source, Source::Broad(Broad::WafCounts(_))) && seconds > 2 * 3600 {
                    let hour = asked.window.to.as_second().div_euclid(3600);
                    return self.usual_page(here, &asked.queries, series, hour);
                }
                self.arrived(source, here.ticket, |d| {
                    if let Detail::Metrics(metrics) = d {
                        metrics.add(&asked.queries, series);
                    }
                })
            }
            cloudwatch::Answer::ListTagsForResource(tags) => {
                let Ask::CloudWatch(cloudwatch::Ask::ListTagsForResource(asked)) = &query.ask else {
                    return false;
                };
                if self.alarm_tags.get(&asked.resource).is_some_and(|old| *old == tags) {
                    return false;
                }
                self.alarm_tags.insert(asked.resource.clone(), tags);
                true
            }
            cloudwatch::Answer::ListMetrics(ids) => self.series_page(source, here, ids),
        }
    }

    /// Of an ACL's walk only its own series are kept: a page may hold those of every other.
    fn series_page(&mut self, source: &Source, here: Arrival, mut ids: Vec<MetricId>) -> bool {
        let Source::Detail(About::AclSeries(arn)) = source else { return false };
        match self.acl(arn) {
            Some(row) => ids.retain(|id| waf_counts::is_of(row, id)),
            None => ids.clear(),
        }
        self.arrived(source, here.ticket, |d| {
            if let Detail::Series(all) = d {
                all.extend(ids);
            }
        })
    }

    /// Sums of the day before. They change what is compared, which shows when the counts themselves do.
    fn usual_page(&mut self, here: Arrival, asked: &[MetricQuery], answers: Vec<Series>, hour: i64) -> bool {
        let mut metrics = HashMap::new();
        for query in asked {
            let MetricSource::Stat { metric, .. } = &query.source else { continue };
            if here.first {
                self.usual.insert(metric.clone(), Usual { hour, total: 0.0 });
            }
            metrics.insert(&query.id, metric);
        }
        for series in answers {
            let Some(metric) = metrics.get(&series.id) else { continue };
            if series.trouble.is_some() {
                self.usual.remove(*metric);
            } else if let Some(usual) = self.usual.get_mut(*metric) {
                usual.total += series.points.iter().map(|(_, v)| v).sum::<f64>();
            }
        }
        true
    }

    fn sqs(&mut self, here: Arrival, query: &Query, answer: sqs::Answer) -> bool {
        match answer {
            sqs::Answer::ListQueues(urls) => {
                self.queues.listed_page();
                let mut shows = false;
                for url in urls {
                    shows |= self.queues.list(here.ticket, url, |url| QueueRow {
                        url: url.clone(),
                        facts: Field::Unread,
                        sources: Field::Unread,
                        tasks: Field::Unread,
                        tags: Field::Unread,
                    });
                }
                shows
            }
            sqs::Answer::GetQueueAttributes(facts) => {
                let Some(row) = self.queue_of(query) else { return false };
                let (arn, url) = (facts.arn.clone(), row.url.clone());
                let shows = set(&mut row.facts, facts, here.sent);
                if shows {
                    self.index.queues.insert(arn, url);
                }
                shows
            }
            sqs::Answer::ListDeadLetterSourceQueues(urls) => match self.queue_of(query) {
                Some(row) => add_page(&mut row.sources, urls, here),
                None => false,
            },
            sqs::Answer::ListMessageMoveTasks(tasks) => match self.queue_of(query) {
                Some(row) => set(&mut row.tasks, tasks, here.sent),
                None => false,
            },
            sqs::Answer::ListQueueTags(tags) => match self.queue_of(query) {
                Some(row) => set(&mut row.tags, tags, here.sent),
                None => false,
            },
        }
    }

    /// The row of the queue that a question is about.
    fn queue_of(&mut self, query: &Query) -> Option<&mut QueueRow> {
        let Ask::Sqs(ask) = &query.ask else { return None };
        match ask {
            sqs::Ask::ListQueues(_) => None,
            sqs::Ask::GetQueueAttributes(q) => self.queues.get_mut(&q.queue),
            sqs::Ask::ListDeadLetterSourceQueues(q) => self.queues.get_mut(&q.queue),
            sqs::Ask::ListQueueTags(q) => self.queues.get_mut(&q.queue),
            sqs::Ask::ListMessageMoveTasks(q) => {
                let url = self.queue_at(&q.queue)?.url.clone();
                self.queues.get_mut(&url)
            }
        }
    }

    fn wafv2(&mut self, source: &Source, here: Arrival, query: &Query, answer: wafv2::Answer) -> bool {
        match answer {
            wafv2::Answer::ListWebACLs(acls) => {
                let Ask::Wafv2(wafv2::Ask::ListWebACLs(asked)) = &query.ask else { return false };
                self.acls_mut(asked.scope).listed_page();
                let mut shows = false;
                for summary in acls {
                    let (id, arn) = (summary.id.clone(), summary.arn.clone());
                    let new = self.acls_mut(asked.scope).list(here.ticket, arn.clone(), |_| AclRow {
                        summary,
                        acl: Field::Unread,
                        tags: Field::Unread,
                    });
                    if new {
                        self.index.acls.insert(id, arn);
                    }
                    shows |= new;
                }
                shows
            }
            wafv2::Answer::GetWebACL(acl) => {
                let Ask::Wafv2(wafv2::Ask::GetWebACL(asked)) = &query.ask else { return false };
                match self.acls_mut(asked.scope).get_mut(&acl.summary.arn) {
                    Some(row) => set(&mut row.acl, acl, here.sent),
                    None => false,
                }
            }
            wafv2::Answer::GetSampledRequests(samples) => {
                let Ask::Wafv2(wafv2::Ask::GetSampledRequests(asked)) = &query.ask else { return false };
                self.arrived(source, here.ticket, |d| {
                    if let Detail::Samples(all) = d {
                        all.push((asked.rule_metric.clone(), samples));
                    }
                })
            }
            wafv2::Answer::ListResourcesForWebACL(arns) => self.arrived(source, here.ticket, |d| {
                if let Detail::Resources(all) = d {
                    all.extend(arns);
                }
            }),
            wafv2::Answer::ListTagsForResource(tags) => {
                let Ask::Wafv2(wafv2::Ask::ListTagsForResource(asked)) = &query.ask else { return false };
                match self.acl_mut(&asked.resource) {
                    Some(row) => set(&mut row.tags, tags, here.sent),
                    None => false,
                }
            }
        }
    }

    fn acl_mut(&mut self, arn: &Arn) -> Option<&mut AclRow> {
        self.regional_acls.get_mut(arn).or_else(|| self.cloudfront_acls.get_mut(arn))
    }

    fn secretsmanager(
        &mut self,
        source: &Source,
        here: Arrival,
        query: &Query,
        answer: secretsmanager::Answer,
    ) -> bool {
        match answer {
            secretsmanager::Answer::ListSecrets(secrets) => {
                self.secrets.listed_page();
                let mut shows = false;
                for secret in secrets {
                    match self.secrets.touch(here.ticket, &secret.arn) {
                        Some(row) => shows |= replace(&mut row.secret, secret),
                        None => {
                            shows |= self.secrets.list(here.ticket, secret.arn.clone(), |_| SecretRow {
                                secret,
                                versions: Field::Unread,
                            });
                        }
                    }
                }
                shows
            }
            // What runbooks ask is not of the watch.
            secretsmanager::Answer::GetResourcePolicy(_) => false,
            secretsmanager::Answer::ListSecretVersionIds(versions) => {
                let Ask::SecretsManager(secretsmanager::Ask::ListSecretVersionIds(asked)) = &query.ask else {
                    return false;
                };
                if matches!(source, Source::Detail(About::SecretVersions(_))) {
                    return self.arrived(source, here.ticket, |d| {
                        if let Detail::Versions(all) = d {
                            all.extend(versions);
                        }
                    });
                }
                match self.secrets.get_mut(&asked.secret) {
                    Some(row) => add_page(&mut row.versions, versions, here),
                    None => false,
                }
            }
            secretsmanager::Answer::DescribeSecret(secret) => match self.secrets.get_mut(&secret.arn) {
                Some(row) => replace(&mut row.secret, secret),
                None => false,
            },
        }
    }

    fn lambda(&mut self, here: Arrival, query: &Query, answer: lambda::Answer) -> bool {
        match answer {
            lambda::Answer::ListFunctions(functions) => {
                self.functions.listed_page();
                let mut shows = false;
                for function in functions {
                    if let Some(row) = self.functions.touch(here.ticket, &function.arn) {
                        shows |= replace(&mut row.function, function);
                        continue;
                    }
                    self.index.functions.insert(function.name.clone(), function.arn.clone());
                    shows |= self.functions.list(here.ticket, function.arn.clone(), |_| FunctionRow {
                        function,
                        on_failure: Field::Unread,
                    });
                }
                shows
            }
            lambda::Answer::ListFunctionEventInvokeConfigs(configs) => {
                let Ask::Lambda(lambda::Ask::ListFunctionEventInvokeConfigs(asked)) = &query.ask else {
                    return false;
                };
                let arn = self.index.functions.get(&asked.function);
                match arn.and_then(|arn| self.functions.get_mut(arn)) {
                    Some(row) => add_page(&mut row.on_failure, configs, here),
                    None => false,
                }
            }
            lambda::Answer::GetFunctionConfiguration(_)
            | lambda::Answer::ListVersionsByFunction(_)
            | lambda::Answer::ListAliases(_)
            | lambda::Answer::GetProvisionedConcurrencyConfig(_)
            | lambda::Answer::GetFunctionConcurrency(_)
            | lambda::Answer::GetFunctionUrlConfig(_)
            | lambda::Answer::GetPolicy(_)
            | lambda::Answer::ListFunctionUrlConfigs(_)
            | lambda::Answer::ListLayers(_)
            | lambda::Answer::ListTags(_) => false,
            lambda::Answer::ListEventSourceMappings(mappings) => {
                self.event_sources.listed_page();
                let mut shows = false;
                for mapping in mappings {
                    match self.event_sources.touch(here.ticket, &mapping.id) {
                        Some(row) => shows |= replace(row, mapping),
                        None => {
                            let id = mapping.id.clone();
                            shows |= self.event_sources.list(here.ticket, id, |_| mapping);
                        }
                    }
                }
                shows
            }
        }
    }
}

/// Sets a value; whether it is another one.
fn replace<T: PartialEq>(old: &mut T, new: T) -> bool {
    let other = *old != new;
    if other {
        *old = new;
    }
    other
}

/// Sets what was read at `sent`; whether it is another value, or the first after a gap.
fn set<T: PartialEq>(field: &mut Field<T>, new: T, sent: Timestamp) -> bool {
    match field {
        Field::Read { value, at } if *value == new => {
            *at = sent;
            false
        }
        Field::Read { .. } | Field::Unread | Field::Gap { .. } => {
            field.read(new, sent);
            true
        }
    }
}

/// The first page replaces what a field held, the others add to it.
fn add_page<T: PartialEq>(field: &mut Field<Vec<T>>, page: Vec<T>, here: Arrival) -> bool {
    match field {
        Field::Read { value, .. } if !here.first => {
            value.extend(page);
            true
        }
        Field::Read { .. } | Field::Unread | Field::Gap { .. } if here.whole => set(field, page, here.sent),
        Field::Read { .. } | Field::Unread | Field::Gap { .. } => {
            field.read(page, here.sent);
            true
        }
    }
}

impl Metrics {
    /// Adds a page of answers to `queries`. CloudWatch may spread one series over several pages and give
    /// its points in either order.
    fn add(&mut self, queries: &[MetricQuery], answers: Vec<Series>) {
        let mut keys = HashMap::new();
        for query in queries {
            let key = key_of(query);
            if query.return_data {
                self.series.entry(key.clone()).or_default();
            }
            keys.insert(&query.id, key);
        }
        for answer in answers {
            let Some(key) = keys.get(&answer.id) else { continue };
            if let Some(words) = answer.trouble {
                self.trouble.push((key.clone(), words));
            }
            let points = self.series.entry(key.clone()).or_default();
            points.extend(answer.points);
            // A query that groups answers with several series under one id; the greatest value of a time is kept.
            points.sort_by(|(t, a), (u, b)| t.cmp(u).then_with(|| b.total_cmp(a)));
            points.dedup_by_key(|(t, _)| *t);
            let labels = self.labels.entry(key.clone()).or_default();
            labels.insert(answer.label);
        }
    }
}

fn key_of(query: &MetricQuery) -> MetricKey {
    match &query.source {
        MetricSource::Stat { metric, stat, .. } => MetricKey::Stat(metric.clone(), stat.clone()),
        MetricSource::Expression { .. } => MetricKey::Expression(query.id.clone()),
    }
}
