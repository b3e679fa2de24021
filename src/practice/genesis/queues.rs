//! The first rows of queues. How dead letters come and go afterwards is weather's.

use super::{First, Maker, with};
use crate::practice::seed::{self, QueueSeed};
use crate::practice::world::queue::{Bursts, Made, Queue, Redrives, Task};
use crate::practice::world::{DAY, Due, PAST, Second};
use std::collections::{BTreeMap, VecDeque};

impl Maker<'_> {
    pub(super) fn queue(&mut self, q: &QueueSeed, word: &str, tags: &[(String, String)]) {
        let name = seed::fill(&q.name, word);
        let start = self.world.start;
        let mut rng = self.rng(&format!("queue {name}"));
        let mut foreseen: Vec<(Second, u64)> = q.holds.iter().map(|h| (start - h.ago_s, h.count)).collect();
        foreseen.sort_unstable();
        for (at, _) in &foreseen {
            self.first.push(First::Queue(name.clone(), *at, Due::Held));
        }
        if let Some(b) = &q.bursts {
            let begins = start - b.since_s.min(PAST) + rng.wait(b.every_s);
            self.first.push(First::Queue(name.clone(), begins, Due::Burst));
        }
        if let Some(r) = &q.redrive {
            self.first.push(First::Queue(name.clone(), start - r.ago_s, Due::Redrive));
        }
        let tasks = q.task.iter().map(|t| Task {
            status: t.status,
            started: start - t.ago_s,
            moved: t.moved,
            to_move: t.to_move,
            rate: t.rate,
            failure: t.failure.clone(),
            to: None,
            by_hand: false,
        });
        self.world.queues.push(Queue {
            created: start - rng.between(40, 900) * DAY,
            retention: q.retention_s,
            visibility: q.visibility_s,
            redrive: q.dlq.as_deref().map(|d| (seed::fill(d, word), q.max_receive)),
            allow: q.allow.clone(),
            encryption: q.encryption.clone(),
            tags: with(tags, &q.tags),
            flow: q.flow,
            stay: q.stay_s,
            bursts: q.bursts.as_ref().map(|b| Bursts {
                every: b.every_s,
                size: b.size,
                cleared: b.cleared_s,
            }),
            redrives: q.redrive.as_ref().map(|r| Redrives { rate: r.rate, every: r.every_s }),
            tasks: tasks.collect(),
            foreseen: foreseen.into(),
            batches: VecDeque::new(),
            trace: Vec::new(),
            told: q.letter.clone(),
            largest: q.largest,
            touched: BTreeMap::new(),
            own: BTreeMap::new(),
            seen: BTreeMap::new(),
            purged: None,
            made: Made::default(),
            next_id: 0,
            rng,
            name,
        });
    }
}
