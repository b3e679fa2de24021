//! Races and bad luck, each turned on alone; and that all of them are off by themselves.

use super::*;
use crate::practice::{Colleague, Mishaps};

const KEYS: &str = "omnitrack/api-keys";

fn unlucky(mishaps: Mishaps) -> (Practice, std::sync::Arc<Still>) {
    with(Options { mishaps, ..quiet() })
}

fn labelled(p: &Practice, secret: &Arn) -> bool {
    holder(p, secret, "mine").is_some()
}

fn stage_one(p: &Practice, secret: &Arn) -> Result<Receipt, Fault> {
    let vault = vault_for(p, secret, "a-new-key-of-the-external-api");
    apply(p, &put_value(secret, set("/externalApiKey", "new"), "mine"), 1, &vault)
}

#[test]
fn an_answer_is_lost_before_the_effect_or_after_it() {
    for after in [false, true] {
        let chance = |yes: bool| if yes { 1.0 } else { 0.0 };
        let mishaps =
            Mishaps { lost_before: chance(!after), lost_after: chance(after), ..Mishaps::default() };
        let (p, _) = unlucky(mishaps);
        let secret = arn_of(&p, KEYS);
        let fault = stage_one(&p, &secret).unwrap_err();
        assert_eq!(fault.kind, FaultKind::TimedOut);
        assert!(fault.may_have_happened());
        assert_eq!(labelled(&p, &secret), after);
        // a refusal is lost as well
        let wrong = stage(&secret, "AWSCURRENT", None, None);
        assert_eq!(kind(apply(&p, &wrong, 1, &Vault::default())), FaultKind::TimedOut);
    }
}

#[test]
fn a_throttled_write_has_no_effect() {
    let (p, _) = unlucky(Mishaps { throttled: 1.0, ..Mishaps::default() });
    let secret = arn_of(&p, KEYS);
    assert_eq!(kind(stage_one(&p, &secret)), FaultKind::Throttled);
    assert!(!labelled(&p, &secret));
}

#[test]
fn a_colleague_is_faster() {
    let (p, _) = unlucky(Mishaps { colleague: 1.0, ..Mishaps::default() });
    let secret = arn_of(&p, KEYS);
    let (old, before) = (holder(&p, &secret, "AWSCURRENT").unwrap(), current(&p, &secret));
    let Ok(Receipt::Version(new)) = stage_one(&p, &secret) else { panic!("not staged") };
    let theirs = holder(&p, &secret, "AWSCURRENT").unwrap();
    assert!(theirs != old && theirs != new);
    // the colleague changed the last field, in place
    let after = current(&p, &secret);
    assert!(after != before && after.len() == before.len());
    assert_eq!(after.split('"').nth(3), before.split('"').nth(3));
    let swap = stage(&secret, "AWSCURRENT", Some(&new), Some(&old));
    assert_eq!(kind(apply(&p, &swap, 1, &Vault::default())), FaultKind::Conflict);
    // in the environment of a function, and with a third key
    let vault = Vault::default();
    put(&vault, "new", "aNewKeyOfThirtyCharactersOrSo1");
    let outcome = edit_environment(&p, HANDLER, set("/API_KEYS", "new"), &vault);
    assert_eq!(kind(outcome), FaultKind::Conflict);
    let create = Call::Iam(crate::estate::change::iam::Call::CreateAccessKey {
        user: UserName::new("logapi-exporter"),
        had: vec![],
        into: slot("secret"),
    });
    assert_eq!(kind(apply(&p, &create, 1, &vault)), FaultKind::Conflict);
}

