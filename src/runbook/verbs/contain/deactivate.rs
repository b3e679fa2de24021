//! `credential.deactivate`: the leaked key signs nothing any more. It is never deleted: its id leads to what it did, and a
//! false alarm can be undone.

use super::evidence::last_seen;
use super::{FALSE_POSITIVE, KEY, USER, false_alarm, key, user};
use crate::estate::change::iam::Act as IamAct;
use crate::estate::change::iam::contain::Act as Contain;
use crate::estate::{Act, Change, Made};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal, Question};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::iam::{keys, last_used};
use crate::runbook::verbs::key::{again, is_stand_in, made};
use crate::runbook::view::{View, undo_by_inverse};
use crate::runbook::words::counted;

/// Deactivates a leaked key.
pub struct Deactivate;

impl Verb for Deactivate {
    fn name(&self) -> &'static str {
        "credential.deactivate"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Deactivates an access key that is in wrong hands; its id, or its user's name, must be typed. The late input \
         `false_positive` lets an undo activate it again."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[KEY, USER];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let (key, user) = (key(v)?, user(v)?);
        let made = made(v, |a| matches!(a, Act::Iam(IamAct::Contain(Contain::Deactivate { .. })))).is_some();
        let act = Contain::Deactivate { user: user.clone(), key: key.clone() };
        let change = Change { at: v.at.clone(), act: Act::Iam(IamAct::Contain(act)) };
        if is_stand_in(user.text()) {
            // Whose it is is only known when the run looks.
            return if made { Ok(Done::default()) } else { Err(propose(change, Vec::new())) };
        }
        let there = keys(v, &user)?;
        let Some(seen) = there.iter().find(|k| k.id == key) else {
            return Err(Need::Refuse(format!(
                "{} has no access key {} any more: somebody deleted it. Sessions that were made with it may live on",
                user.shown(),
                key.shown()
            )));
        };
        if seen.active && !made {
            let mut breaks = vec![
                last_seen(&last_used(v, &key)?),
                "what signs with it is refused at once, rightful programs too".to_owned(),
            ];
            let others = there.iter().filter(|k| k.id != key && k.active).count();
            if others > 0 {
                breaks.push(format!("{} of the user stays active", counted(others, "other key")));
            }
            return Err(propose(change, breaks));
        }
        if seen.active && !v.planning {
            return Err(again(2, "the key does not show as inactive yet"));
        }
        let said = if made { "is inactive" } else { "was inactive already: nothing was changed" };
        Ok(Done {
            evidence: if v.planning { Vec::new() } else { vec![format!("{} {said}", key.shown())] },
            outputs: [("at".to_owned(), Value::Time(v.now))].into(),
        })
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        match false_alarm(v) {
            Some(reason) => {
                let mut done = undo_by_inverse(v, change, made)?;
                done.evidence.push(format!("a false alarm, because: {}", reason.shown()));
                Ok(done)
            }
            None => Err(Need::Person(Question {
                text: format!(
                    "{} is in wrong hands as far as this run knows: activating it gives whoever has it its power back. Only \
                     if it was a false alarm: say why (`--set {FALSE_POSITIVE}=REASON`). Else make a new key, and leave \
                     this one inactive (`runbook abort`)",
                    change.resource().shown()
                ),
                evidence: Vec::new(),
                accepts: vec![FALSE_POSITIVE.into()],
                words: false,
                choices: Vec::new(),
            })),
        }
    }
}

fn propose(change: Change, breaks: Vec<String>) -> Need {
    // In few words: with the deny, all of it has to stand on one small screen.
    let leaves = vec!["sessions that were made with it: the deny ends the user's own".to_owned()];
    Need::Consent(Box::new(Proposal { changes: vec![change], breaks, leaves, differs: None }))
}
