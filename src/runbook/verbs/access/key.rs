//! `access.key`: whether the key stands in the way: enabled, not on its way to deletion, in this Region, and its policy lets the
//! principal decrypt through the service. Source: KMS developer guide, "Determining access to AWS KMS keys".

use super::policy::{Bears, bearing};
use super::{PRINCIPAL, RESOURCE, arn, found, maybe, not_it, simulated, unknown};
use crate::estate::ask::kms::{DescribeKey, GetKeyPolicy};
use crate::estate::{FaultKind, KmsKey, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::with::optional;
use crate::runbook::view::View;
use crate::runbook::words::instant;

/// Looks at the key.
pub struct Key;

const DECRYPT: &str = "kms:Decrypt";

impl Verb for Key {
    fn name(&self) -> &'static str {
        "access.key"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Looks whether a resource's key is enabled, not pending deletion and in the same Region, and whether its policy and the \
         principal's own let it decrypt through the service."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            PRINCIPAL,
            RESOURCE,
            optional("key", ValueType::Text, "the key, by id, ARN or alias; none is AWS's own"),
            optional("kms", ValueType::Flag, "the message is about a key"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let done = |evidence| Ok(Done { evidence, ..Done::default() });
        let resource = arn(v, RESOURCE.name)?;
        // Where the action is one of KMS, the key is what it was tried on.
        let own = resource.service().filter(|s| *s == "kms").map(|_| resource.text());
        let Some(key) = v.maybe_text("key").filter(|k| !k.is_empty()).or(own) else {
            return done(vec![if v.flag("kms") {
                maybe(
                    "the message is about a key, and which one it is is not known here",
                    "start again with the key's ARN as `resource` and `kms:Decrypt` as `action`",
                )
            } else {
                not_it("no key of its own: AWS's own key stands in nobody's way within the account")
            }]);
        };
        let found_key = match v.pages(DescribeKey { key: key.clone() })? {
            Ok(pages) => pages.into_iter().next(),
            Err(fault) if fault.kind == FaultKind::NotFound => {
                return done(vec![found(
                    format!("there is no key {} in {}", key.shown(), v.at.region),
                    "a key must be in the Region of what it encrypts: name one that is, or restore what was deleted",
                )]);
            }
            Err(fault) => return done(vec![unknown(format!("the key {}", key.shown()), &fault)]),
        };
        let Some(at_hand) = found_key else {
            return done(vec!["not known: KMS said nothing of the key".into()]);
        };
        let mut evidence = state(&at_hand);
        if at_hand.aws_managed {
            evidence.push(not_it(
                "AWS manages the key: its policy lets everybody of the account in through the service",
            ));
            return done(evidence);
        }
        evidence.push(policy(v, &at_hand)?);
        evidence.push(own_policies(v, &at_hand)?);
        done(evidence)
    }
}

fn state(key: &KmsKey) -> Vec<String> {
    let name = key.arn.shown();
    let quoted = crate::runbook::shell::quote(key.arn.wire());
    match (key.state.wire(), key.deletion_at) {
        ("PendingDeletion", at) => {
            let when = at.map(|t| format!(" on {}", instant(t))).unwrap_or_default();
            vec![found(
                format!(
                    "the key {name} is on its way to deletion{when}: nothing under it can be read, and then never again"
                ),
                format!(
                    "`aws kms cancel-key-deletion --key-id {quoted}` at once, then `aws kms enable-key --key-id {quoted}`"
                ),
            )]
        }
        _ if !key.enabled => vec![found(
            format!("the key {name} is {}", key.state.shown()),
            format!("ask who disabled it and why, then `aws kms enable-key --key-id {quoted}`"),
        )],
        _ => vec![not_it(format!("the key {name} is enabled and in this Region"))],
    }
}

fn policy(v: &View<'_>, key: &KmsKey) -> Result<String, Need> {
    let document = match v.pages(GetKeyPolicy { key: key.arn.text().clone() })? {
        Ok(pages) => pages.into_iter().next().unwrap_or_else(|| Untrusted::from("")),
        Err(fault) => return Ok(unknown("the key's policy", &fault)),
    };
    let who = arn(v, PRINCIPAL.name)?;
    let Some(all) = bearing(document.wire(), &who, DECRYPT) else {
        return Ok("not known: the key's policy is no policy document".to_owned());
    };
    let with = |b: &Bears| match b.conditions.as_slice() {
        [] => format!("statement {}", b.name),
        [_, ..] => format!("statement {} where {}", b.name, b.conditions.join("; ")),
    };
    if let Some(deny) = all.iter().find(|b| !b.allows) {
        let what = format!("the key's policy denies {DECRYPT}: {}", with(deny));
        return Ok(match deny.conditions.is_empty() {
            true => found(what, "change the key's policy, if it may"),
            false => maybe(what, "see whether the call meets the condition"),
        });
    }
    // The key of what is no AWS service's is used by itself.
    let resource = arn(v, RESOURCE.name)?;
    let through = resource.service().filter(|s| *s != "kms").unwrap_or("secretsmanager").to_owned();
    let service = |region: &str| format!("{through}.{region}.amazonaws.com");
    match all.iter().find(|b| b.conditions.is_empty()).or(all.first()) {
        None => Ok(found(
            format!("the key's policy lets {} do nothing, nor the account", who.shown()),
            format!("allow {DECRYPT} to it, with kms:ViaService {}", service(v.at.region.as_str())),
        )),
        Some(allow) if allow.conditions.is_empty() => {
            Ok(not_it(format!("the key's policy lets it in: {}", with(allow))))
        }
        Some(allow) => {
            let via: Vec<&String> =
                allow.conditions.iter().filter(|c| c.contains("kms:ViaService")).collect();
            let here = via.iter().any(|c| c.contains(v.at.region.as_str()) || c.contains('*'));
            Ok(if !via.is_empty() && !here {
                found(
                    format!(
                        "the key's policy lets it in through another service or Region only: {}",
                        with(allow)
                    ),
                    format!("name {} in kms:ViaService", service(v.at.region.as_str())),
                )
            } else if via.is_empty() {
                maybe(
                    format!("the key's policy lets it in under a condition: {}", with(allow)),
                    "see whether the call meets it",
                )
            } else {
                not_it(format!("the key's policy lets it in through the service: {}", with(allow)))
            })
        }
    }
}

/// The account's root in a key's policy hands the decision to IAM: then the principal's own policies must allow it too.
fn own_policies(v: &View<'_>, key: &KmsKey) -> Result<String, Need> {
    let who = v.text(PRINCIPAL.name)?.shown();
    Ok(match simulated(v, DECRYPT, key.arn.text())? {
        Ok(one) if one.allowed => not_it(format!("the policies of {who} allow {DECRYPT} on the key")),
        Ok(_) => maybe(
            format!(
                "no policy of {who} allows {DECRYPT} on the key, which is needed unless the key's policy names it itself"
            ),
            format!("allow {DECRYPT} on {} in a policy of {who}", key.arn.shown()),
        ),
        Err(fault) => unknown(format!("whether the policies of {who} allow {DECRYPT}"), &fault),
    })
}
