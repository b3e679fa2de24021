//! What `queues` can be told. Like the rest of the command line it is data, and knows nothing of what is done.

use super::Answers;
use clap::{Args as Options, Subcommand};
use std::path::PathBuf;

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
    /// Send the messages of a dead-letter queue back to where they failed
    Redrive {
        /// Its name, URL or ARN
        queue: String,
        /// Another queue to send them to
        #[arg(long, value_name = "QUEUE")]
        to: Option<String>,
        /// By a move task of SQS (native), batch by batch (selective), or whichever fits
        #[arg(long, value_name = "HOW", value_parser = ["auto", "native", "selective"], default_value = "auto")]
        how: String,
        /// Send one message first, and ask again before the rest
        #[arg(long)]
        sample: bool,
        /// Send this body in place of the message's own; for exactly one message
        #[arg(long, value_name = "FILE")]
        body_from: Option<std::path::PathBuf>,
        /// Which messages.
        #[command(flatten)]
        which: Which,
        /// How it is confirmed.
        #[command(flatten)]
        once: Once,
    },
    /// Invoke functions again with the events that they failed on
    Replay {
        /// The queue's name, URL or ARN
        queue: String,
        /// The function; by default the one that names this queue, or each message's own
        #[arg(long, value_name = "NAME")]
        function: Option<String>,
        /// Look for the function in the logs of functions, by the requests of some messages, and say how sure that is;
        /// nothing is looked for where one function alone names this queue
        #[arg(long, conflicts_with = "function")]
        search_logs: bool,
        /// The version or alias to invoke
        #[arg(long, value_name = "NAME")]
        qualifier: Option<String>,
        /// Invoke no canary first
        #[arg(long)]
        no_canary: bool,
        /// How long to watch for what comes back, e.g. `6m`; `0s` does not watch
        #[arg(long, value_name = "DURATION")]
        watch: Option<String>,
        /// Which messages.
        #[command(flatten)]
        which: Which,
        /// How it is confirmed.
        #[command(flatten)]
        once: Once,
    },
    /// Cancel the running move task of a dead-letter queue; what was moved stays moved
    Cancel {
        /// The queue's name, URL or ARN
        queue: String,
        /// How it is confirmed.
        #[command(flatten)]
        once: Once,
    },
    /// Look at messages and give them back; receive counts rise, and they are hidden meanwhile
    Peek {
        /// Its name, URL or ARN
        queue: String,
        /// How many at most; with `--group` or `--filter`, of those that match
        #[arg(long, value_name = "N", default_value_t = 10, conflicts_with = "all",
              value_parser = clap::value_parser!(u64).range(1..))]
        max: u64,
        /// All of them
        #[arg(long)]
        all: bool,
        /// Look for the functions that failed in their logs, by the ids of their requests, and say how sure that is
        #[arg(long)]
        search_logs: bool,
        /// How many are read at most to find those that match
        #[arg(long, value_name = "N", default_value_t = 1000, conflicts_with = "all",
              value_parser = clap::value_parser!(u64).range(1..))]
        read: u64,
        /// Which are told: it is read on until enough match.
        #[command(flatten)]
        choice: Choice,
    },
    /// Keep messages in a file with everything that is needed to send them again, and give them back
    Export {
        /// Its name, URL or ARN
        queue: String,
        /// The file, which must not be there yet; FILE.manifest.json is written beside it
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Pack it by gzip
        #[arg(long)]
        gzip: bool,
        /// How many at most
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        max: Option<u64>,
        /// Which messages.
        #[command(flatten)]
        choice: Choice,
    },
    /// Send what an export keeps to a queue
    Import {
        /// The file, as `queues export` wrote it
        file: PathBuf,
        /// The name, URL or ARN of the queue that gets the messages
        #[arg(long, value_name = "QUEUE")]
        to: String,
        /// Messages a second at most
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
        rate: Option<u32>,
        /// How it is confirmed.
        #[command(flatten)]
        once: Once,
    },
    /// Delete the messages of a queue for ever
    Purge {
        /// Its name, URL or ARN
        queue: String,
        /// Delete exactly the messages that this export holds, however old it is
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
        /// Delete everything, against an export that is fresh and holds all of it
        #[arg(long, requires = "export")]
        whole: bool,
        /// How old the export of `--whole` may be, counted from its beginning; 15m by default
        #[arg(long, value_name = "DURATION", requires = "whole")]
        fresh: Option<String>,
        /// Delete everything although that export is too old or does not hold all of it; why is kept in the journal
        #[arg(long, value_name = "REASON", requires = "whole")]
        waive: Option<String>,
        /// Delete everything although nothing of it is kept; why is kept in the journal
        #[arg(long, value_name = "REASON", conflicts_with = "export")]
        without_export: Option<String>,
        /// How it is confirmed.
        #[command(flatten)]
        once: Once,
    },
}

/// Which messages are meant.
#[derive(Options, Debug, Clone, Default)]
pub struct Choice {
    /// Only messages of this error, as `queues peek` names it
    #[arg(long, value_name = "ERROR")]
    pub group: Option<String>,
    /// Only messages that it holds for, e.g. `body.kind=order age<2d`
    #[arg(long, value_name = "EXPRESSION")]
    pub filter: Option<String>,
}

/// Which messages are meant, and how fast.
#[derive(Options, Debug, Clone, Default)]
pub struct Which {
    /// Only messages of this error, as `queues peek` names it
    #[arg(long, value_name = "ERROR")]
    pub group: Option<String>,
    /// Only messages that it holds for, e.g. `body.kind=order age<2d`
    #[arg(long, value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// How many messages at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max: Option<u64>,
    /// Messages a second at most, 10 by default, for a consumer that has just recovered; a move task of SQS takes 500
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rate: Option<u32>,
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
