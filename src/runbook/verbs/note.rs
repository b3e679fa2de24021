//! `note`: says something to whoever reads the run.

use super::super::definition::StepKind;
use super::super::need::{Done, Need};
use super::super::value::ValueType;
use super::super::verb::{Output, Param, Verb};
use super::super::view::View;

/// Says a text, and is done.
pub struct Note;

impl Verb for Note {
    fn name(&self) -> &'static str {
        "note"
    }

    fn kind(&self) -> StepKind {
        StepKind::Note
    }

    fn doc(&self) -> &'static str {
        "Says something, and goes on."
    }

    fn takes(&self) -> &'static [Param] {
        &[Param {
            name: "text",
            kind: ValueType::Text,
            optional: false,
            doc: "what is said; `{run}` in it stands for the run's id",
        }]
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let text = view.text("text")?.shown().to_string();
        Ok(Done { evidence: vec![text.replace("{run}", view.run.as_str())], ..Done::default() })
    }
}
