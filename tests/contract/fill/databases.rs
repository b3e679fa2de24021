//! Databases, the security groups before them, flow logs and a key of KMS. RDS and EC2 are spoken to without an SDK, as the
//! ports do, and without a signature: these servers do not look at one.

use super::Filled;
use super::changed::EACH;
use crate::asking::REGION;
use aws_sdk_kms::Client as Kms;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub const CLUSTER: &str = "change-cluster";
pub const KMS: &str = "alias/change";
/// Whom the first rule of each group lets in.
pub const PARTNER: &str = "198.51.100.0/24";

const RDS: (&str, &str) = ("rds", "2014-10-31");
const EC2: (&str, &str) = ("ec2", "2016-11-15");

pub fn database(n: usize) -> String {
    format!("change-{n}")
}

/// One request of the Query protocol; the body of the answer.
fn query(
    url: &str,
    (service, version): (&str, &str),
    action: &str,
    with: &[(&str, &str)],
) -> Result<String, String> {
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in with {
        body += &format!("&{name}={}", encoded(value));
    }
    post(url, service, &["Content-Type: application/x-www-form-urlencoded"], &body)
        .map_err(|e| format!("{action}: {e}"))
}

/// One request to a service, with these lines in its head; the body of the answer.
pub(super) fn post(url: &str, service: &str, lines: &[&str], body: &str) -> Result<String, String> {
    let host = url.trim_start_matches("http://");
    let scope = format!("Credential=test/20261117/{REGION}/{service}/aws4_request");
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         {}\r\nX-Amz-Date: 20261117T100000Z\r\n\
         Authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=00\r\n\r\n",
        body.len(),
        lines.join("\r\n")
    );
    let sent = TcpStream::connect(host).and_then(|mut to| {
        to.set_read_timeout(Some(Duration::from_secs(60)))?;
        to.write_all(head.as_bytes())?;
        to.write_all(body.as_bytes())?;
        let mut answer = Vec::new();
        to.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    });
    let answer = sent.map_err(|e| e.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        _ => Err(format!("{}: {body}", head.lines().next().unwrap_or_default())),
    }
}

fn encoded(text: &str) -> String {
    let one = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}

/// The text of the first element of this name.
fn element(xml: &str, name: &str) -> Result<String, String> {
    let rest =
        xml.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once(&format!("</{name}>")));
    rest.map(|(text, _)| text.to_owned()).ok_or_else(|| format!("there is no {name} in {xml}"))
}

/// A security group that lets three in to the database: a range with a description, one of IPv6, and itself.
fn group(url: &str, name: &str) -> Result<String, String> {
    let made =
        query(url, EC2, "CreateSecurityGroup", &[("GroupName", name), ("GroupDescription", "a database")])?;
    let id = element(&made, "groupId")?;
    let at = |rest: &str| format!("IpPermissions.1.{rest}");
    let peers = [
        vec![(at("IpRanges.1.CidrIp"), PARTNER), (at("IpRanges.1.Description"), "the partner")],
        vec![(at("Ipv6Ranges.1.CidrIpv6"), "2001:db8::/48")],
        vec![(at("Groups.1.GroupId"), id.as_str())],
    ];
    let tcp = [(at("IpProtocol"), "tcp"), (at("FromPort"), "3306"), (at("ToPort"), "3306")];
    for peer in &peers {
        let mut with = vec![("GroupId", id.as_str())];
        with.extend(tcp.iter().chain(peer).map(|(name, value)| (name.as_str(), *value)));
        query(url, EC2, "AuthorizeSecurityGroupIngress", &with)?;
    }
    Ok(id)
}

fn instance(url: &str, name: &str, group: &str) -> Result<String, String> {
    let with = [
        ("DBInstanceIdentifier", name),
        ("DBInstanceClass", "db.t3.micro"),
        ("Engine", "mariadb"),
        ("EngineVersion", "10.11.8"),
        ("MasterUsername", "admin"),
        ("MasterUserPassword", "startpassword1"),
        ("AllocatedStorage", "20"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.1", group),
    ];
    query(url, RDS, "CreateDBInstance", &with)
}

fn cluster(url: &str) -> Result<String, String> {
    let engine = [("DBClusterIdentifier", CLUSTER), ("Engine", "aurora-mysql")];
    let version = ("EngineVersion", "8.0.mysql_aurora.3.04.0");
    let user = [("MasterUsername", "admin"), ("MasterUserPassword", "startpassword1")];
    query(url, RDS, "CreateDBCluster", &[&engine[..], &[version], &user[..]].concat())?;
    let writer = format!("{CLUSTER}-1");
    let member = [("DBInstanceIdentifier", writer.as_str()), ("DBInstanceClass", "db.r5.large")];
    query(url, RDS, "CreateDBInstance", &[&engine[..], &member[..]].concat())
}

fn flow_logs(url: &str, group: &str) -> Result<String, String> {
    let vpc = element(&query(url, EC2, "DescribeSecurityGroups", &[("GroupId.1", group)])?, "vpcId")?;
    let with = [
        ("ResourceType", "VPC"),
        ("ResourceId.1", vpc.as_str()),
        ("TrafficType", "ALL"),
        ("LogGroupName", "flows"),
        ("DeliverLogsPermissionArn", "arn:aws:iam::123456789012:role/flows"),
    ];
    query(url, EC2, "CreateFlowLogs", &with)
}

pub fn fill(url: &str, filled: &mut Filled) {
    let mut first = None;
    for n in 0..EACH {
        let Some(id) = filled.note("groups", group(url, &database(n))) else { break };
        if filled.note("databases", instance(url, &database(n), &id)).is_none() {
            first = first.or(Some(id));
            break;
        }
        first = first.or(Some(id));
    }
    // what has no database has no group that a question could find by it
    for (subject, of) in [("own database", "databases"), ("groups", "databases"), ("flow logs", "databases")]
    {
        if let Some(why) = filled.gap(of).map(str::to_owned) {
            filled.gaps.push((subject, why));
        }
    }
    filled.note("cluster", cluster(url));
    if let Some(group) = first {
        filled.note("flow logs", flow_logs(url, &group));
    }
}

pub async fn keys(client: &Kms, filled: &mut Filled) {
    let made = filled.note("keys of KMS", client.create_key().description("of the contract").send().await);
    let Some(id) = made.and_then(|m| m.key_metadata).map(|k| k.key_id) else { return };
    filled.note("keys of KMS", client.create_alias().alias_name(KMS).target_key_id(id).send().await);
}
