//! Keeping evidence: what CloudTrail, IAM, API Gateway, WAF and access logs tell of the credentials that an incident names, asked read-only and written
//! to files of the incident's own (0600, never overwritten), each named in the journal with its hash. What was not
//! answered is in the file too: a gap must not look like nothing.

use super::Incidents;
use super::access::{self, Log};
use super::fault::IncidentFault;
use super::files::Folder;
use crate::engine::runs::reading::{Begun, Reader};
use crate::estate::ask::cloudtrail::LookupEvents;
use crate::estate::ask::iam::{
    GetRole, GetRolePolicy, GetUser, GetUserPolicy, ListAccessKeys, ListAttachedRolePolicies,
    ListAttachedUserPolicies, ListGroupsForUser, ListMFADevices, ListRolePolicies, ListUserPolicies,
};
use crate::estate::principal::KeyKind;
use crate::estate::time::plus_seconds;
use crate::estate::{
    AccessKeyId, ApiKeyId, Arn, Asks, At, AttachedPolicy, Fault, InlinePolicy, Lookup, Minted, Query, Region,
    RoleName, Timestamp, TrailEvent, Untrusted, UserName,
};
use crate::runbook::Value as Given;
use crate::runbook::incident::{Event, IncidentId, Picture};
use crate::runbook::run::Run;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What evidence is gathered of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gathering {
    /// Access keys and sessions.
    pub keys: Vec<AccessKeyId>,
    /// Users.
    pub users: Vec<UserName>,
    /// Roles.
    pub roles: Vec<RoleName>,
    /// Keys of API Gateway.
    pub api_keys: Vec<ApiKeyId>,
    /// Sampled requests too, of every web ACL here and at CloudFront, and the access logs of every REST API here.
    pub requests: bool,
    /// Access logs that a person has named: then those of stages are not looked for.
    pub log_groups: Vec<Untrusted>,
    /// Addresses that are looked for in them, beside those that keys were used from.
    pub addresses: Vec<IpAddr>,
    /// How far back CloudTrail and usage are asked, in seconds.
    pub back_s: i64,
    /// Where.
    pub regions: Vec<Region>,
}

/// A file that was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptFile {
    /// Its name below the incident's directory.
    pub file: String,
    /// What it holds, in words.
    pub holds: String,
}

impl Gathering {
    /// What the runs of an incident name: the keys, users and roles that they are about, and those that their evidence
    /// has found.
    #[must_use]
    pub fn named_by(picture: &Picture) -> Self {
        let mut all = Self::default();
        for run in picture.runs.iter().filter_map(|attached| attached.run()) {
            all.of_run(run);
        }
        all
    }

    fn of_run(&mut self, run: &Run) {
        let at_gateway = run.definition.name.starts_with("api-key-")
            && matches!(run.input("store"), Some(Given::Text(store)) if store.wire().contains("api-gateway"));
        let outputs = run.steps.iter().flat_map(|s| &s.outputs);
        let inputs = run.definition.inputs.iter().filter_map(|i| Some((&i.name, run.input(&i.name)?)));
        for (name, value) in inputs.chain(outputs) {
            let texts: &[Untrusted] = match value {
                Given::Text(text) => std::slice::from_ref(text),
                Given::List(texts) => texts,
                _ => &[],
            };
            for text in texts.iter().filter(|t| !t.is_empty()) {
                match name.as_str() {
                    // Of a key at the gateway the evidence has found the id.
                    "old" if at_gateway => {
                        add(&mut self.api_keys, ApiKeyId::new(text.wire()));
                        self.requests = true;
                    }
                    "key" | "sessions" if KeyKind::of(text.wire()) != KeyKind::NoKey => {
                        add(&mut self.keys, AccessKeyId::new(text.wire()));
                    }
                    "user" => add(&mut self.users, UserName::new(text.wire())),
                    "role" | "roles" => add(&mut self.roles, RoleName::new(text.wire())),
                    _ => {}
                }
            }
        }
    }

