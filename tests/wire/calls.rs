//! Every write on the wire: the call, the one request that it must make, a good answer, and the refusal that
//! means that somebody was faster. Requests and answers are those of the published service models; not
//! verified against AWS.

#[path = "databases.rs"]
mod databases;
#[path = "isolation.rs"]
mod isolation;
#[path = "tags.rs"]
mod tags;

use crate::server::{Reply, Request};
use crate::services::{json_answer, xml_answer};
use bartizan::estate::change::iam::contain;
use bartizan::estate::change::{Call, apigateway, iam, lambda, secretsmanager};
use bartizan::estate::{
    AccessKeyId, AliasName, ApiKeyId, Arn, Edit, EditOp, FunctionName, FunctionVersion, IdempotencyKey,
    Place, PolicyName, Receipt, RevisionId, RoleName, RunId, Salt, Service, Slot, StageLabel, Timestamp,
    UsagePlanId, UserName, Vault, VersionId,
};
pub use databases::PASSWORD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A value that must be in the request that carries it and nowhere else.
pub const NEW: &str = "Xq7MARKswordfish\"\\4711";
pub const OLD: &str = "Wz9MARKmarlinspike0815";

pub const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-a1B2c3";

/// One write and what belongs to it.
pub struct Case {
    pub name: &'static str,
    pub service: Service,
    pub call: fn() -> Call,
    /// Method and target of the one request.
    pub line: &'static str,
    /// What the request must carry.
    pub right: fn(&Request) -> Result<(), String>,
    /// A good answer, and what it comes to.
    pub good: fn() -> Reply,
    pub receipt: fn() -> Receipt,
    /// Status and code of "somebody was faster".
    pub conflict: (u16, &'static str),
}

pub fn key() -> IdempotencyKey {
    IdempotencyKey::derive(&RunId::new("7f3a0b1c").unwrap(), "stage", 0, 1)
}

/// The values, in the slots that the calls name.
pub fn vault() -> Vault {
    let vault = Vault::default();
    let put = |slot: &str, text: &str| vault.put(Slot::new(slot), Zeroizing::new(text.as_bytes().to_vec()));
    put("new", NEW);
    put("password", PASSWORD);
    put("text", &json!({ "user": "app", "apiKey": OLD }).to_string());
    put("environment", &json!({ "API_KEYS": OLD, "STAGE": "prod", "EMPTY": "" }).to_string());
    vault
}

pub fn edit(field: &str) -> Edit {
    let place = Place::Field(field.into());
    let set = EditOp::Set { place, value: Slot::new("new"), print: None, create: false };
    Edit { salt: Salt("5a".into()), ops: vec![set] }
}

fn function() -> FunctionName {
    FunctionName::new("ingest")
}

fn api_key() -> ApiKeyId {
    ApiKeyId::new("k1")
}

fn user() -> UserName {
    UserName::new("svc")
}

fn revocation() -> PolicyName {
    contain::revocation(&RunId::new("7f3a0b1c").unwrap(), false)
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or(Value::Null)
}

fn same<T: PartialEq + std::fmt::Debug>(got: T, model: T) -> Result<(), String> {
    if got == model { Ok(()) } else { Err(format!("the model has {model:?}, it sent {got:?}")) }
}

fn target(request: &Request, operation: &str, model: Value) -> Result<(), String> {
    same(request.header("x-amz-target"), &format!("secretsmanager.{operation}"))?;
    same(body(request), model)
}

pub fn form(request: &Request, model: &str) -> Result<(), String> {
    same(String::from_utf8_lossy(&request.body).into_owned(), model.to_owned())
}

fn json_reply(service: Service, status: u16, body: &Value) -> Reply {
    Reply { status, ..json_answer(service, body) }
}

fn empty(status: u16) -> Reply {
    Reply { status, ..Reply::default() }
}

/// What Lambda answers to writes: the whole configuration, every variable included.
fn configuration(more: Value) -> Reply {
    let mut whole = json!({
        "FunctionName": "ingest",
        "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:ingest",
        "Environment": { "Variables": { "API_KEYS": NEW } },
        "LastUpdateStatus": "InProgress",
    });
    let (to, from) = (whole.as_object_mut().unwrap(), more.as_object().unwrap());
    to.extend(from.clone());
    json_reply(Service::Lambda, 200, &whole)
}

fn key_answer(status: u16) -> Reply {
    let whole = json!({ "id": "k1", "name": "bartizan-7f3a0b1c", "value": NEW, "enabled": false, "createdDate": 1_795_000_000 });
    json_reply(Service::ApiGateway, status, &whole)
}

/// Every write.
pub fn all() -> impl Iterator<Item = &'static Case> {
    OTHERS.iter().chain(tags::TAGS).chain(databases::DATABASES)
}

