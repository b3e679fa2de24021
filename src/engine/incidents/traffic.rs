//! Evidence beside CloudTrail's: the credential report, which requests a key of API Gateway made by day, and the requests that
//! WAF has sampled. Each is partial by its nature, and what of it could not be had is in the file.

use super::evidence::{Asker, instant, said};
use crate::estate::ask::apigateway::{GetApiKey, GetUsage, GetUsagePlans};
use crate::estate::ask::iam::{GenerateCredentialReport, GetCredentialReport};
use crate::estate::ask::wafv2::{GetSampledRequests, GetWebACL, ListWebACLs};
use crate::estate::time::plus_seconds;
use crate::estate::{
    ApiKeyId, At, Clock, Fault, FaultKind, Region, Rule, Sample, Samples, Scope, Timestamp, Untrusted,
    UsagePlan, WebAclSummary, Window,
};
use crate::runbook::words::counted;
use serde_json::{Value, json};
use std::time::Duration;

/// A report takes seconds to be made; so often it is asked whether it is there.
const TRIES: usize = 15;
/// And this long between.
const PAUSE: Duration = Duration::from_secs(2);
/// "Usage data for a maximum of 90 days" (API Gateway API reference, `GetUsage`).
const USAGE_BACK: i64 = 90 * 86_400;
/// How far back `GetSampledRequests` reaches ("the past three hours", WAFv2 API reference), less a margin for clocks.
const SAMPLED_BACK: i64 = 3 * 3_600 - 300;

