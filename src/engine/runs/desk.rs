//! A run in hand on a task of its own, for a front end that must not wait: orders come in over a channel, news
//! go out. While the run goes on, notes are taken at once; everything else stops it at the next safe point
//! first. When the channel of orders closes, the run is put down there too.

use super::fault::RunsFault;
use super::live::{Brake, Live};
use crate::estate::{Consent, Untrusted, Vault};
use crate::runbook::run::Run;
use crate::runbook::{Decision, Halt, Value};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// What a front end wants done with a run.
#[derive(Debug)]
pub enum Order {
    /// Go on.
    Go,
    /// Agree to what was proposed, and go on.
    Consent(Vec<Consent>),
    /// The account's name, typed; then go on.
    Arm(String),
    /// A late input, then go on.
    Set(String, Value),
    /// An answer in words, then go on.
    Attest(String),
    /// A note at a step.
    Note(String, String),
    /// What a person decided about a doubt, then go on.
    Decide(Decision),
    /// Note that one field is about to be shown: of which resource, which. It may be shown only after
    /// [`News::Revealed`].
    Revealed(Untrusted, Untrusted),
    /// Move no more messages: what is in hand is finished or given back; then go on.
    Stop,
    /// Stop the run.
    Abort,
    /// Undo what was done, backwards.
    Undo,
    /// Leave the change whose undo has failed as it is, for this reason; then go on undoing.
    PassOver(String),
    /// Put the run down: it is free for others.
    Leave,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum News {
    /// The run has changed.
    Run(Arc<Run>),
    /// What it is at, in words that are safe to draw; empty: at nothing.
    Doing(String),
    /// It stopped to be asked.
    Halt(Halt),
    /// It was stopped by a person, and this is left over.
    Aborted(Vec<String>),
    /// It is on disk that a field is shown.
    Revealed,
    /// An order could not be done, or the run cannot go on.
    Fault(RunsFault),
    /// It was put down. Always the last.
    Left,
}

/// A run on its own task.
pub struct Desk {
    orders: UnboundedSender<Order>,
    brake: Brake,
    vault: Arc<Vault>,
    task: JoinHandle<()>,
}

impl Desk {
    /// Puts a run on a task of its own; needs a tokio runtime.
    #[must_use]
    pub fn seat(live: Live, news: UnboundedSender<News>) -> Self {
        let (orders, incoming) = unbounded_channel();
        let (brake, vault) = (live.brake(), live.vault().clone());
        Self { orders, brake, vault, task: tokio::spawn(serve(live, incoming, news)) }
    }

    /// Gives an order.
    ///
    /// # Errors
    /// The order itself, if the run was put down.
    pub fn order(&self, order: Order) -> Result<(), Order> {
        self.orders.send(order).map_err(|unsent| unsent.0)
    }

    /// What is held for the run: what a person enters goes in here, then `Go`.
    #[must_use]
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// Puts the run down at the next safe point and waits for that: a call in flight is finished first.
    pub async fn leave(self) {
        self.brake.pull();
        drop(self.orders);
        if self.task.await.is_err() {
            // The task was ended with the runtime: what was in flight is in doubt, and the journal says so.
        }
    }

    /// Puts the run down at once: a call in flight is left in doubt.
    pub fn drop_it(self) {
        self.task.abort();
    }
}

async fn serve(live: Live, mut orders: UnboundedReceiver<Order>, news: UnboundedSender<News>) {
    let tell = |what: News| {
        if news.send(what).is_err() {
            // Nobody listens any more; the orders end too.
        }
    };
    let mut live = live;
    let (mut progress, mut doing) = (live.progress(), live.doing());
    tell(News::Run(live.run()));
    let mut kept: VecDeque<Order> = VecDeque::new();
    loop {
        let order = match kept.pop_front() {
            Some(order) => order,
            None => match orders.recv().await {
                Some(order) => order,
                None => break,
            },
        };
        let go = match obey(&mut live, order, &tell).await {
            Obeyed::Leave => break,
            Obeyed::Stay => false,
            Obeyed::Go => true,
        };
        tell(News::Run(live.run()));
        if !go {
            continue;
        }
        let brake = live.brake();
        // Who wants it put down has closed the orders too, which is seen below.
        brake.release();
        let mut open = true;
        let halt = {
            let going = live.go(None);
            tokio::pin!(going);
            loop {
                tokio::select! {
                    halt = &mut going => break halt,
                    Ok(()) = progress.changed() => tell(News::Run(progress.borrow_and_update().clone())),
                    Ok(()) = doing.changed() => tell(News::Doing(doing.borrow_and_update().clone())),
                    order = orders.recv(), if open => match order {
                        Some(Order::Go) => {}
                        Some(order) => {
                            brake.pull();
                            kept.push_back(order);
                        }
                        None => {
                            brake.pull();
                            open = false;
                        }
                    },
                }
            }
        };
        tell(News::Run(live.run()));
        tell(News::Doing(String::new()));
        tell(match halt {
            Ok(halt) => News::Halt(halt),
            Err(fault) => News::Fault(fault),
        });
        if !open {
            break;
        }
    }
    if let Err(fault) = live.close().await {
        tell(News::Fault(fault));
    }
    tell(News::Left);
}

enum Obeyed {
    Go,
    Stay,
    Leave,
}

async fn obey(live: &mut Live, order: Order, tell: &impl Fn(News)) -> Obeyed {
    let done = match order {
        Order::Go => Ok(Obeyed::Go),
        Order::Leave => Ok(Obeyed::Leave),
        Order::Consent(consents) => live.consent(consents).await.map(|()| Obeyed::Go),
        Order::Arm(typed) => live.arm(&typed).await.map(|()| Obeyed::Go),
        Order::Set(input, value) => live.set(&input, value).await.map(|()| Obeyed::Go),
        Order::Attest(text) => live.attest(&text).await.map(|()| Obeyed::Go),
        Order::Note(step, text) => live.note(&step, &text).await.map(|()| Obeyed::Stay),
        Order::Decide(decision) => live.decide(decision).await.map(|()| Obeyed::Go),
        Order::Revealed(resource, field) => live.revealed(resource, field).await.map(|()| {
            tell(News::Revealed);
            Obeyed::Stay
        }),
        Order::Stop => live.stop().await.map(|_| Obeyed::Go),
        Order::Undo => live.undo().await.map(|()| Obeyed::Go),
        Order::PassOver(reason) => live.pass_over(&reason).await.map(|()| Obeyed::Go),
        Order::Abort => live.abort().await.map(|left| {
            tell(News::Aborted(left));
            Obeyed::Stay
        }),
    };
    match done {
        Ok(obeyed) => obeyed,
        Err(fault) => {
            tell(News::Fault(fault));
            Obeyed::Stay
        }
    }
}
