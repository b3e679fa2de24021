//! Drives verbs in tests: answers what they want to know from a world, agrees to what they propose and makes it
//! there, and lets time pass. The world is whatever a test says it is. Compiled for tests only.

pub mod secrets;

use super::definition::{Argument, Definition};
use super::inputs::Inputs;
use super::need::{Done, Fact, Facts, Need, Proposal, Want};
use super::value::Value;
use super::verb::Verb;
use super::verbs;
use super::view::{ChangeMade, Forgone, View};
use crate::estate::time::plus_seconds;
use crate::estate::{
    AccountId, At, Call, Change, Completeness, Fault, IdempotencyKey, Made, Progress, Receipt, Region, RunId,
    Salt, Seen, Slot, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// What verbs ask and change.
pub trait World {
    /// The fact for a want.
    fn answer(&mut self, now: Timestamp, want: &Want) -> Fact;
    /// Makes one call.
    fn apply(&mut self, now: Timestamp, call: &Call, key: &IdempotencyKey) -> Result<Receipt, Fault>;
}

/// A world that only answers: a call is a mistake of the test.
pub struct Answers<F>(pub F);

impl<F: FnMut(&Want) -> Fact> World for Answers<F> {
    fn answer(&mut self, _: Timestamp, want: &Want) -> Fact {
        (self.0)(want)
    }

    fn apply(&mut self, _: Timestamp, call: &Call, _: &IdempotencyKey) -> Result<Receipt, Fault> {
        panic!("nothing was to be changed, and this was: {call:?}")
    }
}

/// A value as AWS would have been asked for it at `now`.
pub fn seen<T>(value: T, now: Timestamp) -> Seen<T> {
    Seen { value, at: now, complete: Completeness::Complete }
}

/// One step on a bench. The public fields may be set between calls.
#[derive(Clone)]
pub struct Bench {
    /// The id of the run; `7f3a0b1c`.
    pub run: RunId,
    /// Where.
    pub at: At,
    /// The salt of its fingerprints.
    pub salt: Salt,
    /// The clock.
    pub now: Timestamp,
    /// When the run began.
    pub started: Timestamp,
    /// When the step began.
    pub began: Timestamp,
    /// Since when this pass looks; since the step began, without it.
    pub since: Option<Timestamp>,
    /// The id of the step, for keys.
    pub step: String,
    /// A dry run.
    pub planning: bool,
    /// Parameters.
    pub with: BTreeMap<String, Value>,
    /// Late inputs.
    pub late: BTreeMap<String, Value>,
    /// Over the practice estate.
    pub practice: bool,
    /// What the slots hold.
    pub held: BTreeSet<Slot>,
    /// What a person said.
    pub attested: Option<String>,
    /// What is known in this pass.
    pub facts: Facts,
    /// What was changed.
    pub done: Vec<ChangeMade>,
    /// What AWS refused and the step goes on without.
    pub forgone: Vec<Forgone>,
    /// Everything that was proposed and agreed to.
    pub proposed: Vec<Proposal>,
    /// Every want that was answered, in order.
    pub asked: Vec<Want>,
    /// Calls made, for keys.
    pub calls: u32,
}

/// When every bench begins: 2026-11-17, 10:00 UTC.
pub fn beginning() -> Timestamp {
    "2026-11-17T10:00:00Z".parse().unwrap()
}

impl Default for Bench {
    fn default() -> Self {
        let (now, facts) = (beginning(), Facts::default());
        Self {
            run: RunId::new("7f3a0b1c").unwrap(),
            at: At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() },
            salt: Salt("5a17".into()),
            now,
            started: now,
            began: now,
            since: None,
            step: "step".to_owned(),
            planning: false,
            with: BTreeMap::new(),
            late: BTreeMap::new(),
            practice: false,
            held: BTreeSet::new(),
            attested: None,
            facts,
            done: Vec::new(),
            forgone: Vec::new(),
            proposed: Vec::new(),
            asked: Vec::new(),
            calls: 0,
        }
    }
}

impl Bench {
    /// A bench with these parameters; texts may be given as they are.
    pub fn with(parameters: &[(&str, Value)]) -> Self {
        let with = parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self { with, ..Self::default() }
    }

    fn view<'a>(&'a self, done: &'a [ChangeMade]) -> View<'a> {
        View {
            run: &self.run,
            at: &self.at,
            salt: &self.salt,
            now: self.now,
            started: self.started,
            began: self.began,
            since: self.since.unwrap_or(self.began),
            planning: self.planning,
            with: &self.with,
            late: &self.late,
            facts: &self.facts,
            done,
            forgone: &self.forgone,
            held: &self.held,
            attested: self.attested.as_deref(),
            practice: self.practice,
        }
    }

