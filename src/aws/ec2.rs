//! The questions to EC2: security groups, a rule for each peer, flow logs and instances, taken from XML field by field. Source: EC2
//! API reference, 2016-11-15.

use super::clients::Clients;
use super::convert::{next, token};
use super::fault::Judge;
use super::query::{self, Form, Read, Xml, call, each, filled, text};
use crate::estate::ask::ec2::{Answer, Ask};
use crate::estate::{
    Arn, Cursor, Fault, FlowLog, Ingress, Instance, Peer, Region, SecurityGroup, SecurityGroupId, Service,
    Untrusted, VpcId,
};
use aws_credential_types::Credentials;
use aws_smithy_xml::decode::XmlDecodeError;

/// The version of the API.
pub(super) const VERSION: &str = "2016-11-15";
/// `MaxResults` of `DescribeInstances` goes up to 1,000.
const INSTANCES: &str = "1000";

pub(super) async fn ask(
    clients: &Clients,
    at: &Region,
    credentials: &Credentials,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let (op, to) = (judge.operation(), (Service::Ec2, at));
    Ok(match ask {
        Ask::DescribeSecurityGroups(q) => {
            let mut form = Form::of("DescribeSecurityGroups", VERSION);
            for (n, group) in q.groups.iter().enumerate() {
                form = form.with(&format!("GroupId.{}", n + 1), group.wire());
            }
            let form = form.maybe("NextToken", token(from).as_deref());
            let (rows, after) =
                call(clients, to, credentials, &form, judge, |xml| rows(xml, "securityGroupInfo", group))
                    .await?;
            (Answer::DescribeSecurityGroups(rows), next(op, from, after)?)
        }
        Ask::DescribeFlowLogs(q) => {
            let form = Form::of("DescribeFlowLogs", VERSION)
                .with("Filter.1.Name", "resource-id")
                .with("Filter.1.Value.1", q.vpc.wire())
                .maybe("NextToken", token(from).as_deref());
            let (rows, after) =
                call(clients, to, credentials, &form, judge, |xml| rows(xml, "flowLogSet", flow_log)).await?;
            (Answer::DescribeFlowLogs(rows), next(op, from, after)?)
        }
        Ask::DescribeInstances(_) => {
            let form = Form::of("DescribeInstances", VERSION)
                .with("MaxResults", INSTANCES)
                .maybe("NextToken", token(from).as_deref());
            let (rows, after) =
                call(clients, to, credentials, &form, judge, |xml| rows(xml, "reservationSet", reservation))
                    .await?;
            (Answer::DescribeInstances(rows.concat()), next(op, from, after)?)
        }
    })
}

/// The rows of a list, which every answer has, and where the next page begins.
fn rows<T>(
    xml: &mut Xml<'_, '_>,
    list: &str,
    row: impl Fn(&mut Xml<'_, '_>) -> Read<T>,
) -> Read<(Vec<T>, Option<String>)> {
    let (all, after) = query::rows(xml, (list, "nextToken"), row)?;
    let all = all.ok_or_else(|| XmlDecodeError::custom(format!("the answer has no {list}")))?;
    Ok((all, after))
}

