//! `secret.remove_key`: exactly the old key out of a secret's list; every other entry stays byte for byte.

use super::super::list::{count, fingerprint, has, only_one, removing};
use super::super::{COMPROMISED, text};
use super::{FIELD, Rewrite, SECRET, place, read, secret, swap};
use crate::estate::edit::{Fingerprint, Shape};
use crate::estate::{Change, Made, Slot};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;

/// Removes the old key from a secret.
pub struct Remove;

impl Verb for Remove {
    fn name(&self) -> &'static str {
        "secret.remove_key"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Removes exactly the old key from a list in a secret, as a version that is staged and promoted by \
         compare-and-swap."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 5] = [
            SECRET,
            FIELD,
            COMPROMISED,
            Param { name: "old", kind: ValueType::Text, optional: false, doc: "the old key's fingerprint" },
            Param {
                name: "new_print",
                kind: ValueType::Text,
                optional: true,
                doc: "the new key's fingerprint: without it in the list, nothing is removed",
            },
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "version", kind: ValueType::Text }, Output { name: "former", kind: ValueType::Text }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let secret = secret(v)?;
        let old = fingerprint(v.text("old")?)
            .ok_or_else(|| Need::Refuse("the old key's fingerprint is missing".into()))?;
        let mut done = Done::default();
        match swap(v, &secret, &place(v), |shape| rewrite(v, &old, shape))? {
            Err(words) => done.evidence.push(words),
            Ok(swapped) => {
                if !v.planning {
                    let (_, shape) = read(v, &secret, &place(v), &Slot::new("key.after"))?;
                    if has(&shape, &old) {
                        return Err(Need::Refuse(
                            "the old key is in the secret again: somebody else wrote it since".into(),
                        ));
                    }
                    done.evidence.push(format!(
                        "version {} is current, with {} entries; the old key is not among them",
                        swapped.now.shown(),
                        count(&shape)
                    ));
                }
                done.outputs.insert("version".into(), Value::Text(swapped.now.text().clone()));
                done.outputs.insert("former".into(), Value::Text(swapped.former.text().clone()));
            }
        }
        Ok(done)
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        super::undo(v, change, made)
    }
}

fn rewrite(v: &View<'_>, old: &Fingerprint, shape: Option<&Shape>) -> Result<Rewrite, Need> {
    if let Some(shape) = shape {
        if !has(shape, old) {
            return Ok(Rewrite::Nothing(
                "the old key is not in the secret any more: nothing to remove".into(),
            ));
        }
        let new = text(v, "new_print").and_then(fingerprint);
        if new.as_ref().is_some_and(|new| !has(shape, new)) || count(shape) < 2 {
            let why = "the new key is not in the secret's list: without the old one nobody would be let in";
            return Err(Need::Refuse(if v.flag(COMPROMISED.name) {
                only_one("the secret")
            } else {
                why.into()
            }));
        }
    }
    let (edit, _) = removing(v, &place(v), old, shape);
    let known = vec!["who still uses the old key is refused once it is promoted".to_owned()];
    Ok(Rewrite::Edit(edit, known))
}
