//! `runs list` and `runs show`: runs as their journals tell, without asking any estate. The document of a run is
//! also what every command that drives one writes.

use super::args::Output;
use super::exit::{Exit, Failure};
use super::out::Out;
use super::say::{self, Facts};
use super::scene::{instant, maybe_instant};
use super::setup::Setup;
use super::table::{Block, Cell, Column, Table, Tone};
use crate::engine::{Archive, ArchiveFault};
use crate::estate::Timestamp;
use crate::estate::{At, Untrusted};
use crate::runbook::event::WaitingFor;
use crate::runbook::report;
use crate::runbook::run::{CallState, ChangeRecord, Waiting};
use crate::runbook::{Run, RunLine, RunState, StepKind, StepRecord, StepState, Value as Input};
use serde_json::{Map, Value, json};

/// A journal that cannot be read: 6 where it is damaged, 2 for a name that means no run, 4 for a guard.
#[must_use]
pub fn failure(fault: &ArchiveFault) -> Failure {
    let exit = match fault {
        ArchiveFault::NoRun(_) | ArchiveFault::Short(_) | ArchiveFault::Ambiguous { .. } => Exit::Usage,
        ArchiveFault::NoState
        | ArchiveFault::Journal(_)
        | ArchiveFault::Damaged(_)
        | ArchiveFault::Nonsense { .. } => Exit::Refused,
    };
    Failure { exit, words: fault.to_string() }
}

/// The head of a document that no estate was asked for.
#[must_use]
pub fn head(
    noun: &str,
    now: Timestamp,
    setup: &Setup,
    at: Option<&At>,
    by: Option<&Untrusted>,
) -> Map<String, Value> {
    let region = at.map(|at| &at.region).or(setup.context.region.as_ref());
    let mut head = Map::new();
    head.insert("schema".into(), json!(format!("bartizan.{noun}/1")));
    head.insert("at".into(), instant(Timestamp::from_second(now.as_second()).unwrap_or(now)));
    head.insert(
        "context".into(),
        json!({
            "name": setup.context.name.wire(),
            "account": at.and_then(|at| at.account.as_ref()).map(ToString::to_string),
            "region": region.map(crate::estate::Region::as_str),
            "principal": by.map(Untrusted::wire),
            "read_only": setup.context.read_only,
        }),
    );
    head.insert("complete".into(), json!(true));
    head.insert("gaps".into(), json!([]));
    head
}

/// `runs list`.
///
/// # Errors
/// The runs cannot be read, or the answer cannot be written.
pub async fn list(archive: &Archive, now: Timestamp, setup: &Setup, out: &mut Out) -> Result<Exit, Failure> {
    let found = archive.each().await.map_err(|f| failure(&f))?;
    match setup.output {
        Output::Json => {
            let mut document = head("runs", now, setup, None, None);
            let lines = found.iter().map(|(line, _)| line);
            let gaps: Vec<Value> = lines.filter(|l| l.state.is_none()).map(gap).collect();
            document.insert("complete".into(), json!(gaps.is_empty()));
            document.insert("gaps".into(), json!(gaps));
            document.insert(
                "runs".into(),
                found.iter().map(|(line, run)| line_json(line, run.as_ref())).collect(),
            );
            out.document(&Value::Object(document), false)?;
        }
        Output::Text => {
            let lines: Vec<RunLine> = found.into_iter().map(|(line, _)| line).collect();
            out.blocks(&list_blocks(&lines, now))?;
        }
    }
    Ok(Exit::Done)
}

fn gap(line: &RunLine) -> Value {
    json!({ "source": format!("run {}", line.id), "kind": "damaged", "message": line.waiting })
}

fn line_json(line: &RunLine, run: Option<&Run>) -> Value {
    let waiting = run.filter(|r| r.state_at_rest() == RunState::Waiting).and_then(|r| r.waiting.as_ref());
    let known = line.state.is_some();
    let or_null = |text: &str| if known { json!(text) } else { Value::Null };
    json!({
        "id": line.id.as_str(),
        "runbook": or_null(&line.runbook),
        "state": line.state.map(RunState::word),
        "waiting_for": waiting.map(waiting_json),
        "started": maybe_instant(line.started),
        "by": or_null(line.by.wire()),
    })
}

fn list_blocks(lines: &[RunLine], now: Timestamp) -> Vec<Block> {
    if lines.is_empty() {
        return vec![Block::Line(vec![Cell::plain("No runs.")])];
    }
    let mut table = Table::new(vec![
        Column::text("RUN", 0),
        Column::text("RUNBOOK", 0),
        Column::text("STATE", 0),
        Column::text("STARTED", 1),
        Column::words("WAITS FOR", 2),
        Column::name("BY", 3),
    ]);
    for line in lines {
        let due = line.until.map_or_else(String::new, |until| {
            if until <= now { "due now: ".to_owned() } else { format!("until {}: ", say::instant(until)) }
        });
        table.row(vec![
            line.id.to_string().into(),
            say::safe(&line.runbook).into(),
            line.state.map_or_else(|| Cell::toned("✖ damaged", Tone::Now), badge),
            line.started.map_or_else(String::new, say::instant).into(),
            format!("{due}{}", say::safe(&line.waiting)).into(),
            line.by.shown().to_string().into(),
        ]);
    }
    vec![Block::Table(table)]
}

