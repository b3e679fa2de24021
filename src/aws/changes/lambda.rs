//! Writes to Lambda: the whole edited environment under the revision that was read, a version, an alias, and
//! a canary's invocation, whose answer's body is dropped unread.

use super::{edited, fits, text};
use crate::aws::convert::need;
use crate::aws::fault::Judge;
use crate::aws::flat::{decode, escape, escaped_len};
use crate::aws::marked::Marked;
use crate::estate::change::lambda::contain::Write;
use crate::estate::change::lambda::{Call, LOG_TAIL};
use crate::estate::message::event_of;
use crate::estate::{Fault, FaultKind, FunctionVersion, Receipt, RevisionId, Slot, Untrusted, Vault};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::operation::RequestId;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, EnvironmentResponse, InvocationType, LogType};
use zeroize::{Zeroize, Zeroizing};

/// "4 KB, for all environment variables associated with the function, in aggregate" (Lambda quotas). Names and
/// values alone are more than that; Lambda counts some bytes beside them and judges what is close.
const ENVIRONMENT: usize = 4096;

/// What the value of a canary takes the place of.
const KEY: &str = "{key}";

pub(super) async fn apply(
    client: &Client,
    call: &Call,
    vault: &Vault,
    judge: &Judge<'_>,
) -> Result<Receipt, Fault> {
    let op = judge.operation();
    match call {
        Call::UpdateFunctionConfiguration { function, revision, environment, edit } => {
            let document = edited(vault, environment, edit, judge)?;
            let mut marked = Marked::default();
            marked.also(&document);
            let variables = decode(&document).ok_or_else(|| {
                Fault::new(FaultKind::Invalid, op, "the environment is no JSON object of strings")
            })?;
            fits(variables.iter().map(|(n, v)| n.len() + v.len()).sum(), ENVIRONMENT, judge)?;
            let all = Environment::builder().set_variables(Some(variables)).build();
            let update = client.update_function_configuration().function_name(function.wire());
            let out = update.revision_id(revision.wire()).environment(all).send().await;
            let out = judge.of(out).map_err(|fault| marked.cleaned(fault))?;
            wiped(out.environment);
            Ok(Receipt::Revision(RevisionId::new(need(op, "RevisionId", out.revision_id)?)))
        }
        Call::PublishVersion { function, revision, code_sha256, description } => {
            let publish = client.publish_version().function_name(function.wire());
            let publish = publish.revision_id(revision.wire()).code_sha256(code_sha256.wire());
            let out = judge.of(publish.description(description.wire()).send().await)?;
            wiped(out.environment);
            Ok(Receipt::Published(FunctionVersion::new(need(op, "Version", out.version)?)))
        }
        Call::UpdateAlias { function, alias, version, revision } => {
            let update = client.update_alias().function_name(function.wire()).name(alias.wire());
            let revision = revision.as_ref().map(|r| r.wire().to_owned());
            let update = update.function_version(version.wire()).set_revision_id(revision);
            judge.of(update.send().await)?;
            Ok(Receipt::Done)
        }
        Call::Contain(write) => contain(client, write, judge).await,
        Call::Invoke { function, qualifier, payload, value } => {
            let event = event(payload, value.as_ref(), vault, judge)?;
            let invoke = client.invoke().function_name(function.wire()).payload(event);
            let invoke = invoke.invocation_type(InvocationType::RequestResponse).log_type(LogType::None);
            let qualifier = qualifier.as_ref().map(|q| q.wire().to_owned());
            let out = judge.of(invoke.set_qualifier(qualifier).send().await)?;
            drop(out.payload.map(|answer| Zeroizing::new(answer.into_inner())));
            let error = out.function_error.map(Untrusted::from);
            let marked = Marked::held(vault, value.as_slice());
            Ok(Receipt::Invoked {
                status: u16::try_from(out.status_code).unwrap_or(0),
                // A receipt is journalled.
                function_error: error.map(|e| if marked.repeated_in(&e) { "an error".into() } else { e }),
                request: None,
            })
        }
        Call::InvokeMessage { function, qualifier, message, wait } => {
            let gone = "the message is not in hand any more";
            let held = vault.shelf().get(message).ok_or_else(|| Fault::new(FaultKind::Invalid, op, gone))?;
            let invoke = client.invoke().function_name(function.wire());
            let invoke = invoke.payload(Blob::new(event_of(&held.message).as_bytes()));
            let (kind, log) = match wait {
                true => (InvocationType::RequestResponse, LogType::Tail),
                false => (InvocationType::Event, LogType::None),
            };
            let qualifier = qualifier.as_ref().map(|q| q.wire().to_owned());
            let invoke = invoke.invocation_type(kind).set_qualifier(qualifier);
            let invoke = if *wait { invoke.log_type(log) } else { invoke };
            let sent = invoke.send().await;
            if let Some(code) = sent.as_ref().err().and_then(|e| e.as_service_error()).and_then(untaken) {
                return Ok(Receipt::Invoked {
                    status: 400,
                    function_error: Some(code.into()),
                    request: None,
                });
            }
            let out = judge.of(sent)?;
            // "RequestID: the ID of the invocation request" of a dead letter is the one that this answer has.
            let request = out.request_id().map(Untrusted::from);
            drop(out.payload.map(|answer| Zeroizing::new(answer.into_inner())));
            if let Some(tail) = out.log_result {
                vault.put(Slot::new(LOG_TAIL), Zeroizing::new(tail.into_bytes()));
            }
            Ok(Receipt::Invoked {
                status: u16::try_from(out.status_code).unwrap_or(0),
                function_error: out.function_error.map(Untrusted::from),
                request,
            })
        }
    }
}

