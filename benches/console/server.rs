//! A loopback server that speaks enough AWS for the watch, each answer after a time that can be changed.
//! Pages are encoded once, so that what is measured is the console and not this.

use super::cbor::Cbor;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// What there is in the estate.
#[derive(Clone, Copy, Default)]
pub struct Estate {
    /// Alarms, in pages of 100.
    pub alarms: usize,
    /// Queues; one in ten has a dead-letter queue among them.
    pub queues: usize,
}

/// A running server.
pub struct Server {
    /// Where it is.
    pub url: String,
    /// Milliseconds before an answer.
    pub latency: Arc<AtomicU64>,
    /// Calls answered.
    pub calls: Arc<AtomicUsize>,
}

struct Answers {
    alarms: Vec<Vec<u8>>,
    queues: usize,
    base: String,
}

/// An endpoint that takes connections and never answers.
pub fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// Starts a server; it ends with the process.
pub fn start(estate: Estate, latency: Duration) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let latency = Arc::new(AtomicU64::new(latency.as_millis() as u64));
    let calls = Arc::new(AtomicUsize::new(0));
    let answers =
        Arc::new(Answers { alarms: alarms(estate.alarms), queues: estate.queues, base: url.clone() });
    let (wait, count) = (latency.clone(), calls.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (answers, wait, count) = (answers.clone(), wait.clone(), count.clone());
            std::thread::spawn(move || serve(stream, &answers, &wait, &count));
        }
    });
    Server { url, latency, calls }
}

/// Serves one connection until the other side closes it, which is no fault.
fn serve(stream: TcpStream, answers: &Answers, wait: &AtomicU64, count: &AtomicUsize) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read(&mut reader) {
        std::thread::sleep(Duration::from_millis(wait.load(Ordering::Relaxed)));
        let (kind, status, body) = answer(&request, answers);
        let extra = if kind == CBOR { "smithy-protocol: rpc-v2-cbor\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{extra}content-length: {}\r\n\r\n",
            body.len()
        );
        count.fetch_add(1, Ordering::Relaxed);
        if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
            return;
        }
    }
}

struct Request {
    path: String,
    target: String,
    body: Vec<u8>,
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut length, mut target) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "x-amz-target" => target = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { path, target, body })
}

const CBOR: &str = "application/cbor";
const JSON: &str = "application/x-amz-json-1.1";
const XML: &str = "text/xml";

