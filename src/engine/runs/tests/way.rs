//! The whole way of a run, with a person at every crossing who says yes.

use super::world::World;
use crate::engine::runs::{Live, RunsFault};
use crate::estate::{Consent, Demand, Given, RunId, Vault};
use crate::journal::{RunName, Store};
use crate::runbook::definition::Argument;
use crate::runbook::run::{Run, Stamp};
use crate::runbook::{
    Condition, Definition, Event, Halt, Input, Inputs, Proposal, RunState, Step, Value, ValueType, verb::Verb,
};
use std::time::Duration;

/// A definition of these steps: id, verb. All of them know `old` and what the first gives.
pub fn definition(steps: &[(&str, &str)]) -> Definition {
    let late = |name: &str, kind| Input {
        name: name.into(),
        kind,
        doc: String::new(),
        choices: vec![],
        default: None,
        late: true,
        optional: true,
        when: Condition::default(),
    };
    let old =
        Input { late: false, default: Some(Value::Text("old1".into())), ..late("old", ValueType::Text) };
    let made = steps.iter().position(|(_, verb)| *verb == "t.make");
    let step = |(n, (id, verb)): (usize, &(&str, &str))| {
        let mut with = [("old".to_owned(), Argument::Input("old".into()))].to_vec();
        if let Some(first) = made.filter(|first| *first < n) {
            for output in ["key", "home"] {
                with.push((output.into(), Argument::Output(steps[first].0.into(), output.into())));
            }
        }
        let verb: &dyn Verb = super::verbs::find(verb).unwrap();
        Step {
            id: (*id).into(),
            title: format!("do {id}"),
            kind: verb.kind(),
            verb: verb.name().into(),
            with: with.into_iter().collect(),
            when: Condition::default(),
            now: String::new(),
        }
    };
    Definition {
        name: "test-rotation".into(),
        version: 1,
        title: "A test".into(),
        about: String::new(),
        inputs: vec![old, late("migrated", ValueType::Flag)],
        steps: steps.iter().enumerate().map(step).collect(),
    }
}

/// The whole rotation.
pub const ROTATION: &[(&str, &str)] = &[
    ("evidence", "t.look"),
    ("create", "t.make"),
    ("add", "t.env"),
    ("join", "t.join"),
    ("enable", "t.enable"),
    ("canary", "t.invoke"),
    ("migrate", "t.wait"),
    ("unused", "t.ask"),
    ("disable", "t.disable"),
    ("remove", "t.remove"),
];

pub fn inputs(definition: &Definition) -> Inputs {
    Inputs::read(definition, &[]).unwrap()
}

pub async fn start(world: &World, steps: &[(&str, &str)]) -> Live {
    let definition = definition(steps);
    let runs = world.runs();
    let plan = runs.plan(&definition, &inputs(&definition)).await.unwrap();
    runs.start(plan, Vault::default()).await.unwrap()
}

/// A person's yes to everything that is proposed.
pub fn yes(proposal: &Proposal) -> Vec<Consent> {
    let consent = |change: &crate::estate::Change| {
        let given = match change.demand() {
            Demand::Yes => Given::Yes,
            Demand::Name(name) => Given::Typed(name),
        };
        Consent::give(change.clone(), given).unwrap()
    };
    proposal.changes.iter().map(consent).collect()
}

