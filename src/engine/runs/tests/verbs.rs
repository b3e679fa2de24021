//! The verbs of these tests: each as small as a verb can be that needs one kind of thing.

use crate::estate::change::messages::Listed;
use crate::estate::change::{apigateway, lambda, sqs};
use crate::estate::time::plus_seconds;
use crate::estate::{
    Act, ApiKeyId, At, Change, Edit, EditOp, Entry, FunctionName, MaterialSource, MaterialVersion, Place,
    QueueUrl, Receipt, Slot, Untrusted, UsagePlanId, ask,
};
use crate::runbook::{
    Done, Home, Need, Output, Param, Proposal, Question, StepKind, Value, ValueType, Verb, View,
};
use std::time::Duration;

type Next = fn(&View<'_>) -> Result<Done, Need>;

struct Small {
    name: &'static str,
    kind: StepKind,
    gives: &'static [Output],
    next: Next,
}

impl Verb for Small {
    fn name(&self) -> &'static str {
        self.name
    }
    fn kind(&self) -> StepKind {
        self.kind
    }
    fn doc(&self) -> &'static str {
        "A verb of a test."
    }
    fn takes(&self) -> &'static [Param] {
        &[]
    }
    fn gives(&self) -> &'static [Output] {
        self.gives
    }
    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        (self.next)(view)
    }
}

const KEY: &[Output] =
    &[Output { name: "key", kind: ValueType::Text }, Output { name: "home", kind: ValueType::Home }];

static ALL: &[Small] = &[
    Small { name: "t.look", kind: StepKind::Check, gives: &[], next: look },
    Small { name: "t.make", kind: StepKind::Change, gives: KEY, next: make },
    Small { name: "t.join", kind: StepKind::Change, gives: &[], next: join },
    Small { name: "t.enable", kind: StepKind::Change, gives: &[], next: enable },
    Small { name: "t.env", kind: StepKind::Change, gives: &[], next: env },
    Small { name: "t.invoke", kind: StepKind::Verify, gives: &[], next: invoke },
    Small { name: "t.wait", kind: StepKind::Wait, gives: &[], next: wait },
    Small { name: "t.ask", kind: StepKind::Manual, gives: &[], next: ask_person },
    Small { name: "t.enter", kind: StepKind::Manual, gives: &[], next: enter },
    Small { name: "t.disable", kind: StepKind::Change, gives: &[], next: disable },
    Small { name: "t.remove", kind: StepKind::Change, gives: &[], next: remove },
    Small { name: "t.purge", kind: StepKind::Change, gives: &[], next: purge },
    Small { name: "t.spin", kind: StepKind::Check, gives: &[], next: spin },
    Small { name: "t.ever", kind: StepKind::Check, gives: &[], next: ever },
];

pub fn find(name: &str) -> Option<&'static dyn Verb> {
    ALL.iter().find(|v| v.name == name).map(|v| v as &dyn Verb)
}

fn change(at: &At, act: Act) -> Result<Proposal, Need> {
    Ok(Proposal { changes: vec![Change { at: at.clone(), act }], ..Proposal::default() })
}

fn gateway(v: &View<'_>, act: apigateway::Act) -> Result<Proposal, Need> {
    change(v.at, Act::ApiGateway(act))
}

fn said(words: &str) -> Result<Done, Need> {
    Ok(Done { evidence: vec![words.to_owned()], ..Done::default() })
}

fn key_of(v: &View<'_>, name: &str) -> Result<ApiKeyId, Need> {
    v.text(name).map(|t| ApiKeyId::new(t.wire()))
}

fn look(v: &View<'_>) -> Result<Done, Need> {
    let keys = v.must(ask::apigateway::GetApiKeys { name_prefix: None })?;
    said(&format!("{} keys", keys.concat().len()))
}

fn make(v: &View<'_>) -> Result<Done, Need> {
    let slot = Slot::new("new");
    let name = Untrusted::from(v.run.label());
    let act = || apigateway::Act::CreateKey {
        name: name.clone(),
        value: slot.clone(),
        description: Untrusted::from("made by a test"),
    };
    let made = v.made(0, || {
        if !v.planning {
            v.make(&slot, 40)?;
        }
        gateway(v, act())
    })?;
    let Some(Receipt::ApiKey(key)) = made.made.first().map(|m| m.receipt.clone()) else {
        return Err(Need::Refuse("no key was made".into()));
    };
    let home = Home { source: MaterialSource::ApiKey { key: key.clone() }, place: Place::Whole, entry: None };
    let outputs =
        [("key".to_owned(), Value::Text(key.text().clone())), ("home".to_owned(), Value::Home(home))];
    Ok(Done { evidence: vec![format!("made {}", key.shown())], outputs: outputs.into() })
}

fn join(v: &View<'_>) -> Result<Done, Need> {
    let (old, key) = (key_of(v, "old")?, key_of(v, "key")?);
    v.made(0, || {
        let of =
            |key: ApiKeyId| v.must(ask::apigateway::GetUsagePlans { key: Some(key) }).map(|p| p.concat());
        // A refusal half way leaves some joined: only the rest is proposed then.
        let joined = if v.planning { Vec::new() } else { of(key.clone())? };
        let missing = of(old)?.into_iter().filter(|p| !joined.contains(p));
        let plans: Vec<UsagePlanId> = missing.map(|p| p.id).collect();
        gateway(v, apigateway::Act::JoinPlans { key, plans })
    })?;
    said("joined")
}

