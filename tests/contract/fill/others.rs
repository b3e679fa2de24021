//! Secrets with versions, web ACLs with rules, functions with dead-letter targets, and the account's alias.

use super::Filled;
use aws_sdk_iam::Client as Iam;
use aws_sdk_lambda::Client as Lambda;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    DeadLetterConfig, DestinationConfig, Environment, FunctionCode, OnFailure, Runtime,
};
use aws_sdk_secretsmanager::Client as Secrets;
use aws_sdk_secretsmanager::types::Tag;
use aws_sdk_wafv2::Client as Waf;
use aws_sdk_wafv2::types::{
    self, AllowAction, BlockAction, CountAction, CustomResponse, DefaultAction, GeoMatchStatement,
    ManagedRuleGroupStatement, NoneAction, OverrideAction, RateBasedStatement,
    RateBasedStatementAggregateKeyType, Rule, RuleAction, Scope, Statement, VisibilityConfig,
};
use futures_util::future::join_all;

/// So many secrets beside those with a name of their own: two pages of 100.
pub const SECRETS: usize = 130;
pub const VERSIONED: &str = "app/keys";
pub const CUSTOM_STAGE: &str = "bartizan-test";
pub const LEAVING: &str = "old/gone";
/// So many web ACLs beside the regional one with rules: two pages of 100.
pub const WEB_ACLS: usize = 105;
pub const EDGE: &str = "edge";
pub const GLOBAL: &str = "global";
/// So many functions beside the one with a dead-letter target: two pages of 50.
pub const FUNCTIONS: usize = 55;
pub const INGEST: &str = "ingest";
pub const ALIAS: &str = "acme-contract";

pub async fn secrets(client: &Secrets, filled: &mut Filled) {
    let tag = Tag::builder().key("system").value("shop").build();
    let made = client.create_secret().name(VERSIONED).description("Keys of the app").tags(tag);
    if filled.note("secret", made.secret_string("one").send().await).is_none() {
        return;
    }
    filled.note("versions", client.put_secret_value().secret_id(VERSIONED).secret_string("two").send().await);
    let staged = client.put_secret_value().secret_id(VERSIONED).secret_string("three");
    filled.note("versions", staged.version_stages(CUSTOM_STAGE).send().await);
    filled.note("leaving", client.create_secret().name(LEAVING).secret_string("x").send().await);
    let leaving = client.delete_secret().secret_id(LEAVING).recovery_window_in_days(7);
    filled.note("leaving", leaving.send().await);
    for tens in (0..SECRETS).collect::<Vec<_>>().chunks(10) {
        let calls = tens
            .iter()
            .map(|n| client.create_secret().name(format!("bulk/{n:03}")).secret_string("x").send());
        for outcome in join_all(calls).await {
            filled.note("secrets_bulk", outcome);
        }
    }
}

fn visible(metric: &str) -> VisibilityConfig {
    VisibilityConfig::builder()
        .sampled_requests_enabled(true)
        .cloud_watch_metrics_enabled(true)
        .metric_name(metric)
        .build()
        .unwrap()
}

fn rule(name: &str, priority: i32, statement: Statement) -> types::builders::RuleBuilder {
    Rule::builder().name(name).priority(priority).statement(statement).visibility_config(visible(name))
}

/// Three rules, not in the order of their priorities.
fn rules() -> Vec<Rule> {
    let countries = GeoMatchStatement::builder().country_codes("KP".into()).build();
    let rate = RateBasedStatement::builder()
        .limit(2000)
        .aggregate_key_type(RateBasedStatementAggregateKeyType::Ip)
        .build()
        .unwrap();
    let group = ManagedRuleGroupStatement::builder().vendor_name("AWS").name("AWSManagedRulesCommonRuleSet");
    let block =
        BlockAction::builder().custom_response(CustomResponse::builder().response_code(429).build().unwrap());
    vec![
        rule("Geo", 30, Statement::builder().geo_match_statement(countries).build())
            .action(RuleAction::builder().count(CountAction::builder().build()).build())
            .build()
            .unwrap(),
        rule("Rate", 10, Statement::builder().rate_based_statement(rate).build())
            .action(RuleAction::builder().block(block.build()).build())
            .build()
            .unwrap(),
        rule("Common", 20, Statement::builder().managed_rule_group_statement(group.build().unwrap()).build())
            .override_action(OverrideAction::builder().none(NoneAction::builder().build()).build())
            .build()
            .unwrap(),
    ]
}