/// Answers a halt as a person of good will does; `false` when there is nothing to answer.
pub async fn answer(world: &World, live: &mut Live, halt: &Halt) -> Result<bool, RunsFault> {
    match halt {
        Halt::Consent { proposal, .. } => live.consent(yes(proposal)).await?,
        Halt::Arm { alias } => live.arm(alias.wire()).await?,
        Halt::Time { until, .. } | Halt::Settle { until, .. } => {
            use crate::estate::Clock;
            let left = until.duration_since(world.clock.now());
            world.clock.jump(Duration::try_from(left).unwrap_or_default());
        }
        Halt::Person { .. } => live.attest("no caller for a week").await?,
        Halt::Enter { slot, .. } => {
            live.vault().put(slot.clone(), zeroize::Zeroizing::new(b"typed".to_vec()));
        }
        Halt::Decide { .. } | Halt::Failed { .. } | Halt::Reached(_) | Halt::Paused | Halt::Over(_) => {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Goes on until nobody can say yes any more.
pub async fn go_all_the_way(world: &World, live: &mut Live) -> Result<Halt, RunsFault> {
    for _ in 0..200 {
        let halt = live.go(None).await?;
        if !answer(world, live, &halt).await? {
            return Ok(halt);
        }
    }
    panic!("the run goes round in circles: {:?}", live.run().waiting);
}

/// What the journal tells of a run.
pub fn journal(world: &World, id: &RunId) -> Vec<(Stamp, Event)> {
    let name: RunName = id.as_str().parse().unwrap();
    let folded = crate::journal::fold(&name, world.store.inner.bytes(&name), None);
    crate::engine::runs::recall::events(&folded.records).unwrap()
}

/// That the journal adds up to the live run.
pub fn agrees(world: &World, live: &Live) {
    let events = journal(world, &live.run().id);
    let folded = Run::fold(events.iter().map(|(s, e)| (s.clone(), e))).unwrap();
    assert_eq!(folded, *live.run());
}

/// That the estate is as a rotation leaves it: one new key in every plan of old, in the function too, old gone.
pub fn rotated(world: &World) {
    let state = world.aws.state.lock().unwrap();
    assert_eq!(state.keys.len(), 1, "one key: {:?}", state.keys.keys());
    let (_, key) = state.keys.first_key_value().unwrap();
    assert!(key.enabled && key.name.starts_with("bartizan-"));
    assert_eq!(key.plans.len(), 3);
    assert_eq!(key.value.len(), 40);
    let value = String::from_utf8(key.value.clone()).unwrap();
    let expected = format!(
        r#"{{"DB_PASSWORD": "hunter2", "API_KEYS":"{}, {}, {value}"}}"#,
        super::aws::OLD,
        super::aws::BACKUP
    );
    let found = String::from_utf8(state.environment.clone()).unwrap();
    assert_eq!(found.replace(' ', ""), expected.replace(' ', ""));
}

#[tokio::test]
async fn a_rotation_goes_all_the_way_and_its_journal_adds_up_to_it() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    let halt = go_all_the_way(&world, &mut live).await.unwrap();
    assert_eq!(halt, Halt::Over(RunState::Done));
    rotated(&world);
    agrees(&world, &live);
    assert!(world.runs().list().await.unwrap()[0].state == Some(RunState::Done));
    // Joining three plans is one change and three calls, all in flight at once.
    assert_eq!(world.aws.state.lock().unwrap().most_flying, 3);
    // Over means free: nothing is held any more.
    assert!(world.store.inner.leases().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_intent_is_durable_before_its_call_and_an_outcome_before_the_next_step() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    go_all_the_way(&world, &mut live).await.unwrap();
    let events = journal(&world, &live.run().id);
    let mut open = 0;
    let mut intents = Vec::new();
    for (_, event) in &events {
        match event {
            Event::Intent { key, .. } => {
                open += 1;
                intents.push(key.clone());
            }
            Event::Outcome { .. } => open -= 1,
            Event::Changed { .. }
            | Event::Finished { .. }
            | Event::Began { .. }
            | Event::Consented { .. } => {
                assert_eq!(open, 0);
            }
            _ => {}
        }
    }
    let sent: Vec<_> = world.aws.state.lock().unwrap().log.iter().map(|(_, key)| key.clone()).collect();
    assert_eq!(intents, sent, "every call had its intent, in order, and each key left once");
}

#[tokio::test]
async fn no_secret_byte_is_in_the_journal() {
    let world = World::new();
    let mut live = start(&world, ROTATION).await;
    go_all_the_way(&world, &mut live).await.unwrap();
    let name: RunName = live.run().id.as_str().parse().unwrap();
    let text = String::from_utf8(world.store.inner.bytes(&name)).unwrap();
    let new = String::from_utf8(world.aws.state.lock().unwrap().keys.values().next().unwrap().value.clone());
    for secret in [super::aws::OLD, super::aws::BACKUP, "hunter2", &new.unwrap()] {
        assert!(!text.contains(secret));
        assert!(!format!("{:?}", live.run()).contains(secret));
    }
}

#[tokio::test]
async fn a_wait_of_days_ends_go_and_a_late_input_ends_the_wait() {
    let world = World::new();
    let mut live = start(&world, &[("migrate", "t.wait"), ("enter", "t.enter")]).await;
    let halt = live.go(None).await.unwrap();
    let Halt::Time { until, accepts, .. } = halt else { panic!("{halt:?}") };
    assert_eq!(accepts, ["migrated"]);
    assert_eq!(live.run().state(), RunState::Waiting);
    let id = live.run().id.clone();
    live.close().await.unwrap();
    let line = &world.runs().list().await.unwrap()[0];
    assert_eq!((line.state, line.until), (Some(RunState::Waiting), Some(until)));
    let mut live = world.runs().resume(&id, Vault::default()).await.unwrap();
    // The same wait, counted from when the step began, and not noted twice.
    assert!(matches!(live.go(None).await.unwrap(), Halt::Time { until: same, .. } if same == until));
    let waits = journal(&world, &id).iter().filter(|(_, e)| matches!(e, Event::Waiting { .. })).count();
    assert_eq!(waits, 1);
    assert!(live.set("old", Value::Text("x".into())).await.is_err());
    assert!(live.set("migrated", Value::Number(1)).await.is_err());
    live.set("migrated", Value::Flag(true)).await.unwrap();
    assert!(matches!(live.go(Some("migrate")).await.unwrap(), Halt::Reached(_)));
    assert!(live.go(Some("migrat")).await.is_err());
    assert!(matches!(live.go(None).await.unwrap(), Halt::Enter { .. }));
    assert_eq!(go_all_the_way(&world, &mut live).await.unwrap(), Halt::Over(RunState::Done));
}

#[tokio::test]
async fn undo_runs_backwards_and_says_what_it_could_not_take_back() {
    let world = World::new();
    let steps = &ROTATION[..ROTATION.len() - 1];
    let mut live = start(&world, steps).await;
    go_all_the_way(&world, &mut live).await.unwrap();
    live.undo().await.unwrap();
    // The function's revision moved on by itself: the plain inverse names that of the receipt, which holds here.
    let halt = live.go(None).await.unwrap();
    let Halt::Consent { step, proposal, .. } = &halt else { panic!("{halt:?}") };
    assert_eq!(step, "disable");
    assert_eq!(proposal.differs, None);
    live.vault().put(
        crate::estate::Slot::new("environment"),
        zeroize::Zeroizing::new(world.aws.state.lock().unwrap().environment.clone()),
    );
    assert_eq!(go_all_the_way(&world, &mut live).await.unwrap(), Halt::Over(RunState::Undone));
    let state = world.aws.state.lock().unwrap();
    assert_eq!(state.keys.len(), 1);
    assert!(state.keys["old1"].enabled);
    let environment = String::from_utf8(state.environment.clone()).unwrap();
    assert!(environment.ends_with(&format!("{}\"}}", super::aws::BACKUP)), "{environment}");
    drop(state);
    let run = live.run();
    let canary = &run.step("canary").unwrap().changes[0];
    assert!(canary.undone.as_ref().unwrap()[0].starts_with("not undone"));
    assert_eq!(run.step("canary").unwrap().state, crate::runbook::StepState::Done);
    assert_eq!(run.step("create").unwrap().state, crate::runbook::StepState::Undone);
    assert_eq!(run.leftovers().len(), 1, "an invocation cannot be taken back");
    agrees(&world, &live);
}
