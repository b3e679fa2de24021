//! `iam.deactivate`: the old access key signs nothing any more, and can be activated again.

use super::{USER, key_of, keys, last_used, user};
use crate::estate::ask::sts::GetCallerIdentity;
use crate::estate::change::iam::Act as IamAct;
use crate::estate::{AccessKeyId, Act, Change, UserName};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{again, made, text};
use crate::runbook::view::View;
use crate::runbook::words::instant;

/// Deactivates an access key.
pub struct Deactivate;

impl Verb for Deactivate {
    fn name(&self) -> &'static str {
        "iam.deactivate"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Deactivates an access key: what is signed with it is refused. It can be activated again."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 3] = [
            USER,
            Param { name: "old", kind: ValueType::Text, optional: false, doc: "the id of the old key" },
            Param {
                name: "new_key",
                kind: ValueType::Text,
                optional: true,
                doc: "the id of the key that replaces it: must be active",
            },
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let user = user(v)?;
        let made = made(v, |a| matches!(a, Act::Iam(IamAct::SetActive { .. }))).is_some();
        let done = |said: Vec<String>| {
            Ok(Done { evidence: said, outputs: [("at".to_owned(), Value::Time(v.now))].into() })
        };
        let Some(old) = key_of(v, "old")? else {
            let old = AccessKeyId::new(v.text("old")?.wire());
            return if made { done(Vec::new()) } else { Err(proposal(v, &user, &old, Vec::new())) };
        };
        let there = keys(v, &user)?;
        let Some(seen) = there.iter().find(|k| k.id == old) else {
            return Err(Need::Refuse(format!("{} has no access key {} any more", user.shown(), old.shown())));
        };
        if !made && (seen.active || v.planning) {
            if let Some(new) = text(v, "new_key").filter(|k| !super::is_stand_in(k))
                && !there.iter().any(|k| k.id.text() == new && k.active)
            {
                return Err(Need::Refuse(format!(
                    "the new key {} is not active: without the old one nothing would be signed",
                    new.shown()
                )));
            }
            return Err(proposal(v, &user, &old, known(v, &user, &old)?));
        }
        if seen.active && !v.planning {
            return Err(again(2, "the old key does not show as inactive yet"));
        }
        done(vec![
            format!("{} is inactive", old.shown()),
            "temporary sessions that were made with it before go on until they expire".into(),
        ])
    }
}

/// What must be known before: who uses it, and whether this very program does.
fn known(v: &View<'_>, user: &UserName, old: &AccessKeyId) -> Result<Vec<String>, Need> {
    let mut known = Vec::new();
    let used = last_used(v, old)?;
    known.push(match used.at {
        Some(at) => {
            format!("last used {} with {} in {}", instant(at), used.service.shown(), used.region.shown())
        }
        None => "never used, as far as IAM tracks it".to_owned(),
    });
    let ours = format!(":user/{}", user.wire());
    if let Ok(me) = v.pages(GetCallerIdentity {})?
        && me.iter().any(|me| me.arn.wire().ends_with(&ours))
    {
        known.push(format!(
            "you are {} yourself: if this program signs with this key, it cannot go on with this run until \
             you give it the new one",
            user.shown()
        ));
    }
    Ok(known)
}

fn proposal(v: &View<'_>, user: &UserName, old: &AccessKeyId, breaks: Vec<String>) -> Need {
    let act = IamAct::SetActive { user: user.clone(), key: old.clone(), active: false };
    let changes = vec![Change { at: v.at.clone(), act: Act::Iam(act) }];
    let leaves = vec!["temporary sessions that were made with the key go on until they expire".to_owned()];
    Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None }))
}
