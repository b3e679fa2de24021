//! The verbs of a database's containment as tables: which ways in are extra, what is said of them, and what is looked at
//! again. Whole runs are in the integration tests over the practice estate.

use super::evidence::Evidence;
use super::extra;
use super::revoke::Revoke;
use super::verify::Verify;
use crate::estate::ask::{ec2, rds};
use crate::estate::*;
use crate::runbook::need::{Done, Fact, Need, Want};
use crate::runbook::testing::{Bench, World, beginning, seen};
use crate::runbook::value::Value;

fn rule(peer: Peer, port: i32) -> Ingress {
    Ingress { protocol: "tcp".into(), from: Some(port), to: Some(port), peer, description: None }
}

fn range(text: &str) -> Peer {
    if text.contains(':') { Peer::V6(text.into()) } else { Peer::V4(text.into()) }
}

fn in_group(id: &str) -> Peer {
    Peer::Group { group: SecurityGroupId::new(id), owner: None }
}

fn group(ingress: Vec<Ingress>) -> SecurityGroup {
    SecurityGroup { id: SecurityGroupId::new("sg-db"), name: "db\u{1b}[2J".into(), vpc: None, ingress }
}

/// A database with one group, whose rules go when they are cut, but show for so many looks more.
struct Estate {
    group: SecurityGroup,
    public: bool,
    shows: u32,
    cut: Vec<Ingress>,
}

impl Estate {
    fn with(ingress: Vec<Ingress>) -> Self {
        Self { group: group(ingress), public: false, shows: 0, cut: Vec::new() }
    }
}

impl World for Estate {
    fn answer(&mut self, _: Timestamp, want: &Want) -> Fact {
        let (Want::Pages(query) | Want::Try(query)) = want else { panic!("{want:?}") };
        let answer = match &query.ask {
            Ask::Rds(rds::Ask::DescribeDBInstances(_)) => {
                Answer::Rds(rds::Answer::DescribeDBInstances(vec![Database {
                    name: DbInstanceName::new("db"),
                    arn: Arn::new("arn:aws:rds:eu-central-1:123456789012:db:db"),
                    engine: "mariadb".into(),
                    status: "available".into(),
                    master_user: "admin".into(),
                    managed_secret: None,
                    cluster: None,
                    replica_of: None,
                    public: self.public,
                    port: Some(3306),
                    multi_az: false,
                    groups: vec![SecurityGroupId::new("sg-db")],
                    vpc: Some(VpcId::new("vpc-1")),
                    backup_days: 0,
                    logs: vec![],
                    pending: PendingChanges::default(),
                }]))
            }
            Ask::Ec2(ec2::Ask::DescribeSecurityGroups(_)) => {
                let mut group = self.group.clone();
                match self.shows.checked_sub(1) {
                    Some(left) if !self.cut.is_empty() => self.shows = left,
                    Some(_) | None => group.ingress.retain(|r| !self.cut.contains(r)),
                }
                Answer::Ec2(ec2::Answer::DescribeSecurityGroups(vec![group]))
            }
            Ask::Ec2(ec2::Ask::DescribeFlowLogs(_)) => {
                let kind = FaultKind::Denied { action: "ec2:DescribeFlowLogs".into(), resource: None };
                return Fact::Pages(Err(Fault::new(kind, "ec2:DescribeFlowLogs", "no")));
            }
            other => panic!("{other:?}"),
        };
        Fact::Pages(Ok(seen(vec![answer], beginning())))
    }

    fn apply(&mut self, _: Timestamp, call: &Call, _: &IdempotencyKey) -> Result<Receipt, Fault> {
        let Call::Ec2(change::ec2::Call::RevokeSecurityGroupIngress { rule, .. }) = call else {
            panic!("{call:?}")
        };
        self.cut.push(rule.clone());
        Ok(Receipt::Done)
    }
}

fn bench(keep: &[&str]) -> Bench {
    let list = |all: &[&str]| Value::List(all.iter().map(|t| (*t).into()).collect());
    let mut with = vec![
        ("instance", Value::Text("db".into())),
        ("port", Value::Number(3306)),
        ("groups", list(&["sg-db"])),
    ];
    if !keep.is_empty() {
        with.push(("keep", list(keep)));
    }
    Bench::with(&with)
}

