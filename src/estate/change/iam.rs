//! Changes to IAM: users' access keys here, containment in `contain`. The secret of a new key is given once, in the answer of
//! `CreateAccessKey`: if that answer is lost, the orphan is found by looking and removed with consent before
//! another is made. There is no compare-and-swap. Source: IAM API reference, `CreateAccessKey`,
//! `UpdateAccessKey`, `DeleteAccessKey`.

pub mod contain;

use super::{CliLine, CliValue, IdempotencyKey, Made, Receipt, Risk, Settle, Verdict, writes};
use crate::estate::ask::{self, Answer, Asks, Operation, Query};
use crate::estate::at::At;
use crate::estate::names::{AccessKeyId, UserName};
use crate::estate::untrusted::Untrusted;
use crate::estate::vault::Slot;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// IAM is eventually consistent ("Changes that I make are not always immediately visible"); a key that does
/// not show for this long after its intent was not made.
const QUIET: Duration = Duration::from_secs(120);

writes! { Iam, "iam";
    Create = "CreateAccessKey", "iam:CreateAccessKey" @ 2;
    Update = "UpdateAccessKey", "iam:UpdateAccessKey" @ 2;
    Delete = "DeleteAccessKey", "iam:DeleteAccessKey" @ 2;
    Attach = "AttachUserPolicy", "iam:AttachUserPolicy" @ 2 for BreakGlass;
    Detach = "DetachUserPolicy", "iam:DetachUserPolicy" @ 2 for BreakGlass;
    PutRole = "PutRolePolicy", "iam:PutRolePolicy" @ 2 for BreakGlass;
    DeleteRole = "DeleteRolePolicy", "iam:DeleteRolePolicy" @ 2 for BreakGlass;
}

/// What is changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Makes a second access key for a user. It is active at once; nobody has its secret but the run.
    CreateAccessKey {
        /// Whose.
        user: UserName,
        /// The keys that the user has now: what else is found afterwards is the new one.
        had: Vec<AccessKeyId>,
        /// The slot that gets the secret.
        into: Slot,
    },
    /// Activates or deactivates a key.
    SetActive {
        /// Whose.
        user: UserName,
        /// Which key.
        key: AccessKeyId,
        /// Whether it works afterwards.
        active: bool,
    },
    /// Deletes a key for ever.
    DeleteAccessKey {
        /// Whose.
        user: UserName,
        /// Which key.
        key: AccessKeyId,
    },
    /// Contains a compromise, or ends that containment.
    Contain(contain::Act),
}

/// The slot that gets the id of the key whose secret goes into `into`: no secret, but the pair is written into
/// a secret's document together, and an edit takes its texts from slots. The port fills both.
#[must_use]
pub fn id_slot(into: &Slot) -> Slot {
    Slot::new(format!("{}.id", into.name()))
}

/// One write.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the operation of its name; fields as in `Act`
pub enum Call {
    CreateAccessKey { user: UserName, had: Vec<AccessKeyId>, into: Slot },
    UpdateAccessKey { user: UserName, key: AccessKeyId, active: bool },
    DeleteAccessKey { user: UserName, key: AccessKeyId },
    Contain(contain::Write),
}

impl Act {
    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::CreateAccessKey { .. } | Act::SetActive { .. } => Risk::Ordinary,
            Act::DeleteAccessKey { .. } => Risk::Destructive,
            Act::Contain(act) => act.risk(),
        }
    }

    /// Whose the resource is, where a person may confirm by that name too.
    pub(super) fn owner(&self) -> Option<Untrusted> {
        match self {
            Act::CreateAccessKey { .. } | Act::SetActive { .. } | Act::DeleteAccessKey { .. } => None,
            Act::Contain(act) => act.owner(),
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Act::CreateAccessKey { user, .. } => user.text().clone(),
            Act::SetActive { key, .. } | Act::DeleteAccessKey { key, .. } => key.text().clone(),
            Act::Contain(act) => act.resource(),
        }
    }

    pub(super) fn sentence(&self) -> String {
        match self {
            Act::CreateAccessKey { user, .. } => {
                format!("Make a second access key for the user {}", user.shown())
            }
            Act::SetActive { user, key, active } => format!(
                "{} access key {} of {}",
                if *active { "Activate" } else { "Deactivate" },
                key.shown(),
                user.shown()
            ),
            Act::DeleteAccessKey { user, key } => {
                format!("Delete access key {} of {} for ever", key.shown(), user.shown())
            }
            Act::Contain(act) => act.sentence(),
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::CreateAccessKey { .. } => "delete the new key".into(),
            Act::SetActive { active: true, .. } => "deactivate it again".into(),
            Act::SetActive { active: false, .. } => "activate it again".into(),
            Act::DeleteAccessKey { .. } => "cannot be undone".into(),
            Act::Contain(act) => act.undo(),
        }
    }

    pub(super) fn inverse(&self, made: &[Made]) -> Option<Act> {
        match self {
            Act::CreateAccessKey { user, .. } => made.iter().find_map(|m| match &m.receipt {
                Receipt::AccessKey(key) => {
                    Some(Act::DeleteAccessKey { user: user.clone(), key: key.clone() })
                }
                _ => None,
            }),
            Act::SetActive { user, key, active } => {
                Some(Act::SetActive { user: user.clone(), key: key.clone(), active: !active })
            }
            Act::DeleteAccessKey { .. } => None,
            Act::Contain(act) => act.inverse().map(Act::Contain),
        }
    }

    pub(super) fn next(&self, made: &[Made]) -> Vec<Call> {
        if !made.is_empty() {
            return Vec::new();
        }
        vec![match self {
            Act::CreateAccessKey { user, had, into } => {
                Call::CreateAccessKey { user: user.clone(), had: had.clone(), into: into.clone() }
            }
            Act::SetActive { user, key, active } => {
                Call::UpdateAccessKey { user: user.clone(), key: key.clone(), active: *active }
            }
            Act::DeleteAccessKey { user, key } => {
                Call::DeleteAccessKey { user: user.clone(), key: key.clone() }
            }
            Act::Contain(act) => act.call(),
        }]
    }
}

