//! The closed list of changes. A [`Change`] is what a person agrees to; a [`Call`] is one AWS write. Each
//! service's file says, for every act, its risk, its sentence, its inverse and the calls it unfolds into,
//! and for every call its operation, its AWS CLI line and how it settles when nobody knows whether it
//! happened. Pure data: no secret byte is in here, only slots.

pub mod apigateway;
pub mod cli_line;
pub mod ec2;
pub mod iam;
pub mod key;
pub mod lambda;
pub mod messages;
mod purpose;
pub mod rds;
pub mod secretsmanager;
pub mod sqs;

use super::ask::{Answer, Operation, Query};
use super::at::At;
use super::edit::Edit;
use super::material::MaterialSource;
use super::message::Head;
use super::names::{AccessKeyId, ApiKeyId, FunctionVersion, MessageId, RevisionId, VersionId};
use super::time::Timestamp;
use super::untrusted::Untrusted;
use super::vault::Slot;
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub use cli_line::{CliLine, CliValue};
pub use key::{IdempotencyKey, RunId};
pub use messages::{Failed, Tally};
pub use purpose::Purpose;

/// What a person agrees to, fully resolved.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Change {
    /// Where. The account is known whenever anything is changed.
    pub at: At,
    /// What.
    pub act: Act,
}

/// What is changed, by service.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each variant is a service
pub enum Act {
    SecretsManager(secretsmanager::Act),
    Lambda(lambda::Act),
    ApiGateway(apigateway::Act),
    Iam(iam::Act),
    Sqs(sqs::Act),
    Rds(rds::Act),
    Ec2(ec2::Act),
    /// Through a queue, message by message: of SQS and of whoever gets them.
    Messages(messages::Act),
}

/// One AWS write, by service.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each variant is a service
pub enum Call {
    SecretsManager(secretsmanager::Call),
    Lambda(lambda::Call),
    ApiGateway(apigateway::Call),
    Iam(iam::Call),
    Sqs(sqs::Call),
    Rds(rds::Call),
    Ec2(ec2::Call),
}

/// How bad a slip would be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// It can be undone.
    Ordinary,
    /// It contains a compromise: it can be undone, and it stops whoever uses the resource, the rightful ones too.
    Containing,
    /// It ends a containment: on a false alarm, or when nothing is left that it could revive.
    Releasing,
    /// It cannot be undone.
    Destructive,
}

/// What a person must answer before a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Demand {
    /// A yes.
    Yes,
    /// The resource's own name, typed.
    Name(Untrusted),
}

/// What a write gave back: ids, never a value.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// It was done, and there is nothing else to know.
    Done,
    /// A version of a secret was made.
    Version(VersionId),
    /// A function's configuration has this revision now (which changes once more when the update is through).
    Revision(RevisionId),
    /// A function's version was published.
    Published(FunctionVersion),
    /// An API key was made.
    ApiKey(ApiKeyId),
    /// An access key was made; its secret is in the slot that the call named.
    AccessKey(AccessKeyId),
    /// A function was invoked and answered.
    Invoked {
        /// HTTP status of the invocation.
        status: u16,
        /// `FunctionError`, where the function failed.
        function_error: Option<Untrusted>,
        /// The id of the request, which is the invocation's: what fails on it later says it, too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<Untrusted>,
    },
    /// Messages were received; they are on the vault's shelf.
    Received {
        /// When they were asked for: their time counts from no earlier.
        at: Timestamp,
        /// What is remembered of each.
        messages: Vec<Head>,
    },
    /// A batch was answered, message by message.
    Batch {
        /// When it was sent.
        at: Timestamp,
        /// With which of its messages it was done.
        done: Vec<MessageId>,
        /// With which not.
        failed: Vec<Failed>,
    },
    /// A move task was started, by the handle that cancels it (which SQS tells only while it runs).
    MoveTask(Option<Untrusted>),
}

/// What was made of a change so far.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// The calls that were made, with their receipts, in the order of their intents; none of a change that goes
    /// through a queue, which is tallied.
    pub made: Vec<Made>,
    /// How far a change through a queue has come.
    pub tally: Tally,
}

impl Progress {
    /// What was made, of a change that is not tallied.
    #[must_use]
    pub fn of(made: Vec<Made>) -> Self {
        Self { made, tally: Tally::default() }
    }

    /// Whether nothing was made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made.is_empty() && self.tally.is_empty()
    }
}

/// A call that was made and what it gave back.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Made {
    /// The call.
    pub call: Call,
    /// Its receipt.
    pub receipt: Receipt,
}

