//! Which messages of a queue are meant: by id, by the group of their error, by a filter. Pure, and asked by the
//! port when a message comes, so that its contents need not leave it.

use super::filter::Filter;
use super::mask::{Masks, masked};
use super::{Message, group};
use crate::estate::names::MessageId;
use crate::estate::time::Timestamp;
use crate::estate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which messages are meant. Everything that is set must hold.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Select {
    /// Only these ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<BTreeSet<MessageId>>,
    /// Only those whose group has one of these keys; empty: of every group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Untrusted>,
    /// Only those that it lets pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// What was masked when the keys of groups were made, so that they are the same here. Chooses nothing itself.
    #[serde(default, skip_serializing_if = "Masks::is_empty")]
    pub masks: Masks,
}

impl Select {
    /// Whether every message is meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.ids.is_none() && self.groups.is_empty() && self.filter.is_none()
    }

    /// Whether a message is meant, at `now`.
    #[must_use]
    pub fn chooses(&self, message: &Message, now: Timestamp) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&message.id))
            && (self.groups.is_empty() || self.groups.contains(&group::key(&masked(message, &self.masks))))
            && self.filter.as_ref().is_none_or(|f| f.passes(message, &self.masks, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::message::testing::dead_letter;

    #[test]
    fn everything_that_is_set_must_hold() {
        let now: Timestamp = "2026-11-21T09:41:30Z".parse().unwrap();
        let m = dead_letter("{\"kind\":\"order\"}", "took 3 ms");
        let all = Select::default();
        assert!(all.is_all() && all.chooses(&m, now));
        let masks = Masks::new(["body.card"]).unwrap();
        assert!(Select { masks, ..Select::default() }.is_all());
        let group = |key: &str| Select { groups: vec!["other".into(), key.into()], ..Select::default() };
        assert!(!group("took <n> ms").is_all());
        assert!(group("took <n> ms").chooses(&m, now) && !group("took 3 ms").chooses(&m, now));
        let with = |text: &str| Select { filter: Some(text.parse().unwrap()), ..group("took <n> ms") };
        assert!(with("body.kind=order").chooses(&m, now) && !with("body.kind=x").chooses(&m, now));
        let ids = |id: &str| Select { ids: Some([MessageId::new(id)].into()), ..with("error~took") };
        assert!(ids("m-1").chooses(&m, now) && !ids("m-2").chooses(&m, now) && !ids("m-1").is_all());
        // What is masked is no part of a key, neither when it was made nor here.
        let masks = Masks::new(["attr.ErrorMessage"]).unwrap();
        let hidden = Select { groups: vec!["••••".into()], masks, ..Select::default() };
        assert!(hidden.chooses(&m, now));
    }

    #[test]
    fn it_is_written_and_read_and_older_records_still_are() {
        let all = Select {
            ids: Some([MessageId::new("a")].into()),
            groups: vec!["x".into()],
            filter: Some("age>2d body.kind=order".parse().unwrap()),
            masks: Masks::new(["body.card"]).unwrap(),
        };
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(
            text,
            r#"{"ids":["a"],"groups":["x"],"filter":"age>2d body.kind=order","masks":["body.card"]}"#
        );
        assert_eq!(serde_json::from_str::<Select>(&text).unwrap(), all);
        assert_eq!(serde_json::to_string(&Select::default()).unwrap(), "{}");
        assert!(serde_json::from_str::<Select>("{\"ids\":[\"a\"]}").unwrap().filter.is_none());
        assert!(serde_json::from_str::<Select>("{\"filter\":\"agee>2d\"}").is_err());
    }
}
