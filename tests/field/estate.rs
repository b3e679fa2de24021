//! A server seen with the SDK's own eyes: it is filled and looked at without a line of the program under test.

use crate::asking::REGION;
use crate::fill::{others::archive_of, sdk};
use aws_config::SdkConfig;
use aws_sdk_iam::types::StatusType;
use aws_sdk_lambda::client::Waiters;
use aws_sdk_lambda::types::{DeadLetterConfig, Environment, FunctionCode, Runtime};
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry};
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
        self.make_function_of(name, variables, "", None);
    }

    /// A function of some Python, whose dead letters go to a queue.
    pub fn make_function_of(&self, name: &str, variables: &[(&str, &str)], code: &str, dead: Option<&str>) {
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
            let letters = dead.map(|arn| DeadLetterConfig::builder().target_arn(arn).build());
            let make = make.set_dead_letter_config(letters);
            make.code(FunctionCode::builder().zip_file(archive_of(code)).build()).send().await.unwrap();
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

    /// A queue, and what makes it one: its URL and ARN.
    pub fn make_queue(&self, name: &str, more: &[(QueueAttributeName, String)]) -> (String, String) {
        self.asked(async |sdk| {
            let client = aws_sdk_sqs::Client::new(&sdk);
            let mut make = client.create_queue().queue_name(name);
            if name.ends_with(".fifo") {
                make = make.attributes(QueueAttributeName::FifoQueue, "true");
            }
            for (attribute, value) in more {
                make = make.attributes(attribute.clone(), value);
            }
            let url = make.send().await.unwrap().queue_url.unwrap();
            let arn = QueueAttributeName::QueueArn;
            let got = client.get_queue_attributes().queue_url(&url).attribute_names(arn.clone());
            (url, got.send().await.unwrap().attributes.unwrap()[&arn].clone())
        })
    }

    /// A dead-letter queue and a queue that names it.
    pub fn make_pair(&self, name: &str) -> (String, String) {
        let (dead, arn) = self.make_queue(&format!("{name}-dlq"), &[]);
        let policy = format!("{{\"deadLetterTargetArn\":\"{arn}\",\"maxReceiveCount\":3}}");
        let (source, _) = self.make_queue(name, &[(QueueAttributeName::RedrivePolicy, policy)]);
        (dead, source)
    }

    /// Sends messages, each with a text and a binary attribute, in four groups where the queue keeps an order.
    pub fn send(&self, url: &str, bodies: &[String]) {
        self.asked(async |sdk| {
            let client = aws_sdk_sqs::Client::new(&sdk);
            for (n, some) in bodies.chunks(10).enumerate() {
                let entries = some.iter().enumerate().map(|(i, body)| {
                    let number = n * 10 + i;
                    let text = MessageAttributeValue::builder().data_type("String").string_value("order.v1");
                    let bytes = Blob::new(vec![0, 159, 146, 150, (number % 251) as u8]);
                    let binary = MessageAttributeValue::builder().data_type("Binary").binary_value(bytes);
                    let entry = SendMessageBatchRequestEntry::builder().id(i.to_string()).message_body(body);
                    let entry = entry.message_attributes("schema", text.build().unwrap());
                    let entry = entry.message_attributes("sum", binary.build().unwrap());
                    let entry = match url.ends_with(".fifo") {
                        true => entry
                            .message_group_id(format!("g{}", number % 4))
                            .message_deduplication_id(format!("d{number}")),
                        false => entry,
                    };
                    entry.build().unwrap()
                });
                let send = client.send_message_batch().queue_url(url).set_entries(Some(entries.collect()));
                assert!(send.send().await.unwrap().failed.is_empty());
            }
        });
    }

    /// Everything in a queue, in the order of its coming: the body, and the last byte of the binary attribute. It is gone
    /// from the queue then.
    pub fn drain(&self, url: &str) -> Vec<(String, u8)> {
        self.asked(async |sdk| {
            let client = aws_sdk_sqs::Client::new(&sdk);
            let (mut all, mut empty) = (Vec::new(), 0);
            while empty < 2 {
                let receive = client.receive_message().queue_url(url).max_number_of_messages(10);
                let receive = receive.wait_time_seconds(1).message_attribute_names("All");
                let some = receive.send().await.unwrap().messages.unwrap_or_default();
                empty = if some.is_empty() { empty + 1 } else { 0 };
                for message in some {
                    let attributes = message.message_attributes.unwrap_or_default();
                    let sum = attributes.get("sum").and_then(|a| a.binary_value.clone());
                    let last = sum.map(|b| *b.as_ref().last().unwrap()).unwrap_or(255);
                    all.push((message.body.unwrap(), last));
                    let handle = message.receipt_handle.unwrap();
                    client.delete_message().queue_url(url).receipt_handle(handle).send().await.unwrap();
                }
            }
            all
        })
    }

    /// About how many messages are in a queue, hidden ones included.
    pub fn count(&self, url: &str) -> usize {
        self.asked(async |sdk| {
            let client = aws_sdk_sqs::Client::new(&sdk);
            let ask = client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
            let got = ask.send().await.unwrap().attributes.unwrap();
            let of = |name| got.get(&name).map_or(0, |n: &String| n.parse::<usize>().unwrap());
            of(QueueAttributeName::ApproximateNumberOfMessages)
                + of(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
        })
    }
}
