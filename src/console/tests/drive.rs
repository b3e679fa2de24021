//! Drives the console in tests as the terminal and the engine do: keys in, effects carried out against a
//! small estate, walks answered at once or held back.

use super::world::{REGION, World, now};
use crate::config::Config;
use crate::console::model::Screen;
use crate::console::{Effect, KeepOrder, Model, Msg, Opened, RunsOrder, Setup, WhoseOrder, update, view};
use crate::controls::choice::File;
use crate::controls::{Choice, ColourDepth, Glyphs, Key, Keymap, Role, Theme, keymap_file, theme_file};
use crate::estate::{Change, Consent, Context, Page, Query, Region, RunId, Ticket, Timestamp, follow};
use crate::insight::{Source, Spend, Step, WalkEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub fn setup(size: (u16, u16)) -> Setup {
    let file = |all: &[(&str, &'static str)], name: &str| {
        let text = all.iter().find(|(known, _)| *known == name).unwrap().1;
        File { name: name.into(), path: name.into(), text: text.into() }
    };
    Setup {
        context: Context {
            region: Region::new(REGION),
            production: true,
            colour: Some("red".to_owned()),
            ..Context::named("prod-eu")
        },
        practice: false,
        keymaps: Choice::new(Keymap::shipped("default").unwrap(), [file(keymap_file::SHIPPED, "vim")]),
        themes: Choice::new(
            Theme::shipped("dark").unwrap(),
            ["light", "mono"].map(|name| file(theme_file::SHIPPED, name)),
        ),
        depth: ColourDepth::True,
        size,
        now: now(),
        glyphs: Glyphs::UNICODE,
        mouse: false,
        config: Arc::new(Config::default()),
    }
}

/// The same effect once more, to look at. A consent cannot be copied, so those are left out of theirs.
fn twin(effect: &Effect) -> Effect {
    match effect {
        Effect::Open(context) => Effect::Open(context.clone()),
        Effect::Walk { source, ticket, roots, urgent } => {
            Effect::Walk { source: source.clone(), ticket: *ticket, roots: roots.clone(), urgent: *urgent }
        }
        Effect::Stop(source) => Effect::Stop(source.clone()),
        Effect::Looking(sources) => Effect::Looking(sources.clone()),
        Effect::Walked { source, standing } => {
            Effect::Walked { source: source.clone(), standing: standing.clone() }
        }
        Effect::RefreshNow(source) => Effect::RefreshNow(source.clone()),
        Effect::AskAnew(source) => Effect::AskAnew(source.clone()),
        Effect::Wake(at) => Effect::Wake(*at),
        Effect::Copy(text) => Effect::Copy(text.clone()),
        Effect::CaptureSecret { ticket } => Effect::CaptureSecret { ticket: *ticket },
        Effect::CancelSecret { ticket } => Effect::CancelSecret { ticket: *ticket },
        Effect::Runs(order) => Effect::Runs(twin_order(order)),
        Effect::Still(ticket) => Effect::Still(*ticket),
        Effect::Mouse(on) => Effect::Mouse(*on),
        Effect::Suspend => Effect::Suspend,
        Effect::Redraw => Effect::Redraw,
        Effect::Quit(code) => Effect::Quit(*code),
    }
}

fn twin_order(order: &RunsOrder) -> RunsOrder {
    match order {
        RunsOrder::List => RunsOrder::List,
        RunsOrder::Read(id) => RunsOrder::Read(id.clone()),
        RunsOrder::Plan { ticket, book, given } => {
            RunsOrder::Plan { ticket: *ticket, book: book.clone(), given: given.clone() }
        }
        RunsOrder::Start { plan } => RunsOrder::Start { plan: plan.clone() },
        RunsOrder::GoOn(id) => RunsOrder::GoOn(id.clone()),
        RunsOrder::Consent { run, .. } => RunsOrder::Consent { run: run.clone(), consents: Vec::new() },
        RunsOrder::Arm { run, alias } => RunsOrder::Arm { run: run.clone(), alias: alias.clone() },
        RunsOrder::Set { run, values } => RunsOrder::Set { run: run.clone(), values: values.clone() },
        RunsOrder::Attest { run, text } => RunsOrder::Attest { run: run.clone(), text: text.clone() },
        RunsOrder::PassOver { run, why } => RunsOrder::PassOver { run: run.clone(), why: why.clone() },
        RunsOrder::Note { run, text } => RunsOrder::Note { run: run.clone(), text: text.clone() },
        RunsOrder::Decide { run, happened } => RunsOrder::Decide { run: run.clone(), happened: *happened },
        RunsOrder::Peek { ticket, retention_s, masks, consent } => RunsOrder::Peek {
            ticket: *ticket,
            retention_s: *retention_s,
            masks: masks.clone(),
            consent: Box::new(Consent::recall(consent.change().clone(), consent.given().clone()).unwrap()),
        },
        RunsOrder::Export(order) => RunsOrder::Export(Box::new(KeepOrder {
            consent: Consent::recall(order.consent.change().clone(), order.consent.given().clone()).unwrap(),
            queue: order.queue.clone(),
            of: order.of.clone(),
            by: order.by.clone(),
            ..**order
        })),
        RunsOrder::StopExport(queue) => RunsOrder::StopExport(queue.clone()),
        RunsOrder::Whose(order) => RunsOrder::Whose(Box::new(WhoseOrder {
            consent: Consent::recall(order.consent.change().clone(), order.consent.given().clone()).unwrap(),
            queue: order.queue.clone(),
            functions: order.functions.clone(),
            masks: order.masks.clone(),
            ticket: order.ticket,
        })),
        RunsOrder::StopWhose(queue) => RunsOrder::StopWhose(queue.clone()),
        RunsOrder::FindExport { ticket, queue, of } => {
            RunsOrder::FindExport { ticket: *ticket, queue: queue.clone(), of: of.clone() }
        }
        RunsOrder::StopMoving(id) => RunsOrder::StopMoving(id.clone()),
        RunsOrder::Abort(id) => RunsOrder::Abort(id.clone()),
        RunsOrder::Undo(id) => RunsOrder::Undo(id.clone()),
        RunsOrder::Report(id) => RunsOrder::Report(id.clone()),
        RunsOrder::Leave => RunsOrder::Leave,
        RunsOrder::Incident(order) => RunsOrder::Incident(order.clone()),
    }
}

/// A console over a small estate.
pub struct Bench {
    pub model: Model,
    pub world: World,
    /// Every effect so far.
    pub effects: Vec<Effect>,
    /// Events of walks that are held back.
    pub held: Vec<WalkEvent>,
    /// Whether walks are answered at once.
    pub answering: bool,
    /// What was agreed to so far, and in which run.
    pub agreed: Vec<(RunId, Vec<Change>)>,
    /// Who wants to know when the keyboard is still.
    pub listening: Option<Ticket>,
    todo: VecDeque<Effect>,
}

impl Bench {
    /// A console that has just started: the context is not open yet.
    pub fn cold(world: World, size: (u16, u16)) -> Self {
        Self::with(world, setup(size))
    }

    pub fn with(world: World, setup: Setup) -> Self {
        let (model, first) = Model::new(setup);
        Self {
            model,
            world,
            effects: first,
            held: Vec::new(),
            answering: true,
            agreed: Vec::new(),
            listening: None,
            todo: VecDeque::new(),
        }
    }

    /// A console whose estate has answered everything.
    pub fn open(world: World, size: (u16, u16)) -> Self {
        let mut bench = Self::cold(world, size);
        bench.open_now();
        bench
    }

    pub fn open_now(&mut self) {
        let region = Region::new(REGION).unwrap();
        self.tell(Msg::Opened(Ok(Opened { region, practice: false })));
    }

    /// Tells the console something and carries out what it wants.
    pub fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        let effects = update(&mut self.model, msg);
        let told = effects.iter().map(twin).collect();
        self.effects.extend(effects.iter().map(twin));
        self.todo.extend(effects);
        while let Some(effect) = self.todo.pop_front() {
            self.carry_out(effect);
        }
        told
    }

    fn pass(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        self.effects.extend(effects.iter().map(twin));
        self.todo.extend(effects);
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Looking(sources) => {
                for source in sources {
                    let never = self.model.inventory.standing(&source).seen().is_none();
                    if never && !self.model.walks.current.contains_key(&source) {
                        self.pass(Msg::Due(source));
                    }
                }
            }
            Effect::RefreshNow(source) | Effect::AskAnew(source) => self.pass(Msg::Due(source)),
            Effect::Walk { source, ticket, roots, .. } => {
                let events = self.walk(&source, ticket, roots);
                if self.answering {
                    for event in events {
                        self.pass(Msg::Walk(event));
                    }
                } else {
                    self.held.extend(events);
                }
            }
            Effect::Runs(RunsOrder::Consent { run, consents }) => {
                self.agreed.push((run, consents.iter().map(|c| c.change().clone()).collect()));
            }
            Effect::Still(ticket) => self.listening = Some(ticket),
            Effect::Open(_)
            | Effect::Runs(_)
            | Effect::Stop(_)
            | Effect::Walked { .. }
            | Effect::Wake(_)
            | Effect::Copy(_)
            | Effect::CaptureSecret { .. }
            | Effect::CancelSecret { .. }
            | Effect::Mouse(_)
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Quit(_) => {}
        }
    }

    /// No key comes for a moment.
    pub fn rest(&mut self) -> Vec<Effect> {
        self.listening.take().map_or(Vec::new(), |ticket| self.tell(Msg::Still(ticket)))
    }

    /// What is ordered about runs, so far.
    pub fn orders(&self) -> Vec<&RunsOrder> {
        let orders = self.effects.iter().filter_map(|e| match e {
            Effect::Runs(order) => Some(order),
            _ => None,
        });
        orders.collect()
    }

    /// The events of a walk, as the engine sends them.
    pub fn walk(&self, source: &Source, ticket: Ticket, roots: Vec<Query>) -> Vec<WalkEvent> {
        let sent = self.model.now;
        let mut steps = Vec::new();
        let mut asked: Vec<Query> = Vec::new();
        let mut todo: VecDeque<(Query, bool)> = roots.into_iter().map(|q| (q, true)).collect();
        let mut calls = 0;
        while let Some((query, root)) = todo.pop_front() {
            if asked.contains(&query) {
                continue;
            }
            asked.push(query.clone());
            calls += 1;
            match self.world.answer(&query) {
                Ok(answer) => {
                    let page = Page { answer, next: None, sent };
                    todo.extend(follow(&query, &page).into_iter().map(|q| (q, false)));
                    steps.push(Step::Page { query, page, first: true });
                }
                Err(fault) => steps.push(Step::Gap { query, root, fault: Arc::new(fault) }),
            }
        }
        steps.push(Step::End { began: sent, spend: Spend { calls, ..Spend::default() } });
        let of = |step| WalkEvent { source: source.clone(), ticket, step };
        steps.into_iter().map(of).collect()
    }

    /// Everything is walked again, as after an interval.
    pub fn refresh(&mut self) {
        for source in self.model.wanted() {
            self.tell(Msg::Due(source));
        }
    }

    pub fn at(&mut self, now: Timestamp) {
        self.tell(Msg::Now(now));
    }

    /// Presses keys, written as in a keymap file.
    pub fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let keys = Key::parse_sequence(keys).unwrap();
        keys.into_iter().flat_map(|key| self.tell(Msg::Key(key))).collect()
    }

    /// Opens a screen, wherever it is.
    pub fn go(&mut self, screen: Screen) -> Vec<Effect> {
        let name = self.model.arn_of(&screen).map(|n| n.wire().to_owned());
        if screen == Screen::Freshness {
            return self.keys("f");
        }
        let effects = self.tell(Msg::Paste(name.unwrap_or_default()));
        if *self.model.screen() != screen {
            // Something that is gone: as a place in history can be.
            self.model.overlay = None;
            self.model.trail.go(screen);
        }
        effects
    }

    /// Types text, character by character.
    pub fn type_in(&mut self, text: &str) {
        for c in text.chars() {
            self.tell(Msg::Key(Key::char(c)));
        }
    }

    pub fn buffer(&mut self) -> Buffer {
        self.model.take_dirty();
        let (width, height) = self.model.size();
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        view::draw(&self.model, area, &mut buf);
        buf
    }

    /// What is on screen.
    pub fn screen(&mut self) -> String {
        text(&self.buffer())
    }

    /// What is on screen, and below it in which roles: one letter a cell.
    pub fn styled(&mut self) -> String {
        let buf = self.buffer();
        let theme = self.model.theme().unwrap().clone();
        format!("{}---\n{}", text(&buf), styles(&buf, &theme))
    }
}

