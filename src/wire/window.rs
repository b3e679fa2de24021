//! The console over whatever ports it is given: from the setup of a command to the loop of the terminal.

use super::Make;
use bartizan::cli::exit::Failure;
use bartizan::cli::setup::Setup;
use bartizan::console;
use bartizan::engine::files::Paths;
use bartizan::engine::runs::Site;
use bartizan::engine::{Archive, definitions};
use bartizan::estate::Clock;
use bartizan::insight::freshness;
use bartizan::terminal::{self, probe};
use std::sync::{Arc, LazyLock};

/// Opens the console and gives its exit code.
pub fn open(setup: Setup, make: Make, clock: Arc<dyn Clock>, archive: Archive) -> Result<u8, Failure> {
    if !probe::is_terminal() {
        return Err(Failure::usage(terminal::NoConsole::NotATerminal.to_string()));
    }
    let depth = setup.depth();
    let abilities = probe::Abilities { depth, ..probe::Abilities::here() };
    let keymaps = setup.keymaps()?;
    let themes = setup.themes(depth)?;
    let glyphs = setup.glyphs();
    let intervals = setup.config.intervals.clone();
    let site = Site {
        context: setup.context.name.clone(),
        read_only: setup.context.read_only,
        production: setup.context.production,
    };
    let tell = setup.config.tell.clone();
    let kit = terminal::Kit { archive, books: books(&setup.paths), site, tell };
    let console = console::Setup {
        context: setup.context,
        practice: setup.practice,
        keymaps,
        themes,
        depth,
        size: probe::size(),
        now: clock.now(),
        glyphs,
        mouse: setup.config.mouse,
        config: Arc::new(setup.config),
    };
    let interval: terminal::Interval = Arc::new(move |source| Some(freshness::interval(source, &intervals)));
    let estates_clock = clock.clone();
    let make: terminal::MakeEstates = Box::new(move || make(estates_clock));
    let ended = terminal::run(console, make, clock, terminal::Options { abilities, interval, kit })
        .map_err(|e| Failure::usage(e.to_string()))?;
    Ok(u8::try_from(ended).unwrap_or(u8::MAX))
}

/// The runbooks, read on a thread of their own while the first frame is drawn and the estate opened.
fn books(paths: &Paths) -> Arc<terminal::Books> {
    let paths = paths.clone();
    let books: Arc<terminal::Books> = Arc::new(LazyLock::new(Box::new(move || definitions::load(&paths))));
    let read = Arc::clone(&books);
    std::thread::spawn(move || LazyLock::force(&read).len());
    books
}
