//! Messages one by one: what is remembered of those that came by name, of those that were touched, and of what
//! somebody wrote. All else about a message follows from its name.

use super::name::Name;
use crate::practice::world::Second;
use crate::practice::world::text::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// How a message came into its queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum Via {
    /// As the letters of its queue say.
    #[serde(rename = "l")]
    Letter,
    /// It was sent there, by somebody or by a move task.
    #[serde(rename = "s")]
    Sent,
    /// It was received too often in the queue at this place, and moved on.
    #[serde(rename = "q")]
    Queue(u16),
    /// The function at this place failed on it for good.
    #[serde(rename = "f")]
    Function(u16),
}

/// A message that came by itself, not as one of many alike.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(into = "(Name, Name, Second, u32, Via)", from = "(Name, Name, Second, u32, Via)")]
pub(in crate::practice) struct Item {
    /// What its id is made of.
    pub(in crate::practice) name: Name,
    /// What it says: that of the message of this name.
    pub(in crate::practice) of: Name,
    /// When it was first sent: what retention counts from.
    pub(in crate::practice) sent: Second,
    /// How often it was received in other queues.
    pub(in crate::practice) before: u32,
    pub(in crate::practice) via: Via,
}

impl From<Item> for (Name, Name, Second, u32, Via) {
    fn from(i: Item) -> Self {
        (i.name, i.of, i.sent, i.before, i.via)
    }
}

impl From<(Name, Name, Second, u32, Via)> for Item {
    fn from((name, of, sent, before, via): (Name, Name, Second, u32, Via)) -> Self {
        Self { name, of, sent, before, via }
    }
}

/// What differs about a message that was received, or stands in a line.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(into = "(Second, u32, Second, u32)", from = "(Second, u32, Second, u32)")]
pub(in crate::practice) struct Touch {
    /// Nobody gets it before.
    pub(in crate::practice) until: Second,
    /// How often it was received here.
    pub(in crate::practice) here: u32,
    /// When first; 0 for never.
    pub(in crate::practice) first: Second,
    /// The number of its newest receipt.
    pub(in crate::practice) receipt: u32,
}

impl From<Touch> for (Second, u32, Second, u32) {
    fn from(t: Touch) -> Self {
        (t.until, t.here, t.first, t.receipt)
    }
}

impl From<(Second, u32, Second, u32)> for Touch {
    fn from((until, here, first, receipt): (Second, u32, Second, u32)) -> Self {
        Self { until, here, first, receipt }
    }
}

/// What somebody wrote: a message that says something of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Own {
    pub(in crate::practice) body: Text,
    /// By name: the data type, and the value, in base64 where it is binary.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::practice) attributes: BTreeMap<String, (String, Text)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::practice) group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::practice) trace: Option<String>,
    /// A consumer can read it.
    pub(in crate::practice) good: bool,
}

/// A message between two queues.
#[derive(Clone, Debug)]
pub(in crate::practice) struct Parcel {
    /// None: it gets a name, and so an id, where it comes to.
    pub(in crate::practice) name: Option<Name>,
    pub(in crate::practice) of: Option<Name>,
    pub(in crate::practice) sent: Second,
    pub(in crate::practice) before: u32,
    pub(in crate::practice) via: Via,
    pub(in crate::practice) own: Option<Box<Own>>,
}

/// Maps whose keys are no text, as lists of pairs: JSON has only text for keys.
pub(in crate::practice) mod pairs {
    use super::{BTreeMap, Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::practice) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(map)
    }

    pub(in crate::practice) fn deserialize<'de, K, V, D>(from: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(from)?.into_iter().collect())
    }
}
