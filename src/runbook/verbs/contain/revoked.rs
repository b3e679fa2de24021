//! `role.revoked`: the revocation stands as it was written; who assumed the role since, and who held it before. Looks only.

use super::trail::{BLIND, look, said};
use super::{ROLE, hour_of, role_name, role_of};
use crate::estate::ask::iam::GetRolePolicy;
use crate::estate::change::iam::contain::{document, revocation};
use crate::estate::time::plus_seconds;
use crate::estate::{Lookup, Minted, Region, TrailEvent};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::ValueType;
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::{again, instant as time};
use crate::runbook::verbs::with::{later, needed};
use crate::runbook::view::{View, is_missing, refusal};
use crate::runbook::words::{counted, instant};
use std::collections::BTreeMap;

/// Looks whether it stands.
pub struct Revoked;

/// AssumeRole events of the whole account are many: so far back they are looked through, in seconds.
const BACK: i64 = 3_600;

impl Verb for Revoked {
    fn name(&self) -> &'static str {
        "role.revoked"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Reads the revocation back, and tells from CloudTrail who assumed the role within the last hour, before and after it. \
         That an old session is refused is only seen from outside."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[ROLE, needed("before", ValueType::Time, "the instant of the last stamp")];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let role = role_name(v)?;
        if v.planning {
            let what = "whether the revocation stands, and who assumed the role";
            return Ok(Done { evidence: vec![later(what)], ..Done::default() });
        }
        let before = time(v, "before").unwrap_or(v.began);
        let policy = revocation(v.run, true);
        let read = match v.pages(GetRolePolicy { role: role.clone(), policy: policy.clone() })? {
            Ok(all) => all.into_iter().next(),
            Err(fault) if is_missing(&fault) => return Err(again(2, "the policy cannot be read yet")),
            Err(fault) => return Err(refusal(fault)),
        };
        let wanted = document(before);
        if read.is_none_or(|p| !same(p.document.wire(), &wanted)) {
            return Err(again(5, "the policy to show as it was written last"));
        }
        let mut evidence = vec![format!(
            "the revocation stands: sessions of {} issued before {} are denied everything",
            role.shown(),
            instant(before)
        )];
        let mut regions = vec![Region::us_east_1()];
        if v.at.region != Region::us_east_1() {
            regions.push(v.at.region.clone());
        }
        let from = plus_seconds(hour_of(v.started), -BACK);
        let looked = look(v, &regions, &[Lookup::Event("AssumeRole".into())], from)?;
        let ours = |e: &&TrailEvent| matches!(&e.minted, Some(Minted::Role { role: arn, .. }) if role_of(arn) == Some(role.wire()));
        let mut holders: BTreeMap<String, (usize, &TrailEvent)> = BTreeMap::new();
        for event in looked.events.iter().filter(ours) {
            let who =
                event.principal.as_ref().map_or_else(|| "somebody".to_owned(), |p| p.shown().to_string());
            let n = holders.get(&who).map_or(0, |(n, _)| *n);
            holders.insert(who, (n + 1, event));
        }
        evidence.push(match holders.len() {
            0 => "CloudTrail shows nobody who assumed it within the last hour".to_owned(),
            n => format!(
                "{} assumed it within the last hour; whoever holds a session takes a new one or is recycled:",
                counted(n, "principal")
            ),
        });
        evidence.extend(holders.into_iter().map(|(who, (n, last))| {
            let after = if last.at >= before { "AFTER the revocation" } else { "before it" };
            format!("{who}: {}, the last {} ({after})", counted(n, "time"), said(last))
        }));
        evidence.extend(looked.gaps_said());
        evidence.push(BLIND.to_owned());
        evidence.push(
            "that an old session is refused and a new one works is seen only with such a session: try yours, or ask its holder"
                .to_owned(),
        );
        Ok(Done { evidence, ..Done::default() })
    }
}

/// Whether two documents say the same, whatever their white space.
fn same(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    read(one).is_some() && read(one) == read(other)
}