    /// Asks the verb until it needs something else than to know.
    pub fn next(&mut self, verb: &dyn Verb, world: &mut impl World) -> Result<Done, Need> {
        self.knowing(world, |bench| verb.next(&bench.view(&bench.done)))
    }

    fn knowing(
        &mut self,
        world: &mut impl World,
        ask: impl Fn(&Self) -> Result<Done, Need>,
    ) -> Result<Done, Need> {
        for _ in 0..1_000 {
            match ask(self) {
                Err(Need::Know(wants)) => {
                    assert!(!wants.is_empty(), "a verb wants nothing and says it does");
                    for want in wants {
                        self.know(world, want);
                    }
                }
                other => return other,
            }
        }
        panic!("a verb that never has enough: {:?}", self.asked.last())
    }

    fn know(&mut self, world: &mut impl World, want: Want) {
        assert!(self.facts.get(&want).is_none(), "asked twice in one pass: {want:?}");
        let is_material = match &want {
            Want::Load { into, .. }
            | Want::Extract { into, .. }
            | Want::ExtractNth { into, .. }
            | Want::Make { into, .. } => {
                self.held.insert(into.clone());
                true
            }
            Want::Shape { .. }
            | Want::SameBut { .. }
            | Want::Tried { .. }
            | Want::Print(_)
            | Want::Status(_) => true,
            Want::Pages(_) | Want::Try(_) | Want::Export(_) => false,
            // Logs are billed: a plan reads none.
            Want::Whose { .. } => true,
        };
        assert!(!(self.planning && is_material), "a plan reads no material: {want:?}");
        let fact = world.answer(self.now, &want);
        self.asked.push(want.clone());
        self.facts.0.push((want, fact));
    }

    /// Goes on until the verb is done or stops for a person, for time, or for good: agrees to what it proposes
    /// and makes it, and waits where it wants to look again. A call that the world refuses ends it with that
    /// fault's words, as it does in a run. In planning, calls get receipts with nothing in them.
    pub fn go(&mut self, verb: &dyn Verb, world: &mut impl World) -> Result<Done, Need> {
        self.going(world, |bench| verb.next(&bench.view(&bench.done)))
    }

    /// The same for undoing a change that this step made. What the undo made is in `done` then.
    pub fn undo(
        &mut self,
        verb: &dyn Verb,
        change: &ChangeMade,
        world: &mut impl World,
    ) -> Result<Done, Need> {
        self.done.clear();
        self.forgone.clear();
        self.facts = Facts::default();
        self.going(world, |bench| verb.undo(&bench.view(&bench.done), &change.change, &change.made))
    }

    fn going(
        &mut self,
        world: &mut impl World,
        ask: impl Fn(&Self) -> Result<Done, Need>,
    ) -> Result<Done, Need> {
        for _ in 0..1_000 {
            match self.knowing(world, &ask) {
                Err(Need::Consent(proposal)) => {
                    for change in &proposal.changes {
                        match self.make(change, world) {
                            Ok(made) => self.done.push(ChangeMade::of(change.clone(), made)),
                            Err(fault) if change.is_dispensable() => {
                                let (change, why) = (change.clone(), fault.to_string());
                                self.forgone.push(Forgone { change, why });
                            }
                            Err(fault) => return Err(Need::Refuse(fault.to_string())),
                        }
                    }
                    self.proposed.push(*proposal);
                }
                Err(Need::Again { after, .. }) => {
                    self.facts = Facts::default();
                    self.now = plus_seconds(self.now, i64::try_from(after.as_secs()).unwrap());
                }
                other => return other,
            }
        }
        panic!("a verb that never ends")
    }

    fn make(&mut self, change: &Change, world: &mut impl World) -> Result<Vec<Made>, Fault> {
        let mut made: Vec<Made> = Vec::new();
        if self.planning {
            return Ok(change.calls().into_iter().map(planned).collect());
        }
        loop {
            let next = change.next(&Progress::of(made.clone()));
            if next.is_empty() {
                return Ok(made);
            }
            for call in next {
                for slot in call.needs() {
                    assert!(self.held.contains(&slot), "{slot:?} is empty, and {call:?} needs it");
                }
                let key = IdempotencyKey::derive(&self.run, &self.step, self.calls, 1);
                self.calls += 1;
                let receipt = world.apply(self.now, &call, &key)?;
                made.push(Made { call, receipt });
            }
        }
    }
}

