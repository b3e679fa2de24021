//! Containing a leaked key and a role's sessions, over the practice estate and by the engine with its journal: what is
//! refused before anything is changed, what an intruder can still do, what the watch says of it, and the undo.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "rotation/bed.rs"]
#[allow(dead_code)] // this target uses its part
mod bed;
#[path = "containment/sweep.rs"]
mod sweep;

use bartizan::engine::runs::{Runs, Site, Who};
use bartizan::estate::ask::iam::{ListAccessKeys, ListAttachedUserPolicies, ListRolePolicies};
use bartizan::estate::ask::secretsmanager::ListSecrets;
use bartizan::estate::time::plus_seconds;
use bartizan::estate::*;
use bartizan::practice::{Deed, Leaving, Refused};
use bartizan::runbook::definition::shipped;
use bartizan::runbook::{Halt, RunState, Value};
use bed::{Bed, given, go, go_until, said, yes};
use std::sync::Arc;

const KEY: &str = "iam-key-compromised";
const ROLE: &str = "role-sessions-revoked";
const USER: &str = "json-stack-ci";
const DEPLOY: &str = "json-stack-deploy";

fn user() -> UserName {
    UserName::new(USER)
}

/// The key that everybody uses.
async fn leaked(bed: &Bed) -> AccessKeyId {
    bed.all(ListAccessKeys { user: user() }).await.unwrap()[0].id.clone()
}

/// What a plan would refuse, and at which step.
async fn refusal(bed: &Bed, runbook: &str, inputs: &[(&str, &str)]) -> (String, String) {
    let definition = shipped(runbook).unwrap().unwrap();
    let plan = bed.runs().plan(&definition, &given(&definition, inputs)).await.unwrap();
    let (step, why) = plan.refusal().unwrap_or_else(|| panic!("nothing is refused"));
    (step.to_owned(), why.to_owned())
}

fn reads() -> Deed {
    Deed::Reads { service: "s3", operation: "ListBuckets", region: Region::new("eu-west-1").unwrap() }
}

fn does(bed: &Bed, key: &AccessKeyId, deed: Deed) -> Result<Option<AccessKeyId>, Refused> {
    bed.practice.intrude(key, &deed).unwrap()
}

fn assumes() -> Deed {
    Deed::Assumes(RoleName::new(DEPLOY))
}

fn later(bed: &Bed, seconds: i64) {
    bed.clock.to(plus_seconds(bed.clock.now(), seconds));
}

async fn attached(bed: &Bed) -> Vec<String> {
    let all = bed.all(ListAttachedUserPolicies { user: user() }).await.unwrap();
    all.iter().map(|p| p.name.wire().to_owned()).collect()
}

async fn is_active(bed: &Bed, key: &AccessKeyId) -> bool {
    bed.all(ListAccessKeys { user: user() }).await.unwrap().iter().any(|k| k.id == *key && k.active)
}

