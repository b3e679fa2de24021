//! Runs the [`Schedule`] on the estate's clock: says which source is due, and when, to whoever folds the
//! answers. It asks AWS nothing itself.

use super::schedule::Schedule;
use crate::estate::{Clock, Loadable};
use crate::insight::Source;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc::UnboundedSender};

/// The longest sleep. The machine's timer stands still while a laptop is suspended; the wall clock does
/// not, so after waking up everything that is late is noticed within this time.
const LONGEST: Duration = Duration::from_secs(15);

/// A running poller. Cloning shares it; it ends when nobody listens any more.
#[derive(Clone)]
pub struct Poller {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    schedule: Mutex<Schedule>,
    changed: Notify,
}

impl Poller {
    /// Starts polling by `interval` (see [`Schedule::new`]). Needs a tokio runtime.
    pub fn start(
        clock: Arc<dyn Clock>,
        interval: impl Fn(&Source) -> Option<Duration> + Send + 'static,
        due: UnboundedSender<Source>,
    ) -> Self {
        let schedule = Mutex::new(Schedule::new(interval));
        let shared = Arc::new(Shared { clock, schedule, changed: Notify::new() });
        tokio::spawn(run(shared.clone(), due));
        Self { shared }
    }

    /// What is needed from now on, most important first.
    pub fn looking(&self, needed: Vec<Source>) {
        self.change(|s, now| s.looking(needed, now));
    }

    /// Notes how the newest walk of `source` ended.
    pub fn walked(&self, source: &Source, standing: &Loadable<()>) {
        self.change(|s, now| s.walked(source, standing, now));
    }

    /// Makes `source` due at once, because its questions have changed.
    pub fn anew(&self, source: &Source) {
        self.change(|s, now| s.anew(source, now));
    }

    /// Makes `source` due at once, because a person wants it.
    pub fn now(&self, source: &Source) {
        self.change(|s, now| s.now(source, now));
    }

    fn change(&self, f: impl FnOnce(&mut Schedule, crate::estate::Timestamp)) {
        let now = self.shared.clock.now();
        f(&mut self.shared.schedule.lock().unwrap_or_else(PoisonError::into_inner), now);
        self.shared.changed.notify_one();
    }
}

async fn run(shared: Arc<Shared>, due: UnboundedSender<Source>) {
    loop {
        let now = shared.clock.now();
        let (ready, next) = {
            let mut schedule = shared.schedule.lock().unwrap_or_else(PoisonError::into_inner);
            (schedule.take_due(now), schedule.next_due())
        };
        for source in ready {
            if due.send(source).is_err() {
                return;
            }
        }
        match next {
            Some(next) => {
                let wait = Duration::try_from(next.duration_since(now)).unwrap_or(Duration::ZERO);
                tokio::select! {
                    () = shared.clock.sleep(wait.min(LONGEST)) => {}
                    () = shared.changed.notified() => {}
                    () = due.closed() => return,
                }
            }
            None => tokio::select! {
                () = shared.changed.notified() => {}
                () = due.closed() => return,
            },
        }
    }
}
