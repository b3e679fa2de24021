//! What `queues` can be told. Like the rest of the command line it is data, and knows nothing of what is done.

use super::Answers;
use clap::{Args as Options, Subcommand};

/// `queues`.
#[derive(Subcommand, Debug, Clone)]
pub enum Queues {
    /// All queues
    List,
    /// One queue in full
    Show {
        /// Its name, URL or ARN
        queue: String,
    },
    /// Delete the messages of a queue for ever
    Purge {
        /// Its name, URL or ARN
        queue: String,
        /// Delete everything although nothing of it is kept; why is kept in the journal
        #[arg(long, value_name = "REASON")]
        without_export: Option<String>,
        /// How it is confirmed.
        #[command(flatten)]
        once: Once,
    },
}

/// How a change of a queue is confirmed: it is a run of one step, named by its verb.
#[derive(Options, Debug, Clone, Default)]
pub struct Once {
    /// What is answered before it is asked.
    #[command(flatten)]
    pub answers: Answers,
    /// Only say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Refuse if the plan is another than the one with this hash
    #[arg(long, value_name = "HASH", conflicts_with = "dry_run")]
    pub plan_hash: Option<String>,
}
