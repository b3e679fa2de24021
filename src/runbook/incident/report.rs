//! An incident as a document in Markdown, ready for a review: what happened, when it was known, what was done and by
//! whom, what was verified and what could not be, and where the limits of all this are. Pure; whatever came from
//! outside is neutralised and escaped.

use super::line::{Entry, EntryKind};
use super::phase::{Phase, Why};
use super::picture::{AttachedRun, Picture, RunThere};
use super::recovery::{Stand, Way};
use crate::estate::time::seconds_between;
use crate::estate::{AccountId, Timestamp};
use crate::runbook::report::{Chain, Page, code, code_text, instant, plain, plain_untrusted};
use crate::runbook::words::{counted, said};
use crate::runbook::{StepKind, StepState};

/// What no report of this program can tell.
const LIMITS: [&str; 5] = [
    "It tells what was done through these runs and what they found. What was done by other ways is not in it, but where \
     CloudTrail told of it.",
    "Evidence from CloudTrail comes late (about 5 minutes, not guaranteed), has no data events here, and is of the \
     Regions that were asked: no event is no proof.",
    "Times are those of the machines that wrote the records, or of AWS where evidence names them.",
    "The chain of hashes shows damage to a journal. It does not show what somebody did who could write the whole \
     directory: compare the hashes above with copies that were kept elsewhere.",
    "No secret value is in it, nor in the journals.",
];

/// The incident as Markdown, as it stands at `now`.
#[must_use]
pub fn markdown(picture: &Picture, now: Timestamp) -> String {
    let mut out = Page::default();
    head(picture, now, &mut out);
    short(picture, &mut out);
    phases(picture, &mut out);
    runs(picture, &mut out);
    let of = |kinds: &'static [EntryKind]| picture.line.iter().filter(move |e| kinds.contains(&e.kind));
    listed("What was done, and by whom", of(&[EntryKind::Change]), "Nothing was changed.", &mut out);
    sentences("What was verified", &verified(picture), "Nothing was verified.", &mut out);
    sentences(
        "What could not be verified",
        &unverified(picture),
        "Nothing is known that was wanted and could not be verified.",
        &mut out,
    );
    listed("What people decided", of(&[EntryKind::Decision]), "Nothing was decided.", &mut out);
    listed("Notes", of(&[EntryKind::Note]), "None.", &mut out);
    listed("Who was told", of(&[EntryKind::Told]), "Nobody was told by this program.", &mut out);
    kept(picture, &mut out);
    let ends: Vec<String> = picture
        .ends
        .iter()
        .map(|end| {
            let then = end.command.as_ref().map_or_else(String::new, |c| format!(": {}", code_text(c)));
            format!("**{}**: {}{then}", end.kind.word().replace('_', " "), plain(&end.text))
        })
        .collect();
    raw("Open ends", &ends, "None.", &mut out);
    recovery(picture, &mut out);
    out.line("\n## Time line\n");
    picture.line.iter().for_each(|entry| self::entry(entry, &mut out));
    raw("The limits of this report", &LIMITS.map(str::to_owned), "", &mut out);
    out.0
}

fn head(picture: &Picture, now: Timestamp, out: &mut Page) {
    let incident = &picture.incident;
    let clock = &picture.clock;
    out.line(&format!("# Incident: {} ({})\n", plain_untrusted(&incident.name), incident.state_word()));
    out.line("| | |\n|---|---|");
    out.row("Incident", &format!("`{}`", incident.id));
    out.row("Suspected", &plain_untrusted(&incident.suspected));
    let account =
        incident.at.account.as_ref().map_or_else(|| "account not known".to_owned(), AccountId::to_string);
    let estate = if incident.practice { " (the practice estate: nothing of it is real)" } else { "" };
    let (region, context) = (&incident.at.region, code(&incident.context));
    out.row("Where", &format!("{account}, {region}, context {context}{estate}"));
    out.row("Known since", &instant(clock.known));
    out.row("Opened", &format!("{} by {}", instant(incident.opened_at), code(&incident.opened_by)));
    let since = |t: Timestamp| format!("{}, {} after it was known", instant(t), span(clock.known, t));
    out.row("First containing change", &clock.first_containing.map_or_else(|| "none".to_owned(), since));
    let contained = match clock.contained {
        Some(t) => since(t),
        None if clock.first_containing.is_some() => "not found so: see what could not be verified".to_owned(),
        None => "nothing was contained".to_owned(),
    };
    out.row("Found contained", &contained);
    let closed = incident.closed.as_ref().map_or_else(
        || format!("not yet, {} after it was known", span(clock.known, now)),
        |c| format!("{}, by {}", since(c.at), code(&c.by)),
    );
    out.row("Closed", &closed);
    let people: Vec<String> = picture.people().iter().map(code).collect();
    out.row("People", &people.join(", "));
    out.row("Journal", &chain(Some(&picture.chain)));
    out.row("Written", &instant(now));
}

