//! The questions to WAFv2, one call each. What its answers say about rules is in `rules`.

mod rules;

use super::convert::{date_time, malformed, need, next, sorted, text, time, token};
use super::fault::Judge;
use crate::estate::ask::wafv2::{Answer, Ask};
use crate::estate::{
    Arn, At, Cursor, Fault, FaultKind, Region, Sample, Samples, Scope, Untrusted, WebAcl, WebAclId,
    WebAclSummary, Window,
};
use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::operation::get_sampled_requests::GetSampledRequestsOutput;
use aws_sdk_wafv2::types::{self, ResourceType, SampledHttpRequest, TimeWindow};

/// `Limit` goes up to 100 and `MaxItems` of samples to 500 (WAFv2 API reference).
const PAGE: i32 = 100;
const SAMPLES: i64 = 500;

/// `ListResourcesForWebACL` answers for one type of resource, load balancers unless it is told (WAFv2 API
/// reference). Each type is asked as a page of its own, so that a fetch stays one call.
const PROTECTED: [ResourceType; 7] = [
    ResourceType::ApplicationLoadBalancer,
    ResourceType::ApiGateway,
    ResourceType::Appsync,
    ResourceType::CognitioUserPool,
    ResourceType::AppRunnerService,
    ResourceType::VerifiedAccessInstance,
    ResourceType::Amplify,
];

/// Where a question is asked: the CloudFront scope lives in us-east-1 (WAFv2 API reference, `Scope`), and
/// outside the commercial partition not at all.
pub(super) fn region(ask: &Ask, at: &At, operation: &'static str) -> Result<Region, Fault> {
    let global = match ask {
        Ask::ListWebACLs(q) => q.scope == Scope::CloudFront,
        Ask::GetWebACL(q) => q.scope == Scope::CloudFront,
        Ask::GetSampledRequests(q) => q.scope == Scope::CloudFront,
        Ask::ListResourcesForWebACL(_) => false,
        Ask::ListTagsForResource(q) => q.resource.wire().contains(":global/"),
    };
    let elsewhere = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];
    if global && elsewhere.iter().any(|p| at.region.as_str().starts_with(p)) {
        let said = format!("web ACLs of CloudFront do not exist in the partition of {}", at.region);
        return Err(Fault::new(FaultKind::Unsupported, operation, said));
    }
    Ok(if global { Region::us_east_1() } else { at.region.clone() })
}

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::ListWebACLs(q) => {
            let out = client.list_web_acls().scope(scope(q.scope)).limit(PAGE).set_next_marker(token(from));
            let out = judge.of(out.send().await)?;
            let acls = out.web_acls.unwrap_or_default().into_iter().map(|a| {
                Ok(WebAclSummary {
                    name: Untrusted::from(need(op, "Name", a.name)?),
                    id: WebAclId::new(need(op, "Id", a.id)?),
                    arn: Arn::new(need(op, "ARN", a.arn)?),
                    scope: q.scope,
                })
            });
            let acls = acls.collect::<Result<_, Fault>>()?;
            Ok((Answer::ListWebACLs(acls), next(op, from, out.next_marker)?))
        }
        Ask::GetWebACL(q) => {
            let out = client.get_web_acl().name(q.name.wire()).id(q.id.wire()).scope(scope(q.scope));
            let acl = need(op, "WebACL", judge.of(out.send().await)?.web_acl)?;
            Ok((Answer::GetWebACL(web_acl(acl, q.scope)), None))
        }
        Ask::GetSampledRequests(q) => {
            let window = TimeWindow::builder()
                .start_time(date_time(q.window.from))
                .end_time(date_time(q.window.to))
                .build()
                .map_err(|e| malformed(op, e.to_string()))?;
            let out = client
                .get_sampled_requests()
                .web_acl_arn(q.acl.wire())
                .rule_metric_name(q.rule_metric.wire())
                .scope(scope(q.scope))
                .time_window(window)
                .max_items(SAMPLES);
            let out = judge.of(out.send().await)?;
            Ok((Answer::GetSampledRequests(samples(out, &q.rule_metric)), None))
        }
        Ask::ListResourcesForWebACL(q) => {
            let place = from.and_then(|c| c.0.parse::<usize>().ok()).unwrap_or(0);
            let kind = PROTECTED.get(place).cloned().unwrap_or(ResourceType::ApplicationLoadBalancer);
            let out = client.list_resources_for_web_acl().web_acl_arn(q.acl.wire()).resource_type(kind);
            let arns = match judge.of(out.send().await) {
                Ok(out) => out.resource_arns.unwrap_or_default().into_iter().map(Arn::new).collect(),
                // A Region that does not have the type yet: nothing of it can be protected there.
                Err(fault) if place > 1 && fault.kind == FaultKind::Invalid => Vec::new(),
                Err(fault) => return Err(fault),
            };
            let more = (place + 1 < PROTECTED.len()).then(|| Cursor((place + 1).to_string().into()));
            Ok((Answer::ListResourcesForWebACL(arns), more))
        }
        Ask::ListTagsForResource(q) => {
            let out = client.list_tags_for_resource().resource_arn(q.resource.wire()).limit(PAGE);
            let out = judge.of(out.set_next_marker(token(from)).send().await)?;
            let tags = out.tag_info_for_resource.and_then(|i| i.tag_list).unwrap_or_default();
            let tags = sorted(tags.into_iter().map(|t| (t.key, t.value)));
            Ok((Answer::ListTagsForResource(tags), next(op, from, out.next_marker)?))
        }
    }
}

