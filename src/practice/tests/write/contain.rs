//! Containment: what it refuses to whom, what CloudTrail tells of it, and when.

use super::*;
use crate::estate::ask::{cloudtrail, iam, sts};
use crate::estate::change::iam as user_call;
use crate::estate::change::iam::contain::{Write, deny_all, document, revocation};
use crate::practice::{Deed, Refused};

const USER: &str = "json-stack-ci";
const ROLE: &str = "json-stack-deploy";

fn write(write: Write) -> Call {
    Call::Iam(user_call::Call::Contain(write))
}

fn leaked(p: &Practice) -> AccessKeyId {
    one(p, iam::ListAccessKeys { user: UserName::new(USER) }).unwrap()[0].id.clone()
}

fn events(p: &Practice, by: Lookup, since: Timestamp) -> Vec<TrailEvent> {
    all(p, cloudtrail::LookupEvents { by, from: since })
}

fn reads(region: &str) -> Deed {
    Deed::Reads { service: "s3", operation: "ListBuckets", region: Region::new(region).unwrap() }
}

#[test]
fn a_deny_reaches_the_user_and_its_own_sessions_and_no_role() {
    let (p, clock) = calm(1);
    let (key, vault) = (leaked(&p), Vault::default());
    let does = |key: &AccessKeyId, deed: Deed| p.intrude(key, &deed).unwrap();
    let own = does(&key, Deed::TakesSession).unwrap().unwrap();
    let role = does(&key, Deed::Assumes(RoleName::new(ROLE))).unwrap().unwrap();
    assert!([&own, &role].iter().all(|k| k.wire().starts_with("ASIA")));
    assert_eq!(does(&role, Deed::TakesSession), Err(Refused::Denied), "not with temporary credentials");
    assert_eq!(
        does(&key, Deed::Assumes(RoleName::new("platform-data"))).map(|_| ()),
        Ok(()),
        "it trusts the account"
    );
    assert_eq!(does(&key, Deed::Assumes(RoleName::new("nobody"))), Err(Refused::Denied));
    let (user, policy) = (UserName::new(USER), deny_all("aws"));
    apply(&p, &write(Write::AttachUserPolicy { user: user.clone(), policy: policy.clone() }), 1, &vault)
        .unwrap();
    assert_eq!(does(&key, reads("eu-west-1")), Err(Refused::Denied));
    assert_eq!(does(&own, reads("eu-west-1")), Err(Refused::Denied));
    assert_eq!(does(&own, Deed::AsksWhoItIs), Ok(None));
    assert_eq!(does(&role, reads("eu-west-1")), Ok(None));
    let off = user_call::Call::UpdateAccessKey { user: user.clone(), key: key.clone(), active: false };
    apply(&p, &Call::Iam(off), 1, &vault).unwrap();
    assert_eq!(does(&key, reads("eu-west-1")), Err(Refused::Credentials));
    apply(&p, &write(Write::DetachUserPolicy { user, policy }), 1, &vault).unwrap();
    assert_eq!(does(&own, reads("eu-west-1")), Ok(None), "detached: its sessions are revived");
    clock.go(13 * 3_600);
    assert_eq!(does(&role, reads("eu-west-1")), Err(Refused::Credentials), "it has expired");
}

#[test]
fn a_revocation_is_by_the_time_of_issue() {
    let (p, clock) = calm(1);
    let (key, vault, role) = (leaked(&p), Vault::default(), RoleName::new(ROLE));
    let assume = || p.intrude(&key, &Deed::Assumes(role.clone())).unwrap().unwrap().unwrap();
    let old = assume();
    clock.go(10);
    let (before, policy) = (clock.now(), revocation(&RunId::new("7f3a0b1c").unwrap(), false));
    let put = Write::PutRolePolicy { role: role.clone(), policy: policy.clone(), before };
    apply(&p, &write(put), 1, &vault).unwrap();
    let read = one(&p, iam::GetRolePolicy { role: role.clone(), policy: policy.clone() }).unwrap();
    assert_eq!(read.document.wire(), document(before));
    let new = assume();
    let works = |key: &AccessKeyId| p.intrude(key, &reads("us-east-1")).unwrap();
    assert_eq!((works(&old), works(&new)), (Err(Refused::Denied), Ok(None)));
    for _ in 0..2 {
        apply(&p, &write(Write::DeleteRolePolicy { role: role.clone(), policy: policy.clone() }), 1, &vault)
            .unwrap();
    }
    assert_eq!(works(&old), Ok(None));
    let nobody = Write::PutRolePolicy { role: RoleName::new("nobody"), policy, before };
    assert_eq!(kind(apply(&p, &write(nobody), 1, &vault)), FaultKind::NotFound);
}

