//! The systems of the overview: the totals of each, as the table has them. What was not read is said so and
//! not counted as nothing.

use super::Model;
use crate::controls::Role;
use crate::estate::Scope;
use crate::insight::attention::Kind;
use crate::insight::freshness::fault_word;
use crate::insight::status::{self, Totals};
use crate::insight::{Broad, Source, words};

/// What a system has of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Total {
    /// Nothing of that kind.
    None,
    /// So many of each, the worst first.
    Known(Vec<(Role, String)>),
    /// Not read yet.
    Unread,
    /// Could not be read, in a word.
    Gap(&'static str),
}

/// A line of the table of systems.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SystemLine {
    /// The system; none for what belongs to none.
    pub name: Option<String>,
    /// Alarms.
    pub alarms: Total,
    /// Dead letters.
    pub letters: Total,
    /// Blocked requests a minute.
    pub blocked: Total,
    /// Secrets.
    pub secrets: Total,
}

/// The lines, in the order in which the systems are described; what belongs to none last.
pub fn lines(model: &Model) -> Vec<SystemLine> {
    let (all, systems) = status::totals(&model.look());
    if systems.is_empty() {
        return vec![line(model, None, None, &all)];
    }
    let last = systems.len() - 1;
    systems
        .iter()
        .enumerate()
        .map(|(i, s)| {
            let place = (i < last || s.name.is_some()).then_some(i);
            line(model, place, s.name.as_ref().map(|n| n.shown().to_string()), &s.totals)
        })
        .filter(|l| l.name.is_some() || !is_empty(l))
        .collect()
}

fn is_empty(line: &SystemLine) -> bool {
    [&line.alarms, &line.letters, &line.blocked, &line.secrets].into_iter().all(|t| *t == Total::None)
}

fn line(model: &Model, place: Option<usize>, name: Option<String>, totals: &Totals) -> SystemLine {
    let alarms = match totals.alarms.alarm.zip(totals.alarms.ok).zip(totals.alarms.insufficient_data) {
        Some(((alarm, ok), unknown)) => {
            parts(&[(Role::Now, alarm, ""), (Role::Unknown, unknown, ""), (Role::Ok, ok, "")])
        }
        None => missing(model, &[Source::Broad(Broad::Alarms)]),
    };
    let letters = match (totals.queues.dead_letter, totals.queues.messages) {
        (Some(0), _) => Total::None,
        (_, Some(0)) => Total::Known(vec![(Role::Ok, "0".to_owned())]),
        (_, Some(n)) => Total::Known(vec![(Role::Now, words::count(n))]),
        (_, None) => missing(model, &[Source::Broad(Broad::Queues)]),
    };
    let blocked = match (totals.waf.web_acls, totals.waf.blocked_per_min) {
        (Some(0), _) => Total::None,
        (_, Some(n)) => {
            let role = if spikes(model, place) { Role::Soon } else { Role::Ok };
            Total::Known(vec![(role, words::count(n))])
        }
        (_, None) => missing(
            model,
            &[
                Source::Broad(Broad::WebAcls(Scope::Regional)),
                Source::Broad(Broad::WafCounts(Scope::Regional)),
                Source::Broad(Broad::WebAcls(Scope::CloudFront)),
                Source::Broad(Broad::WafCounts(Scope::CloudFront)),
            ],
        ),
    };
    let s = &totals.secrets;
    let secrets = match s.total.zip(s.overdue).zip(s.due_soon.zip(s.unknown)) {
        Some(((total, overdue), (soon, unknown))) => {
            let ok = total.saturating_sub(overdue + soon + unknown);
            parts(&[
                (Role::Soon, overdue, " overdue"),
                (Role::Soon, soon, " soon"),
                (Role::Unknown, unknown, " unknown"),
                (Role::Ok, ok, ""),
            ])
        }
        None => missing(model, &[Source::Broad(Broad::Secrets)]),
    };
    let scopes =
        [Source::Broad(Broad::WebAcls(Scope::Regional)), Source::Broad(Broad::WebAcls(Scope::CloudFront))];
    SystemLine {
        name,
        alarms: once_read(model, &[Source::Broad(Broad::Alarms)], alarms),
        letters: once_read(model, &[Source::Broad(Broad::Queues)], letters),
        blocked: once_read(model, &scopes, blocked),
        secrets: once_read(model, &[Source::Broad(Broad::Secrets)], secrets),
    }
}

/// That there is nothing can be said only once everything was read.
fn once_read(model: &Model, sources: &[Source], total: Total) -> Total {
    let read = |s: &Source| model.inventory.standing(s).seen().is_some();
    match total {
        Total::None if !sources.iter().all(read) => missing(model, sources),
        Total::None | Total::Known(_) | Total::Unread | Total::Gap(_) => total,
    }
}

fn parts(of: &[(Role, u64, &str)]) -> Total {
    let parts: Vec<(Role, String)> = of
        .iter()
        .filter(|(_, n, _)| *n > 0)
        .map(|(role, n, what)| (*role, format!("{}{what}", words::count(*n))))
        .collect();
    if parts.is_empty() { Total::None } else { Total::Known(parts) }
}

/// Whether a web ACL of a system blocks far more than usual.
fn spikes(model: &Model, place: Option<usize>) -> bool {
    let systems = &model.picture.base.systems;
    model.picture.needs.iter().any(|n| n.kind == Kind::WafSpike && systems.place_of(&n.subject) == place)
}

/// Why a total is not known.
fn missing(model: &Model, sources: &[Source]) -> Total {
    let fault = sources.iter().find_map(|source| {
        let standing = model.inventory.standing(source);
        let gap = standing.seen().and_then(|s| s.complete.gaps().first().map(|g| g.fault.clone()));
        model.inventory.trouble(source).cloned().or_else(|| standing.fault().cloned()).or(gap)
    });
    match fault {
        Some(fault) => Total::Gap(fault_word(&fault)),
        None => Total::Unread,
    }
}
