//! How a run that was driven is told: its id first, and at the end one document whatever happened, or the steps
//! and what to do next for a person. A command that is interrupted still writes its document.

use crate::cli::args::Output;
use crate::cli::exit::Failure;
use crate::cli::out::Out;
use crate::cli::runs::{head, run_json, show_blocks};
use crate::cli::say::safe;
use crate::cli::scene::instant;
use crate::cli::setup::Setup;
use crate::cli::table::{Block, Cell, Tone};
use crate::estate::{Clock, Untrusted};
use crate::runbook::{Halt, Run, ValueType};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch::Receiver;

/// The document or the words of a run, written once.
pub(super) struct Told<'a> {
    pub out: &'a mut Out,
    setup: &'a Setup,
    clock: Arc<dyn Clock>,
    run: Receiver<Arc<Run>>,
    told: bool,
}

impl<'a> Told<'a> {
    /// Begins to tell: for a person the id comes first.
    pub fn begin(
        run: Receiver<Arc<Run>>,
        setup: &'a Setup,
        clock: Arc<dyn Clock>,
        out: &'a mut Out,
    ) -> Result<Self, Failure> {
        let told = Self { out, setup, clock, run, told: false };
        let now = told.run.borrow().clone();
        if setup.output == Output::Text {
            told.out.raw(&format!("{} {}\n", now.id, safe(&now.definition.title)))?;
        }
        Ok(told)
    }

    /// Writes how it stands.
    pub fn end(&mut self, halt: Option<&Halt>) -> Result<(), Failure> {
        self.told = true;
        let run = self.run.borrow().clone();
        match self.setup.output {
            Output::Json => {
                self.out.document(&self.document(&run, halt), false)?;
            }
            Output::Text => {
                let mut blocks = show_blocks(&run);
                blocks.extend(halt.map(|h| next(h, &run)).unwrap_or_default());
                self.out.blocks(&blocks)?;
            }
        }
        Ok(())
    }

    fn document(&self, run: &Run, halt: Option<&Halt>) -> Value {
        let by = run.steps.iter().rev().find_map(|s| s.by.as_ref()).unwrap_or(&run.started_by);
        let mut document = head("run", self.clock.now(), self.setup, Some(&run.at), Some(by));
        document.insert("run".into(), run_json(run));
        document.insert("waiting_for".into(), halt.map_or(Value::Null, waiting_for));
        document.insert("message".into(), halt.and_then(message).map_or(Value::Null, |m| json!(m)));
        Value::Object(document)
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if !self.told && self.setup.output == Output::Json {
            let document = self.document(&self.run.borrow().clone(), None);
            // A program that is being ended cannot be told that nobody reads it any more.
            match self.out.document(&document, false) {
                Ok(_) | Err(_) => {}
            }
        }
    }
}

/// What a run waits for; null if it does not.
fn waiting_for(halt: &Halt) -> Value {
    let wait =
        |kind: &str, step: Option<&str>, until: Value, accepts: &[String], phrase: Option<&Untrusted>| {
            json!({
                "kind": kind,
                "step": step,
                "until": until,
                "accepts": accepts,
                "phrase_for": phrase.map(Untrusted::wire),
            })
        };
    let none = Value::Null;
    match halt {
        Halt::Consent { step, proposal, .. } => {
            let phrase = proposal.changes.iter().find_map(crate::cli::confirm::phrase_of);
            wait("person", Some(step), none, &[], phrase.as_ref())
        }
        Halt::Arm { alias } => wait("person", Some(crate::cli::confirm::ACCOUNT), none, &[], Some(alias)),
        Halt::Time { step, until, accepts, .. } => wait("time", Some(step), instant(*until), accepts, None),
        Halt::Person { step, question } => wait("person", Some(step), none, &question.accepts, None),
        Halt::Enter { step, input, .. } => {
            wait("person", Some(step), none, std::slice::from_ref(input), None)
        }
        Halt::Settle { step, until, .. } => wait("settle", Some(step), instant(*until), &[], None),
        Halt::Reached(step) => wait("person", Some(step), none, &[], None),
        // It was interrupted, and whoever did that knows.
        Halt::Paused => Value::Null,
        Halt::Decide { .. } | Halt::Failed { .. } | Halt::Over(_) => Value::Null,
    }
}

