//! What an intruder leaves behind that is no credential: a function that does his work or that anybody may call, a layer, an
//! instance, a provider to sign in by, and a trail that writes no more. Operations are those of the API references.

use super::intruder::Refused;
use super::prng::word;
use super::world::standing::{Instance, Layer, Provider, Rule};
use super::world::{REGION, Second, World};
use crate::estate::names::FunctionName;
use crate::estate::{Region, Untrusted};

/// What is left behind.
#[derive(Clone, Debug)]
pub enum Leaving {
    /// New code of a function.
    Code(FunctionName),
    /// A URL of a function that anybody may call.
    Url(FunctionName),
    /// A layer.
    Layer(Untrusted),
    /// An instance in a Region.
    Instance(Region),
    /// A SAML provider.
    Provider(Untrusted),
    /// A trail that was told to stop.
    Silence(Untrusted),
    /// A rule that runs something every few minutes.
    Rule(Untrusted),
}

impl Leaving {
    /// The operation, the service, and where.
    pub(super) fn words(&self) -> (String, String, String) {
        let of = |name: &str, service: &str, region: &str| {
            (name.to_owned(), format!("{service}.amazonaws.com"), region.to_owned())
        };
        match self {
            Leaving::Code(_) => of("UpdateFunctionCode20150331v2", "lambda", REGION),
            Leaving::Url(_) => of("CreateFunctionUrlConfig", "lambda", REGION),
            Leaving::Layer(_) => of("PublishLayerVersion20181031", "lambda", REGION),
            Leaving::Instance(region) => of("RunInstances", "ec2", region.as_str()),
            Leaving::Provider(_) => of("CreateSAMLProvider", "iam", REGION),
            Leaving::Silence(_) => of("StopLogging", "cloudtrail", REGION),
            Leaving::Rule(_) => of("PutRule", "events", REGION),
        }
    }

    /// What it is done to, as the event's parameters name it: those of `RunInstances` name no instance.
    pub(super) fn target(&self) -> Option<String> {
        match self {
            Leaving::Code(function) | Leaving::Url(function) => Some(function.wire().to_owned()),
            Leaving::Layer(name) | Leaving::Provider(name) | Leaving::Silence(name) | Leaving::Rule(name) => {
                Some(name.wire().to_owned())
            }
            Leaving::Instance(_) => None,
        }
    }

    pub(super) fn perform(&self, world: &mut World, at: Second) -> Result<(), Refused> {
        let function = |world: &World, name: &FunctionName| world.function(name.wire());
        match self {
            Leaving::Code(name) => {
                let place = function(world, name).ok_or(Refused::Denied)?;
                if let Some(f) = world.functions.get_mut(place) {
                    f.latest.code = format!("{:016x}=", word(&format!("{at} {}", name.wire())));
                    f.modified = at;
                }
            }
            Leaving::Url(name) => {
                let place = function(world, name).ok_or(Refused::Denied)?;
                let f = world.functions.get_mut(place).filter(|f| f.url.is_none()).ok_or(Refused::Denied)?;
                (f.url, f.opened) = (Some("NONE".into()), at);
            }
            Leaving::Layer(name) => {
                world.standing.layers.push(Layer { name: name.wire().to_owned(), published: at });
            }
            Leaving::Instance(region) => {
                let id = format!("i-{:016x}0", world.fresh("instance").draw());
                let region = region.as_str().to_owned();
                world.standing.instances.push(Instance { id, region, launched: at });
            }
            Leaving::Provider(name) => {
                world.standing.providers.push(Provider { name: name.wire().to_owned(), created: at });
            }
            Leaving::Silence(name) => {
                let trails = &mut world.standing.trails;
                let trail = trails.iter_mut().find(|t| t.name == name.wire()).ok_or(Refused::Denied)?;
                trail.stopped = Some(at);
            }
            Leaving::Rule(name) => world.standing.rules.push(Rule {
                name: name.wire().to_owned(),
                region: REGION.into(),
                schedule: "rate(5 minutes)".into(),
                target: super::world::arn("lambda", "function:keeps-in"),
            }),
        }
        Ok(())
    }
}
