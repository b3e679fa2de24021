//! Writes that contain a function: its reserved concurrency, and the mappings that feed it. Sources: Lambda API reference,
//! `PutFunctionConcurrency`, `DeleteFunctionConcurrency`, `UpdateEventSourceMapping`; "Lambda quotas".

use super::{find, row};
use crate::estate::change::lambda::contain::Write as Call;
use crate::estate::{Fault, Receipt};
use crate::practice::faults;
use crate::practice::world::{Due, World};
use crate::practice::write::Write;

/// What an account may run at once, and what of it must stay unreserved.
const ACCOUNT: u32 = 1_000;
const UNRESERVED: u32 = 100;

pub(super) fn make(write: &mut Write<'_>, call: &Call) -> Result<Receipt, Fault> {
    let op = write.op;
    let place = find(write, call.function_name())?;
    match call {
        Call::PutFunctionConcurrency { reserved, .. } => {
            let others: u32 = write.world.functions.iter().filter_map(|f| f.reserved).sum();
            let own = write.world.functions.get(place).and_then(|f| f.reserved).unwrap_or(0);
            let f = row(write, place)?;
            let wrong = |message: &str| faults::invalid(op, "InvalidParameterValueException", message);
            if *reserved < f.provisioned() {
                return Err(wrong(
                    "Requested reserved concurrency should not be less than provisioned concurrency.",
                ));
            }
            if others - own + reserved > ACCOUNT - UNRESERVED {
                return Err(wrong(
                    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
                ));
            }
            reserve(write, place, Some(*reserved))?;
        }
        Call::DeleteFunctionConcurrency { .. } => reserve(write, place, None)?,
        Call::UpdateEventSourceMapping { mapping, enabled, .. } => plug(write, mapping.wire(), *enabled)?,
    }
    Ok(Receipt::Done)
}

fn reserve(write: &mut Write<'_>, place: usize, now: Option<u32>) -> Result<(), Fault> {
    let at = write.at;
    let f = row(write, place)?;
    f.reserve(at, now);
    let name = f.name.clone();
    look(write.world, &name);
    if now != Some(0) {
        let arn = write.world.functions.get(place).map(|f| f.arn()).unwrap_or_default();
        wake(write.world, &arn);
    }
    Ok(())
}

/// Alarms that watch a function look now, and when the period is over.
fn look(world: &mut World, function: &str) {
    let at = world.now;
    let of = |dims: &[(String, String)]| dims.iter().any(|(n, v)| n == "FunctionName" && v == function);
    let signals: Vec<(usize, i64)> = world
        .signals
        .iter()
        .enumerate()
        .filter(|(_, s)| s.key.namespace == "AWS/Lambda" && of(&s.key.dims))
        .map(|(n, s)| (n, s.period))
        .collect();
    for (s, period) in signals {
        world.plan(at, Due::Edge(s));
        world.plan(at + period, Due::Edge(s));
    }
}

/// What feeds a function is looked at again.
fn wake(world: &mut World, function: &str) {
    let at = world.now;
    let sources: Vec<String> =
        world.mappings.iter().filter(|m| m.function == function).map(|m| m.source.clone()).collect();
    let queues: Vec<usize> =
        sources.iter().filter_map(|s| world.queues.iter().position(|q| q.arn() == *s)).collect();
    for q in queues {
        world.plan(at + 1, Due::Consume(q));
    }
}

fn plug(write: &mut Write<'_>, id: &str, enabled: bool) -> Result<(), Fault> {
    let (op, at) = (write.op, write.at);
    let missing =
        || faults::missing(op, "ResourceNotFoundException", "The resource you requested does not exist.");
    let place = write.world.mappings.iter().position(|m| m.id == id).ok_or_else(missing)?;
    let mapping = write.world.mappings.get_mut(place).ok_or_else(missing)?;
    let (now, then) = if enabled { ("Enabled", "Enabling") } else { ("Disabled", "Disabling") };
    if mapping.state == now {
        return Ok(());
    }
    if !matches!(mapping.state.as_str(), "Enabled" | "Disabled") {
        let message = "Cannot update the event source mapping because it is in use.";
        return Err(faults::conflict(op, "ResourceInUseException", message));
    }
    then.clone_into(&mut mapping.state);
    let after = write.world.fresh("mapping").between(4, 15);
    write.world.plan(at + after, Due::Mapped(place));
    Ok(())
}

/// A mapping is where it was going.
pub(in crate::practice) fn mapped(world: &mut World, place: usize) {
    let Some(mapping) = world.mappings.get_mut(place) else { return };
    match mapping.state.as_str() {
        "Enabling" => "Enabled".clone_into(&mut mapping.state),
        "Disabling" => "Disabled".clone_into(&mut mapping.state),
        _ => return,
    }
    let function = mapping.function.clone();
    wake(world, &function);
}
