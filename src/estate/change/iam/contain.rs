//! Containment of IAM credentials, and its release: a leaked key is deactivated, its user denied everything by a
//! ready-made policy, a role's older sessions revoked by a policy of the run's own. Nothing here deletes what was
//! there before. Sources: IAM user guide, "Disable permissions for temporary security credentials" and "Revoke IAM
//! role temporary security credentials"; IAM API reference, `AttachUserPolicy`, `PutRolePolicy`.

use super::{Call, QUIET};
use crate::estate::ask::{self, Answer, Asks, Operation, Query};
use crate::estate::at::At;
use crate::estate::change::{CliLine, Receipt, Risk, RunId, Settle, Verdict};
use crate::estate::names::{AccessKeyId, Arn, PolicyName, RoleName, UserName};
use crate::estate::time::Timestamp;
use crate::estate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The ready-made policy that denies everything; it is in every partition under the same name.
pub const DENY_ALL: &str = "AWSDenyAll";

/// What begins the names of the policies that runs write to revoke sessions.
const REVOKES: &str = "BartizanRevokeOlderSessions-";

/// The ready-made deny-all of a partition (`aws`, `aws-cn`, `aws-us-gov`).
#[must_use]
pub fn deny_all(partition: &str) -> Arn {
    Arn::new(format!("arn:{partition}:iam::aws:policy/{DENY_ALL}"))
}

/// The name of the policy by which a run revokes a role's sessions: its own, so that an older revocation is never
/// written over. A second stamp has another one, for whether it was written is told by its name.
#[must_use]
pub fn revocation(run: &RunId, again: bool) -> PolicyName {
    PolicyName::new(format!("{REVOKES}{run}{}", if again { "-again" } else { "" }))
}

/// Whether a policy of this name revokes sessions: a run's, or the one that the AWS console writes.
#[must_use]
pub fn is_revocation(name: &PolicyName) -> bool {
    name.wire().starts_with(REVOKES) || name.wire() == "AWSRevokeOlderSessions"
}

/// The policy that denies everything to sessions which were issued before an instant, as the AWS console writes it.
#[must_use]
pub fn document(before: Timestamp) -> String {
    let before = before.strftime("%Y-%m-%dT%H:%M:%S.000Z");
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{before}"}}}}}}]}}"#
    )
}

/// What is changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Deactivates a key that is in wrong hands.
    Deactivate {
        /// Whose.
        user: UserName,
        /// Which key.
        key: AccessKeyId,
    },
    /// Activates such a key again: it was a false alarm.
    Activate {
        /// Whose.
        user: UserName,
        /// Which key.
        key: AccessKeyId,
    },
    /// Attaches the ready-made deny-all to a user.
    Deny {
        /// Whom.
        user: UserName,
        /// The deny-all of the partition.
        policy: Arn,
    },
    /// Detaches it.
    Allow {
        /// Whom.
        user: UserName,
        /// The deny-all of the partition.
        policy: Arn,
    },
    /// Denies everything to a role's sessions that were issued before an instant.
    Revoke {
        /// Which role.
        role: RoleName,
        /// The run's own policy.
        policy: PolicyName,
        /// By AWS's clock.
        before: Timestamp,
    },
    /// Removes that policy: what sessions there are of then work again.
    Restore {
        /// Which role.
        role: RoleName,
        /// The run's own policy.
        policy: PolicyName,
    },
}

