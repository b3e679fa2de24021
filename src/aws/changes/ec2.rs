//! Writes to EC2: one rule of a security group at a time. What is to be gone and is, or is to be there and is, is done.

use crate::aws::clients::Clients;
use crate::aws::ec2::VERSION;
use crate::aws::fault::Judge;
use crate::aws::query::{Form, call};
use crate::estate::change::ec2::Call;
use crate::estate::{Fault, FaultKind, Ingress, Peer, Receipt, Region, SecurityGroupId, Service};
use aws_credential_types::Credentials;

pub(super) async fn apply(
    clients: &Clients,
    at: &Region,
    credentials: &Credentials,
    change: &Call,
    judge: &Judge<'_>,
) -> Result<Receipt, Fault> {
    let (form, is_so_already): (Form, fn(&FaultKind) -> bool) = match change {
        Call::RevokeSecurityGroupIngress { group, rule } => {
            // `InvalidPermission.NotFound`; of a group that is gone it is `InvalidGroup.NotFound`, and then no rule
            // lets anybody in either.
            (form("RevokeSecurityGroupIngress", group, rule, false), |kind| *kind == FaultKind::NotFound)
        }
        // `InvalidPermission.Duplicate`.
        Call::AuthorizeSecurityGroupIngress { group, rule } => (
            form("AuthorizeSecurityGroupIngress", group, rule, true),
            |kind| matches!(kind, FaultKind::Other(code) if code.wire() == "Duplicate"),
        ),
    };
    match call(clients, (Service::Ec2, at), credentials, &form, judge, |_| Ok(())).await {
        Err(fault) if !is_so_already(&fault.kind) => Err(fault),
        Ok(()) | Err(_) => Ok(Receipt::Done),
    }
}

/// One permission with one peer. A description belongs to no rule that is revoked.
fn form(action: &str, group: &SecurityGroupId, rule: &Ingress, described: bool) -> Form {
    let at = |rest: &str| format!("IpPermissions.1.{rest}");
    let mut form =
        Form::of(action, VERSION).with("GroupId", group.wire()).with(&at("IpProtocol"), rule.protocol.wire());
    for (name, port) in [("FromPort", rule.from), ("ToPort", rule.to)] {
        form = form.maybe(&at(name), port.map(|p| p.to_string()).as_deref());
    }
    let (list, form) = match &rule.peer {
        Peer::V4(range) => ("IpRanges.1", form.with(&at("IpRanges.1.CidrIp"), range.wire())),
        Peer::V6(range) => ("Ipv6Ranges.1", form.with(&at("Ipv6Ranges.1.CidrIpv6"), range.wire())),
        Peer::PrefixList(list) => {
            ("PrefixListIds.1", form.with(&at("PrefixListIds.1.PrefixListId"), list.wire()))
        }
        Peer::Group { group, owner } => {
            let form = form.with(&at("Groups.1.GroupId"), group.wire());
            let owner = owner.as_ref().map(|o| o.wire());
            ("Groups.1", form.maybe(&at("Groups.1.UserId"), owner))
        }
    };
    let description = rule.description.as_ref().filter(|_| described).map(|d| d.wire());
    form.maybe(&at(&format!("{list}.Description")), description)
}
