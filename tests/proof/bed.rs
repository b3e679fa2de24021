//! What the proofs stand on: the practice estate with its weather cut out, on a clock that jumps, behind ports and a
//! store that count every call and every record and can fail, stop or kill at any of them. The product knows
//! nothing of this.

pub use crate::wire::{End, Fuse, Fused, Weather, Wire};
use bartizan::engine::runs::{Live, Runs, Site, Who};
use bartizan::estate::time::SignedDuration;
use bartizan::estate::*;
use bartizan::journal::Store;
use bartizan::practice::{Options, Practice, Seal};
use bartizan::runbook::definition::{Definition, shipped};
use bartizan::runbook::{Decision, Halt, Inputs, Proposal, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use zeroize::Zeroizing;

/// What a person types where something is to be entered.
pub const TYPED: &str = "MARKtypedByAPersonQz7Kp3Vn8Rt2Xw5Yb9";

/// A runbook, the system it is run in, and its inputs.
pub struct Script {
    pub name: &'static str,
    pub system: &'static str,
    pub runbook: &'static str,
    pub inputs: &'static [(&'static str, &'static str)],
}

/// Stands for the id of the key of `logapi-exporter`, which the seed decides.
const LEAKED: &str = "<the key of logapi-exporter>";

const ROTATION: &str = "api-key-rotation";

/// One for each kind of store, the update, and what contains a compromise.
pub const SCRIPTS: &[Script] = &[
    Script {
        name: "secret",
        system: "omnitrack",
        runbook: ROTATION,
        inputs: &[("store", "secret"), ("secret", "omnitrack/api-keys"), ("field", "externalApiKey")],
    },
    Script {
        name: "lambda-env",
        system: "mongo-api",
        runbook: ROTATION,
        inputs: &[
            ("store", "lambda-env"),
            ("function", "mongo-api-prod-authorizer"),
            ("variable", "API_KEYS"),
            ("alias", "live"),
            ("old", "1"),
            ("canary_url", "https://m3n8b4v6tz.execute-api.us-east-1.amazonaws.com/prod/"),
        ],
    },
    Script {
        name: "api-gateway",
        system: "logapi",
        runbook: ROTATION,
        inputs: &[("store", "api-gateway"), ("old", "k8d3v6z1xq")],
    },
    Script {
        name: "iam-user",
        system: "logapi",
        runbook: ROTATION,
        inputs: &[("store", "iam-user"), ("user", "logapi-exporter"), ("target_secret", "logapi/exporter")],
    },
    Script {
        name: "both",
        system: "logapi",
        runbook: ROTATION,
        inputs: &[
            ("store", "api-gateway,lambda-env"),
            ("function", "logapi-handler"),
            ("variable", "API_KEYS"),
            ("old", "k8d3v6z1xq"),
            ("canary_url", "https://q7w2m5k9ra.execute-api.us-east-1.amazonaws.com/prod/logs"),
        ],
    },
    Script {
        name: "secret-update",
        system: "logapi",
        runbook: "secret-update",
        inputs: &[("secret", "logapi/api-key"), ("field", "backup")],
    },
    Script {
        name: "iam-key-compromised",
        system: "logapi",
        runbook: "iam-key-compromised",
        inputs: &[("key", LEAKED), ("regions", "us-east-1,eu-central-1")],
    },
    // with two keys: each is a change of its own
    Script {
        name: "iam-user-compromised",
        system: "json-stack",
        runbook: "iam-user-compromised",
        inputs: &[("user", "json-stack-ci"), ("regions", "us-east-1,eu-central-1")],
    },
    Script {
        name: "function-isolated",
        system: "mte",
        runbook: "function-isolated",
        inputs: &[("function", "mte-prod-ProcessAnalysisFunction")],
    },
    Script {
        name: "cost-overrun",
        system: "mongo-api",
        runbook: "cost-overrun",
        inputs: &[("function", "mongo-api-prod-app"), ("limit", "5")],
    },
    Script {
        name: "api-key-compromised",
        system: "logapi",
        runbook: "api-key-compromised",
        inputs: &[
            ("store", "api-gateway,lambda-env"),
            ("key", "k8d3v6z1xq"),
            ("function", "logapi-handler"),
            ("canary_url", "https://q7w2m5k9ra.execute-api.us-east-1.amazonaws.com/prod/logs"),
        ],
    },
    Script {
        name: "role-sessions-revoked",
        system: "logapi",
        runbook: "role-sessions-revoked",
        inputs: &[("role", "logapi-handler-role")],
    },
    Script {
        name: "database-breach",
        system: "logapi",
        runbook: "database-breach",
        inputs: &[("instance", "logapi-prod"), ("store", "lambda-env"), ("function", "logapi-handler")],
    },
];

impl Script {
    pub fn named(name: &str) -> &'static Script {
        SCRIPTS.iter().find(|s| s.name == name).unwrap()
    }

    pub fn definition(&self) -> Definition {
        shipped(self.runbook).unwrap().unwrap()
    }

    pub fn inputs(&self, definition: &Definition) -> Inputs {
        let leaked = || leaked_key(base(self.system));
        let value = |v: &str| if v == LEAKED { leaked() } else { v.to_owned() };
        let pairs: Vec<_> = self.inputs.iter().map(|(k, v)| ((*k).to_owned(), value(v))).collect();
        Inputs::read(definition, &pairs).unwrap()
    }
}

