//! The only place that knows a terminal is there: what it can do, its modes and signals, its keys, and the
//! bytes that change what it shows. It knows nothing of AWS and decides nothing about what is drawn.

mod backstage;
mod capture;
mod decode;
pub mod guard;
mod hands;
mod inbox;
mod incidents;
mod ink;
mod keep;
mod look;
mod pen;
pub mod probe;
pub mod prompt;
mod reveal;
mod run;
pub mod screen;
mod scroll;
mod signals;
mod tile;

pub use backstage::{Interval, MakeEstates};
pub use hands::{Books, Kit};
pub use run::{NoConsole, Options, run};
