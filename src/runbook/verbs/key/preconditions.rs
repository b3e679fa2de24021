//! `key.preconditions`: what must hold before anything is changed, store by store; what only has to be known is
//! said. Whether a secret may be written is looked at by `secret.ready`.

use super::list::Format;
use super::{Store, load, managed, secret, text};
use crate::estate::ask::apigateway::GetApiKeys;
use crate::estate::ask::iam::ListUserTags;
use crate::estate::edit::Place;
use crate::estate::{Arn, MaterialSource, Slot};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::environment::{self, ENVIRONMENT_LIMIT, publish};
use crate::runbook::verbs::{gateway, iam};
use crate::runbook::view::{View, refusal};

/// Checks what must hold.
pub struct Preconditions;

impl Verb for Preconditions {
    fn name(&self) -> &'static str {
        "key.preconditions"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Stops unless a key can be rotated now: no other rotation of it, room for a second one, an environment \
         that is readable and small enough, an alias that would ship nothing else; says what a template would \
         put back, and whether there is a canary."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 14] = [
            Param { name: "store", kind: ValueType::Text, optional: false, doc: "where the key is" },
            Param { name: "old", kind: ValueType::Text, optional: true, doc: "the id of the old key" },
            Param { name: "format", kind: ValueType::Text, optional: true, doc: "`list` or `single`" },
            super::LENGTH,
            secret::SECRET,
            environment::FUNCTION,
            environment::VARIABLE,
            environment::ALIAS,
            Param {
                name: "usage_plan",
                kind: ValueType::Text,
                optional: true,
                doc: "only this plan of the gateway's key, by id or name",
            },
            iam::USER,
            Param {
                name: "target_secret",
                kind: ValueType::Text,
                optional: true,
                doc: "the ARN or name of the secret that gets an access key's pair",
            },
            Param { name: "id_field", kind: ValueType::Text, optional: true, doc: "its field for the id" },
            Param {
                name: "secret_field",
                kind: ValueType::Text,
                optional: true,
                doc: "its field for the secret access key",
            },
            Param {
                name: "canary_url",
                kind: ValueType::Text,
                optional: true,
                doc: "where a canary request goes; without it the plan says that there is none",
            },
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "alias", kind: ValueType::Text }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        super::length(v)?;
        let mut done = Done::default();
        let store = Store::of(v)?;
        match store {
            Store::Secret => of_secret(v, &mut done)?,
            Store::LambdaEnv => of_environment(v, &mut done)?,
            Store::ApiGateway => of_gateway(v, &mut done)?,
            Store::IamUser => of_user(v, &mut done)?,
            Store::Both => {
                if Format::of(v) == Format::Single {
                    return Err(Need::Refuse(
                        "two stores need format=list: with a single value, the function would refuse the old \
                         key at once while the gateway still admits it"
                            .into(),
                    ));
                }
                of_gateway(v, &mut done)?;
                of_environment(v, &mut done)?;
            }
        }
        if store != Store::IamUser && text(v, "canary_url").is_none() {
            done.evidence
                .push("there is no canary: only the callers can tell whether the new key works".into());
        }
        Ok(done)
    }
}

fn of_secret(v: &View<'_>, done: &mut Done) -> Result<(), Need> {
    let told = secret::describe(v, &secret::secret(v)?)?;
    done.evidence.extend(managed(&format!("the secret {}", told.name.shown()), &told.tags));
    Ok(())
}