/// The state with its sign.
fn badge(state: RunState) -> Cell {
    let (sign, tone) = match state {
        RunState::Active => ("▶", Tone::Soon),
        RunState::Waiting => ("◷", Tone::Soon),
        RunState::InDoubt => ("?", Tone::Now),
        RunState::Failed => ("✖", Tone::Now),
        RunState::Aborted => ("■", Tone::Unknown),
        RunState::Done => ("●", Tone::Good),
        RunState::Undone => ("↶", Tone::Good),
    };
    Cell::toned(format!("{sign} {}", state.word().replace('_', " ")), tone)
}

/// `runs show`.
///
/// # Errors
/// The run cannot be read, or the answer cannot be written.
pub async fn show(
    name: &str,
    archive: &Archive,
    now: Timestamp,
    setup: &Setup,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let kept = archive.read(name).await.map_err(|f| failure(&f))?;
    let run = &kept.run;
    match setup.output {
        Output::Json => {
            let mut document = head("run", now, setup, Some(&run.at), None);
            document.insert("run".into(), run_json(run));
            let waiting = run.waiting.as_ref().filter(|_| run.state_at_rest() == RunState::Waiting);
            document.insert("waiting_for".into(), waiting.map_or(Value::Null, waiting_json));
            out.document(&Value::Object(document), false)?;
        }
        Output::Text => {
            out.blocks(&show_blocks(run))?;
        }
    }
    Ok(Exit::Done)
}

/// A run as documents have it.
#[must_use]
pub fn run_json(run: &Run) -> Value {
    let inputs: Map<String, Value> = run
        .definition
        .inputs
        .iter()
        .filter_map(|i| Some((i.name.clone(), input_json(run.input(&i.name)?))))
        .collect();
    let steps: Vec<Value> = run.steps.iter().map(|s| step_json(s, run)).collect();
    let left = run.aborted.clone().unwrap_or_else(|| run.leftovers());
    json!({
        "id": run.id.as_str(),
        "runbook": run.definition.name,
        "version": run.definition.version,
        "state": run.state_at_rest().word(),
        "inputs": inputs,
        "steps": steps,
        "started": instant(run.started_at),
        "started_by": run.started_by.wire(),
        "plan_hash": run.plan_hash,
        "practice": run.practice,
        "left_over": left,
    })
}

/// A value of an input; of a secret one only that there is one.
#[must_use]
pub fn input_json(value: &Input) -> Value {
    match value {
        Input::Text(text) => json!(text.wire()),
        Input::List(texts) => texts.iter().map(Untrusted::wire).collect(),
        Input::Number(n) => json!(n),
        Input::Flag(yes) => json!(yes),
        Input::Duration(_) => json!(report::shown(value)),
        Input::Time(at) => instant(*at),
        // Never a value, and never the null of something that was not given.
        Input::Secret(_) => json!({ "secret": true }),
        Input::Home(home) => json!(home),
        Input::Findings(found) => json!(found),
    }
}

fn step_json(step: &StepRecord, run: &Run) -> Value {
    let defined = run.defined(&step.id);
    let changes: Vec<Value> = step.changes.iter().map(change_json).collect();
    json!({
        "id": step.id,
        "title": defined.map(|d| d.title.as_str()),
        "kind": defined.map(|d| kind(d.kind)),
        "state": step.state.word(),
        "started": maybe_instant(step.began),
        "ended": maybe_instant(step.ended),
        "by": step.by.as_ref().map(Untrusted::wire),
        "evidence": step.evidence,
        "outcome": step.failure.as_ref().map(|f| json!({ "kind": f.kind, "message": f.text })),
        "attested": step.attested.as_ref().map(Untrusted::wire),
        "notes": step.notes.iter().map(|n| json!({
            "at": instant(n.at), "by": n.by.wire(), "text": n.text.wire(),
        })).collect::<Vec<_>>(),
        "changes": changes,
    })
}

/// The word for a kind of step.
#[must_use]
pub fn kind(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Check => "check",
        StepKind::Change => "change",
        StepKind::Wait => "wait",
        StepKind::Manual => "manual",
        StepKind::Verify => "verify",
        StepKind::Note => "note",
    }
}

fn change_json(change: &ChangeRecord) -> Value {
    let calls = change.calls.iter().map(|c| {
        json!({
            "operation": c.what.operation().name,
            "resource": c.what.resource().wire(),
            "key": c.key.as_str(),
            "attempt": c.attempt,
            "sent": instant(c.intent_at),
            "state": call_word(&c.state),
            "message": report::outcome(&c.state),
        })
    });
    json!({
        "summary": change.what.sentence(),
        "agreed_by": change.by.wire(),
        "agreed": instant(change.at),
        "made": maybe_instant(change.changed),
        "void": change.void,
        "undoes": change.undoes,
        "undone": change.undone,
        "calls": calls.collect::<Vec<_>>(),
    })
}