/// How a call settles of which nobody knows whether it happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settle {
    /// Sending it again under the same key is harmless and tells.
    Repeat,
    /// Ask, and let [`Call::verdict`] judge the answers (all pages). A "not happened" counts only `quiet`
    /// after the intent, since the write may still land.
    Look {
        /// What to ask.
        query: Query,
        /// How long a "no" must wait.
        quiet: Duration,
    },
    /// Read the document again and see whether the edit stands in it ([`super::edit::stands`]). As with
    /// `Look`, a "no" must wait.
    Reread {
        /// What to read.
        source: MaterialSource,
        /// The edit that the call made.
        edit: Edit,
        /// How long a "no" must wait.
        quiet: Duration,
    },
    /// It does not matter whether it happened twice, in these words.
    Accept(&'static str),
    /// A person must decide, for this reason.
    Person(&'static str),
}

/// What an answer says about a call in doubt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It happened, and this is what it gave back.
    Happened(Receipt),
    /// It has not happened, as far as this answer knows.
    NotHappened,
    /// It cannot happen any more: somebody else was faster. In words, names neutralised.
    Overtaken(String),
    /// The answer does not tell.
    Unclear,
}

macro_rules! by_service {
    ($what:expr, $x:ident => $e:expr; $enum:ident $(, $more:ident)*) => {
        match $what {
            $enum::SecretsManager($x) => $e,
            $enum::Lambda($x) => $e,
            $enum::ApiGateway($x) => $e,
            $enum::Iam($x) => $e,
            $enum::Sqs($x) => $e,
            $enum::Rds($x) => $e,
            $enum::Ec2($x) => $e,
            $($enum::$more($x) => $e,)*
        }
    };
}

impl Change {
    /// How bad a slip would be.
    #[must_use]
    pub fn risk(&self) -> Risk {
        by_service!(&self.act, a => a.risk(); Act, Messages)
    }

    /// What a person must answer: a yes, or the resource's name for what cannot be undone, and for what contains
    /// a compromise or ends that.
    #[must_use]
    pub fn demand(&self) -> Demand {
        match self.risk() {
            Risk::Ordinary => Demand::Yes,
            Risk::Containing | Risk::Releasing | Risk::Destructive => Demand::Name(self.resource()),
        }
    }

    /// Whose the resource is, where that name confirms as well: one name for all that belongs together.
    #[must_use]
    pub fn owner(&self) -> Option<Untrusted> {
        match &self.act {
            Act::SecretsManager(_) | Act::Lambda(_) | Act::Sqs(_) | Act::Rds(_) | Act::Messages(_) => None,
            Act::ApiGateway(a) => a.owner(),
            Act::Iam(a) => a.owner(),
            Act::Ec2(a) => Some(a.owner()),
        }
    }

    /// Whether people know what it hits by the name of its owner, and not by its own, which is an id.
    #[must_use]
    pub fn is_known_by_owner(&self) -> bool {
        matches!(self.act, Act::Ec2(_))
    }

    /// Whether a typed name confirms it, if it demands one.
    #[must_use]
    pub fn is_named_by(&self, typed: &Untrusted) -> bool {
        *typed == self.resource() || self.owner().is_some_and(|owner| *typed == owner)
    }

    /// What it hits, as a person calls it and as a phrase confirms it.
    #[must_use]
    pub fn resource(&self) -> Untrusted {
        by_service!(&self.act, a => a.resource(); Act, Messages)
    }

    /// One sentence that says what it does. Safe to draw.
    #[must_use]
    pub fn sentence(&self) -> String {
        by_service!(&self.act, a => a.sentence(); Act, Messages)
    }

    /// How it is undone, or why it cannot be. Safe to draw.
    #[must_use]
    pub fn undo(&self) -> String {
        by_service!(&self.act, a => a.undo(); Act, Messages)
    }

    /// The change that undoes it, after what was really done; `None` if there is none.
    #[must_use]
    pub fn inverse(&self, made: &[Made]) -> Option<Change> {
        let act = match &self.act {
            Act::SecretsManager(a) => Act::SecretsManager(a.inverse(made)?),
            Act::Lambda(a) => Act::Lambda(a.inverse(made)?),
            Act::ApiGateway(a) => Act::ApiGateway(a.inverse(made)?),
            Act::Iam(a) => Act::Iam(a.inverse(made)?),
            Act::Sqs(a) => Act::Sqs(a.inverse(made)?),
            Act::Ec2(a) => Act::Ec2(a.inverse()),
            Act::Rds(_) => return None,
            Act::Messages(_) => return None,
        };
        Some(Change { at: self.at.clone(), act })
    }

    /// Whether a run goes on without it where AWS refuses it: it only keeps a note of what was done.
    #[must_use]
    pub fn is_dispensable(&self) -> bool {
        match &self.act {
            Act::SecretsManager(act) => act.is_dispensable(),
            Act::Lambda(_)
            | Act::ApiGateway(_)
            | Act::Iam(_)
            | Act::Sqs(_)
            | Act::Rds(_)
            | Act::Ec2(_)
            | Act::Messages(_) => false,
        }
    }

    /// Whether it goes through a queue message by message: what was made of it is tallied.
    #[must_use]
    pub fn tallied(&self) -> Option<&messages::Act> {
        match &self.act {
            Act::Messages(act) => Some(act),
            Act::SecretsManager(_)
            | Act::Lambda(_)
            | Act::ApiGateway(_)
            | Act::Iam(_)
            | Act::Sqs(_)
            | Act::Rds(_)
            | Act::Ec2(_) => None,
        }
    }

