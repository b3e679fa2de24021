//! `secret.current`: whether a version is current, by its id and with patience, for reads may be old.

use super::{arn, current, named, version, versions};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::View;

/// Verifies a promotion.
pub struct Current;

impl Verb for Current {
    fn name(&self) -> &'static str {
        "secret.current"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Looks, by version id and with patience, whether a version is the current one."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::needed("secret", ValueType::Text, "the ARN of the secret"),
            with::needed("version", ValueType::Text, "the version that should be current"),
            with::needed("former", ValueType::Text, "the version that was before, which may still show"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        if view.planning {
            let said = with::later("the current version, by its id");
            return Ok(Done { evidence: vec![said], ..Done::default() });
        }
        let (secret, want) = (arn(view)?, version(view, "version")?);
        let versions = versions(view, &secret)?;
        let now = current(&secret, &versions)?;
        if now.id == want {
            let said = format!("version {} is current", want.shown());
            return Ok(Done { evidence: vec![said], ..Done::default() });
        }
        if now.id == version(view, "former")? {
            let lost = format!("version {} does not show as current", want.shown());
            return Err(with::again(view, "the new version to show as current", lost));
        }
        Err(Need::Refuse(format!(
            "version {} is current and not {}: somebody wrote after this run did; look at it together before you \
             go on",
            named(now),
            want.shown()
        )))
    }
}
