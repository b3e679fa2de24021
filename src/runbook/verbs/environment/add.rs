//! `environment.add`: the new key into a function's variable, beside the old one (or in its place), and
//! live for the callers of an alias.

use super::publish::ship;
use super::{
    ALIAS, ENVIRONMENT, ENVIRONMENT_LIMIT, FUNCTION, VARIABLE, after, edits, function, place, read, settled,
    template,
};
use crate::estate::change::Purpose;
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::edit::{EditOp, Entry, Fingerprint, Place};
use crate::estate::{Act, Change, FunctionConfig, Made, MaterialSource, Slot};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Home, Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::list::{
    Format, adding, count, fingerprint, has, new_key, new_slot, old_entry, unreadable,
};
use crate::runbook::verbs::key::{LENGTH, VALUE, entered, fetch, home, made, print, text};
use crate::runbook::view::{ChangeMade, View};

/// Adds the new key to a variable.
pub struct Add;

impl Verb for Add {
    fn name(&self) -> &'static str {
        "environment.add"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Adds a new key to a function's variable under the revision that was read, beside the old one or in its \
         place; publishes a version and moves an alias, where one is named."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 9] = [
            FUNCTION,
            VARIABLE,
            ALIAS,
            Param {
                name: "format",
                kind: ValueType::Text,
                optional: true,
                doc: "`list` (default): entries separated by commas; `single`: the new key replaces the text",
            },
            Param {
                name: "old",
                kind: ValueType::Text,
                optional: true,
                doc: "the fingerprint of the old key, after which the new one is put",
            },
            Param {
                name: "from",
                kind: ValueType::Home,
                optional: true,
                doc: "where the new key is at home already; without it, one is made (or entered) here",
            },
            VALUE,
            LENGTH,
            Param {
                name: "old_home",
                kind: ValueType::Home,
                optional: true,
                doc: "where the old key can be read back from, for undoing",
            },
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "home", kind: ValueType::Home },
            Output { name: "print", kind: ValueType::Text },
            Output { name: "version", kind: ValueType::Text },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let slot = Slot::new(ENVIRONMENT);
        let Some(edited) = made(v, edits) else {
            return if v.planning { planned(v, slot) } else { propose(v, slot) };
        };
        let config = if v.planning { None } else { Some(after(v, &function(v)?, edited)?) };
        let shipped = ship(v, &slot)?;
        done(v, edited, config, shipped)
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        super::undo::undo(v, change, made)
    }
}

/// The old key's entry, where there is one to be found.
fn old(v: &View<'_>) -> Result<Option<Entry>, Need> {
    match (Format::of(v), text(v, "old")) {
        (Format::List, _) => old_entry(v).map(Some),
        (Format::Single, Some(said)) => Ok(fingerprint(said).map(Entry::Printed)),
        (Format::Single, None) => Ok(None),
    }
}

fn planned(v: &View<'_>, slot: Slot) -> Result<Done, Need> {
    let config = settled(v, &function(v)?)?;
    Err(proposal(v, slot, &config, None)?)
}

fn propose(v: &View<'_>, slot: Slot) -> Result<Done, Need> {
    let function = function(v)?;
    let (config, shape) = read(v, &function, &slot)?;
    let new = match home(v, "from") {
        Some(home) => {
            fetch(v, home, &new_slot(v))?;
            if entered(v).is_some() { None } else { print(v, &new_slot(v))? }
        }
        None => new_key(v)?,
    };
    if let Some(Entry::Printed(old)) = old(v)?
        && !has(&shape, &old)
        && Format::of(v) == Format::List
    {
        return Err(Need::Refuse(format!(
            "the old key is no longer in {} of {}: somebody changed it since this run looked",
            v.text("variable")?.shown(),
            function.shown()
        )));
    }
    if Format::of(v) == Format::List && new.as_ref().is_some_and(|new| has(&shape, new)) {
        let mut there = Done::default();
        there.evidence.push(format!("{} has the new key already", v.text("variable")?.shown()));
        return finish(v, there, new, None);
    }
    let bytes = v.shape(&new_slot(v), &Place::Whole)?.map_err(|e| unreadable("the new key", &e))?.bytes;
    let grown = config.environment_bytes as usize + bytes + 1;
    if grown > ENVIRONMENT_LIMIT {
        return Err(Need::Refuse(format!(
            "the variables of {} would be {grown} bytes, of which Lambda takes {ENVIRONMENT_LIMIT}",
            function.shown()
        )));
    }
    Err(proposal(v, slot, &config, new)?)
}

