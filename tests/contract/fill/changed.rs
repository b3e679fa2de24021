//! What the changes are tried on: for each kind of thing a few of them, so that no two questions share one.

use super::Filled;
use super::others::archive;
use aws_sdk_apigateway::Client as Gateway;
use aws_sdk_iam::Client as Iam;
use aws_sdk_iam::types::Tag;
use aws_sdk_lambda::Client as Lambda;
use aws_sdk_lambda::types::{Environment, FunctionCode, Runtime};
use aws_sdk_secretsmanager::Client as Secrets;
use aws_sdk_secretsmanager::primitives::Blob;
use aws_sdk_sqs::Client as Sqs;
use aws_sdk_sqs::types::QueueAttributeName;

/// So many of each.
pub const EACH: usize = 8;
/// The text of each secret but the last, which is binary.
pub const TEXT: &str = "{\n  \"user\": \"app\",\n  \"apiKey\": \"fillMARKoldsecretvalue\",  \"n\": 1.50 }\n";
pub const ALIAS: &str = "live";
pub const PLAN: &str = "gold";

pub fn secret(n: usize) -> String {
    format!("change/{n}")
}

pub fn function(n: usize) -> String {
    format!("change-{n}")
}

pub fn user(n: usize) -> String {
    format!("svc-{n}")
}

pub fn role(n: usize) -> String {
    format!("worker-{n}")
}

pub async fn secrets(client: &Secrets, filled: &mut Filled) {
    for n in 0..EACH - 1 {
        let made = client.create_secret().name(secret(n)).secret_string(TEXT).send().await;
        filled.note("secrets", made);
    }
    let binary = client.create_secret().name(secret(EACH - 1)).secret_binary(Blob::new([0, 255, 1]));
    filled.note("binary", binary.send().await);
}

pub async fn functions(client: &Lambda, iam: &Iam, filled: &mut Filled) {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let role = iam.create_role().role_name("changes").assume_role_policy_document(trust).send().await;
    let Some(role) = filled.note("functions", role).and_then(|r| r.role) else { return };
    for n in 0..EACH {
        let variables = Environment::builder()
            .variables("API_KEYS", "fillMARKoldsecretvalue,backup")
            .variables("STAGE", "prod é \"\\")
            .variables("EMPTY", "");
        let make = client.create_function().function_name(function(n)).role(&role.arn);
        let make = make.runtime(Runtime::Python312).handler("index.handler").tags("system", "shop");
        let make = make.code(FunctionCode::builder().zip_file(archive()).build());
        if filled.note("functions", make.environment(variables.build()).send().await).is_none() {
            return;
        }
        // published as soon as it is there: updates of a function at work are refused
        let version = client.publish_version().function_name(function(n)).send().await;
        let version = filled.note("functions", version).and_then(|v| v.version).unwrap_or_default();
        let alias = client.create_alias().function_name(function(n)).name(ALIAS).function_version(version);
        filled.note("aliases", alias.send().await);
    }
}

/// An empty queue of its own that feeds the last function.
pub async fn mapping(client: &Lambda, sqs: &Sqs, filled: &mut Filled) {
    let made = sqs.create_queue().queue_name("isolated").send().await;
    let Some(url) = filled.note("mapping", made).and_then(|q| q.queue_url) else { return };
    let told = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::QueueArn);
    let attributes = filled.note("mapping", told.send().await).and_then(|a| a.attributes).unwrap_or_default();
    let Some(arn) = attributes.get(&QueueAttributeName::QueueArn) else { return };
    let feed = client.create_event_source_mapping().function_name(function(EACH - 1)).event_source_arn(arn);
    filled.note("mapping", feed.send().await);
}

pub async fn users(client: &Iam, filled: &mut Filled) {
    for n in 0..EACH {
        let tag = Tag::builder().key("system").value("shop").build().unwrap();
        filled.note("users", client.create_user().user_name(user(n)).tags(tag).send().await);
        filled.note("users", client.create_access_key().user_name(user(n)).send().await);
    }
}

/// Roles of which nobody has sessions, with one managed policy where the server knows those of AWS.
pub async fn roles(client: &Iam, filled: &mut Filled) {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    for n in 0..EACH {
        let made = client.create_role().role_name(role(n)).assume_role_policy_document(trust);
        filled.note("roles", made.max_session_duration(7_200).send().await);
    }
}

pub async fn plans(client: &Gateway, filled: &mut Filled) {
    filled.note("plan", client.create_usage_plan().name(PLAN).send().await);
}
