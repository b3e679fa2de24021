//! Sends each question to its service: one SDK client for a service and Region, made when first needed, and
//! exactly one call for a fetch.

use super::fault::Judge;
use super::session::{Held, Session};
use super::settings::Settings;
use super::{cloudwatch, iam, lambda, secretsmanager, sqs, sts, wafv2};
use crate::estate::{Answer, Ask, BoxFuture, Clock, Cursor, Fault, Page, Query, Reads, Region};
use aws_types::{SdkConfig, region};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// The clients of one service by Region.
struct PerRegion<C>(Mutex<HashMap<Region, C>>);

impl<C: Clone> PerRegion<C> {
    fn new() -> Self {
        Self(Mutex::default())
    }

    fn get(&self, at: &Region, make: impl FnOnce() -> C) -> C {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.entry(at.clone()).or_insert_with(make).clone()
    }
}

pub(super) struct AwsReads {
    sdk: SdkConfig,
    session: Arc<Session>,
    settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
    no_log_alarms: AtomicBool,
    cloudwatch: PerRegion<aws_sdk_cloudwatch::Client>,
    iam: PerRegion<aws_sdk_iam::Client>,
    lambda: PerRegion<aws_sdk_lambda::Client>,
    secretsmanager: PerRegion<aws_sdk_secretsmanager::Client>,
    sqs: PerRegion<aws_sdk_sqs::Client>,
    sts: PerRegion<aws_sdk_sts::Client>,
    wafv2: PerRegion<aws_sdk_wafv2::Client>,
}

impl AwsReads {
    pub(super) fn new(
        sdk: SdkConfig,
        session: Arc<Session>,
        settings: Arc<Settings>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            sdk,
            session,
            settings,
            clock,
            no_log_alarms: AtomicBool::new(false),
            cloudwatch: PerRegion::new(),
            iam: PerRegion::new(),
            lambda: PerRegion::new(),
            secretsmanager: PerRegion::new(),
            sqs: PerRegion::new(),
            sts: PerRegion::new(),
            wafv2: PerRegion::new(),
        }
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    fn in_region(&self, at: &Region) -> SdkConfig {
        self.sdk.to_builder().region(region::Region::new(at.as_str().to_owned())).build()
    }

    async fn one_call(
        &self,
        q: &Query,
        from: Option<&Cursor>,
        held: &Held,
    ) -> Result<(Answer, Option<Cursor>), Fault> {
        let now = || self.clock.now();
        let operation = q.ask.operation();
        let judge = &Judge::new(operation, &held.origin, &now);
        let at = &q.at.region;
        match &q.ask {
            Ask::CloudWatch(ask) => {
                let client = self.cloudwatch.get(at, || aws_sdk_cloudwatch::Client::new(&self.in_region(at)));
                let (answer, next) = cloudwatch::ask(&client, ask, from, judge, &self.no_log_alarms).await?;
                Ok((Answer::CloudWatch(answer), next))
            }
            Ask::Sqs(ask) => {
                let client = self.sqs.get(at, || aws_sdk_sqs::Client::new(&self.in_region(at)));
                let (answer, next) = sqs::ask(&client, ask, from, judge).await?;
                Ok((Answer::Sqs(answer), next))
            }
            Ask::Wafv2(ask) => {
                let at = &wafv2::region(ask, &q.at, operation.name)?;
                let client = self.wafv2.get(at, || aws_sdk_wafv2::Client::new(&self.in_region(at)));
                let (answer, next) = wafv2::ask(&client, ask, from, judge).await?;
                Ok((Answer::Wafv2(answer), next))
            }
            Ask::SecretsManager(ask) => {
                let make = || aws_sdk_secretsmanager::Client::new(&self.in_region(at));
                let client = self.secretsmanager.get(at, make);
                let (answer, next) = secretsmanager::ask(&client, ask, from, judge).await?;
                Ok((Answer::SecretsManager(answer), next))
            }
            Ask::Sts(ask) => {
                let client = self.sts.get(at, || aws_sdk_sts::Client::new(&self.in_region(at)));
                let (answer, next) = sts::ask(&client, ask, judge).await?;
                Ok((Answer::Sts(answer), next))
            }
            Ask::Lambda(ask) => {
                let client = self.lambda.get(at, || aws_sdk_lambda::Client::new(&self.in_region(at)));
                let (answer, next) = lambda::ask(&client, ask, from, judge).await?;
                Ok((Answer::Lambda(answer), next))
            }
            Ask::Iam(ask) => {
                let client = self.iam.get(at, || aws_sdk_iam::Client::new(&self.in_region(at)));
                let (answer, next) = iam::ask(&client, ask, from, judge).await?;
                Ok((Answer::Iam(answer), next))
            }
            Ask::ApiGateway(_) => Err(Fault::new(
                crate::estate::FaultKind::Unsupported,
                judge.operation(),
                "this version cannot ask it yet",
            )),
        }
    }
}

impl Reads for AwsReads {
    fn fetch<'a>(&'a self, q: &'a Query, from: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>> {
        Box::pin(async move {
            let held = self.session.ready().await?;
            let sent = self.clock.now();
            match self.one_call(q, from, &held).await {
                Ok((answer, next)) => Ok(Page { answer, next, sent }),
                Err(fault) => {
                    self.session.not_accepted(&held, &fault.kind);
                    Err(fault)
                }
            }
        })
    }

    fn try_again(&self) {
        self.session.try_again();
    }
}
