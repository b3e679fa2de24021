//! Planning: a dry run of a runbook's verbs over the live estate. Questions are asked, nothing secret is read
//! and nothing changed: what a step would propose is taken for what it does, and what only doing it would tell
//! stands in angle brackets.

use super::fault::RunsFault;
use super::reading::Reader;
use super::{Registry, Runs, preflight, random, salt, wants};
use crate::estate::{
    AccessKeyId, ApiKeyId, At, Call, Change, FunctionVersion, IdempotencyKey, Made, MaterialSource, Place,
    Progress, Receipt, RevisionId, RunId, Salt, Slot, Timestamp, Untrusted, VersionId,
};
use crate::runbook::plan::{Allowed, Plan, PlannedCall, PlannedStep};
use crate::runbook::run::parameters;
use crate::runbook::{
    ChangeMade, Definition, Done, Fact, Facts, Home, Inputs, Need, Step, Value, ValueType, Verb, View, Want,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A verb that asks more often than this in planning has a flaw.
const MOST_ROUNDS: usize = 200;

/// For so long a plan looks again where a step wants to: an update under way is over in seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// What planning goes by.
struct Dry<'a> {
    reader: &'a Reader,
    verbs: Registry,
    definition: &'a Definition,
    inputs: &'a BTreeMap<String, Value>,
    late: BTreeMap<String, Value>,
    at: At,
    run: RunId,
    salt: Salt,
    /// When it was begun: the steps are asked again and again, and must ask the same meanwhile.
    began: Timestamp,
}

/// How far a step was planned.
#[derive(Default)]
struct Draft {
    made: Vec<ChangeMade>,
    breaks: Vec<String>,
    leaves: Vec<String>,
    evidence: Vec<String>,
    summary: String,
    outputs: Option<BTreeMap<String, Value>>,
    refusal: Option<String>,
}

impl Runs {
    /// What a runbook would do here, now, with these inputs. Nothing is changed, and nothing secret is read.
    ///
    /// # Errors
    /// AWS does not say who asks, or does not answer.
    pub async fn plan(&self, definition: &Definition, inputs: &Inputs) -> Result<Plan, RunsFault> {
        let inputs = inputs.values();
        let (at, identity) = self.here().await?;
        let mut id = [0_u8; 4];
        random(&mut id)?;
        let late = definition.inputs.iter().filter(|i| i.late);
        let late = late.filter_map(|i| Some((i.name.clone(), inputs.get(&i.name)?.clone()))).collect();
        let dry = Dry {
            reader: &self.shared.reader,
            verbs: self.shared.verbs,
            definition,
            inputs,
            late,
            at: at.clone(),
            run: RunId::from_random(id),
            salt: salt()?,
            began: self.shared.reader.ports.clock.now(),
        };
        let steps = dry.steps().await?;
        let (definition, inputs) = (definition.clone(), inputs.clone());
        let mut plan = Plan { definition, inputs, at, run: dry.run, steps, hash: String::new() };
        plan.hash = plan.hash_of();
        preflight::ask(&self.shared.reader, &identity, &mut plan).await;
        Ok(plan)
    }
}