#[tokio::test]
async fn a_leaked_key_is_contained_and_the_word_is_said_only_after_the_quiet_time() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    assert_eq!(does(&bed, &key, reads()), Ok(None), "the key works before");
    let own = does(&bed, &key, Deed::TakesSession).unwrap().unwrap();
    let chained = does(&bed, &key, assumes()).unwrap().unwrap();
    later(&bed, 1_200);
    let began = bed.clock.now();
    let mut live = bed.begin(KEY, &[("key", key.wire())]).await;
    let halt = go_until(&bed, &mut live, Some("sessions")).await;
    assert!(matches!(halt, Halt::Reached(_)), "{halt:?}");
    let told = said(&live, "evidence");
    for word in
        [USER, "ANOTHER KEY", "json-stack-deploy-only", "ci-boundary", "no console password", "groups: ci"]
    {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert!(!is_active(&bed, &key).await);
    assert!(attached(&bed).await.contains(&"AWSDenyAll".to_owned()));
    // what the two changes end, and what they do not
    assert_eq!(does(&bed, &key, reads()), Err(Refused::Credentials));
    assert_eq!(does(&bed, &own, reads()), Err(Refused::Denied));
    assert_eq!(does(&bed, &chained, Deed::AsksWhoItIs), Ok(None), "nobody can deny that");
    let told = said(&live, "sessions");
    let command = format!("bartizan runbook start role-sessions-revoked --set role={DEPLOY}");
    for word in [
        "of the role json-stack-deploy",
        &command,
        "1 session of json-stack-ci itself",
        "no event is no proof",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert!(bed.clock.now() < plus_seconds(began, 300), "it did not wait before it contained");
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    assert!(said(&live, "reach").contains("1 of 1 role could be assumed"), "{}", said(&live, "reach"));
    assert!(bed.clock.now() >= plus_seconds(began, 45 * 60), "30 minutes, and CloudTrail's delay");
    let told = said(&live, "quiet");
    // the session's one attempt, and those of the rightful clients' sessions, were refused and are no alarm
    assert!(told.contains("refused since, as they should be") && !told.contains(" 0 attempts"), "{told}");
    assert!(
        said(&live, "contained").contains("contained: ")
            && said(&live, "contained").contains("OPEN: sessions")
    );
    assert_eq!(bed::calls(&bed, &live.run().id, "iam:UpdateAccessKey").await, 1);
    assert_eq!(bed::calls(&bed, &live.run().id, "iam:DeleteAccessKey").await, 0, "never deleted");
}

#[tokio::test]
async fn a_use_after_the_containment_is_an_alarm_and_ends_with_its_role() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    let chained = does(&bed, &key, assumes()).unwrap().unwrap();
    later(&bed, 1_200);
    let mut live = bed.begin(KEY, &[("key", key.wire())]).await;
    go_until(&bed, &mut live, Some("sessions")).await;
    later(&bed, 300);
    // the half measure: a deny on the user does not reach the session of a role
    assert_eq!(does(&bed, &chained, reads()), Ok(None));
    let halt = go(&bed, &mut live).await;
    let Halt::Failed { step, failure } = &halt else { panic!("{halt:?}") };
    assert_eq!(step, "quiet");
    for word in
        ["NOT CONTAINED", "ListBuckets", chained.wire(), "role-sessions-revoked --set role=json-stack-deploy"]
    {
        assert!(failure.text.contains(word), "{word}: {}", failure.text);
    }
    // its role is revoked, and the watch begins anew
    let mut other = bed.begin(ROLE, &[("role", DEPLOY)]).await;
    assert_eq!(go(&bed, &mut other).await, Halt::Over(RunState::Done));
    assert_eq!(does(&bed, &chained, reads()), Err(Refused::Denied));
    let now = bed.clock.now();
    live.set("contained_since", Value::Time(now)).await.unwrap();
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    assert!(bed.clock.now() >= plus_seconds(now, 45 * 60));
}

#[tokio::test]
async fn a_second_key_and_a_password_are_findings() {
    let bed = Bed::of("logapi").await;
    let user = UserName::new("logapi-exporter");
    let key = bed.all(ListAccessKeys { user: user.clone() }).await.unwrap()[0].id.clone();
    let second = does(&bed, &key, Deed::MakesKey(user.clone())).unwrap().unwrap();
    later(&bed, 1_200);
    let mut live = bed.begin(KEY, &[("key", key.wire())]).await;
    go_until(&bed, &mut live, Some("sessions")).await;
    let found = said(&live, "sessions");
    assert!(found.contains("FINDING: CreateAccessKey") && found.contains(second.wire()), "{found}");
    assert!(said(&live, "evidence").contains("ANOTHER KEY"));
    // the deny reaches the other key: it is of no use, and nothing new can be made with it
    assert_eq!(does(&bed, &second, Deed::MakesPassword(user)), Err(Refused::Denied));
}

#[tokio::test]
async fn a_false_alarm_is_undone_and_everything_works_again() {
    let bed = Bed::of("json-stack").await;
    let (key, before) = (leaked(&bed).await, attached(&bed).await);
    let mut live = bed.begin(KEY, &[("key", key.wire())]).await;
    go_until(&bed, &mut live, Some("deny")).await;
    live.undo().await.unwrap();
    // nobody has said that it was a false alarm
    let halt = live.go(None).await.unwrap();
    let Halt::Time { until, accepts, .. } = &halt else { panic!("{halt:?}") };
    assert_eq!(accepts, &["false_positive"]);
    assert!(
        *until >= plus_seconds(bed.clock.now(), 35 * 3_600),
        "no session of the user lives longer than 36 h"
    );
    assert!(attached(&bed).await.contains(&"AWSDenyAll".to_owned()));
    live.set("false_positive", Value::Text("it was the example of the documentation".into())).await.unwrap();
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Undone), "{halt:?}");
    assert!(is_active(&bed, &key).await);
    assert_eq!(attached(&bed).await, before);
    assert_eq!(does(&bed, &key, reads()), Ok(None));
}

