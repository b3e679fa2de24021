//! What surrounds every screen: who and where, the tabs, what concerns everything, how fresh it is, what
//! may be pressed, and the line where text is typed.

use crate::console::layout;
use crate::console::model::{Link, Model, Overlay, Screen, SecretBox};
use crate::console::sheet::line::{Line, cut_end, cut_middle, width, wrap};
use crate::console::widgets::paint::style_of;
use crate::console::widgets::{Paint, boxed};
use crate::controls::{Action, Role};
use crate::insight::words;
use ratatui::layout::{Position, Rect};

/// Context, account, Region, principal and the time; the least important leave first.
pub fn band(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let colour = model.setup.context.colour.as_deref();
    let style = model.theme().map_or_else(Default::default, |t| style_of(t.band(colour)));
    paint.buf.set_style(area, style);
    let room = usize::from(area.width).saturating_sub(2);
    let mut marks: Vec<(Role, &str)> = Vec::new();
    if model.practice() {
        marks.push((Role::Practice, " PRACTICE "));
    }
    if model.setup.context.read_only {
        marks.push((Role::ReadOnly, " READ-ONLY "));
    }
    let clock = model.minute().strftime("%H:%M UTC").to_string();
    let marked: usize = marks.iter().map(|(_, m)| width(m) + 1).sum();
    let (parts, with_clock) = fit(model, paint, room, marked, width(&clock));
    let mut x = area.x + 1;
    let right = area.right();
    let dot = format!(" {} ", paint.glyphs.dot);
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            x += paint.styled(x, area.y, right.saturating_sub(x), style, &dot);
        }
        let own = if i == 0 { style.add_modifier(ratatui::style::Modifier::BOLD) } else { style };
        x += paint.styled(x, area.y, right.saturating_sub(x), own, part);
    }
    for (role, mark) in marks {
        x += 1;
        x += paint.text(x, area.y, right.saturating_sub(x), role, mark);
    }
    if with_clock {
        let w = u16::try_from(width(&clock)).unwrap_or(0);
        paint.styled(right.saturating_sub(w + 1), area.y, w, style, &clock);
    }
}

/// The parts of the band that fit: the context is cut in its middle last of all.
fn fit(model: &Model, paint: &Paint<'_>, room: usize, marked: usize, clock: usize) -> (Vec<String>, bool) {
    let loading = paint.glyphs.loading;
    let inventory = &model.inventory;
    let context = model.setup.context.name.shown().to_string();
    let alias = match inventory.alias.value() {
        Some(Some(alias)) => Some(alias.shown().to_string()),
        Some(None) | None => None,
    };
    let account = match inventory.identity.value() {
        Some(id) => id.account.to_string(),
        None if inventory.identity.fault().is_some() => format!("account {}", paint.glyphs.unreadable),
        None => format!("account {loading}"),
    };
    let region = model.region().map_or_else(|| format!("Region {loading}"), ToString::to_string);
    let principal = inventory.identity.value().map(|id| id.principal().shown().to_string());
    let long = alias.as_ref().map_or(account.clone(), |a| format!("{a} {account}"));
    let short = alias.unwrap_or(account);
    let with = |account: &str, region: Option<&str>, principal: Option<&str>| -> Vec<String> {
        let rest = [Some(account), region, principal];
        std::iter::once(context.clone()).chain(rest.into_iter().flatten().map(str::to_owned)).collect()
    };
    let who = principal.as_deref();
    let choices = [
        (with(&long, Some(&region), who), true),
        (with(&short, Some(&region), who), true),
        (with(&short, Some(&region), None), true),
        (with(&short, Some(&region), None), false),
        (with(&short, None, None), false),
    ];
    let takes = |parts: &[String], clocked: bool| {
        parts.iter().map(|p| width(p) + 3).sum::<usize>() - 3 + marked + if clocked { clock + 2 } else { 0 }
    };
    if let Some(good) = choices.into_iter().find(|(parts, clocked)| takes(parts, *clocked) <= room) {
        return good;
    }
    (vec![cut_middle(&context, room.saturating_sub(marked).max(1), paint.glyphs.cut)], false)
}