fn of_environment(v: &View<'_>, done: &mut Done) -> Result<(), Need> {
    let function = environment::function(v)?;
    let config = environment::settled(v, &function)?;
    environment::has_variable(v, &config)?;
    let used = config.environment_bytes as usize;
    let wanted = match Format::of(v) {
        Format::List => used + super::length(v)? + 1,
        Format::Single => used,
    };
    if wanted > ENVIRONMENT_LIMIT {
        return Err(Need::Refuse(format!(
            "the variables of {} take {used} of {ENVIRONMENT_LIMIT} bytes: a second key does not fit",
            function.shown()
        )));
    }
    done.evidence.push(format!("{used} of {ENVIRONMENT_LIMIT} bytes of variables are used"));
    match publish::choose(v, &function)? {
        None => {
            done.evidence.push("callers use $LATEST: nothing is published".into());
            done.outputs.insert("alias".into(), Value::Text(publish::NO_ALIAS.into()));
        }
        Some(alias) => {
            let slot = Slot::new("key.environment");
            let loaded = (!v.planning).then_some(&slot);
            if !v.planning {
                let source = MaterialSource::Environment { function: function.clone(), version: None };
                v.load(&source, &slot)?.map_err(refusal)?;
            }
            match publish::shippable(v, &alias, &config, loaded, &[])? {
                Some(served) => done.evidence.push(format!(
                    "alias {} serves version {}, which is what $LATEST is",
                    alias.shown(),
                    served.version.shown()
                )),
                None => done.evidence.push(format!("alias {} points at $LATEST", alias.shown())),
            }
            done.outputs.insert("alias".into(), Value::Text(alias.text().clone()));
        }
    }
    done.evidence.extend(environment::template(v, &config)?);
    Ok(())
}

fn of_gateway(v: &View<'_>, done: &mut Done) -> Result<(), Need> {
    let Some(old) = gateway::key_of(v, "old")? else { return Ok(()) };
    let key = gateway::look(v, &old)?;
    if !key.enabled {
        done.evidence.push(format!("{} is disabled already: nobody is let in with it now", old.shown()));
    }
    let ours = v.run.label();
    let made = v.must(GetApiKeys { name_prefix: Some("bartizan-".into()) })?.concat();
    let says = gateway::replaces(&old);
    let other = made.iter().find(|k| {
        k.name.wire() != ours
            && k.id != old
            && k.description.as_ref().is_some_and(|d| d.wire().split("; ").any(|part| part == says))
    });
    if let Some(other) = other {
        return Err(Need::Refuse(format!(
            "another run replaces this key already: its key is {} ({}); go on with that run, or undo it first",
            other.id.shown(),
            other.name.shown()
        )));
    }
    if gateway::plans(v, &old)?.is_empty() {
        done.evidence.push("the old key is in no usage plan".into());
    }
    done.evidence.extend(managed(&format!("the API key {}", old.shown()), &key.tags));
    Ok(())
}

fn of_user(v: &View<'_>, done: &mut Done) -> Result<(), Need> {
    let user = iam::user(v)?;
    let there = iam::keys(v, &user)?;
    if let [one, two] = there.as_slice() {
        let old = iam::key_of(v, "old")?;
        let other = if old.as_ref() == Some(&one.id) { two } else { one };
        return Err(Need::Refuse(format!(
            "{} has two access keys, and IAM allows no third (inactive ones count): {}; remove it first if \
             nobody needs it",
            user.shown(),
            iam::said_of(v, other)
        )));
    }
    done.evidence.push(format!("{} has one access key: there is room for a second", user.shown()));
    match v.pages(ListUserTags { user: user.clone() })? {
        Ok(tags) => done.evidence.extend(managed(&format!("the user {}", user.shown()), &tags.concat())),
        Err(fault) => {
            done.evidence.push(format!("whether a template manages the user is not known: {fault}"))
        }
    }
    let target = secret::describe(v, &Arn::new(v.text("target_secret")?.wire()))?;
    if v.planning {
        return Ok(());
    }
    let versions = secret::versions(v, &target.arn)?;
    let version = secret::current(&target.arn, &versions)?.id.clone();
    let slot = secret::base();
    load(v, &MaterialSource::Secret { secret: target.arn, version }, &slot)?;
    for field in ["id_field", "secret_field"] {
        iam::create::has_text(v, &slot, &Place::field(v.text(field)?.wire()))?;
    }
    done.evidence.push(format!("{} has both fields of the pair", target.name.shown()));
    Ok(())
}