    /// Whether there is nothing to gather.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let credentials = self.keys.is_empty() && self.users.is_empty() && self.roles.is_empty();
        credentials && self.api_keys.is_empty() && self.log_groups.is_empty() && !self.requests
    }
}

fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// Asks for evidence.
pub(super) struct Asker<'a> {
    reader: &'a Reader,
    pub at: At,
    pub now: Timestamp,
}

impl Incidents {
    /// Gathers evidence into an incident, file by file: what was kept before something fails stays kept.
    ///
    /// # Errors
    /// Nothing may be written here; there is no directory for files; a file or the journal cannot be written. That AWS
    /// does not answer is a part of the file.
    pub async fn gather(
        &self,
        id: &IncidentId,
        reader: &crate::engine::runs::Runs,
        what: &Gathering,
        mut progress: impl FnMut(&str),
    ) -> Result<Vec<KeptFile>, IncidentFault> {
        self.writable()?;
        let folder = Folder::of(self.archive.dir(), id)?;
        let at = self.author.at.clone();
        let asker = Asker { reader: reader.reader(), at, now: self.clock.now() };
        let (mut kept, mut seen) = (Vec::new(), BTreeSet::new());
        for key in &what.keys {
            progress(&format!("CloudTrail, for {}, in {} Regions", key.shown(), what.regions.len()));
            let (holds, document, addresses) = asker.trail(key, what).await;
            seen.extend(addresses);
            kept.push(self.keep(id, &folder, &format!("trail-{}", key.wire()), holds, document).await?);
        }
        for user in &what.users {
            progress(&format!("IAM, for the user {}", user.shown()));
            let (holds, document) = asker.user(user).await;
            kept.push(self.keep(id, &folder, &format!("user-{}", user.wire()), holds, document).await?);
        }
        for role in &what.roles {
            progress(&format!("IAM, for the role {}", role.shown()));
            let (holds, document) = asker.role(role).await;
            kept.push(self.keep(id, &folder, &format!("role-{}", role.wire()), holds, document).await?);
        }
        if !what.users.is_empty() || !what.keys.is_empty() {
            progress("IAM, for the credential report");
            let (holds, document) = asker.report(&*self.clock).await;
            kept.push(self.keep(id, &folder, "credential-report", holds, document).await?);
        }
        for key in &what.api_keys {
            progress(&format!("API Gateway, for the key {}", key.shown()));
            let (holds, document) = asker.usage(key, what.back_s).await;
            kept.push(self.keep(id, &folder, &format!("api-key-{}", key.wire()), holds, document).await?);
        }
        if what.requests {
            progress("WAF, for sampled requests");
            let (holds, document) = asker.requests(what.back_s).await;
            kept.push(self.keep(id, &folder, "waf-requests", holds, document).await?);
        }
        let mut logs: Vec<Log> = what.log_groups.iter().map(Log::named).collect();
        if logs.is_empty() && (what.requests || !what.api_keys.is_empty()) {
            progress("API Gateway, for where stages write who called");
            let (found, holds, document) = asker.access_logs().await;
            kept.push(self.keep(id, &folder, "access-logs", holds, document).await?);
            logs = found;
        }
        let words = access::sought(what, &seen);
        for log in &logs {
            let (holds, document) = asker.access_log(log, &words, what.back_s, &mut progress).await;
            let name = format!("access-log-{}", log.group.wire().replace('/', "-"));
            kept.push(self.keep(id, &folder, &name, holds, document).await?);
        }
        Ok(kept)
    }

    /// The file is on the disk before the journal names it.
    async fn keep(
        &self,
        id: &IncidentId,
        folder: &Folder,
        name: &str,
        holds: String,
        document: Value,
    ) -> Result<KeptFile, IncidentFault> {
        let mut text = format!("{document:#}");
        text.push('\n');
        let written = folder.write(name, text.into_bytes()).await?;
        let event = Event::Kept {
            file: written.file.clone(),
            sha256: written.sha256,
            bytes: written.bytes,
            holds: holds.clone(),
        };
        self.add(id, event).await?;
        Ok(KeptFile { file: written.file, holds })
    }
}

