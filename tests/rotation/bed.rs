//! A bed for whole runs: the practice estate on a clock that jumps, the engine over it with a journal in memory,
//! and a person who answers. It knows the estate's values, to say what came of them; no product code does.

use bartizan::engine::Live;
use bartizan::engine::runs::{Runs, Site, Who};
use bartizan::estate::time::SignedDuration;
use bartizan::estate::*;
use bartizan::journal::{Here, Memory, RunName};
use bartizan::practice::{Mishaps, Options, Practice};
use bartizan::runbook::definition::{Definition, shipped};
use bartizan::runbook::{Event, Halt, Inputs, Proposal, RunState};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zeroize::Zeroizing;

/// A clock that jumps: sleeping takes no time of ours.
#[derive(Clone)]
pub struct Jumping(Arc<Mutex<Timestamp>>);

impl Jumping {
    pub fn to(&self, then: Timestamp) {
        let mut now = self.0.lock().unwrap();
        *now = (*now).max(then);
    }
}

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        let mut now = self.0.lock().unwrap();
        *now = now.saturating_add(SignedDuration::try_from(d).unwrap()).unwrap();
        Box::pin(std::future::ready(()))
    }
}

struct Nobody;

impl Prompt for Nobody {
    fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        Box::pin(async { None })
    }
}

/// The estate, the engine and the journal.
pub struct Bed {
    pub practice: Practice,
    pub ports: Ports,
    pub clock: Jumping,
    pub store: Memory,
}

pub fn context() -> Context {
    Context::named("practice")
}

impl Bed {
    /// An estate of one system, where nothing goes wrong.
    pub async fn of(system: &str) -> Self {
        Self::unlucky(7, system, Mishaps::default()).await
    }

    pub async fn unlucky(seed: u64, system: &str, mishaps: Mishaps) -> Self {
        // Everything there is, where no system is named.
        let systems = Some(system.to_owned()).filter(|s| !s.is_empty()).into_iter().collect();
        let options = Options { seed, systems, latency: None, hiccup: None, mishaps, ..Options::default() };
        Self::with(options).await
    }

    pub async fn with(options: Options) -> Self {
        let clock = Jumping(Arc::new(Mutex::new("2026-11-17T10:00:00Z".parse().unwrap())));
        let practice = Practice::new(options, Arc::new(clock.clone())).unwrap();
        let ports = practice.open(&context(), Arc::new(Nobody)).await.unwrap();
        let store = Memory::new(Here { host: "bastion".into(), pid: 4711 });
        Self { practice, ports, clock, store }
    }

    pub fn runs(&self) -> Runs {
        self.over(self.ports.clone())
    }

    /// The program stops: only what is on the disk is left of the run.
    pub fn crash(&mut self, run: &RunId, live: Live) {
        drop(live);
        let name: RunName = run.as_str().parse().unwrap();
        let bytes = self.store.bytes(&name);
        self.store = Memory::new(Here { host: "bastion".into(), pid: 4712 });
        self.store.left(&name, bytes);
    }

    /// The engine over other ports to the same estate.
    pub fn over(&self, ports: Ports) -> Runs {
        let who = Who { principal: "alice".into(), host: "bastion".into(), pid: 4711 };
        let site = Site { context: "practice".into(), read_only: false, production: false };
        Runs::new(ports, Some(Arc::new(self.store.clone())), who, site)
    }

    /// Begins a rotation.
    pub async fn start(&self, inputs: &[(&str, &str)]) -> Live {
        self.begin("api-key-rotation", inputs).await
    }

    /// Begins a runbook that nothing is said against.
    pub async fn begin(&self, runbook: &str, inputs: &[(&str, &str)]) -> Live {
        let definition = shipped(runbook).unwrap().unwrap();
        let runs = self.runs();
        let plan = runs.plan(&definition, &given(&definition, inputs)).await.unwrap();
        for step in &plan.steps {
            assert_eq!(step.refusal, None, "the plan refuses at {}", step.id);
        }
        runs.start(plan, Vault::default()).await.unwrap()
    }

    /// What a place of the estate holds, as text.
    pub async fn text(&self, source: &MaterialSource) -> String {
        let (vault, slot) = (Vault::default(), Slot::new("seen"));
        let at = At { account: AccountId::new("000000000000"), region: Region::us_east_1() };
        let writes = self.ports.writes.as_ref().unwrap();
        writes.materials.load(&at, source, slot.clone(), &vault).await.unwrap();
        vault.with(&slot, |b| String::from_utf8(b.to_vec()).unwrap()).unwrap()
    }

