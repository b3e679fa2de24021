//! A confirmation while it is on screen: what would be changed, what must be typed, and the two pauses of the
//! keyboard that a held-down or pasted key cannot make.

use super::Typing;
use crate::estate::{Change, Demand, RunId, Ticket, Untrusted};
use crate::runbook::Proposal;

/// What a confirmation is about.
#[derive(Clone, PartialEq, Debug)]
pub enum Asked {
    /// Changes of a step.
    Changes {
        /// The step's id.
        step: String,
        /// The step's title.
        title: String,
        /// What would be done.
        proposal: Proposal,
        /// What the next step would do: it is agreed to with the same answer.
        ahead: Option<Box<(String, Proposal)>>,
    },
    /// The alias of a production account, once for a run.
    Alias(Untrusted),
    /// To stop the run.
    Abort,
    /// To begin undoing.
    Undo,
}

/// How far the keyboard has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hands {
    /// It must be still before anything counts: what is pressed now was meant for what was there before.
    Unquiet(Ticket),
    /// It was still: an answer counts.
    Ready,
    /// An answer was given; it holds if nothing follows it at once.
    Given(Ticket),
}

/// A confirmation.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsentBox {
    /// Of which run.
    pub run: RunId,
    /// What about.
    pub asked: Asked,
    /// How far the keyboard has come.
    pub hands: Hands,
    /// What is typed, where a name is demanded.
    pub typing: Typing,
    /// The names that were typed rightly so far.
    pub typed: Vec<Untrusted>,
    /// The first line shown.
    pub scroll: usize,
    /// Its last line has been on screen.
    pub read: bool,
    /// What was wrong with the last answer.
    pub complaint: Option<String>,
}

impl ConsentBox {
    /// A confirmation that waits for the keyboard to be still.
    #[must_use]
    pub fn new(run: RunId, asked: Asked, still: Ticket) -> Self {
        Self {
            run,
            asked,
            hands: Hands::Unquiet(still),
            typing: Typing::default(),
            typed: Vec::new(),
            scroll: 0,
            read: false,
            complaint: None,
        }
    }

    /// The changes that an answer is for, those of the next step among them.
    #[must_use]
    pub fn changes(&self) -> Vec<&Change> {
        match &self.asked {
            Asked::Changes { proposal, ahead, .. } => {
                let later = ahead.iter().flat_map(|a| &a.1.changes);
                proposal.changes.iter().chain(later).collect()
            }
            Asked::Alias(_) | Asked::Abort | Asked::Undo => Vec::new(),
        }
    }

    /// The names that must be typed, each once.
    #[must_use]
    pub fn names(&self) -> Vec<Untrusted> {
        match &self.asked {
            Asked::Changes { .. } => {
                let changes = self.changes();
                let named = |c: &&Change| matches!(c.demand(), Demand::Name(_));
                // One name for all that belongs to it: that of the user, not the id of each key; and that of a
                // database, not the twenty characters of its security group.
                let owner = changes.iter().find_map(|c| c.owner());
                if let Some(owner) = owner
                    && changes.iter().filter(|c| named(c)).all(|c| c.is_named_by(&owner))
                    && (changes.len() > 1 || changes.iter().all(|c| c.is_known_by_owner()))
                {
                    return vec![owner];
                }
                let mut names = Vec::new();
                for change in changes {
                    if let Demand::Name(name) = change.demand()
                        && !names.contains(&name)
                    {
                        names.push(name);
                    }
                }
                names
            }
            Asked::Alias(alias) => vec![alias.clone()],
            Asked::Abort | Asked::Undo => Vec::new(),
        }
    }

    /// The next name to be typed; `None` if a key is enough.
    #[must_use]
    pub fn wanted(&self) -> Option<Untrusted> {
        self.names().into_iter().nth(self.typed.len())
    }

    /// Whether names must be typed at all.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        !self.names().is_empty()
    }
}
