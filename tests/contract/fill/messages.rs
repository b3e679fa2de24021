//! Queues with messages for the questions that move them: for each question its own, so that none takes another's.

use super::Filled;
use super::sqs::source;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName as Name};

/// Standard queues, each with so many messages.
pub const QUEUES: usize = 5;
pub const EACH: usize = 6;
/// A FIFO queue with as many messages of two groups, and an empty one.
pub const FIFO: &str = "messages.fifo";
pub const FIFO_TO: &str = "messages-to.fifo";
/// An empty standard queue, and a dead-letter queue with its source.
pub const TO: &str = "messages-to";
pub const DEAD: &str = "messages-dead";
pub const SOURCE: &str = "messages-source";

pub fn queue(n: usize) -> String {
    format!("messages-{n}")
}

pub async fn fill(client: &Client, filled: &mut Filled) {
    for n in 0..QUEUES {
        let made = client.create_queue().queue_name(queue(n)).send().await;
        if let Some(url) = filled.note("messages", made).and_then(|q| q.queue_url) {
            some(client, &url, false, filled).await;
        }
    }
    filled.note("messages", client.create_queue().queue_name(TO).send().await);
    for name in [FIFO, FIFO_TO] {
        let made = client.create_queue().queue_name(name).attributes(Name::FifoQueue, "true").send().await;
        if let Some(url) = filled.note("messages", made).and_then(|q| q.queue_url)
            && name == FIFO
        {
            some(client, &url, true, filled).await;
        }
    }
    let dead = client.create_queue().queue_name(DEAD).send().await;
    if let Some(url) = filled.note("messages", dead).and_then(|q| q.queue_url) {
        some(client, &url, false, filled).await;
    }
    filled.note("messages", source(client, SOURCE, DEAD, 3).await);
}

async fn some(client: &Client, url: &str, fifo: bool, filled: &mut Filled) {
    for n in 0..EACH {
        let text = MessageAttributeValue::builder().data_type("String").string_value("order.v1").build();
        let bytes = Blob::new(vec![0, 159, 146, 150, u8::try_from(n).unwrap_or(0)]);
        let binary = MessageAttributeValue::builder().data_type("Binary.sha").binary_value(bytes).build();
        let send =
            client.send_message().queue_url(url).message_body(format!("{{\"kind\":\"order\",\"n\":{n}}}"));
        let send =
            send.message_attributes("schema", text.unwrap()).message_attributes("sum", binary.unwrap());
        let send = match fifo {
            true => send.message_group_id(format!("g{}", n % 2)).message_deduplication_id(format!("d{n}")),
            false => send,
        };
        filled.note("messages", send.send().await);
    }
}
