//! `iam.create`: a second access key, whose pair goes into a secret at once. AWS tells its secret once: if it
//! was lost with the process that made it, the orphan is shown, removed with consent, and another is made.

use super::{USER, key_of, keys, said_of, user};
use crate::estate::change::iam::{Act as IamAct, id_slot};
use crate::estate::edit::{Edit, EditOp, Place, Shape};
use crate::estate::time::plus_seconds;
use crate::estate::{
    AccessKey, AccessKeyId, Act, Arn, Change, Made, MaterialSource, Receipt, Slot, UserName, VersionId,
};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Home, Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::list::new_slot;
use crate::runbook::verbs::key::secret::{self, Swapped, promoted, promotion, staged, staging};
use crate::runbook::verbs::key::{again, fetch, load, managed};
use crate::runbook::view::View;

/// Makes an access key and stores it.
pub struct Create;

impl Verb for Create {
    fn name(&self) -> &'static str {
        "iam.create"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Makes a second access key for a user and writes its pair at once into two fields of a secret, staged \
         and promoted by compare-and-swap."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 5] = [
            USER,
            Param { name: "old", kind: ValueType::Text, optional: false, doc: "the id of the old key" },
            Param {
                name: "target_secret",
                kind: ValueType::Text,
                optional: false,
                doc: "the ARN or name of the secret that gets the pair",
            },
            Param {
                name: "id_field",
                kind: ValueType::Text,
                optional: false,
                doc: "the field of the secret that holds the access key id",
            },
            Param {
                name: "secret_field",
                kind: ValueType::Text,
                optional: false,
                doc: "the field of the secret that holds the secret access key",
            },
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "key", kind: ValueType::Text },
            Output { name: "home", kind: ValueType::Home },
            Output { name: "secret", kind: ValueType::Text },
            Output { name: "version", kind: ValueType::Text },
            Output { name: "former", kind: ValueType::Text },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let user = user(v)?;
        let secret = target(v)?;
        let key = standing(v);
        if let (Some(key), Some(swapped)) = (&key, promoted(v, &secret)?) {
            return done(v, key, &secret, &swapped);
        }
        let now = secret::current(&secret, &secret::versions(v, &secret)?)?.id.clone();
        match (key, staged(v)) {
            (Some(_), Some((expected, _))) if *expected == now => Err(promotion(v, &secret)?),
            (Some(key), _) if !v.planning && !v.held.contains(&new_slot(v)) => {
                again_from_stage(v, &user, key)
            }
            (Some(_), _) => Err(store(v, &secret, Vec::new())?),
            (None, _) => make(v, &user, &secret),
        }
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        match &change.act {
            Act::Iam(IamAct::CreateAccessKey { user, .. }) => unmake(v, user, made),
            Act::Iam(IamAct::DeleteAccessKey { key, .. }) => Ok(Done {
                evidence: vec![format!("{} stays deleted: nobody had its secret", key.shown())],
                ..Done::default()
            }),
            Act::Iam(IamAct::SetActive { .. } | IamAct::Contain(_))
            | Act::SecretsManager(_)
            | Act::Lambda(_)
            | Act::ApiGateway(_)
            | Act::Sqs(_)
            | Act::Rds(_)
            | Act::Ec2(_)
            | Act::Messages(_) => secret::undo(v, change, made),
        }
    }
}

/// Deletes a key that this step made, unless it is gone already (an orphan was removed at once).
fn unmake(v: &View<'_>, user: &UserName, made: &[Made]) -> Result<Done, Need> {
    let key = made.iter().find_map(|m| match &m.receipt {
        Receipt::AccessKey(key) => Some(key),
        _ => None,
    });
    let Some(key) = key else { return Ok(Done::default()) };
    let there = keys(v, user)?.iter().any(|k| k.id == *key);
    match (there, v.done.is_empty()) {
        (true, true) => {
            let why = "whoever signs with the new key is refused from then on".to_owned();
            Err(orphan(v, user, key, why))
        }
        (true, false) => Err(again(2, "the key that was deleted still shows")),
        (false, _) => Ok(Done { evidence: vec![format!("{} is deleted", key.shown())], ..Done::default() }),
    }
}

