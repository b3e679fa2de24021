//! Rectangles: the model and an area in, where everything stands out. The same for drawing and for the
//! mouse. Draws nothing.

pub mod asking;
pub mod columns;
pub mod frame;
pub mod help;
pub mod hit;

pub use asking::{Asking, asking};
pub use columns::{Column, GAP, widths};
pub use frame::{
    Frame, ListArea, OverviewArea, detail_size, frame, list, overview, page, shows_selected, shows_systems,
    systems_seen,
};
pub use help::{help_len, help_lines, help_page, help_size};
pub use hit::{Hit, hit};
