//! A small queue behind the port for writes: it hides what was received until its time, raises counts, and can be told to
//! fail. Everything that was asked of it is remembered.

use crate::engine::Gate;
use crate::engine::runs::Brake;
use crate::estate::change::messages::{Act as MessagesAct, Failed};
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::message::{Head, Held, Select};
use crate::estate::time::{SignedDuration, plus_seconds};
use crate::estate::{
    AccountId, Act, At, BoxFuture, Call, Canary, Change, Changes, Clock, Consent, Cursor, Fault, FaultKind,
    Given, IdempotencyKey, MaterialSource, MaterialVersion, Materials, Message, MessageId, Outside, Page,
    Ports, Query, QueueUrl, Reads, Receipt, Region, Seen, Slot, Timestamp, Vault, Writes,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zeroize::Zeroizing;

pub const URL: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/orders-dlq";

struct Lying {
    message: Message,
    hidden_until: Timestamp,
    receives: u64,
}

/// The queue, the clock and everything else that is asked.
pub struct Queue {
    now: Mutex<Timestamp>,
    lying: Mutex<Vec<Lying>>,
    pub asked: Mutex<Vec<Call>>,
    /// Which fault the nth call gets.
    pub fails: Mutex<Vec<(usize, FaultKind)>>,
    /// Pulled at the nth call.
    pub brake_at: Mutex<Option<(usize, Brake)>>,
}

impl Queue {
    pub fn of(messages: impl IntoIterator<Item = Message>) -> Arc<Self> {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let lying = messages.into_iter().map(|message| Lying { message, hidden_until: now, receives: 0 });
        Arc::new(Self {
            now: Mutex::new(now),
            lying: Mutex::new(lying.collect()),
            asked: Mutex::default(),
            fails: Mutex::default(),
            brake_at: Mutex::default(),
        })
    }

    pub fn ports(self: &Arc<Self>) -> Ports {
        Ports {
            reads: self.clone(),
            writes: Some(Writes { changes: self.clone(), materials: self.clone() }),
            outside: self.clone(),
            clock: Arc::new(Shared(self.clone())),
            region: Region::new("eu-central-1").unwrap(),
            practice: false,
        }
    }

    pub fn gate(self: &Arc<Self>) -> Gate {
        Gate::new(Arc::new(Shared(self.clone())))
    }

    /// How many are visible now.
    pub fn visible(&self) -> usize {
        let now = *self.now.lock().unwrap();
        self.lying.lock().unwrap().iter().filter(|l| l.hidden_until <= now).count()
    }

    pub fn most_receives(&self) -> u64 {
        self.lying.lock().unwrap().iter().map(|l| l.receives).max().unwrap_or(0)
    }

    fn answer(&self, call: &Call, vault: &Vault) -> Result<Receipt, Fault> {
        let nth = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(call.clone());
            asked.len() - 1
        };
        if let Some((at, brake)) = &*self.brake_at.lock().unwrap()
            && nth >= *at
        {
            brake.pull();
        }
        let at = *self.now.lock().unwrap();
        if let Some((_, kind)) = self.fails.lock().unwrap().iter().find(|(at, _)| *at == nth) {
            if let (FaultKind::TimedOut, Call::Sqs(SqsCall::ReceiveMessage { most, visibility_s, .. })) =
                (kind, call)
            {
                // It has its effect, and nobody hears of it.
                let mut lying = self.lying.lock().unwrap();
                for l in lying.iter_mut().filter(|l| l.hidden_until <= at).take(usize::from(*most)) {
                    (l.hidden_until, l.receives) =
                        (plus_seconds(at, i64::from(*visibility_s)), l.receives + 1);
                }
            }
            if let (
                FaultKind::TimedOut,
                Call::Sqs(SqsCall::ChangeMessageVisibilityBatch { messages, seconds: 0, .. }),
            ) = (kind, call)
            {
                let mut lying = self.lying.lock().unwrap();
                lying
                    .iter_mut()
                    .filter(|l| messages.contains(&l.message.id))
                    .for_each(|l| l.hidden_until = at);
            }
            return Err(Fault::new(kind.clone(), call.operation().name, "as the test says"));
        }
        let mut lying = self.lying.lock().unwrap();
        match call {
            Call::Sqs(SqsCall::ReceiveMessage { most, visibility_s, .. }) => {
                let until = plus_seconds(at, i64::from(*visibility_s));
                let mut messages = Vec::new();
                for l in lying.iter_mut().filter(|l| l.hidden_until <= at).take(usize::from(*most)) {
                    l.hidden_until = until;
                    l.receives += 1;
                    let mut message = l.message.clone();
                    message.receive_count += u32::try_from(l.receives).unwrap();
                    messages.push(Head {
                        id: message.id.clone(),
                        chosen: true,
                        bytes: u32::try_from(message.size()).unwrap(),
                        receive_count: message.receive_count,
                        source: None,
                        function: None,
                        group: None,
                        trace: None,
                    });
                    let handle = Zeroizing::new(format!("handle of {}", message.id.wire()));
                    vault.shelf().put(Held { message, handle, until });
                }
                Ok(Receipt::Received { at, messages })
            }
            Call::Sqs(SqsCall::ChangeMessageVisibilityBatch { messages, seconds, .. }) => {
                let (mut done, mut failed) = (Vec::new(), Vec::new());
                for id in messages {
                    let held = vault.shelf().get(id).unwrap();
                    assert_eq!(&**held.handle, format!("handle of {}", id.wire()));
                    match lying.iter_mut().find(|l| l.message.id == *id && l.hidden_until > at) {
                        Some(l) => {
                            l.hidden_until = plus_seconds(at, i64::from(*seconds));
                            done.push(id.clone());
                        }
                        // "not available for visibility timeout change"
                        None => {
                            let code = "InvalidParameterValue".into();
                            failed.push(Failed { id: id.clone(), code, sender: true });
                        }
                    }
                }
                Ok(Receipt::Batch { at, done, failed })
            }
            other => panic!("nothing else may leave: {other:?}"),
        }
    }
}

