//! The questions to Lambda. Configurations hold environment variables; `config` keeps their names and wipes
//! their values unread, and of `ListFunctions` nothing of them is kept at all.

mod config;

pub(super) use config::told;
use config::{configuration, word};

use super::convert::{count, need, next, sorted, time_in_words, token};
use super::fault::Judge;
use crate::estate::ask::lambda::{Answer, Ask};
use crate::estate::{
    Alias, AliasName, Arn, Cursor, EventSource, Fault, FaultKind, Function, FunctionName, FunctionUrl,
    FunctionVersion, Layer, ListedUrl, OnFailure, Provisioned, RevisionId, Untrusted,
};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_provisioned_concurrency_config::GetProvisionedConcurrencyConfigError;
use aws_sdk_lambda::types::{AliasConfiguration, DestinationConfig};

/// "Lambda returns a maximum of 50 items in each response" for functions and for invoke configurations
/// (Lambda API reference); event source mappings go up to 100.
const FUNCTIONS: i32 = 50;
const MAPPINGS: i32 = 100;
/// `MaxItems` of `ListAliases` goes up to 10,000.
const ALIASES: i32 = 1000;

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::ListFunctions(_) => {
            let out = client.list_functions().max_items(FUNCTIONS).set_marker(token(from)).send().await;
            let out = judge.of(out)?;
            let functions = out.functions.unwrap_or_default().into_iter().map(|f| {
                Ok(Function {
                    name: FunctionName::new(need(op, "FunctionName", f.function_name)?),
                    arn: Arn::new(need(op, "FunctionArn", f.function_arn)?),
                    dead_letter: arn(f.dead_letter_config.and_then(|d| d.target_arn)),
                    modified: time_in_words(f.last_modified.as_deref()),
                })
            });
            let functions = functions.collect::<Result<_, Fault>>()?;
            Ok((Answer::ListFunctions(functions), next(op, from, out.next_marker)?))
        }
        Ask::ListFunctionEventInvokeConfigs(q) => {
            let out = client.list_function_event_invoke_configs().function_name(q.function.wire());
            let out = judge.of(out.max_items(FUNCTIONS).set_marker(token(from)).send().await)?;
            let mut all = Vec::new();
            for c in out.function_event_invoke_configs.unwrap_or_default() {
                if let Some(destination) = on_failure(c.destination_config) {
                    let function = Arn::new(need(op, "FunctionArn", c.function_arn)?);
                    all.push(OnFailure { function, destination });
                }
            }
            Ok((Answer::ListFunctionEventInvokeConfigs(all), next(op, from, out.next_marker)?))
        }
        Ask::GetFunctionConfiguration(q) => {
            let version = q.version.as_ref().map(|v| v.wire().to_owned());
            let out = client.get_function_configuration().function_name(q.function.wire());
            let out = judge.of(out.set_qualifier(version).send().await)?;
            let config = configuration!(op, out)?;
            Ok((Answer::GetFunctionConfiguration(config), None))
        }
        Ask::ListVersionsByFunction(q) => {
            let out = client.list_versions_by_function().function_name(q.function.wire());
            let out = judge.of(out.max_items(FUNCTIONS).set_marker(token(from)).send().await)?;
            let versions = out.versions.unwrap_or_default().into_iter().map(|c| configuration!(op, c));
            let versions = versions.collect::<Result<_, Fault>>()?;
            Ok((Answer::ListVersionsByFunction(versions), next(op, from, out.next_marker)?))
        }
        Ask::ListAliases(q) => {
            let out = client.list_aliases().function_name(q.function.wire()).max_items(ALIASES);
            let out = judge.of(out.set_marker(token(from)).send().await)?;
            let aliases = out.aliases.unwrap_or_default().into_iter().map(|a| alias(op, a));
            let aliases = aliases.collect::<Result<_, Fault>>()?;
            Ok((Answer::ListAliases(aliases), next(op, from, out.next_marker)?))
        }
        Ask::GetProvisionedConcurrencyConfig(q) => {
            let out = client.get_provisioned_concurrency_config().function_name(q.function.wire());
            let out = out.qualifier(q.alias.wire()).send().await;
            let none = |e: &GetProvisionedConcurrencyConfigError| {
                e.is_provisioned_concurrency_config_not_found_exception()
            };
            if out.as_ref().is_err_and(|e| e.as_service_error().is_some_and(none)) {
                return Ok((Answer::GetProvisionedConcurrencyConfig(None), None));
            }
            let out = judge.of(out)?;
            let provisioned = Provisioned {
                status: word(need(op, "Status", out.status)?.as_str()),
                requested: count(out.requested_provisioned_concurrent_executions).unwrap_or(0),
                available: count(out.available_provisioned_concurrent_executions).unwrap_or(0),
            };
            Ok((Answer::GetProvisionedConcurrencyConfig(Some(provisioned)), None))
        }
        Ask::GetFunctionConcurrency(q) => {
            let out = client.get_function_concurrency().function_name(q.function.wire());
            let out = judge.of(out.send().await)?;
            Ok((Answer::GetFunctionConcurrency(count(out.reserved_concurrent_executions)), None))
        }
        Ask::GetFunctionUrlConfig(q) => {
            let out = client.get_function_url_config().function_name(q.function.wire());
            let out = out.set_qualifier(q.alias.as_ref().map(|a| a.wire().to_owned())).send().await;
            // It is the same code for a function that is not there; whoever asks has looked at that before.
            let url = match judge.of(out) {
                Err(fault) if fault.kind == FaultKind::NotFound => None,
                Err(fault) => return Err(fault),
                Ok(out) => Some(FunctionUrl {
                    url: Untrusted::from(out.function_url),
                    auth: word(out.auth_type.as_str()),
                }),
            };
            Ok((Answer::GetFunctionUrlConfig(url), None))
        }
        Ask::GetPolicy(q) => {
            let out = client.get_policy().function_name(q.function.wire());
            let out = out.set_qualifier(q.qualifier.as_ref().map(|a| a.wire().to_owned())).send().await;
            let policy = match judge.of(out) {
                Err(fault) if fault.kind == FaultKind::NotFound => None,
                Err(fault) => return Err(fault),
                Ok(out) => out.policy.map(Untrusted::from),
            };
            Ok((Answer::GetPolicy(policy), None))
        }
        Ask::ListFunctionUrlConfigs(q) => {
            let out = client.list_function_url_configs().function_name(q.function.wire());
            let out = judge.of(out.max_items(FUNCTIONS).set_marker(token(from)).send().await)?;
            let urls = out.function_url_configs.into_iter().map(|u| ListedUrl {
                function: Arn::new(u.function_arn),
                url: FunctionUrl { url: u.function_url.into(), auth: word(u.auth_type.as_str()) },
                created: time_in_words(Some(&u.creation_time)),
                modified: time_in_words(Some(&u.last_modified_time)),
            });
            Ok((Answer::ListFunctionUrlConfigs(urls.collect()), next(op, from, out.next_marker)?))
        }
        Ask::ListLayers(_) => {
            let out = client.list_layers().max_items(FUNCTIONS).set_marker(token(from));
            let out = judge.of(out.send().await)?;
            let layers = out.layers.unwrap_or_default().into_iter().map(|l| {
                let newest = need(op, "LatestMatchingVersion", l.latest_matching_version)?;
                Ok(Layer {
                    name: need(op, "LayerName", l.layer_name)?.into(),
                    newest: Arn::new(need(op, "LayerVersionArn", newest.layer_version_arn)?),
                    published: time_in_words(newest.created_date.as_deref()),
                })
            });
            let layers = layers.collect::<Result<_, Fault>>()?;
            Ok((Answer::ListLayers(layers), next(op, from, out.next_marker)?))
        }
        Ask::ListTags(q) => {
            let out = judge.of(client.list_tags().resource(q.function.wire()).send().await)?;
            Ok((Answer::ListTags(sorted(out.tags.unwrap_or_default())), None))
        }
        Ask::ListEventSourceMappings(_) => {
            let out = client.list_event_source_mappings().max_items(MAPPINGS);
            let out = judge.of(out.set_marker(token(from)).send().await)?;
            let sources = out.event_source_mappings.unwrap_or_default().into_iter().map(|m| {
                Ok(EventSource {
                    id: Untrusted::from(need(op, "UUID", m.uuid)?),
                    function: Arn::new(need(op, "FunctionArn", m.function_arn)?),
                    source: arn(m.event_source_arn),
                    on_failure: on_failure(m.destination_config),
                    state: Untrusted::from(m.state.unwrap_or_default()),
                })
            });
            let sources = sources.collect::<Result<_, Fault>>()?;
            Ok((Answer::ListEventSourceMappings(sources), next(op, from, out.next_marker)?))
        }
    }
}

fn arn(text: Option<String>) -> Option<Arn> {
    text.filter(|a| !a.is_empty()).map(Arn::new)
}

fn alias(op: &'static str, a: AliasConfiguration) -> Result<Alias, Fault> {
    let weights = a.routing_config.and_then(|r| r.additional_version_weights);
    Ok(Alias {
        name: AliasName::new(need(op, "Name", a.name)?),
        version: FunctionVersion::new(need(op, "FunctionVersion", a.function_version)?),
        revision: RevisionId::new(need(op, "RevisionId", a.revision_id)?),
        weighted: weights.is_some_and(|w| !w.is_empty()),
    })
}

fn on_failure(config: Option<DestinationConfig>) -> Option<Arn> {
    arn(config.and_then(|c| c.on_failure).and_then(|f| f.destination))
}
