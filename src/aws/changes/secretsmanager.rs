//! Writes to Secrets Manager: a new version under one label, labels moved, tags. The idempotency key is the
//! `ClientRequestToken` and so the id of the version.

use super::{edited, fits, plain};
use crate::aws::fault::Judge;
use crate::aws::marked::Marked;
use crate::estate::change::secretsmanager::Call;
use crate::estate::{Fault, IdempotencyKey, Receipt, Untrusted, Vault, VersionId};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::Tag;

/// "SecretString ... Maximum length of 65536" (Secrets Manager API reference, `PutSecretValue`), in bytes.
const LARGEST: usize = 65_536;

pub(super) async fn apply(
    client: &Client,
    call: &Call,
    key: &IdempotencyKey,
    vault: &Vault,
    judge: &Judge<'_>,
) -> Result<Receipt, Fault> {
    match call {
        Call::PutSecretValue { secret, base, edit, label } => {
            let document = edited(vault, base, edit, judge)?;
            fits(document.len(), LARGEST, judge)?;
            let mut marked = Marked::default();
            marked.also(&document);
            let put = client.put_secret_value().secret_id(secret.wire()).client_request_token(key.as_str());
            // Never without a label: that would make the version current at once.
            let put = put.version_stages(label.wire()).secret_string(plain(document, judge)?);
            let out = judge.of(put.send().await).map_err(|fault| marked.cleaned(fault))?;
            let version = out.version_id.unwrap_or_else(|| key.as_str().to_owned());
            Ok(Receipt::Version(VersionId::new(version)))
        }
        Call::UpdateSecretVersionStage { secret, stage, move_to, remove_from } => {
            let id = |version: &Option<VersionId>| version.as_ref().map(|v| v.wire().to_owned());
            let update = client.update_secret_version_stage().secret_id(secret.wire());
            let update = update.version_stage(stage.wire()).set_move_to_version_id(id(move_to));
            judge.of(update.set_remove_from_version_id(id(remove_from)).send().await)?;
            Ok(Receipt::Done)
        }
        Call::TagResource { secret, tags } => {
            let tag = |(key, text): &(Untrusted, Untrusted)| {
                Tag::builder().key(key.wire()).value(text.wire()).build()
            };
            let call = client.tag_resource().secret_id(secret.wire());
            judge.of(call.set_tags(Some(tags.iter().map(tag).collect())).send().await)?;
            Ok(Receipt::Done)
        }
        Call::UntagResource { secret, keys } => {
            let call = client.untag_resource().secret_id(secret.wire());
            let keys = keys.iter().map(|key| key.wire().to_owned()).collect();
            judge.of(call.set_tag_keys(Some(keys)).send().await)?;
            Ok(Receipt::Done)
        }
    }
}
