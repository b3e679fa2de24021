//! What is secret, on the wire: that it goes into its slot byte for byte, and that no fault quotes an answer.
//! Answers are those of the published service models; not verified against AWS.

use crate::calls::{NEW, OLD, SECRET};
use crate::changes::{no_value_in, open};
use crate::faults::says;
use crate::server::{Manner, Reply, Server};
use crate::services::{error, json_answer};
use crate::trials_of;
use bartizan::estate::{
    ApiKeyId, Arn, Fault, FaultKind, FunctionName, FunctionVersion, MaterialSource, MaterialVersion,
    RevisionId, Service, Slot, Vault, VersionId,
};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::time::Duration;
use zeroize::Zeroizing;

const PATIENCE: Duration = Duration::from_secs(10);

fn secret() -> MaterialSource {
    MaterialSource::Secret { secret: Arn::new(SECRET), version: VersionId::new("v1") }
}

fn environment() -> MaterialSource {
    MaterialSource::Environment { function: FunctionName::new("ingest"), version: None }
}

fn api_key() -> MaterialSource {
    MaterialSource::ApiKey { key: ApiKeyId::new("k1") }
}

struct Loaded {
    outcome: Result<MaterialVersion, Fault>,
    /// What the slot holds afterwards; it held `before`.
    text: String,
    line: String,
    body: Value,
}

fn load(from: &MaterialSource, reply: Reply) -> Loaded {
    let server = Server::start(says(reply));
    let vault = Vault::default();
    vault.put(Slot::new("s"), Zeroizing::new(b"before".to_vec()));
    let outcome = open(server.url(), PATIENCE).load(from, "s", &vault);
    assert_eq!(server.requests(), 1);
    let request = server.last().unwrap();
    let text = vault.with(&Slot::new("s"), |b| String::from_utf8_lossy(b).into_owned()).unwrap();
    let body = serde_json::from_slice(&request.body).unwrap_or_default();
    Loaded { outcome, text, line: request.line, body }
}

/// The fault of an answer that is none; the slot is as it was.
fn refused(from: &MaterialSource, reply: Reply) -> Fault {
    let loaded = load(from, reply);
    assert_eq!(loaded.text, "before");
    let fault = loaded.outcome.unwrap_err();
    no_value_in(&fault).unwrap();
    fault
}

fn value(more: &Value) -> Reply {
    let mut whole = json!({ "ARN": SECRET, "Name": "db", "VersionId": "v1" });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json_answer(Service::SecretsManager, &whole)
}

fn configured(environment: &Value) -> Reply {
    json_answer(
        Service::Lambda,
        &json!({ "FunctionName": "ingest", "RevisionId": "r1", "Environment": environment }),
    )
}

fn a_secret_byte_for_byte() {
    let text = format!("{{ \"k\":\"{}\", \"n\": 1.50 }}\n", "\u{0}é\u{1f600}\"\\");
    let loaded = load(&secret(), value(&json!({ "SecretString": text })));
    assert_eq!(loaded.outcome.unwrap(), MaterialVersion::Secret(VersionId::new("v1")));
    assert_eq!(loaded.text, text);
    assert_eq!(loaded.body, json!({ "SecretId": SECRET, "VersionId": "v1" }));
}

fn a_binary_secret_is_refused_with_a_sentence() {
    let fault = refused(&secret(), value(&json!({ "SecretBinary": "V3o5TUFSS21hcmxpbnNwaWtlMDgxNQ==" })));
    assert_eq!(fault.kind, FaultKind::Unsupported);
    assert!(fault.message.wire().contains("binary"), "{fault}");
}

fn another_version_than_asked_for_is_malformed() {
    let fault = refused(&secret(), value(&json!({ "SecretString": OLD, "VersionId": "v2" })));
    assert_eq!(fault.kind, FaultKind::Malformed);
}

fn kms_denial_says_what_to_grant() {
    let reply = error(Service::SecretsManager, 400, "AccessDeniedException", "Access to KMS is not allowed");
    let denied = FaultKind::Denied { action: "kms:Decrypt".into(), resource: None };
    assert_eq!(refused(&secret(), reply).kind, denied);
}

