//! A small estate for tests, made by hand: it answers each question of the closed list from plain data, so
//! that the console is filled by the same walks that the engine sends.

use crate::estate::alarm::{Contributor, Subject};
use crate::estate::ask::{Answer, Ask, Query, cloudwatch, iam, lambda, secretsmanager, sqs, sts, wafv2};
use crate::estate::metric::MetricSource;
use crate::estate::time::plus_seconds;
use crate::estate::{
    AccountAlias, AccountId, Alarm, AlarmName, AlarmState, Arn, EventSource, Fault, FaultKind, Function,
    FunctionName, HistoryItem, Identity, MetricId, MetricQuery, MoveTask, MoveTaskStatus, MuteRule,
    MuteRuleName, QueueFacts, Sample, Samples, Secret, SecretVersion, Series, Timestamp, Untrusted, WebAcl,
    Window,
};

pub use super::things::*;

pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "eu-central-1";

/// 2026-11-21 09:41:30 UTC.
pub fn now() -> Timestamp {
    "2026-11-21T09:41:30Z".parse().unwrap()
}

pub fn ago(seconds: i64) -> Timestamp {
    plus_seconds(now(), -seconds)
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
pub const DAY: i64 = 86_400;

/// What the estate holds, and which operations it denies.
#[derive(Clone, Default)]
pub struct World {
    pub alarms: Vec<Alarm>,
    pub queues: Vec<QueueFacts>,
    pub tasks: Vec<MoveTask>,
    pub functions: Vec<Function>,
    pub event_sources: Vec<EventSource>,
    pub acls: Vec<WebAcl>,
    pub secrets: Vec<(Secret, Vec<SecretVersion>)>,
    pub mutes: Vec<MuteRule>,
    /// Operations that fail, and how.
    pub faults: Vec<(&'static str, FaultKind)>,
    /// Blocked requests a minute, by the metric name of a rule.
    pub attack: Vec<(String, f64)>,
    /// The series of blocked requests that there are.
    pub series: Vec<MetricId>,
}

impl World {
    /// A night: one of each trouble, and things that are fine.
    pub fn night() -> Self {
        let mut orders = alarm("orders-depth", AlarmState::Alarm, 95 * MINUTE);
        orders.subject = Subject::Metric(metric_query(
            MetricId::of(
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                &[("QueueName", "orders-failures")],
            ),
            "Maximum",
        ));
        let mut muted = alarm("DatabaseCPUAlarm", AlarmState::Ok, 9 * DAY);
        muted.actions_enabled = false;
        let mut spike = alarm("omnitrack-blocked", AlarmState::Ok, 3 * DAY);
        spike.subject = Subject::Metric(metric_query(
            MetricId::of(
                "AWS/WAFV2",
                "BlockedRequests",
                &[("WebACL", "omnitrack-api-protection-metric"), ("Rule", "ALL"), ("Region", REGION)],
            ),
            "Sum",
        ));
        let fine = (1..=12).map(|i| alarm(&format!("mte-service-{i:02}-errors"), AlarmState::Ok, i * DAY));
        let mut alarms = vec![
            alarm("StepFunctionFailureAlarm", AlarmState::Alarm, 12 * MINUTE),
            orders,
            alarm("orders-replica-lag", AlarmState::InsufficientData, 3 * HOUR),
            muted,
            spike,
        ];
        alarms.extend(fine);
        World {
            alarms,
            queues: vec![
                queue("orders-failures", 214),
                source_of("orders", "orders-failures"),
                queue("lambda-dlq", 7),
                queue("mte-analysis", 0),
                queue("billing-dead-letter", 0),
            ],
            tasks: vec![MoveTask {
                status: MoveTaskStatus::Running,
                source: queue_arn("orders-failures"),
                destination: None,
                moved: 1_204,
                to_move: Some(10_000),
                rate: Some(50),
                started: Some(ago(20 * MINUTE)),
                failure: None,
                handle: Some("task".into()),
            }],
            functions: ["ProcessAnalysisFunction", "ReanalyzeWithMeetingLog", "ingest"]
                .iter()
                .map(|name| Function {
                    name: FunctionName::new(*name),
                    arn: function_arn(name),
                    dead_letter: Some(queue_arn("lambda-dlq")),
                    modified: None,
                })
                .collect(),
            event_sources: vec![EventSource {
                id: "e1".into(),
                function: function_arn("ingest"),
                source: Some(queue_arn("orders")),
                on_failure: None,
                state: "Enabled".into(),
            }],
            acls: vec![acl("omnitrack-api-protection"), acl("json-stack-acl")],
            secrets: vec![
                secret("logapi/api-keys", 97),
                secret("omnitrack/api-keys", 83),
                secret("mte/bedrock", 12),
            ],
            mutes: vec![MuteRule {
                name: MuteRuleName::new("deploy-window"),
                arn: None,
                status: "ACTIVE".into(),
                targets: vec![AlarmName::new("mte-service-03-errors")],
                schedule: Some("at(2026-11-21T09:00:00)".into()),
                duration: Some("PT2H".into()),
                timezone: None,
                starts: None,
                expires: None,
                description: None,
            }],
            faults: Vec::new(),
            attack: vec![("AWSManagedRulesSQLiRuleSet".into(), 1_900.0), ("RateLimitRule".into(), 40.0)],
            series: Vec::new(),
        }
    }

    /// Nothing at all.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The same, with `operation` denied.
    pub fn denying(mut self, operation: &'static str) -> Self {
        let kind = FaultKind::Denied { action: operation.into(), resource: None };
        self.faults.push((operation, kind));
        self
    }

    /// The same, with everything failing for want of credentials.
    pub fn expired(mut self) -> Self {
        for operation in crate::estate::ask::operations() {
            let kind = FaultKind::Expired { mend: "run `aws sso login --profile prod`".into() };
            self.faults.push((operation.name, kind));
        }
        self
    }

    /// What AWS answers to `query`.
    pub fn answer(&self, query: &Query) -> Result<Answer, Fault> {
        let operation = query.ask.operation().name;
        if let Some((_, kind)) = self.faults.iter().find(|(o, _)| *o == operation) {
            return Err(Fault::new(kind.clone(), operation, "no"));
        }
        match &query.ask {
            Ask::CloudWatch(ask) => Ok(Answer::CloudWatch(self.cloudwatch(ask))),
            Ask::Sqs(ask) => self.sqs(ask).map(Answer::Sqs),
            Ask::Wafv2(ask) => self.wafv2(ask).map(Answer::Wafv2),
            Ask::SecretsManager(ask) => self.secretsmanager(ask).map(Answer::SecretsManager),
            Ask::Sts(sts::Ask::GetCallerIdentity(_)) => {
                Ok(Answer::Sts(sts::Answer::GetCallerIdentity(Identity {
                    account: AccountId::new(ACCOUNT).unwrap(),
                    arn: Arn::new(format!("arn:aws:sts::{ACCOUNT}:assumed-role/ops/alice")),
                    user_id: "AROA:alice".into(),
                    key: None,
                    ahead_s: None,
                })))
            }
            Ask::Iam(iam::Ask::ListAccountAliases(_)) => {
                Ok(Answer::Iam(iam::Answer::ListAccountAliases(vec![AccountAlias::new("acme-prod")])))
            }
            Ask::Lambda(ask) => Ok(Answer::Lambda(match ask {
                lambda::Ask::ListFunctions(_) => lambda::Answer::ListFunctions(self.functions.clone()),
                lambda::Ask::ListFunctionEventInvokeConfigs(_) => {
                    lambda::Answer::ListFunctionEventInvokeConfigs(Vec::new())
                }
                lambda::Ask::ListEventSourceMappings(_) => {
                    lambda::Answer::ListEventSourceMappings(self.event_sources.clone())
                }
                other => panic!("the watch never asks {other:?}"),
            })),
            other => panic!("the watch never asks {other:?}"),
        }
    }

    fn cloudwatch(&self, ask: &cloudwatch::Ask) -> cloudwatch::Answer {
        use cloudwatch::{Answer, Ask};
        match ask {
            Ask::DescribeAlarms(_) => {
                Answer::DescribeAlarms(self.alarms.iter().cloned().map(Into::into).collect())
            }
            Ask::DescribeAlarmHistory(asked) => Answer::DescribeAlarmHistory(
                [
                    ("StateUpdate", "Alarm updated from OK to ALARM", 12),
                    ("Action", "Successfully executed action arn:aws:sns:eu-central-1:123456789012:page", 12),
                    ("StateUpdate", "Alarm updated from ALARM to OK", 700),
                ]
                .iter()
                .map(|(kind, summary, minutes)| HistoryItem {
                    at: ago(minutes * MINUTE),
                    kind: (*kind).into(),
                    summary: format!("{summary} ({})", asked.alarm.wire()).into(),
                })
                .collect(),
            ),
            Ask::DescribeAlarmContributors(_) => Answer::DescribeAlarmContributors(Vec::<Contributor>::new()),
            Ask::ListAlarmMuteRules(_) => {
                Answer::ListAlarmMuteRules(self.mutes.iter().map(|m| m.name.clone()).collect())
            }
            Ask::GetAlarmMuteRule(asked) => {
                Answer::GetAlarmMuteRule(self.mutes.iter().find(|m| m.name == asked.name).cloned().unwrap())
            }
            Ask::GetMetricData(asked) => {
                Answer::GetMetricData(asked.queries.iter().map(|q| self.series(q, asked.window)).collect())
            }
            Ask::ListMetrics(asked) => {
                Answer::ListMetrics(self.series.iter().filter(|id| id.name == asked.name).cloned().collect())
            }
            Ask::ListTagsForResource(_) => Answer::ListTagsForResource(Vec::new()),
        }
    }

    /// A minute-by-minute curve that fits the metric's name.
    fn series(&self, query: &MetricQuery, window: Window) -> Series {
        let mut points = Vec::new();
        if let MetricSource::Stat { metric, period_s, .. } = &query.source {
            let period = i64::from(*period_s);
            let mut t = window.from.as_second().div_euclid(period) * period;
            while t < window.to.as_second().min(now().as_second()) {
                let at = Timestamp::from_second(t).unwrap();
                let back = (now().as_second() - t) / MINUTE;
                if let Some(v) = self.value(metric, back) {
                    points.push((at, v));
                }
                t += period;
            }
        }
        Series { id: query.id.clone(), label: "".into(), points, trouble: None }
    }

    fn value(&self, metric: &MetricId, minutes_back: i64) -> Option<f64> {
        match metric.name.wire() {
            "ApproximateNumberOfMessagesVisible" => Some(match minutes_back {
                0..60 => 214.0,
                60..120 => 90.0,
                _ => 0.0,
            }),
            "ApproximateAgeOfOldestMessage" => {
                let age = if metric.dimension("QueueName").is_some_and(|n| n.wire() == "orders-failures") {
                    14 * DAY - 3 * HOUR
                } else {
                    DAY
                };
                Some((age - minutes_back * MINUTE) as f64)
            }
            "BlockedRequests" if minutes_back < 30 => {
                let rule = metric.dimension("Rule")?.wire();
                if !metric.dimension("WebACL")?.wire().starts_with("omnitrack") {
                    return None;
                }
                self.attack.iter().find(|(name, _)| name == rule).map(|(_, v)| *v)
            }
            "BlockedRequests" => (minutes_back % 30 == 0).then_some(2.0),
            "Errors" => Some(if (2..14).contains(&minutes_back) { 4.0 } else { 0.0 }),
            _ => None,
        }
    }

    fn sqs(&self, ask: &sqs::Ask) -> Result<sqs::Answer, Fault> {
        use sqs::{Answer, Ask};
        let name = |f: &QueueFacts| f.arn.resource();
        Ok(match ask {
            Ask::ListQueues(_) => {
                Answer::ListQueues(self.queues.iter().map(|f| queue_url(name(f).wire())).collect())
            }
            Ask::GetQueueAttributes(asked) => {
                let facts = self.queues.iter().find(|f| name(f) == asked.queue.name());
                Answer::GetQueueAttributes(facts.cloned().ok_or_else(|| missing("sqs:GetQueueAttributes"))?)
            }
            Ask::ListDeadLetterSourceQueues(asked) => Answer::ListDeadLetterSourceQueues(
                self.queues
                    .iter()
                    .filter(|f| {
                        f.redrive
                            .as_ref()
                            .is_some_and(|r| r.dead_letter_target.resource() == asked.queue.name())
                    })
                    .map(|f| queue_url(name(f).wire()))
                    .collect(),
            ),
            Ask::ListMessageMoveTasks(asked) => Answer::ListMessageMoveTasks(
                self.tasks.iter().filter(|t| t.source == asked.queue).cloned().collect(),
            ),
            Ask::ListQueueTags(_) => Answer::ListQueueTags(Vec::new()),
        })
    }

    fn wafv2(&self, ask: &wafv2::Ask) -> Result<wafv2::Answer, Fault> {
        use wafv2::{Answer, Ask};
        Ok(match ask {
            Ask::ListWebACLs(asked) => Answer::ListWebACLs(
                self.acls.iter().map(|a| a.summary.clone()).filter(|s| s.scope == asked.scope).collect(),
            ),
            Ask::GetWebACL(asked) => {
                let acl = self.acls.iter().find(|a| a.summary.id == asked.id);
                Answer::GetWebACL(acl.cloned().ok_or_else(|| missing("wafv2:GetWebACL"))?)
            }
            Ask::GetSampledRequests(asked) => {
                Answer::GetSampledRequests(samples(&asked.rule_metric, asked.window))
            }
            Ask::ListResourcesForWebACL(_) => Answer::ListResourcesForWebACL(vec![Arn::new(
                "arn:aws:apigateway:eu-central-1::/restapis/a1b2c3/stages/prod",
            )]),
            Ask::ListTagsForResource(_) => Answer::ListTagsForResource(Vec::new()),
        })
    }

    fn secretsmanager(&self, ask: &secretsmanager::Ask) -> Result<secretsmanager::Answer, Fault> {
        use secretsmanager::{Answer, Ask};
        let of = |arn: &Arn| {
            self.secrets
                .iter()
                .find(|(s, _)| s.arn == *arn)
                .ok_or_else(|| missing("secretsmanager:ListSecretVersionIds"))
        };
        Ok(match ask {
            Ask::ListSecrets(_) => Answer::ListSecrets(self.secrets.iter().map(|(s, _)| s.clone()).collect()),
            Ask::ListSecretVersionIds(asked) => Answer::ListSecretVersionIds(of(&asked.secret)?.1.clone()),
            Ask::DescribeSecret(asked) => Answer::DescribeSecret(of(&asked.secret)?.0.clone()),
            Ask::GetResourcePolicy(_) => Answer::GetResourcePolicy(None),
        })
    }
}

fn missing(operation: &'static str) -> Fault {
    Fault::new(FaultKind::NotFound, operation, "it is not there")
}

fn samples(rule: &Untrusted, window: Window) -> Samples {
    let sample = |ip: &str, country: &str, uri: &str, weight: u64| Sample {
        at: Some(ago(5 * MINUTE)),
        rule: rule.clone(),
        action: "BLOCK".into(),
        ip: ip.into(),
        country: Some(country.into()),
        method: "GET".into(),
        uri: uri.into(),
        user_agent: None,
        weight,
    };
    Samples {
        requests: vec![
            sample("203.0.113.7", "NL", "/v1/track?id=1%27%20OR%201=1", 40),
            sample("198.51.100.24", "US", "/v1/track\u{1b}[2J", 12),
        ],
        population: 5_000,
        window: Some(window),
    }
}
