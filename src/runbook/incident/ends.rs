//! What is not finished in an incident: runs that wait or stopped, calls that nobody knows about, a watch that is not
//! over, what was left over, and what the evidence says is to be done next. It is a list, not a feeling: an incident is
//! closed when it is empty, or for a reason.

use super::Incident;
use super::picture::{AttachedRun, RunThere, says_contained};
use crate::estate::change::Risk;
use crate::estate::{RunId, Untrusted};
use crate::runbook::event::WaitingFor;
use crate::runbook::run::{Run, StepRecord};
use crate::runbook::words::instant;
use crate::runbook::{RunState, StepState, Value, shell};

/// What evidence may name, and how it is dealt with.
struct ToDo {
    /// The verb whose output names it.
    verb: &'static str,
    /// The output.
    output: &'static str,
    /// What is to be done.
    kind: EndKind,
    /// The runbooks that do it, each with the input that names it there. The first is the one that is offered.
    ways: &'static [(&'static str, &'static str)],
}

/// What changes the value of a secret.
const SECRETS: &[(&str, &str)] =
    &[("secret-update", "secret"), ("api-key-rotation", "secret"), ("database-breach", "secret")];

const TO_DO: [ToDo; 4] = [
    ToDo { verb: "function.leads", output: "secrets", kind: EndKind::Rotate, ways: SECRETS },
    ToDo {
        verb: "trail.sessions",
        output: "roles",
        kind: EndKind::Revoke,
        ways: &[("role-sessions-revoked", "role")],
    },
    ToDo {
        verb: "trail.sessions",
        output: "keys",
        kind: EndKind::Contain,
        ways: &[("iam-key-compromised", "key")],
    },
    ToDo { verb: "trail.sessions", output: "secrets", kind: EndKind::Rotate, ways: SECRETS },
];

/// Something that is not finished.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// What kind of thing.
    pub kind: EndKind,
    /// One sentence. It may hold names from outside.
    pub text: String,
    /// The run that it belongs to.
    pub run: Option<RunId>,
    /// The command that goes on with it.
    pub command: Option<String>,
}

/// What kind of thing is not finished.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EndKind {
    /// A run waits for a person.
    Decision,
    /// Nobody knows whether a call happened.
    InDoubt,
    /// A run could not go on, or cannot be read.
    Stopped,
    /// A run can go on, or waits for time.
    Unfinished,
    /// Whether anybody gets through is still being watched, or was never watched to its end.
    Quiet,
    /// Sessions of a role are to be revoked.
    Revoke,
    /// Other credentials are to be contained.
    Contain,
    /// A secret that was read is to be changed.
    Rotate,
    /// A run that was stopped for good has left something.
    LeftOver,
}

impl EndKind {
    /// The word that JSON and people use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            EndKind::Decision => "decision",
            EndKind::InDoubt => "in_doubt",
            EndKind::Stopped => "stopped",
            EndKind::Unfinished => "unfinished",
            EndKind::Quiet => "quiet",
            EndKind::Revoke => "revoke",
            EndKind::Contain => "contain",
            EndKind::Rotate => "rotate",
            EndKind::LeftOver => "left_over",
        }
    }
}

/// What is not finished: of each run in turn, then what evidence says is to be done.
pub(super) fn ends(incident: &Incident, runs: &[AttachedRun]) -> Vec<End> {
    let mut out: Vec<End> = runs.iter().flat_map(of_run).collect();
    out.extend(runs.iter().flat_map(|from| linked(incident, from, runs)));
    out
}

fn of_run(attached: &AttachedRun) -> Vec<End> {
    let run = match &attached.there {
        RunThere::Read { run, .. } => run,
        RunThere::Unreadable(why) => {
            let text = format!("run {} of {} cannot be read: {why}", attached.id, attached.runbook);
            let command = Some("bartizan journal verify".to_owned());
            return vec![End { kind: EndKind::Stopped, text, run: Some(attached.id.clone()), command }];
        }
    };
    let state = attached.state().unwrap_or(RunState::Failed);
    let end =
        |kind, text: String, command: Option<String>| End { kind, text, run: Some(run.id.clone()), command };
    let resume = || Some(format!("bartizan runbook resume {}", run.id));
    let mut out: Vec<End> =
        run.steps.iter().flat_map(doubts).map(|text| end(EndKind::InDoubt, text, resume())).collect();
    let of = format!("run {} ({})", run.id, run.definition.name);
    match state {
        RunState::Waiting => out.push(match run.waiting.as_ref().map(|w| (&w.step, &w.for_what)) {
            Some((step, WaitingFor::Person { why, .. })) => {
                end(EndKind::Decision, format!("{of} waits for a person at {step}: {why}"), resume())
            }
            Some((step, WaitingFor::Time { until, why, .. } | WaitingFor::Settle { until, why })) => {
                let text = format!("{of} waits at {step} until {}: {why}", instant(*until));
                end(EndKind::Unfinished, text, resume())
            }
            None => end(EndKind::Unfinished, format!("{of} waits"), resume()),
        }),
        RunState::Active => {
            let at = run.current().map_or_else(String::new, |s| format!(" at {}", s.id));
            out.push(end(EndKind::Unfinished, format!("{of} is not over{at}"), resume()));
        }
        RunState::Failed => {
            let failed = run.steps.iter().find(|s| s.state == StepState::Failed);
            let why = failed.and_then(|s| Some((s, s.failure.as_ref()?)));
            let text = why.map_or_else(
                || format!("{of} could not go on"),
                |(s, f)| format!("{of} could not go on at {}: {}", s.id, f.text),
            );
            out.push(end(EndKind::Stopped, text, resume()));
        }
        RunState::InDoubt if out.is_empty() => {
            out.push(end(EndKind::InDoubt, format!("{of} is in doubt"), resume()));
        }
        RunState::Aborted => {
            let left = run.aborted.iter().flatten();
            out.extend(left.map(|l| {
                let undo = format!("bartizan runbook undo {}", run.id);
                end(EndKind::LeftOver, format!("{of} was stopped for good and left: {l}"), Some(undo))
            }));
        }
        RunState::InDoubt | RunState::Done | RunState::Undone => {}
    }
    if let Some(step) = unwatched(run) {
        let text = format!(
            "{of}: whether anybody still gets through was not watched to its end ({step}); it is not known to be contained"
        );
        out.push(end(EndKind::Quiet, text, (!state.over()).then(resume).flatten()));
    }
    out
}

