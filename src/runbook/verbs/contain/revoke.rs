//! `role.revoke`: everything is denied to a role's sessions that were issued until now, by a policy of the run's own. A
//! second stamp, after the first has spread, catches what was issued meanwhile. The time is AWS's.

use super::{FALSE_POSITIVE, ROLE, caller, false_alarm, role_name};
use crate::estate::ask::iam::ListRolePolicies;
use crate::estate::change::iam::Act as IamAct;
use crate::estate::change::iam::contain::{Act as Contain, revocation};
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{Act, Change, Made, Timestamp};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{again, instant as time, made, seconds};
use crate::runbook::verbs::with::optional;
use crate::runbook::view::{View, undo_by_inverse};
use crate::runbook::words::{instant, said as how_long};
use std::time::Duration;

/// Revokes a role's sessions.
pub struct Revoke;

/// So long after the first stamp comes the second: what IAM says of a change is "minutes".
const SPREADS: i64 = 120;

impl Verb for Revoke {
    fn name(&self) -> &'static str {
        "role.revoke"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Denies everything to a role's sessions that were issued before now, by an inline policy that carries the run's id; \
         the role's name must be typed. With `after` it waits until an earlier stamp has spread, and stamps again. An undo \
         waits until every session that it denies has expired, unless `false_positive` gives a reason."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            ROLE,
            optional(
                "longest",
                ValueType::Duration,
                "how long a session of the role lives at most; 12 h without it",
            ),
            optional("after", ValueType::Time, "when the stamp before this was made"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "before", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let role = role_name(v)?;
        let policy = revocation(v.run, v.with.contains_key("after"));
        if let Some(stamp) = stamp(v) {
            let there = v.must(ListRolePolicies { role: role.clone() })?.concat();
            if !there.contains(&policy) && !v.planning {
                return Err(again(2, "the policy does not show yet"));
            }
            let said = format!(
                "every session of {} that was issued before {} is denied everything ({}); IAM says that it can take minutes \
                 until it holds everywhere",
                role.shown(),
                instant(stamp),
                policy.shown()
            );
            return Ok(Done {
                evidence: if v.planning { Vec::new() } else { vec![said] },
                outputs: [("before".to_owned(), Value::Time(stamp))].into(),
            });
        }
        if let (Some(first), false) = (time(v, "after"), v.planning) {
            let left = SPREADS - seconds_between(first, v.now);
            if left > 0 {
                let after = Duration::from_secs(left.unsigned_abs());
                return Err(Need::Again { after, why: "the first stamp to spread".into() });
            }
        }
        let me = caller(v)?;
        let before = plus_seconds(v.now, -me.ahead_s.unwrap_or(0));
        let act = Contain::Revoke { role: role.clone(), policy, before };
        let change = Change { at: v.at.clone(), act: Act::Iam(IamAct::Contain(act)) };
        let mut breaks = vec![format!(
            "everything that works as {} is refused until it takes new credentials: Lambda, EC2 and containers keep old ones \
             for up to hours, so recycle or re-associate the holders",
            role.shown()
        )];
        if me.ahead_s.is_none() {
            breaks.push("AWS's clock is not known here: the time is this machine's own".to_owned());
        }
        let leaves = vec![
            "who may assume the role: a stolen key, host or trust that still works gets a new session, so contain the source \
             first"
                .to_owned(),
            "sessions that are issued from now on".to_owned(),
        ];
        Err(Need::Consent(Box::new(Proposal { changes: vec![change], breaks, leaves, differs: None })))
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        let Act::Iam(IamAct::Contain(Contain::Revoke { role, policy, before })) = &change.act else {
            return undo_by_inverse(v, change, made);
        };
        let longest = seconds(v, "longest", 12 * 3_600);
        let until = plus_seconds(*before, longest);
        let reason = false_alarm(v);
        if reason.is_none() && v.now < until {
            return Err(Need::Time {
                until,
                accepts: vec![FALSE_POSITIVE.into()],
                why: format!(
                    "deleting the policy would revive stolen sessions: the last of them expires {} ({} after it was issued). \
                     `{FALSE_POSITIVE}=REASON` if it was a false alarm",
                    instant(until),
                    how_long(longest.unsigned_abs())
                ),
            });
        }
        let there = v.must(ListRolePolicies { role: role.clone() })?.concat().contains(policy);
        if v.done.is_empty() && !there {
            let evidence = vec![format!("{} is gone already", policy.shown())];
            return Ok(Done { evidence, ..Done::default() });
        }
        let mut done = undo_by_inverse(v, change, made)?;
        done.evidence.extend(reason.map(|r| format!("a false alarm, because: {}", r.shown())));
        Ok(done)
    }
}

/// The instant that this step has stamped, if it has.
fn stamp(v: &View<'_>) -> Option<Timestamp> {
    made(v, |a| matches!(a, Act::Iam(IamAct::Contain(Contain::Revoke { .. })))).and_then(|c| {
        match &c.change.act {
            Act::Iam(IamAct::Contain(Contain::Revoke { before, .. })) => Some(*before),
            Act::Iam(_)
            | Act::SecretsManager(_)
            | Act::Lambda(_)
            | Act::ApiGateway(_)
            | Act::Sqs(_)
            | Act::Rds(_)
            | Act::Ec2(_)
            | Act::Messages(_) => None,
        }
    })
}
