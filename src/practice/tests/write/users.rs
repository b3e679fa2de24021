//! Users' access keys: two at most, inactive ones counted; a secret that is given once; last uses that move.

use super::*;
use crate::estate::ask::iam;
use crate::estate::change::iam as user_call;

const USER: &str = "logapi-exporter";

fn keys(p: &Practice, user: &str) -> Vec<AccessKey> {
    one(p, iam::ListAccessKeys { user: UserName::new(user) }).unwrap()
}

fn create(user: &str) -> Call {
    let had = Vec::new();
    Call::Iam(user_call::Call::CreateAccessKey { user: UserName::new(user), had, into: slot("secret") })
}

fn update(key: &AccessKeyId, active: bool) -> Call {
    Call::Iam(user_call::Call::UpdateAccessKey { user: UserName::new(USER), key: key.clone(), active })
}

fn delete(key: &AccessKeyId) -> Call {
    Call::Iam(user_call::Call::DeleteAccessKey { user: UserName::new(USER), key: key.clone() })
}

fn last(p: &Practice, key: &AccessKeyId) -> Option<Timestamp> {
    one(p, iam::GetAccessKeyLastUsed { key: key.clone() }).unwrap().at
}

#[test]
fn a_second_key_is_made_and_no_third() {
    let (p, _) = calm(1);
    let vault = Vault::default();
    let Receipt::AccessKey(id) = apply(&p, &create(USER), 1, &vault).unwrap() else { panic!("no key") };
    let secret = held(&vault, "secret");
    assert!(id.wire().starts_with("AKIA") && id.wire().len() == 20);
    assert!(secret.starts_with("practice") && secret.len() == 40);
    let now = keys(&p, USER);
    assert!(now.len() == 2 && now.iter().all(|k| k.active) && now[1].id == id);
    let fault = apply(&p, &create(USER), 2, &vault).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    assert!(fault.message.wire().starts_with("LimitExceeded: "), "{fault:?}");
    assert_eq!(held(&vault, "secret"), secret, "a refusal writes nothing");
    // the secret is nowhere but in the vault
    assert!(!String::from_utf8(p.snapshot().unwrap()).unwrap().contains(&format!("\"text\":\"{secret}")));
    // an inactive key counts
    apply(&p, &update(&now[0].id, false), 1, &vault).unwrap();
    assert!(!keys(&p, USER)[0].active);
    assert_eq!(kind(apply(&p, &create(USER), 3, &vault)), FaultKind::Conflict);
    assert_eq!(apply(&p, &delete(&now[0].id), 1, &vault).unwrap(), Receipt::Done);
    assert_eq!(apply(&p, &delete(&now[0].id), 1, &vault).unwrap(), Receipt::Done);
    assert_eq!(kind(apply(&p, &update(&now[0].id, true), 1, &vault)), FaultKind::NotFound);
    assert_eq!(kind(apply(&p, &create("nobody"), 1, &vault)), FaultKind::NotFound);
    assert!(apply(&p, &create(USER), 4, &vault).is_ok());
    for full in ["json-stack-ci", "platform-auditor"] {
        assert_eq!(kind(apply(&p, &create(full), 1, &vault)), FaultKind::Conflict, "{full}");
    }
}

#[test]
fn the_pair_of_a_user_stands_in_a_secret() {
    let (p, _) = calm(1);
    let text = current(&p, &arn_of(&p, "logapi/exporter"));
    let map: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    assert_eq!(map["accessKeyId"], keys(&p, USER)[0].id.wire());
    assert!(map.contains_key("secretAccessKey"));
}

