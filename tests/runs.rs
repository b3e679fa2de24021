//! Shipped runbooks over the practice estate, through the engine: started, put down and taken up again at every
//! question, undone, and the estate looked at.
#![cfg(feature = "practice")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may

use bartizan::engine::runs::{Live, Runs, Site, Who};
use bartizan::estate::time::SignedDuration;
use bartizan::estate::{
    Asks, At, BoxFuture, Call, Changes, Clock, Consent, Context, Demand, Estates, Fault, FaultKind, Given,
    IdempotencyKey, MaterialSource, Ports, Prompt, Query, Receipt, SecretVersion, Slot, Timestamp, Untrusted,
    Vault, Writes, ask,
};
use bartizan::journal::{Files, Here, Memory, Store};
use bartizan::practice::{Colleague, Mishaps, Options, Practice};
use bartizan::runbook::definition::shipped;
use bartizan::runbook::{Halt, Inputs, Plan, RunState};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zeroize::Zeroizing;

/// Sleeping moves the time on.
struct Jumping(Mutex<Timestamp>);

impl Jumping {
    fn jump(&self, d: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.saturating_add(SignedDuration::try_from(d).unwrap()).unwrap();
    }
}

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        self.jump(Duration::from_micros(1));
        *self.0.lock().unwrap()
    }
    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        self.jump(d);
        Box::pin(tokio::task::yield_now())
    }
}

struct Nobody;

impl Prompt for Nobody {
    fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        Box::pin(async { None })
    }
}

struct World {
    practice: Practice,
    clock: Arc<Jumping>,
    ports: Ports,
    store: Memory,
}

async fn world() -> World {
    world_with(Mishaps::default(), 7).await
}

async fn world_with(mishaps: Mishaps, seed: u64) -> World {
    let clock = Arc::new(Jumping(Mutex::new(Timestamp::from_second(1_790_000_000).unwrap())));
    let options = Options { seed, latency: None, mishaps, ..Options::default() };
    let context = Context::named("practice");
    let practice = Practice::new(options, clock.clone()).unwrap();
    let ports = practice.open(&context, Arc::new(Nobody)).await.unwrap();
    World { practice, clock, ports, store: Memory::new(Here { host: "bastion".into(), pid: 7 }) }
}

impl World {
    fn runs(&self) -> Runs {
        let who = Who { principal: Untrusted::from("alice"), host: Untrusted::from("bastion"), pid: 7 };
        let site = Site { context: Untrusted::from("practice"), read_only: false, production: false };
        Runs::new(self.ports.clone(), Some(Arc::new(self.store.clone())), who, site)
    }

    async fn plan(&self, given: &[(&str, &str)]) -> Plan {
        let definition = shipped("secret-update").unwrap().unwrap();
        let given: Vec<_> = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let inputs = Inputs::read(&definition, &given).unwrap();
        self.runs().plan(&definition, &inputs).await.unwrap()
    }

    /// Answers as a person of good will; `false` when there is nothing to answer.
    async fn answer(&self, live: &mut Live, halt: &Halt) -> bool {
        match halt {
            Halt::Consent { proposal, .. } => {
                assert_eq!(proposal.differs, None);
                let consents = proposal.changes.iter().map(|change| {
                    let given = match change.demand() {
                        Demand::Yes => Given::Yes,
                        Demand::Name(name) => Given::Typed(name),
                    };
                    Consent::give(change.clone(), given).unwrap()
                });
                live.consent(consents.collect()).await.unwrap();
            }
            Halt::Time { until, .. } | Halt::Settle { until, .. } => {
                let left = until.duration_since(self.clock.now());
                self.clock.jump(Duration::try_from(left).unwrap_or_default());
            }
            Halt::Person { .. } => live.attest("seen").await.unwrap(),
            Halt::Enter { slot, .. } => {
                live.vault().put(slot.clone(), Zeroizing::new(b"typed-by-a-person".to_vec()));
            }
            Halt::Arm { .. }
            | Halt::Decide { .. }
            | Halt::Failed { .. }
            | Halt::Reached(_)
            | Halt::Paused
            | Halt::Over(_) => return false,
        }
        true
    }

    async fn all_the_way(&self, live: &mut Live) -> Halt {
        for _ in 0..100 {
            let halt = live.go(None).await.unwrap();
            if !self.answer(live, &halt).await {
                return halt;
            }
        }
        panic!("the run goes round in circles: {:?}", live.run().waiting);
    }

    fn at(&self, plan: &Plan) -> At {
        plan.at.clone()
    }

