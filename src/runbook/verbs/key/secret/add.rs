//! `secret.add_key`: the new key into a secret, beside the old one or in its place.

use super::super::list::{Format, adding, count, fingerprint, has, new_key, new_slot, old_entry, unreadable};
use super::super::{LENGTH, VALUE, text};
use super::{FIELD, Rewrite, SECRET, SECRET_LIMIT, place, secret, swap, versions};
use crate::estate::change::secretsmanager::Act as SecretAct;
use crate::estate::edit::{EditOp, Entry, Fingerprint, Place, Shape};
use crate::estate::{Act, Change, Made, MaterialSource, VersionId};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Home, Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;

/// Adds the new key to a secret.
pub struct Add;

impl Verb for Add {
    fn name(&self) -> &'static str {
        "secret.add_key"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Adds a new key to a secret, beside the old one or in its place, as a version that is staged under the \
         run's label and promoted by compare-and-swap."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 6] = [
            SECRET,
            FIELD,
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
            VALUE,
            LENGTH,
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "home", kind: ValueType::Home },
            Output { name: "print", kind: ValueType::Text },
            Output { name: "version", kind: ValueType::Text },
            Output { name: "former", kind: ValueType::Text },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let secret = secret(v)?;
        let swapped = match swap(v, &secret, &place(v), |shape| rewrite(v, shape))? {
            Ok(swapped) => swapped,
            Err(words) => return Ok(Done { evidence: vec![words], ..Done::default() }),
        };
        let mut done = Done::default();
        if !v.planning {
            let stages = versions(v, &secret)?.len();
            done.evidence.push(format!(
                "version {} is current; {} is kept under {}; {stages} versions in all",
                swapped.now.shown(),
                swapped.former.shown(),
                v.run.kept_label()
            ));
        }
        let print = print_made(v);
        done.outputs.insert("home".into(), Value::Home(home_of(v, swapped.now.clone(), print.as_ref())?));
        if let Some(print) = print {
            done.outputs.insert("print".into(), Value::Text(print.hex().into()));
        }
        done.outputs.insert("version".into(), Value::Text(swapped.now.text().clone()));
        done.outputs.insert("former".into(), Value::Text(swapped.former.text().clone()));
        Ok(done)
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        super::undo(v, change, made)
    }
}

fn rewrite(v: &View<'_>, shape: Option<&Shape>) -> Result<Rewrite, Need> {
    let old = match (Format::of(v), text(v, "old")) {
        (Format::List, _) => Some(old_entry(v)?),
        (Format::Single, said) => said.and_then(fingerprint).map(Entry::Printed),
    };
    let Some(shape) = shape else {
        let (edit, _) = adding(v, &place(v), None, old);
        return Ok(Rewrite::Edit(edit, single(v)));
    };
    let new = new_key(v)?;
    if let (Format::List, Some(Entry::Printed(old))) = (Format::of(v), &old)
        && !has(shape, old)
    {
        return Err(Need::Refuse(
            "the old key is no longer in the secret's list: somebody changed it since this run looked".into(),
        ));
    }
    let bytes = v.shape(&new_slot(v), &Place::Whole)?.map_err(|e| unreadable("the new key", &e))?.bytes;
    let grown = shape.bytes + bytes + 1;
    if grown > SECRET_LIMIT {
        return Err(Need::Refuse(format!(
            "the secret would be {grown} bytes, of which Secrets Manager takes {SECRET_LIMIT}"
        )));
    }
    let mut known = single(v);
    if Format::of(v) == Format::List {
        known.push(format!("the list has {} entries, and one more then", count(shape)));
    }
    let (edit, _) = adding(v, &place(v), new, old);
    Ok(Rewrite::Edit(edit, known))
}

fn single(v: &View<'_>) -> Vec<String> {
    match Format::of(v) {
        Format::List => Vec::new(),
        Format::Single => vec![
            "the new key takes the old one's place: who reads the secret gets the new one only".to_owned(),
        ],
    }
}

/// The fingerprint that the last edit of this step put in.
fn print_made(v: &View<'_>) -> Option<Fingerprint> {
    v.done.iter().rev().find_map(|c| match &c.change.act {
        Act::SecretsManager(SecretAct::Stage { edit, .. }) => edit.ops.iter().find_map(|op| match op {
            EditOp::Set { print, .. } | EditOp::Insert { print, .. } | EditOp::InsertFirst { print, .. } => {
                print.clone()
            }
            EditOp::Remove { .. } | EditOp::Unset { .. } => None,
        }),
        _ => None,
    })
}

fn home_of(v: &View<'_>, version: VersionId, print: Option<&Fingerprint>) -> Result<Home, Need> {
    let entry = match (Format::of(v), print) {
        (Format::Single, _) => None,
        (Format::List, Some(print)) => Some(Entry::Printed(print.clone())),
        // A typed key has no fingerprint: only the process that holds it can tell it from the others.
        (Format::List, None) => Some(Entry::Held(new_slot(v))),
    };
    Ok(Home { source: MaterialSource::Secret { secret: secret(v)?, version }, place: place(v), entry })
}
