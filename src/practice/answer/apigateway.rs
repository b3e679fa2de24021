//! Keys and usage plans of gateways, and what was used of them. Sources: API Gateway API reference,
//! `GetApiKeys` (500 a page at most; 100 here), `GetUsagePlans`, `GetUsage`; a key's value is in none of
//! these answers.

use super::{Asked, maybe, pairs, text, time};
use crate::estate::api_key::{ApiKey, KeyUsage, UsagePlan};
use crate::estate::ask::Cursor;
use crate::estate::ask::apigateway::{Answer, Ask, GetUsage};
use crate::estate::fault::Fault;
use crate::estate::names::{ApiKeyId, Arn, RestApiId, UsagePlanId};
use crate::estate::rest_api::{RestApi, Stage};
use crate::estate::time::Timestamp;
use crate::practice::faults;
use crate::practice::prng::{mix, word};
use crate::practice::world::gateway::{Api, Key, Plan};
use crate::practice::world::{ACCOUNT, DAY, REGION};

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    match ask {
        Ask::GetApiKeys(q) => {
            let prefix = q.name_prefix.as_ref().map_or("", |p| p.wire());
            let named = |k: &&Key| k.exists.set && k.name.starts_with(prefix);
            let mut rows: Vec<&Key> = asked.rows(keys(asked)).into_iter().filter(named).collect();
            rows.sort_by(|a, b| a.id.cmp(&b.id));
            let (page, next) = asked.page(prefix, &rows, 100, |k| &k.id)?;
            Ok((Answer::GetApiKeys(page.into_iter().map(key).collect()), next))
        }
        Ask::GetApiKey(q) => {
            asked.single()?;
            Ok((Answer::GetApiKey(key(find(asked, &q.key)?)), None))
        }
        Ask::GetUsagePlans(q) => {
            let wanted = q.key.as_ref().map(ApiKeyId::wire);
            let mut rows = asked.rows(&asked.world.plans);
            rows.retain(|p| wanted.is_none_or(|k| p.has(k)));
            rows.sort_by(|a, b| a.id.cmp(&b.id));
            let (page, next) = asked.page(wanted.unwrap_or_default(), &rows, 100, |p| &p.id)?;
            let plan = |p: &Plan| UsagePlan { id: UsagePlanId::new(p.id.as_str()), name: text(&p.name) };
            Ok((Answer::GetUsagePlans(page.into_iter().map(plan).collect()), next))
        }
        Ask::GetUsage(q) => {
            asked.single()?;
            Ok((Answer::GetUsage(usage(asked, q)?), None))
        }
        Ask::GetRestApis(_) => {
            let mut rows = asked.rows(&asked.world.apis);
            rows.sort_by(|a, b| a.id.cmp(&b.id));
            let (page, next) = asked.page("", &rows, 100, |a| &a.id)?;
            let api = |a: &Api| RestApi { id: RestApiId::new(a.id.as_str()), name: text(&a.function) };
            Ok((Answer::GetRestApis(page.into_iter().map(api).collect()), next))
        }
        Ask::GetStages(q) => {
            asked.single()?;
            let found = asked.rows(&asked.world.apis).into_iter().find(|a| a.id == q.api.wire());
            let missing = || {
                let message = "Invalid API identifier specified";
                faults::missing(asked.op, "NotFoundException", message)
            };
            Ok((Answer::GetStages(stages(found.ok_or_else(missing)?)), None))
        }
    }
}

/// The keys as this question sees them: those of before a write that is not seen everywhere yet, perhaps.
fn keys<'a>(asked: &Asked<'a>) -> &'a [Key] {
    asked.world.seen_keys(asked.op.name)
}

fn find<'a>(asked: &Asked<'a>, id: &ApiKeyId) -> Result<&'a Key, Fault> {
    let found = asked.rows(keys(asked)).into_iter().find(|k| k.exists.set && k.id == id.wire());
    found
        .ok_or_else(|| faults::missing(asked.op, "NotFoundException", "Invalid API Key identifier specified"))
}

fn stages(api: &Api) -> Vec<Stage> {
    let arn = |group: &String| Arn::new(format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"));
    let stage = |name: &String| Stage {
        name: text(name),
        log: api.log.as_ref().map(arn),
        format: api.log.as_ref().map(|_| text(super::access::FORMAT)),
    };
    api.keyed.iter().chain(&api.open).map(stage).collect()
}

fn key(k: &Key) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(k.id.as_str()),
        name: text(&k.name),
        description: maybe(k.description.as_ref()),
        enabled: k.enabled.set,
        created: Some(time(k.created)),
        updated: Some(time(k.updated)),
        tags: pairs(&k.tags),
    }
}

/// The longest span that may be asked about, in days ("Usage data for a maximum of 90 days").
const SPAN: i64 = 90;

fn usage(asked: &Asked<'_>, q: &GetUsage) -> Result<KeyUsage, Fault> {
    let world = asked.world;
    let Some(plan) = asked.rows(&world.plans).into_iter().find(|p| p.id == q.plan.wire()) else {
        let message = "Invalid Usage Plan ID specified";
        return Err(faults::missing(asked.op, "NotFoundException", message));
    };
    let refused = |message: &str| faults::invalid(asked.op, "BadRequestException", message);
    let day = |t: &str| -> Option<i64> {
        let start: Timestamp = format!("{t}T00:00:00Z").parse().ok()?;
        (t.len() == 10).then(|| start.as_second().div_euclid(DAY))
    };
    let (Some(from), Some(to)) = (day(q.from.wire()), day(q.to.wire())) else {
        return Err(refused("Invalid date specified, expected yyyy-MM-dd"));
    };
    if from > to || to - from > SPAN {
        return Err(refused("The end date must be after the start date, and within 90 days of it"));
    }
    // what never was in the plan has no entry in the answer
    let Some(key) = world.keys.iter().find(|k| k.id == q.key.wire() && plan.had(&k.id)) else {
        return Ok(KeyUsage::default());
    };
    let seed = mix(world.seed, word(&key.id), word(&plan.id));
    let of_day = |day: i64| {
        let hours = (0..24).map(|h| day * DAY + h * 3_600).filter(|h| *h >= key.created && *h <= world.now);
        let many: u64 = hours.map(|h| key.turns.in_hour(seed, plan.per_day, h, world.now)).sum();
        let seen = key.counted.iter().filter(|(p, d, _)| *p == plan.id && *d == day);
        many + seen.map(|(_, _, n)| n).sum::<u64>()
    };
    Ok(KeyUsage { per_day: (from..=to).map(of_day).collect() })
}