fn answer(request: &Request, answers: &Answers) -> (&'static str, &'static str, Vec<u8>) {
    const OK: &str = "200 OK";
    if let Some(operation) = request.path.strip_prefix("/service/GraniteServiceVersion20100801/operation/") {
        return (CBOR, OK, cloudwatch(operation, &request.body, answers));
    }
    if let Some((_, operation)) = request.target.split_once('.') {
        return match json_answer(operation, &request.body, answers) {
            Some(value) => (JSON, OK, value.to_string().into_bytes()),
            None => (JSON, "400 Bad Request", br#"{"__type":"UnknownOperationException"}"#.to_vec()),
        };
    }
    let form = String::from_utf8_lossy(&request.body);
    if form.contains("Action=GetCallerIdentity") {
        return (XML, OK, IDENTITY.as_bytes().to_vec());
    }
    if form.contains("Action=ListAccountAliases") {
        return (XML, OK, ALIASES.as_bytes().to_vec());
    }
    if request.path.contains("/functions") {
        return ("application/json", OK, br#"{"Functions":[]}"#.to_vec());
    }
    if request.path.contains("/event-source-mappings") {
        return ("application/json", OK, br#"{"EventSourceMappings":[]}"#.to_vec());
    }
    ("text/plain", "404 Not Found", b"no such thing here".to_vec())
}

const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
    <GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/alice</Arn><UserId>AIDAEXAMPLE</UserId>\
    <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
const ALIASES: &str = "<ListAccountAliasesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
    <ListAccountAliasesResult><IsTruncated>false</IsTruncated><AccountAliases><member>measured</member>\
    </AccountAliases></ListAccountAliasesResult></ListAccountAliasesResponse>";

fn cloudwatch(operation: &str, body: &[u8], answers: &Answers) -> Vec<u8> {
    let key = match operation {
        "DescribeAlarms" => return answers.alarms[page(body).min(answers.alarms.len() - 1)].clone(),
        "ListAlarmMuteRules" => "AlarmMuteRuleSummaries",
        "DescribeAlarmHistory" => "AlarmHistoryItems",
        "DescribeAlarmContributors" => "AlarmContributors",
        _ => "MetricDataResults",
    };
    let mut cbor = Cbor::default();
    cbor.map(1);
    cbor.text(key);
    cbor.list(0);
    cbor.0
}

/// The number in a request's `page-N`, which is the token that this server gives.
fn page(body: &[u8]) -> usize {
    let Some(at) = body.windows(5).position(|w| w == b"page-") else { return 0 };
    let digits: String =
        body[at + 5..].iter().take_while(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
    digits.parse().unwrap_or(0)
}

const PAGE: usize = 100;
/// When everything last changed: long enough ago that no age steps by less than a day.
const SINCE: u64 = 1_750_000_000;

fn alarms(count: usize) -> Vec<Vec<u8>> {
    let pages = count.div_ceil(PAGE).max(1);
    (0..pages)
        .map(|page| {
            let mut cbor = Cbor::default();
            let more = page + 1 < pages;
            cbor.map(if more { 2 } else { 1 });
            cbor.text("MetricAlarms");
            let numbers = page * PAGE..count.min((page + 1) * PAGE);
            cbor.list(numbers.len());
            numbers.for_each(|n| alarm(n, &mut cbor));
            if more {
                cbor.pair("NextToken", &format!("page-{}", page + 1));
            }
            cbor.0
        })
        .collect()
}

fn alarm(n: usize, cbor: &mut Cbor) {
    let name = format!("service-{:03}-{:05}-latency-p99-high", n % 211, n);
    cbor.map(21);
    cbor.pair("AlarmArn", &format!("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}"));
    cbor.pair("AlarmName", &name);
    cbor.pair("AlarmDescription", "The slowest hundredth of the requests takes too long for those who wait.");
    cbor.instant("AlarmConfigurationUpdatedTimestamp", SINCE);
    cbor.truth("ActionsEnabled", true);
    for (key, topic) in [("OKActions", "ok"), ("AlarmActions", "page"), ("InsufficientDataActions", "look")] {
        cbor.text(key);
        cbor.list(1);
        cbor.text(&format!("arn:aws:sns:eu-central-1:123456789012:{topic}-the-team"));
    }
    let firing = n.is_multiple_of(97);
    cbor.pair("StateValue", if firing { "ALARM" } else { "OK" });
    let reason = "Threshold Crossed: 3 out of the last 3 datapoints [812.4, 799.1, 845.0] were greater than the \
                  threshold (750.0) (minimum 3 datapoints for OK -> ALARM transition).";
    cbor.pair("StateReason", reason);
    cbor.pair(
        "StateReasonData",
        r#"{"version":"1.0","queryDate":"2025-06-15T15:06:40.000+0000","statistic":"Average","period":60,"recentDatapoints":[812.4,799.1,845.0],"threshold":750.0}"#,
    );
    cbor.instant("StateUpdatedTimestamp", SINCE);
    cbor.instant("StateTransitionedTimestamp", SINCE);
    cbor.pair("MetricName", "TargetResponseTime");
    cbor.pair("Namespace", "AWS/ApplicationELB");
    cbor.pair("Statistic", "Average");
    cbor.text("Dimensions");
    cbor.list(1);
    cbor.map(2);
    cbor.pair("Name", "LoadBalancer");
    cbor.pair("Value", &format!("app/service-{:03}/50dc6c495c0c9188", n % 211));
    cbor.count("Period", 60);
    cbor.count("EvaluationPeriods", 3);
    cbor.number("Threshold", 750.0);
    cbor.pair("ComparisonOperator", "GreaterThanThreshold");
}

fn json_answer(operation: &str, body: &[u8], answers: &Answers) -> Option<Value> {
    let asked: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let queue = |n: usize| format!("{}/123456789012/queue-{n:04}", answers.base);
    let number = || asked["QueueUrl"].as_str().and_then(|u| u.rsplit('-').next()?.parse::<usize>().ok());
    Some(match operation {
        "ListQueues" => {
            let from: usize = asked["NextToken"].as_str().and_then(|t| t.parse().ok()).unwrap_or(0);
            let to = answers.queues.min(from + 1000);
            let urls: Vec<String> = (from..to).map(queue).collect();
            if to < answers.queues {
                json!({"QueueUrls": urls, "NextToken": to.to_string()})
            } else {
                json!({"QueueUrls": urls})
            }
        }
        "GetQueueAttributes" => {
            let n = number()?;
            let arn = |n: usize| format!("arn:aws:sqs:eu-central-1:123456789012:queue-{n:04}");
            let mut attributes = json!({
                "QueueArn": arn(n),
                "ApproximateNumberOfMessages": "0",
                "ApproximateNumberOfMessagesNotVisible": "0",
                "ApproximateNumberOfMessagesDelayed": "0",
                "MessageRetentionPeriod": "1209600",
                "VisibilityTimeout": "30",
                "CreatedTimestamp": SINCE.to_string(),
                "LastModifiedTimestamp": SINCE.to_string(),
                "SqsManagedSseEnabled": "true",
            });
            if n % 10 == 1 && n + 1 < answers.queues {
                let policy = json!({"deadLetterTargetArn": arn(n + 1), "maxReceiveCount": 3});
                attributes["RedrivePolicy"] = policy.to_string().into();
            }
            json!({ "Attributes": attributes })
        }
        "ListDeadLetterSourceQueues" => match number()? {
            n if n % 10 == 2 => json!({"queueUrls": [queue(n - 1)]}),
            _ => json!({"queueUrls": []}),
        },
        "ListMessageMoveTasks" => json!({"Results": []}),
        "ListWebACLs" => json!({"WebACLs": []}),
        "ListSecrets" => json!({"SecretList": []}),
        "ListQueueTags" => json!({"Tags": {}}),
        _ => return None,
    })
}
