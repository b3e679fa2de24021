//! `key.evidence`: which key is replaced, where it is, how old it is and who uses it. Looks only.

use super::list::{Format, choose, old_slot, print_of_old};
use super::{Store, days, grouped, secret};
use crate::estate::edit::{Entry, Fingerprint};
use crate::estate::time::plus_seconds;
use crate::estate::{ApiKeyId, Arn, FunctionVersion, MaterialSource, Slot, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Home, Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::{environment, gateway, iam};
use crate::runbook::view::View;
use crate::runbook::words::instant;

/// Looks at the key.
pub struct Evidence;

/// What stands for a key that is only asked for, or only read, when the run begins.
const LATER: &str = "<made by evidence>";

/// How far back usage is told, in days.
const WEEK: i64 = 7;

impl Verb for Evidence {
    fn name(&self) -> &'static str {
        "key.evidence"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Finds the key that is replaced (asking, if several could be meant) and tells its age and its use."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 9] = [
            Param {
                name: "store",
                kind: ValueType::Text,
                optional: false,
                doc: "where the key is: `secret`, `lambda-env`, `api-gateway`, `iam-user` or `api-gateway,lambda-env`",
            },
            Param {
                name: "old",
                kind: ValueType::Text,
                optional: true,
                doc: "which key: a gateway key's id, an access key's id, or an entry by place (from 1) or fingerprint",
            },
            Param {
                name: "format",
                kind: ValueType::Text,
                optional: true,
                doc: "`list` (default) or `single`",
            },
            Param {
                name: "secret",
                kind: ValueType::Text,
                optional: true,
                doc: "the secret, by ARN or name",
            },
            secret::FIELD,
            environment::FUNCTION,
            environment::VARIABLE,
            Param {
                name: "usage_plan",
                kind: ValueType::Text,
                optional: true,
                doc: "only this plan of the gateway's key, by id or name",
            },
            iam::USER,
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "old", kind: ValueType::Text },
            Output { name: "entry", kind: ValueType::Text },
            Output { name: "old_home", kind: ValueType::Home },
            Output { name: "secret", kind: ValueType::Text },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let mut found = Found::default();
        match Store::of(v)? {
            Store::Secret => of_secret(v, &mut found)?,
            Store::LambdaEnv => of_environment(v, &mut found)?,
            Store::ApiGateway => {
                of_gateway(v, &mut found)?;
            }
            Store::IamUser => of_user(v, &mut found)?,
            Store::Both => of_both(v, &mut found)?,
        }
        Ok(found.done())
    }
}

/// What was found so far.
#[derive(Default)]
struct Found {
    said: Vec<String>,
    old: Option<Untrusted>,
    entry: Option<Fingerprint>,
    home: Option<Home>,
    secret: Option<Arn>,
}

impl Found {
    fn done(self) -> Done {
        let mut done = Done { evidence: self.said, ..Done::default() };
        if let Some(old) = self.old {
            done.outputs.insert("old".into(), Value::Text(old));
        }
        if let Some(entry) = self.entry {
            done.outputs.insert("entry".into(), Value::Text(entry.hex().into()));
        }
        if let Some(home) = self.home {
            done.outputs.insert("old_home".into(), Value::Home(home));
        }
        if let Some(secret) = self.secret {
            done.outputs.insert("secret".into(), Value::Text(secret.text().clone()));
        }
        done
    }

    /// The old key is only known when the run looks.
    fn later(&mut self, what: &str) {
        self.old = Some(LATER.into());
        self.entry = super::list::fingerprint(&LATER.into());
        self.said.push(format!("{what} when the run begins"));
    }
}

fn of_secret(v: &View<'_>, found: &mut Found) -> Result<(), Need> {
    let told = secret::describe(v, &Arn::new(v.text("secret")?.wire()))?;
    let versions = secret::versions(v, &told.arn)?;
    let current = secret::current(&told.arn, &versions)?;
    found.said.push(match current.created {
        Some(t) => format!(
            "the current version of {} is {} days old ({}), made {}",
            told.name.shown(),
            days(t, v.now),
            current.id.shown(),
            instant(t)
        ),
        None => format!("AWS does not tell how old the current version of {} is", told.name.shown()),
    });
    if let Some(t) = told.last_accessed {
        found.said.push(format!(
            "somebody read it on {}: consumers read what is current, so that tells nothing of the old key's use",
            gateway::usage::day(t)
        ));
    }
    found.secret = Some(told.arn.clone());
    if v.planning {
        found.later("the secret is read and the old key found in it");
        return Ok(());
    }
    let place = secret::place(v);
    let (version, shape) = secret::read(v, &told.arn, &place, &secret::base())?;
    let source = MaterialSource::Secret { secret: told.arn, version };
    let entries = shape.entries.unwrap_or_default();
    of_list(v, found, &entries, |entry| Home { source, place, entry })
}

