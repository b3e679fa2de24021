//! Which letters a queue has: what its seed file says, else what follows from who sends there.

use super::{Cause, Envelope, From, Letter};
use crate::practice::prng::word;
use crate::practice::world::queue::name::ANY;
use crate::practice::world::{World, arn};

/// So many functions, or queues, of those that feed one dead-letter queue are in its letters.
const FUNCTIONS: usize = 6;
const QUEUES: usize = 4;

/// Gives every queue its letters; to be called once the tables are filled.
pub(in crate::practice) fn fill(world: &mut World) {
    let letters: Vec<Vec<Letter>> = (0..world.queues.len()).map(|q| of(world, q)).collect();
    for (queue, letters) in world.queues.iter_mut().zip(letters) {
        queue.made.letters = letters;
    }
}

fn of(world: &World, q: usize) -> Vec<Letter> {
    let Some(queue) = world.queues.get(q) else { return Vec::new() };
    let arn = queue.arn();
    let mut letters = queue.told.clone();
    for letter in &mut letters {
        if letter.consumer.is_empty() {
            letter.consumer = consumer_of(world, &letter.from);
        }
        if letter.kind.is_empty() {
            letter.kind = kind(&letter.consumer);
        }
    }
    if letters.is_empty() {
        let sends = |f: &&crate::practice::world::Function| {
            let to = f.dead_letter.as_ref().or(f.on_failure.as_ref());
            f.asynchronous && to == Some(&arn)
        };
        for f in world.functions.iter().filter(sends).take(FUNCTIONS) {
            letters.extend(three(From::Function(f.name.clone()), &f.name, Envelope::None));
        }
        let feeds = |s: &&crate::practice::world::queue::Queue| {
            s.redrive.as_ref().is_some_and(|(to, _)| *to == queue.name)
        };
        for source in world.queues.iter().filter(feeds).take(QUEUES) {
            let from = From::Queue(source.name.clone());
            let consumer = consumer_of(world, &from);
            let envelope = match word(&source.name) % 5 {
                0 => Envelope::Sns,
                1 => Envelope::EventBridge,
                _ => Envelope::None,
            };
            letters.extend(three(from, &consumer, envelope));
        }
    }
    if letters.is_empty() {
        letters = nobody(&queue.name);
    }
    letters.truncate(usize::from(ANY));
    letters
}

/// Who consumes what failed there: the function that is fed from the queue, or the queue's own name.
fn consumer_of(world: &World, from: &From) -> String {
    match from {
        From::Function(name) => name.clone(),
        From::Queue(name) => {
            let source = arn("sqs", name);
            let mapped = world.mappings.iter().find(|m| m.source == source);
            let function = mapped.and_then(|m| world.functions.get(world.function(&m.function)?));
            function.map_or_else(|| name.clone(), |f| f.name.clone())
        }
        From::Topic(name) | From::Rule(name) => name.clone(),
        From::Somebody => String::new(),
    }
}

/// Something passed, a mistake, and messages that are wrong themselves.
fn three(from: From, consumer: &str, envelope: Envelope) -> Vec<Letter> {
    let letter = |share, cause, error: String| Letter {
        from: from.clone(),
        share,
        consumer: consumer.to_owned(),
        cause,
        code: 200,
        error,
        kind: kind(consumer),
        envelope,
    };
    let passed = match word(consumer) % 3 {
        0 => "Task timed out after {n}.00 seconds".to_owned(),
        1 => "connect ECONNREFUSED 10.0.{n}.17:5432".to_owned(),
        _ => "ProvisionedThroughputExceededException: request {id} was throttled".to_owned(),
    };
    vec![
        letter(60, Cause::Passing, passed),
        letter(34, Cause::Bug, "TypeError: cannot read property 'sku' of undefined (item {n})".to_owned()),
        letter(6, Cause::Poison, "ValidationError: event {id} has no readable amount".to_owned()),
    ]
}

/// What nobody who can be read of sends: the name of the queue is all there is.
fn nobody(name: &str) -> Vec<Letter> {
    let from = if name.contains("sns") {
        From::Topic("delivery".to_owned())
    } else if name.contains("legacy") || name.contains("platform") {
        From::Rule("nightly-import".to_owned())
    } else {
        From::Somebody
    };
    let envelope = match from {
        From::Topic(_) => Envelope::Sns,
        From::Rule(_) => Envelope::EventBridge,
        From::Queue(_) | From::Function(_) | From::Somebody => Envelope::None,
    };
    let code = 403;
    three(from, name, envelope).into_iter().map(|l| Letter { code, ..l }).collect()
}

/// What an event is about, by who consumes it.
fn kind(consumer: &str) -> String {
    const KINDS: [&str; 14] = [
        "order", "billing", "payment", "shipping", "invoice", "return", "image", "mail", "audit", "ledger",
        "analysis", "session", "stock", "price",
    ];
    let lower = consumer.to_ascii_lowercase();
    KINDS.iter().find(|k| lower.contains(**k)).map_or_else(|| "event".to_owned(), |k| (*k).to_owned())
}
