//! Credentials from where they come from to where they end: roles, MFA codes, expiry and renewal.

use super::server::{Reply, Server, json, xml};
use super::{KEYS, Person, ask, context, estates};
use crate::estate::ask::sqs;
use crate::estate::{Context, Estates, Fault, FaultKind, Ports};
use std::path::Path;
use std::sync::Arc;

const ROLE: &str = "arn:aws:iam::123456789012:role/ops";

/// STS that wants the code 123456 where a serial number is sent, and SQS that knows who signs.
fn aws() -> Server {
    Server::new(|r| {
        let text = r.text();
        let fault = |code: &str, message: &str| {
            xml(
                403,
                &format!(
                    "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
                ),
            )
        };
        match r.operation().as_str() {
            "AssumeRole" if text.contains("SerialNumber") && !text.contains("TokenCode=123456") => {
                fault("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
            }
            "AssumeRole" if text.contains("forbidden") => fault(
                "AccessDenied",
                &format!("User: x is not authorized to perform: sts:AssumeRole on resource: {ROLE}"),
            ),
            "AssumeRole" => xml(
                200,
                r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"#,
            ),
            "ListQueues" if r.header("authorization").contains("Credential=OLD/") => json(
                400,
                r#"{"__type":"ExpiredTokenException","message":"The security token included in the request is expired"}"#,
            ),
            "ListQueues" => {
                json(200, &format!(r#"{{"QueueUrls":["{}"]}}"#, signer(r.header("authorization"))))
            }
            _ => Reply::Raw(Vec::new()),
        }
    })
}

fn signer(authorization: &str) -> String {
    let from = authorization.split("Credential=").nth(1).unwrap_or("nobody");
    from.split('/').next().unwrap_or("nobody").to_owned()
}

/// Who signs a question.
async fn who(ports: &Ports) -> Result<String, Fault> {
    ask(&*ports.reads, sqs::ListQueues {}, None).await.map(|(urls, _)| urls[0].wire().to_owned())
}

fn person(lines: &[&'static str]) -> Arc<Person> {
    let person = Person::default();
    person.lines.lock().unwrap().extend(lines.iter().rev());
    Arc::new(person)
}

fn asked(person: &Person) -> usize {
    person.asked.lock().unwrap().len()
}

/// Estates over these profile files.
fn over_files(dir: &Path, config: &str, credentials: &str) -> super::AwsEstates {
    let [c, k] = ["config", "credentials"].map(|f| dir.join(f));
    std::fs::write(&c, config).unwrap();
    std::fs::write(&k, credentials).unwrap();
    estates(&[("AWS_CONFIG_FILE", c.to_str().unwrap()), ("AWS_SHARED_CREDENTIALS_FILE", k.to_str().unwrap())])
}

#[tokio::test]
async fn a_role_with_mfa_asks_once_and_is_kept() {
    let server = aws();
    let ctx = Context { role: Some(ROLE.into()), mfa_serial: Some("arn:mfa".into()), ..context(&server) };
    let person = person(&["123456"]);
    let ports = estates(&KEYS).open(&ctx, person.clone()).await.unwrap();
    assert_eq!((asked(&person), server.requests().len()), (0, 0), "opening asks nobody and sends nothing");
    let (a, b) = tokio::join!(who(&ports), who(&ports));
    assert_eq!((a.unwrap().as_str(), b.unwrap().as_str()), ("ASIAROLE", "ASIAROLE"));
    assert_eq!(asked(&person), 1);
    assert!(person.asked.lock().unwrap()[0].contains("arn:mfa"));
    let sts = server.requests().into_iter().filter(|r| r.operation() == "AssumeRole").collect::<Vec<_>>();
    assert_eq!(sts.len(), 1);
    assert!(sts[0].header("authorization").contains("Credential=AKIATEST/"));
}

#[tokio::test]
async fn a_wrong_code_is_said_and_asked_for_again_only_on_a_wish() {
    let server = aws();
    let ctx = Context { role: Some(ROLE.into()), mfa_serial: Some("arn:mfa".into()), ..context(&server) };
    let person = person(&["999999", "12345", "123456"]);
    let ports = estates(&KEYS).open(&ctx, person.clone()).await.unwrap();
    for _ in 0..3 {
        let f = who(&ports).await.unwrap_err();
        assert_eq!(
            f.to_string(),
            "no usable credentials; the MFA code was not accepted; press r to be asked again"
        );
    }
    assert_eq!(asked(&person), 1);
    ports.reads.try_again();
    assert!(who(&ports).await.unwrap_err().to_string().contains("six digits"));
    ports.reads.try_again();
    assert_eq!(who(&ports).await.unwrap(), "ASIAROLE");
    assert_eq!(asked(&person), 3);
}

#[tokio::test]
async fn nobody_to_ask_is_declined() {
    let server = aws();
    let ctx = Context { role: Some(ROLE.into()), mfa_serial: Some("arn:mfa".into()), ..context(&server) };
    let ports = estates(&KEYS).open(&ctx, person(&[])).await.unwrap();
    assert_eq!(who(&ports).await.unwrap_err().kind, FaultKind::Declined);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_denied() {
    let server = aws();
    let ctx = Context { role: Some("arn:aws:iam::123456789012:role/forbidden".into()), ..context(&server) };
    let ports = estates(&KEYS).open(&ctx, person(&[])).await.unwrap();
    let f = who(&ports).await.unwrap_err();
    let expected = FaultKind::Denied { action: "sts:AssumeRole".into(), resource: Some(ROLE.into()) };
    assert_eq!((f.kind, f.operation), (expected, "sts:AssumeRole"));
}

#[tokio::test]
async fn a_profile_with_mfa_serial_asks_too() {
    let server = aws();
    let dir = tempfile::tempdir().unwrap();
    let config = format!(
        "[profile ops]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = arn:mfa\nexternal_id = x7\n"
    );
    let estates =
        over_files(dir.path(), &config, "[base]\naws_access_key_id = BASE\naws_secret_access_key = s\n");
    let ctx = Context { profile: Some("ops".into()), ..context(&server) };
    let person = person(&["123456"]);
    let ports = estates.open(&ctx, person.clone()).await.unwrap();
    assert_eq!((who(&ports).await.unwrap().as_str(), asked(&person)), ("ASIAROLE", 1));
    let sts = &server.requests()[0];
    assert!(sts.text().contains("ExternalId=x7") && sts.header("authorization").contains("Credential=BASE/"));
}

#[tokio::test]
async fn an_edited_credentials_file_is_seen_after_expiry() {
    let server = aws();
    let dir = tempfile::tempdir().unwrap();
    let keys = |id: &str| {
        format!("[prod]\naws_access_key_id = {id}\naws_secret_access_key = s\naws_session_token = t\n")
    };
    let estates = over_files(dir.path(), "", &keys("OLD"));
    let ctx = Context { profile: Some("prod".into()), ..context(&server) };
    let ports = estates.open(&ctx, person(&[])).await.unwrap();
    for _ in 0..2 {
        let f = who(&ports).await.unwrap_err();
        let FaultKind::Expired { mend } = &f.kind else { panic!("{f:?}") };
        assert!(mend.wire().contains("profile prod"), "{mend:?}");
    }
    std::fs::write(dir.path().join("credentials"), keys("NEW")).unwrap();
    assert_eq!(who(&ports).await.unwrap(), "NEW");
}

#[tokio::test]
async fn a_named_profile_outranks_the_environment_and_aws_profile_does_not() {
    let server = aws();
    let dir = tempfile::tempdir().unwrap();
    let keys = "[prod]\naws_access_key_id = PROD\naws_secret_access_key = s\n";
    std::fs::write(dir.path().join("credentials"), keys).unwrap();
    let file = dir.path().join("credentials");
    let env =
        [KEYS[0], KEYS[1], ("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap()), ("AWS_PROFILE", "prod")];
    let named = Context { profile: Some("prod".into()), ..context(&server) };
    let ports = estates(&env).open(&named, person(&[])).await.unwrap();
    assert_eq!(who(&ports).await.unwrap(), "PROD");
    let ports = estates(&env).open(&context(&server), person(&[])).await.unwrap();
    assert_eq!(who(&ports).await.unwrap(), "AKIATEST");
}

#[tokio::test]
async fn what_is_wrong_with_profiles_is_said_when_opening() {
    let server = aws();
    let dir = tempfile::tempdir().unwrap();
    let config = "[profile prod]\nregion = x\n[profile loop]\nrole_arn = r\nsource_profile = pool\n\
                  [profile pool]\nrole_arn = r\nsource_profile = loop\n[profile bare]\nrole_arn = r\n";
    let estates = over_files(dir.path(), config, "");
    for (profile, words) in [
        ("prd", "did you mean prod?"),
        ("loop", "leads back to loop"),
        ("bare", "needs either source_profile or credential_source"),
    ] {
        let ctx = Context { profile: Some(profile.into()), ..context(&server) };
        let f = estates.open(&ctx, person(&[])).await.err().unwrap();
        assert!(f.to_string().contains(words), "{f}");
    }
    let ctx = Context { endpoint: Some("localhost:4566".into()), ..context(&server) };
    let f = estates.open(&ctx, person(&[])).await.err().unwrap();
    assert!(f.kind == FaultKind::Invalid && f.to_string().contains("must begin with http://"), "{f}");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_said() {
    let server = aws();
    let dir = tempfile::tempdir().unwrap();
    let env = ("AWS_CONFIG_FILE", dir.path().to_str().unwrap());
    let f = estates(&[env]).open(&context(&server), person(&[])).await.err().unwrap();
    assert!(f.to_string().contains("cannot be read"), "{f}");
    let file = dir.path().join("latin1");
    std::fs::write(&file, b"[profile caf\xe9]\n").unwrap();
    let env = ("AWS_CONFIG_FILE", file.to_str().unwrap());
    let f = estates(&[env]).open(&context(&server), person(&[])).await.err().unwrap();
    assert!(f.to_string().contains("is not UTF-8"), "{f}");
}

#[tokio::test]
async fn no_credentials_and_no_region_say_what_to_do() {
    let server = aws();
    let ports = estates(&[]).open(&context(&server), person(&[])).await.unwrap();
    let f = who(&ports).await.unwrap_err();
    assert!(matches!(f.kind, FaultKind::NoCredentials { .. }) && f.to_string().contains("--profile"), "{f}");
    let half = estates(&[KEYS[0]]).open(&context(&server), person(&[])).await.unwrap();
    assert!(who(&half).await.unwrap_err().to_string().contains("AWS_SECRET_ACCESS_KEY"));
}

#[tokio::test]
async fn the_region_comes_from_the_context_the_environment_or_the_profile() {
    let server = aws();
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config");
    std::fs::write(&config, "[default]\nregion = eu-west-3\n[profile bad]\nregion = Frankfurt!\n").unwrap();
    let file = ("AWS_CONFIG_FILE", config.to_str().unwrap());
    let open = async |env: &[(&str, &str)], ctx: Context| {
        estates(env).open(&ctx, person(&[])).await.map(|p| p.region.to_string())
    };
    let none = Context { region: None, ..context(&server) };
    assert_eq!(open(&[file], none.clone()).await.unwrap(), "eu-west-3");
    assert_eq!(open(&[file, ("AWS_DEFAULT_REGION", "us-west-2")], none.clone()).await.unwrap(), "us-west-2");
    let both = [file, ("AWS_DEFAULT_REGION", "us-west-2"), ("AWS_REGION", "sa-east-1")];
    assert_eq!(open(&both, none.clone()).await.unwrap(), "sa-east-1");
    assert_eq!(open(&both, context(&server)).await.unwrap(), "eu-central-1");
    let bad = Context { profile: Some("bad".into()), ..none };
    assert!(open(&[file], bad).await.unwrap_err().to_string().contains("not a Region"));
}

#[tokio::test]
async fn explain_says_where_credentials_come_from_and_which_endpoints_are_asked() {
    let server = aws();
    let ctx = Context { role: Some(ROLE.into()), ..context(&server) };
    let found = estates(&KEYS).explain(&ctx, person(&[])).await.unwrap();
    assert_eq!(found.credentials.unwrap().words(), format!("role {ROLE} over environment variables"));
    assert_eq!(found.expires.unwrap().to_string(), "2099-01-01T00:00:00Z");
    assert_eq!(found.endpoints.len(), 15);
    assert!(found.endpoints.iter().all(|(_, e)| e.as_deref() == Ok(&server.url())), "{:?}", found.endpoints);
    assert!(found.identity.is_err(), "this server does not know GetCallerIdentity");
}

#[tokio::test]
async fn a_role_session_that_aws_ended_is_assumed_again() {
    let ended = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::new(move |r| match r.operation().as_str() {
        "AssumeRole" => xml(
            200,
            r#"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"#,
        ),
        _ if ended.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => {
            json(400, r#"{"__type":"ExpiredTokenException"}"#)
        }
        _ => json(200, r#"{"QueueUrls":["good"]}"#),
    });
    let ctx = Context { role: Some(ROLE.into()), ..context(&server) };
    let ports = estates(&KEYS).open(&ctx, person(&[])).await.unwrap();
    let f = who(&ports).await.unwrap_err();
    assert_eq!(
        f.to_string(),
        format!(
            "credentials expired; the session of role {ROLE} ended; it is assumed again at the next refresh"
        )
    );
    assert_eq!(who(&ports).await.unwrap(), "good");
    assert_eq!(server.requests().iter().filter(|r| r.operation() == "AssumeRole").count(), 2);
}

/// The providers of aws-config read the environment of the process, which a test may not change: the test
/// runs itself again with one of its own and reads what that says.
#[tokio::test]
async fn what_aws_config_finds_is_said_with_the_command_that_mends_it() {
    const CHILD: &str = "BARTIZAN_TEST_PROFILES_AT";
    let name = "aws::tests::credentials::what_aws_config_finds_is_said_with_the_command_that_mends_it";
    if let Ok(endpoint) = std::env::var(CHILD) {
        for profile in ["good", "ended", "never", "login", "fails", "token"] {
            let clock = Arc::new(super::Wall);
            let estates = super::AwsEstates::new(
                super::AwsOptions::default(),
                clock,
                Arc::new(crate::estate::outside::Nowhere),
            );
            let server = aws();
            let ctx = Context {
                profile: Some(profile.into()),
                endpoint: Some(endpoint.clone()),
                ..context(&server)
            };
            let ports = estates.open(&ctx, person(&[])).await.unwrap();
            match who(&ports).await {
                Ok(who) => println!("<{profile}: {who}>"),
                Err(fault) => println!("<{profile}: {fault}>"),
            }
        }
        return;
    }
    let server = aws();
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join(".aws/sso/cache");
    std::fs::create_dir_all(&cache).unwrap();
    let sso = "sso_account_id = 123456789012\nsso_role_name = Ops\n";
    let session = |name: &str| {
        format!("[sso-session {name}]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n")
    };
    let config = format!(
        "[profile ended]\nsso_session = corp\n{sso}[profile never]\nsso_session = other\n{sso}{}{}\
         [profile login]\nlogin_session = arn:aws:iam::123456789012:user/a\n\
         [profile fails]\ncredential_process = sh -c 'echo no card inserted >&2; exit 3'\n\
         [profile good]\ncredential_process = printf '{{\"Version\":1,\"AccessKeyId\":\"PROC\",\"SecretAccessKey\":\"s\"}}'\n\
         [profile token]\nrole_arn = {ROLE}\nweb_identity_token_file = /nonexistent/token\n",
        session("corp"),
        session("other"),
    );
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    // The file is named after the SHA-1 of the session's name, `corp`.
    let token = r#"{"accessToken":"t","expiresAt":"2020-01-01T00:00:00Z","region":"eu-west-1","startUrl":"https://x.awsapps.com/start"}"#;
    std::fs::write(cache.join("ee0bfd2552fbd840c02cc48b6e823320543c450f.json"), token).unwrap();
    let out = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env(CHILD, server.url())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    for line in [
        "<good: PROC>",
        "<ended: credentials expired; run `aws sso login --profile ended`>",
        "<never: no usable credentials; run `aws sso login --profile never`>",
        "<login: no usable credentials; run `aws login --profile login`>",
        "no card inserted",
        "<token: no usable credentials; web identity token file: No such file or directory",
    ] {
        assert!(said.contains(line), "{line} is not in {said}");
    }
}
