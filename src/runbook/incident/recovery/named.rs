//! What the evidence of runs names, and what deals with it: roles and keys that came of a stolen key, what somebody else has
//! made, secrets that were read.

use super::{Due, DueKind, Stand, Way, dealt, id_of};
use crate::estate::change::{Act, iam};
use crate::estate::{RunId, Untrusted};
use crate::runbook::found::{Found, Kind};
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
    Naming { verb: SESSIONS, output: "roles", kind: DueKind::Revoke, ways: ROLES },
    Naming { verb: SESSIONS, output: "keys", kind: DueKind::Contain, ways: KEYS },
    Naming { verb: SESSIONS, output: "secrets", kind: DueKind::Rotate, ways: SECRETS },
    Naming { verb: SWEEP, output: "users", kind: DueKind::Contain, ways: USERS },
    Naming { verb: SWEEP, output: "keys", kind: DueKind::Contain, ways: KEYS },
    Naming { verb: SWEEP, output: "roles", kind: DueKind::Revoke, ways: ROLES },
    Naming { verb: SWEEP, output: "functions", kind: DueKind::Contain, ways: FUNCTIONS },
    Naming { verb: SWEEP, output: "secrets", kind: DueKind::Rotate, ways: SECRETS },
];

/// A key that is named by what was found only.
const MADE: Naming = Naming { verb: SWEEP, output: "keys", kind: DueKind::Contain, ways: KEYS };

/// A user who got a console password.
const SIGNS_IN: Naming = Naming { verb: SESSIONS, output: "users", kind: DueKind::Contain, ways: USERS };

/// The verb that follows a key.
const SESSIONS: &str = "trail.sessions";
/// The verb that tells what a function is, and the one by which it is known to be in wrong hands.
const FUNCTION: &str = "function.evidence";
/// See above.
const LEADS: &str = "function.leads";
/// The verb that looks for what was made.
const SWEEP: &str = "trail.sweep";

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
            for found in findings(verb, step) {
                match list_of(found.what.kind) {
                    Some(list) if names(step, list).contains(&found.what.name) => {}
                    Some("keys") => add(&mut out, due(&MADE, &found.what.name, run, runs)),
                    Some("users") if verb == SESSIONS => {
                        add(&mut out, due(&SIGNS_IN, &found.what.name, run, runs));
                    }
                    Some(_) | None => look(&mut out, &found, (verb, run), runs),
                }
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

/// The list of a step that names things of a kind, where a runbook takes them.
fn list_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::User | Kind::Password | Kind::Device => Some("users"),
        Kind::Key => Some("keys"),
        Kind::Role => Some("roles"),
        Kind::Function | Kind::Url => Some("functions"),
        Kind::Policy
        | Kind::Layer
        | Kind::Rule
        | Kind::Instance
        | Kind::Provider
        | Kind::Trail
        | Kind::Other => None,
    }
}

/// Something that was found, and how it is told.
struct Finding {
    what: Found,
    /// A record of before has the sentence only, and it is known by that.
    by_text: bool,
}

impl Finding {
    fn id(&self) -> String {
        if self.by_text {
            return id_of(DueKind::Look, &[&self.what.text]);
        }
        id_of(DueKind::Look, &self.what.identity())
    }

    /// Whether a later look would have found it, and has not.
    fn is_missed_by(&self, step: &StepRecord) -> bool {
        let whole = !matches!(step.outputs.get("whole"), Some(Value::Flag(false)));
        let far = match (step.outputs.get("from"), self.what.at) {
            (Some(Value::Time(from)), Some(at)) => *from <= at,
            _ => true,
        };
        let again = match step.outputs.get("findings") {
            Some(Value::Findings(all)) if !self.by_text => all.iter().any(|f| f.is(&self.what)),
            _ => step.evidence.contains(&self.what.sentence()),
        };
        whole && far && !again
    }
}

/// What a step found that is to be dealt with.
fn findings(verb: &str, step: &StepRecord) -> Vec<Finding> {
    match step.outputs.get("findings") {
        Some(Value::Findings(all)) => {
            all.iter().map(|what| Finding { what: what.clone(), by_text: false }).collect()
        }
        _ if verb == SWEEP => by_sentence(step).collect(),
        _ => Vec::new(),
    }
}

/// What the sentences of a sweep tell, in a record that has it in no other way, and none of its lists names.
fn by_sentence(step: &StepRecord) -> impl Iterator<Item = Finding> {
    let listed: Vec<String> = ["users", "keys", "roles", "functions"]
        .iter()
        .flat_map(|output| names(step, output))
        .map(|name| name.shown().to_string())
        .collect();
    let said = step.evidence.iter().filter_map(|text| text.strip_prefix(Found::MARK));
    said.filter(move |text| !listed.iter().any(|name| text.contains(name))).map(|text| Finding {
        what: Found::named(Kind::Other, Untrusted::from(""), None, text.to_owned()),
        by_text: true,
    })
}

/// A finding for a person. It is done when a later look for the same no longer finds it; the last look that did says most
/// of it.
fn look(out: &mut Vec<Due>, found: &Finding, (verb, run): (&str, &Run), runs: &[AttachedRun]) {
    let mut later: Vec<(&Run, &StepRecord)> = runs
        .iter()
        .filter_map(AttachedRun::run)
        .filter(|other| other.input("key") == run.input("key") && other.started_at > run.started_at)
        .filter_map(|other| {
            let sweeps = |s: &&StepRecord| verb_of(other, s) == SWEEP && s.state == StepState::Done;
            Some((other, other.steps.iter().find(sweeps)?))
        })
        .collect();
    later.sort_by_key(|(other, _)| other.started_at);
    let missed = later.into_iter().find(|(_, step)| found.is_missed_by(step));
    let stand = missed.map_or(Stand::Open, |(other, step)| Stand::Done {
        run: other.id.clone(),
        at: step.ended.unwrap_or(other.last_at),
        how: format!("run {} no longer finds it", other.id),
    });
    let due = Due {
        id: found.id(),
        kind: DueKind::Look,
        text: found.what.text.clone(),
        from: run.id.clone(),
        way: Way::Hand("look at it, take it back by hand, and run the sweep again".to_owned()),
        stand,
    };
    let started =
        |id: &RunId| runs.iter().filter_map(AttachedRun::run).find(|r| r.id == *id).map(|r| r.started_at);
    match out.iter_mut().find(|known| known.id == due.id) {
        // What a look finds stands then; what CloudTrail tells was once so.
        Some(known) if verb == SWEEP && started(&known.from) < Some(run.started_at) => *known = due,
        Some(_) => {}
        None => out.push(due),
    }
}

/// Every verb and output that names something, for a test.
#[cfg(test)]
pub(in crate::runbook::incident) fn namings() -> Vec<(&'static str, &'static str)> {
    NAMINGS.iter().map(|naming| (naming.verb, naming.output)).collect()
}
