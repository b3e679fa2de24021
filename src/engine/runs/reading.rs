//! Reads for runs: every page of a question, a material into a slot, a canary's status; each through the gate,
//! and again where that may help. What still fails is the reader's answer.

use crate::engine::gate::Gate;
use crate::engine::walker::pause;
use crate::estate::ask::{iam, sts};
use crate::estate::{
    Answer, Asks, At, BoxFuture, Completeness, Cursor, Fault, FaultKind, Identity, MaterialSource,
    MaterialVersion, Operation, Ports, Query, Seen, Slot, Timestamp, Untrusted, Vault,
};

/// A throttled question is asked so many times.
const TRIES_THROTTLED: u32 = 8;
/// A question that nobody answered is asked so many times.
const TRIES_UNANSWERED: u32 = 3;
/// Pages of one answer; a server that never ends must not fill the memory.
const MOST_PAGES: usize = 5_000;

/// Asks for runs. Cloning shares the gate.
#[derive(Clone)]
pub(in crate::engine) struct Reader {
    pub(super) ports: Ports,
    pub(super) gate: Gate,
}

/// The first pages of an answer.
pub(in crate::engine) struct Begun {
    pub pages: Vec<Answer>,
    /// When the first was asked for.
    pub at: Timestamp,
    pub rest: Rest,
}

/// What became of the pages after them.
pub(in crate::engine) enum Rest {
    /// There are none.
    None,
    /// They were not asked for.
    More,
    /// They could not be had.
    Fault(Fault),
}

impl Reader {
    /// Every page of the answers to a question.
    ///
    /// # Errors
    /// AWS's fault, after as many tries as make sense.
    pub(in crate::engine) async fn pages(&self, query: &Query) -> Result<Seen<Vec<Answer>>, Fault> {
        let begun = self.some_pages(query, MOST_PAGES).await;
        match begun.rest {
            Rest::None => Ok(Seen { value: begun.pages, at: begun.at, complete: Completeness::Complete }),
            Rest::More => {
                Err(Fault::new(FaultKind::Malformed, query.ask.operation().name, "the answer has no end"))
            }
            Rest::Fault(fault) => Err(fault),
        }
    }

    /// The first pages of the answers, at most so many, and what became of the rest.
    pub(in crate::engine) async fn some_pages(&self, query: &Query, most: usize) -> Begun {
        let operation = query.ask.operation();
        let (mut pages, mut first, mut from) = (Vec::new(), None, None::<Cursor>);
        let rest = loop {
            let fetch = || self.ports.reads.fetch(query, from.as_ref());
            let page = match self.patiently(&query.at, operation, fetch).await {
                Ok(page) => page,
                Err(fault) => break Rest::Fault(fault),
            };
            first.get_or_insert(page.sent);
            pages.push(page.answer);
            match page.next {
                Some(next) if from.as_ref() == Some(&next) => {
                    let why = "the next page is the same page";
                    break Rest::Fault(Fault::new(FaultKind::Malformed, operation.name, why));
                }
                Some(_) if pages.len() >= most => break Rest::More,
                Some(next) => from = Some(next),
                None => break Rest::None,
            }
        };
        Begun { pages, at: first.unwrap_or_else(|| self.ports.clock.now()), rest }
    }

    /// Reads a material into a slot.
    ///
    /// # Errors
    /// AWS's fault; `Unsupported`, where nothing secret may be read.
    pub(super) async fn load(
        &self,
        at: &At,
        source: &MaterialSource,
        into: &Slot,
        vault: &Vault,
    ) -> Result<Seen<MaterialVersion>, Fault> {
        let operation = source.operation();
        let Some(writes) = &self.ports.writes else {
            let why = "nothing secret is read in a read-only context";
            return Err(Fault::new(FaultKind::Unsupported, operation.name, why));
        };
        self.patiently(at, operation, || writes.materials.load(at, source, into.clone(), vault)).await
    }

    /// Who asks.
    ///
    /// # Errors
    /// AWS's fault.
    pub(super) async fn identity(&self) -> Result<Identity, Fault> {
        let at = At { account: None, region: self.ports.region.clone() };
        let seen = self.pages(&Query { at, ask: sts::GetCallerIdentity {}.ask() }).await?;
        let answer = seen.value.into_iter().next();
        let none = || Fault::new(FaultKind::Malformed, "sts:GetCallerIdentity", "there was no answer");
        sts::GetCallerIdentity::open(answer.ok_or_else(none)?)
    }

    /// The name that arms changes in a production context: the account's alias; its number where it has none
    /// or it may not be read.
    ///
    /// # Errors
    /// AWS's fault, if it is one that passes or is about credentials.
    pub(super) async fn alias(&self, at: &At) -> Result<Untrusted, Fault> {
        let number = || Untrusted::from(at.account.as_ref().map(ToString::to_string).unwrap_or_default());
        let query = Query { at: at.clone(), ask: iam::ListAccountAliases {}.ask() };
        match self.pages(&query).await {
            Ok(seen) => {
                let mut names = Vec::new();
                for answer in seen.value {
                    names.extend(iam::ListAccountAliases::open(answer)?);
                }
                Ok(names.first().map_or_else(number, |alias| alias.text().clone()))
            }
            Err(fault) if fault.is_passing() || fault.is_about_credentials() => Err(fault),
            Err(_) => Ok(number()),
        }
    }

    /// Does something until it is answered, or until asking again makes no sense.
    async fn patiently<'a, T>(
        &self,
        at: &At,
        operation: &'static Operation,
        ask: impl Fn() -> BoxFuture<'a, Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.gate.pass(at, operation).await;
            let fault = match ask().await {
                Ok(answer) => {
                    self.gate.answered(at, operation);
                    return Ok(answer);
                }
                Err(fault) => fault,
            };
            let most = match fault.kind {
                FaultKind::Throttled => {
                    self.gate.throttled(at, operation);
                    TRIES_THROTTLED
                }
                FaultKind::Unreachable | FaultKind::TimedOut => TRIES_UNANSWERED,
                FaultKind::Denied { .. }
                | FaultKind::Expired { .. }
                | FaultKind::NoCredentials { .. }
                | FaultKind::ClockSkew { .. }
                | FaultKind::Unsupported
                | FaultKind::NotFound
                | FaultKind::Invalid
                | FaultKind::Malformed
                | FaultKind::Conflict
                | FaultKind::Declined
                | FaultKind::Other(_) => 1,
            };
            if tries >= most {
                return Err(fault);
            }
            self.ports.clock.sleep(pause(tries, self.ports.clock.now())).await;
        }
    }
}

/// A fault as the journal keeps it.
pub(super) fn failure(fault: &Fault) -> crate::runbook::Failure {
    crate::runbook::Failure::of(fault.word(), fault.to_string())
}
