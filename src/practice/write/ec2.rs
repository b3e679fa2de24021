//! Writes to security groups: one rule at a time. What is gone already, or there already, is done, as the port for AWS
//! reads those refusals. Source: EC2 API reference, `RevokeSecurityGroupIngress`, `AuthorizeSecurityGroupIngress`.

use super::Write;
use crate::estate::change::ec2::Call;
use crate::estate::{Fault, Receipt};
use crate::practice::faults;

pub(super) fn make(write: Write<'_>, call: &Call) -> Result<Receipt, Fault> {
    let (op, here) = (write.op, write.here);
    let (Call::RevokeSecurityGroupIngress { group, rule }
    | Call::AuthorizeSecurityGroupIngress { group, rule }) = call;
    let found = write.world.groups.iter_mut().find(|g| here && g.id == group.wire());
    match call {
        Call::RevokeSecurityGroupIngress { .. } => {
            if let Some(group) = found {
                group.ingress.retain(|r| !r.is_same(rule));
            }
        }
        Call::AuthorizeSecurityGroupIngress { .. } => {
            let group = found.ok_or_else(|| faults::no_group(op, group.wire()))?;
            if !group.ingress.iter().any(|r| r.is_same(rule)) {
                group.ingress.push(rule.clone());
            }
        }
    }
    Ok(Receipt::Done)
}
