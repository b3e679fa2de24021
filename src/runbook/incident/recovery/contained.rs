//! What was contained, with what gives it back or takes its place: the undo, which refuses to revive a stolen session; a
//! new key in place of one that stays dead; and what was missed meanwhile.

use super::{Due, DueKind, Stand, Way, bare, dealt, id_of};
use crate::estate::change::iam::contain::Act as OfUser;
use crate::estate::change::lambda::contain::Act as OfFunction;
use crate::estate::change::{Act, Risk, apigateway, iam, lambda, secretsmanager};
use crate::estate::{AccessKeyId, Arn, Timestamp, UserName};
use crate::runbook::incident::picture::AttachedRun;
use crate::runbook::run::{ChangeRecord, Run, StepRecord};
use crate::runbook::{Event as RunEvent, StepState, Value, shell};
use std::collections::{BTreeMap, BTreeSet};

/// What works off a queue of what was missed.
const QUEUES: &[(&str, &str)] =
    &[("dlq-drain", "queue"), ("queue-replay", "queue"), ("queue-redrive", "queue")];
/// What puts something new in the place of what was taken away.
const NEW_KEYS: &[(&str, &str)] = &[("api-key-rotation", "old")];
/// The step of a runbook at which a person says that the rightful callers have something new.
const REPLACEMENT: &str = "replacement";

/// What was contained, each with when it was made. `found` is what the evidence names: a key that somebody else has made is
/// removed and not replaced.
pub(super) fn all(runs: &[AttachedRun], found: &[Due]) -> Vec<(Timestamp, Due)> {
    let mut facts = Vec::new();
    for attached in runs {
        let Some(run) = attached.run() else { continue };
        for step in &run.steps {
            let contains =
                |c: &&ChangeRecord| c.what.risk() == Risk::Containing && c.undoes.is_none() && !c.untouched();
            let of_step = (0..).zip(&step.changes).filter(|(_, c)| contains(c));
            facts.extend(of_step.map(|(n, change)| Fact { attached, run, step, n, change }));
        }
    }
    let (together, alone) = of_one_user(facts, found);
    let alone = alone.into_iter().map(|fact| (fact.made(), fact.due(runs, found)));
    alone.chain(together.iter().filter_map(|dead| new_key(dead, runs))).collect()
}

/// The dead keys of users that have several, and everything else. A user gets one new key in the place of all of them.
fn of_one_user<'r>(facts: Vec<Fact<'r>>, found: &[Due]) -> (Vec<Vec<Fact<'r>>>, Vec<Fact<'r>>) {
    let mut by_user: BTreeMap<UserName, Vec<Fact<'r>>> = BTreeMap::new();
    let mut alone = Vec::new();
    for fact in facts {
        match fact.dead(found) {
            Some((user, _)) => by_user.entry(user.clone()).or_default().push(fact),
            None => alone.push(fact),
        }
    }
    let mut together = Vec::new();
    for facts in by_user.into_values() {
        let keys: BTreeSet<&AccessKeyId> = facts.iter().filter_map(|f| Some(f.dead(found)?.1)).collect();
        if keys.len() > 1 {
            together.push(facts);
        } else {
            alone.extend(facts);
        }
    }
    (together, alone)
}

/// One new key in the place of several dead ones of a user. It is about just these: when another one joins them, it is
/// another line, and nothing that was decided of fewer is taken for it.
fn new_key(dead: &[Fact<'_>], runs: &[AttachedRun]) -> Option<(Timestamp, Due)> {
    let last = dead.iter().max_by_key(|fact| fact.made())?;
    let (user, _) = last.dead(&[])?;
    let keys: BTreeSet<&AccessKeyId> = dead.iter().filter_map(|fact| Some(fact.dead(&[])?.1)).collect();
    let mut stand = Stand::Open;
    for key in &keys {
        match dealt(key.wire(), NEW_KEYS, last.run, runs) {
            done @ Stand::Done { .. } => {
                stand = done;
                break;
            }
            Stand::Open => {}
            other @ (Stand::UnderWay { .. } | Stand::Aside { .. }) => stand = other,
        }
    }
    if stand == Stand::Open {
        stand = last.attested().unwrap_or(Stand::Open);
    }
    let shown: Vec<String> = keys.iter().map(|key| key.shown().to_string()).collect();
    let mut of: Vec<&str> = dead.iter().map(|fact| fact.run.id.as_str()).collect();
    of.dedup();
    let about: Vec<&str> = std::iter::once(user.wire()).chain(keys.iter().map(|key| key.wire())).collect();
    // Which of them is deleted is the operator's to say: what is left is the one that is replaced.
    let inputs = vec![("store", "iam-user".to_owned()), ("user", user.wire().to_owned())];
    let due = Due {
        id: id_of(DueKind::Replace, &about),
        kind: DueKind::Replace,
        text: format!(
            "The access keys {} of the user {} are deactivated (run {}): they stay so; what has to work gets one new key. IAM \
             allows two, inactive ones counted: first delete one that nobody needs as evidence, `aws iam delete-access-key \
             --user-name {} --access-key-id KEY`",
            shown.join(" and "),
            user.shown(),
            of.join(", "),
            shell::quote(user.wire())
        ),
        from: last.run.id.clone(),
        way: Way::Start { runbook: "api-key-rotation", inputs },
        stand,
    };
    Some((last.made(), due))
}

/// A containing change of which something was made.
struct Fact<'r> {
    attached: &'r AttachedRun,
    run: &'r Run,
    step: &'r StepRecord,
    n: u32,
    change: &'r ChangeRecord,
}

