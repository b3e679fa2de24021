//! An estate that several processes have at once: what one writes the others see, and nothing is told that is not kept.

use super::*;
use crate::practice::{Keeper, Trouble};
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

/// What lies on a desk that several share.
#[derive(Default)]
struct Desk {
    bytes: Mutex<Option<Vec<u8>>>,
    version: AtomicUsize,
    taken: Mutex<bool>,
}

/// One who sits at it.
struct Seat {
    desk: Arc<Desk>,
    seen: AtomicUsize,
    reached: Arc<Mutex<Option<Timestamp>>>,
}

impl Seat {
    fn at(desk: &Arc<Desk>) -> Self {
        Self { desk: desk.clone(), seen: AtomicUsize::new(0), reached: Arc::default() }
    }
}

impl Keeper for Seat {
    fn take(&self) -> Result<Option<Vec<u8>>, String> {
        if std::mem::replace(&mut *self.desk.taken.lock().unwrap(), true) {
            return Err("somebody else has it".into());
        }
        let version = self.desk.version.load(Ordering::SeqCst);
        if self.seen.swap(version, Ordering::SeqCst) == version {
            return Ok(None);
        }
        Ok(self.desk.bytes.lock().unwrap().clone())
    }

    fn keep(&self, bytes: &[u8]) -> Result<(), String> {
        assert!(*self.desk.taken.lock().unwrap(), "kept by who has it");
        *self.desk.bytes.lock().unwrap() = Some(bytes.to_vec());
        self.seen.store(self.desk.version.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        Ok(())
    }

    fn release(&self) {
        *self.desk.taken.lock().unwrap() = false;
    }

    fn reached(&self, now: Timestamp) {
        *self.reached.lock().unwrap() = Some(now);
    }
}

/// A clock that stands, and by which every sleep lets others go first.
struct Polite(Timestamp);

impl Clock for Polite {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        let mut slept = false;
        Box::pin(poll_fn(move |cx| {
            if std::mem::replace(&mut slept, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }))
    }
}

fn polite(desk: &Arc<Desk>) -> Practice {
    let clock = Arc::new(Polite("2026-11-20T09:41:00Z".parse().unwrap()));
    let p = Practice::new(Options { latency: Options::default().latency, ..quiet() }, clock).unwrap();
    p.share_by(Seat::at(desk));
    p
}

/// A secret of theirs, and its current version.
fn secret() -> (Arn, VersionId) {
    let (calm, _) = calm(1);
    let secret = arn_of(&calm, "logapi/api-key");
    let current = holder(&calm, &secret, "AWSCURRENT").unwrap();
    (secret, current)
}

/// The versions that bear a label in what lies on the desk.
fn kept(desk: &Desk, label: &str) -> Option<VersionId> {
    let bytes = desk.bytes.lock().unwrap().clone().unwrap();
    let (_, clock) = calm(1);
    let q = Practice::restore(&bytes, quiet(), clock).unwrap();
    holder(&q, &arn_of(&q, "logapi/api-key"), label)
}

#[test]
fn each_sees_what_the_other_wrote() {
    let desk = Arc::new(Desk::default());
    // whatever the second would have made, it comes to the estate of the first
    let ((one, clock), (two, _)) = (calm(1), calm(2));
    let seat = Seat::at(&desk);
    let reached = seat.reached.clone();
    one.share_by(Seat::at(&desk));
    two.share_by(seat);
    let secret = arn_of(&one, "logapi/api-key");
    let to = holder(&two, &secret, "AWSCURRENT").unwrap();
    assert_eq!(
        desk.version.load(Ordering::SeqCst),
        1,
        "it is kept when it is made, and questions change nothing"
    );
    apply(&one, &stage(&secret, "of-one", Some(&to), None), 1, &Vault::default()).unwrap();
    assert_eq!(holder(&two, &secret, "of-one"), Some(to.clone()));
    apply(&two, &stage(&secret, "of-two", Some(&to), None), 1, &Vault::default()).unwrap();
    for label in ["of-one", "of-two"] {
        assert_eq!(holder(&one, &secret, label), Some(to.clone()), "{label}");
    }
    // who is further in time takes the other along
    clock.go(3_600);
    apply(&one, &stage(&secret, "later", Some(&to), None), 2, &Vault::default()).unwrap();
    assert_eq!(holder(&two, &secret, "later"), Some(to));
    assert_eq!(*reached.lock().unwrap(), Some(one.now()));
    assert!(!*desk.taken.lock().unwrap(), "and then it is free");
}

#[test]
fn while_another_has_it_nothing_is_done() {
    let desk = Arc::new(Desk::default());
    let (p, _) = calm(1);
    let secret = arn_of(&p, "logapi/api-key");
    let to = holder(&p, &secret, "AWSCURRENT").unwrap();
    p.share_by(Seat::at(&desk));
    *desk.taken.lock().unwrap() = true;
    let fault = apply(&p, &stage(&secret, "one", Some(&to), None), 1, &Vault::default()).unwrap_err();
    assert!(fault.message.wire().contains("somebody else has it"), "{fault:?}");
    assert!(matches!(p.keep(), Err(Trouble::Shared(_))));
    desk.taken.lock().map(|mut t| *t = false).unwrap();
    assert_eq!(holder(&p, &secret, "one"), None);
    p.keep().unwrap();
    assert_eq!(kept(&desk, "one"), None);
}

#[tokio::test]
async fn what_is_answered_together_is_kept_together() {
    let desk = Arc::new(Desk::default());
    let p = polite(&desk);
    let (secret, to) = secret();
    let labels = ["a", "b", "c", "d", "e"];
    let calls: Vec<Call> = labels.iter().map(|l| stage(&secret, l, Some(&to), None)).collect();
    let (at, key, vault) = (here(), token(1), Vault::default());
    let answers = futures_util::future::join_all(calls.iter().map(|call| p.apply(&at, call, &key, &vault)));
    assert!(answers.await.iter().all(Result::is_ok));
    for label in labels {
        assert_eq!(kept(&desk, label), Some(to.clone()), "{label}");
    }
    let times = desk.version.load(Ordering::SeqCst);
    assert!((1..=2).contains(&times), "five writes were kept in {times} pieces");
    assert!(!*desk.taken.lock().unwrap());
}

#[tokio::test]
async fn whoever_gives_up_waiting_leaves_it_whole() {
    let desk = Arc::new(Desk::default());
    let p = polite(&desk);
    let (secret, to) = secret();
    let (at, key, vault, call) = (here(), token(1), Vault::default(), stage(&secret, "x", Some(&to), None));
    let mut answer = p.apply(&at, &call, &key, &vault);
    // it is sent, and its answer is on its way
    for _ in 0..2 {
        assert!(poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx).is_pending())).await);
    }
    assert!(*desk.taken.lock().unwrap() && desk.version.load(Ordering::SeqCst) == 0);
    drop(answer);
    assert_eq!(kept(&desk, "x"), Some(to));
    assert!(!*desk.taken.lock().unwrap());
}
