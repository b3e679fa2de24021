//! The questions to Secrets Manager. `GetSecretValue` is deliberately not among them. Rates: "AWS Secrets
//! Manager quotas" (ListSecrets 100, ListSecretVersionIds 50, DescribeSecret 10,000), kept well under.

use super::asks;
use crate::estate::names::Arn;
use crate::estate::secret::{Secret, SecretVersion};
use crate::estate::untrusted::Untrusted;

asks! { SecretsManager, "secretsmanager";
    /// All secrets, those with a planned deletion included.
    ListSecrets {} => Vec<Secret>, "secretsmanager:ListSecrets" @ 20;
    /// The versions of one secret, with their labels.
    ListSecretVersionIds {
        /// Which secret.
        secret: Arn,
        /// Whether versions without a label are wanted too.
        deprecated: bool,
    } => Vec<SecretVersion>, "secretsmanager:ListSecretVersionIds" @ 40;
    /// One secret, by ARN or name.
    DescribeSecret {
        /// Which secret.
        secret: Arn,
    } => Secret, "secretsmanager:DescribeSecret" @ 40;
    /// The resource policy of a secret; `None` if it has none.
    GetResourcePolicy {
        /// Which secret.
        secret: Arn,
    } => Option<Untrusted>, "secretsmanager:GetResourcePolicy" @ 20 for Operator;
}
