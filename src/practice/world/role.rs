//! IAM roles and the sessions of roles and users. A session's secret is nowhere in here. Source: IAM API reference,
//! `Role`; STS API reference, `AssumeRole`, `GetSessionToken`.

use super::{ACCOUNT, Second};
use serde::{Deserialize, Serialize};

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Role {
    pub(in crate::practice) name: String,
    pub(in crate::practice) path: String,
    pub(in crate::practice) created: Second,
    /// Seconds that a session lives at most.
    pub(in crate::practice) max_session: u32,
    /// The trust policy.
    pub(in crate::practice) trust: String,
    /// ARNs.
    pub(in crate::practice) attached: Vec<String>,
    pub(in crate::practice) inline: Vec<Inline>,
}

/// An inline policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Inline {
    pub(in crate::practice) name: String,
    pub(in crate::practice) document: String,
    /// It denies everything to sessions that were issued before then.
    pub(in crate::practice) before: Option<Second>,
    /// Written then.
    pub(in crate::practice) since: Second,
}

/// Temporary credentials.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Session {
    pub(in crate::practice) id: String,
    pub(in crate::practice) issued: Second,
    pub(in crate::practice) expires: Second,
    pub(in crate::practice) of: Of,
}

/// Whose credentials they are.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(in crate::practice) enum Of {
    /// A role's, by its name.
    Role(String),
    /// A user's own, by its name: a deny on the user reaches them.
    User(String),
}

impl Role {
    /// One that was just made, and trusts a user.
    pub(in crate::practice) fn made(name: &str, user: &str, at: Second) -> Self {
        let principal = format!("arn:aws:iam::{ACCOUNT}:user/{user}");
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        Self {
            name: name.to_owned(),
            path: "/".into(),
            created: at,
            max_session: 43_200,
            trust,
            attached: vec!["arn:aws:iam::aws:policy/AdministratorAccess".into()],
            inline: Vec::new(),
        }
    }

    pub(in crate::practice) fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:role{}{}", self.path, self.name)
    }

    /// Whether a session that was issued at `issued` is refused everything at `at`.
    pub(in crate::practice) fn revokes(&self, issued: Second, at: Second) -> bool {
        self.inline.iter().any(|p| p.since <= at && p.before.is_some_and(|before| issued < before))
    }

    /// Whether the trust policy names a principal, or the whole account.
    pub(in crate::practice) fn trusts(&self, principal: &str) -> bool {
        let named = |arn: &str| self.trust.contains(&format!("\"{arn}\""));
        named(principal) || named(&format!("arn:aws:iam::{ACCOUNT}:root"))
    }
}
