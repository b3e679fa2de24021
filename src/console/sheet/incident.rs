//! The page of an incident: what is suspected, the clock, the phases, what is open, its runs, and the time line with the
//! newest first. Knows no cells, colours or keys.

use super::line::{Line, cut_end, wrap};
use super::run::state_words;
use super::say::Say;
use crate::console::model::{Model, Screen};
use crate::controls::Role;
use crate::estate::{Timestamp, Untrusted};
use crate::insight::words;
use crate::runbook::RunState;
use crate::runbook::incident::{AttachedRun, Entry, EntryKind, IncidentId, Phase, Picture, Stand, Way, Why};

/// The lines of the page.
pub fn lines(model: &Model, id: &IncidentId, say: &Say<'_>) -> Vec<Line> {
    let Some(picture) = model.incidents.read.get(id) else {
        return vec![Line { left: vec![say.unread("the incident on the way")], ..Line::default() }];
    };
    let mut lines = say.quoted(Role::Strong, &picture.incident.suspected);
    lines.extend(clock(picture, say));
    lines.push(phases(picture, say));
    lines.push(Line::blank());
    lines.extend(ends(picture, say));
    recovery(picture, say, &mut lines);
    lines.push(say.heading("RUNS", Some(picture.runs.len())));
    lines.extend(picture.runs.iter().map(|run| attached(run, say)));
    lines.push(Line::blank());
    lines.push(say.heading("TIME LINE", Some(picture.line.len())));
    picture.line.iter().rev().for_each(|entry| self::entry(entry, say, &mut lines));
    lines
}

/// What the head of the page says at its right.
#[must_use]
pub fn headline(picture: &Picture, now: Timestamp, dot: &str) -> String {
    let incident = &picture.incident;
    match &incident.closed {
        Some(closed) => format!("closed {} {}", dot, words::age(closed.at, now)),
        None => format!("open {} known {}", dot, words::age(picture.clock.known, now)),
    }
}

fn clock(picture: &Picture, say: &Say<'_>) -> Vec<Line> {
    let clock = &picture.clock;
    let after = |t: Timestamp| {
        let seconds = crate::estate::time::seconds_between(clock.known, t);
        format!("{} after it was known", words::duration(seconds))
    };
    let mut line = Line::of(Role::Dim, format!("known {}", words::age(clock.known, say.now)));
    line = match clock.first_containing {
        Some(t) => line.and(Role::Text, format!("  first contained {}", after(t))),
        None => line.and(Role::Soon, "  nothing contained yet"),
    };
    line = match (clock.contained, clock.first_containing) {
        (Some(t), _) => line.and(Role::Ok, format!("  {} found contained {}", say.glyphs.done, after(t))),
        (None, Some(_)) => line.and(Role::Soon, "  not known to be contained"),
        (None, None) => line,
    };
    let mut lines = vec![line];
    if let Some(closed) = &picture.incident.closed {
        let why = closed.reason.as_ref().map_or_else(String::new, |r| format!(": {}", r.shown()));
        lines.extend(say.wrapped(Role::Dim, &format!("closed by {}{why}", closed.by.shown())));
    }
    lines
}

/// The six phases in one line: those under way with the time since when.
fn phases(picture: &Picture, say: &Say<'_>) -> Line {
    let mut line = Line::default();
    for phase in Phase::ALL {
        let reached = picture.phases.iter().find(|r| r.phase == phase);
        line = match reached {
            Some(reached) => {
                let said = if matches!(reached.why, Why::Said { .. }) { "*" } else { "" };
                let since = words::clock(reached.at);
                line.and(Role::Ok, format!("  {} ", say.glyphs.done))
                    .and(Role::Text, format!("{}{said}", phase.word()))
                    .and(Role::Dim, format!(" {since}"))
            }
            None => line.and(Role::Dim, format!("  {} {}", say.glyphs.dot, phase.word())),
        };
    }
    if let Some(first) = line.left.first_mut() {
        first.text = first.text.trim_start().to_owned();
    }
    line
}

fn ends(picture: &Picture, say: &Say<'_>) -> Vec<Line> {
    let mut lines = vec![say.heading("OPEN", Some(picture.ends.len()))];
    if picture.ends.is_empty() {
        lines.push(Line::of(Role::Ok, format!("{} nothing is open", say.glyphs.done)));
    }
    for end in &picture.ends {
        let text = Untrusted::from(format!("{}: {}", end.kind.word().replace('_', " "), end.text));
        let mut first = true;
        for text in wrap(&text.shown().to_string(), say.room.saturating_sub(4).clamp(8, 100)) {
            let mark = if first { say.glyphs.soon } else { " " };
            let mut line = Line::of(Role::Soon, format!("{mark} ")).and(Role::Text, text);
            let there = end.run.as_ref().filter(|id| first && picture.runs.iter().any(|r| r.id == **id));
            if let Some(run) = there {
                line = line.to(Screen::Run(run.clone()));
            }
            first = false;
            lines.push(line);
        }
        if let Some(command) = &end.command {
            let shown = Untrusted::from(command.as_str()).shown().to_string();
            let room = say.room.saturating_sub(6).max(8);
            lines.push(Line::of(Role::Dim, format!("    {}", cut_end(&shown, room, say.glyphs.cut))));
        }
    }
    lines.push(Line::blank());
    lines
}

