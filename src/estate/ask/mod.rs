//! The closed list of questions. Each service's file is one table; from it come the question types, what
//! each answers, the IAM action it needs, the rate AWS allows and, with those, the poller's budgets and the
//! policy that the program prints.

pub mod apigateway;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod ec2;
pub mod events;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod rds;
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
    /// Amazon API Gateway (REST APIs: keys and usage plans).
    ApiGateway,
    /// AWS CloudTrail.
    CloudTrail,
    /// Amazon RDS.
    Rds,
    /// Amazon EC2: security groups and flow logs.
    Ec2,
    /// Amazon SNS: others are told over it, and nothing is asked.
    Sns,
    /// AWS KMS: keys and their policies; nothing is decrypted by it.
    Kms,
    /// Amazon CloudWatch Logs: whether a text is in a log.
    Logs,
    /// Amazon EventBridge: rules, and where they send.
    Events,
}

/// Who needs a permission: the three roles whose policies are printed. Each holds those before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// Watches; reads no secret and changes nothing.
    Viewer,
    /// Runs the everyday runbooks.
    Operator,
    /// Responds to a compromise: a role of its own, with MFA.
    BreakGlass,
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
    /// The least role that has it.
    pub tier: Tier,
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
        $name:ident { $($(#[$fdoc:meta])* $field:ident : $ty:ty),* $(,)? }
            => $out:ty, $iam:literal @ $rate:literal $(for $tier:ident)?;
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
                        tier: crate::estate::ask::tier!($($tier)?),
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
            tier: crate::estate::ask::tier!($($tier)?),
        }),+];
    };
}
use asks;

/// The tier that a row of a table names; the viewer's where it names none.
macro_rules! tier {
    () => {
        crate::estate::ask::Tier::Viewer
    };
    ($tier:ident) => {
        crate::estate::ask::Tier::$tier
    };
}
pub(crate) use tier;

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
    ApiGateway(apigateway::Ask),
    CloudTrail(cloudtrail::Ask),
    Rds(rds::Ask),
    Ec2(ec2::Ask),
    Kms(kms::Ask),
    Logs(logs::Ask),
    Events(events::Ask),
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
    ApiGateway(apigateway::Answer),
    CloudTrail(cloudtrail::Answer),
    Rds(rds::Answer),
    Ec2(ec2::Answer),
    Kms(kms::Answer),
    Logs(logs::Answer),
    Events(events::Answer),
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
            Ask::ApiGateway(a) => a.operation(),
            Ask::CloudTrail(a) => a.operation(),
            Ask::Rds(a) => a.operation(),
            Ask::Ec2(a) => a.operation(),
            Ask::Kms(a) => a.operation(),
            Ask::Logs(a) => a.operation(),
            Ask::Events(a) => a.operation(),
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
        apigateway::OPERATIONS,
        cloudtrail::OPERATIONS,
        rds::OPERATIONS,
        ec2::OPERATIONS,
        kms::OPERATIONS,
        logs::OPERATIONS,
        events::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}

/// The operations of the watch: what the viewer's role has.
pub fn watched() -> impl Iterator<Item = &'static Operation> {
    operations().filter(|op| op.tier == Tier::Viewer)
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
