//! Sampled requests: strangers that never were. Each is a hash of ACL, rule, minute and place, so that the
//! same question at the same time has the same answer. Source: WAFv2 API reference, `GetSampledRequests`:
//! up to 500 from the first 5,000 requests of a window of the last three hours.

use super::{Asked, crowd, text, time};
use crate::estate::fault::Fault;
use crate::estate::metric::Window;
use crate::estate::waf::{Sample, Samples};
use crate::practice::faults;
use crate::practice::prng::{mix, unit, word};
use crate::practice::world::Second;
use crate::practice::world::acl::{Acl, AclRule, Action};

const MOST: u64 = 500;
const POPULATION: u64 = 5_000;
const BACK: i64 = 3 * 3_600;

pub(super) fn answer(asked: &Asked<'_>, acl: &Acl, metric: &str, window: Window) -> Result<Samples, Fault> {
    let Some(r) = acl.rules.iter().position(|r| r.metric == metric) else {
        let message = "AWS WAF couldn't perform the operation because your resource doesn't exist.";
        return Err(faults::missing(asked.op, "WAFNonexistentItemException", message));
    };
    let (from, to) = (window.from.as_second(), window.to.as_second());
    let now = asked.world.now;
    if to <= from || to < now - BACK {
        let message = "Error reason: The time window is outside of the last 3 hours., field: TIME_WINDOW";
        return Err(faults::invalid(asked.op, "WAFInvalidParameterException", message));
    }
    let (from, to) = (from.max(now - BACK), to.min(now));
    let rule = &acl.rules[r];
    // only the first 5,000 requests of the window are looked at, and the window says so by being shorter
    let (mut population, mut minutes, mut end) = (0, Vec::new(), to);
    let mut minute = from - from.rem_euclid(60);
    while minute < to {
        let count = acl.matched(asked.world.seed, r, minute).min(POPULATION);
        if population + count > POPULATION {
            end = minute;
            break;
        }
        population += count;
        minutes.push((minute, count));
        minute += 60;
    }
    let every = population.div_ceil(MOST).max(1);
    let mut requests = Vec::new();
    let mut nth = 0;
    for (minute, count) in minutes {
        for place in 0..count {
            if nth % every == 0 {
                let weight = every.min(population - nth);
                requests.push(stranger(asked.world.seed, acl, rule, minute, place, weight));
            }
            nth += 1;
        }
    }
    requests.retain(|s| s.at.is_none_or(|at| at >= time(from) && at < time(to)));
    Ok(Samples {
        requests,
        population,
        window: Some(Window { from: time(from), to: time(end.max(from + 1)) }),
    })
}

/// One of them. Its address is in a network kept for documentation (RFC 5737, RFC 3849).
fn stranger(seed: u64, acl: &Acl, rule: &AclRule, minute: Second, place: u64, weight: u64) -> Sample {
    let h = |n: u64| mix(seed ^ word(&acl.id) ^ word(&rule.metric), minute.unsigned_abs() << 20 | place, n);
    let pick = |list: &[&'static str], n: u64| {
        // the product of two even chances: the first of the list is the most frequent, as in life
        let share = unit(h(n)) * unit(h(n + 40));
        list.get((share * list.len() as f64) as usize).copied().unwrap_or_default()
    };
    let crowd = crowd::of(rule.looks);
    let net = pick(&["203.0.113.", "198.51.100.", "192.0.2.", "2001:db8:7:3::"], 1);
    let host = 1 + h(2) % crowd.hosts;
    let ip = if net.contains(':') { format!("{net}{host:x}") } else { format!("{net}{host}") };
    let agent = pick(crowd.agents, 6);
    Sample {
        at: Some(time(minute + (h(7) % 60).cast_signed())),
        rule: text(&within(rule, h(8))),
        action: text(match rule.action {
            Action::Allow => "ALLOW",
            Action::Count | Action::GroupCount => "COUNT",
            Action::Captcha => "CAPTCHA",
            Action::Challenge => "CHALLENGE",
            Action::Block | Action::Group => "BLOCK",
        }),
        ip: text(&ip),
        country: Some(text(pick(crowd.countries, 3))),
        method: text(pick(crowd.methods, 4)),
        uri: text(pick(crowd.uris, 5)),
        user_agent: (!agent.is_empty()).then(|| text(agent)),
        weight,
    }
}

/// The rule within a group that matched, as AWS names it; else the rule itself.
fn within(rule: &AclRule, h: u64) -> String {
    if !rule.inside.is_empty() {
        let one = rule.inside.get((h % rule.inside.len() as u64) as usize);
        return one.cloned().unwrap_or_default();
    }
    let inside: &[&str] = match rule.name.as_str() {
        "AWSManagedRulesCommonRuleSet" => {
            &["CrossSiteScripting_QUERYARGUMENTS", "GenericLFI_URIPATH", "NoUserAgent_HEADER"]
        }
        "AWSManagedRulesKnownBadInputsRuleSet" => &["Log4JRCE_HEADER", "ExploitablePaths_URIPATH"],
        "AWSManagedRulesSQLiRuleSet" => {
            &["SQLi_QUERYARGUMENTS", "SQLi_BODY", "SQLiExtendedPatterns_QUERYARGUMENTS"]
        }
        _ => return rule.name.clone(),
    };
    let one = inside.get((h % inside.len() as u64) as usize).copied().unwrap_or_default();
    format!("AWS#{}#{one}", rule.name)
}
