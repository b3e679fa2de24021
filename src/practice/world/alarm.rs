//! An alarm, how it is evaluated, and what its states were. Sources: CloudWatch user guide, "Alarm
//! evaluation" (M out of N, missing data); CloudWatch API reference, `MetricAlarm`, `CompositeAlarm`.

use crate::practice::metric;
use crate::practice::prng::word;
use crate::practice::world::rule::Rule;
use crate::practice::world::signal::SeriesKey;
use crate::practice::world::{DAY, Due, Second, World, arn};
use serde::{Deserialize, Serialize};

/// The state of an alarm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum State {
    Ok,
    Alarm,
    Insufficient,
}

impl State {
    /// As AWS writes it.
    pub(in crate::practice) fn word(self) -> &'static str {
        match self {
            State::Ok => "OK",
            State::Alarm => "ALARM",
            State::Insufficient => "INSUFFICIENT_DATA",
        }
    }
}

/// How a value is compared with the threshold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum Comparison {
    #[serde(rename = ">")]
    Above,
    #[serde(rename = ">=")]
    AtLeast,
    #[serde(rename = "<")]
    Below,
    #[serde(rename = "<=")]
    AtMost,
}

impl Comparison {
    /// Whether it is the great values that breach.
    pub(in crate::practice) fn upwards(self) -> bool {
        matches!(self, Comparison::Above | Comparison::AtLeast)
    }
}

/// What a missing data point counts as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::practice) enum Absent {
    Missing,
    Ignore,
    Breaching,
    NotBreaching,
}

impl Absent {
    /// As AWS writes it.
    pub(in crate::practice) fn word(self) -> &'static str {
        match self {
            Absent::Missing => "missing",
            Absent::Ignore => "ignore",
            Absent::Breaching => "breaching",
            Absent::NotBreaching => "notBreaching",
        }
    }
}

/// What an alarm looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum Watch {
    /// A statistic of a metric.
    Metric { key: SeriesKey, stat: String },
    /// Metric maths over some.
    Maths { inputs: Vec<(String, SeriesKey)>, stat: String, expression: String },
    /// A query of Metrics Insights, which makes a series for each value of a dimension. Each is judged by itself.
    Select { keys: Vec<SeriesKey>, stat: String, query: String },
    /// A rule over alarms.
    Rule(String),
    /// A log query, whose count is in a series of its own.
    Log { key: SeriesKey, query: String },
}

/// Data points, newest first, as the reason of a state names them.
pub(in crate::practice) type Points = Vec<(Second, Option<f64>)>;

/// Why a state was entered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum Why {
    /// Before the world's memory.
    Before,
    /// These data points.
    Data(Points),
    /// Another alarm changed.
    Child(String, State),
}

/// A change of state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Turn {
    pub(in crate::practice) at: Second,
    pub(in crate::practice) from: State,
    pub(in crate::practice) to: State,
    pub(in crate::practice) why: Why,
    /// Whether its actions were carried out: they were on and not muted.
    pub(in crate::practice) acted: bool,
}

/// An alarm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Alarm {
    pub(in crate::practice) name: String,
    pub(in crate::practice) description: Option<String>,
    pub(in crate::practice) watch: Watch,
    pub(in crate::practice) period: i64,
    pub(in crate::practice) periods: u32,
    pub(in crate::practice) datapoints: Option<u32>,
    pub(in crate::practice) op: Comparison,
    pub(in crate::practice) threshold: f64,
    pub(in crate::practice) missing: Absent,
    pub(in crate::practice) actions_enabled: bool,
    pub(in crate::practice) alarm_actions: Vec<String>,
    pub(in crate::practice) ok_actions: Vec<String>,
    pub(in crate::practice) evaluation: Option<String>,
    pub(in crate::practice) tags: Vec<(String, String)>,
    pub(in crate::practice) created: Second,
    pub(in crate::practice) state: State,
    pub(in crate::practice) since: Second,
    /// The states of the last 30 days, oldest first.
    pub(in crate::practice) turns: Vec<Turn>,
    /// It need not be looked at before something it watches changes after this.
    pub(in crate::practice) awake_until: Second,
    pub(in crate::practice) next: Option<Second>,
}

/// At most so many changes of state are remembered for an alarm.
const MEMORY: usize = 2_000;

impl Alarm {
    pub(in crate::practice) fn arn(&self) -> String {
        arn("cloudwatch", &format!("alarm:{}", self.name))
    }

    /// The series that it looks at.
    pub(in crate::practice) fn watches(&self) -> Vec<SeriesKey> {
        match &self.watch {
            Watch::Metric { key, .. } | Watch::Log { key, .. } => vec![key.clone()],
            Watch::Maths { inputs, .. } => inputs.iter().map(|(_, k)| k.clone()).collect(),
            Watch::Select { keys, .. } => keys.clone(),
            Watch::Rule(_) => Vec::new(),
        }
    }

