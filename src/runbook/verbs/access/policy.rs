//! Statements of a policy document that bear on one principal and one action. Pure, and no evaluator: a condition is named,
//! not decided. Source: IAM user guide, "IAM JSON policy elements".

use crate::estate::{Arn, Glob, Untrusted};
use serde_json::Value as Json;

/// A statement that bears on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bears {
    /// Its id, or its place.
    pub name: String,
    /// `Effect` is `Allow`.
    pub allows: bool,
    /// The keys of its conditions with their values, safe to draw; empty without any.
    pub conditions: Vec<String>,
}

/// Those of a document; `None` if it is no policy.
pub(super) fn bearing(document: &str, principal: &Arn, action: &str) -> Option<Vec<Bears>> {
    let policy: Json = serde_json::from_str(document).ok()?;
    let statements = match policy.get("Statement")? {
        Json::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    let bears = |(n, s): (usize, &Json)| {
        let named = |keys: [&str; 2], fits: &dyn Fn(&str) -> bool| match (s.get(keys[0]), s.get(keys[1])) {
            (Some(these), _) => texts(these).iter().any(|t| fits(t)),
            (None, Some(but)) => !texts(but).iter().any(|t| fits(t)),
            (None, None) => false,
        };
        let acts = named(["Action", "NotAction"], &|pattern| is_action(pattern, action));
        let about = named(["Principal", "NotPrincipal"], &|who| is_principal(who, principal));
        (acts && about).then(|| Bears {
            name: match s.get("Sid").and_then(Json::as_str).filter(|sid| !sid.is_empty()) {
                Some(sid) => Untrusted::from(sid).shown().to_string(),
                None => format!("number {}", n + 1),
            },
            allows: s.get("Effect").and_then(Json::as_str) == Some("Allow"),
            conditions: conditions(s),
        })
    };
    Some(statements.iter().enumerate().filter_map(bears).collect())
}

/// The texts in a string, a list, or an object of these.
fn texts(of: &Json) -> Vec<String> {
    match of {
        Json::String(one) => vec![one.clone()],
        Json::Array(many) => many.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect(),
        Json::Object(kinds) => kinds
            .values()
            .flat_map(|v| match v {
                Json::String(one) => vec![one.clone()],
                Json::Array(many) => many.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect(),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => Vec::new(),
            })
            .collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) => Vec::new(),
    }
}

fn is_action(pattern: &str, action: &str) -> bool {
    let glob = Glob::new(&pattern.to_ascii_lowercase());
    glob.is_some_and(|g| g.matches(&action.to_ascii_lowercase()))
}

/// Whether a principal of a statement is this one, its account, or everybody. A role may be named with its path, or by a
/// session of it.
fn is_principal(who: &str, principal: &Arn) -> bool {
    let account = principal.account().unwrap_or_default();
    let last = |text: &str| text.rsplit('/').next().map(str::to_owned);
    who == "*"
        || who == principal.wire()
        || who == account
        || who.ends_with(&format!(":iam::{account}:root"))
        || (who.contains(&format!("::{account}:role/"))
            && principal.wire().contains(":role/")
            && last(who) == last(principal.wire()))
}

fn conditions(statement: &Json) -> Vec<String> {
    let Some(Json::Object(operators)) = statement.get("Condition") else { return Vec::new() };
    let mut all = Vec::new();
    for (operator, keys) in operators {
        let Json::Object(keys) = keys else { continue };
        for (key, value) in keys {
            let said = format!("{operator} {key} {}", texts(value).join(", "));
            all.push(Untrusted::from(said).shown().to_string());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(document: &str, action: &str) -> Vec<(String, bool)> {
        let role = Arn::new("arn:aws:iam::123456789012:role/app");
        let all = bearing(document, &role, action).unwrap();
        all.into_iter().map(|b| (b.name, b.allows)).collect()
    }

    #[test]
    fn statements_are_found_by_principal_and_action() {
        let document = r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"Net","Effect":"Deny","Principal":"*","Action":"secretsmanager:Get*","Resource":"*",
             "Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-1","vpce-2"]}}},
            {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/svc/app"},"Action":["SecretsManager:getsecretvalue"]},
            {"Sid":"Other","Effect":"Deny","Principal":{"AWS":["arn:aws:iam::123456789012:role/x"]},"Action":"*"},
            {"Sid":"But","Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:role/app"},"Action":"*"},
            {"Sid":"Not","Effect":"Deny","Principal":"*","NotAction":"secretsmanager:*"}]}"#;
        let get = "secretsmanager:GetSecretValue";
        assert_eq!(names(document, get), [("Net".to_owned(), false), ("number 2".to_owned(), true)]);
        assert_eq!(names(document, "kms:Decrypt"), [("Not".to_owned(), false)]);
        let role = Arn::new("arn:aws:iam::123456789012:role/app");
        let first = &bearing(document, &role, get).unwrap()[0];
        assert_eq!(first.conditions, ["StringNotEquals aws:SourceVpce vpce-1, vpce-2"]);
        let root = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*"}}"#;
        assert_eq!(names(root, "kms:Decrypt").len(), 1);
        assert!(bearing("nonsense", &role, get).is_none() && bearing("{}", &role, get).is_none());
    }
}
