//! Web ACLs, secrets, and what could not be read, as far as they need a person.

use super::{Attention, Hint, Kind, Rank, Severity, class};
use crate::estate::{Scope, Untrusted};
use crate::insight::look::Look;
use crate::insight::secret_age::{self, AgeState};
use crate::insight::source::{BROAD, Broad, Source};
use crate::insight::subject::Subject;
use crate::insight::{waf_counts, words};

pub(super) fn access(look: &Look<'_>, all: &mut Vec<Attention>) {
    let sources = BROAD.map(Source::Broad);
    let trouble = |s| look.inv.trouble(s).filter(|f| f.is_about_credentials()).map(|f| (s, f));
    let credentials = sources.iter().find_map(trouble);
    if let Some((source, fault)) = credentials {
        let name = Untrusted::from("credentials");
        all.push(Attention {
            severity: Severity::Now,
            kind: Kind::Credentials,
            subject: Subject::Source(source.clone()),
            reason: fault.to_string(),
            next: Hint::Access,
            by: None,
            rank: Rank::of(class::CREDENTIALS, &name),
            name,
        });
    }
    for source in sources.iter().filter(|s| !is_optional(s)) {
        let reason = match look.inv.trouble(source) {
            Some(fault) if fault.is_about_credentials() => None,
            Some(fault) => Some(fault.to_string()),
            None => partial(look, source),
        };
        let Some(reason) = reason else { continue };
        let name = Untrusted::from(source.words());
        all.push(Attention {
            severity: Severity::Unknown,
            kind: Kind::Gap,
            subject: Subject::Source(source.clone()),
            reason,
            next: Hint::Access,
            by: None,
            rank: Rank::of(class::GAP, &name),
            name,
        });
    }
}

/// Grants that a watch does well without: the gap is told where it matters and in `gaps`, and is nothing to
/// be reminded of every night.
fn is_optional(source: &Source) -> bool {
    matches!(source, Source::Broad(Broad::Identity | Broad::Functions | Broad::Tags))
}

fn partial(look: &Look<'_>, source: &Source) -> Option<String> {
    let standing = look.inv.standing(source);
    let gaps = standing.seen()?.complete.gaps();
    let first = gaps.first()?;
    Some(match (gaps.len(), &first.about) {
        (1, Some(about)) => format!("{}: {}", about.shown(), first.fault),
        (1, None) => first.fault.to_string(),
        (n, _) => format!("{} could not be read; {}", words::counted(n as u64, "thing"), first.fault),
    })
}

pub(super) fn waf(look: &Look<'_>, all: &mut Vec<Attention>) {
    for scope in [Scope::Regional, Scope::CloudFront] {
        for (arn, row) in look.inv.acls(scope).iter() {
            let count = waf_counts::of(look.inv, row);
            if !count.is_spike() {
                continue;
            }
            let now = count.blocked_per_min.unwrap_or_default();
            let usual =
                count.times_usual().map_or_else(|| "none the day before".to_string(), words::times_usual);
            let mut reason = format!("{} blocked/min, {usual}", words::count(now));
            if let Some(rule) = count.top_rule() {
                reason.push_str(&format!("; {} rule", rule.name.shown()));
            }
            let name = row.summary.name.clone();
            all.push(Attention {
                severity: Severity::Soon,
                kind: Kind::WafSpike,
                subject: Subject::Acl(arn.clone()),
                reason,
                next: Hint::Samples,
                by: None,
                rank: Rank::of(class::WAF, &name),
                name,
            });
        }
    }
}

pub(super) fn secrets(look: &Look<'_>, all: &mut Vec<Attention>) {
    for (arn, row) in look.inv.secrets.iter() {
        let age = secret_age::of(row, look.policy, look.now);
        let name = row.secret.name.text().clone();
        let mut line = |kind, reason: String, by| {
            let mut rank = Rank::of(class::SECRET, &name);
            if let Some(by) = by {
                rank = rank.by(by);
            }
            all.push(Attention {
                severity: Severity::Soon,
                kind,
                subject: Subject::Secret(arn.clone()),
                name: name.clone(),
                reason,
                next: Hint::Secret,
                by,
                rank,
            });
        };
        let overdue = age.state == AgeState::Overdue;
        if let Some(since) = age.rotation_failed {
            let mut reason = format!("rotation failed: it was due {} ago", words::age(since, look.now));
            if overdue {
                reason.push_str(&format!("; {}", secret_age::sentence(&age)));
            }
            line(Kind::RotationFailed, reason, Some(since));
        } else if overdue {
            line(Kind::SecretOverdue, secret_age::sentence(&age), age.due);
        }
        if let Some(at) = age.deletion {
            let reason =
                format!("deletion planned: gone for ever some time after {}", words::date(at, look.now));
            line(Kind::SecretDeletion, reason, Some(at));
        }
    }
}
