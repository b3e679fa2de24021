//! Functions: the environment under its revision, versions, aliases, invocations.

use super::*;

const AUTHORIZER: &str = "mongo-api-prod-authorizer";

fn publish(function: &str, c: &FunctionConfig) -> Call {
    Call::Lambda(function_call::Call::PublishVersion {
        function: FunctionName::new(function),
        revision: c.revision.clone(),
        code_sha256: c.code_sha256.clone(),
        description: "bartizan-7f3a0b1c".into(),
    })
}

fn point(function: &str, alias: &str, version: &str, revision: Option<&RevisionId>) -> Call {
    Call::Lambda(function_call::Call::UpdateAlias {
        function: FunctionName::new(function),
        alias: AliasName::new(alias),
        version: FunctionVersion::new(version),
        revision: revision.cloned(),
    })
}

fn alias(p: &Practice, function: &str, name: &str) -> Alias {
    let aliases = all(p, lambda::ListAliases { function: FunctionName::new(function) });
    aliases.into_iter().find(|a| a.name.wire() == name).unwrap()
}

fn invoke(p: &Practice, qualifier: Option<&str>, vault: &Vault) -> Option<Untrusted> {
    let call = Call::Lambda(function_call::Call::Invoke {
        function: FunctionName::new(AUTHORIZER),
        qualifier: qualifier.map(Into::into),
        payload: "{\"headers\":{\"x-api-key\":\"{key}\"}}".into(),
        value: Some(slot("new")),
    });
    match apply(p, &call, 1, vault).unwrap() {
        Receipt::Invoked { status: 200, function_error, .. } => function_error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_environment_is_changed_in_one_variable_only() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    environment(&p, HANDLER, &vault).unwrap();
    let before: serde_json::Value = serde_json::from_str(&held(&vault, "environment")).unwrap();
    let (first, backup) = before["API_KEYS"].as_str().unwrap().split_once(',').unwrap();
    put(&vault, "old", first);
    put(&vault, "new", "aNewKeyOfThirtyCharactersOrSo1");
    let looked = config(&p, HANDLER);
    let receipt = edit_environment(&p, HANDLER, insert("/API_KEYS", "new", "old"), &vault).unwrap();
    let going = config(&p, HANDLER);
    assert_eq!(receipt, Receipt::Revision(going.revision.clone()));
    assert_ne!(going.revision, looked.revision);
    assert_eq!(going.last_update.wire(), "InProgress");
    // nothing else may be changed meanwhile
    environment(&p, HANDLER, &vault).unwrap();
    let again = configure(HANDLER, &going.revision, remove("/API_KEYS", "old"));
    let fault = apply(&p, &again, 2, &vault).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    assert!(fault.message.wire().starts_with("ResourceConflictException: "), "{fault:?}");
    clock.go(20);
    let through = config(&p, HANDLER);
    assert_eq!(through.last_update.wire(), "Successful");
    assert_ne!(through.revision, going.revision, "it changes once more");
    // what was looked at before is outdated
    let fault = apply(&p, &again, 2, &vault).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    assert!(fault.message.wire().starts_with("PreconditionFailedException: "), "{fault:?}");
    environment(&p, HANDLER, &vault).unwrap();
    let mut after: serde_json::Value = serde_json::from_str(&held(&vault, "environment")).unwrap();
    assert_eq!(after["API_KEYS"], format!("{first},aNewKeyOfThirtyCharactersOrSo1,{backup}"));
    after["API_KEYS"] = before["API_KEYS"].clone();
    assert_eq!(after, before);
    // and without the old one, the one in reserve is as it was
    edit_environment(&p, HANDLER, remove("/API_KEYS", "old"), &vault).unwrap();
    clock.go(20);
    environment(&p, HANDLER, &vault).unwrap();
    let last: serde_json::Value = serde_json::from_str(&held(&vault, "environment")).unwrap();
    assert_eq!(last["API_KEYS"], format!("aNewKeyOfThirtyCharactersOrSo1,{backup}"));
}

#[test]
fn the_names_of_variables_are_told_and_never_their_values() {
    let (p, _) = calm(1);
    let c = config(&p, HANDLER);
    let names: Vec<&str> = c.variables.iter().map(Untrusted::wire).collect();
    assert_eq!(names, ["API_KEYS", "DB_HOST", "DB_NAME", "DB_PASSWORD", "DB_USER", "LOG_LEVEL"]);
    let vault = Vault::default();
    environment(&p, HANDLER, &vault).unwrap();
    let text = held(&vault, "environment");
    let map: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    let bytes: usize = map.iter().map(|(n, v)| n.len() + v.len()).sum();
    assert_eq!(c.environment_bytes as usize, bytes);
    assert!(!format!("{c:?}").contains(&map["DB_PASSWORD"]));
}

#[test]
fn four_kilobytes_are_the_most() {
    let (p, _) = calm(1);
    let room = 4_096 - config(&p, HANDLER).environment_bytes as usize + 4; // "logs" is replaced
    for (bytes, fits) in [(room + 1, false), (room, true)] {
        let vault = Vault::default();
        put(&vault, "new", &"x".repeat(bytes));
        let outcome = edit_environment(&p, HANDLER, set("/DB_NAME", "new"), &vault);
        assert_eq!(outcome.is_ok(), fits, "{bytes}");
        if let Err(fault) = outcome {
            assert_eq!(fault.kind, FaultKind::Invalid);
            assert!(!fault.message.wire().contains("xxxx"));
        }
    }
}

#[test]
fn an_environment_that_cannot_be_decrypted_is_a_fault_and_not_empty() {
    let (p, _) = calm(1);
    let c = config(&p, "omnitrack-agents");
    assert!(c.environment_error.is_some() && c.variables.is_empty() && c.environment_bytes == 0);
    let vault = Vault::default();
    assert_eq!(environment(&p, "omnitrack-agents", &vault).unwrap_err().word(), "denied");
    assert!(!vault.holds(&slot("environment")));
    assert_eq!(environment(&p, "no-such-function", &vault).unwrap_err().word(), "not_found");
}

#[test]
fn a_new_environment_reaches_an_alias_by_a_version() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    environment(&p, AUTHORIZER, &vault).unwrap();
    let text = held(&vault, "environment");
    let map: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    put(&vault, "old", map["API_KEYS"].split(',').next().unwrap());
    put(&vault, "new", "aNewKeyOfThirtyCharactersOrSo1");
    // unchanged, so nothing is published
    let c = config(&p, AUTHORIZER);
    let same = apply(&p, &publish(AUTHORIZER, &c), 1, &vault).unwrap();
    assert_eq!(same, Receipt::Published(FunctionVersion::new("7")));
    edit_environment(&p, AUTHORIZER, insert("/API_KEYS", "new", "old"), &vault).unwrap();
    assert_eq!(
        kind(apply(&p, &publish(AUTHORIZER, &config(&p, AUTHORIZER)), 1, &vault)),
        FaultKind::Conflict
    );
    clock.go(20);
    assert_eq!(invoke(&p, None, &vault), None);
    assert_eq!(invoke(&p, Some("live"), &vault), Some("Unhandled".into()));
    let mut outdated = config(&p, AUTHORIZER);
    outdated.code_sha256 = "other".into();
    assert_eq!(kind(apply(&p, &publish(AUTHORIZER, &outdated), 1, &vault)), FaultKind::Conflict);
    assert_eq!(kind(apply(&p, &publish(AUTHORIZER, &c), 1, &vault)), FaultKind::Conflict);
    let published = apply(&p, &publish(AUTHORIZER, &config(&p, AUTHORIZER)), 1, &vault).unwrap();
    assert_eq!(published, Receipt::Published(FunctionVersion::new("8")));
    let versions = all(&p, lambda::ListVersionsByFunction { function: FunctionName::new(AUTHORIZER) });
    assert_eq!(versions.len(), 9);
    let eighth = versions.iter().find(|v| v.version.wire() == "8").unwrap();
    assert_eq!(eighth.description, Some("bartizan-7f3a0b1c".into()));
    let live = alias(&p, AUTHORIZER, "live");
    assert_eq!((live.version.wire(), live.weighted), ("7", false));
    let stale = RevisionId::new("another");
    assert_eq!(
        kind(apply(&p, &point(AUTHORIZER, "live", "8", Some(&stale)), 1, &vault)),
        FaultKind::Conflict
    );
    assert_eq!(kind(apply(&p, &point(AUTHORIZER, "live", "99", None), 1, &vault)), FaultKind::NotFound);
    assert_eq!(kind(apply(&p, &point(AUTHORIZER, "none", "8", None), 1, &vault)), FaultKind::NotFound);
    apply(&p, &point(AUTHORIZER, "live", "8", Some(&live.revision)), 1, &vault).unwrap();
    assert_ne!(alias(&p, AUTHORIZER, "live").revision, live.revision);
    assert_eq!(invoke(&p, Some("live"), &vault), None);
    assert_eq!(invoke(&p, Some("7"), &vault), Some("Unhandled".into()), "old versions keep the old keys");
    let ask = lambda::GetProvisionedConcurrencyConfig {
        function: FunctionName::new(AUTHORIZER),
        alias: AliasName::new("live"),
    };
    let status = || one(&p, ask.clone()).unwrap().unwrap().status.wire().to_owned();
    assert_eq!(status(), "IN_PROGRESS");
    clock.go(60);
    assert_eq!(status(), "READY");
}

