//! The question to CloudWatch Logs: which lines of a log have a text in them, and what they say where that is wanted as
//! evidence; else it is not taken over. The quota of
//! `FilterLogEvents` is 25 requests a second in some Regions and 5 in the others ("CloudWatch Logs quotas").

use super::asks;
use crate::estate::logged::Logged;
use crate::estate::time::Timestamp;
use crate::estate::untrusted::Untrusted;

asks! { Logs, "logs";
    /// The lines of a log group that hold a text as it stands, the oldest first: when they were written, and to which
    /// stream. A page may be empty and have one after it.
    FilterLogEvents {
        /// The log group.
        group: Untrusted,
        /// The text, which has no quotation mark in it.
        text: Untrusted,
        /// From when on.
        from: Timestamp,
        /// Until when.
        to: Timestamp,
        /// Whether what the lines say is wanted; without, only that they are there.
        said: bool,
    } => Vec<Logged>, "logs:FilterLogEvents" @ 5 for Operator;
}
