//! The questions to Secrets Manager: names, dates and versions. There is no call here that returns a value.

use super::convert::{count, need, next, text, time, token};
use super::fault::Judge;
use crate::estate::ask::secretsmanager::{Answer, Ask};
use crate::estate::{Arn, Cursor, Fault, Secret, SecretName, SecretVersion, Untrusted, VersionId};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::{RotationRulesType, SecretVersionsListEntry, Tag};

/// `MaxResults` goes up to 100 (Secrets Manager API reference, `ListSecrets`, `ListSecretVersionIds`).
const PAGE: i32 = 100;

/// A secret out of either of the SDK's types for one: an entry of the list, and the answer about one, which have
/// the same fields and nothing else in common.
macro_rules! secret {
    ($op:expr, $s:expr) => {{
        let s = $s;
        Secret {
            name: SecretName::new(need($op, "Name", s.name)?),
            arn: Arn::new(need($op, "ARN", s.arn)?),
            description: text(s.description),
            created: time(s.created_date.as_ref()),
            last_changed: time(s.last_changed_date.as_ref()),
            last_rotated: time(s.last_rotated_date.as_ref()),
            last_accessed: time(s.last_accessed_date.as_ref()),
            next_rotation: time(s.next_rotation_date.as_ref()),
            deletion_at: time(s.deleted_date.as_ref()),
            rotation_enabled: s.rotation_enabled.unwrap_or(false),
            rotation_days: days(s.rotation_rules.as_ref()),
            kms_key: text(s.kms_key_id),
            owning_service: text(s.owning_service),
            primary_region: text(s.primary_region),
            tags: tags(s.tags),
        }
    }};
}

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::ListSecrets(_) => {
            let out = client.list_secrets().include_planned_deletion(true).max_results(PAGE);
            let out = judge.of(out.set_next_token(token(from)).send().await)?;
            let secrets = out.secret_list.unwrap_or_default().into_iter().map(|s| Ok(secret!(op, s)));
            listed(op, secrets, Answer::ListSecrets, from, out.next_token)
        }
        Ask::DescribeSecret(q) => {
            let s = judge.of(client.describe_secret().secret_id(q.secret.wire()).send().await)?;
            Ok((Answer::DescribeSecret(secret!(op, s)), None))
        }
        Ask::GetResourcePolicy(q) => {
            let out = judge.of(client.get_resource_policy().secret_id(q.secret.wire()).send().await)?;
            Ok((Answer::GetResourcePolicy(text(out.resource_policy)), None))
        }
        Ask::ListSecretVersionIds(q) => {
            let out = client.list_secret_version_ids().secret_id(q.secret.wire()).max_results(PAGE);
            let out = out.include_deprecated(q.deprecated).set_next_token(token(from));
            let out = judge.of(out.send().await)?;
            let versions = out.versions.unwrap_or_default().into_iter().map(|v| version(op, v));
            listed(op, versions, Answer::ListSecretVersionIds, from, out.next_token)
        }
    }
}

/// A page: what it lists, and where the next one begins.
fn listed<T>(
    op: &'static str,
    entries: impl Iterator<Item = Result<T, Fault>>,
    answer: impl FnOnce(Vec<T>) -> Answer,
    from: Option<&Cursor>,
    following: Option<String>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    Ok((answer(entries.collect::<Result<_, Fault>>()?), next(op, from, following)?))
}

fn version(op: &'static str, v: SecretVersionsListEntry) -> Result<SecretVersion, Fault> {
    Ok(SecretVersion {
        id: VersionId::new(need(op, "VersionId", v.version_id)?),
        stages: v.version_stages.unwrap_or_default().into_iter().map(Untrusted::from).collect(),
        created: time(v.created_date.as_ref()),
        last_accessed: time(v.last_accessed_date.as_ref()),
    })
}

fn days(rules: Option<&RotationRulesType>) -> Option<u32> {
    count(rules.and_then(|r| r.automatically_after_days))
}

fn tags(tags: Option<Vec<Tag>>) -> Vec<(Untrusted, Untrusted)> {
    let tags = tags.unwrap_or_default().into_iter();
    tags.map(|t| (t.key.unwrap_or_default().into(), t.value.unwrap_or_default().into())).collect()
}
