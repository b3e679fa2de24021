//! The things that screens are about: their names, ARNs and sheets.

use super::overlay::{Found, PaletteBox, Target};
use super::picture::{screen_of, subject_of};
use super::{Model, Reading, Screen, Tab};
use crate::console::sheet::{self, Line, Span};
use crate::controls::Role;
use crate::controls::palette::Ranker;
use crate::estate::{Alarm, AlarmState, Arn, QueueUrl, Scope, Untrusted};
use crate::insight::aws_cli::{self, Access};
use crate::insight::dead_letter::Origin;
use crate::insight::related::{self, Other, Relation};
use crate::insight::{Broad, Source, Wants, alarm_words, words};
use crate::runbook::suspect::{Kind, Suspect};
use std::collections::BTreeSet;

impl Model {
    /// The name of a thing.
    #[must_use]
    pub fn name_of(&self, screen: &Screen) -> Option<Untrusted> {
        match screen {
            Screen::Alarm(arn) => {
                Some(self.inventory.alarms.get(arn).map_or_else(|| arn.resource(), |a| a.name.text().clone()))
            }
            Screen::Queue(url) => Some(url.name()),
            Screen::Acl(arn) => {
                Some(self.inventory.acl(arn).map_or_else(|| arn.resource(), |row| row.summary.name.clone()))
            }
            Screen::Secret(arn) => Some(
                self.inventory
                    .secrets
                    .get(arn)
                    .map_or_else(|| arn.resource(), |row| row.secret.name.text().clone()),
            ),
            Screen::Runbook(name) => Some(name.as_str().into()),
            Screen::Run(id) => Some(self.run_name(id)),
            Screen::Incident(id) => Some(self.incident_name(id)),
            Screen::Contain(Suspect { kind: Kind::Secret, name }) => {
                self.name_of(&Screen::Secret(Arn::new(name.wire())))
            }
            Screen::Contain(suspect) => Some(suspect.name.clone()),
            Screen::Overview
            | Screen::Alarms
            | Screen::Queues
            | Screen::Waf
            | Screen::Secrets
            | Screen::Runs
            | Screen::Plan
            | Screen::Freshness => None,
        }
    }

    /// The ARN of a thing, as far as it is known.
    #[must_use]
    pub fn arn_of(&self, screen: &Screen) -> Option<Untrusted> {
        match screen {
            Screen::Alarm(arn) | Screen::Acl(arn) | Screen::Secret(arn) => Some(arn.text().clone()),
            Screen::Queue(url) => {
                let facts = self.inventory.queues.get(url)?.facts.value()?;
                Some(facts.arn.text().clone())
            }
            Screen::Overview
            | Screen::Alarms
            | Screen::Queues
            | Screen::Waf
            | Screen::Secrets
            | Screen::Runs
            | Screen::Runbook(_)
            | Screen::Plan
            | Screen::Run(_)
            | Screen::Incident(_)
            | Screen::Contain(_)
            | Screen::Freshness => None,
        }
    }

    /// The lines of the detail that is open.
    #[must_use]
    pub fn sheet(&self) -> Vec<Line> {
        let (columns, rows) = crate::console::layout::detail_size(self);
        sheet::of(self, self.screen(), columns, rows)
    }

    /// What of the open detail is seen.
    #[must_use]
    pub fn reading_here(&self) -> Reading {
        self.reading(self.screen(), &self.sheet(), crate::console::layout::page(self))
    }

    /// What of a detail with these lines is seen: what a person chose, else its top; of a run, the step that it
    /// is at, so that the page follows it.
    #[must_use]
    pub fn reading(&self, screen: &Screen, lines: &[Line], page: usize) -> Reading {
        if let Some(reading) = self.reading.get(screen) {
            return *reading;
        }
        let Screen::Run(id) = screen else { return Reading::default() };
        let run = self.runs.open.get(id).and_then(|o| o.run.as_ref());
        let Some(step) = run.and_then(|run| run.current()).map(|s| s.id.as_str()) else {
            return Reading::default();
        };
        let stops = lines.iter().enumerate().filter(|(_, l)| l.is_stop());
        let Some((link, (at, _))) = stops.enumerate().find(|(_, (_, l))| l.fold.as_deref() == Some(step))
        else {
            return Reading::default();
        };
        let below = lines.iter().skip(at + 1).take_while(|l| !l.is_stop()).count();
        let scroll = (at + 1 + below).saturating_sub(page).min(at);
        Reading { scroll, link }
    }

