//! The questions to CloudTrail. The record of an event is JSON in a text; `record` takes from it what is said and
//! leaves what is secret (`AssumeRole`'s answer holds a session token) unread.

mod record;

use super::convert::{date_time, need, next, text, time, token};
use super::fault::Judge;
use crate::estate::ask::cloudtrail::{Answer, Ask};
use crate::estate::{AccessKeyId, Arn, Cursor, Fault, Lookup, Trail, TrailEvent, TrailStatus, Untrusted};
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};

/// `MaxResults` goes up to 50.
const PAGE: i32 = 50;

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::LookupEvents(q) => {
            let (key, value) = match &q.by {
                Lookup::Key(key) => (LookupAttributeKey::AccessKeyId, key.wire()),
                Lookup::User(name) => (LookupAttributeKey::Username, name.wire()),
                Lookup::Event(name) => (LookupAttributeKey::EventName, name.wire()),
                Lookup::Resource(name) => (LookupAttributeKey::ResourceName, name.wire()),
            };
            let by = LookupAttribute::builder().attribute_key(key).attribute_value(value).build();
            let by = by.map_err(|e| super::convert::malformed(op, e.to_string()))?;
            let out = client.lookup_events().lookup_attributes(by).max_results(PAGE);
            let out = out.start_time(date_time(q.from)).set_next_token(token(from));
            let out = judge.of(out.send().await)?;
            let events = out.events.unwrap_or_default().into_iter().map(|e| event(op, e));
            let events = events.collect::<Result<_, Fault>>()?;
            Ok((Answer::LookupEvents(events), next(op, from, out.next_token)?))
        }
        Ask::DescribeTrails(_) => {
            let out = judge.of(client.describe_trails().include_shadow_trails(true).send().await)?;
            let trails = out.trail_list.unwrap_or_default().into_iter().map(|t| {
                Ok(Trail {
                    name: need(op, "Name", t.name)?.into(),
                    arn: Arn::new(need(op, "TrailARN", t.trail_arn)?),
                    home: text(t.home_region),
                    everywhere: t.is_multi_region_trail.unwrap_or_default(),
                })
            });
            Ok((Answer::DescribeTrails(trails.collect::<Result<_, Fault>>()?), None))
        }
        Ask::GetTrailStatus(q) => {
            let out = judge.of(client.get_trail_status().name(q.trail.wire()).send().await)?;
            let status = TrailStatus {
                logging: need(op, "IsLogging", out.is_logging)?,
                started: time(out.start_logging_time.as_ref()),
                stopped: time(out.stop_logging_time.as_ref()),
            };
            Ok((Answer::GetTrailStatus(status), None))
        }
    }
}

/// The record says more than the fields around it; where it cannot be read, the fields say what there is.
fn event(op: &'static str, e: Event) -> Result<TrailEvent, Fault> {
    let said = e.cloud_trail_event.as_deref().map(record::read).unwrap_or_default();
    Ok(TrailEvent {
        id: Untrusted::from(need(op, "EventId", e.event_id)?),
        at: need(op, "EventTime", said.at.or_else(|| time(e.event_time.as_ref())))?,
        name: Untrusted::from(need(op, "EventName", e.event_name)?),
        source: Untrusted::from(e.event_source.unwrap_or_default()),
        region: said.region,
        source_ip: said.source_ip,
        user_agent: said.user_agent,
        key: said.key.or_else(|| text(e.access_key_id).map(|k| AccessKeyId::new(k.wire()))),
        principal: said.principal,
        error: said.error,
        read_only: e.read_only.and_then(|word| word.parse().ok()),
        minted: said.minted,
        secret: said.secret,
        target: said.target.or_else(|| {
            let first = e.resources.as_ref().and_then(|all| all.iter().find_map(|r| r.resource_name()));
            first.map(Untrusted::from)
        }),
    })
}