fn text(buf: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buf.area.width {
            let symbol = buf.cell((x, y)).unwrap().symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = crate::console::sheet::line::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A letter for each style, with what each stands for.
fn styles(buf: &Buffer, theme: &Theme) -> String {
    let names: Vec<(ratatui::style::Style, &str)> = Role::ALL
        .iter()
        .map(|r| (crate::console::widgets::paint::style_of(theme.style(*r)), r.name()))
        .collect();
    let mut letters: BTreeMap<String, char> = BTreeMap::new();
    let mut out = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        for x in 0..buf.area.width {
            let cell = buf.cell((x, y)).unwrap();
            let mut style = cell.style();
            style.sub_modifier = ratatui::style::Modifier::empty();
            let plain = style.fg == Some(ratatui::style::Color::Reset)
                && style.bg == Some(ratatui::style::Color::Reset)
                && style.add_modifier.is_empty();
            if plain {
                line.push(' ');
                continue;
            }
            let fg = |s: &ratatui::style::Style| s.fg.filter(|c| *c != ratatui::style::Color::Reset);
            let role = names
                .iter()
                .find(|(s, _)| fg(s) == fg(&style) && s.add_modifier == style.add_modifier)
                .map_or_else(|| "other".to_owned(), |(_, n)| (*n).to_owned());
            let laid = match style.bg {
                Some(ratatui::style::Color::Reset) | None => String::new(),
                Some(bg) => format!(" on {bg:?}"),
            };
            let next = char::from(b'a' + u8::try_from(letters.len().min(25)).unwrap());
            line.push(*letters.entry(format!("{role}{laid}")).or_insert(next));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    for (name, letter) in letters {
        out.push_str(&format!("{letter} {name}\n"));
    }
    out
}
