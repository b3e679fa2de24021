//! The AWS CLI line that shows what the program shows: for each question, and so for each screen and thing.
//! It is copied into a shell, where names from outside must not become commands, files or escape sequences.

mod access;
mod databases;

use super::inventory::Inventory;
use super::roots::{Wants, roots};
use super::source::Source;
use super::subject::Subject;
use crate::estate::ask::{Ask, Asks, Query, apigateway, cloudwatch, lambda, secretsmanager, sqs, wafv2};
use crate::estate::metric::MetricSource;
use crate::estate::{MetricQuery, Scope};
pub use crate::runbook::shell::quote;
use serde_json::{Value, json};

/// How the CLI gets at the estate: what a person gave the program, given on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Access<'a> {
    /// The profile, where one was named.
    pub profile: Option<&'a str>,
    /// The endpoint, where one was named.
    pub endpoint: Option<&'a str>,
}

/// The lines that show a thing: one for what it is.
#[must_use]
pub fn of_subject(inv: &Inventory, subject: &Subject, wants: &Wants, access: Access<'_>) -> Vec<String> {
    let here = |ask: Ask| vec![Query { at: wants.at.clone(), ask }];
    let queries = match subject {
        Subject::Alarm(arn) => match inv.alarms.get(arn) {
            Some(alarm) => here(cloudwatch::DescribeAlarms { names: vec![alarm.name.clone()] }.ask()),
            None => Vec::new(),
        },
        Subject::Queue(url) => here(sqs::GetQueueAttributes { queue: url.clone() }.ask()),
        Subject::Acl(arn) => match inv.acl(arn).map(|row| &row.summary) {
            Some(acl) => {
                let ask =
                    wafv2::GetWebACL { name: acl.name.clone(), id: acl.id.clone(), scope: acl.scope }.ask();
                vec![Query { at: super::roots::at_of(acl.scope, wants), ask }]
            }
            None => Vec::new(),
        },
        Subject::Secret(arn) => {
            here(secretsmanager::ListSecretVersionIds { secret: arn.clone(), deprecated: false }.ask())
        }
        Subject::Run(_) | Subject::Incident(_) => Vec::new(),
        Subject::Source(source) => return of_source(inv, source, wants, access),
    };
    queries.iter().map(|q| command(q, access)).collect()
}

/// The lines that ask what a walk of `source` starts with.
#[must_use]
pub fn of_source(inv: &Inventory, source: &Source, wants: &Wants, access: Access<'_>) -> Vec<String> {
    roots(source, inv, wants).iter().map(|q| command(q, access)).collect()
}

/// The line that asks one question.
#[must_use]
pub fn command(query: &Query, access: Access<'_>) -> String {
    let mut line = Line::default();
    match &query.ask {
        Ask::CloudWatch(ask) => of_cloudwatch(&mut line, ask),
        Ask::Sqs(ask) => of_sqs(&mut line, ask),
        Ask::Wafv2(ask) => of_wafv2(&mut line, ask),
        Ask::SecretsManager(ask) => of_secrets(&mut line, ask),
        Ask::Sts(ask) => access::of_sts(&mut line, ask),
        Ask::CloudTrail(ask) => access::of_cloudtrail(&mut line, ask),
        Ask::Iam(ask) => access::of_iam(&mut line, ask),
        Ask::Rds(ask) => databases::of_rds(&mut line, ask),
        Ask::Ec2(ask) => databases::of_ec2(&mut line, ask),
        Ask::Kms(ask) => access::of_kms(&mut line, ask),
        Ask::Logs(ask) => access::of_logs(&mut line, ask),
        Ask::Events(ask) => access::of_events(&mut line, ask),
        Ask::ApiGateway(ask) => of_apigateway(&mut line, ask),
        Ask::Lambda(ask) => of_lambda(&mut line, ask),
    }
    line.finish(query, access)
}

