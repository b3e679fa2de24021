//! Which sources are wanted now: the whole picture always, since what needs attention may be in any part of
//! it; a detail only while it is on screen, in its list's place or beside it. The most important first.

use super::{Model, Screen, Tab};
use crate::console::layout;
use crate::estate::{Arn, QueueUrl, Scope};
use crate::insight::Source;

impl Model {
    /// What is to be kept fresh now.
    #[must_use]
    pub fn wanted(&self) -> Vec<Source> {
        let open = self.screen().is_detail() || layout::shows_selected(self);
        let mut wanted = match self.thing().filter(|_| open) {
            Some(Screen::Alarm(arn)) => self.alarm_sources(arn),
            Some(Screen::Queue(url)) => Self::queue_sources(url),
            Some(Screen::Acl(arn)) => self.acl_sources(arn),
            Some(Screen::Secret(arn)) => vec![Source::SecretVersions(arn.clone())],
            Some(
                Screen::Overview
                | Screen::Alarms
                | Screen::Queues
                | Screen::Waf
                | Screen::Secrets
                | Screen::Freshness,
            )
            | None => Vec::new(),
        };
        for source in Self::parts(self.screen().tab()).iter().chain(&Self::whole(self.wants_tags())) {
            if !wanted.contains(source) {
                wanted.push(source.clone());
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
    pub fn whole(tags: bool) -> Vec<Source> {
        let mut whole = vec![
            Source::Identity,
            Source::Alarms,
            Source::Queues,
            Source::QueueAges,
            Source::WebAcls(Scope::Regional),
            Source::WafCounts(Scope::Regional),
            Source::Secrets,
            Source::WebAcls(Scope::CloudFront),
            Source::WafCounts(Scope::CloudFront),
            Source::Mutes,
            Source::Functions,
        ];
        if tags {
            whole.push(Source::Tags);
        }
        whole
    }

    fn parts(tab: Tab) -> &'static [Source] {
        match tab {
            Tab::Overview => &[],
            Tab::Alarms => &[Source::Alarms, Source::Mutes],
            Tab::Queues => &[Source::Queues, Source::QueueAges],
            Tab::Waf => &[
                Source::WebAcls(Scope::Regional),
                Source::WafCounts(Scope::Regional),
                Source::WebAcls(Scope::CloudFront),
                Source::WafCounts(Scope::CloudFront),
            ],
            Tab::Secrets => &[Source::Secrets],
        }
    }

    fn alarm_sources(&self, arn: &Arn) -> Vec<Source> {
        let mut sources = vec![Source::AlarmChart(arn.clone())];
        if let Some(alarm) = self.inventory.alarms.get(arn) {
            sources.push(Source::AlarmHistory(alarm.name.clone()));
            sources.push(Source::Contributors(alarm.name.clone()));
        }
        sources
    }

    fn queue_sources(url: &QueueUrl) -> Vec<Source> {
        vec![Source::QueueTrend(url.clone())]
    }

    fn acl_sources(&self, arn: &Arn) -> Vec<Source> {
        let mut sources = Vec::new();
        if self.sampled.contains(arn) {
            sources.push(Source::AclSamples(arn.clone()));
        }
        if self.inventory.acl(arn).is_some_and(|row| row.summary.scope == Scope::Regional) {
            sources.push(Source::AclResources(arn.clone()));
        }
        sources
    }
}
