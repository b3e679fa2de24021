//! What the environment and the profile files say about how AWS is reached: the Region, the CA bundle, the
//! keys of a profile, and the configuration that every SDK client starts from. Credentials are loaded
//! elsewhere.

use super::AwsOptions;
use super::http::Http;
use super::origin::Origin;
use super::plan::{Plan, plan, wrong};
use crate::estate::{Context, Fault, FaultKind, Region};
use aws_config::profile::ProfileSet;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, ConfigLoader, imds};
use aws_credential_types::Credentials;
use aws_sdk_sts::config::IdentityCache;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::app_name::AppName;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::region;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

pub(super) struct Settings {
    pub options: AwsOptions,
    pub http: Http,
    env: Env,
    fs: Fs,
}

impl Settings {
    /// Reads the environment and the profile files of `context`.
    pub(super) async fn read(
        options: AwsOptions,
        (env, fs): (Env, Fs),
        context: &Context,
    ) -> Result<(Self, ProfileSet), Fault> {
        let set = profiles(&env, &fs, context).await?;
        let own = context.profile.as_deref().unwrap_or(set.selected_profile());
        let bundle = variable(&env, "AWS_CA_BUNDLE");
        let bundle = bundle.or_else(|| set.get_profile(own)?.get("ca_bundle").map(str::to_owned));
        let http = Http::new(bundle.map(PathBuf::from), options.connect_timeout);
        Ok((Self { options, http, env, fs }, set))
    }

    /// The plan for credentials, from the files as they are now.
    pub(super) async fn plan(&self, context: &Context) -> Result<Plan, Fault> {
        let set = profiles(&self.env, &self.fs, context).await?;
        plan(&set, context, variable(&self.env, "AWS_ACCESS_KEY_ID").is_some())
    }

    /// The same, from files that were just read.
    pub(super) fn plan_from(&self, set: &ProfileSet, context: &Context) -> Result<Plan, Fault> {
        plan(set, context, variable(&self.env, "AWS_ACCESS_KEY_ID").is_some())
    }

    /// The keys in the environment.
    pub(super) fn environment(&self) -> Result<(Credentials, Origin), Fault> {
        let own = |name: &str| variable(&self.env, name);
        match (own("AWS_ACCESS_KEY_ID"), own("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => Ok((
                Credentials::new(id, secret, own("AWS_SESSION_TOKEN"), None, "Environment"),
                Origin::Environment,
            )),
            _ => Err(wrong("set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither".to_owned())),
        }
    }

    /// The keys written in `profile`.
    pub(super) async fn keys(&self, profile: &str) -> Result<(Credentials, Origin), Fault> {
        let set = profiles_of(&self.env, &self.fs, Some(profile)).await?;
        let own = |key: &str| set.get_profile(profile)?.get(key).filter(|v| !v.is_empty()).map(str::to_owned);
        let origin = Origin::Keys { profile: profile.to_owned() };
        match (own("aws_access_key_id"), own("aws_secret_access_key")) {
            (Some(id), Some(secret)) => {
                Ok((Credentials::new(id, secret, own("aws_session_token"), None, "ProfileFile"), origin))
            }
            _ => Err(wrong(format!(
                "profile {profile} needs both aws_access_key_id and aws_secret_access_key"
            ))),
        }
    }

    /// The Region: what the context names, then `AWS_REGION`, `AWS_DEFAULT_REGION` and the profile, as the
    /// AWS CLI has it; the instance is asked only when nothing else can help.
    pub(super) async fn region(&self, set: &ProfileSet, context: &Context) -> Result<Region, Fault> {
        if let Some(region) = &context.region {
            return Ok(region.clone());
        }
        let own = context.profile.as_deref().unwrap_or(set.selected_profile());
        let from_profile = || set.get_profile(own)?.get("region").map(str::to_owned);
        let named = variable(&self.env, "AWS_REGION")
            .or_else(|| variable(&self.env, "AWS_DEFAULT_REGION"))
            .or_else(from_profile);
        let found = match named {
            Some(named) => named,
            None => self.instance_region().await.ok_or_else(|| no_region(own))?,
        };
        let refuse = || Fault::new(FaultKind::Invalid, "", format!("{found:?} is not a Region"));
        Region::new(found.trim()).ok_or_else(refuse)
    }

    async fn instance_region(&self) -> Option<String> {
        let client = imds::Client::builder().configure(&self.provider_config(None)).max_attempts(1);
        let near = Duration::from_secs(1);
        let client = client.connect_timeout(near).read_timeout(near).operation_timeout(near);
        let provider = imds::region::ImdsRegionProvider::builder().imds_client(client.build()).build();
        provider.region().await.map(|r| r.as_ref().to_owned())
    }

    /// For the providers of aws-config: our HTTP client and time-outs.
    pub(super) fn provider_config(&self, region: Option<region::Region>) -> ProviderConfig {
        ProviderConfig::without_region()
            .with_behavior_version(Some(BehaviorVersion::latest()))
            .with_region(region)
            .with_http_client(self.http.clone())
            .with_retry_config(RetryConfig::disabled())
            .with_timeout_config(self.timeouts())
    }

    /// What every SDK client starts from. There are no retries, for one question is one call; and no cache
    /// of identities, for the session keeps them.
    pub(super) fn sdk(&self, context: &Context, region: &Region) -> ConfigLoader {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region::Region::new(region.as_str().to_owned()))
            .http_client(self.http.clone())
            .retry_config(RetryConfig::disabled())
            .timeout_config(self.timeouts())
            .identity_cache(IdentityCache::no_cache());
        // So that whoever reads CloudTrail sees who asked.
        if let Ok(name) = AppName::new(concat!("bartizan-", env!("CARGO_PKG_VERSION"))) {
            loader = loader.app_name(name);
        }
        if let Some(profile) = &context.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &context.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        loader
    }

    fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.options.connect_timeout)
            .operation_attempt_timeout(self.options.call_timeout)
            .build()
    }
}

