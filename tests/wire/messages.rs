//! The calls that move messages, on the wire: what each sends, what it makes of batches that were taken in part, and
//! what the shelf holds after every fault. Requests and answers are those of the published service models.

use crate::calls::key;
use crate::changes::open;
use crate::faults::{half, says};
use crate::server::{Manner, Reply, Server};
use crate::services::{error, json_answer};
use bartizan::estate::change::Call;
use bartizan::estate::change::lambda::{Call as Function, LOG_TAIL};
use bartizan::estate::change::sqs::Call as Write;
use bartizan::estate::message::{Attribute, AttributeValue, Held, Message, Select};
use bartizan::estate::{
    Arn, Fault, FaultKind, FunctionName, MessageId, QueueUrl, Receipt, RunId, Service, Slot, Timestamp, Vault,
};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use zeroize::Zeroizing;

const PATIENT: Duration = Duration::from_secs(10);
const HASTY: Duration = Duration::from_millis(400);
const BODY: &str = "{\"kind\":\"order\",\"card\":\"MARK4711\"}";
const QUEUE: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/orders-dlq";
const ARN: &str = "arn:aws:sqs:eu-central-1:123456789012:orders-dlq";

fn queue() -> QueueUrl {
    QueueUrl::new(QUEUE)
}

fn id(n: u8) -> MessageId {
    MessageId::new(format!("0000000{n}-0000-4000-8000-000000000000"))
}

/// A vault with three messages in hand.
fn vault() -> Vault {
    let vault = Vault::default();
    for n in 0..3 {
        let mut message = Message::new(id(n), Zeroizing::new(BODY.to_owned()));
        let value = AttributeValue::Binary(Zeroizing::new(vec![0, 159, 146, n]));
        message.attributes.insert("sum".into(), Attribute { data_type: "Binary.sha".into(), value });
        message.group = Some("cust-7".into());
        message.trace = Some("Root=1-5759e988-bd862e3fe1be46a994272793".into());
        let handle = Zeroizing::new(format!("HANDLE{n}"));
        vault.shelf().put(Held { message, handle, until: Timestamp::now() });
    }
    vault
}

struct Case {
    name: &'static str,
    service: Service,
    call: fn() -> Call,
    good: fn() -> Reply,
    /// Whether its answer is read at all.
    read: bool,
}

fn sqs(body: &Value) -> Reply {
    json_answer(Service::Sqs, body)
}

fn all() -> Vec<MessageId> {
    (0..3).map(id).collect()
}

fn done() -> Value {
    json!({ "Successful": (0..3).map(|n| json!({ "Id": n.to_string() })).collect::<Vec<_>>(), "Failed": [] })
}

fn sent() -> Value {
    let one =
        |n: usize| json!({ "Id": n.to_string(), "MessageId": format!("new-{n}"), "MD5OfMessageBody": "x" });
    json!({ "Successful": (0..3).map(one).collect::<Vec<_>>(), "Failed": [] })
}

fn send(to: &str) -> Call {
    let (to, run) = (QueueUrl::new(to), RunId::new("7f3a0b1c").unwrap());
    Call::Sqs(Write::SendMessageBatch { to, messages: all(), run, body: None })
}

fn receive() -> Call {
    let select = Select { ids: Some(BTreeSet::from([id(8)])), ..Select::default() };
    Call::Sqs(Write::ReceiveMessage { queue: queue(), nth: 0, most: 10, visibility_s: 60, wait_s: 2, select })
}

fn received() -> Value {
    let attributes = json!({
        "SentTimestamp": "1795000000123", "ApproximateReceiveCount": "4", "SenderId": "AROAX:ingest",
        "DeadLetterQueueSourceArn": "arn:aws:sqs:eu-central-1:123456789012:orders",
        "ApproximateFirstReceiveTimestamp": "1795000001000", "MessageGroupId": "g",
    });
    let one = |n: u8| {
        json!({
            "MessageId": id(n).wire(), "ReceiptHandle": format!("HANDLE{n}"), "Body": BODY, "Attributes": attributes,
            "MessageAttributes": { "sum": { "DataType": "Binary.sha", "BinaryValue": "AJ+S" } },
        })
    };
    json!({ "Messages": [one(8), one(9)] })
}