impl Fact<'_> {
    /// When it was made.
    fn made(&self) -> Timestamp {
        self.change.changed.unwrap_or(self.change.at)
    }

    /// The user and the key that it has deactivated for good: neither undone nor somebody else's.
    fn dead(&self, found: &[Due]) -> Option<(&UserName, &AccessKeyId)> {
        let Act::Iam(iam::Act::Contain(OfUser::Deactivate { user, key })) = &self.change.what.act else {
            return None;
        };
        (self.undone().is_none() && !is_made(key, found)).then_some((user, key))
    }

    fn due(&self, runs: &[AttachedRun], found: &[Due]) -> Due {
        let resource = self.change.what.resource();
        let given_back = self.undone();
        let (kind, way, replaced) = self.way(runs, found);
        let stand = match (given_back, kind) {
            (Some(done), _) => done,
            (None, DueKind::Replace | DueKind::Remove) => match replaced {
                Stand::Open => self.attested().unwrap_or(Stand::Open),
                stand => stand,
            },
            (None, _) if self.run.undoing && !self.run.state().over() => {
                Stand::UnderWay { run: self.run.id.clone() }
            }
            (None, _) => Stand::Open,
        };
        let sentence = self.change.what.sentence();
        let then = match (kind, &way) {
            (DueKind::Replace, _) => "it stays so; what has to work gets something new".to_owned(),
            (DueKind::Remove, _) => {
                "somebody else made it: it is deleted when nobody needs it as evidence".to_owned()
            }
            (_, _) => self.change.what.undo(),
        };
        // A second stamp on a role is the same line.
        let again = matches!(&self.change.what.act, Act::Iam(iam::Act::Contain(OfUser::Revoke { .. })));
        let which = if again { String::new() } else { format!("{}:{}", self.step.id, self.n) };
        Due {
            id: id_of(kind, &[self.run.id.as_str(), resource.wire(), &which]),
            kind,
            text: format!("{sentence} (run {}): {then}", self.run.id),
            from: self.run.id.clone(),
            way,
            stand,
        }
    }

    /// What does it, and how that stands where it is something new.
    fn way(&self, runs: &[AttachedRun], found: &[Due]) -> (DueKind, Way, Stand) {
        let undo = || (DueKind::GiveBack, Way::Undo(self.run.id.clone()), Stand::Open);
        match &self.change.what.act {
            Act::Iam(iam::Act::Contain(OfUser::Deactivate { user, key })) => self.key(user, key, runs, found),
            Act::ApiGateway(apigateway::Act::SetEnabled { key, .. }) => {
                let inputs = vec![
                    ("store", "api-gateway".to_owned()),
                    ("old", key.wire().to_owned()),
                    ("overlap", "0s".to_owned()),
                ];
                let stand = dealt(key.wire(), NEW_KEYS, self.run, runs);
                (DueKind::Replace, Way::Start { runbook: "api-key-rotation", inputs }, stand)
            }
            Act::Lambda(lambda::Act::EditEnvironment { function, variables, .. }) => {
                let mut inputs =
                    vec![("store", "lambda-env".to_owned()), ("function", function.wire().to_owned())];
                inputs.extend(variables.first().map(|v| ("variable", v.wire().to_owned())));
                let stand = dealt(function.wire(), &[("api-key-rotation", "function")], self.run, runs);
                (DueKind::Replace, Way::Start { runbook: "api-key-rotation", inputs }, stand)
            }
            Act::SecretsManager(secretsmanager::Act::Promote { secret, .. }) => {
                let ways = [("secret-update", "secret"), ("api-key-rotation", "secret")];
                let stand = dealt(secret.wire(), &ways, self.run, runs);
                let inputs = vec![("secret", secret.wire().to_owned())];
                (DueKind::Replace, Way::Start { runbook: "secret-update", inputs }, stand)
            }
            Act::Iam(_)
            | Act::Lambda(_)
            | Act::ApiGateway(_)
            | Act::SecretsManager(_)
            | Act::Sqs(_)
            | Act::Rds(_)
            | Act::Ec2(_)
            | Act::Messages(_) => undo(),
        }
    }

    /// A key is never activated again but on a false alarm: its user gets a new one, or it is deleted.
    fn key(
        &self,
        user: &UserName,
        key: &AccessKeyId,
        runs: &[AttachedRun],
        found: &[Due],
    ) -> (DueKind, Way, Stand) {
        if is_made(key, found) {
            let (user, key) = (shell::quote(user.wire()), shell::quote(key.wire()));
            let line = format!("aws iam delete-access-key --user-name {user} --access-key-id {key}");
            return (DueKind::Remove, Way::Hand(line), Stand::Open);
        }
        let inputs = vec![
            ("store", "iam-user".to_owned()),
            ("user", user.wire().to_owned()),
            ("old", key.wire().to_owned()),
        ];
        let stand = dealt(key.wire(), NEW_KEYS, self.run, runs);
        (DueKind::Replace, Way::Start { runbook: "api-key-rotation", inputs }, stand)
    }

    /// When and how it was undone, if it was.
    fn undone(&self) -> Option<Stand> {
        let evidence = self.change.undone.as_ref().filter(|_| !self.change.passed_over)?;
        let this = |event: &RunEvent| matches!(event, RunEvent::Undone { step, change, .. } if *step == self.step.id && *change == self.n);
        let at = self.attached.events.iter().find(|(_, event)| this(event)).map(|(stamp, _)| stamp.at);
        let how = evidence.first().map_or_else(String::new, |e| format!(": {e}"));
        Some(Stand::Done {
            run: self.run.id.clone(),
            at: at.unwrap_or(self.run.last_at),
            how: format!("run {} has undone it{how}", self.run.id),
        })
    }

    /// A person said, at a step of the run, that the rightful callers have something new.
    fn attested(&self) -> Option<Stand> {
        let step = self.run.step(REPLACEMENT).filter(|s| s.state == StepState::Done)?;
        let words = step.attested.as_ref()?;
        Some(Stand::Done {
            run: self.run.id.clone(),
            at: step.ended.unwrap_or(self.run.last_at),
            how: format!("said in run {}: {}", self.run.id, words.shown()),
        })
    }
}