fn proposal(
    v: &View<'_>,
    slot: Slot,
    config: &FunctionConfig,
    new: Option<Fingerprint>,
) -> Result<Need, Need> {
    let (edit, back) = adding(v, &place(v)?, new, old(v)?);
    // Lambda keeps no former environment but in published versions.
    let back = back.filter(|_| Format::of(v) == Format::List || home(v, "old_home").is_some());
    let act = LambdaAct::EditEnvironment {
        function: config.name.clone(),
        revision: config.revision.clone(),
        environment: slot,
        variables: vec![v.text("variable")?.clone()],
        edit,
        back,
        purpose: Purpose::Routine,
    };
    let mut breaks: Vec<String> = template(v, config)?.into_iter().collect();
    if Format::of(v) == Format::Single {
        breaks.push("the old key is gone from the function at once: there is no overlap in it".into());
    }
    let changes = vec![Change { at: v.at.clone(), act: Act::Lambda(act) }];
    let leaves = vec!["the old key stays where it is".to_owned()];
    let leaves = if Format::of(v) == Format::List { leaves } else { Vec::new() };
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}

fn done(
    v: &View<'_>,
    edited: &ChangeMade,
    config: Option<FunctionConfig>,
    shipped: Option<(crate::estate::FunctionVersion, Vec<String>)>,
) -> Result<Done, Need> {
    let mut done = Done::default();
    let variable = v.text("variable")?.shown();
    if let Some(config) = config {
        let slot = Slot::new("key.after");
        let source = MaterialSource::Environment { function: config.name.clone(), version: None };
        v.load(&source, &slot)?.map_err(crate::runbook::view::refusal)?;
        let shape = v.shape(&slot, &place(v)?)?.map_err(|e| unreadable("the variable", &e))?;
        let wanted = added(edited).and_then(|(_, print)| print);
        if Format::of(v) == Format::List && wanted.is_some_and(|new| !has(&shape, new)) {
            return Err(Need::Refuse(format!(
                "{variable} was changed, and the new key is not in it: somebody else changed it since"
            )));
        }
        done.evidence.push(match Format::of(v) {
            Format::List => format!("{variable} has {} entries", count(&shape)),
            Format::Single => format!("{variable} holds the new key"),
        });
        done.evidence
            .push(format!("{} of {ENVIRONMENT_LIMIT} bytes of variables are used", config.environment_bytes));
    }
    let version = shipped.as_ref().map(|(version, _)| version.clone());
    done.evidence.extend(shipped.into_iter().flat_map(|(_, said)| said));
    let print = added(edited).and_then(|(_, print)| print.cloned());
    finish(v, done, print, version)
}

/// The slot and the fingerprint of what an edit added.
fn added(edited: &ChangeMade) -> Option<(&Slot, Option<&Fingerprint>)> {
    let Act::Lambda(LambdaAct::EditEnvironment { edit, .. }) = &edited.change.act else { return None };
    edit.ops.iter().find_map(|op| match op {
        EditOp::Insert { entry: slot, print, .. }
        | EditOp::InsertFirst { entry: slot, print, .. }
        | EditOp::Set { value: slot, print, .. } => Some((slot, print.as_ref())),
        EditOp::Remove { .. } | EditOp::Unset { .. } => None,
    })
}

/// What later steps get: where the new key is, and by what it is known.
fn finish(
    v: &View<'_>,
    mut done: Done,
    print: Option<Fingerprint>,
    version: Option<crate::estate::FunctionVersion>,
) -> Result<Done, Need> {
    let entry = match (Format::of(v), &print) {
        (Format::Single, _) => None,
        (Format::List, Some(print)) => Some(Entry::Printed(print.clone())),
        // A typed key has no fingerprint: only the process that holds it can tell it from the others.
        (Format::List, None) => Some(Entry::Held(new_slot(v))),
    };
    let source = MaterialSource::Environment { function: function(v)?, version: None };
    let home = Home { source, place: place(v)?, entry };
    done.outputs.insert("home".into(), Value::Home(home));
    if let Some(print) = print {
        done.outputs.insert("print".into(), Value::Text(print.hex().into()));
    }
    if let Some(version) = version {
        done.outputs.insert("version".into(), Value::Text(version.text().clone()));
    }
    Ok(done)
}
