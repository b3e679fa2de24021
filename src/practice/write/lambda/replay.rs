//! Invocations with the event of a message in hand: waited for, with the end of the log; or queued, and tried again
//! if they fail. Source: Lambda API reference, `Invoke`.

use super::{find, runs, serving};
use crate::estate::change::lambda::LOG_TAIL;
use crate::estate::message::event_of;
use crate::estate::names::{FunctionName, MessageId};
use crate::estate::{Fault, Receipt, Slot, Untrusted};
use crate::practice::letters;
use crate::practice::score;
use crate::practice::world::queue::item::Own;
use crate::practice::world::queue::name::Name;
use crate::practice::world::text::Text;
use crate::practice::write::sqs::kept;
use crate::practice::write::{Write, consume};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The largest event: "6 MB each for request and response (synchronous)", "1 MB (asynchronous)" (Lambda quotas).
const SYNCHRONOUS: usize = 6 * 1024 * 1024;
const ASYNCHRONOUS: usize = 1024 * 1024;

/// An event that Lambda takes from nobody: it says nothing of the others.
fn refused(code: &str) -> Receipt {
    Receipt::Invoked { status: 400, function_error: Some(code.into()), request: None }
}

pub(super) fn invoke(
    write: &mut Write<'_>,
    name: &FunctionName,
    qualifier: Option<&Untrusted>,
    message: &MessageId,
    wait: bool,
) -> Result<Receipt, Fault> {
    let at = write.at;
    let held = write.vault.shelf().get(message);
    let held = held.ok_or_else(|| write.refused("the message is not in hand any more"))?;
    let place = find(write, name)?;
    if wait {
        runs(write, place)?;
    }
    serving(write, place, name, qualifier)?;
    let event = event_of(&held.message);
    if serde_json::from_str::<serde::de::IgnoredAny>(event).is_err() {
        return Ok(refused("InvalidRequestContentException"));
    }
    let most = if wait { SYNCHRONOUS } else { ASYNCHRONOUS };
    if event.len() > most {
        return Ok(refused("RequestTooLargeException"));
    }
    let (of, own) = kept(write.world, &held, None, false);
    // what a function gets is the event: attributes and envelope of the message do not come with it
    let same = of.filter(|of| letters::event(write.world, of) == event);
    let own = match (same, own) {
        (Some(_), _) => None,
        (None, Some(own)) => Some(own),
        // a record, or an envelope: the function gets what it does not know
        (None, None) => Some(Box::new(Own {
            body: Text::message(Zeroizing::new(event.as_bytes().to_vec()), &mut write.world.known),
            attributes: BTreeMap::new(),
            group: None,
            trace: None,
            good: false,
        })),
    };
    let function = write.world.functions.get(place).map(|f| f.name.clone()).unwrap_or_default();
    if !wait {
        let request = consume::hand_over(write.world, at, place, of, own);
        return Ok(Receipt::Invoked { status: 202, function_error: None, request: Some(request.into()) });
    }
    let good = own.as_ref().map(|own| own.good);
    let failed = consume::fails(write.world, &function, of.as_ref(), good, at);
    let log = log(write, &function, of.as_ref(), failed);
    write.vault.put(Slot::new(LOG_TAIL), Zeroizing::new(STANDARD.encode(log).into_bytes()));
    if failed {
        consume::errors(write.world, at, &function, 1);
    } else if let Some(of) = &of {
        score::consumed(write.world, of);
    }
    Ok(Receipt::Invoked { status: 200, function_error: failed.then(|| "Unhandled".into()), request: None })
}

/// The end of the log of an invocation (4 KB at most; Lambda API reference, `LogResult`).
fn log(write: &Write<'_>, function: &str, of: Option<&Name>, failed: bool) -> String {
    let time = crate::practice::answer::time(write.at);
    let id = of
        .map_or_else(|| "00000000-0000-4000-8000-000000000000".to_owned(), |of| of.id(write.world.seed ^ 1));
    let mut lines = format!("START RequestId: {id} Version: $LATEST\n");
    if failed {
        let error = of.map(|of| letters::error(write.world, of)).filter(|e| !e.is_empty());
        let error = error.unwrap_or_else(|| "Error: the event cannot be read".to_owned());
        lines += &format!(
            "{time}\t{id}\tERROR\tInvoke Error\t{{\"errorMessage\":{}}}\n",
            serde_json::Value::from(error)
        );
    } else {
        lines += &format!("{time}\t{id}\tINFO\t{function}: done\n");
    }
    lines += &format!(
        "END RequestId: {id}\nREPORT RequestId: {id}\tDuration: 41.17 ms\tBilled Duration: 42 ms\tMemory Size: 256 MB\tMax Memory Used: 91 MB\n"
    );
    lines
}
