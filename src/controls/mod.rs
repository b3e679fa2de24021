//! What a person can do and how it is reached and looks: the registry of actions, keys and keymaps, themes,
//! what is copied, the ranking of the palette, the generated reference. Pure data and functions that both
//! front ends speak; it knows no terminal, no files and no clock.

pub mod action;
pub mod choice;
pub mod colour;
pub mod copy;
pub mod glyphs;
pub mod key;
pub mod keymap;
pub mod keymap_file;
pub mod palette;
pub mod place;
pub mod reference;
pub mod sgr;
pub mod theme;
pub mod theme_file;

pub use action::{Action, Group};
pub use choice::Choice;
pub use colour::{Ansi, Colour, ColourDepth, Style};
pub use glyphs::Glyphs;
pub use key::{Key, KeyCode};
pub use keymap::{Keymap, Lookup, Next};
pub use place::Place;
pub use theme::{Ground, Role, Theme};
