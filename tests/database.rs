//! A database that somebody may have got into, over the practice estate and by the engine with its journal: where the new
//! password is at every moment, what is refused before anything is changed, what cannot be undone, and what a stop of the
//! program at any point leaves.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

#[path = "rotation/bed.rs"]
#[allow(dead_code)] // this target uses its part
mod bed;
#[path = "database/crash.rs"]
mod crash;
#[path = "rotation/dark.rs"]
mod dark;
#[path = "database/squatter.rs"]
mod squatter;
#[path = "database/weather.rs"]
mod weather;

use bartizan::engine::Live;
use bartizan::estate::ask::{ec2, rds, secretsmanager};
use bartizan::estate::*;
use bartizan::runbook::definition::{Definition, shipped};
use bartizan::runbook::{Halt, RunState};
use bed::{Bed, calls, given, go, go_until, said};

type Inputs<'a> = &'a [(&'a str, &'a str)];

const DB: &str = "logapi-prod";
const FUNCTION: &str = "logapi-handler";
const HELD: Inputs<'_> = &[("instance", DB), ("store", "lambda-env"), ("function", FUNCTION)];
const STAGED: Inputs<'_> =
    &[("instance", DB), ("store", "secret"), ("secret", "logapi/db-password"), ("function", FUNCTION)];

fn breach() -> Definition {
    shipped("database-breach").unwrap().unwrap()
}

async fn start(bed: &Bed, inputs: Inputs<'_>) -> Live {
    bed.begin("database-breach", inputs).await
}

async fn refusal(bed: &Bed, inputs: Inputs<'_>) -> (String, String) {
    let definition = breach();
    let plan = bed.runs().plan(&definition, &given(&definition, inputs)).await.unwrap();
    let (step, why) = plan.refusal().unwrap_or_else(|| panic!("nothing is refused"));
    (step.to_owned(), why.to_owned())
}

async fn database(bed: &Bed) -> Database {
    let asked = rds::DescribeDBInstances { instance: Some(DbInstanceName::new(DB)) };
    bed.all(asked).await.unwrap().remove(0)
}

/// Who is let in to the database's port.
async fn let_in(bed: &Bed) -> Vec<String> {
    let groups = database(bed).await.groups;
    let groups = bed.all(ec2::DescribeSecurityGroups { groups }).await.unwrap();
    let rules = groups.iter().flat_map(|g| &g.ingress).filter(|r| r.opens(3306));
    rules.map(|r| r.peer.text().wire().to_owned()).collect()
}

fn takes(bed: &Bed, password: &str) -> bool {
    bed.practice.signs_in(&DbInstanceName::new(DB), password.as_bytes()).unwrap()
}

async fn variable(bed: &Bed) -> String {
    bed.variable(FUNCTION, None, "DB_PASSWORD").await
}

/// The names of the function's variables.
async fn variables(bed: &Bed) -> Vec<String> {
    bed.environment(FUNCTION, None).await.as_object().unwrap().keys().cloned().collect()
}

fn no_value_in(text: &str, values: &[&str]) {
    for value in values {
        assert!(!text.contains(value), "a password is in it");
    }
}

#[tokio::test]
async fn the_application_has_its_password_in_a_variable() {
    let bed = Bed::of("logapi").await;
    let (old, names) = (variable(&bed).await, variables(&bed).await);
    assert!(takes(&bed, &old), "it is the database's before");
    assert_eq!(let_in(&bed).await, ["sg-02c5e8f1a9b46d730", "198.51.100.0/24"]);
    let mut live = start(&bed, HELD).await;
    let run = live.run().id.clone();
    assert_eq!(go_until(&bed, &mut live, Some("hold")).await, Halt::Reached("hold".into()));
    let held = format!("DB_PASSWORD_bartizan_{run}");
    let new = bed.variable(FUNCTION, None, &held).await;
    assert_eq!((new.len(), variable(&bed).await == old, takes(&bed, &new)), (30, true, false));
    assert!(new.bytes().all(|b| b.is_ascii_alphanumeric()));

    go_until(&bed, &mut live, Some("revoke")).await;
    assert_eq!(let_in(&bed).await, ["sg-02c5e8f1a9b46d730"], "the application stays");
    go_until(&bed, &mut live, Some("password")).await;
    assert!(database(&bed).await.pending.password && takes(&bed, &old), "it is applied in the background");
    go_until(&bed, &mut live, Some("applied")).await;
    assert!(takes(&bed, &new) && !takes(&bed, &old));
    assert!(variable(&bed).await == old, "the application has it only when the database takes it");

    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    assert!(variable(&bed).await == new && takes(&bed, &new));
    assert_eq!(variables(&bed).await, names, "the staging variable is gone, and every other one is there");
    assert_eq!(database(&bed).await.pending.others, ["EngineVersion".into()], "nothing else was applied");
    for operation in ["rds:ModifyDBInstance", "rds:RebootDBInstance", "rds:CreateDBSnapshot"] {
        assert_eq!(calls(&bed, &run, operation).await, 1, "{operation}");
    }
    let snapshots = rds::DescribeDBSnapshots { instance: DbInstanceName::new(DB) };
    assert_eq!(bed.all(snapshots).await.unwrap()[0].name.wire(), run.label());
    assert!(said(&live, "reboot").contains("every session of before has ended"), "{}", said(&live, "reboot"));
    assert!(said(&live, "verify").contains("from inside the VPC only"), "{}", said(&live, "verify"));
    no_value_in(&bed.journal(&run), &[&old, &new]);
    no_value_in(&format!("{:?} {:?}", live.run(), live.vault()), &[&old, &new]);
}

