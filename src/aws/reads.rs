//! Sends each question to its service: exactly one call for a fetch.

use super::clients::Clients;
use super::fault::Judge;
use super::session::{Held, Session};
use super::settings::Settings;
use super::{
    apigateway, cloudtrail, cloudwatch, ec2, events, iam, kms, lambda, logs, rds, secretsmanager, sqs, sts,
    wafv2,
};
use crate::estate::{Answer, Ask, BoxFuture, Clock, Cursor, Fault, Page, Query, Reads};
use aws_types::SdkConfig;
use std::sync::Arc;

pub(super) struct AwsReads {
    clients: Arc<Clients>,
    session: Arc<Session>,
    settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
    alarms: cloudwatch::Memory,
}

impl AwsReads {
    pub(super) fn new(
        clients: Arc<Clients>,
        session: Arc<Session>,
        settings: Arc<Settings>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { clients, session, settings, clock, alarms: cloudwatch::Memory::default() }
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn sdk(&self) -> &SdkConfig {
        self.clients.sdk()
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
        let clients = &self.clients;
        match &q.ask {
            Ask::CloudWatch(ask) => {
                let client = clients.cloudwatch(at);
                let (answer, next) = cloudwatch::ask(&client, ask, from, judge, &self.alarms).await?;
                Ok((Answer::CloudWatch(answer), next))
            }
            Ask::Sqs(ask) => {
                let (answer, next) = sqs::ask(&clients.sqs(at), ask, from, judge).await?;
                Ok((Answer::Sqs(answer), next))
            }
            Ask::Wafv2(ask) => {
                let at = &wafv2::region(ask, &q.at, operation.name)?;
                let (answer, next) = wafv2::ask(&clients.wafv2(at), ask, from, judge).await?;
                Ok((Answer::Wafv2(answer), next))
            }
            Ask::SecretsManager(ask) => {
                let (answer, next) =
                    secretsmanager::ask(&clients.secretsmanager(at), ask, from, judge).await?;
                Ok((Answer::SecretsManager(answer), next))
            }
            Ask::Sts(ask) => {
                let key = held.credentials.access_key_id();
                let (answer, next) = sts::ask(&clients.sts(at), ask, judge, key, &self.settings.http).await?;
                Ok((Answer::Sts(answer), next))
            }
            Ask::Lambda(ask) => {
                let (answer, next) = lambda::ask(&clients.lambda(at), ask, from, judge).await?;
                Ok((Answer::Lambda(answer), next))
            }
            Ask::Iam(ask) => {
                let (answer, next) = iam::ask(&clients.iam(at), ask, from, judge).await?;
                Ok((Answer::Iam(answer), next))
            }
            Ask::ApiGateway(ask) => {
                let (answer, next) = apigateway::ask(&clients.apigateway(at), ask, from, judge).await?;
                Ok((Answer::ApiGateway(answer), next))
            }
            Ask::Kms(ask) => {
                let answer = kms::ask(&clients.kms(at), ask, judge).await?;
                Ok((Answer::Kms(answer), None))
            }
            Ask::Logs(ask) => {
                let (answer, next) = logs::ask(clients, at, &held.credentials, ask, from, judge).await?;
                Ok((Answer::Logs(answer), next))
            }
            Ask::Events(ask) => {
                let (answer, next) = events::ask(clients, at, &held.credentials, ask, from, judge).await?;
                Ok((Answer::Events(answer), next))
            }
            Ask::Rds(ask) => {
                let (answer, next) = rds::ask(clients, at, &held.credentials, ask, from, judge).await?;
                Ok((Answer::Rds(answer), next))
            }
            Ask::Ec2(ask) => {
                let (answer, next) = ec2::ask(clients, at, &held.credentials, ask, from, judge).await?;
                Ok((Answer::Ec2(answer), next))
            }
            Ask::CloudTrail(ask) => {
                let (answer, next) = cloudtrail::ask(&clients.cloudtrail(at), ask, from, judge).await?;
                Ok((Answer::CloudTrail(answer), next))
            }
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