    pub async fn all<Q: Asks>(&self, question: Q) -> Result<Q::Out, Fault> {
        let at = At { account: AccountId::new("000000000000"), region: Region::us_east_1() };
        let page = self.ports.reads.fetch(&Query { at, ask: question.ask() }, None).await?;
        assert!(page.next.is_none(), "one page is enough here");
        Q::open(page.answer)
    }

    /// A variable of a function, `$LATEST` or a version.
    pub async fn variable(&self, function: &str, version: Option<&str>, name: &str) -> String {
        let environment = self.environment(function, version).await;
        environment.get(name).and_then(|v| v.as_str()).unwrap().to_owned()
    }

    pub async fn environment(&self, function: &str, version: Option<&str>) -> serde_json::Value {
        let version = version.map(FunctionVersion::new);
        let source = MaterialSource::Environment { function: FunctionName::new(function), version };
        serde_json::from_str(&self.text(&source).await).unwrap()
    }

    /// The text of a secret's current version.
    pub async fn secret(&self, name: &str) -> String {
        let secrets = self.all(ask::secretsmanager::DescribeSecret { secret: Arn::new(name) }).await.unwrap();
        let secret = secrets.arn;
        let asked = ask::secretsmanager::ListSecretVersionIds { secret: secret.clone(), deprecated: true };
        let versions = self.all(asked).await.unwrap();
        let version = versions.into_iter().find(|v| v.has_stage("AWSCURRENT")).unwrap().id;
        self.text(&MaterialSource::Secret { secret, version }).await
    }

    /// The journal as it is kept.
    pub fn journal(&self, run: &RunId) -> String {
        let name: RunName = run.as_str().parse().unwrap();
        String::from_utf8(self.store.bytes(&name)).unwrap()
    }
}

pub fn rotation() -> Definition {
    shipped("api-key-rotation").unwrap().unwrap()
}

pub fn given(definition: &Definition, inputs: &[(&str, &str)]) -> Inputs {
    let pairs: Vec<_> = inputs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Inputs::read(definition, &pairs).unwrap()
}

/// A person's yes to everything that is proposed, names typed where they are demanded.
pub fn yes(proposal: &Proposal) -> Vec<Consent> {
    let consent = |change: &Change| {
        let given = match change.demand() {
            change::Demand::Yes => Given::Yes,
            change::Demand::Name(name) => Given::Typed(name),
        };
        Consent::give(change.clone(), given).unwrap()
    };
    proposal.changes.iter().map(consent).collect()
}

/// Answers a halt as a person of good will does; `false` where there is nothing more to answer.
pub async fn answer(bed: &Bed, live: &mut Live, halt: &Halt) -> bool {
    match halt {
        Halt::Consent { proposal, .. } => live.consent(yes(proposal)).await.unwrap(),
        Halt::Time { until, .. } | Halt::Settle { until, .. } => bed.clock.to(*until),
        Halt::Person { question, .. } => match question.accepts.first().filter(|_| !question.takes_words()) {
            None => live.attest("every caller has said so").await.unwrap(),
            Some(input) => {
                let value = bartizan::runbook::Value::Text(question.choices[0].as_str().into());
                live.set(input, value).await.unwrap();
            }
        },
        Halt::Enter { slot, .. } => {
            live.vault().put(slot.clone(), Zeroizing::new(b"typed-by-a-person-0123456789".to_vec()));
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

/// Goes on until nobody can say yes any more.
pub async fn go(bed: &Bed, live: &mut Live) -> Halt {
    go_until(bed, live, None).await
}

pub async fn go_until(bed: &Bed, live: &mut Live, until: Option<&str>) -> Halt {
    for _ in 0..300 {
        let halt = live.go(until).await.unwrap();
        if !answer(bed, live, &halt).await {
            return halt;
        }
    }
    panic!("the run goes round in circles: {:?}", live.run().waiting);
}

/// Takes a whole run to its end.
pub async fn done(bed: &Bed, live: &mut Live) {
    let halt = go(bed, live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{:#?}", evidence(live));
}

/// What the steps that are done have said.
pub fn evidence(live: &Live) -> Vec<(String, Vec<String>)> {
    live.run().steps.iter().map(|s| (s.id.clone(), s.evidence.clone())).collect()
}

/// What one step has said.
pub fn said(live: &Live, step: &str) -> String {
    live.run().step(step).unwrap().evidence.join("; ")
}

/// How many calls of an operation were made.
pub async fn calls(bed: &Bed, run: &RunId, operation: &str) -> usize {
    let events = bed.runs().events(run).await.unwrap();
    let is = |e: &&Event| matches!(e, Event::Intent { what, .. } if what.operation().name == operation);
    events.iter().map(|(_, e)| e).filter(is).count()
}
