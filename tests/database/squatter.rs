//! The practice incident `database-breach`: beaten by an operator who follows the runbook, and not by half a measure: a new
//! password alone, one rule alone, everything but the end of his sessions. The same by the same seed.

use super::*;
use bartizan::estate::change::{ec2 as network, rds as databases};
use bartizan::estate::time::plus_seconds;
use bartizan::practice::{Colleague, INTRUSION_PAR, Intrusion, Options, Practice};
use std::sync::Arc;
use zeroize::Zeroizing;

const GROUP: &str = "sg-0d4f7a92c1e8b3065";
const NEW: &str = "aNewOneThatHeDoesNotKnow2026";

fn options(seed: u64) -> Options {
    let incident = Some("database-breach".to_owned());
    let systems = vec!["logapi".to_owned()];
    Options { seed, incident, systems, latency: None, hiccup: None, quotas: false, ..Options::default() }
}

async fn estate(seed: u64) -> Bed {
    Bed::with(options(seed)).await
}

fn later(bed: &Bed, seconds: i64) -> Intrusion {
    bed.clock.to(plus_seconds(bed.clock.now(), seconds));
    bed.practice.intrusion().unwrap().unwrap()
}

async fn does(bed: &Bed, call: Call) {
    let at = At { account: AccountId::new("000000000000"), region: Region::us_east_1() };
    let key = IdempotencyKey::derive(&RunId::new("00000000").unwrap(), "by-hand", 0, 1);
    let vault = Vault::default();
    vault.put(Slot::new("new"), Zeroizing::new(NEW.as_bytes().to_vec()));
    bed.practice.apply(&at, &call, &key, &vault).await.unwrap();
}

/// The password alone, by hand: nobody tells the application.
async fn password(bed: &Bed) {
    let call =
        databases::Call::ModifyDBInstance { instance: DbInstanceName::new(DB), password: Slot::new("new") };
    does(bed, Call::Rds(call)).await;
}

async fn reboot(bed: &Bed) {
    let call = databases::Call::RebootDBInstance { instance: DbInstanceName::new(DB) };
    does(bed, Call::Rds(call)).await;
}

/// Cuts the way in for `peer`.
async fn cut(bed: &Bed, peer: &str) {
    let group = SecurityGroupId::new(GROUP);
    let groups = bed.all(ec2::DescribeSecurityGroups { groups: vec![group.clone()] }).await.unwrap();
    let rule = groups[0].ingress.iter().find(|r| r.opens(3306) && r.peer.text().wire() == peer);
    let rule = rule.unwrap_or_else(|| panic!("{groups:?}")).clone();
    does(bed, Call::Ec2(network::Call::RevokeSecurityGroupIngress { group, rule })).await;
}

async fn beaten(seed: u64) -> Intrusion {
    let bed = estate(seed).await;
    let before = later(&bed, 120);
    assert!(before.sessions > 0 && before.rows > 0 && before.detected_s.is_none(), "{before:?}");
    let mut live = start(&bed, HELD).await;
    go_until(&bed, &mut live, Some("swap")).await;
    let halfway = later(&bed, 60);
    assert!(halfway.contained_s.is_some() && halfway.evicted_s.is_none(), "{halfway:?}");
    assert_eq!(halfway.last_read_s, Some(bed.clock.now().as_second() - begun()), "he reads on until then");
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    later(&bed, 3_600)
}

fn begun() -> i64 {
    let begun: Timestamp = "2026-11-17T10:00:00Z".parse().unwrap();
    begun.as_second()
}

#[tokio::test]
async fn who_follows_the_runbook_beats_him() {
    for seed in [1, 7] {
        let score = beaten(seed).await;
        assert!(score.is_solved() && score.sessions == 0 && score.left.is_empty(), "{score:?}");
        let times = [score.detected_s, score.contained_s, score.evicted_s, score.recovered_s];
        for ((what, par), time) in INTRUSION_PAR.iter().zip(times) {
            assert!(time.unwrap() <= *par, "{what}: {score:?}");
        }
        assert_eq!(score.last_read_s, score.evicted_s, "he read nothing since");
        assert_eq!(score.lines().last().unwrap(), "solved");
        assert_eq!(score, beaten(seed).await, "the same by the same seed");
    }
    assert_ne!(beaten(1).await, beaten(2).await, "another seed is another man");
}

