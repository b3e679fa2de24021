//! What is said of an export that a form offers: how old it is, how many messages it holds, and whether it still covers its
//! queue. The plan has it verified and judges for itself.

use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{QueueFacts, Timestamp, Untrusted};
use crate::insight::words;
use crate::runbook::verbs::queue::purge::{FRESH_S, about};

/// An export that a form can offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Its file, as it would be typed.
    pub file: String,
    /// When it was begun: what came later may not be in it.
    pub at: Timestamp,
    /// Messages in it.
    pub count: u32,
    /// Whether everything that could be received is in it.
    pub complete: bool,
}

impl Offer {
    fn head(&self, now: Timestamp) -> String {
        let age = words::duration(seconds_between(self.at, now).max(0));
        format!(
            "The newest export of this queue that was made here: {}, begun {age} ago, {}.",
            Untrusted::from(self.file.as_str()).shown(),
            words::counted(u64::from(self.count), "message")
        )
    }

    /// For a purge.
    #[must_use]
    pub fn to_purge(&self, facts: Option<&QueueFacts>, now: Timestamp) -> Vec<String> {
        let fresh = i64::try_from(FRESH_S).unwrap_or(i64::MAX);
        let left = seconds_between(now, plus_seconds(self.at, fresh));
        let count = u64::from(self.count);
        let covers = match facts.and_then(about) {
            _ if !self.complete => {
                "It says that it does not hold everything: delete what it holds, or export again.".to_owned()
            }
            None => "How many messages the queue has is not known.".to_owned(),
            Some(there) if there > count => format!(
                "The queue has about {}, {} more than it holds: delete what it holds, or export again.",
                words::counted(there, "message"),
                there - count
            ),
            Some(there) if left <= 0 => format!(
                "It holds as many as the queue has (about {there}), but is too old to delete everything against it: export \
                 again for that."
            ),
            Some(there) => format!(
                "It covers the queue (about {there} now): everything may be deleted against it for {} more.",
                words::duration(left)
            ),
        };
        vec![self.head(now), covers]
    }

    /// For an import to the same queue.
    #[must_use]
    pub fn to_import(&self, facts: Option<&QueueFacts>, now: Timestamp) -> Vec<String> {
        let there = match facts.and_then(about) {
            Some(0) => "The queue is empty now.".to_owned(),
            Some(n) => format!(
                "The queue has about {} now: what is still in it would be there twice.",
                words::counted(n, "message")
            ),
            None => "How many messages the queue has is not known: what is still in it would be there twice."
                .to_owned(),
        };
        vec![self.head(now), there]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::examples::facts;

    #[test]
    fn it_is_said_how_old_it_is_and_whether_it_covers_the_queue() {
        let at: Timestamp = "2026-11-17T10:00:00Z".parse().unwrap();
        let offer = Offer { file: "/x/dlq\u{1b}.jsonl.gz".into(), at, count: 3, complete: true };
        let of = |messages: u64| {
            let mut it = facts("dlq");
            (it.messages, it.in_flight, it.delayed) = (Some(messages), Some(0), Some(0));
            it
        };
        let said = |offer: &Offer, messages: u64, after: i64| {
            offer.to_purge(Some(&of(messages)), plus_seconds(at, after)).join(" ")
        };
        let fresh = said(&offer, 3, 240);
        assert!(fresh.contains("begun 4 min ago, 3 messages.") && !fresh.contains('\u{1b}'), "{fresh}");
        assert!(
            fresh.contains("It covers the queue (about 3 now)") && fresh.contains("for 11 min more"),
            "{fresh}"
        );
        assert!(said(&offer, 5, 240).contains("2 more than it holds"));
        assert!(said(&offer, 3, 3_600).contains("too old to delete everything"));
        assert!(
            said(&Offer { complete: false, ..offer.clone() }, 3, 240).contains("does not hold everything")
        );
        assert!(offer.to_purge(None, at).join(" ").contains("not known"));
        assert!(offer.to_import(Some(&of(0)), at).join(" ").contains("is empty now"));
        assert!(offer.to_import(Some(&of(2)), at).join(" ").contains("would be there twice"));
    }
}