async fn profiles(env: &Env, fs: &Fs, context: &Context) -> Result<ProfileSet, Fault> {
    profiles_of(env, fs, context.profile.as_deref()).await
}

#[allow(deprecated)] // the type moved to aws-runtime, which is no dependency of ours
async fn profiles_of(env: &Env, fs: &Fs, profile: Option<&str>) -> Result<ProfileSet, Fault> {
    use aws_config::profile::profile_file::ProfileFiles;
    readable(env)?;
    let named = profile.map(|p| p.to_owned().into());
    let set = aws_config::profile::load(fs, env, &ProfileFiles::default(), named).await;
    set.map_err(|e| {
        let why = match std::error::Error::source(&e) {
            Some(cause) => format!("{e}: {cause}"),
            None => e.to_string(),
        };
        wrong(format!("the AWS configuration files cannot be used: {why}"))
    })
}

/// aws-config takes a file that it cannot read for an empty one; then a typing error in a mode would look
/// like a missing profile. A file that is not there is no fault.
fn readable(env: &Env) -> Result<(), Fault> {
    let files = [("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")];
    for (name, usual) in files {
        let path = variable(env, name).unwrap_or_else(|| usual.to_owned());
        let path = match (path.strip_prefix("~/"), variable(env, "HOME")) {
            (Some(rest), Some(home)) => format!("{home}/{rest}"),
            (Some(_), None) => continue,
            (None, _) => path,
        };
        match std::fs::read(&path) {
            Ok(bytes) if std::str::from_utf8(&bytes).is_err() => {
                return Err(wrong(format!("{path} is not UTF-8 text")));
            }
            Ok(_) => {}
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(e) => return Err(wrong(format!("{path} cannot be read: {e}"))),
        }
    }
    Ok(())
}

/// A variable of the environment; set but empty counts as not set, as with the AWS CLI.
fn variable(env: &Env, name: &str) -> Option<String> {
    env.get(name).ok().filter(|v| !v.trim().is_empty())
}

fn no_region(profile: &str) -> Fault {
    let how = format!("name one with --region or AWS_REGION, or as `region` in profile {profile}");
    Fault::new(FaultKind::Other("no Region is known".into()), "", how)
}