fn doubts(step: &StepRecord) -> Vec<String> {
    let open = step.calls().filter(|c| c.state.unsettled());
    let said = |c: &crate::runbook::run::CallRecord| {
        let (operation, on) = (c.what.operation().name, c.what.resource());
        format!("nobody knows whether {operation} on {} happened (step {})", on.shown(), step.id)
    };
    open.map(said).collect()
}

/// The step that would have said that it is contained, or that watches for it, and has not: where something that
/// contains stands.
fn unwatched(run: &Run) -> Option<&str> {
    let contains = |c: &crate::runbook::run::ChangeRecord| c.what.risk() == Risk::Containing && c.stands();
    if !run.steps.iter().flat_map(|s| &s.changes).any(contains) {
        return None;
    }
    let watches = |s: &&StepRecord| {
        let verb = run.defined(&s.id).map(|d| d.verb.as_str());
        verb.is_some_and(|v| v.ends_with(".quiet") || says_contained(v)) && !s.over()
    };
    run.steps.iter().find(watches).map(|s| s.id.as_str())
}

/// What the evidence of a run says is to be done, and no run of the incident has done.
fn linked(incident: &Incident, from: &AttachedRun, runs: &[AttachedRun]) -> Vec<End> {
    // What was undone was a false alarm: nothing follows from it.
    let Some(run) = from.run().filter(|run| run.state() != RunState::Undone) else { return Vec::new() };
    let mut out: Vec<End> = Vec::new();
    for step in &run.steps {
        let verb = run.defined(&step.id).map_or("", |d| d.verb.as_str());
        for todo in TO_DO.iter().filter(|todo| todo.verb == verb) {
            let named = match step.outputs.get(todo.output) {
                Some(Value::List(named)) => named.as_slice(),
                Some(_) | None => &[],
            };
            for name in named.iter().filter(|name| !dealt_with(name, todo.ways, runs)) {
                out.push(to_do(todo, name, run, incident));
            }
        }
    }
    out
}

fn dealt_with(name: &Untrusted, ways: &[(&str, &str)], runs: &[AttachedRun]) -> bool {
    runs.iter().filter_map(AttachedRun::run).any(|run| {
        let way = ways.iter().find(|(runbook, _)| *runbook == run.definition.name);
        let about = way.and_then(|(_, input)| run.input(input));
        let same = match about {
            Some(Value::Text(text)) => bare(text.wire()) == bare(name.wire()),
            Some(_) | None => false,
        };
        // One that is under way is an open end of its own.
        same && !matches!(run.state(), RunState::Aborted | RunState::Undone)
    })
}

/// A name without the ARN around it. That of a secret ends in a hyphen and six characters of Secrets Manager's own.
fn bare(name: &str) -> &str {
    let Some(resource) = name.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) else {
        return name;
    };
    match resource.strip_prefix("secret:") {
        Some(secret) => secret.len().checked_sub(7).and_then(|at| secret.get(..at)).unwrap_or(secret),
        None => resource.rsplit('/').next().unwrap_or(resource),
    }
}

fn to_do(todo: &ToDo, name: &Untrusted, run: &Run, incident: &Incident) -> End {
    let kind = todo.kind;
    let (shown, of) = (name.shown(), &run.id);
    let text = match kind {
        EndKind::Revoke if name.wire().starts_with("AWSReservedSSO_") => {
            format!("run {of} found sessions of {shown}, which is Identity Center's: end them there")
        }
        EndKind::Revoke => {
            format!("run {of} found sessions of the role {shown}: they work until they are revoked")
        }
        EndKind::Contain => format!("run {of} found that the key {shown} was made: whoever made it has it"),
        EndKind::Rotate => {
            format!(
                "run {of} found that the secret {shown} was read, or could be: its value is to be changed"
            )
        }
        EndKind::Decision
        | EndKind::InDoubt
        | EndKind::Stopped
        | EndKind::Unfinished
        | EndKind::Quiet
        | EndKind::LeftOver => format!("run {of} names {shown}"),
    };
    let elsewhere = kind == EndKind::Revoke && name.wire().starts_with("AWSReservedSSO_");
    let command = todo.ways.first().filter(|_| !elsewhere).map(|(runbook, input)| {
        let set = shell::quote(&format!("{input}={}", name.wire()));
        format!("bartizan runbook start {runbook} --set {set} --incident {}", incident.id)
    });
    End { kind, text, run: Some(run.id.clone()), command }
}
