//! `credential.deny`: the ready-made deny-all on a user. It reaches every key, the console and the sessions of
//! `GetSessionToken` and `GetFederationToken`; not the sessions of roles that the user assumed before.

use super::{ALL, FALSE_POSITIVE, ONE, USER, false_alarm, meant, user};
use crate::estate::ask::iam::ListAttachedUserPolicies;
use crate::estate::change::iam::Act as IamAct;
use crate::estate::change::iam::contain::{Act as Contain, DENY_ALL};
use crate::estate::time::plus_seconds;
use crate::estate::{Act, Arn, Change, Made};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::iam::{keys, said_of};
use crate::runbook::verbs::key::{again, is_stand_in, made};
use crate::runbook::verbs::with::needed;
use crate::runbook::view::{View, undo_by_inverse};
use crate::runbook::words::instant;

/// Denies everything to a user.
pub struct Deny;

/// The longest that a session of a user's own lives: 129,600 s ("GetSessionToken", `DurationSeconds`).
const LONGEST_SESSION: i64 = 129_600;

impl Verb for Deny {
    fn name(&self) -> &'static str {
        "credential.deny"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Attaches the ready-made AWSDenyAll to a user; its name must be typed. An undo waits until no session of the user \
         can be alive, unless `false_positive` gives a reason."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] =
            &[ONE, ALL, USER, needed("policy", ValueType::Text, "the ARN of the partition's AWSDenyAll")];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let (inactive, user, policy) = (meant(v), user(v)?, Arn::new(v.text("policy")?.wire()));
        let made = made(v, |a| matches!(a, Act::Iam(IamAct::Contain(Contain::Deny { .. })))).is_some();
        let act = Contain::Deny { user: user.clone(), policy: policy.clone() };
        let change = Change { at: v.at.clone(), act: Act::Iam(IamAct::Contain(act)) };
        if is_stand_in(user.text()) {
            return if made { Ok(Done::default()) } else { Err(propose(change, Vec::new())) };
        }
        let attached = v.must(ListAttachedUserPolicies { user: user.clone() })?.concat();
        let there = attached.iter().any(|p| p.arn == policy);
        if !there && !made {
            let others = keys(v, &user)?;
            let mut breaks: Vec<String> = others
                .iter()
                .filter(|k| !inactive.contains(&k.id) && k.active)
                .map(|k| format!("what signs with the user's other key is refused too: {}", said_of(v, k)))
                .collect();
            breaks.push("everything that works as this user is refused, the console too".to_owned());
            return Err(propose(change, breaks));
        }
        if !there && !v.planning {
            return Err(again(2, "the policy does not show as attached yet"));
        }
        let said = if made {
            format!(
                "{DENY_ALL} is attached to {}; IAM says that it can take minutes until it holds everywhere",
                user.shown()
            )
        } else {
            format!("{DENY_ALL} was attached to {} already: nothing was changed", user.shown())
        };
        Ok(Done {
            evidence: if v.planning { Vec::new() } else { vec![said] },
            outputs: [("at".to_owned(), Value::Time(v.now))].into(),
        })
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        let until = plus_seconds(v.began, LONGEST_SESSION);
        let reason = false_alarm(v);
        if reason.is_none() && v.now < until {
            return Err(Need::Time {
                until,
                accepts: vec![FALSE_POSITIVE.into()],
                why: format!(
                    "detaching it would revive sessions that were taken with the stolen key: none of the user's own can be \
                     alive after {}. `{FALSE_POSITIVE}=REASON` if it was a false alarm",
                    instant(until)
                ),
            });
        }
        let mut done = undo_by_inverse(v, change, made)?;
        done.evidence.extend(reason.map(|r| format!("a false alarm, because: {}", r.shown())));
        Ok(done)
    }
}

fn propose(change: Change, breaks: Vec<String>) -> Need {
    let leaves = vec!["sessions of roles assumed before: each role is revoked by itself".to_owned()];
    Need::Consent(Box::new(Proposal { changes: vec![change], breaks, leaves, differs: None }))
}
