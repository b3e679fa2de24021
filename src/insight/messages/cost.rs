//! What peeking costs, in words, before it is done: receive counts rise, a FIFO group blocks, a chained queue may move
//! messages on. Source: SQS API reference, `ReceiveMessage`; SQS developer guide, "FIFO queue delivery logic".

use crate::estate::QueueFacts;
use crate::insight::words;

/// What a look at a queue costs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cost {
    /// In words, a sentence each, the gravest first. Safe to draw.
    pub sentences: Vec<String>,
    /// Looking is refused, and this is why. Safe to draw.
    pub refused: Option<String>,
    /// The receive count at which the queue passes a message on: looking stops before one that is there.
    pub dead_end: Option<u32>,
}

/// What it costs to look at messages of a queue that hides them for so many seconds.
#[must_use]
pub fn of(facts: Option<&QueueFacts>, visibility_s: u32) -> Cost {
    let hidden = words::counted(u64::from(visibility_s), "second");
    let mut sentences = Vec::new();
    let mut refused = None;
    let Some(facts) = facts else {
        return Cost {
            sentences: vec![
                "The queue's attributes could not be read: whether it passes on what is received too often, and \
                 whether it keeps an order, is not known."
                    .to_owned(),
                counts(&hidden),
            ],
            refused: None,
            dead_end: None,
        };
    };
    let dead_end = facts.redrive.as_ref().and_then(|r| r.max_receive_count);
    if let Some(policy) = &facts.redrive {
        let target = policy.dead_letter_target.resource();
        match policy.max_receive_count {
            Some(0 | 1) => {
                refused = Some(format!(
                    "This queue passes on to {} what was received once: each message that is looked at would leave \
                     with its next receive.",
                    target.shown()
                ));
            }
            Some(most) => sentences.push(format!(
                "This queue passes on to {} what was received {most} times and is received again; looking stops at \
                 the first message that is there.",
                target.shown()
            )),
            None => sentences.push(format!(
                "This queue passes messages on to {}, and after how many receives is not known.",
                target.shown()
            )),
        }
    }
    if facts.fifo {
        sentences.push(format!(
            "While a message is looked at, nobody receives others of its group: at most {hidden} after a crash, else \
             until they are given back."
        ));
    }
    sentences.push(counts(&hidden));
    Cost { sentences, refused, dead_end }
}

fn counts(hidden: &str) -> String {
    format!(
        "Each message's receive count rises by one, and stays so. Messages are hidden from others while they are \
         looked at, {hidden} at most after a crash."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::RedrivePolicy;
    use crate::insight::examples::{facts, queue_arn, to};

    #[test]
    fn a_plain_queue_costs_receive_counts() {
        let it = of(Some(&facts("dlq")), 60);
        assert_eq!((it.sentences.len(), it.refused, it.dead_end), (1, None, None));
        assert!(it.sentences[0].contains("receive count rises") && it.sentences[0].contains("60 seconds"));
    }

    #[test]
    fn a_group_blocks_and_a_chain_moves_on() {
        let mut it = facts("dlq.fifo");
        it.redrive = to("grave.fifo");
        let cost = of(Some(&it), 60);
        assert_eq!((cost.dead_end, cost.refused.is_none(), cost.sentences.len()), (Some(3), true, 3));
        assert!(cost.sentences[0].contains("grave.fifo") && cost.sentences[0].contains("3 times"));
        assert!(cost.sentences[1].contains("of its group"));
        it.redrive = Some(RedrivePolicy { dead_letter_target: queue_arn("grave"), max_receive_count: None });
        assert!(of(Some(&it), 60).sentences[0].contains("not known"));
    }

    #[test]
    fn a_chain_of_one_is_not_looked_at() {
        let mut it = facts("dlq");
        it.redrive =
            Some(RedrivePolicy { dead_letter_target: queue_arn("grave\u{1b}"), max_receive_count: Some(1) });
        let cost = of(Some(&it), 60);
        let why = cost.refused.unwrap();
        assert!(why.contains("received once") && !why.contains('\u{1b}'), "{why}");
    }

    #[test]
    fn what_is_not_known_is_said() {
        assert!(of(None, 60).sentences[0].contains("not known"));
    }
}
