//! `secret.staged`: whether a staged version is there and differs from the one it was made from in nothing but
//! what was meant.

use super::{arn, place, top_level, version, versions};
use crate::estate::{MaterialSource, Slot, VersionId};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::{View, is_missing, refusal};

/// Verifies a staged version.
pub struct Staged;

impl Verb for Staged {
    fn name(&self) -> &'static str {
        "secret.staged"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Looks, by version id and with patience, whether a staged version is there; and reads both versions to \
         compare every field but the one that was meant."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::needed("secret", ValueType::Text, "the ARN of the secret"),
            with::needed("version", ValueType::Text, "the staged version"),
            with::needed("base", ValueType::Text, "the version it was made from"),
            with::optional(
                "field",
                ValueType::Text,
                "the field that may differ; without it nothing is compared",
            ),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        if view.planning {
            let said = with::later("the staged version, by its id");
            return Ok(Done { evidence: vec![said], ..Done::default() });
        }
        let (secret, id) = (arn(view)?, version(view, "version")?);
        let label = view.run.label();
        let seen = versions(view, &secret)?.iter().any(|v| v.id == id && v.has_stage(&label));
        let late = || format!("version {} does not show the label {label}", id.shown());
        if !seen {
            return Err(with::again(view, "the staged version to show", late()));
        }
        let mut evidence = vec![format!("version {} is there, under the label {label}", id.shown())];
        let place = place(view.maybe_text("field"));
        if let Some(field) = top_level(&place) {
            let [base, new] = [Slot::new("secret.base"), Slot::new("secret.staged")];
            let of = |version: VersionId| MaterialSource::Secret { secret: secret.clone(), version };
            view.load(&of(version(view, "base")?), &base)?.map_err(refusal)?;
            match view.load(&of(id.clone()), &new)? {
                Ok(_) => {}
                Err(fault) if is_missing(&fault) => {
                    return Err(with::again(view, "the staged version to be readable", late()));
                }
                Err(fault) => return Err(refusal(fault)),
            }
            let name = field.shown().to_string();
            let same = with::same_but(view, &base, &new, vec![field])?;
            if !same.map_err(|e| Need::Refuse(e.to_string()))? {
                return Err(Need::Refuse(format!(
                    "version {} differs from its base in more than the field {name}; it must not become current: \
                     abort this run",
                    id.shown()
                )));
            }
            evidence.push(format!("every field but {name} is as it was"));
        }
        Ok(Done { evidence, ..Done::default() })
    }
}
