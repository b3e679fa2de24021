//! Lambda functions with what they are configured to, their versions and aliases, and event source mappings.
//! Sources: Lambda API reference, `FunctionConfiguration`, `AliasConfiguration`; developer guide, "Lambda
//! function states": while `LastUpdateStatus` is InProgress calls run on the old configuration.

use super::text::Text;
use super::{Second, arn};
use crate::practice::prng::Prng;
use crate::practice::world::queue::item::Own;
use crate::practice::world::queue::name::Name;
use crate::practice::world::secret::uuid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A function's variables.
pub(in crate::practice) type Variables = BTreeMap<String, Text>;

/// An event that waits for its function: invoked asynchronously, or failed and to be tried again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Waiting {
    pub(in crate::practice) at: Second,
    /// The message that it was taken from; none if that was not of here.
    pub(in crate::practice) of: Option<Name>,
    pub(in crate::practice) own: Option<Box<Own>>,
    /// How often it failed.
    pub(in crate::practice) failed: u8,
    /// What the id of its invocation is made of, and that of the message that it becomes when it fails for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::practice) request: Option<Name>,
}

/// A Lambda function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Function {
    pub(in crate::practice) name: String,
    /// Whole ARNs.
    pub(in crate::practice) dead_letter: Option<String>,
    pub(in crate::practice) on_failure: Option<String>,
    /// Its reserved concurrency; 0 switches it off.
    #[serde(default)]
    pub(in crate::practice) reserved: Option<u32>,
    /// What was reserved before, and until when, oldest first: metrics are those of their time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::practice) limits: Vec<(Second, Option<u32>)>,
    /// `AuthType` of its URL, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::practice) url: Option<String>,
    /// It has that URL since then.
    #[serde(default)]
    pub(in crate::practice) opened: Second,
    /// Its code or its configuration was last changed then.
    #[serde(default)]
    pub(in crate::practice) modified: Second,
    /// The services and accounts that its resource policy lets in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::practice) invoked_by: Vec<String>,
    /// When it was called how many times as often as usual: from, to, how many times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::practice) surges: Vec<(Second, Second, u32)>,
    /// Whether what fails for good goes there at all.
    pub(in crate::practice) asynchronous: bool,
    pub(in crate::practice) tags: Vec<(String, String)>,
    /// `$LATEST`.
    pub(in crate::practice) latest: Config,
    /// An update is on its way until then, and calls run on these variables.
    pub(in crate::practice) update: Option<(Second, Variables)>,
    /// Published versions, oldest first.
    pub(in crate::practice) versions: Vec<Config>,
    pub(in crate::practice) aliases: Vec<Alias>,
    pub(in crate::practice) rng: Prng,
}

/// What a function, or a version of it, is configured to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Config {
    /// `$LATEST` or a number.
    pub(in crate::practice) version: String,
    pub(in crate::practice) revision: String,
    /// `CodeSha256`.
    pub(in crate::practice) code: String,
    pub(in crate::practice) description: String,
    pub(in crate::practice) handler: String,
    pub(in crate::practice) role: String,
    pub(in crate::practice) layers: Vec<String>,
    pub(in crate::practice) timeout: u32,
    pub(in crate::practice) kms: Option<String>,
    pub(in crate::practice) snap_start: bool,
    pub(in crate::practice) variables: Variables,
    /// `Environment.Error`: its variables come back empty.
    pub(in crate::practice) unreadable: Option<String>,
    /// It cannot be invoked before.
    pub(in crate::practice) active_at: Second,
}

/// An alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Alias {
    pub(in crate::practice) name: String,
    pub(in crate::practice) version: String,
    pub(in crate::practice) revision: String,
    /// Another version, and the share of calls that it gets.
    pub(in crate::practice) weighted: Option<(String, f64)>,
    /// Provisioned concurrency, and since when it is ready.
    pub(in crate::practice) provisioned: Option<(u32, Second)>,
}

/// An event source mapping.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Mapping {
    pub(in crate::practice) id: String,
    pub(in crate::practice) function: String,
    pub(in crate::practice) source: String,
    pub(in crate::practice) on_failure: Option<String>,
    pub(in crate::practice) state: String,
}

