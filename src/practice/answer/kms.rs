//! Keys and their policies. Source: KMS API reference, `DescribeKey`, `GetKeyPolicy`.

use super::{Asked, text};
use crate::estate::ask::kms::{Answer, Ask};
use crate::estate::names::Arn;
use crate::estate::{Fault, KmsKey, Untrusted};
use crate::practice::faults;
use crate::practice::world::{arn, kms};

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<Answer, Fault> {
    asked.single()?;
    match ask {
        Ask::DescribeKey(q) => {
            let row = find(asked, &q.key)?;
            Ok(Answer::DescribeKey(KmsKey {
                arn: Arn::new(arn("kms", &format!("key/{}", row.id))),
                enabled: row.state == "Enabled",
                state: text(&row.state),
                deletion_at: None,
                aws_managed: row.alias.starts_with("alias/aws/"),
            }))
        }
        // This one takes no alias.
        Ask::GetKeyPolicy(q) if q.key.wire().starts_with("alias/") => {
            Err(faults::missing(asked.op, "NotFoundException", "Invalid keyId"))
        }
        Ask::GetKeyPolicy(q) => Ok(Answer::GetKeyPolicy(text(&find(asked, &q.key)?.policy))),
    }
}

fn find<'a>(asked: &Asked<'a>, key: &Untrusted) -> Result<&'a kms::KmsKey, Fault> {
    let wanted = key.wire();
    let id = wanted.rsplit_once(":key/").map_or(wanted, |(_, id)| id);
    let alias = wanted.rsplit_once(":alias/").map(|(_, name)| format!("alias/{name}"));
    let is = |k: &&kms::KmsKey| k.id == id || k.alias == wanted || Some(&k.alias) == alias.as_ref();
    asked.world.kms_keys.iter().find(|k| asked.here && is(k)).ok_or_else(|| {
        faults::missing(asked.op, "NotFoundException", &format!("Key '{wanted}' does not exist"))
    })
}
