//! Where an answer differs from the published model, written down once: who, which question, what is
//! different, and how it shows. It is asserted that it still does, so that an update is noticed. The model
//! decides; nothing here excuses the ports.

use super::change_differences::CHANGES;

/// A difference that is known.
pub struct Difference {
    pub place: &'static str,
    pub questions: &'static [&'static str],
    /// What differs.
    pub what: &'static str,
    /// A part of what is seen, past all that the question checks before.
    pub shows: &'static str,
}

/// The difference of `place` at `question`, if one is known.
pub fn known(place: &str, question: &str) -> Option<&'static Difference> {
    ALL.iter().flat_map(|of| of.iter()).find(|d| d.place == place && d.questions.contains(&question))
}

/// The differences that belong to no question that is asked: misspelt, or of a question that is gone.
pub fn without_a_question(asked: &[String]) -> Vec<String> {
    let places: Vec<&str> = asked.iter().filter_map(|a| a.split("::").next()).collect();
    let is_asked = |place: &str, question: &str| {
        asked.iter().any(|a| a.starts_with(&format!("{place}::")) && a.ends_with(&format!("::{question}")))
    };
    ALL.iter()
        .flat_map(|of| of.iter())
        .filter(|d| places.contains(&d.place))
        .flat_map(|d| d.questions.iter().map(|q| (d.place, *q)))
        .filter(|(place, question)| !is_asked(place, question))
        .map(|(place, question)| format!("{place}::{question}"))
        .collect()
}

const ALL: &[&[Difference]] = &[MINISTACK, MOTO, FAKECLOUD, CHANGES];

const MINISTACK: &[Difference] = &[
    Difference {
        place: "ministack",
        questions: &["lines_on_a_second_page"],
        what: "FilterLogEvents gives the first lines up to its limit and no token for the rest",
        shows: "lines: the model says 25, it is 10",
    },
    Difference {
        place: "ministack",
        questions: &["alarm_state_is_as_it_was_set", "alarms_agree"],
        what: "alarms have no StateTransitionedTimestamp",
        shows: "StateTransitionedTimestamp is missing",
    },
    Difference {
        place: "ministack",
        questions: &["alarm_over_maths"],
        what: "PutMetricAlarm forgets Metrics",
        shows: "it watches Other(\"\")",
    },
    Difference {
        place: "ministack",
        questions: &["mute_rule", "mute_rules_agree"],
        what: "there are no mute rules",
        shows: "Unknown action: PutAlarmMuteRule",
    },
    Difference {
        place: "ministack",
        questions: &["mute_rule_that_is_not", "empty_mute_rules"],
        what: "there are no mute rules",
        shows: "Unsupported cloudwatch:",
    },
    Difference {
        place: "ministack",
        questions: &["contributors_of_an_alarm_that_is_not"],
        what: "there is no DescribeAlarmContributors",
        shows: "Unsupported cloudwatch:DescribeAlarmContributors",
    },
    Difference {
        place: "ministack",
        questions: &["metric_maths"],
        what: "expressions are not computed",
        shows: "it is []",
    },
    Difference {
        place: "ministack",
        questions: &["metric_expression_over_nothing"],
        what: "expressions are not computed, and the series says so",
        shows: "Expressions not implemented",
    },
    Difference {
        place: "ministack",
        questions: &[
            "too_many_alarm_names",
            "alarm_token_that_is_none",
            "metric_query_id_in_upper_case",
            "metric_window_backwards",
            "web_acl_name_that_is_none",
            "web_acl_marker_that_is_none",
            "secret_token_that_is_none",
            "function_marker_that_is_none",
        ],
        what: "what the model constrains is not checked",
        shows: "the model says Invalid, it is answered",
    },
    Difference {
        place: "ministack",
        questions: &["function_name_that_is_none"],
        what: "what the model constrains is not checked",
        shows: "the model says Invalid, it is \"NotFound",
    },
    Difference {
        place: "ministack",
        questions: &["queue_token_that_is_none"],
        what: "a token that is no number is an internal error",
        shows: "invalid literal for int()",
    },
    Difference {
        place: "ministack",
        questions: &["web_acl_under_another_name"],
        what: "GetWebACL looks at the id alone",
        shows: "the model says NotFound, it is answered",
    },
    Difference {
        place: "ministack",
        questions: &["web_acl_with_rules"],
        what: "web ACLs have no capacity",
        shows: "its capacity is None",
    },
    Difference {
        place: "ministack",
        questions: &["web_acls_on_every_page"],
        what: "ListWebACLs ignores Limit",
        shows: "it is [106]",
    },
    Difference {
        place: "ministack",
        questions: &["samples_of_no_traffic", "samples_of_a_web_acl_that_is_not"],
        what: "there is no GetSampledRequests",
        shows: "Unknown WAF action: GetSampledRequests",
    },
    Difference {
        place: "ministack",
        questions: &["queue_by_default"],
        what: "queues are not encrypted by default (SSE-SQS is, since 2022)",
        shows: "encryption: the model says SqsManaged, it is None",
    },
    Difference {
        place: "ministack",
        questions: &[
            "dead_letter_sources",
            "sources_of_no_dead_letter_queue",
            "sources_of_a_queue_that_is_not",
            "dead_letter_queues_agree",
        ],
        what: "there is no ListDeadLetterSourceQueues",
        shows: "The action ListDeadLetterSourceQueues is not valid",
    },
    Difference {
        place: "ministack",
        questions: &[
            "no_move_tasks",
            "move_tasks_of_a_queue_that_is_not",
            "move_task_that_ended",
            "move_tasks_agree",
        ],
        what: "there are no move tasks",
        shows: "MessageMoveTask",
    },
];

