//! Drives a run from a command line: goes on until something is asked, answers it from what was said before, else
//! asks the person at the terminal, else stops there and says what it waits for.

use super::told::Told;
use super::{fault, is_interactive};
use crate::cli::confirm::{self, Answers, Reply};
use crate::cli::exit::{Exit, Failure};
use crate::cli::incident;
use crate::cli::out::Out;
use crate::cli::run::World;
use crate::cli::say::safe;
use crate::cli::secret_input;
use crate::cli::setup::Setup;
use crate::cli::table::{Block, Cell, Tone};
use crate::cli::ticker;
use crate::engine::runs::Live;
use crate::estate::{Consent, Untrusted};
use crate::runbook::inputs::Inputs;
use crate::runbook::{Decision, Halt, Proposal, Question};
use crate::terminal::prompt::TtyPrompt;

/// A run in hand, with the answers to what it will ask.
pub(super) struct Drive<'a> {
    live: Live,
    answers: Answers,
    interactive: bool,
    told: Told<'a>,
    /// How many of its changes contained something before.
    contained: usize,
    setup: &'a Setup,
    world: &'a World,
}

/// What is done about a halt.
enum Step {
    /// It was answered.
    Go,
    /// It stands.
    Stop,
}

impl<'a> Drive<'a> {
    /// Takes a run in hand and says which.
    pub fn new(
        live: Live,
        answers: Answers,
        setup: &'a Setup,
        world: &'a World,
        out: &'a mut Out,
    ) -> Result<Self, Failure> {
        let contained = crate::engine::incidents::contained(&live.run());
        let told = Told::begin(live.progress(), setup, world.clock.clone(), out)?;
        let interactive = is_interactive(setup);
        Ok(Self { live, answers, interactive, told, contained, setup, world })
    }

    /// Goes on as far as it may, and tells how it stands.
    pub async fn go(mut self, until: Option<&str>) -> Result<Exit, Failure> {
        let ended = self.on(until).await;
        self.end(ended).await
    }

    /// Undoes what was done.
    pub async fn undo(mut self) -> Result<Exit, Failure> {
        let ended = match self.live.undo().await {
            Ok(()) => self.on(None).await,
            Err(why) => Err(fault(&why)),
        };
        self.end(ended).await
    }

    /// Stops the run for good.
    pub async fn abort(mut self) -> Result<Exit, Failure> {
        let noted = self.note_the_rest().await;
        let aborted = self.live.abort().await.map_err(|f| fault(&f));
        let ended = noted.and(aborted).map(|_| Halt::Over(self.live.run().state()));
        self.end(ended).await
    }

    /// Whatever happened, the journal exists: it is told, and the run is put down.
    async fn end(mut self, ended: Result<Halt, Failure>) -> Result<Exit, Failure> {
        let noted = if ended.is_ok() { self.note_the_rest().await } else { Ok(()) };
        let told = self.told.end(ended.as_ref().ok());
        let run = self.live.run();
        let closed = self.live.close().await.map_err(|f| fault(&f));
        // After everything else: whoever is told, or is not, holds nothing up.
        let halt = ended.as_ref().ok();
        incident::tell_run(&run, self.contained, halt, (self.setup, self.world), self.told.out).await;
        let halt = ended?;
        noted.and(told).and(closed)?;
        Ok(match halt {
            Halt::Consent { .. }
            | Halt::Arm { .. }
            | Halt::Time { .. }
            | Halt::Person { .. }
            | Halt::Enter { .. }
            | Halt::Settle { .. }
            | Halt::Reached(_)
            | Halt::Paused => Exit::Waiting,
            Halt::Decide { .. } | Halt::Failed { .. } => Exit::Decision,
            Halt::Over(_) => Exit::Done,
        })
    }

    async fn on(&mut self, until: Option<&str>) -> Result<Halt, Failure> {
        loop {
            // A first signal lets the calls in flight end, so that no outcome is in doubt; at a question it ends at once.
            let landed = self.world.landing.hold(&self.live.brake());
            let (progress, doing) = (self.live.progress(), self.live.doing());
            let halt = ticker::beside(self.live.go(until), progress, doing).await.map_err(|f| fault(&f))?;
            drop(landed);
            match self.answer(&halt).await? {
                Step::Go => {}
                Step::Stop => return Ok(halt),
            }
        }
    }

    async fn answer(&mut self, halt: &Halt) -> Result<Step, Failure> {
        match halt {
            Halt::Consent { step, proposal, .. } => self.consent(step, proposal).await,
            Halt::Arm { alias } => self.arm(alias).await,
            Halt::Person { step, question } => self.person(step, question).await,
            Halt::Enter { slot, input, .. } if self.interactive => {
                let entered = secret_input::ask(input, slot, self.live.vault(), &*self.world.prompt).await?;
                Ok(if entered { Step::Go } else { Step::Stop })
            }
            Halt::Decide { step, .. } => self.decide(step).await,
            Halt::Failed { step, .. } => match self.answers.leaves(step).map(str::to_owned) {
                Some(why) if self.live.run().stuck_undoing().is_some_and(|(stuck, _)| stuck == step) => {
                    self.live.pass_over(&why).await.map_err(|f| fault(&f))?;
                    Ok(Step::Go)
                }
                Some(_) | None => Ok(Step::Stop),
            },
            Halt::Enter { .. }
            | Halt::Time { .. }
            | Halt::Settle { .. }
            | Halt::Reached(_)
            | Halt::Paused
            | Halt::Over(_) => Ok(Step::Stop),
        }
    }

