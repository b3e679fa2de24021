//! `secret.ready`: whether a secret may be written now, and whether the field that is meant is there.

use super::{PENDING, arn, current, describe, labels, left_by_others, named, place, versions};
use crate::diagnose;
use crate::estate::change::secretsmanager::CURRENT;
use crate::estate::edit::{EditFault, Shape};
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{MaterialSource, Place, Secret, SecretVersion, Slot, Timestamp, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::{View, refusal};
use crate::runbook::words::{counted, instant, said};

/// Checks what must hold before a write.
pub struct Ready;

/// Staging labels that a secret can have ("AWS Secrets Manager quotas").
const LABELS: usize = 20;

/// Labels that a run puts on: that of its version, and that of the replaced one.
const OURS: usize = 2;

/// "We recommend you avoid calling PutSecretValue at a sustained rate of more than once every 10 minutes"
/// (API reference): versions pile up faster than they are removed. Seconds, and the versions made in that time
/// which make another one too many. Two in ten minutes is a correction, three is a rate.
const SUSTAINED: [(i64, usize); 2] = [(600, 2), (3_600, 6)];

impl Verb for Ready {
    fn name(&self) -> &'static str {
        "secret.ready"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Stops unless the secret may be written now: not owned by a service, no replica, no planned deletion, no \
         rotation under way or (without a reason) switched on, not written too often, room for labels; and \
         unless the field is there. Reads the value, of which it tells bytes and field names."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::needed("secret", ValueType::Text, "the ARN of the secret"),
            with::optional("field", ValueType::Text, "a JSON pointer or the name of a top-level field"),
            with::optional("create", ValueType::Flag, "the field may be made if it is not there"),
            with::optional("override", ValueType::Text, "why to go on although rotation is switched on"),
            with::optional("sweep", ValueType::Flag, "labels of earlier runs are taken off before the write"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let secret = describe(view, &arn(view)?)?;
        let versions = versions(view, &secret.arn)?;
        let current = current(&secret.arn, &versions)?;
        manageable(&secret).map_err(Need::Refuse)?;
        let mut evidence = vec![rotating(view, &secret, &versions)?];
        evidence.push(written(view, &versions).map_err(Need::Refuse)?);
        evidence.push(room(view, &versions).map_err(Need::Refuse)?);
        let place = place(view.maybe_text("field"));
        if view.planning {
            let what = match view.maybe_text("field") {
                Some(field) => format!("the field {}", field.shown()),
                None => "the text that is replaced".to_owned(),
            };
            evidence.push(with::later(&what));
        } else {
            evidence.push(document(view, &secret, current, &place)?);
        }
        Ok(Done { evidence, ..Done::default() })
    }
}

/// Whether it is this program's to write at all.
fn manageable(secret: &Secret) -> Result<(), String> {
    let name = secret.name.shown();
    if let Some(owner) = &secret.owning_service {
        return Err(format!(
            "{name} is managed by {}; change it there, for that service would overwrite or refuse this",
            owner.shown()
        ));
    }
    if let Some(primary) = &secret.primary_region {
        let primary = primary.shown();
        return Err(format!("{name} is a replica; change the primary, with `--region {primary}`"));
    }
    if let Some(deletion) = secret.deletion_at {
        return Err(format!(
            "{name} is marked for deletion ({}); `aws secretsmanager restore-secret` takes that back",
            instant(deletion)
        ));
    }
    Ok(())
}

/// Rotation under way would overwrite this or be blocked by it; rotation switched on will one day.
fn rotating(view: &View<'_>, secret: &Secret, versions: &[SecretVersion]) -> Result<String, Need> {
    if let Some(pending) = versions.iter().find(|v| v.has_stage(PENDING) && !v.has_stage(CURRENT)) {
        return Err(Need::Refuse(format!(
            "a rotation is under way or was left half done: version {} carries {PENDING}; let it end, or end \
             it with `aws secretsmanager cancel-rotate-secret`",
            named(pending)
        )));
    }
    if !secret.rotation_enabled {
        return Ok("no rotation is on or under way".to_owned());
    }
    match view.maybe_text("override") {
        Some(reason) => Ok(format!("rotation is on; gone on because: {}", reason.shown())),
        None => Err(Need::lacks(
            "override",
            format!(
                "rotation is on for {} and will overwrite what is written by hand{}; rotate it instead, or go on with \
                 `--set override=REASON`",
                secret.name.shown(),
                secret.next_rotation.map(|t| format!(" (next {})", instant(t))).unwrap_or_default()
            ),
        )),
    }
}

/// How often it was written lately.
fn written(view: &View<'_>, versions: &[SecretVersion]) -> Result<String, String> {
    let mut made: Vec<Timestamp> = versions.iter().filter_map(|v| v.created).collect();
    made.sort_unstable();
    for (seconds, many) in SUSTAINED {
        let lately: Vec<_> =
            made.iter().filter(|t| seconds_between(**t, view.now) < seconds).copied().collect();
        // Waiting until one fewer than too many is left in the window.
        if let Some(oldest) = lately.len().checked_sub(many).and_then(|spare| lately.get(spare)) {
            return Err(format!(
                "{} were written in the last {}; AWS asks to stay below one write in ten minutes, or versions \
                 pile up; resume after {}",
                counted(lately.len(), "version"),
                said(seconds.unsigned_abs()),
                instant(plus_seconds(*oldest, seconds + 60))
            ));
        }
    }
    let lately = made.iter().filter(|t| seconds_between(**t, view.now) < SUSTAINED[0].0).count();
    Ok(format!("{} written in the last ten minutes", counted(lately, "version")))
}

/// Whether its labels leave room for those of a run.
fn room(view: &View<'_>, versions: &[SecretVersion]) -> Result<String, String> {
    let (all, left) = (labels(versions), left_by_others(view.run, versions).len());
    if all + OURS > LABELS && !(view.flag("sweep") && left > 0) {
        let way = if left > 0 {
            format!(
                "{} of earlier runs: start with `--set sweep=true` to take them off",
                counted(left, "label")
            )
        } else {
            "take some off with `aws secretsmanager update-secret-version-stage`".to_owned()
        };
        return Err(format!(
            "{} of at most {LABELS} are in use, and a run needs {OURS}; {way}",
            counted(all, "label")
        ));
    }
    let offer = if left > 0 && !view.flag("sweep") {
        format!(", {} of earlier runs (`sweep=true` takes off old ones)", counted(left, "label"))
    } else {
        String::new()
    };
    Ok(format!("{all} of {LABELS} labels in use{offer}"))
}

/// What the text is, and whether what is meant is in it.
fn document(
    view: &View<'_>,
    secret: &Secret,
    current: &SecretVersion,
    place: &Place,
) -> Result<String, Need> {
    let slot = Slot::new("secret.ready");
    let source = MaterialSource::Secret { secret: secret.arn.clone(), version: current.id.clone() };
    view.load(&source, &slot)?.map_err(refusal)?;
    let whole = view.shape(&slot, &Place::Whole)?.map_err(|e| Need::Refuse(unfit(&e)))?;
    let there = match place {
        Place::Whole => Ok("the whole text is replaced".to_owned()),
        Place::Field(pointer) => {
            let shown = pointer.shown();
            match view.shape(&slot, place)? {
                Ok(shape) if shape.entries.is_none() => {
                    Err(format!("the field {shown} is no string; only strings are replaced"))
                }
                Ok(_) => Ok(format!("the field {shown} is there")),
                Err(EditFault::NoField(_)) if view.flag("create") => {
                    parent(view, &slot, pointer, &whole)?;
                    Ok(format!("the field {shown} is not there and is made"))
                }
                Err(EditFault::NoField(_)) => Err(no_field(pointer.wire(), &whole)),
                Err(other) => Err(unfit(&other)),
            }
        }
    };
    Ok(format!("{}; {}", there.map_err(Need::Refuse)?, size(&whole)))
}

/// Refuses a field that nothing could hold: the object around it is not there, or is none.
fn parent(view: &View<'_>, slot: &Slot, pointer: &Untrusted, whole: &Shape) -> Result<(), Need> {
    let shown = pointer.shown();
    let around = pointer.wire().rsplit_once('/').map_or("", |(around, _)| around);
    if around.is_empty() {
        return match &whole.fields {
            Some(_) => Ok(()),
            None => {
                Err(Need::Refuse(format!("the value is no JSON object: no field {shown} can be made in it")))
            }
        };
    }
    let around = Untrusted::from(around);
    match view.shape(slot, &Place::Field(around.clone()))? {
        Ok(shape) if shape.entries.is_none() => Ok(()),
        Ok(_) => {
            Err(Need::Refuse(format!("{} is a string: no field {shown} can be made in it", around.shown())))
        }
        Err(EditFault::NoField(_)) => Err(Need::Refuse(format!(
            "there is no {} in which the field {shown} could be made; `create=true` makes the last name only, so make \
             the object around it by hand first",
            around.shown()
        ))),
        Err(other) => Err(Need::Refuse(unfit(&other))),
    }
}

/// Bytes and the names of fields: `1,204 bytes, fields a, b`.
fn size(shape: &Shape) -> String {
    const MOST: usize = 20;
    match &shape.fields {
        None => counted(shape.bytes, "byte"),
        Some(fields) => {
            let mut names: Vec<String> = fields.iter().take(MOST).map(|f| f.shown().to_string()).collect();
            if let Some(more) = fields.len().checked_sub(MOST).filter(|more| *more > 0) {
                names.push(format!("{more} more"));
            }
            format!(
                "{}, {}: {}",
                counted(shape.bytes, "byte"),
                counted(fields.len(), "field"),
                names.join(", ")
            )
        }
    }
}

/// The nearest top-level name is most often what was meant.
fn no_field(pointer: &str, whole: &Shape) -> String {
    let name = pointer.strip_prefix('/').unwrap_or(pointer);
    let fields = whole.fields.as_deref().unwrap_or_default();
    let near = diagnose::nearest(name, fields.iter().map(|f| f.wire()));
    let near = near.map(|n| format!(" (did you mean {}?)", Untrusted::from(n).shown()));
    let pointer = Untrusted::from(pointer);
    format!(
        "there is no field {}{}; a run with `--set create=true` makes it",
        pointer.shown(),
        near.unwrap_or_default()
    )
}

fn unfit(fault: &EditFault) -> String {
    format!("the value cannot be edited by field: {fault}; without `field` the whole text is replaced")
}
