//! Going somewhere, and looking at what is there in another way.

use super::{incidents, noted};
use crate::console::effect::Effect;
use crate::console::model::enabled::QUEUE_HOURS;
use crate::console::model::lists::Row;
use crate::console::model::picture::{row_of, target_of};
use crate::console::model::{Link, List, Model, Note, Overlay, Screen, Tab};
use crate::console::sheet::Line;
use crate::insight::attention::Hint;
use crate::insight::{About, Source};

/// Opens `screen`. A thing is also selected in its list, so that leaving it finds it there.
pub fn to(model: &mut Model, screen: Screen) -> Vec<Effect> {
    model.overlay = None;
    near(model);
    if screen.is_detail() && !matches!(screen, Screen::Freshness | Screen::Contain(_)) {
        let list = model.lists.of_mut(screen.tab());
        let row = Row { screen: screen.clone(), part: 0 };
        if list.cursor.key() != Some(&row) {
            list.cursor.want(row);
            list.stale = true;
        }
        list.cursor.touch();
    }
    if model.screen().is_detail() || screen.is_detail() {
        // A detail that is opened anew is read from its top.
        model.reading.remove(&screen);
    }
    // What is opened from a list is what its person was looking at.
    model.lists.of_mut(model.trail.here().tab()).cursor.touch();
    model.trail.go(screen);
    Vec::new()
}

/// Opens what is selected.
pub fn open(model: &mut Model) -> Vec<Effect> {
    if *model.screen() == Screen::Overview {
        return need(model);
    }
    if let Screen::Contain(_) = model.screen() {
        return super::contain::choose(model);
    }
    if !model.screen().is_detail() {
        return model.thing().cloned().map_or(Vec::new(), |screen| to(model, screen));
    }
    let link = model.reading_here().link;
    let stops: Vec<_> = model.sheet().into_iter().filter(|l| l.is_stop()).collect();
    let selected = stops.into_iter().enumerate().filter(|(n, _)| *n <= link).last();
    selected.map_or(Vec::new(), |(_, line)| follow(model, line))
}

/// Goes where a line leads, or does what it is for.
pub fn follow(model: &mut Model, line: Line) -> Vec<Effect> {
    match (line.link, line.fold) {
        (Some(screen), _) => to(model, screen),
        (None, Some(due)) if matches!(model.screen(), Screen::Incident(_)) => incidents::recover(model, &due),
        (None, Some(step)) => fold(model, &step),
        (None, None) => Vec::new(),
    }
}

/// Unfolds a step of the run on screen, or folds it up again; it is then the selected one.
pub fn fold(model: &mut Model, step: &str) -> Vec<Effect> {
    let Screen::Run(id) = model.screen().clone() else { return Vec::new() };
    let mut reading = model.reading_here();
    if let Some(at) =
        model.sheet().iter().filter(|l| l.is_stop()).position(|l| l.fold.as_deref() == Some(step))
    {
        reading.link = at;
    }
    model.reading.insert(Screen::Run(id.clone()), reading);
    model.turn_fold(&id, step);
    Vec::new()
}

/// One step back in history, or forward again.
pub fn history(model: &mut Model, back: bool) -> Vec<Effect> {
    near(model);
    if back {
        model.trail.back();
    } else {
        model.trail.forward();
    }
    Vec::new()
}

/// Goes where the selected entry of the overview leads; samples are also asked for.
fn need(model: &mut Model) -> Vec<Effect> {
    let list = &model.lists.overview;
    let Some(row) = list.order.get(list.cursor.index()) else { return Vec::new() };
    if let Some(place) = row.system() {
        return system(model, place);
    }
    let entry = model.picture.needs.iter().find(|n| row_of(n) == *row);
    let Some((target, hint)) = entry.map(|n| (target_of(n), n.next)) else { return Vec::new() };
    if hint == Hint::Samples
        && let Screen::Acl(arn) = &target
    {
        model.sampled.insert(arn.clone());
    }
    to(model, target)
}