#[tokio::test]
async fn the_application_has_its_password_in_a_secret() {
    let bed = Bed::of("logapi").await;
    let old = bed.secret("logapi/db-password").await;
    let mut live = start(&bed, STAGED).await;
    let run = live.run().id.clone();
    go_until(&bed, &mut live, Some("applied")).await;
    assert_eq!(bed.secret("logapi/db-password").await, old, "current until the database takes the new one");
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    let new = bed.secret("logapi/db-password").await;
    assert!(new != old && takes(&bed, &new) && !takes(&bed, &old));
    no_value_in(&bed.journal(&run), &[&old, &new]);
    let arn =
        bed.all(secretsmanager::DescribeSecret { secret: Arn::new("logapi/db-password") }).await.unwrap().arn;
    let asked = secretsmanager::ListSecretVersionIds { secret: arn, deprecated: true };
    let labels: Vec<_> = bed.all(asked).await.unwrap().into_iter().flat_map(|v| v.stages).collect();
    assert!(!labels.iter().any(|l| l.wire() == run.label()), "{labels:?}");
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_before_anything_is() {
    let bed = Bed::unlucky(7, "", Default::default()).await;
    for (inputs, step, word) in [
        (
            [("instance", "logapi-prd"), ("secret", "logapi/db-password")],
            "evidence",
            "did you mean logapi-prod?",
        ),
        (
            [("instance", "json-stack-aurora-1"), ("secret", "logapi/db-password")],
            "ready",
            "RDS itself keeps",
        ),
        (
            [("instance", "reports-replica"), ("secret", "logapi/db-password")],
            "ready",
            "--set instance=reports",
        ),
        ([("instance", DB), ("secret", "logapi/db-pasword")], "look", "did you mean logapi/db-password?"),
    ] {
        let inputs = [&inputs[..], &[("store", "secret")]].concat();
        let (at, why) = refusal(&bed, &inputs).await;
        assert!(at == step && why.contains(word), "{at}: {why}");
    }
    let no_such =
        [("instance", DB), ("store", "lambda-env"), ("function", FUNCTION), ("variable", "DB_PASWORD")];
    let (at, why) = refusal(&bed, &no_such).await;
    assert!(at == "ready" && why.contains("did you mean DB_PASSWORD?"), "{why}");
    let (at, why) = refusal(&bed, &[("instance", DB), ("store", "lambda-env")]).await;
    assert!(at == "hold" && why.contains("function"), "{at}: {why}");
}

/// A cluster has the password, and the run says what it cannot do for one.
#[tokio::test]
async fn a_cluster_has_the_password() {
    let bed = Bed::unlucky(7, "", Default::default()).await;
    let inputs = [("instance", "shop-cluster-a"), ("store", "secret"), ("secret", "logapi/db-password")];
    let mut live = start(&bed, &inputs).await;
    let run = live.run().id.clone();
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done), "{:#?}", bed::evidence(&live));
    assert!(said(&live, "evidence").contains("PUBLICLY ACCESSIBLE"), "{}", said(&live, "evidence"));
    assert_eq!(calls(&bed, &run, "rds:ModifyDBCluster").await, 1);
    assert_eq!(calls(&bed, &run, "rds:ModifyDBInstance").await, 0);
    assert_eq!(calls(&bed, &run, "ec2:RevokeSecurityGroupIngress").await, 2, "a call for each rule");
    assert!(said(&live, "revoke").contains("nobody is let in"), "{}", said(&live, "revoke"));
    assert!(said(&live, "snapshot").contains("create-db-cluster-snapshot"), "{}", said(&live, "snapshot"));
    let new = bed.secret("logapi/db-password").await;
    assert!(bed.practice.signs_in(&DbInstanceName::new("shop-cluster-a"), new.as_bytes()).unwrap());
}

