//! Exports messages for the console, backstage, to a file in the folder that the program was started in. What it tells has
//! no body in it.

use crate::console::{KeepOrder, RunsNews};
use crate::engine::messages::{Account, Hands, Manifest, Wish, export, known};
use crate::engine::runs::Brake;
use crate::engine::{Archive, Gate};
use crate::estate::message::Select;
use crate::estate::{Arn, Ports, QueueUrl, Timestamp, Untrusted};
use crate::insight::messages::offer::Offer;
use crate::insight::words;
use std::path::PathBuf;

/// Exports as is wished, says how far it is, and what it came to.
pub(super) async fn keep(
    ports: &Ports,
    gate: &Gate,
    order: &KeepOrder,
    (brake, archive): (&Brake, &Archive),
    tell: &(dyn Fn(RunsNews) + Sync),
) {
    let (ticket, queue) = (order.ticket, &order.queue);
    let file = match std::path::absolute(name(queue, ports.clock.now())) {
        Ok(file) => file,
        Err(e) => {
            let result = Err(format!("the folder that this was started in is gone: {e}"));
            return tell(RunsNews::Exported { ticket, queue: queue.clone(), result });
        }
    };
    let wish = Wish {
        to: &file,
        gzip: true,
        select: Select::default(),
        by: order.by.clone(),
        queue: order.of.clone(),
        fifo: order.fifo,
        counted: order.counted,
    };
    let hands = Hands { ports, gate, brake };
    let so_far = |account: &Account| {
        let words = so_far(account, order.counted);
        tell(RunsNews::Exporting { ticket, queue: queue.clone(), words });
    };
    let result = match export(&hands, &order.consent, &wish, &so_far).await {
        Ok(done) => {
            let mut said = vec![format!(
                "{} in {}",
                words::counted(u64::from(done.manifest.count), "message"),
                shown(&file)
            )];
            said.extend(done.manifest.not_exported.iter().map(|why| format!("not exported: {why}")));
            said.extend(done.account.away(ports.clock.now()));
            if let Err(e) = known::note(archive, &file, &order.of) {
                said.push(format!("where it is could not be noted: {e}"));
            }
            Ok(said)
        }
        Err(fault) => Err(fault.to_string()),
    };
    tell(RunsNews::Exported { ticket, queue: queue.clone(), result });
}

/// The newest export of a queue that was made here and is still there, as a form offers it.
pub(super) async fn offer(archive: &Archive, queue: &Arn) -> Option<Offer> {
    let (archive, queue) = (archive.clone(), queue.clone());
    let found = tokio::task::spawn_blocking(move || known::newest(&archive, &queue)).await;
    let known = found.ok().flatten()?; // a reader that failed offers nothing
    let file = known.file.to_str()?.to_owned();
    let Manifest { at, count, complete, .. } = known.manifest;
    Some(Offer { file, at, count, complete })
}

/// The name of a new file: no two of a queue within a second are the same, and one that is there is never overwritten.
fn name(queue: &QueueUrl, now: Timestamp) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let queue: String = queue.name().wire().chars().map(plain).collect();
    let now: String = now.to_string().chars().take(19).filter(char::is_ascii_alphanumeric).collect();
    PathBuf::from(format!("{}-{now}Z.jsonl.gz", queue.trim_start_matches('.')))
}

fn shown(file: &std::path::Path) -> String {
    Untrusted::from(file.display().to_string()).shown().to_string()
}

fn so_far(account: &Account, counted: Option<u64>) -> String {
    let of = counted.map(|n| format!(" of about {}", words::count(n))).unwrap_or_default();
    match account.returned {
        0 => format!("exporting: {}{of} received", words::count(account.received)),
        returned => format!("{} of {} given back", words::count(returned), words::count(account.received)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_queue_and_stays_where_it_is_put() {
        let now: Timestamp = "2026-11-17T10:00:00.25Z".parse().unwrap();
        let name = |url: &str| super::name(&QueueUrl::new(url), now).display().to_string();
        assert_eq!(name("https://sqs.x/1/orders-dlq.fifo"), "orders-dlq.fifo-20261117T100000Z.jsonl.gz");
        assert_eq!(name("https://sqs.x/1/..%2f\u{202e}x y"), "_2f_x_y-20261117T100000Z.jsonl.gz");
    }
}
