//! What lets traffic in, as plain data: security groups with their rules one by one, and flow logs; and instances. Source:
//! EC2 API reference, `SecurityGroup`, `IpPermission`, `FlowLog`, `Instance`.

use super::names::{Arn, SecurityGroupId, VpcId};
use super::time::Timestamp;
use super::untrusted::Untrusted;
use serde::{Deserialize, Serialize};

/// A security group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its name.
    pub name: Untrusted,
    /// Where it is.
    pub vpc: Option<VpcId>,
    /// What it lets in. EC2 tells permissions with several peers; here each peer is a rule of its own.
    pub ingress: Vec<Ingress>,
}

/// One way in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Ingress {
    /// `IpProtocol`: `tcp`, `udp`, a number, `-1` for all.
    pub protocol: Untrusted,
    /// The first port; `None` for all of them.
    pub from: Option<i32>,
    /// The last port.
    pub to: Option<i32>,
    /// Whom it lets in.
    pub peer: Peer,
    /// What somebody has written beside it; put back with it.
    pub description: Option<Untrusted>,
}

/// Whom a rule lets in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// A range of IPv4 addresses.
    V4(Untrusted),
    /// A range of IPv6 addresses.
    V6(Untrusted),
    /// A prefix list.
    PrefixList(Untrusted),
    /// What is in another security group.
    Group {
        /// Which.
        group: SecurityGroupId,
        /// Whose, as EC2 says it.
        owner: Option<Untrusted>,
    },
}

impl Peer {
    /// The range, list or group as text.
    #[must_use]
    pub fn text(&self) -> &Untrusted {
        match self {
            Peer::V4(text) | Peer::V6(text) | Peer::PrefixList(text) => text,
            Peer::Group { group, .. } => group.text(),
        }
    }

    /// Whether it is everybody.
    #[must_use]
    pub fn is_anybody(&self) -> bool {
        matches!(self, Peer::V4(t) | Peer::V6(t) if t.wire().ends_with("/0"))
    }
}

impl Ingress {
    /// Whether it opens a TCP port.
    #[must_use]
    pub fn opens(&self, port: u32) -> bool {
        let port = i32::try_from(port).unwrap_or(i32::MAX);
        match self.protocol.wire() {
            "-1" => true,
            "tcp" | "6" => self.from.is_none_or(|from| from <= port) && self.to.is_none_or(|to| port <= to),
            _ => false,
        }
    }

    /// Whether it is the same way in, whatever is written beside it.
    #[must_use]
    pub fn is_same(&self, other: &Ingress) -> bool {
        self.protocol == other.protocol
            && (self.from, self.to) == (other.from, other.to)
            && match (&self.peer, &other.peer) {
                // Who owns it is told in some answers and not in others.
                (Peer::Group { group: a, .. }, Peer::Group { group: b, .. }) => a == b,
                (a, b) => a == b,
            }
    }

    /// `tcp 3306 from 203.0.113.0/24`. Safe to draw.
    #[must_use]
    pub fn words(&self) -> String {
        let ports = match (self.protocol.wire(), self.from, self.to) {
            ("-1", _, _) => "everything".to_owned(),
            (_, Some(from), Some(to)) if from == to => format!("{} {from}", self.protocol.shown()),
            (_, Some(from), Some(to)) => format!("{} {from}-{to}", self.protocol.shown()),
            (_, _, _) => format!("{}, all ports", self.protocol.shown()),
        };
        let anybody = if self.peer.is_anybody() { " (anybody)" } else { "" };
        format!("{ports} from {}{anybody}", self.peer.text().shown())
    }
}

/// A virtual machine, as far as one must know to tell whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instance {
    /// Its id.
    pub id: Untrusted,
    /// `instanceState`: `pending`, `running`, `stopped`, `terminated` and those between.
    pub state: Untrusted,
    /// `launchTime`: when it was last started.
    pub launched: Option<Timestamp>,
    /// Its type.
    pub kind: Untrusted,
    /// The name of the key pair that opens it.
    pub key: Option<Untrusted>,
    /// The instance profile, by which it has a role.
    pub profile: Option<Arn>,
    /// The Auto Scaling group that started it: tags that begin with `aws:` are set by AWS alone.
    pub group: Option<Untrusted>,
}

impl Instance {
    /// Whether it is there no more, or will not be in a moment: "terminated instances remain visible ... for a while".
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self.state.wire(), "shutting-down" | "terminated")
    }
}

/// A flow log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlowLog {
    /// Its id.
    pub id: Untrusted,
    /// `FlowLogStatus`.
    pub status: Untrusted,
    /// `TrafficType`: `ALL`, `ACCEPT`, `REJECT`.
    pub traffic: Untrusted,
    /// Where it is written: a log group or a bucket.
    pub to: Option<Untrusted>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(protocol: &str, from: Option<i32>, to: Option<i32>, peer: Peer) -> Ingress {
        Ingress { protocol: protocol.into(), from, to, peer, description: None }
    }

    #[test]
    fn a_rule_opens_a_port_by_its_range() {
        let any = || Peer::V4("0.0.0.0/0".into());
        for (protocol, from, to, opens) in [
            ("tcp", Some(3306), Some(3306), true),
            ("6", Some(3000), Some(4000), true),
            ("tcp", Some(22), Some(22), false),
            ("udp", Some(3306), Some(3306), false),
            ("-1", None, None, true),
            ("-1", Some(22), Some(22), true),
            ("icmp", Some(-1), Some(-1), false),
        ] {
            assert_eq!(rule(protocol, from, to, any()).opens(3306), opens, "{protocol} {from:?}");
        }
        assert_eq!(rule("tcp", Some(3306), Some(3306), any()).words(), "tcp 3306 from 0.0.0.0/0 (anybody)");
    }

    #[test]
    fn the_same_way_in_whatever_stands_beside_it() {
        let group = |owner: Option<&str>| Peer::Group {
            group: SecurityGroupId::new("sg-1"),
            owner: owner.map(Into::into),
        };
        let a = rule("tcp", Some(1), Some(1), group(None));
        let b = Ingress { description: Some("x".into()), ..rule("tcp", Some(1), Some(1), group(Some("1"))) };
        assert!(a.is_same(&b) && !a.is_same(&rule("tcp", Some(2), Some(2), group(None))));
    }
}
