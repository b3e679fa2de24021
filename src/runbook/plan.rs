//! A plan: what a runbook would do to the live estate, step by step, before anything is changed. Plain data;
//! the dry run that makes it is the engine's.

use super::definition::{Definition, StepKind};
use super::event::Planned;
use super::value::Value;
use crate::estate::change::CliLine;
use crate::estate::{At, Change, Risk, RunId, Untrusted};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The definition that was planned, whole: a run that is started from this plan embeds it.
    pub definition: Definition,
    /// The inputs, defaulted.
    pub inputs: BTreeMap<String, Value>,
    /// Where.
    pub at: At,
    /// The id that a run started from this plan will have: names and labels in the plan carry it.
    pub run: RunId,
    /// The steps in order, skipped ones among them.
    pub steps: Vec<PlannedStep>,
    /// [`Plan::hash_of`] this plan.
    pub hash: String,
}

/// What a step would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedStep {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is.
    pub kind: StepKind,
    /// Its condition does not hold with these inputs.
    pub skipped: bool,
    /// What it would do or wait for, in one line. Safe to draw.
    pub summary: String,
    /// The changes it would propose, as far as they can be resolved now.
    pub changes: Vec<Change>,
    /// The calls they unfold into.
    pub calls: Vec<PlannedCall>,
    /// The worst risk of its changes; `None` without changes.
    pub risk: Option<Risk>,
    /// How its changes are undone, or why they cannot be. Safe to draw.
    pub undo: Vec<String>,
    /// What it breaks or what must be known, as the proposal says. Safe to draw.
    pub breaks: Vec<String>,
    /// What it does not do or end, as the proposal says. Safe to draw.
    pub leaves: Vec<String>,
    /// Whether the principal may make its calls: the worst of [`PlannedCall::allowed`].
    pub allowed: Allowed,
    /// What it found in the live estate. Safe to draw.
    pub evidence: Vec<String>,
    /// What it would give to later steps, as far as that is known now.
    pub outputs: BTreeMap<String, Value>,
    /// Why it would refuse to go on, as things are now. Safe to draw.
    pub refusal: Option<String>,
}

/// A call that a step would make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedCall {
    /// `service:Operation`.
    pub operation: &'static str,
    /// What it hits; `None` where that is only known when an earlier step was made.
    pub resource: Option<Untrusted>,
    /// The IAM action it needs.
    pub iam_action: &'static str,
    /// The AWS CLI line that does the same by hand.
    pub cli: CliLine,
    /// Whether the principal may make it, as IAM's simulator sees it.
    pub allowed: Allowed,
}

/// Whether something would be allowed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Allowed {
    /// It would.
    Yes,
    /// It cannot be told: the simulator may not be asked, or the resource is not known yet.
    Unknown,
    /// It would not.
    No,
}

impl Allowed {
    /// The word that JSON and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Allowed::Yes => "yes",
            Allowed::Unknown => "unknown",
            Allowed::No => "no",
        }
    }
}

impl Plan {
    /// The step of that id.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<&PlannedStep> {
        self.steps.iter().find(|s| s.id == id)
    }

    /// What a run remembers of it: operations, and resources where they are known.
    #[must_use]
    pub fn planned(&self) -> BTreeMap<String, Vec<Planned>> {
        let named =
            |c: &PlannedCall| Planned { operation: c.operation.to_owned(), resource: c.resource.clone() };
        self.steps.iter().map(|s| (s.id.clone(), s.calls.iter().map(named).collect())).collect()
    }

    /// Whether it contains something that is in wrong hands.
    #[must_use]
    pub fn contains(&self) -> bool {
        self.steps.iter().any(|s| s.risk == Some(Risk::Containing))
    }

    /// Why it cannot be started as things are: the first refusal of a step.
    #[must_use]
    pub fn refusal(&self) -> Option<(&str, &str)> {
        self.steps.iter().find_map(|s| Some((s.id.as_str(), s.refusal.as_deref()?)))
    }

    /// A hash over what matters: the definition, the inputs, the place, and of each step whether it is
    /// skipped, its calls with what they hit, its risk and its undo. Evidence and what is said of callers
    /// change by the minute and permissions by the hour, so they are left out, and the run's own id counts
    /// as the same in every plan. All 64 hex digits.
    #[must_use]
    pub fn hash_of(&self) -> String {
        let neutral = |text: &str| text.replace(self.run.as_str(), "<run>");
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        };
        // Definitions and values always become JSON: their maps have text for keys.
        add(&serde_json::to_string(&self.definition).unwrap_or_default());
        add(&neutral(&serde_json::to_string(&self.inputs).unwrap_or_default()));
        add(&serde_json::to_string(&self.at).unwrap_or_default());
        for step in &self.steps {
            add(&step.id);
            add(if step.skipped { "skipped" } else { "" });
            for call in &step.calls {
                add(call.operation);
                add(&neutral(call.resource.as_ref().map_or("", Untrusted::wire)));
            }
            add(match step.risk {
                None => "",
                Some(Risk::Ordinary) => "ordinary",
                Some(Risk::Containing) => "containing",
                Some(Risk::Releasing) => "releasing",
                Some(Risk::Destructive) => "destructive",
            });
            for text in &step.undo {
                add(&neutral(text));
            }
        }
        let digest = hasher.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
