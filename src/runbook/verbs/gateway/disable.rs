//! `gateway.disable`: the old key admits nobody any more, and can be enabled again.

use super::usage::{calls_since, day};
use super::{key_of, look};
use crate::estate::change::apigateway::Act as GatewayAct;
use crate::estate::time::plus_seconds;
use crate::estate::{Act, ApiKeyId, Change, Made};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{COMPROMISED, again, grouped, made, purpose, released, text};
use crate::runbook::view::{View, undo_by_inverse};

/// Disables a key.
pub struct Disable;

impl Verb for Disable {
    fn name(&self) -> &'static str {
        "gateway.disable"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Disables an API key: its callers get 403 within seconds. It can be enabled again."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            COMPROMISED,
            Param { name: "old", kind: ValueType::Text, optional: false, doc: "the id of the old key" },
            Param {
                name: "new_key",
                kind: ValueType::Text,
                optional: true,
                doc: "the id of the key that replaces it: must be enabled",
            },
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }, Output { name: "used", kind: ValueType::Number }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let is = |a: &Act| matches!(a, Act::ApiGateway(GatewayAct::SetEnabled { .. }));
        let Some(old) = key_of(v, "old")? else { return not_known_yet(v) };
        let seen = look(v, &old)?;
        if made(v, is).is_none() && (seen.enabled || v.planning) {
            replaced(v)?;
            let calls = calls_since(v, &old, day(plus_seconds(v.now, -86_400)))?;
            let used: u64 = calls.iter().sum();
            let breaks = if used == 0 {
                format!(
                    "its callers, if there still are any, get 403: none since {} UTC",
                    day(plus_seconds(v.now, -86_400))
                )
            } else {
                format!("its callers get 403: {} calls since yesterday (UTC)", grouped(used))
            };
            return Err(proposal(v, &old, seen.name.wire(), breaks));
        }
        if seen.enabled && !v.planning {
            return Err(again(2, "the old key does not show as disabled yet"));
        }
        // what was counted until now, so that a watch can tell what comes after
        let used: u64 = calls_since(v, &old, day(v.began))?.iter().sum();
        Ok(Done {
            evidence: vec![format!(
                "{} ({}) is disabled; it takes about ten seconds to reach every gateway",
                old.shown(),
                seen.name.shown()
            )],
            outputs: [
                ("at".to_owned(), Value::Time(v.now)),
                ("used".to_owned(), Value::Number(i64::try_from(used).unwrap_or(i64::MAX))),
            ]
            .into(),
        })
    }

    fn undo(&self, v: &View<'_>, change: &Change, made: &[Made]) -> Result<Done, Need> {
        let reason = released(v, change)?;
        let mut done = undo_by_inverse(v, change, made)?;
        done.evidence.extend(reason);
        Ok(done)
    }
}

/// The old key is only asked for when the run begins: its plan holds no more than that.
fn not_known_yet(v: &View<'_>) -> Result<Done, Need> {
    if v.done.is_empty() {
        let old = ApiKeyId::new(v.text("old")?.wire());
        return Err(proposal(v, &old, "the old key", "its callers get 403".into()));
    }
    Ok(Done { outputs: [("at".to_owned(), Value::Time(v.now))].into(), ..Done::default() })
}

/// Refuses to take the old key away where the new one does not work.
fn replaced(v: &View<'_>) -> Result<(), Need> {
    let Some(new) = text(v, "new_key").filter(|k| !super::is_stand_in(k)) else { return Ok(()) };
    let new = look(v, &ApiKeyId::new(new.wire()))?;
    if new.enabled {
        return Ok(());
    }
    Err(Need::Refuse(format!(
        "the new key {} is disabled: without the old one nobody would be let in; enable it first",
        new.id.shown()
    )))
}

fn proposal(v: &View<'_>, old: &ApiKeyId, name: &str, breaks: String) -> Need {
    let purpose = purpose(v);
    let act = GatewayAct::SetEnabled { key: old.clone(), name: name.into(), enabled: false, purpose };
    let changes = vec![Change { at: v.at.clone(), act: Act::ApiGateway(act) }];
    let (mut breaks, mut leaves) = (vec![breaks], Vec::new());
    if !purpose.is_routine() {
        breaks.push(
            "the rightful callers are refused too, until they have a new key: there is no overlap here, for whoever abuses \
             the key would use it as well"
                .to_owned(),
        );
        leaves.push(
            "what was done with the key before; what is behind the gateway and checks the key itself"
                .to_owned(),
        );
    }
    Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None }))
}
