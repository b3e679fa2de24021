//! The incident leaked-key: what the adversary does by himself, what half a measure makes him do, what ends it, and what
//! counts as a mistake. The operator here writes to the port; runbooks and console have tests of their own.

use super::*;
use crate::estate::ask::{apigateway, cloudtrail, cloudwatch, iam, logs};
use crate::estate::change::iam as user_call;
use crate::estate::change::iam::contain::{Write, deny_all, revocation};
use crate::practice::{Breach, Colleague};
use std::sync::Arc;

const USER: &str = "shop-deploy-bot";
const HELPER: &str = "shop-deploy-helper";
const ROLE: &str = "shop-deploy";

fn leaked(seed: u64) -> (Practice, Arc<Still>) {
    with(Options { seed, incident: Some("leaked-key".into()), ..quiet() })
}

fn keys(p: &Practice, user: &str) -> Vec<AccessKey> {
    one(p, iam::ListAccessKeys { user: UserName::new(user) }).unwrap_or_default()
}

fn does(p: &Practice, call: user_call::Call) {
    apply(p, &Call::Iam(call), 1, &Vault::default()).unwrap();
}

fn deactivate(p: &Practice, user: &str, nth: usize) {
    let (user, key) = (UserName::new(user), keys(p, user)[nth].id.clone());
    does(p, user_call::Call::UpdateAccessKey { user, key, active: false });
}

fn deny(p: &Practice, user: &str) {
    let act = Write::AttachUserPolicy { user: UserName::new(user), policy: deny_all("aws") };
    does(p, user_call::Call::Contain(act));
}

fn revoke(p: &Practice, clock: &Still, role: &str) {
    let policy = revocation(&RunId::new("7f3a0b1c").unwrap(), false);
    let act = Write::PutRolePolicy { role: RoleName::new(role), policy, before: clock.now() };
    does(p, user_call::Call::Contain(act));
}

fn renew(p: &Practice) {
    for secret in all(p, secretsmanager::ListSecrets {}) {
        if secret.name.wire().starts_with("shop/deploy/") {
            assert!(p.colleague(&Colleague::PutsSecretValue(secret.arn)).unwrap());
        }
    }
}

fn score(p: &Practice) -> Breach {
    p.breach().unwrap().unwrap()
}

/// Minute by minute, as somebody who looks now and then.
fn pass(p: &Practice, clock: &Still, minutes: u32) -> Breach {
    for _ in 0..minutes {
        clock.go(60);
        score(p);
    }
    score(p)
}

#[test]
fn the_key_is_named_by_an_alarm_and_its_use_is_in_cloudtrail() {
    let (p, clock) = leaked(1);
    let key = keys(&p, USER)[0].id.clone();
    pass(&p, &clock, 5);
    let alarms = all(&p, cloudwatch::DescribeAlarms { names: vec![] });
    let told = alarms.into_iter().find(|a| a.name.wire() == "account-credentials-exposed").unwrap();
    assert_eq!(told.state, AlarmState::Alarm);
    assert!(told.description.as_ref().unwrap().wire().contains(key.wire()), "{told:?}");
    let from = plus_seconds(clock.now(), -7_200);
    let events = |by: Lookup| all(&p, cloudtrail::LookupEvents { by, from });
    let foreign = |e: &TrailEvent| e.source_ip.as_ref().is_some_and(|ip| ip.wire() == "203.0.113.66");
    let his: Vec<TrailEvent> = events(Lookup::Key(key)).into_iter().filter(foreign).collect();
    let session = his.iter().find_map(|e| match &e.minted {
        Some(Minted::Role { key, role }) if role.wire().ends_with(":role/shop-deploy") => Some(key.clone()),
        _ => None,
    });
    let read = events(Lookup::Key(session.expect("a session that he assumed")));
    let read = read.into_iter().find(|e| e.name.wire() == "GetSecretValue").expect("the first secret");
    assert_eq!(read.target, Some("shop/deploy/registry-token".into()));
    assert_eq!(score(&p).secrets_read, 1);
}

