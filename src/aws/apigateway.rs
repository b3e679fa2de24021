//! The questions to API Gateway about keys, usage plans and stages. No key's value is asked for; one that a server
//! sends unasked is wiped and dropped.

use super::convert::{malformed, need, next, sorted, text, time, token, wiped};
use super::fault::Judge;
use crate::estate::ask::apigateway::{Answer, Ask};
use crate::estate::{
    ApiKey, ApiKeyId, Arn, Cursor, Fault, KeyUsage, RestApi, RestApiId, Stage, Untrusted, UsagePlan,
    UsagePlanId,
};
use aws_sdk_apigateway::Client;

/// "The maximum number of returned results per page. The default value is 25 and the maximum value is 500."
/// (API Gateway API reference, `GetApiKeys`, `GetUsagePlans`, `GetUsage`).
const PAGE: i32 = 500;

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::GetApiKeys(q) => {
            let name = q.name_prefix.as_ref().map(|n| n.wire().to_owned());
            let out = client.get_api_keys().include_values(false).set_name_query(name).limit(PAGE);
            let out = judge.of(out.set_position(token(from)).send().await)?;
            let keys = out.items.unwrap_or_default().into_iter().map(|k| {
                wiped(k.value);
                Ok(ApiKey {
                    id: ApiKeyId::new(need(op, "id", k.id)?),
                    name: Untrusted::from(k.name.unwrap_or_default()),
                    description: text(k.description),
                    enabled: k.enabled,
                    created: time(k.created_date.as_ref()),
                    updated: time(k.last_updated_date.as_ref()),
                    tags: sorted(k.tags.unwrap_or_default()),
                })
            });
            let keys = keys.collect::<Result<_, Fault>>()?;
            Ok((Answer::GetApiKeys(keys), next(op, from, out.position)?))
        }
        Ask::GetApiKey(q) => {
            let out = client.get_api_key().api_key(q.key.wire()).include_value(false);
            let k = judge.of(out.send().await)?;
            wiped(k.value);
            let key = ApiKey {
                id: ApiKeyId::new(need(op, "id", k.id)?),
                name: Untrusted::from(k.name.unwrap_or_default()),
                description: text(k.description),
                enabled: k.enabled,
                created: time(k.created_date.as_ref()),
                updated: time(k.last_updated_date.as_ref()),
                tags: sorted(k.tags.unwrap_or_default()),
            };
            Ok((Answer::GetApiKey(key), None))
        }
        Ask::GetUsagePlans(q) => {
            let key = q.key.as_ref().map(|k| k.wire().to_owned());
            let out = client.get_usage_plans().set_key_id(key).limit(PAGE);
            let out = judge.of(out.set_position(token(from)).send().await)?;
            let plans = out.items.unwrap_or_default().into_iter().map(|p| {
                Ok(UsagePlan {
                    id: UsagePlanId::new(need(op, "id", p.id)?),
                    name: Untrusted::from(p.name.unwrap_or_default()),
                })
            });
            let plans = plans.collect::<Result<_, Fault>>()?;
            Ok((Answer::GetUsagePlans(plans), next(op, from, out.position)?))
        }
        Ask::GetUsage(q) => {
            let out = client.get_usage().usage_plan_id(q.plan.wire()).key_id(q.key.wire());
            let out = out.start_date(q.from.wire()).end_date(q.to.wire()).limit(PAGE);
            let out = judge.of(out.set_position(token(from)).send().await)?;
            let days = out.items.unwrap_or_default().remove(q.key.wire()).unwrap_or_default();
            let per_day = days.iter().map(|day| used(op, day)).collect::<Result<_, Fault>>()?;
            Ok((Answer::GetUsage(KeyUsage { per_day }), next(op, from, out.position)?))
        }
        Ask::GetRestApis(_) => {
            let out = client.get_rest_apis().limit(PAGE).set_position(token(from));
            let out = judge.of(out.send().await)?;
            let apis = out.items.unwrap_or_default().into_iter().map(|a| {
                let id = RestApiId::new(need(op, "id", a.id)?);
                Ok(RestApi { id, name: Untrusted::from(a.name.unwrap_or_default()) })
            });
            let apis = apis.collect::<Result<_, Fault>>()?;
            Ok((Answer::GetRestApis(apis), next(op, from, out.position)?))
        }
        Ask::GetStages(q) => {
            let out = judge.of(client.get_stages().rest_api_id(q.api.wire()).send().await)?;
            let stages = out.item.unwrap_or_default().into_iter().map(|s| {
                // The variables of a stage can hold anything, and are not wanted.
                s.variables.into_iter().flatten().for_each(|(_, value)| wiped(Some(value)));
                let name = Untrusted::from(need(op, "stageName", s.stage_name)?);
                let (log, format) =
                    s.access_log_settings.map_or((None, None), |l| (l.destination_arn, l.format));
                Ok(Stage { name, log: log.map(Arn::new), format: text(format) })
            });
            Ok((Answer::GetStages(stages.collect::<Result<_, Fault>>()?), None))
        }
    }
}

/// One day's entry: `[used, remaining]` ("usage data ... of daily logs of used and remaining quotas").
fn used(op: &'static str, day: &[i64]) -> Result<u64, Fault> {
    let first = day.first().and_then(|n| u64::try_from(*n).ok());
    first.ok_or_else(|| malformed(op, "a day's usage is no count"))
}