#[test]
fn uses_move_to_the_new_key_and_the_last_of_the_old_stays() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    let old = keys(&p, USER)[0].id.clone();
    assert!(clock.now().duration_since(last(&p, &old).unwrap()).as_mins() < 45);
    let Receipt::AccessKey(new) = apply(&p, &create(USER), 1, &vault).unwrap() else { panic!("no key") };
    assert_eq!(last(&p, &new), None);
    let unused = one(&p, iam::GetAccessKeyLastUsed { key: new.clone() }).unwrap();
    assert_eq!(unused.service.wire(), "N/A");
    // clients take the pair from a secret: before it is there nobody moves
    clock.go(3 * 86_400);
    assert_eq!(last(&p, &new), None);
    hand_out(&p, new.wire());
    let made = clock.now();
    clock.go(12 * 86_400);
    let quiet = last(&p, &old).unwrap();
    let after = quiet.duration_since(made).as_hours();
    assert!((5 * 24..6 * 24).contains(&after), "{after}");
    assert!(clock.now().duration_since(last(&p, &new).unwrap()).as_hours() < 2);
    // with the old one inactive nothing changes any more
    apply(&p, &update(&old, false), 1, &vault).unwrap();
    clock.go(86_400);
    assert_eq!(last(&p, &old), Some(quiet));
}

/// Puts the id of a key into the secret of the user's pair.
fn hand_out(p: &Practice, id: &str) {
    let secret = arn_of(p, "logapi/exporter");
    let vault = vault_for(p, &secret, id);
    let current = holder(p, &secret, "AWSCURRENT").unwrap();
    let attempt = u32::try_from(versions(p, &secret).len()).unwrap();
    let put = put_value(&secret, set("/accessKeyId", "new"), "mine");
    let Ok(Receipt::Version(new)) = apply(p, &put, attempt, &vault) else { panic!("not staged") };
    apply(p, &stage(&secret, "AWSCURRENT", Some(&new), Some(&current)), attempt, &vault).unwrap();
}

#[test]
fn clients_go_back_to_the_key_that_the_secret_names() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    let old = keys(&p, USER)[0].id.clone();
    let Receipt::AccessKey(new) = apply(&p, &create(USER), 1, &vault).unwrap() else { panic!("no key") };
    hand_out(&p, new.wire());
    clock.go(2 * 86_400);
    assert!(last(&p, &new).is_some());
    hand_out(&p, old.wire());
    let back = clock.now();
    clock.go(8 * 86_400);
    assert!(last(&p, &new).unwrap() <= back);
    assert!(clock.now().duration_since(last(&p, &old).unwrap()).as_hours() < 2);
}

#[test]
fn an_inactive_key_is_not_used_while_it_is_inactive() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    let old = keys(&p, USER)[0].id.clone();
    apply(&p, &update(&old, false), 1, &vault).unwrap();
    let stopped = clock.now();
    clock.go(3 * 86_400);
    assert!(last(&p, &old).unwrap() <= stopped);
    apply(&p, &update(&old, true), 1, &vault).unwrap();
    clock.go(86_400);
    assert!(last(&p, &old).unwrap() > stopped);
    let never = keys(&p, "platform-former")[0].id.clone();
    assert_eq!(last(&p, &never), None);
    let unknown = iam::GetAccessKeyLastUsed { key: AccessKeyId::new("AKIANONE") };
    assert_eq!(one(&p, unknown).unwrap_err().kind, FaultKind::NotFound);
}

#[test]
fn a_preflight_knows_what_is_denied() {
    let (p, _) = with(Options { denied: vec!["iam:CreateAccessKey".into()], ..quiet() });
    let ask = iam::SimulatePrincipalPolicy {
        principal: Arn::new("arn:aws:iam::000000000000:role/ops"),
        actions: vec!["iam:CreateAccessKey".into(), "iam:UpdateAccessKey".into()],
        resources: vec!["*".into()],
    };
    let allowed: Vec<bool> = one(&p, ask).unwrap().into_iter().map(|s| s.allowed).collect();
    assert_eq!(allowed, [false, true]);
    let tags = one(&p, iam::ListUserTags { user: UserName::new(USER) }).unwrap();
    assert!(tags.iter().any(|(n, _)| n.wire() == "aws:cloudformation:stack-name"));
}