#[tokio::test]
async fn a_stolen_key_is_not_revived_by_an_undo() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    let mut live = bed.begin(KEY, &[("key", key.wire())]).await;
    go_until(&bed, &mut live, Some("deny")).await;
    live.undo().await.unwrap();
    let Halt::Time { until, .. } = live.go(None).await.unwrap() else { panic!("it does not wait") };
    bed.clock.to(until);
    // every session has expired: the deny may go; the key itself never, without a reason
    let mut halt = live.go(None).await.unwrap();
    if let Halt::Consent { proposal, .. } = &halt {
        live.consent(yes(proposal)).await.unwrap();
        halt = live.go(None).await.unwrap();
    }
    let Halt::Person { step, question } = &halt else { panic!("{halt:?}") };
    assert_eq!(
        (step.as_str(), question.accepts.as_slice()),
        ("deactivate", &["false_positive".to_owned()][..])
    );
    assert!(!is_active(&bed, &key).await);
}

#[tokio::test]
async fn what_is_not_contained_here_is_named_with_where_it_is() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    let session = does(&bed, &key, assumes()).unwrap().unwrap();
    let here = Deed::Reads { service: "s3", operation: "ListBuckets", region: Region::us_east_1() };
    assert_eq!(does(&bed, &session, here), Ok(None));
    later(&bed, 1_200);
    let (step, why) = refusal(&bed, KEY, &[("key", session.wire())]).await;
    assert!(step == "evidence" && why.contains("--set role=json-stack-deploy"), "{why}");
    let own = does(&bed, &key, Deed::TakesSession).unwrap().unwrap();
    later(&bed, 1_200);
    let (_, why) = refusal(&bed, KEY, &[("key", own.wire())]).await;
    assert!(why.contains("temporary") || why.contains("deactivated"), "{why}");
    for (key, word) in
        [("AKIAIOSFODNN7EXAMPLE", "no user of it has it"), ("AIDAIOSFODNN7EXAMPLE", "no id of an access key")]
    {
        let (step, why) = refusal(&bed, KEY, &[("key", key)]).await;
        assert!(step == "evidence" && why.contains(word), "{why}");
    }
}

#[tokio::test]
async fn roles_that_cannot_be_revoked_are_refused_with_the_reason() {
    let bed = Bed::unlucky(7, "", Default::default()).await;
    for (role, word) in [
        ("ops", "you work as ops yourself"),
        ("AWSServiceRoleForSupport", "service-linked"),
        ("AWSReservedSSO_AdministratorAccess_4f2a9c11d0e7b358", "Identity Center"),
        ("no-such-role", "there is no role"),
    ] {
        let (step, why) = refusal(&bed, ROLE, &[("role", role)]).await;
        assert!(step == "evidence" && why.contains(word), "{role}: {why}");
    }
}

#[tokio::test]
async fn sessions_of_a_role_die_and_newer_ones_live_until_the_undo_which_waits() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    let old = does(&bed, &key, assumes()).unwrap().unwrap();
    assert_eq!(does(&bed, &old, reads()), Ok(None));
    later(&bed, 60);
    let mut live = bed.begin(ROLE, &[("role", DEPLOY)]).await;
    let halt = go_until(&bed, &mut live, Some("revoke")).await;
    assert!(matches!(halt, Halt::Reached(_)), "{halt:?}");
    let first = bed.clock.now();
    assert_eq!(does(&bed, &old, reads()), Err(Refused::Denied));
    later(&bed, 30);
    let meanwhile = does(&bed, &key, assumes()).unwrap().unwrap();
    assert_eq!(does(&bed, &meanwhile, reads()), Ok(None));
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    assert!(bed.clock.now() >= plus_seconds(first, 120), "the second stamp waits for the first to spread");
    assert_eq!(
        does(&bed, &meanwhile, reads()),
        Err(Refused::Denied),
        "it was issued before the second stamp"
    );
    later(&bed, 10);
    let new = does(&bed, &key, assumes()).unwrap().unwrap();
    assert_eq!(does(&bed, &new, reads()), Ok(None), "who may assume the role gets in again");
    let policies = || bed.all(ListRolePolicies { role: RoleName::new(DEPLOY) });
    assert_eq!(policies().await.unwrap().len(), 2, "one for each stamp");
    assert!(said(&live, "revoked").contains("stands"), "{}", said(&live, "revoked"));

    live.undo().await.unwrap();
    let halt = live.go(None).await.unwrap();
    let Halt::Time { until, accepts, .. } = &halt else { panic!("{halt:?}") };
    assert!(*until > plus_seconds(bed.clock.now(), 7_000), "the role's longest session is two hours");
    assert_eq!(accepts, &["false_positive"]);
    assert_eq!(policies().await.unwrap().len(), 2);
    bed.clock.to(*until);
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Undone));
    assert!(policies().await.unwrap().is_empty());
}