impl Dry<'_> {
    async fn steps(&self) -> Result<Vec<PlannedStep>, RunsFault> {
        let mut outputs: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        let mut steps = Vec::new();
        for step in &self.definition.steps {
            let skipped = !step.when.holds(self.inputs);
            let draft = if skipped { Draft::default() } else { self.step(step, &outputs).await? };
            outputs.insert(step.id.clone(), draft.outputs.clone().unwrap_or_default());
            steps.push(self.planned(step, skipped, draft));
        }
        Ok(steps)
    }

    async fn step(
        &self,
        step: &Step,
        outputs: &BTreeMap<String, BTreeMap<String, Value>>,
    ) -> Result<Draft, RunsFault> {
        let mut draft = Draft::default();
        let Some(verb) = (self.verbs)(&step.verb) else {
            draft.refusal = Some(format!("the verb {} is not known to this version", step.verb));
            return Ok(draft);
        };
        let with = match parameters(step, |name| self.inputs.get(name), |id| outputs.get(id)) {
            Ok(with) => with,
            Err(unresolved) => {
                draft.refusal = Some(unresolved.to_string());
                return Ok(draft);
            }
        };
        let mut facts = Facts::default();
        let mut waited = Duration::ZERO;
        for _ in 0..MOST_ROUNDS {
            let need = match self.consult(verb, &with, &facts, &draft.made) {
                Ok(Done { evidence, outputs }) => {
                    draft.evidence = evidence;
                    draft.outputs = Some(outputs);
                    break;
                }
                Err(need) => need,
            };
            match need {
                Need::Know(wants) => {
                    if !self.learn(wants, &mut facts).await? {
                        draft.summary = "what it would do is only known when it looks".to_owned();
                        break;
                    }
                }
                Need::Consent(proposal) if !proposal.changes.is_empty() => {
                    draft.breaks.extend(proposal.breaks);
                    draft.leaves.extend(proposal.leaves);
                    let made = proposal.changes.into_iter().map(|change| pretend(change, &step.id));
                    draft.made.extend(made);
                }
                // What was only pretended never shows, however long it is waited for.
                Need::Again { after, .. } if waited < PATIENCE && draft.made.is_empty() => {
                    facts = Facts::default();
                    waited += after.max(Duration::from_millis(100));
                    self.reader.ports.clock.sleep(after).await;
                }
                other => {
                    stop(other, &mut draft);
                    break;
                }
            }
        }
        if draft.outputs.is_none() {
            draft.outputs = Some(stand_ins(verb, &step.id));
        }
        Ok(draft)
    }

    fn consult(
        &self,
        verb: &dyn Verb,
        with: &BTreeMap<String, Value>,
        facts: &Facts,
        done: &[ChangeMade],
    ) -> Result<Done, Need> {
        let now = self.reader.ports.clock.now();
        let held = BTreeSet::new();
        verb.next(&View {
            run: &self.run,
            at: &self.at,
            salt: &self.salt,
            now,
            started: self.began,
            began: self.began,
            since: now,
            planning: true,
            with,
            late: &self.late,
            facts,
            done,
            forgone: &[],
            held: &held,
            attested: None,
            practice: self.reader.ports.practice,
        })
    }

    /// Asks the questions among the wants; `false` if there are none that planning may ask.
    async fn learn(&self, wants: Vec<Want>, facts: &mut Facts) -> Result<bool, RunsFault> {
        let mut learned = false;
        for want in wants {
            if let Want::Export(file) = &want
                && facts.get(&want).is_none()
            {
                let fact = Fact::Export(wants::export(file).await);
                facts.0.push((want, fact));
                learned = true;
                continue;
            }
            let (Want::Pages(query) | Want::Try(query)) = &want else { continue };
            if facts.get(&want).is_some() {
                continue;
            }
            let answer = self.reader.pages(query).await;
            if let (Err(fault), Want::Pages(_)) = (&answer, &want)
                && (fault.is_about_credentials() || fault.is_passing())
            {
                return Err(RunsFault::Aws(fault.clone()));
            }
            facts.0.push((want, Fact::Pages(answer)));
            learned = true;
        }
        Ok(learned)
    }

    fn planned(&self, step: &Step, skipped: bool, draft: Draft) -> PlannedStep {
        let changes: Vec<Change> = draft.made.iter().map(|m| m.change.clone()).collect();
        let calls = draft.made.iter().flat_map(|m| &m.made).zip(0..);
        let calls: Vec<PlannedCall> = calls.map(|(made, n)| self.call(step, &made.call, n)).collect();
        let summary = match (draft.summary.is_empty(), changes.first(), draft.evidence.first()) {
            (false, _, _) => draft.summary,
            (true, Some(_), _) => changes.iter().map(Change::sentence).collect::<Vec<_>>().join("; "),
            (true, None, Some(evidence)) => evidence.clone(),
            (true, None, None) => step.title.clone(),
        };
        PlannedStep {
            id: step.id.clone(),
            title: step.title.clone(),
            kind: step.kind,
            skipped,
            summary,
            risk: changes.iter().map(Change::risk).max(),
            undo: changes.iter().map(Change::undo).collect(),
            changes,
            allowed: if calls.is_empty() { Allowed::Yes } else { Allowed::Unknown },
            calls,
            breaks: draft.breaks,
            leaves: draft.leaves,
            evidence: draft.evidence,
            outputs: draft.outputs.unwrap_or_default(),
            refusal: draft.refusal,
        }
    }

    fn call(&self, step: &Step, call: &Call, number: u32) -> PlannedCall {
        let operation = call.operation();
        let resource = call.resource();
        PlannedCall {
            operation: operation.name,
            resource: (!is_stand_in(&resource)).then_some(resource),
            iam_action: operation.iam_action,
            cli: call.cli(&IdempotencyKey::derive(&self.run, &step.id, number, 1)),
            allowed: Allowed::Unknown,
        }
    }
}

