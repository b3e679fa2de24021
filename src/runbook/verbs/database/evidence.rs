//! `database.evidence`: what the database is, who may reach it, and where it can be seen who did. Reads only.

use super::{INSTANCE, instance, said};
use crate::estate::ask::ec2::{DescribeFlowLogs, DescribeSecurityGroups};
use crate::estate::{Database, Peer, SecurityGroup};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;
use crate::runbook::words::counted;

/// Gathers evidence.
pub struct Evidence;

impl Verb for Evidence {
    fn name(&self) -> &'static str {
        "database.evidence"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells what a database is, every way into its port, whether it is publicly accessible, who its master user is, and \
         where its logs and flow logs are."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[INSTANCE];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "instance", kind: ValueType::Text },
            Output { name: "cluster", kind: ValueType::Text },
            Output { name: "master", kind: ValueType::Text },
            Output { name: "port", kind: ValueType::Number },
            Output { name: "groups", kind: ValueType::List },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let found = instance(v)?;
        let Some(port) = found.port else {
            return Err(Need::Refuse(format!(
                "{} has no endpoint yet (it is {}): nobody can have connected to it",
                found.name.shown(),
                found.status.shown()
            )));
        };
        let mut evidence = vec![what(&found)];
        evidence.push(if found.public {
            "PUBLICLY ACCESSIBLE: its name resolves to a public address; a security group is all that is before it".into()
        } else {
            "not publicly accessible".to_owned()
        });
        let groups = if found.groups.is_empty() {
            Vec::new()
        } else {
            v.must(DescribeSecurityGroups { groups: found.groups.clone() })?.concat()
        };
        evidence.extend(groups.iter().map(|g| ways_in(g, port)));
        evidence.push(logs(&found));
        evidence.push(flows(v, &found)?);
        if !found.pending.others.is_empty() {
            let names: Vec<String> = found.pending.others.iter().map(|n| n.shown().to_string()).collect();
            evidence.push(format!(
                "waits for the maintenance window and is not touched by this run: {}",
                names.join(", ")
            ));
        }
        let mut outputs = [
            ("instance".to_owned(), Value::Text(found.name.text().clone())),
            ("master".to_owned(), Value::Text(found.master_user.clone())),
            ("port".to_owned(), Value::Number(i64::from(port))),
            ("groups".to_owned(), Value::List(found.groups.iter().map(|g| g.text().clone()).collect())),
        ]
        .to_vec();
        outputs.extend(found.cluster.map(|c| ("cluster".to_owned(), Value::Text(c.text().clone()))));
        Ok(Done { evidence, outputs: outputs.into_iter().collect() })
    }
}

fn what(found: &Database) -> String {
    let cluster =
        found.cluster.as_ref().map(|c| format!(" of the cluster {}", c.shown())).unwrap_or_default();
    let backups = match found.backup_days {
        0 => "NO automatic backups".to_owned(),
        days => format!("automatic backups of {}", counted(days as usize, "day")),
    };
    format!(
        "{}{cluster}: {}, {}; master user {}; {backups}",
        found.name.shown(),
        found.engine.shown(),
        found.status.shown(),
        found.master_user.shown()
    )
}

fn ways_in(group: &SecurityGroup, port: u32) -> String {
    let open: Vec<_> = group.ingress.iter().filter(|r| r.opens(port)).cloned().collect();
    let name = format!("{} ({})", group.id.shown(), group.name.shown());
    let ranges = open.iter().filter(|r| !matches!(r.peer, Peer::Group { .. })).count();
    match open.as_slice() {
        [] => format!("{name} lets nobody in to port {port}"),
        [_, ..] => {
            format!(
                "{name}: {} open port {port}, {ranges} for addresses: {}",
                counted(open.len(), "rule"),
                said(&open)
            )
        }
    }
}

fn logs(found: &Database) -> String {
    let names: Vec<String> = found.logs.iter().map(|n| n.shown().to_string()).collect();
    if names.is_empty() {
        return "none of its logs goes to CloudWatch: who logged in can be told from inside only".to_owned();
    }
    let group = format!("/aws/rds/instance/{}", found.name.shown());
    format!("its logs in CloudWatch: {} (log groups {group}/...): look there for logins", names.join(", "))
}

/// Who may not ask for flow logs goes on without.
fn flows(v: &View<'_>, found: &Database) -> Result<String, Need> {
    let Some(vpc) = &found.vpc else { return Ok("it is in no VPC that RDS names".to_owned()) };
    Ok(match v.pages(DescribeFlowLogs { vpc: vpc.clone() })?.map(|p| p.concat()) {
        Ok(all) if all.is_empty() => {
            format!("no flow logs in {}: who connected cannot be told from the network", vpc.shown())
        }
        Ok(all) => {
            let one = |l: &crate::estate::FlowLog| {
                let to = l.to.as_ref().map_or("?".to_owned(), |to| to.shown().to_string());
                format!("{} ({}, {}) to {to}", l.id.shown(), l.traffic.shown(), l.status.shown())
            };
            format!("flow logs of {}: {}", vpc.shown(), all.iter().map(one).collect::<Vec<_>>().join("; "))
        }
        Err(fault) => format!("flow logs: not known ({fault})"),
    })
}
