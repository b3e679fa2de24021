//! `queue.cancel`: stops the move task that is at work on a queue, whoever started it. What was moved stays moved.
//! Source: SQS API reference, `CancelMessageMoveTask`.

use super::{QUEUE, find, how_far, running, tasks};
use crate::estate::ask::sqs::GetQueueAttributes;
use crate::estate::change::sqs::Act as SqsAct;
use crate::estate::{Act, Change, MoveTaskStatus};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::one;
use crate::runbook::view::View;
use std::time::Duration;

/// Cancels.
pub struct Cancel;

impl Verb for Cancel {
    fn name(&self) -> &'static str {
        "queue.cancel"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Cancels the running move task of a dead-letter queue, whoever started it; what was moved stays moved."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[QUEUE];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let url = find(v, v.text(QUEUE.name)?)?;
        let arn = one(v, GetQueueAttributes { queue: url.clone() })?.arn;
        let listed = tasks(v, &arn)?.map_err(Need::Refuse)?;
        let name = url.name();
        let task = running(&listed);
        if v.done.is_empty() {
            let Some(task) = task else {
                return Err(Need::Refuse(format!("no move task of {} is running", name.shown())));
            };
            let handle = task.handle.clone().ok_or_else(|| {
                Need::Refuse(format!("SQS does not tell the handle of the move task of {}", name.shown()))
            })?;
            let act = SqsAct::CancelMove { queue: arn, handle };
            let changes = vec![Change { at: v.at.clone(), act: Act::Sqs(act) }];
            let breaks = vec![format!("{}: {}", name.shown(), how_far(task))];
            let leaves = vec!["what was moved stays moved".to_owned()];
            return Err(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })));
        }
        match (task, listed.first()) {
            (Some(task), _) => Err(Need::Again {
                after: Duration::from_secs(2),
                why: format!("the move task to stop; {}", how_far(task)),
            }),
            (None, Some(last)) => {
                let ended = match last.status {
                    MoveTaskStatus::Completed => "it had ended before it could be cancelled",
                    _ => "the move task is cancelled",
                };
                Ok(Done { evidence: vec![format!("{ended}: {} moved", last.moved)], ..Done::default() })
            }
            (None, None) => {
                Ok(Done { evidence: vec!["no move task is running any more".into()], ..Done::default() })
            }
        }
    }
}
