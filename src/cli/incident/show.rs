//! What `incident show` shows of an incident on a terminal: the clock, the phases, its runs, the time line, what is open and
//! the recovery list.

use super::badge;
use crate::cli::say::{self, Facts, instant, safe};
use crate::cli::table::{Block, Cell, Tone};
use crate::estate::Timestamp;
use crate::estate::time::seconds_between;
use crate::runbook::incident::{EntryKind, Phase, Picture, Stand, Way, Why};

fn line(text: impl Into<String>, tone: Tone) -> Block {
    Block::Line(vec![Cell::toned(text.into(), tone)])
}

/// What is shown of an incident.
pub(super) fn blocks(picture: &Picture, now: Timestamp) -> Vec<Block> {
    let incident = &picture.incident;
    let mut facts = Facts::new();
    facts.head(vec![
        Cell::toned(incident.name.shown().to_string(), Tone::Title),
        Cell::plain("  "),
        badge(incident.closed.is_some()),
    ]);
    facts.add("incident", incident.id.to_string());
    facts.add("suspected", incident.suspected.shown().to_string());
    let account =
        incident.at.account.as_ref().map_or_else(|| "account not known".to_owned(), ToString::to_string);
    facts.add("where", format!("{account}, {}, context {}", incident.at.region, incident.context.shown()));
    clock(picture, now, &mut facts);
    let mut blocks = facts.blocks();
    for phase in Phase::ALL {
        blocks.push(phase_line(phase, picture));
    }
    title("runs", &mut blocks);
    for run in &picture.runs {
        let text = format!("  {} {}  {}", run.id, safe(&run.runbook), run.state_word().replace('_', " "));
        blocks.push(line(text, Tone::Plain));
    }
    if picture.runs.is_empty() {
        blocks.push(line("  none yet", Tone::Faint));
    }
    title("time line", &mut blocks);
    for entry in &picture.line {
        let tone = match entry.kind {
            EntryKind::Trouble => Tone::Now,
            EntryKind::Milestone | EntryKind::Change => Tone::Title,
            EntryKind::Decision | EntryKind::Note => Tone::Soon,
            EntryKind::Run | EntryKind::Call | EntryKind::Evidence | EntryKind::Told | EntryKind::Kept => {
                Tone::Plain
            }
        };
        let place = match (&entry.run, &entry.step) {
            (Some(run), Some(step)) => format!(" [{run} {}]", safe(step)),
            (Some(_), None) | (None, _) => String::new(),
        };
        let by = entry.by.shown();
        blocks.push(Block::Line(vec![
            Cell::toned(format!("  {} ", instant(entry.at)), Tone::Faint),
            Cell::toned(format!("{}  {}", entry.kind.word(), safe(&entry.text)), tone),
            Cell::toned(format!("{place}  {by}"), Tone::Faint),
        ]));
        blocks.extend(entry.more.iter().map(|more| line(format!("      {}", safe(more)), Tone::Plain)));
    }
    title("open ends", &mut blocks);
    for end in &picture.ends {
        blocks
            .push(line(format!("  {}  {}", end.kind.word().replace('_', " "), safe(&end.text)), Tone::Soon));
        blocks.extend(end.command.iter().map(|c| line(format!("      {}", safe(c)), Tone::Plain)));
    }
    if picture.ends.is_empty() {
        blocks.push(line("  none", Tone::Good));
    }
    recovery(picture, &mut blocks);
    blocks
}

/// The recovery list: the id by which a line is set aside, what is to be done, how it stands, and what does it.
fn recovery(picture: &Picture, blocks: &mut Vec<Block>) {
    title("recovery", blocks);
    for due in &picture.recovery {
        let (sign, tone) = match &due.stand {
            Stand::Open => ("○", Tone::Soon),
            Stand::UnderWay { .. } => ("▶", Tone::Soon),
            Stand::Done { .. } => ("●", Tone::Good),
            Stand::Aside { .. } => ("–", Tone::Faint),
        };
        let kind = due.kind.word().replace('_', " ");
        blocks.push(Block::Line(vec![Cell::toned(
            format!("  {sign} {}  {kind}  {}", due.id, safe(&due.text)),
            tone,
        )]));
        let stands = match (&due.stand, due.way.command(&picture.incident.id), &due.way) {
            (Stand::Open, Some(command), _) => safe(&command),
            (Stand::Open, None, Way::Hand(how)) => format!("by hand: {}", safe(how)),
            (stand, _, _) => safe(&stand.said()),
        };
        blocks.push(line(format!("      {stands}"), Tone::Plain));
    }
    if picture.recovery.is_empty() {
        blocks
            .push(line("  nothing was contained, and nothing is known that is to be made good", Tone::Plain));
    }
}

fn title(text: &str, blocks: &mut Vec<Block>) {
    blocks.push(Block::Line(Vec::new()));
    blocks.push(line(text, Tone::Title));
}

/// The clock: since when it is known, and how long everything took from there.
fn clock(picture: &Picture, now: Timestamp, facts: &mut Facts) {
    let clock = &picture.clock;
    let after = |t: Timestamp| {
        format!("{}, {} after it was known", instant(t), say::span(seconds_between(clock.known, t)))
    };
    facts.add(
        "known",
        format!("{}, {} ago", instant(clock.known), say::span(seconds_between(clock.known, now))),
    );
    let opened = &picture.incident;
    facts.add("opened", format!("{} by {}", instant(opened.opened_at), opened.opened_by.shown()));
    match clock.first_containing {
        Some(t) => facts.add("contains", after(t)),
        None => facts.add_cell("contains", Cell::toned("nothing yet", Tone::Now)),
    }
    match (clock.contained, clock.first_containing) {
        (Some(t), _) => facts.add_cell("contained", Cell::toned(after(t), Tone::Good)),
        (None, Some(_)) => facts.add_cell("contained", Cell::toned("not known to be", Tone::Soon)),
        (None, None) => {}
    }
    if let Some(closed) = &opened.closed {
        let why = closed.reason.as_ref().map_or_else(String::new, |r| format!(": {}", r.shown()));
        facts.add("closed", format!("{} by {}{why}", after(closed.at), closed.by.shown()));
    }
}

fn phase_line(phase: Phase, picture: &Picture) -> Block {
    let Some(reached) = picture.phases.iter().find(|r| r.phase == phase) else {
        return line(format!("○ {}", phase.word()), Tone::Faint);
    };
    let why = match &reached.why {
        Why::Said { by, text } => format!("{} said: {}", by.shown(), text.shown()),
        Why::Known => "since then it is known".to_owned(),
        Why::Run { run, step } => format!("run {run}, {}", safe(step)),
    };
    Block::Line(vec![
        Cell::toned("● ", Tone::Good),
        Cell::plain(format!("{}  {}", phase.word(), instant(reached.at))),
        Cell::toned(format!("  {why}"), Tone::Faint),
    ])
}
