//! Gateways: keys, plans, canaries, and clients who move.

use super::*;
use crate::estate::ask::secretsmanager::ListSecrets;

const VALUE: &str = "aNewKeyOfThirtyCharactersOrSo1";

fn enable(key: &ApiKeyId, enabled: bool) -> Call {
    gateway(api_call::Call::UpdateApiKey { key: key.clone(), enabled })
}

fn join(plan: &UsagePlanId, key: &ApiKeyId) -> Call {
    gateway(api_call::Call::CreateUsagePlanKey { plan: plan.clone(), key: key.clone() })
}

fn leave(plan: &UsagePlanId, key: &ApiKeyId) -> Call {
    gateway(api_call::Call::DeleteUsagePlanKey { plan: plan.clone(), key: key.clone() })
}

/// Requests of `key` by day over all its plans, from the `back`-th day before the clock's on.
fn used(p: &Practice, clock: &Still, key: &ApiKeyId, back: i64) -> Vec<u64> {
    let day = |t: Timestamp| Untrusted::from(t.to_string()[..10].to_owned());
    let (from, to) = (day(plus_seconds(clock.now(), -back * 86_400)), day(clock.now()));
    let mut sum: Vec<u64> = Vec::new();
    for plan in plans_of(p, key) {
        let ask = apigateway::GetUsage { plan, key: key.clone(), from: from.clone(), to: to.clone() };
        let usage = one(p, ask).unwrap();
        sum.resize(usage.per_day.len(), 0);
        sum.iter_mut().zip(usage.per_day).for_each(|(s, n)| *s += n);
    }
    sum
}

/// Old's value in `old`, the new one in `new`, both made known to gateway and function.
fn rotated(p: &Practice, clock: &Still, vault: &Vault) -> ApiKeyId {
    put(vault, "new", VALUE);
    load(p, &MaterialSource::ApiKey { key: ApiKeyId::new(OLD) }, "old", vault).unwrap();
    let key = made(apply(p, &create_key("bartizan-7f3a0b1c", "new"), 1, vault));
    edit_environment(p, HANDLER, insert("/API_KEYS", "new", "old"), vault).unwrap();
    clock.go(20);
    for plan in plans_of(p, &ApiKeyId::new(OLD)) {
        apply(p, &join(&plan, &key), 1, vault).unwrap();
    }
    apply(p, &enable(&key, true), 1, vault).unwrap();
    key
}

#[test]
fn a_key_is_what_it_is_said_to_be() {
    let (p, clock) = calm(1);
    let old = one(&p, apigateway::GetApiKey { key: ApiKeyId::new(OLD) }).unwrap();
    let age = clock.now().duration_since(old.created.unwrap()).as_hours() / 24;
    assert_eq!((old.name.wire(), old.enabled, age), ("logapi-partner", true, 97));
    let names: Vec<String> = all(&p, apigateway::GetUsagePlans { key: Some(old.id.clone()) })
        .into_iter()
        .map(|plan| plan.name.wire().to_owned())
        .collect();
    assert_eq!(names, ["internal", "partner"]);
    let all_of = |prefix: Option<&str>| {
        let ask = apigateway::GetApiKeys { name_prefix: prefix.map(Into::into) };
        all(&p, ask).len()
    };
    assert_eq!((all_of(None), all_of(Some("logapi-p")), all_of(Some("partner"))), (2, 1, 0));
    // the same value is in the gateway, first in the function's list, and in the secret
    let vault = Vault::default();
    load(&p, &MaterialSource::ApiKey { key: old.id.clone() }, "old", &vault).unwrap();
    environment(&p, HANDLER, &vault).unwrap();
    let value = held(&vault, "old");
    assert!(value.starts_with("practice") && value.len() == 40);
    assert!(held(&vault, "environment").contains(&format!("\"API_KEYS\":\"{value},practice")));
    assert!(current(&p, &arn_of(&p, "logapi/api-key")).contains(&value));
    assert!(!format!("{old:?}").contains(&value));
}