/// What stays is named, and everything else is cut.
#[tokio::test]
async fn who_is_to_stay_is_named() {
    let bed = Bed::of("logapi").await;
    let inputs = [HELD, &[("keep", "198.51.100.0/24")]].concat();
    let mut live = start(&bed, &inputs).await;
    go_until(&bed, &mut live, Some("revoke")).await;
    assert_eq!(let_in(&bed).await, ["198.51.100.0/24"]);
}

/// Forward only: the password stays, and the application keeps it; what was cut is let in again as it was.
#[tokio::test]
async fn an_undo_lets_in_again_and_leaves_the_password() {
    let bed = Bed::of("logapi").await;
    let before = let_in(&bed).await;
    let mut live = start(&bed, HELD).await;
    assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Done));
    let new = variable(&bed).await;
    live.undo().await.unwrap();
    let halt = go(&bed, &mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Undone), "{:#?}", bed::evidence(&live));
    assert!(takes(&bed, &new) && variable(&bed).await == new);
    assert_eq!(let_in(&bed).await, before);
}

/// While the one copy of the password that the database takes is where it was staged, nothing takes it away.
#[tokio::test]
async fn an_undo_between_the_database_and_the_application_asks_a_person() {
    for inputs in [HELD, STAGED] {
        let bed = Bed::of("logapi").await;
        let mut live = start(&bed, inputs).await;
        go_until(&bed, &mut live, Some("applied")).await;
        live.undo().await.unwrap();
        let halt = live.go(None).await.unwrap();
        let Halt::Person { step, question } = &halt else { panic!("{halt:?}") };
        assert_eq!(step, "password");
        assert!(question.text.contains("its one copy is where this run staged it"), "{}", question.text);
        assert_eq!(let_in(&bed).await, ["sg-02c5e8f1a9b46d730"], "nothing before it was undone either");
        // Whoever knows better says why, and then it is gone.
        live.attest("the database is deleted").await.unwrap();
        assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Undone));
    }
}

/// Before the password is asked for, all of it can be taken back.
#[tokio::test]
async fn before_the_password_everything_is_taken_back() {
    for inputs in [HELD, STAGED] {
        let bed = Bed::of("logapi").await;
        let (old, names, before) = (variable(&bed).await, variables(&bed).await, let_in(&bed).await);
        let mut live = start(&bed, inputs).await;
        go_until(&bed, &mut live, Some("outage")).await;
        live.undo().await.unwrap();
        assert_eq!(go(&bed, &mut live).await, Halt::Over(RunState::Undone), "{:#?}", bed::evidence(&live));
        assert_eq!((variables(&bed).await, let_in(&bed).await), (names, before));
        assert!(variable(&bed).await == old && takes(&bed, &old));
    }
}

/// Names are typed for what cuts access and for what cannot be undone; the database's own name does for its groups.
#[tokio::test]
async fn names_are_typed() {
    let bed = Bed::of("logapi").await;
    let mut live = start(&bed, HELD).await;
    let mut seen = Vec::new();
    loop {
        let halt = live.go(None).await.unwrap();
        if let Halt::Consent { step, proposal, .. } = &halt {
            for change in &proposal.changes {
                let by = |text: &str| Consent::give(change.clone(), Given::Typed(text.into())).is_ok();
                seen.push((
                    step.clone(),
                    change.risk(),
                    by(DB),
                    Consent::give(change.clone(), Given::Yes).is_ok(),
                ));
            }
        }
        if !bed::answer(&bed, &mut live, &halt).await {
            break;
        }
    }
    let want =
        |step: &str, risk, named, yes| assert!(seen.contains(&(step.into(), risk, named, yes)), "{seen:#?}");
    want("revoke", Risk::Containing, true, false);
    want("password", Risk::Destructive, true, false);
    want("reboot", Risk::Destructive, true, false);
    want("hold", Risk::Ordinary, true, true);
    want("snapshot", Risk::Ordinary, true, true);
}
