//! The closed list of questions. Each service's file is one table; from it come the question types, what
//! each answers, the IAM action it needs, the rate AWS allows and, with those, the poller's budgets and the
//! policy that the program prints.

pub mod cloudwatch;
pub mod iam;
pub mod lambda;
pub mod secretsmanager;
pub mod sqs;
pub mod sts;
pub mod wafv2;

use super::at::At;
use super::fault::{Fault, FaultKind};
use super::time::Timestamp;
use std::sync::Arc;

/// The services that are asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Service {
    /// Amazon CloudWatch.
    CloudWatch,
    /// Amazon SQS.
    Sqs,
    /// AWS WAFv2.
    Wafv2,
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS STS.
    Sts,
    /// AWS Lambda.
    Lambda,
    /// AWS IAM.
    Iam,
}

/// An operation of AWS that a question uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operation {
    /// Its service.
    pub service: Service,
    /// `service:Operation`, as faults and budgets name it.
    pub name: &'static str,
    /// The IAM action it needs; empty where none can be granted or denied (`sts:GetCallerIdentity`).
    pub iam_action: &'static str,
    /// Calls a second that are kept to, for an account and Region. Documented quotas where AWS publishes
    /// one, else a modest figure of ours; the table says which.
    pub per_second: u32,
}

/// A question with its answer's type.
pub trait Asks: Sized {
    /// What the answer holds.
    type Out;
    /// The question as one of the closed list.
    fn ask(self) -> Ask;
    /// The answer as its own type.
    ///
    /// # Errors
    /// `Malformed`, if the answer is that of another question.
    fn open(answer: Answer) -> Result<Self::Out, Fault>;
}

/// Makes a service's questions: a struct for each, the `Ask` and `Answer` enums, and their operations.
macro_rules! asks {
    ($service:ident, $prefix:literal; $(
        $(#[$doc:meta])+
        $name:ident { $($(#[$fdoc:meta])* $field:ident : $ty:ty),* $(,)? } => $out:ty, $iam:literal @ $rate:literal;
    )+) => {
        $(
            $(#[$doc])+
            #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
            pub struct $name { $($(#[$fdoc])* pub $field: $ty),* }

            impl crate::estate::ask::Asks for $name {
                type Out = $out;
                fn ask(self) -> crate::estate::ask::Ask {
                    crate::estate::ask::Ask::$service(Ask::$name(self))
                }
                fn open(answer: crate::estate::ask::Answer) -> Result<$out, crate::estate::fault::Fault> {
                    match answer {
                        crate::estate::ask::Answer::$service(Answer::$name(out)) => Ok(out),
                        _ => Err(crate::estate::ask::mismatch(concat!($prefix, ":", stringify!($name)))),
                    }
                }
            }
        )+

        /// The questions of this service.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[allow(missing_docs)] // each is documented at its struct
        pub enum Ask { $($name($name)),+ }

        /// Their answers: one page of each.
        #[derive(Clone, PartialEq, Debug)]
        #[allow(missing_docs, clippy::large_enum_variant)] // moved once per AWS call, then taken apart
        pub enum Answer { $($name($out)),+ }

        impl Ask {
            /// The AWS operation that this question uses.
            #[must_use]
            pub fn operation(&self) -> &'static crate::estate::ask::Operation {
                match self { $(Ask::$name(_) => {
                    static OP: crate::estate::ask::Operation = crate::estate::ask::Operation {
                        service: crate::estate::ask::Service::$service,
                        name: concat!($prefix, ":", stringify!($name)),
                        iam_action: $iam,
                        per_second: $rate,
                    };
                    &OP
                }),+ }
            }
        }

        /// Every operation of this table, in its order.
        pub static OPERATIONS: &[crate::estate::ask::Operation] = &[$(crate::estate::ask::Operation {
            service: crate::estate::ask::Service::$service,
            name: concat!($prefix, ":", stringify!($name)),
            iam_action: $iam,
            per_second: $rate,
        }),+];
    };
}
use asks;

/// A question, by service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)] // each variant is a service
pub enum Ask {
    CloudWatch(cloudwatch::Ask),
    Sqs(sqs::Ask),
    Wafv2(wafv2::Ask),
    SecretsManager(secretsmanager::Ask),
    Sts(sts::Ask),
    Lambda(lambda::Ask),
    Iam(iam::Ask),
}

/// One page of an answer, by service.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)] // each variant is a service
pub enum Answer {
    CloudWatch(cloudwatch::Answer),
    Sqs(sqs::Answer),
    Wafv2(wafv2::Answer),
    SecretsManager(secretsmanager::Answer),
    Sts(sts::Answer),
    Lambda(lambda::Answer),
    Iam(iam::Answer),
}

impl Ask {
    /// The AWS operation that this question uses.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        match self {
            Ask::CloudWatch(a) => a.operation(),
            Ask::Sqs(a) => a.operation(),
            Ask::Wafv2(a) => a.operation(),
            Ask::SecretsManager(a) => a.operation(),
            Ask::Sts(a) => a.operation(),
            Ask::Lambda(a) => a.operation(),
            Ask::Iam(a) => a.operation(),
        }
    }
}

/// Every operation that any question uses.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    [
        cloudwatch::OPERATIONS,
        sqs::OPERATIONS,
        wafv2::OPERATIONS,
        secretsmanager::OPERATIONS,
        sts::OPERATIONS,
        lambda::OPERATIONS,
        iam::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}

/// A question and the place it is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Query {
    /// Where.
    pub at: At,
    /// What.
    pub ask: Ask,
}

/// Where the next page starts; opaque, and only ever given back to whoever gave it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Cursor(pub Arc<str>);

/// What one AWS call answered.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// The answer.
    pub answer: Answer,
    /// The page after this one, if there is one.
    pub next: Option<Cursor>,
    /// When the call was sent: the answer is at least this old.
    pub sent: Timestamp,
}

/// The fault of an answer that belongs to another question.
pub(crate) fn mismatch(operation: &'static str) -> Fault {
    Fault::new(FaultKind::Malformed, operation, "the answer is that of another question")
}