#[test]
fn a_key_that_is_made_admits_nobody_and_is_found_by_its_name() {
    let (p, _) = calm(1);
    let vault = Vault::default();
    put(&vault, "new", VALUE);
    for (value, good) in [("x".repeat(19), false), ("y".repeat(129), false), ("z".repeat(20), true)] {
        put(&vault, "it", &value);
        let outcome = apply(&p, &create_key("lengths", "it"), 1, &vault);
        assert_eq!(outcome.is_ok(), good, "{}", value.len());
        assert!(good || outcome.unwrap_err().kind == FaultKind::Invalid);
    }
    let key = made(apply(&p, &create_key("bartizan-7f3a0b1c", "new"), 1, &vault));
    let fault = apply(&p, &create_key("bartizan-7f3a0b1c", "new"), 1, &vault).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict, "the value is taken: a lost answer is told by it");
    put(&vault, "other", "anotherValueOfThirtyCharacters");
    let twin = made(apply(&p, &create_key("bartizan-7f3a0b1c", "other"), 1, &vault));
    let found = all(&p, apigateway::GetApiKeys { name_prefix: Some("bartizan-7f3a0b1c".into()) });
    assert_eq!(found.len(), 2, "names are not unique");
    assert!(found.iter().all(|k| !k.enabled && plans_of(&p, &k.id).is_empty()));
    load(&p, &MaterialSource::ApiKey { key: key.clone() }, "back", &vault).unwrap();
    assert_eq!(held(&vault, "back"), VALUE);
    // deleting twice is done twice
    let delete = gateway(api_call::Call::DeleteApiKey { key: twin.clone() });
    assert_eq!(apply(&p, &delete, 1, &vault).unwrap(), Receipt::Done);
    assert_eq!(apply(&p, &delete, 1, &vault).unwrap(), Receipt::Done);
    assert_eq!(one(&p, apigateway::GetApiKey { key: twin.clone() }).unwrap_err().kind, FaultKind::NotFound);
    assert_eq!(kind(apply(&p, &enable(&twin, true), 1, &vault)), FaultKind::NotFound);
    assert!(apply(&p, &create_key("again", "other"), 1, &vault).is_ok(), "the value is free again");
}

#[test]
fn a_key_is_in_a_plan_once() {
    let (p, _) = calm(1);
    let vault = Vault::default();
    put(&vault, "new", VALUE);
    let key = made(apply(&p, &create_key("k", "new"), 1, &vault));
    let [internal, partner] = plans_of(&p, &ApiKeyId::new(OLD)).try_into().unwrap();
    for plan in [&internal, &partner] {
        apply(&p, &join(plan, &key), 1, &vault).unwrap();
        assert_eq!(kind(apply(&p, &join(plan, &key), 1, &vault)), FaultKind::Conflict);
    }
    assert_eq!(plans_of(&p, &key).len(), 2);
    apply(&p, &leave(&partner, &key), 1, &vault).unwrap();
    assert_eq!(kind(apply(&p, &leave(&partner, &key), 1, &vault)), FaultKind::NotFound);
    assert_eq!(plans_of(&p, &key), std::slice::from_ref(&internal));
    let none = UsagePlanId::new("none");
    assert_eq!(kind(apply(&p, &join(&none, &key), 1, &vault)), FaultKind::NotFound);
    assert_eq!(kind(apply(&p, &join(&partner, &ApiKeyId::new("none")), 1, &vault)), FaultKind::NotFound);
}

#[test]
fn gateway_and_function_both_look_at_the_key() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    put(&vault, "new", VALUE);
    load(&p, &MaterialSource::ApiKey { key: ApiKeyId::new(OLD) }, "old", &vault).unwrap();
    let status = |key| canary(&p, CANARY, key, &vault).unwrap();
    assert_eq!((status("old"), status("new")), (200, 403));
    let key = made(apply(&p, &create_key("bartizan-7f3a0b1c", "new"), 1, &vault));
    for plan in plans_of(&p, &ApiKeyId::new(OLD)) {
        apply(&p, &join(&plan, &key), 1, &vault).unwrap();
    }
    clock.go(20);
    assert_eq!(status("new"), 403, "it is disabled");
    apply(&p, &enable(&key, true), 1, &vault).unwrap();
    assert_eq!(status("new"), 403, "not every gateway knows yet");
    clock.go(10);
    assert_eq!(status("new"), 401, "the function does not know it");
    edit_environment(&p, HANDLER, insert("/API_KEYS", "new", "old"), &vault).unwrap();
    assert_eq!(status("new"), 401, "calls run on the old configuration until the update is through");
    clock.go(20);
    assert_eq!((status("old"), status("new")), (200, 200));
    apply(&p, &enable(&ApiKeyId::new(OLD), false), 1, &vault).unwrap();
    assert_eq!(status("old"), 200);
    clock.go(10);
    assert_eq!((status("old"), status("new")), (403, 200));
    apply(&p, &enable(&ApiKeyId::new(OLD), true), 1, &vault).unwrap();
    edit_environment(&p, HANDLER, remove("/API_KEYS", "old"), &vault).unwrap();
    clock.go(20);
    assert_eq!(status("old"), 401);
    // a key that is in no plan, another stage, another host, no key at all
    for plan in plans_of(&p, &key) {
        apply(&p, &leave(&plan, &key), 1, &vault).unwrap();
    }
    clock.go(10);
    assert_eq!(status("new"), 403);
    let stage = CANARY.replace("/prod/", "/none/");
    assert_eq!(canary(&p, &stage, "old", &vault).unwrap(), 403);
    let host = CANARY.replace("q7w2m5k9ra", "zzzzzzzzzz");
    assert_eq!(canary(&p, &host, "old", &vault).unwrap_err().kind, FaultKind::Unreachable);
    assert_eq!(canary(&p, "http://q7w2m5k9ra", "old", &vault).unwrap_err().kind, FaultKind::Invalid);
    assert_eq!(canary(&p, CANARY, "empty", &vault).unwrap_err().kind, FaultKind::Invalid);
    // an API that leaves it all to the function, called by an alias
    let open = "https://m3n8b4v6tz.execute-api.us-east-1.amazonaws.com/prod/health";
    assert_eq!(canary(&p, open, "new", &vault).unwrap(), 401);
    let from = MaterialSource::Environment {
        function: FunctionName::new("mongo-api-prod-authorizer"),
        version: Some(FunctionVersion::new("7")),
    };
    load(&p, &from, "environment", &vault).unwrap();
    let map: std::collections::BTreeMap<String, String> =
        serde_json::from_str(&held(&vault, "environment")).unwrap();
    put(&vault, "web", map["API_KEYS"].split(',').next_back().unwrap().trim());
    assert_eq!(canary(&p, open, "web", &vault).unwrap(), 200);
}

