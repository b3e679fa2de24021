//! The first rows of alarms, of the metrics they watch, and of mute rules. What states they come into is
//! for their evaluation to say.

use super::levels::{self, Levels};
use super::{First, Maker, topic, with};
use crate::practice::seed::{self, AlarmSeed, MuteSeed};
use crate::practice::world::alarm::{Alarm, Mute, Schedule, State, Watch};
use crate::practice::world::signal::{Climate, SeriesKey, Signal};
use crate::practice::world::{DAY, PAST};

impl Maker<'_> {
    pub(super) fn alarm(&mut self, a: &AlarmSeed, word: &str, tags: &[(String, String)]) {
        let name = seed::fill(&a.name, word);
        let mut rng = self.rng(&format!("alarm {name}"));
        let dims: Vec<(String, String)> =
            a.dims.iter().map(|(n, v)| (n.clone(), seed::fill(v, word))).collect();
        let key = |metric: &str| {
            let text = seed::fill(metric, word);
            let (namespace, name) = text.split_once(' ').unwrap_or(("Custom", &text));
            SeriesKey { namespace: namespace.to_owned(), name: name.to_owned(), dims: dims.clone() }
        };
        let watch = if let Some(rule) = &a.rule {
            Watch::Rule(seed::fill(rule, word))
        } else if let Some(query) = &a.query {
            let key = SeriesKey { namespace: "Logs".into(), name: name.clone(), dims: Vec::new() };
            self.signal(a, key.clone(), levels::of(a));
            Watch::Log { key, query: query.clone() }
        } else if let Some(query) = &a.select {
            let keys: Vec<SeriesKey> = a.series.iter().map(|value| group(a, value)).collect();
            for (n, key) in keys.iter().enumerate() {
                // what is wrong at the beginning is wrong with the first of them
                let seed = AlarmSeed { now: a.now.clone().filter(|_| n == 0), ..a.clone() };
                self.signal(&seed, key.clone(), levels::of(a));
            }
            Watch::Select { keys, stat: a.stat.clone(), query: query.clone() }
        } else if let Some(expression) = &a.expression {
            let inputs: Vec<(String, SeriesKey)> =
                a.metrics.iter().map(|(id, m)| (id.clone(), key(m))).collect();
            for (n, (_, key)) in inputs.iter().enumerate() {
                self.signal(a, key.clone(), levels::of_share(a, n == 0));
            }
            Watch::Maths { inputs, stat: a.stat.clone(), expression: expression.clone() }
        } else {
            let key = key(a.metric.as_deref().unwrap_or("Custom Unnamed"));
            if key.queue().is_none() && key.acl().is_none() {
                self.signal(a, key.clone(), levels::of(a));
            }
            Watch::Metric { key, stat: a.stat.clone() }
        };
        let created = self.world.start - rng.between(40, 700) * DAY;
        self.world.alarms.push(Alarm {
            description: a.description.as_deref().map(|d| seed::fill(d, word)),
            watch,
            period: i64::from(if a.rule.is_some() { 60 } else { a.period_s }),
            periods: a.periods,
            datapoints: a.datapoints,
            op: a.op,
            threshold: a.threshold,
            missing: a.missing,
            actions_enabled: a.actions_enabled,
            alarm_actions: a.actions.iter().map(|t| topic(t)).collect(),
            ok_actions: a.ok_actions.iter().map(|t| topic(t)).collect(),
            evaluation: a.evaluation.clone(),
            tags: with(tags, &a.tags),
            created,
            state: State::Ok,
            since: created + rng.between(120, 3_600),
            turns: Vec::new(),
            awake_until: 0,
            next: None,
            name,
        });
    }

    fn signal(&mut self, a: &AlarmSeed, key: SeriesKey, levels: Levels) {
        if self.world.signals.iter().any(|s| s.key == key) {
            return; // two alarms on one series see the same weather
        }
        let start = self.world.start;
        let mut rng = self.rng(&format!("signal {key:?}"));
        let climate = match (&a.beat, a.every_s) {
            _ if !levels.weather => Climate::Calm,
            (Some(b), _) => Climate::Beat { of: b.of_s, on: b.on_s },
            (None, 0) => Climate::Calm,
            (None, every) => Climate::Rare { every, longest: a.spell_s },
        };
        match &climate {
            Climate::Calm => {}
            Climate::Rare { every, .. } => {
                let begins = start - PAST + DAY / 4 + rng.wait(*every);
                self.first.push(First::Signal(key.clone(), begins, false));
            }
            Climate::Beat { .. } => {
                // a rhythm has been on for six hours: more would be a long history of nothing new
                let begins =
                    start - start.rem_euclid(3_600) - DAY / 4 + a.beat.as_ref().map_or(0, |b| b.at_s);
                self.first.push(First::Signal(key.clone(), begins, false));
            }
        }
        let mut signal = Signal {
            number: key.number(),
            key,
            usual: levels.usual,
            spell: levels.spell,
            period: i64::from(a.period_s),
            counts: levels.counts,
            goes_silent: a.goes_silent,
            climate,
            spells: Vec::new(),
            beside: Vec::new(),
            rng,
        };
        let now = a.now.as_ref().filter(|_| levels.weather);
        if let Some(spell) =
            now.and_then(|n| signal.add(start - n.ago_s, start - n.ago_s + n.for_s, a.goes_silent))
        {
            self.first.push(First::Signal(signal.key.clone(), spell.from, true));
            self.first.push(First::Signal(signal.key.clone(), spell.to, true));
        }
        self.world.signals.push(signal);
    }

    pub(super) fn mute(&mut self, m: &MuteSeed) {
        let schedule = match m.hour {
            Some(hour) => Schedule::Daily(hour),
            None => {
                let at = self.world.start - m.ago_s.unwrap_or(0);
                Schedule::At(at - at.rem_euclid(60))
            }
        };
        self.world.mutes.push(Mute {
            name: m.name.clone(),
            targets: m.targets.clone(),
            schedule,
            minutes: m.minutes,
            timezone: m.timezone.clone(),
            description: m.description.clone(),
        });
    }
}

/// The series of one value of the dimension by which a query groups.
fn group(a: &AlarmSeed, value: &str) -> SeriesKey {
    let text = a.metric.as_deref().unwrap_or("Custom Unnamed");
    let (namespace, name) = text.split_once(' ').unwrap_or(("Custom", text));
    let dims = a.dims.iter().map(|(n, v)| (n.clone(), seed::fill(v, value))).collect();
    SeriesKey { namespace: namespace.to_owned(), name: name.to_owned(), dims }
}
