//! Where one can be in the console, and the way back. Places hold identities of things, never positions.

use crate::estate::{Arn, QueueUrl, RunId};
use crate::runbook::incident::IncidentId;
use crate::runbook::suspect::Suspect;

/// A screen, with the thing it is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Screen {
    /// What needs me, and the whole.
    Overview,
    /// The list of alarms.
    Alarms,
    /// The list of queues.
    Queues,
    /// The list of web ACLs.
    Waf,
    /// The list of secrets.
    Secrets,
    /// One alarm.
    Alarm(Arn),
    /// One queue.
    Queue(QueueUrl),
    /// One web ACL.
    Acl(Arn),
    /// One secret.
    Secret(Arn),
    /// The list of runs, and of the runbooks that can be started.
    Runs,
    /// One runbook, by its name.
    Runbook(String),
    /// What the run that was asked for would do.
    Plan,
    /// One run.
    Run(RunId),
    /// One incident.
    Incident(IncidentId),
    /// What contains a thing that may be in wrong hands.
    Contain(Suspect),
    /// How old and complete each source is.
    Freshness,
}

/// A tab of the console: a screen that has a digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tab {
    /// The overview.
    Overview,
    /// Alarms.
    Alarms,
    /// Queues.
    Queues,
    /// WAF.
    Waf,
    /// Secrets.
    Secrets,
    /// Runs.
    Runs,
}

impl Tab {
    /// All tabs in their order.
    pub const ALL: [Tab; 6] = [Tab::Overview, Tab::Alarms, Tab::Queues, Tab::Waf, Tab::Secrets, Tab::Runs];

    /// Its screen.
    #[must_use]
    pub fn screen(self) -> Screen {
        match self {
            Tab::Overview => Screen::Overview,
            Tab::Alarms => Screen::Alarms,
            Tab::Queues => Screen::Queues,
            Tab::Waf => Screen::Waf,
            Tab::Secrets => Screen::Secrets,
            Tab::Runs => Screen::Runs,
        }
    }

    /// Its name on screen.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Tab::Overview => "Overview",
            Tab::Alarms => "Alarms",
            Tab::Queues => "Queues",
            Tab::Waf => "WAF",
            Tab::Secrets => "Secrets",
            Tab::Runs => "Runs",
        }
    }
}

impl Screen {
    /// The tab it belongs to.
    #[must_use]
    pub fn tab(&self) -> Tab {
        match self {
            Screen::Overview | Screen::Freshness => Tab::Overview,
            Screen::Alarms | Screen::Alarm(_) => Tab::Alarms,
            Screen::Queues | Screen::Queue(_) => Tab::Queues,
            Screen::Waf | Screen::Acl(_) => Tab::Waf,
            Screen::Secrets | Screen::Secret(_) => Tab::Secrets,
            Screen::Runs
            | Screen::Runbook(_)
            | Screen::Plan
            | Screen::Run(_)
            | Screen::Incident(_)
            | Screen::Contain(_) => Tab::Runs,
        }
    }

    /// Whether it shows one thing rather than a list.
    #[must_use]
    pub fn is_detail(&self) -> bool {
        match self {
            Screen::Overview
            | Screen::Alarms
            | Screen::Queues
            | Screen::Waf
            | Screen::Secrets
            | Screen::Runs => false,
            Screen::Alarm(_)
            | Screen::Queue(_)
            | Screen::Acl(_)
            | Screen::Secret(_)
            | Screen::Runbook(_)
            | Screen::Plan
            | Screen::Run(_)
            | Screen::Incident(_)
            | Screen::Contain(_)
            | Screen::Freshness => true,
        }
    }
}

/// How many screens are remembered in each direction.
const REMEMBERED: usize = 64;

/// Where one is, and where one came from.
#[derive(Clone, Debug)]
pub struct Trail {
    here: Screen,
    past: Vec<Screen>,
    ahead: Vec<Screen>,
}

impl Default for Trail {
    fn default() -> Self {
        Self { here: Screen::Overview, past: Vec::new(), ahead: Vec::new() }
    }
}

impl Trail {
    /// Where one is.
    #[must_use]
    pub fn here(&self) -> &Screen {
        &self.here
    }

    /// Where one was before.
    #[must_use]
    pub fn before(&self) -> Option<&Screen> {
        self.past.last()
    }

    /// Goes somewhere new; what was ahead is forgotten. Returns whether it is another screen.
    pub fn go(&mut self, screen: Screen) -> bool {
        if screen == self.here {
            return false;
        }
        self.past.push(std::mem::replace(&mut self.here, screen));
        if self.past.len() > REMEMBERED {
            self.past.remove(0);
        }
        self.ahead.clear();
        true
    }

    /// Goes back, if there is a past.
    pub fn back(&mut self) -> bool {
        let Some(screen) = self.past.pop() else { return false };
        self.ahead.push(std::mem::replace(&mut self.here, screen));
        true
    }

    /// Goes forward again after going back.
    pub fn forward(&mut self) -> bool {
        let Some(screen) = self.ahead.pop() else { return false };
        self.past.push(std::mem::replace(&mut self.here, screen));
        true
    }

    /// Leaves a detail for its list, and a list for the overview, whatever the history.
    pub fn up(&mut self) -> bool {
        let up = if self.here.is_detail() { self.here.tab().screen() } else { Screen::Overview };
        // A step up to where one came from undoes it, so that history does not grow by going in and out.
        if self.past.last() == Some(&up) { self.back() } else { self.go(up) }
    }

    /// Whether there is somewhere to go back to.
    #[must_use]
    pub fn has_past(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is somewhere to go forward to.
    #[must_use]
    pub fn has_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Screen, Trail};

    #[test]
    fn back_forward_and_up() {
        let mut trail = Trail::default();
        assert!(!trail.back());
        assert!(trail.go(Screen::Alarms));
        assert!(!trail.go(Screen::Alarms));
        assert!(trail.go(Screen::Freshness));
        assert!(trail.back() && *trail.here() == Screen::Alarms);
        assert!(trail.forward() && *trail.here() == Screen::Freshness);
        assert!(trail.up() && *trail.here() == Screen::Overview);
        assert!(!trail.up());
    }

    #[test]
    fn going_in_and_out_does_not_grow_the_past() {
        let mut trail = Trail::default();
        for _ in 0..100 {
            trail.go(Screen::Queues);
            trail.up();
        }
        assert!(!trail.has_past());
        for _ in 0..100 {
            trail.go(Screen::Queues);
            trail.go(Screen::Secrets);
        }
        assert!(trail.past.len() <= super::REMEMBERED);
    }
}
