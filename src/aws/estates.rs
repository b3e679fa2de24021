//! Opens contexts over the real AWS. Opening reads files and settles the Region; it makes no call and
//! fetches no credentials.

use super::changes::AwsChanges;
use super::clients::Clients;
use super::loader::Loader;
use super::materials::AwsMaterials;
use super::reads::AwsReads;
use super::session::{AtHand, Session};
use super::settings::Settings;
use super::tells::Telling;
use crate::estate::{
    BoxFuture, Clock, Context, Estates, Fault, FaultKind, Outside, Ports, Prompt, Region, Writes,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::os_shim_internal::{Env, Fs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How patient calls are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AwsOptions {
    /// How long a connection may take; the SDK's own default.
    pub connect_timeout: Duration,
    /// How long a call may take in all.
    pub call_timeout: Duration,
}

impl Default for AwsOptions {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_millis(3100), call_timeout: Duration::from_secs(20) }
    }
}

/// The estates of AWS.
pub struct AwsEstates {
    options: AwsOptions,
    clock: Arc<dyn Clock>,
    outside: Arc<dyn Outside>,
    surroundings: (Env, Fs),
    /// What was opened, so that nobody is asked for the same MFA code twice.
    opened: Mutex<Vec<(Context, Opened)>>,
}

/// An opened context.
#[derive(Clone)]
pub(super) struct Opened {
    pub reads: Arc<AwsReads>,
    /// Those that a context that is not read-only gets.
    pub writes: Writes,
    /// What is not asked or changed: canaries, and others who are told.
    pub outside: Arc<dyn Outside>,
    pub region: Region,
}

impl AwsEstates {
    /// Nothing is read or sent yet. `clock` dates the answers; `outside` is handed on to what is opened.
    #[must_use]
    pub fn new(options: AwsOptions, clock: Arc<dyn Clock>, outside: Arc<dyn Outside>) -> Self {
        let surroundings = (Env::real(), Fs::real());
        Self { options, clock, outside, surroundings, opened: Mutex::default() }
    }

    /// The same with an environment of a test's own.
    #[cfg(test)]
    pub(super) fn within(env: Env, options: AwsOptions, clock: Arc<dyn Clock>) -> Self {
        let outside = Arc::new(crate::estate::outside::Nowhere);
        Self { options, clock, outside, surroundings: (env, Fs::real()), opened: Mutex::default() }
    }

    pub(super) async fn opened(&self, context: &Context, prompt: Arc<dyn Prompt>) -> Result<Opened, Fault> {
        if let Some(opened) = self.known(context) {
            return Ok(opened);
        }
        if let Some(endpoint) = context.endpoint.as_deref().filter(|e| !is_url(e)) {
            let said = format!("endpoint {endpoint:?} must begin with http:// or https:// and name a host");
            return Err(Fault::new(FaultKind::Invalid, "", said));
        }
        let (settings, set) = Settings::read(self.options, self.surroundings.clone(), context).await?;
        let settings = Arc::new(settings);
        settings.plan_from(&set, context)?;
        let region = settings.region(&set, context).await?;
        let anonymous = settings.sdk(context, &region).no_credentials().load().await;
        let loader = Loader {
            settings: settings.clone(),
            context: context.clone(),
            sdk: anonymous.clone(),
            prompt,
            clock: self.clock.clone(),
        };
        let session = Arc::new(Session::new(Box::new(loader), self.clock.clone()));
        let sdk = anonymous.into_builder();
        let sdk = sdk.credentials_provider(SharedCredentialsProvider::new(AtHand(session.clone()))).build();
        let clients = Arc::new(Clients::new(sdk, settings.http.clone()));
        let writes = self.writes(&clients, &session);
        let telling = Telling {
            outside: self.outside.clone(),
            clients: clients.clone(),
            session: session.clone(),
            clock: self.clock.clone(),
        };
        let reads = Arc::new(AwsReads::new(clients, session, settings, self.clock.clone()));
        let opened = Opened { reads, writes, outside: Arc::new(telling), region };
        let mut all = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((context.clone(), opened.clone()));
        Ok(opened)
    }

    fn writes(&self, clients: &Arc<Clients>, session: &Arc<Session>) -> Writes {
        let (clients, session, clock) = (clients.clone(), session.clone(), self.clock.clone());
        let materials =
            AwsMaterials { clients: clients.clone(), session: session.clone(), clock: clock.clone() };
        Writes { changes: Arc::new(AwsChanges { clients, session, clock }), materials: Arc::new(materials) }
    }

    fn known(&self, context: &Context) -> Option<Opened> {
        let all = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|(c, _)| c == context).map(|(_, o)| o.clone())
    }
}

impl Estates for AwsEstates {
    fn open<'a>(
        &'a self,
        context: &'a Context,
        prompt: Arc<dyn Prompt>,
    ) -> BoxFuture<'a, Result<Ports, Fault>> {
        Box::pin(async move {
            let Opened { reads, writes, outside, region } = self.opened(context, prompt).await?;
            // Opening again is a person's wish to try again.
            reads.session().try_again();
            Ok(Ports {
                reads,
                writes: (!context.read_only).then_some(writes),
                outside,
                clock: self.clock.clone(),
                region,
                practice: false,
            })
        })
    }
}

fn is_url(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|h| !h.is_empty() && !h.starts_with(['/', ':']) && !h.contains(char::is_whitespace))
}
