//! Words that many alarms have in common: there may be 20,000, so each of these is held once. It knows no answer.

use crate::estate::alarm::Subject;
use crate::estate::metric::MetricSource;
use crate::estate::{Alarm, Arn, MetricQuery, Untrusted};
use std::collections::HashSet;
use std::hash::Hash;

/// More different words than this are not common ones.
const MOST_COMMON: usize = 4096;

/// One copy of each word and of each action's target that several alarms have.
#[derive(Default)]
pub(super) struct Shared {
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

impl Shared {
    /// Replaces words that most alarms have in common by one copy of each.
    pub(super) fn share(&mut self, alarm: &mut Alarm) {
        let words = &mut self.words;
        for text in
            [&mut alarm.evaluation, &mut alarm.comparison, &mut alarm.treat_missing].into_iter().flatten()
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
        for targets in [&mut alarm.alarm_actions, &mut alarm.ok_actions, &mut alarm.insufficient_data_actions]
        {
            for target in targets.iter_mut() {
                one(&mut self.targets, target);
            }
            targets.shrink_to_fit();
        }
    }
}