impl Asker<'_> {
    /// The first pages of the answers to a question, and what became of the rest.
    pub(super) async fn some_pages(&self, query: &Query, most: usize) -> Begun {
        self.reader.some_pages(query, most).await
    }

    /// Every answer to a question, page by page.
    pub(super) async fn all<A: Asks>(&self, at: &At, ask: A) -> Result<Vec<A::Out>, Fault> {
        let seen = self.reader.pages(&Query { at: at.clone(), ask: ask.ask() }).await?;
        seen.value.into_iter().map(A::open).collect()
    }

    pub(super) async fn one<A: Asks>(&self, ask: A) -> Result<Vec<A::Out>, Fault> {
        self.all(&self.at, ask).await
    }

    /// What was done with a credential, Region by Region, beside each other.
    /// And the addresses that it was used from.
    async fn trail(&self, key: &AccessKeyId, what: &Gathering) -> (String, Value, BTreeSet<IpAddr>) {
        let from = plus_seconds(self.now, -what.back_s);
        let one = |region: Region| async move {
            let at = At { region: region.clone(), ..self.at.clone() };
            let asked = LookupEvents { by: Lookup::Key(key.clone()), from };
            (region, self.all(&at, asked).await)
        };
        let answers = futures_util::future::join_all(what.regions.iter().cloned().map(one)).await;
        let (mut events, mut gaps) = (Vec::new(), Vec::new());
        for (region, answer) in answers {
            match answer {
                Ok(pages) => events.extend(pages.concat()),
                Err(fault) => gaps.push(json!({ "region": region.as_str(), "why": fault.to_string() })),
            }
        }
        events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        events.dedup_by(|a, b| a.id == b.id);
        let asked = what.regions.len();
        let holds = format!(
            "{} of CloudTrail by {} since {from}, of {} of {asked} Regions; late events and data events are not in it",
            crate::runbook::words::counted(events.len(), "event"),
            key.shown(),
            asked - gaps.len()
        );
        let document = json!({
            "of": "cloudtrail:LookupEvents",
            "key": key.wire(),
            "asked": self.now.to_string(),
            "from": from.to_string(),
            "regions": what.regions.iter().map(Region::as_str).collect::<Vec<_>>(),
            "gaps": gaps,
            "events": events.iter().map(event).collect::<Vec<_>>(),
        });
        // What AWS calls by itself has the name of a service there.
        let address = |e: &TrailEvent| e.source_ip.as_ref().and_then(|ip| ip.wire().parse().ok());
        (holds, document, events.iter().filter_map(address).collect())
    }

    async fn user(&self, user: &UserName) -> (String, Value) {
        let of = || user.clone();
        let found = self.one(GetUser { user: of() }).await;
        let keys = self.one(ListAccessKeys { user: of() }).await;
        let attached = self.one(ListAttachedUserPolicies { user: of() }).await;
        let groups = self.one(ListGroupsForUser { user: of() }).await;
        let devices = self.one(ListMFADevices { user: of() }).await;
        let inline = match self.one(ListUserPolicies { user: of() }).await {
            Ok(names) => {
                let mut all = Vec::new();
                for policy in names.concat() {
                    all.push(self.one(GetUserPolicy { user: of(), policy }).await);
                }
                all.into_iter().collect::<Result<Vec<_>, _>>().map(|all| all.concat())
            }
            Err(fault) => Err(fault),
        };
        let document = json!({
            "of": "iam",
            "user": user.wire(),
            "asked": self.now.to_string(),
            "found": said(found.map(|all| all.first().map(|u| json!({
                "arn": u.arn.wire(), "created": instant(u.created), "boundary": u.boundary.as_ref().map(Arn::wire),
                "password_used": instant(u.password_used),
            })))),
            "keys": said(keys.map(|all| all.concat().iter().map(|k| json!({
                "id": k.id.wire(), "active": k.active, "created": instant(k.created),
            })).collect::<Vec<_>>())),
            "attached": said(attached.map(|all| policies(&all.concat()))),
            "inline": said(inline.map(|all| documents(&all))),
            "groups": said(groups.map(|all| all.concat().iter().map(|g| g.wire().to_owned()).collect::<Vec<_>>())),
            "mfa_devices": said(devices.map(|all| all.concat().iter().map(|d| json!({
                "serial": d.serial.wire(), "enabled": instant(d.enabled),
            })).collect::<Vec<_>>())),
        });
        (format!("keys, policies, groups and MFA devices of the user {}", user.shown()), document)
    }

    async fn role(&self, role: &RoleName) -> (String, Value) {
        let of = || role.clone();
        let found = self.one(GetRole { role: of() }).await;
        let attached = self.one(ListAttachedRolePolicies { role: of() }).await;
        let inline = match self.one(ListRolePolicies { role: of() }).await {
            Ok(names) => {
                let mut all = Vec::new();
                for policy in names.concat() {
                    all.push(self.one(GetRolePolicy { role: of(), policy }).await);
                }
                all.into_iter().collect::<Result<Vec<_>, _>>().map(|all| all.concat())
            }
            Err(fault) => Err(fault),
        };
        let document = json!({
            "of": "iam",
            "role": role.wire(),
            "asked": self.now.to_string(),
            "found": said(found.map(|all| all.first().map(|r| json!({
                "arn": r.arn.wire(), "created": instant(r.created), "last_used": instant(r.last_used),
                "trust": r.trust.as_ref().map(Untrusted::wire), "max_session_s": r.max_session_s,
            })))),
            "attached": said(attached.map(|all| policies(&all.concat()))),
            "inline": said(inline.map(|all| documents(&all))),
        });
        (format!("trust and policies of the role {}", role.shown()), document)
    }
}

