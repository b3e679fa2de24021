//! What the evidence of runs names, and what deals with it: roles and keys that came of a stolen key, what somebody else has
//! made, secrets that were read.

use super::{Due, DueKind, Stand, Way, dealt, id_of};
use crate::estate::Untrusted;
use crate::estate::change::{Act, iam};
use crate::runbook::incident::picture::AttachedRun;
use crate::runbook::run::{ChangeRecord, Run, StepRecord};
use crate::runbook::{RunState, StepState, Value};

/// What evidence may name, and how it is dealt with.
struct Naming {
    /// The verb whose output names it.
    verb: &'static str,
    /// The output.
    output: &'static str,
    /// What is to be done.
    kind: DueKind,
    /// The runbooks that do it, each with the input that names it there. The first is the one that is offered.
    ways: &'static [(&'static str, &'static str)],
}

/// What changes the value of a secret.
const SECRETS: &[(&str, &str)] =
    &[("secret-update", "secret"), ("api-key-rotation", "secret"), ("database-breach", "secret")];
/// What revokes a role's sessions.
const ROLES: &[(&str, &str)] = &[("role-sessions-revoked", "role")];
/// What contains a key.
const KEYS: &[(&str, &str)] = &[("iam-key-compromised", "key")];
/// What contains a user.
const USERS: &[(&str, &str)] = &[("iam-user-compromised", "user"), ("iam-key-compromised", "user")];
/// What isolates a function.
const FUNCTIONS: &[(&str, &str)] = &[("function-isolated", "function")];

const NAMINGS: [Naming; 10] = [
    Naming { verb: FUNCTION, output: "role", kind: DueKind::Revoke, ways: ROLES },
    Naming { verb: "function.leads", output: "secrets", kind: DueKind::Rotate, ways: SECRETS },
    Naming { verb: "trail.sessions", output: "roles", kind: DueKind::Revoke, ways: ROLES },
    Naming { verb: "trail.sessions", output: "keys", kind: DueKind::Contain, ways: KEYS },
    Naming { verb: "trail.sessions", output: "secrets", kind: DueKind::Rotate, ways: SECRETS },
    Naming { verb: SWEEP, output: "users", kind: DueKind::Contain, ways: USERS },
    Naming { verb: SWEEP, output: "keys", kind: DueKind::Contain, ways: KEYS },
    Naming { verb: SWEEP, output: "roles", kind: DueKind::Revoke, ways: ROLES },
    Naming { verb: SWEEP, output: "functions", kind: DueKind::Contain, ways: FUNCTIONS },
    Naming { verb: SWEEP, output: "secrets", kind: DueKind::Rotate, ways: SECRETS },
];

/// The verb that tells what a function is, and the one by which it is known to be in wrong hands.
const FUNCTION: &str = "function.evidence";
/// See above.
const LEADS: &str = "function.leads";
/// The verb that looks for what was made.
const SWEEP: &str = "trail.sweep";
/// How its sentences begin that say what was found.
const FINDING: &str = "FINDING: ";

/// Everything that is named, each thing once.
pub(super) fn all(runs: &[AttachedRun]) -> Vec<Due> {
    let mut out: Vec<Due> = Vec::new();
    // What was undone was a false alarm: nothing follows from it.
    for run in runs.iter().filter_map(AttachedRun::run).filter(|run| run.state() != RunState::Undone) {
        for step in &run.steps {
            let verb = verb_of(run, step);
            let leads = || run.steps.iter().any(|s| verb_of(run, s) == LEADS && s.state == StepState::Done);
            for naming in NAMINGS.iter().filter(|naming| naming.verb == verb && (verb != FUNCTION || leads()))
            {
                for name in names(step, naming.output) {
                    add(&mut out, due(naming, name, run, runs));
                }
            }
            if verb == SWEEP {
                by_hand(step).for_each(|text| add(&mut out, look(text, run, runs)));
            }
        }
    }
    out
}

fn add(out: &mut Vec<Due>, due: Due) {
    if !out.iter().any(|known| known.id == due.id) {
        out.push(due);
    }
}

fn verb_of<'r>(run: &'r Run, step: &StepRecord) -> &'r str {
    run.defined(&step.id).map_or("", |d| d.verb.as_str())
}

fn names<'s>(step: &'s StepRecord, output: &str) -> &'s [Untrusted] {
    match step.outputs.get(output) {
        Some(Value::List(named)) => named,
        Some(Value::Text(named)) => std::slice::from_ref(named),
        Some(_) | None => &[],
    }
}

