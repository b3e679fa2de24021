//! The names of things in AWS, each a type of its own so that one cannot be passed for another. They come
//! from outside, so each is [`Untrusted`] inside and has no `Display`.

use super::untrusted::{Shown, Untrusted};
use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Untrusted);

        impl $name {
            /// Takes the name as it came.
            pub fn new(text: impl Into<std::sync::Arc<str>>) -> Self {
                Self(Untrusted::new(text))
            }
            /// The name made safe to draw.
            #[must_use]
            pub fn shown(&self) -> Shown<'_> {
                self.0.shown()
            }
            /// The name as it came, for the ports, exports and JSON only.
            #[must_use]
            pub fn wire(&self) -> &str {
                self.0.wire()
            }
            /// The name as untrusted text.
            #[must_use]
            pub fn text(&self) -> &Untrusted {
                &self.0
            }
        }
    )+};
}

names! {
    /// Any Amazon Resource Name.
    Arn;
    /// The alias of an account (`iam:ListAccountAliases`): at most one an account.
    AccountAlias;
    /// The name of a CloudWatch alarm, 1 to 255 characters, unique in an account and Region.
    AlarmName;
    /// The name of a CloudWatch alarm mute rule.
    MuteRuleName;
    /// The URL of an SQS queue, which is what its API takes.
    QueueUrl;
    /// The id of a message in a queue. A redrive by SQS gives a message a new one.
    MessageId;
    /// The name of a Lambda function.
    FunctionName;
    /// The id of a web ACL; its API wants name, id and scope together.
    WebAclId;
    /// The name of a secret.
    SecretName;
    /// The id of a version of a secret: the `ClientRequestToken` of the write that made it.
    VersionId;
    /// A staging label of a secret's version, e.g. `AWSCURRENT`; 1 to 256 characters.
    StageLabel;
    /// `RevisionId` of a function's configuration or alias: changes with every update.
    RevisionId;
    /// A published version of a function, `$LATEST` included.
    FunctionVersion;
    /// The name of an alias of a function.
    AliasName;
    /// The id of an API Gateway API key (never its value).
    ApiKeyId;
    /// The id of an API Gateway usage plan.
    UsagePlanId;
    /// The id of a REST API of API Gateway.
    RestApiId;
    /// The name of an IAM user.
    UserName;
    /// The name of an IAM role, without its path.
    RoleName;
    /// The name of an IAM policy, attached or inline.
    PolicyName;
    /// The name of an IAM group.
    GroupName;
    /// The id of an IAM access key (`AKIA...`), which is no secret.
    AccessKeyId;
    /// The identifier of a database instance of RDS.
    DbInstanceName;
    /// The identifier of a database cluster of RDS (Aurora and Multi-AZ clusters).
    DbClusterName;
    /// The identifier of a snapshot of a database instance.
    DbSnapshotName;
    /// The id of a security group (`sg-...`).
    SecurityGroupId;
    /// The id of a VPC (`vpc-...`).
    VpcId;
}

impl Arn {
    /// The part after the last `:` or `/`, which is what people call the resource.
    #[must_use]
    pub fn resource(&self) -> Untrusted {
        let text = self.wire();
        Untrusted::from(text.rsplit([':', '/']).next().unwrap_or(text))
    }

    /// The service field (`sqs`, `lambda`, ...), if this has the form of an ARN.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.field(2)
    }

    /// The Region field; empty for global resources.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.field(3)
    }

    /// The account field; empty for resources without one.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.field(4)
    }

    fn field(&self, n: usize) -> Option<&str> {
        let text = self.wire();
        if text.starts_with("arn:") { text.splitn(6, ':').nth(n) } else { None }
    }
}

impl QueueUrl {
    /// The queue's name: the last part of the path.
    #[must_use]
    pub fn name(&self) -> Untrusted {
        let url = self.wire();
        Untrusted::from(url.rsplit('/').next().unwrap_or(url))
    }

    /// Whether it is a FIFO queue: the name of one, and of no other, ends with `.fifo` (SQS API reference,
    /// `CreateQueue`).
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.wire().ends_with(".fifo")
    }

    /// The account in the path (`https://host/ACCOUNT/NAME`), if it has that form.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        let mut parts = self.wire().rsplit('/');
        parts.next();
        parts.next().filter(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    }

    /// The URL of the queue `name` beside this one, in the same account and Region. A dead-letter queue is
    /// always there: "must reside in the same account and Region" as its source
    /// (SQS developer guide, "Using dead-letter queues").
    #[must_use]
    pub fn sibling(&self, name: &str) -> QueueUrl {
        let url = self.wire();
        match url.rfind('/') {
            Some(cut) => QueueUrl::new(format!("{}{name}", &url[..=cut])),
            None => QueueUrl::new(name),
        }
    }
}