fn invoke(wait: bool) -> Call {
    let function = FunctionName::new("ingest");
    Call::Lambda(Function::InvokeMessage { function, qualifier: None, message: id(0), wait })
}

const ALL: &[Case] = &[
    Case { name: "receive", service: Service::Sqs, call: receive, good: || sqs(&received()), read: true },
    Case { name: "send", service: Service::Sqs, call: || send(QUEUE), good: || sqs(&sent()), read: true },
    Case {
        name: "delete",
        service: Service::Sqs,
        call: || Call::Sqs(Write::DeleteMessageBatch { queue: queue(), messages: all() }),
        good: || sqs(&done()),
        read: true,
    },
    Case {
        name: "hide",
        service: Service::Sqs,
        call: || {
            Call::Sqs(Write::ChangeMessageVisibilityBatch { queue: queue(), messages: all(), seconds: 0 })
        },
        good: || sqs(&done()),
        read: true,
    },
    Case {
        name: "start_move",
        service: Service::Sqs,
        call: || {
            let queue = Arn::new(ARN);
            Call::Sqs(Write::StartMessageMoveTask { queue, to: None, rate: Some(5), before: vec![] })
        },
        good: || sqs(&json!({ "TaskHandle": "a-handle-long-enough-to-be-cut" })),
        read: true,
    },
    Case {
        name: "cancel_move",
        service: Service::Sqs,
        call: || Call::Sqs(Write::CancelMessageMoveTask { queue: Arn::new(ARN), handle: "h".into() }),
        good: || sqs(&json!({ "ApproximateNumberOfMessagesMoved": 3 })),
        read: true,
    },
    Case {
        name: "purge",
        service: Service::Sqs,
        call: || Call::Sqs(Write::PurgeQueue { queue: queue() }),
        good: || Reply { status: 200, ..Reply::default() },
        read: false,
    },
    Case {
        name: "replay",
        service: Service::Lambda,
        call: || invoke(false),
        good: || Reply { status: 202, ..Reply::default() },
        read: false,
    },
];

struct Weather {
    name: &'static str,
    manner: fn(&Case) -> Manner,
    patience: Duration,
    word: &'static str,
    doubt: bool,
    /// Only for answers that are read.
    read: bool,
}

fn weathers() -> Vec<Weather> {
    let of = |name, manner, word, doubt, read| Weather { name, manner, patience: PATIENT, word, doubt, read };
    vec![
        of(
            "throttled",
            |c| says(error(c.service, 403, "RequestThrottled", "slow down")),
            "throttled",
            false,
            false,
        ),
        of("denied", |c| says(error(c.service, 403, "AccessDenied", "no")), "denied", false, false),
        of("reset", |_| Manner::ResetsAtOnce, "unreachable", true, false),
        of("cut", |c| Manner::Truncated((c.good)(), half(&(c.good)())), "malformed", true, true),
        Weather { patience: HASTY, ..of("silent", |_| Manner::Silent, "timed_out", true, false) },
    ]
}

fn check(case: &Case, weather: &Weather) -> Result<(), Failed> {
    if weather.read && !case.read {
        return Ok(());
    }
    let server = Server::start((weather.manner)(case));
    let vault = vault();
    let outcome = open(server.url(), weather.patience).apply(&(case.call)(), &key(), &vault);
    let fault = outcome.err().ok_or("it was done")?;
    if fault.word() != weather.word || fault.may_have_happened() != weather.doubt {
        return Err(format!("expected {} ({}), got {fault:?}", weather.word, weather.doubt).into());
    }
    // what is in hand stays there: it is needed for the next try
    assert!(
        vault.shelf().len() == 3 && all().iter().all(|id| vault.shelf().holds(id)),
        "{:?}",
        vault.shelf().len()
    );
    tells_nothing(&fault);
    assert!(server.requests() <= 1, "one call");
    Ok(())
}

fn tells_nothing(fault: &Fault) {
    let said = format!("{fault:?} {}", fault.message.wire());
    assert!(!said.contains("MARK") && !said.contains("HANDLE"), "{said}");
}

