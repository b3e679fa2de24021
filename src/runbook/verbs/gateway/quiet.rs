//! `gateway.quiet`: after a key was taken away, nobody is seen to get in with it for a while: no use of it is counted, and
//! what is refused is told, by the stage's 4XX and by a web ACL's samples. What AWS counts comes late and is best effort.
//! Source: API response playbook of AWS ("no abuse for 15 minutes"); WAFv2 API reference, `GetSampledRequests`.

use super::key_of;
use super::usage::{calls_since, day};
use crate::estate::ask::cloudwatch::GetMetricData;
use crate::estate::ask::wafv2::{GetSampledRequests, GetWebACL, ListWebACLs};
use crate::estate::metric::MetricSource;
use crate::estate::time::plus_seconds;
use crate::estate::{MetricId, MetricQuery, Scope, Timestamp, Untrusted, Window};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Question};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::function_errors::minute;
use crate::runbook::verbs::key::{COMPROMISED, all, grouped, instant as time, seconds, text};
use crate::runbook::verbs::with::{number, optional};
use crate::runbook::view::View;
use crate::runbook::words::{instant, said as how_long};
use std::collections::BTreeMap;

/// Watches.
pub struct Quiet;

/// How long nobody may get in, without `for`.
const LONG: u64 = 900;
/// Points and counts come late: by so many seconds, a figure of ours.
const LATE: i64 = 180;
/// How often it looks.
const EVERY: i64 = 300;
/// How far back samples go: 3 h (WAFv2 API reference).
const SAMPLES: i64 = 3 * 3_600 - 60;
/// So many addresses are named.
const SHOWN: usize = 5;

impl Verb for Quiet {
    fn name(&self) -> &'static str {
        "gateway.quiet"
    }

    fn kind(&self) -> StepKind {
        StepKind::Wait
    }

    fn doc(&self) -> &'static str {
        "Watches for 15 minutes that nobody gets in with a key that was taken away: use that is counted since is for a person \
         to judge; a stage's 4XX and a web ACL's samples are told. Without a gateway's key a person attests it."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            optional("old", ValueType::Text, "the id of the gateway's key"),
            optional(
                "used",
                ValueType::Number,
                "the calls that were counted on the day when it was disabled",
            ),
            optional("since", ValueType::Time, "when it was taken away; when the step begins without it"),
            optional("for", ValueType::Duration, "how long; 15 min without it"),
            optional("api", ValueType::Text, "the name of the API whose 4XX are told"),
            optional("stage", ValueType::Text, "its stage"),
            optional("acl", ValueType::Text, "the name of the web ACL before it"),
            COMPROMISED,
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let long = seconds(v, "for", LONG);
        let done = |evidence: Vec<String>| Ok(Done { evidence, ..Done::default() });
        if v.planning {
            let long = how_long(long.unsigned_abs());
            return done(vec![format!("watches for {long} that nobody gets in with the key")]);
        }
        let since = time(v, "since").unwrap_or(v.began);
        let until = plus_seconds(since, long + LATE);
        let counted = counted(v, since)?;
        if v.now < until {
            return Err(Need::Time {
                until: until.min(plus_seconds(v.now, EVERY)),
                accepts: Vec::new(),
                why: format!(
                    "nobody to get in with the key, until {}{}",
                    instant(until),
                    counted
                        .map_or_else(String::new, |n| format!("; {} calls were counted since", grouped(n)))
                ),
            });
        }
        let mut said = Vec::new();
        let asked = match counted {
            Some(0) => {
                said.push(format!(
                    "no call with the key was counted from {} to {}; AWS counts with best effort",
                    instant(since),
                    instant(v.now)
                ));
                None
            }
            Some(n) => Some(format!(
                "{} calls with the key were counted since it was disabled: calls of before that AWS counted late, or somebody \
                 gets in. Send a canary with it, look at the access logs, and say which",
                grouped(n)
            )),
            None => Some(
                "AWS does not count who uses this key. How do you know that nobody gets in with it? (The logs of whoever \
                 checks it, a request with it that is refused.)"
                    .to_owned(),
            ),
        };
        said.extend(refused(v, since)?);
        said.extend(samples(v, since)?);
        match (asked, v.attested) {
            (None, _) => done(said),
            (Some(_), Some(words)) => {
                said.insert(0, format!("a person attests it: {}", Untrusted::from(words).shown()));
                done(said)
            }
            (Some(question), None) => Err(Need::Person(Question {
                text: question,
                evidence: said,
                words: true,
                ..Question::default()
            })),
        }
    }
}

