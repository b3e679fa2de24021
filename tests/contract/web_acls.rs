//! Questions about web ACLs: both scopes, their rules, samples and what they protect.

use super::fill::others::{EDGE, GLOBAL, WEB_ACLS};
use super::question::{Question, Wrong, distinct, holds, refused, same};
use crate::asking::{Asking, REGION};
use bartizan::estate::ask::wafv2::{
    GetSampledRequests, GetWebACL, ListResourcesForWebACL, ListTagsForResource, ListWebACLs,
};
use bartizan::estate::{
    Arn, Cursor, FaultKind, RuleAction, Scope, WebAcl, WebAclId, WebAclSummary, Window, time,
};

const LIST: &str = "WAFv2 API reference, ListWebACLs";
const GET: &str = "WAFv2 API reference, GetWebACL, WebACL, Rule";
const GONE: &str = "WAFv2 service model: WAFNonexistentItemException";

pub const FILLED: &[Question] = &[
    Question { name: "web_acls_on_every_page", source: LIST, needs: Some("acls_bulk"), check: every },
    Question { name: "web_acls_of_cloudfront", source: LIST, needs: Some("acl_global"), check: global },
    Question { name: "web_acl_with_rules", source: GET, needs: Some("acl"), check: rules },
    Question {
        name: "web_acl_protects_nothing",
        source: "WAFv2 API reference, ListResourcesForWebACL",
        needs: Some("acl"),
        check: |e| same("resources", e.all(ListResourcesForWebACL { acl: edge(e)?.arn })?.len(), 0),
    },
    Question {
        name: "web_acl_tags",
        source: "WAFv2 API reference, ListTagsForResource",
        needs: Some("acl"),
        check: |e| {
            let tags = e.all(ListTagsForResource { resource: edge(e)?.arn })?;
            same("tags", tags, vec![("system".into(), "shop".into())])
        },
    },
    Question {
        name: "samples_of_no_traffic",
        source: "WAFv2 API reference, GetSampledRequests",
        needs: Some("acl"),
        check: |e| {
            let found = e.first(samples(e, edge(e)?.arn, "Rate"))?;
            same("samples", (found.requests.len(), found.population), (0, 0))
        },
    },
];

pub const MISSING: &[Question] = &[
    Question {
        name: "web_acl_that_is_not",
        source: GONE,
        needs: None,
        check: |e| {
            let id = WebAclId::new("01234567-89ab-cdef-0123-456789abcdef");
            let ask = GetWebACL { name: "no-such-acl".into(), id, scope: Scope::Regional };
            refused(e.first(ask), &FaultKind::NotFound)
        },
    },
    Question {
        name: "web_acl_under_another_name",
        source: GONE,
        needs: None,
        check: |e| {
            let known = first(e)?;
            let ask = GetWebACL { name: "another-name".into(), id: known.id, scope: Scope::Regional };
            refused(e.first(ask), &FaultKind::NotFound)
        },
    },
    Question {
        name: "web_acl_in_another_scope",
        source: GONE,
        needs: None,
        check: |e| {
            let known = first(e)?;
            let ask = GetWebACL { name: known.name, id: known.id, scope: Scope::CloudFront };
            refused(e.first(ask), &FaultKind::NotFound)
        },
    },
    Question {
        name: "web_acl_name_that_is_none",
        source: r"WAFv2 service model, EntityName: ^[\w\-]+$; WAFInvalidParameterException",
        needs: None,
        check: |e| {
            let known = first(e)?;
            let ask = GetWebACL { name: "not a name!".into(), id: known.id, scope: Scope::Regional };
            refused(e.first(ask), &FaultKind::Invalid)
        },
    },
    Question {
        name: "web_acl_marker_that_is_none",
        source: "WAFv2 service model, ListWebACLs: WAFInvalidParameterException",
        needs: None,
        check: |e| {
            let cursor = Cursor("none of yours".into());
            refused(e.page(ListWebACLs { scope: Scope::Regional }, Some(&cursor)), &FaultKind::Invalid)
        },
    },
    Question {
        name: "samples_of_a_web_acl_that_is_not",
        source: GONE,
        needs: None,
        check: |e| refused(e.first(samples(e, nobody(e)?, "Rate")), &FaultKind::NotFound),
    },
    Question {
        name: "resources_of_a_web_acl_that_is_not",
        source: GONE,
        needs: None,
        check: |e| refused(e.first(ListResourcesForWebACL { acl: nobody(e)? }), &FaultKind::NotFound),
    },
    Question {
        name: "tags_of_a_web_acl_that_is_not",
        source: GONE,
        needs: None,
        check: |e| refused(e.first(ListTagsForResource { resource: nobody(e)? }), &FaultKind::NotFound),
    },
];

