//! `database.verify`: whether all of it stands: available, nothing pending, and nobody let in but who was to stay. What
//! only the inside can tell is said. Looks only.

use super::{GROUPS, INSTANCE, KEEP, PORT, available, extra, groups, later, port, said};
use crate::estate::Ingress;
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with::list;
use crate::runbook::view::View;

/// Verifies it.
pub struct Verify;

impl Verb for Verify {
    fn name(&self) -> &'static str {
        "database.verify"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Stops if a way into a database's port is open again, and tells which are; waits until it is available with \
         nothing of its password pending."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[INSTANCE, PORT, GROUPS, KEEP];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let outputs = [("at".to_owned(), Value::Time(v.now))].into();
        if v.planning {
            return Ok(Done { evidence: later("its state, and who is let in"), outputs });
        }
        let found = available(v)?;
        let (port, keep) = (port(v), list(v, KEEP.name));
        let all = groups(v)?;
        let open: Vec<Ingress> = all.iter().flat_map(|g| extra(g, port, keep)).collect();
        if !open.is_empty() {
            return Err(Need::Refuse(format!(
                "NOT CONTAINED: open again, by a person, a template or the intruder: {}. CloudTrail tells who \
                 (AuthorizeSecurityGroupIngress); contain that principal, then start anew",
                said(&open)
            )));
        }
        let stay: Vec<Ingress> =
            all.iter().flat_map(|g| &g.ingress).filter(|r| r.opens(port)).cloned().collect();
        let mut evidence = vec![format!("{} is available; nothing is pending", found.name.shown())];
        evidence.push(match stay.as_slice() {
            [] => "nobody is let in to its port".to_owned(),
            [_, ..] => format!("let in: {}", said(&stay)),
        });
        if found.public {
            evidence.push(
                "it is still publicly accessible: `aws rds modify-db-instance --no-publicly-accessible`"
                    .into(),
            );
        }
        evidence.push("that the old password is refused can be tried from inside the VPC only".to_owned());
        Ok(Done { evidence, outputs })
    }
}
