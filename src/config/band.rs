//! The colours that a context can have, so that its identity band is told apart at a glance. Every theme
//! says how each looks; nothing is known of that here.

/// Their names.
pub const BAND_COLOURS: &[&str] = &["grey", "red", "orange", "yellow", "green", "teal", "blue", "purple"];
