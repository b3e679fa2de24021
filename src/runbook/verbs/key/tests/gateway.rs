//! The gateway's verbs: what they look at before each write, for there is no compare-and-swap.

use super::{bench, gateway_page, missing, refusal};
use crate::estate::ask::apigateway::{Answer, Ask as GatewayAsk};
use crate::estate::change::apigateway::Act as GatewayAct;
use crate::estate::*;
use crate::runbook::need::{Fact, Need, Proposal, Want};
use crate::runbook::testing::{Answers, World};
use crate::runbook::verb::Verb;
use crate::runbook::verbs::gateway::{create, delete, disable, enable};
use crate::runbook::verbs::key::preconditions::Preconditions;

fn key(id: &str, name: &str, enabled: bool, description: &str) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(id),
        name: name.into(),
        description: Some(description.into()),
        enabled,
        created: None,
        updated: None,
        tags: Vec::new(),
    }
}

/// These keys; `k1` in plans p1 and p2, `k2` in p1.
fn world(keys: Vec<ApiKey>) -> Answers<impl FnMut(&Want) -> Fact> {
    Answers(move |want: &Want| {
        let Ask::ApiGateway(ask) = super::asked(want) else { panic!("{want:?}") };
        match ask {
            GatewayAsk::GetApiKeys(q) => {
                let begins =
                    |k: &&ApiKey| q.name_prefix.as_ref().is_none_or(|p| k.name.wire().starts_with(p.wire()));
                gateway_page(Answer::GetApiKeys(keys.iter().filter(begins).cloned().collect()))
            }
            GatewayAsk::GetApiKey(q) => match keys.iter().find(|k| k.id == q.key) {
                Some(key) => gateway_page(Answer::GetApiKey(key.clone())),
                None => missing("apigateway:GetApiKey"),
            },
            GatewayAsk::GetUsagePlans(q) => {
                let plan = |id: &str| UsagePlan { id: UsagePlanId::new(id), name: id.into() };
                let plans = match q.key.as_ref().map(ApiKeyId::wire) {
                    Some("k1") => vec![plan("p1"), plan("p2")],
                    Some("k2") => vec![plan("p1")],
                    Some(_) | None => Vec::new(),
                };
                gateway_page(Answer::GetUsagePlans(plans))
            }
            GatewayAsk::GetUsage(_) => gateway_page(Answer::GetUsage(KeyUsage { per_day: vec![0, 3] })),
            GatewayAsk::GetRestApis(_) | GatewayAsk::GetStages(_) => panic!("no verb asks {want:?}"),
        }
    })
}

fn proposed(verb: &dyn Verb, parameters: &[(&str, &str)], world: &mut impl World) -> Proposal {
    match bench(parameters).next(verb, world) {
        Err(Need::Consent(proposal)) => *proposal,
        other => panic!("nothing is proposed: {other:?}"),
    }
}

#[test]
fn another_run_that_replaces_the_same_key_stops_this_one() {
    for (description, refused) in [
        ("replaces k1; made by bartizan, run 00000001", true),
        ("replaces k12; made by bartizan, run 00000001", false),
        ("made by hand", false),
    ] {
        let keys = vec![key("k1", "old", true, ""), key("k9", "bartizan-00000001", true, description)];
        let mut bench = bench(&[("store", "api-gateway"), ("old", "k1")]);
        let said = bench.go(&Preconditions, &mut world(keys));
        match refused {
            true => assert!(refusal(said).contains("another run replaces this key"), "{description}"),
            false => assert!(said.is_ok(), "{description}: {said:?}"),
        }
    }
}

#[test]
fn a_key_of_this_runs_name_is_taken_over_and_never_made_twice() {
    let named = key("k2", "bartizan-7f3a0b1c", false, "replaces k1");
    let other = key("k3", "bartizan-7f3a0b1c-other", false, "the prefix of a name is no name");
    let mut keys = world(vec![key("k1", "old", true, ""), other, named]);
    let mut there = Answers(move |want: &Want| match want {
        Want::Pages(_) => (keys.0)(want),
        Want::Load { .. } => Fact::Loaded(Ok(super::seen(MaterialVersion::ApiKey, super::beginning()))),
        Want::Print(_) => Fact::Print(None),
        other => panic!("{other:?}"),
    });
    let done = bench(&[("old", "k1")]).go(&create::Create, &mut there).unwrap();
    assert_eq!(done.outputs["key"], super::text("k2"));
}

