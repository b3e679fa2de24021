//! Secrets: tokens, labels, compare-and-swap, limits; and what the watch shows of it.

use super::*;

const KEYS: &str = "omnitrack/api-keys";
const NEW: &str = "a-new-key-of-the-external-api";

#[test]
fn a_field_is_replaced_and_no_other_byte() {
    let (p, clock) = calm(1);
    let secret = arn_of(&p, KEYS);
    let before = current(&p, &secret);
    let vault = vault_for(&p, &secret, NEW);
    let old = holder(&p, &secret, "AWSCURRENT").unwrap();
    let receipt =
        apply(&p, &put_value(&secret, set("/externalApiKey", "new"), "bartizan-7f3a0b1c"), 1, &vault);
    let Ok(Receipt::Version(new)) = receipt else { panic!("{receipt:?}") };
    assert_eq!(new.wire(), token(1).as_str());
    // staged: nobody who reads the current one sees it
    assert_eq!(current(&p, &secret), before);
    clock.go(5);
    apply(&p, &stage(&secret, "AWSCURRENT", Some(&new), Some(&old)), 2, &vault).unwrap();
    let after = current(&p, &secret);
    let value = before.rsplit_once("\"externalApiKey\" :   \"").unwrap().1.split('"').next().unwrap();
    assert!(value.starts_with("practice") && value.len() == 32);
    assert_eq!(after, before.replace(value, NEW));
    assert_eq!(before.matches('"').count(), 20, "five fields, all strings: {before}");
    assert_eq!(holder(&p, &secret, "AWSPREVIOUS"), Some(old));
    // the age of the value starts again
    let now = versions(&p, &secret).into_iter().find(|v| v.has_stage("AWSCURRENT")).unwrap();
    assert_eq!(now.created.unwrap(), plus_seconds(clock.now(), -5));
}

#[test]
fn the_same_token_means_the_same_write() {
    let (p, _) = calm(1);
    let secret = arn_of(&p, KEYS);
    let vault = vault_for(&p, &secret, NEW);
    let call = put_value(&secret, set("/externalApiKey", "new"), "bartizan-7f3a0b1c");
    let first = apply(&p, &call, 1, &vault).unwrap();
    let count = versions(&p, &secret).len();
    assert_eq!(apply(&p, &call, 1, &vault).unwrap(), first);
    assert_eq!(versions(&p, &secret).len(), count);
    put(&vault, "new", "something else altogether");
    let fault = apply(&p, &call, 1, &vault).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    assert!(fault.message.wire().starts_with("ResourceExistsException: "), "{fault:?}");
    assert!(apply(&p, &call, 2, &vault).is_ok());
    // a label is on one version only, and the one before it has none
    let labelled = |v: &&SecretVersion| v.has_stage("bartizan-7f3a0b1c");
    assert_eq!(versions(&p, &secret).iter().filter(labelled).count(), 1);
}

#[test]
fn a_label_moves_only_from_where_it_is() {
    let (p, _) = calm(1);
    let secret = arn_of(&p, KEYS);
    let vault = vault_for(&p, &secret, NEW);
    let old = holder(&p, &secret, "AWSCURRENT").unwrap();
    let previous = holder(&p, &secret, "AWSPREVIOUS").unwrap();
    let Receipt::Version(new) =
        apply(&p, &put_value(&secret, set("/externalApiKey", "new"), "mine"), 1, &vault).unwrap()
    else {
        panic!("no version")
    };
    let go = |label: &str, to: Option<&VersionId>, from: Option<&VersionId>| {
        apply(&p, &stage(&secret, label, to, from), 9, &vault)
    };
    for wrong in [
        go("AWSCURRENT", Some(&new), Some(&previous)),
        go("AWSCURRENT", Some(&new), None),
        go("mine", None, Some(&old)),
        go("nobodys", None, Some(&old)),
    ] {
        let fault = wrong.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Conflict);
        assert!(fault.message.wire().starts_with("InvalidParameterException: "), "{fault:?}");
    }
    assert_eq!(kind(go("AWSCURRENT", None, Some(&old))), FaultKind::Invalid);
    assert_eq!(kind(go("AWSCURRENT", None, None)), FaultKind::Invalid);
    assert_eq!(kind(go("AWSCURRENT", Some(&VersionId::new("none")), Some(&old))), FaultKind::NotFound);
    assert_eq!(holder(&p, &secret, "AWSCURRENT"), Some(old.clone()));
    // keep a label, swap, swap back
    go("mine-prev", Some(&old), None).unwrap();
    go("AWSCURRENT", Some(&new), Some(&old)).unwrap();
    assert_eq!(holder(&p, &secret, "AWSPREVIOUS"), Some(old.clone()));
    assert_eq!(kind(go("AWSCURRENT", Some(&new), Some(&old))), FaultKind::Conflict);
    go("AWSCURRENT", Some(&old), Some(&new)).unwrap();
    assert_eq!(holder(&p, &secret, "AWSCURRENT"), Some(old));
    assert_eq!(holder(&p, &secret, "AWSPREVIOUS"), Some(new.clone()));
    go("mine", None, Some(&new)).unwrap();
    assert_eq!(holder(&p, &secret, "mine"), None);
}

