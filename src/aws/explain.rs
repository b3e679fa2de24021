//! What was settled on for a context, for `doctor`: where credentials come from and when they end, the
//! endpoints, and how far the clock is off. It asks one question, `sts:GetCallerIdentity`.

use super::endpoints;
use super::estates::{AwsEstates, Opened};
use super::origin::Origin;
use crate::estate::ask::sts::GetCallerIdentity;
use crate::estate::{Asks, At, Context, Fault, Identity, Prompt, Query, Reads, Region, Service, Timestamp};
use std::sync::Arc;

/// What was found out. Plain data.
#[derive(Clone, PartialEq, Debug)]
pub struct Explained {
    /// The Region that was settled on.
    pub region: Region,
    /// Where credentials come from, or why there are none.
    pub credentials: Result<Origin, Fault>,
    /// When they end, where that is known.
    pub expires: Option<Timestamp>,
    /// Who AWS says it is, or why it does not.
    pub identity: Result<Identity, Fault>,
    /// Seconds that this machine's clock is ahead of AWS's, if AWS answered.
    pub ahead_s: Option<i64>,
    /// The endpoint of each service, or why it has none.
    pub endpoints: Vec<(Service, Result<String, String>)>,
    /// The CA bundle in place of the system's certificates, or why it cannot be used.
    pub ca_bundle: Option<Result<String, String>>,
}

impl AwsEstates {
    /// Finds out, without failing at the first thing that is wrong.
    ///
    /// # Errors
    /// Those of opening: no Region, no such profile.
    pub async fn explain(&self, context: &Context, prompt: Arc<dyn Prompt>) -> Result<Explained, Fault> {
        let Opened { reads, region, .. } = self.opened(context, prompt).await?;
        let held = reads.session().ready().await;
        let identity = match &held {
            Ok(_) => {
                let at = At { account: None, region: region.clone() };
                let query = Query { at, ask: GetCallerIdentity {}.ask() };
                reads.fetch(&query, None).await.and_then(|page| GetCallerIdentity::open(page.answer))
            }
            Err(fault) => Err(fault.clone()),
        };
        let http = &reads.settings().http;
        Ok(Explained {
            expires: held.as_ref().ok().and_then(|h| h.expires),
            credentials: held.map(|h| h.origin.clone()),
            identity,
            ahead_s: http.ahead_s(),
            endpoints: endpoints::all(reads.sdk()).await,
            ca_bundle: http.ca_bundle(),
            region,
        })
    }
}
