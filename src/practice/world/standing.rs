//! What stands in the account beside users, roles and functions: trails, instances, layers and identity providers. Sources:
//! CloudTrail API reference, `Trail`, `GetTrailStatus`; EC2 API reference, `Instance`; Lambda API reference,
//! `LayersListItem`; IAM API reference, `SAMLProviderListEntry`.

use super::{ACCOUNT, REGION, Second, World, arn};
use serde::{Deserialize, Serialize};

/// Everything of that.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::practice) struct Standing {
    pub(in crate::practice) trails: Vec<Trail>,
    pub(in crate::practice) instances: Vec<Instance>,
    pub(in crate::practice) layers: Vec<Layer>,
    pub(in crate::practice) providers: Vec<Provider>,
    pub(in crate::practice) rules: Vec<Rule>,
}

/// A trail, which is everywhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Trail {
    pub(in crate::practice) name: String,
    pub(in crate::practice) started: Second,
    /// It was told to stop then, and writes no more.
    pub(in crate::practice) stopped: Option<Second>,
}

/// An instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Instance {
    pub(in crate::practice) id: String,
    pub(in crate::practice) region: String,
    pub(in crate::practice) launched: Second,
}

/// A layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Layer {
    pub(in crate::practice) name: String,
    pub(in crate::practice) published: Second,
}

/// A SAML provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Provider {
    pub(in crate::practice) name: String,
    pub(in crate::practice) created: Second,
}

/// A rule that runs by the clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Rule {
    pub(in crate::practice) name: String,
    pub(in crate::practice) region: String,
    pub(in crate::practice) schedule: String,
    /// The ARN of what gets its events.
    pub(in crate::practice) target: String,
}

impl Standing {
    /// What every practice estate has: one trail, a bastion, and a rule that runs by night.
    pub(in crate::practice) fn first(start: Second) -> Self {
        let day = super::DAY;
        Self {
            trails: vec![Trail { name: "account-events".into(), started: start - 400 * day, stopped: None }],
            instances: vec![Instance {
                id: "i-0f3a1b7c9d2e4f680".into(),
                region: REGION.into(),
                launched: start - 40 * day,
            }],
            rules: vec![Rule {
                name: "nightly-report".into(),
                region: REGION.into(),
                schedule: "cron(0 3 * * ? *)".into(),
                target: arn("lambda", "function:nightly-report"),
            }],
            ..Self::default()
        }
    }
}

impl Trail {
    pub(in crate::practice) fn arn(&self) -> String {
        arn("cloudtrail", &format!("trail/{}", self.name))
    }
}

impl Layer {
    pub(in crate::practice) fn arn(&self) -> String {
        arn("lambda", &format!("layer:{}:1", self.name))
    }
}

impl Provider {
    pub(in crate::practice) fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:saml-provider/{}", self.name)
    }
}

impl World {
    /// The trail with this ARN or name.
    pub(in crate::practice) fn trail_of(&self, id: &str) -> Option<&Trail> {
        self.standing.trails.iter().find(|t| t.name == id || t.arn() == id)
    }
}
