//! `role.evidence`: what a role is, who may assume it, and whether its sessions can be revoked here at all. Looks only.

use super::{ROLE, caller, role_name, role_of, together, wants};
use crate::estate::Untrusted;
use crate::estate::ask::iam::{GetRole, ListAttachedRolePolicies, ListRolePolicies};
use crate::estate::change::iam::contain::is_revocation;
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::{View, is_missing, refusal};
use crate::runbook::words::said as how_long;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Looks at the role.
pub struct Evidence;

impl Verb for Evidence {
    fn name(&self) -> &'static str {
        "role.evidence"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells a role's longest session, trust, policies and older revocations. A service-linked role, one of Identity Center \
         and the role that this program works as are refused, with the reason."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[ROLE];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "longest", kind: ValueType::Duration }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let name = role_name(v)?;
        let me = caller(v)?;
        if role_of(&me.arn) == Some(name.wire()) {
            return Err(Need::Refuse(format!(
                "you work as {} yourself: the revocation would end your own session before this is over. Take other \
                 credentials (the break-glass role) and start again",
                name.shown()
            )));
        }
        let role = match v.pages(GetRole { role: name.clone() })?.map(|mut all| all.pop()) {
            Ok(Some(role)) => role,
            Ok(None) => return Err(Need::Refuse("AWS gave an empty answer".into())),
            Err(fault) if is_missing(&fault) => {
                return Err(Need::Refuse(format!(
                    "there is no role {} in this account (a name, without path and ARN, is wanted)",
                    name.shown()
                )));
            }
            Err(fault) => return Err(refusal(fault)),
        };
        if role.is_service_linked() {
            return Err(Need::Refuse(format!(
                "{} is a service-linked role: AWS does not let its sessions be revoked. Contain what it works for, at its \
                 service",
                name.shown()
            )));
        }
        if role.is_of_identity_center() {
            return Err(Need::Refuse(format!(
                "{} is Identity Center's, which writes it anew: end the user's active sessions there, and disable the user",
                name.shown()
            )));
        }
        let attached = v.pages(ListAttachedRolePolicies { role: name.clone() });
        let inline = v.pages(ListRolePolicies { role: name.clone() });
        together([wants(&attached), wants(&inline)])?;
        let longest = u64::from(role.max_session_s);
        let mut said = vec![format!("{}: a session lives {} at most", role.arn.shown(), how_long(longest))];
        let trusted = role.trust.as_ref().map_or_else(Vec::new, |t| principals(t.wire()));
        said.push(if trusted.is_empty() {
            "whom it trusts could not be read".to_owned()
        } else {
            format!("it trusts {}: whoever that is can assume it again at once", trusted.join(", "))
        });
        match attached? {
            Ok(pages) => {
                let names: Vec<String> = pages.concat().iter().map(|p| p.name.shown().to_string()).collect();
                said.push(format!(
                    "managed policies: {}",
                    if names.is_empty() { "none".into() } else { names.join(", ") }
                ));
            }
            Err(fault) => said.push(format!("managed policies: not known ({fault})")),
        }
        match inline? {
            Ok(pages) => said.extend(
                pages
                    .concat()
                    .iter()
                    .filter(|n| is_revocation(n))
                    .map(|n| format!("an older revocation is there and stays: {}", n.shown())),
            ),
            Err(fault) => said.push(format!("inline policies: not known ({fault})")),
        }
        Ok(Done { evidence: said, outputs: [("longest".to_owned(), Value::Duration(longest))].into() })
    }
}

/// Whom a trust policy names: ARNs, accounts, services, providers. What has another form is left out.
pub(in crate::runbook::verbs) fn principals(trust: &str) -> Vec<String> {
    let Ok(policy) = serde_json::from_str::<Json>(trust) else { return Vec::new() };
    let statements = match &policy["Statement"] {
        Json::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    let mut named = BTreeSet::new();
    for statement in &statements {
        match &statement["Principal"] {
            Json::String(all) => named.extend([all.clone()]),
            Json::Object(kinds) => kinds.values().for_each(|who| match who {
                Json::String(one) => named.extend([one.clone()]),
                Json::Array(many) => named.extend(many.iter().filter_map(|w| w.as_str().map(str::to_owned))),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {}
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => {}
        }
    }
    named.into_iter().map(|who| Untrusted::from(who).shown().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::principals;

    #[test]
    fn whom_a_trust_policy_names() {
        for (trust, named) in [
            (r#"{"Statement":{"Principal":{"AWS":"arn:a","Service":["s","t"]}}}"#, vec!["arn:a", "s", "t"]),
            (r#"{"Statement":[{"Principal":"*"},{"Principal":{"Federated":"arn:p"}}]}"#, vec!["*", "arn:p"]),
            (r#"{"Statement":[{"Principal":{"AWS":"a\u001b[2J"}}]}"#, vec!["a\\x1b[2J"]),
            ("{}", vec![]),
            ("nonsense", vec![]),
        ] {
            assert_eq!(principals(trust), named, "{trust}");
        }
    }
}