#[test]
fn a_colleague_comes_when_called() {
    let (p, clock) = calm(1);
    let secret = arn_of(&p, "platform/never-used"); // one text, no fields
    let old = holder(&p, &secret, "AWSCURRENT").unwrap();
    assert!(p.colleague(&Colleague::PutsSecretValue(secret.clone())).unwrap());
    assert_eq!(holder(&p, &secret, "AWSPREVIOUS"), Some(old));
    let before = config(&p, HANDLER).revision;
    assert!(p.colleague(&Colleague::UpdatesEnvironment(FunctionName::new(HANDLER))).unwrap());
    assert!(!p.colleague(&Colleague::UpdatesEnvironment(FunctionName::new(HANDLER))).unwrap(), "it is busy");
    clock.go(20);
    assert_ne!(config(&p, HANDLER).revision, before);
    assert!(!p.colleague(&Colleague::MakesAccessKey(UserName::new("json-stack-ci"))).unwrap());
    assert!(p.colleague(&Colleague::MakesAccessKey(UserName::new("platform-backup"))).unwrap());
    assert!(!p.colleague(&Colleague::PutsSecretValue(Arn::new("none"))).unwrap());
}

#[test]
fn some_reads_are_behind_for_a_while_and_writes_never() {
    let (p, clock) = unlucky(Mishaps { behind: 1.0, ..Mishaps::default() });
    let secret = arn_of(&p, KEYS);
    let old = holder(&p, &secret, "AWSCURRENT").unwrap();
    let (mut seen, mut missed) = (0, 0);
    for attempt in 1..=20 {
        let vault = vault_for(&p, &secret, "a-new-key-of-the-external-api");
        let label = format!("mine-{attempt}");
        let call = put_value(&secret, set("/externalApiKey", "new"), "mine");
        let Ok(Receipt::Version(new)) = apply(&p, &call, attempt, &vault) else { panic!("not staged") };
        match holder(&p, &secret, "mine") {
            Some(id) if id == new => seen += 1,
            Some(_) | None => missed += 1,
        }
        // a write compares with what is, whatever reads see
        apply(&p, &stage(&secret, &label, Some(&new), None), attempt, &vault).unwrap();
        assert_eq!(
            kind(apply(&p, &stage(&secret, &label, Some(&old), None), 1, &vault)),
            FaultKind::Conflict
        );
        apply(&p, &stage(&secret, &label, None, Some(&new)), attempt, &vault).unwrap();
        clock.go(25);
        assert_eq!(holder(&p, &secret, "mine"), Some(new), "after twenty seconds everybody sees it");
    }
    assert!(seen > 2 && missed > 2, "{seen} {missed}");
}

#[test]
fn luck_is_that_of_the_seed() {
    let outcomes = |seed| {
        let (p, clock) = with(Options { seed, mishaps: Mishaps::mild(), ..quiet() });
        let secret = arn_of(&p, KEYS);
        let go = |n| {
            clock.go(30);
            let to = holder(&p, &secret, "AWSCURRENT").unwrap();
            let label = format!("l{}", n % 3);
            let call = stage(&secret, &label, Some(&to), holder(&p, &secret, &label).as_ref());
            apply(&p, &call, n, &Vault::default()).map_err(|f| f.kind)
        };
        (0..200).map(go).collect::<Vec<_>>()
    };
    let first = outcomes(3);
    assert_eq!(first, outcomes(3));
    assert_ne!(first, outcomes(4));
    let some = |kind| first.iter().filter(|o| o.as_ref().is_err_and(|k| *k == kind)).count();
    assert!(some(FaultKind::Throttled) > 0 && some(FaultKind::TimedOut) > 0);
    assert!(first.iter().filter(|o| o.is_ok()).count() > 150);
}

#[test]
fn by_itself_nothing_goes_wrong() {
    let (p, _) = calm(1);
    let secret = arn_of(&p, KEYS);
    let to = holder(&p, &secret, "AWSCURRENT").unwrap();
    for n in 0..300 {
        let from = (n > 0).then_some(&to);
        assert_eq!(apply(&p, &stage(&secret, "l", Some(&to), from), n, &Vault::default()), Ok(Receipt::Done));
        assert_eq!(holder(&p, &secret, "l").as_ref(), Some(&to));
    }
}