    async fn versions(&self, plan: &Plan) -> Vec<SecretVersion> {
        let secret = plan.steps.iter().flat_map(|s| &s.changes).next().unwrap().resource();
        let secret = bartizan::estate::Arn::new(secret.wire());
        let ask = ask::secretsmanager::ListSecretVersionIds { secret, deprecated: true }.ask();
        let page = self.ports.reads.fetch(&Query { at: self.at(plan), ask }, None).await.unwrap();
        ask::secretsmanager::ListSecretVersionIds::open(page.answer).unwrap()
    }

    /// What consumers read.
    async fn text(&self, plan: &Plan) -> String {
        let secret = plan.steps.iter().flat_map(|s| &s.changes).next().unwrap().resource();
        let secret = bartizan::estate::Arn::new(secret.wire());
        let version = self.versions(plan).await.into_iter().find(|v| v.has_stage("AWSCURRENT")).unwrap().id;
        let (vault, slot) = (Vault::default(), Slot::new("x"));
        let writes = self.ports.writes.as_ref().unwrap();
        let source = MaterialSource::Secret { secret, version };
        writes.materials.load(&self.at(plan), &source, slot.clone(), &vault).await.unwrap();
        String::from_utf8(vault.copy(&slot).unwrap().to_vec()).unwrap()
    }
}

const FIELD: [(&str, &str); 2] = [("secret", "omnitrack/api-keys"), ("field", "slackWebhookUrl")];

/// That two texts differ in the value of one field only, byte for byte.
fn only_that_field(before: &str, after: &str, field: &str) {
    let cut = |text: &str| {
        let start = text.find(&format!("\"{field}\"")).unwrap();
        let value = start + field.len() + 2;
        let open = value + text[value..].find('"').unwrap() + 1;
        let close = open + text[open..].find('"').unwrap();
        (text[..open].to_owned(), text[open..close].to_owned(), text[close..].to_owned())
    };
    let (one, other) = (cut(before), cut(after));
    assert_eq!((&one.0, &one.2), (&other.0, &other.2));
    assert_ne!(one.1, other.1);
}

const GENERATED: [(&str, &str); 3] = [FIELD[0], FIELD[1], ("new", "generated")];

#[tokio::test]
async fn a_field_is_updated_by_a_generated_value_and_every_other_byte_stays() {
    let world = world().await;
    let plan = world.plan(&GENERATED).await;
    assert_eq!(plan.refusal(), None);
    let calls: Vec<&str> = plan.steps.iter().flat_map(|s| &s.calls).map(|c| c.operation).collect();
    assert_eq!(calls.first(), Some(&"secretsmanager:PutSecretValue"));
    let before = world.text(&plan).await;
    let look = plan.clone();
    let mut live = world.runs().start(plan, Vault::default()).await.unwrap();
    assert_eq!(world.all_the_way(&mut live).await, Halt::Over(RunState::Done), "{:?}", live.run().steps);
    only_that_field(&before, &world.text(&look).await, "slackWebhookUrl");
    let labels = world.versions(&look).await;
    let ours = labels.iter().flat_map(|v| &v.stages).filter(|s| s.wire().starts_with("bartizan-")).count();
    assert_eq!(ours, 0, "no label of the run is left: {labels:?}");
}

#[tokio::test]
async fn a_run_that_is_put_down_at_every_question_ends_the_same() {
    let world = world().await;
    let plan = world.plan(&FIELD).await;
    let look = plan.clone();
    let before = world.text(&look).await;
    let mut live = world.runs().start(plan, Vault::default()).await.unwrap();
    let id = live.run().id.clone();
    let mut halts = 0;
    loop {
        let halt = live.go(None).await.unwrap();
        halts += 1;
        assert!(halts < 60, "{halt:?}");
        if !world.answer(&mut live, &halt).await {
            assert_eq!(halt, Halt::Over(RunState::Done), "{:?}", live.run().steps);
            break;
        }
        // What was entered is lost with the process, and so is what was read: only a consent just given is
        // carried out by the process that heard it, for else it would be asked for without end.
        if !matches!(halt, Halt::Enter { .. } | Halt::Consent { .. }) {
            live.close().await.unwrap();
            live = world.runs().resume(&id, Vault::default()).await.unwrap();
        }
    }
    only_that_field(&before, &world.text(&look).await, "slackWebhookUrl");
    assert!(world.text(&look).await.contains("typed-by-a-person"));
}