fn chain(chain: Option<&Chain>) -> String {
    chain.map_or_else(
        || "could not be verified".to_owned(),
        |c| format!("{} records verified, last hash `{}`", c.records, c.head),
    )
}

fn span(from: Timestamp, to: Timestamp) -> String {
    said(seconds_between(from, to).max(0).unsigned_abs())
}

fn short(picture: &Picture, out: &mut Page) {
    let made =
        picture.line.iter().filter(|e| e.kind == EntryKind::Change && e.text.starts_with("made: ")).count();
    let containing = picture
        .line
        .iter()
        .filter(|e| e.kind == EntryKind::Change && e.phase == Some(Phase::Containment))
        .count();
    let ends = picture.open().len();
    out.line(&format!(
        "\n{}, {} of which {} of containment; {} of evidence kept; {}.",
        counted(picture.runs.len(), "run"),
        counted(made, "change"),
        containing,
        counted(picture.incident.kept.len(), "file"),
        if ends == 0 { "nothing is open".to_owned() } else { counted(ends, "open end") },
    ));
    if let Some(closed) = &picture.incident.closed {
        if let Some(reason) = &closed.reason {
            out.line(&format!("\nClosed although something was open, because: {}", plain_untrusted(reason)));
        }
        closed.open.iter().for_each(|open| out.line(&format!("- {}", plain(open))));
    }
}

fn phases(picture: &Picture, out: &mut Page) {
    out.line("\n## Phases\n\n| phase | since | as |\n|---|---|---|");
    for phase in Phase::ALL {
        let Some(reached) = picture.phases.iter().find(|r| r.phase == phase) else {
            out.line(&format!("| {} | not entered | |", phase.word()));
            continue;
        };
        let why = match &reached.why {
            Why::Said { by, text } => format!("{} said: {}", code(by), plain_untrusted(text)),
            Why::Known => "since then it is known".to_owned(),
            Why::Run { run, step } => format!("run `{run}` shows, step {}", code_text(step)),
        };
        out.line(&format!("| {} | {} | {why} |", phase.word(), instant(reached.at)));
    }
}

fn runs(picture: &Picture, out: &mut Page) {
    out.line("\n## Runs\n");
    if picture.runs.is_empty() {
        return out.line("None.");
    }
    out.line("| run | runbook | state | started | by | journal |\n|---|---|---|---|---|---|");
    for attached in &picture.runs {
        let (started, by) = attached.run().map_or_else(
            || ("?".to_owned(), "?".to_owned()),
            |run| (instant(run.started_at), code(&run.started_by)),
        );
        out.line(&format!(
            "| `{}` | {} | {} | {started} | {by} | {} |",
            attached.id,
            code_text(&attached.runbook),
            attached.state_word().replace('_', " "),
            chain(attached.chain.as_ref())
        ));
    }
}

/// What steps that verify or contain have found, and the calls that were settled by looking.
fn verified(picture: &Picture) -> Vec<String> {
    let mut out = Vec::new();
    for attached in &picture.runs {
        let Some(run) = attached.run() else { continue };
        for step in run.steps.iter().filter(|s| s.state == StepState::Done) {
            let Some(defined) = run.defined(&step.id) else { continue };
            if !matches!(defined.kind, StepKind::Verify | StepKind::Wait) {
                continue;
            }
            let found = step.evidence.iter().filter(|e| !limits(e));
            out.extend(found.map(|e| format!("{e} (run {}, {})", run.id, step.id)));
        }
    }
    out
}

/// Evidence that says what was not seen.
fn limits(evidence: &str) -> bool {
    evidence.starts_with("NOT LOOKED AT") || evidence.starts_with("no event is no proof")
}

