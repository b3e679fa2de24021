//! The writes to RDS and EC2 on the wire, as `calls` has those of the others: what is signed without an SDK crate, and that
//! nothing is ever applied at once. By the published API references; not verified against AWS.

use super::{Case, form};
use crate::server::{Reply, Request};
use crate::services::{ec2_answer, xml_answer};
use bartizan::estate::change::{Call, ec2, rds};
use bartizan::estate::{
    DbClusterName, DbInstanceName, DbSnapshotName, Ingress, Peer, Receipt, SecurityGroupId, Service, Slot,
};

/// A password as RDS takes one.
pub const PASSWORD: &str = "Pq7MARKbarracuda4711";

fn instance() -> DbInstanceName {
    DbInstanceName::new("logapi")
}

fn ingress(peer: Peer) -> Ingress {
    Ingress {
        protocol: "tcp".into(),
        from: Some(3306),
        to: Some(3306),
        peer,
        description: Some("old & gone".into()),
    }
}

fn group() -> SecurityGroupId {
    SecurityGroupId::new("sg-1")
}

/// What comes with every change of a password: no `ApplyImmediately`, and stars in the answer.
fn modified(operation: &str) -> Reply {
    xml_answer(
        operation,
        "<DBInstance><DBInstanceIdentifier>logapi</DBInstanceIdentifier><PendingModifiedValues>\
         <MasterUserPassword>****</MasterUserPassword></PendingModifiedValues></DBInstance>",
    )
}

/// What no SDK crate signs is signed by the same crate as theirs.
fn signed(request: &Request, service: &str) -> Result<(), String> {
    let said = request.header("authorization");
    let scope = format!("/eu-central-1/{service}/aws4_request, SignedHeaders=");
    if said.starts_with("AWS4-HMAC-SHA256 Credential=") && said.contains(&scope) && said.contains("host;") {
        Ok(())
    } else {
        Err(format!("it was signed so: {said}"))
    }
}

pub const DATABASES: &[Case] = &[
    Case {
        name: "modify_db_instance",
        service: Service::Rds,
        call: || {
            let password = Slot::new("password");
            Call::Rds(rds::Call::ModifyDBInstance { instance: instance(), password })
        },
        line: "POST /",
        right: |r| {
            signed(r, "rds")?;
            form(
                r,
                &format!(
                    "Action=ModifyDBInstance&Version=2014-10-31&DBInstanceIdentifier=logapi\
                     &MasterUserPassword={PASSWORD}"
                ),
            )
        },
        good: || modified("ModifyDBInstance"),
        receipt: || Receipt::Done,
        conflict: (400, "InvalidDBInstanceState"),
    },
    Case {
        name: "modify_db_cluster",
        service: Service::Rds,
        call: || {
            let (cluster, password) = (DbClusterName::new("shop"), Slot::new("password"));
            Call::Rds(rds::Call::ModifyDBCluster { cluster, password })
        },
        line: "POST /",
        right: |r| {
            form(
                r,
                &format!(
                    "Action=ModifyDBCluster&Version=2014-10-31&DBClusterIdentifier=shop\
                     &MasterUserPassword={PASSWORD}"
                ),
            )
        },
        good: || modified("ModifyDBCluster"),
        receipt: || Receipt::Done,
        conflict: (400, "InvalidDBClusterStateFault"),
    },
    Case {
        name: "reboot_db_instance",
        service: Service::Rds,
        call: || Call::Rds(rds::Call::RebootDBInstance { instance: instance() }),
        line: "POST /",
        right: |r| form(r, "Action=RebootDBInstance&Version=2014-10-31&DBInstanceIdentifier=logapi"),
        good: || modified("RebootDBInstance"),
        receipt: || Receipt::Done,
        conflict: (400, "InvalidDBInstanceState"),
    },
    Case {
        name: "create_db_snapshot",
        service: Service::Rds,
        call: || {
            let snapshot = DbSnapshotName::new("bartizan-7f3a0b1c");
            Call::Rds(rds::Call::CreateDBSnapshot { instance: instance(), snapshot })
        },
        line: "POST /",
        right: |r| {
            form(
                r,
                "Action=CreateDBSnapshot&Version=2014-10-31&DBInstanceIdentifier=logapi\
                 &DBSnapshotIdentifier=bartizan-7f3a0b1c",
            )
        },
        good: || modified("CreateDBSnapshot"),
        receipt: || Receipt::Done,
        conflict: (400, "DBSnapshotAlreadyExists"),
    },
    Case {
        name: "delete_ingress_rule",
        service: Service::Ec2,
        call: || {
            let rule = ingress(Peer::V4("203.0.113.0/24".into()));
            Call::Ec2(ec2::Call::RevokeSecurityGroupIngress { group: group(), rule })
        },
        line: "POST /",
        right: |r| {
            signed(r, "ec2")?;
            form(
                r,
                "Action=RevokeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-1\
                 &IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=3306&IpPermissions.1.ToPort=3306\
                 &IpPermissions.1.IpRanges.1.CidrIp=203.0.113.0%2F24",
            )
        },
        good: || ec2_answer("RevokeSecurityGroupIngress", "<requestId>r</requestId><return>true</return>"),
        receipt: || Receipt::Done,
        conflict: (409, "ConcurrentModification"),
    },
    Case {
        name: "authorize_ingress_rule",
        service: Service::Ec2,
        call: || {
            let (from, owner) = (SecurityGroupId::new("sg-app"), Some("123456789012".into()));
            let rule = ingress(Peer::Group { group: from, owner });
            Call::Ec2(ec2::Call::AuthorizeSecurityGroupIngress { group: group(), rule })
        },
        line: "POST /",
        right: |r| {
            form(
                r,
                "Action=AuthorizeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-1\
                 &IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=3306&IpPermissions.1.ToPort=3306\
                 &IpPermissions.1.Groups.1.GroupId=sg-app&IpPermissions.1.Groups.1.UserId=123456789012\
                 &IpPermissions.1.Groups.1.Description=old%20%26%20gone",
            )
        },
        good: || ec2_answer("AuthorizeSecurityGroupIngress", "<requestId>r</requestId><return>true</return>"),
        receipt: || Receipt::Done,
        conflict: (409, "ConcurrentModification"),
    },
];
