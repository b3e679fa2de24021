//! Changes to secrets: staging, the swap that names whom it replaces, tokens, tags, and what is read back.

use super::fill::changed::{EACH, TEXT, secret};
use super::question::{Question, Wrong, holds, refused, same};
use crate::asking::Asking;
use bartizan::estate::ask::secretsmanager::{DescribeSecret, ListSecretVersionIds, ListSecrets};
use bartizan::estate::change::secretsmanager::Call as Write;
use bartizan::estate::{
    Arn, Call, Edit, EditOp, Fault, FaultKind, IdempotencyKey, MaterialSource, MaterialVersion, Place,
    Receipt, RunId, Salt, Secret, Slot, StageLabel, Untrusted, Vault, VersionId, edit,
};
use zeroize::Zeroizing;

const STAGE: &str = "Secrets Manager API reference, PutSecretValue, VersionStages";
const SWAP: &str = "Secrets Manager API reference, UpdateSecretVersionStage";
const TOKEN: &str = "Secrets Manager API reference, PutSecretValue, ClientRequestToken";
const TAGS: &str = "Secrets Manager API reference, TagResource, UntagResource";
const VALUE: &str = "Secrets Manager API reference, GetSecretValue";
const CURRENT: &str = "AWSCURRENT";
pub const NEW: &str = "new\"MARK\\swordfish4711";

pub const CHANGES: &[Question] = &[
    Question { name: "staged_version_admits_nobody", source: STAGE, needs: Some("secrets"), check: staged },
    Question { name: "swap_and_its_undo", source: SWAP, needs: Some("secrets"), check: swap },
    Question {
        name: "swap_from_a_version_that_is_not_current",
        source: SWAP,
        needs: Some("secrets"),
        check: stale_swap,
    },
    Question {
        name: "label_taken_off_a_version_without_it",
        source: SWAP,
        needs: Some("secrets"),
        check: not_labelled,
    },
    Question { name: "same_token_same_content", source: TOKEN, needs: Some("secrets"), check: token_again },
    Question { name: "same_token_other_content", source: TOKEN, needs: Some("secrets"), check: token_taken },
    Question { name: "tags_set_and_taken_off", source: TAGS, needs: Some("secrets"), check: tags },
    Question { name: "tags_of_a_secret_that_is_not", source: TAGS, needs: None, check: tags_of_none },
    Question { name: "binary_secret", source: VALUE, needs: Some("binary"), check: binary },
    Question { name: "version_that_is_not", source: VALUE, needs: Some("secrets"), check: no_version },
    Question { name: "value_of_a_secret_that_is_not", source: VALUE, needs: None, check: no_secret },
];

pub fn key(step: &str, attempt: u32) -> IdempotencyKey {
    IdempotencyKey::derive(&RunId::new("7f3a0b1c").unwrap(), step, 0, attempt)
}

/// A vault with the new value.
pub fn vault() -> Vault {
    let vault = Vault::default();
    vault.put(Slot::new("new"), Zeroizing::new(NEW.as_bytes().to_vec()));
    vault
}

pub fn set(field: &str, slot: &str) -> Edit {
    let place = Place::Field(field.into());
    let set = EditOp::Set { place, value: Slot::new(slot), print: None, create: false };
    Edit { salt: Salt("5a".into()), ops: vec![set] }
}

/// A refusal that certainly changed nothing.
pub fn without_effect<T: std::fmt::Debug>(answer: Result<T, Fault>, model: &FaultKind) -> Result<(), Wrong> {
    let doubt = answer.as_ref().is_err_and(Fault::may_have_happened);
    refused(answer, model)?;
    holds("it may have happened", !doubt)
}

struct On<'a> {
    e: &'a Asking,
    secret: Arn,
    vault: Vault,
    first: VersionId,
}

