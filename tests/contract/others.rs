//! Questions to Lambda, IAM and STS: whose dead letters they are, and who is asking.

use super::fill::others::{ALIAS, FUNCTIONS, INGEST};
use super::fill::sqs::{DEAD, SOURCES};
use super::question::{Question, Wrong, distinct, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::iam::ListAccountAliases;
use bartizan::estate::ask::lambda::{ListEventSourceMappings, ListFunctionEventInvokeConfigs, ListFunctions};
use bartizan::estate::ask::sts::GetCallerIdentity;
use bartizan::estate::{AccountAlias, Cursor, FaultKind, FunctionName};

const FUNCTIONS_PAGE: &str = "Lambda API reference, ListFunctions: 50 a page";

pub const FILLED: &[Question] = &[
    Question {
        name: "functions_on_every_page",
        source: FUNCTIONS_PAGE,
        needs: Some("functions_bulk"),
        check: every,
    },
    Question {
        name: "dead_letter_target_of_a_function",
        source: "Lambda API reference, FunctionConfiguration, DeadLetterConfig",
        needs: Some("function"),
        check: dead_letter,
    },
    Question {
        name: "on_failure_destination",
        source: "Lambda API reference, ListFunctionEventInvokeConfigs",
        needs: Some("invoke_config"),
        check: on_failure,
    },
    Question {
        name: "event_source_of_a_function",
        source: "Lambda API reference, ListEventSourceMappings",
        needs: Some("event_source"),
        check: event_source,
    },
    Question {
        name: "account_alias",
        source: "IAM API reference, ListAccountAliases",
        needs: Some("alias"),
        check: |e| same("aliases", e.all(ListAccountAliases {})?, vec![AccountAlias::new(ALIAS)]),
    },
];

/// Asked anywhere.
pub const MISSING: &[Question] = &[
    Question {
        name: "invoke_configs_of_a_function_that_is_not",
        source: "Lambda service model: ResourceNotFoundException",
        needs: None,
        check: |e| {
            let ask = ListFunctionEventInvokeConfigs { function: FunctionName::new("no-such-function") };
            refused(e.first(ask), &FaultKind::NotFound)
        },
    },
    Question {
        name: "function_name_that_is_none",
        source: "Lambda service model, FunctionName: its pattern; ValidationException",
        needs: None,
        check: |e| {
            let ask = ListFunctionEventInvokeConfigs { function: FunctionName::new("not a name!") };
            refused(e.first(ask), &FaultKind::Invalid)
        },
    },
    Question {
        name: "function_marker_that_is_none",
        source: "Lambda service model, ListFunctions: InvalidParameterValueException",
        needs: None,
        check: |e| {
            let cursor = Cursor("none of yours".into());
            refused(e.page(ListFunctions {}, Some(&cursor)), &FaultKind::Invalid)
        },
    },
    Question {
        name: "who_is_asking",
        source: "STS API reference, GetCallerIdentity",
        needs: None,
        check: |e| {
            let who = e.first(GetCallerIdentity {})?;
            same("account in the ARN", who.arn.account(), Some(who.account.to_string().as_str()))?;
            holds("UserId is empty", !who.user_id.is_empty())
        },
    },
];

fn every(e: &Asking) -> Result<(), Wrong> {
    let pages = e.pages(ListFunctions {})?;
    let names: Vec<&str> = pages.iter().flatten().map(|f| f.name.wire()).collect();
    distinct("functions", &names)?;
    same("functions", names.len(), FUNCTIONS + 1)?;
    same("pages", pages.iter().map(Vec::len).collect::<Vec<_>>(), vec![50, FUNCTIONS + 1 - 50])
}

fn dead_letter(e: &Asking) -> Result<(), Wrong> {
    let all = e.all(ListFunctions {})?;
    holds("a variable of the environment was kept", !format!("{all:?}").contains("swordfish"))?;
    let ingest = all.iter().find(|f| f.name.wire() == INGEST).ok_or("it is not listed")?;
    let target = ingest.dead_letter.as_ref().ok_or("DeadLetterConfig is missing")?;
    same("target", (target.service(), target.resource().wire()), (Some("sqs"), DEAD))?;
    let bulk = all.iter().filter(|f| f.name.wire() != INGEST);
    same("targets of others", bulk.filter(|f| f.dead_letter.is_some()).count(), 0)
}

fn on_failure(e: &Asking) -> Result<(), Wrong> {
    let found = e.all(ListFunctionEventInvokeConfigs { function: FunctionName::new(INGEST) })?;
    same("destinations", found.len(), 1)?;
    same("destination", found[0].destination.resource().wire(), DEAD)?;
    let function = found[0].function.wire();
    holds(format!("the function is {function}"), function.contains(&format!(":function:{INGEST}")))
}

fn event_source(e: &Asking) -> Result<(), Wrong> {
    let found = e.all(ListEventSourceMappings {})?;
    same("mappings", found.len(), 1)?;
    let source = found[0].source.as_ref().ok_or("EventSourceArn is missing")?;
    same("queue", source.resource().wire(), SOURCES[0].0)?;
    same("function", found[0].function.resource().wire(), INGEST)?;
    let known = ["Creating", "Enabling", "Enabled"];
    holds(format!("its state is {:?}", found[0].state), known.contains(&found[0].state.wire()))
}
