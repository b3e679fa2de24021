//! The world as bytes: JSON with a version. Who keeps them, and where, is not known here. What a person typed or
//! a run generated is in them as a stand-in (`world::text`), and with a seal a second time, sealed.

use super::Trouble;
use super::seal::Seal;
use super::world::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Raised whenever a stored world of before can no longer be read.
const VERSION: u32 = 2;

#[derive(Serialize)]
struct Written<'a> {
    practice: u32,
    world: &'a World,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sealed: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Head {
    practice: u32,
}

#[derive(Deserialize)]
struct Read {
    world: World,
    #[serde(default)]
    sealed: BTreeMap<String, String>,
}

pub(super) fn write(world: &mut World, seal: Option<&Seal>) -> Result<Vec<u8>, Trouble> {
    let mut sealed = BTreeMap::new();
    if let Some(seal) = seal {
        for text in world.texts() {
            if let Some(label) = text.number().map(of_text) {
                sealed.insert(label.clone(), seal.shut(&label, text.bytes()));
            }
        }
        for (value, number) in world.known.foreign() {
            sealed.insert(of_value(number), seal.shut(&of_value(number), value));
        }
    }
    serde_json::to_vec(&Written { practice: VERSION, world, sealed })
        .map_err(|e| Trouble::Stored(e.to_string()))
}

fn of_text(number: u32) -> String {
    format!("text {number}")
}

fn of_value(number: u32) -> String {
    format!("value {number}")
}

pub(super) fn read(bytes: &[u8], seal: Option<&Seal>) -> Result<World, Trouble> {
    let wrong = |e: serde_json::Error| Trouble::Stored(e.to_string());
    let head: Head = serde_json::from_slice(bytes).map_err(wrong)?;
    if head.practice != VERSION {
        return Err(Trouble::Stored(format!(
            "it has version {}, this program knows {VERSION}",
            head.practice
        )));
    }
    let Read { mut world, sealed } = serde_json::from_slice(bytes).map_err(wrong)?;
    if !world.is_sound() {
        return Err(Trouble::Stored("its times or periods make no sense".into()));
    }
    if let Some(seal) = seal {
        recall(&mut world, seal, &sealed);
    }
    world.reindex();
    Ok(world)
}

/// Puts back what can be opened. Where the key is another one, the stand-ins stay.
fn recall(world: &mut World, seal: &Seal, sealed: &BTreeMap<String, String>) {
    let open = |label: String| seal.open(&label, sealed.get(&label)?);
    for text in world.texts() {
        if let Some(bytes) = text.number().and_then(|n| open(of_text(n))) {
            text.recall(bytes);
        }
    }
    for number in 1..=world.known.stand_ins().0 {
        if let Some(value) = open(of_value(number)) {
            world.known.recall(value, number);
        }
    }
}