impl Asker<'_> {
    /// The credential report, made anew where it is older than four hours.
    pub(super) async fn report(&self, clock: &dyn Clock) -> (String, Value) {
        let mut made = Ok(false);
        for _ in 0..TRIES {
            made = self.one(GenerateCredentialReport {}).await.map(|all| all.contains(&true));
            if !matches!(made, Ok(false)) {
                break;
            }
            clock.sleep(PAUSE).await;
        }
        // One that was made before can be had by whoever may not have another made.
        let report = self.one(GetCredentialReport {}).await.map(|all| all.into_iter().next());
        let holds = match &report {
            Ok(Some(report)) => format!(
                "the credential report, made {}: what happened since is not in it",
                instant(report.made).unwrap_or_else(|| "at a time that is not told".into())
            ),
            Ok(None) | Err(_) => "NOT HAD: the credential report".to_owned(),
        };
        let document = json!({
            "of": "iam:GetCredentialReport",
            "asked": self.now.to_string(),
            "made_anew": said(made),
            "made": report.as_ref().ok().and_then(Option::as_ref).and_then(|r| instant(r.made)),
            "lines": said(report.map(|r| r.map(|r| r.lines.wire().lines().map(str::to_owned).collect::<Vec<_>>()))),
        });
        (holds, document)
    }

    /// How many requests a key of API Gateway made, by day and plan.
    pub(super) async fn usage(&self, key: &ApiKeyId, back_s: i64) -> (String, Value) {
        let day = |at: Timestamp| Untrusted::from(at.strftime("%Y-%m-%d").to_string());
        let (from, to) = (day(plus_seconds(self.now, -back_s.min(USAGE_BACK))), day(self.now));
        let told = self.one(GetApiKey { key: key.clone() }).await;
        let plans = self.one(GetUsagePlans { key: Some(key.clone()) }).await.map(|all| all.concat());
        let mut usage: Vec<(UsagePlan, Result<Vec<u64>, Fault>)> = Vec::new();
        for plan in plans.iter().flatten() {
            let ask =
                GetUsage { plan: plan.id.clone(), key: key.clone(), from: from.clone(), to: to.clone() };
            let days = self.one(ask).await.map(|all| all.into_iter().flat_map(|u| u.per_day).collect());
            usage.push((plan.clone(), days));
        }
        let known: u64 = usage.iter().filter_map(|(_, days)| days.as_ref().ok()).flatten().sum();
        let gaps = usize::from(plans.is_err()) + usage.iter().filter(|(_, days)| days.is_err()).count();
        let partial =
            if gaps > 0 { format!("; NOT HAD: {}", counted(gaps, "answer")) } else { String::new() };
        let holds = format!(
            "{known} requests with the API key {} from {} to {}, in {}{partial}; AWS counts them as best it can",
            key.shown(),
            from.shown(),
            to.shown(),
            counted(usage.len(), "usage plan")
        );
        let per_plan: Vec<Value> = usage
            .into_iter()
            .map(|(plan, days)| json!({ "id": plan.id.wire(), "name": plan.name.wire(), "per_day": said(days) }))
            .collect();
        let document = json!({
            "of": "apigateway:GetUsage",
            "key": key.wire(),
            "asked": self.now.to_string(),
            "from": from.wire(),
            "to": to.wire(),
            "found": said(told.map(|all| all.first().map(|k| json!({
                "name": k.name.wire(), "enabled": k.enabled, "created": instant(k.created), "updated": instant(k.updated),
            })))),
            "plans": said(plans.map(|all| all.len())),
            "usage": per_plan,
        });
        (holds, document)
    }

    /// The requests that WAF has sampled, of each rule of each web ACL.
    pub(super) async fn requests(&self, back_s: i64) -> (String, Value) {
        let window = Window { from: plus_seconds(self.now, -back_s.min(SAMPLED_BACK)), to: self.now };
        let (mut rules, mut gaps, mut sampled, mut stands_for) = (Vec::new(), Vec::new(), 0, 0);
        for scope in [Scope::Regional, Scope::CloudFront] {
            let at = match scope {
                Scope::Regional => self.at.clone(),
                Scope::CloudFront => At { region: Region::us_east_1(), ..self.at.clone() },
            };
            let acls = match self.all(&at, ListWebACLs { scope }).await {
                Ok(pages) => pages.concat(),
                // Outside the partition that has it there is no CloudFront.
                Err(fault) if fault.kind == FaultKind::Unsupported => continue,
                Err(fault) => {
                    gaps.push(json!({ "of": format!("web ACLs of {scope:?}"), "why": fault.to_string() }));
                    continue;
                }
            };
            for acl in acls {
                match self.rules(&at, &acl).await {
                    Err(fault) => gaps.push(json!({ "of": acl.name.wire(), "why": fault.to_string() })),
                    Ok(all) => {
                        for rule in all {
                            let ask = GetSampledRequests {
                                acl: acl.arn.clone(),
                                rule_metric: rule.metric.clone(),
                                scope,
                                window,
                            };
                            match self.all(&at, ask).await {
                                Err(fault) => {
                                    let of = format!("{}, {}", acl.name.wire(), rule.name.wire());
                                    gaps.push(json!({ "of": of, "why": fault.to_string() }));
                                }
                                Ok(pages) => {
                                    let all = pages.iter().flat_map(|p| &p.requests);
                                    sampled += all.clone().count();
                                    stands_for += all.map(|r| r.weight).sum::<u64>();
                                    rules.extend(pages.iter().map(|p| of_rule(&acl, &rule, p)));
                                }
                            }
                        }
                    }
                }
            }
        }
        let partial = if gaps.is_empty() {
            String::new()
        } else {
            format!("; NOT HAD: {}", counted(gaps.len(), "answer"))
        };
        let holds = format!(
            "{} that WAF sampled since {}, which stand for {stands_for}{partial}; WAF keeps three hours, of the first 5,000 \
             requests of each rule",
            counted(sampled, "request"),
            window.from
        );
        let document = json!({
            "of": "wafv2:GetSampledRequests",
            "asked": self.now.to_string(),
            "from": window.from.to_string(),
            "to": window.to.to_string(),
            "gaps": gaps,
            "rules": rules,
        });
        (holds, document)
    }

    async fn rules(&self, at: &At, acl: &WebAclSummary) -> Result<Vec<Rule>, Fault> {
        let ask = GetWebACL { name: acl.name.clone(), id: acl.id.clone(), scope: acl.scope };
        Ok(self.all(at, ask).await?.into_iter().flat_map(|acl| acl.rules).collect())
    }
}

fn of_rule(acl: &WebAclSummary, rule: &Rule, samples: &Samples) -> Value {
    json!({
        "acl": acl.name.wire(),
        "rule": rule.name.wire(),
        "population": samples.population,
        "covered": samples.window.map(|w| json!({ "from": w.from.to_string(), "to": w.to.to_string() })),
        "requests": samples.requests.iter().map(request).collect::<Vec<_>>(),
    })
}

fn request(r: &Sample) -> Value {
    json!({
        "at": instant(r.at),
        "rule": r.rule.wire(),
        "action": r.action.wire(),
        "ip": r.ip.wire(),
        "country": r.country.as_ref().map(Untrusted::wire),
        "method": r.method.wire(),
        "uri": r.uri.wire(),
        "user_agent": r.user_agent.as_ref().map(Untrusted::wire),
        "weight": r.weight,
    })
}