fn set(v: &View<'_>, which: &str, enabled: bool) -> Result<Done, Need> {
    let key = key_of(v, which)?;
    let name = key.text().clone();
    v.made(0, || {
        gateway(
            v,
            apigateway::Act::SetEnabled { key: key.clone(), name, enabled, purpose: Default::default() },
        )
    })?;
    if v.planning {
        return said("would be set");
    }
    let now = v.must(ask::apigateway::GetApiKey { key })?;
    if now.iter().all(|k| k.enabled == enabled) {
        said("set")
    } else {
        Err(Need::Again { after: Duration::from_secs(2), why: "the key".into() })
    }
}

fn enable(v: &View<'_>) -> Result<Done, Need> {
    set(v, "key", true)
}

fn disable(v: &View<'_>) -> Result<Done, Need> {
    set(v, "old", false)
}

fn env(v: &View<'_>) -> Result<Done, Need> {
    let function = FunctionName::new("api");
    let (document, new) = (Slot::new("environment"), Slot::new("new"));
    let place = Place::Field(Untrusted::from("/API_KEYS"));
    v.made(0, || {
        let mut print = None;
        let mut revision = crate::estate::RevisionId::new("<read>");
        if !v.planning {
            let Some(Value::Home(home)) = v.with.get("home") else {
                return Err(Need::Refuse("no home".into()));
            };
            v.fetch(home, &new)?;
            let want = crate::runbook::Want::Print(new.clone());
            match v.facts.get(&want) {
                Some(crate::runbook::Fact::Print(p)) => print = p.clone(),
                _ => return Err(Need::Know(vec![want])),
            }
            let source = MaterialSource::Environment { function: function.clone(), version: None };
            if let MaterialVersion::Function(r) =
                v.load(&source, &document)?.map_err(|f| Need::Refuse(f.to_string()))?
            {
                revision = r;
            }
        }
        let insert =
            EditOp::Insert { place: place.clone(), entry: new.clone(), print: print.clone(), after: None };
        let back = print.map(|p| Edit {
            salt: v.salt.clone(),
            ops: vec![EditOp::Remove { place: place.clone(), entry: Entry::Printed(p) }],
        });
        let act = lambda::Act::EditEnvironment {
            function: function.clone(),
            revision,
            environment: document.clone(),
            variables: vec![Untrusted::from("API_KEYS")],
            edit: Edit { salt: v.salt.clone(), ops: vec![insert] },
            back,
            purpose: Default::default(),
        };
        change(v.at, Act::Lambda(act))
    })?;
    said("the function knows both")
}

fn invoke(v: &View<'_>) -> Result<Done, Need> {
    v.made(0, || {
        let act = lambda::Act::Invoke {
            function: FunctionName::new("api"),
            qualifier: None,
            payload: Untrusted::from("{}"),
            value: None,
        };
        change(v.at, Act::Lambda(act))
    })?;
    said("invoked")
}

fn wait(v: &View<'_>) -> Result<Done, Need> {
    let until = plus_seconds(v.began, 7 * 86_400);
    if v.flag("migrated") || v.now >= until {
        return said("waited");
    }
    Err(Need::Time { until, accepts: vec!["migrated".into()], why: "clients to migrate".into() })
}

fn ask_person(v: &View<'_>) -> Result<Done, Need> {
    match v.attested {
        Some(words) => said(words),
        None => Err(Need::Person(Question {
            text: "Is old unused?".into(),
            evidence: vec![],
            words: false,
            accepts: vec![],
            choices: vec![],
        })),
    }
}

fn enter(v: &View<'_>) -> Result<Done, Need> {
    v.entered("value", &Slot::new("value"))?;
    said("entered")
}

fn remove(v: &View<'_>) -> Result<Done, Need> {
    let key = key_of(v, "old")?;
    let name = Untrusted::from("partner");
    v.made(0, || gateway(v, apigateway::Act::DeleteKey { key, name }))?;
    said("deleted")
}

/// Stands on an export that is fresh for ten minutes from when the run was started.
fn purge(v: &View<'_>) -> Result<Done, Need> {
    let until = plus_seconds(v.started, 600);
    if v.now > until {
        return Err(Need::Refuse("the export is too old".into()));
    }
    v.made(0, || {
        let export = Listed { file: "kept.jsonl".into(), sha256: "00".into(), count: 3 };
        let against = Some(sqs::Against { export, until: Some(until) });
        change(v.at, Act::Sqs(sqs::Act::Purge { queue: QueueUrl::new("https://sqs.x/1/dlq"), against }))
    })?;
    said("purged")
}

fn spin(_: &View<'_>) -> Result<Done, Need> {
    Err(Need::Know(Vec::new()))
}

fn ever(_: &View<'_>) -> Result<Done, Need> {
    Err(Need::Again { after: Duration::from_secs(30), why: "it never comes".into() })
}
