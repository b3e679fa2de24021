//! `key.canary` and `key.refused`: one request with the new key, then one with the old, and whether each is
//! answered as it should be. It remembers when the old key was last used by us, for that is use as well.

use super::list::{new_slot, old_slot};
use super::{again, fetch, home, made, text};
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::time::seconds_between;
use crate::estate::{Act, Canary, Change, Entry, Fault, FunctionName, Receipt, Slot, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Home, Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::environment::{self, publish};
use crate::runbook::view::{View, refusal};

/// Sends canaries with both keys.
pub struct Send;

/// Looks whether the old key is refused.
pub struct Refused;

/// How long a canary may be answered otherwise, in seconds: a key reaches every gateway after about ten
/// seconds, a function is made anew within a minute; the rest is patience.
const PATIENCE: i64 = 180;

const URL: Param = Param {
    name: "url",
    kind: ValueType::Text,
    optional: true,
    doc: "where to: https, or http to this machine; without it, nothing is sent",
};
const METHOD: Param =
    Param { name: "method", kind: ValueType::Text, optional: true, doc: "`GET` (default), `POST` or `HEAD`" };
const HEADER: Param = Param {
    name: "header",
    kind: ValueType::Text,
    optional: true,
    doc: "the header that carries the key; `x-api-key` without it",
};
const PREFIX: Param = Param {
    name: "prefix",
    kind: ValueType::Text,
    optional: true,
    doc: "what stands before the key in the header, e.g. `Bearer `",
};
const OLD_HOME: Param = Param {
    name: "old_home",
    kind: ValueType::Home,
    optional: true,
    doc: "where the old key is read from; without it, only the new one is tried",
};

impl Verb for Send {
    fn name(&self) -> &'static str {
        "key.canary"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Sends a canary request with the new key, then one with the old, and looks at the status of each; or \
         invokes the function with an event that carries the new key. Without either it says that there is none."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 12] = [
            Param {
                name: "gateway_home",
                kind: ValueType::Home,
                optional: true,
                doc: "where the new key is read from, where a gateway has it",
            },
            Param {
                name: "environment_home",
                kind: ValueType::Home,
                optional: true,
                doc: "where it is read from, where a function has it",
            },
            Param {
                name: "secret_home",
                kind: ValueType::Home,
                optional: true,
                doc: "where it is read from, where a secret has it",
            },
            OLD_HOME,
            URL,
            METHOD,
            HEADER,
            PREFIX,
            Param {
                name: "expect",
                kind: ValueType::Number,
                optional: true,
                doc: "the status that is good; any from 200 to 299 without it",
            },
            environment::FUNCTION,
            environment::ALIAS,
            Param {
                name: "event",
                kind: ValueType::Text,
                optional: true,
                doc: "an event as JSON to invoke the function with; `{key}` in it stands for the new key",
            },
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let mut done = Done::default();
        let event = text(v, "event");
        if text(v, "url").is_none() && event.is_none() {
            done.evidence.push("no canary is configured: nothing was sent".into());
            return Ok(done);
        }
        if text(v, "url").is_some() {
            requests(v, &mut done)?;
        }
        if let Some(event) = event {
            done.evidence.push(invoked(v, event)?);
        }
        Ok(done)
    }

    fn undo(&self, _: &View<'_>, _: &Change, _: &[crate::estate::Made]) -> Result<Done, Need> {
        Ok(Done { evidence: vec!["a canary leaves nothing to undo".into()], ..Done::default() })
    }
}

impl Verb for Refused {
    fn name(&self) -> &'static str {
        "key.refused"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Sends a canary request with the old key and looks whether it is refused with 401 or 403, as long as \
         the old key can be read back."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 5] = [OLD_HOME, URL, METHOD, HEADER, PREFIX];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let said = |sentence: String| Ok(Done { evidence: vec![sentence], ..Done::default() });
        let Some(url) = text(v, "url") else {
            return said("no canary is configured: nothing was sent".into());
        };
        let name = address(url);
        if v.planning {
            return said(format!("{name} would be asked with the old key, and should answer 401 or 403"));
        }
        let Some(home) = home(v, "old_home") else {
            return said("the old key cannot be read back any more: nothing was sent".into());
        };
        match v.fetch(home, &old_slot()) {
            Ok(()) => {}
            Err(Need::Refuse(_)) => {
                return said("the old key cannot be read back any more: nothing was sent".into());
            }
            Err(other) => return Err(other),
        }
        match v.status(&canary(v, url, old_slot()))? {
            Ok(status @ (401 | 403)) => said(format!("{name} refused the old key with {status}")),
            Ok(status) => {
                Err(otherwise(v, format!("{name} answered the old key with {status}, not 401 or 403")))
            }
            Err(fault) => Err(unanswered(v, &name, fault)),
        }
    }
}

