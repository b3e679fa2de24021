//! The credentials of one opened estate: loaded once for all who wait, kept until close to their end, dropped
//! when AWS says that they are no longer good. Where they come from is the loader's business.

use super::origin::Origin;
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{BoxFuture, Clock, Fault, FaultKind, Timestamp};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use futures_util::FutureExt;
use futures_util::future::Shared;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Credentials are renewed this long before they end, or a tenth of their life if that is shorter: a call
/// that is on its way must not meet their end.
const EARLY_S: i64 = 60;
/// A renewal that failed while the old credentials still hold is not tried again sooner, nor are credentials
/// loaded again sooner because AWS does not know them.
const PATIENCE_S: i64 = 10;
/// The questions of one round share a failure, for finding nothing may take a second each time.
const MOMENT_S: i64 = 2;

/// What a loader brings.
pub(super) struct Loaded {
    pub credentials: Credentials,
    pub origin: Origin,
    /// Whether a person was asked for a code.
    pub asked: bool,
}

/// Why a loader brought nothing.
pub(super) struct Refusal {
    pub fault: Fault,
    /// Whether a person was asked and the answer did not help: it is not tried again until somebody says so.
    pub final_word: bool,
}

/// Finds credentials, each time from the beginning, so that edited files and new logins are seen.
pub(super) trait Load: Send + Sync {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, Refusal>>;
}

/// Credentials in use.
pub(super) struct Held {
    pub credentials: Credentials,
    pub origin: Origin,
    pub expires: Option<Timestamp>,
    asked: bool,
    since: Timestamp,
    renew_at: Option<Timestamp>,
    generation: u64,
}

type Outcome = Result<Arc<Held>, Fault>;

#[derive(Default)]
struct State {
    held: Option<Arc<Held>>,
    /// What was held last, for calls that began before it was dropped.
    last: Option<Arc<Held>>,
    generation: u64,
    loading: Option<Shared<BoxFuture<'static, Outcome>>>,
    refused: Option<Fault>,
    failed: Option<(Timestamp, Fault)>,
    not_before: Option<Timestamp>,
}

pub(super) struct Session {
    loader: Box<dyn Load>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

impl Session {
    pub(super) fn new(loader: Box<dyn Load>, clock: Arc<dyn Clock>) -> Self {
        Self { loader, clock, state: Mutex::default() }
    }

    /// Good credentials, loaded if need be. Everybody who waits shares one load, so that sixty questions at
    /// once neither ask a person sixty times nor wait sixty times for a time-out. The load outlives those who
    /// wait: a question that is given up must not take the prompt away from the person who is typing.
    pub(super) async fn ready(self: &Arc<Self>) -> Outcome {
        let loading = {
            let now = self.clock.now();
            let mut state = self.state();
            let held = state.held.clone().filter(|h| h.expires.is_none_or(|t| t > now));
            let renew = |h: &Held| h.renew_at.is_some_and(|t| t <= now);
            let patient = state.not_before.is_some_and(|t| t > now);
            if let Some(held) = held {
                // While they are renewed, the old ones serve.
                if renew(&held) && !patient && state.loading.is_none() && state.refused.is_none() {
                    state.loading = Some(self.start());
                }
                return Ok(held);
            }
            let fresh = state.failed.as_ref().filter(|(at, _)| seconds_between(*at, now) < MOMENT_S);
            if let (Some((_, fault)), None) = (fresh, &state.loading) {
                return Err(fault.clone());
            }
            match (&state.refused, &state.loading) {
                (_, Some(loading)) => loading.clone(),
                (Some(fault), None) => return Err(fault.clone()),
                (None, None) => state.loading.insert(self.start()).clone(),
            }
        };
        loading.await
    }

    fn start(self: &Arc<Self>) -> Shared<BoxFuture<'static, Outcome>> {
        let own = self.clone();
        let task = tokio::spawn(async move {
            let outcome = own.loader.load().await;
            own.keep(outcome)
        });
        let own = self.clone();
        let ended = task.map(move |joined| match joined {
            Ok(outcome) => outcome,
            // It panicked or the runtime ends; the next question begins anew.
            Err(e) => {
                own.state().loading = None;
                Err(Fault::new(FaultKind::Other("credentials were not loaded".into()), "", e.to_string()))
            }
        });
        ended.boxed().shared()
    }

