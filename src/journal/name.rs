//! The name of a run, which is also that of its file: so it is short, plain and the same on every file system.
//! It knows nothing of how names are chosen.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Longest name, in bytes: with `.torn-999` it stays below the 255 of file names.
const LONGEST: usize = 64;

/// The name of a run: 1 to 64 of `a-z`, `0-9` and `-`, beginning with a letter or digit. No capitals, because
/// some file systems do not tell them apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunName(Arc<str>);

impl RunName {
    /// The name as text; safe to draw.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not the name of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a run's name is 1 to 64 of a-z, 0-9 and -, and begins with a letter or digit")]
pub struct BadName;

impl FromStr for RunName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let good = text.len() <= LONGEST
            && text.bytes().next().is_some_and(plain)
            && text.bytes().all(|b| plain(b) || b == b'-');
        if good { Ok(Self(text.into())) } else { Err(BadName) }
    }
}

impl Serialize for RunName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RunName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::RunName;

    #[test]
    fn a_name_can_be_the_name_of_a_file_anywhere() {
        let long = "a".repeat(64);
        for good in ["r-20261121-k3f9", "0", long.as_str()] {
            assert_eq!(good.parse::<RunName>().unwrap().as_str(), good);
        }
        let longer = "a".repeat(65);
        for bad in ["", "-a", "A", "a/b", "..", "a.b", "a b", "\u{e9}", "a\n", longer.as_str()] {
            assert!(bad.parse::<RunName>().is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<RunName>(r#""../x""#).is_err());
    }
}
