//! What tells whose a message is that came into a queue, and what it failed of: the id of the invocation, and whether its
//! event is one of those that were sent from here. Nothing of its contents but the name of its error, folded and masked.

use super::envelope::{self, By, event_of};
use super::mask::{Masks, masked};
use super::{Message, Shelf, group};
use crate::estate::names::FunctionName;
use crate::estate::time::Timestamp;
use crate::estate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// Whose a message is.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Trace {
    /// The id of the invocation that failed on it: `RequestID` of a dead letter, `requestContext.requestId` of a record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Untrusted>,
    /// The function that failed on it, as the message says itself, and by what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<(FunctionName, By)>,
    /// What it failed of, as the groups of a peek are named.
    pub error: Untrusted,
    /// When it was sent here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Timestamp>,
    /// Its event is, byte for byte, one that this process has invoked a function with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

impl Trace {
    /// Of a message, after what is remembered of those that left the shelf.
    #[must_use]
    pub fn of(message: &Message, masks: &Masks, shelf: &Shelf) -> Self {
        let opened = envelope::open(message);
        Self {
            request: opened.request.clone(),
            function: opened.function.as_ref().map(|named| (named.name.clone(), named.by)),
            error: group::key(&masked(message, masks)),
            sent: message.sent,
            again: shelf.has_invoked(event_of(message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::message::testing::dead_letter;

    #[test]
    fn an_event_that_was_sent_is_known_again_whatever_wraps_it() {
        let shelf = Shelf::default();
        let m = dead_letter("{\"kind\":\"order\",\"card\":4711}", "card 4711 was refused after 3 ms");
        let of = |m: &Message| Trace::of(m, &Masks::default(), &shelf);
        assert!(!of(&m).again);
        shelf.invoked(m.body());
        let trace = of(&m);
        assert!(trace.again && trace.request.is_some() && trace.sent == m.sent);
        assert_eq!(trace.error.wire(), "card <n> was refused after <n> ms");
        let record = "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":\"r-1\",\"functionArn\":\"arn:aws:lambda:e:1:function:f\"},\
                      \"requestPayload\":{\"kind\":\"order\",\"card\":4711},\"responsePayload\":{\"errorMessage\":\"x\"}}";
        let record =
            Message::new(crate::estate::MessageId::new("m"), zeroize::Zeroizing::new(record.to_owned()));
        let trace = of(&record);
        assert!(trace.again);
        assert_eq!(trace.request.as_ref().map(Untrusted::wire), Some("r-1"));
        let text = serde_json::to_string(&trace).unwrap();
        assert!(!text.contains("4711"), "{text}");
    }
}
