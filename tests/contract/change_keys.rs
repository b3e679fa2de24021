//! Changes to keys: those of API Gateway with their usage plans, and access keys of IAM users; and the
//! questions that go with them.

use super::change_secrets::{key, without_effect};
use super::fill::changed::{PLAN, user};
use super::question::{Question, Wrong, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::apigateway::{GetApiKey, GetApiKeys, GetUsage, GetUsagePlans};
use bartizan::estate::ask::iam::{
    GetAccessKeyLastUsed, ListAccessKeys, ListUserTags, SimulatePrincipalPolicy,
};
use bartizan::estate::ask::sts::GetCallerIdentity;
use bartizan::estate::change::{apigateway as gateway, iam};
use bartizan::estate::{
    AccessKey, AccessKeyId, ApiKey, ApiKeyId, Arn, Call, Fault, FaultKind, MaterialSource, MaterialVersion,
    Receipt, Slot, UsagePlanId, UserName, Vault,
};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

const KEY: &str = "API Gateway API reference, CreateApiKey, UpdateApiKey, DeleteApiKey";
const PLANS: &str = "API Gateway API reference, CreateUsagePlanKey, DeleteUsagePlanKey, GetUsagePlans";
const ACCESS: &str = "IAM API reference, CreateAccessKey, UpdateAccessKey, DeleteAccessKey";

pub const CHANGES: &[Question] = &[
    Question { name: "key_is_made_disabled", source: KEY, needs: None, check: made },
    Question {
        name: "value_of_a_key",
        source: "API reference, GetApiKey, includeValue",
        needs: None,
        check: value,
    },
    Question {
        name: "value_of_a_key_twice",
        source: "API Gateway: ConflictException",
        needs: None,
        check: twice,
    },
    Question {
        name: "keys_by_the_beginning_of_a_name",
        source: "GetApiKeys, nameQuery",
        needs: None,
        check: by_name,
    },
    Question { name: "key_enabled_and_disabled", source: KEY, needs: None, check: enabled },
    Question { name: "key_deleted_twice", source: KEY, needs: None, check: deleted },
    Question { name: "key_in_a_plan", source: PLANS, needs: Some("plan"), check: in_plan },
    Question { name: "key_in_a_plan_twice", source: PLANS, needs: Some("plan"), check: joined_twice },
    Question { name: "key_out_of_a_plan_twice", source: PLANS, needs: Some("plan"), check: left_twice },
    Question { name: "usage_of_a_new_key", source: "GetUsage", needs: Some("plan"), check: usage },
    Question { name: "access_key_is_made", source: ACCESS, needs: Some("users"), check: second },
    Question {
        name: "third_access_key",
        source: "IAM quotas: two per user; LimitExceeded",
        needs: Some("users"),
        check: third,
    },
    Question {
        name: "access_key_deactivated_and_activated",
        source: ACCESS,
        needs: Some("users"),
        check: switched,
    },
    Question { name: "access_key_deleted_twice", source: ACCESS, needs: Some("users"), check: removed_twice },
    Question {
        name: "access_key_never_used",
        source: "GetAccessKeyLastUsed",
        needs: Some("users"),
        check: unused,
    },
    Question {
        name: "access_keys_of_a_user_that_is_not",
        source: "IAM service model: NoSuchEntity",
        needs: None,
        check: |e| refused(e.first(ListAccessKeys { user: UserName::new("nobody") }), &FaultKind::NotFound),
    },
    Question {
        name: "tags_of_a_user",
        source: "IAM API reference, ListUserTags",
        needs: Some("users"),
        check: |e| {
            same("tags", e.all(ListUserTags { user: name(0) })?, vec![("system".into(), "shop".into())])
        },
    },
    Question {
        name: "simulation_of_a_user_without_policies",
        source: "IAM API reference, SimulatePrincipalPolicy: implicitDeny",
        needs: Some("users"),
        check: simulated,
    },
];

fn vault(value: &str) -> Vault {
    let vault = Vault::default();
    vault.put(Slot::new("new"), Zeroizing::new(format!("MARK{value}swordfish0123456789").into_bytes()));
    vault
}

fn gateway(e: &Asking, call: gateway::Call, vault: &Vault) -> Result<Receipt, Fault> {
    e.apply(&Call::ApiGateway(call), &key("keys", 1), vault)
}

/// Makes a key whose value holds `name`, which no two questions share.
fn make(e: &Asking, name: &str) -> Result<ApiKeyId, Fault> {
    let call = gateway::Call::CreateApiKey {
        name: name.into(),
        value: Slot::new("new"),
        description: "made by a run".into(),
    };
    match gateway(e, call, &vault(name))? {
        Receipt::ApiKey(id) => Ok(id),
        other => panic!("it gave {other:?}"),
    }
}

fn read(e: &Asking, key: &ApiKeyId) -> Result<ApiKey, Fault> {
    e.first(GetApiKey { key: key.clone() })
}

fn made(e: &Asking) -> Result<(), Wrong> {
    let id = make(e, "made")?;
    let key = read(e, &id)?;
    same("name", key.name.wire(), "made")?;
    same("description", key.description.as_ref().map(|d| d.wire()), Some("made by a run"))?;
    holds("its value was kept", !format!("{key:?}").contains("MARK"))?;
    holds("createdDate is missing", key.created.is_some())?;
    same("enabled", key.enabled, false)
}

fn value(e: &Asking) -> Result<(), Wrong> {
    let (key, vault) = (make(e, "value")?, vault("value"));
    same("version", e.load(&MaterialSource::ApiKey { key }, "back", &vault)?, MaterialVersion::ApiKey)?;
    let [sent, back] = ["new", "back"].map(|s| vault.copy(&Slot::new(s)));
    holds("it is not the one that was sent", sent == back)
}

fn twice(e: &Asking) -> Result<(), Wrong> {
    make(e, "twice")?;
    without_effect(make(e, "twice"), &FaultKind::Conflict)
}

/// Ministack writes a key that was ever updated in a way that spoils every list that it is in.
static SPOILT_WHILE_HELD: Mutex<()> = Mutex::new(());

fn by_name(e: &Asking) -> Result<(), Wrong> {
    let _held = SPOILT_WHILE_HELD.lock().unwrap_or_else(PoisonError::into_inner);
    for name in ["prefix-one", "prefix-two", "no-prefix-one"] {
        make(e, name)?;
    }
    let found = e.all(GetApiKeys { name_prefix: Some("prefix-".into()) })?;
    let mut names: Vec<_> = found.iter().map(|k| k.name.wire()).collect();
    names.sort_unstable();
    holds("a value was kept", !format!("{found:?}").contains("MARK"))?;
    same("names", names, vec!["prefix-one", "prefix-two"])
}

fn enabled(e: &Asking) -> Result<(), Wrong> {
    let _held = SPOILT_WHILE_HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let key = make(e, "enabled")?;
    let outcome = switch_key(e, &key);
    gateway(e, gateway::Call::DeleteApiKey { key }, &Vault::default())?;
    outcome
}

fn switch_key(e: &Asking, key: &ApiKeyId) -> Result<(), Wrong> {
    for enabled in [true, true, false] {
        let call = gateway::Call::UpdateApiKey { key: key.clone(), enabled };
        same("receipt", gateway(e, call, &Vault::default())?, Receipt::Done)?;
        same("enabled", read(e, key)?.enabled, enabled)?;
    }
    Ok(())
}

fn deleted(e: &Asking) -> Result<(), Wrong> {
    let key = make(e, "deleted")?;
    let delete = || gateway(e, gateway::Call::DeleteApiKey { key: key.clone() }, &Vault::default());
    same("receipt", delete()?, Receipt::Done)?;
    refused(read(e, &key), &FaultKind::NotFound)?;
    same("receipt", delete()?, Receipt::Done)
}

fn plan(e: &Asking) -> Result<UsagePlanId, Wrong> {
    let all = e.all(GetUsagePlans { key: None })?;
    // the practice estate has plans of its own
    let plan = all.iter().find(|p| p.name.wire() == PLAN).or(all.first());
    Ok(plan.ok_or("the plan is not listed")?.id.clone())
}

/// A key of its own in the plan.
fn member(e: &Asking, name: &str) -> Result<(UsagePlanId, ApiKeyId), Wrong> {
    let (plan, key) = (plan(e)?, make(e, name)?);
    same("receipt", join(e, &plan, &key)?, Receipt::Done)?;
    Ok((plan, key))
}

fn join(e: &Asking, plan: &UsagePlanId, key: &ApiKeyId) -> Result<Receipt, Fault> {
    let call = gateway::Call::CreateUsagePlanKey { plan: plan.clone(), key: key.clone() };
    gateway(e, call, &Vault::default())
}

fn plans_of(e: &Asking, key: &ApiKeyId) -> Result<Vec<UsagePlanId>, Fault> {
    Ok(e.all(GetUsagePlans { key: Some(key.clone()) })?.into_iter().map(|p| p.id).collect())
}

fn in_plan(e: &Asking) -> Result<(), Wrong> {
    let outside = make(e, "outside")?;
    let (plan, key) = member(e, "inside")?;
    same("plans of the one inside", plans_of(e, &key)?, vec![plan])?;
    same("plans of the one outside", plans_of(e, &outside)?, vec![])
}

fn joined_twice(e: &Asking) -> Result<(), Wrong> {
    let (plan, key) = member(e, "joined-twice")?;
    same("receipt", join(e, &plan, &key)?, Receipt::Done)
}

fn left_twice(e: &Asking) -> Result<(), Wrong> {
    let (plan, key) = member(e, "left-twice")?;
    let leave = || {
        let call = gateway::Call::DeleteUsagePlanKey { plan: plan.clone(), key: key.clone() };
        gateway(e, call, &Vault::default())
    };
    same("receipt", leave()?, Receipt::Done)?;
    same("receipt", leave()?, Receipt::Done)
}

fn usage(e: &Asking) -> Result<(), Wrong> {
    let (plan, key) = member(e, "usage")?;
    let day = || e.now().strftime("%Y-%m-%d").to_string().into();
    let usage = e.first(GetUsage { plan, key, from: day(), to: day() })?;
    holds(format!("it is {usage:?}"), usage.per_day.len() < 2 && usage.per_day.iter().all(|n| *n == 0))
}

fn name(n: usize) -> UserName {
    UserName::new(user(n))
}

fn keys(e: &Asking, n: usize) -> Result<Vec<AccessKey>, Fault> {
    e.all(ListAccessKeys { user: name(n) })
}

fn access(e: &Asking, call: iam::Call, vault: &Vault) -> Result<Receipt, Fault> {
    e.apply(&Call::Iam(call), &key("access", 1), vault)
}

fn another(e: &Asking, n: usize, vault: &Vault) -> Result<Receipt, Fault> {
    let had = keys(e, n)?.into_iter().map(|k| k.id).collect();
    access(e, iam::Call::CreateAccessKey { user: name(n), had, into: Slot::new("made") }, vault)
}

fn second(e: &Asking) -> Result<(), Wrong> {
    let (before, vault) = (keys(e, 1)?, Vault::default());
    let Receipt::AccessKey(id) = another(e, 1, &vault)? else { return Err("that is no key".into()) };
    holds("its secret is not in its slot", vault.len_of(&Slot::new("made")).is_some_and(|n| n > 20))?;
    let after = keys(e, 1)?;
    same("keys", (before.len(), after.len()), (1, 2))?;
    let new = after.iter().find(|k| k.id == id).ok_or("it is not listed")?;
    same("key", (new.active, &new.user, new.created.is_some()), (true, &name(1), true))
}

fn third(e: &Asking) -> Result<(), Wrong> {
    let vault = Vault::default();
    another(e, 2, &Vault::default())?;
    without_effect(another(e, 2, &vault), &FaultKind::Conflict)?;
    holds("a secret is in the slot", !vault.holds(&Slot::new("made")))
}

fn switched(e: &Asking) -> Result<(), Wrong> {
    let key = only(e, 3)?;
    for active in [false, false, true] {
        let call = iam::Call::UpdateAccessKey { user: name(3), key: key.clone(), active };
        same("receipt", access(e, call, &Vault::default())?, Receipt::Done)?;
        same("active", keys(e, 3)?.first().map(|k| k.active), Some(active))?;
    }
    Ok(())
}

fn only(e: &Asking, n: usize) -> Result<AccessKeyId, Wrong> {
    match keys(e, n)?.as_slice() {
        [one] => Ok(one.id.clone()),
        all => Err(format!("it has {} keys", all.len()).into()),
    }
}

fn removed_twice(e: &Asking) -> Result<(), Wrong> {
    let key = only(e, 4)?;
    let delete = || {
        let call = iam::Call::DeleteAccessKey { user: name(4), key: key.clone() };
        access(e, call, &Vault::default())
    };
    same("receipt", delete()?, Receipt::Done)?;
    same("keys", keys(e, 4)?, vec![])?;
    same("receipt", delete()?, Receipt::Done)
}

fn unused(e: &Asking) -> Result<(), Wrong> {
    let key = only(e, 5)?;
    let last = e.first(GetAccessKeyLastUsed { key })?;
    same("user", last.user, Some(name(5)))?;
    same("last use", (last.at, last.service.wire(), last.region.wire()), (None, "N/A", "N/A"))
}

fn simulated(e: &Asking) -> Result<(), Wrong> {
    let account = e.first(GetCallerIdentity {})?.account;
    let principal = Arn::new(format!("arn:aws:iam::{account}:user/{}", user(6)));
    let resources = ["arn:aws:sqs:eu-central-1:123456789012:a", "arn:aws:sqs:eu-central-1:123456789012:b"];
    let found = e.all(SimulatePrincipalPolicy {
        principal,
        actions: vec!["sqs:SendMessage".into(), "sqs:PurgeQueue".into()],
        resources: resources.map(Into::into).to_vec(),
    })?;
    same("allowed", found.iter().filter(|s| s.allowed).count(), 0)?;
    same("results", found.len(), 4)
}
