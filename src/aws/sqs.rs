//! The questions to SQS, one call each, and what their answers say about queues. It knows nothing of
//! credentials and endpoints.

use super::convert::{count, malformed, need, next, sorted, text, token};
use super::fault::Judge;
use crate::estate::ask::sqs::{Answer, Ask};
use crate::estate::{
    Arn, Cursor, Encryption, Fault, MoveTask, MoveTaskStatus, QueueFacts, QueueUrl, RedrivePolicy, Timestamp,
    Untrusted,
};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{ListMessageMoveTasksResultEntry, QueueAttributeName as Name};
use std::collections::HashMap;

/// Without `MaxResults` SQS gives 1,000 queues and no token, so that more would be lost unseen (SQS API
/// reference, `ListQueues`).
const PAGE: i32 = 1000;
/// `ListMessageMoveTasks` gives one task unless asked for up to 10 (SQS API reference).
const TASKS: i32 = 10;

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::ListQueues(_) => {
            let out = client.list_queues().max_results(PAGE).set_next_token(token(from)).send().await;
            let out = judge.of(out)?;
            let urls = out.queue_urls.unwrap_or_default().into_iter().map(QueueUrl::new).collect();
            Ok((Answer::ListQueues(urls), next(op, from, out.next_token)?))
        }
        Ask::GetQueueAttributes(q) => {
            let out = client.get_queue_attributes().queue_url(q.queue.wire()).attribute_names(Name::All);
            let out = judge.of(out.send().await)?;
            let map = out.attributes.unwrap_or_default();
            Ok((Answer::GetQueueAttributes(facts(op, &map)?), None))
        }
        Ask::ListDeadLetterSourceQueues(q) => {
            let out = client.list_dead_letter_source_queues().queue_url(q.queue.wire()).max_results(PAGE);
            let out = judge.of(out.set_next_token(token(from)).send().await)?;
            let urls = out.queue_urls.into_iter().map(QueueUrl::new).collect();
            Ok((Answer::ListDeadLetterSourceQueues(urls), next(op, from, out.next_token)?))
        }
        Ask::ListMessageMoveTasks(q) => {
            let out = client.list_message_move_tasks().source_arn(q.queue.wire()).max_results(TASKS);
            let out = judge.of(out.send().await)?;
            let tasks = out.results.unwrap_or_default().into_iter();
            let tasks = tasks.map(|t| task(t, &q.queue)).collect();
            Ok((Answer::ListMessageMoveTasks(tasks), None))
        }
        Ask::ListQueueTags(q) => {
            let out = judge.of(client.list_queue_tags().queue_url(q.queue.wire()).send().await)?;
            Ok((Answer::ListQueueTags(sorted(out.tags.unwrap_or_default())), None))
        }
    }
}

fn facts(op: &'static str, map: &HashMap<Name, String>) -> Result<QueueFacts, Fault> {
    let number = |name: Name| match map.get(&name) {
        None => Ok(None),
        // A server may write the time with a fraction; AWS writes whole numbers.
        Some(n) => match n.trim().split('.').next().unwrap_or_default().parse::<u64>() {
            Ok(n) => Ok(Some(n)),
            Err(_) => Err(malformed(op, format!("{name} is {n:?}, not a number"))),
        },
    };
    let is = |name: Name| map.get(&name).is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let arn = need(op, "QueueArn", map.get(&Name::QueueArn).filter(|a| !a.is_empty()))?;
    let key = map.get(&Name::KmsMasterKeyId).filter(|k| !k.is_empty());
    let redrive = map.get(&Name::RedrivePolicy).filter(|p| !p.trim().is_empty());
    Ok(QueueFacts {
        arn: Arn::new(arn.as_str()),
        messages: number(Name::ApproximateNumberOfMessages)?,
        in_flight: number(Name::ApproximateNumberOfMessagesNotVisible)?,
        delayed: number(Name::ApproximateNumberOfMessagesDelayed)?,
        retention_s: number(Name::MessageRetentionPeriod)?,
        visibility_s: number(Name::VisibilityTimeout)?,
        // it is only shown, so one that is odd hides no queue; moto writes it with a fraction
        created: map
            .get(&Name::CreatedTimestamp)
            .and_then(|t| t.split('.').next()?.trim().parse().ok())
            .and_then(|s| Timestamp::from_second(s).ok()),
        redrive: redrive.map(|p| policy(op, p)).transpose()?,
        redrive_allow: text(map.get(&Name::RedriveAllowPolicy).cloned()),
        policy: text(map.get(&Name::Policy).cloned()),
        fifo: is(Name::FifoQueue) || arn.ends_with(".fifo"),
        encryption: match key {
            Some(key) => Encryption::Kms(Untrusted::from(key.as_str())),
            None if is(Name::SqsManagedSseEnabled) => Encryption::SqsManaged,
            None => Encryption::None,
        },
    })
}