fn requests(v: &View<'_>, done: &mut Done) -> Result<(), Need> {
    let Some(url) = text(v, "url") else { return Ok(()) };
    let name = address(url);
    if v.planning {
        done.evidence.push(format!("{name} is asked with the new key, then with the old"));
        done.outputs.insert("at".into(), Value::Time(v.now));
        return Ok(());
    }
    new_again(v)?;
    let mut said = vec![format!("new {}", answered(v, url, "new", new_slot(v))?)];
    match home(v, "old_home").map(|home| v.fetch(home, &old_slot())) {
        Some(Ok(())) => {
            said.push(format!("old {}", answered(v, url, "old", old_slot())?));
            done.outputs.insert("at".into(), Value::Time(v.now));
        }
        Some(Err(Need::Refuse(why))) => said.push(format!("old not tried: {why}")),
        None => said.push("old not tried: it cannot be read back".into()),
        Some(Err(other)) => return Err(other),
    }
    done.evidence.push(format!("{name}: {}", said.join(", ")));
    Ok(())
}

/// The new key in its slot: from the first store that has it, or entered again where only a person knows it.
fn new_again(v: &View<'_>) -> Result<(), Need> {
    let homes = ["gateway_home", "environment_home", "secret_home"];
    let found: Option<&Home> = homes.iter().find_map(|name| home(v, name));
    match found {
        Some(Home { entry: Some(Entry::Held(slot)), .. }) => v.entered(slot.name(), slot),
        Some(home) => fetch(v, home, &new_slot(v)),
        None => Err(Need::Refuse("where the new key is, is not known".into())),
    }
}

fn canary(v: &View<'_>, url: &Untrusted, key: Slot) -> Canary {
    let or = |name, other: &str| text(v, name).cloned().unwrap_or_else(|| other.into());
    Canary {
        method: or("method", "GET"),
        url: url.clone(),
        header: or("header", "x-api-key"),
        prefix: or("prefix", ""),
        key,
    }
}

/// The status, if it is a good one.
fn answered(v: &View<'_>, url: &Untrusted, which: &str, key: Slot) -> Result<u16, Need> {
    let good = match v.with.get("expect") {
        Some(Value::Number(one)) => *one..=*one,
        Some(_) | None => 200..=299,
    };
    match v.status(&canary(v, url, key))? {
        Ok(status) if good.contains(&i64::from(status)) => Ok(status),
        Ok(status) => Err(otherwise(v, format!("{} answered {status} to the {which} key", address(url)))),
        Err(fault) => Err(unanswered(v, &address(url), fault)),
    }
}

fn unanswered(v: &View<'_>, name: &str, fault: Fault) -> Need {
    if fault.is_passing() {
        otherwise(v, format!("{name} did not answer ({})", fault.word()))
    } else {
        refusal(fault)
    }
}

/// Looks again for a while; then it is so.
fn otherwise(v: &View<'_>, what: String) -> Need {
    if seconds_between(v.since, v.now) < PATIENCE {
        return again(5, what);
    }
    Need::Refuse(format!("{what}; nothing was changed by that: undo, or mend it and resume"))
}

/// The address without what is after `?` or `#`, where keys are sometimes put.
fn address(url: &Untrusted) -> String {
    Untrusted::from(url.wire().split(['?', '#']).next().unwrap_or_default()).shown().to_string()
}

/// Invokes the function once with the new key in the event.
fn invoked(v: &View<'_>, event: &Untrusted) -> Result<String, Need> {
    let function = FunctionName::new(v.text("function")?.wire());
    let is = |a: &Act| matches!(a, Act::Lambda(LambdaAct::Invoke { .. }));
    let Some(invoked) = made(v, is) else {
        if !v.planning {
            new_again(v)?;
        }
        let act = LambdaAct::Invoke {
            function,
            qualifier: publish::named(v).map(|alias| alias.text().clone()),
            payload: event.clone(),
            value: Some(new_slot(v)),
        };
        let changes = vec![Change { at: v.at.clone(), act: Act::Lambda(act) }];
        let breaks = vec!["the function really runs, with whatever it does for that event".to_owned()];
        return Err(Need::Consent(Box::new(Proposal { changes, breaks, ..Proposal::default() })));
    };
    let answer = invoked.made.iter().find_map(|m| match &m.receipt {
        Receipt::Invoked { status, function_error, .. } => Some((*status, function_error.clone())),
        _ => None,
    });
    match answer {
        Some((status, None)) if (200..300).contains(&status) => {
            Ok(format!("{} was invoked with the new key and answered without an error", function.shown()))
        }
        Some((_, Some(error))) => Err(Need::Refuse(format!(
            "{} failed for the canary event with the new key ({}): look at its log, then undo or go on by \
             starting a run without the event",
            function.shown(),
            error.shown()
        ))),
        Some((status, None)) => Err(Need::Refuse(format!("{} answered {status}", function.shown()))),
        // Settled without an answer: that it ran is all that is known.
        None => Ok(format!("{} was invoked with the new key; its answer was lost", function.shown())),
    }
}
