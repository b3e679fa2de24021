//! Loads credentials along a plan: the first ones from the AWS chain, then a role over them for each role of
//! the plan, with an MFA code from a person where a role wants one. Files are read anew each time, so that a
//! fresh login or an edited file needs no restart.

use super::fault::{Judge, credentials};
use super::origin::{Origin, find};
use super::plan::{Base, Plan, Role};
use super::session::{Load, Loaded, Refusal};
use super::settings::Settings;
use crate::estate::{
    BoxFuture, Clock, Context, Fault, FaultKind, Operation, Prompt, Service, Tier, Untrusted,
};
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use std::sync::Arc;
use std::time::Duration;

/// The metadata service of an instance answers in milliseconds or not at all.
const NEAR: Duration = Duration::from_secs(1);

/// A `credential_process` may open a browser and wait for a person, but not for ever.
const ENOUGH: Duration = Duration::from_secs(90);

/// What AssumeRole is called in faults. It is no question of the watch, so it is in none of its tables.
static ASSUME_ROLE: Operation = Operation {
    service: Service::Sts,
    name: "sts:AssumeRole",
    iam_action: "sts:AssumeRole",
    per_second: 1,
    tier: Tier::Viewer,
};

/// What sessions of ours are called in CloudTrail, where the profile names none.
const SESSION_NAME: &str = "bartizan";

pub(super) struct Loader {
    pub settings: Arc<Settings>,
    pub context: Context,
    pub sdk: SdkConfig,
    pub prompt: Arc<dyn Prompt>,
    pub clock: Arc<dyn Clock>,
}

impl Load for Loader {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, Refusal>> {
        Box::pin(async {
            let plan = self.settings.plan(&self.context).await.map_err(passing)?;
            let Plan { base, roles } = plan;
            let (mut credentials, mut origin) = self.base(&base).await.map_err(passing)?;
            for role in &roles {
                credentials = self.assume(role, credentials, &origin).await?;
                origin = Origin::Role { arn: role.arn.clone(), over: Box::new(origin) };
            }
            let asked = roles.iter().any(|r| r.mfa_serial.is_some());
            Ok(Loaded { credentials, origin, asked })
        })
    }
}

fn passing(fault: Fault) -> Refusal {
    Refusal { fault, final_word: false }
}

impl Loader {
    async fn base(&self, base: &Base) -> Result<(Credentials, Origin), Fault> {
        match base {
            Base::Environment => self.settings.environment(),
            Base::Keys { profile } => self.settings.keys(profile).await,
            Base::Profile { name, origin } => {
                let provider = ProfileFileCredentialsProvider::builder().configure(&self.conf());
                self.from(&provider.profile_name(name).build(), origin.clone()).await
            }
            Base::Container => {
                let provider = EcsCredentialsProvider::builder().configure(&self.conf()).build();
                self.from(&provider, Origin::Container).await
            }
            Base::Instance => self.from(&self.instance(), Origin::Instance).await,
            Base::Surroundings => self.surroundings().await,
        }
    }

    /// Nothing is configured: whoever runs us may have put credentials around us.
    async fn surroundings(&self) -> Result<(Credentials, Origin), Fault> {
        let conf = self.conf();
        let web = WebIdentityTokenCredentialsProvider::builder().configure(&conf).build();
        if let Some(found) = self.unless_absent(&web, Origin::WebIdentity).await? {
            return Ok(found);
        }
        let container = EcsCredentialsProvider::builder().configure(&conf).build();
        if let Some(found) = self.unless_absent(&container, Origin::Container).await? {
            return Ok(found);
        }
        // No metadata service is the ordinary case on a machine that is no instance, however it shows.
        match self.instance().provide_credentials().await {
            Ok(found) => Ok((found, Origin::Instance)),
            Err(e) => {
                let said = credentials(&e, &Origin::Instance);
                Err(Fault::new(FaultKind::NoCredentials { mend: find().into() }, "", said.message))
            }
        }
    }

