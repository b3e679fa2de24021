//! Changes to API Gateway's keys. A new key is made disabled and named after the run: it admits nobody, and
//! its value can be read back, so that no crash can lose it. There is no compare-and-swap: a run looks
//! before each write. Source: API Gateway API reference, `CreateApiKey`, `UpdateApiKey`, `DeleteApiKey`,
//! `CreateUsagePlanKey`, `DeleteUsagePlanKey`.

use super::{CliLine, CliValue, IdempotencyKey, Made, Purpose, Receipt, Risk, Settle, Verdict, writes};
use crate::estate::ask::{self, Answer, Asks, Operation, Query};
use crate::estate::at::At;
use crate::estate::names::{ApiKeyId, UsagePlanId};
use crate::estate::untrusted::Untrusted;
use crate::estate::vault::Slot;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A key that does not show for this long after its intent was not made: a figure of ours, for AWS names none.
const QUIET: Duration = Duration::from_secs(60);

writes! { ApiGateway, "apigateway";
    // "Amazon API Gateway quotas": CreateApiKey 5 a second an account, the rest within 10 in sum.
    Create = "CreateApiKey", "apigateway:POST" @ 2;
    Update = "UpdateApiKey", "apigateway:PATCH" @ 2;
    Delete = "DeleteApiKey", "apigateway:DELETE" @ 2;
    Join = "CreateUsagePlanKey", "apigateway:POST" @ 2;
    Leave = "DeleteUsagePlanKey", "apigateway:DELETE" @ 2;
}

/// What is changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Makes a key, disabled.
    CreateKey {
        /// Its name, which carries the run.
        name: Untrusted,
        /// The slot of its value.
        value: Slot,
        /// What it is for, for people.
        description: Untrusted,
    },
    /// Adds a key to usage plans.
    JoinPlans {
        /// Which key.
        key: ApiKeyId,
        /// Which plans.
        plans: Vec<UsagePlanId>,
    },
    /// Takes a key out of usage plans.
    LeavePlans {
        /// Which key.
        key: ApiKeyId,
        /// Which plans.
        plans: Vec<UsagePlanId>,
    },
    /// Enables or disables a key; takes about ten seconds to reach every gateway.
    SetEnabled {
        /// Which key.
        key: ApiKeyId,
        /// Its name, for people.
        name: Untrusted,
        /// Whether it admits afterwards.
        enabled: bool,
        /// What it is made for.
        #[serde(default, skip_serializing_if = "Purpose::is_routine")]
        purpose: Purpose,
    },
    /// Deletes a key for ever.
    DeleteKey {
        /// Which key.
        key: ApiKeyId,
        /// Its name, for people.
        name: Untrusted,
    },
}

/// One write.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the operation of its name; fields as in `Act`
pub enum Call {
    CreateApiKey { name: Untrusted, value: Slot, description: Untrusted },
    UpdateApiKey { key: ApiKeyId, enabled: bool },
    DeleteApiKey { key: ApiKeyId },
    CreateUsagePlanKey { plan: UsagePlanId, key: ApiKeyId },
    DeleteUsagePlanKey { plan: UsagePlanId, key: ApiKeyId },
}

