//! Fills a server with a known estate, through the SDK's own writes, so that the answers to every question
//! can be foretold from the service models. What a server does not let itself be filled with is noted, and
//! the questions about it then fail with that.

pub mod changed;
pub mod cloudwatch;
pub mod databases;
pub mod logs;
pub mod messages;
pub mod others;
pub mod sqs;

use crate::asking::REGION;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use std::fmt::Debug;
use tokio::runtime::Builder;

/// What could not be filled, by the subject that questions name, and what the server said.
#[derive(Default, Debug)]
pub struct Filled {
    pub gaps: Vec<(&'static str, String)>,
}

impl Filled {
    /// Notes the outcome of a write.
    fn note<T, E: Debug>(&mut self, subject: &'static str, outcome: Result<T, E>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(e) => {
                let said = format!("{e:?}");
                self.gaps.push((subject, said.chars().take(400).collect()));
                None
            }
        }
    }

    /// Why `subject` could not be filled.
    pub fn gap(&self, subject: &str) -> Option<&str> {
        self.gaps.iter().find(|(s, _)| *s == subject).map(|(_, why)| why.as_str())
    }
}

/// How the writes reach the server.
pub async fn sdk(url: &str, region: &'static str, key: &str, secret: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region))
        .endpoint_url(url)
        .credentials_provider(Credentials::new(key, secret, None, None, "tests"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await
}

/// Fills the server at `url`.
pub fn fill(url: &str) -> Filled {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let here = sdk(url, REGION, "test", "test").await;
        let global = sdk(url, "us-east-1", "test", "test").await;
        let mut filled = Filled::default();
        cloudwatch::fill(&aws_sdk_cloudwatch::Client::new(&here), &mut filled).await;
        sqs::fill(&aws_sdk_sqs::Client::new(&here), &mut filled).await;
        others::secrets(&aws_sdk_secretsmanager::Client::new(&here), &mut filled).await;
        let (waf, edge) = (aws_sdk_wafv2::Client::new(&here), aws_sdk_wafv2::Client::new(&global));
        others::web_acls(&waf, &edge, &mut filled).await;
        let (lambda, iam) = (aws_sdk_lambda::Client::new(&here), aws_sdk_iam::Client::new(&here));
        others::functions(&lambda, &iam, &mut filled).await;
        logs::fill(url, &mut filled);
        filled
    })
}

/// Fills the server at `url` with what the changes are tried on.
pub fn fill_to_change(url: &str) -> Filled {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let here = sdk(url, REGION, "test", "test").await;
        let mut filled = Filled::default();
        let (lambda, iam) = (aws_sdk_lambda::Client::new(&here), aws_sdk_iam::Client::new(&here));
        changed::secrets(&aws_sdk_secretsmanager::Client::new(&here), &mut filled).await;
        changed::functions(&lambda, &iam, &mut filled).await;
        changed::users(&iam, &mut filled).await;
        changed::roles(&iam, &mut filled).await;
        changed::plans(&aws_sdk_apigateway::Client::new(&here), &mut filled).await;
        let sqs = aws_sdk_sqs::Client::new(&here);
        messages::fill(&sqs, &mut filled).await;
        changed::mapping(&lambda, &sqs, &mut filled).await;
        databases::fill(url, &mut filled);
        databases::keys(&aws_sdk_kms::Client::new(&here), &mut filled).await;
        filled
    })
}

/// Makes a user who may do nothing: the id and the secret of a key.
pub fn user_without_permissions(url: &str) -> Result<(String, String), String> {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let iam = aws_sdk_iam::Client::new(&sdk(url, REGION, "test", "test").await);
        iam.create_user().user_name("nobody").send().await.map_err(|e| format!("no user: {e:?}"))?;
        let made = iam.create_access_key().user_name("nobody").send().await;
        let key = made.map_err(|e| format!("no key: {e:?}"))?.access_key.ok_or("no key came back")?;
        Ok((key.access_key_id, key.secret_access_key))
    })
}