    async fn consent(&mut self, step: &str, proposal: &Proposal) -> Result<Step, Failure> {
        let consents = match self.answers.reply(step, proposal)? {
            Reply::Consents(consents) => consents,
            Reply::Unanswered(_) if !self.interactive => return Ok(Step::Stop),
            Reply::Unanswered(_) => match self.ask_consent(step, proposal).await? {
                Some(consents) => consents,
                None => return Ok(Step::Stop),
            },
        };
        self.live.consent(consents).await.map_err(|f| fault(&f))?;
        Ok(Step::Go)
    }

    async fn ask_consent(
        &mut self,
        step: &str,
        proposal: &Proposal,
    ) -> Result<Option<Vec<Consent>>, Failure> {
        let line = |text: String, tone| Block::Line(vec![Cell::toned(text, tone)]);
        let mut blocks = vec![line(format!("\u{25b6} {}", safe(step)), Tone::Title)];
        blocks.extend(proposal.differs.iter().map(|d| line(format!("  DIFFERS: {}", safe(d)), Tone::Now)));
        for change in &proposal.changes {
            blocks.push(line(format!("  {}", safe(&change.sentence())), Tone::Plain));
            blocks.push(line(format!("    undo: {}", safe(&change.undo())), Tone::Faint));
        }
        let told = |word: &str, texts: &[String]| -> Vec<Block> {
            texts.iter().map(|t| line(format!("  {word}: {}", safe(t)), Tone::Soon)).collect()
        };
        blocks.extend(told("breaks", &proposal.breaks));
        blocks.extend(told("does not", &proposal.leaves));
        self.told.out.blocks(&blocks)?;
        let mut consents = Vec::with_capacity(proposal.changes.len());
        for change in &proposal.changes {
            let question = match confirm::phrase_of(change) {
                Some(name) => format!("type {} to do this; anything else is no", name.shown()),
                None => "type yes to do this; anything else is no".to_owned(),
            };
            let answer = TtyPrompt.line(&question).await;
            match answer.and_then(|answer| confirm::typed(change, &answer)) {
                Some(consent) => consents.push(consent),
                None => return Ok(None),
            }
        }
        Ok(Some(consents))
    }

    async fn arm(&mut self, alias: &Untrusted) -> Result<Step, Failure> {
        let typed = match self.answers.alias() {
            Some(typed) => typed.to_owned(),
            None if !self.interactive => return Ok(Step::Stop),
            None => {
                let question = format!("production: type {} to arm changes in this run", alias.shown());
                match TtyPrompt.line(&question).await {
                    Some(typed) if typed.trim() == alias.wire() => typed.trim().to_owned(),
                    Some(_) | None => return Ok(Step::Stop),
                }
            }
        };
        self.live.arm(&typed).await.map_err(|f| fault(&f))?;
        Ok(Step::Go)
    }

    /// What a step waits to be told: by a note that was given for it, or by the person at the terminal.
    async fn person(&mut self, step: &str, question: &Question) -> Result<Step, Failure> {
        if question.takes_words() {
            let notes = self.answers.take_notes(step);
            if !notes.is_empty() {
                self.live.attest(&notes.join("\n")).await.map_err(|f| fault(&f))?;
                return Ok(Step::Go);
            }
        }
        if !self.interactive {
            return Ok(Step::Stop);
        }
        let mut blocks = vec![Block::Line(vec![Cell::toned(safe(&question.text), Tone::Title)])];
        let lines = question.evidence.iter().chain(&question.choices);
        blocks.extend(lines.map(|l| Block::Line(vec![Cell::plain(format!("  {}", safe(l)))])));
        self.told.out.blocks(&blocks)?;
        match question.accepts.as_slice() {
            _ if question.takes_words() => {
                match TtyPrompt.line("your answer is kept in the journal; empty to leave it").await {
                    Some(answer) if !answer.trim().is_empty() => {
                        self.live.attest(answer.trim()).await.map_err(|f| fault(&f))?;
                        Ok(Step::Go)
                    }
                    Some(_) | None => Ok(Step::Stop),
                }
            }
            // Which of them is meant is said with --set.
            [] | [_, _, ..] => Ok(Step::Stop),
            [input] => match TtyPrompt.line(&format!("{}; empty to leave it", safe(input))).await {
                Some(answer) if !answer.trim().is_empty() => self.set(input, answer.trim()).await,
                Some(_) | None => Ok(Step::Stop),
            },
        }
    }

    async fn set(&mut self, input: &str, text: &str) -> Result<Step, Failure> {
        let value = Inputs::late(&self.live.run().definition, input, text).map_err(|d| super::wrong(&[d]))?;
        self.live.set(input, value).await.map_err(|f| fault(&f))?;
        Ok(Step::Go)
    }

    /// A call that AWS cannot tell about is decided by `--confirm STEP=happened`, `=happened:ID` or
    /// `=not-happened`; never by anything more general.
    async fn decide(&mut self, step: &str) -> Result<Step, Failure> {
        let decision = match self.answers.take_decision(step).as_deref() {
            Some("not-happened") => Decision::NotHappened,
            Some("happened") => Decision::Happened(None),
            Some(word) => {
                let id = word.strip_prefix("happened:").filter(|id| !id.is_empty());
                let id = id.ok_or_else(|| Failure::usage("--confirm: write `happened:ID`"))?;
                Decision::Happened(Some(Untrusted::from(id)))
            }
            None => return Ok(Step::Stop),
        };
        self.live.decide(decision).await.map_err(|f| fault(&f))?;
        Ok(Step::Go)
    }

    async fn note_the_rest(&mut self) -> Result<(), Failure> {
        for step in self.answers.noted() {
            for text in self.answers.take_notes(&step) {
                self.live.note(&step, &text).await.map_err(|f| fault(&f))?;
            }
        }
        Ok(())
    }
}