    /// Where one can go from the open detail, or from the selected row.
    #[must_use]
    pub fn links(&self) -> Vec<Screen> {
        if self.screen().is_detail() {
            return self.sheet().into_iter().filter_map(|l| l.link).collect();
        }
        match self.thing() {
            Some(screen) => self.related(screen),
            None => Vec::new(),
        }
    }

    /// What a thing has to do with others.
    #[must_use]
    pub fn relations(&self, screen: &Screen) -> Vec<(Relation, Other)> {
        subject_of(screen).map_or(Vec::new(), |subject| related::of(&self.look(), &subject))
    }

    /// The things that a thing has to do with and that can be opened.
    #[must_use]
    pub fn related(&self, screen: &Screen) -> Vec<Screen> {
        self.relations(screen)
            .into_iter()
            .filter_map(|(_, other)| match other {
                Other::Thing(subject) => Some(screen_of(&subject)),
                Other::Arn(_) => None,
            })
            .collect()
    }

    /// The queues that send their dead letters to a thing.
    #[must_use]
    pub fn sources_of(&self, screen: &Screen) -> Vec<Screen> {
        self.relations(screen)
            .into_iter()
            .filter_map(|(relation, other)| match (relation, other) {
                (Relation::DeadLettersFrom, Other::Thing(subject)) => Some(screen_of(&subject)),
                (_, Other::Thing(_) | Other::Arn(_)) => None,
            })
            .collect()
    }

    /// Why an alarm is in its state, decoded; nothing where AWS's own words say all that is known.
    #[must_use]
    pub fn alarm_sentence(&self, alarm: &Alarm) -> Option<String> {
        let why = alarm_words::why(alarm);
        let decoded = alarm.state == AlarmState::Alarm && !alarm.reason.shown().to_string().starts_with(&why);
        decoded.then_some(why)
    }

