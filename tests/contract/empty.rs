//! An account in which nothing was ever made: every list is there, is empty and has no second page.

use super::question::{Question, Wrong, holds, same};
use crate::asking::Asking;
use bartizan::estate::ask::cloudwatch::{DescribeAlarms, ListAlarmMuteRules, ListMetrics};
use bartizan::estate::ask::iam::ListAccountAliases;
use bartizan::estate::ask::lambda::{ListEventSourceMappings, ListFunctions};
use bartizan::estate::ask::secretsmanager::ListSecrets;
use bartizan::estate::ask::sqs::ListQueues;
use bartizan::estate::ask::wafv2::ListWebACLs;
use bartizan::estate::{Asks, Scope};

const EMPTY: &str = "the list operations of each API reference: an empty list and no token";

/// What belongs to a Region.
pub const REGIONAL: &[Question] = &[
    Question {
        name: "empty_alarms",
        source: EMPTY,
        needs: None,
        check: |e| nothing(e, DescribeAlarms { names: vec![] }),
    },
    Question {
        name: "empty_mute_rules",
        source: EMPTY,
        needs: None,
        check: |e| nothing(e, ListAlarmMuteRules {}),
    },
    Question {
        name: "empty_metrics",
        source: EMPTY,
        needs: None,
        check: |e| nothing(e, ListMetrics { namespace: "AWS/WAFV2".into(), name: "BlockedRequests".into() }),
    },
    Question { name: "empty_queues", source: EMPTY, needs: None, check: |e| nothing(e, ListQueues {}) },
    Question {
        name: "empty_web_acls",
        source: EMPTY,
        needs: None,
        check: |e| nothing(e, ListWebACLs { scope: Scope::Regional }),
    },
    Question { name: "empty_secrets", source: EMPTY, needs: None, check: |e| nothing(e, ListSecrets {}) },
    Question { name: "empty_functions", source: EMPTY, needs: None, check: |e| nothing(e, ListFunctions {}) },
    Question {
        name: "empty_event_sources",
        source: EMPTY,
        needs: None,
        check: |e| nothing(e, ListEventSourceMappings {}),
    },
];

/// What belongs to the whole account.
pub const GLOBAL: &[Question] = &[
    Question {
        name: "empty_aliases",
        source: EMPTY,
        needs: None,
        check: |e| nothing(e, ListAccountAliases {}),
    },
    Question {
        name: "empty_web_acls_of_cloudfront",
        source: EMPTY,
        needs: None,
        check: |e| nothing(e, ListWebACLs { scope: Scope::CloudFront }),
    },
];

fn nothing<A: Asks<Out = Vec<T>>, T>(e: &Asking, ask: A) -> Result<(), Wrong> {
    let page = e.page(ask, None)?;
    holds("there is a second page of nothing", page.next.is_none())?;
    same("things", A::open(page.answer)?.len(), 0)
}
