//! The practice estate's own outside: requests to its gateways. The gateway admits by key, plan and stage (403),
//! then the function looks at the key itself (401), as the log API of the five systems does; both know of a
//! change only after a while. No other host is there.

use crate::estate::outside::Canary;
use crate::estate::{Fault, FaultKind, Vault};
use crate::practice::migrate;
use crate::practice::world::gateway::Api;
use crate::practice::world::{REGION, World};

/// The status of the answer.
pub(super) fn send(world: &mut World, canary: &Canary, vault: &Vault) -> Result<u16, Fault> {
    let fault = |kind, why: &str| Fault::new(kind, "", why.to_owned());
    if !matches!(canary.method.wire(), "GET" | "POST" | "HEAD") {
        return Err(fault(FaultKind::Invalid, "a canary is a GET, a POST or a HEAD"));
    }
    let Some(key) = vault.copy(&canary.key) else {
        return Err(fault(FaultKind::Invalid, "nothing is held in the slot of the key"));
    };
    let Some((host, path)) = split(canary.url.wire()) else {
        return Err(fault(FaultKind::Invalid, "a canary goes to an https URL"));
    };
    let known = |a: &&Api| host == format!("{}.execute-api.{REGION}.amazonaws.com", a.id);
    let Some(api) = world.apis.iter().find(known).cloned() else {
        return Err(fault(FaultKind::Unreachable, "the practice estate has no such host"));
    };
    let stage = path.split(['/', '?']).next().unwrap_or_default();
    let named = canary.header.wire().eq_ignore_ascii_case("x-api-key") && canary.prefix.is_empty();
    if api.open.iter().any(|s| s == stage) {
        return Ok(behind(world, &api, if named { &key } else { b"" }));
    }
    // a stage that does not exist is answered with 403, too ("Missing Authentication Token")
    if !named || !api.keyed.iter().any(|s| s == stage) || !admits(world, &api, stage, &key) {
        return Ok(403);
    }
    Ok(behind(world, &api, &key))
}

/// Host and path, without the slash between them.
fn split(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

/// Whether the gateway lets a key in; a request that it lets in counts as use of the key.
fn admits(world: &mut World, api: &Api, stage: &str, value: &[u8]) -> bool {
    let now = world.now;
    let is_in = |k: &&mut crate::practice::world::gateway::Key| {
        k.value.bytes() == value && k.exists.known(now) && k.enabled.known(now)
    };
    let Some(key) = world.keys.iter_mut().find(is_in) else { return false };
    let of_stage = world.plans.iter().filter(|p| p.api == api.id && p.stage == stage);
    let Some(plan) = of_stage.into_iter().find(|p| p.admits(&key.id, now)) else { return false };
    key.count(&plan.id, now);
    true
}

fn behind(world: &World, api: &Api, key: &[u8]) -> u16 {
    let function = world.function(&api.function).and_then(|f| world.functions.get(f));
    match function.and_then(|f| f.serving(api.qualifier.as_deref(), world.now)) {
        Some((config, _)) if config.active_at <= world.now => {
            if migrate::takes(world, api, key, world.now) {
                200
            } else {
                401
            }
        }
        Some(_) | None => 502,
    }
}