impl Act {
    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::Deactivate { .. } | Act::Deny { .. } | Act::Revoke { .. } => Risk::Containing,
            Act::Activate { .. } | Act::Allow { .. } | Act::Restore { .. } => Risk::Releasing,
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Act::Deactivate { key, .. } | Act::Activate { key, .. } => key.text().clone(),
            Act::Deny { user, .. } | Act::Allow { user, .. } => user.text().clone(),
            Act::Revoke { role, .. } | Act::Restore { role, .. } => role.text().clone(),
        }
    }

    /// Whose the resource is, where that is another name.
    pub(super) fn owner(&self) -> Option<Untrusted> {
        match self {
            Act::Deactivate { user, .. } | Act::Activate { user, .. } => Some(user.text().clone()),
            Act::Deny { .. } | Act::Allow { .. } | Act::Revoke { .. } | Act::Restore { .. } => None,
        }
    }

    pub(super) fn sentence(&self) -> String {
        match self {
            Act::Deactivate { user, key } => {
                format!("Deactivate access key {} of {}", key.shown(), user.shown())
            }
            Act::Activate { user, key } => {
                format!("Activate access key {} of {} again", key.shown(), user.shown())
            }
            Act::Deny { user, .. } => format!("Deny everything to the user {}", user.shown()),
            Act::Allow { user, .. } => {
                format!("Take {DENY_ALL} off the user {}", user.shown())
            }
            Act::Revoke { role, before, .. } => format!(
                "Deny everything to the sessions of the role {} that were issued before {}",
                role.shown(),
                before.strftime("%H:%M:%S UTC on %-d %b %Y")
            ),
            Act::Restore { role, .. } => {
                format!("Let the older sessions of the role {} work again", role.shown())
            }
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::Deactivate { .. } => "activate it again, on a false alarm only".into(),
            Act::Activate { .. } => "deactivate it again".into(),
            Act::Deny { .. } => format!("detach {DENY_ALL}"),
            Act::Allow { .. } => format!("attach {DENY_ALL} again"),
            Act::Revoke { .. } => "delete the policy, once every session that it denies has expired".into(),
            Act::Restore { .. } => "revoke anew".into(),
        }
    }

    pub(super) fn inverse(&self) -> Option<Act> {
        match self.clone() {
            Act::Deactivate { user, key } => Some(Act::Activate { user, key }),
            Act::Activate { user, key } => Some(Act::Deactivate { user, key }),
            Act::Deny { user, policy } => Some(Act::Allow { user, policy }),
            Act::Allow { user, policy } => Some(Act::Deny { user, policy }),
            Act::Revoke { role, policy, .. } => Some(Act::Restore { role, policy }),
            // Since when sessions are to be denied is known to whoever revokes.
            Act::Restore { .. } => None,
        }
    }

    pub(super) fn call(&self) -> Call {
        match self.clone() {
            Act::Deactivate { user, key } => Call::UpdateAccessKey { user, key, active: false },
            Act::Activate { user, key } => Call::UpdateAccessKey { user, key, active: true },
            Act::Deny { user, policy } => Call::Contain(Write::AttachUserPolicy { user, policy }),
            Act::Allow { user, policy } => Call::Contain(Write::DetachUserPolicy { user, policy }),
            Act::Revoke { role, policy, before } => {
                Call::Contain(Write::PutRolePolicy { role, policy, before })
            }
            Act::Restore { role, policy } => Call::Contain(Write::DeleteRolePolicy { role, policy }),
        }
    }
}

/// One write. None can carry a policy of anybody's choosing: the one that is attached is ready-made, and the one
/// that is put is [`document`].
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the operation of its name; fields as in `Act`
pub enum Write {
    AttachUserPolicy { user: UserName, policy: Arn },
    DetachUserPolicy { user: UserName, policy: Arn },
    PutRolePolicy { role: RoleName, policy: PolicyName, before: Timestamp },
    DeleteRolePolicy { role: RoleName, policy: PolicyName },
}

impl Write {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Write::AttachUserPolicy { .. } => super::op(super::Op::Attach),
            Write::DetachUserPolicy { .. } => super::op(super::Op::Detach),
            Write::PutRolePolicy { .. } => super::op(super::Op::PutRole),
            Write::DeleteRolePolicy { .. } => super::op(super::Op::DeleteRole),
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Write::AttachUserPolicy { user, .. } | Write::DetachUserPolicy { user, .. } => {
                user.text().clone()
            }
            Write::PutRolePolicy { role, .. } | Write::DeleteRolePolicy { role, .. } => role.text().clone(),
        }
    }

    pub(super) fn cli(&self) -> CliLine {
        let of_user = |command, user: &UserName, policy: &Arn| {
            CliLine::new(command).with("user-name", user.wire()).with("policy-arn", policy.wire())
        };
        let of_role = |command, role: &RoleName, policy: &PolicyName| {
            CliLine::new(command).with("role-name", role.wire()).with("policy-name", policy.wire())
        };
        match self {
            Write::AttachUserPolicy { user, policy } => of_user("iam attach-user-policy", user, policy),
            Write::DetachUserPolicy { user, policy } => of_user("iam detach-user-policy", user, policy),
            Write::PutRolePolicy { role, policy, before } => {
                of_role("iam put-role-policy", role, policy).with("policy-document", document(*before))
            }
            Write::DeleteRolePolicy { role, policy } => of_role("iam delete-role-policy", role, policy),
        }
    }

    /// Containing twice does no harm and must not wait, so a "no" of what contains counts at once; what releases is
    /// left alone for its quiet time.
    pub(super) fn settle(&self, at: &At) -> Settle {
        let look = |ask: ask::Ask, quiet| Settle::Look { query: Query { at: at.clone(), ask }, quiet };
        match self {
            Write::AttachUserPolicy { user, .. } => {
                look(ask::iam::ListAttachedUserPolicies { user: user.clone() }.ask(), Duration::ZERO)
            }
            Write::DetachUserPolicy { user, .. } => {
                look(ask::iam::ListAttachedUserPolicies { user: user.clone() }.ask(), QUIET)
            }
            Write::PutRolePolicy { role, .. } => {
                look(ask::iam::ListRolePolicies { role: role.clone() }.ask(), Duration::ZERO)
            }
            Write::DeleteRolePolicy { role, .. } => {
                look(ask::iam::ListRolePolicies { role: role.clone() }.ask(), QUIET)
            }
        }
    }

    pub(super) fn verdict(&self, answers: &[Answer]) -> Verdict {
        let there = match self {
            Write::AttachUserPolicy { policy, .. } | Write::DetachUserPolicy { policy, .. } => {
                attached(answers, policy)
            }
            Write::PutRolePolicy { policy, .. } | Write::DeleteRolePolicy { policy, .. } => {
                written(answers, policy)
            }
        };
        let wanted = match self {
            Write::AttachUserPolicy { .. } | Write::PutRolePolicy { .. } => true,
            Write::DetachUserPolicy { .. } | Write::DeleteRolePolicy { .. } => false,
        };
        match there {
            None => Verdict::Unclear,
            Some(there) if there == wanted => Verdict::Happened(Receipt::Done),
            Some(_) => Verdict::NotHappened,
        }
    }
}