/// The secret that gets the pair.
///
/// # Errors
/// As [`View::must`].
pub fn target(v: &View<'_>) -> Result<Arn, Need> {
    Ok(secret::describe(v, &Arn::new(v.text("target_secret")?.wire()))?.arn)
}

/// The key that this step made last and did not delete again.
fn standing(v: &View<'_>) -> Option<AccessKeyId> {
    let mut standing = None;
    for change in v.done {
        match &change.change.act {
            Act::Iam(IamAct::CreateAccessKey { .. }) => {
                standing = change.made.iter().find_map(|m| match &m.receipt {
                    Receipt::AccessKey(key) => Some(key.clone()),
                    _ => None,
                });
            }
            Act::Iam(IamAct::DeleteAccessKey { key, .. }) if standing.as_ref() == Some(key) => {
                standing = None
            }
            Act::Iam(IamAct::DeleteAccessKey { .. } | IamAct::SetActive { .. } | IamAct::Contain(_))
            | Act::SecretsManager(_)
            | Act::Lambda(_)
            | Act::ApiGateway(_)
            | Act::Sqs(_)
            | Act::Rds(_)
            | Act::Ec2(_)
            | Act::Messages(_) => {}
        }
    }
    standing
}

/// The key is there and its secret is not held: the pair is in the version that was staged, or nowhere.
fn again_from_stage(v: &View<'_>, user: &UserName, key: AccessKeyId) -> Result<Done, Need> {
    let secret = target(v)?;
    // Somebody wrote the secret since the pair was staged: it is read back from there.
    if let Some((_, version)) = staged(v) {
        for (field, slot) in [("secret_field", new_slot(v)), ("id_field", id_slot(&new_slot(v)))] {
            let source = MaterialSource::Secret { secret: secret.clone(), version: version.clone() };
            let home = Home { source, place: Place::field(v.text(field)?.wire()), entry: None };
            fetch(v, &home, &slot)?;
        }
        return Err(store(v, &secret, Vec::new())?);
    }
    if !keys(v, user)?.iter().any(|k| k.id == key) {
        return Err(again(2, "the new access key does not show yet"));
    }
    Err(orphan(
        v,
        user,
        &key,
        format!(
            "the secret of {} is not here, and AWS tells it only once. If this run made it, the answer was lost \
             and nobody has it: it is removed, and another is made. If a colleague made it at that very moment, \
             say no and ask them",
            key.shown()
        ),
    ))
}

fn orphan(v: &View<'_>, user: &UserName, key: &AccessKeyId, why: String) -> Need {
    let act = IamAct::DeleteAccessKey { user: user.clone(), key: key.clone() };
    let changes = vec![Change { at: v.at.clone(), act: Act::Iam(act) }];
    let leaves = vec!["the old key and every other key stay as they are".to_owned()];
    Need::Consent(Box::new(Proposal { changes, breaks: vec![why], leaves, differs: None }))
}

/// Makes the key and stages its pair: one screen, so that nothing lies between the two but the calls.
fn make(v: &View<'_>, user: &UserName, secret: &Arn) -> Result<Done, Need> {
    let there = keys(v, user)?;
    if let (Some(old), false) = (key_of(v, "old")?, v.planning) {
        only(v, user, &old, &there)?;
    }
    let had = there.into_iter().map(|k| k.id).collect();
    let act = IamAct::CreateAccessKey { user: user.clone(), had, into: new_slot(v) };
    let create = Change { at: v.at.clone(), act: Act::Iam(act) };
    Err(store(v, secret, vec![create])?)
}

/// Refuses unless `old` is the user's only key. One that was made since the step began is perhaps this run's:
/// its answer was lost.
fn only(v: &View<'_>, user: &UserName, old: &AccessKeyId, there: &[AccessKey]) -> Result<(), Need> {
    if !there.iter().any(|k| k.id == *old) {
        return Err(Need::Refuse(format!("{} has no access key {} any more", user.shown(), old.shown())));
    }
    let deleted = |key: &AccessKeyId| {
        v.done
            .iter()
            .any(|c| matches!(&c.change.act, Act::Iam(IamAct::DeleteAccessKey { key: k, .. }) if k == key))
    };
    let Some(other) = there.iter().find(|k| k.id != *old) else { return Ok(()) };
    if deleted(&other.id) {
        return Err(again(2, "the key that was deleted still shows"));
    }
    // AWS gives whole seconds, and its clock is not this machine's.
    let since = plus_seconds(v.began, -60);
    if other.created.is_some_and(|t| t >= since) {
        return Err(orphan(
            v,
            user,
            &other.id,
            format!(
                "{} was made after this step began, and nobody has its secret if this run made it. If a \
                 colleague made it, say no and ask them",
                said_of(v, other)
            ),
        ));
    }
    Err(Need::Refuse(format!(
        "{} has two access keys, of which IAM allows no third (inactive ones count): {}; remove it first if \
         nobody needs it",
        user.shown(),
        said_of(v, other)
    )))
}