/// The code of an error that says that Lambda takes this one event from nobody: it is no JSON, or too large. Others may be
/// good, so that it is an answer about a message and no fault ("Invoke", Errors).
fn untaken(error: &InvokeError) -> Option<&str> {
    let untaken = error.is_invalid_request_content_exception() || error.is_request_too_large_exception();
    error.code().filter(|_| untaken)
}

async fn contain(client: &Client, write: &Write, judge: &Judge<'_>) -> Result<Receipt, Fault> {
    match write {
        Write::PutFunctionConcurrency { function, reserved, .. } => {
            let most = i32::try_from(*reserved).unwrap_or(i32::MAX);
            let put = client.put_function_concurrency().function_name(function.wire());
            judge.of(put.reserved_concurrent_executions(most).send().await)?;
        }
        Write::DeleteFunctionConcurrency { function } => {
            let delete = client.delete_function_concurrency().function_name(function.wire());
            judge.of(delete.send().await)?;
        }
        Write::UpdateEventSourceMapping { mapping, enabled, .. } => {
            let update = client.update_event_source_mapping().uuid(mapping.wire()).enabled(*enabled);
            judge.of(update.send().await)?;
        }
    }
    Ok(Receipt::Done)
}

/// The event with the value in its places, as the inside of a JSON string.
fn event(payload: &Untrusted, value: Option<&Slot>, vault: &Vault, judge: &Judge<'_>) -> Result<Blob, Fault> {
    let Some(slot) = value else { return Ok(Blob::new(payload.wire())) };
    let value = Zeroizing::new(text(vault, slot, judge)?);
    let parts: Vec<&str> = payload.wire().split(KEY).collect();
    let size = payload.wire().len() + (parts.len() - 1) * escaped_len(&value);
    let mut event = Vec::with_capacity(size);
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            escape(&value, &mut event);
        }
        event.extend(part.as_bytes());
    }
    Ok(Blob::new(event))
}

/// Answers to writes repeat every variable.
fn wiped(environment: Option<EnvironmentResponse>) {
    for mut value in environment.and_then(|e| e.variables).unwrap_or_default().into_values() {
        value.zeroize();
    }
}