/// Answers a call, and gives what was sent.
fn over(call: &Call, vault: &Vault, reply: Reply) -> (Result<Receipt, Fault>, Value) {
    let server = Server::start(says(reply));
    let outcome = open(server.url(), PATIENT).apply(call, &key(), vault);
    let body = server.last().map(|r| serde_json::from_slice(&r.body).unwrap_or(Value::Null));
    (outcome, body.unwrap_or_default())
}

fn a_batch_in_part() -> Result<(), Failed> {
    let part = json!({
        "Successful": [{ "Id": "1", "MessageId": "new", "MD5OfMessageBody": "x" }],
        "Failed": [
            { "Id": "0", "Code": "InvalidMessageContents", "SenderFault": true, "Message": BODY },
            { "Id": "2", "Code": "InternalError", "SenderFault": false },
        ],
    });
    let calls = [ALL[1].call, ALL[2].call, ALL[3].call];
    for (n, call) in calls.into_iter().enumerate() {
        let vault = vault();
        let (outcome, _) = over(&call(), &vault, sqs(&part));
        let Receipt::Batch { done, failed, .. } = outcome.map_err(|f| format!("{f:?}"))? else {
            panic!("no batch")
        };
        assert_eq!(done, [id(1)]);
        let failed: Vec<_> = failed.iter().map(|f| (f.id.clone(), f.code.wire(), f.sender)).collect();
        assert_eq!(failed, [(id(0), "InvalidMessageContents", true), (id(2), "InternalError", false)]);
        // sent: all are still in hand; deleted: the rest is; given back: none is
        assert_eq!(vault.shelf().len(), [3, 2, 0][n]);
    }
    Ok(())
}

/// An event that Lambda takes from nobody is an answer about that message, and no reason to leave the others.
fn an_event_that_lambda_does_not_take() -> Result<(), Failed> {
    for (status, code) in [(400, "InvalidRequestContentException"), (413, "RequestTooLargeException")] {
        let (outcome, _) = over(&invoke(false), &vault(), error(Service::Lambda, status, code, BODY));
        let Receipt::Invoked { function_error: Some(said), request: None, .. } =
            outcome.map_err(|f| format!("{f:?}"))?
        else {
            panic!("it was taken")
        };
        assert_eq!(said.wire(), code);
    }
    let (outcome, _) =
        over(&invoke(false), &vault(), error(Service::Lambda, 400, "InvalidParameterValueException", "x"));
    assert!(outcome.is_err(), "what is wrong with the call is wrong with every message");
    Ok(())
}

/// An entry without an answer may have been taken or not.
fn an_entry_without_an_answer() -> Result<(), Failed> {
    let short =
        json!({ "Successful": [{ "Id": "1", "MessageId": "n", "MD5OfMessageBody": "x" }], "Failed": [] });
    let strange =
        json!({ "Successful": [{ "Id": "7", "MessageId": "n", "MD5OfMessageBody": "x" }], "Failed": [] });
    for body in [short, strange] {
        for call in [ALL[1].call, ALL[2].call] {
            let vault = vault();
            let fault = over(&call(), &vault, sqs(&body)).0.err().ok_or("it was done")?;
            assert!(fault.kind == FaultKind::Malformed && fault.may_have_happened(), "{fault:?}");
            assert_eq!(vault.shelf().len(), 3);
        }
    }
    Ok(())
}

fn what_is_received() -> Result<(), Failed> {
    let vault = Vault::default();
    let (outcome, body) = over(&receive(), &vault, sqs(&received()));
    let Receipt::Received { messages, .. } = outcome.map_err(|f| format!("{f:?}"))? else {
        panic!("no messages")
    };
    assert_eq!((messages.len(), messages[0].chosen, messages[1].chosen), (2, true, false));
    assert_eq!((messages[0].receive_count, messages[0].group, messages[1].group), (4, Some(0), Some(0)));
    assert!(!format!("{messages:?}").contains("MARK"), "a receipt holds no body");
    let held = vault.shelf().get(&id(9)).ok_or("it is not on the shelf")?;
    assert_eq!((held.message.body(), &**held.handle), (BODY, "HANDLE9"));
    assert!(
        matches!(&held.message.attributes["sum"].value, AttributeValue::Binary(b) if ***b == [0, 159, 146])
    );
    let model = json!({
        "QueueUrl": QUEUE, "MaxNumberOfMessages": 10, "VisibilityTimeout": 60, "WaitTimeSeconds": 2,
        "MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"],
    });
    assert_eq!(body, model);
    Ok(())
}