fn attached(answers: &[Answer], policy: &Arn) -> Option<bool> {
    let mut there = false;
    for answer in answers {
        let Answer::Iam(ask::iam::Answer::ListAttachedUserPolicies(page)) = answer else { return None };
        there |= page.iter().any(|p| p.arn == *policy);
    }
    Some(there)
}

fn written(answers: &[Answer], policy: &PolicyName) -> Option<bool> {
    let mut there = false;
    for answer in answers {
        let Answer::Iam(ask::iam::Answer::ListRolePolicies(page)) = answer else { return None };
        there |= page.contains(policy);
    }
    Some(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_revocation_is_json_and_denies_by_the_time_of_issue() {
        let before: Timestamp = "2026-11-20T09:41:00.25Z".parse().unwrap();
        let policy: serde_json::Value = serde_json::from_str(&document(before)).unwrap();
        let statement = &policy["Statement"][0];
        assert_eq!((&statement["Effect"], &statement["Action"][0]), (&"Deny".into(), &"*".into()));
        assert_eq!(statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"], "2026-11-20T09:41:00.000Z");
    }

    #[test]
    fn every_policy_of_a_run_has_its_name() {
        let run = RunId::new("7f3a0b1c").unwrap();
        let name = revocation(&run, false);
        assert!(name.wire().ends_with("-7f3a0b1c") && is_revocation(&name));
        assert!(revocation(&run, true) != name && is_revocation(&revocation(&run, true)));
        assert!(is_revocation(&PolicyName::new("AWSRevokeOlderSessions")));
        assert!(!is_revocation(&PolicyName::new("app")));
        assert_eq!(deny_all("aws-cn").wire(), "arn:aws-cn:iam::aws:policy/AWSDenyAll");
    }

    #[test]
    fn what_contains_needs_no_quiet_time_and_what_releases_does() {
        let at = At { account: None, region: crate::estate::Region::us_east_1() };
        let (user, policy) = (UserName::new("u"), deny_all("aws"));
        let quiet = |w: Write| match w.settle(&at) {
            Settle::Look { quiet, .. } => quiet,
            other => panic!("{other:?}"),
        };
        let attach = Write::AttachUserPolicy { user: user.clone(), policy: policy.clone() };
        let detach = Write::DetachUserPolicy { user, policy: policy.clone() };
        assert_eq!((quiet(attach.clone()), quiet(detach.clone())), (Duration::ZERO, QUIET));
        let held = crate::estate::AttachedPolicy { name: PolicyName::new(DENY_ALL), arn: policy };
        let answers = |all| [Answer::Iam(ask::iam::Answer::ListAttachedUserPolicies(all))];
        assert_eq!(attach.verdict(&answers(vec![held.clone()])), Verdict::Happened(Receipt::Done));
        assert_eq!(attach.verdict(&answers(vec![])), Verdict::NotHappened);
        assert_eq!(detach.verdict(&answers(vec![held])), Verdict::NotHappened);
        assert_eq!(detach.verdict(&answers(vec![])), Verdict::Happened(Receipt::Done));
        let other = [Answer::Iam(ask::iam::Answer::ListAccountAliases(vec![]))];
        assert_eq!(attach.verdict(&other), Verdict::Unclear);
    }
}
