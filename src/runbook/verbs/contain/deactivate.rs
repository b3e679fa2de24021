//! `credential.deactivate`: the leaked key, or every key of a user, signs nothing any more. It is never deleted: its id leads to what it did, and a
//! false alarm can be undone.

use super::evidence::last_seen;
use super::{ALL, FALSE_POSITIVE, ONE, USER, false_alarm, meant, user};
use crate::estate::change::iam::Act as IamAct;
use crate::estate::change::iam::contain::Act as Contain;
use crate::estate::{AccessKeyId, Act, Change, Made};
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
        "Deactivates an access key that is in wrong hands, or all that a user has; its id, or its user's name, must be typed. The late input \
         `false_positive` lets an undo activate it again."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[ONE, ALL, USER];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let (meant, user) = (meant(v), user(v)?);
        let is_of = |act: &Act, id: &AccessKeyId| matches!(act, Act::Iam(IamAct::Contain(Contain::Deactivate { key, .. })) if key == id);
        let ours = |id: &AccessKeyId| made(v, |act| is_of(act, id)).is_some();
        let change = |key: &AccessKeyId| {
            let act = Contain::Deactivate { user: user.clone(), key: key.clone() };
            Change { at: v.at.clone(), act: Act::Iam(IamAct::Contain(act)) }
        };
        if is_stand_in(user.text()) {
            // Whose it is is only known when the run looks.
            let open: Vec<Change> = meant.iter().filter(|key| !ours(key)).map(change).collect();
            return if open.is_empty() { Ok(Done::default()) } else { Err(propose(open, Vec::new())) };
        }
        let there = keys(v, &user)?;
        if let [key] = meant.as_slice()
            && !there.iter().any(|k| k.id == *key)
        {
            return Err(Need::Refuse(format!(
                "{} has no access key {} any more: somebody deleted it. Sessions that were made with it may live on",
                user.shown(),
                key.shown()
            )));
        }
        let active: Vec<&AccessKeyId> =
            there.iter().filter(|k| k.active && meant.contains(&k.id)).map(|k| &k.id).collect();
        let open: Vec<&AccessKeyId> = active.iter().copied().filter(|key| !ours(key)).collect();
        if !open.is_empty() {
            let mut breaks = Vec::new();
            for key in &open {
                let seen = last_seen(&last_used(v, key)?);
                breaks.push(if meant.len() == 1 { seen } else { format!("{}: {seen}", key.shown()) });
            }
            breaks.push("what signs with it is refused at once, rightful programs too".to_owned());
            let others = there.iter().filter(|k| !meant.contains(&k.id) && k.active).count();
            if others > 0 {
                breaks.push(format!("{} of the user stays active", counted(others, "other key")));
            }
            return Err(propose(open.into_iter().map(change).collect(), breaks));
        }
        if !active.is_empty() && !v.planning {
            return Err(again(2, "the key does not show as inactive yet"));
        }
        let said = |key: &AccessKeyId| {
            let said = match there.iter().any(|k| k.id == *key) {
                false => "is gone: somebody deleted it",
                true if ours(key) => "is inactive",
                true => "was inactive already: nothing was changed",
            };
            format!("{} {said}", key.shown())
        };
        let mut evidence: Vec<String> = meant.iter().map(said).collect();
        if meant.is_empty() {
            evidence.push(format!("{} has no access key: nothing to deactivate", user.shown()));
        }
        Ok(Done {
            evidence: if v.planning { Vec::new() } else { evidence },
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

fn propose(changes: Vec<Change>, breaks: Vec<String>) -> Need {
    // In few words: with the deny, all of it has to stand on one small screen.
    let leaves = vec!["sessions that were made with it: the deny ends the user's own".to_owned()];
    Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None }))
}