impl Config {
    /// The bytes that names and values take together.
    pub(in crate::practice) fn bytes(&self) -> usize {
        self.variables.iter().map(|(n, v)| n.len() + v.bytes().len()).sum()
    }

    /// Whether a version published of this would be the same as `other`: Lambda then publishes none.
    pub(in crate::practice) fn is_like(&self, other: &Config) -> bool {
        self.code == other.code
            && self.handler == other.handler
            && self.role == other.role
            && self.layers == other.layers
            && self.timeout == other.timeout
            && self.kms == other.kms
            && self.snap_start == other.snap_start
            && self.variables == other.variables
    }
}

impl Function {
    pub(in crate::practice) fn arn(&self) -> String {
        arn("lambda", &format!("function:{}", self.name))
    }

    /// What was reserved at `at`.
    pub(in crate::practice) fn reserved_at(&self, at: Second) -> Option<u32> {
        let place = self.limits.partition_point(|(until, _)| *until <= at);
        self.limits.get(place).map_or(self.reserved, |(_, was)| *was)
    }

    /// Whether nothing of it runs.
    pub(in crate::practice) fn is_off(&self) -> bool {
        self.reserved == Some(0)
    }

    /// Reserves as much from `at` on.
    pub(in crate::practice) fn reserve(&mut self, at: Second, now: Option<u32>) {
        if self.reserved != now {
            self.limits.push((at, self.reserved));
            self.reserved = now;
        }
    }

    /// The concurrency that is provisioned for its aliases.
    pub(in crate::practice) fn provisioned(&self) -> u32 {
        self.aliases.iter().filter_map(|a| a.provisioned).map(|(requested, _)| requested).sum()
    }

    /// Its resource policy, JSON.
    pub(in crate::practice) fn policy(&self) -> Option<String> {
        let statements: Vec<serde_json::Value> = self
            .invoked_by
            .iter()
            .enumerate()
            .map(|(n, who)| {
                let kind = if who.ends_with(".amazonaws.com") { "Service" } else { "AWS" };
                serde_json::json!({
                    "Sid": format!("invoke-{n}"),
                    "Effect": "Allow",
                    "Principal": { kind: who },
                    "Action": "lambda:InvokeFunction",
                    "Resource": self.arn(),
                })
            })
            .collect();
        let policy = serde_json::json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements });
        (!statements.is_empty()).then(|| policy.to_string())
    }

    /// `$LATEST`, or the version of that number.
    pub(in crate::practice) fn version(&self, version: &str) -> Option<&Config> {
        if version == "$LATEST" {
            return Some(&self.latest);
        }
        self.versions.iter().find(|v| v.version == version)
    }

    /// What a call to `qualifier` (an alias or a version; `$LATEST` without) finds at `now`: which version,
    /// and the variables that it runs on.
    pub(in crate::practice) fn serving(
        &self,
        qualifier: Option<&str>,
        now: Second,
    ) -> Option<(&Config, &Variables)> {
        let qualifier = qualifier.unwrap_or("$LATEST");
        let alias = self.aliases.iter().find(|a| a.name == qualifier);
        let config = self.version(alias.map_or(qualifier, |a| &a.version))?;
        match &self.update {
            Some((until, before)) if config.version == "$LATEST" && now < *until => Some((config, before)),
            Some(_) | None => Some((config, &config.variables)),
        }
    }

    /// The variables of `$LATEST` are replaced at `at`; it takes until `through`.
    pub(in crate::practice) fn configure(&mut self, variables: Variables, at: Second, through: Second) {
        self.modified = at;
        let before = std::mem::replace(&mut self.latest.variables, variables);
        self.update = Some((through, before));
        self.latest.revision = uuid(&mut self.rng);
    }

    /// The update is through, and the revision changes once more.
    pub(in crate::practice) fn settle(&mut self, at: Second) {
        if self.update.as_ref().is_some_and(|(through, _)| *through <= at) {
            self.update = None;
            self.latest.revision = uuid(&mut self.rng);
        }
    }
}
