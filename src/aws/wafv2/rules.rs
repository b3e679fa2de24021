//! What a rule of a web ACL does and matches, as the estate has it.

use super::super::convert::count;
use crate::estate::{Rule, RuleAction, Untrusted};
use aws_sdk_wafv2::types::{
    BlockAction, DefaultAction, ExcludedRule, FirewallManagerRuleGroup, OverrideAction, RuleActionOverride,
    Statement, VisibilityConfig,
};
use aws_sdk_wafv2::types::{Rule as SdkRule, RuleAction as SdkAction};

/// A statement nests to any depth; this much of it says what a rule is about.
const DEPTH: usize = 2;

pub(super) fn rule(r: SdkRule) -> Rule {
    let action = match (r.action, r.override_action) {
        (Some(a), _) => action(a),
        (None, Some(o)) => group_action(&o),
        (None, None) => RuleAction::Other("".into()),
    };
    made(r.name, r.priority, r.visibility_config, action, r.statement.as_ref())
}

/// A rule group that Firewall Manager puts around the ACL's own rules.
pub(super) fn managed(g: FirewallManagerRuleGroup) -> Rule {
    let action = g.override_action.as_ref().map_or(RuleAction::Group, group_action);
    let statement = g.firewall_manager_statement.map(|s| {
        Statement::builder()
            .set_managed_rule_group_statement(s.managed_rule_group_statement)
            .set_rule_group_reference_statement(s.rule_group_reference_statement)
            .build()
    });
    made(g.name, g.priority, g.visibility_config, action, statement.as_ref())
}

fn made(
    name: String,
    priority: i32,
    visibility: Option<VisibilityConfig>,
    action: RuleAction,
    statement: Option<&Statement>,
) -> Rule {
    let metrics_on = visibility.as_ref().is_some_and(|v| v.cloud_watch_metrics_enabled);
    Rule {
        priority,
        metric: visibility.map_or_else(|| name.clone(), |v| v.metric_name).into(),
        name: name.into(),
        metrics_on,
        action,
        statement: statement.map(|s| words(s, DEPTH)).unwrap_or_default().into(),
        overridden_to_count: statement.map(overridden).unwrap_or_default(),
    }
}

pub(super) fn default_action(a: Option<DefaultAction>) -> RuleAction {
    match a {
        Some(DefaultAction { allow: Some(_), .. }) => RuleAction::Allow,
        Some(DefaultAction { block: Some(b), .. }) => RuleAction::Block(status(b)),
        Some(_) | None => RuleAction::Other("".into()),
    }
}

fn action(a: SdkAction) -> RuleAction {
    if let Some(block) = a.block {
        RuleAction::Block(status(block))
    } else if a.allow.is_some() {
        RuleAction::Allow
    } else if a.count.is_some() {
        RuleAction::Count
    } else if a.captcha.is_some() {
        RuleAction::Captcha
    } else if a.challenge.is_some() {
        RuleAction::Challenge
    } else if a.monetize.is_some() {
        RuleAction::Other("Monetize".into())
    } else {
        RuleAction::Other("".into())
    }
}

fn group_action(o: &OverrideAction) -> RuleAction {
    if o.count.is_some() { RuleAction::GroupCount } else { RuleAction::Group }
}

fn status(block: BlockAction) -> Option<u16> {
    block.custom_response.and_then(|r| u16::try_from(r.response_code).ok()).filter(|c| *c > 0)
}

fn overridden(s: &Statement) -> Vec<Untrusted> {
    let [overrides, excluded] = match (&s.managed_rule_group_statement, &s.rule_group_reference_statement) {
        (Some(m), _) => [counted(m.rule_action_overrides()), spared(m.excluded_rules.as_deref())],
        (None, Some(g)) => [counted(g.rule_action_overrides()), spared(g.excluded_rules.as_deref())],
        (None, None) => return Vec::new(),
    };
    overrides.into_iter().chain(excluded).collect()
}

fn counted(overrides: &[RuleActionOverride]) -> Vec<Untrusted> {
    let to_count = |o: &&RuleActionOverride| o.action_to_use.as_ref().is_some_and(|a| a.count.is_some());
    overrides.iter().filter(to_count).map(|o| o.name.as_str().into()).collect()
}

/// `ExcludedRules` is the older way to say Count (WAFv2 API reference, `ExcludedRule`).
fn spared(excluded: Option<&[ExcludedRule]>) -> Vec<Untrusted> {
    excluded.unwrap_or_default().iter().map(|e| e.name.as_str().into()).collect()
}

fn words(s: &Statement, depth: usize) -> String {
    let tail =
        |arn: &str| arn.rsplit('/').nth(1).or_else(|| arn.rsplit('/').next()).unwrap_or(arn).to_owned();
    let within = |inner: Option<&Statement>| match inner {
        Some(inner) if depth > 0 => format!(" where {}", words(inner, depth - 1)),
        Some(_) => " where ...".to_owned(),
        None => String::new(),
    };
    let joined = |all: &[Statement], by: &str| {
        if depth == 0 {
            return format!("{} statements", all.len());
        }
        all.iter().map(|s| words(s, depth - 1)).collect::<Vec<_>>().join(by)
    };
    if let Some(r) = &s.rate_based_statement {
        let window = count(Some(r.evaluation_window_sec)).filter(|w| *w > 0).unwrap_or(300);
        let key = r.aggregate_key_type.as_str();
        format!("rate {} per {window} s by {key}{}", r.limit, within(r.scope_down_statement.as_deref()))
    } else if let Some(m) = &s.managed_rule_group_statement {
        let vendor = if m.vendor_name == "AWS" { String::new() } else { format!("{} ", m.vendor_name) };
        format!("managed {vendor}{}{}", m.name, within(m.scope_down_statement.as_deref()))
    } else if let Some(g) = &s.rule_group_reference_statement {
        format!("rule group {}", tail(&g.arn))
    } else if let Some(i) = &s.ip_set_reference_statement {
        format!("IP set {}", tail(&i.arn))
    } else if let Some(g) = &s.geo_match_statement {
        let codes: Vec<_> = g.country_codes.iter().flatten().map(|c| c.as_str()).collect();
        format!("country in {}", codes.join(", "))
    } else if let Some(b) = &s.byte_match_statement {
        let text = String::from_utf8_lossy(b.search_string.as_ref()).into_owned();
        format!("{} {text:?}", b.positional_constraint.as_str().to_ascii_lowercase().replace('_', " "))
    } else if let Some(r) = &s.regex_match_statement {
        format!("matches /{}/", r.regex_string)
    } else if let Some(r) = &s.regex_pattern_set_reference_statement {
        format!("pattern set {}", tail(&r.arn))
    } else if let Some(z) = &s.size_constraint_statement {
        format!("size {} {}", z.comparison_operator.as_str(), z.size)
    } else if let Some(l) = &s.label_match_statement {
        format!("label {}", l.key)
    } else if let Some(a) = &s.asn_match_statement {
        format!("ASN in {:?}", a.asn_list)
    } else if s.sqli_match_statement.is_some() {
        "SQL injection".to_owned()
    } else if s.xss_match_statement.is_some() {
        "cross-site scripting".to_owned()
    } else if let Some(a) = &s.and_statement {
        joined(&a.statements, " and ")
    } else if let Some(o) = &s.or_statement {
        joined(&o.statements, " or ")
    } else if let Some(n) = &s.not_statement {
        let inner = n.statement.as_deref().filter(|_| depth > 0);
        format!("not ({})", inner.map_or_else(|| "...".to_owned(), |s| words(s, depth - 1)))
    } else {
        String::new()
    }
}