    fn keep(&self, outcome: Result<Loaded, Refusal>) -> Outcome {
        let now = self.clock.now();
        let mut state = self.state();
        state.loading = None;
        let refusal = match outcome {
            Ok(loaded) => match loaded.credentials.expiry().and_then(timestamp) {
                Some(t) if t <= now => {
                    let mend = FaultKind::Expired { mend: loaded.origin.renew().into() };
                    Refusal { fault: Fault::new(mend, "", "they had already ended"), final_word: false }
                }
                expires => {
                    state.generation += 1;
                    let held = Arc::new(Held {
                        credentials: loaded.credentials,
                        origin: loaded.origin,
                        expires,
                        asked: loaded.asked,
                        since: now,
                        renew_at: expires.map(|t| renewal(now, t)),
                        generation: state.generation,
                    });
                    (state.refused, state.failed, state.not_before) = (None, None, None);
                    (state.held, state.last) = (Some(held.clone()), Some(held.clone()));
                    return Ok(held);
                }
            },
            Err(refusal) => refusal,
        };
        if refusal.final_word {
            state.refused = Some(refusal.fault.clone());
        }
        // Until they really end, the old ones serve.
        state.not_before = Some(plus_seconds(now, PATIENCE_S));
        state.failed = Some((now, refusal.fault.clone()));
        let still = state.held.clone().filter(|h| h.expires.is_none_or(|t| t > now));
        still.ok_or(refusal.fault)
    }

    /// AWS did not accept `held`, for `why`. Credentials that ended are loaded anew at the next question;
    /// those that it does not know may be good in another Region, so they are not loaded again and again, and
    /// no person is asked for a code because of them. What was loaded since is kept.
    pub(super) fn not_accepted(&self, held: &Held, why: &FaultKind) {
        let aged = seconds_between(held.since, self.clock.now()) >= PATIENCE_S;
        let over = match why {
            FaultKind::Expired { .. } => true,
            FaultKind::NoCredentials { .. } => aged && !held.asked,
            FaultKind::Denied { .. }
            | FaultKind::Throttled
            | FaultKind::ClockSkew { .. }
            | FaultKind::Unreachable
            | FaultKind::TimedOut
            | FaultKind::Unsupported
            | FaultKind::NotFound
            | FaultKind::Invalid
            | FaultKind::Malformed
            | FaultKind::Conflict
            | FaultKind::Declined
            | FaultKind::Other(_) => false,
        };
        let mut state = self.state();
        if over && state.held.as_ref().is_some_and(|h| h.generation == held.generation) {
            state.held = None;
        }
    }

    /// A person wants it tried again: what was refused may be asked once more.
    pub(super) fn try_again(&self) {
        let mut state = self.state();
        (state.refused, state.failed, state.not_before) = (None, None, None);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn renewal(now: Timestamp, expires: Timestamp) -> Timestamp {
    let life = seconds_between(now, expires);
    plus_seconds(expires, -EARLY_S.min(life / 10))
}

fn timestamp(at: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(at).ok()
}

/// What the SDK's clients are given: the credentials at hand. Loading them, which may wait for a person, is
/// never done within a call and its time-outs.
pub(super) struct AtHand(pub Arc<Session>);

impl fmt::Debug for AtHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AtHand")
    }
}