/// A call with a receipt that stands in for one that nobody has yet.
fn planned(call: Call) -> Made {
    use crate::estate::change::{apigateway, iam, lambda, secretsmanager};
    use crate::estate::{AccessKeyId, ApiKeyId, FunctionVersion, RevisionId, VersionId};
    let text = "<made by the step>";
    let receipt = match &call {
        Call::SecretsManager(secretsmanager::Call::PutSecretValue { .. }) => {
            Receipt::Version(VersionId::new(text))
        }
        Call::Lambda(lambda::Call::UpdateFunctionConfiguration { .. } | lambda::Call::UpdateAlias { .. }) => {
            Receipt::Revision(RevisionId::new(text))
        }
        Call::Lambda(lambda::Call::PublishVersion { .. }) => Receipt::Published(FunctionVersion::new(text)),
        Call::ApiGateway(apigateway::Call::CreateApiKey { .. }) => Receipt::ApiKey(ApiKeyId::new(text)),
        Call::Iam(iam::Call::CreateAccessKey { .. }) => Receipt::AccessKey(AccessKeyId::new(text)),
        Call::SecretsManager(_)
        | Call::Lambda(_)
        | Call::ApiGateway(_)
        | Call::Iam(_)
        | Call::Sqs(_)
        | Call::Rds(_)
        | Call::Ec2(_) => Receipt::Done,
    };
    Made { call, receipt }
}

/// How a whole runbook went.
#[derive(Default)]
pub struct Ran {
    /// The evidence of the steps that were done.
    pub evidence: BTreeMap<String, Vec<String>>,
    /// What they gave.
    pub outputs: BTreeMap<String, BTreeMap<String, Value>>,
    /// What was changed, with the step and what it was agreed to with.
    pub changed: Vec<(String, ChangeMade)>,
    /// What was proposed.
    pub proposed: Vec<(String, Proposal)>,
    /// Where it stopped, and what it needs.
    pub stopped: Option<(String, Need)>,
    /// What the clock says.
    pub now: Option<Timestamp>,
}

/// Runs a whole definition over a world, on a bench that every step begins with. Where a step stops for a
/// person or for time, `meanwhile` may put something on the bench (late inputs, an attestation, a later time)
/// and have it go on; `false` leaves it there.
pub fn run(
    definition: &Definition,
    inputs: &[(&str, &str)],
    bench: &Bench,
    world: &mut impl World,
    mut meanwhile: impl FnMut(&str, &Need, &mut Bench) -> bool,
) -> Ran {
    let given: Vec<_> = inputs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let inputs = Inputs::read(definition, &given).unwrap().into_values();
    let mut ran = Ran::default();
    let mut bench = bench.clone();
    for step in definition.steps.iter().filter(|step| step.when.holds(&inputs)) {
        let verb = verbs::find(&step.verb).unwrap();
        bench = Bench {
            began: bench.now,
            step: step.id.clone(),
            facts: Facts::default(),
            done: Vec::new(),
            forgone: Vec::new(),
            proposed: Vec::new(),
            attested: None,
            ..bench
        };
        let end = loop {
            let resolve = |argument: &Argument| match argument {
                Argument::Literal(value) => Some(value.clone()),
                Argument::Input(name) => inputs.get(name).or_else(|| bench.late.get(name)).cloned(),
                Argument::Output(step, output) => ran.outputs.get(step)?.get(output).cloned(),
            };
            bench.with = step.with.iter().filter_map(|(k, a)| Some((k.clone(), resolve(a)?))).collect();
            match bench.go(verb, world) {
                Ok(done) => break Ok(done),
                Err(need) => {
                    bench.facts = Facts::default();
                    if !meanwhile(&step.id, &need, &mut bench) {
                        break Err(need);
                    }
                }
            }
        };
        ran.changed.extend(bench.done.drain(..).map(|made| (step.id.clone(), made)));
        ran.proposed.extend(bench.proposed.drain(..).map(|proposal| (step.id.clone(), proposal)));
        ran.now = Some(bench.now);
        match end {
            Ok(done) => {
                let declared: Vec<_> = verb.gives().iter().map(|o| (o.name, o.kind)).collect();
                for (name, value) in &done.outputs {
                    assert!(declared.contains(&(name.as_str(), value.kind())), "{}: {name}", step.verb);
                }
                ran.evidence.insert(step.id.clone(), done.evidence);
                ran.outputs.insert(step.id.clone(), done.outputs);
            }
            Err(need) => {
                ran.stopped = Some((step.id.clone(), need));
                return ran;
            }
        }
    }
    ran
}
