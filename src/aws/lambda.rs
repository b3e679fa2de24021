//! The questions to Lambda, as far as dead letters go. `ListFunctions` answers with environment variables;
//! they are dropped here unread, with everything else that the watch does not need.

use super::convert::{need, next, token};
use super::fault::Judge;
use crate::estate::ask::lambda::{Answer, Ask};
use crate::estate::{Arn, Cursor, EventSource, Fault, Function, FunctionName, OnFailure, Untrusted};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::DestinationConfig;

/// "Lambda returns a maximum of 50 items in each response" for functions and for invoke configurations
/// (Lambda API reference); event source mappings go up to 100.
const FUNCTIONS: i32 = 50;
const MAPPINGS: i32 = 100;

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
        Ask::GetFunctionConfiguration(_)
        | Ask::ListVersionsByFunction(_)
        | Ask::ListAliases(_)
        | Ask::GetProvisionedConcurrencyConfig(_)
        | Ask::ListTags(_) => Err(Fault::new(
            crate::estate::FaultKind::Unsupported,
            judge.operation(),
            "this version cannot ask it yet",
        )),
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

fn on_failure(config: Option<DestinationConfig>) -> Option<Arn> {
    arn(config.and_then(|c| c.on_failure).and_then(|f| f.destination))
}