const MOTO: &[Difference] = &[
    Difference {
        place: "moto",
        questions: &["empty_alarms", "empty_mute_rules", "empty_metrics"],
        what: "there is no CloudWatch over CBOR: nothing more of it is asked",
        shows: "Unsupported cloudwatch:",
    },
    Difference {
        place: "moto",
        questions: &["move_task_that_ended", "move_tasks_agree"],
        what: "there are no move tasks: a web page comes back",
        shows: "UnexpectedToken('<'",
    },
    Difference {
        place: "moto",
        questions: &["no_move_tasks", "move_tasks_of_a_queue_that_is_not"],
        what: "there are no move tasks",
        shows: "HTTP 500",
    },
    Difference {
        place: "moto",
        questions: &["web_acl_protects_nothing", "resources_of_a_web_acl_that_is_not"],
        what: "there is no ListResourcesForWebACL",
        shows: "HTTP 500",
    },
    Difference {
        place: "moto",
        questions: &["samples_of_no_traffic", "samples_of_a_web_acl_that_is_not"],
        what: "there is no GetSampledRequests",
        shows: "HTTP 500",
    },
    Difference {
        place: "moto",
        questions: &["functions_on_every_page"],
        what: "ListFunctions ignores MaxItems",
        shows: "it is [56]",
    },
    Difference {
        place: "moto",
        questions: &["dead_letter_target_of_a_function"],
        what: "CreateFunction forgets DeadLetterConfig",
        shows: "DeadLetterConfig is missing",
    },
    Difference {
        place: "moto",
        questions: &["on_failure_destination"],
        what: "LastModified is text, where the model has seconds since the epoch",
        shows: "Malformed lambda:ListFunctionEventInvokeConfigs",
    },
    Difference {
        place: "moto",
        questions: &["web_acl_name_that_is_none"],
        what: "what the model constrains is not checked",
        shows: "the model says Invalid, it is \"NotFound",
    },
    Difference {
        place: "moto",
        questions: &["function_marker_that_is_none"],
        what: "what the model constrains is not checked",
        shows: "the model says Invalid, it is answered",
    },
    Difference {
        place: "moto",
        questions: &["function_name_that_is_none"],
        what: "its router does not know such a path",
        shows: "it is \"Unsupported lambda:",
    },
    Difference {
        place: "moto",
        questions: &["tags_of_a_web_acl_that_is_not"],
        what: "what does not exist is answered as if it were empty",
        shows: "the model says NotFound, it is answered",
    },
    Difference {
        place: "moto",
        questions: &["secret_token_that_is_none", "versions_of_a_secret_that_is_not"],
        what: "a wrong question ends its handler",
        shows: "HTTP 500",
    },
];

const FAKECLOUD: &[Difference] = &[
    Difference {
        place: "fakecloud",
        questions: &["denied_logs"],
        what: "permissions of CloudWatch Logs are not looked at: a group that is not is said to be none",
        shows: "logs:FilterLogEvents: NotFound",
    },
    Difference {
        place: "fakecloud",
        questions: &["alarm_state_is_as_it_was_set"],
        what: "an alarm without data undoes SetAlarmState before it can be read",
        shows: "state: the model says Alarm, it is",
    },
    Difference {
        place: "fakecloud",
        questions: &["alarms_agree"],
        what: "alarms have no StateTransitionedTimestamp before they first change",
        shows: "StateTransitionedTimestamp is missing",
    },
    Difference {
        place: "fakecloud",
        questions: &[
            "too_many_alarm_names",
            "alarm_token_that_is_none",
            "metric_query_id_in_upper_case",
            "metric_window_backwards",
            "queue_token_that_is_none",
            "secret_token_that_is_none",
            "function_marker_that_is_none",
        ],
        what: "what the model constrains is not checked",
        shows: "the model says Invalid, it is answered",
    },
    Difference {
        place: "fakecloud",
        questions: &["web_acl_name_that_is_none", "function_name_that_is_none"],
        what: "what the model constrains is not checked",
        shows: "the model says Invalid, it is \"NotFound",
    },
    Difference {
        place: "fakecloud",
        questions: &["metric_expression_over_nothing"],
        what: "a wrong expression is the trouble of a series, not of the question",
        shows: "unknown metric id 'nobody' in expression",
    },
    Difference {
        place: "fakecloud",
        questions: &[
            "tags_of_an_alarm_that_is_not",
            "samples_of_a_web_acl_that_is_not",
            "resources_of_a_web_acl_that_is_not",
        ],
        what: "what does not exist is answered as if it were empty",
        shows: "the model says NotFound, it is answered",
    },
    Difference {
        place: "fakecloud",
        questions: &["on_failure_destination"],
        what: "ListFunctionEventInvokeConfigs answers with one configuration instead of a list",
        shows: "destinations: the model says 1, it is 0",
    },
    Difference {
        place: "fakecloud",
        questions: &["denied_cloudwatch", "denied_wafv2", "denied_secretsmanager", "denied_cloudtrail"],
        what: "permissions of these services are not looked at, even with --iam strict",
        shows: ": answered",
    },
    Difference {
        place: "fakecloud",
        questions: &["denied_lambda"],
        what: "ListFunctionEventInvokeConfigs is taken for GetFunctionEventInvokeConfig",
        shows: "action: \"lambda:GetFunctionEventInvokeConfig\"",
    },
    Difference {
        place: "fakecloud",
        questions: &["identity_cannot_be_denied"],
        what: "GetCallerIdentity can be denied",
        shows: "Denied { action: \"sts:GetCallerIdentity\"",
    },
];
