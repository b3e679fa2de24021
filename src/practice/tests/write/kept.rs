//! What a snapshot holds of writes: everything but the values that somebody typed or a run generated.

use super::*;

const MARK: &str = "MARKEDvalueNobodyMayEverSee0123456789";

/// An estate with a marked value in every store, and its clock.
fn marked() -> (Practice, std::sync::Arc<Still>, Vault) {
    let (p, clock) = calm(1);
    let secret = arn_of(&p, "logapi/api-key");
    let vault = vault_for(&p, &secret, MARK);
    load(&p, &MaterialSource::ApiKey { key: ApiKeyId::new(OLD) }, "old", &vault).unwrap();
    apply(&p, &put_value(&secret, insert("/current", "new", "old"), "mine"), 1, &vault).unwrap();
    let whole =
        edit(vec![EditOp::Set { place: Place::Whole, value: slot("new"), print: None, create: false }]);
    apply(&p, &put_value(&secret, whole, "whole"), 2, &vault).unwrap();
    edit_environment(&p, HANDLER, insert("/API_KEYS", "new", "old"), &vault).unwrap();
    made(apply(&p, &create_key("bartizan-7f3a0b1c", "new"), 3, &vault));
    clock.go(20);
    (p, clock, vault)
}

#[test]
fn no_value_of_a_person_or_a_run_is_in_a_snapshot() {
    let (p, _, vault) = marked();
    environment(&p, HANDLER, &vault).unwrap();
    assert!(held(&vault, "environment").contains(MARK), "the estate itself has it");
    let bytes = String::from_utf8(p.snapshot().unwrap()).unwrap();
    assert!(!bytes.contains(MARK) && !bytes.contains("MARKED"));
    let state = p.inner.lock();
    let world = format!("{:?}", state.made.as_ref().unwrap().world);
    assert!(!world.contains("MARKED") && !world.contains("practicepractice"));
    assert!(!world.contains(&held(&vault, "old")), "nor is any value in a debug line");
}

#[test]
fn a_kept_estate_holds_together_after_a_restart() {
    let (p, clock, vault) = marked();
    let q = Practice::restore(&p.snapshot().unwrap(), quiet(), clock.clone()).unwrap();
    let after = Vault::default();
    environment(&p, HANDLER, &vault).unwrap();
    environment(&q, HANDLER, &after).unwrap();
    let key = all(&q, apigateway::GetApiKeys { name_prefix: Some("bartizan-7f3a0b1c".into()) }).remove(0);
    load(&q, &MaterialSource::ApiKey { key: key.id.clone() }, "new", &after).unwrap();
    let stand_in = held(&after, "new");
    assert!(stand_in.starts_with("practiceStandIn0001") && stand_in.len() == MARK.len());
    // gateway, function and secret agree, and every other byte is as it was
    assert_eq!(held(&after, "environment"), held(&vault, "environment").replace(MARK, &stand_in));
    let secret = arn_of(&q, "logapi/api-key");
    for label in ["mine", "whole"] {
        let version = holder(&q, &secret, label).unwrap();
        let from = MaterialSource::Secret { secret: secret.clone(), version };
        load(&p, &from, "it", &vault).unwrap();
        load(&q, &from, "it", &after).unwrap();
        assert_eq!(held(&after, "it"), held(&vault, "it").replace(MARK, &stand_in), "{label}");
    }
    // and work goes on with it
    for plan in plans_of(&q, &ApiKeyId::new(OLD)) {
        let key = key.id.clone();
        apply(&q, &gateway(api_call::Call::CreateUsagePlanKey { plan, key }), 1, &after).unwrap();
    }
    let enable = api_call::Call::UpdateApiKey { key: key.id.clone(), enabled: true };
    apply(&q, &gateway(enable), 1, &after).unwrap();
    clock.go(10);
    assert_eq!(canary(&q, CANARY, "new", &after).unwrap(), 200);
    assert_eq!(q.snapshot().unwrap(), {
        let r = Practice::restore(&q.snapshot().unwrap(), quiet(), clock.clone()).unwrap();
        r.snapshot().unwrap()
    });
}

