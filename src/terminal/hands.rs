//! Runs in the console's hands, backstage: orders become plans, runs begun or taken up, and answers; what comes
//! of them goes to the loop's inbox. A run is put down as soon as it waits for time, so that any operator may go
//! on with it, and held while it waits for the person at this console.

use super::inbox::Sender;
use super::incidents::{Book, Came};
use super::keep::{keep, offer};
use super::look::{look, whose};
use super::reveal::Reveal;
use super::run::Input;
use crate::config::Tell;
use crate::console::{IncidentNews, IncidentOrder, Msg, RunsNews, RunsOrder, Saying};
use crate::engine::definitions::{self, Found};
use crate::engine::incidents::contained;
use crate::engine::runs::desk::{Desk, News, Order};
use crate::engine::runs::{Brake, Live, Runs, RunsFault, Site};
use crate::engine::{Archive, Gate};
use crate::estate::{Ports, Prompt, QueueUrl, RunId, Slot, Ticket, Untrusted, Vault};
use crate::runbook::incident::Telling;
use crate::runbook::verbs::reveal;
use crate::runbook::{Decision, Definition, Halt, Inputs, Run, RunState, Value, Verb, report};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;
use zeroize::Zeroizing;

/// The runbooks, read when they are first wanted: the first frame waits for none of them.
pub type Books = LazyLock<Vec<Found>, Box<dyn FnOnce() -> Vec<Found> + Send>>;

/// What the console's runs are made of, before an estate is open.
#[derive(Clone)]
pub struct Kit {
    /// Where runs are kept.
    pub archive: Archive,
    /// The runbooks, those that are wrong among them.
    pub books: Arc<Books>,
    /// What the context says of changes.
    pub site: Site,
    /// Who is told of incidents.
    pub tell: Tell,
}

/// The runs over an open estate. Cloning shares them.
#[derive(Clone)]
pub struct Hands {
    kit: Kit,
    runs: Runs,
    ports: Ports,
    gate: Gate,
    out: Sender<Input>,
    prompt: Arc<dyn Prompt>,
    seated: Arc<Mutex<HashMap<RunId, Seat>>>,
    numbers: Arc<AtomicU64>,
    exports: Arc<Mutex<HashMap<QueueUrl, Brake>>>,
    searches: Arc<Mutex<HashMap<QueueUrl, Brake>>>,
    /// Whoever tells others takes it first: what was told is known before the next is told.
    telling: Arc<tokio::sync::Mutex<()>>,
}

/// A run in hand.
struct Seat {
    /// Tells it from a later seat of the same run.
    number: u64,
    desk: Desk,
    vault: Arc<Vault>,
}

impl Hands {
    /// The runs of `kit` over an estate, behind the gate that its polls pay at; tells the console what it can start. Where an estate was open before,
    /// the runs that are in hand over it stay in hand.
    #[must_use]
    pub fn open(
        kit: Kit,
        ports: &Ports,
        gate: Gate,
        out: Sender<Input>,
        prompt: Arc<dyn Prompt>,
        before: Option<&Hands>,
    ) -> Self {
        let good = kit.books.iter().filter_map(|f| f.definition.as_ref().ok());
        let books = good.cloned().map(Arc::new).collect();
        let refused = if kit.site.read_only || ports.writes.is_none() {
            Some(RunsFault::ReadOnly.to_string())
        } else if kit.archive.is_nowhere() {
            Some(RunsFault::NoState.to_string())
        } else {
            None
        };
        let runs = kit.archive.over(ports.clone(), kit.site.clone()).behind(gate.clone());
        let seated = before.map_or_else(Arc::default, |b| Arc::clone(&b.seated));
        let numbers = before.map_or_else(Arc::default, |b| Arc::clone(&b.numbers));
        let exports = before.map_or_else(Arc::default, |b| Arc::clone(&b.exports));
        let searches = before.map_or_else(Arc::default, |b| Arc::clone(&b.searches));
        let telling = before.map_or_else(Arc::default, |b| Arc::clone(&b.telling));
        let ports = ports.clone();
        let hands = Self { kit, runs, ports, gate, out, prompt, seated, numbers, exports, searches, telling };
        let commands = definitions::commands().into_iter().map(Arc::new).collect();
        hands.tell(RunsNews::Ready { books, commands, refused });
        hands
    }

    /// Does what is wanted, on a task of its own.
    pub fn obey(&self, order: RunsOrder) {
        let hands = self.clone();
        tokio::spawn(async move { hands.work(order).await });
    }