/// The recovery list: Enter leads to what does a line.
fn recovery(picture: &Picture, say: &Say<'_>, lines: &mut Vec<Line>) {
    if picture.recovery.is_empty() {
        return;
    }
    let over = picture.recovery.iter().filter(|due| due.stand.is_over()).count();
    let heading = say.heading("RECOVERY", Some(picture.recovery.len()));
    lines.push(heading.and(Role::Dim, format!("  {over} over")));
    for due in &picture.recovery {
        let (role, sign) = match &due.stand {
            Stand::Open => (Role::Soon, say.glyphs.soon),
            Stand::UnderWay { .. } => (Role::Accent, say.glyphs.half),
            Stand::Done { .. } => (Role::Ok, say.glyphs.done),
            Stand::Aside { .. } => (Role::Dim, say.glyphs.dash),
        };
        let text = Untrusted::from(format!("{}: {}", due.kind.word().replace('_', " "), due.text));
        let words = if due.stand.is_over() { Role::Dim } else { Role::Text };
        let room = say.room.saturating_sub(4).clamp(8, 100);
        for (n, part) in wrap(&text.shown().to_string(), room).into_iter().enumerate() {
            let line = Line::of(role, if n == 0 { format!("{sign} ") } else { "  ".to_owned() });
            let line = line.and(words, part);
            lines.push(if n == 0 { line.folding(&due.id) } else { line });
        }
        let how = match (&due.stand, due.way.command(&picture.incident.id), &due.way) {
            (Stand::Open, Some(command), _) => command,
            (Stand::Open, None, Way::Hand(how)) => format!("by hand: {how}"),
            (stand, _, _) => stand.said(),
        };
        let how = Untrusted::from(how.as_str()).shown().to_string();
        lines.push(Line::of(
            Role::Dim,
            format!("    {}", cut_end(&how, say.room.saturating_sub(6).max(8), say.glyphs.cut)),
        ));
    }
    lines.push(Line::blank());
}

fn attached(run: &AttachedRun, say: &Say<'_>) -> Line {
    let (role, sign, word) = match run.state() {
        None => (Role::Unreadable, say.glyphs.unreadable, "damaged"),
        Some(state) => {
            let (role, sign) = match state {
                RunState::InDoubt | RunState::Failed => (Role::Now, say.glyphs.now),
                RunState::Waiting => (Role::Soon, say.glyphs.half),
                RunState::Active => (Role::Accent, say.glyphs.half),
                RunState::Done => (Role::Ok, say.glyphs.done),
                RunState::Aborted | RunState::Undone => (Role::Dim, say.glyphs.undone),
            };
            (role, sign, state_words(state))
        }
    };
    let name = Untrusted::from(run.runbook.as_str());
    Line::of(role, format!("{sign} "))
        .and(Role::Text, format!("{} {}", name.shown(), run.id))
        .and(role, format!("  {word}"))
        .to(Screen::Run(run.id.clone()))
}

fn entry(entry: &Entry, say: &Say<'_>, lines: &mut Vec<Line>) {
    let role = match entry.kind {
        EntryKind::Trouble => Role::Now,
        EntryKind::Milestone | EntryKind::Change | EntryKind::Decision => Role::Strong,
        EntryKind::Note
        | EntryKind::Run
        | EntryKind::Call
        | EntryKind::Evidence
        | EntryKind::Told
        | EntryKind::Kept => Role::Text,
    };
    let head = format!("{} ", words::clock(entry.at));
    let indent = " ".repeat(head.len());
    let room = say.room.saturating_sub(2 + head.len()).clamp(8, 100);
    let text = Untrusted::from(entry.text.as_str());
    let by = entry.by.shown();
    let said = match &entry.step {
        Some(step) => format!("{} ({by}, {step})", text.shown()),
        None => format!("{} ({by})", text.shown()),
    };
    for (n, part) in wrap(&said, room).into_iter().enumerate() {
        let first = if n == 0 { head.clone() } else { indent.clone() };
        lines.push(Line::of(Role::Dim, first).and(role, part));
    }
    for more in &entry.more {
        let more = Untrusted::from(more.as_str()).shown().to_string();
        let parts = wrap(&more, room.saturating_sub(2).max(8));
        lines.extend(parts.into_iter().map(|part| Line::of(Role::Dim, format!("{indent}  {part}"))));
    }
}
