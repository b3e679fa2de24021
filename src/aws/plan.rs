//! Which credentials a context means, read from the profile files as the AWS documentation has it ("Shared
//! config and credentials files", "Assume role credential provider"). Pure over the parsed files; nothing is
//! loaded here. Roles are always assumed by us, not by aws-config: it never asks for an MFA code and does
//! not know the context's endpoint.

use super::origin::{Origin, find};
use crate::diagnose::nearest;
use crate::estate::{Context, Fault, FaultKind};
use aws_config::profile::{Profile, ProfileSet};

/// Where the first credentials come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Base {
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// What this profile says, left to aws-config.
    Profile { name: String, origin: Origin },
    /// The keys written in this profile.
    Keys { profile: String },
    /// The endpoint of a container.
    Container,
    /// The metadata service of an instance.
    Instance,
    /// Nothing is configured: web identity, container and instance in turn.
    Surroundings,
}

/// A role to assume over what came before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Role {
    pub arn: String,
    pub mfa_serial: Option<String>,
    pub external_id: Option<String>,
    pub session_name: Option<String>,
    pub duration_s: Option<i32>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Plan {
    pub base: Base,
    /// In the order in which they are assumed.
    pub roles: Vec<Role>,
}

/// The plan for `context`. A profile that the context names outranks keys in the environment, as with the
/// AWS CLI's `--profile`; one that `AWS_PROFILE` names does not.
pub(super) fn plan(set: &ProfileSet, context: &Context, keys_in_environment: bool) -> Result<Plan, Fault> {
    let mut plan = match &context.profile {
        None if keys_in_environment => Plan { base: Base::Environment, roles: Vec::new() },
        None => walk(set, set.selected_profile(), false)?,
        Some(profile) => walk(set, profile, true)?,
    };
    match (&context.role, plan.roles.last_mut()) {
        (Some(arn), _) => plan.roles.push(Role {
            arn: arn.clone(),
            mfa_serial: context.mfa_serial.clone(),
            external_id: None,
            session_name: None,
            duration_s: None,
        }),
        (None, Some(last)) if last.mfa_serial.is_none() => last.mfa_serial.clone_from(&context.mfa_serial),
        (None, _) => {}
    }
    Ok(plan)
}

fn walk(set: &ProfileSet, first: &str, named: bool) -> Result<Plan, Fault> {
    let mut seen: Vec<&str> = Vec::new();
    let mut roles = Vec::new();
    let mut name = first;
    let base = loop {
        let Some(profile) = set.get_profile(name) else {
            match seen.last() {
                Some(by) => {
                    return Err(wrong(format!(
                        "profile {by} names source_profile {name}, which does not exist"
                    )));
                }
                None if !named && name == "default" => break Base::Surroundings,
                None => return Err(wrong(missing(set, name))),
            }
        };
        if seen.contains(&name) {
            return Err(wrong(format!("the source_profile of {} leads back to {name}", seen.join(", "))));
        }
        seen.push(name);
        // A source profile with keys ends the chain, even if it has a role too.
        if seen.len() > 1 && has_keys(profile) {
            break Base::Keys { profile: name.to_owned() };
        }
        let Some(role) = role(profile)? else {
            match base(profile) {
                Some(base) => break base,
                None if seen.len() == 1 => break Base::Surroundings,
                None => {
                    return Err(wrong(format!("profile {name} is a source_profile and has no credentials")));
                }
            }
        };
        roles.push(role);
        match (profile.get("source_profile"), profile.get("credential_source")) {
            (Some(source), None) if source != name => name = source,
            (Some(_), None) if has_keys(profile) => break Base::Keys { profile: name.to_owned() },
            (None, Some(source)) => break named_source(name, source)?,
            (Some(_), None) => {
                return Err(wrong(format!("profile {name} is its own source_profile and has no keys")));
            }
            (Some(_), Some(_)) | (None, None) => {
                return Err(wrong(format!(
                    "profile {name} has a role_arn and needs either source_profile or credential_source"
                )));
            }
        }
    };
    roles.reverse();
    Ok(Plan { base, roles })
}