impl On<'_> {
    /// The `n`th secret, with the text of its current version in the slot `text`.
    fn open(e: &Asking, n: usize) -> Result<On<'_>, Wrong> {
        let secret = e.first(DescribeSecret { secret: Arn::new(secret(n)) })?.arn;
        let mut on = On { e, secret, vault: vault(), first: VersionId::new("") };
        on.first = on.holder(CURRENT)?.ok_or("no version is current")?;
        same("version", on.load(&on.first, "text")?, MaterialVersion::Secret(on.first.clone()))?;
        Ok(on)
    }

    fn load(&self, version: &VersionId, slot: &str) -> Result<MaterialVersion, Fault> {
        let from = MaterialSource::Secret { secret: self.secret.clone(), version: version.clone() };
        self.e.load(&from, slot, &self.vault)
    }

    fn holder(&self, stage: &str) -> Result<Option<VersionId>, Wrong> {
        let all = self.e.all(ListSecretVersionIds { secret: self.secret.clone(), deprecated: true })?;
        let with: Vec<_> = all.iter().filter(|v| v.has_stage(stage)).map(|v| v.id.clone()).collect();
        holds(format!("several versions are {stage}"), with.len() < 2)?;
        Ok(with.into_iter().next())
    }

    fn put(&self, edit: Edit, label: &str, key: &IdempotencyKey) -> Result<Receipt, Fault> {
        let (secret, base) = (self.secret.clone(), Slot::new("text"));
        let call = Write::PutSecretValue { secret, base, edit, label: StageLabel::new(label) };
        self.e.apply(&Call::SecretsManager(call), key, &self.vault)
    }

    fn label(&self, stage: &str, to: Option<&VersionId>, from: Option<&VersionId>) -> Result<Receipt, Fault> {
        let (secret, stage) = (self.secret.clone(), StageLabel::new(stage));
        let (move_to, remove_from) = (to.cloned(), from.cloned());
        let call = Write::UpdateSecretVersionStage { secret, stage, move_to, remove_from };
        self.e.apply(&Call::SecretsManager(call), &key("label", 1), &self.vault)
    }

    fn staged(&self, key: &IdempotencyKey) -> Result<VersionId, Wrong> {
        let made = VersionId::new(key.as_str());
        same("receipt", self.put(set("/apiKey", "new"), "bartizan-x", key)?, Receipt::Version(made.clone()))?;
        Ok(made)
    }

    /// Whether two slots hold the same bytes.
    fn equal(&self, a: &str, b: &str) -> bool {
        self.vault.copy(&Slot::new(a)) == self.vault.copy(&Slot::new(b))
    }
}

fn staged(e: &Asking) -> Result<(), Wrong> {
    let on = On::open(e, 0)?;
    holds(
        "the text is not as it was made",
        on.vault.with(&Slot::new("text"), |t| t == TEXT.as_bytes()) == Some(true),
    )?;
    let made = on.staged(&key("staged", 1))?;
    same("staged", on.holder("bartizan-x")?, Some(made.clone()))?;
    same("current", on.holder(CURRENT)?, Some(on.first.clone()))?;
    on.load(&made, "back")?;
    let text = on.vault.copy(&Slot::new("text")).unwrap_or_default();
    let wanted = edit::apply(&set("/apiKey", "new"), &text, &on.vault).map_err(|f| f.to_string())?;
    on.vault.put(Slot::new("wanted"), wanted);
    holds("what is read back is not what was sent", on.equal("back", "wanted"))
}

fn swap(e: &Asking) -> Result<(), Wrong> {
    let on = On::open(e, 1)?;
    let made = on.staged(&key("swap", 1))?;
    same("kept", on.label("bartizan-x-prev", Some(&on.first), None)?, Receipt::Done)?;
    same("swapped", on.label(CURRENT, Some(&made), Some(&on.first))?, Receipt::Done)?;
    same("stripped", on.label("bartizan-x", None, Some(&made))?, Receipt::Done)?;
    same("current", on.holder(CURRENT)?, Some(made.clone()))?;
    same("previous", on.holder("AWSPREVIOUS")?, Some(on.first.clone()))?;
    same("kept", on.holder("bartizan-x-prev")?, Some(on.first.clone()))?;
    same("staged", on.holder("bartizan-x")?, None)?;
    on.label(CURRENT, Some(&on.first), Some(&made))?;
    same("current after the undo", on.holder(CURRENT)?, Some(on.first.clone()))?;
    on.load(&on.first, "back")?;
    holds("the text has changed", on.equal("back", "text"))
}

