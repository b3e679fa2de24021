//! `iam-key-compromised`, `iam-user-compromised` and `role-sessions-revoked` over a server that looks at signatures and policies: what a leaked
//! key, and the sessions made with it, can do before, after and when it was a false alarm; tried from outside.

use crate::asking::REGION;
use crate::estate::Estate;
use crate::program::{Program, Ran};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use std::time::Duration;

/// Somebody's credentials.
#[derive(Clone)]
struct Held {
    id: String,
    secret: String,
    token: Option<String>,
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

async fn sdk(estate: &Estate, held: &Held) -> SdkConfig {
    let credentials = Credentials::new(&held.id, &held.secret, held.token.clone(), None, "tests");
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(&estate.url)
        .credentials_provider(credentials)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await
}

fn root() -> Held {
    Held { id: "test".into(), secret: "test".into(), token: None }
}

/// Whether a harmless call is let in.
fn works(estate: &Estate, held: &Held) -> bool {
    wait(async { aws_sdk_sqs::Client::new(&sdk(estate, held).await).list_queues().send().await.is_ok() })
}

const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","sts:*"],"Resource":"*"}]}"#;

/// A user who may do what `ALLOW` says, with a key.
fn user(estate: &Estate, name: &str) -> Held {
    let (id, secret) = estate.make_user(name);
    wait(async {
        let iam = aws_sdk_iam::Client::new(&sdk(estate, &root()).await);
        let put = iam.put_user_policy().user_name(name).policy_name("own").policy_document(ALLOW);
        put.send().await.unwrap();
    });
    Held { id, secret, token: None }
}

/// A role that everybody in the account may assume; its ARN.
fn role(estate: &Estate, name: &str) -> String {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    wait(async {
        let iam = aws_sdk_iam::Client::new(&sdk(estate, &root()).await);
        let made = iam.create_role().role_name(name).assume_role_policy_document(trust).send().await.unwrap();
        let put = iam.put_role_policy().role_name(name).policy_name("own").policy_document(ALLOW);
        put.send().await.unwrap();
        made.role.unwrap().arn
    })
}

fn assumed(estate: &Estate, held: &Held, role: &str) -> Held {
    wait(async {
        let sts = aws_sdk_sts::Client::new(&sdk(estate, held).await);
        let made = sts.assume_role().role_arn(role).role_session_name("tests").send().await.unwrap();
        of(made.credentials.unwrap())
    })
}

fn own_session(estate: &Estate, held: &Held) -> Held {
    wait(async {
        let sts = aws_sdk_sts::Client::new(&sdk(estate, held).await);
        of(sts.get_session_token().send().await.unwrap().credentials.unwrap())
    })
}

fn of(c: aws_sdk_sts::types::Credentials) -> Held {
    Held { id: c.access_key_id, secret: c.secret_access_key, token: Some(c.session_token) }
}

/// A second passes: sessions and stamps are told apart by whole ones.
fn tick() {
    std::thread::sleep(Duration::from_millis(1_200));
}

fn reached(ran: &Ran, step: &str) {
    assert_eq!((ran.code, ran.waits()), (5, format!("person {step}")), "{} {}", ran.stdout, ran.stderr);
}

pub fn a_leaked_key_and_its_sessions(estate: &Estate) {
    let (name, role_name) = (estate.name("leaked"), estate.name("worker"));
    let key = user(estate, &name);
    let arn = role(estate, &role_name);
    let (own, chained) = (own_session(estate, &key), assumed(estate, &key, &arn));
    for (held, who) in [(&key, "the key"), (&own, "its user's session"), (&chained, "a role's session")] {
        assert!(works(estate, held), "{who} works before");
    }
    let mut program = Program::over(estate);
    let set = format!("key={}", key.id);
    let sets = [set.as_str(), "regions=us-east-1"];
    // nothing but its own phrase confirms a step
    let ran = program.start("iam-key-compromised", &sets, &["--confirm-all", "--until", "deactivate"]);
    reached(&ran, "deactivate");
    assert!(works(estate, &key));
    let run = ran.id();
    let (inactive, denied) = (format!("deactivate={}", key.id), format!("deny={name}"));
    let phrases = ["--confirm", &inactive, "--confirm", &denied];
    let ran = program.run(&[&["runbook", "resume", &run], &phrases[..], &["--until", "deny"]].concat());
    reached(&ran, "deny");
    assert!(!works(estate, &key), "an inactive key is let in");
    assert!(!works(estate, &own), "a deny on the user reaches its own sessions");
    assert!(works(estate, &chained), "a deny on the user does not reach the sessions of roles");

    tick();
    let set = format!("role={role_name}");
    let confirm = format!("revoke={role_name}");
    let more = ["--note", "outage=nobody works as it", "--confirm", &confirm, "--until", "revoke"];
    let ran = program.start("role-sessions-revoked", &[&set], &more);
    reached(&ran, "revoke");
    let revoked = ran.id();
    assert!(!works(estate, &chained), "an old session of the role is let in");
    tick();
    let other = user(estate, &estate.name("rightful"));
    let new = assumed(estate, &other, &arn);
    assert!(works(estate, &new), "a new session of the role is refused");

    // a false alarm: first it waits, for nobody has said so
    let ran = program.run(&["runbook", "undo", &revoked]);
    assert_eq!((ran.code, ran.waits().as_str()), (5, "time revoke"), "{}", ran.stderr);
    assert!(!works(estate, &chained));
    let because = ["--set", "false_positive=a drill"];
    let ran =
        program.run(&[&["runbook", "resume", &revoked], &because[..], &["--confirm", &confirm]].concat());
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    assert!(works(estate, &chained) && works(estate, &new));

    let ran = program.run(&["runbook", "undo", &run]);
    assert_eq!((ran.code, ran.waits().as_str()), (5, "time deny"), "{}", ran.stderr);
    let ran = program.run(&[&["runbook", "resume", &run], &because[..], &phrases[..]].concat());
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    assert_eq!(ran.json()["run"]["state"], "undone");
    assert!(works(estate, &key) && works(estate, &own), "everything works again");
    program.verifies();
    program.holds_none_of(&[&key.secret, &own.secret, own.token.as_deref().unwrap()]);
}

/// Another key of a user.
fn another_key(estate: &Estate, name: &str) -> Held {
    wait(async {
        let iam = aws_sdk_iam::Client::new(&sdk(estate, &root()).await);
        let made = iam.create_access_key().user_name(name).send().await.unwrap().access_key.unwrap();
        Held { id: made.access_key_id, secret: made.secret_access_key, token: None }
    })
}

pub fn a_user_with_every_key(estate: &Estate) {
    let (name, role_name) = (estate.name("taken"), estate.name("worker"));
    let first = user(estate, &name);
    let second = another_key(estate, &name);
    let arn = role(estate, &role_name);
    let (own, chained) = (own_session(estate, &second), assumed(estate, &first, &arn));
    let theirs = [(&first, "a key"), (&second, "the other key"), (&own, "a session of the user")];
    for (held, who) in theirs {
        assert!(works(estate, held), "{who} works before");
    }
    let mut program = Program::over(estate);
    let set = format!("user={name}");
    let sets = [set.as_str(), "regions=us-east-1"];
    // Nothing but its own phrase confirms a step, and the name of one key is not enough for both.
    let one = format!("deactivate={}", first.id);
    let ran = program.start("iam-user-compromised", &sets, &["--confirm-all", "--until", "deny"]);
    reached(&ran, "deactivate");
    let run = ran.id();
    let ran = program.run(&["runbook", "resume", &run, "--confirm", &one]);
    assert_eq!(ran.code, 4, "{} {}", ran.stdout, ran.stderr);
    assert!(works(estate, &first) && works(estate, &second), "nothing was changed for a part of the answer");
    let (each, denied) = (format!("deactivate={}", second.id), format!("deny={name}"));
    let phrases = ["--confirm", &one, "--confirm", &each, "--confirm", &denied];
    let ran = program.run(&[&["runbook", "resume", &run], &phrases[..], &["--until", "deny"]].concat());
    reached(&ran, "deny");
    for (held, who) in theirs {
        assert!(!works(estate, held), "{who} is let in");
    }
    assert!(works(estate, &chained), "a deny on the user does not reach the sessions of roles");
    let ran = program.run(&["runbook", "undo", &run]);
    assert_eq!((ran.code, ran.waits().as_str()), (5, "time deny"), "{}", ran.stderr);
    let because = ["--set", "false_positive=a drill"];
    let ran = program.run(&[&["runbook", "resume", &run], &because[..], &phrases[..]].concat());
    assert_eq!((ran.code, ran.json()["run"]["state"].as_str()), (0, Some("undone")), "{}", ran.stderr);
    for (held, who) in theirs {
        assert!(works(estate, held), "{who} works again");
    }
    program.verifies();
    program.holds_none_of(&[&first.secret, &second.secret, own.token.as_deref().unwrap()]);
}
