//! Which sources are wanted now: the whole picture always, since what needs attention may be in any part of
//! it; a detail only while it is on screen, in its list's place or beside it. The most important first.

use super::enabled::{ALARM_HOURS, QUEUE_HOURS};
use super::{Model, Screen, Tab};
use crate::console::layout;
use crate::estate::{Arn, QueueUrl, Scope};
use crate::insight::{About, Broad, Source};

impl Model {
    /// What is to be kept fresh now.
    #[must_use]
    pub fn wanted(&self) -> Vec<Source> {
        let open = self.screen().is_detail() || layout::shows_selected(self);
        let mut wanted = match self.thing().filter(|_| open) {
            Some(Screen::Alarm(arn)) => self.alarm_sources(arn),
            Some(Screen::Queue(url)) => self.queue_sources(url),
            Some(Screen::Acl(arn)) => self.acl_sources(arn),
            Some(Screen::Secret(arn)) => vec![Source::Detail(About::SecretVersions(arn.clone()))],
            Some(
                Screen::Overview
                | Screen::Alarms
                | Screen::Queues
                | Screen::Waf
                | Screen::Secrets
                | Screen::Runs
                | Screen::Runbook(_)
                | Screen::Plan
                | Screen::Run(_)
                | Screen::Incident(_)
                | Screen::Contain(_)
                | Screen::Freshness,
            )
            | None => Vec::new(),
        };
        for broad in Self::parts(self.screen().tab()).iter().chain(&Self::whole(self.wants_tags())) {
            let source = Source::Broad(*broad);
            if !wanted.contains(&source) {
                wanted.push(source);
            }
        }
        wanted
    }

    /// Whether systems are told by tags, so that tags are worth their calls.
    #[must_use]
    pub fn wants_tags(&self) -> bool {
        crate::insight::systems::tags_wanted(&self.setup.config.systems)
    }

    /// The broad sources in the order in which a person needs them at 3 a.m.
    #[must_use]
    pub fn whole(tags: bool) -> Vec<Broad> {
        let mut whole = vec![
            Broad::Identity,
            Broad::Alarms,
            Broad::Queues,
            Broad::QueueAges,
            Broad::WebAcls(Scope::Regional),
            Broad::WafCounts(Scope::Regional),
            Broad::Secrets,
            Broad::WebAcls(Scope::CloudFront),
            Broad::WafCounts(Scope::CloudFront),
            Broad::Mutes,
            Broad::Functions,
        ];
        if tags {
            whole.push(Broad::Tags);
        }
        whole
    }

    fn parts(tab: Tab) -> &'static [Broad] {
        match tab {
            Tab::Overview => &[],
            Tab::Alarms => &[Broad::Alarms, Broad::Mutes],
            Tab::Queues => &[Broad::Queues, Broad::QueueAges],
            Tab::Waf => &[
                Broad::WebAcls(Scope::Regional),
                Broad::WafCounts(Scope::Regional),
                Broad::WebAcls(Scope::CloudFront),
                Broad::WafCounts(Scope::CloudFront),
            ],
            Tab::Secrets => &[Broad::Secrets],
            Tab::Runs => &[],
        }
    }

    fn alarm_sources(&self, arn: &Arn) -> Vec<Source> {
        let mut sources =
            vec![Source::Detail(About::AlarmChart(arn.clone(), self.chart_span(ALARM_HOURS).1))];
        if let Some(alarm) = self.inventory.alarms.get(arn) {
            sources.push(Source::Detail(About::AlarmHistory(alarm.name.clone())));
            sources.push(Source::Detail(About::Contributors(alarm.name.clone())));
        }
        sources
    }

    fn queue_sources(&self, url: &QueueUrl) -> Vec<Source> {
        vec![Source::Detail(About::QueueTrend(url.clone(), self.chart_span(QUEUE_HOURS).1))]
    }

    fn acl_sources(&self, arn: &Arn) -> Vec<Source> {
        let mut sources = Vec::new();
        if self.sampled.contains(arn) {
            sources.push(Source::Detail(About::AclSamples(arn.clone())));
        }
        if self.inventory.acl(arn).is_some_and(|row| row.summary.scope == Scope::Regional) {
            sources.push(Source::Detail(About::AclResources(arn.clone())));
        }
        sources.push(Source::Detail(About::AclSeries(arn.clone())));
        sources.push(Source::Detail(About::AclUnlisted(arn.clone())));
        sources
    }
}