#[test]
fn ranges_are_extra_and_groups_stay_unless_others_are_named() {
    let all = vec![
        rule(in_group("sg-app"), 3306),
        rule(range("203.0.113.0/24"), 3306),
        rule(range("::/0"), 3306),
        rule(range("10.0.0.0/8"), 22),
    ];
    for (keep, cut) in [
        (vec![], vec!["203.0.113.0/24", "::/0"]),
        (vec!["sg-app"], vec!["203.0.113.0/24", "::/0"]),
        (vec!["203.0.113.0/24"], vec!["sg-app", "::/0"]),
        (vec!["sg-app", "203.0.113.0/24", "::/0"], vec![]),
    ] {
        let keep: Vec<Untrusted> = keep.into_iter().map(Into::into).collect();
        let found = extra(&group(all.clone()), 3306, &keep);
        let found: Vec<&str> = found.iter().map(|r| r.peer.text().wire()).collect();
        assert_eq!(found, cut, "{keep:?}");
    }
}

#[test]
fn what_was_cut_is_looked_for_until_it_is_gone() {
    let mut estate = Estate::with(vec![rule(in_group("sg-app"), 3306), rule(range("0.0.0.0/0"), 3306)]);
    estate.shows = 3;
    let mut bench = bench(&[]);
    let done = bench.go(&Revoke, &mut estate).unwrap();
    assert_eq!((estate.cut.len(), bench.proposed.len()), (1, 1), "it is not cut twice while it shows");
    assert!(bench.now > beginning(), "it was looked at again");
    assert!(done.evidence.iter().any(|e| e == "stays: tcp 3306 from sg-app"), "{:?}", done.evidence);
    let leaves = &bench.proposed[0].leaves;
    assert!(leaves.iter().any(|l| l.contains("tracked and go on")), "{leaves:?}");
}

#[test]
fn nobody_left_is_said_before_it_is_so() {
    let mut estate = Estate::with(vec![rule(range("0.0.0.0/0"), 3306)]);
    let mut bench = bench(&[]);
    bench.go(&Revoke, &mut estate).unwrap();
    assert!(bench.proposed[0].breaks.iter().any(|b| b.starts_with("NOBODY is let in")));
    // and nothing to cut changes nothing
    let mut quiet = Estate::with(vec![rule(in_group("sg-app"), 3306)]);
    let Done { evidence, .. } = self::bench(&[]).go(&Revoke, &mut quiet).unwrap();
    assert!(evidence[0].contains("nothing was changed") && quiet.cut.is_empty());
}

#[test]
fn a_way_in_that_is_open_again_is_an_alarm() {
    let mut estate = Estate::with(vec![rule(range("0.0.0.0/0"), 3306)]);
    let Err(Need::Refuse(why)) = bench(&[]).next(&Verify, &mut estate) else {
        panic!("it was taken for good")
    };
    assert!(why.starts_with("NOT CONTAINED") && why.contains("0.0.0.0/0 (anybody)"), "{why}");
    let mut estate = Estate { public: true, ..Estate::with(vec![rule(in_group("sg-app"), 3306)]) };
    let said = bench(&[]).next(&Verify, &mut estate).unwrap().evidence.join("; ");
    assert!(
        said.contains("still publicly accessible") && said.contains("from inside the VPC only"),
        "{said}"
    );
}

#[test]
fn evidence_says_gaps_and_draws_no_escape() {
    let mut estate = Estate { public: true, ..Estate::with(vec![rule(range("0.0.0.0/0"), 3306)]) };
    let done = bench(&[]).next(&Evidence, &mut estate).unwrap();
    let said = done.evidence.join("\n");
    for word in
        ["PUBLICLY ACCESSIBLE", "NO automatic backups", "flow logs: not known (denied", "none of its logs"]
    {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains('\u{1b}'), "{said:?}");
    assert!(!done.outputs.contains_key("cluster") && done.outputs["port"] == Value::Number(3306));
}