/// The tabs, or the way to the detail that is open.
pub fn tabs(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    if model.screen().is_detail() {
        let mut line = crumbs(model, paint, usize::from(area.width));
        line.right = model.headline();
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        paint.line(area, &line);
        return;
    }
    let here = model.screen().tab();
    for (i, (tab, at)) in layout::hit::tabs(model, area).into_iter().enumerate() {
        let text = layout::hit::tab_text(model, tab, i + 1);
        if tab == here {
            paint.text(at.x, at.y, at.width, Role::Accent, &format!("[{text}]"));
        } else {
            let (number, name) = text.split_at(1);
            let role = if model.picture.needing(tab) > 0 { Role::Text } else { Role::Dim };
            let used = paint.text(at.x + 1, at.y, at.width.saturating_sub(2).max(1), Role::Key, number);
            paint.text(at.x + 1 + used, at.y, at.width.saturating_sub(2 + used), role, name);
        }
    }
}

fn crumbs(model: &Model, paint: &Paint<'_>, room: usize) -> Line {
    let screen = model.screen();
    let from = match screen {
        Screen::Freshness => String::new(),
        Screen::Contain(suspect) => {
            format!("Contain {} {} ", paint.glyphs.crumb, suspect.kind.word())
        }
        Screen::Overview | Screen::Alarms | Screen::Queues | Screen::Waf | Screen::Secrets | Screen::Runs => {
            String::new()
        }
        Screen::Alarm(_)
        | Screen::Queue(_)
        | Screen::Acl(_)
        | Screen::Secret(_)
        | Screen::Runbook(_)
        | Screen::Plan
        | Screen::Incident(_)
        | Screen::Run(_) => {
            format!("{} {} ", screen.tab().title(), paint.glyphs.crumb)
        }
    };
    let name = match screen {
        Screen::Freshness => "Freshness".to_owned(),
        Screen::Plan => "Plan".to_owned(),
        other => model.name_of(other).map_or(String::new(), |n| n.shown().to_string()),
    };
    let keep = room.saturating_sub(width(&from) + 2);
    Line::of(Role::Dim, from).and(Role::Strong, cut_middle(&name, keep, paint.glyphs.cut))
}

/// What concerns everything, with what mends it.
pub fn banner(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let Some(fault) = model.trouble().filter(|_| area.height > 0) else { return };
    paint.over(area, Role::Banner);
    let mut text = fault.to_string();
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    if matches!(model.link, Link::Open(_)) {
        text.push_str(". What is shown was known before; it goes on by itself.");
    }
    let room = usize::from(area.width).saturating_sub(2);
    let mut lines = wrap(&text, room.max(1));
    let rows = usize::from(area.height);
    if lines.len() > rows {
        let rest = lines.split_off(rows - 1).join(" ");
        lines.push(cut_end(&rest, room, paint.glyphs.cut));
    }
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        paint.text(area.x + 1, y, area.width.saturating_sub(1), Role::Banner, &line);
    }
}

/// How old and complete everything is.
pub fn status(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let mut line = model.freshness_line(usize::from(inner.width));
    if !model.screen().is_detail() && area.width >= 60 {
        let list = model.lists.of(model.screen().tab());
        // Systems have a place of their own below, and are no part of what is counted.
        if list.things() > layout::page(model) && list.selected_system().is_none() {
            let (at, all) = (list.cursor.index() as u64 + 1, list.things() as u64);
            line = line.ending(Role::Dim, format!("{} of {}", words::count(at), words::count(all)));
        }
    }
    paint.line(inner, &line);
}

/// What may be pressed here, from the keymap in use; what cannot be done now is greyed.
pub fn footer(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let Some(keymap) = model.keymap().filter(|_| area.height > 0) else { return };
    let place = model.screen().place();
    let last = if *model.screen() == Screen::Overview { Action::Quit } else { Action::Back };
    let end = keymap.hint(place, last).map(|keys| (keys, short(last)));
    let end_width = end.as_ref().map_or(0, |(k, w)| width(k) + 1 + width(w));
    let mut x = area.x + 1;
    let limit = area.right().saturating_sub(u16::try_from(end_width + 3).unwrap_or(0));
    let must = [Action::Help];
    let must_width: usize = must
        .iter()
        .filter_map(|a| keymap.hint(place, *a).map(|k| width(&k) + 1 + width(short(*a)) + 3))
        .sum();
    let moving = model.run_here().is_some_and(|run| model.is_moving(run));
    for action in if moving { MOVING } else { offered(model.screen()) } {
        let Some(keys) = keymap.hint(place, *action).map(|k| lead(*action, &k)) else { continue };
        let words = short(*action);
        let wide = u16::try_from(width(&keys) + 1 + width(words)).unwrap_or(u16::MAX);
        let reserve = if must.contains(action) { 0 } else { u16::try_from(must_width).unwrap_or(0) };
        if x + wide + reserve > limit {
            continue;
        }
        let on = model.enabled(*action);
        let (key, doc) = if on { (Role::Key, Role::KeyDoc) } else { (Role::KeyOff, Role::KeyOff) };
        x += paint.text(x, area.y, wide, key, &keys) + 1;
        x += paint.text(x, area.y, wide, doc, words) + 3;
    }
    if let Some((keys, words)) = end {
        let x = area.right().saturating_sub(u16::try_from(end_width + 1).unwrap_or(0)).max(area.x);
        let used = paint.text(x, area.y, area.right() - x, Role::Key, &keys);
        paint.text(x + used + 1, area.y, area.right().saturating_sub(x + used + 1), Role::KeyDoc, words);
    }
}