/// Shows what belongs to a system: every list is filtered to it, and the first one is opened.
fn system(model: &mut Model, place: usize) -> Vec<Effect> {
    let Some(name) = model.setup.config.systems.get(place).map(|s| s.name.wire().to_owned()) else {
        return Vec::new();
    };
    // A filter cannot hold a quotation mark: what is before it finds the system, as words begin so.
    let name = name.split('"').next().unwrap_or_default();
    let quote = if name.contains(char::is_whitespace) { "\"" } else { "" };
    for tab in Tab::ALL.into_iter().filter(|tab| *tab != Tab::Overview) {
        let list = model.lists.of_mut(tab);
        list.filter.clear();
        list.filter.insert(&format!("system:{quote}{name}{quote}"));
        list.stale = true;
    }
    to(model, Screen::Alarms)
}

/// Goes to the one related thing, or lets the person choose among several.
pub fn related(model: &mut Model, which: impl Fn(&Screen) -> bool) -> Vec<Effect> {
    let targets = model.links().into_iter().filter(|s| which(s)).collect();
    lead(model, targets)
}

fn lead(model: &mut Model, mut targets: Vec<Screen>) -> Vec<Effect> {
    targets.dedup();
    match targets.len() {
        0 => noted(model, Note::bad("Nothing is known to belong to it")),
        1 => targets.pop().map_or(Vec::new(), |screen| to(model, screen)),
        _ => super::palette::among(model, targets),
    }
}

/// To the queue that sends its dead letters here, or to one of them.
pub fn sources(model: &mut Model) -> Vec<Effect> {
    let targets = model.thing().map_or(Vec::new(), |thing| model.sources_of(thing));
    lead(model, targets)
}

/// To the next tab, or (by one less than there are) the one before.
pub fn turn(model: &mut Model, by: usize) -> Vec<Effect> {
    let here = model.screen().tab();
    let index = Tab::ALL.iter().position(|t| *t == here).unwrap_or(0);
    let next = Tab::ALL[(index + by) % Tab::ALL.len()];
    to(model, next.screen())
}

/// One step out: of what lies over the screen, of a filter, of a detail, of a list.
pub fn back(model: &mut Model) -> Vec<Effect> {
    if model.overlay.take().is_some() {
        return Vec::new();
    }
    if model.screen().is_detail() {
        near(model);
        if !model.trail.back() {
            model.trail.up();
        }
        return Vec::new();
    }
    let list = model.lists.of_mut(model.trail.here().tab());
    if list.filter.is_empty() {
        model.trail.up();
    } else {
        list.filter.clear();
        list.stale = true;
    }
    Vec::new()
}

/// Begins (or goes on) typing the filter of the list.
pub fn filter(model: &mut Model) -> Vec<Effect> {
    model.overlay = Some(Overlay::Filter);
    change_list(model, |list| list.filter.end())
}

/// Changes the list on screen, whose rows are then arranged anew.
pub fn change_list(model: &mut Model, change: impl FnOnce(&mut List)) -> Vec<Effect> {
    let list = model.lists.of_mut(model.trail.here().tab());
    change(list);
    list.stale = true;
    Vec::new()
}

/// A longer or shorter time in the chart.
pub fn hours(model: &mut Model, longer: bool) -> Vec<Effect> {
    let (spans, here) = (model.chart_spans(), model.chart_hours());
    let next =
        if longer { spans.iter().find(|h| **h > here) } else { spans.iter().rev().find(|h| **h < here) };
    model.chart_hours = next.copied().unwrap_or(here);
    Vec::new()
}

/// A long time is wanted of one thing: each is asked for and paid for, so what is opened next begins with
/// the hours that are read anyway.
fn near(model: &mut Model) {
    model.chart_hours = model.chart_hours.min(QUEUE_HOURS);
}

/// Samples are asked for once each time a person wants them: they cost calls and say little twice.
pub fn samples(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Acl(arn)) = model.thing().cloned() else { return Vec::new() };
    let source = Source::Detail(About::AclSamples(arn.clone()));
    let new = model.sampled.insert(arn.clone());
    let mut effects = to(model, Screen::Acl(arn));
    if !new {
        effects.push(Effect::RefreshNow(source));
    }
    effects
}

/// Asks for everything that is looked at, now.
pub fn refresh(model: &mut Model) -> Vec<Effect> {
    if let Link::Failed(_) = model.link {
        model.link = Link::Opening;
        return vec![Effect::Open(model.setup.context.clone())];
    }
    model.note = Some(Note::good("asking AWS again"));
    let mut effects = incidents::anew(model);
    effects.extend(model.wanted().into_iter().map(Effect::RefreshNow));
    effects
}
