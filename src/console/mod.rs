//! The console: a pure machine. Messages go in, effects and cells come out; it knows no terminal, no clock,
//! no task and no file. `update` moves the model, `view` draws it, and they never meet but in the model.

mod dirty;
pub mod effect;
pub mod incidents;
pub mod layout;
pub mod model;
pub mod msg;
pub mod sheet;
mod update;
pub mod view;
pub mod widgets;

pub use dirty::update;
pub use effect::{Effect, KeepOrder, RunsOrder, WhoseOrder};
pub use incidents::{IncidentNews, IncidentOrder, Saying};
pub use model::peek::{Sample, Whose};
pub use model::{Model, Setup};
pub use msg::{MouseKind, Msg, Opened, RunsNews};

#[cfg(test)]
mod tests;
