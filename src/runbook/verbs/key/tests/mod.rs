//! Tables over the verbs of a rotation: what each asks, refuses and proposes in worlds that are made up here.
//! Whole runs are in tests/rotation.

mod access_key;
mod choice;
mod function;
mod gateway;
mod unused;

use crate::estate::ask::{Answer, apigateway, iam, lambda, secretsmanager};
use crate::estate::*;
use crate::runbook::need::{Fact, Need, Want};
use crate::runbook::testing::{Bench, beginning, seen};
use crate::runbook::value::Value;

/// A page of an answer as a fact.
pub fn page(answer: Answer) -> Fact {
    Fact::Pages(Ok(seen(vec![answer], beginning())))
}

pub fn text(said: &str) -> Value {
    Value::Text(said.into())
}

pub fn bench(parameters: &[(&str, &str)]) -> Bench {
    let parameters: Vec<_> = parameters.iter().map(|(name, said)| (*name, text(said))).collect();
    Bench::with(&parameters)
}

pub fn refusal<T: std::fmt::Debug>(said: Result<T, Need>) -> String {
    match said {
        Err(Need::Refuse(why)) => why,
        other => panic!("not refused: {other:?}"),
    }
}

pub fn asked(want: &Want) -> &Ask {
    match want {
        Want::Pages(query) => &query.ask,
        other => panic!("no question: {other:?}"),
    }
}

pub fn missing(operation: &'static str) -> Fact {
    Fact::Pages(Err(Fault::new(FaultKind::NotFound, operation, "no such thing")))
}

pub fn config(version: &str) -> FunctionConfig {
    FunctionConfig {
        name: FunctionName::new("handler"),
        arn: Arn::new("arn:aws:lambda:eu-central-1:123456789012:function:handler"),
        version: FunctionVersion::new(version),
        revision: RevisionId::new("r1"),
        state: "Active".into(),
        last_update: "Successful".into(),
        code_sha256: "sha".into(),
        description: None,
        handler: "app.handler".into(),
        role: "arn:aws:iam::123456789012:role/handler".into(),
        layers: Vec::new(),
        timeout_s: 15,
        dead_letter: None,
        kms_key: None,
        snap_start: false,
        variables: vec!["API_KEYS".into(), "DB_PASSWORD".into()],
        environment_bytes: 200,
        environment_error: None,
    }
}

pub fn alias(name: &str, version: &str) -> Alias {
    Alias {
        name: AliasName::new(name),
        version: FunctionVersion::new(version),
        revision: RevisionId::new("a1"),
        weighted: false,
    }
}

pub fn lambda_page(answer: lambda::Answer) -> Fact {
    page(Answer::Lambda(answer))
}

pub fn gateway_page(answer: apigateway::Answer) -> Fact {
    page(Answer::ApiGateway(answer))
}

pub fn iam_page(answer: iam::Answer) -> Fact {
    page(Answer::Iam(answer))
}

pub fn secret_page(answer: secretsmanager::Answer) -> Fact {
    page(Answer::SecretsManager(answer))
}
