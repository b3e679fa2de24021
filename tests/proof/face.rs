//! What an estate holds, as text that does not depend on ids, times and what was generated; and its secrets, to look
//! for where they must not be.

use crate::bed::Bed;
use bartizan::estate::*;
use std::collections::BTreeSet;

fn at() -> At {
    At { account: AccountId::new("000000000000"), region: Region::us_east_1() }
}

async fn all<Q: Asks>(bed: &Bed, question: Q) -> Q::Out {
    let query = Query { at: at(), ask: question.ask() };
    let page = bed.ports.reads.fetch(&query, None).await.unwrap();
    Q::open(page.answer).unwrap()
}

async fn text(bed: &Bed, source: MaterialSource) -> String {
    let (vault, slot) = (Vault::default(), Slot::new("seen"));
    let writes = bed.ports.writes.as_ref().unwrap();
    writes.materials.load(&at(), &source, slot.clone(), &vault).await.unwrap();
    vault.with(&slot, |b| String::from_utf8(b.to_vec()).unwrap()).unwrap()
}

/// What there is, in words, with everything secret in it.
pub async fn raw(bed: &Bed, system: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let (secrets, functions, user): (&[&str], &[&str], _) = match system {
        "logapi" => (&["logapi/api-key", "logapi/exporter"], &["logapi-handler"], Some("logapi-exporter")),
        "json-stack" => (&["json-stack/cors-signing"], &[], Some("json-stack-ci")),
        "omnitrack" => (&["omnitrack/api-keys"], &[], None),
        "mte" => (&[], &["mte-prod-ProcessAnalysisFunction"], None),
        _ => (&[], &["mongo-api-prod-authorizer"], None),
    };
    for name in secrets {
        let described = all(bed, ask::secretsmanager::DescribeSecret { secret: Arn::new(*name) }).await;
        let secret = described.arn;
        for recorded in field_date::recorded(&described.tags) {
            // When a field was changed differs from run to run; since when at least it was not does not.
            let date = recorded.date.unwrap();
            let when = if date.is_bound() { date.text() } else { "changed".to_owned() };
            lines.push(format!("access tag of {name} {} {when}", recorded.field.wire()));
        }
        let asked = ask::secretsmanager::ListSecretVersionIds { secret: secret.clone(), deprecated: false };
        for version in all(bed, asked).await {
            let mut stages: Vec<_> = version.stages.iter().map(|s| s.wire().to_owned()).collect();
            stages.sort();
            let source = MaterialSource::Secret { secret: secret.clone(), version: version.id.clone() };
            lines.push(format!("secret {name} {stages:?} {}", text(bed, source).await));
        }
    }
    for name in functions {
        let function = FunctionName::new(*name);
        let latest = MaterialSource::Environment { function: function.clone(), version: None };
        // a long name is no secret
        let short = name.get(..12).unwrap_or(name);
        lines.push(format!("function {short} {}", text(bed, latest).await));
        for alias in all(bed, ask::lambda::ListAliases { function: function.clone() }).await {
            let source = MaterialSource::Environment {
                function: function.clone(),
                version: Some(alias.version.clone()),
            };
            lines.push(format!("alias {} {}", alias.name.wire(), text(bed, source).await));
        }
    }
    for name in functions.iter().copied().chain((system == "mongo-api").then_some("mongo-api-prod-app")) {
        let reserved = all(bed, ask::lambda::GetFunctionConcurrency { function: FunctionName::new(name) });
        lines.push(format!("access to {name} {:?}", reserved.await));
    }
    for mapping in all(bed, ask::lambda::ListEventSourceMappings {}).await {
        lines.push(format!("access of {} {}", mapping.function.resource().wire(), mapping.state.wire()));
    }
    // The one whose application has its password in a variable.
    let databases = all(bed, ask::rds::DescribeDBInstances { instance: None }).await;
    for db in databases.into_iter().filter(|db| db.name.wire() == "logapi-prod") {
        lines.extend(of_database(bed, &db).await);
    }
    for key in all(bed, ask::apigateway::GetApiKeys { name_prefix: None }).await {
        let value = text(bed, MaterialSource::ApiKey { key: key.id.clone() }).await;
        let plans = all(bed, ask::apigateway::GetUsagePlans { key: Some(key.id.clone()) }).await;
        let mut plans: Vec<_> = plans.iter().map(|p| p.name.wire().to_owned()).collect();
        plans.sort();
        lines.push(format!("key {} {} {plans:?} {value}", key.name.wire(), key.enabled));
    }
    if let Some(name) = user {
        let user = UserName::new(name);
        for key in all(bed, ask::iam::ListAccessKeys { user }).await {
            lines.push(format!("access key {} {}", key.id.wire(), key.active));
        }
        let user = UserName::new(name);
        for policy in all(bed, ask::iam::ListAttachedUserPolicies { user }).await {
            lines.push(format!("access policy {}", policy.arn.wire()));
        }
        for role in all(bed, ask::iam::ListRoles {}).await {
            for policy in all(bed, ask::iam::ListRolePolicies { role: role.name.clone() }).await {
                lines.push(format!("access of role {} {}", role.name.wire(), policy.wire()));
            }
        }
    }
    lines.sort();
    lines
}