fn what_is_sent() -> Result<(), Failed> {
    let fifo = QUEUE.replace("orders-dlq", "orders.fifo");
    let (outcome, body) = over(&send(&fifo), &vault(), sqs(&sent()));
    outcome.map_err(|f| format!("{f:?}"))?;
    let first = &body["Entries"][0];
    assert_eq!((&first["MessageBody"], &first["MessageGroupId"]), (&json!(BODY), &json!("cust-7")));
    assert_eq!(first["MessageAttributes"]["sum"]["BinaryValue"], json!("AJ+SAA=="));
    assert!(
        first["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"]
            .as_str()
            .unwrap()
            .starts_with("Root=")
    );
    let twice = over(&send(&fifo), &vault(), sqs(&sent())).1;
    let ids = |body: &Value| -> Vec<String> {
        let entries = body["Entries"].as_array().unwrap();
        entries.iter().map(|e| e["MessageDeduplicationId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&body), ids(&twice), "the same for every try");
    assert_eq!(ids(&body).into_iter().collect::<BTreeSet<_>>().len(), 3);
    let standard = over(&send(QUEUE), &vault(), sqs(&sent())).1;
    assert_eq!(standard["Entries"][0]["MessageDeduplicationId"], Value::Null);
    Ok(())
}

fn a_canary() -> Result<(), Failed> {
    let echo = json_answer(Service::Lambda, &json!({ "errorMessage": BODY }));
    let reply = echo.with("X-Amz-Function-Error", "Unhandled").with("X-Amz-Log-Result", "U1RBUlQ=");
    let reply = reply.with("x-amzn-RequestId", "8f5a2c1e-0000-4000-8000-000000000001");
    let vault = vault();
    let (outcome, body) = over(&invoke(true), &vault, reply);
    let receipt = outcome.map_err(|f| format!("{f:?}"))?;
    let request = Some("8f5a2c1e-0000-4000-8000-000000000001".into());
    assert_eq!(receipt, Receipt::Invoked { status: 200, function_error: Some("Unhandled".into()), request });
    assert_eq!(body, serde_json::from_str::<Value>(BODY).unwrap());
    assert_eq!(vault.with(&Slot::new(LOG_TAIL), |t| t == b"U1RBUlQ="), Some(true));
    Ok(())
}

/// What is in nobody's hand any more is not sent.
fn nothing_in_hand() -> Result<(), Failed> {
    for case in &ALL[1..4] {
        let server = Server::start(says((case.good)()));
        let outcome = open(server.url(), PATIENT).apply(&(case.call)(), &key(), &Vault::default());
        let Receipt::Batch { done, failed, .. } = outcome.map_err(|f| format!("{f:?}"))? else {
            panic!("no batch")
        };
        assert!(done.is_empty() && failed.len() == 3 && server.requests() == 0, "{}", case.name);
    }
    Ok(())
}

pub fn trials() -> Vec<Trial> {
    let mut out = Vec::new();
    for case in ALL {
        for weather in weathers() {
            let name = format!("message::{}::{}", weather.name, case.name);
            out.push(Trial::test(name, move || check(case, &weather)));
        }
    }
    type Check = fn() -> Result<(), Failed>;
    let checks: [(&str, Check); 7] = [
        ("a_batch_in_part", a_batch_in_part),
        ("an_event_that_lambda_does_not_take", an_event_that_lambda_does_not_take),
        ("an_entry_without_an_answer", an_entry_without_an_answer),
        ("what_is_received", what_is_received),
        ("what_is_sent", what_is_sent),
        ("a_canary_has_its_log", a_canary),
        ("nothing_in_hand_is_not_sent", nothing_in_hand),
    ];
    out.extend(checks.into_iter().map(|(name, check)| Trial::test(format!("message::{name}"), check)));
    out
}
