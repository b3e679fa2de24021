//! IAM users' access keys, and whether an action would be allowed. Source: IAM API reference,
//! `AccessKeyMetadata`, `AccessKeyLastUsed`, `EvaluationResult`.

use super::names::{AccessKeyId, UserName};
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// An access key of a user, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessKey {
    /// Its id.
    pub id: AccessKeyId,
    /// Whose it is.
    pub user: UserName,
    /// `Status` is Active.
    pub active: bool,
    /// `CreateDate`.
    pub created: Option<Timestamp>,
}

/// When a key was last used (`GetAccessKeyLastUsed`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyLastUsed {
    /// Whose key it is.
    pub user: Option<UserName>,
    /// When; `None` if never since IAM began to track it (April 2015).
    pub at: Option<Timestamp>,
    /// The service it was used with; `N/A` where never.
    pub service: Untrusted,
    /// The Region it was used in.
    pub region: Untrusted,
}

/// Whether the principal may do an action, as IAM's simulator sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Simulated {
    /// The action.
    pub action: Untrusted,
    /// The resource.
    pub resource: Untrusted,
    /// `EvalDecision` is `allowed`.
    pub allowed: bool,
    /// `EvalDecision` is `explicitDeny`: some policy says no, and no other can say yes.
    pub explicit: bool,
    /// What the permissions boundary says, where there is one.
    pub boundary: Option<bool>,
    /// What the policies of the organization say, where they have been looked at.
    pub organization: Option<bool>,
}
