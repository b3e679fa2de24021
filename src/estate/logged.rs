//! Lines of logs, of which nothing is told but that they are there, unless they are evidence. Source: CloudWatch Logs API reference,
//! `FilterLogEvents`.

use super::time::Timestamp;
use super::untrusted::Untrusted;

/// A line that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logged {
    /// When it was written.
    pub at: Timestamp,
    /// The stream that it is in.
    pub stream: Untrusted,
    /// What it says, where that was asked for.
    pub said: Option<Untrusted>,
}
