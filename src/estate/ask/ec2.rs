//! The questions to EC2, about what lets traffic in and what runs. "Request throttling for the Amazon EC2 API": describing actions have a
//! bucket of 100 that refills with 20 a second; these are modest figures below that. Asked in a breach only.

use super::asks;
use crate::estate::names::{SecurityGroupId, VpcId};
use crate::estate::network::{FlowLog, Instance, SecurityGroup};

asks! { Ec2, "ec2";
    /// Security groups with what they let in.
    DescribeSecurityGroups {
        /// Which.
        groups: Vec<SecurityGroupId>,
    } => Vec<SecurityGroup>, "ec2:DescribeSecurityGroups" @ 5 for BreakGlass;
    /// The flow logs of a VPC.
    DescribeFlowLogs {
        /// Which.
        vpc: VpcId,
    } => Vec<FlowLog>, "ec2:DescribeFlowLogs" @ 5 for BreakGlass;
    /// The instances of a Region, up to 1,000 a page.
    DescribeInstances {} => Vec<Instance>, "ec2:DescribeInstances" @ 5 for BreakGlass;
}
