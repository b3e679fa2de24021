//! How the clients of a key follow a rotation: once a new key beside the used one works, they move over to it;
//! when it stops working they go back. People do that, not AWS; it is told to nobody but by usage. It knows
//! keys of gateways and of users, and no questions.

use super::world::clients::{LATE, Turns, Use};
use super::world::gateway::Key;
use super::world::{Second, World};

/// A key and its clients.
struct Party<'a> {
    turns: &'a mut Turns,
    /// Whether it is let in.
    admitted: bool,
    /// Whether it is new, and clients may be given it.
    ready: bool,
    /// Keys of the same clients have one of these in common.
    groups: Vec<usize>,
}

/// Lets the clients of all keys turn to where the keys are, at `at`.
pub(super) fn settle(world: &mut World, at: Second) {
    let gateway: Vec<(bool, bool, Vec<usize>)> =
        world.keys.iter().map(|k| (is_admitted(world, k), works(world, k, at), plans(world, k))).collect();
    let start = world.start;
    let parties = world.keys.iter_mut().zip(gateway).map(|(key, (admitted, works, groups))| Party {
        ready: works && key.created >= start,
        turns: &mut key.turns,
        admitted,
        groups,
    });
    turn(&mut parties.collect::<Vec<_>>(), at);
    for user in &mut world.users {
        let text = user.secret.as_ref().and_then(|name| {
            let secret = world.secrets.iter().find(|s| s.name == *name && !s.gone)?;
            Some(secret.current()?.text.clone())
        });
        let parties = user.keys.iter_mut().map(|k| {
            let handed_out = text.as_ref().is_none_or(|t| t.mentions(k.id.as_bytes()));
            let moving = matches!(k.turns.now(), Use::Rising(since) if at - since < LATE);
            Party {
                ready: k.active && k.created >= start && handed_out,
                admitted: k.active && (handed_out || !moving),
                turns: &mut k.turns,
                groups: vec![0],
            }
        });
        turn(&mut parties.collect::<Vec<_>>(), at);
    }
}

fn turn(parties: &mut [Party<'_>], at: Second) {
    for p in parties.iter_mut() {
        match (p.turns.now(), p.admitted) {
            (Use::Nobody, true) => match p.turns.before() {
                // clients take up a new key again only where they find it
                Use::Rising(_) if !p.ready => {}
                before @ (Use::Nobody | Use::Everybody | Use::Fading(_) | Use::Rising(_)) => {
                    p.turns.turn(at, before);
                }
            },
            (Use::Everybody | Use::Fading(_) | Use::Rising(_), false) => p.turns.turn(at, Use::Nobody),
            (Use::Nobody, false) | (Use::Everybody | Use::Fading(_) | Use::Rising(_), true) => {}
        }
    }
    for i in 0..parties.len() {
        // its successor is gone before everybody had moved: they go back
        if let Some(Use::Fading(since)) = parties.get(i).map(|p| p.turns.now())
            && at - since < LATE
            && !parties.iter().any(|p| p.turns.now() == Use::Rising(since))
            && let Some(p) = parties.get_mut(i)
        {
            p.turns.turn(at, Use::Everybody);
        }
    }
    for i in 0..parties.len() {
        let Some(new) = parties.get(i).filter(|p| p.ready && p.turns.is_unused()) else { continue };
        let groups = new.groups.clone();
        let used = |p: &&mut Party<'_>| {
            let settled = match p.turns.now() {
                Use::Everybody => true,
                Use::Rising(since) => at - since >= LATE,
                Use::Nobody | Use::Fading(_) => false,
            };
            settled && p.groups.iter().any(|g| groups.contains(g))
        };
        let Some(old) = parties.iter_mut().find(used) else { continue };
        old.turns.turn(at, Use::Fading(at));
        if let Some(new) = parties.get_mut(i) {
            new.turns.turn(at, Use::Rising(at));
        }
    }
}

fn plans(world: &World, key: &Key) -> Vec<usize> {
    (0..world.plans.len()).filter(|p| world.plans.get(*p).is_some_and(|p| p.has(&key.id))).collect()
}

fn is_admitted(world: &World, key: &Key) -> bool {
    key.exists.set && key.enabled.set && world.plans.iter().any(|p| p.has(&key.id))
}

/// Whether a request with this key gets through gateway and function.
fn works(world: &World, key: &Key, at: Second) -> bool {
    is_admitted(world, key)
        && world.plans.iter().filter(|p| p.has(&key.id)).all(|plan| {
            let api = world.apis.iter().find(|a| a.id == plan.api);
            api.is_none_or(|api| takes(world, api, key.value.bytes(), at))
        })
}

/// Whether the function behind an API takes this key.
pub(super) fn takes(world: &World, api: &super::world::gateway::Api, key: &[u8], at: Second) -> bool {
    let Some(variable) = &api.variable else { return true };
    world
        .function(&api.function)
        .and_then(|f| world.functions.get(f)?.serving(api.qualifier.as_deref(), at))
        .and_then(|(_, variables)| variables.get(variable))
        .is_some_and(|list| list.lists(key))
}
