//! `secret.date`: keeps in a secret's tags when each of its fields was changed, for AWS dates whole versions only: a
//! write of one field makes all the others look young. It is said and never a failure where a date cannot be kept:
//! the update itself stands.

use super::{arn, current, place, top_level, version};
use crate::estate::ask::secretsmanager::{DescribeSecret, ListSecretVersionIds};
use crate::estate::change::secretsmanager::{self, CURRENT, Retag};
use crate::estate::edit::EditFault;
use crate::estate::field_date::{self, FieldDate, MOST_TAGS, PREFIX, Recorded};
use crate::estate::time::seconds_between;
use crate::estate::{
    Act, Arn, Change, Made, MaterialSource, Place, Secret, SecretVersion, Slot, Timestamp, Untrusted,
    VersionId,
};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Fact, Need, Proposal, Want};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::{View, undo_by_inverse};
use crate::runbook::words::{counted, instant};
use std::collections::BTreeSet;
use std::time::Duration;

/// Dates fields.
pub struct Date;

/// How long tags, and the version itself, may take to show: nothing depends on them.
const PATIENCE: i64 = 60;

/// What it means that dates are not kept.
const LOST: &str =
    "the ages of its fields cannot be kept: those that were not changed look as young as the new version";

impl Verb for Date {
    fn name(&self) -> &'static str {
        "secret.date"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Keeps in the tags of a secret (`bartizan:changed:FIELD`) when each of its fields was changed: those that \
         differ from the former version now, those that were never dated no later than the former version. Takes off \
         the tags of fields that are gone. Reads both versions to compare them. What AWS refuses is told, and the run \
         goes on."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::needed("secret", ValueType::Text, "the ARN of the secret"),
            with::optional(
                "version",
                ValueType::Text,
                "the version that the change made; else the current one",
            ),
            with::optional(
                "former",
                ValueType::Text,
                "the version that it replaced; without it `field` is taken for changed, and nothing else",
            ),
            with::optional("field", ValueType::Text, "the field that was meant"),
            with::optional(
                "as_of",
                ValueType::Text,
                "the version in which the new value came, if an earlier one",
            ),
            with::optional(
                "format",
                ValueType::Text,
                "`list`: the old value still stands beside the new one",
            ),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        if let Some(forgone) = view.forgone.first() {
            return Ok(told(format!("{LOST} ({})", forgone.why)));
        }
        let secret = arn(view)?;
        if view.planning {
            return planned(view, &secret);
        }
        let scene = match Scene::of(view, &secret)? {
            Ok(scene) => scene,
            Err(why) => return Ok(told(why)),
        };
        let (wanted, mut said) = match scene.wanted(view)? {
            Ok(wanted) => wanted,
            Err(why) => return Ok(told(why)),
        };
        let is_late = seconds_between(view.since, view.now) >= PATIENCE;
        match (wanted.is_empty(), view.done.is_empty()) {
            (true, _) => said.insert(0, stand(&scene.recorded)),
            (false, true) => return Err(proposal(view, secret, wanted, said)),
            (false, false) if is_late => said.insert(0, "the tags were set and do not show yet".to_owned()),
            (false, false) => return Err(again("the tags to show")),
        }
        Ok(Done { evidence: said, ..Done::default() })
    }

    fn undo(&self, view: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        if let Some(forgone) = view.forgone.first() {
            return Ok(told(format!("the tags stay as this run set them ({})", forgone.why)));
        }
        let Act::SecretsManager(secretsmanager::Act::Tag { secret, tags }) = &change.act else {
            return undo_by_inverse(view, change, made);
        };
        if !view.done.is_empty() {
            return Ok(told("the dates of the fields are as they were".to_owned()));
        }
        // The value is not given back either then, and its fields are as old as the tags say.
        let all = view.must(ListSecretVersionIds { secret: secret.clone(), deprecated: true })?.concat();
        let is_current = |id: &Untrusted| all.iter().any(|v| v.id.text() == id && v.has_stage(CURRENT));
        if view.maybe_text("version").is_some_and(|ours| !is_current(ours)) {
            let shows_late = view.maybe_text("former").is_some_and(is_current);
            if shows_late && seconds_between(view.since, view.now) < PATIENCE {
                return Err(again("this run's version to show as current"));
            }
            return Ok(told("somebody wrote since: the dates of the fields stay".to_owned()));
        }
        let now = match described(view, secret)? {
            Ok(now) => now.tags,
            Err(why) => return Ok(told(format!("the tags stay as this run set them ({why})"))),
        };
        let Some(Change { at, act: Act::SecretsManager(secretsmanager::Act::Tag { tags: back, .. }) }) =
            change.inverse(made)
        else {
            return Ok(told("no tag was set".to_owned()));
        };
        // Who has dated a field since knows better.
        let ours: Vec<Retag> =
            back.into_iter().filter(|tag| tag_of(&now, &tag.key) == tag.from.as_ref()).collect();
        if ours.is_empty() {
            return Ok(told(format!("none of {} is as this run set it", counted(tags.len(), "tag"))));
        }
        let act = secretsmanager::Act::Tag { secret: secret.clone(), tags: ours };
        let changes = vec![Change { at, act: Act::SecretsManager(act) }];
        Err(Need::Consent(Box::new(Proposal { changes, ..Proposal::default() })))
    }
}