fn sealed(key: u8) -> Options {
    Options { seal: Some(crate::practice::Seal::new(Zeroizing::new([key; 32]))), ..quiet() }
}

#[test]
fn with_the_seal_it_was_kept_with_an_estate_has_every_value_again() {
    let (p, clock, vault) = marked();
    let first = Practice::restore(&p.snapshot().unwrap(), sealed(1), clock.clone()).unwrap();
    assert!(first.stand_ins() > 0, "it was kept without a seal");
    let (p, clock) = with(sealed(1));
    let secret = arn_of(&p, "logapi/api-key");
    put(&vault, "base", &current(&p, &secret));
    apply(&p, &put_value(&secret, insert("/current", "new", "old"), "mine"), 1, &vault).unwrap();
    edit_environment(&p, HANDLER, insert("/API_KEYS", "new", "old"), &vault).unwrap();
    let key = made(apply(&p, &create_key("bartizan-7f3a0b1c", "new"), 3, &vault));
    clock.go(20);
    let bytes = p.snapshot().unwrap();
    assert!(!String::from_utf8(bytes.clone()).unwrap().contains("MARKED"));
    let q = Practice::restore(&bytes, sealed(1), clock.clone()).unwrap();
    assert_eq!(q.stand_ins(), 0);
    assert!(q.snapshot().unwrap() == bytes);
    let version = holder(&q, &secret, "mine").unwrap();
    let all_of = |p: &Practice| {
        let vault = Vault::default();
        environment(p, HANDLER, &vault).unwrap();
        load(p, &MaterialSource::ApiKey { key: key.clone() }, "key", &vault).unwrap();
        let from = MaterialSource::Secret { secret: secret.clone(), version: version.clone() };
        load(p, &from, "it", &vault).unwrap();
        ["environment", "key", "it"].map(|name| held(&vault, name))
    };
    assert_eq!(all_of(&q), all_of(&p));
    assert!(all_of(&q).iter().all(|text| text.contains(MARK)));
    // the same value has the same stand-in afterwards
    apply(&q, &put_value(&secret, insert("/current", "new", "old"), "again"), 4, &vault).unwrap();
    assert!(!String::from_utf8(q.snapshot().unwrap()).unwrap().contains("practiceStandIn0002"));
    // another key is none
    let r = Practice::restore(&bytes, sealed(2), clock.clone()).unwrap();
    assert_eq!(r.stand_ins(), 1);
    assert!(all_of(&r).iter().all(|text| text.contains("practiceStandIn0001")));
}

#[test]
fn what_is_kept_after_every_write_is_the_estate() {
    let (p, clock) = calm(1);
    let kept: std::sync::Arc<std::sync::Mutex<Vec<Vec<u8>>>> = std::sync::Arc::default();
    let keeper = kept.clone();
    p.keep_by(move |bytes| {
        keeper.lock().unwrap().push(bytes.to_vec());
        Ok(())
    });
    let secret = arn_of(&p, "logapi/api-key");
    let to = holder(&p, &secret, "AWSCURRENT").unwrap();
    assert_eq!(
        std::mem::take(&mut *kept.lock().unwrap()).len(),
        1,
        "a new one is kept, and questions change nothing"
    );
    for label in ["one", "two"] {
        apply(&p, &stage(&secret, label, Some(&to), None), 1, &Vault::default()).unwrap();
    }
    assert_eq!(kept.lock().unwrap().len(), 2);
    let bytes = kept.lock().unwrap().pop().unwrap();
    let q = Practice::restore(&bytes, quiet(), clock.clone()).unwrap();
    assert_eq!(holder(&q, &secret, "two"), Some(to.clone()));
    // when it cannot be kept, nobody knows whether the write will have happened
    q.keep_by(|_| Err("the disk is full".into()));
    let fault = apply(&q, &stage(&secret, "three", Some(&to), None), 1, &Vault::default()).unwrap_err();
    assert!(fault.may_have_happened() && fault.message.wire().contains("the disk is full"), "{fault:?}");
}