fn of_cloudwatch(line: &mut Line, ask: &cloudwatch::Ask) {
    match ask {
        cloudwatch::Ask::DescribeAlarms(q) => {
            line.start("cloudwatch describe-alarms");
            // Without its types named, the API leaves all but metric alarms out.
            line.all("alarm-types", &["MetricAlarm", "CompositeAlarm", "LogAlarm"]);
            let names: Vec<&str> = q.names.iter().map(|n| n.wire()).collect();
            if !names.is_empty() {
                line.all("alarm-names", &names);
            }
        }
        cloudwatch::Ask::DescribeAlarmHistory(q) => {
            line.start("cloudwatch describe-alarm-history");
            line.one("alarm-name", q.alarm.wire());
        }
        cloudwatch::Ask::DescribeAlarmContributors(q) => {
            line.start("cloudwatch describe-alarm-contributors");
            line.one("alarm-name", q.alarm.wire());
        }
        cloudwatch::Ask::ListAlarmMuteRules(_) => line.start("cloudwatch list-alarm-mute-rules"),
        cloudwatch::Ask::GetAlarmMuteRule(q) => {
            line.start("cloudwatch get-alarm-mute-rule");
            line.one("alarm-mute-rule-name", q.name.wire());
        }
        cloudwatch::Ask::GetMetricData(q) => {
            line.start("cloudwatch get-metric-data");
            line.one("start-time", &q.window.from.to_string());
            line.one("end-time", &q.window.to.to_string());
            let queries: Vec<Value> = q.queries.iter().map(metric_query).collect();
            line.json("metric-data-queries", Value::Array(queries));
        }
        cloudwatch::Ask::ListMetrics(q) => {
            line.start("cloudwatch list-metrics");
            line.one("namespace", q.namespace.wire());
            line.one("metric-name", q.name.wire());
        }
        cloudwatch::Ask::ListTagsForResource(q) => {
            line.start("cloudwatch list-tags-for-resource");
            line.one("resource-arn", q.resource.wire());
        }
    }
}

fn metric_query(query: &MetricQuery) -> Value {
    let mut out = json!({ "Id": query.id.wire(), "ReturnData": query.return_data });
    match &query.source {
        MetricSource::Stat { metric, stat, period_s, unit } => {
            let dimensions: Vec<Value> = metric
                .dimensions
                .iter()
                .map(|(n, v)| json!({ "Name": n.wire(), "Value": v.wire() }))
                .collect();
            out["MetricStat"] = json!({
                "Metric": {
                    "Namespace": metric.namespace.wire(),
                    "MetricName": metric.name.wire(),
                    "Dimensions": dimensions,
                },
                "Period": period_s,
                "Stat": stat.wire(),
            });
            if let Some(unit) = unit {
                out["MetricStat"]["Unit"] = json!(unit.wire());
            }
        }
        MetricSource::Expression { text, period_s } => {
            out["Expression"] = json!(text.wire());
            if let Some(period) = period_s {
                out["Period"] = json!(period);
            }
        }
    }
    out
}

fn of_sqs(line: &mut Line, ask: &sqs::Ask) {
    match ask {
        sqs::Ask::ListQueues(_) => line.start("sqs list-queues"),
        sqs::Ask::GetQueueAttributes(q) => {
            line.start("sqs get-queue-attributes");
            line.one("queue-url", q.queue.wire());
            line.one("attribute-names", "All");
        }
        sqs::Ask::ListDeadLetterSourceQueues(q) => {
            line.start("sqs list-dead-letter-source-queues");
            line.one("queue-url", q.queue.wire());
        }
        sqs::Ask::ListMessageMoveTasks(q) => {
            line.start("sqs list-message-move-tasks");
            line.one("source-arn", q.queue.wire());
            line.one("max-results", "10");
        }
        sqs::Ask::ListQueueTags(q) => {
            line.start("sqs list-queue-tags");
            line.one("queue-url", q.queue.wire());
        }
    }
}

fn of_wafv2(line: &mut Line, ask: &wafv2::Ask) {
    let scope = |scope: Scope| super::words::scope(scope);
    match ask {
        wafv2::Ask::ListWebACLs(q) => {
            line.start("wafv2 list-web-acls");
            line.one("scope", scope(q.scope));
        }
        wafv2::Ask::GetWebACL(q) => {
            line.start("wafv2 get-web-acl");
            line.one("name", q.name.wire());
            line.one("id", q.id.wire());
            line.one("scope", scope(q.scope));
        }
        wafv2::Ask::GetSampledRequests(q) => {
            line.start("wafv2 get-sampled-requests");
            line.one("web-acl-arn", q.acl.wire());
            line.one("rule-metric-name", q.rule_metric.wire());
            line.one("scope", scope(q.scope));
            line.one("time-window", &format!("StartTime={},EndTime={}", q.window.from, q.window.to));
            line.one("max-items", "500");
        }
        wafv2::Ask::ListResourcesForWebACL(q) => {
            line.start("wafv2 list-resources-for-web-acl");
            line.one("web-acl-arn", q.acl.wire());
        }
        wafv2::Ask::ListTagsForResource(q) => {
            line.start("wafv2 list-tags-for-resource");
            line.one("resource-arn", q.resource.wire());
        }
    }
}