#[tokio::test]
async fn undo_gives_the_former_text_back() {
    let world = world().await;
    let plan = world.plan(&GENERATED).await;
    let look = plan.clone();
    let before = world.text(&look).await;
    let mut live = world.runs().start(plan, Vault::default()).await.unwrap();
    // As far as the wait that keeps the undo open.
    loop {
        let halt = live.go(None).await.unwrap();
        if live.run().step("promote").is_some_and(|s| s.over()) && matches!(halt, Halt::Time { .. }) {
            break;
        }
        assert!(world.answer(&mut live, &halt).await, "{halt:?}");
    }
    assert_ne!(world.text(&look).await, before);
    live.undo().await.unwrap();
    assert_eq!(world.all_the_way(&mut live).await, Halt::Over(RunState::Undone), "{:?}", live.run().steps);
    assert_eq!(world.text(&look).await, before);
}

/// Refuses some writes, and passes the others on.
struct Denying {
    inner: Arc<dyn Changes>,
    what: &'static [&'static str],
}

impl Changes for Denying {
    fn apply<'a>(
        &'a self,
        at: &'a At,
        call: &'a Call,
        key: &'a IdempotencyKey,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        let op = call.operation();
        if !self.what.contains(&op.name) {
            return self.inner.apply(at, call, key, vault);
        }
        let kind = FaultKind::Denied { action: op.iam_action.into(), resource: None };
        Box::pin(std::future::ready(Err(Fault::new(kind, op.name, "not for you"))))
    }
}

impl World {
    fn deny(&mut self, what: &'static [&'static str]) {
        let writes = self.ports.writes.clone().unwrap();
        let changes = Arc::new(Denying { inner: writes.changes, what });
        self.ports.writes = Some(Writes { changes, materials: writes.materials });
    }
}

#[tokio::test]
async fn a_date_that_may_not_be_kept_fails_no_update() {
    let mut world = world().await;
    world.deny(&["secretsmanager:TagResource"]);
    let plan = world.plan(&GENERATED).await;
    let look = plan.clone();
    let before = world.text(&look).await;
    let mut live = world.runs().start(plan, Vault::default()).await.unwrap();
    assert_eq!(world.all_the_way(&mut live).await, Halt::Over(RunState::Done), "{:?}", live.run().steps);
    assert_ne!(world.text(&look).await, before);
    let said = live.run().step("date").unwrap().evidence.clone();
    assert!(said[0].contains("cannot be kept") && said[0].contains("TagResource"), "{said:?}");
}

#[tokio::test]
async fn a_date_that_may_not_be_taken_off_keeps_no_undo_back() {
    let mut world = world().await;
    world.deny(&["secretsmanager:UntagResource"]);
    let plan = world.plan(&GENERATED).await;
    let look = plan.clone();
    let before = world.text(&look).await;
    let mut live = world.runs().start(plan, Vault::default()).await.unwrap();
    assert_eq!(world.all_the_way(&mut live).await, Halt::Over(RunState::Done), "{:?}", live.run().steps);
    live.undo().await.unwrap();
    assert_eq!(world.all_the_way(&mut live).await, Halt::Over(RunState::Undone), "{:?}", live.run().steps);
    assert_eq!(world.text(&look).await, before);
    let left = live.run().leftovers();
    assert!(
        left.iter().any(|l| l.starts_with("step date: ") && l.contains("could not be undone")),
        "{left:?}"
    );
}

/// A process that stops at any point at which it waits for anything, and one that comes after it.
#[tokio::test]
async fn whoever_stops_anywhere_is_followed_by_one_who_finishes_the_same_work() {
    let mut stopped = 0;
    for polls in 0.. {
        let world = world().await;
        let plan = world.plan(&GENERATED).await;
        let look = plan.clone();
        let (before, versions) = (world.text(&look).await, world.versions(&look).await.len());
        let mut live = world.runs().start(plan, Vault::default()).await.unwrap();
        let id = live.run().id.clone();
        let mut left = polls;
        let whole = {
            let work = world.all_the_way(&mut live);
            tokio::pin!(work);
            std::future::poll_fn(|cx| {
                if left == 0 {
                    return std::task::Poll::Ready(None);
                }
                left -= 1;
                std::future::Future::poll(work.as_mut(), cx).map(Some)
            })
            .await
        };
        live.close().await.unwrap();
        if whole.is_some() {
            break;
        }
        stopped += 1;
        let mut live = world.runs().resume(&id, Vault::default()).await.unwrap();
        let halt = world.all_the_way(&mut live).await;
        assert_eq!(halt, Halt::Over(RunState::Done), "stopped after {polls}: {:?}", live.run().steps);
        only_that_field(&before, &world.text(&look).await, "slackWebhookUrl");
        assert_eq!(world.versions(&look).await.len(), versions + 1, "one version was made");
    }
    assert!(stopped > 40, "{stopped} points were tried");
}