fn call_word(state: &CallState) -> &'static str {
    match state {
        CallState::Sent | CallState::InDoubt(_) => "in_doubt",
        CallState::Done(_) => "done",
        CallState::Refused { .. } => "refused",
        CallState::NotHappened => "not_happened",
        CallState::Overtaken { .. } => "overtaken",
        CallState::Accepted(_) => "accepted",
    }
}

/// What a run waits for, as its journal has it.
#[must_use]
pub fn waiting_json(waiting: &Waiting) -> Value {
    let (kind, until, accepts, phrase, why) = match &waiting.for_what {
        WaitingFor::Time { until, accepts, why } => ("time", Some(*until), accepts.clone(), None, why),
        WaitingFor::Person { why, accepts, phrase_for, words: _, enter: _ } => {
            ("person", None, accepts.clone(), phrase_for.as_ref(), why)
        }
        WaitingFor::Settle { until, why } => ("settle", Some(*until), Vec::new(), None, why),
    };
    json!({
        "kind": kind,
        "step": waiting.step,
        "until": maybe_instant(until),
        "accepts": accepts,
        "phrase_for": phrase.map(Untrusted::wire),
        "why": why,
    })
}

/// A run for a person.
#[must_use]
pub fn show_blocks(run: &Run) -> Vec<Block> {
    let mut facts = Facts::new();
    facts.head(vec![
        Cell::toned(say::safe(&run.definition.title), Tone::Title),
        Cell::plain("  "),
        badge(run.state_at_rest()),
    ]);
    facts.add("run", run.id.to_string());
    facts.add("runbook", format!("{}, version {}", say::safe(&run.definition.name), run.definition.version));
    let account = run.at.account.as_ref().map_or_else(|| "unknown account".to_owned(), ToString::to_string);
    facts.add("where", format!("{account}, {}, context {}", run.at.region, run.context.shown()));
    facts.add("started", format!("{} by {}", say::instant(run.started_at), run.started_by.shown()));
    for input in &run.definition.inputs {
        if let Some(value) = run.input(&input.name) {
            facts.add("input", format!("{} = {}", say::safe(&input.name), report::shown(value)));
        }
    }
    if let Some(waiting) = run.waiting.as_ref().filter(|_| run.state_at_rest() == RunState::Waiting) {
        facts.add_cell("waits", Cell::toned(waits(waiting), Tone::Soon));
    }
    let mut blocks = facts.blocks();
    blocks.push(Block::Line(Vec::new()));
    run.steps.iter().for_each(|step| step_blocks(step, run, &mut blocks));
    let title = if run.state_at_rest().over() { "left over" } else { "made so far" };
    for (n, left) in run.leftovers().iter().enumerate() {
        if n == 0 {
            blocks.push(Block::Line(vec![Cell::toned(title, Tone::Title)]));
        }
        blocks.push(Block::Line(vec![Cell::plain(format!("  {}", say::safe(left)))]));
    }
    blocks
}

fn waits(waiting: &Waiting) -> String {
    let step = say::safe(&waiting.step);
    match &waiting.for_what {
        WaitingFor::Time { until, why, .. } | WaitingFor::Settle { until, why } => {
            format!("at {step} until {}: {}", say::instant(*until), say::safe(why))
        }
        WaitingFor::Person { why, .. } => format!("at {step} for a person: {}", say::safe(why)),
    }
}

fn step_blocks(step: &StepRecord, run: &Run, blocks: &mut Vec<Block>) {
    let (sign, tone) = match step.state {
        StepState::Todo => ("○", Tone::Faint),
        StepState::Skipped => ("–", Tone::Faint),
        StepState::Active => ("▶", Tone::Soon),
        StepState::Waiting => ("◷", Tone::Soon),
        StepState::InDoubt => ("?", Tone::Now),
        StepState::Failed => ("✖", Tone::Now),
        StepState::Done => ("●", Tone::Good),
        StepState::Undone => ("↶", Tone::Good),
    };
    let title = run.defined(&step.id).map_or("", |d| d.title.as_str());
    let mut line = vec![
        Cell::toned(sign, tone),
        Cell::plain(format!(" {}  {}", say::safe(&step.id), say::safe(title))),
        Cell::toned(format!("  {}", step.state.word().replace('_', " ")), tone),
    ];
    if let Some(ended) = step.ended.or(step.began) {
        line.push(Cell::toned(format!("  {}", say::instant(ended)), Tone::Faint));
    }
    blocks.push(Block::Line(line));
    let mut below = |text: String| blocks.push(Block::Line(vec![Cell::plain(format!("    {text}"))]));
    step.evidence.iter().for_each(|e| below(say::safe(e)));
    for change in &step.changes {
        below(say::safe(&change.what.sentence()));
        for call in &change.calls {
            let operation = call.what.operation().name;
            below(format!("  {operation}: {}", say::safe(&report::outcome(&call.state))));
        }
    }
    if let Some(words) = &step.attested {
        below(format!("attested: {}", words.shown()));
    }
    step.notes.iter().for_each(|n| below(format!("note of {}: {}", n.by.shown(), n.text.shown())));
    if let Some(failure) = &step.failure {
        below(say::safe(&failure.text));
    }
}