impl ProvideCredentials for AtHand {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let held = self.0.state().last.clone();
        future::ProvideCredentials::ready(match held {
            Some(held) => Ok(held.credentials.clone()),
            None => Err(CredentialsError::not_loaded("no credentials are at hand")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::time::{Duration, UNIX_EPOCH};

    struct Hands(Mutex<Timestamp>);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
        fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    enum Next {
        Good { key: &'static str, life_s: Option<u64> },
        Fails { final_word: bool },
    }

    struct Script(Arc<Mutex<VecDeque<Next>>>, Arc<Hands>);

    impl Load for Script {
        fn load(&self) -> BoxFuture<'_, Result<Loaded, Refusal>> {
            Box::pin(async {
                tokio::task::yield_now().await;
                let next = self.0.lock().unwrap().pop_front();
                match next.expect("one load too many") {
                    Next::Good { key, life_s } => {
                        let now = self.1.now().as_second() as u64;
                        let expiry = life_s.map(|s| UNIX_EPOCH + Duration::from_secs(now + s));
                        let credentials = Credentials::new(key, "s", None, expiry, "script");
                        Ok(Loaded { credentials, origin: Origin::Environment, asked: false })
                    }
                    Next::Fails { final_word } => Err(Refusal {
                        fault: Fault::new(FaultKind::Declined, "sts:AssumeRole", ""),
                        final_word,
                    }),
                }
            })
        }
    }

    fn session(script: Vec<Next>) -> (Arc<Session>, Arc<Hands>, Arc<Mutex<VecDeque<Next>>>) {
        let clock = Arc::new(Hands(Mutex::new(Timestamp::from_second(1000).unwrap())));
        let script = Arc::new(Mutex::new(VecDeque::from(script)));
        let loader = Box::new(Script(script.clone(), clock.clone()));
        (Arc::new(Session::new(loader, clock.clone())), clock, script)
    }

    fn expired() -> FaultKind {
        FaultKind::Expired { mend: "".into() }
    }

    fn advance(clock: &Hands, s: i64) {
        let mut now = clock.0.lock().unwrap();
        *now = plus_seconds(*now, s);
    }

    #[tokio::test]
    async fn many_questions_at_once_load_once_even_when_it_fails() {
        let script = vec![Next::Fails { final_word: false }, Next::Good { key: "a", life_s: None }];
        let (session, clock, script) = session(script);
        let (a, b, c) = tokio::join!(session.ready(), session.ready(), session.ready());
        assert!(a.is_err() && b.is_err() && c.is_err());
        assert!(session.ready().await.is_err(), "nor is the next of the same round a new load");
        assert_eq!(script.lock().unwrap().len(), 1);
        advance(&clock, 3);
        let (a, b) = tokio::join!(session.ready(), session.ready());
        assert_eq!(a.unwrap().credentials.access_key_id(), "a");
        assert_eq!(b.unwrap().credentials.access_key_id(), "a");
    }

    #[tokio::test]
    async fn a_refusal_stands_until_a_person_tries_again() {
        let (session, clock, script) =
            session(vec![Next::Fails { final_word: true }, Next::Good { key: "a", life_s: None }]);
        for _ in 0..3 {
            assert_eq!(session.ready().await.err().unwrap().kind, FaultKind::Declined);
            advance(&clock, 3600);
        }
        assert_eq!(script.lock().unwrap().len(), 1, "nobody was asked in between");
        session.try_again();
        assert!(session.ready().await.is_ok());
    }

    #[tokio::test]
    async fn they_are_renewed_early_and_the_old_ones_serve_while_renewal_fails() {
        let (session, clock, script) = session(vec![
            Next::Good { key: "a", life_s: Some(3600) },
            Next::Fails { final_word: false },
            Next::Good { key: "b", life_s: Some(3600) },
            Next::Good { key: "c", life_s: Some(3600) },
        ]);
        let key = async || {
            let held = session.ready().now_or_never().expect("nobody waits while the old ones hold");
            // What was begun meanwhile comes to its end.
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            held.unwrap().credentials.access_key_id().to_owned()
        };
        session.ready().await.unwrap();
        advance(&clock, 3530);
        assert_eq!(key().await, "a");
        assert_eq!(script.lock().unwrap().len(), 3, "not early yet");
        advance(&clock, 12);
        assert_eq!(key().await, "a");
        assert_eq!(script.lock().unwrap().len(), 2, "the renewal was tried and failed");
        assert_eq!(key().await, "a");
        assert_eq!(script.lock().unwrap().len(), 2, "and it is not tried at once again");
        advance(&clock, 12);
        assert_eq!(key().await, "a");
        assert_eq!(key().await, "b");
        advance(&clock, 3700);
        assert_eq!(session.ready().await.unwrap().credentials.access_key_id(), "c", "what ended is not used");
    }

    #[tokio::test]
    async fn what_aws_calls_expired_is_loaded_anew_and_newer_ones_are_kept() {
        let (session, ..) =
            session(vec![Next::Good { key: "a", life_s: None }, Next::Good { key: "b", life_s: None }]);
        let a = session.ready().await.unwrap();
        session.not_accepted(&a, &FaultKind::Throttled);
        assert_eq!(session.ready().await.unwrap().credentials.access_key_id(), "a");
        session.not_accepted(&a, &expired());
        let b = session.ready().await.unwrap();
        assert_eq!(b.credentials.access_key_id(), "b");
        session.not_accepted(&a, &expired());
        assert_eq!(session.ready().await.unwrap().credentials.access_key_id(), "b");
    }

    #[tokio::test]
    async fn what_aws_does_not_know_is_loaded_again_but_not_at_once() {
        let (session, clock, script) =
            session(vec![Next::Good { key: "a", life_s: None }, Next::Good { key: "b", life_s: None }]);
        let unknown = FaultKind::NoCredentials { mend: "".into() };
        let a = session.ready().await.unwrap();
        session.not_accepted(&a, &unknown);
        assert_eq!(session.ready().await.unwrap().credentials.access_key_id(), "a");
        assert_eq!(script.lock().unwrap().len(), 1);
        advance(&clock, 30);
        session.not_accepted(&a, &unknown);
        assert_eq!(session.ready().await.unwrap().credentials.access_key_id(), "b");
    }

    #[tokio::test]
    async fn a_load_outlives_the_question_that_began_it() {
        let (session, _, script) = session(vec![Next::Good { key: "a", life_s: None }]);
        assert!(session.ready().now_or_never().is_none());
        assert_eq!(session.ready().await.unwrap().credentials.access_key_id(), "a");
        assert!(script.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn credentials_that_had_ended_before_they_came_are_expired() {
        let (session, ..) = session(vec![Next::Good { key: "a", life_s: Some(0) }]);
        assert!(matches!(session.ready().await.err().unwrap().kind, FaultKind::Expired { .. }));
    }
}