fn samples(e: &Asking, acl: Arn, rule: &str) -> GetSampledRequests {
    let to = e.now();
    let window = Window { from: time::plus_seconds(to, -3600), to };
    GetSampledRequests { acl, rule_metric: rule.into(), scope: Scope::Regional, window }
}

fn first(e: &Asking) -> Result<WebAclSummary, Wrong> {
    let acls = e.first(ListWebACLs { scope: Scope::Regional })?;
    acls.into_iter().next().ok_or_else(|| "there are no web ACLs".into())
}

/// The ARN of the first web ACL, with another name and id.
fn nobody(e: &Asking) -> Result<Arn, Wrong> {
    let known = first(e)?.arn;
    let (account, _) = known.wire().split_once("/webacl/").ok_or("no ARN of a web ACL")?;
    Ok(Arn::new(format!("{account}/webacl/no-such-acl/01234567-89ab-cdef-0123-456789abcdef")))
}

fn edge(e: &Asking) -> Result<WebAclSummary, Wrong> {
    let acls = e.all(ListWebACLs { scope: Scope::Regional })?;
    acls.into_iter().find(|a| a.name.wire() == EDGE).ok_or_else(|| format!("{EDGE} is not listed").into())
}

fn every(e: &Asking) -> Result<(), Wrong> {
    let pages = e.pages(ListWebACLs { scope: Scope::Regional })?;
    let names: Vec<&str> = pages.iter().flatten().map(|a| a.name.wire()).collect();
    distinct("web ACLs", &names)?;
    same("web ACLs", names.len(), WEB_ACLS + 1)?;
    let place = format!(":{REGION}:");
    let all = pages.iter().flatten();
    let regional =
        |a: &WebAclSummary| a.arn.wire().contains(&place) && a.arn.wire().contains(":regional/webacl/");
    holds("an ARN is not regional", all.clone().all(regional))?;
    same("pages", pages.iter().map(Vec::len).collect::<Vec<_>>(), vec![100, WEB_ACLS + 1 - 100])
}

fn global(e: &Asking) -> Result<(), Wrong> {
    let acls = e.all(ListWebACLs { scope: Scope::CloudFront })?;
    same("web ACLs", acls.iter().map(|a| a.name.wire()).collect(), vec![GLOBAL])?;
    let arn = acls[0].arn.wire();
    holds(format!("its ARN is {arn}"), arn.contains(":us-east-1:") && arn.contains(":global/webacl/"))
}

fn rules(e: &Asking) -> Result<(), Wrong> {
    let summary = edge(e)?;
    let ask = GetWebACL { name: summary.name.clone(), id: summary.id.clone(), scope: Scope::Regional };
    let acl: WebAcl = e.first(ask)?;
    same("summary", &acl.summary, &summary)?;
    same("metric", acl.metric.wire(), EDGE)?;
    same("default", &acl.default_action, &RuleAction::Allow)?;
    same("rules", acl.rules.iter().map(|r| r.name.wire()).collect(), vec!["Rate", "Common", "Geo"])?;
    let actions: Vec<RuleAction> = acl.rules.iter().map(|r| r.action.clone()).collect();
    same("actions", actions, vec![RuleAction::Block(Some(429)), RuleAction::Group, RuleAction::Count])?;
    holds(format!("its capacity is {:?}", acl.capacity), acl.capacity.is_some_and(|c| c > 0))
}