    async fn work(self, order: RunsOrder) {
        match order {
            RunsOrder::List => self.list().await,
            RunsOrder::Read(id) => self.read(&id).await,
            RunsOrder::Plan { ticket, book, given } => self.plan(ticket, &book, &given).await,
            RunsOrder::Start { plan } => match self.runs.start((*plan).clone(), Vault::default()).await {
                Ok(live) => {
                    let id = live.run().id.clone();
                    self.tell(RunsNews::Began(live.run()));
                    self.seat(live, vec![Order::Go]);
                    // It is at work already: what contains waits for no bookkeeping.
                    if let Some(news) = self.incidents().takes(&plan, &id).await {
                        self.tell(RunsNews::Incident(news));
                    }
                }
                Err(fault) => self.trouble(None, fault.to_string()),
            },
            RunsOrder::GoOn(run) => self.with(run, vec![Order::Go]).await,
            RunsOrder::Consent { run, consents } => self.with(run, vec![Order::Consent(consents)]).await,
            RunsOrder::Arm { run, alias } => self.with(run, vec![Order::Arm(alias.wire().to_owned())]).await,
            RunsOrder::Set { run, values } => self.set(run, &values).await,
            RunsOrder::Attest { run, text } => {
                self.with(run, vec![Order::Attest(text.wire().to_owned())]).await;
            }
            RunsOrder::Note { run, text } => self.note(run, text).await,
            RunsOrder::Decide { run, happened } => {
                let decision = if happened { Decision::Happened(None) } else { Decision::NotHappened };
                self.with(run, vec![Order::Decide(decision)]).await;
            }
            RunsOrder::Peek { ticket, retention_s, masks, consent } => {
                let seen = look(&self.ports, &self.gate, ticket, (retention_s, &masks), &consent).await;
                if let Some(news) = seen {
                    self.tell(news);
                }
            }
            RunsOrder::Export(order) => {
                let brake = Brake::default();
                self.exports().insert(order.queue.clone(), brake.clone());
                let kept = (&brake, &self.kit.archive);
                keep(&self.ports, &self.gate, &order, kept, &|news| self.tell(news)).await;
                self.exports().remove(&order.queue);
            }
            RunsOrder::StopExport(queue) => {
                if let Some(brake) = self.exports().get(&queue) {
                    brake.pull();
                }
            }
            RunsOrder::Whose(order) => {
                let brake = Brake::default();
                self.searches().insert(order.queue.clone(), brake.clone());
                let news = whose(&self.ports, &self.gate, &order, &brake).await;
                self.searches().remove(&order.queue);
                self.tell(news);
            }
            RunsOrder::StopWhose(queue) => {
                if let Some(brake) = self.searches().get(&queue) {
                    brake.pull();
                }
            }
            RunsOrder::FindExport { ticket, queue, of } => {
                let offer = offer(&self.kit.archive, &of).await;
                self.tell(RunsNews::Offered { ticket, queue, offer });
            }
            RunsOrder::StopMoving(run) => self.with(run, vec![Order::Stop]).await,
            RunsOrder::Abort(run) => self.with(run, vec![Order::Abort]).await,
            RunsOrder::Undo(run) => self.with(run, vec![Order::Undo]).await,
            RunsOrder::PassOver { run, why } => {
                self.with(run, vec![Order::PassOver(why.wire().to_owned())]).await;
            }
            RunsOrder::Report(run) => self.report(&run).await,
            RunsOrder::Leave => self.leave().await,
            RunsOrder::Incident(order) => {
                let closes = match &order {
                    IncidentOrder::Say { id, what: Saying::Close, .. } => Some(id.clone()),
                    _ => None,
                };
                match self.incidents().work(order).await {
                    Came::News(news) => {
                        let tells = match (&news, closes) {
                            (IncidentNews::Opened(id), _) => Some((id.clone(), Telling::Opened)),
                            (IncidentNews::Done(_), Some(id)) => Some((id, Telling::Closed)),
                            _ => None,
                        };
                        self.tell(RunsNews::Incident(news));
                        if let Some((id, what)) = tells {
                            for news in self.incidents().tell(&id, what).await {
                                self.tell(RunsNews::Incident(news));
                            }
                        }
                    }
                    Came::Report(text) => self.tell(RunsNews::Report(text)),
                }
                self.tell(RunsNews::Incident(self.incidents().list().await));
            }
        }
    }

    fn exports(&self) -> MutexGuard<'_, HashMap<QueueUrl, Brake>> {
        self.exports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn searches(&self) -> MutexGuard<'_, HashMap<QueueUrl, Brake>> {
        self.searches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn list(&self) {
        self.tell(RunsNews::Incident(self.incidents().list().await));
        let list = self.runs.list().await.map_err(|fault| fault.to_string());
        self.tell(RunsNews::List(list));
    }

    fn incidents(&self) -> Book {
        Book {
            archive: self.kit.archive.clone(),
            ports: self.ports.clone(),
            context: self.kit.site.context.clone(),
            tell: self.kit.tell.clone(),
            read_only: self.kit.site.read_only || self.ports.writes.is_none(),
        }
    }

