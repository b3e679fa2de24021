//! The floor for reading alarms: the bare SDK in a loop, as a program of its own that does nothing else.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_cloudwatch::types::AlarmType;
use aws_smithy_http_client::{Builder, tls};

/// Reads every alarm of `url` and says how many there are.
pub fn read_alarms(url: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let count = runtime.block_on(async {
        let http = Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .build_https();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new("eu-central-1"))
            .endpoint_url(url)
            .load()
            .await;
        let client = aws_sdk_cloudwatch::Client::new(&config);
        let (mut count, mut token) = (0, None);
        loop {
            let page = client
                .describe_alarms()
                .alarm_types(AlarmType::MetricAlarm)
                .alarm_types(AlarmType::CompositeAlarm)
                .max_records(100)
                .set_next_token(token)
                .send()
                .await
                .unwrap();
            count += page.metric_alarms().len();
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                return count;
            }
        }
    });
    println!("read {count} alarms");
}
