//! IAM users and roles: what can be asked about them when one of their credentials is in wrong hands. Source: IAM
//! API reference, `User`, `Role`, `AttachedPolicy`, `LoginProfile`, `MFADevice`.

use super::names::{Arn, PolicyName, RoleName, UserName};
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// A user, as `GetUser` tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Its name.
    pub name: UserName,
    /// Its ARN.
    pub arn: Arn,
    /// `CreateDate`.
    pub created: Option<Timestamp>,
    /// The policy that is its permissions boundary.
    pub boundary: Option<Arn>,
    /// When its console password was last used; `None` if never, or if it has none.
    pub password_used: Option<Timestamp>,
}

/// A managed policy that is attached to a user or a role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttachedPolicy {
    /// Its name.
    pub name: PolicyName,
    /// Its ARN.
    pub arn: Arn,
}

/// An inline policy with its document, decoded (IAM sends it percent-encoded as of RFC 3986).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InlinePolicy {
    /// Its name.
    pub name: PolicyName,
    /// JSON.
    pub document: Untrusted,
}

/// The console password of a user, as far as it may be known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoginProfile {
    /// `CreateDate`.
    pub created: Option<Timestamp>,
    /// The user must set a new one at the next sign-in.
    pub reset_required: bool,
}

/// An MFA device of a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MfaDevice {
    /// Its serial number; an ARN for a virtual device.
    pub serial: Untrusted,
    /// `EnableDate`.
    pub enabled: Option<Timestamp>,
}

/// A part of what stands in an account's IAM (`GetAccountAuthorizationDetails`): who is there since when, and what is on them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Authorization {
    /// Users.
    pub users: Vec<UserDetail>,
    /// Roles.
    pub roles: Vec<RoleDetail>,
    /// The managed policies of the account's own.
    pub policies: Vec<PolicyDetail>,
}

/// A user with what is on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserDetail {
    /// Its name.
    pub name: UserName,
    /// Its ARN.
    pub arn: Arn,
    /// `CreateDate`.
    pub created: Option<Timestamp>,
    /// Managed policies that are attached to it.
    pub attached: Vec<AttachedPolicy>,
}

/// A role with what is on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleDetail {
    /// Its name.
    pub name: RoleName,
    /// Its ARN.
    pub arn: Arn,
    /// Its path.
    pub path: Untrusted,
    /// `CreateDate`.
    pub created: Option<Timestamp>,
    /// The trust policy, JSON, decoded.
    pub trust: Option<Untrusted>,
    /// Managed policies that are attached to it.
    pub attached: Vec<AttachedPolicy>,
}

/// A managed policy of the account's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyDetail {
    /// Its name.
    pub name: PolicyName,
    /// Its ARN.
    pub arn: Arn,
    /// `CreateDate`.
    pub created: Option<Timestamp>,
    /// `UpdateDate`: "the time when the default policy version was created".
    pub updated: Option<Timestamp>,
}

/// A credential report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CredentialReport {
    /// Lines of values with commas between, the names of the columns first.
    pub lines: Untrusted,
    /// When it was made: up to four hours ago.
    pub made: Option<Timestamp>,
}

/// A provider by which people or programs sign in who are no users of the account: SAML or OpenID Connect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityProvider {
    /// Its ARN.
    pub arn: Arn,
    /// `CreateDate`.
    pub created: Option<Timestamp>,
}

/// A role, as `GetRole` and `ListRoles` tell it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Role {
    /// Its name.
    pub name: RoleName,
    /// Its ARN.
    pub arn: Arn,
    /// Its path; `/aws-service-role/...` is that of service-linked roles.
    pub path: Untrusted,
    /// `CreateDate`.
    pub created: Option<Timestamp>,
    /// `MaxSessionDuration` in seconds; 3,600 where AWS does not say.
    pub max_session_s: u32,
    /// The trust policy, JSON, decoded.
    pub trust: Option<Untrusted>,
    /// When it was last used, where that is tracked (`GetRole` only, with a delay).
    pub last_used: Option<Timestamp>,
}

impl Role {
    /// Whether AWS owns it: its sessions cannot be revoked ("Revoke IAM role temporary security credentials":
    /// "You cannot revoke the session of a service-linked role").
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        self.path.wire().starts_with("/aws-service-role/")
    }

    /// Whether Identity Center owns it: it writes these roles anew, and their sessions are ended there (IAM
    /// Identity Center user guide, "Revoke active IAM role sessions created by permission sets").
    #[must_use]
    pub fn is_of_identity_center(&self) -> bool {
        self.name.wire().starts_with("AWSReservedSSO_")
    }
}

/// What the id of a credential tells by its beginning (IAM user guide, "Understanding unique ID prefixes").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// `AKIA`: a long-term key of a user, or of the root user.
    LongTerm,
    /// `ASIA`: temporary credentials of a session.
    Temporary,
    /// It has the form of an id and a beginning that is not known here: whose it is, AWS tells.
    Other,
    /// No id of an access key: it has not the form of one, or begins as the ids of other things do.
    NoKey,
}

/// What the ids of other things in IAM begin with: users, roles, groups, policies and their versions, instance
/// profiles, public keys, certificates, service bearer tokens and context-specific credentials.
const OTHER_THINGS: &[&str] =
    &["AIDA", "AROA", "AGPA", "ANPA", "ANVA", "AIPA", "APKA", "ASCA", "ABIA", "ACCA"];

impl KeyKind {
    /// The kind that an id has.
    #[must_use]
    pub fn of(id: &str) -> Self {
        let whole = id.len() >= 16 && id.len() <= 128 && id.bytes().all(|b| b.is_ascii_alphanumeric());
        match id.get(..4) {
            Some("AKIA") if whole => KeyKind::LongTerm,
            Some("ASIA") if whole => KeyKind::Temporary,
            Some(other) if whole && is_upper(id) && !OTHER_THINGS.contains(&other) => KeyKind::Other,
            Some(_) | None => KeyKind::NoKey,
        }
    }
}

/// Ids have no small letters.
fn is_upper(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::KeyKind;

    #[test]
    fn an_id_tells_what_it_is_of() {
        for (id, kind) in [
            ("AKIAIOSFODNN7EXAMPLE", KeyKind::LongTerm),
            ("ASIAIOSFODNN7EXAMPLE", KeyKind::Temporary),
            ("FKIAIOSFODNN7EXAMPLE", KeyKind::Other),
            ("AIDAIOSFODNN7EXAMPLE", KeyKind::NoKey),
            ("AROAIOSFODNN7EXAMPLE", KeyKind::NoKey),
            ("AKIA", KeyKind::NoKey),
            ("FKIA", KeyKind::NoKey),
            ("fkiaIOSFODNN7EXAMPLE", KeyKind::NoKey),
            ("AKIAIOSFODNN7 EXAMPLE", KeyKind::NoKey),
            ("", KeyKind::NoKey),
        ] {
            assert_eq!(KeyKind::of(id), kind, "{id}");
        }
    }
}