    async fn read(&self, id: &RunId) {
        match self.runs.read(id).await {
            Ok(run) => self.tell(RunsNews::Progress(Arc::new(run))),
            Err(fault) => self.trouble(Some(id.clone()), fault.to_string()),
        }
    }

    async fn plan(&self, ticket: Ticket, book: &Definition, given: &[(String, String)]) {
        let plan = match Inputs::read(book, given) {
            Ok(inputs) => {
                self.runs.plan(book, &inputs).await.map(Arc::new).map_err(|fault| fault.to_string())
            }
            Err(wrong) => Err(wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        };
        self.tell(RunsNews::Planned { ticket, plan });
    }

    async fn report(&self, id: &RunId) {
        match self.kit.archive.read(id.as_str()).await {
            Ok(kept) => {
                let chain = report::Chain { records: kept.records, head: kept.head.clone() };
                self.tell(RunsNews::Report(report::markdown(&kept.run, &chain)));
            }
            Err(fault) => self.trouble(Some(id.clone()), fault.to_string()),
        }
    }

    /// Late inputs, read against the definition that the run was started with.
    async fn set(&self, id: RunId, values: &[(String, String)]) {
        let run = match self.runs.read(&id).await {
            Ok(run) => run,
            Err(fault) => return self.trouble(Some(id), fault.to_string()),
        };
        let mut orders = Vec::new();
        for (name, text) in values {
            match Inputs::late(&run.definition, name, text) {
                Ok(value) => orders.push(Order::Set(name.clone(), value)),
                Err(wrong) => return self.trouble(Some(id), wrong.to_string()),
            }
        }
        self.with(id, orders).await;
    }

    async fn note(&self, id: RunId, text: Untrusted) {
        let step = match self.runs.read(&id).await {
            Ok(run) => run.current().or(run.steps.last()).map(|s| s.id.clone()).unwrap_or_default(),
            Err(fault) => return self.trouble(Some(id), fault.to_string()),
        };
        let mut orders = vec![Order::Note(step, text.wire().to_owned())];
        // Only to note something, the run is taken up and put down again.
        if !self.seated().contains_key(&id) {
            orders.push(Order::Leave);
        }
        self.with(id, orders).await;
    }

    /// Gives orders to a run: the one in hand, or it is taken up first.
    async fn with(&self, id: RunId, orders: Vec<Order>) {
        let orders = {
            let seated = self.seated();
            match seated.get(&id) {
                Some(seat) => {
                    let left: Vec<Order> =
                        orders.into_iter().filter_map(|o| seat.desk.order(o).err()).collect();
                    if left.is_empty() {
                        return;
                    }
                    left
                }
                None => orders,
            }
        };
        match self.runs.resume(&id, Vault::default()).await {
            Ok(live) => self.seat(live, orders),
            Err(fault) => self.trouble(Some(id), fault.to_string()),
        }
    }

    /// Takes a run in hand and gives it its first orders.
    fn seat(&self, live: Live, orders: Vec<Order>) {
        let id = live.run().id.clone();
        let before = contained(&live.run());
        let vault = live.vault().clone();
        for mended in live.mended() {
            self.trouble(None, mended.to_string());
        }
        let (news, mut told) = unbounded_channel();
        let desk = Desk::seat(live, news);
        for order in orders {
            if desk.order(order).is_err() {
                break; // it was put down: what it says last tells why
            }
        }
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        self.seated().insert(id.clone(), Seat { number, desk, vault });
        let hands = self.clone();
        tokio::spawn(async move {
            let (mut run, mut told_of) = (None, before);
            while let Some(news) = told.recv().await {
                match news {
                    News::Run(now) => {
                        run = Some(now.clone());
                        hands.tell(RunsNews::Progress(now));
                    }
                    News::Doing(_) => {}
                    News::Halt(halt) => {
                        if let Some(run) = &run {
                            let before = std::mem::replace(&mut told_of, contained(run));
                            hands.halted(&id, run.clone(), halt, before).await;
                        }
                    }
                    News::Revealed => hands.show(&id, run.as_deref()).await,
                    News::Aborted(_) => hands.put_down(&id).await,
                    News::Fault(fault) => {
                        hands.trouble(Some(id.clone()), fault.to_string());
                        hands.put_down(&id).await;
                    }
                    News::Left => {
                        let mut seated = hands.seated();
                        if seated.get(&id).is_some_and(|s| s.number == number) {
                            seated.remove(&id);
                        }
                        break;
                    }
                }
            }
            hands.list().await;
        });
    }

    async fn halted(&self, id: &RunId, run: Arc<crate::runbook::Run>, halt: Halt, before: usize) {
        if let Halt::Enter { slot, input, .. } = &halt {
            let vault = self.seated().get(id).map(|s| s.vault.clone());
            if let Some(vault) = vault
                && self.entered(input).await.is_some_and(|value| {
                    vault.put(slot.clone(), value);
                    true
                })
            {
                return self.with(id.clone(), vec![Order::Go]).await;
            }
        }
        if halt == Halt::Over(RunState::Done)
            && let Some((resource, field)) = self.to_be_shown(id, &run)
        {
            // On disk before it is on the screen.
            self.tell(RunsNews::Halted { run, halt });
            return self.with(id.clone(), vec![Order::Revealed(resource, field)]).await;
        }
        let held = match &halt {
            Halt::Consent { .. }
            | Halt::Arm { .. }
            | Halt::Person { .. }
            | Halt::Enter { .. }
            | Halt::Decide { .. } => true,
            Halt::Time { .. }
            | Halt::Settle { .. }
            | Halt::Failed { .. }
            | Halt::Reached(_)
            | Halt::Paused
            | Halt::Over(_) => false,
        };
        if !held {
            self.put_down(id).await;
        }
        // Beside everything else: nobody at this console waits until others are told.
        let (hands, told) = (self.clone(), (run.clone(), halt.clone()));
        tokio::spawn(async move {
            let _turn = hands.telling.lock().await;
            for news in hands.incidents().tell_of(&told.0, before, &told.1).await {
                hands.tell(RunsNews::Incident(news));
            }
        });
        self.tell(RunsNews::Halted { run, halt });
    }

    /// What a run has read to be shown: of which resource, which field.
    fn to_be_shown(&self, id: &RunId, run: &Run) -> Option<(Untrusted, Untrusted)> {
        let slot = Slot::new(reveal::SLOT);
        // A slot of that name is not enough: an input of somebody's own runbook may be called so.
        let shows = run.definition.steps.iter().any(|step| step.verb == reveal::Reveal.name());
        let read = shows && self.seated().get(id).is_some_and(|s| s.vault.holds(&slot));
        let text = |name: &str| match run.input(name) {
            Some(Value::Text(text)) => text.clone(),
            Some(_) | None => Untrusted::from(""),
        };
        read.then(|| (text("secret"), text("field")))
    }

    /// Shows what is in the run's vault, wipes it there, and puts the run down.
    async fn show(&self, id: &RunId, run: Option<&Run>) {
        let vault = self.seated().get(id).map(|s| s.vault.clone());
        if let (Some(vault), Some(run)) = (vault, run)
            && let Some((resource, field)) = self.to_be_shown(id, run)
            && let Some(value) = vault.copy(&Slot::new(reveal::SLOT))
        {
            for slot in [reveal::SLOT, reveal::DOCUMENT] {
                vault.wipe(&Slot::new(slot));
            }
            let what = format!("{} of {}", field.shown(), resource.shown());
            self.out.send(Input::Reveal(Reveal { value, what }));
        }
        self.put_down(id).await;
    }

    /// Something secret, typed twice without echo; `None` if the person declines or the two differ.
    async fn entered(&self, input: &str) -> Option<Zeroizing<Vec<u8>>> {
        let Some(first) = self.prompt.ask_secret(&format!("{input}: the new value; it is not shown")).await
        else {
            let how = "a value of several lines or of more than 4,096 bytes is given to `bartizan runbook resume` with";
            self.trouble(None, format!("nothing was entered; {how} --set-file {input}=PATH"));
            return None;
        };
        let second = self.prompt.ask_secret(&format!("{input}: the same value once more")).await?;
        if first != second {
            self.trouble(None, "the two differ; nothing was entered and nothing was changed".into());
            return None;
        }
        if first.is_empty() {
            self.trouble(None, "nothing was entered and nothing was changed".into());
            return None;
        }
        Some(Zeroizing::new(first.as_bytes().to_vec()))
    }

    async fn put_down(&self, id: &RunId) {
        let seat = self.seated().remove(id);
        if let Some(seat) = seat {
            seat.desk.leave().await;
        }
    }

    async fn leave(&self) {
        let all: Vec<RunId> = self.seated().keys().cloned().collect();
        for id in all {
            self.put_down(&id).await;
        }
        self.exports().values().for_each(Brake::pull);
        // What is in hand goes back first; who does not want to wait quits again.
        while !self.exports().is_empty() {
            self.ports.clock.sleep(Duration::from_millis(50)).await;
        }
        self.tell(RunsNews::Left);
    }

    fn trouble(&self, run: Option<RunId>, words: String) {
        self.tell(RunsNews::Trouble { run, words });
    }

    fn tell(&self, news: RunsNews) {
        // Nobody is left to be told only when the program ends.
        self.out.send(Input::Msg(Msg::Runs(news)));
    }

    fn seated(&self) -> std::sync::MutexGuard<'_, HashMap<RunId, Seat>> {
        self.seated.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
