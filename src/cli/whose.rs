//! `--search-logs` of `queues peek` and `queues replay`: whose the dead letters are, and how sure that is. What a message
//! says itself is in its document; here it is looked for in the logs of functions.

use super::args::{Choice, LogLevel};
use super::exit::Failure;
use super::looking::{self, Meant};
use super::out::Out;
use super::read::Opened;
use super::run::World;
use super::say::safe;
use super::table::{Block, Cell};
use crate::engine::gate::Gate;
use crate::engine::messages::whose::search;
use crate::engine::runs::Brake;
use crate::estate::FunctionName;
use crate::estate::message::whose::{REQUESTS, Search, Verdict, requests, say_themselves};
use crate::insight::document::instant;
use crate::insight::messages::{Peeked, likely, said};
use crate::insight::{Broad, Source};
use serde_json::{Value, json};

/// Messages that a replay looks at to find out whose they are; of those that are chosen so many are read at most.
const SAMPLE: u64 = 10;
const READ: u64 = 1000;

/// The function that a replay is to invoke, or that it is each message's own, and how sure that is. Nothing is looked for
/// where one function alone names the queue, which is `None`.
///
/// # Errors
/// Nobody can be named (exit 4); or it could not be looked for.
pub(super) async fn replayed(
    opened: &Opened<'_>,
    queue: &str,
    choice: &Choice,
    world: &World,
    out: &mut Out,
) -> Result<Option<(Option<FunctionName>, String)>, Failure> {
    let meant = Meant::find(opened, queue).await?;
    let sources = [Source::Broad(Broad::Queues), Source::Broad(Broad::Functions)];
    let reading = opened.read(&sources).await;
    reading.require(&sources)?;
    let arn = meant.facts.as_ref().map(|facts| facts.arn.clone());
    if let Some(only) = arn.and_then(|arn| likely::alone(&reading.inv, &arn)) {
        let words = format!("{} alone names this queue: nothing is looked for in logs", only.shown());
        out.note(LogLevel::Warn, words);
        return Ok(None);
    }
    let chooses = choice.group.is_some() || choice.filter.is_some();
    let (enough, read) = if chooses { (REQUESTS as u64, READ) } else { (SAMPLE, SAMPLE) };
    let some = looking::Sample { enough: Some(enough), read: Some(read), logs: true, choice };
    let looked = looking::look(opened, &meant, &some, world, out).await?;
    let search = looked.search.unwrap_or_default();
    let said = said(&looked.told);
    let gaps = search.gaps.iter().map(|gap| format!("logs: {}", safe(gap)));
    for words in say_themselves(&said).into_iter().chain(search.said()).chain(gaps) {
        out.note(LogLevel::Warn, words);
    }
    match search.verdict(&said) {
        Verdict::One(function, sure) => Ok(Some((Some(function), sure))),
        Verdict::Each(sure) => Ok(Some((None, sure))),
        Verdict::None(why) => Err(Failure::refused(format!(
            "{why}. Nothing was invoked: say which function it is (`--function NAME`), or choose messages by `--group` or \
             `--filter`; without `--search-logs` each message's own is invoked, where it says one"
        ))),
    }
}

/// Looks for the requests of what was seen.
pub(super) async fn find(opened: &Opened<'_>, meant: &Meant, told: &Peeked, brake: &Brake) -> Search {
    let requests = requests(&said(told));
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
    out.extend(say_themselves(&said(told)).into_iter().map(line));
    out.extend(search.said().into_iter().map(line));
    if search.found.is_empty() && search.not_found.is_empty() {
        out.push(line(
            "no message says the id of its request: there is nothing to look for in logs".to_owned(),
        ));
    }
    out
}
