//! `incident gather`: keeps evidence of the credentials that an incident's runs name, and of those that were named. It
//! reads AWS and changes nothing there.

use super::{Nobody, fault, writer};
use crate::cli::args::LogLevel;
use crate::cli::exit::Failure;
use crate::cli::out::Out;
use crate::cli::read;
use crate::cli::run::World;
use crate::cli::setup::Setup;
use crate::diagnose::quoted;
use crate::engine::incidents::{Gathering, IncidentFault};
use crate::engine::runs::Site;
use crate::estate::{AccessKeyId, ApiKeyId, Region, RoleName, Untrusted, UserName};
use crate::runbook::incident::IncidentId;
use crate::runbook::verbs;
use std::sync::Arc;
use std::time::Duration;

/// What a command line names.
pub(super) struct Named<'a> {
    pub key: &'a [String],
    pub user: &'a [String],
    pub role: &'a [String],
    pub api_key: &'a [String],
    pub requests: bool,
    pub log_group: &'a [String],
    pub address: &'a [std::net::IpAddr],
    pub back: Duration,
    pub in_region: &'a [String],
}

/// Gathers it.
///
/// # Errors
/// Nothing is named; nothing may be written here; a file cannot be written.
pub(super) async fn run(
    id: &IncidentId,
    named: &Named<'_>,
    (setup, world): (&Setup, &World),
    out: &mut Out,
) -> Result<(), Failure> {
    if setup.context.read_only {
        return Err(fault(&IncidentFault::ReadOnly));
    }
    let incidents = writer(setup, world, out).await?;
    let opened = read::open(setup, &world.estates, Arc::new(Nobody)).await?;
    let picture = world.archive.picture(id.as_str()).await.map_err(|f| fault(&f))?;
    let mut what = Gathering::named_by(&picture);
    what.keys.extend(named.key.iter().map(|k| AccessKeyId::new(k.as_str())));
    what.users.extend(named.user.iter().map(|u| UserName::new(u.as_str())));
    what.roles.extend(named.role.iter().map(|r| RoleName::new(r.as_str())));
    what.api_keys.extend(named.api_key.iter().map(|k| ApiKeyId::new(k.as_str())));
    what.requests |= named.requests;
    what.log_groups = named.log_group.iter().map(|g| Untrusted::from(g.as_str())).collect();
    what.addresses = named.address.to_vec();
    what.back_s = i64::try_from(named.back.as_secs()).unwrap_or(i64::MAX);
    what.regions = regions(named.in_region, &opened.ports.region)?;
    if what.is_empty() {
        let words = "the incident's runs name no key, user or role: name one with --key, --user, --role or --api-key, or ask \
                     for --requests";
        return Err(Failure::usage(words));
    }
    let site = Site {
        context: setup.context.name.clone(),
        read_only: setup.context.read_only,
        production: setup.context.production,
    };
    let runs = world.archive.over(opened.ports, site);
    let kept = incidents.gather(id, &runs, &what, |doing| out.note(LogLevel::Info, doing)).await;
    for file in kept.map_err(|f| fault(&f))? {
        out.note(LogLevel::Warn, format!("kept {}: {}", file.file, crate::cli::say::safe(&file.holds)));
    }
    Ok(())
}

/// The Regions that were named, or those that every account has and the context's own.
fn regions(named: &[String], own: &Region) -> Result<Vec<Region>, Failure> {
    let read = |word: &str| {
        Region::new(word)
            .ok_or_else(|| Failure::usage(format!("--in-region: {} is no code of a Region", quoted(word))))
    };
    if !named.is_empty() {
        return named.iter().map(|word| read(word)).collect();
    }
    let mut all = verbs::ALWAYS.iter().map(|word| read(word)).collect::<Result<Vec<_>, _>>()?;
    if !all.contains(own) {
        all.push(own.clone());
    }
    Ok(all)
}