#[test]
fn clients_move_to_a_key_that_works_within_six_days() {
    let (p, clock) = calm(1);
    let (vault, old) = (Vault::default(), ApiKeyId::new(OLD));
    let steady = used(&p, &clock, &old, 5);
    assert!(steady[..5].iter().all(|n| (3_500..5_700).contains(n)), "{steady:?}");
    let key = rotated(&p, &clock, &vault);
    clock.go(9 * 86_400);
    let fall = used(&p, &clock, &old, 8);
    assert!(fall[0] > 1_000 && fall[3] < fall[0] && fall[5] > 0 && fall[5] <= 8, "{fall:?}");
    assert_eq!(fall[6..], [0, 0, 0], "{fall:?}");
    assert!(used(&p, &clock, &key, 1)[0] > 3_500);
    // a canary of old is a use of old, on its day
    assert_eq!(canary(&p, CANARY, "old", &vault).unwrap(), 200);
    assert_eq!(used(&p, &clock, &old, 1), [0, 1]);
}

#[test]
fn clients_go_back_when_the_new_key_is_taken_away() {
    let (p, clock) = calm(1);
    let (vault, old) = (Vault::default(), ApiKeyId::new(OLD));
    let key = rotated(&p, &clock, &vault);
    clock.go(2 * 86_400);
    apply(&p, &gateway(api_call::Call::DeleteApiKey { key }), 1, &vault).unwrap();
    clock.go(10 * 86_400);
    let back = used(&p, &clock, &old, 3);
    assert!(back[..3].iter().all(|n| (3_500..5_700).contains(n)), "{back:?}");
    // and a key that is disabled is used by nobody until it is enabled again
    apply(&p, &enable(&old, false), 1, &vault).unwrap();
    clock.go(3 * 86_400);
    assert_eq!(used(&p, &clock, &old, 1), [0, 0]);
    apply(&p, &enable(&old, true), 1, &vault).unwrap();
    clock.go(2 * 86_400);
    assert!(used(&p, &clock, &old, 1)[0] > 3_500);
}

#[test]
fn usage_is_asked_for_by_days_that_are_days() {
    let (p, _) = calm(1);
    let ask = |from: &str, to: &str| {
        let plan = UsagePlanId::new("pa7rt1");
        let ask = apigateway::GetUsage { plan, key: ApiKeyId::new(OLD), from: from.into(), to: to.into() };
        one(&p, ask)
    };
    assert_eq!(ask("2026-11-01", "2026-11-03").unwrap().per_day.len(), 3);
    for (from, to) in [("2026-11-03", "2026-11-01"), ("2026-02-01", "2026-11-01"), ("today", "2026-11-01")] {
        assert_eq!(ask(from, to).unwrap_err().kind, FaultKind::Invalid, "{from}");
    }
    let plan = UsagePlanId::new("pa7rt1");
    let key = ApiKeyId::new("none");
    let ask = apigateway::GetUsage { plan, key, from: "2026-11-01".into(), to: "2026-11-02".into() };
    assert!(one(&p, ask).unwrap().per_day.is_empty());
    assert!(!all(&p, ListSecrets {}).is_empty());
    let page =
        fetch_at(&p, "eu-central-1", apigateway::GetApiKeys { name_prefix: None }.ask(), None).unwrap();
    assert!(apigateway::GetApiKeys::open(page.answer).unwrap().is_empty());
}