/// The alias of a production account is not asked for before what contains, and it is before anything else.
#[tokio::test]
async fn containment_waits_for_no_alias_and_its_release_does() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    let who = Who { principal: "alice".into(), host: "bastion".into(), pid: 4711 };
    let site = Site { context: "prod".into(), read_only: false, production: true };
    let runs = Runs::new(bed.ports.clone(), Some(Arc::new(bed.store.clone())), who, site);
    let definition = shipped(KEY).unwrap().unwrap();
    let plan = runs.plan(&definition, &given(&definition, &[("key", key.wire())])).await.unwrap();
    let mut live = runs.start(plan, Vault::default()).await.unwrap();
    let halt = go_until(&bed, &mut live, Some("deny")).await;
    assert!(matches!(halt, Halt::Reached(_)), "{halt:?}");
    live.undo().await.unwrap();
    live.set("false_positive", Value::Text("a drill".into())).await.unwrap();
    let halt = live.go(None).await.unwrap();
    assert!(matches!(&halt, Halt::Arm { alias } if alias.wire() == "practice"), "{halt:?}");
}

/// A name must be typed for each, and either that of the resource or that of its owner will do.
#[tokio::test]
async fn names_are_typed() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    let mut live = bed.begin(KEY, &[("key", key.wire())]).await;
    let Halt::Consent { step, proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    let change = proposal.changes[0].clone();
    assert_eq!((step.as_str(), change.risk()), ("deactivate", Risk::Containing));
    assert_eq!(change.demand(), Demand::Name(key.text().clone()));
    assert!(Consent::give(change.clone(), Given::Yes).is_err());
    assert!(Consent::give(change.clone(), Given::Typed("another".into())).is_err());
    assert!(Consent::give(change.clone(), Given::Typed(key.text().clone())).is_ok());
    let by_owner = Consent::give(change, Given::Typed(USER.into())).unwrap();
    live.consent(vec![by_owner]).await.unwrap();
    let Halt::Consent { step, proposal, .. } = live.go(None).await.unwrap() else { panic!() };
    assert_eq!(step, "deny");
    assert!(proposal.breaks.iter().any(|b| b.contains("other key")), "{:?}", proposal.breaks);
    assert_eq!(proposal.changes[0].demand(), Demand::Name(USER.into()));
}

/// A user is meant: all of its active keys, one deny, and what it did with any of them.
#[tokio::test]
async fn a_user_is_contained_with_every_key_and_given_back_on_a_false_alarm() {
    let bed = Bed::of("json-stack").await;
    let keys = async || bed.all(ListAccessKeys { user: user() }).await.unwrap();
    let before = keys().await;
    let active: Vec<AccessKeyId> = before.iter().filter(|k| k.active).map(|k| k.id.clone()).collect();
    assert!(active.len() > 1, "more than one key works: {before:?}");
    let chained = does(&bed, &active[1], assumes()).unwrap().unwrap();
    later(&bed, 1_200);
    let mut live = bed.begin("iam-user-compromised", &[("user", USER)]).await;
    // One screen and one name for all of it.
    let halt = live.go(None).await.unwrap();
    let consents = all_named(&halt, USER);
    assert_eq!(consents.len(), active.len() + 1);
    live.consent(consents).await.unwrap();
    assert_eq!(
        live.go(Some("deny")).await.unwrap(),
        Halt::Reached("deny".into()),
        "nothing was asked between"
    );
    assert!(keys().await.iter().all(|k| !k.active));
    assert_eq!(attached(&bed).await.iter().filter(|p| *p == "AWSDenyAll").count(), 1);
    for key in &active {
        assert_eq!(does(&bed, key, reads()), Err(Refused::Credentials));
    }
    assert_eq!(bed::calls(&bed, &live.run().id, "iam:AttachUserPolicy").await, 1);
    let halt = go_until(&bed, &mut live, Some("sessions")).await;
    assert!(matches!(halt, Halt::Reached(_)), "{halt:?}");
    let told = said(&live, "sessions");
    assert!(told.contains(&format!("role-sessions-revoked --set role={DEPLOY}")), "{told}");
    // A session of a role is not ended by that, and its use is an alarm though it is called like the user.
    later(&bed, 600);
    assert_eq!(does(&bed, &chained, reads()), Ok(None));
    later(&bed, 1_200);
    let halt = go(&bed, &mut live).await;
    let Halt::Failed { failure, .. } = &halt else { panic!("{halt:?}") };
    assert!(failure.text.starts_with("NOT CONTAINED"), "{failure:?}");
    live.undo().await.unwrap();
    live.set("false_positive", Value::Text("a drill".into())).await.unwrap();
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Undone), "{:#?}", bed::evidence(&live));
    assert_eq!(keys().await, before, "those that were inactive before still are");
    assert!(!attached(&bed).await.contains(&"AWSDenyAll".to_owned()));
}