/// What ends the planning of a step.
fn stop(need: Need, draft: &mut Draft) {
    match need {
        Need::Time { why, .. } => draft.summary = format!("waits for {why}"),
        // Nothing that is not said here would be made without a person at a terminal: so it is not begun.
        Need::Again { why, .. } if draft.made.is_empty() => {
            draft.refusal = Some(format!(
                "what this step would change is not known while {why}; plan again when that is over"
            ));
        }
        Need::Person(question) => {
            draft.summary = question.text;
            draft.evidence = question.evidence;
        }
        Need::Enter { input, .. } => draft.summary = format!("asks for {input}, which is not shown"),
        // What a step says after its own change it says of what was only pretended.
        Need::Refuse(why) | Need::Lacks { text: why, .. } if draft.made.is_empty() => {
            draft.refusal = Some(why);
        }
        Need::Refuse(_) | Need::Lacks { .. } | Need::Know(_) | Need::Again { .. } => {}
        Need::Consent(_) => draft.refusal = Some("the step proposes to change nothing".to_owned()),
    }
}

fn is_stand_in(text: &Untrusted) -> bool {
    text.wire().contains("<made by ") || text.wire().is_empty()
}

/// A change as if it had been made.
fn pretend(change: Change, step: &str) -> ChangeMade {
    const MOST_CALLS: usize = 10_000;
    if change.tallied().is_some() {
        let made =
            change.calls().into_iter().map(|call| Made { receipt: receipt(&call, step), call }).collect();
        return ChangeMade::of(change, made);
    }
    let mut so_far = Progress::default();
    loop {
        let next = change.next(&so_far);
        if next.is_empty() || so_far.made.len() > MOST_CALLS {
            return ChangeMade::of(change, so_far.made);
        }
        so_far.made.extend(next.into_iter().map(|call| Made { receipt: receipt(&call, step), call }));
    }
}

fn receipt(call: &Call, step: &str) -> Receipt {
    let id = format!("<made by {step}>");
    match call.stand_in() {
        Receipt::Done => Receipt::Done,
        Receipt::Version(_) => Receipt::Version(VersionId::new(id)),
        Receipt::Revision(_) => Receipt::Revision(RevisionId::new(id)),
        Receipt::Published(_) => Receipt::Published(FunctionVersion::new(id)),
        Receipt::ApiKey(_) => Receipt::ApiKey(ApiKeyId::new(id)),
        Receipt::AccessKey(_) => Receipt::AccessKey(AccessKeyId::new(id)),
        invoked @ Receipt::Invoked { .. } => invoked,
        Receipt::Received { at, messages } => Receipt::Received { at, messages },
        Receipt::Batch { at, done, failed } => Receipt::Batch { at, done, failed },
        Receipt::MoveTask(_) => Receipt::MoveTask(Some(Untrusted::from(id))),
    }
}

/// What a step that was not planned to its end gives to those after it.
fn stand_ins(verb: &dyn Verb, step: &str) -> BTreeMap<String, Value> {
    let text = || Untrusted::from(format!("<made by {step}>"));
    let value = |kind: ValueType| match kind {
        ValueType::Text => Some(Value::Text(text())),
        ValueType::List => Some(Value::List(vec![text()])),
        ValueType::Home => Some(Value::Home(Home {
            source: MaterialSource::ApiKey { key: ApiKeyId::new(text().wire()) },
            place: Place::Whole,
            entry: None,
        })),
        ValueType::Secret => Some(Value::Secret(Slot::new(format!("planned.{step}")))),
        // No number or time stands for "not known yet".
        ValueType::Number | ValueType::Flag | ValueType::Duration | ValueType::Time | ValueType::Findings => {
            None
        }
    };
    verb.gives().iter().filter_map(|out| Some((out.name.to_owned(), value(out.kind)?))).collect()
}