fn an_environment_in_the_order_of_its_names() {
    let variables = json!({ "Z": "last", "A_KEY": NEW, "M": "" });
    let loaded = load(&environment(), configured(&json!({ "Variables": variables })));
    assert_eq!(loaded.outcome.unwrap(), MaterialVersion::Function(RevisionId::new("r1")));
    let quoted = serde_json::to_string(NEW).unwrap();
    assert_eq!(loaded.text, format!("{{\"A_KEY\":{quoted},\"M\":\"\",\"Z\":\"last\"}}"));
    assert_eq!(loaded.line, "GET /2015-03-31/functions/ingest/configuration HTTP/1.1");
    let version = Some(FunctionVersion::new("7"));
    let from = MaterialSource::Environment { function: FunctionName::new("ingest"), version };
    let loaded = load(&from, configured(&Value::Null));
    assert_eq!(loaded.text, "{}");
    assert!(loaded.line.contains("/configuration?Qualifier=7 "), "{}", loaded.line);
}

/// A merge into an environment that could not be decrypted would wipe it.
fn an_environment_that_could_not_be_decrypted_is_a_fault() {
    let of = |code: &str| {
        let error = json!({ "ErrorCode": code, "Message": "Lambda was unable to decrypt" });
        refused(&environment(), configured(&json!({ "Variables": {}, "Error": error })))
    };
    let denied = FaultKind::Denied { action: "kms:Decrypt".into(), resource: None };
    assert_eq!(of("AccessDeniedException").kind, denied);
    let fault = of("InvalidStateException");
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.wire().contains("unable to decrypt"), "{fault}");
}

fn an_api_keys_value() {
    let loaded = load(&api_key(), json_answer(Service::ApiGateway, &json!({ "id": "k1", "value": NEW })));
    assert_eq!(loaded.outcome.unwrap(), MaterialVersion::ApiKey);
    assert_eq!(loaded.text, NEW);
    assert_eq!(loaded.line, "GET /apikeys/k1?includeValue=true HTTP/1.1");
    let fault = refused(&api_key(), json_answer(Service::ApiGateway, &json!({ "id": "k1" })));
    assert_eq!(fault.kind, FaultKind::Malformed);
}

/// Half an answer, an answer of another shape, a page of an error with the answer in it.
fn broken_answers_are_not_quoted() {
    let answers = [
        (secret(), value(&json!({ "SecretString": OLD }))),
        (environment(), configured(&json!({ "Variables": { "K": OLD } }))),
        (api_key(), json_answer(Service::ApiGateway, &json!({ "id": "k1", "value": OLD }))),
    ];
    for (from, good) in answers {
        let cut = |drop: usize| {
            let mut reply = good.clone();
            reply.body.truncate(reply.body.len() - drop);
            reply
        };
        for drop in [1, 2, 6] {
            assert_eq!(refused(&from, cut(drop)).kind, FaultKind::Malformed);
        }
        let number = String::from_utf8(good.body.clone()).unwrap().replace(&format!("\"{OLD}\""), "4711");
        let shape = Reply { body: number.into_bytes(), ..good.clone() };
        assert_eq!(refused(&from, shape).kind, FaultKind::Malformed);
        for status in [300, 400, 403, 404, 500, 502] {
            refused(&from, Reply { status, ..good.clone() });
            refused(&from, Reply { status, body: OLD.into(), headers: vec![] });
        }
    }
}

fn slow_and_lost_answers() {
    for manner in [Manner::Silent, Manner::ResetsAtOnce] {
        let vault = Vault::default();
        let server = Server::start(manner);
        let fault = open(server.url(), Duration::from_millis(300)).load(&secret(), "s", &vault).unwrap_err();
        assert!(fault.is_passing(), "{fault:?}");
        assert!(!vault.holds(&Slot::new("s")));
    }
}

pub fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 9] = [
        ("a_secret_byte_for_byte", a_secret_byte_for_byte),
        ("a_binary_secret_is_refused_with_a_sentence", a_binary_secret_is_refused_with_a_sentence),
        ("another_version_than_asked_for_is_malformed", another_version_than_asked_for_is_malformed),
        ("kms_denial_says_what_to_grant", kms_denial_says_what_to_grant),
        ("an_environment_in_the_order_of_its_names", an_environment_in_the_order_of_its_names),
        (
            "an_environment_that_could_not_be_decrypted_is_a_fault",
            an_environment_that_could_not_be_decrypted_is_a_fault,
        ),
        ("an_api_keys_value", an_api_keys_value),
        ("broken_answers_are_not_quoted", broken_answers_are_not_quoted),
        ("slow_and_lost_answers", slow_and_lost_answers),
    ];
    trials_of("material", tests)
}
