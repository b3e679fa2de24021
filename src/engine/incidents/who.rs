//! Who writes to an incident: as AWS says, if it answers soon; else as this machine says. A note must not wait for
//! credentials that somebody has just taken away.

use crate::estate::ask::{Answer, Asks, Query, sts};
use crate::estate::{At, Identity, Ports, Untrusted};
use crate::journal::Files;
use std::time::Duration;

/// How long AWS is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who writes, for the records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Author {
    /// The principal, or what this machine calls the person.
    pub by: Untrusted,
    /// The machine.
    pub host: Untrusted,
    /// Where AWS was asked, with its account if it answered.
    pub at: At,
    /// Whether AWS said who it is.
    pub known: bool,
}

/// Who works with these ports.
pub async fn author(ports: &Ports) -> Author {
    let at = At { account: None, region: ports.region.clone() };
    let query = Query { at: at.clone(), ask: sts::GetCallerIdentity {}.ask() };
    let asked = tokio::time::timeout(PATIENCE, ports.reads.fetch(&query, None)).await;
    let identity = match asked {
        Ok(Ok(page)) => opened(page.answer),
        Ok(Err(_)) | Err(_) => None, // said by `known`
    };
    let host = Untrusted::from(Files::here().host);
    match identity {
        Some(identity) => {
            let at = At { account: Some(identity.account.clone()), ..at };
            Author { by: identity.principal(), host, at, known: true }
        }
        None => Author { by: local(), host, at, known: false },
    }
}

fn opened(answer: Answer) -> Option<Identity> {
    sts::GetCallerIdentity::open(answer).ok() // another answer than was asked for tells nothing
}

/// What this machine calls the person.
fn local() -> Untrusted {
    let named =
        ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    Untrusted::from(
        named.map_or_else(|| "unknown".to_owned(), |name| format!("{name} (this machine's user)")),
    )
}
