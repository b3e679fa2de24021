//! One typed configuration with its defaults: what may stand in config.toml, the environment and on the
//! command line, checked. Pure: it is given text and pairs, and reads no file and no variable itself.

mod band;
mod canary;
mod context;
mod effective;
mod load;
mod policy;
mod queues;
mod reference;
mod setting;
mod system;
mod types;
mod value;

pub use crate::estate::Glob;
pub use band::BAND_COLOURS;
pub use canary::Canary;
pub use context::PRACTICE;
pub use effective::{Effective, InForce, Origin};
pub use load::{Sources, Warning};
pub use policy::{Policy, SecretPolicy};
pub use reference::example;
pub use setting::{Kind, SETTINGS, Setting, Value};
pub use system::System;
pub use types::{Colours, Config, GlyphChoice, Intervals, Limits, Tell};

#[cfg(test)]
mod tests;
