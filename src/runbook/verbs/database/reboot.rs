//! `database.reboot`: ends every session, which neither a new password nor a rule that is gone does. An outage.

use super::{INSTANCE, available, later, name, patient};
use crate::estate::change::rds::Act as RdsAct;
use crate::estate::time::seconds_between;
use crate::estate::{Act, Change, Made};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;

/// Reboots it.
pub struct Reboot;

/// So long after the call the instance may still be told as it was before.
const SHOWS: i64 = 20;

impl Verb for Reboot {
    fn name(&self) -> &'static str {
        "database.reboot"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Reboots a database instance, which ends every session, and waits until it is available again; its name must be \
         typed. Cannot be undone."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[INSTANCE];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let outputs = [("at".to_owned(), Value::Time(v.now))].into();
        if v.done.is_empty() {
            return Err(propose(v)?);
        }
        if v.planning {
            return Ok(Done { evidence: later("whether it is available again"), outputs });
        }
        if seconds_between(v.since, v.now) < SHOWS {
            return Err(patient(v, "the reboot to show"));
        }
        let found = available(v)?;
        let said = format!(
            "{} was rebooted and is available: every session of before has ended",
            found.name.shown()
        );
        Ok(Done { evidence: vec![said], outputs })
    }

    fn undo(&self, _: &View<'_>, _: &Change, _: &[Made]) -> Result<Done, Need> {
        let said = "sessions that the reboot ended stay so".to_owned();
        Ok(Done { evidence: vec![said], ..Done::default() })
    }
}

fn propose(v: &View<'_>) -> Result<Need, Need> {
    let found = available(v)?;
    let mut breaks = vec![
        "an outage until it is back: a minute or more, longer where a crash recovery has much to do"
            .to_owned(),
        "every session ends, the application's too: what was not committed is lost".to_owned(),
    ];
    if found.multi_az {
        breaks.push("Multi-AZ: it reboots in place, no failover is asked for".to_owned());
    }
    if found.cluster.is_some() {
        breaks.push("only this instance of the cluster reboots: the others keep their sessions".to_owned());
    }
    let leaves = vec!["changes that wait for the maintenance window".to_owned()];
    let act = RdsAct::Reboot { instance: name(v)? };
    let changes = vec![Change { at: v.at.clone(), act: Act::Rds(act) }];
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}
