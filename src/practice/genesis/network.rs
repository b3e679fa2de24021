//! The first rows of databases, of what lets traffic into them, and of keys.

use super::{Maker, values};
use crate::estate::{Ingress, Peer, SecurityGroupId};
use crate::practice::seed::{DatabaseSeed, FlowLogSeed, GroupSeed, KmsKeySeed, RuleSeed};
use crate::practice::world::ACCOUNT;
use crate::practice::world::database::{Database, FlowLog, Group};
use crate::practice::world::kms::KmsKey;

impl Maker<'_> {
    pub(super) fn database(&mut self, d: &DatabaseSeed) {
        let rng = self.rng(&format!("database {}", d.name));
        let password = values::text(self.world, &d.password, "");
        self.world.databases.push(Database {
            name: d.name.clone(),
            engine: d.engine.clone(),
            user: d.user.clone(),
            password,
            change: None,
            rebooting: None,
            cluster: d.cluster.clone(),
            replica_of: d.replica_of.clone(),
            managed: d.managed,
            public: d.public,
            multi_az: d.multi_az,
            port: d.port,
            vpc: d.vpc.clone(),
            groups: d.groups.clone(),
            backup_days: d.backup_days,
            logs: d.logs.clone(),
            waits: d.waits.clone(),
            snapshots: Vec::new(),
            reboots: 0,
            rng,
        });
    }

    pub(super) fn group(&mut self, g: &GroupSeed) {
        self.world.groups.push(Group {
            id: g.id.clone(),
            name: g.name.clone(),
            vpc: g.vpc.clone(),
            ingress: g.rule.iter().map(rule).collect(),
        });
    }

    pub(super) fn flow_log(&mut self, l: &FlowLogSeed) {
        self.world.flow_logs.push(FlowLog { id: l.id.clone(), vpc: l.vpc.clone(), to: l.to.clone() });
    }

    pub(super) fn kms_key(&mut self, k: &KmsKeySeed) {
        let condition = if k.via.is_empty() {
            String::new()
        } else {
            let via: Vec<String> = k.via.iter().map(|v| format!("\"{v}\"")).collect();
            format!(r#","Condition":{{"StringEquals":{{"kms:ViaService":[{}]}}}}"#, via.join(","))
        };
        let who = if k.lets_in == "root" { "root".to_owned() } else { format!("role/{}", k.lets_in) };
        let statement = |sid: &str, who: &str, action: &str, condition: &str| {
            format!(
                r#"{{"Sid":"{sid}","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:{who}"}},"Action":"{action}","Resource":"*"{condition}}}"#
            )
        };
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{},{}]}}"#,
            statement("Administer", "role/key-admins", "kms:*", ""),
            statement("Use", &who, "kms:Decrypt", &condition)
        );
        let (alias, id, state) = (k.alias.clone(), k.id.clone(), k.state.clone());
        self.world.kms_keys.push(KmsKey { alias, id, state, policy });
    }
}

fn rule(r: &RuleSeed) -> Ingress {
    let peer = if r.from.starts_with("sg-") {
        Peer::Group { group: SecurityGroupId::new(r.from.as_str()), owner: Some(ACCOUNT.into()) }
    } else if r.from.contains(':') {
        Peer::V6(r.from.as_str().into())
    } else {
        Peer::V4(r.from.as_str().into())
    };
    let description = r.description.as_deref().map(Into::into);
    Ingress { protocol: "tcp".into(), from: Some(r.port), to: Some(r.port), peer, description }
}
