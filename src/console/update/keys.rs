//! From a key to what is done: the keymap decides by place and pending keys; plain characters are text
//! where text is typed.

use super::{
    confirm, contain, copy, export, forms, go, incidents, moves, noted, palette, peek, runs, settle, whose,
};
use crate::console::effect::Effect;
use crate::console::model::{Model, Note, Overlay, Screen, Tab, Typing};
use crate::controls::{Action, Key, KeyCode, Lookup, Place};
use crate::estate::Untrusted;

/// A key was pressed.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    settle(model);
    model.change.surely = true;
    model.note = None;
    if key.code() != KeyCode::Esc
        && let Err(effects) = confirm::counts(model)
    {
        return effects;
    }
    // A key that began something can be taken back with Esc, whatever Esc does otherwise.
    if !model.pending.is_empty() && key.code() == KeyCode::Esc {
        model.pending.clear();
        return Vec::new();
    }
    model.pending.push(key);
    let place = model.place();
    let lookup = model.keymap().map_or(Lookup::None, |k| k.lookup(place, &model.pending));
    match lookup {
        Lookup::Found(action) => {
            model.pending.clear();
            act(model, action)
        }
        Lookup::Pending(_) => Vec::new(),
        Lookup::None => {
            let alone = model.pending.len() == 1;
            let keys = std::mem::take(&mut model.pending);
            match key.text() {
                Some(c) if alone && place.takes_text() => typed(model, c.encode_utf8(&mut [0; 4])),
                Some(_) | None if !alone => {
                    noted(model, Note::bad(format!("{} does nothing here", Key::print_sequence(&keys))))
                }
                Some(_) | None => Vec::new(),
            }
        }
    }
}

/// Text was pasted: into what is being typed, else it names something to go to.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    settle(model);
    model.change.surely = true;
    model.note = None;
    model.pending.clear();
    match model.place() {
        Place::Prompt => Vec::new(), // a secret never comes this way
        Place::Filter | Place::Palette | Place::Form => typed(model, text),
        Place::Confirm | Place::Phrase => confirm::pasted(model),
        Place::Global
        | Place::Overview
        | Place::Alarms
        | Place::AlarmDetail
        | Place::Queues
        | Place::QueueDetail
        | Place::Waf
        | Place::WafDetail
        | Place::Secrets
        | Place::SecretDetail
        | Place::Runs
        | Place::RunbookDetail
        | Place::PlanDetail
        | Place::RunDetail
        | Place::IncidentDetail
        | Place::Contain
        | Place::Freshness
        | Place::Help => palette::pasted(model, text),
    }
}

fn typed(model: &mut Model, text: &str) -> Vec<Effect> {
    edit(model, |t| t.insert(text))
}

/// Changes what is being typed, and what follows from it.
fn edit(model: &mut Model, change: impl FnOnce(&mut Typing)) -> Vec<Effect> {
    match &mut model.overlay {
        Some(Overlay::Palette(open)) => {
            change(&mut open.typing);
            palette::search(model);
        }
        Some(Overlay::Filter) => {
            let list = model.lists.of_mut(model.trail.here().tab());
            let before = list.filter.text().to_owned();
            change(&mut list.filter);
            list.stale |= list.filter.text() != before;
        }
        Some(Overlay::Form(form)) => {
            form.complaint = None;
            match form.here_mut() {
                Some(field) if field.secret => {
                    form.complaint = Some(
                        "Nothing secret is typed here: it is asked for without echo when it is needed".into(),
                    );
                }
                Some(field) => change(&mut field.typing),
                None => {}
            }
        }
        Some(Overlay::Consent(open)) => change(&mut open.typing),
        Some(Overlay::Help { .. }) | None => {}
    }
    Vec::new()
}

/// The cursor of what is typed to the side; in a field with few values, to the next of them.
fn sideways(model: &mut Model, right: bool) -> Vec<Effect> {
    if let Some(Overlay::Form(form)) = &mut model.overlay
        && let Some(field) = form.here_mut()
    {
        if !field.choices.is_empty() {
            field.turn(right);
            return Vec::new();
        }
        if right && field.complete() {
            return Vec::new();
        }
    }
    edit(model, if right { Typing::right } else { Typing::left })
}

