//! The JSON document of an incident: what the commands print of one, and its report for programs.

use super::{instant, maybe_instant};
use crate::estate::{AccountId, Untrusted};
use crate::runbook::RunState;
use crate::runbook::incident::{AttachedRun, Due, Entry, Incident, Phase, Picture, Stand, Way, Why};
use crate::runbook::run::Note;
use serde_json::{Value, json};

/// An incident with what its runs tell.
#[must_use]
pub fn show(picture: &Picture) -> Value {
    let mut shown = line(&picture.incident);
    let more = json!({
        "chain": { "records": picture.chain.records, "head": picture.chain.head },
        "clock": {
            "known": instant(picture.clock.known),
            "first_containing": maybe_instant(picture.clock.first_containing),
            "contained": maybe_instant(picture.clock.contained),
            "closed": maybe_instant(picture.clock.closed),
        },
        "phases": Phase::ALL.map(|phase| phase_json(phase, picture)),
        "runs": picture.runs.iter().map(run_json).collect::<Vec<_>>(),
        "time_line": picture.line.iter().map(entry_json).collect::<Vec<_>>(),
        "notes": picture.incident.notes.iter().map(note_json).collect::<Vec<_>>(),
        "decisions": picture.incident.decisions.iter().map(note_json).collect::<Vec<_>>(),
        "told": picture.incident.told.iter().map(|t| json!({
            "at": instant(t.at), "what": t.what.word(), "way": t.way.wire(), "failed": t.failed,
        })).collect::<Vec<_>>(),
        "evidence": picture.incident.kept.iter().map(|k| json!({
            "at": instant(k.at), "by": k.by.wire(), "file": k.file, "bytes": k.bytes, "sha256": k.sha256,
            "holds": k.holds,
        })).collect::<Vec<_>>(),
        "open_ends": picture.ends.iter().map(|e| json!({
            "kind": e.kind.word(), "text": e.text, "run": e.run.as_ref().map(ToString::to_string),
            "command": e.command,
        })).chain(picture.to_do().map(|due| json!({
            "kind": due.kind.word(), "text": due.text, "run": due.from.as_str(),
            "command": due.way.command(&picture.incident.id),
        }))).collect::<Vec<_>>(),
        "recovery": picture.recovery.iter().map(|due| due_json(due, picture)).collect::<Vec<_>>(),
        "people": picture.people().iter().map(Untrusted::wire).collect::<Vec<_>>(),
    });
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}

/// An incident in a list.
#[must_use]
pub fn line(incident: &Incident) -> Value {
    let closed = incident.closed.as_ref();
    json!({
        "id": incident.id.as_str(),
        "name": incident.name.wire(),
        "state": incident.state_word(),
        "suspected": incident.suspected.wire(),
        "known_since": instant(incident.known),
        "opened": instant(incident.opened_at),
        "by": incident.opened_by.wire(),
        "account": incident.at.account.as_ref().map(AccountId::to_string),
        "region": incident.at.region.as_str(),
        "practice": incident.practice,
        "run_ids": incident.runs.iter().map(|r| r.run.to_string()).collect::<Vec<_>>(),
        "closed": maybe_instant(closed.map(|c| c.at)),
        "closed_by": closed.map(|c| c.by.wire()),
        "close_reason": closed.and_then(|c| c.reason.as_ref()).map(Untrusted::wire),
        "left_open": closed.map(|c| c.open.clone()).unwrap_or_default(),
    })
}

fn phase_json(phase: Phase, picture: &Picture) -> Value {
    let reached = picture.phases.iter().find(|r| r.phase == phase);
    let (source, by, why, run, step) = match reached.map(|r| &r.why) {
        None => (None, None, None, None, None),
        Some(Why::Known) => (Some("known"), None, None, None, None),
        Some(Why::Said { by, text }) => (Some("said"), Some(by.wire()), Some(text.wire()), None, None),
        Some(Why::Run { run, step }) => (Some("run"), None, None, Some(run.to_string()), Some(step.as_str())),
    };
    json!({
        "phase": phase.word(), "since": maybe_instant(reached.map(|r| r.at)), "source": source, "by": by, "why": why,
        "run": run, "step": step,
    })
}

fn due_json(due: &Due, picture: &Picture) -> Value {
    let by_hand = match &due.way {
        Way::Hand(how) => Some(how.as_str()),
        Way::Undo(_) | Way::Start { .. } => None,
    };
    let (run, at, by, why) = match &due.stand {
        Stand::Open => (None, None, None, None),
        Stand::UnderWay { run } => (Some(run.as_str()), None, None, None),
        Stand::Done { run, at, how } => (Some(run.as_str()), Some(*at), None, Some(how.as_str())),
        Stand::Aside { by, at, why } => (None, Some(*at), Some(by.wire()), Some(why.wire())),
    };
    json!({
        "id": due.id,
        "kind": due.kind.word(),
        "text": due.text,
        "from_run": due.from.as_str(),
        "command": due.way.command(&picture.incident.id),
        "by_hand": by_hand,
        "state": due.stand.word(),
        "run": run,
        "at": maybe_instant(at),
        "by": by,
        "why": why,
    })
}

fn run_json(attached: &AttachedRun) -> Value {
    let run = attached.run();
    json!({
        "id": attached.id.as_str(),
        "runbook": attached.runbook,
        "state": attached.state().map(RunState::word),
        "started": maybe_instant(run.map(|r| r.started_at)),
        "by": run.map(|r| r.started_by.wire()),
        "head": attached.chain.as_ref().map(|c| c.head.as_str()),
    })
}

fn entry_json(entry: &Entry) -> Value {
    json!({
        "at": instant(entry.at),
        "by": entry.by.wire(),
        "kind": entry.kind.word(),
        "phase": entry.phase.map(Phase::word),
        "run": entry.run.as_ref().map(ToString::to_string),
        "step": entry.step,
        "text": entry.text,
        "more": entry.more,
    })
}

fn note_json(note: &Note) -> Value {
    json!({ "at": instant(note.at), "by": note.by.wire(), "text": note.text.wire() })
}
