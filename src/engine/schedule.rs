//! When each source is due: pure, told the time. Intervals with jitter, back-off after failures, nothing for
//! what nobody needs, and all at once when credentials or the network come back.

use crate::estate::time::SignedDuration;
use crate::estate::{FaultKind, Loadable, Timestamp};
use crate::insight::{Broad, Source};
use std::collections::HashMap;
use std::time::Duration;

/// How soon the credentials are tried again while they are the trouble.
const RETRY_CREDENTIALS: Duration = Duration::from_secs(10);
/// The first wait after an endpoint could not be reached; it doubles up to [`RETRY_MOST`].
const RETRY_FIRST: Duration = Duration::from_secs(2);
/// The longest wait for an endpoint that cannot be reached: a network that came back is noticed soon.
const RETRY_MOST: Duration = Duration::from_secs(30);
/// A throttled source is walked at most this many times more seldom.
const SLOWEST: u32 = 8;

/// How often a source is walked; `None`: only when it is first needed and when asked for.
type IntervalOf = Box<dyn Fn(&Source) -> Option<Duration> + Send>;

/// A selection that moves on within this time was passed over: the second detail that is needed so soon after
/// another waits as long, so that holding down a key asks for the first and the last of the rows, no more.
const RESTING: Duration = Duration::from_millis(250);

/// The schedule of all sources that are needed.
pub struct Schedule {
    interval: IntervalOf,
    needed: Vec<Source>,
    states: HashMap<Source, State>,
    held: Hold,
    /// When a detail was last needed that was not before.
    moved: Timestamp,
    dice: u64,
}

/// Whether everything waits for credentials.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hold {
    /// Nothing waits.
    No,
    /// Only the identity is tried, until it works.
    UntilIdentity,
    /// A person declined to give what is needed; nothing is tried until someone asks for it.
    UntilAsked,
}

#[derive(Clone, Copy, Debug)]
struct State {
    /// `None`: not by itself.
    due: Option<Timestamp>,
    walking: bool,
    failures: u32,
    throttled: u32,
}

impl Schedule {
    /// A schedule by `interval`; a source without one is walked once when it is first needed, then only
    /// when asked for.
    pub fn new(interval: impl Fn(&Source) -> Option<Duration> + Send + 'static) -> Self {
        Self {
            interval: Box::new(interval),
            needed: Vec::new(),
            states: HashMap::new(),
            held: Hold::No,
            moved: Timestamp::MIN,
            dice: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// What is needed from now on, most important first. A source that was not needed before and is older
    /// than its interval is due at once.
    pub fn looking(&mut self, needed: Vec<Source>, now: Timestamp) {
        let resting = SignedDuration::try_from(RESTING).unwrap_or(SignedDuration::ZERO);
        let detail = if now.duration_since(self.moved) < resting { after(now, RESTING) } else { now };
        for source in &needed {
            let due = if source.is_broad() { now } else { detail };
            if !self.states.contains_key(source) {
                self.states.insert(
                    source.clone(),
                    State { due: Some(due), walking: false, failures: 0, throttled: 0 },
                );
                self.moved = if source.is_broad() { self.moved } else { now };
            }
        }
        self.states.retain(|source, state| source.is_broad() || state.walking || needed.contains(source));
        self.needed = needed;
    }

    /// Makes `source` due at once because a person wants it, whatever stood against it.
    pub fn now(&mut self, source: &Source, now: Timestamp) {
        self.held = if self.held == Hold::UntilAsked { Hold::UntilIdentity } else { self.held };
        self.anew(source, now);
    }

    /// Makes `source` due at once because its questions have changed. What waits for credentials or for a
    /// person goes on waiting.
    pub fn anew(&mut self, source: &Source, now: Timestamp) {
        let state = self.states.entry(source.clone()).or_insert(State {
            due: None,
            walking: false,
            failures: 0,
            throttled: 0,
        });
        state.due = Some(now);
        state.walking = false;
    }

    /// Notes how the newest walk of `source` ended.
    pub fn walked(&mut self, source: &Source, standing: &Loadable<()>, now: Timestamp) {
        let faults: Vec<&FaultKind> = match standing {
            Loadable::Failed { fault, .. } => vec![&fault.kind],
            Loadable::Ready(seen) => seen.complete.gaps().iter().map(|g| &g.fault.kind).collect(),
            Loadable::Idle | Loadable::Loading { .. } => Vec::new(),
        };
        let declined = faults.iter().any(|k| matches!(k, FaultKind::Declined));
        let credentials =
            faults.iter().any(|k| matches!(k, FaultKind::Expired { .. } | FaultKind::NoCredentials { .. }));
        let throttled = faults.iter().any(|k| matches!(k, FaultKind::Throttled));
        let failed = matches!(standing, Loadable::Failed { .. });

        if declined {
            self.held = Hold::UntilAsked;
        } else if credentials {
            self.held = Hold::UntilIdentity;
            if let Some(identity) = self.states.get_mut(&Source::Broad(Broad::Identity))
                && *source != Source::Broad(Broad::Identity)
                && !identity.walking
            {
                identity.due = Some(now);
            }
        } else if *source == Source::Broad(Broad::Identity) && !failed && self.held != Hold::No {
            self.held = Hold::No;
            for state in self.states.values_mut().filter(|s| !s.walking) {
                state.due = Some(now);
                state.failures = 0;
            }
        }

        let interval = (self.interval)(source);
        let dice = self.roll();
        let Some(state) = self.states.get_mut(source) else { return };
        // The network is back: whatever else failed need not sit out its own wait.
        let recovered = state.failures > 0 && !failed;
        state.walking = false;
        state.failures = if failed { state.failures.saturating_add(1) } else { 0 };
        state.throttled = if throttled { (state.throttled + 1).min(SLOWEST.ilog2()) } else { 0 };
        let wait = if credentials && *source == Source::Broad(Broad::Identity) {
            Some(RETRY_CREDENTIALS)
        } else if failed && !throttled {
            let grown = RETRY_FIRST * 2u32.saturating_pow(state.failures.min(6) - 1);
            let usual = interval.unwrap_or(RETRY_MOST).max(RETRY_FIRST);
            Some(if is_passing(&faults) { grown.min(RETRY_MOST) } else { usual })
        } else {
            interval.map(|i| i * 2u32.pow(state.throttled))
        };
        state.due = wait.map(|w| after(now, spread(w, dice)));
        if recovered {
            for other in self.states.values_mut().filter(|s| s.failures > 0 && !s.walking) {
                other.due = Some(now);
            }
        }
    }

    /// The sources that are due at `now`, in the order of importance; they count as being walked until
    /// [`Schedule::walked`] says otherwise.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Source> {
        let ready: Vec<Source> = self.wanted().filter(|s| self.is_due(s, now)).cloned().collect();
        for source in &ready {
            if let Some(state) = self.states.get_mut(source) {
                state.walking = true;
                state.due = None;
            }
        }
        ready
    }

    /// When something is due next.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.wanted()
            .filter_map(|s| self.states.get(s))
            .filter(|state| !state.walking)
            .filter_map(|state| state.due)
            .min()
    }

