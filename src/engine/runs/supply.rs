//! What a change needs from an export: the lines that it sends, put on the vault's shelf before their call leaves, or the
//! ids that it may delete, held against what a receive brought. The file is verified when a process first needs it, by
//! the hash that was agreed to.

use super::fault::RunsFault;
use super::live::Live;
use crate::engine::messages::{self, Reading};
use crate::estate::change::messages::Act;
use crate::estate::change::messages::import::{Listed, line_of};
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::message::{Held, Ids, Shelf};
use crate::estate::{Call, Change, Receipt, Timestamp};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// An export that a change stands on.
pub(super) struct Supply {
    of: Listed,
    kind: Kind,
}

enum Kind {
    Lines(Box<Mutex<Reading>>),
    Ids(Ids),
}

/// The export that a change stands on; `None` of most changes.
pub(super) fn listed(change: &Change) -> Option<&Listed> {
    match change.tallied()? {
        Act::Import(import) => Some(&import.from),
        Act::Discard { listed, .. } => listed.as_ref(),
        Act::Redrive { .. } | Act::Replay { .. } | Act::Peek { .. } => None,
    }
}

impl Supply {
    /// Opens the export of a change.
    ///
    /// # Errors
    /// It cannot be read, or is not the file that was agreed to.
    pub(super) async fn open(change: &Change, of: &Listed) -> Result<Arc<Self>, RunsFault> {
        let (path, sha256) = (PathBuf::from(of.file.wire()), of.sha256.clone());
        let sends = matches!(change.tallied(), Some(Act::Import(_)));
        let opened = tokio::task::spawn_blocking(move || {
            let kept = messages::verify(&path)?;
            if kept.manifest.sha256 != sha256 {
                return Err(
                    "the file is another than the one that was agreed to; nothing more is done".to_owned()
                );
            }
            Ok(match sends {
                true => Kind::Lines(Box::new(Mutex::new(kept.open().map_err(|e| e.to_string())?))),
                false => Kind::Ids(kept.ids),
            })
        });
        let opened = opened.await.map_err(|e| RunsFault::Refused(format!("the file cannot be read: {e}")))?;
        Ok(Arc::new(Self { of: of.clone(), kind: opened.map_err(RunsFault::Refused)? }))
    }

    /// Whether this is it.
    pub(super) fn is_of(&self, listed: &Listed) -> bool {
        self.of == *listed
    }

    /// Puts on the shelf what a call is about to send.
    ///
    /// # Errors
    /// A line cannot be read, or is not what it was: nothing of this call may leave.
    pub(super) fn fill(&self, call: &Call, shelf: &Shelf) -> Result<(), RunsFault> {
        let (Kind::Lines(lines), Call::Sqs(SqsCall::SendMessageBatch { messages, .. })) = (&self.kind, call)
        else {
            return Ok(());
        };
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        // What was refused for a while is there still.
        for id in messages.iter().filter(|id| !shelf.holds(id)) {
            let line =
                line_of(id).ok_or_else(|| RunsFault::Refused("a message is no line of the file".into()))?;
            let read =
                lines.line(line).map_err(|why| RunsFault::Refused(format!("{why}; nothing more is sent")))?;
            let message = read.renamed(id.clone());
            shelf.put(Held { message, handle: Zeroizing::new(String::new()), until: Timestamp::MAX });
        }
        Ok(())
    }

    /// Takes off the shelf what was sent; of what was received, only what is listed is meant.
    pub(super) fn sift(&self, receipt: &mut Receipt, shelf: &Shelf) {
        match (&self.kind, receipt) {
            (Kind::Lines(_), Receipt::Batch { done, failed, .. }) => {
                let spent = failed.iter().filter(|f| f.sender).map(|f| &f.id);
                done.iter().chain(spent).for_each(|id| drop(shelf.take(id)));
            }
            (Kind::Ids(ids), Receipt::Received { messages, .. }) => {
                messages.iter_mut().for_each(|head| head.chosen &= ids.contains(&head.id));
            }
            // Other receipts have nothing to do with the file.
            (Kind::Lines(_) | Kind::Ids(_), _) => {}
        }
    }
}

impl Live {
    /// The export that a change stands on, verified when it is first needed here.
    ///
    /// # Errors
    /// It cannot be read, or is another than the one that was agreed to.
    pub(super) async fn supply(&self, change: &Change) -> Result<Option<Arc<Supply>>, RunsFault> {
        let Some(of) = listed(change) else { return Ok(None) };
        let mut kept = self.supply.lock().await;
        if let Some(same) = kept.as_ref().filter(|s| s.is_of(of)) {
            return Ok(Some(same.clone()));
        }
        let opened = Supply::open(change, of).await?;
        Ok(Some(kept.insert(opened).clone()))
    }
}
