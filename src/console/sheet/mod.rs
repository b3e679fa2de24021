//! What the details say, as lines of text with roles: pure words, numbers and charts, so that `update` can
//! count and follow them and `view` can draw them. Knows no cells, colours or keys.

mod acl;
mod alarm;
pub mod chart;
pub mod consent;
mod contain;
mod freshness;
pub mod incident;
pub mod line;
mod plan;
mod queue;
pub mod run;
mod run_now;
mod runbook;
mod sample;
pub mod say;
mod secret;

pub use line::{Line, Span};

use super::model::picture::screen_of;
use super::model::{Model, Screen};
use crate::controls::Role;
use crate::estate::Untrusted;
use crate::insight::related::{Other, Relation};
use say::Say;

/// The lines of the detail `screen` for a room of `columns` x `rows`.
#[must_use]
pub fn of(model: &Model, screen: &Screen, columns: usize, rows: usize) -> Vec<Line> {
    let say = Say { glyphs: model.glyphs(), now: model.minute(), room: columns, rows };
    let mut lines = match screen {
        Screen::Alarm(arn) => alarm::lines(model, arn, &say),
        Screen::Queue(url) => queue::lines(model, url, &say),
        Screen::Acl(arn) => acl::lines(model, arn, &say),
        Screen::Secret(arn) => secret::lines(model, arn, &say),
        Screen::Runbook(name) => runbook::lines(model, name, &say),
        Screen::Plan => plan::lines(model, &say),
        Screen::Run(id) => run::lines(model, id, &say),
        Screen::Incident(id) => incident::lines(model, id, &say),
        Screen::Contain(suspect) => contain::lines(model, suspect, &say),
        Screen::Freshness => freshness::lines(model, &say),
        Screen::Overview | Screen::Alarms | Screen::Queues | Screen::Waf | Screen::Secrets | Screen::Runs => {
            Vec::new()
        }
    };
    // A column at each edge is for the mark of the selected link.
    let room = columns.saturating_sub(2).max(1);
    lines = lines.into_iter().flat_map(|line| line::flowed(line, room)).collect();
    while lines.last().is_some_and(|l| l.left.is_empty()) {
        lines.pop();
    }
    lines
}

/// What stays below the lines of a detail while they are scrolled, for a room of `columns` x `rows` for both.
#[must_use]
pub fn foot(model: &Model, screen: &Screen, columns: usize, rows: usize) -> Vec<Line> {
    match screen {
        Screen::Run(id) => {
            let say = Say { glyphs: model.glyphs(), now: model.minute(), room: columns, rows };
            run_now::lines(model, id, &say)
        }
        Screen::Alarm(_)
        | Screen::Queue(_)
        | Screen::Acl(_)
        | Screen::Secret(_)
        | Screen::Runbook(_)
        | Screen::Plan
        | Screen::Incident(_)
        | Screen::Contain(_)
        | Screen::Freshness
        | Screen::Overview
        | Screen::Alarms
        | Screen::Queues
        | Screen::Waf
        | Screen::Secrets
        | Screen::Runs => Vec::new(),
    }
}

/// What a thing has to do with others; what can be opened is a link.
fn related(model: &Model, screen: &Screen, say: &Say<'_>) -> Vec<Line> {
    let look = model.look();
    let mut lines: Vec<Line> = model
        .relations(screen)
        .into_iter()
        .filter(|(relation, _)| worth_a_line(screen, *relation))
        .map(|(relation, other)| {
            let name = other.name(&look).shown().to_string();
            match other {
                Other::Thing(subject) => {
                    let target = screen_of(&subject);
                    let what = super::model::things::kind_word(&target);
                    let line = Line::of(Role::Dim, format!("{:<20}{what} ", relation.words()));
                    line.and(Role::Text, name).and(Role::Accent, format!("  {}", say.glyphs.arrow)).to(target)
                }
                Other::Arn(arn) => {
                    let service = Untrusted::from(arn.service().unwrap_or("?"));
                    Line::of(Role::Dim, format!("{:<20}{} ", relation.words(), service.shown()))
                        .and(Role::Text, name)
                }
            }
        })
        .collect();
    if !lines.is_empty() {
        lines.insert(0, say.heading("BELONGS TO IT", None));
        lines.push(Line::blank());
    }
    lines
}

/// Whether a relation is not said elsewhere on the sheet of `screen`.
fn worth_a_line(screen: &Screen, relation: Relation) -> bool {
    match relation {
        Relation::Tells => false,
        Relation::DeadLettersFrom | Relation::ConsumedBy | Relation::DeadLettersTo => {
            !matches!(screen, Screen::Queue(_))
        }
        Relation::Watches | Relation::WatchedBy | Relation::PartOfIt | Relation::WholeOfIt => true,
    }
}
