//! Writes to the keys of gateways. Nothing here is a compare-and-swap: names are not unique, values are.
//! Source: API Gateway API reference, `CreateApiKey`, `UpdateApiKey`, `DeleteApiKey`, `CreateUsagePlanKey`,
//! `DeleteUsagePlanKey`.

use super::Write;
use crate::estate::change::apigateway::Call;
use crate::estate::names::{ApiKeyId, UsagePlanId};
use crate::estate::{Fault, Receipt, Slot, Untrusted};
use crate::practice::faults;
use crate::practice::world::clients::Turns;
use crate::practice::world::gateway::{Key, Plan, Spreading};
use crate::practice::world::text::Text;
use crate::practice::world::user::characters;

/// The shortest and the longest value of a key, in characters ("Usage plans and API keys for REST APIs").
const LENGTHS: std::ops::RangeInclusive<usize> = 20..=128;

pub(super) fn make(mut write: Write<'_>, call: &Call) -> Result<Receipt, Fault> {
    let at = write.at;
    match call {
        Call::CreateApiKey { name, value, description } => create(&mut write, name, value, description),
        Call::UpdateApiKey { key, enabled } => {
            let row = find(&mut write, key)?;
            row.enabled.turn(*enabled, at);
            row.updated = at;
            Ok(Receipt::Done)
        }
        Call::DeleteApiKey { key } => delete(&mut write, key),
        Call::CreateUsagePlanKey { plan, key } => {
            find(&mut write, key)?;
            join(&mut write, plan, key)
        }
        Call::DeleteUsagePlanKey { plan, key } => {
            let op = write.op;
            let row = plan_of(&mut write, plan)?;
            if !row.has(key.wire()) {
                return Err(faults::missing(op, "NotFoundException", "Invalid Usage Plan Key specified"));
            }
            row.set(key.wire(), false, at);
            Ok(Receipt::Done)
        }
    }
}

fn find<'a>(write: &'a mut Write<'_>, id: &ApiKeyId) -> Result<&'a mut Key, Fault> {
    let (op, here) = (write.op, write.here);
    let found = write.world.keys.iter_mut().find(|k| here && k.exists.set && k.id == id.wire());
    found.ok_or_else(|| faults::missing(op, "NotFoundException", "Invalid API Key identifier specified"))
}

fn plan_of<'a>(write: &'a mut Write<'_>, id: &UsagePlanId) -> Result<&'a mut Plan, Fault> {
    let (op, here) = (write.op, write.here);
    let found = write.world.plans.iter_mut().find(|p| here && p.id == id.wire());
    found.ok_or_else(|| faults::missing(op, "NotFoundException", "Invalid Usage Plan ID specified"))
}

fn create(
    write: &mut Write<'_>,
    name: &Untrusted,
    value: &Slot,
    description: &Untrusted,
) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    let bytes = write.held(value)?;
    let wrong = |message: &str| faults::invalid(op, "BadRequestException", message);
    if bytes.len() < *LENGTHS.start() {
        return Err(wrong("API Key value should be at least 20 characters"));
    }
    if bytes.len() > *LENGTHS.end() || !bytes.iter().all(u8::is_ascii_graphic) {
        return Err(wrong("API Key value should be at most 128 characters, without spaces"));
    }
    if write.world.keys.iter().any(|k| k.exists.set && k.value.bytes() == bytes.as_slice()) {
        return Err(faults::conflict(op, "ConflictException", "API Key already exists"));
    }
    let id = characters(&mut write.world.fresh("key"), b"abcdefghijklmnopqrstuvwxyz0123456789", 10);
    let value = Text::written(bytes, true, &mut write.world.known).ok_or_else(|| wrong("not text"))?;
    write.world.keys.push(Key {
        id: id.clone(),
        name: name.wire().to_owned(),
        description: (!description.is_empty()).then(|| description.wire().to_owned()),
        created: at,
        updated: at,
        tags: Vec::new(),
        value,
        enabled: Spreading::always(false),
        exists: Spreading::since(true, false, at),
        turns: Turns::default(),
        counted: Vec::new(),
    });
    Ok(Receipt::ApiKey(ApiKeyId::new(id)))
}

/// A key that is gone already is deleted, as the port for AWS reads its 404.
fn delete(write: &mut Write<'_>, id: &ApiKeyId) -> Result<Receipt, Fault> {
    let at = write.at;
    if let Ok(key) = find(write, id) {
        key.exists.turn(false, at);
        for plan in write.world.plans.iter_mut().filter(|p| p.has(id.wire())) {
            plan.set(id.wire(), false, at);
        }
    }
    Ok(Receipt::Done)
}

fn join(write: &mut Write<'_>, id: &UsagePlanId, key: &ApiKeyId) -> Result<Receipt, Fault> {
    let (op, at) = (write.op, write.at);
    let plan = plan_of(write, id)?;
    let conflict = |message: &str| Err(faults::conflict(op, "ConflictException", message));
    if plan.has(key.wire()) {
        return conflict("Usage Plan already has this API Key");
    }
    let stage = (plan.api.clone(), plan.stage.clone());
    let same = |p: &Plan| p.has(key.wire()) && (p.api.as_str(), p.stage.as_str()) == (&*stage.0, &*stage.1);
    if write.world.plans.iter().any(same) {
        return conflict("API Key cannot be in two usage plans of the same API stage");
    }
    plan_of(write, id)?.set(key.wire(), true, at);
    Ok(Receipt::Done)
}
