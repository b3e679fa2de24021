//! Security groups, flow logs and instances. Source: EC2 API reference, `DescribeSecurityGroups`, `DescribeFlowLogs`,
//! `DescribeInstances`.

use super::{Asked, text, time};
use crate::estate::ask::ec2::{Answer, Ask};
use crate::estate::at::Region;
use crate::estate::names::{SecurityGroupId, VpcId};
use crate::estate::{Fault, FlowLog, Instance, SecurityGroup};
use crate::practice::faults;

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask, region: &Region) -> Result<Answer, Fault> {
    asked.single()?;
    match ask {
        Ask::DescribeSecurityGroups(q) => {
            let rows = asked.rows(&asked.world.groups);
            let one = |id: &SecurityGroupId| {
                let row = rows.iter().find(|g| g.id == id.wire());
                let row = row.ok_or_else(|| faults::no_group(asked.op, id.wire()))?;
                Ok(SecurityGroup {
                    id: id.clone(),
                    name: text(&row.name),
                    vpc: Some(VpcId::new(row.vpc.as_str())),
                    ingress: row.ingress.clone(),
                })
            };
            Ok(Answer::DescribeSecurityGroups(q.groups.iter().map(one).collect::<Result<_, Fault>>()?))
        }
        Ask::DescribeFlowLogs(q) => {
            let rows = asked.rows(&asked.world.flow_logs);
            let one = |l: &&crate::practice::world::database::FlowLog| FlowLog {
                id: text(&l.id),
                status: "ACTIVE".into(),
                traffic: "ALL".into(),
                to: Some(text(&l.to)),
            };
            let here = rows.iter().filter(|l| l.vpc == q.vpc.wire());
            Ok(Answer::DescribeFlowLogs(here.map(one).collect()))
        }
        Ask::DescribeInstances(_) => {
            let there = asked.world.standing.instances.iter().filter(|i| i.region == region.as_str());
            let one = |i: &crate::practice::world::standing::Instance| Instance {
                id: text(&i.id),
                state: "running".into(),
                launched: Some(time(i.launched)),
                kind: "t3.small".into(),
                key: None,
                profile: None,
                group: None,
            };
            Ok(Answer::DescribeInstances(there.map(one).collect()))
        }
    }
}
