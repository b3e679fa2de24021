//! The world as bytes: JSON with a version. Who keeps them, and where, is not known here.

use super::Trouble;
use super::world::World;
use serde::{Deserialize, Serialize};

/// Raised whenever a stored world of before can no longer be read.
const VERSION: u32 = 2;

#[derive(Serialize)]
struct Written<'a> {
    practice: u32,
    world: &'a World,
}

#[derive(Deserialize)]
struct Head {
    practice: u32,
}

#[derive(Deserialize)]
struct Read {
    world: World,
}

pub(super) fn write(world: &World) -> Result<Vec<u8>, Trouble> {
    serde_json::to_vec(&Written { practice: VERSION, world }).map_err(|e| Trouble::Stored(e.to_string()))
}

pub(super) fn read(bytes: &[u8]) -> Result<World, Trouble> {
    let wrong = |e: serde_json::Error| Trouble::Stored(e.to_string());
    let head: Head = serde_json::from_slice(bytes).map_err(wrong)?;
    if head.practice != VERSION {
        return Err(Trouble::Stored(format!(
            "it has version {}, this program knows {VERSION}",
            head.practice
        )));
    }
    let Read { mut world } = serde_json::from_slice(bytes).map_err(wrong)?;
    if !world.is_sound() {
        return Err(Trouble::Stored("its times or periods make no sense".into()));
    }
    world.reindex();
    Ok(world)
}