/// Why it stopped, in a sentence.
fn message(halt: &Halt) -> Option<String> {
    match halt {
        Halt::Consent { proposal, .. } => {
            Some(proposal.differs.clone().unwrap_or_else(|| {
                proposal.changes.iter().map(|c| c.sentence()).collect::<Vec<_>>().join("; ")
            }))
        }
        Halt::Arm { .. } => Some("changes in this account are armed by typing its name".to_owned()),
        Halt::Time { why, .. } | Halt::Settle { why, .. } => Some(why.clone()),
        Halt::Person { question, .. } => Some(question.text.clone()),
        Halt::Enter { input, .. } => Some(format!("{input} must be entered")),
        Halt::Decide { doubt, .. } => Some(format!("{}: {}", doubt.call, doubt.why)),
        Halt::Failed { failure, .. } => Some(failure.text.clone()),
        Halt::Reached(step) => Some(format!("{step} is done, as far as was asked")),
        Halt::Paused => Some("stopped between two calls".to_owned()),
        Halt::Over(_) => None,
    }
}

/// How a late input is given: a flag has one value that means anything here.
fn value_of(run: &Run, input: &str) -> String {
    let flag = run.definition.input(input).is_some_and(|i| i.kind == ValueType::Flag);
    format!("{}={}", safe(input), if flag { "true" } else { "..." })
}

/// What a person may do next.
fn next(halt: &Halt, run: &Run) -> Vec<Block> {
    let resume = format!("bartizan runbook resume {}", run.id);
    let abort = format!("bartizan runbook abort {}", run.id);
    let hint = match halt {
        // Nothing that is said before counts: who agrees must have read it.
        Halt::Consent { proposal, .. } if proposal.differs.is_some() => {
            format!("at a terminal, {resume}; or {abort}, and start another run from how things are now")
        }
        Halt::Consent { step, proposal, .. } => {
            match proposal.changes.iter().find_map(crate::cli::confirm::phrase_of) {
                Some(name) => {
                    let word = format!("{step}={}", name.shown());
                    format!("{resume} --confirm {}", crate::runbook::shell::quote(&word))
                }
                None => format!("{resume} --confirm {step}=yes"),
            }
        }
        Halt::Arm { .. } => format!("{resume} --confirm account=ALIAS"),
        Halt::Time { until, accepts, .. } => {
            let sooner: String =
                accepts.iter().map(|a| format!(", or sooner with --set {}", value_of(run, a))).collect();
            format!("{resume}, from {} on{sooner}", crate::cli::say::instant(*until))
        }
        Halt::Settle { until, .. } => {
            format!("{resume}, from {} on", crate::cli::say::instant(*until))
        }
        Halt::Person { step, question } => {
            let mut ways = Vec::new();
            if question.takes_words() {
                ways.push(format!("{resume} --note {step}=TEXT"));
            }
            ways.extend(question.accepts.iter().map(|a| format!("{resume} --set {}", value_of(run, a))));
            ways.join(", or ")
        }
        Halt::Enter { input, .. } => format!("{resume} --set-file {}=PATH", safe(input)),
        Halt::Decide { step, .. } => format!(
            "look at AWS, then {resume} --confirm {step}=happened (or =happened:ID, or =not-happened)"
        ),
        Halt::Failed { step, .. } if run.stuck_undoing().is_some() => {
            let undo = format!("bartizan runbook undo {}", run.id);
            format!("{undo} tries again; {undo} --leave {step}=REASON leaves it as it is and undoes the rest")
        }
        Halt::Failed { .. } if run.steps.iter().all(|s| s.changes.is_empty()) => {
            format!("{resume} tries again; nothing was changed, and {abort} gives it up")
        }
        Halt::Failed { .. } => format!("{resume} tries again; `bartizan runbook undo {}` goes back", run.id),
        Halt::Reached(_) | Halt::Paused => resume,
        Halt::Over(_) => return Vec::new(),
    };
    let mut blocks = vec![Block::Line(Vec::new())];
    let line = |text: String, tone| Block::Line(vec![Cell::toned(text, tone)]);
    blocks.extend(message(halt).map(|text| line(safe(&text), Tone::Soon)));
    if let Halt::Decide { doubt, .. } = halt {
        let more = doubt.evidence.iter().map(|e| format!("  {e}"));
        let outcomes =
            [format!("  if it happened: {}", doubt.if_happened), format!("  if not: {}", doubt.if_not)];
        blocks.extend(more.chain(outcomes).map(|text| line(safe(&text), Tone::Plain)));
    }
    if let Halt::Person { question, .. } = halt {
        blocks.extend(question.evidence.iter().map(|e| line(format!("  {}", safe(e)), Tone::Plain)));
    }
    blocks.push(line(format!("next: {hint}"), Tone::Plain));
    blocks
}