fn group(xml: &mut Xml<'_, '_>) -> Read<SecurityGroup> {
    let (mut id, mut name, mut vpc, mut ingress) = (String::new(), String::new(), None, Vec::new());
    each(xml, |field, tag| {
        match field {
            "groupId" => id = text(tag)?,
            "groupName" => name = text(tag)?,
            "vpcId" => vpc = filled(tag)?.map(VpcId::new),
            "ipPermissions" => each(tag, |_, tag| {
                ingress.extend(permission(tag)?);
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    if id.is_empty() {
        return Err(XmlDecodeError::custom("a security group without its id"));
    }
    Ok(SecurityGroup { id: SecurityGroupId::new(id), name: name.into(), vpc, ingress })
}

/// A rule for each peer of a permission.
fn permission(xml: &mut Xml<'_, '_>) -> Read<Vec<Ingress>> {
    let (mut protocol, mut from, mut to) = (String::new(), None, None);
    let mut peers: Vec<(Peer, Option<Untrusted>)> = Vec::new();
    each(xml, |field, tag| {
        match field {
            "ipProtocol" => protocol = text(tag)?,
            "fromPort" => from = text(tag)?.parse().ok(),
            "toPort" => to = text(tag)?.parse().ok(),
            "ipRanges" | "ipv6Ranges" | "prefixListIds" | "groups" => each(tag, |_, tag| {
                peers.extend(peer(tag)?);
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    let rule =
        |(peer, description)| Ingress { protocol: protocol.as_str().into(), from, to, peer, description };
    Ok(peers.into_iter().map(rule).collect())
}

fn peer(xml: &mut Xml<'_, '_>) -> Read<Option<(Peer, Option<Untrusted>)>> {
    let (mut peer, mut owner, mut description) = (None, None, None);
    each(xml, |field, tag| {
        match field {
            "cidrIp" => peer = Some(Peer::V4(text(tag)?.into())),
            "cidrIpv6" => peer = Some(Peer::V6(text(tag)?.into())),
            "prefixListId" => peer = Some(Peer::PrefixList(text(tag)?.into())),
            "groupId" => {
                peer = Some(Peer::Group { group: SecurityGroupId::new(text(tag)?), owner: None });
            }
            "userId" => owner = filled(tag)?.map(Untrusted::from),
            "description" => description = filled(tag)?.map(Untrusted::from),
            _ => {}
        }
        Ok(())
    })?;
    if let Some(Peer::Group { owner: whose, .. }) = &mut peer {
        *whose = owner;
    }
    Ok(peer.map(|peer| (peer, description)))
}

/// The instances of a reservation.
fn reservation(xml: &mut Xml<'_, '_>) -> Read<Vec<Instance>> {
    let mut all = Vec::new();
    each(xml, |field, tag| match field {
        "instancesSet" => each(tag, |_, tag| {
            all.push(instance(tag)?);
            Ok(())
        }),
        _ => Ok(()),
    })?;
    Ok(all)
}

/// Where Auto Scaling names its group.
const SCALED_BY: &str = "aws:autoscaling:groupName";

fn instance(xml: &mut Xml<'_, '_>) -> Read<Instance> {
    let mut row = Instance {
        id: "".into(),
        state: "".into(),
        launched: None,
        kind: "".into(),
        key: None,
        profile: None,
        group: None,
    };
    each(xml, |field, tag| {
        match field {
            "instanceId" => row.id = text(tag)?.into(),
            "launchTime" => row.launched = text(tag)?.parse().ok(),
            "instanceType" => row.kind = text(tag)?.into(),
            "keyName" => row.key = filled(tag)?.map(Untrusted::from),
            "instanceState" => {
                if let Some(name) = within(tag, "name")? {
                    row.state = name.into();
                }
            }
            "iamInstanceProfile" => row.profile = within(tag, "arn")?.map(Arn::new),
            "tagSet" => each(tag, |_, tag| {
                let (mut key, mut value) = (String::new(), String::new());
                each(tag, |field, tag| {
                    match field {
                        "key" => key = text(tag)?,
                        "value" => value = text(tag)?,
                        _ => {}
                    }
                    Ok(())
                })?;
                if key == SCALED_BY {
                    row.group = Some(value.into());
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    if row.id.is_empty() {
        return Err(XmlDecodeError::custom("an instance without its id"));
    }
    Ok(row)
}

/// The text of one field of an element.
fn within(xml: &mut Xml<'_, '_>, wanted: &str) -> Read<Option<String>> {
    let mut found = None;
    each(xml, |field, tag| {
        if field == wanted {
            found = filled(tag)?;
        }
        Ok(())
    })?;
    Ok(found)
}

fn flow_log(xml: &mut Xml<'_, '_>) -> Read<FlowLog> {
    let mut row = FlowLog { id: "".into(), status: "".into(), traffic: "".into(), to: None };
    each(xml, |field, tag| {
        match field {
            "flowLogId" => row.id = text(tag)?.into(),
            "flowLogStatus" => row.status = text(tag)?.into(),
            "trafficType" => row.traffic = text(tag)?.into(),
            "logGroupName" | "logDestination" => {
                let said = text(tag)?;
                if row.to.is_none() && !said.is_empty() {
                    row.to = Some(said.into());
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(row)
}
