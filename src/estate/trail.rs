//! CloudTrail's management events: who did what with which credentials, and which credentials came of it. Sources:
//! CloudTrail API reference, `LookupEvents`; CloudTrail user guide, "CloudTrail record contents". Data events (an
//! SQS receive, an S3 read) are not among them.

use super::names::{AccessKeyId, Arn, UserName};
use super::time::Timestamp;
use super::untrusted::Untrusted;

/// By what events are looked up: one attribute a question ("you can specify only one").
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lookup {
    /// `AccessKeyId`: the credentials that signed.
    Key(AccessKeyId),
    /// `Username`: a user's name, or the name of a role's session.
    User(Untrusted),
    /// `EventName`, e.g. `AssumeRole`.
    Event(Untrusted),
    /// `ResourceName`: what it was done to, as CloudTrail names it.
    Resource(Untrusted),
}

/// An event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrailEvent {
    /// Its id, unique in CloudTrail.
    pub id: Untrusted,
    /// When it happened.
    pub at: Timestamp,
    /// The operation, e.g. `AssumeRole`.
    pub name: Untrusted,
    /// The service, e.g. `sts.amazonaws.com`.
    pub source: Untrusted,
    /// Where it happened (`awsRegion`).
    pub region: Option<Untrusted>,
    /// The address that it came from, or the service that did it.
    pub source_ip: Option<Untrusted>,
    /// The program, as it says itself.
    pub user_agent: Option<Untrusted>,
    /// The credentials that signed it.
    pub key: Option<AccessKeyId>,
    /// Who did it.
    pub principal: Option<Arn>,
    /// Why it was refused or failed (`errorCode`); `None`: it was done.
    pub error: Option<Untrusted>,
    /// It only read.
    pub read_only: Option<bool>,
    /// The credentials that it made.
    pub minted: Option<Minted>,
    /// The secret whose value it asked for (`GetSecretValue`), by the name or ARN that was given.
    pub secret: Option<Untrusted>,
    /// What it was done to, where its parameters name that: a user, a role, a function, a secret, a policy.
    pub target: Option<Untrusted>,
}

/// Credentials that an event made: ids, never a secret or a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Minted {
    /// A session of a role (`AssumeRole`, `AssumeRoleWithSAML`, `AssumeRoleWithWebIdentity`).
    Role {
        /// Its access key id (`ASIA...`).
        key: AccessKeyId,
        /// Which role.
        role: Arn,
    },
    /// A session of the user itself (`GetSessionToken`, `GetFederationToken`).
    User {
        /// Its access key id (`ASIA...`).
        key: AccessKeyId,
    },
    /// A long-term key (`CreateAccessKey`).
    Key {
        /// Its id.
        key: AccessKeyId,
        /// Whose.
        user: Option<UserName>,
    },
    /// A console password (`CreateLoginProfile`).
    Password {
        /// Whose.
        user: UserName,
    },
}

/// A trail: what is written down for good of what happens (`DescribeTrails`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trail {
    /// Its name.
    pub name: Untrusted,
    /// Its ARN; one of another account is an organization's.
    pub arn: Arn,
    /// Where it can be changed.
    pub home: Option<Untrusted>,
    /// It writes down what happens in every Region.
    pub everywhere: bool,
}

/// Whether a trail writes (`GetTrailStatus`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrailStatus {
    /// `IsLogging`.
    pub logging: bool,
    /// `StartLoggingTime`: when it was last told to.
    pub started: Option<Timestamp>,
    /// `StopLoggingTime`: when it was last told to stop.
    pub stopped: Option<Timestamp>,
}

impl TrailEvent {
    /// Whether it was done: a refused attempt is what containment is for, a success is none.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.error.is_none()
    }

    /// Whether it was refused for want of permission or of good credentials. Another error says nothing of that: some
    /// services look at a request before they look at who sends it, others after.
    #[must_use]
    pub fn was_denied(&self) -> bool {
        const DENIES: [&str; 8] = [
            "AccessDenied",
            "Unauthorized",
            "NotAuthorized",
            "Forbidden",
            "AuthFailure",
            "ExpiredToken",
            "InvalidClientTokenId",
            "UnrecognizedClient",
        ];
        self.error.as_ref().is_some_and(|code| DENIES.iter().any(|word| code.wire().contains(word)))
    }

    /// Whether it proves nothing about permissions: `GetCallerIdentity` "cannot be denied" to anybody with good
    /// credentials (STS API reference).
    #[must_use]
    pub fn proves_nothing(&self) -> bool {
        self.name.wire() == "GetCallerIdentity"
    }
}