fn of_secrets(line: &mut Line, ask: &secretsmanager::Ask) {
    match ask {
        secretsmanager::Ask::ListSecrets(_) => {
            line.start("secretsmanager list-secrets");
            line.flag("include-planned-deletion");
        }
        secretsmanager::Ask::GetResourcePolicy(q) => {
            line.start("secretsmanager get-resource-policy");
            line.one("secret-id", q.secret.wire());
        }
        secretsmanager::Ask::ListSecretVersionIds(q) => {
            line.start("secretsmanager list-secret-version-ids");
            line.one("secret-id", q.secret.wire());
            if q.deprecated {
                line.flag("include-deprecated");
            }
        }
        secretsmanager::Ask::DescribeSecret(q) => {
            line.start("secretsmanager describe-secret");
            line.one("secret-id", q.secret.wire());
        }
    }
}

fn of_lambda(line: &mut Line, ask: &lambda::Ask) {
    match ask {
        lambda::Ask::ListFunctions(_) => {
            line.start("lambda list-functions");
            // The answer holds environment variables: whoever runs the line should not see them either.
            line.one("query", "Functions[].[FunctionName,DeadLetterConfig.TargetArn]");
        }
        lambda::Ask::ListFunctionEventInvokeConfigs(q) => {
            line.start("lambda list-function-event-invoke-configs");
            line.one("function-name", q.function.wire());
        }
        lambda::Ask::ListEventSourceMappings(_) => line.start("lambda list-event-source-mappings"),
        lambda::Ask::GetFunctionConfiguration(q) => {
            line.start("lambda get-function-configuration");
            line.one("function-name", q.function.wire());
            if let Some(version) = &q.version {
                line.one("qualifier", version.wire());
            }
            line.one("query", "[RevisionId,State,LastUpdateStatus,CodeSha256]");
        }
        lambda::Ask::ListVersionsByFunction(q) => {
            line.start("lambda list-versions-by-function");
            line.one("function-name", q.function.wire());
            line.one("query", "Versions[].[Version,CodeSha256,Description]");
        }
        lambda::Ask::ListAliases(q) => {
            line.start("lambda list-aliases");
            line.one("function-name", q.function.wire());
        }
        lambda::Ask::GetProvisionedConcurrencyConfig(q) => {
            line.start("lambda get-provisioned-concurrency-config");
            line.one("function-name", q.function.wire());
            line.one("qualifier", q.alias.wire());
        }
        lambda::Ask::GetFunctionConcurrency(q) => {
            line.start("lambda get-function-concurrency");
            line.one("function-name", q.function.wire());
        }
        lambda::Ask::GetFunctionUrlConfig(q) => {
            line.start("lambda get-function-url-config");
            line.one("function-name", q.function.wire());
            if let Some(alias) = &q.alias {
                line.one("qualifier", alias.wire());
            }
        }
        lambda::Ask::GetPolicy(q) => {
            line.start("lambda get-policy");
            line.one("function-name", q.function.wire());
            if let Some(qualifier) = &q.qualifier {
                line.one("qualifier", qualifier.wire());
            }
        }
        lambda::Ask::ListFunctionUrlConfigs(q) => {
            line.start("lambda list-function-url-configs");
            line.one("function-name", q.function.wire());
        }
        lambda::Ask::ListLayers(_) => line.start("lambda list-layers"),
        lambda::Ask::ListTags(q) => {
            line.start("lambda list-tags");
            line.one("resource", q.function.wire());
        }
    }
}

