//! Changes to what lets traffic in: ways into a database are cut, and let in again on a false alarm. A way in that was cut
//! ends no connection that is tracked already. Source: EC2 API reference, `RevokeSecurityGroupIngress`,
//! `AuthorizeSecurityGroupIngress`; EC2 user guide, "Security group connection tracking".

use super::{CliLine, IdempotencyKey, Made, Receipt, Risk, Settle, Verdict, writes};
use crate::estate::ask::{self, Answer, Asks, Operation, Query};
use crate::estate::at::At;
use crate::estate::names::{DbInstanceName, SecurityGroupId};
use crate::estate::network::{Ingress, Peer};
use crate::estate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// EC2 is eventually consistent ("Eventual consistency in the Amazon EC2 API"): a rule that does not show for this long
/// after its intent was not made.
const QUIET: Duration = Duration::from_secs(60);

writes! { Ec2, "ec2";
    Revoke = "RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress" @ 2 for BreakGlass;
    Authorize = "AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupIngress" @ 2 for BreakGlass;
}

/// What is changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Cuts ways into a database.
    Cut {
        /// Which database is meant by it.
        instance: DbInstanceName,
        /// The group that has the rules.
        group: SecurityGroupId,
        /// The rules, each to be taken away.
        rules: Vec<Ingress>,
    },
    /// Lets in again what was cut.
    Admit {
        /// Which database is meant by it.
        instance: DbInstanceName,
        /// The group that gets the rules.
        group: SecurityGroupId,
        /// The rules.
        rules: Vec<Ingress>,
    },
}

/// One write: one rule each, so that none stands or falls with another.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the operation of its name; fields as in `Act`
pub enum Call {
    RevokeSecurityGroupIngress { group: SecurityGroupId, rule: Ingress },
    AuthorizeSecurityGroupIngress { group: SecurityGroupId, rule: Ingress },
}

impl Act {
    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::Cut { .. } => Risk::Containing,
            Act::Admit { .. } => Risk::Releasing,
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        match self {
            Act::Cut { group, .. } | Act::Admit { group, .. } => group.text().clone(),
        }
    }

    /// The database that it is about: one name for all of its groups.
    pub(super) fn owner(&self) -> Untrusted {
        match self {
            Act::Cut { instance, .. } | Act::Admit { instance, .. } => instance.text().clone(),
        }
    }

    pub(super) fn sentence(&self) -> String {
        let said = |rules: &[Ingress]| rules.iter().map(Ingress::words).collect::<Vec<_>>().join("; ");
        match self {
            Act::Cut { instance, group, rules } => {
                format!("Cut in {}, for {}: {}", group.shown(), instance.shown(), said(rules))
            }
            Act::Admit { instance, group, rules } => {
                format!("Let in again in {}, for {}: {}", group.shown(), instance.shown(), said(rules))
            }
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::Cut { .. } => {
                "add the same rules again, on a false alarm or when the source is clean".into()
            }
            Act::Admit { .. } => "cut them again".into(),
        }
    }

    pub(super) fn inverse(&self) -> Act {
        match self.clone() {
            Act::Cut { instance, group, rules } => Act::Admit { instance, group, rules },
            Act::Admit { instance, group, rules } => Act::Cut { instance, group, rules },
        }
    }

    pub(super) fn next(&self, made: &[Made]) -> Vec<Call> {
        let calls: Vec<Call> = match self {
            Act::Cut { group, rules, .. } => {
                let one = |rule: &Ingress| Call::RevokeSecurityGroupIngress {
                    group: group.clone(),
                    rule: rule.clone(),
                };
                rules.iter().map(one).collect()
            }
            Act::Admit { group, rules, .. } => {
                let one = |rule: &Ingress| Call::AuthorizeSecurityGroupIngress {
                    group: group.clone(),
                    rule: rule.clone(),
                };
                rules.iter().map(one).collect()
            }
        };
        let done = |call: &Call| made.iter().any(|m| matches!(&m.call, super::Call::Ec2(c) if c == call));
        calls.into_iter().filter(|call| !done(call)).collect()
    }
}

impl Call {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Call::RevokeSecurityGroupIngress { .. } => op(Op::Revoke),
            Call::AuthorizeSecurityGroupIngress { .. } => op(Op::Authorize),
        }
    }

    fn parts(&self) -> (&SecurityGroupId, &Ingress) {
        match self {
            Call::RevokeSecurityGroupIngress { group, rule }
            | Call::AuthorizeSecurityGroupIngress { group, rule } => (group, rule),
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        self.parts().0.text().clone()
    }

    pub(super) fn cli(&self, _key: &IdempotencyKey) -> CliLine {
        let (group, rule) = self.parts();
        let line = match self {
            Call::RevokeSecurityGroupIngress { .. } => CliLine::new("ec2 revoke-security-group-ingress"),
            Call::AuthorizeSecurityGroupIngress { .. } => {
                CliLine::new("ec2 authorize-security-group-ingress")
            }
        };
        // A description belongs to no rule that is revoked.
        let bare = || Ingress { description: None, ..rule.clone() };
        let permission = match self {
            Call::RevokeSecurityGroupIngress { .. } => permission(&bare()),
            Call::AuthorizeSecurityGroupIngress { .. } => permission(rule),
        };
        line.with("group-id", group.wire()).with("ip-permissions", permission)
    }

    pub(super) fn needs(&self) -> Vec<crate::estate::vault::Slot> {
        Vec::new()
    }

    /// Cutting twice does no harm and must not wait, so a "no" of it counts at once; what lets in is left alone for its
    /// quiet time.
    pub(super) fn settle(&self, at: &At) -> Settle {
        let ask = ask::ec2::DescribeSecurityGroups { groups: vec![self.parts().0.clone()] }.ask();
        let quiet = match self {
            Call::RevokeSecurityGroupIngress { .. } => Duration::ZERO,
            Call::AuthorizeSecurityGroupIngress { .. } => QUIET,
        };
        Settle::Look { query: Query { at: at.clone(), ask }, quiet }
    }

    pub(super) fn verdict(&self, _key: &IdempotencyKey, answers: &[Answer]) -> Verdict {
        let (group, rule) = self.parts();
        let mut found = None;
        for answer in answers {
            let Answer::Ec2(ask::ec2::Answer::DescribeSecurityGroups(page)) = answer else {
                return Verdict::Unclear;
            };
            found = found.or_else(|| page.iter().find(|g| g.id == *group));
        }
        let Some(found) = found else { return Verdict::Unclear };
        let there = found.ingress.iter().any(|r| r.is_same(rule));
        let wanted = match self {
            Call::RevokeSecurityGroupIngress { .. } => false,
            Call::AuthorizeSecurityGroupIngress { .. } => true,
        };
        if there == wanted { Verdict::Happened(Receipt::Done) } else { Verdict::NotHappened }
    }

    pub(super) fn stand_in(&self) -> Receipt {
        Receipt::Done
    }
}

