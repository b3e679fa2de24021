//! The services on the wire: the question that stands for each, its answer, and how its protocol
//! frames an answer and an error. Built from the published service models and the Smithy protocol
//! specifications (awsJson1_0, awsJson1_1, awsQuery, restJson1, rpcv2Cbor); not verified against AWS.

use crate::asking::Asking;
use crate::cbor;
use crate::server::Reply;
use bartizan::estate::ask::{
    apigateway, cloudtrail, cloudwatch, ec2, events, iam, kms, lambda, logs, rds, secretsmanager, sqs, sts,
    wafv2,
};
use bartizan::estate::{Fault, Lookup, Scope, Service, Timestamp};
use serde_json::{Value, json};

pub const ALL: [Service; 14] = [
    Service::CloudWatch,
    Service::Sqs,
    Service::Wafv2,
    Service::SecretsManager,
    Service::Sts,
    Service::Lambda,
    Service::Iam,
    Service::ApiGateway,
    Service::CloudTrail,
    Service::Rds,
    Service::Ec2,
    Service::Kms,
    Service::Logs,
    Service::Events,
];

/// How a service's answers are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    Cbor,
    Json,
    Rest,
    Xml,
}

pub fn protocol(service: Service) -> Protocol {
    match service {
        Service::CloudWatch => Protocol::Cbor,
        Service::Sqs
        | Service::Wafv2
        | Service::SecretsManager
        | Service::CloudTrail
        | Service::Kms
        | Service::Logs
        | Service::Events => Protocol::Json,
        Service::Lambda | Service::ApiGateway => Protocol::Rest,
        Service::Sts | Service::Iam | Service::Sns | Service::Rds | Service::Ec2 => Protocol::Xml,
    }
}

pub fn name(service: Service) -> &'static str {
    match service {
        Service::CloudWatch => "cloudwatch",
        Service::Sqs => "sqs",
        Service::Wafv2 => "wafv2",
        Service::SecretsManager => "secretsmanager",
        Service::Sts => "sts",
        Service::Lambda => "lambda",
        Service::Iam => "iam",
        Service::ApiGateway => "apigateway",
        Service::CloudTrail => "cloudtrail",
        Service::Rds => "rds",
        Service::Ec2 => "ec2",
        Service::Sns => "sns",
        Service::Kms => "kms",
        Service::Logs => "logs",
        Service::Events => "events",
    }
}

/// The question that stands for a service, and the operation that its faults must name.
pub fn ask(estate: &Asking, service: Service) -> Result<(), Fault> {
    match service {
        Service::CloudWatch => estate.first(cloudwatch::DescribeAlarms { names: vec![] }).map(drop),
        Service::Sqs => estate.first(sqs::ListQueues {}).map(drop),
        Service::Wafv2 => estate.first(wafv2::ListWebACLs { scope: Scope::Regional }).map(drop),
        Service::SecretsManager => estate.first(secretsmanager::ListSecrets {}).map(drop),
        Service::Sts => estate.first(sts::GetCallerIdentity {}).map(drop),
        Service::Lambda => estate.first(lambda::ListFunctions {}).map(drop),
        Service::Iam => estate.first(iam::ListAccountAliases {}).map(drop),
        Service::ApiGateway => estate.first(apigateway::GetApiKeys { name_prefix: None }).map(drop),
        Service::CloudTrail => {
            let ask = cloudtrail::LookupEvents { by: Lookup::Event("X".into()), from: Timestamp::UNIX_EPOCH };
            estate.first(ask).map(drop)
        }
        Service::Rds => estate.first(rds::DescribeDBInstances { instance: None }).map(drop),
        Service::Kms => estate.first(kms::DescribeKey { key: "alias/db".into() }).map(drop),
        Service::Logs => estate.first(in_logs()).map(drop),
        Service::Events => estate.first(events::ListRules {}).map(drop),
        Service::Ec2 => estate.first(ec2::DescribeSecurityGroups { groups: vec![] }).map(drop),
        Service::Sns => unreachable!("it is told, and never asked"),
    }
}