#[test]
fn left_alone_he_makes_sure_to_come_back() {
    let (p, clock) = leaked(1);
    let last = pass(&p, &clock, 90);
    assert_eq!(last.made, ["a second key of the user", "a user", "a key of that user", "a role"]);
    assert_eq!((last.secrets_read, last.detected_s, last.evicted_s), (3, None, None));
    assert_eq!((keys(&p, USER).len(), keys(&p, HELPER).len()), (2, 1));
    assert!(!last.is_solved() && last.lines().iter().any(|l| l.starts_with("NOT SOLVED")), "{last:?}");
}

#[test]
fn the_whole_measure_ends_it() {
    for seed in [1, 2, 3, 42] {
        let (p, clock) = leaked(seed);
        let key = keys(&p, USER)[0].id.clone();
        clock.go(60);
        one(&p, iam::GetAccessKeyLastUsed { key }).unwrap();
        pass(&p, &clock, 1);
        deactivate(&p, USER, 0);
        deny(&p, USER);
        assert_eq!(score(&p).evicted_s, None, "the role's session lives on");
        revoke(&p, &clock, ROLE);
        clock.go(130);
        revoke(&p, &clock, ROLE);
        let out = pass(&p, &clock, 180);
        assert!(out.evicted_s.is_some_and(|s| s < 300) && out.recovered_s.is_none(), "{seed}: {out:?}");
        assert!(out.made.is_empty() && !out.is_solved(), "{seed}: {out:?}");
        renew(&p);
        let out = pass(&p, &clock, 60);
        assert!(out.is_solved(), "{seed}: {out:?}");
        assert_eq!((out.detected_s, out.contained_s), (Some(60), Some(120)));
        assert!(out.last_use_s < out.evicted_s.map(|s| s + 1));
    }
}

#[test]
fn half_a_measure_makes_him_hurry_and_is_not_enough_any_more() {
    for seed in [1, 2, 3, 42] {
        for (off, denied) in [(true, false), (false, true), (true, true)] {
            let (p, clock) = leaked(seed);
            pass(&p, &clock, 2);
            if off {
                deactivate(&p, USER, 0);
            }
            if denied {
                deny(&p, USER);
            }
            let then = pass(&p, &clock, 40);
            let case = format!("{seed} {off} {denied}: {then:?}");
            assert!(
                then.evicted_s.is_none() && then.made.contains(&"a key of that user".to_owned()),
                "{case}"
            );
            assert_eq!(then.contained_s.is_some(), off && denied, "{case}");
            // what would have been enough before is not now
            if !off {
                deactivate(&p, USER, 0);
            }
            deny(&p, USER);
            revoke(&p, &clock, ROLE);
            let then = pass(&p, &clock, 20);
            assert!(then.evicted_s.is_none(), "{seed}: {then:?}");
            deactivate(&p, HELPER, 0);
            deny(&p, HELPER);
            revoke(&p, &clock, "shop-deploy-support");
            clock.go(130);
            revoke(&p, &clock, "shop-deploy-support");
            revoke(&p, &clock, ROLE);
            renew(&p);
            let then = pass(&p, &clock, 180);
            assert!(then.is_solved(), "{seed}: {then:?}");
        }
    }
}

#[test]
fn one_of_two_keys_is_not_enough() {
    let (p, clock) = leaked(1);
    let made = |b: &Breach| b.made.contains(&"a second key of the user".to_owned());
    while !made(&pass(&p, &clock, 1)) {}
    deactivate(&p, USER, 0);
    revoke(&p, &clock, ROLE);
    let then = pass(&p, &clock, 30);
    assert!(then.evicted_s.is_none() && then.contained_s.is_none(), "{then:?}");
}

