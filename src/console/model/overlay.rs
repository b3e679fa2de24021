//! What can lie over a screen: help, palette, a filter being typed, a question for something secret.

use super::consent::ConsentBox;
use super::form::FormBox;
use super::{Screen, Typing};
use crate::controls::Action;
use crate::estate::Ticket;

/// What lies over the screen.
#[derive(Clone, PartialEq, Debug)]
pub enum Overlay {
    /// The help of the screen below.
    Help {
        /// The first line shown.
        scroll: usize,
    },
    /// The palette.
    Palette(PaletteBox),
    /// The filter of the list below is being typed.
    Filter,
    /// Inputs are being filled in.
    Form(Box<FormBox>),
    /// A change is to be agreed to.
    Consent(Box<ConsentBox>),
}

/// The palette while a name is typed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PaletteBox {
    /// What is typed.
    pub typing: Typing,
    /// What matches, best first.
    pub found: Vec<Found>,
    /// Which of them is selected.
    pub selected: usize,
    /// Only these things, instead of everything.
    pub among: Option<Vec<Screen>>,
}

/// Something that the palette found.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// What it leads to.
    pub target: Target,
    /// Its name.
    pub name: String,
    /// What it is.
    pub words: String,
    /// The letters of the name that matched.
    pub matched: Vec<u32>,
}

/// What an entry of the palette leads to.
#[derive(Clone, PartialEq, Debug)]
pub enum Target {
    /// An action.
    Do(Action),
    /// A thing.
    Go(Screen),
}

/// A question for something secret: only its length is ever known here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecretBox {
    /// Which question.
    pub ticket: Ticket,
    /// Its words.
    pub question: String,
    /// How many characters were typed.
    pub len: usize,
}

/// What was just done, or why not; it leaves at the next key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What is said.
    pub words: String,
    /// Whether it went wrong.
    pub wrong: bool,
}

impl Note {
    /// A note of success.
    pub fn good(words: impl Into<String>) -> Self {
        Self { words: words.into(), wrong: false }
    }

    /// A note of something that could not be done.
    pub fn bad(words: impl Into<String>) -> Self {
        Self { words: words.into(), wrong: true }
    }
}
