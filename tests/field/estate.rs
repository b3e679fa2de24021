//! A server seen with the SDK's own eyes: it is filled and looked at without a line of the program under test.

use crate::asking::REGION;
use crate::fill::{others::archive, sdk};
use aws_config::SdkConfig;
use aws_sdk_iam::types::StatusType;
use aws_sdk_lambda::client::Waiters;
use aws_sdk_lambda::types::{Environment, FunctionCode, Runtime};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A server at an address.
pub struct Estate {
    pub url: String,
    made: AtomicUsize,
}

/// A version's labels, without the version: ids differ from run to run.
pub type Labels = BTreeSet<String>;

impl Estate {
    pub fn at(url: String) -> Self {
        Self { url, made: AtomicUsize::new(0) }
    }

    /// A name that nothing else here has.
    pub fn name(&self, what: &str) -> String {
        format!("{what}-{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    fn asked<T, F: Future<Output = T>>(&self, ask: impl FnOnce(SdkConfig) -> F) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { ask(sdk(&self.url, REGION, "test", "test").await).await })
    }

    pub fn make_secret(&self, name: &str, text: &str) {
        self.asked(async |sdk| {
            let client = aws_sdk_secretsmanager::Client::new(&sdk);
            client.create_secret().name(name).secret_string(text).send().await.unwrap();
        });
    }

    /// What a colleague does: AWSCURRENT moves at once.
    pub fn put_secret(&self, name: &str, text: &str) {
        self.asked(async |sdk| {
            let client = aws_sdk_secretsmanager::Client::new(&sdk);
            client.put_secret_value().secret_id(name).secret_string(text).send().await.unwrap();
        });
    }

    pub fn secret(&self, name: &str) -> String {
        self.asked(async |sdk| {
            let client = aws_sdk_secretsmanager::Client::new(&sdk);
            let got = client.get_secret_value().secret_id(name).send().await.unwrap();
            got.secret_string.unwrap()
        })
    }

    /// The labels of each version that has some.
    pub fn labels(&self, name: &str) -> BTreeSet<Labels> {
        self.asked(async |sdk| {
            let client = aws_sdk_secretsmanager::Client::new(&sdk);
            let ask = client.list_secret_version_ids().secret_id(name).include_deprecated(true);
            let versions = ask.send().await.unwrap().versions.unwrap_or_default();
            let labels = versions.into_iter().map(|v| v.version_stages.unwrap_or_default());
            labels.map(Labels::from_iter).filter(|l| !l.is_empty()).collect()
        })
    }

    pub fn make_function(&self, name: &str, variables: &[(&str, &str)]) {
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        self.asked(async |sdk| {
            let iam = aws_sdk_iam::Client::new(&sdk);
            let role = iam.create_role().role_name(name).assume_role_policy_document(trust);
            let role = role.send().await.unwrap().role.unwrap().arn;
            let environment = variables
                .iter()
                .fold(Environment::builder(), |all, (name, value)| all.variables(*name, *value));
            let client = aws_sdk_lambda::Client::new(&sdk);
            let make = client.create_function().function_name(name).role(role).runtime(Runtime::Python312);
            let make = make.handler("index.handler").environment(environment.build());
            make.code(FunctionCode::builder().zip_file(archive()).build()).send().await.unwrap();
            // a plan over a function that is still being made cannot foresee its changes
            let ready = client.wait_until_function_active_v2().function_name(name);
            ready.wait(Duration::from_secs(60)).await.unwrap();
        });
    }

    pub fn variables(&self, function: &str) -> BTreeMap<String, String> {
        self.asked(async |sdk| {
            let client = aws_sdk_lambda::Client::new(&sdk);
            let got = client.get_function_configuration().function_name(function).send().await.unwrap();
            got.environment.unwrap().variables.unwrap().into_iter().collect()
        })
    }

    /// A user with one access key: its id and its secret.
    pub fn make_user(&self, name: &str) -> (String, String) {
        self.asked(async |sdk| {
            let client = aws_sdk_iam::Client::new(&sdk);
            client.create_user().user_name(name).send().await.unwrap();
            let key = client.create_access_key().user_name(name).send().await.unwrap().access_key.unwrap();
            (key.access_key_id, key.secret_access_key)
        })
    }

    /// The ids of a user's keys that are active.
    pub fn active_keys(&self, user: &str) -> Vec<String> {
        self.asked(async |sdk| {
            let client = aws_sdk_iam::Client::new(&sdk);
            let keys = client.list_access_keys().user_name(user).send().await.unwrap().access_key_metadata;
            assert!(keys.iter().all(|k| k.status == Some(StatusType::Active)), "{keys:?}");
            keys.into_iter().filter_map(|k| k.access_key_id).collect()
        })
    }

    /// A gateway key that is enabled, in a plan of its own: its id.
    pub fn make_gateway_key(&self, name: &str, value: &str) -> String {
        self.asked(async |sdk| {
            let client = aws_sdk_apigateway::Client::new(&sdk);
            let key = client.create_api_key().name(name).value(value).enabled(true).send().await.unwrap();
            let plan = client.create_usage_plan().name(name).send().await.unwrap().id.unwrap();
            let id = key.id.unwrap();
            let join = client.create_usage_plan_key().usage_plan_id(plan).key_id(&id).key_type("API_KEY");
            join.send().await.unwrap();
            id
        })
    }

    /// A gateway key by its name: id, value, whether it is enabled. There is at most one of a name here.
    pub fn gateway_key(&self, name: &str) -> Option<(String, String, bool)> {
        self.asked(async |sdk| {
            let client = aws_sdk_apigateway::Client::new(&sdk);
            let keys = client.get_api_keys().include_values(true).name_query(name).send().await.unwrap();
            let found: Vec<_> =
                keys.items.unwrap_or_default().into_iter().filter(|k| k.name() == Some(name)).collect();
            assert!(found.len() < 2, "{found:?}");
            found.into_iter().next().map(|k| (k.id.unwrap(), k.value.unwrap(), k.enabled))
        })
    }
}
