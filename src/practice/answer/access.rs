//! The access logs of gateways: a line for each request, of the ordinary clients of keys and of whoever else calls. Nothing of
//! it is stored: it follows from how keys are used, and from what an intruder did meanwhile. What a caller says of itself is
//! in a line as it was said, and need not be what it says. Source: API Gateway developer guide, "Variables for access
//! logging".

use crate::estate::Timestamp;
use crate::estate::time::plus_seconds;
use crate::practice::intruder::ADDRESS;
use crate::practice::prng::{mix, word};
use crate::practice::world::gateway::{Api, Plan};
use crate::practice::world::trail::Entry;
use crate::practice::world::{DAY, Second, World};

/// What a line says.
pub(super) const FORMAT: &str = r#"{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","apiKeyId":"$context.identity.apiKeyId","requestTime":"$context.requestTime","httpMethod":"$context.httpMethod","path":"$context.path","status":"$context.status","userAgent":"$context.identity.userAgent"}"#;
/// Lines are kept for so long.
const KEPT: i64 = 7 * DAY;
/// Requests an hour of those who need no key.
const PER_HOUR: u64 = 30;
/// Seconds after what he did at AWS until the intruder calls the API.
const AFTER: [i64; 2] = [4, 11];
/// What he says he is: it would set the title of a terminal and clear it.
const AGENT: &str = "curl/8.5 \u{1b}]0;owned\u{7}\u{1b}[2J";

/// A line.
pub(super) struct Written {
    /// By which lines are in order.
    pub name: String,
    pub at: Second,
    pub said: String,
}

/// A request.
struct Request<'a> {
    at: Second,
    ip: String,
    key: &'a str,
    stage: &'a str,
    status: u16,
    agent: &'a str,
}

/// What an API's stages wrote from `from` to `to`, oldest first.
pub(super) fn lines(world: &World, api: &Api, from: Second, to: Second) -> Vec<Written> {
    let (from, to) = (from.max(world.now - KEPT), to.min(world.now));
    let mut requests = Vec::new();
    for stage in &api.keyed {
        let plans = world.plans.iter().filter(|p| p.api == api.id && p.stage == *stage);
        plans.for_each(|plan| clients(world, plan, (from, to), &mut requests));
    }
    for stage in &api.open {
        for hour in hours(from, to) {
            let seed = mix(world.seed, word(&api.id), hour.unsigned_abs());
            spread(hour, PER_HOUR, seed, |at, n| {
                requests.push(Request {
                    at,
                    ip: caller(n),
                    key: "-",
                    stage,
                    status: 200,
                    agent: "shop-app/4.1",
                });
            });
        }
    }
    let his = |e: &&Entry| e.ip == ADDRESS;
    for (entry, after) in world.trail.iter().filter(his).flat_map(|e| AFTER.map(|after| (e, after))) {
        let Some(stage) = api.open.first().or(api.keyed.first()) else { continue };
        let status = if api.open.is_empty() { 403 } else { 200 };
        let (at, ip) = (entry.at + after, ADDRESS.to_owned());
        requests.push(Request { at, ip, key: "-", stage, status, agent: AGENT });
    }
    requests.retain(|r| (from..=to).contains(&r.at));
    requests.sort_by(|a, b| (a.at, &a.ip, a.key).cmp(&(b.at, &b.ip, b.key)));
    requests.iter().zip(0..).map(|(request, n)| written(api, request, n)).collect()
}

/// The requests that the clients of a plan make with its keys.
fn clients<'a>(world: &'a World, plan: &'a Plan, (from, to): (Second, Second), into: &mut Vec<Request<'a>>) {
    for key in world.keys.iter().filter(|k| plan.had(&k.id)) {
        let seed = mix(world.seed, word(&key.id), word(&plan.id));
        for hour in hours(from.max(key.created), to) {
            let many = key.turns.in_hour(seed, plan.per_day, hour, world.now);
            spread(hour, many, seed, |at, n| {
                let status = if key.enabled.known(at) { 200 } else { 403 };
                let agent = "log-shipper/2.7";
                into.push(Request { at, ip: caller(n), key: &key.id, stage: &plan.stage, status, agent });
            });
        }
    }
}

fn hours(from: Second, to: Second) -> impl Iterator<Item = Second> {
    let first = from - from.rem_euclid(3_600);
    (0..).map(move |n| first + n * 3_600).take_while(move |hour| *hour <= to)
}

/// So many in an hour, at seconds of their own.
fn spread(hour: Second, many: u64, seed: u64, mut each: impl FnMut(Second, u64)) {
    for n in 0..many {
        let draw = mix(seed, hour.unsigned_abs(), n);
        let share = i64::try_from(n * 3_600 / many.max(1)).unwrap_or(0);
        each(hour + share + (draw % 7).cast_signed(), draw);
    }
}

/// One of some callers.
fn caller(draw: u64) -> String {
    format!("198.51.100.{}", 10 + draw % 9)
}

fn written(api: &Api, r: &Request<'_>, n: u32) -> Written {
    let id = mix(word(&api.id), r.at.unsigned_abs(), u64::from(n));
    let time: Timestamp = plus_seconds(Timestamp::UNIX_EPOCH, r.at);
    let said = format!(
        r#"{{"requestId":"{:08x}-{:04x}-4000-8000-{:012x}","ip":"{}","apiKeyId":"{}","requestTime":"{}","httpMethod":"GET","path":"/{}/orders","status":"{}","userAgent":"{}"}}"#,
        id >> 32,
        id & 0xffff,
        id >> 16,
        r.ip,
        r.key,
        time.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        r.stage,
        r.status,
        r.agent
    );
    Written { name: format!("{:012}-{n:08}", r.at), at: r.at, said }
}