fn told(why: String) -> Done {
    Done { evidence: vec![why], ..Done::default() }
}

fn again(why: &str) -> Need {
    Need::Again { after: Duration::from_secs(5), why: why.to_owned() }
}

fn tag_of<'t>(tags: &'t [(Untrusted, Untrusted)], key: &Untrusted) -> Option<&'t Untrusted> {
    tags.iter().find(|(k, _)| k == key).map(|(_, text)| text)
}

/// What is known of the secret, its tags among it; or why it is not.
fn described(view: &View<'_>, secret: &Arn) -> Result<Result<Secret, String>, Need> {
    Ok(match view.pages(DescribeSecret { secret: secret.clone() })? {
        Ok(pages) => pages.into_iter().next().ok_or_else(|| "AWS said nothing about it".to_owned()),
        Err(fault) => Err(fault.to_string()),
    })
}

/// In a plan the fields are not known, for no value is read: one stands for those that were never dated.
fn planned(view: &View<'_>, secret: &Arn) -> Result<Done, Need> {
    if !view.done.is_empty() {
        return Ok(Done::default());
    }
    let there = view.must(ListSecretVersionIds { secret: secret.clone(), deprecated: true })?.concat();
    let since = current(secret, &there)?.created.unwrap_or(view.now);
    let field = view.maybe_text("field").filter(|_| !overlaps(view));
    let when = || "<when the new version is made>".to_owned();
    let changed = field.and_then(|field| Some((field_date::key_of(field.wire())?, when())));
    let others = (format!("{PREFIX}<each other field>").into(), FieldDate::Before(since).text());
    let set = |(key, text): (Untrusted, String)| Retag { key, from: None, to: Some(text.into()) };
    let tags = changed.into_iter().chain([others]).map(set).collect();
    Err(proposal(view, secret.clone(), tags, Vec::new()))
}

fn proposal(view: &View<'_>, secret: Arn, tags: Vec<Retag>, notes: Vec<String>) -> Need {
    let act = secretsmanager::Act::Tag { secret, tags };
    Need::Consent(Box::new(Proposal {
        changes: vec![Change { at: view.at.clone(), act: Act::SecretsManager(act) }],
        breaks: notes,
        leaves: vec![
            "No value is changed, and no other tag. Where a template owns the tags of the secret, start with \
             `dated=false`."
                .to_owned(),
        ],
        ..Proposal::default()
    }))
}

/// Whether the old value of the field still stands beside the new one, and makes it as old as it was.
fn overlaps(view: &View<'_>) -> bool {
    view.maybe_text("format").is_some_and(|format| format.wire() == "list")
}

