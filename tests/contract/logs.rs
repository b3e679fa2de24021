//! Questions to CloudWatch Logs: which request a function's log names, which is how a dead letter's function is found. The
//! servers were filled with a log; that of the practice estate follows from its dead letters, so it is asked about one of them.

use super::fill::logs::{FUNCTION, LINES, MANY, ONE};
use super::question::{Question, Wrong, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::logs::FilterLogEvents;
use bartizan::estate::ask::sqs::ListQueues;
use bartizan::estate::change::sqs::Call as Write;
use bartizan::estate::message::Select;
use bartizan::estate::message::envelope;
use bartizan::estate::{
    Call, FaultKind, IdempotencyKey, Receipt, RunId, Timestamp, Untrusted, Vault, time::plus_seconds,
};

const FOUND: &str =
    "CloudWatch Logs API reference, FilterLogEvents; filter pattern syntax, a phrase in quotation marks";
const WINDOW: &str = "CloudWatch Logs API reference, FilterLogEvents: startTime, endTime";

pub const FILLED: &[Question] = &[
    Question {
        name: "request_that_a_log_names",
        source: FOUND,
        needs: Some("log"),
        check: |e| {
            let lines = e.all(named(FUNCTION, ONE, e.now()))?;
            same("lines", lines.len(), 1)?;
            holds(
                "the line is of another time",
                (e.now().as_second() - lines[0].at.as_second()).abs() < 3_600,
            )?;
            holds("the line is of no stream", lines[0].stream.wire().contains("$LATEST"))
        },
    },
    Question {
        name: "request_that_no_line_names",
        source: FOUND,
        needs: Some("log"),
        check: |e| {
            let other = "8f5a2c1e-0000-4000-8000-00000000000c";
            same("lines", e.all(named(FUNCTION, other, e.now()))?, vec![])
        },
    },
    Question {
        name: "request_outside_of_the_time_asked_about",
        source: WINDOW,
        needs: Some("log"),
        check: |e| same("lines", e.all(named(FUNCTION, ONE, plus_seconds(e.now(), -7_200)))?, vec![]),
    },
    Question {
        name: "lines_on_a_second_page",
        source: "CloudWatch Logs API reference, FilterLogEvents: limit, nextToken",
        needs: Some("log"),
        check: pages,
    },
];

/// Asked anywhere.
pub const MISSING: &[Question] = &[Question {
    name: "log_of_a_function_that_is_not",
    source: "CloudWatch Logs service model, FilterLogEvents: ResourceNotFoundException",
    needs: None,
    check: |e| refused(e.first(named("no-such-function", ONE, e.now())), &FaultKind::NotFound),
}];

/// Asked of the practice estate, whose logs cannot be filled. It has one page of each, as a log with little in it has.
pub const OF_A_DEAD_LETTER: &[Question] = &[Question {
    name: "request_of_a_dead_letter_is_in_its_functions_log",
    source: "Lambda developer guide, \"Adding a dead-letter queue\": RequestID; \"Sending Lambda function logs\"",
    needs: None,
    check: of_a_dead_letter,
}];

/// The lines of a function's log around an instant that name a request.
fn named(function: &str, request: &str, around: Timestamp) -> FilterLogEvents {
    FilterLogEvents {
        group: format!("/aws/lambda/{function}").into(),
        text: request.into(),
        from: plus_seconds(around, -1_800),
        to: plus_seconds(around, 300),
        said: false,
    }
}

fn pages(e: &Asking) -> Result<(), Wrong> {
    let pages = e.pages(named(FUNCTION, MANY, e.now()))?;
    let lines: Vec<_> = pages.iter().flatten().collect();
    same("lines", lines.len(), LINES)?;
    holds("the oldest is not the first", lines.is_sorted_by_key(|line| line.at))?;
    holds("a page has more lines than were asked for", pages.iter().all(|page| page.len() <= 10))?;
    holds(format!("all of it is on {} page", pages.len()), pages.len() > 1)
}

fn of_a_dead_letter(e: &Asking) -> Result<(), Wrong> {
    let dead = "mte-prod-LambdaDeadLetterQueue";
    let queues = e.all(ListQueues {})?;
    let queue = queues.into_iter().find(|q| q.name().wire() == dead).ok_or("the queue is not there")?;
    let receive = Call::Sqs(Write::ReceiveMessage {
        queue,
        nth: 0,
        most: 1,
        visibility_s: 60,
        wait_s: 1,
        select: Select::default(),
    });
    let (vault, run) = (Vault::default(), RunId::new("7f3a0b1c").ok_or("no id of a run")?);
    let receipt = e.apply(&receive, &IdempotencyKey::derive(&run, "logs", 0, 1), &vault)?;
    let Receipt::Received { messages, .. } = receipt else { return Err("nothing was received".into()) };
    let id = &messages.first().ok_or("the queue is empty")?.id;
    let held = vault.shelf().get(id).ok_or("it is not in hand")?;
    let opened = envelope::open(&held.message);
    let request = opened.request.as_ref().map(Untrusted::wire).ok_or("it says no request")?.to_owned();
    let function = opened.function.as_ref().map(|f| f.name.wire().to_owned()).ok_or("it says no function")?;
    let sent = held.message.sent.ok_or("it says no date")?;
    same("lines", e.all(named(&function, &request, sent))?.len(), 1)?;
    same("lines of another day", e.all(named(&function, &request, plus_seconds(sent, -86_400)))?, vec![])?;
    same("lines of no request", e.all(named(&function, MANY, sent))?, vec![])
}