struct Shared(Arc<Queue>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        *self.0.now.lock().unwrap()
    }

    fn sleep(&self, d: Duration) -> BoxFuture<'static, ()> {
        let mut now = self.0.now.lock().unwrap();
        *now = now.saturating_add(SignedDuration::try_from(d).unwrap()).unwrap();
        Box::pin(tokio::task::yield_now())
    }
}

impl Changes for Queue {
    fn apply<'a>(
        &'a self,
        _: &'a At,
        call: &'a Call,
        _: &'a IdempotencyKey,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        Box::pin(async move { self.answer(call, vault) })
    }
}

impl Reads for Queue {
    fn fetch<'a>(&'a self, _: &'a Query, _: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>> {
        panic!("nothing is asked")
    }
}

impl Materials for Queue {
    fn load<'a>(
        &'a self,
        _: &'a At,
        _: &'a MaterialSource,
        _: Slot,
        _: &'a Vault,
    ) -> BoxFuture<'a, Result<Seen<MaterialVersion>, Fault>> {
        panic!("nothing secret is read")
    }
}

impl Outside for Queue {
    fn canary<'a>(&'a self, _: &'a Canary, _: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>> {
        panic!("nothing else is asked")
    }
}

/// Messages `id-0`, `id-1` and so on; each body says a word that nothing may repeat.
pub fn messages(n: usize) -> Vec<Message> {
    let one = |n| Message::new(MessageId::new(format!("id-{n}")), Zeroizing::new(format!("hunter2 {n}")));
    (0..n).map(one).collect()
}

/// Consent to a peek.
pub fn consent(most: Option<u64>, dead_end: Option<u32>) -> Consent {
    let at = At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() };
    let act = MessagesAct::Peek { from: QueueUrl::new(URL), most, dead_end, whose: None };
    Consent::give(Change { at, act: Act::Messages(act) }, Given::Yes).unwrap()
}

/// Consent to something else.
pub fn other_consent() -> Consent {
    let at = At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() };
    let from = QueueUrl::new(URL);
    let given = Given::Typed(from.name());
    let act = MessagesAct::Discard { from, select: Select::default(), most: None, listed: None };
    Consent::give(Change { at, act: Act::Messages(act) }, given).unwrap()
}