const OTHERS: &[Case] = &[
    Case {
        name: "put_secret_value",
        service: Service::SecretsManager,
        call: || {
            let (base, label) = (Slot::new("text"), StageLabel::new("bartizan-7f3a0b1c"));
            let (secret, edit) = (Arn::new(SECRET), edit("/apiKey"));
            Call::SecretsManager(secretsmanager::Call::PutSecretValue { secret, base, edit, label })
        },
        line: "POST /",
        right: |r| {
            let mut sent = body(r);
            let text = sent["SecretString"].take();
            let model = json!({
                "SecretId": SECRET, "ClientRequestToken": key().as_str(), "SecretString": null,
                "VersionStages": ["bartizan-7f3a0b1c"],
            });
            same(sent, model)?;
            let text: Value = serde_json::from_str(text.as_str().unwrap_or_default()).unwrap_or_default();
            same(text, json!({ "user": "app", "apiKey": NEW }))?;
            same(r.header("x-amz-target"), "secretsmanager.PutSecretValue")
        },
        good: || {
            let (id, stages) = (key(), ["bartizan-7f3a0b1c"]);
            let body =
                json!({ "ARN": SECRET, "Name": "db", "VersionId": id.as_str(), "VersionStages": stages });
            json_reply(Service::SecretsManager, 200, &body)
        },
        receipt: || Receipt::Version(VersionId::new(key().as_str())),
        conflict: (400, "ResourceExistsException"),
    },
    Case {
        name: "update_secret_version_stage",
        service: Service::SecretsManager,
        call: || {
            Call::SecretsManager(secretsmanager::Call::UpdateSecretVersionStage {
                secret: Arn::new(SECRET),
                stage: StageLabel::new("AWSCURRENT"),
                move_to: Some(VersionId::new("v2")),
                remove_from: Some(VersionId::new("v1")),
            })
        },
        line: "POST /",
        right: |r| {
            let model = json!({
                "SecretId": SECRET, "VersionStage": "AWSCURRENT", "MoveToVersionId": "v2", "RemoveFromVersionId": "v1",
            });
            target(r, "UpdateSecretVersionStage", model)
        },
        good: || json_reply(Service::SecretsManager, 200, &json!({ "ARN": SECRET, "Name": "db" })),
        receipt: || Receipt::Done,
        conflict: (400, "InvalidParameterException"),
    },
    Case {
        name: "update_function_configuration",
        service: Service::Lambda,
        call: || {
            let (revision, environment) = (RevisionId::new("r1"), Slot::new("environment"));
            let (function, edit) = (function(), edit("/API_KEYS"));
            let call = lambda::Call::UpdateFunctionConfiguration { function, revision, environment, edit };
            Call::Lambda(call)
        },
        line: "PUT /2015-03-31/functions/ingest/configuration",
        right: |r| {
            let variables = json!({ "API_KEYS": NEW, "STAGE": "prod", "EMPTY": "" });
            same(body(r), json!({ "Environment": { "Variables": variables }, "RevisionId": "r1" }))
        },
        good: || configuration(json!({ "RevisionId": "r2" })),
        receipt: || Receipt::Revision(RevisionId::new("r2")),
        conflict: (412, "PreconditionFailedException"),
    },
    Case {
        name: "publish_version",
        service: Service::Lambda,
        call: || {
            Call::Lambda(lambda::Call::PublishVersion {
                function: function(),
                revision: RevisionId::new("r1"),
                code_sha256: "c0de=".into(),
                description: "bartizan-7f3a0b1c".into(),
            })
        },
        line: "POST /2015-03-31/functions/ingest/versions",
        right: |r| {
            let model =
                json!({ "CodeSha256": "c0de=", "Description": "bartizan-7f3a0b1c", "RevisionId": "r1" });
            same(body(r), model)
        },
        good: || Reply { status: 201, ..configuration(json!({ "Version": "7" })) },
        receipt: || Receipt::Published(FunctionVersion::new("7")),
        conflict: (412, "PreconditionFailedException"),
    },
    Case {
        name: "update_alias",
        service: Service::Lambda,
        call: || {
            Call::Lambda(lambda::Call::UpdateAlias {
                function: function(),
                alias: AliasName::new("live"),
                version: FunctionVersion::new("7"),
                revision: Some(RevisionId::new("a1")),
            })
        },
        line: "PUT /2015-03-31/functions/ingest/aliases/live",
        right: |r| same(body(r), json!({ "FunctionVersion": "7", "RevisionId": "a1" })),
        good: || json_reply(Service::Lambda, 200, &json!({ "Name": "live", "FunctionVersion": "7" })),
        receipt: || Receipt::Done,
        conflict: (409, "ResourceConflictException"),
    },
    Case {
        name: "invoke",
        service: Service::Lambda,
        call: || {
            Call::Lambda(lambda::Call::Invoke {
                function: function(),
                qualifier: Some("live".into()),
                payload: r#"{"headers":{"x-api-key":"{key}"},"again":"<{key}>"}"#.into(),
                value: Some(Slot::new("new")),
            })
        },
        line: "POST /2015-03-31/functions/ingest/invocations?Qualifier=live",
        right: |r| {
            same(body(r), json!({ "headers": { "x-api-key": NEW }, "again": format!("<{NEW}>") }))?;
            same(r.header("x-amz-invocation-type"), "RequestResponse")?;
            same(r.header("x-amz-log-type"), "None")
        },
        good: || {
            let echo = json_reply(Service::Lambda, 200, &json!({ "errorMessage": NEW }));
            echo.with("X-Amz-Function-Error", "Unhandled").with("X-Amz-Executed-Version", "7")
        },
        receipt: || Receipt::Invoked { status: 200, function_error: Some("Unhandled".into()), request: None },
        conflict: (409, "ResourceConflictException"),
    },
    isolation::RESERVE,
    isolation::UNRESERVE,
    isolation::MAPPING,
    Case {
        name: "create_api_key",
        service: Service::ApiGateway,
        call: || {
            let (name, description) = ("bartizan-7f3a0b1c".into(), "made by a run".into());
            Call::ApiGateway(apigateway::Call::CreateApiKey { name, value: Slot::new("new"), description })
        },
        line: "POST /apikeys",
        right: |r| {
            let name = "bartizan-7f3a0b1c";
            let model =
                json!({ "name": name, "description": "made by a run", "enabled": false, "value": NEW });
            same(body(r), model)
        },
        good: || key_answer(201),
        receipt: || Receipt::ApiKey(api_key()),
        conflict: (409, "ConflictException"),
    },
    Case {
        name: "update_api_key",
        service: Service::ApiGateway,
        call: || Call::ApiGateway(apigateway::Call::UpdateApiKey { key: api_key(), enabled: true }),
        line: "PATCH /apikeys/k1",
        right: |r| {
            let enable = json!({ "op": "replace", "path": "/enabled", "value": "true" });
            same(body(r), json!({ "patchOperations": [enable] }))
        },
        good: || key_answer(200),
        receipt: || Receipt::Done,
        conflict: (409, "ConflictException"),
    },
    Case {
        name: "delete_api_key",
        service: Service::ApiGateway,
        call: || Call::ApiGateway(apigateway::Call::DeleteApiKey { key: api_key() }),
        line: "DELETE /apikeys/k1",
        right: |r| same(r.body.len(), 0),
        good: || empty(202),
        receipt: || Receipt::Done,
        conflict: (409, "ConflictException"),
    },
    Case {
        name: "create_usage_plan_key",
        service: Service::ApiGateway,
        call: || {
            let plan = UsagePlanId::new("p1");
            Call::ApiGateway(apigateway::Call::CreateUsagePlanKey { plan, key: api_key() })
        },
        line: "POST /usageplans/p1/keys",
        right: |r| same(body(r), json!({ "keyId": "k1", "keyType": "API_KEY" })),
        good: || {
            let made = json!({ "id": "k1", "type": "API_KEY", "value": NEW, "name": "n" });
            json_reply(Service::ApiGateway, 201, &made)
        },
        receipt: || Receipt::Done,
        conflict: (409, "ConflictException"),
    },
    Case {
        name: "delete_usage_plan_key",
        service: Service::ApiGateway,
        call: || {
            let plan = UsagePlanId::new("p1");
            Call::ApiGateway(apigateway::Call::DeleteUsagePlanKey { plan, key: api_key() })
        },
        line: "DELETE /usageplans/p1/keys/k1",
        right: |r| same(r.body.len(), 0),
        good: || empty(202),
        receipt: || Receipt::Done,
        conflict: (409, "ConflictException"),
    },
    Case {
        name: "create_access_key",
        service: Service::Iam,
        call: || {
            let had = vec![AccessKeyId::new("AKIAOLD")];
            Call::Iam(iam::Call::CreateAccessKey { user: user(), had, into: Slot::new("made") })
        },
        line: "POST /",
        right: |r| form(r, "Action=CreateAccessKey&Version=2010-05-08&UserName=svc"),
        good: || {
            xml_answer(
                "CreateAccessKey",
                "<AccessKey><UserName>svc</UserName><AccessKeyId>AKIANEW</AccessKeyId><Status>Active</Status>\
                 <SecretAccessKey>Wz9MARKmarlinspike0815</SecretAccessKey></AccessKey>",
            )
        },
        receipt: || Receipt::AccessKey(AccessKeyId::new("AKIANEW")),
        conflict: (409, "LimitExceeded"),
    },
    Case {
        name: "update_access_key",
        service: Service::Iam,
        call: || {
            let key = AccessKeyId::new("AKIAOLD");
            Call::Iam(iam::Call::UpdateAccessKey { user: user(), key, active: false })
        },
        line: "POST /",
        right: |r| {
            form(
                r,
                "Action=UpdateAccessKey&Version=2010-05-08&UserName=svc&AccessKeyId=AKIAOLD&Status=Inactive",
            )
        },
        good: || xml_answer("UpdateAccessKey", ""),
        receipt: || Receipt::Done,
        conflict: (409, "ConcurrentModification"),
    },
    Case {
        name: "delete_access_key",
        service: Service::Iam,
        call: || {
            let key = AccessKeyId::new("AKIAOLD");
            Call::Iam(iam::Call::DeleteAccessKey { user: user(), key })
        },
        line: "POST /",
        right: |r| form(r, "Action=DeleteAccessKey&Version=2010-05-08&UserName=svc&AccessKeyId=AKIAOLD"),
        good: || xml_answer("DeleteAccessKey", ""),
        receipt: || Receipt::Done,
        conflict: (409, "ConcurrentModification"),
    },
    Case {
        name: "attach_user_policy",
        service: Service::Iam,
        call: || {
            let policy = contain::deny_all("aws");
            Call::Iam(iam::Call::Contain(contain::Write::AttachUserPolicy { user: user(), policy }))
        },
        line: "POST /",
        right: |r| {
            form(
                r,
                "Action=AttachUserPolicy&Version=2010-05-08&UserName=svc\
                 &PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAWSDenyAll",
            )
        },
        good: || xml_answer("AttachUserPolicy", ""),
        receipt: || Receipt::Done,
        conflict: (409, "ConcurrentModification"),
    },
    Case {
        name: "delete_attachment_of_a_user_policy",
        service: Service::Iam,
        call: || {
            let policy = contain::deny_all("aws");
            Call::Iam(iam::Call::Contain(contain::Write::DetachUserPolicy { user: user(), policy }))
        },
        line: "POST /",
        right: |r| {
            form(
                r,
                "Action=DetachUserPolicy&Version=2010-05-08&UserName=svc\
                 &PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAWSDenyAll",
            )
        },
        good: || xml_answer("DetachUserPolicy", ""),
        receipt: || Receipt::Done,
        conflict: (409, "ConcurrentModification"),
    },
    Case {
        name: "put_role_policy",
        service: Service::Iam,
        call: || {
            let (role, policy) = (RoleName::new("deploy"), revocation());
            let before = Timestamp::from_second(1_795_000_000).unwrap();
            Call::Iam(iam::Call::Contain(contain::Write::PutRolePolicy { role, policy, before }))
        },
        line: "POST /",
        right: |r| {
            let sent = String::from_utf8_lossy(&r.body).into_owned();
            let begin = "Action=PutRolePolicy&Version=2010-05-08&RoleName=deploy\
                         &PolicyName=BartizanRevokeOlderSessions-7f3a0b1c&PolicyDocument=%7B%22Version%22";
            let time = "aws%3ATokenIssueTime%22%3A%222026-11-18T11%3A06%3A40.000Z%22";
            if sent.starts_with(begin) && sent.contains(time) {
                Ok(())
            } else {
                Err(format!("it sent {sent}"))
            }
        },
        good: || xml_answer("PutRolePolicy", ""),
        receipt: || Receipt::Done,
        conflict: (409, "ConcurrentModification"),
    },
    Case {
        name: "delete_role_policy",
        service: Service::Iam,
        call: || {
            let (role, policy) = (RoleName::new("deploy"), revocation());
            Call::Iam(iam::Call::Contain(contain::Write::DeleteRolePolicy { role, policy }))
        },
        line: "POST /",
        right: |r| {
            form(
                r,
                "Action=DeleteRolePolicy&Version=2010-05-08&RoleName=deploy\
                 &PolicyName=BartizanRevokeOlderSessions-7f3a0b1c",
            )
        },
        good: || xml_answer("DeleteRolePolicy", ""),
        receipt: || Receipt::Done,
        conflict: (409, "ConcurrentModification"),
    },
];