/// What a footer offers while a run moves messages: how to stop it comes first.
const MOVING: &[Action] = &[Action::StopMoving, Action::AddNote, Action::CopyReport, Action::Help];

/// What a footer offers on a screen, the most useful first.
fn offered(screen: &Screen) -> &'static [Action] {
    match screen {
        Screen::Overview => &[Action::Open, Action::Filter, Action::Palette, Action::Freshness, Action::Help],
        Screen::Alarms | Screen::Queues | Screen::Secrets => &[
            Action::Open,
            Action::Filter,
            Action::SortNext,
            Action::ToggleDetail,
            Action::CopyName,
            Action::Palette,
            Action::Help,
        ],
        Screen::Waf => &[
            Action::Open,
            Action::Filter,
            Action::SortNext,
            Action::Samples,
            Action::ToggleDetail,
            Action::Palette,
            Action::Help,
        ],
        Screen::Queue(_) => &[
            Action::Redrive,
            Action::Peek,
            Action::Drain,
            Action::Export,
            Action::CopyName,
            Action::Related,
            Action::Palette,
            Action::Help,
        ],
        Screen::Alarm(_) => &[
            Action::Related,
            Action::ChartLonger,
            Action::ChartShorter,
            Action::CopyName,
            Action::Palette,
            Action::Help,
        ],
        Screen::Acl(_) => {
            &[Action::Samples, Action::Related, Action::CopyName, Action::Palette, Action::Help]
        }
        Screen::Runs => {
            &[Action::Open, Action::StartRun, Action::GoOn, Action::Filter, Action::Palette, Action::Help]
        }
        Screen::Runbook(_) => &[Action::StartRun, Action::Palette, Action::Help],
        Screen::Plan => &[Action::StartRun, Action::EditInputs, Action::Palette, Action::Help],
        // What is done to the line under the cursor comes before what is said of the whole.
        Screen::Incident(_) => &[
            Action::Open,
            Action::SetAside,
            Action::CloseIncident,
            Action::AddNote,
            Action::Decide,
            Action::NextPhase,
            Action::CopyReport,
            Action::Help,
        ],
        Screen::Run(_) => &[
            Action::GoOn,
            Action::Answer,
            Action::AddNote,
            Action::Abort,
            Action::Undo,
            Action::Contain,
            Action::CopyReport,
            Action::Help,
        ],
        Screen::Secret(_) => &[
            Action::Rotate,
            Action::UpdateSecret,
            Action::Contain,
            Action::CopyName,
            Action::Palette,
            Action::Help,
        ],
        Screen::Contain(_) => &[Action::Open, Action::CopyName, Action::Palette, Action::Help],
        Screen::Freshness => &[Action::Refresh, Action::Palette, Action::Help],
    }
}

/// The keys as a footer shows them: all ways of copying begin with the same key, and a box says the rest.
fn lead(action: Action, keys: &str) -> String {
    let first = keys.split(' ').next().unwrap_or(keys);
    if action == Action::CopyName { first.to_owned() } else { keys.to_owned() }
}

/// An action in one or two words, for a footer.
fn short(action: Action) -> &'static str {
    match action {
        Action::Open => "open",
        Action::Filter => "filter",
        Action::Palette => "do",
        Action::Freshness => "freshness",
        Action::Help => "keys",
        Action::SortNext => "order",
        Action::ToggleDetail => "beside",
        Action::CopyName => "copy",
        Action::Samples => "samples",
        Action::Related => "related",
        Action::ChartLonger => "longer",
        Action::ChartShorter => "shorter",
        Action::Refresh => "ask again",
        Action::StartRun => "start",
        Action::GoOn => "go on",
        Action::UpdateSecret => "update",
        Action::CopyReport => "export",
        Action::NextPhase => "phase",
        Action::SetAside => "aside",
        Action::CloseIncident => "close",
        Action::Quit => "quit",
        Action::Back => "back",
        other => other.name(),
    }
}

