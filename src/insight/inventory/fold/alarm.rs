//! Alarms in the inventory: there may be 20,000, and nearly all of a poll say what is known.

use super::{Arc, Arrival, Inventory, Source};
use crate::estate::Alarm;
use crate::insight::source::About;

impl Inventory {
    pub(super) fn alarm_page(&mut self, source: &Source, here: Arrival, alarms: Vec<Arc<Alarm>>) -> bool {
        // An alarm that is read on its own says nothing about which others exist.
        let listing = !matches!(source, Source::Detail(About::OneAlarm(_)));
        if listing {
            self.alarms.listed_page();
        }
        let mut shows = false;
        for alarm in alarms {
            let known = match listing {
                true => self.alarms.touch(here.ticket, &alarm.arn),
                false => self.alarms.get_mut(&alarm.arn),
            };
            match known {
                // the port may give the very row again, which needs no comparison
                Some(row) if Arc::ptr_eq(row, &alarm) || **row == *alarm => continue,
                Some(row) => *row = alarm,
                None if listing => {
                    self.alarms.list(here.ticket, alarm.arn.clone(), |_| alarm);
                }
                None => self.alarms.put(alarm.arn.clone(), alarm),
            }
            shows = true;
        }
        shows
    }
}
