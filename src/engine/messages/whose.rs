//! Finds out whose invocation a dead letter is, by the id of its request, in the logs of functions: "Lambda functions
//! automatically send logs to a log group named `/aws/lambda/FUNCTION-NAME`" (Lambda developer guide, "Sending Lambda
//! function logs to CloudWatch Logs"), and what Lambda itself writes there for each invocation names the request.
//! So many groups and pages are read and no more, and every call is paid for at the gate.

use crate::engine::gate::Gate;
use crate::engine::runs::Brake;
use crate::engine::walker::pause;
use crate::estate::ask::logs::FilterLogEvents;
use crate::estate::message::whose::{FUNCTIONS, Found, PAGES, REQUESTS, Request, Search};
use crate::estate::time::plus_seconds;
use crate::estate::{Asks, At, Fault, FaultKind, FunctionName, Logged, Ports, Query, Untrusted};

/// An invocation's last try began at most so long before it was given up, in seconds: a function runs for 15 minutes at
/// most (Lambda quotas), and the event waits in between.
const BEFORE_S: i64 = 30 * 60;
/// Clocks differ, and a line is written after what it tells of.
const AFTER_S: i64 = 5 * 60;
/// A throttled call is made so many times.
const TRIES: u32 = 6;

/// The log group of a function, unless it is told otherwise.
#[must_use]
pub fn group_of(function: &FunctionName) -> Untrusted {
    format!("/aws/lambda/{}", function.wire()).into()
}

/// Looks for requests in the logs of functions, the likeliest first. What is found in one log is looked for in no other.
pub async fn search(
    (ports, gate, brake): (&Ports, &Gate, &Brake),
    at: &At,
    requests: &[Request],
    functions: &[FunctionName],
) -> Search {
    let mut search = Search::default();
    let mut left: Vec<&Request> = requests.iter().take(REQUESTS).collect();
    for function in functions.iter().take(FUNCTIONS) {
        if left.is_empty() {
            break;
        }
        if brake.is_pulled() {
            search.gaps.push("it was stopped".to_owned());
            break;
        }
        let mut still = Vec::new();
        for request in left {
            match one((ports, gate), at, request, function, &mut search.gaps).await {
                Ok(Some(line)) => search.found.push(Found {
                    request: request.id.clone(),
                    function: function.clone(),
                    at: line.at,
                }),
                Ok(None) => still.push(request),
                Err(fault) => {
                    let gap = format!("{}: {fault}", function.shown());
                    if fault.kind != FaultKind::NotFound {
                        if !search.gaps.contains(&gap) {
                            search.gaps.push(gap);
                        }
                    } else if !search.without.contains(function) {
                        search.without.push(function.clone());
                    }
                    still.push(request);
                }
            }
        }
        left = still;
        if !search.without.contains(function) {
            search.looked.push(function.clone());
        }
    }
    search.not_found.extend(left.into_iter().map(|request| request.id.clone()));
    search
}

/// The first line of a function's log that names a request.
async fn one(
    (ports, gate): (&Ports, &Gate),
    at: &At,
    request: &Request,
    function: &FunctionName,
    gaps: &mut Vec<String>,
) -> Result<Option<Logged>, Fault> {
    let ask = FilterLogEvents {
        group: group_of(function),
        text: request.id.clone(),
        from: plus_seconds(request.given_up, -BEFORE_S),
        to: plus_seconds(request.given_up, AFTER_S),
        said: false,
    };
    let query = Query { at: at.clone(), ask: ask.ask() };
    let operation = query.ask.operation();
    let (mut cursor, mut tries) = (None, 0);
    for _ in 0..PAGES {
        let page = loop {
            gate.pass(at, operation).await;
            match ports.reads.fetch(&query, cursor.as_ref()).await {
                Ok(page) => {
                    gate.answered(at, operation);
                    break page;
                }
                Err(fault) if fault.kind == FaultKind::Throttled && tries < TRIES => {
                    tries += 1;
                    gate.throttled(at, operation);
                    ports.clock.sleep(pause(tries, ports.clock.now())).await;
                }
                Err(fault) => return Err(fault),
            }
        };
        let lines = FilterLogEvents::open(page.answer)?;
        if let Some(line) = lines.into_iter().next() {
            return Ok(Some(line));
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(None),
        }
    }
    gaps.push(format!("{}: its log was not read to the end ({PAGES} pages)", function.shown()));
    Ok(None)
}