#[test]
fn a_version_without_a_label_is_gone_some_day() {
    let (p, clock) = calm(1);
    let secret = arn_of(&p, KEYS);
    let vault = vault_for(&p, &secret, NEW);
    let call = put_value(&secret, set("/externalApiKey", "new"), "mine");
    let Ok(Receipt::Version(bare)) = apply(&p, &call, 1, &vault) else { panic!("no version") };
    apply(&p, &call, 2, &vault).unwrap();
    let from = MaterialSource::Secret { secret: secret.clone(), version: bare.clone() };
    clock.go(86_000);
    assert!(load(&p, &from, "it", &vault).is_ok(), "none younger than a day is removed");
    clock.go(2 * 86_400);
    assert_eq!(load(&p, &from, "it", &vault).unwrap_err().kind, FaultKind::NotFound);
    assert!(holder(&p, &secret, "AWSCURRENT").is_some() && holder(&p, &secret, "mine").is_some());
}

#[test]
fn limits_are_those_of_aws() {
    let (p, _) = calm(1);
    let secret = arn_of(&p, KEYS);
    let before = current(&p, &secret);
    let field = before.rsplit('"').nth(1).unwrap().len();
    let room = 65_536 - (before.len() - field);
    let call = put_value(&secret, set("/externalApiKey", "new"), "mine");
    let fits = vault_for(&p, &secret, &"x".repeat(room));
    assert!(apply(&p, &call, 1, &fits).is_ok());
    let over = vault_for(&p, &secret, &"x".repeat(room + 1));
    assert_eq!(kind(apply(&p, &call, 2, &over)), FaultKind::Invalid);
    // about twenty labels
    let vault = vault_for(&p, &secret, NEW);
    let old = holder(&p, &secret, "AWSCURRENT").unwrap();
    let taken = (0..40)
        .take_while(|n| apply(&p, &stage(&secret, &format!("l{n}"), Some(&old), None), 9, &vault).is_ok());
    assert_eq!(taken.count(), 17, "AWSCURRENT, AWSPREVIOUS and the run's are labels, too");
    // about a hundred versions, as none of them is a day old
    let call = put_value(&secret, set("/externalApiKey", "new"), "mine");
    let made = (10..200).take_while(|n| apply(&p, &call, *n, &vault).is_ok()).count();
    assert!((95..=100).contains(&made), "{made}");
}

#[test]
fn what_is_not_to_be_written_is_refused() {
    let (p, _) = calm(1);
    let good = arn_of(&p, KEYS);
    let vault = vault_for(&p, &good, NEW);
    for name in [
        "shop/session-signing",
        "shop/old-erp",
        "events!connection/webhooks/4a6c2d1e-8f0b-4b7a-a2f3-0c9d8e7f6a5b",
    ] {
        let call = put_value(&arn_of(&p, name), set("/externalApiKey", "new"), "mine");
        assert_eq!(kind(apply(&p, &call, 1, &vault)), FaultKind::Invalid, "{name}");
    }
    let nowhere =
        put_value(&Arn::new("arn:aws:secretsmanager:us-east-1:000000000000:secret:x"), set("/a", "new"), "l");
    assert_eq!(kind(apply(&p, &nowhere, 1, &vault)), FaultKind::NotFound);
    let call = put_value(&good, set("/externalApiKey", "new"), "mine");
    let elsewhere = At { region: Region::new("eu-central-1").unwrap(), ..here() };
    assert_eq!(kind(apply_at(&p, &elsewhere, &call, 1, &vault)), FaultKind::NotFound);
    let empty = Vault::default();
    assert_eq!(kind(apply(&p, &call, 1, &empty)), FaultKind::Invalid);
    let no_field = put_value(&good, set("/nothing", "new"), "mine");
    assert_eq!(kind(apply(&p, &no_field, 1, &vault)), FaultKind::Invalid);
    // bytes are no text, and another key needs its own permission
    let unseal = arn_of(&p, "platform/vault-unseal");
    let version = holder(&p, &unseal, "AWSCURRENT").unwrap();
    let from = MaterialSource::Secret { secret: unseal, version };
    assert_eq!(load(&p, &from, "it", &vault).unwrap_err().kind, FaultKind::Unsupported);
    let (p, _) = with(Options { denied: vec!["kms:Decrypt".into()], ..quiet() });
    let version = holder(&p, &good, "AWSCURRENT").unwrap();
    let from = MaterialSource::Secret { secret: good, version };
    let FaultKind::Denied { action, .. } = load(&p, &from, "it", &vault).unwrap_err().kind else {
        panic!("not denied")
    };
    assert_eq!(action.wire(), "kms:Decrypt");
}

