//! Materials: what is read from AWS that is secret. A question's answer never is; these go straight into a
//! vault's slot, and what comes back says only which version was read.

use super::ask::{Operation, Service, Tier};
use super::names::{ApiKeyId, Arn, FunctionName, FunctionVersion, RevisionId, VersionId};
use serde::{Deserialize, Serialize};

/// What can be read into a vault.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialSource {
    /// One version of a secret (`GetSecretValue`): the bytes of `SecretString`. A binary secret is
    /// refused (`FaultKind::Unsupported`).
    Secret {
        /// Which secret.
        secret: Arn,
        /// Which version; never "whatever is current", so that what was read is known.
        version: VersionId,
    },
    /// The variables of a function (`GetFunctionConfiguration`) as one JSON object of strings, names in
    /// order. An `Environment.Error` is a fault, never an empty object.
    Environment {
        /// Which function.
        function: FunctionName,
        /// Which version; `None` is `$LATEST`.
        version: Option<FunctionVersion>,
    },
    /// The value of a gateway's API key (`GetApiKey` with `includeValue`).
    ApiKey {
        /// Which key.
        key: ApiKeyId,
    },
}

/// Which version of a material was read.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialVersion {
    /// That of a secret.
    Secret(VersionId),
    /// That of a function's configuration.
    Function(RevisionId),
    /// An API key's value never changes.
    ApiKey,
}

impl MaterialSource {
    /// The AWS operation that reads it.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        match self {
            MaterialSource::Secret { .. } => &OPERATIONS[0],
            MaterialSource::Environment { .. } => &OPERATIONS[1],
            MaterialSource::ApiKey { .. } => &OPERATIONS[2],
        }
    }
}

/// The operations that read materials.
pub static OPERATIONS: [Operation; 3] = [
    Operation {
        service: Service::SecretsManager,
        name: "secretsmanager:GetSecretValue",
        iam_action: "secretsmanager:GetSecretValue",
        per_second: 20,
        tier: Tier::Operator,
    },
    Operation {
        service: Service::Lambda,
        name: "lambda:GetFunctionConfiguration",
        iam_action: "lambda:GetFunctionConfiguration",
        per_second: 10,
        tier: Tier::Operator,
    },
    Operation {
        service: Service::ApiGateway,
        name: "apigateway:GetApiKey",
        iam_action: "apigateway:GET",
        per_second: 4,
        tier: Tier::Operator,
    },
];
