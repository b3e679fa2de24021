//! The headless front end: one file per subcommand, the same engine and the same conclusions as the console,
//! written to stdout as tables or JSON. It knows no SDK, no screen, and not which ports are behind.

pub mod alarms;
pub mod args;
pub mod config;
pub mod confirm;
pub mod doctor;
pub mod duration;
pub mod exit;
pub mod facts;
pub mod find;
pub mod gaps;
pub mod incident;
pub mod journal;
pub mod keys;
pub mod looking;
pub mod messages;
pub mod out;
pub mod paint;
pub mod peek;
pub mod policy;
pub mod queues;
pub mod read;
pub mod reference;
pub mod run;
pub mod runbook;
pub mod runs;
pub mod say;
pub mod scene;
pub mod secret_input;
pub mod secrets;
pub mod setup;
pub mod signals;
pub mod status;
pub mod table;
mod ticker;
pub mod usage;
pub mod waf;