#[test]
fn events_come_late_in_their_region_and_are_never_told_twice() {
    let (p, clock) = calm(1);
    let (key, since) = (leaked(&p), clock.now());
    let session = p.intrude(&key, &Deed::Assumes(RoleName::new(ROLE))).unwrap().unwrap().unwrap();
    p.intrude(&session, &reads("eu-west-1")).unwrap().unwrap();
    let assumed = || events(&p, Lookup::Key(key.clone()), since);
    assert!(assumed().iter().all(|e| e.source_ip.as_ref().unwrap().wire() != "203.0.113.66"), "too early");
    clock.go(900);
    let ours: Vec<_> =
        assumed().into_iter().filter(|e| e.source_ip.as_ref().unwrap().wire() == "203.0.113.66").collect();
    let Some(Minted::Role { key: made, role }) = &ours[0].minted else { panic!("{ours:?}") };
    assert_eq!((ours.len(), made, role.resource().wire()), (1, &session, ROLE));
    assert!(events(&p, Lookup::Key(session.clone()), since).is_empty(), "it was in another Region");
    let there = cloudtrail::LookupEvents { by: Lookup::Key(session), from: since };
    let page = fetch_at(&p, "eu-west-1", there.ask(), None).unwrap();
    assert_eq!(cloudtrail::LookupEvents::open(page.answer).unwrap().len(), 1);
    // a fortnight of ordinary use, 50 a page, newest first, each once; and the sessions that it made
    let past = plus_seconds(since, -14 * 86_400);
    let whole = events(&p, Lookup::User(USER.into()), past);
    assert!(whole.len() > 500 && whole.is_sorted_by(|a, b| a.at >= b.at), "{}", whole.len());
    let ids: std::collections::BTreeSet<_> = whole.iter().map(|e| e.id.clone()).collect();
    assert_eq!(ids.len(), whole.len());
    let minted = whole.iter().rev().find_map(|e| match &e.minted {
        Some(Minted::Role { key, .. }) => Some(key.clone()),
        _ => None,
    });
    let used = events(&p, Lookup::Key(minted.unwrap()), past);
    assert!(used.len() == 3 && used.iter().all(|e| e.succeeded()), "{used:?}");
    // what follows from use is the same however often it is asked
    assert_eq!(events(&p, Lookup::User(USER.into()), past), whole);
}

#[test]
fn what_the_operator_changes_is_in_the_trail_too() {
    let (p, clock) = calm(1);
    let since = clock.now();
    let attach = Write::AttachUserPolicy { user: UserName::new(USER), policy: deny_all("aws") };
    apply(&p, &write(attach), 1, &Vault::default()).unwrap();
    clock.go(900);
    let found = events(&p, Lookup::Event("AttachUserPolicy".into()), since);
    assert_eq!(found.len(), 1);
    assert!(found[0].principal.as_ref().unwrap().wire().ends_with("assumed-role/ops/alice"));
    // and the rightful clients are refused from then on
    let clients = events(&p, Lookup::User(USER.into()), plus_seconds(since, 1));
    assert!(clients.iter().all(|e| e.error.is_some()), "{clients:?}");
}

#[test]
fn whose_account_a_key_is_of() {
    let (p, _) = calm(1);
    let account = one(&p, sts::GetAccessKeyInfo { key: AccessKeyId::new("AKIAIOSFODNN7EXAMPLE") }).unwrap();
    assert_eq!(account.to_string(), "000000000000");
    let odd = one(&p, sts::GetAccessKeyInfo { key: AccessKeyId::new("x") }).unwrap_err();
    assert_eq!(odd.kind, FaultKind::Invalid);
}
