//! Writes to API Gateway: keys, always made disabled, and their places in usage plans. Answers repeat a key's
//! value; it is wiped.

use super::text;
use crate::aws::convert::{need, wiped};
use crate::aws::fault::Judge;
use crate::estate::change::apigateway::Call;
use crate::estate::{ApiKeyId, Fault, FaultKind, Receipt, Vault};
use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{Op, PatchOperation};

pub(super) async fn apply(
    client: &Client,
    call: &Call,
    vault: &Vault,
    judge: &Judge<'_>,
) -> Result<Receipt, Fault> {
    match call {
        Call::CreateApiKey { name, value, description } => {
            let create = client.create_api_key().name(name.wire()).description(description.wire());
            let create = create.enabled(false).value(text(vault, value, judge)?);
            let out = judge.of(create.send().await)?;
            wiped(out.value);
            Ok(Receipt::ApiKey(ApiKeyId::new(need(judge.operation(), "id", out.id)?)))
        }
        Call::UpdateApiKey { key, enabled } => {
            let patch = PatchOperation::builder().op(Op::Replace).path("/enabled").value(enabled.to_string());
            let update = client.update_api_key().api_key(key.wire()).patch_operations(patch.build());
            wiped(judge.of(update.send().await)?.value);
            Ok(Receipt::Done)
        }
        Call::DeleteApiKey { key } => {
            let out = client.delete_api_key().api_key(key.wire()).send().await;
            judge.of(out).map(|_| Receipt::Done).or_else(gone)
        }
        Call::CreateUsagePlanKey { plan, key } => {
            let create = client.create_usage_plan_key().usage_plan_id(plan.wire());
            let out = judge.of(create.key_id(key.wire()).key_type("API_KEY").send().await);
            match out {
                Ok(out) => wiped(out.value),
                Err(fault) if is_member(&fault) => {}
                Err(fault) => return Err(fault),
            }
            Ok(Receipt::Done)
        }
        Call::DeleteUsagePlanKey { plan, key } => {
            let delete = client.delete_usage_plan_key().usage_plan_id(plan.wire()).key_id(key.wire());
            judge.of(delete.send().await).map(|_| Receipt::Done).or_else(gone)
        }
    }
}

/// What was to go and is not there is gone.
fn gone(fault: Fault) -> Result<Receipt, Fault> {
    if fault.kind == FaultKind::NotFound { Ok(Receipt::Done) } else { Err(fault) }
}

/// Whether a conflict says that the key is in this plan already. The model has one `ConflictException` for that
/// and for a key that another plan admits to the same stage; only the first is what was wanted. The
/// words are API Gateway's as reported by others, not verified against AWS; any other stays a conflict.
fn is_member(fault: &Fault) -> bool {
    let said = fault.message.wire().to_ascii_lowercase();
    fault.kind == FaultKind::Conflict && said.contains("already") && !said.contains("stage")
}
