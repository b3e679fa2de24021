//! `doctor`: tries everything that the watch stands on and says what to do about what does not work. It
//! changes nothing and reads no value of anything.

mod checks;
mod questions;
mod report;

use super::args::Output;
use super::exit::{Exit, Failure};
use super::out::Out;
use super::run::World;
use super::setup::Setup;
use crate::engine::ask_each;
use crate::estate::ask::{Asks, Page, Query, sts};
use crate::estate::{At, BoxFuture, Context, Fault, Identity, Ports, Prompt, Region, Service, Timestamp};
use std::sync::Arc;

/// How an estate is reached, as its port tells it.
#[derive(Clone, PartialEq, Debug)]
pub struct Reached {
    /// The Region that was settled on.
    pub region: Region,
    /// Where credentials come from in words, or why there are none.
    pub credentials: Result<String, Fault>,
    /// When they end, where that is known.
    pub expires: Option<Timestamp>,
    /// The role that was assumed over them.
    pub role: Option<String>,
    /// Who AWS says it is, or why it does not.
    pub identity: Result<Identity, Fault>,
    /// Seconds that this machine's clock is ahead of AWS's, if AWS answered.
    pub ahead_s: Option<i64>,
    /// The endpoint of each service, or why it has none.
    pub endpoints: Vec<(Service, Result<String, String>)>,
    /// The certificates in place of the system's, or why they cannot be used.
    pub ca_bundle: Option<Result<String, String>>,
}

/// Asks the port how it is reached.
pub type Explain =
    Arc<dyn Fn(Context, Arc<dyn Prompt>) -> BoxFuture<'static, Result<Reached, Fault>> + Send + Sync>;

/// A question that was tried, and what came back.
pub(super) type Tried = (Query, Result<Page, Fault>);

/// Everything that was found out about the estate.
pub(super) struct Findings {
    reached: Result<Reached, Fault>,
    tried: Vec<Tried>,
    now: Timestamp,
    practice: bool,
}

/// Runs it. A configuration that is wrong is one of its findings, so it takes that too.
///
/// # Errors
/// The answer cannot be written.
pub async fn run(
    setup: Result<&Setup, &Failure>,
    world: &World,
    output: Output,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let findings = match setup {
        Ok(setup) => Some(find(setup, world).await),
        Err(_) => None,
    };
    let mut checks = checks::here(setup);
    let mut permissions = Vec::new();
    if let Some(findings) = &findings {
        checks.extend(checks::estate(findings));
        permissions = checks::permissions(findings);
    }
    let report =
        report::Report { checks, permissions, setup: setup.ok(), findings: findings.as_ref(), output };
    report.write(out)?;
    Ok(report.exit())
}

async fn find(setup: &Setup, world: &World) -> Findings {
    let opened = world.estates.open(&setup.context, world.prompt.clone()).await;
    let ports = match opened {
        Ok(ports) => ports,
        Err(fault) => {
            let now = Timestamp::now();
            return Findings { reached: Err(fault), tried: Vec::new(), now, practice: setup.practice };
        }
    };
    let at = At { account: None, region: ports.region.clone() };
    let identity = questions::identity(&at);
    let reached = match &world.explain {
        Some(explain) => explain(setup.context.clone(), world.prompt.clone()).await,
        None => Ok(practice(&ports, identity.clone()).await),
    };
    let now = ports.clock.now();
    let mut tried = Vec::new();
    if let Ok(Reached { identity: known, .. }) = &reached {
        // Where not even this works, forty more questions would say the same.
        let works = known.is_ok();
        tried.push((identity, known.clone().map(|i| page(i, now))));
        if works {
            tried.extend(everything(&ports, &at).await);
        }
    }
    Findings { reached, tried, now, practice: ports.practice }
}

fn page(identity: Identity, sent: Timestamp) -> Page {
    let answer = crate::estate::Answer::Sts(sts::Answer::GetCallerIdentity(identity));
    Page { answer, next: None, sent }
}

/// Every other question: lists first, then about the first thing that each list named.
async fn everything(ports: &Ports, at: &At) -> Vec<Tried> {
    let now = ports.clock.now();
    let mut examples = questions::Examples::default();
    let mut tried = ask_each(ports, questions::lists(at, now)).await;
    learn(&mut examples, &tried);
    let about = ask_each(ports, questions::about(at, &examples)).await;
    learn(&mut examples, &about);
    tried.extend(about);
    tried.extend(ask_each(ports, questions::deeper(at, now, &examples)).await);
    tried
}

fn learn(examples: &mut questions::Examples, tried: &[Tried]) {
    for (_, answer) in tried {
        if let Ok(page) = answer {
            examples.learn(&page.answer);
        }
    }
}

/// The practice estate needs no credentials; it says who it is like the real one.
async fn practice(ports: &Ports, identity: Query) -> Reached {
    let answer = ask_each(ports, vec![identity]).await.pop();
    let identity = match answer {
        Some((_, Ok(page))) => sts::GetCallerIdentity::open(page.answer),
        Some((_, Err(fault))) => Err(fault),
        None => Err(Fault::new(crate::estate::FaultKind::Malformed, "", "no answer")),
    };
    Reached {
        region: ports.region.clone(),
        credentials: Ok("none needed: this is the practice estate".to_owned()),
        expires: None,
        role: None,
        identity,
        ahead_s: Some(0),
        endpoints: Vec::new(),
        ca_bundle: None,
    }
}