    async fn unless_absent(
        &self,
        provider: &impl ProvideCredentials,
        origin: Origin,
    ) -> Result<Option<(Credentials, Origin)>, Fault> {
        match provider.provide_credentials().await {
            Ok(found) => Ok(Some((found, origin))),
            Err(CredentialsError::CredentialsNotLoaded(_)) => Ok(None),
            Err(e) => Err(credentials(&e, &origin)),
        }
    }

    async fn from(
        &self,
        provider: &impl ProvideCredentials,
        origin: Origin,
    ) -> Result<(Credentials, Origin), Fault> {
        let found = tokio::time::timeout(ENOUGH, provider.provide_credentials()).await;
        match found {
            Ok(Ok(found)) => Ok((found, origin)),
            Ok(Err(e)) => Err(credentials(&e, &origin)),
            Err(_) => {
                let said = format!("{} gave nothing in {} s", origin.words(), ENOUGH.as_secs());
                Err(Fault::new(FaultKind::NoCredentials { mend: said.as_str().into() }, "", said))
            }
        }
    }

    fn instance(&self) -> ImdsCredentialsProvider {
        let client = imds::Client::builder()
            .configure(&self.conf())
            .max_attempts(1)
            .connect_timeout(NEAR)
            .read_timeout(NEAR)
            .operation_attempt_timeout(NEAR)
            .operation_timeout(2 * NEAR);
        ImdsCredentialsProvider::builder().configure(&self.conf()).imds_client(client.build()).build()
    }

    fn conf(&self) -> ProviderConfig {
        self.settings.provider_config(self.sdk.region().cloned())
    }

    async fn assume(&self, role: &Role, over: Credentials, origin: &Origin) -> Result<Credentials, Refusal> {
        let code = match &role.mfa_serial {
            Some(serial) => Some(self.code(role, serial).await?),
            None => None,
        };
        let asked = code.is_some();
        let config = self.sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(over)).build();
        let out = aws_sdk_sts::Client::new(&config)
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration_s)
            .set_serial_number(role.mfa_serial.clone())
            .set_token_code(code)
            .send()
            .await;
        let now = || self.clock.now();
        let judge = Judge::new(&ASSUME_ROLE, origin, &now);
        let out = judge.of(out).map_err(|fault| after(fault, asked))?;
        let incomplete =
            || passing(super::convert::malformed(ASSUME_ROLE.name, "no credentials in the answer"));
        let c = out.credentials.ok_or_else(incomplete)?;
        let expires = std::time::SystemTime::try_from(c.expiration).ok();
        Ok(Credentials::new(
            c.access_key_id,
            c.secret_access_key,
            Some(c.session_token),
            expires,
            "AssumeRole",
        ))
    }

    async fn code(&self, role: &Role, serial: &str) -> Result<String, Refusal> {
        let [serial, arn] = [serial, &role.arn].map(Untrusted::from);
        let question = format!("MFA code of {} for role {}", serial.shown(), arn.shown());
        let Some(code) = self.prompt.ask_secret(&question).await else {
            let fault = Fault::new(FaultKind::Declined, ASSUME_ROLE.name, "no MFA code was given");
            return Err(Refusal { fault, final_word: true });
        };
        let code = code.trim();
        // "A six-digit numeric string" (STS API reference, `AssumeRole`, `TokenCode`).
        if code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) {
            Ok(code.to_owned())
        } else {
            Err(not_accepted("an MFA code has six digits"))
        }
    }
}

fn not_accepted(why: &str) -> Refusal {
    let mend = format!("{why}; press r to be asked again");
    let fault = Fault::new(FaultKind::NoCredentials { mend: mend.into() }, ASSUME_ROLE.name, why);
    Refusal { fault, final_word: true }
}

/// A refusal after a person was asked is not followed by asking again and again; a network that failed is no
/// answer to the code, and the next load may ask.
fn after(fault: Fault, asked: bool) -> Refusal {
    let about_mfa = fault.message.wire().contains("MultiFactorAuthentication");
    if asked && about_mfa {
        return not_accepted("the MFA code was not accepted");
    }
    let final_word = asked && !fault.is_passing();
    Refusal { fault, final_word }
}
