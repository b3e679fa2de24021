//! Where a question that was not answered leaves its mark: at the row it was about, and in the gaps of its
//! source.

use super::{Arc, Ask, Fault, Field, Gap, Inventory, Query, QueueRow, Source};
use super::{cloudwatch, lambda, secretsmanager, sqs, sts, wafv2};
use crate::insight::source::Listed;

impl Inventory {
    /// Notes a gap. The row shows it at once; the standing of the source when its walk ends.
    pub(in crate::insight::inventory) fn gap(
        &mut self,
        source: &Source,
        query: &Query,
        root: bool,
        fault: Arc<Fault>,
    ) -> bool {
        let mut about = None;
        let mut shows = false;
        match &query.ask {
            Ask::Sqs(ask) => {
                if let Some(row) = self.queue_of(query) {
                    about = Some(row.url.name());
                    shows = note_queue_gap(row, ask, &fault);
                }
            }
            Ask::Wafv2(wafv2::Ask::GetWebACL(asked)) => {
                about = Some(asked.name.clone());
                let arn = self.index.acls.get(&asked.id).cloned();
                if let Some(row) = arn.and_then(|arn| self.acls_mut(asked.scope).get_mut(&arn)) {
                    shows = note(&mut row.acl, &fault);
                }
            }
            Ask::SecretsManager(secretsmanager::Ask::ListSecretVersionIds(asked)) => {
                if let Some(row) = self.secrets.get_mut(&asked.secret) {
                    about = Some(row.secret.name.text().clone());
                    shows = note(&mut row.versions, &fault);
                }
            }
            Ask::Lambda(lambda::Ask::ListFunctionEventInvokeConfigs(asked)) => {
                about = Some(asked.function.text().clone());
                let arn = self.index.functions.get(&asked.function);
                if let Some(row) = arn.and_then(|arn| self.functions.get_mut(arn)) {
                    shows = note(&mut row.on_failure, &fault);
                }
            }
            Ask::CloudWatch(cloudwatch::Ask::GetAlarmMuteRule(asked)) => {
                about = Some(asked.name.text().clone());
                if let Some(row) = self.mutes.get_mut(&asked.name) {
                    shows = note(row, &fault);
                }
            }
            Ask::Sts(sts::Ask::GetCallerIdentity(_)) => shows = note(&mut self.identity, &fault),
            Ask::Iam(_) => shows = note(&mut self.alias, &fault),
            Ask::CloudWatch(_)
            | Ask::Wafv2(_)
            | Ask::SecretsManager(_)
            | Ask::Lambda(_)
            | Ask::Sts(sts::Ask::GetAccessKeyInfo(_))
            | Ask::CloudTrail(_)
            | Ask::Rds(_)
            | Ask::Ec2(_)
            | Ask::Kms(_)
            | Ask::Logs(_)
            | Ask::Events(_)
            | Ask::ApiGateway(_) => {}
        }
        self.note_standing(source, query, root, Gap { about, fault });
        shows
    }

    fn note_standing(&mut self, source: &Source, query: &Query, root: bool, gap: Gap) {
        match source.listed() {
            Some(Listed::Alarms) => self.alarms.gap(root, gap),
            Some(Listed::Mutes) => self.mutes.gap(root, gap),
            Some(Listed::Queues) => self.queues.gap(root, gap),
            Some(Listed::Functions) => {
                if matches!(query.ask, Ask::Lambda(lambda::Ask::ListEventSourceMappings(_))) {
                    self.event_sources.gap(root, gap.clone());
                    self.functions.gap(false, gap);
                } else {
                    self.functions.gap(root, gap);
                }
            }
            Some(Listed::WebAcls(scope)) => self.acls_mut(scope).gap(root, gap),
            Some(Listed::Secrets) => self.secrets.gap(root, gap),
            None => {
                if let Some(held) = self.details.get_mut(source) {
                    held.gaps.push(gap);
                }
            }
        }
    }
}

/// Notes at a field why it could not be read; whether that is news.
fn note<T>(field: &mut Field<T>, fault: &Arc<Fault>) -> bool {
    let known = field.fault().is_some_and(|f| f == fault);
    field.gap(fault.clone());
    !known
}

fn note_queue_gap(row: &mut QueueRow, ask: &sqs::Ask, fault: &Arc<Fault>) -> bool {
    match ask {
        sqs::Ask::ListQueues(_) => false,
        sqs::Ask::GetQueueAttributes(_) => note(&mut row.facts, fault),
        sqs::Ask::ListDeadLetterSourceQueues(_) => note(&mut row.sources, fault),
        sqs::Ask::ListMessageMoveTasks(_) => note(&mut row.tasks, fault),
        sqs::Ask::ListQueueTags(_) => note(&mut row.tags, fault),
    }
}