/// That question's operation.
pub fn operation(service: Service) -> &'static str {
    match service {
        Service::CloudWatch => "cloudwatch:DescribeAlarms",
        Service::Sqs => "sqs:ListQueues",
        Service::Wafv2 => "wafv2:ListWebACLs",
        Service::SecretsManager => "secretsmanager:ListSecrets",
        Service::Sts => "sts:GetCallerIdentity",
        Service::Lambda => "lambda:ListFunctions",
        Service::Iam => "iam:ListAccountAliases",
        Service::ApiGateway => "apigateway:GetApiKeys",
        Service::CloudTrail => "cloudtrail:LookupEvents",
        Service::Rds => "rds:DescribeDBInstances",
        Service::Ec2 => "ec2:DescribeSecurityGroups",
        Service::Sns => "sns:Publish",
        Service::Kms => "kms:DescribeKey",
        Service::Logs => "logs:FilterLogEvents",
        Service::Events => "events:ListRules",
    }
}

/// A good answer to that question, with one thing in it.
pub fn good(service: Service) -> Reply {
    match service {
        Service::CloudWatch => json_answer(service, &json!({ "MetricAlarms": [alarm("cpu")] })),
        Service::Sqs => json_answer(service, &json!({ "QueueUrls": [queue_url("orders")] })),
        Service::Wafv2 => json_answer(service, &json!({ "WebACLs": [web_acl("edge")] })),
        Service::SecretsManager => json_answer(service, &json!({ "SecretList": [secret("db")] })),
        Service::Sts => xml_answer(
            "GetCallerIdentity",
            "<Arn>arn:aws:sts::123456789012:assumed-role/ops/alice</Arn><UserId>AROA:alice</UserId>\
             <Account>123456789012</Account>",
        ),
        Service::Lambda => json_answer(service, &json!({ "Functions": [function("ingest")] })),
        Service::Iam => xml_answer(
            "ListAccountAliases",
            "<IsTruncated>false</IsTruncated><AccountAliases><member>acme-prod</member></AccountAliases>",
        ),
        Service::ApiGateway => json_answer(service, &json!({ "item": [api_key("orders")] })),
        Service::CloudTrail => json_answer(service, &json!({ "Events": [event("AssumeRole")] })),
        Service::Rds => xml_answer("DescribeDBInstances", &instances("logapi")),
        Service::Ec2 => ec2_answer("DescribeSecurityGroups", GROUPS),
        Service::Sns => xml_answer("Publish", "<MessageId>567910cd</MessageId>"),
        Service::Events => {
            json_answer(service, &json!({ "Rules": [{ "Name": "nightly", "State": "ENABLED" }] }))
        }
        Service::Logs => json_answer(service, &json!({ "events": [line("8f5a")], "searchedLogStreams": [] })),
        Service::Kms => json_answer(
            service,
            &json!({ "KeyMetadata": {
                "KeyId": "k", "Arn": "arn:aws:kms:eu-central-1:123456789012:key/k", "Enabled": true,
                "KeyState": "Enabled", "KeyManager": "CUSTOMER",
            } }),
        ),
    }
}

/// A look for the id of an invocation.
pub fn in_logs() -> logs::FilterLogEvents {
    let at = |s: i64| Timestamp::from_second(1_790_000_000 + s).unwrap();
    logs::FilterLogEvents {
        group: "/aws/lambda/ingest".into(),
        text: "8f5a2c1e-01".into(),
        from: at(0),
        to: at(60),
        said: false,
    }
}

/// A line of a log.
pub fn line(message: &str) -> Value {
    json!({
        "logStreamName": "2026/11/17/[$LATEST]0f", "timestamp": 1_790_000_030_123_i64, "message": message,
        "ingestionTime": 1_790_000_031_000_i64, "eventId": "1",
    })
}

/// A list with one instance, whose password is being changed.
pub fn instances(name: &str) -> String {
    format!(
        "<DBInstances><DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier>\
         <DBInstanceArn>arn:aws:rds:eu-central-1:123456789012:db:{name}</DBInstanceArn><Engine>mariadb</Engine>\
         <DBInstanceStatus>resetting-master-credentials</DBInstanceStatus><MasterUsername>admin</MasterUsername>\
         <PubliclyAccessible>true</PubliclyAccessible><MultiAZ>false</MultiAZ>\
         <Endpoint><Address>x</Address><Port>3306</Port></Endpoint>\
         <VpcSecurityGroups><VpcSecurityGroupMembership><Status>active</Status>\
         <VpcSecurityGroupId>sg-1</VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups>\
         <DBSubnetGroup><DBSubnetGroupName>s</DBSubnetGroupName><VpcId>vpc-1</VpcId><Subnets><Subnet>\
         <SubnetIdentifier>subnet-1</SubnetIdentifier></Subnet></Subnets></DBSubnetGroup>\
         <BackupRetentionPeriod>7</BackupRetentionPeriod>\
         <EnabledCloudwatchLogsExports><member>audit</member></EnabledCloudwatchLogsExports>\
         <PendingModifiedValues><MasterUserPassword>****</MasterUserPassword><EngineVersion>11</EngineVersion>\
         </PendingModifiedValues></DBInstance></DBInstances>"
    )
}