/// A redrive policy that cannot be read is a fault of its queue: taken for none, it would hide a source.
fn policy(op: &'static str, json: &str) -> Result<RedrivePolicy, Fault> {
    let bad = |why: &str| malformed(op, format!("RedrivePolicy {json}: {why}"));
    let value: serde_json::Value = serde_json::from_str(json).map_err(|e| bad(&e.to_string()))?;
    let target = value.get("deadLetterTargetArn").and_then(|t| t.as_str()).filter(|t| !t.is_empty());
    let target = target.ok_or_else(|| bad("deadLetterTargetArn is missing"))?;
    let max = match value.get("maxReceiveCount") {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(s)) => {
            Some(s.trim().parse().map_err(|_| bad("maxReceiveCount is not a number"))?)
        }
        Some(n) => {
            let n = n.as_u64().and_then(|n| u32::try_from(n).ok());
            Some(n.ok_or_else(|| bad("maxReceiveCount is not a number"))?)
        }
    };
    Ok(RedrivePolicy { dead_letter_target: Arn::new(target), max_receive_count: max })
}

fn task(t: ListMessageMoveTasksResultEntry, asked: &Arn) -> MoveTask {
    let status = t.status.unwrap_or_default();
    MoveTask {
        status: match status.as_str() {
            "RUNNING" => MoveTaskStatus::Running,
            "COMPLETED" => MoveTaskStatus::Completed,
            "CANCELLING" => MoveTaskStatus::Cancelling,
            "CANCELLED" => MoveTaskStatus::Cancelled,
            "FAILED" => MoveTaskStatus::Failed,
            _other => MoveTaskStatus::Other(status.as_str().into()),
        },
        source: t.source_arn.filter(|a| !a.is_empty()).map_or_else(|| asked.clone(), Arn::new),
        destination: t.destination_arn.filter(|a| !a.is_empty()).map(Arn::new),
        moved: u64::try_from(t.approximate_number_of_messages_moved).unwrap_or(0),
        to_move: t.approximate_number_of_messages_to_move.and_then(|n| u64::try_from(n).ok()),
        rate: count(t.max_number_of_messages_per_second),
        started: Some(t.started_timestamp)
            .filter(|ms| *ms > 0)
            .and_then(|ms| Timestamp::from_millisecond(ms).ok()),
        failure: text(t.failure_reason),
        handle: text(t.task_handle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::FaultKind;

    fn map(pairs: &[(Name, &str)]) -> HashMap<Name, String> {
        pairs.iter().map(|(n, v)| (n.clone(), (*v).to_owned())).collect()
    }

    const ARN: (Name, &str) = (Name::QueueArn, "arn:aws:sqs:eu-central-1:123456789012:q");

    #[test]
    fn a_count_that_is_not_there_is_none_and_a_bad_one_a_fault() {
        let f = facts("sqs:GetQueueAttributes", &map(&[ARN])).unwrap();
        assert_eq!((f.messages, f.in_flight, f.encryption), (None, None, Encryption::None));
        let bad = facts("sqs:GetQueueAttributes", &map(&[ARN, (Name::ApproximateNumberOfMessages, "many")]));
        assert_eq!(bad.unwrap_err().kind, FaultKind::Malformed);
        let none = facts("sqs:GetQueueAttributes", &map(&[]));
        assert_eq!(none.unwrap_err().kind, FaultKind::Malformed);
    }

    #[test]
    fn max_receive_count_may_be_a_number_or_text() {
        for json in [
            r#"{"deadLetterTargetArn":"arn:aws:sqs:r:1:d","maxReceiveCount":5}"#,
            r#"{"deadLetterTargetArn":"arn:aws:sqs:r:1:d","maxReceiveCount":"5"}"#,
        ] {
            let p = policy("op", json).unwrap();
            assert_eq!(p.max_receive_count, Some(5));
            assert_eq!(p.dead_letter_target.wire(), "arn:aws:sqs:r:1:d");
        }
        let p = policy("op", r#"{"deadLetterTargetArn":"arn:aws:sqs:r:1:d"}"#).unwrap();
        assert_eq!(p.max_receive_count, None);
    }

    #[test]
    fn an_unreadable_redrive_policy_is_a_fault_not_none() {
        for json in
            ["{", "[]", r#"{"maxReceiveCount":5}"#, r#"{"deadLetterTargetArn":"a","maxReceiveCount":-1}"#]
        {
            let map = map(&[ARN, (Name::RedrivePolicy, json)]);
            assert_eq!(facts("op", &map).unwrap_err().kind, FaultKind::Malformed, "{json}");
        }
    }
}