pub async fn web_acls(client: &Waf, global: &Waf, filled: &mut Filled) {
    let allow = || DefaultAction::builder().allow(AllowAction::builder().build()).build();
    let acl = |client: &Waf, name: &str, scope: Scope| {
        client
            .create_web_acl()
            .name(name)
            .scope(scope)
            .default_action(allow())
            .visibility_config(visible(name))
    };
    let edge = acl(client, EDGE, Scope::Regional).set_rules(Some(rules()));
    let tag = types::Tag::builder().key("system").value("shop").build().unwrap();
    if filled.note("acl", edge.tags(tag).send().await).is_none() {
        return;
    }
    filled.note("acl_global", acl(global, GLOBAL, Scope::Cloudfront).send().await);
    for tens in (0..WEB_ACLS).collect::<Vec<_>>().chunks(10) {
        let calls = tens.iter().map(|n| acl(client, &format!("bulk-{n:03}"), Scope::Regional).send());
        for outcome in join_all(calls).await {
            filled.note("acls_bulk", outcome);
        }
    }
}

/// A zip archive with one empty file, `index.py`.
pub fn archive() -> Blob {
    archive_of("")
}

/// A zip archive with one file, `index.py`, stored.
pub fn archive_of(code: &str) -> Blob {
    let name = b"index.py";
    let mut sum = flate2::Crc::new();
    sum.update(code.as_bytes());
    let (sum, size) = (sum.sum().to_le_bytes(), (code.len() as u32).to_le_bytes());
    let fixed = [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &sum, &size, &size, &[8, 0, 0, 0]].concat();
    let mut zip = [b"PK\x03\x04", &fixed[..], name, code.as_bytes()].concat();
    let directory_at = zip.len();
    zip.extend([b"PK\x01\x02", &[20u8, 0][..], &fixed, &[0; 14], name].concat());
    // external attributes and the offset of the one entry are zero
    let size = zip.len() - directory_at;
    zip.extend([b"PK\x05\x06", &[0u8, 0, 0, 0, 1, 0, 1, 0][..]].concat());
    zip.extend((size as u32).to_le_bytes());
    zip.extend((directory_at as u32).to_le_bytes());
    zip.extend([0, 0]);
    Blob::new(zip)
}

pub async fn functions(client: &Lambda, iam: &Iam, filled: &mut Filled) {
    filled.note("alias", iam.create_account_alias().account_alias(ALIAS).send().await);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let role = iam.create_role().role_name("functions").assume_role_policy_document(trust).send().await;
    let Some(role) = filled.note("function", role).and_then(|r| r.role) else { return };
    let account = role.arn.split(':').nth(4).unwrap_or_default().to_owned();
    let dead = super::sqs::arn(super::sqs::DEAD, &account);
    let function = |name: &str| {
        client
            .create_function()
            .function_name(name)
            .role(&role.arn)
            .runtime(Runtime::Python312)
            .handler("index.handler")
            .code(FunctionCode::builder().zip_file(archive()).build())
    };
    let secret = Environment::builder().variables("DB_PASSWORD", "swordfish").build();
    let ingest = function(INGEST)
        .dead_letter_config(DeadLetterConfig::builder().target_arn(&dead).build())
        .environment(secret);
    if filled.note("function", ingest.send().await).is_none() {
        return;
    }
    let failure = DestinationConfig::builder().on_failure(OnFailure::builder().destination(&dead).build());
    let invoke = client.put_function_event_invoke_config().function_name(INGEST);
    filled.note("invoke_config", invoke.destination_config(failure.build()).send().await);
    let orders = super::sqs::arn(super::sqs::SOURCES[0].0, &account);
    let mapping = client.create_event_source_mapping().function_name(INGEST).event_source_arn(orders);
    filled.note("event_source", mapping.send().await);
    for tens in (0..FUNCTIONS).collect::<Vec<_>>().chunks(10) {
        let calls = tens.iter().map(|n| function(&format!("bulk-{n:02}")).send());
        for outcome in join_all(calls).await {
            filled.note("functions_bulk", outcome);
        }
    }
}
