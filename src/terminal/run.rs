//! The loop: keys, answers, time and signals into the console; its effects and one frame out. It empties
//! the whole queue before it draws once, and waits for nothing but the queue.

use super::backstage::{self, Backstage, Interval, MakeEstates};
use super::capture::{Capture, Reply};
use super::decode::{Decoder, Event, Mouse};
use super::guard::{self, Gone, Guard};
use super::hands::Kit;
use super::inbox::{self, Inbox};
use super::probe::{self, Abilities};
use super::reveal::{self, Reveal, Showing};
use super::screen::Screen;
use super::signals::{self, Signal};
use crate::console::{self, Effect, Model, MouseKind, Msg, Setup};
use crate::controls::copy;
use crate::estate::{Clock, Ticket};
use crate::insight::Step;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// What the loop needs beside the console's own setup.
pub struct Options {
    /// What the terminal can do.
    pub abilities: Abilities,
    /// How often each source is asked.
    pub interval: Interval,
    /// What runs are made of.
    pub kit: Kit,
}

/// Why the console could not begin.
#[derive(Debug)]
pub enum NoConsole {
    /// There is no terminal.
    NotATerminal,
    /// The system refused something.
    System(io::Error),
}

impl std::fmt::Display for NoConsole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoConsole::NotATerminal => f.write_str(
                "the console needs a terminal for both its input and its output; \
                 without one, `bartizan status` says the same",
            ),
            NoConsole::System(e) => write!(f, "the terminal cannot be used: {e}; try `bartizan status`"),
        }
    }
}

impl std::error::Error for NoConsole {}

impl From<io::Error> for NoConsole {
    fn from(e: io::Error) -> Self {
        NoConsole::System(e)
    }
}

/// What arrives beside keys.
#[allow(clippy::large_enum_variant)] // nearly all of it is messages
pub enum Input {
    /// Something for the console.
    Msg(Msg),
    /// The instant came that the console wanted to be told.
    Tick,
    /// Something secret is asked.
    Ask {
        /// The words.
        question: String,
        /// Where the answer goes.
        reply: Reply,
    },
    /// One field of a secret is to be shown for some seconds.
    Reveal(Reveal),
    /// A signal.
    Signal(Signal),
}

/// Runs the console until it ends; gives the exit code. The first frame is drawn before anything else is
/// begun: `make` is called after it, in another thread.
///
/// # Errors
/// There is no terminal to run it on.
pub fn run(
    mut setup: Setup,
    make: MakeEstates,
    clock: Arc<dyn Clock>,
    options: Options,
) -> Result<i32, NoConsole> {
    if !probe::is_terminal() {
        return Err(NoConsole::NotATerminal);
    }
    let (sender, inbox) = inbox::inbox()?;
    let tell = sender.clone();
    let _listening = signals::listen(move |signal| tell.send(Input::Signal(signal)))?;
    let mut guard = Guard::enter()?;
    setup.size = probe::size();
    let mouse = setup.mouse;
    let (model, effects) = Model::new(setup);
    let (width, height) = model.size();
    let mut screen = Screen::new(width, height, options.abilities.traits());
    if paint(&mut screen, &model).and_then(|()| guard.mouse(mouse)).is_err() {
        return Ok(signals::HUNG_UP);
    }
    let backstage =
        Backstage::start(make, Arc::clone(&clock), options.interval, options.kit, sender.clone())?;
    let decoder = Decoder::new(guard.erase());
    let mut front = Front {
        model,
        screen,
        guard,
        inbox,
        backstage,
        clock,
        decoder,
        settle_at: None,
        capture: Capture::default(),
        through: options.abilities.through,
        backlog: VecDeque::new(),
        looked: Instant::now(),
        look_at: None,
        spoilt: false,
        still: None,
        showing: None,
    };
    let End(code) = match front.obey(effects) {
        Ok(()) => front.turn_until_end(),
        Err(end) => end,
    };
    drop(front);
    drop(sender);
    Ok(code)
}

fn paint(screen: &mut Screen, model: &Model) -> Result<(), Gone> {
    guard::write(&screen.frame(|area, buffer| console::view::draw(model, area, buffer)))
}

/// The program is to end with this code.
struct End(i32);

impl From<Gone> for End {
    fn from(Gone: Gone) -> Self {
        End(signals::HUNG_UP)
    }
}

/// Whether more of the same kind comes soon: a page or a gap, but not the end of a walk.
fn is_one_of_many(input: &Input) -> bool {
    match input {
        Input::Msg(Msg::Walk(event)) => match event.step {
            Step::Page { .. } | Step::Gap { .. } => true,
            Step::End { .. } => false,
        },
        Input::Msg(msg) => matches!(msg, Msg::Due(_)),
        Input::Tick | Input::Ask { .. } | Input::Reveal(_) | Input::Signal(_) => false,
    }
}

