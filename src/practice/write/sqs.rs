//! Writes to queues.

use super::Write;
use crate::estate::change::sqs::Call;
use crate::estate::{Fault, FaultKind, Receipt};

pub(super) fn make(write: Write<'_>, _call: &Call) -> Result<Receipt, Fault> {
    Err(Fault::new(FaultKind::Unsupported, write.op.name, "the practice estate moves no messages yet"))
}
