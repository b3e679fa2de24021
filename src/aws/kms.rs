//! The questions to KMS: what a key is and what its policy says.

use super::convert::{need, time};
use super::fault::Judge;
use crate::estate::ask::kms::{Answer, Ask};
use crate::estate::{Arn, Fault, KmsKey, Untrusted};
use aws_sdk_kms::Client;
use aws_sdk_kms::types::KeyManagerType;

/// The one policy that a key has ("The only valid value is `default`").
const POLICY: &str = "default";

pub(super) async fn ask(client: &Client, ask: &Ask, judge: &Judge<'_>) -> Result<Answer, Fault> {
    let op = judge.operation();
    match ask {
        Ask::DescribeKey(q) => {
            let out = judge.of(client.describe_key().key_id(q.key.wire()).send().await)?;
            let key = need(op, "KeyMetadata", out.key_metadata)?;
            Ok(Answer::DescribeKey(KmsKey {
                arn: Arn::new(need(op, "Arn", key.arn)?),
                enabled: key.enabled,
                state: Untrusted::from(key.key_state.as_ref().map_or("", |s| s.as_str())),
                deletion_at: time(key.deletion_date.as_ref()),
                aws_managed: key.key_manager == Some(KeyManagerType::Aws),
            }))
        }
        Ask::GetKeyPolicy(q) => {
            let out = client.get_key_policy().key_id(q.key.wire()).policy_name(POLICY).send().await;
            Ok(Answer::GetKeyPolicy(need(op, "Policy", judge.of(out)?.policy)?.into()))
        }
    }
}
