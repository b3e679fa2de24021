//! Web ACLs, their rules, and what they protect. Sources: WAFv2 API reference, `ListWebACLs` (100 a page),
//! `GetWebACL` (name, id and scope have to agree), `GetSampledRequests`, `ListResourcesForWebACL`.

use super::{Asked, pairs, samples, text};
use crate::estate::ask::Cursor;
use crate::estate::ask::wafv2::{Answer, Ask};
use crate::estate::fault::Fault;
use crate::estate::names::{Arn, WebAclId};
use crate::estate::waf::{Rule, RuleAction, Scope, WebAcl, WebAclSummary};
use crate::practice::faults;
use crate::practice::world::acl::{Acl, AclRule, Action};

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    match ask {
        Ask::ListWebACLs(q) => {
            let rows = scoped(asked, q.scope)?;
            let (page, next) = asked.page(&format!("{:?}", q.scope), &rows, 100, |a| &a.name)?;
            Ok((Answer::ListWebACLs(page.into_iter().map(summary).collect()), next))
        }
        Ask::GetWebACL(q) => {
            asked.single()?;
            entity_name(asked, q.name.wire())?;
            let found = scoped(asked, q.scope)?
                .into_iter()
                .find(|a| a.name == q.name.wire() && a.id == q.id.wire())
                .ok_or_else(|| nonexistent(asked))?;
            Ok((Answer::GetWebACL(whole(found)), None))
        }
        Ask::GetSampledRequests(q) => {
            asked.single()?;
            let acl = by_arn(asked, &q.acl)?;
            if (scope(acl), true) != (q.scope, asked.here) {
                return Err(nonexistent(asked));
            }
            samples::answer(asked, acl, q.rule_metric.wire(), q.window)
                .map(|s| (Answer::GetSampledRequests(s), None))
        }
        Ask::ListResourcesForWebACL(q) => {
            asked.single()?;
            let acl = by_arn(asked, &q.acl)?;
            if acl.cloudfront {
                let message = "Error reason: The ARN isn't valid. A valid ARN of a REGIONAL web ACL is needed; for Amazon CloudFront, use the CloudFront call ListDistributionsByWebACLId., field: WEB_ACL_ARN";
                return Err(faults::invalid(asked.op, "WAFInvalidParameterException", message));
            }
            let arns = acl.resources.iter().map(|r| Arn::new(r.as_str())).collect();
            Ok((Answer::ListResourcesForWebACL(arns), None))
        }
        Ask::ListTagsForResource(q) => {
            asked.single()?;
            Ok((Answer::ListTagsForResource(pairs(&by_arn(asked, &q.resource)?.tags)), None))
        }
    }
}

/// `EntityName`: 1 to 128 of letters, digits, `_` and `-` (WAFv2 service model).
fn entity_name(asked: &Asked<'_>, name: &str) -> Result<(), Fault> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if (1..=128).contains(&name.len()) && name.chars().all(good) {
        return Ok(());
    }
    let message = "Error reason: The parameter contains formatting that is not valid., field: NAME";
    Err(faults::invalid(asked.op, "WAFInvalidParameterException", message))
}

/// The ACLs of a scope; that of CloudFront is asked in us-east-1 only.
fn scoped<'a>(asked: &Asked<'a>, wanted: Scope) -> Result<Vec<&'a Acl>, Fault> {
    if wanted == Scope::CloudFront && !asked.here {
        let message = "Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT";
        return Err(faults::invalid(asked.op, "WAFInvalidParameterException", message));
    }
    Ok(asked.rows(&asked.world.acls).into_iter().filter(|a| scope(a) == wanted).collect())
}

fn by_arn<'a>(asked: &Asked<'a>, arn: &Arn) -> Result<&'a Acl, Fault> {
    let rows = asked.rows(&asked.world.acls);
    rows.into_iter().find(|a| a.arn() == arn.wire()).ok_or_else(|| nonexistent(asked))
}

fn nonexistent(asked: &Asked<'_>) -> Fault {
    let message = "AWS WAF couldn't perform the operation because your resource doesn't exist.";
    faults::missing(asked.op, "WAFNonexistentItemException", message)
}

fn scope(a: &Acl) -> Scope {
    if a.cloudfront { Scope::CloudFront } else { Scope::Regional }
}

fn summary(a: &Acl) -> WebAclSummary {
    WebAclSummary {
        name: text(&a.name),
        id: WebAclId::new(a.id.as_str()),
        arn: Arn::new(a.arn()),
        scope: scope(a),
    }
}

fn whole(a: &Acl) -> WebAcl {
    WebAcl {
        summary: summary(a),
        metric: text(&a.metric),
        rules: a.rules.iter().enumerate().map(|(n, r)| rule(n, r)).collect(),
        default_action: action(a.default, None),
        capacity: Some(a.capacity),
    }
}

fn rule(n: usize, r: &AclRule) -> Rule {
    Rule {
        name: text(&r.name),
        priority: i32::try_from(n + 1).unwrap_or(i32::MAX),
        metric: text(&r.metric),
        metrics_on: r.metrics_on,
        action: action(r.action, r.status),
        statement: text(&r.statement),
        overridden_to_count: r.counted.iter().map(|c| text(c)).collect(),
    }
}

fn action(action: Action, status: Option<u16>) -> RuleAction {
    match action {
        Action::Allow => RuleAction::Allow,
        Action::Block => RuleAction::Block(status),
        Action::Count => RuleAction::Count,
        Action::Captcha => RuleAction::Captcha,
        Action::Challenge => RuleAction::Challenge,
        Action::Group => RuleAction::Group,
        Action::GroupCount => RuleAction::GroupCount,
    }
}