struct Front {
    model: Model,
    screen: Screen,
    guard: Guard,
    inbox: Inbox<Input>,
    backstage: Backstage,
    clock: Arc<dyn Clock>,
    decoder: Decoder,
    /// When what the decoder holds is all there is.
    settle_at: Option<Instant>,
    capture: Capture,
    through: copy::Through,
    /// What has arrived and is not told yet.
    backlog: VecDeque<Input>,
    /// When it was last looked whether the screen has changed, and when to look again for what came since.
    looked: Instant,
    look_at: Option<Instant>,
    /// The screen must be drawn whatever the model says.
    spoilt: bool,
    /// Somebody wants to know when the keyboard is still, and when that will be if no key comes.
    still: Option<(Ticket, Instant)>,
    /// A field of a secret is on the screen: no frame is drawn until it is taken away.
    showing: Option<Showing>,
}

/// Reads of the keyboard before a frame is due. A pasted book must not keep the screen from being drawn.
const MOST_READS: usize = 64;
/// How long answers are taken in before the keyboard is looked at again.
const SLICE: Duration = Duration::from_millis(2);
/// How often it is looked whether the pages of a walk changed what is seen. Each look draws the screen, so
/// that twenty pages in half a second would cost twenty times as much.
const OFTEN: Duration = Duration::from_millis(100);
/// How long no key must come for the keyboard to be still. Held-down keys repeat at least ten times a second on
/// every system, once they repeat; a paste without brackets comes faster still.
const STILL: Duration = Duration::from_millis(200);
/// How long a stopped program may take to notice that it goes on. Where nobody can continue it, the system
/// does not stop it at all.
const CONTINUED: Duration = Duration::from_millis(50);

impl Front {
    fn turn_until_end(&mut self) -> End {
        loop {
            if let Err(end) = self.turn() {
                return end;
            }
        }
    }

    /// Waits for something to happen, takes all that did, and draws once if that shows.
    fn turn(&mut self) -> Result<(), End> {
        let patience = if self.backlog.is_empty() {
            let next =
                [self.settle_at, self.look_at, self.still.map(|(_, at)| at), self.showing.map(|s| s.until)]
                    .into_iter()
                    .flatten()
                    .min();
            next.map(|at| at.saturating_duration_since(Instant::now()))
        } else {
            Some(Duration::ZERO)
        };
        let ready = self.inbox.wait(io::stdin(), patience).map_err(|_| Gone)?;
        let mut events = Vec::new();
        self.keyboard(ready.keys, &mut events)?;
        self.inbox.drain(&mut self.backlog);
        let mut awaited = !events.is_empty();
        if awaited && let Some((_, at)) = &mut self.still {
            *at = Instant::now() + STILL;
        }
        let still = self.still.take_if(|(_, at)| *at <= Instant::now());
        if let Some((ticket, _)) = still {
            awaited = true;
            self.tell(Msg::Still(ticket))?;
        }
        if awaited || !self.backlog.is_empty() {
            self.tell(Msg::Now(self.clock.now()))?;
        }
        if self.showing.is_some_and(|s| s.until <= Instant::now()) {
            self.hide();
            awaited = true;
        }
        for event in events {
            self.event(event)?;
        }
        let began = Instant::now();
        while let Some(input) = self.backlog.pop_front() {
            awaited |= !is_one_of_many(&input);
            self.input(input)?;
            self.look_at.get_or_insert(self.looked + OFTEN);
            if began.elapsed() > SLICE {
                break;
            }
        }
        if awaited || self.look_at.is_some_and(|at| at <= Instant::now()) {
            self.look_at = None;
            self.looked = Instant::now();
            if self.showing.is_none() && (self.model.take_dirty() | std::mem::take(&mut self.spoilt)) {
                paint(&mut self.screen, &self.model)?;
            }
        }
        Ok(())
    }

    fn keyboard(&mut self, ready: bool, events: &mut Vec<Event>) -> Result<(), Gone> {
        if !ready {
            if self.settle_at.is_some_and(|at| at <= Instant::now()) {
                self.decoder.settle(events);
                self.settle_at = None;
            }
            return Ok(());
        }
        let mut bytes = Zeroizing::new([0; 4096]);
        for _ in 0..MOST_READS {
            match rustix::io::read(io::stdin(), &mut bytes[..]) {
                Ok(0) => return Err(Gone),
                Ok(n) => self.decoder.feed(&bytes[..n], events),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(_) => return Err(Gone),
            }
            if !inbox::has_more(io::stdin()).map_err(|_| Gone)? {
                break;
            }
        }
        self.settle_at = self.decoder.patience().map(|p| Instant::now() + p);
        Ok(())
    }