/// A group with a permission of three peers, and one of another protocol.
pub const GROUPS: &str = "<requestId>r</requestId><securityGroupInfo><item><ownerId>123456789012</ownerId>\
    <groupId>sg-1</groupId><groupName>db &amp; more</groupName><vpcId>vpc-1</vpcId><ipPermissions><item>\
    <ipProtocol>tcp</ipProtocol><fromPort>3306</fromPort><toPort>3306</toPort>\
    <groups><item><userId>123456789012</userId><groupId>sg-app</groupId></item></groups>\
    <ipRanges><item><cidrIp>203.0.113.0/24</cidrIp><description>old</description></item></ipRanges>\
    <ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges><prefixListIds/></item><item>\
    <ipProtocol>-1</ipProtocol><groups/><ipRanges/><ipv6Ranges/>\
    <prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds></item></ipPermissions>\
    <ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>\
    </item></ipPermissionsEgress></item></securityGroupInfo>";

/// An answer of EC2, which has no result element.
pub fn ec2_answer(operation: &str, inner: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{operation}Response \
         xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">{inner}</{operation}Response>"
    );
    Reply { status: 200, body: body.into_bytes(), ..Reply::default() }.with("Content-Type", "text/xml")
}

pub fn alarm(name: &str) -> Value {
    json!({
        "AlarmName": name,
        "AlarmArn": format!("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}"),
        "StateValue": "ALARM",
        "StateReason": "Threshold Crossed",
        "StateUpdatedTimestamp": { "$time": 1_795_000_000 },
        "StateTransitionedTimestamp": { "$time": 1_795_000_000.25 },
        "ActionsEnabled": true,
        "AlarmActions": ["arn:aws:sns:eu-central-1:123456789012:page"],
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{ "Name": "QueueName", "Value": "orders-dlq" }],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching"
    })
}

pub fn queue_url(name: &str) -> String {
    format!("https://sqs.eu-central-1.amazonaws.com/123456789012/{name}")
}

pub fn web_acl(name: &str) -> Value {
    json!({
        "Name": name,
        "Id": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
        "Description": "",
        "LockToken": "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222",
        "ARN": format!("arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/{name}/a1b2"),
    })
}

pub fn secret(name: &str) -> Value {
    json!({
        "Name": name,
        "ARN": format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}-a1B2c3"),
        "CreatedDate": 1_790_000_000.5,
        "LastChangedDate": 1_795_000_000.0,
        "LastAccessedDate": 1_795_000_000,
        "RotationEnabled": true,
        "RotationRules": { "AutomaticallyAfterDays": 30 },
        "SecretVersionsToStages": { "v1": ["AWSCURRENT"] },
        "Tags": [{ "Key": "system", "Value": "shop" }],
    })
}

/// Its environment holds what must never be kept.
pub fn function(name: &str) -> Value {
    json!({
        "FunctionName": name,
        "FunctionArn": format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}"),
        "Runtime": "python3.13",
        "Environment": { "Variables": { "DB_PASSWORD": "swordfish" } },
        "DeadLetterConfig": { "TargetArn": "arn:aws:sqs:eu-central-1:123456789012:dead" },
    })
}

/// With a value that nobody asked for, which must never be kept.
pub fn api_key(name: &str) -> Value {
    json!({
        "id": format!("id-{name}"),
        "name": name,
        "enabled": true,
        "createdDate": 1_790_000_000,
        "lastUpdatedDate": 1_795_000_000,
        "stageKeys": [],
        "value": "swordfish-swordfish-swordfish",
    })
}

