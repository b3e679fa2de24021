//! Makes lines of drafts, one after the other, and knows where a run would then stand. Both stores append what
//! this makes; it writes nothing itself.

use super::{Error, MOST_AT_ONCE};
use crate::journal::envelope::{self, Draft, Here, LONGEST_LINE, LineHash};
use crate::journal::head::Head;
use crate::journal::name::RunName;
use std::io;
use std::path::Path;

/// Largest run, in bytes. It is read whole, and a mistake must not fill the memory.
pub(super) const LARGEST_RUN: u64 = 1024 * 1024 * 1024;

/// Lines that follow a head, and the head after them.
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    pub(super) head: Head,
}

impl Lines {
    /// None yet, after `head`.
    pub(super) fn after(head: Head) -> Self {
        Self { bytes: Vec::new(), head }
    }

    /// Adds the lines of `drafts`: all of them, or none and the reason.
    pub(super) fn add(&mut self, run: &RunName, here: &Here, drafts: &[Draft]) -> Result<Head, Error> {
        if drafts.len() > MOST_AT_ONCE {
            return Err(Error::TooMany);
        }
        let (before, mut head) = (self.bytes.len(), self.head);
        for draft in drafts {
            match next(run, here, head, draft) {
                Ok(line) => {
                    head = Head { count: head.count + 1, hash: LineHash::of(&line) };
                    self.bytes.extend_from_slice(&line);
                }
                Err(e) => {
                    self.bytes.truncate(before);
                    return Err(e);
                }
            }
        }
        self.head = head;
        Ok(head)
    }
}

fn next(run: &RunName, here: &Here, head: Head, draft: &Draft) -> Result<Vec<u8>, Error> {
    let line = envelope::line(run, head.count + 1, head.hash, here, draft)
        .map_err(|e| Error::io("write a record of", Path::new(run.as_str()))(io::Error::from(e)))?;
    if line.len() > LONGEST_LINE { Err(Error::TooLong { bytes: line.len() }) } else { Ok(line) }
}
