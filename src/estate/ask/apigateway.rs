//! The questions to API Gateway about keys, usage plans and stages. A key's value is never among the answers
//! (`includeValue` stays false); reading one is a material. Rates: "Amazon API Gateway quotas" gives the
//! control plane 10 requests a second in sum, so each is kept low.

use super::asks;
use crate::estate::api_key::{ApiKey, KeyUsage, UsagePlan};
use crate::estate::names::{ApiKeyId, RestApiId, UsagePlanId};
use crate::estate::rest_api::{RestApi, Stage};
use crate::estate::untrusted::Untrusted;

asks! { ApiGateway, "apigateway";
    /// API keys, those whose name begins with `name_prefix` where one is given: the API's `nameQuery` is a
    /// prefix, and names are not unique.
    GetApiKeys {
        /// The beginning of the name.
        name_prefix: Option<Untrusted>,
    } => Vec<ApiKey>, "apigateway:GET" @ 4 for Operator;
    /// One API key, without its value.
    GetApiKey {
        /// Which key.
        key: ApiKeyId,
    } => ApiKey, "apigateway:GET" @ 4 for Operator;
    /// Usage plans: all, or those that `key` is in.
    GetUsagePlans {
        /// Only plans with this key.
        key: Option<ApiKeyId>,
    } => Vec<UsagePlan>, "apigateway:GET" @ 4 for Operator;
    /// Requests of one key in one plan, by day (UTC), both days included.
    GetUsage {
        /// Which plan.
        plan: UsagePlanId,
        /// Which key.
        key: ApiKeyId,
        /// First day, `YYYY-MM-DD`.
        from: Untrusted,
        /// Last day, `YYYY-MM-DD`.
        to: Untrusted,
    } => KeyUsage, "apigateway:GET" @ 4 for Operator;
    /// REST APIs.
    GetRestApis {} => Vec<RestApi>, "apigateway:GET" @ 2 for BreakGlass;
    /// The stages of a REST API: where each writes who called.
    GetStages {
        /// Which API.
        api: RestApiId,
    } => Vec<Stage>, "apigateway:GET" @ 4 for BreakGlass;
}