/// A rule as the AWS CLI takes it: JSON with one permission.
fn permission(rule: &Ingress) -> String {
    use serde_json::{Map, Value, json};
    let mut peer = Map::new();
    if let Some(description) = &rule.description {
        peer.insert("Description".to_owned(), description.wire().into());
    }
    let (list, name, value) = match &rule.peer {
        Peer::V4(range) => ("IpRanges", "CidrIp", range.wire()),
        Peer::V6(range) => ("Ipv6Ranges", "CidrIpv6", range.wire()),
        Peer::PrefixList(list) => ("PrefixListIds", "PrefixListId", list.wire()),
        Peer::Group { group, owner } => {
            if let Some(owner) = owner {
                peer.insert("UserId".to_owned(), owner.wire().into());
            }
            ("UserIdGroupPairs", "GroupId", group.wire())
        }
    };
    peer.insert(name.to_owned(), value.into());
    let mut whole = Map::new();
    whole.insert("IpProtocol".to_owned(), rule.protocol.wire().into());
    for (name, port) in [("FromPort", rule.from), ("ToPort", rule.to)] {
        if let Some(port) = port {
            whole.insert(name.to_owned(), json!(port));
        }
    }
    whole.insert(list.to_owned(), json!([Value::Object(peer)]));
    json!([Value::Object(whole)]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::change::RunId;
    use crate::estate::network::SecurityGroup;

    fn rule() -> Ingress {
        Ingress {
            protocol: "tcp".into(),
            from: Some(3306),
            to: Some(3306),
            peer: Peer::V4("203.0.113.0/24".into()),
            description: Some("office \"old\"".into()),
        }
    }

    fn cut(rules: Vec<Ingress>) -> Act {
        Act::Cut { instance: DbInstanceName::new("db"), group: SecurityGroupId::new("sg-1"), rules }
    }

    #[test]
    fn every_rule_is_a_call_of_its_own_and_comes_back_as_it_was() {
        let other = Ingress { peer: Peer::V6("::/0".into()), ..rule() };
        let act = cut(vec![rule(), other]);
        let calls = act.next(&[]);
        assert_eq!(calls.len(), 2);
        let made = Made { call: super::super::Call::Ec2(calls[0].clone()), receipt: Receipt::Done };
        assert_eq!(act.next(&[made]), [calls[1].clone()]);
        assert_eq!(act.inverse().inverse(), act);
        assert_eq!((act.risk(), act.inverse().risk()), (Risk::Containing, Risk::Releasing));
        let key = IdempotencyKey::derive(&RunId::new("7f3a0b1c").unwrap(), "cut", 0, 1);
        let line = calls[0].cli(&key);
        let (_, super::super::CliValue::Text(json)) = &line.options[1] else { panic!("{line:?}") };
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(json[0]["IpRanges"][0]["CidrIp"], "203.0.113.0/24");
        assert_eq!((&json[0]["FromPort"], &json[0]["ToPort"]), (&3306.into(), &3306.into()));
    }

    #[test]
    fn a_cut_in_doubt_is_settled_at_once_and_what_lets_in_waits() {
        let at = At { account: None, region: crate::estate::Region::us_east_1() };
        let act = cut(vec![rule()]);
        let (revoke, authorize) = (act.next(&[])[0].clone(), act.inverse().next(&[])[0].clone());
        let quiet = |call: &Call| match call.settle(&at) {
            Settle::Look { quiet, .. } => quiet,
            other => panic!("{other:?}"),
        };
        assert_eq!((quiet(&revoke), quiet(&authorize)), (Duration::ZERO, QUIET));
        let key = IdempotencyKey::derive(&RunId::new("7f3a0b1c").unwrap(), "cut", 0, 1);
        let answer = |ingress| {
            let id = SecurityGroupId::new("sg-1");
            let group = SecurityGroup { id, name: "db".into(), vpc: None, ingress };
            [Answer::Ec2(ask::ec2::Answer::DescribeSecurityGroups(vec![group]))]
        };
        let there = Ingress { description: None, ..rule() };
        assert_eq!(revoke.verdict(&key, &answer(vec![])), Verdict::Happened(Receipt::Done));
        assert_eq!(revoke.verdict(&key, &answer(vec![there.clone()])), Verdict::NotHappened);
        assert_eq!(authorize.verdict(&key, &answer(vec![there])), Verdict::Happened(Receipt::Done));
        assert_eq!(revoke.verdict(&key, &[]), Verdict::Unclear);
    }
}
