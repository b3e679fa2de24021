//! `secret.reveal`: puts one field into the slot that a terminal shows for a few seconds. The value goes nowhere else;
//! that it was shown is recorded by whoever shows it.

use super::{arn, current, named, place, versions};
use crate::estate::change::secretsmanager::called;
use crate::estate::{MaterialSource, Place, Slot};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Question};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::{ACCEPTS, with};
use crate::runbook::view::{View, refusal};

/// Shows one field.
pub struct Reveal;

/// The slot that is shown and then wiped.
pub const SLOT: &str = "reveal";

/// The slot of the whole text that the field is taken from.
pub const DOCUMENT: &str = "reveal.document";

impl Verb for Reveal {
    fn name(&self) -> &'static str {
        "secret.reveal"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Asks, and then puts one field of a secret where the terminal shows it for a few seconds. A text that has fields \
         is not shown whole."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::needed("secret", ValueType::Text, "the ARN of the secret"),
            with::optional("field", ValueType::Text, "a JSON pointer or the name of a top-level field"),
            with::needed(ACCEPTS, ValueType::Text, "the late input, a flag, that says yes"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "version", kind: ValueType::Text }]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let secret = arn(view)?;
        let versions = versions(view, &secret)?;
        let current = current(&secret, &versions)?;
        let field = view.maybe_text("field");
        let what = match field {
            Some(field) => format!("the field {} of {}", field.shown(), called(&secret).shown()),
            None => format!("the text of {}", called(&secret).shown()),
        };
        let outputs = [("version".to_owned(), Value::Text(current.id.text().clone()))].into();
        if view.planning {
            return Ok(Done { evidence: vec![format!("{what} would be shown, after a yes")], outputs });
        }
        let accepts = view.text(ACCEPTS)?.wire().to_owned();
        if view.late.get(&accepts) != Some(&Value::Flag(true)) {
            return Err(Need::Person(Question {
                text: format!("Show {what} on this screen for a few seconds?"),
                evidence: vec![format!("version {}", named(current))],
                words: false,
                accepts: vec![accepts],
                choices: Vec::new(),
            }));
        }
        let source = MaterialSource::Secret { secret, version: current.id.clone() };
        let (document, shown) = (Slot::new(DOCUMENT), Slot::new(SLOT));
        view.load(&source, &document)?.map_err(refusal)?;
        let place = place(field);
        let shape = view.shape(&document, &Place::Whole)?.map_err(|e| Need::Refuse(e.to_string()))?;
        if place == Place::Whole && shape.fields.is_some() {
            return Err(Need::Refuse("the text has fields: name one, for only one is shown".to_owned()));
        }
        view.extract(&document, &place, None, &shown)?.map_err(|e| Need::Refuse(e.to_string()))?;
        Ok(Done {
            evidence: vec![format!("{what} was read to be shown, version {}", named(current))],
            outputs,
        })
    }
}