    /// The alarms that it looks at.
    pub(in crate::practice) fn children(&self) -> Vec<String> {
        match &self.watch {
            Watch::Rule(text) => Rule::parse(text).map(|r| r.names()).unwrap_or_default(),
            Watch::Metric { .. } | Watch::Maths { .. } | Watch::Select { .. } | Watch::Log { .. } => {
                Vec::new()
            }
        }
    }

    /// Whether `value` is on the wrong side of the threshold.
    pub(in crate::practice) fn breaches(&self, value: f64) -> bool {
        match self.op {
            Comparison::Above => value > self.threshold,
            Comparison::AtLeast => value >= self.threshold,
            Comparison::Below => value < self.threshold,
            Comparison::AtMost => value <= self.threshold,
        }
    }

    /// How many of the last `periods` data points decide.
    pub(in crate::practice) fn needed(&self) -> u32 {
        self.datapoints.unwrap_or(self.periods)
    }

    /// The first time after `at` at which it is evaluated: a period is over, and its data had some seconds
    /// to come in.
    fn next_after(&self, at: Second) -> Second {
        let late = 4 + (word(&self.name) % 20).cast_signed();
        let over = (at - late).div_euclid(self.period) * self.period + self.period;
        over + late
    }

    fn judge(&self, points: &Points) -> State {
        let breaching = |p: &Option<f64>| match (p, self.missing) {
            (Some(v), _) => Some(self.breaches(*v)),
            (None, Absent::Breaching) => Some(true),
            (None, Absent::NotBreaching) => Some(false),
            (None, Absent::Missing | Absent::Ignore) => None,
        };
        let judged: Vec<bool> = points.iter().filter_map(|(_, p)| breaching(p)).collect();
        if judged.is_empty() {
            return if self.missing == Absent::Ignore { self.state } else { State::Insufficient };
        }
        let bad = judged.iter().filter(|b| **b).count();
        // with data missing, fewer points decide, but never none
        let needed = (self.needed() as usize).min(judged.len()).max(1);
        if bad >= needed { State::Alarm } else { State::Ok }
    }
}

/// Sees that alarm `a` is evaluated from `from` on, until what changed up to `until` can no longer matter.
pub(in crate::practice) fn wake(world: &mut World, a: usize, from: Second, until: Second) {
    let Some(alarm) = world.alarms.get_mut(a) else { return };
    alarm.awake_until = alarm.awake_until.max(until + alarm.period * i64::from(alarm.periods + 2));
    let first = alarm.next_after(from.max(world.now));
    if alarm.next.is_none_or(|n| n > first) {
        alarm.next = Some(first);
        world.plan(first, Due::Evaluate(a));
    }
}

/// Evaluates alarm `a`, if it is its turn.
pub(in crate::practice) fn evaluate(world: &mut World, a: usize, at: Second) {
    let Some(alarm) = world.alarms.get(a).filter(|x| x.next == Some(at)) else { return };
    let (state, why) = match &alarm.watch {
        Watch::Rule(text) => {
            let state = |name: &str| world.alarm(name).and_then(|i| world.alarms.get(i)).map(|x| x.state);
            let holds = Rule::parse(text).is_some_and(|r| r.holds(&state));
            (if holds { State::Alarm } else { State::Ok }, newest_child(world, alarm))
        }
        // CloudWatch looks further back than the periods that decide, and so stays with what it knew
        _ if alarm.watches().iter().any(|key| metric::is_late(world, key)) => (alarm.state, Why::Before),
        Watch::Select { .. } => judge_each(world, alarm, at),
        Watch::Metric { .. } | Watch::Maths { .. } | Watch::Log { .. } => {
            let points = recent(world, alarm, &alarm.watch, at);
            (alarm.judge(&points), Why::Data(points))
        }
    };
    let (old, awake) = (alarm.state, alarm.awake_until);
    let next = (at < awake).then(|| alarm.next_after(at));
    let acted = alarm.actions_enabled && !muted(world, &alarm.name, at);
    if let Some(alarm) = world.alarms.get_mut(a) {
        alarm.next = next;
        if state != old {
            alarm.state = state;
            alarm.since = at;
            alarm.turns.push(Turn { at, from: old, to: state, why, acted });
            let forgotten = alarm.turns.partition_point(|t| t.at < at - 30 * DAY);
            let excess = alarm.turns.len().saturating_sub(MEMORY).max(forgotten);
            if excess > 64 {
                alarm.turns.drain(..excess);
            }
        }
    }
    if let Some(next) = next {
        world.plan(next, Due::Evaluate(a));
    }
    if state != old {
        for parent in world.index.of_alarm.get(&a).cloned().unwrap_or_default() {
            if let Some(p) = world.alarms.get_mut(parent) {
                p.next = Some(at + 1);
                world.plan(at + 1, Due::Evaluate(parent));
            }
        }
    }
}

