//! Rules of EventBridge and where they send. Source: EventBridge API reference, `ListRules`, `ListTargetsByRule`.

use super::{Asked, text};
use crate::estate::ask::events::{Answer, Ask};
use crate::estate::at::Region;
use crate::estate::names::Arn;
use crate::estate::{EventRule, Fault, RuleTarget};
use crate::practice::faults;
use crate::practice::world::standing::Rule;

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask, region: &Region) -> Result<Answer, Fault> {
    asked.single()?;
    let rules = asked.world.standing.rules.iter();
    let mut here = rules.filter(|r| r.region == region.as_str());
    match ask {
        Ask::ListRules(_) => {
            let one = |r: &Rule| EventRule {
                name: text(&r.name),
                state: "ENABLED".into(),
                schedule: Some(text(&r.schedule)),
                managed_by: None,
            };
            Ok(Answer::ListRules(here.map(one).collect()))
        }
        Ask::ListTargetsByRule(q) => {
            let missing = || {
                let message = format!("Rule {} does not exist on EventBus default.", q.rule.wire());
                faults::missing(asked.op, "ResourceNotFoundException", &message)
            };
            let rule = here.find(|r| r.name == q.rule.wire()).ok_or_else(missing)?;
            let target = RuleTarget { id: "1".into(), arn: Arn::new(rule.target.as_str()) };
            Ok(Answer::ListTargetsByRule(vec![target]))
        }
    }
}
