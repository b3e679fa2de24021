//! Telling others of an incident: what is said of it, to whom, and that it was said. It comes after the work, takes a
//! few seconds at most, and what could not be told is written down and never holds anything up.

use super::Incidents;
use super::fault::IncidentFault;
use crate::config::Tell;
use crate::engine::files;
use crate::estate::change::Risk;
use crate::estate::{Listener, Outside, Slot, Untrusted, Vault};
use crate::runbook::halt::Halt;
use crate::runbook::incident::{Event, Incident, Telling, digits};
use crate::runbook::run::Run;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long all that are told are waited for.
const PATIENCE: Duration = Duration::from_secs(8);
/// The slot of the webhook's address.
const ADDRESS: &str = "webhook";

/// Those who are told.
#[derive(Clone)]
pub struct Listeners {
    outside: Arc<dyn Outside>,
    vault: Arc<Vault>,
    all: Vec<(Untrusted, Listener)>,
    /// Those who cannot be told, and why.
    unable: Vec<(Untrusted, String)>,
}

impl Listeners {
    /// Those of the configuration. The address of a webhook is a secret: it is in a file of its own, which nobody else
    /// may read.
    #[must_use]
    pub fn of(tell: &Tell, outside: Arc<dyn Outside>) -> Self {
        let vault = Vault::default();
        let (mut all, mut unable) = (Vec::new(), Vec::new());
        if let Some(topic) = &tell.topic {
            all.push((Untrusted::from("topic"), Listener::Topic(crate::estate::Arn::new(topic.as_str()))));
        }
        if let Some(file) = &tell.webhook_file {
            let way = Untrusted::from("webhook");
            match address(Path::new(file)) {
                Ok(address) => {
                    let slot = Slot::new(ADDRESS);
                    vault.put(slot.clone(), address);
                    all.push((way, Listener::Webhook(slot)));
                }
                Err(why) => unable.push((way, why)),
            }
        }
        Self { outside, vault: Arc::new(vault), all, unable }
    }

    /// Whether nobody is to be told.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.all.is_empty() && self.unable.is_empty()
    }

    /// Tells everybody at once whom `whom` names; each with why it could not be told, if it could not.
    async fn tell(&self, text: &str, whom: impl Fn(&Untrusted) -> bool) -> Vec<(Untrusted, Option<String>)> {
        let one = |(way, listener): (Untrusted, Listener)| async move {
            let told = self.outside.tell(&listener, text, &self.vault);
            let failed = match tokio::time::timeout(PATIENCE, told).await {
                Ok(Ok(())) => None,
                Ok(Err(fault)) => Some(fault.to_string()),
                Err(_) => Some(format!("no answer within {} s", PATIENCE.as_secs())),
            };
            (way, failed)
        };
        let mut out =
            futures_util::future::join_all(self.all.iter().filter(|(way, _)| whom(way)).cloned().map(one))
                .await;
        out.extend(
            self.unable
                .iter()
                .filter(|(way, _)| whom(way))
                .map(|(way, why)| (way.clone(), Some(why.clone()))),
        );
        out
    }
}

/// The address in a file; what of the file is wrong is said, and never what is in it.
fn address(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let shown = Untrusted::from(file.to_string_lossy().as_ref()).shown().to_string();
    match files::too_open(file) {
        Ok(None) => {}
        Ok(Some(_)) => return Err(format!("{shown} can be read by others; run `chmod 600 {shown}`")),
        Err(e) => return Err(format!("{shown} cannot be looked at: {e}")),
    }
    match files::read_bytes(file) {
        Ok(Some(bytes)) if !bytes.trim_ascii().is_empty() => Ok(Zeroizing::new(bytes.trim_ascii().to_vec())),
        Ok(Some(_)) => Err(format!("{shown} is empty")),
        Ok(None) => Err(format!("{shown} is not there")),
        Err(e) => Err(format!("{shown} cannot be read: {e}")),
    }
}

/// How many of a run's changes contain something and were made.
#[must_use]
pub fn contained(run: &Run) -> usize {
    let changes = run.steps.iter().flat_map(|s| &s.changes);
    changes.filter(|c| c.what.risk() == Risk::Containing && c.changed.is_some()).count()
}

/// What is said of a run's changes that contain something, those after the first `known`.
fn containment(run: &Run, known: usize) -> Option<String> {
    let changes = run.steps.iter().flat_map(|s| &s.changes);
    let made = changes.filter(|c| c.what.risk() == Risk::Containing && c.changed.is_some()).skip(known);
    let said: Vec<String> = made.map(|c| c.what.sentence()).collect();
    (!said.is_empty()).then(|| {
        format!(
            "done by run {}: {}. Not known to be contained until its watch is over",
            run.id,
            said.join("; ")
        )
    })
}

/// A decision that a run needs.
struct Decision {
    /// Which one: the same at each stop, and after a restart.
    about: String,
    /// What is told of it.
    words: String,
}

/// Which decision it is: the run, the step, and what is asked there.
fn about(run: &Run, step: &str, asked: &str) -> String {
    format!("{} {step} {}", run.id, digits(&[asked]))
}

