//! What a look at a queue's messages showed: by error, largest first, then the messages themselves, neutralised. Before
//! the first look it says what one costs.

use super::line::{Line, cut_end};
use super::say::Say;
use crate::console::model::Model;
use crate::console::model::peek::{SAMPLE, Sample, Stage};
use crate::controls::{Action, Role};
use crate::estate::QueueUrl;
use crate::estate::change::messages::VISIBILITY_S;
use crate::estate::message::whose::{Verdict, cost as cost_of_search};
use crate::insight::messages::draw::{Limit, body};
use crate::insight::messages::{Cause, Told, cost};
use crate::insight::words;

/// Lines of a body.
const BODY: usize = 8;

/// The lines about messages of the queue `url`, which is a dead-letter queue.
pub fn lines(model: &Model, url: &QueueUrl, say: &Say<'_>) -> Vec<Line> {
    let peek = model.peeks.get(url);
    let mut out = match peek.and_then(|p| p.sample.as_ref()) {
        Some(sample) => told(sample, say),
        None => before(model, url, say),
    };
    if let Some(peek) = peek {
        if peek.busy {
            out.push(Line::of(Role::Accent, "looking at messages; every one is given back"));
        }
        if let Some(words) = &peek.trouble {
            out.extend(say.wrapped(Role::Now, words));
        }
    }
    if let Some(export) = model.exports.get(url) {
        let role = if export.busy { Role::Accent } else { Role::Text };
        export.said.iter().for_each(|s| out.extend(say.wrapped(role, s)));
        if export.busy {
            out.push(Line::of(Role::Dim, "the same key stops it; what was received is kept and given back"));
        }
        if let Some(words) = &export.trouble {
            out.extend(say.wrapped(Role::Now, words));
        }
    }
    if let Some(search) = model.searches.get(url) {
        out.extend(whose(&search.stage, say));
    }
    if !out.is_empty() {
        out.push(Line::blank());
    }
    out
}

/// How far the search for whose they are is.
fn whose(stage: &Stage, say: &Say<'_>) -> Vec<Line> {
    let mut out = vec![Line::blank(), say.heading("WHOSE THEY ARE", None)];
    let mut after: &[String] = &[];
    let (role, words) = match stage {
        Stage::Offered => {
            let look = format!(
                "{SAMPLE} messages are looked at for it, and given back: their receive counts rise by one."
            );
            let key = "The same key looks for them; until then nothing is read.".to_owned();
            (Role::Soon, vec![cost_of_search(), look, key])
        }
        Stage::Busy => (
            Role::Accent,
            vec!["looking at messages and in the logs of functions; the same key stops it".to_owned()],
        ),
        Stage::Trouble(words) => (Role::Now, vec![words.clone()]),
        Stage::Found(found) => {
            let (sure, key) = match &found.verdict {
                Verdict::One(_, sure) | Verdict::Each(sure) => {
                    (sure, "The same key begins a replay with it.")
                }
                Verdict::None(why) => (why, "The same key looks again; what that costs is said first."),
            };
            after = &found.said;
            (Role::Strong, vec![sure.clone(), key.to_owned()])
        }
    };
    words.iter().for_each(|words| out.extend(say.wrapped(role, words)));
    after.iter().for_each(|words| out.extend(say.wrapped(Role::Text, words)));
    out
}

/// What a look costs, before there was one.
fn before(model: &Model, url: &QueueUrl, say: &Say<'_>) -> Vec<Line> {
    let facts = model.inventory.queues.get(url).and_then(|row| row.facts.value());
    if facts.is_some_and(|f| f.messages == Some(0)) || !model.enabled(Action::Peek) {
        return Vec::new();
    }
    let cost = cost::of(facts, VISIBILITY_S);
    let mut out = vec![say.heading("MESSAGES", None)];
    match &cost.refused {
        Some(why) => out.extend(say.wrapped(Role::Soon, why)),
        None => cost.sentences.iter().for_each(|s| out.extend(say.wrapped(Role::Dim, s))),
    }
    out
}

fn told(sample: &Sample, say: &Say<'_>) -> Vec<Line> {
    let count = sample.told.messages.len();
    let head = format!("BY ERROR {} sample of {count}", say.glyphs.dot);
    let when = format!("peeked {} UTC", words::clock(sample.at));
    let mut out = vec![Line::of(Role::Header, head).ending(Role::Dim, when)];
    if count == 0 {
        out.push(Line::of(Role::Dim, "no message was to be had: it is empty, or others have them in hand"));
    }
    out.extend(sample.told.groups.iter().map(|cause| group(cause, say)));
    sample.account.iter().for_each(|s| out.extend(say.wrapped(Role::Soon, s)));
    if count > 0 {
        out.push(Line::blank());
        out.push(say.heading("MESSAGES", Some(count)));
    }
    sample.told.messages.iter().for_each(|m| out.extend(message(m, say)));
    out
}

fn group(cause: &Cause, say: &Say<'_>) -> Line {
    let functions: Vec<String> = cause.group.functions.iter().map(|f| f.shown().to_string()).collect();
    let who = match functions.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    };
    let lost = cause
        .first_lost
        .filter(|e| e.exact)
        .and_then(|e| e.in_s(say.now))
        .map(|s| format!("lost in {}", words::duration(s)))
        .unwrap_or_default();
    let end = if say.room >= 70 && !who.is_empty() { who } else { lost };
    let room = say.room.saturating_sub(10 + super::line::width(&end)).max(12);
    let key = cut_end(&cause.group.key.shown().to_string(), room, say.glyphs.cut);
    Line::of(Role::Strong, format!("{:>3}  ", cause.group.count)).and(Role::Text, key).ending(Role::Dim, end)
}

fn message(told: &Told, say: &Say<'_>) -> Vec<Line> {
    let mut facts = Vec::new();
    if let Some(sent) = told.message.sent {
        facts.push(format!("sent {}", words::instant(sent, say.now)));
    }
    facts.push(words::counted(u64::from(told.message.receive_count), "receive"));
    if let Some(left) = told.expires.filter(|e| e.exact).and_then(|e| e.in_s(say.now)) {
        facts.push(format!("lost in {}", words::duration(left)));
    }
    if told.masked {
        facts.push("masked".into());
    }
    let mut out = vec![
        Line::of(Role::Accent, told.message.id.shown().to_string()),
        Line::of(Role::Dim, format!("  {}", facts.join("  "))),
    ];
    if let Some(error) = &told.error {
        let text = cut_end(&error.shown().to_string(), say.room.saturating_sub(4).max(8), say.glyphs.cut);
        out.push(Line::of(Role::Soon, format!("  {text}")));
    }
    let columns = say.room.saturating_sub(4).clamp(8, 200);
    let drawn = body(told.message.body(), Limit { lines: BODY, columns });
    for line in &drawn.lines {
        out.push(Line::of(Role::Text, format!("  {}", cut_end(line, columns, say.glyphs.cut))));
    }
    out.push(Line::of(Role::Dim, format!("  {}", drawn.note())));
    out
}
