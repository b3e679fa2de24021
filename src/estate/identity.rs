//! Who is asking.

use super::at::AccountId;
use super::names::{AccessKeyId, Arn};
use super::untrusted::Untrusted;

/// The answer to `GetCallerIdentity`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The account.
    pub account: AccountId,
    /// The principal's ARN.
    pub arn: Arn,
    /// `UserId`.
    pub user_id: Untrusted,
    /// The id of the key that the question was signed with, where the port tells it: nobody deactivates the key in
    /// their own hands.
    pub key: Option<AccessKeyId>,
    /// Seconds that the estate's clock is ahead of AWS's (by the `Date` of its last answer), where that is known.
    pub ahead_s: Option<i64>,
}

impl Identity {
    /// The principal as people say it: `ops/alice` for an assumed role and its session, `alice` for a user,
    /// `root` for the root user.
    #[must_use]
    pub fn principal(&self) -> Untrusted {
        let resource = self.arn.wire().rsplit(':').next().unwrap_or_default();
        let short = match resource.split_once('/') {
            Some(("assumed-role" | "federated-user" | "user", rest)) => rest,
            _ => resource,
        };
        Untrusted::from(short)
    }
}