/// What a profile without a role says about its credentials, if anything.
fn base(profile: &Profile) -> Option<Base> {
    let name = || profile.name().to_owned();
    let has = |key: &str| profile.get(key).is_some();
    let left_to_aws = |origin: Origin| Some(Base::Profile { name: name(), origin });
    if has("web_identity_token_file") {
        left_to_aws(Origin::WebIdentity)
    } else if has("sso_session") || has("sso_start_url") {
        left_to_aws(Origin::Sso { profile: name() })
    } else if has("login_session") {
        left_to_aws(Origin::Login { profile: name() })
    } else if has("credential_process") {
        left_to_aws(Origin::Process { profile: name() })
    } else if has_keys(profile) {
        Some(Base::Keys { profile: name() })
    } else {
        None
    }
}

fn role(profile: &Profile) -> Result<Option<Role>, Fault> {
    let own = |key: &str| profile.get(key).map(str::to_owned);
    // With a token file the role is assumed with the token, as a first step.
    let Some(arn) = own("role_arn").filter(|_| profile.get("web_identity_token_file").is_none()) else {
        return Ok(None);
    };
    let duration_s = own("duration_seconds").map(|d| {
        let number = d.trim().parse::<i32>();
        number.map_err(|_| wrong(format!("duration_seconds of profile {} is not a number", profile.name())))
    });
    Ok(Some(Role {
        arn,
        mfa_serial: own("mfa_serial"),
        external_id: own("external_id"),
        session_name: own("role_session_name"),
        duration_s: duration_s.transpose()?,
    }))
}

fn named_source(profile: &str, source: &str) -> Result<Base, Fault> {
    match source.to_ascii_lowercase().as_str() {
        "environment" => Ok(Base::Environment),
        "ec2instancemetadata" => Ok(Base::Instance),
        "ecscontainer" => Ok(Base::Container),
        _other => Err(wrong(format!(
            "credential_source {source} of profile {profile} is none of Environment, Ec2InstanceMetadata, EcsContainer"
        ))),
    }
}

fn has_keys(profile: &Profile) -> bool {
    profile.get("aws_access_key_id").is_some()
}

fn missing(set: &ProfileSet, name: &str) -> String {
    let mut names: Vec<&str> = set.profiles().collect();
    names.sort_unstable();
    if names.is_empty() {
        return format!("profile {name} does not exist, for there is no profile at all; {}", find());
    }
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("profile {name} does not exist; did you mean {near}?"),
        None => format!("profile {name} does not exist; there are {}", names.join(", ")),
    }
}

