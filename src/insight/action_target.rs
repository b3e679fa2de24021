//! What an alarm's action is, decoded from its ARN, and whether its target is known to exist. What the watch
//! has no question for is said to be not looked up, never taken to be there.
//!
//! The forms of the ARNs: CloudWatch API reference, `PutMetricAlarm`, `AlarmActions`.

use super::look::Look;
use crate::estate::Arn;

/// What an action does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Tells an SNS topic.
    Topic,
    /// Changes an Auto Scaling group by a policy.
    ScalingPolicy,
    /// Stops, terminates, reboots or recovers an EC2 instance.
    Instance,
    /// Opens an OpsItem in Systems Manager.
    OpsItem,
    /// Starts an incident by a response plan.
    Incident,
    /// Invokes a Lambda function.
    Function,
    /// Something this version does not know.
    Other,
}

/// Whether the target of an action is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It was read, and is there.
    There,
    /// All of its kind were read, and it is not among them.
    Missing,
    /// It is in another account or Region than the one that is looked at, where nobody looks.
    Elsewhere,
    /// No target can have such an ARN: the action does nothing.
    Malformed,
    /// It needs none: the action itself is what is named.
    NotNeeded,
    /// The watch has no question that would tell, or its answer is not there yet.
    NotLookedUp,
}

/// An action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ActionTarget {
    /// What it does.
    pub kind: Kind,
    /// Whether its target is known.
    pub standing: Standing,
}

impl Kind {
    /// The kind as a person reads it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Kind::Topic => "SNS topic",
            Kind::ScalingPolicy => "scaling policy",
            Kind::Instance => "EC2 action",
            Kind::OpsItem => "OpsItem",
            Kind::Incident => "incident",
            Kind::Function => "function",
            Kind::Other => "action",
        }
    }

    /// The kind as a word for JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Topic => "sns_topic",
            Kind::ScalingPolicy => "scaling_policy",
            Kind::Instance => "ec2_action",
            Kind::OpsItem => "ops_item",
            Kind::Incident => "incident",
            Kind::Function => "lambda_function",
            Kind::Other => "other",
        }
    }
}

impl Standing {
    /// The standing as a person reads it; nothing where there is nothing to know.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Standing::There => "there",
            Standing::Missing => "not there",
            Standing::Elsewhere => "in another account or Region",
            Standing::Malformed => "no such target can be: malformed",
            Standing::NotNeeded => "",
            Standing::NotLookedUp => "not looked up",
        }
    }

    /// Whether the target exists, as JSON has it; `None` if that is not known.
    #[must_use]
    pub fn exists(self) -> Option<bool> {
        match self {
            Standing::There | Standing::NotNeeded => Some(true),
            Standing::Missing | Standing::Malformed => Some(false),
            Standing::Elsewhere | Standing::NotLookedUp => None,
        }
    }
}

/// What the action `arn` of an alarm in `alarm`'s account and Region is.
#[must_use]
pub fn of(look: &Look<'_>, alarm: &Arn, arn: &Arn) -> ActionTarget {
    let kind = kind(arn);
    ActionTarget { kind, standing: standing(look, alarm, arn, kind) }
}

/// The resource part of an ARN: all after the account.
fn resource(arn: &Arn) -> &str {
    arn.wire().splitn(6, ':').nth(5).unwrap_or_default()
}

fn kind(arn: &Arn) -> Kind {
    match arn.service() {
        Some("sns") => Kind::Topic,
        Some("autoscaling") => Kind::ScalingPolicy,
        Some("automate" | "swf") => Kind::Instance,
        Some("ssm") => Kind::OpsItem,
        Some("ssm-incidents") => Kind::Incident,
        Some("lambda") => Kind::Function,
        Some(_) | None => Kind::Other,
    }
}

/// Whether the resource part has the form that the kind asks for.
fn is_well_formed(arn: &Arn, kind: Kind) -> bool {
    let resource = resource(arn);
    let account = arn.account().is_some_and(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit()));
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    match kind {
        // A topic name is at most 256 letters, digits, `-` and `_`, with `.fifo` where it is one (SNS API
        // reference, `CreateTopic`).
        Kind::Topic => {
            let name = resource.strip_suffix(".fifo").unwrap_or(resource);
            account && plain(name) && resource.len() <= 256
        }
        Kind::ScalingPolicy => account && resource.starts_with("scalingPolicy:"),
        Kind::Instance => match arn.service() {
            // arn:aws:automate:REGION:ec2:stop
            Some("automate") => {
                arn.account() == Some("ec2")
                    && matches!(resource, "stop" | "terminate" | "reboot" | "recover")
            }
            _ => account && resource.starts_with("action/actions/AWS_EC2.InstanceId."),
        },
        Kind::OpsItem => account && resource.starts_with("opsitem:"),
        Kind::Incident => account && resource.starts_with("response-plan/"),
        Kind::Function => account && resource.strip_prefix("function:").is_some_and(|name| !name.is_empty()),
        Kind::Other => arn.service().is_some_and(|s| !s.is_empty()) && !resource.is_empty(),
    }
}