/// Does `action`, if it can be done.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if !model.enabled(action) {
        if action == Action::Back {
            return Vec::new(); // pressed again and again to get out; that it is out is seen
        }
        let words = runs::why_not(model, action)
            .unwrap_or_else(|| format!("Nothing here to: {}", action.doc().to_lowercase()));
        return noted(model, Note::bad(words));
    }
    match action {
        Action::Open => go::open(model),
        Action::Back => go::back(model),
        Action::ShowOverview => go::to(model, Screen::Overview),
        Action::ShowAlarms => go::to(model, Screen::Alarms),
        Action::ShowQueues => go::to(model, Screen::Queues),
        Action::ShowWaf => go::to(model, Screen::Waf),
        Action::ShowSecrets => go::to(model, Screen::Secrets),
        Action::ShowRuns => go::to(model, Screen::Runs),
        Action::Rotate => runs::rotate(model),
        Action::UpdateSecret => runs::update_secret(model),
        Action::Contain => contain::open(model),
        Action::Peek => peek::look(model),
        Action::Redrive => runs::redrive(model),
        Action::Export => export::export(model),
        Action::Whose => whose::whose(model),
        Action::Import => runs::import(model),
        Action::Purge => runs::purge(model),
        Action::Drain => runs::drain(model),
        Action::StopMoving => runs::stop_moving(model),
        Action::StartRun => runs::start(model),
        Action::EditInputs => runs::inputs(model),
        Action::GoOn => runs::go_on(model),
        Action::Answer => runs::answer(model),
        Action::AddNote => match model.incident_here().cloned() {
            Some(id) => incidents::note(model, id),
            None => runs::note(model),
        },
        Action::NewIncident => incidents::open(model),
        Action::AttachRun => incidents::attach(model),
        Action::Decide => incidents::decide(model),
        Action::NextPhase => incidents::next_phase(model),
        Action::SetAside => incidents::set_aside(model),
        Action::CloseIncident => incidents::close(model),
        Action::Undo => runs::undo(model),
        Action::Abort => runs::abort(model),
        Action::CopyReport => match model.incident_here().cloned() {
            Some(id) => incidents::report(id),
            None => runs::report(model),
        },
        Action::Agree => confirm::agree(model),
        Action::Decline => confirm::decline(model),
        Action::NextScreen => go::turn(model, 1),
        Action::PreviousScreen => go::turn(model, Tab::ALL.len() - 1),
        Action::HistoryBack => go::history(model, true),
        Action::HistoryForward => go::history(model, false),
        Action::Freshness => go::to(model, Screen::Freshness),
        Action::Related => go::related(model, |_| true),
        Action::AlarmQueue => go::related(model, |s| matches!(s, Screen::Queue(_))),
        Action::QueueSources => go::sources(model),
        Action::QueueAlarms | Action::AclAlarms => go::related(model, |s| matches!(s, Screen::Alarm(_))),
        Action::Down => moves::step(model, 1),
        Action::Up => moves::step(model, -1),
        Action::PageDown => moves::leaf(model, 2),
        Action::PageUp => moves::leaf(model, -2),
        Action::HalfPageDown => moves::leaf(model, 1),
        Action::HalfPageUp => moves::leaf(model, -1),
        Action::Top => moves::end(model, false),
        Action::Bottom => moves::end(model, true),
        Action::ScrollDown => moves::scroll(model, 1),
        Action::ScrollUp => moves::scroll(model, -1),
        Action::Filter => go::filter(model),
        Action::ClearFilter => go::change_list(model, |list| list.filter.clear()),
        Action::SortNext => go::change_list(model, |list| list.sort += 1),
        Action::SortReverse => go::change_list(model, |list| list.reverse = !list.reverse),
        Action::ToggleDetail => {
            model.beside = !model.beside;
            Vec::new()
        }
        Action::ChartLonger => go::hours(model, true),
        Action::ChartShorter => go::hours(model, false),
        Action::Samples => go::samples(model),
        Action::Refresh => go::refresh(model),
        Action::CopyName => copy::copy(model, |m| m.thing().and_then(|s| m.name_of(s))),
        Action::CopyArn => copy::copy(model, |m| m.thing().and_then(|s| m.arn_of(s))),
        Action::CopyUrl => copy::copy(model, copy::url),
        Action::CopyCli => copy::copy(model, |m| m.cli_here().map(Untrusted::from)),
        Action::CopyJson => copy::json(model),
        Action::Palette => palette::open(model),
        Action::Help => {
            model.overlay = Some(Overlay::Help { scroll: 0 });
            Vec::new()
        }
        Action::CycleTheme => {
            let depth = model.setup.depth;
            model.setup.themes.turn(|theme| theme.at(depth));
            let name = model.theme().map_or(String::new(), |t| t.name().to_owned());
            noted(model, Note::good(format!("theme {name}")))
        }
        Action::CycleKeymap => {
            model.setup.keymaps.turn(|keymap| keymap);
            let name = model.keymap().map_or(String::new(), |k| k.name().to_owned());
            noted(model, Note::good(format!("keymap {name}")))
        }
        Action::ToggleMouse => {
            model.mouse = !model.mouse;
            model.note = Some(Note::good(if model.mouse { "mouse on" } else { "mouse off" }));
            vec![Effect::Mouse(model.mouse)]
        }
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend => vec![Effect::Suspend],
        Action::Quit => {
            let mut effects: Vec<Effect> =
                model.secret.take().map(|s| Effect::CancelSecret { ticket: s.ticket }).into_iter().collect();
            effects.push(runs::leave(model));
            effects
        }
        Action::Accept => accept(model),
        Action::Cancel => cancel(model),
        Action::CursorLeft => sideways(model, false),
        Action::CursorRight => sideways(model, true),
        Action::CursorStart => edit(model, Typing::start),
        Action::CursorEnd => edit(model, Typing::end),
        Action::DeleteBack => edit(model, Typing::delete_back),
        Action::DeleteForward => edit(model, Typing::delete_forward),
        Action::DeleteWord => edit(model, Typing::delete_word),
        Action::DeleteLine => edit(model, Typing::delete_line),
    }
}

fn accept(model: &mut Model) -> Vec<Effect> {
    match &model.overlay {
        Some(Overlay::Palette(_)) => palette::accept(model),
        Some(Overlay::Form(_)) => forms::accept(model),
        Some(Overlay::Consent(_)) => confirm::accept(model),
        Some(Overlay::Filter | Overlay::Help { .. }) => {
            model.overlay = None;
            Vec::new()
        }
        None => Vec::new(), // an answer in a prompt is the terminal's business
    }
}

fn cancel(model: &mut Model) -> Vec<Effect> {
    if let Some(secret) = model.secret.take() {
        return vec![Effect::CancelSecret { ticket: secret.ticket }];
    }
    if let Some(Overlay::Consent(_)) = model.overlay {
        return confirm::decline(model);
    }
    if model.overlay == Some(Overlay::Filter) {
        let list = model.lists.of_mut(model.trail.here().tab());
        list.filter.clear();
        list.stale = true;
    }
    model.overlay = None;
    Vec::new()
}