fn scope(scope: Scope) -> types::Scope {
    match scope {
        Scope::Regional => types::Scope::Regional,
        Scope::CloudFront => types::Scope::Cloudfront,
    }
}

fn web_acl(acl: types::WebAcl, scope: Scope) -> WebAcl {
    let metric = acl.visibility_config.map_or_else(|| acl.name.clone(), |v| v.metric_name);
    let mut all: Vec<_> = acl.rules.unwrap_or_default().into_iter().map(rules::rule).collect();
    all.sort_by_key(|r| r.priority);
    // The groups of Firewall Manager run before and after the ACL's own rules.
    let before = acl.pre_process_firewall_manager_rule_groups.unwrap_or_default();
    let after = acl.post_process_firewall_manager_rule_groups.unwrap_or_default();
    let [before, after] = [before, after].map(|groups| {
        let mut groups: Vec<_> = groups.into_iter().map(rules::managed).collect();
        groups.sort_by_key(|r| r.priority);
        groups
    });
    WebAcl {
        summary: WebAclSummary {
            name: acl.name.into(),
            id: WebAclId::new(acl.id),
            arn: Arn::new(acl.arn),
            scope,
        },
        metric: metric.into(),
        rules: before.into_iter().chain(all).chain(after).collect(),
        default_action: rules::default_action(acl.default_action),
        capacity: u64::try_from(acl.capacity).ok().filter(|c| *c > 0),
    }
}

fn samples(out: GetSampledRequestsOutput, asked: &Untrusted) -> Samples {
    let window = out
        .time_window
        .and_then(|w| Some(Window { from: time(Some(&w.start_time))?, to: time(Some(&w.end_time))? }));
    Samples {
        requests: out.sampled_requests.unwrap_or_default().into_iter().map(|s| sample(s, asked)).collect(),
        population: u64::try_from(out.population_size).unwrap_or(0),
        window,
    }
}

fn sample(s: SampledHttpRequest, asked: &Untrusted) -> Sample {
    let request = s.request;
    let header = |name: &str| {
        let headers = request.as_ref().and_then(|r| r.headers.as_ref())?;
        headers
            .iter()
            .find(|h| h.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name)))?
            .value
            .clone()
    };
    let user_agent = text(header("user-agent"));
    let part = |part: Option<String>| Untrusted::from(part.unwrap_or_default());
    let (ip, country, method, uri) = match request {
        Some(r) => (r.client_ip, r.country, r.method, r.uri),
        None => (None, None, None, None),
    };
    Sample {
        at: time(s.timestamp.as_ref()),
        rule: text(s.rule_name_within_rule_group).unwrap_or_else(|| asked.clone()),
        action: part(s.action),
        ip: part(ip),
        country: text(country),
        method: part(method),
        uri: part(uri),
        user_agent,
        weight: u64::try_from(s.weight).unwrap_or(0),
    }
}
