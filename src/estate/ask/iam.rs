//! The questions to IAM. It publishes no rates; these are modest figures of ours.

use super::asks;
use crate::estate::iam_key::{AccessKey, KeyLastUsed, Simulated};
use crate::estate::names::{AccessKeyId, AccountAlias, Arn, UserName};
use crate::estate::untrusted::Untrusted;

asks! { Iam, "iam";
    /// The account's alias; at most one exists.
    ListAccountAliases {} => Vec<AccountAlias>, "iam:ListAccountAliases" @ 5;
    /// The access keys of a user, without their secrets; at most two exist.
    ListAccessKeys {
        /// Whose.
        user: UserName,
    } => Vec<AccessKey>, "iam:ListAccessKeys" @ 5 for Operator;
    /// When a key was last used, and with what.
    GetAccessKeyLastUsed {
        /// Which key.
        key: AccessKeyId,
    } => KeyLastUsed, "iam:GetAccessKeyLastUsed" @ 5 for Operator;
    /// The tags of a user.
    ListUserTags {
        /// Whose.
        user: UserName,
    } => Vec<(Untrusted, Untrusted)>, "iam:ListUserTags" @ 5 for Operator;
    /// Whether a principal's own policies allow actions on resources. It knows no resource policies and
    /// not every condition, so its yes and no are a preflight, no proof.
    SimulatePrincipalPolicy {
        /// The user or role (not the session) whose policies are evaluated.
        principal: Arn,
        /// IAM actions.
        actions: Vec<Untrusted>,
        /// Resources.
        resources: Vec<Untrusted>,
    } => Vec<Simulated>, "iam:SimulatePrincipalPolicy" @ 2 for Operator;
}
