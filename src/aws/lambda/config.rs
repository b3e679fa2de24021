//! A function's configuration as the estate has it. Values of environment variables are counted and wiped;
//! nothing here reads them.

use super::super::convert::text;
use crate::estate::Untrusted;
use aws_sdk_lambda::types::{EnvironmentError, EnvironmentResponse};
use zeroize::Zeroizing;

/// A `FunctionConfig` from any of the SDK's shapes that hold one: `GetFunctionConfiguration` and the items of
/// `ListVersionsByFunction` have the same fields and no common type.
macro_rules! configuration {
    ($op:expr, $from:expr) => {
        (|| {
            let c = $from;
            let environment = $crate::aws::lambda::config::environment(c.environment);
            Ok($crate::estate::FunctionConfig {
                name: $crate::estate::FunctionName::new($crate::aws::convert::need(
                    $op,
                    "FunctionName",
                    c.function_name,
                )?),
                arn: $crate::estate::Arn::new($crate::aws::convert::need(
                    $op,
                    "FunctionArn",
                    c.function_arn,
                )?),
                version: $crate::estate::FunctionVersion::new(
                    c.version.unwrap_or_else(|| "$LATEST".to_owned()),
                ),
                revision: $crate::estate::RevisionId::new($crate::aws::convert::need(
                    $op,
                    "RevisionId",
                    c.revision_id,
                )?),
                state: $crate::aws::lambda::config::word(c.state.as_ref().map_or("", |s| s.as_str())),
                last_update: $crate::aws::lambda::config::word(
                    c.last_update_status.as_ref().map_or("", |s| s.as_str()),
                ),
                code_sha256: $crate::estate::Untrusted::from(c.code_sha256.unwrap_or_default()),
                description: $crate::aws::convert::text(c.description),
                handler: $crate::estate::Untrusted::from(c.handler.unwrap_or_default()),
                role: $crate::estate::Untrusted::from(c.role.unwrap_or_default()),
                layers: c
                    .layers
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|l| l.arn)
                    .map($crate::estate::Arn::new)
                    .collect(),
                timeout_s: $crate::aws::convert::count(c.timeout).unwrap_or(0),
                kms_key: $crate::aws::convert::text(c.kms_key_arn),
                snap_start: c
                    .snap_start
                    .and_then(|s| s.apply_on)
                    .is_some_and(|a| a == aws_sdk_lambda::types::SnapStartApplyOn::PublishedVersions),
                dead_letter: c
                    .dead_letter_config
                    .and_then(|d| d.target_arn)
                    .filter(|a| !a.is_empty())
                    .map($crate::estate::Arn::new),
                variables: environment.variables,
                environment_bytes: environment.bytes,
                environment_error: environment.error,
            })
        })()
    };
}
pub(super) use configuration;

/// What may be known of an environment.
#[derive(Default)]
pub(super) struct Known {
    pub variables: Vec<Untrusted>,
    pub bytes: u32,
    pub error: Option<Untrusted>,
}

/// The names, sorted, and how many bytes names and values take; the values are wiped.
pub(super) fn environment(environment: Option<EnvironmentResponse>) -> Known {
    let Some(environment) = environment else { return Known::default() };
    let (mut variables, mut bytes) = (Vec::new(), 0_usize);
    for (name, value) in environment.variables.unwrap_or_default() {
        bytes += name.len() + Zeroizing::new(value).len();
        variables.push(Untrusted::from(name));
    }
    variables.sort();
    Known {
        variables,
        bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
        error: environment.error.map(|e| told(&e)),
    }
}

/// What Lambda says of an environment that it could not decrypt: code and message.
pub(in crate::aws) fn told(error: &EnvironmentError) -> Untrusted {
    let [code, message] = [&error.error_code, &error.message].map(|t| text(t.clone()));
    match (code, message) {
        (Some(code), Some(message)) => Untrusted::from(format!("{}: {}", code.wire(), message.wire())),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Untrusted::from("it could not be decrypted"),
    }
}

/// A word of an enumeration that may grow.
pub(super) fn word(text: &str) -> Untrusted {
    Untrusted::from(text)
}
