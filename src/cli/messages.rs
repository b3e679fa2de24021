//! The commands of `queues` that are about messages: which run or reading each of them is. How a run is driven is in
//! `runbook`, how messages are written elsewhere.

use super::args::Queues;
use super::exit::{Exit, Failure};
use super::find;
use super::out::Out;
use super::read::{self, Opened};
use super::run::World;
use super::runbook::{Making, once};
use super::setup::Setup;
use crate::estate::{QueueUrl, Vault};
use crate::insight::{Broad, Source};

/// Runs one of them; `None` for those that only list.
///
/// # Errors
/// It could not be done.
pub async fn run(
    verb: &Queues,
    setup: &Setup,
    world: &World,
    out: &mut Out,
) -> Result<Option<Exit>, Failure> {
    let open = || read::open(setup, &world.estates, world.prompt.clone());
    match verb {
        Queues::List | Queues::Show { .. } => Ok(None),
        Queues::Purge { queue, without_export, once: how } => {
            let url = meant(&open().await?, queue).await?;
            let mut inputs = vec![("queue".to_owned(), url.wire().to_owned())];
            inputs.extend(without_export.iter().map(|why| ("reason".to_owned(), why.clone())));
            let making = Making { name: "queue-purge", inputs, vault: Vault::default(), once: how };
            once(making, setup, world, out).await.map(Some)
        }
    }
}

/// The queue that was meant by a name, URL or ARN.
///
/// # Errors
/// There is none or there are several (exit 2), or queues cannot be listed (exit 3).
async fn meant(opened: &Opened<'_>, typed: &str) -> Result<QueueUrl, Failure> {
    let queues = Source::Broad(Broad::Queues);
    let reading = opened.read(std::slice::from_ref(&queues)).await;
    reading.require(&[queues])?;
    Ok(find::queue(&reading.inv, typed)?.url.clone())
}
