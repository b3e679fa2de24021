//! Secrets: dates, labels and versions. No value is given. Sources: Secrets Manager API reference,
//! `ListSecrets` (100 a page), `ListSecretVersionIds` (100 a page), `DescribeSecret`.

use super::{Asked, maybe, pairs, text, time};
use crate::estate::ask::Cursor;
use crate::estate::ask::secretsmanager::{Answer, Ask, ListSecrets};
use crate::estate::fault::Fault;
use crate::estate::names::{Arn, SecretName, VersionId};
use crate::estate::secret::{Secret, SecretVersion};
use crate::estate::untrusted::Untrusted;
use crate::practice::faults;
use crate::practice::world::ACCOUNT;
use crate::practice::world::secret::{Secret as Row, Version};

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    match ask {
        Ask::ListSecrets(ListSecrets {}) => {
            let rows: Vec<&Row> = asked.rows(&asked.world.secrets).into_iter().filter(|s| !s.gone).collect();
            let (page, next) = asked.page("", &rows, 100, |s| &s.name)?;
            Ok((Answer::ListSecrets(page.into_iter().map(secret).collect()), next))
        }
        Ask::ListSecretVersionIds(q) => {
            let row = find(asked, &q.secret)?;
            let wanted = |v: &&Version| q.deprecated || !v.stages.is_empty();
            let rows: Vec<&Version> = row.versions.iter().filter(wanted).collect();
            let (page, next) = asked.newest(&format!("{} {}", row.name, q.deprecated), &rows, 100)?;
            Ok((Answer::ListSecretVersionIds(page.into_iter().map(|v| version(v)).collect()), next))
        }
        Ask::GetResourcePolicy(q) => {
            asked.single()?;
            Ok((Answer::GetResourcePolicy(policy(find(asked, &q.secret)?)), None))
        }
        Ask::DescribeSecret(q) => {
            asked.single()?;
            Ok((Answer::DescribeSecret(secret(find(asked, &q.secret)?)), None))
        }
    }
}

/// The policy by which a secret denies what it denies to the practising operator.
fn policy(row: &Row) -> Option<Untrusted> {
    let actions: Vec<String> = row.denies.iter().map(|a| format!("\"{a}\"")).collect();
    (!actions.is_empty()).then(|| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"KeepOut","Effect":"Deny","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:role/ops"}},"Action":[{}],"Resource":"*"}}]}}"#,
            actions.join(",")
        )
        .into()
    })
}

/// The secret with this ARN or name, if its own policy lets it be asked about.
fn find<'a>(asked: &Asked<'a>, id: &Arn) -> Result<&'a Row, Fault> {
    let row = asked.world.seen_secret(id.wire(), asked.op.name).filter(|_| asked.here);
    let Some(row) = row.filter(|s| !s.gone) else {
        return Err(faults::no_secret(asked.op));
    };
    if row.denies.iter().any(|a| a == asked.op.iam_action) {
        return Err(faults::denied(asked.op, &row.arn(), "with an explicit deny in a resource-based policy"));
    }
    Ok(row)
}

fn secret(s: &Row) -> Secret {
    Secret {
        name: SecretName::new(s.name.as_str()),
        arn: Arn::new(s.arn()),
        description: maybe(s.description.as_ref()),
        created: Some(time(s.created)),
        last_changed: Some(time(s.changed)),
        last_rotated: s.rotated.map(time),
        last_accessed: s.accessed.map(time),
        next_rotation: s.next_rotation.map(time),
        deletion_at: s.deleted.map(time),
        rotation_enabled: s.rotation_days.is_some(),
        rotation_days: s.rotation_days,
        kms_key: maybe(s.kms.as_ref()),
        owning_service: maybe(s.owner.as_ref()),
        primary_region: maybe(s.primary.as_ref()),
        tags: pairs(&s.tags),
    }
}

fn version(v: &Version) -> SecretVersion {
    SecretVersion {
        id: VersionId::new(v.id.as_str()),
        stages: v.stages.iter().map(|s| text(s)).collect(),
        created: Some(time(v.created)),
        last_accessed: v.accessed.map(time),
    }
}