impl Call {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Call::CreateAccessKey { .. } => op(Op::Create),
            Call::UpdateAccessKey { .. } => op(Op::Update),
            Call::DeleteAccessKey { .. } => op(Op::Delete),
            Call::Contain(write) => write.operation(),
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Call::CreateAccessKey { user, .. } => user.text().clone(),
            Call::UpdateAccessKey { key, .. } | Call::DeleteAccessKey { key, .. } => key.text().clone(),
            Call::Contain(write) => write.resource(),
        }
    }

    pub(super) fn cli(&self, _key: &IdempotencyKey) -> CliLine {
        match self {
            Call::CreateAccessKey { user, .. } => CliLine::new("iam create-access-key")
                .with("user-name", user.wire())
                // The answer holds the secret: it is not to be on the screen of whoever runs the line.
                .also("query", CliValue::Text("AccessKey".into()))
                .also(">", CliValue::File("NEW-KEY.json")),
            Call::UpdateAccessKey { user, key, active } => CliLine::new("iam update-access-key")
                .with("user-name", user.wire())
                .with("access-key-id", key.wire())
                .with("status", if *active { "Active" } else { "Inactive" }),
            Call::DeleteAccessKey { user, key } => CliLine::new("iam delete-access-key")
                .with("user-name", user.wire())
                .with("access-key-id", key.wire()),
            Call::Contain(write) => write.cli(),
        }
    }

    pub(super) fn needs(&self) -> Vec<Slot> {
        Vec::new()
    }

    pub(super) fn settle(&self, at: &At) -> Settle {
        match self {
            Call::CreateAccessKey { user, .. } => Settle::Look {
                query: Query { at: at.clone(), ask: ask::iam::ListAccessKeys { user: user.clone() }.ask() },
                quiet: QUIET,
            },
            // Setting what is set, and deleting what is gone (read as done by the port), change nothing.
            Call::UpdateAccessKey { .. } | Call::DeleteAccessKey { .. } => Settle::Repeat,
            Call::Contain(write) => write.settle(at),
        }
    }

    pub(super) fn verdict(&self, _key: &IdempotencyKey, answers: &[Answer]) -> Verdict {
        if let Call::Contain(write) = self {
            return write.verdict(answers);
        }
        let mut keys = Vec::new();
        for answer in answers {
            let Answer::Iam(ask::iam::Answer::ListAccessKeys(page)) = answer else { return Verdict::Unclear };
            keys.extend(page);
        }
        match self {
            Call::CreateAccessKey { had, .. } => {
                match keys.iter().filter(|k| !had.contains(&k.id)).collect::<Vec<_>>().as_slice() {
                    [] => Verdict::NotHappened,
                    // Whether this run or a colleague made it cannot be told; either way its secret is not here.
                    [key] => Verdict::Happened(Receipt::AccessKey(key.id.clone())),
                    [_, _, ..] => Verdict::Unclear,
                }
            }
            Call::UpdateAccessKey { .. } | Call::DeleteAccessKey { .. } | Call::Contain(_) => {
                Verdict::Unclear
            }
        }
    }

    pub(super) fn stand_in(&self) -> Receipt {
        match self {
            Call::CreateAccessKey { .. } => Receipt::AccessKey(AccessKeyId::new("")),
            Call::UpdateAccessKey { .. } | Call::DeleteAccessKey { .. } | Call::Contain(_) => Receipt::Done,
        }
    }
}
