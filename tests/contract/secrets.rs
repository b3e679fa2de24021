//! Questions about secrets: their dates, versions and labels. No question ever asks for a value.

use super::fill::others::{CUSTOM_STAGE, LEAVING, SECRETS, VERSIONED};
use super::question::{Question, Wrong, distinct, holds, refused, same};
use crate::asking::{Asking, REGION};
use bartizan::estate::ask::secretsmanager::{DescribeSecret, ListSecretVersionIds, ListSecrets};
use bartizan::estate::{Arn, Cursor, FaultKind, Secret, SecretVersion, time};

const LIST: &str = "Secrets Manager API reference, ListSecrets, SecretListEntry";
const VERSIONS: &str = "Secrets Manager API reference, ListSecretVersionIds, PutSecretValue";
const GONE: &str = "Secrets Manager service model: ResourceNotFoundException";

pub const FILLED: &[Question] = &[
    Question { name: "secrets_on_every_page", source: LIST, needs: Some("secrets_bulk"), check: every },
    Question { name: "secret_is_as_it_was_made", source: LIST, needs: Some("secret"), check: made },
    Question {
        name: "secret_by_arn_and_by_name",
        source: "Secrets Manager API reference, DescribeSecret, SecretId",
        needs: Some("secret"),
        check: described,
    },
    Question {
        name: "versions_and_their_labels",
        source: VERSIONS,
        needs: Some("versions"),
        check: versions,
    },
    Question {
        name: "secret_that_is_leaving",
        source: "Secrets Manager API reference, ListSecrets, IncludePlannedDeletion",
        needs: Some("leaving"),
        check: leaving,
    },
];

pub const MISSING: &[Question] = &[
    Question {
        name: "secret_that_is_not",
        source: GONE,
        needs: None,
        check: |e| refused(e.first(DescribeSecret { secret: nobody(e)? }), &FaultKind::NotFound),
    },
    Question {
        name: "secret_name_that_is_not",
        source: GONE,
        needs: None,
        check: |e| {
            refused(e.first(DescribeSecret { secret: Arn::new("no-such-secret") }), &FaultKind::NotFound)
        },
    },
    Question {
        name: "versions_of_a_secret_that_is_not",
        source: GONE,
        needs: None,
        check: |e| {
            let ask = ListSecretVersionIds { secret: nobody(e)?, deprecated: false };
            refused(e.first(ask), &FaultKind::NotFound)
        },
    },
    Question {
        name: "secret_token_that_is_none",
        source: "Secrets Manager service model, ListSecrets: InvalidNextTokenException",
        needs: None,
        check: |e| {
            let cursor = Cursor("none of yours".into());
            refused(e.page(ListSecrets {}, Some(&cursor)), &FaultKind::Invalid)
        },
    },
];

fn nobody(e: &Asking) -> Result<Arn, Wrong> {
    let first = e.first(ListSecrets {})?;
    let arn = &first.first().ok_or("there are no secrets")?.arn;
    let (account, _) = arn.wire().split_once(":secret:").ok_or("no ARN of a secret")?;
    Ok(Arn::new(format!("{account}:secret:no-such-secret-aBcDeF")))
}

fn one(e: &Asking, name: &str) -> Result<Secret, Wrong> {
    let all = e.all(ListSecrets {})?;
    all.into_iter().find(|s| s.name.wire() == name).ok_or_else(|| format!("{name} is not listed").into())
}

fn recent(e: &Asking, what: &str, at: Option<bartizan::estate::Timestamp>) -> Result<(), Wrong> {
    let ago = time::seconds_between(at.ok_or_else(|| format!("{what} is missing"))?, e.now());
    holds(format!("{what} is {ago} s ago"), (-5..600).contains(&ago))
}

fn every(e: &Asking) -> Result<(), Wrong> {
    let pages = e.pages(ListSecrets {})?;
    let names: Vec<&str> = pages.iter().flatten().map(|s| s.name.wire()).collect();
    distinct("secrets", &names)?;
    same("secrets", names.len(), SECRETS + 2)?;
    same("pages", pages.iter().map(Vec::len).collect::<Vec<_>>(), vec![100, SECRETS + 2 - 100])
}

fn made(e: &Asking) -> Result<(), Wrong> {
    let s = one(e, VERSIONED)?;
    let start = format!("arn:aws:secretsmanager:{REGION}:");
    let middle = format!(":secret:{VERSIONED}-");
    let (front, random) = s.arn.wire().rsplit_once('-').ok_or("no ARN")?;
    holds(
        format!("its ARN is {:?}", s.arn),
        s.arn.wire().starts_with(&start) && s.arn.wire().contains(&middle),
    )?;
    same("six random characters", (front.is_empty(), random.len()), (false, 6))?;
    same("description", s.description.as_ref().map(|d| d.wire()), Some("Keys of the app"))?;
    same("tags", s.tags.clone(), vec![("system".into(), "shop".into())])?;
    same("rotation", (s.rotation_enabled, s.rotation_days, s.last_rotated), (false, None, None))?;
    same("deletion", s.deletion_at, None)?;
    same("key and owner", (s.kms_key.clone(), s.owning_service.clone()), (None, None))?;
    recent(e, "CreatedDate", s.created)?;
    recent(e, "LastChangedDate", s.last_changed)
}

fn described(e: &Asking) -> Result<(), Wrong> {
    let listed = one(e, VERSIONED)?;
    let by_arn = e.first(DescribeSecret { secret: listed.arn.clone() })?;
    let by_name = e.first(DescribeSecret { secret: Arn::new(VERSIONED) })?;
    same("by name", &by_name, &by_arn)?;
    same("name and ARN", (&by_arn.name, &by_arn.arn), (&listed.name, &listed.arn))?;
    same("description and tags", (&by_arn.description, &by_arn.tags), (&listed.description, &listed.tags))
}

/// The first value was replaced, and a third one waits under a label of its own.
fn versions(e: &Asking) -> Result<(), Wrong> {
    let secret = one(e, VERSIONED)?.arn;
    let found = e.all(ListSecretVersionIds { secret, deprecated: false })?;
    same("versions", found.len(), 3)?;
    let labelled = |stage: &str| -> Result<SecretVersion, Wrong> {
        let mut with = found.iter().filter(|v| v.has_stage(stage));
        match (with.next(), with.next()) {
            (Some(one), None) => Ok(one.clone()),
            (None, _) => Err(format!("no version is {stage}").into()),
            (Some(_), Some(_)) => Err(format!("two versions are {stage}").into()),
        }
    };
    let all = [labelled("AWSCURRENT")?, labelled("AWSPREVIOUS")?, labelled(CUSTOM_STAGE)?];
    distinct("versions", &all.iter().map(|v| v.id.clone()).collect::<Vec<_>>())?;
    for version in &all {
        same("labels of one", version.stages.len(), 1)?;
        recent(e, "CreatedDate", version.created)?;
    }
    Ok(())
}

fn leaving(e: &Asking) -> Result<(), Wrong> {
    let s = one(e, LEAVING)?;
    holds("DeletedDate is missing", s.deletion_at.is_some())
}
