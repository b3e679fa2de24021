//! Many more things, all alike and without weather, for figures at 2,000 and 20,000 alarms.

use super::values;
use crate::practice::prng::Prng;
use crate::practice::world::alarm::{Absent, Alarm, Comparison, State, Watch};
use crate::practice::world::queue::{Made, Queue, largest};
use crate::practice::world::secret::{Secret, Version, uuid};
use crate::practice::world::signal::{Climate, SeriesKey, Signal};
use crate::practice::world::{DAY, World, arn};
use std::collections::{BTreeMap, VecDeque};

/// Adds `n` alarms, a tenth as many queues (every second one is a dead-letter queue of the one before it)
/// and a twentieth as many secrets.
pub(super) fn add(world: &mut World, n: usize) {
    for i in 0..n {
        alarm(world, i);
    }
    for i in 0..n / 20 {
        let (source, dead) = (format!("scale-queue-{i:05}"), format!("scale-queue-{i:05}-dlq"));
        queue(world, source, Some((dead.clone(), 3)));
        queue(world, dead, None);
    }
    for i in 0..n / 20 {
        secret(world, i);
    }
}

fn alarm(world: &mut World, i: usize) {
    let name = format!("scale-alarm-{i:06}");
    let key = SeriesKey {
        namespace: "AWS/Lambda".into(),
        name: "Errors".into(),
        dims: vec![("FunctionName".into(), format!("scale-function-{i:06}"))],
    };
    let created = world.start - 100 * DAY;
    world.signals.push(Signal {
        number: key.number(),
        usual: (1.0, 6.0),
        spell: (14.0, 30.0),
        period: 300,
        counts: true,
        goes_silent: false,
        climate: Climate::Calm,
        spells: Vec::new(),
        beside: Vec::new(),
        rng: Prng::of(world.seed, &name),
        key: key.clone(),
    });
    world.alarms.push(Alarm {
        name,
        description: None,
        watch: Watch::Metric { key, stat: "Sum".into() },
        period: 300,
        periods: 1,
        datapoints: None,
        op: Comparison::AtLeast,
        threshold: 10.0,
        missing: Absent::NotBreaching,
        actions_enabled: true,
        alarm_actions: vec![arn("sns", "ops-pager")],
        ok_actions: Vec::new(),
        evaluation: None,
        tags: Vec::new(),
        created,
        state: State::Ok,
        since: created + 300,
        turns: Vec::new(),
        awake_until: 0,
        next: None,
    });
}

fn queue(world: &mut World, name: String, redrive: Option<(String, u32)>) {
    world.queues.push(Queue {
        created: world.start - 100 * DAY,
        retention: 4 * DAY,
        visibility: 30,
        flow: if redrive.is_some() { 10 } else { 0 },
        redrive,
        allow: None,
        encryption: "sqs".into(),
        tags: Vec::new(),
        stay: 60,
        bursts: None,
        redrives: None,
        tasks: Vec::new(),
        foreseen: VecDeque::new(),
        batches: VecDeque::new(),
        trace: Vec::new(),
        told: Vec::new(),
        largest: largest(),
        touched: BTreeMap::new(),
        own: BTreeMap::new(),
        seen: BTreeMap::new(),
        purged: None,
        made: Made::default(),
        next_id: 0,
        rng: Prng::of(world.seed, &name),
        name,
    });
}

fn secret(world: &mut World, i: usize) {
    let name = format!("scale/secret-{i:05}");
    let mut rng = Prng::of(world.seed, &name);
    let created = world.start - rng.between(1, 89) * DAY;
    let text = values::text(world, &values::template(&name, &[]), "");
    world.secrets.push(Secret {
        suffix: "ScAlE0".into(),
        description: None,
        created,
        changed: created,
        rotated: None,
        accessed: None,
        next_rotation: None,
        deleted: None,
        rotation_days: None,
        rotation_fails: false,
        kms: None,
        owner: None,
        primary: None,
        tags: Vec::new(),
        template: values::template(&name, &[]),
        generation: 0,
        binary: false,
        denies: Vec::new(),
        gone: false,
        comes_and_goes: None,
        versions: vec![Version {
            stages: vec!["AWSCURRENT".into()],
            bare_since: None,
            ..Version::bare(uuid(&mut rng), created, text)
        }],
        rng,
        name,
    });
}
