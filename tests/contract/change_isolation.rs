//! Changes that hold a function down and give it back: its reserved concurrency and its event sources; and the questions
//! about who can reach it.

use super::change_secrets::key;
use super::question::{Question, Wrong, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::lambda::{
    GetFunctionConcurrency, GetFunctionUrlConfig, GetPolicy, ListEventSourceMappings, ListFunctions,
};
use bartizan::estate::change::lambda::{Call as Lambda, contain::Write};
use bartizan::estate::{Call, EventSource, Fault, FaultKind, FunctionName, Receipt, Vault};
use std::time::Duration;

const RESERVE: &str = "Lambda API reference, PutFunctionConcurrency, DeleteFunctionConcurrency";
const MAPPING: &str = "Lambda API reference, UpdateEventSourceMapping";

pub const CHANGES: &[Question] = &[
    Question { name: "concurrency_set_and_unset", source: RESERVE, needs: Some("mapping"), check: reserved },
    Question { name: "concurrency_unset_twice", source: RESERVE, needs: Some("mapping"), check: unset_twice },
    Question {
        name: "concurrency_of_a_function_that_is_not",
        source: "Lambda service model: ResourceNotFoundException",
        needs: None,
        check: |e| {
            let put = Write::PutFunctionConcurrency {
                function: FunctionName::new("no-such"),
                reserved: 0,
                was: None,
            };
            refused(write(e, put), &FaultKind::NotFound)
        },
    },
    Question {
        name: "event_source_disabled_and_enabled",
        source: MAPPING,
        needs: Some("mapping"),
        check: disconnected,
    },
    Question {
        name: "event_source_that_is_not",
        source: "Lambda service model: ResourceNotFoundException",
        needs: None,
        check: |e| {
            let mapping = "7f3a0b1c-0000-4000-8000-000000000000".into();
            let function = FunctionName::new("no-such");
            let update = Write::UpdateEventSourceMapping { function, mapping, enabled: false };
            refused(write(e, update), &FaultKind::NotFound)
        },
    },
    Question {
        name: "no_url_and_no_policy",
        source: "Lambda API reference, GetFunctionUrlConfig, GetPolicy: ResourceNotFoundException",
        needs: Some("mapping"),
        check: |e| {
            let function = last(e)?;
            same("URL", e.first(GetFunctionUrlConfig { function: function.clone(), alias: None })?, None)?;
            same("policy", e.first(GetPolicy { function, qualifier: None })?, None)
        },
    },
];

fn write(e: &Asking, write: Write) -> Result<Receipt, Fault> {
    e.apply(&Call::Lambda(Lambda::Contain(write)), &key("isolation", 1), &Vault::default())
}

/// A function of which nothing is reserved and that nobody reaches: the last one by name.
fn last(e: &Asking) -> Result<FunctionName, Wrong> {
    from_the_end(e, 0)
}

/// Questions are asked side by side: each that changes a function has its own.
fn from_the_end(e: &Asking, nth: usize) -> Result<FunctionName, Wrong> {
    let mut names: Vec<FunctionName> = e.all(ListFunctions {})?.into_iter().map(|f| f.name).collect();
    names.sort();
    Ok(names.into_iter().rev().nth(nth).ok_or("there are too few functions")?)
}

fn reserved(e: &Asking) -> Result<(), Wrong> {
    let function = last(e)?;
    let now = || e.first(GetFunctionConcurrency { function: function.clone() });
    same("at first", now()?, None)?;
    for (to, was) in [(5, None), (0, Some(5)), (0, Some(0))] {
        let put = Write::PutFunctionConcurrency { function: function.clone(), reserved: to, was };
        same("receipt", write(e, put)?, Receipt::Done)?;
        same("reserved", now()?, Some(to))?;
    }
    let delete = Write::DeleteFunctionConcurrency { function: function.clone() };
    same("receipt", write(e, delete)?, Receipt::Done)?;
    same("in the end", now()?, None)
}

fn unset_twice(e: &Asking) -> Result<(), Wrong> {
    let delete = Write::DeleteFunctionConcurrency { function: from_the_end(e, 1)? };
    same("receipt", write(e, delete.clone())?, Receipt::Done)?;
    same("receipt", write(e, delete)?, Receipt::Done)
}

fn mapping(e: &Asking) -> Result<EventSource, Wrong> {
    let all = e.all(ListEventSourceMappings {})?;
    Ok(all.into_iter().find(|m| m.source.is_some()).ok_or("there is no event source mapping")?)
}

fn disconnected(e: &Asking) -> Result<(), Wrong> {
    let first = mapping(e)?;
    let function = FunctionName::new(first.function.resource().wire());
    for enabled in [false, true, false, true] {
        let update = Write::UpdateEventSourceMapping {
            function: function.clone(),
            mapping: first.id.clone(),
            enabled,
        };
        same("receipt", write(e, update)?, Receipt::Done)?;
        let wanted = if enabled { "Enabled" } else { "Disabled" };
        let mut state = String::new();
        for _ in 0..100 {
            let all = e.all(ListEventSourceMappings {})?;
            let now = all.into_iter().find(|m| m.id == first.id).ok_or("it is gone")?;
            holds(format!("its state is {:?}", now.state), if enabled { now.is_on() } else { now.is_off() })?;
            state = now.state.wire().to_owned();
            if state == wanted {
                break;
            }
            e.wait(Duration::from_millis(500));
        }
        same("state", state.as_str(), wanted)?;
    }
    Ok(())
}
