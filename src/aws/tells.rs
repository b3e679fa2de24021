//! Telling others over AWS: a text to an SNS topic, once. What is not AWS (canaries, webhooks) is handed on. It decides
//! nothing about what is worth telling.

use super::clients::Clients;
use super::fault::Judge;
use super::session::Session;
use crate::estate::outside::PUBLISH;
use crate::estate::{Arn, BoxFuture, Canary, Clock, Fault, FaultKind, Listener, Outside, Region, Vault};
use std::sync::Arc;

/// The outside of an opened context.
pub(super) struct Telling {
    pub outside: Arc<dyn Outside>,
    pub clients: Arc<Clients>,
    pub session: Arc<Session>,
    pub clock: Arc<dyn Clock>,
}

impl Telling {
    async fn publish(&self, topic: &Arn, text: &str) -> Result<(), Fault> {
        let wrong = || {
            let said = format!("{} is no ARN of a topic", topic.shown());
            Fault::new(FaultKind::Invalid, PUBLISH.name, said)
        };
        // A topic is told in its own Region, wherever the context is.
        let parts: Vec<&str> = topic.wire().split(':').collect();
        let ["arn", _, "sns", region, _, _] = parts.as_slice() else { return Err(wrong()) };
        let region = Region::new(region).ok_or_else(wrong)?;
        let held = self.session.ready().await.map_err(Fault::without_effect)?;
        let now = || self.clock.now();
        let judge = Judge::new(&PUBLISH, &held.origin, &now).of_a_write();
        let sent = self.clients.sns(&region).publish().topic_arn(topic.wire()).message(text).send().await;
        let told = judge.of(sent).map(|_| ());
        if let Err(fault) = &told {
            self.session.not_accepted(&held, &fault.kind);
        }
        told
    }
}

impl Outside for Telling {
    fn canary<'a>(&'a self, canary: &'a Canary, vault: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>> {
        self.outside.canary(canary, vault)
    }

    fn tell<'a>(
        &'a self,
        to: &'a Listener,
        text: &'a str,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        match to {
            Listener::Topic(topic) => Box::pin(self.publish(topic, text)),
            Listener::Webhook(_) => self.outside.tell(to, text, vault),
        }
    }
}
