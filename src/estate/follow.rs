//! What an answer makes necessary to ask next. Pure; the engine fans out, asks each question once a walk
//! and keeps to the budgets.

use super::ask::{Answer, Ask, Asks, Page, Query, cloudwatch, lambda, secretsmanager, sqs, wafv2};

/// The questions that `page`, an answer to `q`, makes necessary. The same question may be named by several
/// pages; asking it once is the caller's business.
#[must_use]
pub fn follow(q: &Query, page: &Page) -> Vec<Query> {
    let here = |ask: Ask| Query { at: q.at.clone(), ask };
    match &page.answer {
        Answer::CloudWatch(cloudwatch::Answer::ListAlarmMuteRules(names)) => {
            names.iter().map(|n| here(cloudwatch::GetAlarmMuteRule { name: n.clone() }.ask())).collect()
        }
        Answer::Sqs(sqs::Answer::ListQueues(urls)) => {
            urls.iter().map(|u| here(sqs::GetQueueAttributes { queue: u.clone() }.ask())).collect()
        }
        Answer::Sqs(sqs::Answer::GetQueueAttributes(facts)) => {
            let Ask::Sqs(sqs::Ask::GetQueueAttributes(asked)) = &q.ask else { return Vec::new() };
            let mut next = Vec::new();
            if let Some(policy) = &facts.redrive {
                let target = &policy.dead_letter_target;
                let url = asked.queue.sibling(target.resource().wire());
                next.push(here(sqs::ListDeadLetterSourceQueues { queue: url }.ask()));
                next.push(here(sqs::ListMessageMoveTasks { queue: target.clone() }.ask()));
            }
            if facts.redrive_allow.is_some() {
                next.push(here(sqs::ListDeadLetterSourceQueues { queue: asked.queue.clone() }.ask()));
                next.push(here(sqs::ListMessageMoveTasks { queue: facts.arn.clone() }.ask()));
            }
            next
        }
        Answer::Wafv2(wafv2::Answer::ListWebACLs(acls)) => acls
            .iter()
            .map(|a| here(wafv2::GetWebACL { name: a.name.clone(), id: a.id.clone(), scope: a.scope }.ask()))
            .collect(),
        Answer::SecretsManager(secretsmanager::Answer::ListSecrets(secrets)) => secrets
            .iter()
            .map(|s| {
                here(secretsmanager::ListSecretVersionIds { secret: s.arn.clone(), deprecated: false }.ask())
            })
            .collect(),
        Answer::Lambda(lambda::Answer::ListFunctions(functions)) => functions
            .iter()
            .map(|f| here(lambda::ListFunctionEventInvokeConfigs { function: f.name.clone() }.ask()))
            .collect(),
        Answer::CloudWatch(_)
        | Answer::Sqs(_)
        | Answer::Wafv2(_)
        | Answer::SecretsManager(_)
        | Answer::Sts(_)
        | Answer::Lambda(_)
        | Answer::Iam(_)
        | Answer::ApiGateway(_)
        | Answer::CloudTrail(_)
        | Answer::Rds(_)
        | Answer::Ec2(_)
        | Answer::Kms(_)
        | Answer::Logs(_)
        | Answer::Events(_) => Vec::new(),
    }
}
