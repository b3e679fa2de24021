//! The question to IAM.

use super::asks;
use crate::estate::names::AccountAlias;

asks! { Iam, "iam";
    /// The account's alias; at most one exists.
    ListAccountAliases {} => Vec<AccountAlias>, "iam:ListAccountAliases" @ 5;
}
