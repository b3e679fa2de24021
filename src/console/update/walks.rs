//! Walks: a source that is due is asked for, what is answered is folded into the inventory, and its end is
//! told to the poller. What depends on a source is asked for when its answer has changed.

use super::palette;
use crate::console::effect::Effect;
use crate::console::model::{Link, Model};
use crate::console::msg::Msg;
use crate::estate::ask::{Answer, secretsmanager};
use crate::estate::{Loadable, Query, Timestamp};
use crate::insight::walk::Step;
use crate::insight::{About, Source, WalkEvent, Wants, roots};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Starts a walk of `source`, if it is still wanted.
pub fn due(model: &mut Model, source: Source) -> Vec<Effect> {
    let wanted = model.wanted();
    if !wanted.contains(&source) {
        return Vec::new();
    }
    let Some(questions) = questions(model, &source, model.now) else { return Vec::new() };
    let urgent = !source.is_broad() || model.inventory.standing(&source).seen().is_none();
    let ticket = model.walks.ticket();
    let signature = signature(model, &source);
    let asked = &mut model.walks.asked;
    asked.retain(|other, _| other.is_broad() || wanted.contains(other));
    asked.extend(signature.map(|signature| (source.clone(), signature)));
    if model.inventory.begin(&source, ticket) {
        changed(model, source.is_broad());
    }
    model.walks.current.insert(source.clone(), ticket);
    vec![Effect::Walk { source, ticket, roots: questions, urgent }]
}

fn questions(model: &Model, source: &Source, now: Timestamp) -> Option<Vec<Query>> {
    let wants = Wants { at: model.at()?, now, tags_wanted: model.wants_tags() };
    Some(roots(source, &model.inventory, &wants))
}

/// What a source would ask, time left aside, as a number.
fn signature(model: &Model, source: &Source) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    questions(model, source, Timestamp::UNIX_EPOCH)?.hash(&mut hasher);
    Some(hasher.finish())
}

/// A walk moved on.
pub fn walked(model: &mut Model, event: WalkEvent) -> Vec<Effect> {
    let source = event.source.clone();
    let current = model.walks.current.get(&source) == Some(&event.ticket);
    let ended = current && matches!(event.step, Step::End { .. });
    let of_rows = is_of_rows(&event);
    if model.inventory.fold(event) {
        changed(model, of_rows);
        palette::learned(model);
    }
    if !ended {
        return Vec::new();
    }
    model.walks.current.remove(&source);
    let standing = model.inventory.standing(&source);
    let good = matches!(standing, Loadable::Ready(_));
    let mut effects = vec![Effect::Walked { source: source.clone(), standing }];
    if good {
        effects.extend(dependents(model, &source));
    }
    effects
}

/// Those that are wanted, whose questions are taken from the answers of `source` and are other ones now.
fn dependents(model: &Model, source: &Source) -> Vec<Effect> {
    let is_other = |next: &Source| {
        let now = signature(model, next);
        now.is_some() && model.walks.asked.get(next).copied() != now
    };
    let after = model.wanted().into_iter().filter(|next| next.comes_after(source));
    after.filter(is_other).map(Effect::AskAnew).collect()
}

/// Whether what an event tells may be a part of conclusions and lists. A detail is not, but where it is a row
/// that is read again.
fn is_of_rows(event: &WalkEvent) -> bool {
    match (&event.source, &event.step) {
        (Source::Broad(_) | Source::Detail(About::OneAlarm(_)), _) => true,
        (Source::Detail(_), Step::Page { page, .. }) => {
            matches!(page.answer, Answer::SecretsManager(secretsmanager::Answer::DescribeSecret(_)))
        }
        (Source::Detail(_), Step::Gap { .. } | Step::End { .. }) => false,
    }
}

/// What is known has changed: what is drawn may have too, and conclusions and lists must be made again before
/// they are used. That is work over all rows, so only where those are concerned.
fn changed(model: &mut Model, of_rows: bool) {
    model.change.maybe = true;
    if of_rows {
        model.picture.stale = true;
        model.lists.spoil();
    }
}

/// Whether a message may change what is drawn without a person having done anything.
pub fn is_quiet(model: &Model, msg: &Msg) -> bool {
    match msg {
        Msg::Now(now) => now.as_second().div_euclid(60) != model.now.as_second().div_euclid(60),
        Msg::Walk(_) | Msg::Due(_) => true,
        Msg::Key(_)
        | Msg::Paste(_)
        | Msg::Resize { .. }
        | Msg::Focus(_)
        | Msg::Mouse { .. }
        | Msg::Opened(_)
        | Msg::AskSecret { .. }
        | Msg::SecretEntered { .. }
        | Msg::SecretDone { .. }
        | Msg::Runs(_)
        | Msg::Still(_)
        | Msg::Copied(_) => false,
    }
}

/// What follows from where the model now is: what is looked at, what need not be walked on, when to wake.
pub fn follow(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Link::Open(_) = model.link {
        let wanted = model.wanted();
        if wanted != model.walks.looking {
            for old in model.walks.looking.iter().filter(|s| !s.is_broad() && !wanted.contains(s)) {
                effects.push(Effect::Stop(old.clone()));
            }
            effects.push(Effect::Looking(wanted.clone()));
            model.walks.looking = wanted;
        }
    }
    let wake = crate::estate::time::plus_seconds(model.minute(), 60);
    if model.walks.wake != Some(wake) {
        model.walks.wake = Some(wake);
        effects.push(Effect::Wake(wake));
    }
    effects
}
