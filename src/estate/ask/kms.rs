//! The questions to KMS, about what stands in the way: there is none here that decrypts. "Request quotas" of KMS: 50 to
//! 2,000 a second for each; kept far below.

use super::asks;
use crate::estate::kms_key::KmsKey;
use crate::estate::untrusted::Untrusted;

asks! { Kms, "kms";
    /// A key, by id, ARN or alias.
    DescribeKey {
        /// Which.
        key: Untrusted,
    } => KmsKey, "kms:DescribeKey" @ 10 for Operator;
    /// The policy of a key, by id or ARN.
    GetKeyPolicy {
        /// Which.
        key: Untrusted,
    } => Untrusted, "kms:GetKeyPolicy" @ 10 for Operator;
}
