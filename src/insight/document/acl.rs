//! A web ACL as JSON: what `waf list` and `waf show` say of it. It concludes nothing itself.

use super::{Head, maybe_text, snake, system};
use crate::estate::{RuleAction, Scope};
use crate::insight::waf_counts::{self, AclCount, RuleCount, Unlisted};
use crate::insight::{About, AclRow, Detail, Inventory, Look, Source, Subject};
use serde_json::{Map, Value, json};

/// The word for a scope.
#[must_use]
pub fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Regional => "regional",
        Scope::CloudFront => "cloudfront",
    }
}

/// The word for an action.
#[must_use]
pub fn action(action: &RuleAction) -> String {
    match action {
        RuleAction::Allow => "allow".to_owned(),
        RuleAction::Block(_) => "block".to_owned(),
        RuleAction::Count => "count".to_owned(),
        RuleAction::Captcha => "captcha".to_owned(),
        RuleAction::Challenge => "challenge".to_owned(),
        RuleAction::Group | RuleAction::GroupCount => "group".to_owned(),
        RuleAction::Other(other) => snake(other.wire()),
    }
}

/// Whether a rule acts on what it matches or only counts it.
#[must_use]
pub fn mode(row: &AclRow, count: &RuleCount) -> &'static str {
    let rules = row.acl.value().map(|acl| acl.rules.as_slice()).unwrap_or_default();
    rules
        .iter()
        .find(|r| r.metric == count.metric && r.name == count.name)
        .map_or("enforce", waf_counts::mode)
}

/// The rules with what each did; null where they were not read.
#[must_use]
pub fn rules_json(row: &AclRow, count: &AclCount) -> Value {
    if row.acl.value().is_none() {
        return Value::Null;
    }
    let one = |rule: &RuleCount| {
        json!({
            "name": rule.name.wire(),
            "action": action(&rule.action),
            "mode": mode(row, rule),
            "blocked_1h": rule.blocked_1h,
            "counted_1h": rule.counted_1h,
        })
    };
    Value::Array(count.rules.iter().map(one).collect())
}

/// A web ACL as `waf list` has it.
#[must_use]
pub fn json(row: &AclRow, look: &Look<'_>) -> Map<String, Value> {
    let summary = &row.summary;
    let count = waf_counts::of(look.inv, row);
    let mut out = Map::new();
    out.insert("name".into(), json!(summary.name.wire()));
    out.insert("id".into(), json!(summary.id.wire()));
    out.insert("arn".into(), json!(summary.arn.wire()));
    out.insert("scope".into(), json!(scope(summary.scope)));
    out.insert("rules".into(), rules_json(row, &count));
    out.insert("blocked_1h".into(), json!(count.blocked_1h));
    out.insert("counted_1h".into(), json!(count.counted_1h));
    out.insert("blocked_per_min".into(), json!(count.blocked_per_min));
    out.insert("system".into(), system(look, &Subject::Acl(summary.arn.clone())));
    out
}

/// What a web ACL protects, as far as it is known.
#[must_use]
pub fn resources(row: &AclRow, inv: &Inventory) -> Option<Vec<String>> {
    match inv.detail(&Source::Detail(About::AclResources(row.summary.arn.clone())))?.value()? {
        // Distributions are asked of CloudFront, not of WAF: what such an ACL protects is not known here.
        Detail::Resources(_) if row.summary.scope == Scope::CloudFront => None,
        Detail::Resources(arns) => Some(arns.iter().map(|a| a.wire().to_owned()).collect()),
        _ => None,
    }
}

/// Rules that only their metrics name; null where those were not read. They are in no sum.
fn unlisted_json(row: &AclRow, look: &Look<'_>) -> Value {
    let one = |u: &Unlisted| {
        json!({
            "rule": u.rule.wire(),
            "rule_group": maybe_text(u.group.as_ref()),
            "blocked_1h": u.blocked_1h,
            "counted_1h": u.counted_1h,
        })
    };
    let all = waf_counts::unlisted(look.inv, row);
    all.map_or(Value::Null, |all| Value::Array(all.iter().map(one).collect()))
}

/// The document of a web ACL.
#[must_use]
pub fn show(row: &AclRow, head: &Head<'_>, look: &Look<'_>) -> Value {
    let mut content = json(row, look);
    let acl = row.acl.value();
    content.insert("default_action".into(), json!(acl.map(|a| action(&a.default_action))));
    content.insert("capacity".into(), json!(acl.and_then(|a| a.capacity)));
    content.insert("resources".into(), json!(resources(row, look.inv)));
    content.insert("by_metric".into(), unlisted_json(row, look));
    head.document("web_acl", vec![("web_acl", Value::Object(content))])
}
