//! `database.snapshot`: a snapshot under the run's name, for the investigation. After the changes, for it can block them.

use super::{CLUSTER, INSTANCE, available, cluster_name, name};
use crate::estate::ask::rds::DescribeDBSnapshots;
use crate::estate::change::rds::Act as RdsAct;
use crate::estate::{Act, Change, DbSnapshotName, Made};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with;
use crate::runbook::view::View;

/// Makes it.
pub struct Snapshot;

impl Verb for Snapshot {
    fn name(&self) -> &'static str {
        "database.snapshot"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Makes a snapshot of a database instance under the run's name, as evidence. Of a cluster's member it says the \
         command for the cluster instead."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[INSTANCE, CLUSTER];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "snapshot", kind: ValueType::Text }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let (instance, snapshot) = (name(v)?, DbSnapshotName::new(v.run.label()));
        if let Some(cluster) = cluster_name(v) {
            let cluster = crate::runbook::shell::quote(cluster.wire());
            let said = format!(
                "a cluster's snapshot is made by hand: `aws rds create-db-cluster-snapshot --db-cluster-identifier \
                 {cluster} --db-cluster-snapshot-identifier {}`",
                snapshot.shown()
            );
            return Ok(Done { evidence: vec![said], ..Done::default() });
        }
        let outputs = [("snapshot".to_owned(), Value::Text(snapshot.text().clone()))].into();
        if v.done.is_empty() {
            let there = v.must(DescribeDBSnapshots { instance: instance.clone() })?.concat();
            if !there.iter().any(|s| s.name == snapshot) {
                available(v)?;
                let act = RdsAct::Snapshot { instance, snapshot };
                let changes = vec![Change { at: v.at.clone(), act: Act::Rds(act) }];
                let breaks =
                    vec!["I/O may stand still for some seconds on an instance without Multi-AZ".to_owned()];
                return Err(Need::Consent(Box::new(Proposal { changes, breaks, ..Proposal::default() })));
            }
        }
        if v.planning {
            return Ok(Done { outputs, ..Done::default() });
        }
        let there = v.must(DescribeDBSnapshots { instance })?.concat();
        let Some(found) = there.iter().find(|s| s.name == snapshot) else {
            let lost = format!("the snapshot {} does not show", snapshot.shown());
            return Err(with::again(v, "the snapshot to show", lost));
        };
        let said = format!(
            "snapshot {} is {}; it stays until somebody deletes it",
            found.name.shown(),
            found.status.shown()
        );
        Ok(Done { evidence: vec![said], outputs })
    }

    fn undo(&self, v: &View<'_>, _: &Change, _: &[Made]) -> Result<Done, Need> {
        let said = format!("the snapshot {} stays, as evidence", v.run.label());
        Ok(Done { evidence: vec![said], ..Done::default() })
    }
}
