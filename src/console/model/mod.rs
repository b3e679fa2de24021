//! Everything the console knows: what it was set up with, where the person is, the inventory, and what is
//! concluded from it. Only `update` changes it; `view` and `layout` read it.

pub mod arrange;
pub mod consent;
pub mod contain;
pub mod cursor;
pub mod enabled;
pub mod form;
pub mod fresh;
pub mod incidents;
pub mod json;
pub mod lists;
pub mod overlay;
pub mod peek;
pub mod picture;
pub mod runs;
pub mod screen;
pub mod systems;
pub mod things;
pub mod typing;
pub mod wanted;

pub use cursor::Cursor;
pub use lists::{List, Lists};
pub use overlay::{Note, Overlay, PaletteBox, SecretBox};
pub use picture::Picture;
pub use runs::{OpenRun, Runs};
pub use screen::{Screen, Tab, Trail};
pub use typing::Typing;

use super::effect::Effect;
use super::msg::Opened;
use crate::config::Config;
use crate::controls::{Choice, ColourDepth, Glyphs, Key, Keymap, Place, Theme};
use crate::estate::{At, Context, Fault, Region, Ticket, Timestamp};
use crate::insight::{Inventory, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the console is set up with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The context to open.
    pub context: Context,
    /// Whether it is the practice estate, as far as known before it is open.
    pub practice: bool,
    /// The keymap in use, and those that could be.
    pub keymaps: Choice<Keymap>,
    /// The theme in use, degraded to what the terminal can draw, and those that could be.
    pub themes: Choice<Theme>,
    /// The colours that the terminal can draw.
    pub depth: ColourDepth,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Now.
    pub now: Timestamp,
    /// The signs that the terminal can draw.
    pub glyphs: Glyphs,
    /// Whether the mouse is on from the start.
    pub mouse: bool,
    /// The configuration.
    pub config: Arc<Config>,
}

/// The way to the estate.
#[derive(Clone, Debug)]
pub enum Link {
    /// It was asked for.
    Opening,
    /// It is there.
    Open(Opened),
    /// It could not be opened.
    Failed(Arc<Fault>),
}

/// The state of the console.
#[derive(Clone, Debug)]
pub struct Model {
    /// What it was set up with; the keymap and theme in use are the first of theirs.
    pub(in crate::console) setup: Setup,
    /// The newest time that was told.
    pub(in crate::console) now: Timestamp,
    /// The way to the estate.
    pub(in crate::console) link: Link,
    /// What is known of the estate.
    pub(in crate::console) inventory: Inventory,
    /// Where the person is and was.
    pub(in crate::console) trail: Trail,
    /// The lists with their cursors and filters.
    pub(in crate::console) lists: Lists,
    /// How far each open detail is scrolled, and which of its links is selected.
    pub(in crate::console) reading: BTreeMap<Screen, Reading>,
    /// What lies over the screen.
    pub(in crate::console) overlay: Option<Overlay>,
    /// A question that is being answered, over everything else.
    pub(in crate::console) secret: Option<SecretBox>,
    /// Keys that began something.
    pub(in crate::console) pending: Vec<Key>,
    /// What was just done, until the next key.
    pub(in crate::console) note: Option<Note>,
    /// Whether the detail stands beside its list where there is room.
    pub(in crate::console) beside: bool,
    /// Hours that charts show.
    pub(in crate::console) chart_hours: u32,
    /// The ACLs whose samples were asked for.
    pub(in crate::console) sampled: BTreeSet<crate::estate::Arn>,
    /// Whether the mouse is on.
    pub(in crate::console) mouse: bool,
    /// Whether the terminal has the focus.
    pub(in crate::console) focus: bool,
    /// What is concluded from the inventory.
    pub(in crate::console) picture: Picture,
    /// What is known of runs.
    pub(in crate::console) runs: Runs,
    pub(in crate::console) incidents: incidents::Incidents,
    /// What was seen in dead-letter queues.
    pub(in crate::console) peeks: peek::Peeks,
    pub(in crate::console) exports: peek::Exports,
    /// Searches for whose messages are.
    pub(in crate::console) searches: peek::Searches,
    /// The newest question for an export that a form could offer.
    pub(in crate::console) offer_asked: Option<Ticket>,
    /// A person wants to quit as soon as nothing is in flight.
    pub(in crate::console) leaving: bool,
    /// Walks under way, and what they are for.
    pub(in crate::console) walks: Walks,
    /// What may have changed on screen since it was last drawn.
    pub(in crate::console) change: Change,
}

/// A detail that is open: what of it is seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reading {
    /// The first line on screen.
    pub scroll: usize,
    /// The selected link, counted from the top.
    pub link: usize,
}

/// Walks under way.
#[derive(Clone, Debug, Default)]
pub struct Walks {
    last: Ticket,
    /// The newest list that the poller was told.
    pub looking: Vec<Source>,
    /// What the dependent sources asked when they were last started, to see when that changes.
    pub asked: BTreeMap<Source, u64>,
    /// The newest walk of each source that is under way.
    pub current: BTreeMap<Source, Ticket>,
    /// When to wake up next, as it was last asked for.
    pub wake: Option<Timestamp>,
}

