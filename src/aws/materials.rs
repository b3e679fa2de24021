//! Reads what is secret, straight into a vault: exactly one AWS call each. What comes back says which version
//! it was. No fault and no log line quotes an answer.

use super::clients::Clients;
use super::convert::need;
use super::fault::Judge;
use super::flat;
use super::lambda;
use super::session::Session;
use crate::estate::{
    At, BoxFuture, Clock, Completeness, Fault, FaultKind, MaterialSource, MaterialVersion, Materials,
    RevisionId, Seen, Slot, Vault, VersionId,
};
use aws_sdk_lambda::types::{EnvironmentError, EnvironmentResponse};
use std::sync::Arc;
use zeroize::Zeroizing;

pub(super) struct AwsMaterials {
    pub clients: Arc<Clients>,
    pub session: Arc<Session>,
    pub clock: Arc<dyn Clock>,
}

type Read = (MaterialVersion, Zeroizing<Vec<u8>>);

impl Materials for AwsMaterials {
    fn load<'a>(
        &'a self,
        at: &'a At,
        from: &'a MaterialSource,
        into: Slot,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Seen<MaterialVersion>, Fault>> {
        Box::pin(async move {
            let held = self.session.ready().await?;
            let sent = self.clock.now();
            let now = || self.clock.now();
            let judge = Judge::new(from.operation(), &held.origin, &now).of_a_secret();
            match self.one_call(at, from, &judge).await {
                Ok((version, bytes)) => {
                    vault.put(into, bytes);
                    Ok(Seen { value: version, at: sent, complete: Completeness::Complete })
                }
                Err(fault) => {
                    self.session.not_accepted(&held, &fault.kind);
                    Err(fault)
                }
            }
        })
    }
}

impl AwsMaterials {
    async fn one_call(&self, at: &At, from: &MaterialSource, judge: &Judge<'_>) -> Result<Read, Fault> {
        let op = judge.operation();
        match from {
            MaterialSource::Secret { secret, version } => {
                let get = self.clients.secretsmanager(&at.region).get_secret_value();
                let out = judge.of(get.secret_id(secret.wire()).version_id(version.wire()).send().await)?;
                let Some(text) = out.secret_string else {
                    let binary = out.secret_binary.map(|b| Zeroizing::new(b.into_inner()));
                    return Err(no_text(op, binary.is_some()));
                };
                // The same buffer, not a copy of it.
                let text = Zeroizing::new(text.into_bytes());
                let read = VersionId::new(need(op, "VersionId", out.version_id)?);
                if read != *version {
                    let other = format!("version {} came in place of the one asked for", read.shown());
                    return Err(Fault::new(FaultKind::Malformed, op, other));
                }
                Ok((MaterialVersion::Secret(read), text))
            }
            MaterialSource::Environment { function, version } => {
                let get = self.clients.lambda(&at.region).get_function_configuration();
                let version = version.as_ref().map(|v| v.wire().to_owned());
                let out = judge.of(get.function_name(function.wire()).set_qualifier(version).send().await)?;
                let document = environment(op, out.environment)?;
                let revision = RevisionId::new(need(op, "RevisionId", out.revision_id)?);
                Ok((MaterialVersion::Function(revision), document))
            }
            MaterialSource::ApiKey { key } => {
                let get = self.clients.apigateway(&at.region).get_api_key().api_key(key.wire());
                let out = judge.of(get.include_value(true).send().await)?;
                let value = need(op, "value", out.value)?;
                Ok((MaterialVersion::ApiKey, Zeroizing::new(value.into_bytes())))
            }
        }
    }
}

fn no_text(op: &'static str, binary: bool) -> Fault {
    if binary {
        let why = "it is binary (SecretBinary), and only text is edited here; change it with the AWS CLI";
        Fault::new(FaultKind::Unsupported, op, why)
    } else {
        Fault::new(FaultKind::Malformed, op, "neither SecretString nor SecretBinary came")
    }
}

/// The variables as one JSON object, names in order. A function without any has none; one whose variables
/// could not be decrypted comes back without them too, and says so only here.
fn environment(op: &'static str, from: Option<EnvironmentResponse>) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let from = from.map(|e| (e.variables.unwrap_or_default(), e.error));
    let (variables, error) = from.unwrap_or_default();
    let mut members: Vec<_> = variables.into_iter().map(|(name, v)| (name, Zeroizing::new(v))).collect();
    if let Some(error) = error {
        return Err(undecrypted(op, &error));
    }
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(flat::encode(&members))
}

/// Lambda decrypts with the caller's permission where a customer key is used ("Securing Lambda environment
/// variables": `kms:Decrypt`).
fn undecrypted(op: &'static str, error: &EnvironmentError) -> Fault {
    let told = lambda::told(error);
    let denied = error.error_code.as_deref().is_some_and(|code| code.contains("AccessDenied"));
    let kind = match denied {
        true => FaultKind::Denied { action: "kms:Decrypt".into(), resource: None },
        false => FaultKind::Invalid,
    };
    Fault::new(kind, op, told)
}