#[test]
fn what_a_rotation_must_refuse_is_there() {
    let (p, clock) = calm(1);
    assert!(alias(&p, "omnitrack-api-auth", "live").weighted);
    let live = alias(&p, "omnitrack-api-twin", "live").version;
    let of = |version| {
        let function = FunctionName::new("omnitrack-api-twin");
        one(&p, lambda::GetFunctionConfiguration { function, version }).unwrap()
    };
    assert_ne!(of(None).code_sha256, of(Some(live)).code_sha256);
    // SnapStart takes minutes
    let vault = Vault::default();
    assert!(config(&p, "omnitrack-websocket").snap_start);
    put(&vault, "new", "aNewKeyOfThirtyCharactersOrSo1");
    edit_environment(&p, "omnitrack-websocket", set("/API_KEYS", "new"), &vault).unwrap();
    clock.go(20);
    let call = publish("omnitrack-websocket", &config(&p, "omnitrack-websocket"));
    let Ok(Receipt::Published(version)) = apply(&p, &call, 1, &vault) else { panic!("not published") };
    let state = || {
        let function = FunctionName::new("omnitrack-websocket");
        let version = Some(version.clone());
        one(&p, lambda::GetFunctionConfiguration { function, version }).unwrap().state.wire().to_owned()
    };
    assert_eq!(state(), "Pending");
    clock.go(180);
    assert_eq!(state(), "Active");
    let tags = one(&p, lambda::ListTags { function: config(&p, HANDLER).arn }).unwrap();
    assert!(
        tags.iter().any(|(n, v)| n.wire() == "aws:cloudformation:stack-name" && v.wire() == "logapi-prod")
    );
}
