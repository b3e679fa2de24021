//! Which endpoint each service is asked at: what the context names, else what the environment and the profile
//! name for the service or for all, else AWS's own for the Region. For `doctor`; the SDK's clients come to
//! the same by themselves.

use crate::estate::Service;
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

/// All services that are asked, in the order of their names.
const ALL: [Service; 15] = [
    Service::ApiGateway,
    Service::CloudTrail,
    Service::CloudWatch,
    Service::Ec2,
    Service::Events,
    Service::Iam,
    Service::Kms,
    Service::Lambda,
    Service::Logs,
    Service::Rds,
    Service::SecretsManager,
    Service::Sns,
    Service::Sqs,
    Service::Sts,
    Service::Wafv2,
];

/// The endpoint of every service, or why there is none.
pub(super) async fn all(sdk: &SdkConfig) -> Vec<(Service, Result<String, String>)> {
    let mut found = Vec::new();
    for service in ALL {
        found.push((service, of(service, sdk).await));
    }
    found
}

/// Asks the endpoint rules of one service's crate.
macro_rules! by_rules {
    ($sdk:ident, $named:ident, $krate:ident) => {{
        use $krate::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
        let params = Params::builder()
            .set_region($sdk.region().map(|r| r.as_ref().to_owned()))
            .set_use_fips($sdk.use_fips())
            .set_use_dual_stack($sdk.use_dual_stack())
            .set_endpoint($named);
        match params.build() {
            Ok(params) => match DefaultResolver::new().resolve_endpoint(&params).await {
                Ok(endpoint) => Ok(endpoint.url().to_owned()),
                Err(e) => Err(e.to_string()),
            },
            Err(e) => Err(e.to_string()),
        }
    }};
}

/// The endpoint of a service in the Region of `sdk`.
pub(super) async fn of(service: Service, sdk: &SdkConfig) -> Result<String, String> {
    let named = named(service, sdk);
    match service {
        Service::CloudWatch => by_rules!(sdk, named, aws_sdk_cloudwatch),
        Service::Sqs => by_rules!(sdk, named, aws_sdk_sqs),
        Service::Wafv2 => by_rules!(sdk, named, aws_sdk_wafv2),
        Service::SecretsManager => by_rules!(sdk, named, aws_sdk_secretsmanager),
        Service::Sts => by_rules!(sdk, named, aws_sdk_sts),
        Service::Lambda => by_rules!(sdk, named, aws_sdk_lambda),
        Service::Iam => by_rules!(sdk, named, aws_sdk_iam),
        Service::ApiGateway => by_rules!(sdk, named, aws_sdk_apigateway),
        Service::CloudTrail => by_rules!(sdk, named, aws_sdk_cloudtrail),
        Service::Kms => by_rules!(sdk, named, aws_sdk_kms),
        Service::Rds => like_sqs(sdk, named, "rds").await,
        Service::Ec2 => like_sqs(sdk, named, "ec2").await,
        Service::Logs => like_sqs(sdk, named, "logs").await,
        Service::Events => like_sqs(sdk, named, "events").await,
        Service::Sns => by_rules!(sdk, named, aws_sdk_sns),
    }
}

/// The endpoints of services that are asked without an SDK crate are named like those of SQS, the FIPS and the
/// dual-stack ones and those of other partitions too ("Service endpoints and quotas" of RDS, EC2, CloudWatch Logs, EventBridge and SQS).
async fn like_sqs(sdk: &SdkConfig, named: Option<String>, name: &str) -> Result<String, String> {
    if let Some(named) = named {
        return Ok(named);
    }
    let sqs: Result<String, String> = by_rules!(sdk, named, aws_sdk_sqs);
    Ok(sqs?.replacen("://sqs", &format!("://{name}"), 1))
}

/// The same order as in the SDK: the context, the service's own setting, the one for all services.
fn named(service: Service, sdk: &SdkConfig) -> Option<String> {
    let for_all = sdk.endpoint_url().map(str::to_owned);
    if sdk.get_origin("endpoint_url").is_client_config() {
        return for_all;
    }
    // The service ids of the AWS SDK reference guide, "Service-specific endpoints".
    let id = match service {
        Service::CloudWatch => "CloudWatch",
        Service::Sqs => "SQS",
        Service::Wafv2 => "WAFV2",
        Service::SecretsManager => "Secrets Manager",
        Service::Sts => "STS",
        Service::Lambda => "Lambda",
        Service::Iam => "IAM",
        Service::ApiGateway => "API Gateway",
        Service::CloudTrail => "CloudTrail",
        Service::Rds => "RDS",
        Service::Ec2 => "EC2",
        Service::Sns => "SNS",
        Service::Kms => "KMS",
        Service::Logs => "CloudWatch Logs",
        Service::Events => "EventBridge",
    };
    let key = ServiceConfigKey::builder().service_id(id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    let own = || sdk.service_config()?.load_config(key.build().ok()?);
    own().or(for_all)
}