    fn event(&mut self, event: Event) -> Result<(), End> {
        if self.showing.is_some() && matches!(event, Event::Key(_) | Event::Paste(_)) {
            self.hide();
            return Ok(());
        }
        match event {
            Event::Key(key) if self.capture.is_on() => {
                let msg = self.capture.key(key);
                msg.map_or(Ok(()), |m| self.tell(m))
            }
            Event::Paste(text) if self.capture.is_on() => {
                let msg = self.capture.paste(&text);
                msg.map_or(Ok(()), |m| self.tell(m))
            }
            Event::Key(key) => self.tell(Msg::Key(key)),
            Event::Paste(text) => self.tell(Msg::Paste(text.as_str().to_owned())),
            Event::Focus(on) => self.tell(Msg::Focus(on)),
            Event::Mouse(what, column, row) => {
                let kind = match what {
                    Mouse::Press => MouseKind::Press,
                    Mouse::ScrollUp => MouseKind::ScrollUp,
                    Mouse::ScrollDown => MouseKind::ScrollDown,
                };
                self.tell(Msg::Mouse { kind, column, row })
            }
        }
    }

    fn input(&mut self, input: Input) -> Result<(), End> {
        match input {
            Input::Msg(msg) => self.tell(msg),
            // each batch begins with the time
            Input::Tick => Ok(()),
            Input::Ask { question, reply } => {
                let ticket = self.capture.ask(reply);
                self.tell(Msg::AskSecret { ticket, question })
            }
            Input::Reveal(what) => {
                let (width, height) = self.model.size();
                guard::write(&reveal::page(&what, width, height))?;
                self.showing = Some(Showing { until: Instant::now() + reveal::SHOWN });
                Ok(())
            }
            Input::Signal(Signal::End(code)) => Err(End(code)),
            Input::Signal(Signal::Resized) => self.resized(),
            Input::Signal(Signal::Continued) => self.come_back(),
        }
    }

    /// Takes what is revealed off the screen.
    fn hide(&mut self) {
        self.showing = None;
        self.screen.forget();
        self.spoilt = true;
    }

    fn resized(&mut self) -> Result<(), End> {
        if self.showing.is_some() {
            self.hide();
        }
        let (width, height) = probe::size();
        if self.model.size() == (width, height) {
            return Ok(());
        }
        self.screen.resize(width, height);
        self.spoilt = true;
        self.tell(Msg::Resize { width, height })
    }

    /// The program was stopped and goes on, on a terminal that others have used.
    fn come_back(&mut self) -> Result<(), End> {
        self.guard.enter_again().map_err(|_| Gone)?;
        self.screen.forget();
        self.spoilt = true;
        self.resized()
    }

    fn tell(&mut self, msg: Msg) -> Result<(), End> {
        let effects = console::update(&mut self.model, msg);
        self.obey(effects)
    }

    fn obey(&mut self, effects: Vec<Effect>) -> Result<(), End> {
        for effect in effects {
            match backstage::order(effect) {
                Ok(order) => self.backstage.order(order),
                Err(effect) => self.obey_here(effect)?,
            }
        }
        Ok(())
    }

    /// What is done with the terminal itself.
    fn obey_here(&mut self, effect: Effect) -> Result<(), End> {
        match effect {
            Effect::Copy(text) => self.copy(&text),
            Effect::CaptureSecret { ticket } => {
                self.capture.start(ticket);
                Ok(())
            }
            Effect::CancelSecret { ticket } => {
                self.capture.cancel(ticket);
                self.tell(Msg::SecretDone { ticket })
            }
            Effect::Mouse(on) => Ok(self.guard.mouse(on)?),
            Effect::Still(ticket) => {
                self.still = Some((ticket, Instant::now() + STILL));
                Ok(())
            }
            Effect::Suspend => self.suspend(),
            Effect::Redraw => {
                self.screen.forget();
                self.spoilt = true;
                Ok(())
            }
            Effect::Quit(code) => Err(End(code)),
            Effect::Open(_)
            | Effect::Walk { .. }
            | Effect::Stop(_)
            | Effect::Looking(_)
            | Effect::Walked { .. }
            | Effect::RefreshNow(_)
            | Effect::AskAnew(_)
            | Effect::Runs(_)
            | Effect::Wake(_) => Ok(()),
        }
    }

    fn copy(&mut self, text: &str) -> Result<(), End> {
        let said = match copy::sequence(text, self.through, copy::LIMIT) {
            Ok(bytes) => {
                guard::write(&bytes)?;
                Ok(String::from("Sent to the clipboard"))
            }
            Err(too_long) => Err(too_long.to_string()),
        };
        self.tell(Msg::Copied(said))
    }

    fn suspend(&mut self) -> Result<(), End> {
        self.guard.leave();
        if guard::stop().is_ok() {
            // Continued is what comes next, unless the system did not stop us
            let until = Instant::now() + CONTINUED;
            while let Some(left) = until.checked_duration_since(Instant::now()) {
                match self.inbox.next_within(left) {
                    Some(Input::Signal(Signal::Continued)) | None => break,
                    Some(other) => self.backlog.push_back(other),
                }
            }
        }
        self.come_back()
    }
}
