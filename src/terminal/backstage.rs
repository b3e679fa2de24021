//! Everything that waits for the outside, in a thread of its own: it opens the estate, owns the engine and
//! the poller, and is told what to do as data. The loop never waits for it; what comes of it arrives in the
//! loop's inbox.

use super::hands::{Hands, Kit};
use super::inbox::Sender;
use super::run::Input;
use crate::console::{Effect, Msg, Opened, RunsNews, RunsOrder};
use crate::engine::{Engine, Poller};
use crate::estate::{
    BoxFuture, Clock, Context, Estates, Fault, FaultKind, Loadable, Ports, Prompt, Query, Ticket, Timestamp,
};
use crate::insight::Source;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};
use zeroize::Zeroizing;

/// How often each source is asked; `None` for one that is asked once.
pub type Interval = Arc<dyn Fn(&Source) -> Option<Duration> + Send + Sync>;
/// Makes the estates. It is called backstage, so that it may take its time.
pub type MakeEstates = Box<dyn FnOnce() -> Arc<dyn Estates> + Send>;

/// What is to be done backstage; the part of [`Effect`] that is about the estate and the time.
pub enum Order {
    /// Open this context.
    Open(Context),
    /// Walk a source.
    Walk {
        /// What is walked.
        source: Source,
        /// Which walk.
        ticket: Ticket,
        /// The questions to begin with.
        roots: Vec<Query>,
        /// Whether a person waits for it.
        urgent: bool,
    },
    /// End a source's walk.
    Stop(Source),
    /// What is needed, most important first.
    Looking(Vec<Source>),
    /// How a walk ended.
    Walked(Source, Loadable<()>),
    /// Make a source due, because a person wants it.
    Now(Source),
    /// Make a source due, because its questions have changed.
    Anew(Source),
    /// Tell the time at this instant.
    Wake(Timestamp),
    /// Something about runs.
    Runs(RunsOrder),
}

/// The way to it.
pub struct Backstage {
    orders: UnboundedSender<Order>,
}

impl Backstage {
    /// Starts it.
    ///
    /// # Errors
    /// No thread could be started.
    pub fn start(
        make: MakeEstates,
        clock: Arc<dyn Clock>,
        interval: Interval,
        kit: Kit,
        out: Sender<Input>,
    ) -> io::Result<Self> {
        let (orders, todo) = unbounded_channel();
        // One thread for all of it: what it does is mostly waiting, and a quiet console costs least so.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("backstage".into()).spawn(move || {
            let stage =
                Stage { estates: make(), clock, interval, kit, out, at_work: None, hands: None, wake: None };
            runtime.block_on(stage.run(todo));
        })?;
        Ok(Self { orders })
    }

    /// Gives an order. Backstage ends only with the program, so somebody always takes it.
    pub fn order(&self, order: Order) {
        if let Err(late) = self.orders.send(order) {
            drop(late);
        }
    }
}

struct Stage {
    estates: Arc<dyn Estates>,
    clock: Arc<dyn Clock>,
    interval: Interval,
    kit: Kit,
    out: Sender<Input>,
    at_work: Option<AtWork>,
    hands: Option<Hands>,
    wake: Option<AbortHandle>,
}

/// An open estate being watched.
struct AtWork {
    engine: Engine,
    poller: Poller,
}

impl Stage {
    async fn run(mut self, mut todo: UnboundedReceiver<Order>) {
        let mut opening: Option<JoinHandle<Result<Ports, Fault>>> = None;
        let mut looking = Vec::new();
        loop {
            tokio::select! {
                order = todo.recv() => match order {
                    None => return,
                    Some(Order::Open(context)) => {
                        if let Some(older) = opening.take() {
                            older.abort();
                        }
                        opening = Some(tokio::spawn(self.open(context)));
                    }
                    Some(order) => {
                        if let Order::Looking(sources) = &order {
                            looking.clone_from(sources);
                        }
                        self.obey(order);
                    }
                },
                opened = finished(&mut opening) => {
                    opening = None;
                    self.opened(opened, &looking);
                }
            }
        }
    }

