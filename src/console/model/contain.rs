//! The page on which something that may be in wrong hands is contained: the runbooks that take it, by their inputs, and
//! what each would do to the live estate, by its plan. What a plan finds out (whose a key is, which other keys there are)
//! brings choices of its own. Nothing here is agreed to.

use super::{Model, Screen};
use crate::estate::{Arn, Ticket, Timestamp};
use crate::insight::related::{self, Other};
use crate::runbook::incident::{AttachedRun, IncidentId};
use crate::runbook::plan::Plan;
use crate::runbook::run::Run;
use crate::runbook::suspect::{Fit, Kind, Suspect, contains, fit, is_enough, looks};
use crate::runbook::{Definition, ValueType};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What can be done about a suspect.
#[derive(Clone, Debug)]
pub struct ContainBox {
    /// The choices; their order does not change, new ones come last.
    pub choices: Vec<Choice>,
    /// When the plans were asked for.
    pub asked: Timestamp,
}

/// One runbook over one suspect.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What it is done to: the suspect of the page, or what is known to belong to it.
    pub suspect: Suspect,
    /// The runbook.
    pub book: Arc<Definition>,
    /// How the runbook takes it.
    pub fit: Fit,
    /// The plan's request; `None` where a person has to say more first.
    pub ticket: Option<Ticket>,
    /// The plan; `None` while AWS is asked; or why there is none.
    pub plan: Option<Result<Arc<Plan>, String>>,
}

impl Choice {
    /// What the runbook is given.
    #[must_use]
    pub fn given(&self) -> Vec<(String, String)> {
        vec![(self.suspect.kind.word().to_owned(), self.suspect.name.wire().to_owned())]
    }

    /// Why it cannot be chosen, once that is known.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        match &self.plan {
            Some(Ok(plan)) => plan.refusal().map(|(_, why)| why),
            Some(Err(words)) => Some(words),
            None => None,
        }
    }

    /// Whether it is no choice but what is known of the suspect.
    #[must_use]
    pub fn only_tells(&self) -> bool {
        self.fit == Fit::Looks && self.book.steps.len() == 1
    }

    /// Whether nobody has to say more before there is a plan.
    #[must_use]
    pub fn is_planned(&self) -> bool {
        self.fit != Fit::Changes && is_enough(&self.book, self.suspect.kind)
    }
}

impl ContainBox {
    /// Adds what can be done about a suspect, each runbook once.
    pub fn add(&mut self, books: &[Arc<Definition>], suspect: &Suspect) {
        // More than a page or two is no help in a hurry; what a run finds is said there.
        const MOST: usize = 16;
        let mut fits: Vec<(Fit, &Arc<Definition>)> =
            books.iter().filter_map(|b| Some((fit(b, suspect.kind)?, b))).collect();
        // In a hurry comes first what needs no more than a name.
        fits.sort_by_key(|(fit, book)| match fit {
            Fit::Contains => (0, !is_enough(book, suspect.kind)),
            Fit::Changes => (1, false),
            Fit::Looks => (2, false),
        });
        for (fit, book) in fits {
            let known = |c: &Choice| c.suspect.is(suspect) && c.book.name == book.name;
            let choice =
                Choice { suspect: suspect.clone(), book: book.clone(), fit, ticket: None, plan: None };
            // Of what only belongs to it, nothing is asked that would be no choice.
            let is_first = self.choices.iter().all(|c| c.suspect.is(suspect));
            if !self.choices.iter().any(known)
                && self.choices.len() < MOST
                && (is_first || !choice.only_tells())
            {
                self.choices.push(choice);
            }
        }
    }
}

impl Model {
    /// The choices of the page that is open, as they are selected: what only tells is not among them.
    pub fn choices(&self, suspect: &Suspect) -> impl Iterator<Item = (usize, &Choice)> {
        let all = self.runs.contain.get(suspect).map_or(&[][..], |b| b.choices.as_slice());
        all.iter().enumerate().filter(|(_, c)| !c.only_tells())
    }

    /// The choice that is selected on the page that is open.
    #[must_use]
    pub fn choice_here(&self) -> Option<(usize, &Choice)> {
        let Screen::Contain(suspect) = self.screen() else { return None };
        let link = self.reading.get(self.screen()).map_or(0, |r| r.link);
        let last = self.choices(suspect).count().checked_sub(1)?;
        self.choices(suspect).nth(link.min(last))
    }

    /// The inputs of a runbook that what one came from answers: the thing itself, or what its runs are about. Those of a
    /// runbook for suspects are else what the open incident is about.
    #[must_use]
    pub fn brought(&self, book: &Definition) -> Vec<(String, String)> {
        let about = |run: &Run| Suspect::among(&run.inputs);
        let of_incident = |id: &IncidentId| {
            let runs = self.incidents.read.get(id).map_or(&[][..], |picture| &picture.runs);
            runs.iter().filter_map(AttachedRun::run).flat_map(about).collect()
        };
        let is_about_suspects = contains(book) || looks(book);
        let all: Vec<Suspect> = match self
            .trail
            .before()
            .filter(|_| matches!(self.screen(), Screen::Runbook(_)))
        {
            Some(Screen::Contain(suspect)) => vec![suspect.clone()],
            Some(Screen::Run(id)) => {
                self.runs.open.get(id).and_then(|open| open.run.as_ref()).map_or(Vec::new(), |run| about(run))
            }
            Some(Screen::Incident(id)) => of_incident(id),
            Some(_) if is_about_suspects => self.open_incident().map_or(Vec::new(), of_incident),
            Some(_) | None => Vec::new(),
        };
        let mut given: Vec<(String, String)> = Vec::new();
        for suspect in all {
            let input = suspect.kind.word();
            let asked = book.input(input).is_some_and(|i| !i.late && i.kind == ValueType::Text);
            if asked && given.iter().all(|(name, _)| name != input) {
                given.push((input.to_owned(), suspect.name.wire().to_owned()));
            }
        }
        given
    }