/// The need to stage the pair, after other changes on the same screen.
fn store(v: &View<'_>, secret: &Arn, mut changes: Vec<Change>) -> Result<Need, Need> {
    let (id, key) = (Place::field(v.text("id_field")?.wire()), Place::field(v.text("secret_field")?.wire()));
    let version = read(v, secret, [&id, &key])?;
    let set = |place, value| EditOp::Set { place, value, print: None, create: false };
    let ops = vec![set(id, id_slot(&new_slot(v))), set(key, new_slot(v))];
    let mut breaks = Vec::new();
    if let Some((expected, _)) = staged(v).filter(|(expected, _)| **expected != version) {
        breaks.push(format!(
            "somebody wrote version {} since this run edited {}: the pair is put on top of theirs",
            version.shown(),
            expected.shown()
        ));
    }
    let edit = Edit { salt: v.salt.clone(), ops };
    // Before the key is made there is no pair to try it with; it is of about the old one's size.
    if v.held.contains(&new_slot(v)) && v.held.contains(&id_slot(&new_slot(v))) {
        secret::fits(v, &edit)?;
    }
    changes.push(staging(v, secret, version, edit));
    let told = secret::describe(v, secret)?;
    breaks.extend(managed(&format!("the secret {}", told.name.shown()), &told.tags));
    let leaves = vec!["the old key works on, and consumers read it until the pair is promoted".to_owned()];
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}

/// The current version in the slot that is edited, both fields being there.
fn read(v: &View<'_>, secret: &Arn, fields: [&Place; 2]) -> Result<VersionId, Need> {
    let versions = secret::versions(v, secret)?;
    let version = secret::current(secret, &versions)?.id.clone();
    if v.planning {
        return Ok(version);
    }
    let source = MaterialSource::Secret { secret: secret.clone(), version: version.clone() };
    load(v, &source, &secret::base())?;
    for field in fields {
        has_text(v, &secret::base(), field)?;
    }
    Ok(version)
}

/// Refuses a document without that field.
///
/// # Errors
/// `Know`, until it has been looked at; `Refuse`, if it is not there or no text.
pub fn has_text(v: &View<'_>, document: &Slot, field: &Place) -> Result<Shape, Need> {
    let fit = |e| crate::runbook::verbs::key::list::unreadable("the secret that gets the pair", &e);
    let shape = v.shape(document, field)?.map_err(fit)?;
    if shape.entries.is_some() {
        return Ok(shape);
    }
    Err(Need::Refuse("a field of the secret that gets the pair is no text".into()))
}

fn done(v: &View<'_>, key: &AccessKeyId, secret: &Arn, swapped: &Swapped) -> Result<Done, Need> {
    let source = MaterialSource::Secret { secret: secret.clone(), version: swapped.now.clone() };
    let place = Place::field(v.text("secret_field")?.wire());
    let mut done = Done::default();
    if !v.planning {
        done.evidence.push(format!(
            "access key {} is active; its pair is version {} of {}, which is current",
            key.shown(),
            swapped.now.shown(),
            secret.resource().shown()
        ));
    }
    done.outputs.insert("key".into(), Value::Text(key.text().clone()));
    done.outputs.insert("home".into(), Value::Home(Home { source, place, entry: None }));
    done.outputs.insert("secret".into(), Value::Text(secret.text().clone()));
    done.outputs.insert("version".into(), Value::Text(swapped.now.text().clone()));
    done.outputs.insert("former".into(), Value::Text(swapped.former.text().clone()));
    Ok(done)
}