/// Calls with the gateway's key that were counted since it was disabled; `None` where there is no such key, or no plan
/// that counts.
fn counted(v: &View<'_>, since: Timestamp) -> Result<Option<u64>, Need> {
    let (Some(_), Some(before)) = (text(v, "old"), number(v, "used")) else { return Ok(None) };
    let Some(key) = key_of(v, "old")? else { return Ok(None) };
    if super::plans(v, &key)?.is_empty() {
        return Ok(None);
    }
    let now: u64 = calls_since(v, &key, day(since))?.iter().sum();
    Ok(Some(now.saturating_sub(before.max(0).unsigned_abs())))
}

/// What the stage refused since.
fn refused(v: &View<'_>, since: Timestamp) -> Result<Option<String>, Need> {
    let (Some(api), Some(stage)) = (text(v, "api"), text(v, "stage")) else { return Ok(None) };
    let dims = [("ApiName", api.wire()), ("Stage", stage.wire())];
    let query = MetricQuery {
        id: "refused".into(),
        source: MetricSource::Stat {
            metric: MetricId::of("AWS/ApiGateway", "4XXError", &dims),
            stat: "Sum".into(),
            period_s: 60,
            unit: None,
        },
        return_data: true,
        label: None,
    };
    let window = Window { from: minute(since), to: minute(plus_seconds(v.now, 60)) };
    Ok(Some(match v.pages(GetMetricData { queries: vec![query], window })? {
        Ok(pages) => {
            let points = pages.concat().into_iter().flat_map(|s| s.points);
            let sum = points.fold(0.0, |all, (_, n)| all + n);
            format!("{sum:.0} requests were refused by {} {} since (4XX)", api.shown(), stage.shown())
        }
        Err(fault) => format!("what {} refused is not known: {fault}", api.shown()),
    }))
}

/// Where sampled requests came from since.
fn samples(v: &View<'_>, since: Timestamp) -> Result<Vec<String>, Need> {
    let Some(name) = text(v, "acl") else { return Ok(Vec::new()) };
    let scope = Scope::Regional;
    let listed = match v.pages(ListWebACLs { scope })? {
        Ok(pages) => pages.concat(),
        Err(fault) => return Ok(vec![format!("the samples of {} are not known: {fault}", name.shown())]),
    };
    let Some(acl) = listed.into_iter().find(|a| a.name == *name) else {
        return Ok(vec![format!("there is no regional web ACL {}: no samples", name.shown())]);
    };
    let read = match v.pages(GetWebACL { name: acl.name.clone(), id: acl.id.clone(), scope })? {
        Ok(pages) => pages.into_iter().next(),
        Err(fault) => return Ok(vec![format!("the samples of {} are not known: {fault}", name.shown())]),
    };
    let to = minute(v.now);
    let window = Window { from: minute(since).max(plus_seconds(to, -SAMPLES)), to };
    let metrics = read.map_or_else(Vec::new, |acl| acl.rules.into_iter().map(|r| r.metric).collect());
    let asked = all(metrics.iter().map(|metric| {
        v.pages(GetSampledRequests { acl: acl.arn.clone(), rule_metric: metric.clone(), scope, window })
    }))?;
    let mut by: BTreeMap<Untrusted, u64> = BTreeMap::new();
    for samples in asked.into_iter().filter_map(Result::ok).flatten() {
        for request in samples.requests {
            *by.entry(request.ip).or_default() += request.weight;
        }
    }
    let mut most: Vec<(Untrusted, u64)> = by.into_iter().collect();
    most.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if most.is_empty() {
        return Ok(vec![format!("no request that a rule of {} matched was sampled since", name.shown())]);
    }
    let each = |(ip, n): &(Untrusted, u64)| format!("{} ({n})", ip.shown());
    let shown: Vec<String> = most.iter().take(SHOWN).map(each).collect();
    Ok(vec![format!("requests that rules of {} matched since came from {}", name.shown(), shown.join(", "))])
}
