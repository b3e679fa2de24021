//! Alarms in the inventory: there may be 20,000, so what many of them share is held once.

use super::{Arc, Arrival, Inventory, Source};
use crate::estate::alarm::Subject;
use crate::estate::metric::MetricSource;
use crate::estate::{Alarm, AlarmState, Arn, MetricQuery, Untrusted};
use crate::insight::source::About;
use std::collections::HashSet;
use std::hash::Hash;

/// More different words than this are not common ones.
const MOST_COMMON: usize = 4096;

impl Inventory {
    pub(super) fn alarm_page(&mut self, source: &Source, here: Arrival, alarms: Vec<Alarm>) -> bool {
        // An alarm that is read on its own says nothing about which others exist.
        let listing = !matches!(source, Source::Detail(About::OneAlarm(_)));
        if listing {
            self.alarms.listed_page();
        }
        let mut shows = false;
        for mut alarm in alarms {
            // The data points behind a state are looked at where it is a bad one; they are half of an
            // alarm's size.
            if alarm.state == AlarmState::Ok {
                alarm.reason_data = None;
            }
            let known = match listing {
                true => self.alarms.touch(here.ticket, &alarm.arn),
                false => self.alarms.get_mut(&alarm.arn),
            };
            if let Some(row) = known {
                if **row == alarm {
                    continue;
                }
                share(&mut self.common, &mut alarm);
                *row = Arc::new(alarm);
            } else {
                share(&mut self.common, &mut alarm);
                let (arn, alarm) = (alarm.arn.clone(), Arc::new(alarm));
                if listing {
                    self.alarms.list(here.ticket, arn, |_| alarm);
                } else {
                    self.alarms.put(arn, alarm);
                }
            }
            shows = true;
        }
        shows
    }
}

/// One copy of each word and of each action's target that several alarms have.
#[derive(Clone, Debug, Default)]
pub(in crate::insight::inventory) struct Common {
    words: HashSet<Untrusted>,
    targets: HashSet<Arn>,
}

fn one<T: Clone + Eq + Hash>(known: &mut HashSet<T>, text: &mut T) {
    match known.get(text) {
        Some(copy) => *text = copy.clone(),
        None if known.len() < MOST_COMMON => {
            known.insert(text.clone());
        }
        None => {}
    }
}

/// Replaces words that most alarms have in common by one copy of each.
fn share(common: &mut Common, alarm: &mut Alarm) {
    let words = &mut common.words;
    for text in [&mut alarm.evaluation, &mut alarm.comparison, &mut alarm.treat_missing].into_iter().flatten()
    {
        one(words, text);
    }
    let mut query = |query: &mut MetricQuery| {
        one(words, &mut query.id);
        match &mut query.source {
            MetricSource::Stat { metric, stat, unit, .. } => {
                one(words, &mut metric.namespace);
                one(words, &mut metric.name);
                metric.dimensions.iter_mut().for_each(|(name, _)| one(words, name));
                metric.dimensions.shrink_to_fit();
                one(words, stat);
                if let Some(unit) = unit {
                    one(words, unit);
                }
            }
            MetricSource::Expression { .. } => {}
        }
    };
    match &mut alarm.subject {
        Subject::Metric(q) => query(q),
        Subject::Expression(all) => all.iter_mut().for_each(query),
        Subject::Rule(_) | Subject::Other(_) => {}
    }
    for targets in [&mut alarm.alarm_actions, &mut alarm.ok_actions, &mut alarm.insufficient_data_actions] {
        for target in targets.iter_mut() {
            one(&mut common.targets, target);
        }
        targets.shrink_to_fit();
    }
}
