//! The console over the still estate, at 80x24, as text.

use crate::run::Kept;
use crate::still;
use bartizan::config::{Config, Glob, System};
use bartizan::console::{self, Effect, Model, Msg, Opened, RunsNews, Setup, view};
use bartizan::controls::{Choice, ColourDepth, Glyphs, Key, Keymap, Theme};
use bartizan::estate::{Ports, Untrusted};
use bartizan::insight::Source;
use bartizan::practice::Practice;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

const SIZE: (u16, u16) = (80, 24);

/// The systems that the practice estate is told by.
pub fn config() -> Config {
    let systems = Practice::patterns().unwrap().into_iter().map(|(name, globs)| System {
        name: Untrusted::from(name),
        tags: Vec::new(),
        names: globs.iter().filter_map(|glob| Glob::new(glob)).collect(),
    });
    Config { systems: systems.collect(), ..Config::default() }
}

struct Window {
    model: Model,
    ports: Ports,
    /// What was due already.
    asked: BTreeSet<Source>,
}

impl Window {
    fn tell(&mut self, msg: Msg) {
        let mut todo: VecDeque<Msg> = VecDeque::from([msg]);
        while let Some(msg) = todo.pop_front() {
            for effect in console::update(&mut self.model, msg) {
                match effect {
                    // Everything that is looked at is due once; nothing is polled, as no time passes.
                    Effect::Looking(sources) => {
                        let new = sources.into_iter().filter(|s| self.asked.insert(s.clone()));
                        todo.extend(new.map(Msg::Due));
                    }
                    Effect::AskAnew(source) | Effect::RefreshNow(source) => todo.push_back(Msg::Due(source)),
                    Effect::Walk { source, ticket, roots, .. } => {
                        let events = still::walk(&self.ports, &source, ticket, roots);
                        todo.extend(events.into_iter().map(Msg::Walk));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The screen after these keys, as the README has it.
pub fn picture(keys: &str) -> String {
    draw(&mut opened(), keys)
}

/// The page of a run, taken from the list of runs by these keys.
pub fn picture_of(kept: &Kept, keys: &str) -> String {
    let mut window = opened();
    let tell = |window: &mut Window, news| window.tell(Msg::Runs(news));
    tell(
        &mut window,
        RunsNews::Ready { books: vec![kept.book.clone()], commands: Vec::new(), refused: None },
    );
    tell(&mut window, RunsNews::List(Ok(kept.list.clone())));
    draw(&mut window, keys);
    tell(&mut window, RunsNews::Progress(kept.run.clone()));
    tell(&mut window, RunsNews::Halted { run: kept.run.clone(), halt: kept.halt.clone() });
    kept.named(&draw(&mut window, ""))
}

fn opened() -> Window {
    let setup = Setup {
        context: still::context(),
        practice: true,
        keymaps: Choice::new(Keymap::shipped("default").unwrap(), []),
        themes: Choice::new(Theme::shipped("dark").unwrap(), []),
        depth: ColourDepth::True,
        size: SIZE,
        now: still::now(),
        glyphs: Glyphs::UNICODE,
        mouse: false,
        config: Arc::new(config()),
    };
    let ports = still::estate(&[]);
    let opened = Opened { region: ports.region.clone(), practice: ports.practice };
    let mut window = Window { model: Model::new(setup).0, ports, asked: Default::default() };
    window.tell(Msg::Opened(Ok(opened)));
    window
}

fn draw(window: &mut Window, keys: &str) -> String {
    for key in keys.split_whitespace() {
        window.model.take_dirty();
        window.tell(Msg::Key(Key::parse(key).unwrap()));
    }
    window.model.take_dirty();
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut buffer = Buffer::empty(area);
    view::draw(&window.model, area, &mut buffer);
    text(&buffer)
}

fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer.cell((x, y)).unwrap().symbol();
            line.push_str(symbol);
            // What is two columns wide takes the cell after it.
            x += u16::try_from(symbol.width().max(1)).unwrap();
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
