//! A run of a runbook over the practice estate, as far as a person's yes takes it: a key that a gateway and a
//! function share, rotated until it waits for its callers. What is made up by chance is given a name that stays.

use crate::still;
use bartizan::engine::runs::{Live, Runs, Site, Who};
use bartizan::estate::time::{SignedDuration, Timestamp};
use bartizan::estate::{BoxFuture, Clock, Consent, Demand, Estates, Given, Untrusted, Vault};
use bartizan::journal::{Here, Memory};
use bartizan::practice::{Options, Practice};
use bartizan::runbook::definition::{Definition, shipped};
use bartizan::runbook::run::Run;
use bartizan::runbook::{Halt, Inputs, RunLine};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Stands in a picture for the id that chance gave the run; as long as one.
const NAME: &str = "7f3a19c2";

/// A run, what it waits for, and its line in the list.
pub struct Kept {
    pub run: Arc<Run>,
    pub halt: Halt,
    pub list: Vec<RunLine>,
    pub book: Arc<Definition>,
}

impl Kept {
    /// A picture of it with a name that is the same every time.
    pub fn named(&self, picture: &str) -> String {
        let id = self.run.id.as_str();
        // Where a line was cut, a part of it is left.
        (1..id.len()).rev().fold(picture.replace(id, NAME), |text, n| {
            text.replace(
                &format!("bartizan-{}\u{2026}", &id[..n]),
                &format!("bartizan-{}\u{2026}", &NAME[..n]),
            )
        })
    }
}

/// Sleeping moves it on.
struct Jumping(Mutex<Timestamp>);

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

/// The rotation, begun so many days before the pictures.
pub fn rotation(days: i64) -> Kept {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let began = still::now().saturating_sub(SignedDuration::from_hours(24 * days)).unwrap();
        let clock = Arc::new(Jumping(Mutex::new(began)));
        let options = Options { latency: None, quotas: false, hiccup: None, ..Options::default() };
        let practice = Practice::new(options, clock).unwrap();
        let ports = practice.open(&still::context(), Arc::new(still::Nobody)).await.unwrap();
        let store = Memory::new(Here { host: "bastion".into(), pid: 7 });
        let who = Who { principal: Untrusted::from("ops/alice"), host: Untrusted::from("bastion"), pid: 7 };
        let site = Site { context: Untrusted::from("practice"), read_only: false, production: false };
        let runs = Runs::new(ports, Some(Arc::new(store)), who, site);
        let book = shipped("api-key-rotation").unwrap().unwrap();
        let given =
            [("store", "api-gateway,lambda-env"), ("function", "logapi-handler"), ("variable", "API_KEYS")];
        let given: Vec<(String, String)> = given.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let plan = runs.plan(&book, &Inputs::read(&book, &given).unwrap()).await.unwrap();
        let mut live = runs.start(plan, Vault::default()).await.unwrap();
        let halt = until_it_waits(&mut live).await;
        let list = runs.list().await.unwrap();
        Kept { run: live.run(), halt, list, book: Arc::new(book) }
    })
}

async fn until_it_waits(live: &mut Live) -> Halt {
    loop {
        match live.go(None).await.unwrap() {
            Halt::Consent { proposal, .. } => {
                let yes = proposal.changes.into_iter().map(|change| {
                    let given = match change.demand() {
                        Demand::Yes => Given::Yes,
                        Demand::Name(name) => Given::Typed(name),
                    };
                    Consent::give(change, given).unwrap()
                });
                live.consent(yes.collect()).await.unwrap();
            }
            halt => return halt,
        }
    }
}
