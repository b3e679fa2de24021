//! The question to STS.

use super::asks;
use crate::estate::identity::Identity;

asks! { Sts, "sts";
    /// Who is asking. It needs no permission and cannot be denied (STS API reference).
    GetCallerIdentity {} => Identity, "" @ 10;
}