    /// Whether there is a runbook that takes such a thing; all are, before the runbooks are known.
    fn is_taken(&self, kind: Kind) -> bool {
        self.runs.books.is_empty() || self.runs.books.iter().any(|b| fit(b, kind).is_some())
    }

    /// What a run that contains something has named beside that, and a person may have to contain too.
    #[must_use]
    pub fn named_beside(&self, run: &Run) -> Vec<Suspect> {
        if !contains(&run.definition) && !looks(&run.definition) {
            return Vec::new();
        }
        let given = Suspect::among(&run.inputs);
        let mut found = Suspect::among(run.steps.iter().rev().flat_map(|s| &s.outputs));
        let hit =
            |s: &Suspect| run.steps.iter().flat_map(|s| &s.changes).any(|c| c.what.resource() == s.name);
        found.retain(|s| self.is_taken(s.kind) && !given.contains(s) && !hit(s));
        found
    }

    /// The access keys that an alarm tells of, in its description or in its reason.
    #[must_use]
    pub fn keys_told(&self, alarm: &Arn) -> Vec<Suspect> {
        let Some(alarm) = self.inventory.alarms.get(alarm) else { return Vec::new() };
        let mut found: Vec<Suspect> = alarm.description.iter().flat_map(Suspect::keys_in).collect();
        found.extend(Suspect::keys_in(&alarm.reason));
        found.dedup();
        found
    }

    /// The database instances and the functions that an alarm's metrics are of, whether they are known otherwise or not.
    fn watched(&self, alarm: &Arn) -> Vec<Suspect> {
        let alarm = self.inventory.alarms.get(alarm);
        let metrics: Vec<_> = alarm.into_iter().flat_map(|a| related::metrics_of(a)).collect();
        let of = |kind, dimension: &str| {
            let named = metrics.iter().filter(move |m| kind != Kind::Function || related::is_of_functions(m));
            let names: Vec<_> = named.filter_map(|m| m.dimension(dimension)).collect();
            names.into_iter().map(move |n| Suspect::new(kind, n.clone()))
        };
        of(Kind::Instance, "DBInstanceIdentifier").chain(of(Kind::Function, "FunctionName")).collect()
    }

    /// What may be in wrong hands on the screen that is open: the secret, the functions of a queue or an alarm, the
    /// database of an alarm, and whatever a run or a plan names.
    #[must_use]
    pub fn suspects_here(&self) -> Vec<Suspect> {
        let Some(screen) = self.thing() else {
            let plan = self.runs.plan.as_ref().filter(|_| *self.screen() == Screen::Plan);
            let Some(Ok(plan)) = plan.and_then(|p| p.plan.as_ref()) else { return Vec::new() };
            return Suspect::among(plan.inputs.iter().chain(plan.steps.iter().flat_map(|s| &s.outputs)));
        };
        match screen {
            Screen::Secret(arn) => vec![Suspect::new(Kind::Secret, arn.text().clone())],
            Screen::Queue(_) | Screen::Alarm(_) => {
                let mut found = match screen {
                    Screen::Alarm(arn) => {
                        let watched = self.watched(arn);
                        self.keys_told(arn).into_iter().chain(watched).collect()
                    }
                    _ => Vec::new(),
                };
                found.extend(self.relations(screen).iter().filter_map(function));
                let mut seen = BTreeSet::new();
                found.retain(|suspect| seen.insert(suspect.clone()));
                found
            }
            Screen::Run(id) => {
                let run = self.runs.open.get(id).and_then(|o| o.run.as_ref());
                run.map_or_else(Vec::new, |run| {
                    // What it found comes before what it was started for.
                    let found = run.steps.iter().rev().flat_map(|s| &s.outputs);
                    let mut all = Suspect::among(found.chain(&run.inputs));
                    let given = Suspect::among(&run.inputs);
                    all.sort_by_key(|s| given.contains(s));
                    all.retain(|s| self.is_taken(s.kind));
                    all
                })
            }
            Screen::Incident(id) => {
                let runs = self.incidents.read.get(id).into_iter().flat_map(|p| &p.runs);
                let runs = runs.filter_map(|attached| attached.run());
                Suspect::among(
                    runs.flat_map(|r| r.inputs.iter().chain(r.steps.iter().flat_map(|s| &s.outputs))),
                )
            }
            Screen::Overview
            | Screen::Alarms
            | Screen::Queues
            | Screen::Waf
            | Screen::Secrets
            | Screen::Acl(_)
            | Screen::Runs
            | Screen::Runbook(_)
            | Screen::Plan
            | Screen::Contain(_)
            | Screen::Freshness => Vec::new(),
        }
    }
}

/// The function that something has to do with.
fn function<R>((_, other): &(R, Other)) -> Option<Suspect> {
    let Other::Arn(arn) = other else { return None };
    named(arn).filter(|s| s.kind == Kind::Function)
}

fn named(arn: &Arn) -> Option<Suspect> {
    Suspect::named(arn.wire())
}
