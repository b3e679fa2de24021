//! `iam.delete`: the old access key, for ever. Only an inactive one.

use super::{USER, key_of, keys, user};
use crate::estate::change::iam::Act as IamAct;
use crate::estate::{AccessKeyId, Act, Change, UserName};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{again, made};
use crate::runbook::view::View;

/// Deletes an access key.
pub struct Delete;

impl Verb for Delete {
    fn name(&self) -> &'static str {
        "iam.delete"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Deletes an inactive access key for ever; its id must be typed."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 2] = [
            USER,
            Param { name: "old", kind: ValueType::Text, optional: false, doc: "the id of the old key" },
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let user = user(v)?;
        let deleted = made(v, |a| matches!(a, Act::Iam(IamAct::DeleteAccessKey { .. }))).is_some();
        let Some(old) = key_of(v, "old")? else {
            let old = AccessKeyId::new(v.text("old")?.wire());
            return if deleted { Ok(Done::default()) } else { Err(proposal(v, &user, &old)) };
        };
        match keys(v, &user)?.iter().find(|k| k.id == old) {
            Some(key) if !deleted && key.active && !v.planning => Err(Need::Refuse(format!(
                "{} is active again: somebody needs it; a key is only deleted after it was deactivated",
                old.shown()
            ))),
            Some(_) if !deleted => Err(proposal(v, &user, &old)),
            Some(_) if !v.planning => Err(again(2, "the old key still shows")),
            Some(_) | None => {
                Ok(Done { evidence: vec![format!("{} is deleted", old.shown())], ..Done::default() })
            }
        }
    }
}

fn proposal(v: &View<'_>, user: &UserName, old: &AccessKeyId) -> Need {
    let act = IamAct::DeleteAccessKey { user: user.clone(), key: old.clone() };
    let changes = vec![Change { at: v.at.clone(), act: Act::Iam(act) }];
    let breaks = vec!["it cannot be undone: AWS never gives a key back".to_owned()];
    Need::Consent(Box::new(Proposal { changes, breaks, ..Proposal::default() }))
}
