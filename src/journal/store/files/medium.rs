//! What the records of a run are written to: three operations, so that a test can let each of them fail as a
//! disk would. It knows nothing of records.

use std::fs::File;
use std::io::{self, Write};

/// A file that is only appended to.
pub(super) trait Medium: Send {
    /// Writes at the end; after a failure a part may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when what was appended is on the disk.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts to `length` bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// A file that was opened for appending.
impl Medium for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        // the length is metadata that reading needs, so fdatasync keeps it; times may be lost
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}