/// Whether a key is one that somebody else has made.
fn is_made(key: &AccessKeyId, found: &[Due]) -> bool {
    let id = id_of(DueKind::Contain, &["keys", key.wire()]);
    found.iter().any(|due| due.id == id)
}

/// What functions missed that were held: the queues in which it is. They are worked off once the function runs again.
pub(super) fn missed(runs: &[AttachedRun]) -> Vec<Due> {
    let mut out = Vec::new();
    for run in runs.iter().filter_map(AttachedRun::run).filter(|run| held(run)) {
        let dead = run.steps.iter().filter_map(|s| match s.outputs.get("dead") {
            Some(Value::List(all)) => Some(all),
            Some(_) | None => None,
        });
        for arn in dead.flatten().map(|a| Arn::new(a.wire())).filter(|a| a.service() == Some("sqs")) {
            let queue = bare(arn.wire()).to_owned();
            out.push(Due {
                id: id_of(DueKind::Replay, &[&queue]),
                kind: DueKind::Replay,
                text: format!(
                    "what was missed while run {} held the function is in the queue {}: when it runs again, work it off",
                    run.id,
                    arn.resource().shown()
                ),
                from: run.id.clone(),
                stand: dealt(&queue, QUEUES, run, runs),
                way: Way::Start { runbook: "dlq-drain", inputs: vec![("queue", queue)] },
            });
        }
    }
    out
}

/// Whether a run has held a function back, now or before an undo.
fn held(run: &Run) -> bool {
    let holds = |c: &ChangeRecord| {
        let act = &c.what.act;
        let limits = matches!(
            act,
            Act::Lambda(lambda::Act::Contain(OfFunction::Limit { .. } | OfFunction::Disconnect { .. }))
        );
        limits && c.undoes.is_none() && !c.untouched()
    };
    run.steps.iter().flat_map(|s| &s.changes).any(holds)
}
