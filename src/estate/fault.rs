//! What can go wrong when AWS is asked, as data. The words that a person reads are made here, once: what
//! happened, why, and what to do next.

use super::untrusted::Untrusted;
use std::fmt;

/// A question that was not answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// `service:Operation` that was asked, e.g. `sqs:ListQueues`; empty where no call was made.
    pub operation: &'static str,
    /// What the other side said, kept for the details.
    pub message: Untrusted,
    /// Whoever made this fault knows that the call had no effect, whatever the kind says: nothing left this
    /// machine, or the other side refused in words that have no kind of their own.
    pub no_effect: bool,
}

/// The kinds of fault that lead to different next steps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// The principal may not do this.
    Denied {
        /// The IAM action that is missing, e.g. `sqs:ListQueues`.
        action: Untrusted,
        /// What it was asked on, where AWS said so.
        resource: Option<Untrusted>,
    },
    /// Too many calls; it is worth asking again later.
    Throttled,
    /// The credentials were good and are no longer.
    Expired {
        /// The command that renews them, e.g. `aws sso login --profile prod`.
        mend: Untrusted,
    },
    /// No credentials could be found, or they could not be loaded or are not valid.
    NoCredentials {
        /// What to do about it.
        mend: Untrusted,
    },
    /// This machine's clock is too far from AWS's for a signature to hold.
    ClockSkew {
        /// Seconds that this clock is ahead (positive) or behind, where known.
        ahead_s: Option<i64>,
    },
    /// Nobody answered at the endpoint: name not found, connection refused or reset, no route, TLS refused.
    Unreachable,
    /// The connection was there and no answer came in time.
    TimedOut,
    /// The service, or this operation of it, does not exist there.
    Unsupported,
    /// The thing asked about does not exist.
    NotFound,
    /// The question itself was refused as wrong.
    Invalid,
    /// The answer could not be understood.
    Malformed,
    /// Somebody else was faster: a compare-and-swap failed, or the thing is in another state than was
    /// looked at. Nothing was changed.
    Conflict,
    /// A person declined to answer a question that was needed (an MFA code).
    Declined,
    /// Anything else, with the code that the other side gave.
    Other(Untrusted),
}

impl Fault {
    /// A fault of `kind` in `operation`, with what was said.
    pub fn new(kind: FaultKind, operation: &'static str, message: impl Into<Untrusted>) -> Self {
        Self { kind, operation, message: message.into(), no_effect: false }
    }

    /// The same, known to have had no effect.
    #[must_use]
    pub fn without_effect(self) -> Self {
        Self { no_effect: true, ..self }
    }

    /// The kind as one snake_case word, as the JSON of gaps has it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.kind {
            FaultKind::Denied { .. } => "denied",
            FaultKind::Throttled => "throttled",
            FaultKind::Expired { .. } => "expired",
            FaultKind::NoCredentials { .. } => "no_credentials",
            FaultKind::ClockSkew { .. } => "clock_skew",
            FaultKind::Unreachable => "unreachable",
            FaultKind::TimedOut => "timed_out",
            FaultKind::Unsupported => "unsupported",
            FaultKind::NotFound => "not_found",
            FaultKind::Invalid => "invalid",
            FaultKind::Malformed => "malformed",
            FaultKind::Conflict => "conflict",
            FaultKind::Declined => "declined",
            FaultKind::Other(_) => "other",
        }
    }

    /// Whether the credentials themselves are the trouble, so that nothing else can work either.
    #[must_use]
    pub fn is_about_credentials(&self) -> bool {
        matches!(self.kind, FaultKind::Expired { .. } | FaultKind::NoCredentials { .. } | FaultKind::Declined)
    }

    /// Whether a call that ended like this may have had its effect all the same: the answer was lost, broken
    /// or that of a server in trouble. Everything else is a refusal before the effect.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        if self.no_effect {
            return false;
        }
        match self.kind {
            FaultKind::Unreachable | FaultKind::TimedOut | FaultKind::Malformed | FaultKind::Other(_) => true,
            FaultKind::Denied { .. }
            | FaultKind::Throttled
            | FaultKind::Expired { .. }
            | FaultKind::NoCredentials { .. }
            | FaultKind::ClockSkew { .. }
            | FaultKind::Unsupported
            | FaultKind::NotFound
            | FaultKind::Invalid
            | FaultKind::Conflict
            | FaultKind::Declined => false,
        }
    }

    /// Whether asking the same again a little later may well succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, FaultKind::Throttled | FaultKind::TimedOut | FaultKind::Unreachable)
    }
}

/// One sentence for a person: what, why, and what to do next. Safe to draw.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let op = if self.operation.is_empty() { "AWS" } else { self.operation };
        match &self.kind {
            FaultKind::Denied { action, resource: Some(r) } => write!(
                f,
                "denied: {} on {}; `bartizan policy` prints what to grant",
                action.shown(),
                r.shown()
            ),
            FaultKind::Denied { action, resource: None } => {
                write!(f, "denied: {}; `bartizan policy` prints what to grant", action.shown())
            }
            FaultKind::Throttled => {
                write!(f, "{op} is throttled, asked more slowly too; try again in a minute")
            }
            FaultKind::Expired { mend } => write!(f, "credentials expired; {}", mend.shown()),
            FaultKind::NoCredentials { mend } => write!(f, "no usable credentials; {}", mend.shown()),
            FaultKind::ClockSkew { ahead_s: Some(s) } => write!(
                f,
                "this machine's clock is {} s {} AWS's; set it, for signatures hold only within 5 min",
                s.unsigned_abs(),
                if *s >= 0 { "ahead of" } else { "behind" }
            ),
            FaultKind::ClockSkew { ahead_s: None } => {
                write!(f, "this machine's clock is wrong; set it, for signatures hold only within 5 min")
            }
            FaultKind::Unreachable => write!(
                f,
                "{op}: the endpoint cannot be reached ({}); check network, Region and proxy",
                self.message.shown()
            ),
            FaultKind::TimedOut => {
                write!(f, "{op}: no answer in time; check network and proxy, and try again")
            }
            FaultKind::Unsupported => write!(f, "{op} is not supported there ({})", self.message.shown()),
            FaultKind::NotFound => write!(f, "{op}: not found ({})", self.message.shown()),
            FaultKind::Invalid => write!(f, "{op}: refused as invalid ({})", self.message.shown()),
            FaultKind::Malformed => {
                write!(
                    f,
                    "{op}: the answer could not be understood ({}); try again, and look at the proxies on the way if it stays so",
                    self.message.shown()
                )
            }
            FaultKind::Conflict => {
                write!(f, "{op}: somebody else changed it ({}); nothing was changed", self.message.shown())
            }
            FaultKind::Declined => write!(f, "no MFA code was given; refresh to be asked again"),
            FaultKind::Other(code) => {
                write!(f, "{op}: {} ({})", code.shown(), self.message.shown())
            }
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind};

    #[test]
    fn a_lost_answer_is_in_doubt_unless_nothing_was_sent() {
        let lost = Fault::new(FaultKind::Unreachable, "lambda:UpdateAlias", "connection refused");
        assert!(lost.may_have_happened());
        assert!(!lost.clone().without_effect().may_have_happened());
        assert!(lost.without_effect().is_passing(), "it is still worth trying again");
    }
}
