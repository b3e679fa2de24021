//! Where a question is asked: an account and a Region, on every query, so that no answer is ever taken for
//! that of another place.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A twelve-digit AWS account id. Built only from digits, so it is safe to draw.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// The id, if `text` is twelve digits.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())).then(|| Self(text.into()))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A Region code such as `eu-central-1`. Built only from letters, digits and hyphens, so it is safe to draw.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

impl Region {
    /// The Regions that were there when this was written ("AWS Regions", AWS Account Management reference guide; China and
    /// GovCloud beside them): for hints only. Another one is as good.
    pub const KNOWN: [&str; 38] = [
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-central-1",
        "ca-west-1",
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
        "sa-east-1",
        "cn-north-1",
        "cn-northwest-1",
        "us-gov-east-1",
        "us-gov-west-1",
    ];

    /// The Region, if `text` has the form of a Region code.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let good = !text.is_empty()
            && text.len() <= 40
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        good.then(|| Self(text.into()))
    }

    /// `us-east-1`, where the CloudFront scope of WAF and its metrics live (WAFv2 API reference, `Scope`).
    #[must_use]
    pub fn us_east_1() -> Self {
        Self("us-east-1".into())
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

macro_rules! as_text {
    ($($name:ident, $what:literal;)+) => {$(
        impl TryFrom<String> for $name {
            type Error = &'static str;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(&text).ok_or($what)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                String::from(&*name.0)
            }
        }
    )+};
}

as_text! {
    AccountId, "an account id is twelve digits";
    Region, "a Region code is of letters, digits and hyphens";
}

/// The place that a question or a change is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct At {
    /// `None` until `GetCallerIdentity` has answered; a change is impossible without it.
    pub account: Option<AccountId>,
    /// The Region whose endpoint is asked.
    pub region: Region,
}
