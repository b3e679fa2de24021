//! The parts of the contract suite, for the test targets that run it.

pub mod alarms;
pub mod change_access;
pub mod change_databases;
pub mod change_differences;
pub mod change_functions;
pub mod change_isolation;
pub mod change_keys;
pub mod change_messages;
pub mod change_secrets;
pub mod denied;
pub mod differences;
pub mod empty;
pub mod fill;
pub mod found;
pub mod logs;
pub mod metrics;
pub mod others;
pub mod places;
#[cfg(feature = "practice")]
pub mod practice;
pub mod question;
pub mod queues;
pub mod secrets;
pub mod web_acls;
