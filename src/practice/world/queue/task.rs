//! Message move tasks. Source: SQS API reference, `StartMessageMoveTask`, `ListMessageMoveTasks`,
//! `CancelMessageMoveTask`.

use crate::practice::world::Second;
use serde::{Deserialize, Serialize};

/// The status of a move task.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::practice) enum TaskStatus {
    Running,
    Cancelling,
    Completed,
    Cancelled,
    Failed,
}

/// A move task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::practice) struct Task {
    pub(in crate::practice) status: TaskStatus,
    pub(in crate::practice) started: Second,
    pub(in crate::practice) moved: u64,
    pub(in crate::practice) to_move: u64,
    pub(in crate::practice) rate: Option<u32>,
    pub(in crate::practice) failure: Option<String>,
    /// An ARN; none for the original sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::practice) to: Option<String>,
    /// Somebody started it: what it moves arrives message by message. What the weather moves is taken up by its
    /// consumer at once.
    #[serde(default)]
    pub(in crate::practice) by_hand: bool,
}

impl Task {
    /// Whether it has not come to its end.
    pub(in crate::practice) fn is_active(&self) -> bool {
        match self.status {
            TaskStatus::Running | TaskStatus::Cancelling => true,
            TaskStatus::Completed | TaskStatus::Cancelled | TaskStatus::Failed => false,
        }
    }

    /// Its `TaskHandle`, where it moves messages of the queue `name`.
    pub(in crate::practice) fn handle(&self, name: &str) -> String {
        format!("task-{name}-{}", self.started)
    }
}