/// What a person has to decide in a run.
fn decision(run: &Run, halt: &Halt) -> Option<Decision> {
    let (step, asked, why) = match halt {
        Halt::Consent { step, proposal, .. } => {
            let changes: Vec<String> = proposal.changes.iter().map(|c| c.sentence()).collect();
            let changes = changes.join("; ");
            (step, changes.clone(), changes)
        }
        Halt::Person { step, question } => (step, question.text.clone(), question.text.clone()),
        Halt::Decide { step, doubt } => (step, doubt.call.clone(), format!("{}: {}", doubt.call, doubt.why)),
        // The words of a failure hold times and numbers.
        Halt::Failed { step, failure } => (step, failure.kind.clone(), failure.text.clone()),
        Halt::Arm { .. }
        | Halt::Enter { .. }
        | Halt::Time { .. }
        | Halt::Settle { .. }
        | Halt::Reached(_)
        | Halt::Paused
        | Halt::Over(_) => return None,
    };
    let resume = format!("bartizan runbook resume {}", run.id);
    let words =
        format!("run {} ({}) waits for a person at {step}: {why}. `{resume}`", run.id, run.definition.name);
    Some(Decision { about: about(run, step, &asked), words })
}

/// What is told of a decision that was made; `None` if it is about another run.
fn answered(run: &Run, about: &str) -> Option<String> {
    let mut parts = about.split(' ');
    let (of, step) = (parts.next()?, parts.next()?);
    if of != run.id.as_str() {
        return None;
    }
    let by = run.step(step).and_then(|s| s.by.as_ref());
    let by = by.map_or_else(|| "somebody".to_owned(), |by| by.shown().to_string());
    Some(format!("run {} ({}) no longer waits at {step}: {by} went on with it", run.id, run.definition.name))
}

/// The sentence that is told: which incident, where, what.
fn sentence(incident: &Incident, what: &str) -> String {
    let account =
        incident.at.account.as_ref().map_or_else(|| "account not known".to_owned(), ToString::to_string);
    let practice = if incident.practice { "PRACTICE, nothing of it is real: " } else { "" };
    let text = format!(
        "{practice}Incident {} ({}, {account}, {}): {what}",
        incident.name.wire(),
        incident.id,
        incident.at.region
    );
    Untrusted::from(text).shown().to_string()
}

impl Incidents {
    /// Tells that it was opened or closed. What could not be told is given back, one sentence each.
    ///
    /// # Errors
    /// That somebody was told cannot be written down.
    pub async fn tell(
        &self,
        listeners: &Listeners,
        incident: &Incident,
        what: Telling,
    ) -> Result<Vec<String>, IncidentFault> {
        let words = match what {
            Telling::Opened => {
                format!("opened by {}: {}", incident.opened_by.wire(), incident.suspected.wire())
            }
            Telling::Closed => incident.closed.as_ref().map_or_else(String::new, |closed| {
                let reason = closed.reason.as_ref().map_or("nothing is open", Untrusted::wire);
                format!("closed by {}: {reason}", closed.by.wire())
            }),
            Telling::Contained | Telling::Decision | Telling::Answered => return Ok(Vec::new()), // a run tells of these
        };
        self.told(listeners, incident, (what, None), &words, |_| true).await
    }

    /// Tells what a run has contained, after the first `known` changes that do, what it now wants a person to decide, and
    /// which decision it no longer waits for: to those who listen to the open incidents that it belongs to. Of a decision
    /// each is told once, however often the run stops at it, and in whichever process.
    ///
    /// # Errors
    /// The incidents cannot be read; that somebody was told cannot be written down.
    pub async fn tell_of_run(
        &self,
        listeners: &Listeners,
        run: &Run,
        known: usize,
        halt: Option<&Halt>,
    ) -> Result<Vec<String>, IncidentFault> {
        let (done, needed) = (containment(run, known), halt.and_then(|halt| decision(run, halt)));
        if listeners.is_nobody() {
            return Ok(Vec::new());
        }
        let mut failed = Vec::new();
        let all = self.archive.incidents().await?.into_iter().filter_map(|line| line.there.ok());
        for incident in all.filter(|i| i.closed.is_none() && i.has(&run.id)) {
            let heard = incident.undecided();
            let now = needed.as_ref().map(|d| d.about.as_str());
            // Where a run stands that could not be gone on with is not known.
            let over = heard.iter().filter(|(about, _)| halt.is_some() && Some(**about) != now);
            for (about, ways) in over {
                let Some(words) = answered(run, about) else { continue };
                let whom = |way: &Untrusted| ways.contains(&way);
                let what = (Telling::Answered, Some((*about).to_owned()));
                failed.extend(self.told(listeners, &incident, what, &words, whom).await?);
            }
            if let Some(words) = &done {
                let what = (Telling::Contained, None);
                failed.extend(self.told(listeners, &incident, what, words, |_| true).await?);
            }
            if let Some(decision) = &needed {
                let ways = heard.get(decision.about.as_str());
                let whom = |way: &Untrusted| ways.is_none_or(|ways| !ways.contains(&way));
                let what = (Telling::Decision, Some(decision.about.clone()));
                failed.extend(self.told(listeners, &incident, what, &decision.words, whom).await?);
            }
        }
        Ok(failed)
    }

    async fn told(
        &self,
        listeners: &Listeners,
        incident: &Incident,
        (what, about): (Telling, Option<String>),
        words: &str,
        whom: impl Fn(&Untrusted) -> bool,
    ) -> Result<Vec<String>, IncidentFault> {
        let mut failed = Vec::new();
        for (way, why) in listeners.tell(&sentence(incident, words), whom).await {
            if let Some(why) = &why {
                failed.push(format!("the {} could not be told: {why}", way.shown()));
            }
            let told = Event::Told { what, way, failed: why, about: about.clone() };
            self.add(&incident.id, told).await?;
        }
        Ok(failed)
    }
}