impl Act {
    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::CreateKey { .. } | Act::JoinPlans { .. } | Act::LeavePlans { .. } => Risk::Ordinary,
            Act::SetEnabled { purpose, .. } => purpose.risk(),
            Act::DeleteKey { .. } => Risk::Destructive,
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Act::CreateKey { name, .. } => name.clone(),
            Act::JoinPlans { key, .. }
            | Act::LeavePlans { key, .. }
            | Act::SetEnabled { key, .. }
            | Act::DeleteKey { key, .. } => key.text().clone(),
        }
    }

    /// The name that a key is called by, where taking it away is confirmed by that as well.
    pub(super) fn owner(&self) -> Option<Untrusted> {
        match self {
            Act::SetEnabled { name, purpose, .. } if !purpose.is_routine() => Some(name.clone()),
            Act::SetEnabled { .. }
            | Act::CreateKey { .. }
            | Act::JoinPlans { .. }
            | Act::LeavePlans { .. }
            | Act::DeleteKey { .. } => None,
        }
    }

    pub(super) fn sentence(&self) -> String {
        let plans = |plans: &[UsagePlanId]| {
            let names: Vec<String> = plans.iter().map(|p| p.shown().to_string()).collect();
            names.join(", ")
        };
        match self {
            Act::CreateKey { name, .. } => {
                format!("Make the API key {}, disabled: it admits nobody yet", name.shown())
            }
            Act::JoinPlans { key, plans: p } => {
                format!("Add API key {} to the usage plans {}", key.shown(), plans(p))
            }
            Act::LeavePlans { key, plans: p } => {
                format!("Take API key {} out of the usage plans {}", key.shown(), plans(p))
            }
            Act::SetEnabled { key, name, enabled: true, .. } => {
                format!("Enable API key {} ({})", key.shown(), name.shown())
            }
            Act::SetEnabled { key, name, enabled: false, .. } => {
                format!("Disable API key {} ({}): its callers get 403", key.shown(), name.shown())
            }
            Act::DeleteKey { key, name } => {
                format!("Delete API key {} ({}) for ever", key.shown(), name.shown())
            }
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::CreateKey { .. } => "delete the key, which nobody uses yet".into(),
            Act::JoinPlans { .. } => "take it out of the plans again".into(),
            Act::LeavePlans { .. } => "add it to the plans again".into(),
            Act::SetEnabled { enabled: true, .. } => "disable it again".into(),
            Act::SetEnabled { enabled: false, .. } => "enable it again".into(),
            Act::DeleteKey { .. } => "cannot be undone".into(),
        }
    }

    pub(super) fn inverse(&self, made: &[Made]) -> Option<Act> {
        match self {
            Act::CreateKey { name, .. } => made.iter().find_map(|m| match &m.receipt {
                Receipt::ApiKey(key) => Some(Act::DeleteKey { key: key.clone(), name: name.clone() }),
                _ => None,
            }),
            Act::JoinPlans { key, .. } => Some(Act::LeavePlans { key: key.clone(), plans: plans_of(made) }),
            Act::LeavePlans { key, .. } => Some(Act::JoinPlans { key: key.clone(), plans: plans_of(made) }),
            Act::SetEnabled { key, name, enabled, purpose } => Some(Act::SetEnabled {
                key: key.clone(),
                name: name.clone(),
                enabled: !enabled,
                purpose: purpose.back(),
            }),
            Act::DeleteKey { .. } => None,
        }
    }

    pub(super) fn next(&self, made: &[Made]) -> Vec<Call> {
        let all: Vec<Call> = match self {
            Act::CreateKey { name, value, description } => vec![Call::CreateApiKey {
                name: name.clone(),
                value: value.clone(),
                description: description.clone(),
            }],
            Act::JoinPlans { key, plans } => plans
                .iter()
                .map(|plan| Call::CreateUsagePlanKey { plan: plan.clone(), key: key.clone() })
                .collect(),
            Act::LeavePlans { key, plans } => plans
                .iter()
                .map(|plan| Call::DeleteUsagePlanKey { plan: plan.clone(), key: key.clone() })
                .collect(),
            Act::SetEnabled { key, enabled, .. } => {
                vec![Call::UpdateApiKey { key: key.clone(), enabled: *enabled }]
            }
            Act::DeleteKey { key, .. } => vec![Call::DeleteApiKey { key: key.clone() }],
        };
        let done =
            |call: &Call| made.iter().any(|m| matches!(&m.call, super::Call::ApiGateway(c) if c == call));
        all.into_iter().filter(|call| !done(call)).collect()
    }
}

/// The plans that were really joined or left.
fn plans_of(made: &[Made]) -> Vec<UsagePlanId> {
    made.iter()
        .filter_map(|m| match &m.call {
            super::Call::ApiGateway(
                Call::CreateUsagePlanKey { plan, .. } | Call::DeleteUsagePlanKey { plan, .. },
            ) => Some(plan.clone()),
            _ => None,
        })
        .collect()
}

