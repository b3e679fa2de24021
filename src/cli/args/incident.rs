//! What `incident` can be told. Like the rest of the command line it is data, and knows nothing of what is done.

use super::ExportFormat;
use clap::Subcommand;

/// `incident`.
#[derive(Subcommand, Debug, Clone)]
pub enum Incident {
    /// All incidents
    List,
    /// Open an incident: from now on there is one time line
    Start {
        /// What people call it, e.g. `leaked-key`
        name: String,
        /// What is suspected, in a sentence
        #[arg(long, value_name = "TEXT")]
        suspected: Option<String>,
        /// Since when it is known: an instant (2026-12-04T03:12:00Z), or how long ago (`20m`); now without it
        #[arg(long, value_name = "WHEN")]
        known_since: Option<String>,
        /// A run that belongs to it; may be given several times
        #[arg(long, value_name = "RUN")]
        attach: Vec<String>,
    },
    /// One incident: the clock, the phases, its runs, the time line, what is open
    Show {
        /// Its id, at least the first 4 digits of it, or its name
        id: String,
    },
    /// Note something
    Note {
        /// The incident's id, or at least the first 4 digits of it
        id: String,
        /// The words; they are kept for ever and read by others
        text: String,
        /// It is a decision
        #[arg(long, conflicts_with = "phase")]
        decision: bool,
        /// It says that this phase is entered
        #[arg(long, value_name = "PHASE",
              value_parser = ["detection", "investigation", "containment", "remediation", "recovery", "lessons"])]
        phase: Option<String>,
        /// It is why this line of the recovery list is set aside, by its id in `incident show`
        #[arg(long, value_name = "LINE", conflicts_with_all = ["decision", "phase"])]
        set_aside: Option<String>,
    },
    /// Say that a run belongs to an incident
    Attach {
        /// The incident's id, or at least the first 4 digits of it
        id: String,
        /// The run's id, or at least the first 4 characters of it
        run: String,
    },
    /// Keep evidence in files of the incident: what CloudTrail, IAM, API Gateway, WAF and access logs tell; changes nothing
    Gather {
        /// The incident's id, or at least the first 4 digits of it
        id: String,
        /// An access key or a session, beside those that the incident's runs name; may be given several times
        #[arg(long, value_name = "KEY")]
        key: Vec<String>,
        /// A user, likewise
        #[arg(long, value_name = "NAME")]
        user: Vec<String>,
        /// A role, likewise
        #[arg(long, value_name = "NAME")]
        role: Vec<String>,
        /// A key of API Gateway by its id, likewise: its requests by day
        #[arg(long, value_name = "ID")]
        api_key: Vec<String>,
        /// The requests that WAF has sampled, of its last three hours at most, and the access logs of every REST API; without
        /// asking where the key of an API leaked
        #[arg(long)]
        requests: bool,
        /// An access log by its log group, in place of those that the stages of REST APIs name; may be given several times
        #[arg(long, value_name = "NAME")]
        log_group: Vec<String>,
        /// An address that is looked for in access logs, beside those that the keys were used from
        #[arg(long, value_name = "IP")]
        address: Vec<std::net::IpAddr>,
        /// How far back CloudTrail, usage and access logs are asked, e.g. `1d`; the former keep 90 days
        #[arg(long, value_name = "DURATION", value_parser = crate::cli::duration::parse, default_value = "1d")]
        back: std::time::Duration,
        /// Ask CloudTrail in this Region, in place of those that every account has; may be given several times
        #[arg(long, value_name = "REGION")]
        in_region: Vec<String>,
    },
    /// The incident as a document for a review
    Report {
        /// Its id, at least the first 4 digits of it, or its name
        id: String,
        /// In which form
        #[arg(long, value_enum, default_value_t)]
        format: ExportFormat,
    },
    /// Close an incident; refused while something is open, unless a reason is given
    Close {
        /// Its id, at least the first 4 digits of it, or its name
        id: String,
        /// Why it is closed although something is open
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
}
