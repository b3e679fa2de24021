//! The commands of `queues` that are about messages: which run or reading each of them is. How a run is driven is in
//! `runbook`, messages are looked at in `looking`.

use super::args::{Choice, Queues, Which};
use super::exit::{Exit, Failure};
use super::looking::{self, Meant};
use super::out::Out;
use super::read::{self, Opened};
use super::run::World;
use super::runbook::{Making, once};
use super::say;
use super::setup::Setup;
use super::whose;
use crate::estate::message::LARGEST;
use crate::estate::{QueueUrl, Vault};
use crate::runbook::inputs;
use std::path::Path;

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
        Queues::Redrive { queue, to, how, sample, body_from, which, once: how_confirmed } => {
            let opened = open().await?;
            let url = meant(&opened, queue).await?;
            let mut inputs = chosen(&url, which, setup);
            inputs.push(("how".to_owned(), how.clone()));
            inputs.push(("sample".to_owned(), sample.to_string()));
            if let Some(to) = to {
                inputs.push(("to".to_owned(), meant(&opened, to).await?.wire().to_owned()));
            }
            let vault = Vault::default();
            if let Some(path) = body_from {
                inputs.push(("edited".to_owned(), "true".to_owned()));
                vault.put(inputs::slot("body"), body(path)?);
            }
            let making = Making { name: "queue-redrive", inputs, vault, once: how_confirmed };
            once(making, setup, world, out).await.map(Some)
        }
        Queues::Replay { queue, function, search_logs, qualifier, no_canary, watch, which, once: how } => {
            let opened = open().await?;
            let url = meant(&opened, queue).await?;
            let mut inputs = chosen(&url, which, setup);
            if *search_logs {
                let choice = Choice { group: which.group.clone(), filter: which.filter.clone() };
                if let Some((function, sure)) = whose::replayed(&opened, queue, &choice, world, out).await? {
                    inputs.extend(function.map(|name| ("found".to_owned(), name.wire().to_owned())));
                    inputs.push(("sure".to_owned(), sure));
                }
            }
            let given = [("function", function), ("qualifier", qualifier), ("watch", watch)];
            let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
            inputs.extend(given);
            inputs.push(("canary".to_owned(), (!no_canary).to_string()));
            let making = Making { name: "queue-replay", inputs, vault: Vault::default(), once: how };
            once(making, setup, world, out).await.map(Some)
        }
        Queues::Cancel { queue, once: how } => {
            let url = meant(&open().await?, queue).await?;
            let inputs = vec![("queue".to_owned(), url.wire().to_owned())];
            let making = Making { name: "queue-cancel", inputs, vault: Vault::default(), once: how };
            once(making, setup, world, out).await.map(Some)
        }
        Queues::Peek { queue, max, all, search_logs, read, choice } => {
            let some = looking::Sample {
                enough: (!all).then_some(*max),
                read: (!all).then_some(*read),
                logs: *search_logs,
                choice,
            };
            looking::peek(&open().await?, queue, &some, world, out).await.map(Some)
        }
        Queues::Export { queue, to, gzip, max, choice } => {
            let wanted = looking::Wanted { to, gzip: *gzip, most: *max, choice };
            looking::export(&open().await?, queue, &wanted, world, out).await.map(Some)
        }
        Queues::Import { file, to, rate, once: how } => {
            let to = meant(&open().await?, to).await?;
            let mut inputs =
                vec![("file".to_owned(), absolute(file)?), ("to".to_owned(), to.wire().to_owned())];
            inputs.extend(rate.iter().map(|n| ("rate".to_owned(), n.to_string())));
            let making = Making { name: "queue-import", inputs, vault: Vault::default(), once: how };
            once(making, setup, world, out).await.map(Some)
        }
        Queues::Purge { queue, export, whole, fresh, waive, without_export, once: how } => {
            let url = meant(&open().await?, queue).await?;
            let mut inputs = vec![("queue".to_owned(), url.wire().to_owned())];
            if let Some(file) = export {
                inputs.push(("export".to_owned(), absolute(file)?));
                inputs.push(("whole".to_owned(), whole.to_string()));
            }
            inputs.extend(fresh.iter().map(|age| ("fresh".to_owned(), age.clone())));
            inputs.extend(waive.iter().chain(without_export).map(|why| ("reason".to_owned(), why.clone())));
            let making = Making { name: "queue-purge", inputs, vault: Vault::default(), once: how };
            once(making, setup, world, out).await.map(Some)
        }
    }
}

/// The inputs that say which messages of a queue are meant, and how fast they go.
fn chosen(queue: &QueueUrl, which: &Which, setup: &Setup) -> Vec<(String, String)> {
    let mut inputs = vec![("queue".to_owned(), queue.wire().to_owned())];
    let masks: Vec<&str> = setup.config.masks.texts().collect();
    let masks = (!masks.is_empty()).then(|| masks.join("\n"));
    let given = [
        ("group", which.group.clone()),
        ("filter", which.filter.clone()),
        ("masks", masks),
        ("max", which.max.map(|n| n.to_string())),
        ("rate", which.rate.map(|n| n.to_string())),
    ];
    inputs.extend(given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    inputs
}

/// The body that is to be sent, as it is in the file: not a byte is stripped.
///
/// # Errors
/// The file cannot be read, is empty, is no text, or is larger than a message may be.
fn body(path: &std::path::Path) -> Result<zeroize::Zeroizing<Vec<u8>>, Failure> {
    let told =
        |why: String| Failure::usage(format!("--body-from {}: {why}", say::safe(&path.to_string_lossy())));
    let bytes = zeroize::Zeroizing::new(std::fs::read(path).map_err(|e| told(e.to_string()))?);
    match bytes.len() {
        0 => Err(told("it is empty, and a message is not".into())),
        n if n > LARGEST => Err(told(format!("{n} bytes, and a message has at most {LARGEST}"))),
        _ if std::str::from_utf8(&bytes).is_err() => Err(told("it is not UTF-8 text".into())),
        _ => Ok(bytes),
    }
}

/// The URL of the queue that was meant by a name, URL or ARN.
///
/// # Errors
/// As [`Meant::find`].
async fn meant(opened: &Opened<'_>, typed: &str) -> Result<QueueUrl, Failure> {
    Ok(Meant::find(opened, typed).await?.url)
}

/// A file by its whole path: a run may be resumed from another folder.
fn absolute(file: &Path) -> Result<String, Failure> {
    let wrong = |why: String| Failure::usage(format!("{}: {why}", say::safe(&file.display().to_string())));
    let whole = std::path::absolute(file).map_err(|e| wrong(e.to_string()))?;
    whole.to_str().map(str::to_owned).ok_or_else(|| wrong("its name is no UTF-8".to_owned()))
}