fn standing(look: &Look<'_>, alarm: &Arn, arn: &Arn, kind: Kind) -> Standing {
    if !is_well_formed(arn, kind) {
        return Standing::Malformed;
    }
    if matches!(kind, Kind::Instance | Kind::OpsItem) {
        // EC2 is asked to act on the instance that the alarm's dimension names; an OpsItem is made.
        return Standing::NotNeeded;
    }
    // A response plan is of no Region.
    let region = arn.region().is_some_and(|r| !r.is_empty() && alarm.region() != Some(r));
    if region || (alarm.account().is_some() && alarm.account() != arn.account()) {
        return Standing::Elsewhere;
    }
    if kind != Kind::Function {
        return Standing::NotLookedUp;
    }
    if look.inv.function_at(arn).is_some() {
        Standing::There
    } else if look.inv.functions.load().seen().is_some_and(|s| s.complete.gaps().is_empty()) {
        Standing::Missing
    } else {
        Standing::NotLookedUp
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Standing, of};
    use crate::config::Policy;
    use crate::estate::Arn;
    use crate::insight::examples::*;
    use crate::insight::{Inventory, Look, Picture};

    fn judge(inv: &Inventory, target: &str) -> (Kind, Standing) {
        let (picture, policy) = (Picture::of(inv, &[]), Policy::default());
        let look = Look { inv, picture: &picture, policy: &policy, runs: &[], incidents: &[], now: now() };
        let target = of(&look, &alarm_arn("a"), &Arn::new(target));
        (target.kind, target.standing)
    }

    #[test]
    fn every_form_of_the_reference_is_decoded() {
        let inv = Inventory::default();
        let here = "eu-central-1:123456789012";
        for (arn, kind, standing) in [
            (format!("arn:aws:sns:{here}:page"), Kind::Topic, Standing::NotLookedUp),
            (format!("arn:aws:sns:{here}:page.fifo"), Kind::Topic, Standing::NotLookedUp),
            (format!("arn:aws:sns:{here}:"), Kind::Topic, Standing::Malformed),
            (format!("arn:aws:sns:{here}:page:me"), Kind::Topic, Standing::Malformed),
            ("arn:aws:sns:eu-west-1:123456789012:page".into(), Kind::Topic, Standing::Elsewhere),
            ("arn:aws:sns:eu-central-1:210987654321:page".into(), Kind::Topic, Standing::Elsewhere),
            (
                format!("arn:aws:autoscaling:{here}:scalingPolicy:1:autoScalingGroupName/g:policyName/p"),
                Kind::ScalingPolicy,
                Standing::NotLookedUp,
            ),
            ("arn:aws:automate:eu-central-1:ec2:reboot".into(), Kind::Instance, Standing::NotNeeded),
            ("arn:aws:automate:eu-central-1:ec2:dance".into(), Kind::Instance, Standing::Malformed),
            (
                format!("arn:aws:swf:{here}:action/actions/AWS_EC2.InstanceId.Stop/1.0"),
                Kind::Instance,
                Standing::NotNeeded,
            ),
            (format!("arn:aws:ssm:{here}:opsitem:3#CATEGORY=Security"), Kind::OpsItem, Standing::NotNeeded),
            (
                "arn:aws:ssm-incidents::123456789012:response-plan/night".into(),
                Kind::Incident,
                Standing::NotLookedUp,
            ),
            (format!("arn:aws:lambda:{here}:function:f"), Kind::Function, Standing::NotLookedUp),
            (format!("arn:aws:aiops:{here}:investigation-group:x"), Kind::Other, Standing::NotLookedUp),
            ("page\u{1b}".into(), Kind::Other, Standing::Malformed),
        ] {
            assert_eq!(judge(&inv, &arn), (kind, standing), "{arn}");
        }
    }

    #[test]
    fn functions_are_there_or_not_once_all_were_read() {
        let mut inv = Inventory::default();
        functions(&mut inv, &[function("f", None)], &[], &[]);
        let at = |name: &str| judge(&inv, function_arn(name).wire()).1;
        assert_eq!([at("f"), at("f:live"), at("g")], [Standing::There, Standing::There, Standing::Missing]);
    }
}