/// The last line, where it is needed for something else: a filter that is typed, or what was just done.
pub fn last(model: &Model, paint: &mut Paint<'_>, area: Rect) -> Option<Position> {
    if area.height == 0 || area.width == 0 {
        return None;
    }
    if model.overlay == Some(Overlay::Filter) {
        let list = model.lists.of(model.screen().tab());
        paint.clear(area);
        let count = match &list.complaint {
            Some(words) => words.clone(),
            None => format!("{} of {}", list.things(), list.total),
        };
        let role = if list.complaint.is_some() { Role::Soon } else { Role::Dim };
        let count_width = u16::try_from(width(&count)).unwrap_or(0);
        let mut x = area.x + 1;
        x += paint.text(x, area.y, area.width, Role::Accent, "/");
        let counted = area.width > count_width + 20;
        let room = if counted { area.width - count_width - 5 } else { area.width.saturating_sub(3) };
        let shown = typed(&list.filter, usize::from(room));
        paint.text(x, area.y, room, Role::Text, &shown.text);
        if counted {
            paint.text(area.right() - count_width - 1, area.y, count_width, role, &count);
        }
        return Some(Position { x: x + shown.cursor, y: area.y });
    }
    if let Some(note) = &model.note {
        paint.clear(area);
        let role = if note.wrong { Role::Soon } else { Role::Notice };
        let text = cut_end(&note.words, usize::from(area.width.saturating_sub(2)), paint.glyphs.cut);
        paint.text(area.x + 1, area.y, area.width.saturating_sub(1), role, &text);
    }
    None
}

/// Typed text as it is seen in its room.
pub struct Typed {
    /// The part around the cursor.
    pub text: String,
    /// Where the cursor is in it, in columns.
    pub cursor: u16,
}

/// The part of a typed text that fits, with the cursor in it.
pub fn typed(typing: &crate::console::model::Typing, room: usize) -> Typed {
    let shown = |t: &str| crate::estate::Untrusted::from(t).shown().to_string();
    let before = shown(typing.before());
    let all = shown(typing.text());
    let wide = width(&before);
    if wide < room.max(1) {
        let text = crate::console::sheet::line::head(&all, room).to_owned();
        return Typed { text, cursor: u16::try_from(wide).unwrap_or(0) };
    }
    // The end of what stands before the cursor.
    let mut from = before.len();
    let mut used = 0;
    for (i, c) in before.char_indices().rev() {
        used += width(c.encode_utf8(&mut [0; 4]));
        if used + 1 > room {
            break;
        }
        from = i;
    }
    let text = before[from..].to_owned();
    let cursor = u16::try_from(width(&text)).unwrap_or(0);
    Typed { text, cursor }
}

/// A question for something secret. Only as many dots as characters were typed are known here.
pub fn secret(paint: &mut Paint<'_>, area: Rect, secret: &SecretBox) -> Option<Position> {
    let wide = area.width.min(64);
    let room = usize::from(wide.saturating_sub(4)).max(1);
    let question = crate::estate::Untrusted::from(secret.question.as_str()).shown().to_string();
    let lines = wrap(&question, room);
    let rows = u16::try_from(lines.len() + 7).unwrap_or(u16::MAX);
    let inside = boxed(paint, area, wide, rows, "Something secret is needed");
    let mut y = inside.y;
    for line in lines.iter().take(usize::from(inside.height.saturating_sub(1)).max(1)) {
        paint.text(inside.x, y, inside.width, Role::Text, line);
        y += 1;
    }
    y = (y + 1).min(inside.bottom().saturating_sub(1));
    let dots = paint.glyphs.ok.repeat(secret.len.min(usize::from(inside.width.saturating_sub(1))));
    let used = paint.text(inside.x, y, inside.width, Role::Strong, &dots);
    if y + 2 < inside.bottom() + 1 && inside.height >= 5 {
        let length = crate::insight::words::counted(secret.len as u64, "character");
        if inside.bottom() - 2 > y {
            paint.text(inside.x, inside.bottom() - 2, inside.width, Role::Dim, &length);
        }
        let hint = "enter answers   esc gives no answer";
        paint.text(inside.x, inside.bottom() - 1, inside.width, Role::Dim, hint);
    }
    Some(Position {
        x: (inside.x + used).min(area.right().saturating_sub(1)),
        y: y.min(area.bottom().saturating_sub(1)),
    })
}