/// Who gets in to a database, which password it takes, and what was made of it.
async fn of_database(bed: &Bed, db: &Database) -> Vec<String> {
    let name = db.name.wire();
    let latest = MaterialSource::Environment { function: FunctionName::new("logapi-handler"), version: None };
    let held: serde_json::Value = serde_json::from_str(&text(bed, latest).await).unwrap();
    let password = held["DB_PASSWORD"].as_str().unwrap();
    let takes = bed.practice.signs_in(&db.name, password.as_bytes()).unwrap();
    let waits = (db.pending.password, &db.pending.others, db.status.wire());
    let mut lines = vec![format!("access to {name}: takes the application's {takes}, waits {waits:?}")];
    for group in all(bed, ask::ec2::DescribeSecurityGroups { groups: db.groups.clone() }).await {
        lines.extend(
            group.ingress.iter().map(|rule| format!("access to {name} by {}", rule.peer.text().wire())),
        );
    }
    for snapshot in all(bed, ask::rds::DescribeDBSnapshots { instance: db.name.clone() }).await {
        lines.push(format!("access snapshot {}", snapshot.name.wire()));
    }
    lines
}

/// Words that could be a key: long, letters and digits.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.len() >= 20)
}

/// The same for two estates that went the same way: what is new is numbered, the run has no name.
pub fn neutral(before: &[String], after: &[String], run: &RunId) -> Vec<String> {
    let known: BTreeSet<&str> = before.iter().flat_map(|l| words(l)).collect();
    let nameless = |line: &String| line.replace(run.label().as_str(), "<run>").replace(run.as_str(), "<run>");
    let mut lines: Vec<String> = after.iter().map(nameless).collect();
    // Ordered by what does not differ from run to run.
    let blank = |line: &str| {
        let new: Vec<String> = words(line).filter(|w| !known.contains(w)).map(str::to_owned).collect();
        new.iter().fold(line.to_owned(), |l, w| l.replace(w.as_str(), "<new>"))
    };
    lines.sort_by_key(|l| blank(l));
    let mut new: Vec<String> = Vec::new();
    for line in &lines {
        for word in words(line).filter(|w| !known.contains(w)) {
            if !new.iter().any(|n| n == word) {
                new.push(word.to_owned());
            }
        }
    }
    let numbered = |line: &String| {
        new.iter()
            .enumerate()
            .fold(line.clone(), |l, (n, word)| l.replace(word.as_str(), &format!("<new {n}>")))
    };
    lines.iter().map(numbered).collect()
}

/// Everything secret in those lines: entries of lists and values of variables, no ids and no names.
pub fn secrets(lines: &[String]) -> BTreeSet<String> {
    let of = |l: &&String| !l.starts_with("access ");
    let mut found: BTreeSet<String> =
        lines.iter().filter(of).flat_map(|l| words(l)).map(str::to_owned).collect();
    // The id of an access key is no secret.
    found.retain(|w| !w.starts_with("AKIA"));
    found
}

/// Nothing of it is in `text`.
#[track_caller]
pub fn nowhere(secrets: &BTreeSet<String>, text: &str, place: &str) {
    assert!(!secrets.is_empty());
    for secret in secrets {
        assert!(!text.contains(secret.as_str()), "a secret of {} characters is in {place}", secret.len());
    }
}