fn due(naming: &Naming, name: &Untrusted, run: &Run, runs: &[AttachedRun]) -> Due {
    let (shown, of) = (name.shown(), &run.id);
    let identity_center = naming.kind == DueKind::Revoke && name.wire().starts_with("AWSReservedSSO_");
    let every = naming.kind == DueKind::Rotate && name.wire() == "*";
    let text = match (naming.kind, naming.output) {
        (DueKind::Revoke, _) if identity_center => {
            format!("run {of} found sessions of {shown}, which is Identity Center's: end them there")
        }
        (DueKind::Revoke, _) => {
            format!(
                "run {of} found sessions of the role {shown}, or a hand in it: they work until they are revoked"
            )
        }
        (DueKind::Contain, "keys") => {
            format!("run {of} found the key {shown}: whoever made it, or its user, has it")
        }
        (DueKind::Contain, "users") => format!("run {of} found that the user {shown} was made or changed"),
        (DueKind::Contain, "functions") => {
            format!("run {of} found that the function {shown} was made, changed or opened to others")
        }
        (DueKind::Rotate, _) if every => {
            format!("run {of} found that EVERY secret could be read: those that are used are to be changed")
        }
        (DueKind::Rotate, _) => {
            format!(
                "run {of} found that the secret {shown} was read, or could be: its value is to be changed"
            )
        }
        (
            DueKind::Contain
            | DueKind::Look
            | DueKind::GiveBack
            | DueKind::Replace
            | DueKind::Remove
            | DueKind::Replay,
            _,
        ) => format!("run {of} names {shown}"),
    };
    let way = match naming.ways.first() {
        _ if identity_center => Way::Hand("end its sessions in IAM Identity Center".to_owned()),
        _ if every => Way::Hand("`bartizan runbook start secret-update` for each that is used".to_owned()),
        Some((runbook, input)) => Way::Start { runbook, inputs: vec![(*input, name.wire().to_owned())] },
        None => Way::Hand("look at it, and take it back".to_owned()),
    };
    Due {
        id: id_of(naming.kind, &[naming.output, super::bare(name.wire())]),
        kind: naming.kind,
        text,
        from: run.id.clone(),
        way,
        stand: match dealt(name.wire(), naming.ways, run, runs) {
            Stand::Open if naming.output == "keys" => deactivated(name, runs).unwrap_or(Stand::Open),
            stand => stand,
        },
    }
}

/// A key that stands deactivated, with whatever else its user had.
fn deactivated(name: &Untrusted, runs: &[AttachedRun]) -> Option<Stand> {
    let is_of = |c: &&ChangeRecord| {
        let key = match &c.what.act {
            Act::Iam(iam::Act::Contain(iam::contain::Act::Deactivate { key, .. })) => key.text(),
            _ => return false,
        };
        key == name && c.stands()
    };
    runs.iter().filter_map(AttachedRun::run).find_map(|run| {
        let change = run.steps.iter().flat_map(|s| &s.changes).find(is_of)?;
        let how = format!("run {} has deactivated it", run.id);
        Some(Stand::Done { run: run.id.clone(), at: change.changed?, how })
    })
}

/// What a sweep found that none of its lists names: no runbook takes it.
fn by_hand(step: &StepRecord) -> impl Iterator<Item = &String> {
    let listed: Vec<&str> = ["users", "keys", "roles", "functions"]
        .iter()
        .flat_map(|output| names(step, output))
        .map(Untrusted::wire)
        .collect();
    let is_listed = move |text: &str| {
        listed.iter().any(|name| text.contains(&Untrusted::from(*name).shown().to_string()))
    };
    step.evidence.iter().filter(move |text| text.starts_with(FINDING) && !is_listed(text))
}

/// A finding for a person. It is done when a later look for the same no longer finds it.
fn look(text: &str, run: &Run, runs: &[AttachedRun]) -> Due {
    let said = text.strip_prefix(FINDING).unwrap_or(text);
    let later = runs.iter().filter_map(AttachedRun::run).find_map(|other| {
        let sweeps = |s: &&StepRecord| verb_of(other, s) == SWEEP && s.state == StepState::Done;
        let step = other.steps.iter().find(sweeps)?;
        let again = other.input("key") == run.input("key") && other.started_at > run.started_at;
        (again && !step.evidence.iter().any(|e| e == text)).then(|| Stand::Done {
            run: other.id.clone(),
            at: step.ended.unwrap_or(other.last_at),
            how: format!("run {} no longer finds it", other.id),
        })
    });
    Due {
        id: id_of(DueKind::Look, &[said]),
        kind: DueKind::Look,
        text: said.to_owned(),
        from: run.id.clone(),
        way: Way::Hand("look at it, take it back by hand, and run the sweep again".to_owned()),
        stand: later.unwrap_or(Stand::Open),
    }
}

/// Every verb and output that names something, for a test.
#[cfg(test)]
pub(in crate::runbook::incident) fn namings() -> Vec<(&'static str, &'static str)> {
    NAMINGS.iter().map(|naming| (naming.verb, naming.output)).collect()
}