/// What tags say already, in words.
fn stand(recorded: &[Recorded]) -> String {
    let said = recorded.iter().filter_map(|r| {
        let field = r.field.shown();
        Some(match r.date? {
            FieldDate::On(at) => format!("{field} changed {}", instant(at)),
            FieldDate::Before(at) => format!("{field} not since {}", instant(at)),
        })
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { "no field is to be dated".to_owned() } else { said.join("; ") }
}

/// A secret as the step finds it.
struct Scene {
    secret: Arn,
    tags: Vec<(Untrusted, Untrusted)>,
    recorded: Vec<Recorded>,
    /// The version that consumers read, and when it was made.
    current: VersionId,
    made: Timestamp,
    /// When what is new in it came.
    at: Timestamp,
    /// The version before, and when that was made.
    former: Option<(VersionId, Option<Timestamp>)>,
}

/// What is to be set, and what is to be said of it.
type Wanted = (Vec<Retag>, Vec<String>);

impl Scene {
    /// The scene, or why nothing is dated.
    fn of(view: &View<'_>, secret: &Arn) -> Result<Result<Self, String>, Need> {
        let tags = match described(view, secret)? {
            Ok(secret) => secret.tags,
            Err(why) => return Ok(Err(format!("{LOST} ({why})"))),
        };
        let all = match view.pages(ListSecretVersionIds { secret: secret.clone(), deprecated: true })? {
            Ok(pages) => pages.concat(),
            Err(fault) => return Ok(Err(format!("{LOST} ({fault})"))),
        };
        let former = view.maybe_text("former").map(|_| version(view, "former")).transpose()?;
        let now = current(secret, &all)?;
        if let Some(ours) = view.maybe_text("version").filter(|id| *id != now.id.text()) {
            let shows_late = former.as_ref() == Some(&now.id);
            if shows_late && seconds_between(view.since, view.now) < PATIENCE {
                return Err(again("the new version to show as current"));
            }
            return Ok(Err(format!(
                "version {} is current and not {}: somebody wrote since, and its fields are not dated",
                now.id.shown(),
                ours.shown()
            )));
        }
        let made_at =
            |id: &VersionId| all.iter().find(|v: &&SecretVersion| v.id == *id).and_then(|v| v.created);
        let as_of = view.maybe_text("as_of").and_then(|id| made_at(&VersionId::new(id.wire())));
        let made = now.created.unwrap_or(view.began);
        Ok(Ok(Self {
            secret: secret.clone(),
            recorded: field_date::recorded(&tags),
            tags,
            current: now.id.clone(),
            made,
            at: as_of.unwrap_or(made),
            former: former.map(|id| (id.clone(), made_at(&id))),
        }))
    }

    /// The names of a version's fields; `None` if its value has none. `Err` in words if that cannot be told.
    fn names(
        &self,
        view: &View<'_>,
        version: &VersionId,
        slot: &Slot,
    ) -> Result<Result<Option<Vec<Untrusted>>, String>, Need> {
        let source = MaterialSource::Secret { secret: self.secret.clone(), version: version.clone() };
        if let Err(fault) = view.load(&source, slot)? {
            return Ok(Err(fault.to_string()));
        }
        Ok(view.shape(slot, &Place::Whole)?.map(|shape| shape.fields).map_err(|e| e.to_string()))
    }

    /// What tags should say and do not; or why nothing is dated.
    fn wanted(&self, view: &View<'_>) -> Result<Result<Wanted, String>, Need> {
        let slot = Slot::new("secret.dated");
        let names = match self.names(view, &self.current, &slot)? {
            Ok(names) => names.unwrap_or_default(),
            Err(why) => return Ok(Err(format!("{LOST} ({why})"))),
        };
        if names.len() > MOST_TAGS {
            let fields = counted(names.len(), "field");
            return Ok(Err(format!("{LOST} (it has {fields}, and a secret can have {MOST_TAGS} tags)")));
        }
        let mut changed = match self.changed(view, &names, &slot)? {
            Ok(changed) => changed,
            Err(why) => return Ok(Err(why)),
        };
        let (plain, odd): (Vec<Untrusted>, Vec<Untrusted>) =
            names.iter().cloned().partition(|name| !is_pointer(name));
        let mut dated = plain;
        let meant = place(view.maybe_text("field"));
        let mut target = top_level(&meant);
        // A field further in is dated itself: what is around it may be as old as it was.
        if let (Place::Field(pointer), Some(top)) = (&meant, &target)
            && pointer.wire().matches('/').count() > 1
            && changed.remove(top)
        {
            changed.insert(pointer.clone());
            dated.push(pointer.clone());
            target = Some(pointer.clone());
        }
        if let Some(target) = target.filter(|_| overlaps(view)) {
            changed.remove(&target);
        }
        let (mut set, mut nameless) = (Vec::new(), odd);
        for field in &dated {
            match field_date::key_of(field.wire()) {
                Some(key) => set.extend(self.set(key, field, changed.contains(field))),
                None => nameless.push(field.clone()),
            }
        }
        let unfit = |f: &Untrusted| format!("{} cannot be dated: its name cannot be a tag's key", f.shown());
        let mut said: Vec<String> = nameless.iter().map(unfit).collect();
        let mut tags = self.gone(view, &names, &changed, &slot)?;
        said.extend(self.fit(&mut set, tags.len()));
        tags.extend(set);
        Ok(Ok((tags, said)))
    }

    /// The tag of a field, if it is not right as it is.
    fn set(&self, key: Untrusted, field: &Untrusted, changed: bool) -> Option<Retag> {
        let from = tag_of(&self.tags, &key).cloned();
        let known = self.recorded.iter().find(|r| r.field == *field).and_then(|r| r.date);
        let date = match (changed, known) {
            (true, _) => FieldDate::On(self.at),
            // What came no later than the value can be true.
            (false, Some(date)) if date.at() <= self.made => return None,
            (false, Some(_) | None) => FieldDate::Before(self.former.as_ref()?.1?),
        };
        let to = Some(Untrusted::from(date.text()));
        (from != to).then_some(Retag { key, from, to })
    }

    /// The top-level fields whose values are others than in the former version.
    fn changed(
        &self,
        view: &View<'_>,
        names: &[Untrusted],
        slot: &Slot,
    ) -> Result<Result<BTreeSet<Untrusted>, String>, Need> {
        // An edit of one field leaves the others byte for byte; of more than one, only comparing tells.
        let meant = |why: String| match top_level(&place(view.maybe_text("field"))) {
            Some(field) => Ok(BTreeSet::from([field])),
            None => Err(format!("{LOST} ({why})")),
        };
        let Some((former, _)) = &self.former else {
            return Ok(meant("the former version is not known".to_owned()));
        };
        let before = Slot::new("secret.dated.former");
        let old = match self.names(view, former, &before)? {
            Ok(Some(old)) => old,
            Ok(None) => return Ok(Ok(names.iter().cloned().collect())),
            Err(why) => return Ok(meant(why)),
        };
        let both: BTreeSet<&Untrusted> = names.iter().chain(&old).collect();
        let but = |field: &Untrusted| Want::SameBut {
            a: before.clone(),
            b: slot.clone(),
            fields: both.iter().filter(|f| **f != field).map(|f| (*f).clone()).collect(),
        };
        let wants: Vec<(&Untrusted, Want)> = names.iter().map(|field| (field, but(field))).collect();
        let unknown: Vec<Want> =
            wants.iter().filter(|(_, want)| view.facts.get(want).is_none()).map(|(_, w)| w.clone()).collect();
        if !unknown.is_empty() {
            return Err(Need::Know(unknown));
        }
        let differs = |want: &Want| !matches!(view.facts.get(want), Some(Fact::Same(Ok(true))));
        Ok(Ok(wants.iter().filter(|(_, want)| differs(want)).map(|(field, _)| (*field).clone()).collect()))
    }

    /// The tags of fields that are not there any more, taken off; and those of what lies in a field that was
    /// replaced as a whole.
    fn gone(
        &self,
        view: &View<'_>,
        names: &[Untrusted],
        changed: &BTreeSet<Untrusted>,
        slot: &Slot,
    ) -> Result<Vec<Retag>, Need> {
        let mut off = Vec::new();
        for recorded in &self.recorded {
            let at = place(Some(&recorded.field));
            let is_there = if is_pointer(&recorded.field) {
                let replaced = top_level(&at).is_some_and(|top| changed.contains(&top));
                !replaced && !matches!(view.shape(slot, &at)?, Err(EditFault::NoField(_)))
            } else {
                names.contains(&recorded.field)
            };
            if !is_there {
                let key = Untrusted::from(format!("{PREFIX}{}", recorded.field.wire()));
                off.push(Retag { key, from: Some(recorded.text.clone()), to: None });
            }
        }
        Ok(off)
    }

    /// Leaves out what there is no room for, the new dates of changed fields first: their version says the same.
    fn fit(&self, set: &mut Vec<Retag>, off: usize) -> Option<String> {
        let counted_now = self.tags.iter().filter(|(key, _)| field_date::counts(key)).count();
        let room = (MOST_TAGS + off).saturating_sub(counted_now);
        let is_bound = |tag: &Retag| {
            tag.to.as_ref().and_then(|to| FieldDate::parse(to.wire())).is_some_and(FieldDate::is_bound)
        };
        set.sort_by_key(|tag| (tag.from.is_none(), !is_bound(tag)));
        let keep = set.iter().filter(|tag| tag.from.is_some()).count() + room;
        let left = set.len().saturating_sub(keep);
        set.truncate(keep);
        (left > 0).then(|| {
            format!("{} cannot be dated: a secret can have {MOST_TAGS} tags", counted(left, "field"))
        })
    }
}

/// Whether a tag's field is a JSON pointer: a top-level name that looks like one could not be told from it.
fn is_pointer(field: &Untrusted) -> bool {
    field.wire().starts_with('/')
}
