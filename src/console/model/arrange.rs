//! The rows of the lists in their order: filtered, and sorted by what the person chose. Made only when the
//! inventory, the minute or the filter has changed.

use super::lists::Row;
use super::{Model, Screen, Tab};
use crate::console::layout;
use crate::insight::list::{self, AclSort, AlarmSort, Filter, QueueSort, SecretSort};

const ALARMS: [AlarmSort; 4] = [AlarmSort::State, AlarmSort::Name, AlarmSort::Since, AlarmSort::System];
const QUEUES: [QueueSort; 5] =
    [QueueSort::Urgency, QueueSort::Name, QueueSort::Messages, QueueSort::Lost, QueueSort::System];
const ACLS: [AclSort; 4] = [AclSort::Rate, AclSort::Name, AclSort::Hour, AclSort::System];
const SECRETS: [SecretSort; 4] = [SecretSort::Urgency, SecretSort::Name, SecretSort::Age, SecretSort::System];

impl Model {
    /// How many sort orders a tab's list has: without systems, none by system.
    #[must_use]
    pub fn sorts(&self, tab: Tab) -> usize {
        let all = match tab {
            Tab::Overview => return 1,
            Tab::Alarms => ALARMS.len(),
            Tab::Queues => QUEUES.len(),
            Tab::Waf => ACLS.len(),
            Tab::Secrets => SECRETS.len(),
            Tab::Runs => return 1,
        };
        if self.setup.config.systems.is_empty() { all - 1 } else { all }
    }

    /// The sort order of a tab's list.
    #[must_use]
    pub fn sort_of(&self, tab: Tab) -> usize {
        self.lists.of(tab).sort % self.sorts(tab)
    }

    /// The rows of a tab's list in their order, how many there are without the filter, and what is wrong
    /// with the filter.
    #[must_use]
    pub fn arranged(&self, tab: Tab) -> (Vec<Row>, usize, Option<String>) {
        let filter = Filter::new(self.lists.of(tab).filter.text());
        let look = self.look();
        let turned = self.lists.of(tab).reverse;
        let sort = self.sort_of(tab);
        let inv = &self.inventory;
        let (rows, total): (Vec<Row>, usize) = match tab {
            Tab::Overview => self.needing_rows(&filter),
            Tab::Alarms => {
                let all = list::alarms(&look, &filter, ALARMS[sort], turned);
                (rows(all, Screen::Alarm), inv.alarms.len())
            }
            Tab::Queues => {
                let all = list::queues(&look, &filter, QUEUES[sort], turned);
                (rows(all, Screen::Queue), inv.queues.len())
            }
            Tab::Waf => {
                let all = list::acls(&look, &filter, ACLS[sort], turned);
                (rows(all, Screen::Acl), inv.regional_acls.len() + inv.cloudfront_acls.len())
            }
            Tab::Secrets => {
                let all = list::secrets(&look, &filter, SECRETS[sort], turned);
                (rows(all, Screen::Secret), inv.secrets.len())
            }
            Tab::Runs => self.run_rows(&filter),
        };
        (rows, total, filter.complaint())
    }

    fn needing_rows(&self, filter: &Filter) -> (Vec<Row>, usize) {
        let needs = &self.picture.needs;
        let rows = needs
            .iter()
            .filter(|n| filter.fits_texts(&[n.name.wire(), &n.reason, n.kind.word(), n.severity.word()]))
            .map(super::picture::row_of)
            .chain(self.system_rows(filter))
            .collect();
        (rows, needs.len())
    }

    /// The systems that can be selected: those that have a name, where the screen has room for them.
    fn system_rows(&self, filter: &Filter) -> Vec<Row> {
        if !layout::shows_systems(self) {
            return Vec::new();
        }
        let named = self.picture.systems.iter().enumerate().filter_map(|(i, s)| Some((i, s.name.as_ref()?)));
        named
            .filter(|(_, name)| filter.fits_texts(&[name]))
            .filter_map(|(i, _)| Some(Row { screen: Screen::Overview, part: u16::try_from(i).ok()? }))
            .collect()
    }
}

fn rows<K>(all: Vec<K>, screen: fn(K) -> Screen) -> Vec<Row> {
    all.into_iter().map(|key| Row { screen: screen(key), part: 0 }).collect()
}
