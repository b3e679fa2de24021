//! Which alarms are muted, and until when. Muting stops the actions of all three states and changes no
//! state; `DescribeAlarms` does not show it (DOMAIN B).

use super::inventory::Inventory;
use crate::estate::{AlarmName, MuteRule, MuteRuleName, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo};
use std::collections::HashMap;

/// That an alarm is muted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mute {
    /// By which rule: of several, the one that lasts longest.
    pub rule: MuteRuleName,
    /// Until when; `None` where that cannot be told from the rule.
    pub until: Option<Timestamp>,
}

/// The muted alarms. Keep it as long as [`Inventory::revision`] stays.
#[derive(Clone, Debug, Default)]
pub struct Mutes {
    muted: HashMap<AlarmName, Mute>,
}

impl Mutes {
    /// Finds the muted alarms: those that a rule names whose status is ACTIVE.
    #[must_use]
    pub fn of(inv: &Inventory) -> Self {
        let mut muted: HashMap<AlarmName, Mute> = HashMap::new();
        for rule in inv.mutes.values().filter_map(|field| field.value()) {
            if !rule.status.wire().eq_ignore_ascii_case("active") {
                continue;
            }
            let mute = Mute { rule: rule.name.clone(), until: until(rule) };
            for target in &rule.targets {
                let longer = muted.get(target).is_none_or(|old| match (old.until, mute.until) {
                    (None, _) => false,
                    (Some(_), None) => true,
                    (Some(a), Some(b)) => b > a,
                });
                if longer {
                    muted.insert(target.clone(), mute.clone());
                }
            }
        }
        Self { muted }
    }

    /// Whether an alarm is muted.
    #[must_use]
    pub fn get(&self, alarm: &AlarmName) -> Option<&Mute> {
        self.muted.get(alarm)
    }

    /// How many alarms are muted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.muted.len()
    }

    /// Whether no alarm is muted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.muted.is_empty()
    }
}

/// When the window of a rule that is active now ends: for a single window `at(...)` its start and length
/// tell. A `cron(...)` window would need the calendar of the rule's time zone, so only the rule's own end
/// bounds it.
fn until(rule: &MuteRule) -> Option<Timestamp> {
    let window = single_window(rule);
    match (window, rule.expires) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (Some(a), None) => Some(a),
        (None, _) => None,
    }
}

fn single_window(rule: &MuteRule) -> Option<Timestamp> {
    let zone = rule.timezone.as_ref().map_or("UTC", |z| z.wire());
    if !matches!(zone, "UTC" | "Etc/UTC" | "GMT" | "Z") {
        return None;
    }
    let start = rule.schedule.as_ref()?.wire().strip_prefix("at(")?.strip_suffix(')')?.trim();
    // What AWS wrote and jiff cannot read is no end that could be told.
    let start = start.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let length = rule.duration.as_ref()?.wire().parse::<Span>().ok()?;
    let length = length.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    start.checked_add(length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::ask::{Answer, cloudwatch};
    use crate::insight::examples::*;
    use crate::insight::{Broad, Source};

    fn muted(status: &str, schedule: &str, duration: &str, zone: Option<&str>) -> Option<Mute> {
        let name = MuteRuleName::new("deploy");
        let rule = MuteRule {
            name: name.clone(),
            arn: None,
            status: status.into(),
            targets: vec![AlarmName::new("a")],
            schedule: Some(schedule.into()),
            duration: Some(duration.into()),
            timezone: zone.map(Into::into),
            starts: None,
            expires: None,
            description: None,
        };
        let mut inv = Inventory::default();
        walk(
            &mut inv,
            Source::Broad(Broad::Mutes),
            vec![
                (
                    query(cloudwatch::ListAlarmMuteRules {}),
                    Answer::CloudWatch(cloudwatch::Answer::ListAlarmMuteRules(vec![name.clone()])),
                ),
                (
                    query(cloudwatch::GetAlarmMuteRule { name }),
                    Answer::CloudWatch(cloudwatch::Answer::GetAlarmMuteRule(rule)),
                ),
            ],
        );
        Mutes::of(&inv).get(&AlarmName::new("a")).cloned()
    }

    #[test]
    fn only_an_active_rule_mutes_and_its_window_ends() {
        let until = |d: &str| muted("ACTIVE", "at(2026-11-21T09:00)", d, None).unwrap().until;
        assert_eq!(until("PT1H30M").unwrap().to_string(), "2026-11-21T10:30:00Z");
        assert_eq!(until("P15D").unwrap().to_string(), "2026-12-06T09:00:00Z");
        assert_eq!(until("soon"), None);
        assert!(muted("SCHEDULED", "at(2026-11-21T09:00)", "PT1H", None).is_none());
        assert!(muted("EXPIRED", "at(2026-11-21T09:00)", "PT1H", None).is_none());
    }

    #[test]
    fn an_end_that_cannot_be_told_is_not_guessed() {
        assert_eq!(muted("ACTIVE", "cron(0 2 * * ?)", "PT1H", None).unwrap().until, None);
        let zone = Some("Europe/Berlin");
        assert_eq!(muted("ACTIVE", "at(2026-11-21T09:00)", "PT1H", zone).unwrap().until, None);
    }
}
