//! Answers to questions, a file per service: rows of the world as AWS would give them. Nothing here changes
//! the world, and no answer holds a secret text.

mod access;
mod apigateway;
mod cloudtrail;
mod cloudwatch;
mod crowd;
mod data;
mod ec2;
mod events;
mod iam;
mod kms;
mod lambda;
mod logs;
mod rds;
mod reason;
mod samples;
mod secretsmanager;
mod sqs;
mod sts;
mod wafv2;

use super::faults;
use super::paging::{self, Cut};
use super::world::{Second, World};
use crate::estate::ask::{Answer, Ask, Cursor, Operation, Query};
use crate::estate::fault::Fault;
use crate::estate::time::Timestamp;
use crate::estate::untrusted::Untrusted;
use std::collections::BTreeSet;

/// One page of the answer to `q`.
pub(super) fn answer(
    world: &World,
    denied: &BTreeSet<String>,
    q: &Query,
    from: Option<&Cursor>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = q.ask.operation();
    let asked = Asked { world, denied, op, here: super::is_here(&q.at), from };
    match &q.ask {
        Ask::CloudWatch(ask) => cloudwatch::answer(&asked, ask).map(|(a, n)| (Answer::CloudWatch(a), n)),
        Ask::Sqs(ask) => sqs::answer(&asked, ask).map(|(a, n)| (Answer::Sqs(a), n)),
        Ask::Wafv2(ask) => wafv2::answer(&asked, ask).map(|(a, n)| (Answer::Wafv2(a), n)),
        Ask::SecretsManager(ask) => {
            secretsmanager::answer(&asked, ask).map(|(a, n)| (Answer::SecretsManager(a), n))
        }
        Ask::Sts(ask) => sts::answer(&asked, ask).map(|(a, n)| (Answer::Sts(a), n)),
        Ask::Lambda(ask) => lambda::answer(&asked, ask).map(|(a, n)| (Answer::Lambda(a), n)),
        Ask::Iam(ask) => iam::answer(&asked, ask).map(|a| (Answer::Iam(a), None)),
        Ask::CloudTrail(ask) => {
            cloudtrail::answer(&asked, ask, &q.at.region).map(|(a, n)| (Answer::CloudTrail(a), n))
        }
        Ask::Kms(ask) => kms::answer(&asked, ask).map(|a| (Answer::Kms(a), None)),
        Ask::Logs(ask) => logs::answer(&asked, ask).map(|(a, n)| (Answer::Logs(a), n)),
        Ask::Events(ask) => events::answer(&asked, ask, &q.at.region).map(|a| (Answer::Events(a), None)),
        Ask::Rds(ask) => rds::answer(&asked, ask).map(|(a, n)| (Answer::Rds(a), n)),
        Ask::Ec2(ask) => ec2::answer(&asked, ask, &q.at.region).map(|a| (Answer::Ec2(a), None)),
        Ask::ApiGateway(ask) => apigateway::answer(&asked, ask).map(|(a, n)| (Answer::ApiGateway(a), n)),
    }
}

/// A question on its way to its answer.
struct Asked<'a> {
    world: &'a World,
    /// Everything that is denied to the operator.
    denied: &'a BTreeSet<String>,
    op: &'static Operation,
    /// Whether it is asked in the Region where everything is.
    here: bool,
    from: Option<&'a Cursor>,
}

impl<'a> Asked<'a> {
    /// The rows of a table, or none of them elsewhere.
    fn rows<T>(&self, table: &'a [T]) -> Vec<&'a T> {
        if self.here { table.iter().collect() } else { Vec::new() }
    }

    /// One page of `rows`, which are in the order of their names.
    fn page<'r, T>(
        &self,
        about: &str,
        rows: &[&'r T],
        size: usize,
        name: impl for<'x> Fn(&'x T) -> &'x str,
    ) -> Result<Cut<'r, T>, Fault> {
        paging::by_name(self.op, about, rows, size, self.from, name)
    }

    /// One page of `rows`, which are newest first.
    fn newest<'r, T>(&self, about: &str, rows: &'r [T], size: usize) -> Result<Cut<'r, T>, Fault> {
        paging::by_age(self.op, about, rows, size, self.from)
    }

    /// Refuses a token where an answer has only one page.
    fn single(&self) -> Result<(), Fault> {
        if self.from.is_some() { Err(faults::bad_token(self.op)) } else { Ok(()) }
    }
}

/// A second as an instant; beyond the calendar it is held at its ends.
pub(super) fn time(at: Second) -> Timestamp {
    crate::estate::time::plus_seconds(Timestamp::UNIX_EPOCH, at)
}

fn text(t: &str) -> Untrusted {
    Untrusted::from(t)
}

fn maybe(t: Option<&String>) -> Option<Untrusted> {
    t.map(|t| text(t))
}

fn pairs(tags: &[(String, String)]) -> Vec<(Untrusted, Untrusted)> {
    tags.iter().map(|(n, v)| (text(n), text(v))).collect()
}
