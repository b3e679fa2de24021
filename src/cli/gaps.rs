//! How the completeness of an answer is drawn. What is missing is told by `insight`.

use super::table::Tone;

pub use crate::insight::gaps::{Gaps, Missing};

/// How a text is drawn that holds only as far as everything could be read.
#[must_use]
pub fn tone(gaps: &Gaps) -> Tone {
    if gaps.complete() { Tone::Faint } else { Tone::Unknown }
}