/// The data points that decide at `at`, newest first.
fn recent(world: &World, alarm: &Alarm, watch: &Watch, at: Second) -> Points {
    let end = at.div_euclid(alarm.period) * alarm.period;
    (1..=i64::from(alarm.periods.max(1)))
        .map(|n| {
            let start = end - n * alarm.period;
            (start, metric::of_watch(world, watch, alarm.period, start))
        })
        .collect()
}

/// The series of an alarm over several, each as an alarm's own.
fn each(alarm: &Alarm) -> impl Iterator<Item = (&SeriesKey, Watch)> {
    let (keys, stat) = match &alarm.watch {
        Watch::Select { keys, stat, .. } => (keys.as_slice(), stat.as_str()),
        Watch::Metric { .. } | Watch::Maths { .. } | Watch::Log { .. } | Watch::Rule(_) => (&[][..], ""),
    };
    keys.iter().map(move |key| (key, Watch::Metric { key: key.clone(), stat: stat.to_owned() }))
}

/// An alarm over several series is in the worst state of any; the data are of the first series in it.
fn judge_each(world: &World, alarm: &Alarm, at: Second) -> (State, Why) {
    let judged: Vec<(State, Points)> = each(alarm)
        .map(|(_, watch)| recent(world, alarm, &watch, at))
        .map(|points| (alarm.judge(&points), points))
        .collect();
    let worst = [State::Alarm, State::Ok, State::Insufficient];
    let first = worst.iter().find_map(|s| judged.iter().find(|(state, _)| state == s));
    first.map_or((State::Insufficient, Why::Before), |(s, points)| (*s, Why::Data(points.clone())))
}

/// A series that keeps an alarm over several in ALARM.
pub(in crate::practice) struct Contributor<'a> {
    pub(in crate::practice) key: &'a SeriesKey,
    pub(in crate::practice) since: Second,
    pub(in crate::practice) points: Points,
}

/// How many periods back the beginning of a breach is looked for.
const LOOK_BACK: i64 = 500;

/// The series that breach, as the alarm was last evaluated.
pub(in crate::practice) fn contributors<'a>(world: &World, alarm: &'a Alarm) -> Vec<Contributor<'a>> {
    let last = alarm.next_after(world.now) - alarm.period;
    let breaching =
        |watch: &Watch, at| Some(recent(world, alarm, watch, at)).filter(|p| alarm.judge(p) == State::Alarm);
    each(alarm)
        .filter_map(|(key, watch)| {
            let points = breaching(&watch, last)?;
            let before = (1..LOOK_BACK).take_while(|n| breaching(&watch, last - n * alarm.period).is_some());
            let since = last - before.last().unwrap_or(0) * alarm.period;
            Some(Contributor { key, since, points })
        })
        .collect()
}

fn newest_child(world: &World, alarm: &Alarm) -> Why {
    let children = alarm.children();
    let turned = children.iter().filter_map(|c| world.alarms.get(world.alarm(c)?)).max_by_key(|c| c.since);
    turned.map_or(Why::Before, |c| Why::Child(c.name.clone(), c.state))
}

/// When a mute rule is active.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum Schedule {
    /// Once, from this second on.
    At(Second),
    /// Every day at this hour.
    Daily(u8),
}

/// A mute rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Mute {
    pub(in crate::practice) name: String,
    pub(in crate::practice) targets: Vec<String>,
    pub(in crate::practice) schedule: Schedule,
    pub(in crate::practice) minutes: i64,
    pub(in crate::practice) timezone: Option<String>,
    pub(in crate::practice) description: Option<String>,
}

impl Mute {
    /// Whether it mutes at `at`.
    pub(in crate::practice) fn active(&self, at: Second) -> bool {
        let from = match self.schedule {
            Schedule::At(from) => from,
            Schedule::Daily(hour) => {
                let begins = i64::from(hour) * 3_600;
                at - (at - begins).rem_euclid(DAY)
            }
        };
        (from..from + self.minutes * 60).contains(&at)
    }

    /// Whether it will never mute again.
    pub(in crate::practice) fn expired(&self, at: Second) -> bool {
        match self.schedule {
            Schedule::At(from) => at >= from + self.minutes * 60,
            Schedule::Daily(_) => false,
        }
    }
}

fn muted(world: &World, alarm: &str, at: Second) -> bool {
    world.mutes.iter().any(|m| m.active(at) && m.targets.iter().any(|t| t == alarm))
}