#[test]
fn writes_and_materials_are_denied_and_throttled_like_questions() {
    let denied = vec!["secretsmanager:PutSecretValue".into(), "secretsmanager:GetSecretValue".into()];
    let (q, _) = calm(1);
    let (p, _) = with(Options { denied, ..quiet() });
    let secret = arn_of(&p, KEYS);
    let vault = vault_for(&q, &secret, NEW);
    let call = put_value(&secret, set("/externalApiKey", "new"), "mine");
    assert_eq!(apply(&p, &call, 1, &vault).unwrap_err().word(), "denied");
    let version = holder(&p, &secret, "AWSCURRENT").unwrap();
    let from = MaterialSource::Secret { secret: secret.clone(), version: version.clone() };
    assert_eq!(load(&p, &from, "it", &vault).unwrap_err().word(), "denied");
    assert!(apply(&p, &stage(&secret, "l", Some(&version), None), 1, &vault).is_ok());
    let (p, clock) = with(Options { quotas: true, ..quiet() });
    let passed = (0..100).take_while(|_| apply(&p, &call, 1, &vault).is_ok()).count();
    assert_eq!(passed, 40, "a burst of four seconds of ten a second");
    assert_eq!(apply(&p, &call, 1, &vault).unwrap_err().kind, FaultKind::Throttled);
    clock.go(1);
    assert!(apply(&p, &call, 1, &vault).is_ok());
}

#[test]
fn tags_are_set_and_taken_off_and_those_of_aws_stay() {
    let (p, clock) = calm(1);
    let secret = arn_of(&p, KEYS);
    let vault = Vault::default();
    let tag = |pairs: &[(&str, &str)]| {
        let tags = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Call::SecretsManager(secret_call::Call::TagResource { secret: secret.clone(), tags })
    };
    let untag = |keys: &[&str]| {
        let keys = keys.iter().map(|k| (*k).into()).collect();
        Call::SecretsManager(secret_call::Call::UntagResource { secret: secret.clone(), keys })
    };
    let seen = || {
        let described = one(&p, secretsmanager::DescribeSecret { secret: secret.clone() }).unwrap();
        let listed = all(&p, secretsmanager::ListSecrets {}).into_iter().find(|s| s.arn == secret).unwrap();
        assert_eq!(listed.tags, described.tags);
        described
    };
    let before = seen();
    let value = current(&p, &secret);
    clock.go(60);
    assert_eq!(apply(&p, &tag(&[("a", "1"), ("b", "2")]), 1, &vault), Ok(Receipt::Done));
    assert_eq!(apply(&p, &tag(&[("a", "before 3")]), 2, &vault), Ok(Receipt::Done));
    let now = seen();
    assert_eq!(now.tags.len(), before.tags.len() + 2);
    assert!(
        now.tags.contains(&("a".into(), "before 3".into())) && now.tags.contains(&("b".into(), "2".into()))
    );
    assert!(now.last_changed > before.last_changed, "LastChangedDate moves with tags");
    assert_eq!(current(&p, &secret), value);
    assert_eq!(apply(&p, &untag(&["a", "b", "never"]), 3, &vault), Ok(Receipt::Done));
    assert_eq!(seen().tags, before.tags);

    let long = ["k".repeat(129), "v".repeat(257)];
    let many: Vec<String> = (0..50).map(|n| format!("t{n}")).collect();
    let too_many: Vec<(&str, &str)> = many.iter().map(|t| (t.as_str(), "")).collect();
    for wrong in [
        tag(&[("aws:x", "1")]),
        tag(&[("", "1")]),
        tag(&[("a\u{1b}", "1")]),
        tag(&[(&long[0], "1")]),
        tag(&[("a", &long[1])]),
        tag(&too_many),
        untag(&["aws:cloudformation:stack-name"]),
    ] {
        assert_eq!(kind(apply(&p, &wrong, 4, &vault)), FaultKind::Invalid, "{wrong:?}");
    }
    assert_eq!(seen().tags, before.tags, "all of a call or nothing");
}
