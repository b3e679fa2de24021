//! The lists of the console: what each shows in which order, filtered how, and where its cursor is. The
//! order is made when the inventory or the filter has changed, not when a key moves the cursor.

use super::{Cursor, Screen, Tab, Typing};

/// Names a row of a list over refreshes. A system of the overview is a row of the overview itself, its part
/// the place at which the configuration describes it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Row {
    /// The thing.
    pub screen: Screen,
    /// Which of several rows about the same thing; 0 where there can be one only.
    pub part: u16,
}

/// A list.
#[derive(Clone, Debug)]
pub struct List {
    /// What is selected, and what is at the top.
    pub cursor: Cursor<Row>,
    /// The rows in their order.
    pub order: Vec<Row>,
    /// How many there are without the filter.
    pub total: usize,
    /// The filter.
    pub filter: Typing,
    /// What is wrong with the filter, where something is.
    pub complaint: Option<String>,
    /// Which of its sort orders.
    pub sort: usize,
    /// Whether the order is turned round.
    pub reverse: bool,
    /// Whether `order` must be made again before it is used.
    pub stale: bool,
}

impl Default for List {
    fn default() -> Self {
        Self {
            cursor: Cursor::default(),
            order: Vec::new(),
            total: 0,
            filter: Typing::default(),
            complaint: None,
            sort: 0,
            reverse: false,
            stale: true,
        }
    }
}

/// All lists, one for each tab.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// What needs me.
    pub overview: List,
    /// Alarms.
    pub alarms: List,
    /// Queues.
    pub queues: List,
    /// Web ACLs.
    pub waf: List,
    /// Secrets.
    pub secrets: List,
    /// Runs and runbooks.
    pub runs: List,
}

impl Row {
    /// The place of the system that it is about, if it is about one.
    #[must_use]
    pub fn system(&self) -> Option<usize> {
        (self.screen == Screen::Overview).then_some(usize::from(self.part))
    }
}

impl List {
    /// How many rows come before those of systems.
    #[must_use]
    pub fn things(&self) -> usize {
        self.order.partition_point(|row| row.system().is_none())
    }

    /// The place of the selected system, if one is selected.
    #[must_use]
    pub fn selected_system(&self) -> Option<usize> {
        self.order.get(self.cursor.index()).and_then(Row::system)
    }

    /// The index of the row at the top, for `page` rows of things on screen.
    #[must_use]
    pub fn offset(&self, page: usize) -> usize {
        let most = self.things().saturating_sub(page.max(1));
        let offset = self.cursor.offset(page);
        if self.selected_system().is_some() { offset.min(most) } else { offset }
    }
}

impl Lists {
    /// The list of a tab.
    #[must_use]
    pub fn of(&self, tab: Tab) -> &List {
        match tab {
            Tab::Overview => &self.overview,
            Tab::Alarms => &self.alarms,
            Tab::Queues => &self.queues,
            Tab::Waf => &self.waf,
            Tab::Secrets => &self.secrets,
            Tab::Runs => &self.runs,
        }
    }

    /// The list of a tab, to change.
    pub fn of_mut(&mut self, tab: Tab) -> &mut List {
        match tab {
            Tab::Overview => &mut self.overview,
            Tab::Alarms => &mut self.alarms,
            Tab::Queues => &mut self.queues,
            Tab::Waf => &mut self.waf,
            Tab::Secrets => &mut self.secrets,
            Tab::Runs => &mut self.runs,
        }
    }

    /// Notes that what the lists are made of has changed.
    pub fn spoil(&mut self) {
        for tab in Tab::ALL {
            self.of_mut(tab).stale = true;
        }
    }
}