#[tokio::test]
async fn a_user_that_nobody_uses_any_more_is_contained_and_one_that_is_not_there_is_refused() {
    let bed = Bed::of("json-stack").await;
    let mut live = bed.begin("iam-user-compromised", &[("user", USER)]).await;
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    let told = said(&live, "contained");
    assert!(told.contains("are inactive, everything is denied to json-stack-ci"), "{told}");
    let again = bed.begin("iam-user-compromised", &[("user", USER)]).await;
    let mut again = again;
    let halt = go_until(&bed, &mut again, Some("deny")).await;
    assert_eq!(halt, Halt::Reached("deny".into()));
    assert!(said(&again, "deactivate").contains("was inactive already"), "{}", said(&again, "deactivate"));
    let definition = shipped("iam-user-compromised").unwrap().unwrap();
    let plan = bed.runs().plan(&definition, &given(&definition, &[("user", "nobody")])).await;
    let why = match plan {
        Ok(plan) => plan.refusal().map(|(_, why)| why.to_owned()).unwrap(),
        Err(fault) => fault.to_string(),
    };
    assert!(why.contains("nobody"), "{why}");
}

/// A person's typed name for each change of what one screen shows.
fn all_named(halt: &Halt, name: &str) -> Vec<Consent> {
    let Halt::Consent { proposal, ahead: Some(ahead), .. } = halt else { panic!("{halt:?}") };
    assert_eq!(ahead.0, "deny");
    let changes = proposal.changes.iter().chain(&ahead.1.changes);
    changes.map(|c| Consent::give(c.clone(), Given::Typed(name.into())).unwrap()).collect()
}

#[tokio::test]
async fn one_screen_agrees_to_the_key_and_its_user() {
    let bed = Bed::of("json-stack").await;
    let key = leaked(&bed).await;
    let mut live = bed.begin(KEY, &[("key", key.wire())]).await;
    let halt = live.go(None).await.unwrap();
    live.consent(all_named(&halt, USER)).await.unwrap();
    let halt = live.go(Some("deny")).await.unwrap();
    assert_eq!(halt, Halt::Reached("deny".into()), "nothing was asked in between");
    assert!(attached(&bed).await.contains(&"AWSDenyAll".to_owned()));
    // each step has its own consent in the journal
    let consented = |step: &str| live.run().step(step).unwrap().changes.len();
    assert_eq!((consented("deactivate"), consented("deny")), (1, 1));
}

#[tokio::test]
async fn what_has_changed_since_that_screen_is_asked_anew() {
    let bed = Bed::of("logapi").await;
    let user = UserName::new("logapi-exporter");
    let key = bed.all(ListAccessKeys { user: user.clone() }).await.unwrap()[0].id.clone();
    let mut live = bed.begin(KEY, &[("key", key.wire())]).await;
    let halt = live.go(None).await.unwrap();
    live.consent(all_named(&halt, user.wire())).await.unwrap();
    let made = bartizan::practice::Colleague::MakesAccessKey(user.clone());
    assert!(bed.practice.colleague(&made).unwrap());
    let halt = live.go(None).await.unwrap();
    let Halt::Consent { step, proposal, .. } = &halt else { panic!("{halt:?}") };
    assert_eq!(step, "deny");
    assert!(proposal.breaks.iter().any(|b| b.contains("other key")), "{:?}", proposal.breaks);
    assert!(
        bed.all(ListAttachedUserPolicies { user })
            .await
            .unwrap()
            .iter()
            .all(|p| p.name.wire() != "AWSDenyAll")
    );
}