/// A fault of the configuration: `what` is what to mend.
pub(super) fn wrong(what: String) -> Fault {
    Fault::new(FaultKind::NoCredentials { mend: what.as_str().into() }, "", what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_types::os_shim_internal::{Env, Fs};

    async fn planned(
        config: &str,
        profile: Option<&str>,
        change: impl FnOnce(&mut Context),
    ) -> Result<Plan, Fault> {
        let env = Env::from_slice(&[("HOME", "/home/me"), ("AWS_CONFIG_FILE", "/c")]);
        let fs = Fs::from_slice(&[("/c", config)]);
        #[allow(deprecated)]
        let files = aws_config::profile::profile_file::ProfileFiles::default();
        let set = aws_config::profile::load(&fs, &env, &files, None).await.unwrap();
        let mut context = Context { profile: profile.map(str::to_owned), ..Context::named("x") };
        change(&mut context);
        plan(&set, &context, false)
    }

    fn bare_role(arn: &str) -> Role {
        Role { arn: arn.into(), mfa_serial: None, external_id: None, session_name: None, duration_s: None }
    }

    #[tokio::test]
    async fn each_kind_of_profile_has_its_origin() {
        let p = || "p".to_owned();
        for (lines, origin) in [
            ("sso_session = s", Origin::Sso { profile: p() }),
            ("sso_start_url = https://x", Origin::Sso { profile: p() }),
            ("login_session = arn", Origin::Login { profile: p() }),
            ("credential_process = /bin/x", Origin::Process { profile: p() }),
            ("web_identity_token_file = /t\nrole_arn = r", Origin::WebIdentity),
        ] {
            let found = planned(&format!("[profile p]\n{lines}\n"), Some("p"), |_| {}).await.unwrap();
            assert_eq!(found, Plan { base: Base::Profile { name: p(), origin }, roles: vec![] }, "{lines}");
        }
        let keys = planned("[profile p]\naws_access_key_id = a\n", Some("p"), |_| {}).await.unwrap();
        assert_eq!(keys.base, Base::Keys { profile: p() });
        let region_only = planned("[profile p]\nregion = x\n", Some("p"), |_| {}).await.unwrap();
        assert_eq!(region_only.base, Base::Surroundings);
        assert_eq!(planned("", None, |_| {}).await.unwrap().base, Base::Surroundings);
    }

    #[tokio::test]
    async fn roles_are_assumed_from_the_inside_out() {
        let config = "[profile a]\nrole_arn = A\nsource_profile = b\nmfa_serial = m\nexternal_id = e\n\
                      role_session_name = n\nduration_seconds = 900\n\
                      [profile b]\nrole_arn = B\ncredential_source = EcsContainer\n";
        let found = planned(config, Some("a"), |_| {}).await.unwrap();
        let outer = Role {
            arn: "A".into(),
            mfa_serial: Some("m".into()),
            external_id: Some("e".into()),
            session_name: Some("n".into()),
            duration_s: Some(900),
        };
        assert_eq!(found, Plan { base: Base::Container, roles: vec![bare_role("B"), outer] });
    }

    #[tokio::test]
    async fn a_source_with_keys_ends_the_chain_and_a_profile_may_be_its_own_source() {
        let config = "[profile a]\nrole_arn = A\nsource_profile = b\n\
                      [profile b]\nrole_arn = B\nsource_profile = a\naws_access_key_id = k\n\
                      [profile own]\nrole_arn = O\nsource_profile = own\naws_access_key_id = k\n";
        let found = planned(config, Some("a"), |_| {}).await.unwrap();
        assert_eq!(found, Plan { base: Base::Keys { profile: "b".into() }, roles: vec![bare_role("A")] });
        let found = planned(config, Some("own"), |_| {}).await.unwrap();
        assert_eq!(found, Plan { base: Base::Keys { profile: "own".into() }, roles: vec![bare_role("O")] });
    }

    #[tokio::test]
    async fn the_context_adds_its_role_and_its_serial() {
        let config = "[default]\nrole_arn = A\ncredential_source = Environment\n";
        let mfa = |c: &mut Context| c.mfa_serial = Some("m".into());
        let found = planned(config, None, mfa).await.unwrap();
        let asked = |arn: &str| Role { mfa_serial: Some("m".into()), ..bare_role(arn) };
        assert_eq!(found, Plan { base: Base::Environment, roles: vec![asked("A")] });
        let both = |c: &mut Context| (c.role, c.mfa_serial) = (Some("R".into()), Some("m".into()));
        let found = planned(config, None, both).await.unwrap();
        assert_eq!(found.roles, vec![bare_role("A"), asked("R")]);
    }

    #[tokio::test]
    async fn what_cannot_work_is_said() {
        for (lines, words) in [
            ("role_arn = r\ncredential_source = Moon", "Moon"),
            ("role_arn = r\nsource_profile = q", "source_profile q, which does not exist"),
            ("role_arn = r\nsource_profile = p", "its own source_profile"),
            ("role_arn = r\nsource_profile = p\nduration_seconds = long", "not a number"),
        ] {
            let f = planned(&format!("[profile p]\n{lines}\n"), Some("p"), |_| {}).await.unwrap_err();
            assert!(f.to_string().contains(words), "{f}");
        }
    }
}
