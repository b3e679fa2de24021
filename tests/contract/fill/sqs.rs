//! Queues: a dead-letter queue with two sources, a FIFO and an encrypted one, one with messages, and more
//! than a page of plain ones.

use super::Filled;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use futures_util::future::join_all;

/// So many queues beside those with a name of their own: two pages of 1,000.
pub const BULK: usize = 1_003;
pub const DEAD: &str = "orders-dlq";
/// Its sources, with their `maxReceiveCount`.
pub const SOURCES: [(&str, u32); 2] = [("orders", 3), ("invoices", 5)];
pub const FIFO: &str = "events.fifo";
pub const KMS: &str = "vault";
pub const KEY: &str = "alias/vault";
/// A dead-letter queue whose two messages a task has moved back.
pub const MOVED: &str = "moved-dlq";
pub const MESSAGES: u64 = 3;
/// All named queues: those above, and the source of `MOVED`.
pub const NAMED: usize = 7;

pub async fn fill(client: &Client, filled: &mut Filled) {
    let dead = client.create_queue().queue_name(DEAD).attributes(Name::MessageRetentionPeriod, "1209600");
    let dead = dead.tags("system", "shop").tags("stage", "prod").send().await;
    let Some(dead) = filled.note("queue", dead).and_then(|q| q.queue_url) else { return };
    for n in 0..MESSAGES {
        let sent = client.send_message().queue_url(&dead).message_body(format!("message {n}")).send().await;
        filled.note("queue_messages", sent);
    }
    for (name, max) in SOURCES {
        filled.note("queue_sources", source(client, name, DEAD, max).await);
    }
    let fifo = client.create_queue().queue_name(FIFO).attributes(Name::FifoQueue, "true").send().await;
    filled.note("queue_fifo", fifo);
    let kms = client.create_queue().queue_name(KMS).attributes(Name::KmsMasterKeyId, KEY).send().await;
    filled.note("queue_kms", kms);
    filled.note("move_task", moved(client).await);
    for tens in (0..BULK).collect::<Vec<_>>().chunks(20) {
        let calls = tens.iter().map(|n| client.create_queue().queue_name(format!("bulk-{n:04}")).send());
        for outcome in join_all(calls).await {
            filled.note("queues_bulk", outcome);
        }
    }
}

pub fn arn(name: &str, account: &str) -> String {
    format!("arn:aws:sqs:{}:{account}:{name}", crate::asking::REGION)
}

pub async fn source(client: &Client, name: &str, dead: &str, max: u32) -> Result<String, aws_sdk_sqs::Error> {
    let url = client.create_queue().queue_name(name).send().await?.queue_url.unwrap_or_default();
    let dead = client.get_queue_url().queue_name(dead).send().await?.queue_url.unwrap_or_default();
    let facts = client.get_queue_attributes().queue_url(dead).attribute_names(Name::QueueArn).send().await?;
    let arn = facts.attributes.and_then(|a| a.get(&Name::QueueArn).cloned()).unwrap_or_default();
    let policy = format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"{max}"}}"#);
    client.set_queue_attributes().queue_url(&url).attributes(Name::RedrivePolicy, policy).send().await?;
    Ok(arn)
}

async fn moved(client: &Client) -> Result<(), aws_sdk_sqs::Error> {
    let url = client.create_queue().queue_name(MOVED).send().await?.queue_url.unwrap_or_default();
    let arn = source(client, "moved", MOVED, 1).await?;
    for body in ["a", "b"] {
        client.send_message().queue_url(&url).message_body(body).send().await?;
    }
    client.start_message_move_task().source_arn(arn).send().await?;
    Ok(())
}