    fn wanted(&self) -> impl Iterator<Item = &Source> {
        let held = self.held;
        self.needed.iter().filter(move |s| match held {
            Hold::No => true,
            Hold::UntilIdentity => **s == Source::Broad(Broad::Identity),
            Hold::UntilAsked => false,
        })
    }

    fn is_due(&self, source: &Source, now: Timestamp) -> bool {
        self.states.get(source).is_some_and(|s| !s.walking && s.due.is_some_and(|due| due <= now))
    }

    /// The next of a repeatable row of numbers; jitter needs to be uneven, not unguessable.
    fn roll(&mut self) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.dice
    }
}

fn is_passing(faults: &[&FaultKind]) -> bool {
    faults.iter().all(|k| matches!(k, FaultKind::Unreachable | FaultKind::TimedOut))
}

/// `wait` less up to a tenth, so that sources of one interval drift apart.
fn spread(wait: Duration, dice: u64) -> Duration {
    wait - wait / 1_000 * u32::try_from(dice % 100).unwrap_or(0)
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use crate::estate::time::plus_seconds;
    use crate::estate::{Completeness, Fault, FaultKind, Loadable, Seen, Timestamp};
    use crate::insight::{About, Broad, Source};
    use std::sync::Arc;
    use std::time::Duration;

    fn t(s: i64) -> Timestamp {
        plus_seconds(Timestamp::UNIX_EPOCH, s)
    }

    fn good() -> Loadable<()> {
        Loadable::Ready(Seen { value: (), at: t(0), complete: Completeness::Complete })
    }

    fn bad(kind: FaultKind) -> Loadable<()> {
        Loadable::Failed { fault: Arc::new(Fault::new(kind, "x:Y", "")), stale: None }
    }

    fn schedule() -> Schedule {
        let mut s = Schedule::new(|_| Some(Duration::from_secs(30)));
        s.looking(
            vec![Source::Broad(Broad::Identity), Source::Broad(Broad::Alarms), Source::Broad(Broad::Queues)],
            t(0),
        );
        s
    }

    #[test]
    fn needed_sources_are_due_at_once_then_by_their_interval_less_jitter() {
        let mut s = schedule();
        assert_eq!(
            s.take_due(t(0)),
            [Source::Broad(Broad::Identity), Source::Broad(Broad::Alarms), Source::Broad(Broad::Queues)]
        );
        assert_eq!(s.take_due(t(100)), [], "a walk under way is not started again");
        s.walked(&Source::Broad(Broad::Alarms), &good(), t(100));
        assert_eq!(s.take_due(t(126)), []);
        assert_eq!(s.take_due(t(130)), [Source::Broad(Broad::Alarms)]);
    }

    #[test]
    fn expired_credentials_hold_all_but_the_identity_until_it_works() {
        let mut s = schedule();
        s.take_due(t(0));
        let expired = FaultKind::Expired { mend: "".into() };
        for source in
            [Source::Broad(Broad::Identity), Source::Broad(Broad::Alarms), Source::Broad(Broad::Queues)]
        {
            s.walked(&source, &bad(expired.clone()), t(1));
        }
        assert_eq!(s.take_due(t(60)), [Source::Broad(Broad::Identity)]);
        s.walked(&Source::Broad(Broad::Identity), &good(), t(61));
        let due = s.take_due(t(61));
        assert!(
            due.contains(&Source::Broad(Broad::Alarms)) && due.contains(&Source::Broad(Broad::Queues)),
            "{due:?}"
        );
    }

    #[test]
    fn a_declined_code_is_not_asked_for_again_until_someone_wants_it() {
        let mut s = schedule();
        s.take_due(t(0));
        s.walked(&Source::Broad(Broad::Identity), &bad(FaultKind::Declined), t(1));
        s.walked(&Source::Broad(Broad::Alarms), &bad(FaultKind::Declined), t(1));
        assert_eq!(s.take_due(t(10_000)), []);
        s.anew(&Source::Broad(Broad::Identity), t(10_000));
        assert_eq!(s.take_due(t(10_000)), [], "nobody asked");
        s.now(&Source::Broad(Broad::Identity), t(10_000));
        assert_eq!(s.take_due(t(10_000)), [Source::Broad(Broad::Identity)]);
    }

    #[test]
    fn an_unreachable_endpoint_is_tried_soon_and_its_return_frees_the_others() {
        let mut s = schedule();
        s.take_due(t(0));
        for source in
            [Source::Broad(Broad::Identity), Source::Broad(Broad::Alarms), Source::Broad(Broad::Queues)]
        {
            s.walked(&source, &bad(FaultKind::Unreachable), t(1));
        }
        assert_eq!(s.take_due(t(3)).len(), 3);
        for n in 0..5 {
            for source in
                [Source::Broad(Broad::Identity), Source::Broad(Broad::Alarms), Source::Broad(Broad::Queues)]
            {
                s.walked(&source, &bad(FaultKind::Unreachable), t(3 + 40 * n));
            }
            assert_eq!(s.take_due(t(3 + 40 * n + 30)).len(), 3, "never more than 30 s");
        }
        s.walked(&Source::Broad(Broad::Queues), &bad(FaultKind::Unreachable), t(400));
        s.walked(&Source::Broad(Broad::Alarms), &good(), t(401));
        assert_eq!(s.take_due(t(401)), [Source::Broad(Broad::Queues)]);
    }

    #[test]
    fn a_selection_that_moves_on_asks_for_its_first_and_its_last_row_only() {
        let mut s = Schedule::new(|_| Some(Duration::from_secs(30)));
        let detail =
            |n: i64| Source::Detail(About::AlarmHistory(crate::estate::AlarmName::new(n.to_string())));
        let mut asked = Vec::new();
        for n in 0..20 {
            let now = Timestamp::from_millisecond(1_000 + n * 33).unwrap();
            s.looking(vec![detail(n)], now);
            asked.extend(s.take_due(now));
        }
        assert_eq!(asked, [detail(0)]);
        let rest = s.next_due().unwrap();
        assert_eq!(s.take_due(rest), [detail(19)]);
    }

    #[test]
    fn a_detail_that_is_no_longer_looked_at_is_forgotten() {
        let mut s = schedule();
        let detail = Source::Detail(About::AlarmHistory(crate::estate::AlarmName::new("a")));
        s.looking(vec![detail.clone()], t(0));
        assert_eq!(s.take_due(t(0)), std::slice::from_ref(&detail));
        s.walked(&detail, &good(), t(1));
        s.looking(vec![Source::Broad(Broad::Alarms)], t(2));
        assert!(!s.states.contains_key(&detail));
    }
}