#[test]
fn the_new_key_joins_what_is_missing_and_is_enabled() {
    let with = &[("key", "k2"), ("old", "k1")];
    let mut keys = world(vec![key("k1", "old", true, ""), key("k2", "new", false, "")]);
    let proposal = proposed(&enable::Enable, with, &mut keys);
    let acts: Vec<_> = proposal.changes.iter().map(|c| c.act.clone()).collect();
    let id = ApiKeyId::new("k2");
    let join = GatewayAct::JoinPlans { key: id.clone(), plans: vec![UsagePlanId::new("p2")] };
    let on = GatewayAct::SetEnabled {
        key: id,
        name: "new".into(),
        enabled: true,
        purpose: crate::estate::change::Purpose::Routine,
    };
    assert_eq!(acts, [Act::ApiGateway(join), Act::ApiGateway(on)]);

    let only = &[("key", "k2"), ("old", "k1"), ("usage_plan", "p1")];
    assert_eq!(proposed(&enable::Enable, only, &mut keys).changes.len(), 1, "p1 is joined already");
    let none = &[("key", "k2"), ("old", "k1"), ("usage_plan", "p7")];
    let why = refusal(bench(none).next(&enable::Enable, &mut keys));
    assert!(why.contains("it is in p1, p2"), "{why}");
}

#[test]
fn the_old_key_is_only_disabled_while_the_new_one_works_and_only_deleted_when_disabled() {
    let with = &[("old", "k1"), ("new_key", "k2")];
    let mut off = world(vec![key("k1", "old", true, ""), key("k2", "new", false, "")]);
    let why = refusal(bench(with).next(&disable::Disable, &mut off));
    assert!(why.contains("the new key k2 is disabled"), "{why}");

    let mut on = world(vec![key("k1", "old", true, ""), key("k2", "new", true, "")]);
    let proposal = proposed(&disable::Disable, with, &mut on);
    assert!(proposal.breaks[0].contains("6 calls since yesterday"), "{:?}", proposal.breaks);
    assert_eq!(proposal.changes[0].risk(), Risk::Ordinary);

    let why = refusal(bench(&[("old", "k1")]).next(&delete::Delete, &mut on));
    assert!(why.contains("enabled again"), "{why}");
    let mut disabled = world(vec![key("k1", "old", false, "")]);
    let proposal = proposed(&delete::Delete, &[("old", "k1")], &mut disabled);
    assert_eq!(proposal.changes[0].risk(), Risk::Destructive);
    assert_eq!(proposal.changes[0].resource().wire(), "k1");
    let gone = bench(&[("old", "k7")]).go(&delete::Delete, &mut disabled).unwrap();
    assert_eq!(gone.evidence, ["k7 is deleted"], "deleted by somebody: nothing is proposed");
}

#[test]
fn a_key_that_is_not_there_is_told_with_the_one_that_was_meant() {
    let keys = || vec![key("a1b2c3d4e5", "partner", true, ""), key("k1", "other", true, "")];
    for (said, words) in [
        ("a1b2c3d4e6", "there is no API key a1b2c3d4e6 (not found); did you mean a1b2c3d4e5?"),
        ("partner", "partner is the name of an API key; name it by its id, a1b2c3d4e5"),
        ("zzz", "there is no API key zzz (not found); `aws apigateway get-api-keys` tells which there are"),
    ] {
        let mut bench = bench(&[("store", "api-gateway"), ("old", said)]);
        assert_eq!(refusal(bench.next(&Preconditions, &mut world(keys()))), words);
    }
    let mut bench = bench(&[("store", "api-gateway"), ("old", "k1"), ("usage_plan", "p3")]);
    let why = refusal(bench.next(&Preconditions, &mut world(keys())));
    assert!(why.starts_with("the old key is not in the usage plan p3; it is in p1, p2"), "{why}");
}
