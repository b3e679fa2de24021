//! `queues peek --search-logs`: whose the dead letters are, and how sure that is. What a message says itself is in its
//! document; here it is looked for in the logs of functions.

use super::looking::Meant;
use super::read::Opened;
use super::table::{Block, Cell};
use crate::engine::gate::Gate;
use crate::engine::messages::whose::{FUNCTIONS, Request, Search, search};
use crate::engine::runs::Brake;
use crate::estate::message::envelope::By;
use crate::insight::document::instant;
use crate::insight::messages::{Peeked, likely};
use crate::insight::{Broad, Source};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Looks for the requests of what was seen.
pub(super) async fn find(opened: &Opened<'_>, meant: &Meant, told: &Peeked, brake: &Brake) -> Search {
    let mut requests: Vec<Request> = Vec::new();
    for message in &told.messages {
        let request = message.request.as_ref().zip(message.message.sent);
        let request = request.and_then(|(id, sent)| Request::of(id, sent));
        requests.extend(request.filter(|r| requests.iter().all(|known| known.id != r.id)));
    }
    if requests.is_empty() {
        return Search::default();
    }
    let reading = opened.read(&[Source::Broad(Broad::Functions)]).await;
    let arn = meant.facts.as_ref().map(|facts| facts.arn.clone());
    let candidates = arn.map(|arn| likely::functions(&reading.inv, &arn, told)).unwrap_or_default();
    let gate = Gate::new(opened.ports.clock.clone());
    let mut found = search((&opened.ports, &gate, brake), &meant.at, &requests, &candidates).await;
    if let Err(failure) = reading.require(&[Source::Broad(Broad::Functions)]) {
        found.gaps.push(format!("which functions there are cannot be read: {failure}"));
    }
    found
}

/// As a part of the document.
pub(super) fn document(search: &Search) -> Value {
    let found = search.found.iter().map(
        |f| json!({ "request": f.request.wire(), "function": f.function.wire(), "logged_at": instant(f.at) }),
    );
    json!({
        "found": found.collect::<Value>(),
        "not_found": search.not_found.iter().map(|id| id.wire()).collect::<Vec<_>>(),
        "functions": search.looked.iter().map(|f| f.wire()).collect::<Vec<_>>(),
        "without_log": search.without.iter().map(|f| f.wire()).collect::<Vec<_>>(),
        "gaps": search.gaps,
    })
}

/// For a person: what the messages say themselves and what the logs say, each with how sure it is.
pub(super) fn blocks(told: &Peeked, search: &Search) -> Vec<Block> {
    let line = |text: String| Block::Line(vec![Cell::plain(text)]);
    let mut out = vec![Block::Line(Vec::new())];
    let mut said: BTreeMap<(String, By), u64> = BTreeMap::new();
    for (name, by) in told.messages.iter().filter_map(|m| m.function.as_ref()) {
        *said.entry((name.shown().to_string(), *by)).or_default() += 1;
    }
    for ((name, by), n) in said {
        let how = match by {
            By::Record => "their records name it: sure",
            By::Sender => "their sender is called so: likely, and documented nowhere",
        };
        out.push(line(format!("{n} of {} are of {name} ({how})", told.messages.len())));
    }
    for found in &search.found {
        out.push(line(format!(
            "request {} is of {} (its log names it: sure)",
            found.request.shown(),
            found.function.shown()
        )));
    }
    let looked: Vec<String> = search.looked.iter().map(|f| f.shown().to_string()).collect();
    for id in &search.not_found {
        let where_ = match looked.is_empty() {
            true => "no log could be looked through".to_owned(),
            false => format!(
                "not in the logs of {} (of the likeliest {FUNCTIONS} functions; a log may be gone, or elsewhere)",
                looked.join(", ")
            ),
        };
        out.push(line(format!("request {}: {where_}", id.shown())));
    }
    if search.found.is_empty() && search.not_found.is_empty() {
        out.push(line(
            "no message says the id of its request: there is nothing to look for in logs".to_owned(),
        ));
    }
    out
}
