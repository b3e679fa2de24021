//! `manual`: a person does something that AWS cannot be asked to do, and says so in words that are kept.

use super::super::definition::StepKind;
use super::super::need::{Done, Need, Question};
use super::super::value::ValueType;
use super::super::verb::{Output, Param, Verb};
use super::super::view::View;
use super::with::{needed, optional};
use crate::estate::Untrusted;

/// Waits until a person says that something was done.
pub struct Manual;

impl Verb for Manual {
    fn name(&self) -> &'static str {
        "manual"
    }

    fn kind(&self) -> StepKind {
        StepKind::Manual
    }

    fn doc(&self) -> &'static str {
        "Waits until a person has done something and says how they know; the words are kept in the journal."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            needed(
                "text",
                ValueType::Text,
                "what is to be done, in full sentences; `{run}` in it stands for the run's id",
            ),
            optional("practice", ValueType::Text, "what does it in the practice estate; said there only"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let mut text = view.text("text")?.shown().to_string().replace("{run}", view.run.as_str());
        if let Some(how) = view.maybe_text("practice").filter(|_| view.practice) {
            text.push_str(&format!(" In the practice estate: {}", how.shown()));
        }
        if view.planning {
            return Ok(Done { evidence: vec![format!("a person is asked: {text}")], ..Done::default() });
        }
        match view.attested {
            Some(words) => {
                let said = format!("a person says: {}", Untrusted::from(words).shown());
                Ok(Done { evidence: vec![said], ..Done::default() })
            }
            None => Err(Need::Person(Question {
                text,
                evidence: Vec::new(),
                words: false,
                accepts: Vec::new(),
                choices: Vec::new(),
            })),
        }
    }
}