#[test]
fn what_is_done_wrong_is_counted() {
    let (p, clock) = leaked(1);
    pass(&p, &clock, 2);
    deactivate(&p, "platform-backup", 0);
    deny(&p, "platform-backup");
    revoke(&p, &clock, "platform-data");
    revoke(&p, &clock, "ops");
    deactivate(&p, USER, 0);
    let (user, key) = (UserName::new(USER), keys(&p, USER)[0].id.clone());
    does(&p, user_call::Call::UpdateAccessKey { user: user.clone(), key: key.clone(), active: true });
    does(&p, user_call::Call::DeleteAccessKey { user, key });
    let mistakes = score(&p).mistakes.join("; ");
    for words in [
        "user platform-backup was contained",
        "role platform-data were revoked",
        "your own role was revoked",
        "activated again",
        "evidence is gone",
    ] {
        assert!(mistakes.contains(words), "{words}: {mistakes}");
    }
    assert!(!score(&p).is_solved());
}

#[test]
fn the_same_seed_makes_the_same_adversary_also_after_a_restart() {
    let ((p, a), (q, b)) = (leaked(5), leaked(5));
    pass(&p, &a, 25);
    b.go(1_500);
    let bytes = q.snapshot().unwrap();
    let q = Practice::restore(&bytes, quiet(), b.clone()).unwrap();
    assert_eq!(score(&p), score(&q));
    deny(&p, USER);
    deny(&q, USER);
    pass(&p, &a, 45);
    b.go(2_700);
    assert_eq!(score(&p), score(&q));
    let ids = |p: &Practice| keys(p, HELPER).iter().map(|k| k.id.clone()).collect::<Vec<_>>();
    assert!(!ids(&p).is_empty() && ids(&p) == ids(&q));
    let (other, c) = leaked(6);
    assert_ne!(score(&p), pass(&other, &c, 70));
}

#[test]
fn what_he_calls_is_in_the_access_log_that_the_stage_names_and_what_he_says_he_is_too() {
    let (p, clock) = leaked(7);
    pass(&p, &clock, 20);
    let api =
        all(&p, apigateway::GetRestApis {}).into_iter().find(|a| a.name.wire() == "shop-checkout").unwrap();
    let stage = one(&p, apigateway::GetStages { api: api.id }).unwrap().remove(0);
    let log = stage.log.unwrap();
    let group = log.wire().split_once(":log-group:").unwrap().1.to_owned();
    let now = clock.now();
    let ask = |text: &str, said: bool| {
        let from = crate::estate::time::plus_seconds(now, -86_400);
        all(
            &p,
            logs::FilterLogEvents { group: group.as_str().into(), text: text.into(), from, to: now, said },
        )
    };
    let key = keys(&p, USER)[0].id.clone();
    let from = crate::estate::time::plus_seconds(now, -86_400);
    let events = all(&p, cloudtrail::LookupEvents { by: cloudtrail_by(&key), from });
    let address = |e: &TrailEvent| e.source_ip.as_ref().is_some_and(|ip| ip.wire() == "203.0.113.66");
    assert!(events.iter().any(address), "CloudTrail names the address: {events:?}");
    let his = ask("203.0.113.66", true);
    assert!(his.len() > 2 && his.windows(2).all(|w| w[0].at <= w[1].at), "{his:?}");
    assert!(his[0].said.as_ref().unwrap().wire().contains('\u{1b}'), "what he says he is, is hostile");
    assert!(!his[0].said.as_ref().unwrap().shown().to_string().contains('\u{1b}'));
    assert!(
        ask("203.0.113.66", false).iter().all(|line| line.said.is_none()),
        "nothing that was not asked for"
    );
    // Everybody else is in it, too, page by page, and nobody's key by its value.
    let others = ask("198.51.100.", true);
    assert!(others.len() > 500, "{}", others.len());
    assert_eq!(ask("198.51.100.", true), others, "the same when it is asked again");
    assert!(ask("192.0.2.1", true).is_empty());
}

fn cloudtrail_by(key: &AccessKeyId) -> Lookup {
    Lookup::Key(key.clone())
}
