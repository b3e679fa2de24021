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
    let mut out = Vec::new();
    for attached in runs {
        let Some(run) = attached.run() else { continue };
        for step in &run.steps {
            let contains =
                |c: &&ChangeRecord| c.what.risk() == Risk::Containing && c.undoes.is_none() && !c.untouched();
            for (n, change) in (0..).zip(&step.changes).filter(|(_, c)| contains(c)) {
                let about = Fact { attached, run, step, n, change };
                out.push((change.changed.unwrap_or(change.at), about.due(runs, found)));
            }
        }
    }
    out
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
        let made = id_of(DueKind::Contain, &["keys", key.wire()]);
        if found.iter().any(|due| due.id == made) {
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