/// Whoever is in stays in, the application is locked out, and he is told of it and hurries.
#[tokio::test]
async fn a_new_password_alone_ends_nothing() {
    let bed = estate(7).await;
    let before = later(&bed, 600);
    let calm = later(&bed, 900).rows - before.rows;
    password(&bed).await;
    let then = later(&bed, 900);
    let more = later(&bed, 900);
    assert!(more.rows - then.rows > 2 * calm, "he hurries: {calm} {then:?} {more:?}");
    assert!(
        more.sessions > 0 && more.rows > then.rows && more.read_s == then.read_s + 900,
        "{then:?} {more:?}"
    );
    assert!(more.contained_s.is_none() && more.evicted_s.is_none() && !more.is_solved(), "{more:?}");
    assert!(more.mistakes.iter().any(|m| m.contains("could not connect") && m.contains("DB_PASSWORD")));
    assert!(!more.left.iter().any(|l| l.contains("password")), "{more:?}");
    // with his sessions ended he cannot come back by it, yet a way in is open
    reboot(&bed).await;
    let more = later(&bed, 900);
    assert!(more.sessions == 0 && more.evicted_s.is_none(), "{more:?}");
    assert_eq!(more.left, ["198.51.100.23 is let in", "203.0.113.77 is let in"]);
    assert!(more.lines().last().unwrap().starts_with("NOT SOLVED: 198.51.100.23"), "{more:?}");
}

/// A connection that is tracked goes on, and when it is ended he signs in again by the way that was left.
#[tokio::test]
async fn a_rule_alone_ends_nothing() {
    let bed = estate(7).await;
    later(&bed, 120);
    cut(&bed, "198.51.100.0/24").await;
    let then = later(&bed, 0);
    let more = later(&bed, 600);
    assert!(more.read_s == then.read_s + 600 && more.evicted_s.is_none(), "{more:?}");
    reboot(&bed).await;
    assert_eq!(later(&bed, 0).sessions, 0, "it ends every session");
    let back = later(&bed, 1_200);
    assert!(back.sessions > 0 && back.read_s > more.read_s + 600, "he is back: {back:?}");
    assert!(back.contained_s.is_none() && !back.is_solved(), "{back:?}");
    // both rules, and the old password: whoever is let in again has it
    cut(&bed, "203.0.113.64/26").await;
    reboot(&bed).await;
    let back = later(&bed, 1_200);
    assert!(back.sessions == 0 && back.contained_s.is_none() && back.evicted_s.is_none(), "{back:?}");
    assert_eq!(back.left, ["the password that he knows is in force"]);
}

/// Everything but the end of his sessions, which is what a reboot is for, or somebody inside.
#[tokio::test]
async fn his_sessions_are_to_be_ended() {
    let bed = estate(7).await;
    later(&bed, 120);
    let mut live = start(&bed, &[HELD, &[("end_sessions", "manual")]].concat()).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    let then = later(&bed, 0);
    let more = later(&bed, 1_800);
    assert!(more.contained_s.is_some() && more.evicted_s.is_none(), "{more:?}");
    assert!(more.read_s == then.read_s + 1_800 && more.rows > then.rows, "{more:?}");
    assert!(more.mistakes.is_empty(), "{more:?}");
    let kill = Colleague::EndsSessions(DbInstanceName::new(DB));
    assert!(bed.practice.colleague(&kill).unwrap());
    let out = later(&bed, 900);
    assert!(out.is_solved() && out.read_s == more.read_s, "{out:?}");
    assert_eq!(out.evicted_s, out.recovered_s);
    // a false alarm that was none: let in again with the password in force, he is not contained any more
    live.undo().await.unwrap();
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Undone));
    let again = later(&bed, 900);
    assert!(again.contained_s.is_none() && again.evicted_s.is_none() && !again.is_solved(), "{again:?}");
}

#[tokio::test]
async fn what_is_done_wrong_is_counted() {
    let bed = estate(7).await;
    assert!(later(&bed, 120).mistakes.is_empty());
    assert!(bed.practice.colleague(&Colleague::AppliesImmediately(DbInstanceName::new(DB))).unwrap());
    cut(&bed, "sg-02c5e8f1a9b46d730").await;
    let mistakes = later(&bed, 60).mistakes.join("; ");
    for words in ["ApplyImmediately was used", "the application's own way in was cut"] {
        assert!(mistakes.contains(words), "{words}: {mistakes}");
    }
    assert!(!mistakes.contains("could not connect"), "not for long yet: {mistakes}");
    assert!(later(&bed, 600).mistakes.join("; ").contains("could not connect for 11 minutes"));
}

/// However the time passes, and over a restart.
#[tokio::test]
async fn the_same_seed_is_the_same_man() {
    let (one, two) = (estate(5).await, estate(5).await);
    for bed in [&one, &two] {
        later(bed, 120);
        password(bed).await;
    }
    for _ in 0..90 {
        later(&one, 60);
    }
    let bytes = two.practice.snapshot().unwrap();
    two.clock.to(one.clock.now());
    let again = Practice::restore(&bytes, options(5), Arc::new(two.clock.clone())).unwrap();
    let (score, other) = (later(&one, 0), again.intrusion().unwrap().unwrap());
    assert_eq!(score, other);
    assert!(score.rows > 0 && score.evicted_s.is_none());
    assert_ne!(score.rows, later(&estate(6).await, 5_520).rows);
}
