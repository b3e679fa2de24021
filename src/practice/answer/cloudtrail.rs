//! What was done with which credentials, newest first, 50 a page, some minutes late. An event is in the Region in which
//! it happened; those of IAM and STS are in us-east-1. The trail that writes
//! them down is everywhere. Source: CloudTrail API reference, `LookupEvents`, `DescribeTrails`, `GetTrailStatus`.

use super::{Asked, text, time};
use crate::estate::ask::Cursor;
use crate::estate::ask::cloudtrail::{Answer, Ask};
use crate::estate::at::Region;
use crate::estate::fault::Fault;
use crate::estate::names::{AccessKeyId, Arn, UserName};
use crate::estate::trail::{Lookup, Minted, Trail, TrailEvent, TrailStatus};
use crate::practice::faults;
use crate::practice::world::trail::{Entry, Mint, delay};
use crate::practice::world::{self, DAY, REGION};

/// Events are kept for so long.
const KEPT: i64 = 90 * DAY;
/// `MaxResults` at most.
const PAGE: usize = 50;

pub(super) fn answer(
    asked: &Asked<'_>,
    ask: &Ask,
    region: &Region,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let world = asked.world;
    let q = match ask {
        Ask::LookupEvents(q) => q,
        Ask::DescribeTrails(_) => {
            asked.single()?;
            return Ok((Answer::DescribeTrails(world.standing.trails.iter().map(trail).collect()), None));
        }
        Ask::GetTrailStatus(q) => {
            asked.single()?;
            let missing = || {
                let message = format!("Unknown trail: {}", q.trail.wire());
                faults::missing(asked.op, "TrailNotFoundException", &message)
            };
            let found = world.trail_of(q.trail.wire()).ok_or_else(missing)?;
            let status = TrailStatus {
                logging: found.stopped.is_none(),
                started: Some(time(found.started)),
                stopped: found.stopped.map(time),
            };
            return Ok((Answer::GetTrailStatus(status), None));
        }
    };
    let from = q.from.as_second().max(world.now - KEPT);
    let to = world.now;
    let wanted = |e: &Entry| {
        let by = match &q.by {
            Lookup::Key(key) => e.key.as_deref() == Some(key.wire()),
            Lookup::User(name) => e.user == name.wire(),
            Lookup::Event(name) => e.name == name.wire(),
            Lookup::Resource(name) => is_about(e, name.wire()),
        };
        by && e.region == region.as_str() && (from..=to).contains(&e.at) && e.at + delay(e.id) <= world.now
    };
    let mut found: Vec<Entry> = world.trail.iter().filter(|e| wanted(e)).cloned().collect();
    if region.as_str() == REGION {
        found.extend(world.ordinary(from, to).into_iter().filter(|e| wanted(e)));
    }
    found.sort_by_key(|e| std::cmp::Reverse((e.at, e.id)));
    let about = format!("{:?} {}", q.by, region);
    let (page, next) = asked.newest(&about, &found, PAGE)?;
    Ok((Answer::LookupEvents(page.into_iter().map(told).collect()), next))
}

/// Whether an event names a thing among those that it was done to, or those that it made.
fn is_about(e: &Entry, name: &str) -> bool {
    let made = match &e.minted {
        Some(Mint::Key { key, user }) => key == name || user == name,
        Some(Mint::Role { .. } | Mint::User { .. } | Mint::Password { .. }) | None => false,
    };
    made || e.target.as_deref().is_some_and(|t| t == name)
}

fn trail(t: &world::standing::Trail) -> Trail {
    Trail { name: text(&t.name), arn: Arn::new(t.arn()), home: Some(text(REGION)), everywhere: true }
}

fn told(e: &Entry) -> TrailEvent {
    TrailEvent {
        id: text(&format!("{:016x}", e.id)),
        at: time(e.at),
        name: text(&e.name),
        source: text(&e.source),
        region: Some(text(&e.region)),
        source_ip: Some(text(&e.ip)),
        user_agent: Some(text(&e.agent)),
        key: e.key.as_deref().map(AccessKeyId::new),
        principal: Some(Arn::new(e.principal.as_str())),
        error: e.error.as_deref().map(text),
        read_only: Some(e.read_only),
        target: e.target.as_deref().map(text),
        minted: e.minted.as_ref().map(|m| match m {
            Mint::Role { key, arn } => {
                Minted::Role { key: AccessKeyId::new(key.as_str()), role: Arn::new(arn.as_str()) }
            }
            Mint::User { key } => Minted::User { key: AccessKeyId::new(key.as_str()) },
            Mint::Key { key, user } => {
                Minted::Key { key: AccessKeyId::new(key.as_str()), user: Some(UserName::new(user.as_str())) }
            }
            Mint::Password { user } => Minted::Password { user: UserName::new(user.as_str()) },
        }),
        secret: e.target.as_deref().filter(|_| e.name == "GetSecretValue").map(text),
    }
}