    /// The thing that is named exactly so: by its name, its ARN or its URL.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Screen> {
        let mut found = self.things().filter(|screen| {
            self.name_of(screen).is_some_and(|n| n.wire() == name)
                || self.arn_of(screen).is_some_and(|a| a.wire() == name)
                || matches!(screen, Screen::Queue(url) if url.wire() == name)
        });
        // A name that several things have is for the person to choose.
        let first = found.next();
        if found.next().is_some() { None } else { first }
    }

    fn things(&self) -> impl Iterator<Item = Screen> {
        let inv = &self.inventory;
        let alarms = inv.alarms.iter().map(|(arn, _)| Screen::Alarm(arn.clone()));
        let queues = inv.queues.iter().map(|(url, _)| Screen::Queue(url.clone()));
        let acls = inv.regional_acls.iter().chain(inv.cloudfront_acls.iter());
        let acls = acls.map(|(arn, _)| Screen::Acl(arn.clone()));
        let secrets = inv.secrets.iter().map(|(arn, _)| Screen::Secret(arn.clone()));
        queues.chain(acls).chain(secrets).chain(alarms)
    }

    /// The functions: they have no page of their own, but may have to be contained.
    fn functions(&self) -> impl Iterator<Item = Screen> {
        let name = |f: &Untrusted| Screen::Contain(Suspect::new(Kind::Function, f.clone()));
        self.inventory.functions.iter().map(move |(_, f)| name(f.function.name.text()))
    }

    /// The databases that alarms watch.
    fn instances(&self) -> impl Iterator<Item = Screen> {
        let metrics = self.inventory.alarms.iter().flat_map(|(_, alarm)| related::metrics_of(alarm));
        let names = metrics.filter_map(|m| m.dimension("DBInstanceIdentifier"));
        let names: BTreeSet<&Untrusted> = names.collect();
        names.into_iter().map(|name| Screen::Contain(Suspect::new(Kind::Instance, name.clone())))
    }

    /// The runbooks.
    fn books(&self) -> impl Iterator<Item = Screen> {
        self.runs.books.iter().map(|book| Screen::Runbook(book.name.clone()))
    }

    /// What the palette finds for what is typed in it: actions, and things by their names.
    #[must_use]
    pub fn found(&self, open: &PaletteBox) -> Vec<Found> {
        const MOST: usize = 200;
        let mut ranker = Ranker::default();
        let typed = open.typing.text();
        let mut found = Vec::new();
        if open.among.is_none() {
            for (action, matched) in ranker.actions(typed, self.screen().place()) {
                if self.enabled_under(action) {
                    let letters = matched.letters.iter().filter_map(|l| u32::try_from(*l).ok()).collect();
                    found.push(Found {
                        target: Target::Do(action),
                        name: action.name().to_owned(),
                        words: action.doc().to_owned(),
                        matched: letters,
                    });
                }
            }
        }
        // With nothing typed, thousands of names help nobody.
        if typed.trim().is_empty() && open.among.is_none() {
            return found;
        }
        let things: Vec<Screen> = match &open.among {
            Some(among) => among.clone(),
            None => {
                self.things().chain(self.functions()).chain(self.instances()).chain(self.books()).collect()
            }
        };
        let names: Vec<String> =
            things.iter().map(|s| self.name_of(s).map_or(String::new(), |n| n.shown().to_string())).collect();
        let mut ranked = ranker.rank(typed.trim(), names.iter().map(String::as_str));
        ranked.truncate(MOST);
        let exact = typed.trim();
        // A runbook is something to do, as the actions above are: what is typed of its name never leads to a thing first.
        ranked.sort_by_key(|m| {
            let book = things.get(m.index).is_some_and(|s| matches!(s, Screen::Runbook(_)));
            !(book && names.get(m.index).is_some_and(|name| name.contains(exact)))
        });
        for m in ranked {
            let (Some(screen), Some(name)) = (things.get(m.index), names.get(m.index)) else { continue };
            let entry = Found {
                target: Target::Go(screen.clone()),
                name: name.clone(),
                words: kind_word(screen).to_owned(),
                matched: m.letters.iter().filter_map(|l| u32::try_from(*l).ok()).collect(),
            };
            if name == exact { found.insert(0, entry) } else { found.push(entry) }
        }
        // A pasted id or ARN says itself what it is of, whether it was ever seen here or not.
        if let Some(suspect) = Suspect::named(exact).filter(|_| open.among.is_none()) {
            let screen = Screen::Contain(suspect.clone());
            found.retain(|f| f.target != Target::Go(screen.clone()));
            let words = kind_word(&screen).to_owned();
            let name = suspect.name.shown().to_string();
            found.insert(0, Found { target: Target::Go(screen), name, words, matched: Vec::new() });
        }
        found
    }

    /// The AWS CLI line that shows what is on screen.
    #[must_use]
    pub fn cli_line(&self) -> Option<String> {
        let wants = Wants { at: self.at()?, now: self.minute(), tags_wanted: self.wants_tags() };
        let context = &self.setup.context;
        let access = Access { profile: context.profile.as_deref(), endpoint: context.endpoint.as_deref() };
        let source = |source| aws_cli::of_source(&self.inventory, &source, &wants, access);
        let lines = match self.screen() {
            Screen::Overview => match self.thing().and_then(subject_of) {
                Some(subject) => aws_cli::of_subject(&self.inventory, &subject, &wants, access),
                None => source(Source::Broad(Broad::Alarms)),
            },
            Screen::Alarms => source(Source::Broad(Broad::Alarms)),
            Screen::Queues => source(Source::Broad(Broad::Queues)),
            Screen::Waf => source(Source::Broad(Broad::WebAcls(Scope::Regional))),
            Screen::Secrets => source(Source::Broad(Broad::Secrets)),
            Screen::Freshness => source(Source::Broad(Broad::Identity)),
            Screen::Run(id) => self.run_lines(id),
            Screen::Runs | Screen::Runbook(_) | Screen::Plan | Screen::Incident(_) | Screen::Contain(_) => {
                Vec::new()
            }
            Screen::Alarm(_) | Screen::Queue(_) | Screen::Acl(_) | Screen::Secret(_) => {
                let subject = subject_of(self.screen())?;
                aws_cli::of_subject(&self.inventory, &subject, &wants, access)
            }
        };
        lines.into_iter().next()
    }

    /// What the head of the open detail says at its right.
    #[must_use]
    pub fn headline(&self) -> Vec<Span> {
        let text = match self.screen() {
            Screen::Alarm(arn) => self
                .inventory
                .alarms
                .get(arn)
                .map(|a| if a.actions_enabled { String::new() } else { "actions disabled".to_owned() }),
            Screen::Queue(url) => Some(self.queue_headline(url)),
            Screen::Acl(arn) => self.inventory.acl(arn).map(|r| words::scope(r.summary.scope).to_owned()),
            Screen::Secret(arn) => self.inventory.secrets.get(arn).map(|r| {
                if r.secret.rotation_enabled { "rotation on".to_owned() } else { "rotation off".to_owned() }
            }),
            Screen::Run(id) => self
                .runs
                .open
                .get(id)
                .and_then(|o| o.run.as_ref())
                .map(|run| sheet::run::headline(run, self.minute(), self.glyphs().dot)),
            Screen::Incident(id) => {
                let picture = self.incidents.read.get(id);
                picture.map(|p| sheet::incident::headline(p, self.minute(), self.glyphs().dot))
            }
            Screen::Plan => self.runs.plan.as_ref().map(|p| p.book.name.clone()),
            Screen::Overview
            | Screen::Alarms
            | Screen::Queues
            | Screen::Waf
            | Screen::Secrets
            | Screen::Runs
            | Screen::Runbook(_)
            | Screen::Contain(_)
            | Screen::Freshness => None,
        };
        let text = text.unwrap_or_default();
        if text.is_empty() { Vec::new() } else { vec![Span { role: Role::Dim, text }] }
    }

    fn queue_headline(&self, url: &QueueUrl) -> String {
        let role = self.picture.base.roles.role(url);
        let functions = role.pointed_by().iter().filter(|p| p.origin() == Origin::Lambda).count();
        let queues = role.pointed_by().iter().filter(|p| p.origin() == Origin::Sqs).count();
        match (functions, queues) {
            (0, 0) if role.is_suspect() => "a dead-letter queue by its name only".to_owned(),
            (0, 0) => String::new(),
            (f, 0) => format!("dead letters of {}", words::counted(f as u64, "function")),
            (0, q) => format!("dead letters of {}", words::counted(q as u64, "queue")),
            (f, q) => format!(
                "dead letters of {} and {}",
                words::counted(f as u64, "function"),
                words::counted(q as u64, "queue")
            ),
        }
    }
}

/// What a thing is, in a word.
#[must_use]
pub fn kind_word(screen: &Screen) -> &'static str {
    if let Screen::Contain(suspect) = screen {
        return match suspect.kind {
            Kind::Key => "contain this key",
            Kind::User => "contain this user",
            Kind::Role => "contain this role",
            Kind::Function => "contain this function",
            Kind::Instance => "contain this database",
            Kind::Secret => "contain this secret",
        };
    }
    if matches!(screen, Screen::Runbook(_)) {
        return "runbook";
    }
    match screen.tab() {
        Tab::Overview => "overview",
        Tab::Alarms => "alarm",
        Tab::Queues => "queue",
        Tab::Waf => "web ACL",
        Tab::Secrets => "secret",
        Tab::Runs => "run",
    }
}