/// A clock that jumps: sleeping takes no time of ours.
#[derive(Clone)]
pub struct Jumping(Arc<Mutex<Timestamp>>);

impl Jumping {
    pub fn at(then: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(then)))
    }

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
        drop(now);
        Box::pin(tokio::task::yield_now())
    }
}

pub struct Nobody;

impl Prompt for Nobody {
    fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        Box::pin(async { None })
    }
}

pub fn context() -> Context {
    Context::named("practice")
}

pub fn options() -> Options {
    let seal = Some(Seal::new(Zeroizing::new([7; 32])));
    Options { latency: None, hiccup: None, quotas: false, seal, ..Options::default() }
}

/// The bytes of an estate of one system without its weather: what is proved here is about writes, and alarms that
/// are evaluated for a week take most of the time of a test.
pub fn base(system: &str) -> &'static [u8] {
    static BASES: OnceLock<Mutex<BTreeMap<String, &'static [u8]>>> = OnceLock::new();
    let mut bases = BASES.get_or_init(Mutex::default).lock().unwrap();
    bases.entry(system.to_owned()).or_insert_with(|| {
        let clock = Jumping::at("2026-11-17T10:00:00Z".parse().unwrap());
        let options = Options { seed: 7, systems: vec![system.to_owned()], ..options() };
        let practice = Practice::new(options, Arc::new(clock)).unwrap();
        let mut json: serde_json::Value = serde_json::from_slice(&practice.snapshot().unwrap()).unwrap();
        for table in ["alarms", "mutes", "agenda", "strikes"] {
            json["world"][table] = serde_json::json!([]);
        }
        Box::leak(serde_json::to_vec(&json).unwrap().into_boxed_slice())
    })
}

fn leaked_key(bytes: &[u8]) -> String {
    let json: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    let users = json["world"]["users"].as_array().unwrap();
    let user = users.iter().find(|u| u["name"] == "logapi-exporter").unwrap();
    user["keys"][0]["id"].as_str().unwrap().to_owned()
}

/// An estate, what is in the way to it, and where the journal is.
pub struct Bed {
    pub practice: Practice,
    pub ports: Ports,
    pub clock: Jumping,
    pub wire: Arc<Wire>,
    pub store: Arc<dyn Store>,
    pub fuse: Arc<Fuse>,
}

impl Bed {
    pub async fn restored(
        bytes: &[u8],
        not_before: Option<Timestamp>,
        store: Arc<dyn Store>,
        fuse: Arc<Fuse>,
    ) -> Self {
        let clock = Jumping::at(Timestamp::UNIX_EPOCH);
        let practice = Practice::restore(bytes, options(), Arc::new(clock.clone())).unwrap();
        clock.to(practice.now());
        if let Some(then) = not_before {
            clock.to(then);
        }
        let ports = practice.open(&context(), Arc::new(Nobody)).await.unwrap();
        Self::over(practice, ports, clock, store, fuse)
    }

    pub fn over(
        practice: Practice,
        ports: Ports,
        clock: Jumping,
        store: Arc<dyn Store>,
        fuse: Arc<Fuse>,
    ) -> Self {
        let wire = Arc::new(Wire {
            inner: ports.clone(),
            fuse: fuse.clone(),
            sky: Mutex::new(Box::new(|_, _| Weather::Fine)),
            counts: Mutex::default(),
            falls: Mutex::default(),
            made: Mutex::default(),
            heard: OnceLock::new(),
        });
        Self { practice, ports, clock, wire, store, fuse }
    }

    pub async fn of(script: &Script, store: Arc<dyn Store>, fuse: Arc<Fuse>) -> Self {
        Self::restored(base(script.system), None, store, fuse).await
    }