/// An event of CloudTrail. Its record holds a session token, as AWS writes it, which must never be kept.
pub fn event(name: &str) -> Value {
    let record = json!({
        "eventTime": "2026-11-20T09:41:07Z", "eventName": name, "eventSource": "sts.amazonaws.com",
        "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.9", "userAgent": "aws-cli/2",
        "userIdentity": { "type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/svc", "accessKeyId": "AKIAOLD" },
        "requestParameters": { "roleArn": "arn:aws:iam::123456789012:role/deploy" },
        "responseElements": { "credentials": { "accessKeyId": "ASIANEW", "sessionToken": "swordfishMARKtoken" } },
    });
    json!({
        "EventId": "e-1", "EventName": name, "EventSource": "sts.amazonaws.com", "EventTime": 1_795_000_000.0,
        "AccessKeyId": "AKIAOLD", "ReadOnly": "false", "Username": "svc", "CloudTrailEvent": record.to_string(),
    })
}

/// An answer of a service that writes JSON or CBOR.
pub fn json_answer(service: Service, body: &Value) -> Reply {
    let reply = Reply { status: 200, ..Reply::default() };
    match protocol(service) {
        Protocol::Cbor => Reply { body: cbor::bytes(body), ..reply }
            .with("Content-Type", "application/cbor")
            .with("smithy-protocol", "rpc-v2-cbor"),
        Protocol::Json => {
            Reply { body: body.to_string().into_bytes(), ..reply }.with("Content-Type", json_type(service))
        }
        Protocol::Rest => {
            Reply { body: body.to_string().into_bytes(), ..reply }.with("Content-Type", "application/json")
        }
        Protocol::Xml => panic!("{} writes XML", name(service)),
    }
}

fn json_type(service: Service) -> &'static str {
    if service == Service::Sqs { "application/x-amz-json-1.0" } else { "application/x-amz-json-1.1" }
}

/// An answer of a service that writes XML.
pub fn xml_answer(operation: &str, result: &str) -> Reply {
    let body = format!(
        "<{operation}Response xmlns=\"https://x.amazonaws.com/doc/\"><{operation}Result>{result}\
         </{operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>\
         </{operation}Response>"
    );
    Reply { status: 200, body: body.into_bytes(), ..Reply::default() }.with("Content-Type", "text/xml")
}

/// An error, as the service's protocol writes it.
pub fn error(service: Service, status: u16, code: &str, message: &str) -> Reply {
    let reply = Reply { status, ..Reply::default() };
    match service {
        // rpcv2Cbor with awsQueryCompatible: the shape in `__type`, the old code in a header
        Service::CloudWatch => {
            let shape = format!("com.amazonaws.cloudwatch#{code}");
            Reply { body: cbor::bytes(&json!({ "__type": shape, "message": message })), ..reply }
                .with("Content-Type", "application/cbor")
                .with("smithy-protocol", "rpc-v2-cbor")
                .with("x-amzn-query-error", format!("{code};Sender"))
        }
        // awsJson1_0 with awsQueryCompatible
        Service::Sqs => {
            let body = json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": message });
            Reply { body: body.to_string().into_bytes(), ..reply }
                .with("Content-Type", json_type(service))
                .with("x-amzn-query-error", format!("{code};Sender"))
        }
        Service::Wafv2 | Service::CloudTrail | Service::Kms | Service::Logs | Service::Events => {
            let body = json!({ "__type": code, "message": message });
            Reply { body: body.to_string().into_bytes(), ..reply }.with("Content-Type", json_type(service))
        }
        Service::SecretsManager => {
            let body = json!({ "__type": code, "Message": message });
            Reply { body: body.to_string().into_bytes(), ..reply }.with("Content-Type", json_type(service))
        }
        Service::Lambda => {
            let body = json!({ "Type": "User", "Message": message });
            Reply { body: body.to_string().into_bytes(), ..reply }
                .with("Content-Type", "application/json")
                .with("x-amzn-ErrorType", format!("{code}:http://internal.amazon.com/coral/"))
        }
        Service::ApiGateway => {
            let body = json!({ "message": message });
            Reply { body: body.to_string().into_bytes(), ..reply }
                .with("Content-Type", "application/json")
                .with("x-amzn-ErrorType", code)
        }
        Service::Ec2 => {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
                 <Message>{message}</Message></Error></Errors><RequestID>r</RequestID></Response>"
            );
            Reply { body: body.into_bytes(), ..reply }.with("Content-Type", "text/xml")
        }
        Service::Sts | Service::Iam | Service::Sns | Service::Rds => {
            let body = format!(
                "<ErrorResponse xmlns=\"https://x.amazonaws.com/doc/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId>\
                 </ErrorResponse>"
            );
            Reply { body: body.into_bytes(), ..reply }.with("Content-Type", "text/xml")
        }
    }
}