impl Call {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Call::CreateApiKey { .. } => op(Op::Create),
            Call::UpdateApiKey { .. } => op(Op::Update),
            Call::DeleteApiKey { .. } => op(Op::Delete),
            Call::CreateUsagePlanKey { .. } => op(Op::Join),
            Call::DeleteUsagePlanKey { .. } => op(Op::Leave),
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Call::CreateApiKey { name, .. } => name.clone(),
            Call::UpdateApiKey { key, .. }
            | Call::DeleteApiKey { key }
            | Call::CreateUsagePlanKey { key, .. }
            | Call::DeleteUsagePlanKey { key, .. } => key.text().clone(),
        }
    }

    pub(super) fn cli(&self, _key: &IdempotencyKey) -> CliLine {
        match self {
            Call::CreateApiKey { name, description, .. } => CliLine::new("apigateway create-api-key")
                .with("name", name.wire())
                .with("description", description.wire())
                .also("no-enabled", CliValue::Flag)
                .also("value", CliValue::Secret("NEW-VALUE")),
            Call::UpdateApiKey { key, enabled } => CliLine::new("apigateway update-api-key")
                .with("api-key", key.wire())
                .with("patch-operations", format!("op=replace,path=/enabled,value={enabled}")),
            Call::DeleteApiKey { key } => {
                CliLine::new("apigateway delete-api-key").with("api-key", key.wire())
            }
            Call::CreateUsagePlanKey { plan, key } => CliLine::new("apigateway create-usage-plan-key")
                .with("usage-plan-id", plan.wire())
                .with("key-id", key.wire())
                .with("key-type", "API_KEY"),
            Call::DeleteUsagePlanKey { plan, key } => CliLine::new("apigateway delete-usage-plan-key")
                .with("usage-plan-id", plan.wire())
                .with("key-id", key.wire()),
        }
    }

    pub(super) fn needs(&self) -> Vec<Slot> {
        match self {
            Call::CreateApiKey { value, .. } => vec![value.clone()],
            Call::UpdateApiKey { .. }
            | Call::DeleteApiKey { .. }
            | Call::CreateUsagePlanKey { .. }
            | Call::DeleteUsagePlanKey { .. } => Vec::new(),
        }
    }

    pub(super) fn settle(&self, at: &At) -> Settle {
        let look = |ask: ask::Ask| Settle::Look { query: Query { at: at.clone(), ask }, quiet: QUIET };
        match self {
            Call::CreateApiKey { name, .. } => {
                look(ask::apigateway::GetApiKeys { name_prefix: Some(name.clone()) }.ask())
            }
            Call::CreateUsagePlanKey { key, .. } | Call::DeleteUsagePlanKey { key, .. } => {
                look(ask::apigateway::GetUsagePlans { key: Some(key.clone()) }.ask())
            }
            // Setting what is set already, and deleting what is gone (404, which the port reads as done),
            // change nothing.
            Call::UpdateApiKey { .. } | Call::DeleteApiKey { .. } => Settle::Repeat,
        }
    }

    pub(super) fn verdict(&self, _key: &IdempotencyKey, answers: &[Answer]) -> Verdict {
        let mut keys = Vec::new();
        let mut plans = Vec::new();
        for answer in answers {
            match answer {
                Answer::ApiGateway(ask::apigateway::Answer::GetApiKeys(page)) => keys.extend(page),
                Answer::ApiGateway(ask::apigateway::Answer::GetUsagePlans(page)) => plans.extend(page),
                _ => return Verdict::Unclear,
            }
        }
        let happened = |yes: bool| if yes { Verdict::Happened(Receipt::Done) } else { Verdict::NotHappened };
        match self {
            // `nameQuery` is a prefix: the name must match exactly, and a run's name is on one key only.
            Call::CreateApiKey { name, .. } => {
                match keys.iter().filter(|k| k.name == *name).collect::<Vec<_>>().as_slice() {
                    [] => Verdict::NotHappened,
                    [key] => Verdict::Happened(Receipt::ApiKey(key.id.clone())),
                    [_, _, ..] => Verdict::Unclear,
                }
            }
            Call::CreateUsagePlanKey { plan, .. } => happened(plans.iter().any(|p| p.id == *plan)),
            Call::DeleteUsagePlanKey { plan, .. } => happened(!plans.iter().any(|p| p.id == *plan)),
            Call::UpdateApiKey { .. } | Call::DeleteApiKey { .. } => Verdict::Unclear,
        }
    }

    pub(super) fn stand_in(&self) -> Receipt {
        match self {
            Call::CreateApiKey { .. } => Receipt::ApiKey(ApiKeyId::new("")),
            Call::UpdateApiKey { .. }
            | Call::DeleteApiKey { .. }
            | Call::CreateUsagePlanKey { .. }
            | Call::DeleteUsagePlanKey { .. } => Receipt::Done,
        }
    }
}
