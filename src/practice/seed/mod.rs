//! The seed files of assets/practice as data: which things the practice estate begins with. It knows TOML
//! and nothing of how these things behave.

mod access;
mod network;
mod shape;

pub(super) use self::access::{
    AliasSeed, ApiSeed, FunctionSeed, KeySeed, MappingSeed, PlanSeed, RoleSeed, UserKeySeed, UserSeed,
};
pub(super) use self::network::{DatabaseSeed, FlowLogSeed, GroupSeed, KmsKeySeed, RuleSeed};
pub(super) use self::shape::{AclSeed, AlarmSeed, MuteSeed, QueueSeed, SecretSeed, Seed};

use super::Trouble;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A system's name and its file.
const SYSTEMS: [(&str, &str); 5] = [
    ("mte", include_str!("../../../assets/practice/mte.toml")),
    ("logapi", include_str!("../../../assets/practice/logapi.toml")),
    ("json-stack", include_str!("../../../assets/practice/json-stack.toml")),
    ("mongo-api", include_str!("../../../assets/practice/mongo-api.toml")),
    ("omnitrack", include_str!("../../../assets/practice/omnitrack.toml")),
];

/// Files of what belongs to no system.
const OTHERS: [(&str, &str); 3] = [
    ("shop", include_str!("../../../assets/practice/shop.toml")),
    ("platform", include_str!("../../../assets/practice/platform.toml")),
    ("oddities", include_str!("../../../assets/practice/oddities.toml")),
];

/// What is there only while an incident is practised: its name and its file.
const OF_INCIDENTS: [(&str, &str); 1] =
    [("leaked-key", include_str!("../../../assets/practice/leaked-key.toml"))];

/// What an incident brings with it.
pub(super) fn of_incident(name: &str) -> Result<Option<Seed>, Trouble> {
    let found = OF_INCIDENTS.iter().find(|(known, _)| *known == name);
    found.map(|(name, text)| parse(name, text)).transpose()
}

/// The names of the systems.
pub(super) fn names() -> Vec<String> {
    SYSTEMS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// The name patterns of each system.
pub(super) fn patterns() -> Result<Vec<(String, Vec<String>)>, Trouble> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        patterns: Vec<String>,
    }
    let text = include_str!("../../../assets/practice/systems.toml");
    let mut all: BTreeMap<String, Entry> = parse("systems", text)?;
    Ok(SYSTEMS
        .iter()
        .filter_map(|(name, _)| Some(((*name).to_owned(), all.remove(*name)?.patterns)))
        .collect())
}

/// The seed files of these systems; of everything when none is named.
pub(super) fn shipped(wanted: &[String]) -> Result<Vec<Seed>, Trouble> {
    let mut seeds = Vec::new();
    for (name, text) in SYSTEMS {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            seeds.push(Seed { system: Some(name.to_owned()), ..parse(name, text)? });
        }
    }
    if wanted.is_empty() {
        for (name, text) in OTHERS {
            seeds.push(parse(name, text)?);
        }
    }
    Ok(seeds)
}

fn parse<T: serde::de::DeserializeOwned>(file: &'static str, text: &str) -> Result<T, Trouble> {
    toml::from_str(text).map_err(|e| Trouble::Seed { file, message: e.to_string() })
}

/// `each` as a list to go through: one empty word for a thing that is not repeated.
pub(super) fn each(words: &[String]) -> Vec<&str> {
    if words.is_empty() { vec![""] } else { words.iter().map(String::as_str).collect() }
}

/// `text` with `{}` replaced by `word`.
pub(super) fn fill(text: &str, word: &str) -> String {
    text.replace("{}", word)
}