fn unverified(picture: &Picture) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut add = |text: String| {
        if !out.contains(&text) {
            out.push(text);
        }
    };
    for attached in &picture.runs {
        match &attached.there {
            RunThere::Unreadable(why) => add(format!("run {} cannot be read: {why}", attached.id)),
            RunThere::Read { run, .. } => {
                let seen = run.steps.iter().flat_map(|s| s.evidence.iter().map(move |e| (s, e)));
                seen.filter(|(_, e)| limits(e)).for_each(|(_, e)| add(e.clone()));
                unfinished(attached).into_iter().for_each(&mut add);
            }
        }
    }
    out
}

/// What would have verified something and has not.
fn unfinished(attached: &AttachedRun) -> Vec<String> {
    let Some(run) = attached.run() else { return Vec::new() };
    let verifies = |id: &str| {
        run.defined(id).is_some_and(|d| matches!(d.kind, StepKind::Verify) || d.verb.ends_with(".quiet"))
    };
    let open = run.steps.iter().filter(|s| !s.over() && verifies(&s.id));
    let mut out: Vec<String> = open
        .map(|s| {
            let title = run.defined(&s.id).map_or(s.id.as_str(), |d| d.title.as_str());
            format!("\"{title}\" was not found to be so (run {}, {}, {})", run.id, s.id, s.state.word())
        })
        .collect();
    let doubts =
        run.steps.iter().flat_map(|s| s.calls().map(move |c| (s, c))).filter(|(_, c)| c.state.unsettled());
    out.extend(doubts.map(|(s, c)| {
        let (operation, on) = (c.what.operation().name, c.what.resource());
        format!("whether {operation} on {} happened (run {}, {})", on.shown(), run.id, s.id)
    }));
    out
}

/// The recovery list: what is done of it, by what, and what is not.
fn recovery(picture: &Picture, out: &mut Page) {
    let lines: Vec<String> = picture
        .recovery
        .iter()
        .map(|due| {
            let mark = if due.stand.is_over() { "x" } else { " " };
            let then = match (&due.stand, due.way.command(&picture.incident.id), &due.way) {
                (Stand::Done { .. } | Stand::Aside { .. }, _, _) => String::new(),
                (_, Some(command), _) => format!(": {}", code_text(&command)),
                (_, None, Way::Hand(how)) => format!(": by hand: {}", plain(how)),
                (_, None, Way::Undo(_) | Way::Start { .. }) => String::new(),
            };
            let kind = due.kind.word().replace('_', " ");
            format!("[{mark}] **{kind}**: {}; {}{then}", plain(&due.text), plain(&due.stand.said()))
        })
        .collect();
    raw("Recovery", &lines, "Nothing was contained, and nothing is known that is to be made good.", out);
}

fn kept(picture: &Picture, out: &mut Page) {
    out.line("\n## Files of evidence\n");
    if picture.incident.kept.is_empty() {
        return out.line("None.");
    }
    out.line("| file | holds | bytes | SHA-256 | kept |\n|---|---|---|---|---|");
    for kept in &picture.incident.kept {
        let when = format!("{} by {}", instant(kept.at), code(&kept.by));
        out.line(&format!(
            "| {} | {} | {} | `{}` | {when} |",
            code_text(&kept.file),
            plain(&kept.holds),
            kept.bytes,
            kept.sha256
        ));
    }
}

fn sentences(title: &str, all: &[String], none: &str, out: &mut Page) {
    let safe: Vec<String> = all.iter().map(|s| plain(s)).collect();
    raw(title, &safe, none, out);
}

fn raw(title: &str, all: &[String], none: &str, out: &mut Page) {
    out.line(&format!("\n## {title}\n"));
    if all.is_empty() {
        out.line(none);
    }
    all.iter().for_each(|s| out.line(&format!("- {s}")));
}

fn listed<'a>(title: &str, entries: impl Iterator<Item = &'a Entry>, none: &str, out: &mut Page) {
    out.line(&format!("\n## {title}\n"));
    let mut any = false;
    for entry in entries {
        any = true;
        self::entry(entry, out);
    }
    if !any {
        out.line(none);
    }
}

fn entry(entry: &Entry, out: &mut Page) {
    let place = match (&entry.run, &entry.step) {
        (Some(run), Some(step)) => format!(" (`{run}`, {})", code_text(step)),
        (Some(run), None) => format!(" (`{run}`)"),
        (None, _) => String::new(),
    };
    out.line(&format!(
        "- {} {}, **{}**: {}{place}",
        instant(entry.at),
        code(&entry.by),
        entry.kind.word(),
        plain(&entry.text)
    ));
    entry.more.iter().for_each(|more| out.line(&format!("  - {}", plain(more))));
}
