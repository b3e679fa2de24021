//! What was made to come back by is found, over the practice estate: by what CloudTrail tells and by what stands there.

use super::*;

#[tokio::test]
async fn a_sweep_finds_what_was_made_and_is_quiet_where_nothing_was() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    let mut live = bed.begin("persistence-sweep", &[("key", key.wire())]).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done));
    assert!(said(&live, "sweep").contains("QUIET: nothing was made"), "{}", said(&live, "sweep"));
    let session = does(&bed, &key, assumes()).unwrap().unwrap();
    let helper = UserName::new("helper");
    does(&bed, &session, Deed::MakesUser(helper.clone())).unwrap();
    let made = does(&bed, &session, Deed::MakesKey(helper.clone())).unwrap().unwrap();
    does(&bed, &made, Deed::MakesRole { role: RoleName::new("support"), trusts: helper }).unwrap();
    let secret = bed.all(ListSecrets {}).await.unwrap()[0].name.wire().to_owned();
    does(&bed, &session, Deed::ReadsSecret(secret.as_str().into())).unwrap();
    // too early: CloudTrail does not tell of it yet, and says that this is no proof; the account's lists are not late
    let mut live = bed.begin("persistence-sweep", &[("key", key.wire())]).await;
    go(&bed, &mut live).await;
    let told = said(&live, "sweep");
    for word in [
        "no event is no proof",
        "the user helper was made",
        "the role support",
        made.wire(),
        "not known by whom",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    later(&bed, 1_200);
    let mut live = bed.begin("persistence-sweep", &[("key", key.wire())]).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done));
    let told = said(&live, "sweep");
    let contain = format!("runbook start iam-key-compromised --set key={}", made.wire());
    let renew = format!("secret-update --set secret={secret}");
    for word in [
        "made a user helper",
        "made a role support",
        "role-sessions-revoked --set role=support",
        "assumed-role/json-stack-deploy",
        &contain,
        &renew,
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let run = live.run();
    let outputs = &run.step("sweep").unwrap().outputs;
    let list = |name: &str| match &outputs[name] {
        Value::List(all) => all.iter().map(|t| t.wire().to_owned()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!((list("users"), list("roles")), (vec!["helper".to_owned()], vec!["support".to_owned()]));
    assert_eq!((list("keys"), list("secrets")), (vec![made.wire().to_owned()], vec![secret]));
}

/// What an intruder leaves behind that is no credential, in whatever Region; and that what is contained stays so.
#[tokio::test]
async fn a_sweep_is_quiet_again_when_everything_is_contained() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    let session = does(&bed, &key, assumes()).unwrap().unwrap();
    let functions = bed.all(bartizan::estate::ask::lambda::ListFunctions {}).await.unwrap();
    let function = functions[0].name.clone();
    let far = Region::new("ap-south-1").unwrap();
    for left in [
        Leaving::Code(function.clone()),
        Leaving::Url(function.clone()),
        Leaving::Layer("extra".into()),
        Leaving::Instance(far),
        Leaving::Provider("evil".into()),
        Leaving::Silence("account-events".into()),
    ] {
        does(&bed, &session, Deed::Leaves(left)).unwrap();
    }
    later(&bed, 1_200);
    let mut live = bed.begin("persistence-sweep", &[("key", key.wire())]).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done));
    let told = said(&live, "sweep");
    let named = function.wire();
    for word in [
        "6 findings",
        &format!("made or changed a function {named} (UpdateFunctionCode"),
        &format!("opened a URL of a function {named} (CreateFunctionUrlConfig"),
        "published a layer extra",
        "started instances i-",
        "--region ap-south-1",
        "sign in, the provider evil",
        "TOUCHED LOGGING, so that what came after may not be seen, of account-events",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    // a second key, contained by its own runbook, with its user
    let helper = UserName::new("helper");
    does(&bed, &session, Deed::MakesUser(helper.clone())).unwrap();
    let made = does(&bed, &session, Deed::MakesKey(helper)).unwrap().unwrap();
    later(&bed, 1_200);
    let mut other = bed.begin(KEY, &[("key", made.wire())]).await;
    go_until(&bed, &mut other, Some("deny")).await;
    later(&bed, 60);
    let known = format!("{named},extra,evil,account-events,{}", instance(&told));
    let inputs = [("key", key.wire()), ("known", known.as_str())];
    let mut live = bed.begin("persistence-sweep", &inputs).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done));
    let told = said(&live, "sweep");
    assert!(told.contains("QUIET: of 8 things"), "{told}");
    assert!(told.contains("everything is denied to helper") && told.contains("KNOWN:"), "{told}");
}

/// The id of the instance that a sweep tells of.
fn instance(told: &str) -> String {
    let from = told.find("i-").unwrap();
    told[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// A rule that an intruder left is named with who made it; one that stands is told, and not called anybody's.
#[tokio::test]
async fn a_rule_that_was_made_is_found_and_one_that_stands_is_told() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    does(&bed, &key, Deed::Leaves(Leaving::Rule("keeps-in".into()))).unwrap();
    later(&bed, 1_200);
    let mut live = bed.begin("persistence-sweep", &[("key", key.wire())]).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done));
    let told = said(&live, "sweep");
    for word in [
        "made or changed the rule keeps-in",
        "aws events disable-rule --name keeps-in --region us-east-1",
        "(2 rules): nightly-report in us-east-1 (cron(0 3 * * ? *), to arn:aws:lambda:us-east-1:",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert!(!told.contains("rule nightly-report ("), "{told}");
}