#[tokio::test]
async fn bad_luck_with_writes_costs_time_and_nothing_else() {
    let luck = Mishaps { throttled: 0.2, lost_before: 0.15, lost_after: 0.15, colleague: 0.0, behind: 0.5 };
    for seed in 0..12 {
        let world = world_with(luck.clone(), seed).await;
        let plan = world.plan(&GENERATED).await;
        let look = plan.clone();
        let before = world.text(&look).await;
        let mut live = world.runs().start(plan, Vault::default()).await.unwrap();
        let mut halt = world.all_the_way(&mut live).await;
        for _ in 0..10 {
            if !matches!(halt, Halt::Failed { .. }) {
                break;
            }
            halt = world.all_the_way(&mut live).await;
        }
        assert_eq!(halt, Halt::Over(RunState::Done), "seed {seed}: {:?}", live.run().steps);
        world.clock.jump(Duration::from_secs(60));
        only_that_field(&before, &world.text(&look).await, "slackWebhookUrl");
    }
}

#[tokio::test]
async fn a_colleague_who_writes_meanwhile_is_never_overwritten_unseen() {
    let mut refused = 0;
    for moment in 0..8 {
        let world = world().await;
        let plan = world.plan(&GENERATED).await;
        let look = plan.clone();
        let secret = plan.steps.iter().flat_map(|s| &s.changes).next().unwrap().resource();
        let mut live = world.runs().start(plan, Vault::default()).await.unwrap();
        let mut theirs = None;
        for halts in 0..40 {
            if halts == moment {
                let writes = Colleague::PutsSecretValue(bartizan::estate::Arn::new(secret.wire()));
                assert!(world.practice.colleague(&writes).unwrap());
                theirs = Some(world.text(&look).await);
            }
            let halt = live.go(None).await.unwrap();
            if !world.answer(&mut live, &halt).await {
                break;
            }
        }
        let Some(theirs) = theirs else { break };
        let now = world.text(&look).await;
        match live.run().state() {
            RunState::Failed => {
                assert_eq!(now, theirs, "moment {moment}: what they wrote stands");
                refused += 1;
            }
            RunState::Done if now == theirs => {} // they wrote when this run had done its work
            RunState::Done => only_that_field(&theirs, &now, "slackWebhookUrl"),
            other => panic!("moment {moment}: {other:?}"),
        }
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn a_run_in_files_survives_whoever_lets_go_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let world = world().await;
    let here = || Here { host: "bastion".into(), pid: 7 };
    let runs = |store: &Arc<dyn Store>| {
        let who = Who { principal: Untrusted::from("alice"), host: Untrusted::from("bastion"), pid: 7 };
        let site = Site { context: Untrusted::from("practice"), read_only: false, production: false };
        Runs::new(world.ports.clone(), Some(store.clone()), who, site)
    };
    let store: Arc<dyn Store> = Arc::new(Files::new(&dir.path().join("state"), here()));
    let plan = world.plan(&GENERATED).await;
    let (look, before) = (plan.clone(), world.text(&plan).await);
    let mut live = runs(&store).start(plan.clone(), Vault::default()).await.unwrap();
    let id = live.run().id.clone();
    assert!(runs(&store).resume(&id, Vault::default()).await.is_err(), "one writer at a time");
    let mut turns = 0;
    loop {
        turns += 1;
        assert!(turns < 100, "{:?}", live.run().waiting);
        let halt = live.go(None).await.unwrap();
        if !world.answer(&mut live, &halt).await {
            assert_eq!(halt, Halt::Over(RunState::Done), "{:?}", live.run().steps);
            break;
        }
        if matches!(halt, Halt::Time { .. }) {
            // Held without a process, through the wait.
            live.close().await.unwrap();
            assert_eq!(store.leases().await.unwrap().len(), 1);
            let another = world.plan(&GENERATED).await;
            let held = runs(&store).start(another, Vault::default()).await.err().unwrap();
            assert!(held.to_string().contains(&format!("held by run {id}")), "{held}");
            let line = &runs(&store).list().await.unwrap()[0];
            assert_eq!(line.state, Some(RunState::Waiting));
            live = runs(&store).resume(&id, Vault::default()).await.unwrap();
        }
    }
    live.close().await.unwrap();
    only_that_field(&before, &world.text(&look).await, "slackWebhookUrl");
    assert!(store.leases().await.unwrap().is_empty());
    let report = store.verify().await.unwrap();
    assert!(report.is_sound() && report.records > 20, "{report:?}");
    assert_eq!(runs(&store).list().await.unwrap()[0].state, Some(RunState::Done));
}
