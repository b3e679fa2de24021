//! The ports of the estate over the AWS SDK: one call for each question and each write, every error a fault,
//! credentials from the whole AWS chain. It is the only place that names an SDK crate.
//!
//! `estates` opens a context; `reads` sends each question to its service's file, `changes` each write to
//! the one below it, `materials` reads what is secret into a vault, with `flat` and `marked` to leave no copy
//! and no quotation of a value; `clients` holds the SDK's,
//! and `whole` refuses XML that breaks off; `query` is what RDS, EC2 and logs are asked by in place of an SDK client. `settings`, `plan`,
//! `loader`, `session` and `origin` are how credentials are found, loaded, kept and mended; `http` is the
//! client under all; `fault`, `verdict` and (for writes) `refusal` judge what went wrong; `explain` and `endpoints` say
//! what was settled on.

mod apigateway;
mod changes;
mod clients;
mod cloudtrail;
mod cloudwatch;
mod convert;
mod ec2;
mod endpoints;
mod estates;
mod events;
mod explain;
mod fault;
mod flat;
mod http;
mod iam;
mod kms;
mod lambda;
mod loader;
mod logs;
mod marked;
mod materials;
mod origin;
mod plan;
mod query;
mod rds;
mod reads;
mod refusal;
mod secretsmanager;
mod session;
mod settings;
mod sqs;
mod sts;
mod tells;
#[cfg(test)]
mod tests;
mod verdict;
mod wafv2;
mod whole;

pub use estates::{AwsEstates, AwsOptions};
pub use explain::Explained;
pub use origin::Origin;
