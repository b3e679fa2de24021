//! The questions to IAM. It publishes no rates; these are modest figures of ours.

use super::asks;
use crate::estate::iam_key::{AccessKey, KeyLastUsed, Simulated};
use crate::estate::names::{AccessKeyId, AccountAlias, Arn, GroupName, PolicyName, RoleName, UserName};
use crate::estate::principal::{
    AttachedPolicy, Authorization, CredentialReport, IdentityProvider, InlinePolicy, LoginProfile, MfaDevice,
    Role, User,
};
use crate::estate::untrusted::Untrusted;

asks! { Iam, "iam";
    /// The account's alias; at most one exists.
    ListAccountAliases {} => Vec<AccountAlias>, "iam:ListAccountAliases" @ 5;
    /// The access keys of a user, without their secrets; at most two exist.
    ListAccessKeys {
        /// Whose.
        user: UserName,
    } => Vec<AccessKey>, "iam:ListAccessKeys" @ 5 for Operator;
    /// All users, by their names: to tell the nearest of one that is not there.
    ListUsers {} => Vec<UserName>, "iam:ListUsers" @ 5 for Operator;
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
    /// A user, with its permissions boundary.
    GetUser {
        /// Which.
        user: UserName,
    } => User, "iam:GetUser" @ 5 for BreakGlass;
    /// The managed policies that are attached to a user.
    ListAttachedUserPolicies {
        /// Whose.
        user: UserName,
    } => Vec<AttachedPolicy>, "iam:ListAttachedUserPolicies" @ 5 for BreakGlass;
    /// The names of a user's inline policies.
    ListUserPolicies {
        /// Whose.
        user: UserName,
    } => Vec<PolicyName>, "iam:ListUserPolicies" @ 5 for BreakGlass;
    /// An inline policy of a user.
    GetUserPolicy {
        /// Whose.
        user: UserName,
        /// Which.
        policy: PolicyName,
    } => InlinePolicy, "iam:GetUserPolicy" @ 5 for BreakGlass;
    /// The groups that a user is in.
    ListGroupsForUser {
        /// Whose.
        user: UserName,
    } => Vec<GroupName>, "iam:ListGroupsForUser" @ 5 for BreakGlass;
    /// The console password of a user; `None` if it has none (or does not exist: IAM answers both alike).
    GetLoginProfile {
        /// Whose.
        user: UserName,
    } => Option<LoginProfile>, "iam:GetLoginProfile" @ 5 for BreakGlass;
    /// The MFA devices of a user.
    ListMFADevices {
        /// Whose.
        user: UserName,
    } => Vec<MfaDevice>, "iam:ListMFADevices" @ 5 for BreakGlass;
    /// All roles with their trust policies, as far as lists tell them.
    ListRoles {} => Vec<Role>, "iam:ListRoles" @ 5 for BreakGlass;
    /// A role.
    GetRole {
        /// Which.
        role: RoleName,
    } => Role, "iam:GetRole" @ 5 for BreakGlass;
    /// The managed policies that are attached to a role.
    ListAttachedRolePolicies {
        /// Whose.
        role: RoleName,
    } => Vec<AttachedPolicy>, "iam:ListAttachedRolePolicies" @ 5 for BreakGlass;
    /// The names of a role's inline policies.
    ListRolePolicies {
        /// Whose.
        role: RoleName,
    } => Vec<PolicyName>, "iam:ListRolePolicies" @ 5 for BreakGlass;
    /// An inline policy of a role.
    GetRolePolicy {
        /// Whose.
        role: RoleName,
        /// Which.
        policy: PolicyName,
    } => InlinePolicy, "iam:GetRolePolicy" @ 5 for BreakGlass;
    /// Users, roles and the account's own policies with their dates, in one list: what else takes a call for each.
    GetAccountAuthorizationDetails {} => Authorization, "iam:GetAccountAuthorizationDetails" @ 5 for BreakGlass;
    /// Has a credential report made; whether it is there. One of the last four hours is kept and not made anew ("Get
    /// credential reports for your AWS account").
    GenerateCredentialReport {} => bool, "iam:GenerateCredentialReport" @ 2 for BreakGlass;
    /// The credential report: every user with the dates of keys, password and MFA.
    GetCredentialReport {} => CredentialReport, "iam:GetCredentialReport" @ 2 for BreakGlass;
    /// The SAML providers, in one page.
    ListSAMLProviders {} => Vec<IdentityProvider>, "iam:ListSAMLProviders" @ 5 for BreakGlass;
    /// The OpenID Connect providers, in one page and without their dates.
    ListOpenIDConnectProviders {} => Vec<Arn>, "iam:ListOpenIDConnectProviders" @ 5 for BreakGlass;
    /// An OpenID Connect provider.
    GetOpenIDConnectProvider {
        /// Which.
        provider: Arn,
    } => IdentityProvider, "iam:GetOpenIDConnectProvider" @ 5 for BreakGlass;
}