/// "If you don't include this parameter, or the version ID does not match, then the operation fails."
fn stale_swap(e: &Asking) -> Result<(), Wrong> {
    let on = On::open(e, 2)?;
    let [a, b] = [on.staged(&key("stale", 1))?, on.staged(&key("stale", 2))?];
    let outcome = on.label(CURRENT, Some(&b), Some(&a));
    let current = on.holder(CURRENT)?;
    without_effect(outcome, &FaultKind::Conflict)?;
    same("current", current, Some(on.first.clone()))
}

fn not_labelled(e: &Asking) -> Result<(), Wrong> {
    let on = On::open(e, 3)?;
    without_effect(on.label("bartizan-nowhere", None, Some(&on.first)), &FaultKind::Conflict)
}

fn token_again(e: &Asking) -> Result<(), Wrong> {
    let on = On::open(e, 4)?;
    let count = || e.all(ListSecretVersionIds { secret: on.secret.clone(), deprecated: true });
    on.staged(&key("again", 1))?;
    let before = count()?.len();
    on.staged(&key("again", 1))?;
    same("versions", count()?.len(), before)
}

fn token_taken(e: &Asking) -> Result<(), Wrong> {
    let on = On::open(e, 5)?;
    on.staged(&key("taken", 1))?;
    let other = on.put(set("/user", "new"), "bartizan-x", &key("taken", 1));
    without_effect(other, &FaultKind::Conflict)
}

/// "TagResource: Attaches tags to a secret. If you add a tag with the same key, the value is overwritten."
fn tags(e: &Asking) -> Result<(), Wrong> {
    let on = On::open(e, 6)?;
    let set = |pairs: &[(&str, &str)]| {
        let tags = pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let call = Write::TagResource { secret: on.secret.clone(), tags };
        e.apply(&Call::SecretsManager(call), &key("tag", 1), &on.vault)
    };
    let seen = || -> Result<Vec<(String, String)>, Wrong> {
        let text = |t: &Untrusted| t.wire().to_owned();
        let secret = e.first(DescribeSecret { secret: on.secret.clone() })?;
        let listed =
            e.all(ListSecrets {})?.into_iter().find(|s| s.arn == on.secret).ok_or("it is not listed")?;
        let of = |s: &Secret| {
            let mut tags: Vec<_> = s.tags.iter().map(|(k, v)| (text(k), text(v))).collect();
            tags.sort();
            tags
        };
        same("tags as listed", of(&listed), of(&secret))?;
        Ok(of(&secret))
    };
    let before = seen()?;
    same("set", set(&[("bartizan:changed:apiKey", "2026-11-17T10:00:00Z"), ("b", "1")])?, Receipt::Done)?;
    same("set again", set(&[("b", "before 2")])?, Receipt::Done)?;
    let now = seen()?;
    same("tags more", now.len(), before.len() + 2)?;
    holds("the value was not overwritten", now.contains(&("b".into(), "before 2".into())))?;
    let keys = vec!["b".into(), "bartizan:changed:apiKey".into()];
    let call = Write::UntagResource { secret: on.secret.clone(), keys };
    e.apply(&Call::SecretsManager(call), &key("untag", 1), &on.vault)?;
    same("tags in the end", seen()?, before)
}

fn tags_of_none(e: &Asking) -> Result<(), Wrong> {
    let call =
        Write::TagResource { secret: Arn::new("no-such-secret"), tags: vec![("a".into(), "b".into())] };
    without_effect(e.apply(&Call::SecretsManager(call), &key("tag", 2), &vault()), &FaultKind::NotFound)
}

fn binary(e: &Asking) -> Result<(), Wrong> {
    let outcome = On::open(e, EACH - 1).map(|_| "it was read");
    let Err(Wrong(why)) = outcome else { return Err("it was read".into()) };
    holds(format!("the model says Unsupported, it is {why}"), why.starts_with("Unsupported"))
}

fn no_version(e: &Asking) -> Result<(), Wrong> {
    let on = On::open(e, 6)?;
    refused(on.load(&VersionId::new("01234567-89ab-cdef-0123-456789abcdef"), "none"), &FaultKind::NotFound)
}

fn no_secret(e: &Asking) -> Result<(), Wrong> {
    let version = VersionId::new("01234567-89ab-cdef-0123-456789abcdef");
    let from = MaterialSource::Secret { secret: Arn::new("no-such-secret"), version };
    refused(e.load(&from, "none", &Vault::default()), &FaultKind::NotFound)
}