    /// Another process that comes to the same estate.
    pub fn next(&self, store: Arc<dyn Store>, fuse: Arc<Fuse>) -> Self {
        let next = Self::over(self.practice.clone(), self.ports.clone(), self.clock.clone(), store, fuse);
        let made = self.wire.made.lock().unwrap().clone();
        *next.wire.made.lock().unwrap() = made;
        next
    }

    pub fn runs(&self) -> Runs {
        let wire = &self.wire;
        let writes = Writes { changes: wire.clone(), materials: wire.clone() };
        let ports = Ports {
            reads: wire.clone(),
            writes: Some(writes),
            outside: wire.clone(),
            clock: Arc::new(self.clock.clone()),
            ..self.ports.clone()
        };
        let store: Arc<dyn Store> = Arc::new(Fused { inner: self.store.clone(), fuse: self.fuse.clone() });
        let who = Who { principal: "alice".into(), host: "bastion".into(), pid: std::process::id() };
        let site = Site { context: "practice".into(), read_only: false, production: false };
        Runs::new(ports, Some(store), who, site)
    }

    pub async fn start(&self, script: &Script) -> Result<Live, String> {
        let definition = script.definition();
        let runs = self.runs();
        let plan = runs.plan(&definition, &script.inputs(&definition)).await.map_err(|f| f.to_string())?;
        if let Some((step, why)) = plan.refusal() {
            return Err(format!("the plan refuses at {step}: {why}"));
        }
        runs.start(plan, Vault::default()).await.map_err(|f| f.to_string())
    }

    pub async fn resume(&self, id: &RunId) -> Live {
        self.runs().resume(id, Vault::default()).await.unwrap()
    }

    /// Answers a halt as a person of good will does; `false` where there is nothing more to answer.
    pub async fn answer(&self, live: &mut Live, halt: &Halt) -> bool {
        match halt {
            Halt::Consent { proposal, .. } => live.consent(yes(proposal)).await.unwrap(),
            Halt::Time { accepts, .. } if accepts.iter().any(|a| a == "override") => {
                live.set("override", Value::Text("a proof goes on".into())).await.unwrap();
            }
            Halt::Time { until, .. } | Halt::Settle { until, .. } => self.clock.to(*until),
            Halt::Person { question, .. } => {
                match question.accepts.first().filter(|_| !question.takes_words()) {
                    None => live.attest("every caller has said so").await.unwrap(),
                    Some(input) if input == "override" => {
                        live.set("override", Value::Text("a proof goes on".into())).await.unwrap();
                    }
                    Some(input) => {
                        let value = Value::Text(question.choices[0].as_str().into());
                        live.set(input, value).await.unwrap();
                    }
                }
            }
            Halt::Enter { slot, .. } => {
                live.vault().put(slot.clone(), Zeroizing::new(TYPED.as_bytes().to_vec()));
            }
            // Its events tell a person whether it rebooted.
            Halt::Decide { doubt, .. } if doubt.call.contains("RebootDBInstance") => {
                let happened = rebooted(&self.practice);
                let told = if happened { Decision::Happened(None) } else { Decision::NotHappened };
                live.decide(told).await.unwrap();
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
    pub async fn go(&self, live: &mut Live) -> Halt {
        for _ in 0..300 {
            let halt = live.go(None).await.unwrap();
            if !self.answer(live, &halt).await {
                return halt;
            }
        }
        panic!("the run goes round in circles: {:?}", live.run().waiting);
    }

    /// The same, trying again what failed, at most so often.
    pub async fn go_again(&self, live: &mut Live, most: usize) -> Halt {
        let mut halt = self.go(live).await;
        for _ in 0..most {
            let Halt::Failed { .. } = &halt else { break };
            halt = self.go(live).await;
        }
        halt
    }

    /// Runs until the fuse blows (`None`) or nobody can say yes any more.
    pub async fn until_blown<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.fuse.blown.notified() => None,
            done = work => Some(done),
        }
    }

    pub async fn only_run(&self) -> Option<RunId> {
        let names = self.store.runs().await.unwrap();
        let id = RunId::new(names.first()?.as_str())?;
        let empty = self.store.read(&names[0]).await.unwrap().folded.records.is_empty();
        (!empty).then_some(id)
    }
}

/// Whether a database of the estate was ever rebooted.
fn rebooted(practice: &Practice) -> bool {
    let json: serde_json::Value = serde_json::from_slice(&practice.snapshot().unwrap()).unwrap();
    let databases = json["world"]["databases"].as_array().unwrap();
    databases.iter().any(|d| d["reboots"].as_u64().unwrap() > 0)
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