fn of_apigateway(line: &mut Line, ask: &apigateway::Ask) {
    match ask {
        apigateway::Ask::GetApiKeys(q) => {
            line.start("apigateway get-api-keys");
            if let Some(prefix) = &q.name_prefix {
                line.one("name-query", prefix.wire());
            }
        }
        apigateway::Ask::GetApiKey(q) => {
            line.start("apigateway get-api-key");
            line.one("api-key", q.key.wire());
        }
        apigateway::Ask::GetUsagePlans(q) => {
            line.start("apigateway get-usage-plans");
            if let Some(key) = &q.key {
                line.one("key-id", key.wire());
            }
        }
        apigateway::Ask::GetUsage(q) => {
            line.start("apigateway get-usage");
            line.one("usage-plan-id", q.plan.wire());
            line.one("key-id", q.key.wire());
            line.one("start-date", q.from.wire());
            line.one("end-date", q.to.wire());
        }
        apigateway::Ask::GetRestApis(_) => line.start("apigateway get-rest-apis"),
        apigateway::Ask::GetStages(q) => {
            line.start("apigateway get-stages");
            line.one("rest-api-id", q.api.wire());
        }
    }
}

/// A command line in the making.
#[derive(Default)]
struct Line {
    start: &'static str,
    options: Vec<(&'static str, Vec<Value>)>,
    flags: Vec<&'static str>,
}

impl Line {
    fn start(&mut self, words: &'static str) {
        self.start = words;
    }

    fn one(&mut self, name: &'static str, value: &str) {
        self.options.push((name, vec![json!(value)]));
    }

    fn all(&mut self, name: &'static str, values: &[&str]) {
        self.options.push((name, values.iter().map(|v| json!([v])).collect()));
    }

    fn json(&mut self, name: &'static str, value: Value) {
        self.options.push((name, vec![json!({ "": value })]));
    }

    fn flag(&mut self, name: &'static str) {
        self.flags.push(name);
    }

    fn finish(self, query: &Query, access: Access<'_>) -> String {
        let mut out = String::from("aws");
        for word in self.start.split(' ') {
            out.push(' ');
            out.push_str(word);
        }
        let mut odd = serde_json::Map::new();
        for (name, values) in &self.options {
            if values.iter().any(|v| is_odd(text_of(v))) {
                odd.insert(camel(name), plain(values));
                continue;
            }
            out.push_str(&format!(" --{name}"));
            for value in values {
                out.push(' ');
                match value {
                    Value::Object(whole) => {
                        out.push_str(&quote(&whole.get("").map_or_else(String::new, Value::to_string)));
                    }
                    Value::String(_) | Value::Array(_) => out.push_str(&quote(text_of(value))),
                    Value::Null | Value::Bool(_) | Value::Number(_) => {}
                }
            }
        }
        if !odd.is_empty() {
            out.push_str(&format!(" --cli-input-json {}", quote(&Value::Object(odd).to_string())));
        }
        for flag in &self.flags {
            out.push_str(&format!(" --{flag}"));
        }
        out.push_str(&format!(" --region {}", query.at.region));
        if let Some(profile) = access.profile {
            out.push_str(&format!(" --profile {}", quote(profile)));
        }
        if let Some(endpoint) = access.endpoint {
            out.push_str(&format!(" --endpoint-url {}", quote(endpoint)));
        }
        out
    }
}

/// One of several values is held in an array of its own; a whole JSON value in an object.
fn text_of(value: &Value) -> &str {
    match value {
        Value::String(text) => text,
        Value::Array(list) => list.first().and_then(Value::as_str).unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "",
    }
}

fn plain(values: &[Value]) -> Value {
    match values {
        [Value::String(text)] => json!(text),
        many => Value::Array(many.iter().map(|v| json!(text_of(v))).collect()),
    }
}

/// Whether the AWS CLI would take a value for something else: an option, a file to read (`file://`), or
/// JSON. Inside `--cli-input-json` a value is always itself (AWS CLI user guide, "Specifying parameter
/// values").
fn is_odd(value: &str) -> bool {
    ["-", "[", "{", "file://", "fileb://"].iter().any(|start| value.starts_with(start))
}

/// `alarm-names` as `AlarmNames`.
fn camel(option: &str) -> String {
    option
        .split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters.collect::<Vec<_>>())
        })
        .collect()
}

#[cfg(test)]
mod tests;