/// An answer, or why there is none.
pub(super) fn said(answer: Result<impl serde::Serialize, Fault>) -> Value {
    match answer {
        Ok(value) => json!(value),
        Err(fault) => json!({ "not_answered": fault.to_string() }),
    }
}

pub(super) fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(|t| t.to_string())
}

fn policies(all: &[AttachedPolicy]) -> Vec<Value> {
    all.iter().map(|p| json!({ "name": p.name.wire(), "arn": p.arn.wire() })).collect()
}

fn documents(all: &[InlinePolicy]) -> Vec<Value> {
    all.iter().map(|p| json!({ "name": p.name.wire(), "document": p.document.wire() })).collect()
}

fn event(event: &TrailEvent) -> Value {
    let text = |text: &Option<Untrusted>| text.as_ref().map(|t| t.wire().to_owned());
    json!({
        "id": event.id.wire(),
        "at": event.at.to_string(),
        "name": event.name.wire(),
        "source": event.source.wire(),
        "region": text(&event.region),
        "source_ip": text(&event.source_ip),
        "user_agent": text(&event.user_agent),
        "key": event.key.as_ref().map(AccessKeyId::wire),
        "principal": event.principal.as_ref().map(Arn::wire),
        "error": text(&event.error),
        "read_only": event.read_only,
        "secret": text(&event.secret),
        "made": event.minted.as_ref().map(made),
    })
}

/// What credentials an event made: ids only, as everywhere.
fn made(minted: &Minted) -> Value {
    match minted {
        Minted::Role { key, role } => json!({ "session_of_role": role.wire(), "key": key.wire() }),
        Minted::User { key } => json!({ "session_of_user": true, "key": key.wire() }),
        Minted::Key { key, user } => json!({ "key": key.wire(), "user": user.as_ref().map(UserName::wire) }),
        Minted::Password { user } => json!({ "password_of": user.wire() }),
    }
}
