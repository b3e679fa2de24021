//! The port to what is not AWS, and to people: canary requests, and telling others. What is asked names a slot for the
//! secret; what comes back is a status, never a body.

use super::ask::{Operation, Service, Tier};
use super::fault::{Fault, FaultKind};
use super::names::Arn;
use super::ports::BoxFuture;
use super::untrusted::Untrusted;
use super::vault::{Slot, Vault};
use serde::{Deserialize, Serialize};

/// One HTTP request with a key in a header.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Canary {
    /// `GET`, `POST` or `HEAD`.
    pub method: Untrusted,
    /// Where: `https://`, or `http://` to this machine only.
    pub url: Untrusted,
    /// The header that carries the key, e.g. `x-api-key`.
    pub header: Untrusted,
    /// What is before the key in the header, e.g. `Bearer `.
    pub prefix: Untrusted,
    /// The slot of the key.
    pub key: Slot,
}

/// What telling a topic needs.
pub static PUBLISH: Operation = Operation {
    service: Service::Sns,
    name: "sns:Publish",
    iam_action: "sns:Publish",
    per_second: 10,
    tier: Tier::Operator,
};

/// Somebody who is told something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Listener {
    /// Whoever subscribes to an SNS topic.
    Topic(Arn),
    /// Whoever stands behind a webhook, whose address is a secret: the slot that holds it.
    Webhook(Slot),
}

/// What is asked of the outside. Redirects are not followed: the key would go elsewhere.
pub trait Outside: Send + Sync {
    /// Sends the request and gives the status of the answer; the body is dropped unread.
    fn canary<'a>(&'a self, canary: &'a Canary, vault: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>>;

    /// Tells somebody something, once. It changes nothing in the estate.
    fn tell<'a>(
        &'a self,
        _to: &'a Listener,
        _text: &'a str,
        _vault: &'a Vault,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Err(Fault::new(FaultKind::Unsupported, "", "nobody can be told from here")) })
    }
}

/// Nowhere: every request fails. For estates without a canary, and for tests.
pub struct Nowhere;

impl Outside for Nowhere {
    fn canary<'a>(&'a self, _: &'a Canary, _: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>> {
        Box::pin(async {
            Err(Fault::new(FaultKind::Unsupported, "", "canary requests are not possible here"))
        })
    }
}