fn of_environment(v: &View<'_>, found: &mut Found) -> Result<(), Need> {
    let function = environment::function(v)?;
    if v.planning {
        environment::has_variable(v, &environment::settled(v, &function)?)?;
        found.later("the variable is read and the old key found in it");
        return Ok(());
    }
    let (config, shape) = environment::read(v, &function, &Slot::new("key.environment"))?;
    found.said.push("AWS keeps no date of a variable: how old the key is, it does not tell".into());
    // A published version keeps what $LATEST loses: the one that an alias serves, where there is one.
    let served = environment::publish::aliases(v, &function)?.into_iter().map(|a| a.version);
    let version = served.into_iter().find(|version: &FunctionVersion| version.wire() != "$LATEST");
    let same = match &version {
        Some(version) => same_list(v, &config.name, version, &shape)?,
        None => false,
    };
    let source = MaterialSource::Environment { function: config.name, version: version.filter(|_| same) };
    let place = environment::place(v)?;
    let entries = shape.entries.unwrap_or_default();
    of_list(v, found, &entries, |entry| Home { source, place, entry })
}

/// Whether a published version has the same list, so that the old key can be read back from it.
fn same_list(
    v: &View<'_>,
    function: &crate::estate::FunctionName,
    version: &FunctionVersion,
    now: &crate::estate::edit::Shape,
) -> Result<bool, Need> {
    let slot = Slot::new("key.served");
    let source = MaterialSource::Environment { function: function.clone(), version: Some(version.clone()) };
    // That it cannot be read back from there later is no reason to stop.
    if v.load(&source, &slot)?.is_err() {
        return Ok(false);
    }
    Ok(v.shape(&slot, &environment::place(v)?)?.is_ok_and(|shape| shape.entries == now.entries))
}

/// The old key in a list, or the text that is replaced.
fn of_list(
    v: &View<'_>,
    found: &mut Found,
    entries: &[crate::estate::edit::EntryShape],
    home: impl FnOnce(Option<Entry>) -> Home,
) -> Result<(), Need> {
    match Format::of(v) {
        Format::Single => {
            // Only a text without a comma has one fingerprint for all of it.
            let print = match entries {
                [only] => only.print.clone(),
                [] | [_, ..] => None,
            };
            found.said.push("the whole text is replaced: nobody can use old and new at the same time".into());
            found.old = Some("the whole text".into());
            found.entry = print;
            found.home = Some(home(None));
        }
        Format::List => {
            let (at, print) = choose(v, entries)?;
            let many = entries.iter().filter(|e| e.bytes > 0).count();
            let short = print.hex().get(..8).unwrap_or_default();
            found.said.push(format!("entry {} of {many} is replaced (fingerprint {short})", at + 1));
            found.old = Some(print.hex().into());
            found.entry = Some(print.clone());
            found.home = Some(home(Some(Entry::Printed(print.clone()))));
        }
    }
    Ok(())
}

/// The gateway's key; whether it is known already.
fn of_gateway(v: &View<'_>, found: &mut Found) -> Result<Option<ApiKeyId>, Need> {
    let Some(key) = gateway::choose(v)? else {
        found.later("several keys are enabled: which one is replaced is asked");
        return Ok(None);
    };
    let state = if key.enabled { "enabled" } else { "disabled" };
    found.said.push(format!("key {}, {state}", gateway::said_of(v, &key)));
    let names: Vec<String> = gateway::plans(v, &key.id)?.iter().map(|p| p.name.shown().to_string()).collect();
    let first = gateway::usage::day(plus_seconds(v.now, -(WEEK - 1) * 86_400));
    let calls: u64 = gateway::usage::calls_since(v, &key.id, first)?.iter().sum();
    found.said.push(match names.as_slice() {
        [] => "it is in no usage plan, so AWS counts no use of it".to_owned(),
        names => format!("{} calls in the last {WEEK} days, in plans {}", grouped(calls), names.join(", ")),
    });
    found.home = Some(gateway::home_of(&key.id));
    found.old = Some(key.id.text().clone());
    Ok(Some(key.id))
}

fn of_both(v: &View<'_>, found: &mut Found) -> Result<(), Need> {
    let key = of_gateway(v, found)?;
    let function = environment::function(v)?;
    let variable = v.text("variable")?.shown();
    if v.planning {
        environment::has_variable(v, &environment::settled(v, &function)?)?;
        found.entry = super::list::fingerprint(&LATER.into());
        found.said.push(format!("{variable} is looked at for the same key when the run begins"));
        return Ok(());
    }
    let Some(key) = key else { return Ok(()) };
    v.fetch(&gateway::home_of(&key), &old_slot())?;
    let print = print_of_old(v)?;
    let (_, shape) = environment::read(v, &function, &Slot::new("key.environment"))?;
    if !super::list::has(&shape, &print) {
        return Err(Need::Refuse(format!(
            "{variable} of {} does not hold the gateway's key {}: its callers are refused with 401 now; choose \
             another key, another variable, or store=api-gateway",
            function.shown(),
            key.shown()
        )));
    }
    let many = super::list::count(&shape);
    found
        .said
        .push(format!("{variable} of {} has {many} entries, the same key among them", function.shown()));
    found.entry = Some(print);
    Ok(())
}

fn of_user(v: &View<'_>, found: &mut Found) -> Result<(), Need> {
    let user = iam::user(v)?;
    let Some(key) = iam::choose(v, &user)? else {
        found.later("there are several keys: which one is replaced is asked");
        return Ok(());
    };
    found.said.push(format!("key {} of {}", iam::said_of(v, &key), user.shown()));
    let used = iam::last_used(v, &key.id)?;
    found.said.push(match used.at {
        Some(at) => {
            format!("last used {} with {} in {}", instant(at), used.service.shown(), used.region.shown())
        }
        None => "never used, as far as IAM tracks it".to_owned(),
    });
    found.old = Some(key.id.text().clone());
    Ok(())
}