    /// Until when it may be sent at all: what it stands on is not so for ever. `None`: whenever.
    #[must_use]
    pub fn stands_until(&self) -> Option<Timestamp> {
        match &self.act {
            Act::Sqs(act) => act.stands_until(),
            Act::Messages(_)
            | Act::SecretsManager(_)
            | Act::Lambda(_)
            | Act::ApiGateway(_)
            | Act::Iam(_)
            | Act::Rds(_)
            | Act::Ec2(_) => None,
        }
    }

    /// The calls to make next, after those that were made: all of them at once may be in flight. Empty: it
    /// is done.
    #[must_use]
    pub fn next(&self, so_far: &Progress) -> Vec<Call> {
        let made = &so_far.made;
        match &self.act {
            Act::SecretsManager(a) => a.next(made).into_iter().map(Call::SecretsManager).collect(),
            Act::Lambda(a) => a.next(made).into_iter().map(Call::Lambda).collect(),
            Act::ApiGateway(a) => a.next(made).into_iter().map(Call::ApiGateway).collect(),
            Act::Iam(a) => a.next(made).into_iter().map(Call::Iam).collect(),
            Act::Sqs(a) => a.next(made).into_iter().map(Call::Sqs).collect(),
            Act::Rds(a) => a.next(made).into_iter().map(Call::Rds).collect(),
            Act::Ec2(a) => a.next(made).into_iter().map(Call::Ec2).collect(),
            Act::Messages(a) => a.next(&so_far.tally),
        }
    }

    /// Every call it unfolds into when all goes well, for plans: receipts that are not known yet are
    /// stood in for. Of a change through a queue, one of each kind.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        if let Some(act) = self.tallied() {
            return act.kinds();
        }
        let mut so_far = Progress::default();
        loop {
            let next = self.next(&so_far);
            if next.is_empty() || so_far.made.len() > 10_000 {
                return so_far.made.into_iter().map(|m| m.call).collect();
            }
            so_far.made.extend(next.into_iter().map(|call| Made { receipt: call.stand_in(), call }));
        }
    }
}

impl Call {
    /// The AWS operation.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        by_service!(self, c => c.operation(); Call)
    }

    /// What it hits: an ARN where there is one, else an id.
    #[must_use]
    pub fn resource(&self) -> Untrusted {
        by_service!(self, c => c.resource(); Call)
    }

    /// The AWS CLI line that does the same by hand; a secret value is a file to be named.
    #[must_use]
    pub fn cli(&self, key: &IdempotencyKey) -> CliLine {
        by_service!(self, c => c.cli(key); Call)
    }

    /// The slots it needs filled.
    #[must_use]
    pub fn needs(&self) -> Vec<Slot> {
        by_service!(self, c => c.needs(); Call)
    }

    /// How it settles when nobody knows whether it happened.
    #[must_use]
    pub fn settle(&self, at: &At) -> Settle {
        by_service!(self, c => c.settle(at); Call)
    }

    /// What the answers to its [`Settle::Look`] (every page) say about it.
    #[must_use]
    pub fn verdict(&self, key: &IdempotencyKey, answers: &[Answer]) -> Verdict {
        by_service!(self, c => c.verdict(key, answers); Call)
    }

    /// A receipt of the right kind with nothing known in it, for plans only.
    #[must_use]
    pub fn stand_in(&self) -> Receipt {
        by_service!(self, c => c.stand_in(); Call)
    }
}

/// Every operation that any call or material uses.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    [
        secretsmanager::OPERATIONS,
        lambda::OPERATIONS,
        apigateway::OPERATIONS,
        iam::OPERATIONS,
        sqs::OPERATIONS,
        rds::OPERATIONS,
        ec2::OPERATIONS,
        &super::material::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}

/// Declares a service's write operations: a constant for each, and the list of them.
macro_rules! writes {
    ($service:ident, $prefix:literal; $($constant:ident = $name:literal, $iam:literal @ $rate:literal $(for $tier:ident)?;)+) => {
        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Op { $($constant),+ }

        /// The write operations of this service.
        pub static OPERATIONS: &[crate::estate::ask::Operation] = &[$(crate::estate::ask::Operation {
            service: crate::estate::ask::Service::$service,
            name: concat!($prefix, ":", $name),
            iam_action: $iam,
            per_second: $rate,
            tier: crate::estate::change::tier!($($tier)?),
        }),+];

        fn op(which: Op) -> &'static crate::estate::ask::Operation {
            &OPERATIONS[which as usize]
        }
    };
}
use writes;

/// The tier that a write names; the operator's where it names none.
macro_rules! tier {
    () => {
        crate::estate::ask::Tier::Operator
    };
    ($tier:ident) => {
        crate::estate::ask::Tier::$tier
    };
}
pub(crate) use tier;
