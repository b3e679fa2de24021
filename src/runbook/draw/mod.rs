//! A definition and a plan drawn as trees of plain text: for `runbook show` and `runbook plan`, and for the
//! console, which colours lines by their parts. Knows no colours and no terminal; everything in a line is safe to
//! draw, whoever wrote the definition.

mod definition;
mod fold;
mod plan;
#[cfg(test)]
mod tests;

pub use definition::definition;
pub use fold::fold;
pub use plan::plan;

use crate::estate::Untrusted;

/// What a line is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// What it is all about.
    Title,
    /// A heading.
    Heading,
    /// Plain text.
    Text,
    /// An input.
    Input,
    /// A step.
    Step,
    /// A step that is skipped.
    Skipped,
    /// More about the line above.
    Detail,
    /// What was found in the live estate.
    Evidence,
    /// A call that would be made.
    Call,
    /// The AWS CLI line of the call above; never folded, so that it can be copied.
    Aws,
    /// What would break.
    Breaks,
    /// How it is undone.
    Undo,
    /// That it cannot be undone.
    Final,
    /// Why it would not go on.
    Refusal,
    /// Nothing.
    Blank,
}

/// A line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// How deep in the tree, from 0.
    pub depth: usize,
    /// What it is for.
    pub part: Part,
    /// The text, one line, without its indentation.
    pub text: String,
}

impl Line {
    fn new(depth: usize, part: Part, text: impl Into<String>) -> Self {
        Self { depth, part, text: text.into() }
    }

    fn blank() -> Self {
        Self::new(0, Part::Blank, "")
    }
}

/// A text of a definition as one line that is safe to draw.
fn safe(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    Untrusted::from(words.join(" ")).shown().to_string()
}

/// The number of a step, in as many columns as the last one takes.
fn numbered(nth: usize, of: usize) -> String {
    let width = of.to_string().len();
    format!("{:>width$}", nth + 1)
}