impl Walks {
    /// A ticket that was never given before.
    pub fn ticket(&mut self) -> Ticket {
        self.last.0 += 1;
        self.last
    }
}

/// What may have changed on screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// Something has.
    pub surely: bool,
    /// Something may have; comparing what is drawn with what was will tell.
    pub maybe: bool,
    /// What was last drawn, as a number; `None` when it must be drawn to be known.
    pub drawn: Option<u64>,
}

impl Model {
    /// A new console, and what it wants done first.
    #[must_use]
    pub fn new(setup: Setup) -> (Self, Vec<Effect>) {
        let effects = vec![Effect::Open(setup.context.clone())];
        let model = Self {
            now: setup.now,
            mouse: setup.mouse,
            setup,
            link: Link::Opening,
            inventory: Inventory::default(),
            trail: Trail::default(),
            lists: Lists::default(),
            reading: BTreeMap::new(),
            overlay: None,
            secret: None,
            pending: Vec::new(),
            note: None,
            beside: true,
            chart_hours: 6,
            sampled: BTreeSet::new(),
            focus: true,
            picture: Picture { stale: true, ..Picture::default() },
            runs: Runs::default(),
            incidents: incidents::Incidents::default(),
            peeks: peek::Peeks::new(),
            exports: peek::Exports::new(),
            searches: peek::Searches::new(),
            offer_asked: None,
            leaving: false,
            walks: Walks::default(),
            change: Change { surely: true, ..Change::default() },
        };
        (model, effects)
    }

    /// The keymap in use.
    #[must_use]
    pub fn keymap(&self) -> Option<&Keymap> {
        Some(self.setup.keymaps.current())
    }

    /// The theme in use.
    #[must_use]
    pub fn theme(&self) -> Option<&Theme> {
        Some(self.setup.themes.current())
    }

    /// The signs to draw with.
    #[must_use]
    pub fn glyphs(&self) -> &Glyphs {
        &self.setup.glyphs
    }

    /// The screen that is open.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        self.trail.here()
    }

    /// Columns and rows of the terminal.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.setup.size
    }

    /// The instant that ages are counted to: the minute that has begun, so that what is drawn changes by
    /// itself only at whole minutes.
    #[must_use]
    pub fn minute(&self) -> Timestamp {
        crate::estate::time::floor(self.now, 60)
    }

    /// The Region that was settled on.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        match &self.link {
            Link::Open(opened) => Some(&opened.region),
            Link::Opening | Link::Failed(_) => self.setup.context.region.as_ref(),
        }
    }

    /// Whether this is the practice estate.
    #[must_use]
    pub fn practice(&self) -> bool {
        match &self.link {
            Link::Open(opened) => opened.practice,
            Link::Opening | Link::Failed(_) => self.setup.practice,
        }
    }

    /// Where questions are asked, once that is known.
    #[must_use]
    pub fn at(&self) -> Option<At> {
        match &self.link {
            Link::Open(opened) => Some(At {
                account: self.inventory.identity.value().map(|i| i.account.clone()),
                region: opened.region.clone(),
            }),
            Link::Opening | Link::Failed(_) => None,
        }
    }

    /// Where the person is, as keymaps have it.
    #[must_use]
    pub fn place(&self) -> Place {
        if self.secret.is_some() {
            return Place::Prompt;
        }
        match &self.overlay {
            Some(Overlay::Help { .. }) => Place::Help,
            Some(Overlay::Palette(_)) => Place::Palette,
            Some(Overlay::Filter) => Place::Filter,
            Some(Overlay::Form(_)) => Place::Form,
            Some(Overlay::Consent(open)) if open.is_typed() => Place::Phrase,
            Some(Overlay::Consent(_)) => Place::Confirm,
            None => self.screen().place(),
        }
    }

    /// The trouble that concerns everything: the estate cannot be opened, or the credentials are bad.
    #[must_use]
    pub fn trouble(&self) -> Option<&Arc<Fault>> {
        match &self.link {
            Link::Failed(fault) => Some(fault),
            Link::Opening => None,
            Link::Open(_) => self.picture.trouble.as_ref(),
        }
    }
}

impl Screen {
    /// The place of this screen in keymaps.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Screen::Overview => Place::Overview,
            Screen::Alarms => Place::Alarms,
            Screen::Queues => Place::Queues,
            Screen::Waf => Place::Waf,
            Screen::Secrets => Place::Secrets,
            Screen::Alarm(_) => Place::AlarmDetail,
            Screen::Queue(_) => Place::QueueDetail,
            Screen::Acl(_) => Place::WafDetail,
            Screen::Secret(_) => Place::SecretDetail,
            Screen::Runs => Place::Runs,
            Screen::Runbook(_) => Place::RunbookDetail,
            Screen::Plan => Place::PlanDetail,
            Screen::Run(_) => Place::RunDetail,
            Screen::Incident(_) => Place::IncidentDetail,
            Screen::Contain(_) => Place::Contain,
            Screen::Freshness => Place::Freshness,
        }
    }
}