    fn open(&self, context: Context) -> BoxFuture<'static, Result<Ports, Fault>> {
        let estates = Arc::clone(&self.estates);
        let prompt = Arc::new(Ask { out: self.out.clone() });
        Box::pin(async move { estates.open(&context, prompt).await })
    }

    fn opened(&mut self, result: Result<Ports, Fault>, looking: &[Source]) {
        let told = match result {
            Ok(ports) => {
                let opened = Opened { region: ports.region.clone(), practice: ports.practice };
                self.start_work(ports, looking);
                Ok(opened)
            }
            Err(fault) => Err(fault),
        };
        self.tell(Msg::Opened(told));
    }

    fn start_work(&mut self, ports: Ports, looking: &[Source]) {
        let (walks, mut events) = unbounded_channel();
        let (due, mut dues) = unbounded_channel();
        let interval = Arc::clone(&self.interval);
        let poller = Poller::start(Arc::clone(&ports.clock), move |source| interval(source), due);
        let prompt = Arc::new(Ask { out: self.out.clone() });
        let engine = Engine::new(ports.clone(), walks);
        let (gate, out) = (engine.gate(), self.out.clone());
        self.hands = Some(Hands::open(self.kit.clone(), &ports, gate, out, prompt, self.hands.as_ref()));
        let out = self.out.clone();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if !out.send(Input::Msg(Msg::Walk(event))) {
                    return;
                }
            }
        });
        let out = self.out.clone();
        tokio::spawn(async move {
            while let Some(source) = dues.recv().await {
                if !out.send(Input::Msg(Msg::Due(source))) {
                    return;
                }
            }
        });
        if !looking.is_empty() {
            poller.looking(looking.to_vec());
        }
        self.at_work = Some(AtWork { engine, poller });
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Open(_) => {}
            Order::Wake(at) => self.wake_at(at),
            Order::Runs(order) => match &self.hands {
                Some(hands) => hands.obey(order),
                None if order == RunsOrder::Leave => self.tell(Msg::Runs(RunsNews::Left)),
                None => {}
            },
            Order::Walk { source, ticket, roots, urgent } => {
                if let Some(work) = &self.at_work {
                    work.engine.walk(source, ticket, roots, urgent);
                }
            }
            Order::Stop(source) => {
                if let Some(work) = &self.at_work {
                    work.engine.stop(&source);
                }
            }
            Order::Looking(sources) => {
                if let Some(work) = &self.at_work {
                    work.poller.looking(sources);
                }
            }
            Order::Walked(source, standing) => {
                if let Some(work) = &self.at_work {
                    work.poller.walked(&source, &standing);
                }
            }
            Order::Now(source) => {
                if let Some(work) = &self.at_work {
                    work.engine.try_again();
                    work.poller.now(&source);
                }
            }
            Order::Anew(source) => {
                if let Some(work) = &self.at_work {
                    work.poller.anew(&source);
                }
            }
        }
    }

    fn wake_at(&mut self, at: Timestamp) {
        if let Some(older) = self.wake.take() {
            older.abort();
        }
        let (clock, out) = (Arc::clone(&self.clock), self.out.clone());
        let waiting = tokio::spawn(async move {
            loop {
                let left = Duration::try_from(at.duration_since(clock.now())).unwrap_or(Duration::ZERO);
                if left.is_zero() {
                    break;
                }
                clock.sleep(left).await;
            }
            // nobody is left to be told only when the program ends
            out.send(Input::Tick);
        });
        self.wake = Some(waiting.abort_handle());
    }

    fn tell(&self, msg: Msg) {
        self.out.send(Input::Msg(msg));
    }
}

/// The result of what is being opened; never, if nothing is.
async fn finished(opening: &mut Option<JoinHandle<Result<Ports, Fault>>>) -> Result<Ports, Fault> {
    match opening {
        Some(task) => match task.await {
            Ok(result) => result,
            Err(broken) => Err(Fault::new(
                FaultKind::Other("internal".into()),
                "",
                format!("opening the estate was cut short: {broken}"),
            )),
        },
        None => std::future::pending().await,
    }
}

/// Asks in the console.
struct Ask {
    out: Sender<Input>,
}

impl Prompt for Ask {
    fn ask_secret<'a>(&'a self, question: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        let question = question.to_owned();
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            if !self.out.send(Input::Ask { question, reply }) {
                return None;
            }
            answer.await.ok().flatten()
        })
    }
}

/// The order in an effect; back comes an effect that is none.
///
/// # Errors
/// The effect, where it is about the terminal.
#[allow(clippy::result_large_err)] // no error, but the other half
pub fn order(effect: Effect) -> Result<Order, Effect> {
    match effect {
        Effect::Open(context) => Ok(Order::Open(context)),
        Effect::Walk { source, ticket, roots, urgent } => Ok(Order::Walk { source, ticket, roots, urgent }),
        Effect::Stop(source) => Ok(Order::Stop(source)),
        Effect::Looking(sources) => Ok(Order::Looking(sources)),
        Effect::Walked { source, standing } => Ok(Order::Walked(source, standing)),
        Effect::RefreshNow(source) => Ok(Order::Now(source)),
        Effect::AskAnew(source) => Ok(Order::Anew(source)),
        Effect::Wake(at) => Ok(Order::Wake(at)),
        Effect::Runs(order) => Ok(Order::Runs(order)),
        other @ (Effect::Copy(_)
        | Effect::CaptureSecret { .. }
        | Effect::CancelSecret { .. }
        | Effect::Mouse(_)
        | Effect::Still(_)
        | Effect::Suspend
        | Effect::Redraw
        | Effect::Quit(_)) => Err(other),
    }
}
