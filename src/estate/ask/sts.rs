//! The questions to STS.

use super::asks;
use crate::estate::at::AccountId;
use crate::estate::identity::Identity;
use crate::estate::names::AccessKeyId;

asks! { Sts, "sts";
    /// Who is asking. It needs no permission and cannot be denied (STS API reference).
    GetCallerIdentity {} => Identity, "" @ 10;
    /// The account that an access key id belongs to, whosever it is.
    GetAccessKeyInfo {
        /// Which key.
        key: AccessKeyId,
    } => AccountId, "sts:GetAccessKeyInfo" @ 5 for BreakGlass;
}
