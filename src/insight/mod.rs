//! What the watch makes of the estate: the inventory folded from pages, and everything that is concluded
//! from it. Pure: it is told what was answered and what time it is, and asks nobody.

pub mod action_target;
pub mod alarm_words;
pub mod attention;
pub mod aws_cli;
pub mod dead_letter;
pub mod document;
pub mod expiry;
pub mod freshness;
pub mod gaps;
pub mod inventory;
pub mod list;
pub mod look;
pub mod messages;
pub mod mutes;
pub mod related;
pub mod roots;
pub mod secret_age;
pub mod shelf;
pub mod source;
pub mod status;
pub mod subject;
pub mod systems;
pub mod trend;
pub mod waf_counts;
pub mod walk;
pub mod words;

pub use attention::{Attention, attention};
pub use inventory::{AclRow, Detail, FunctionRow, Inventory, MetricKey, Metrics, QueueRow, SecretRow};
pub use look::{Look, Picture};
pub use roots::{Wants, roots};
pub use shelf::Shelf;
pub use source::{About, Broad, Reach, Source};
pub use status::Status;
pub use subject::Subject;
pub use walk::{Spend, Step, WalkEvent};

#[cfg(test)]
mod examples;
