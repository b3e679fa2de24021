//! What stands beside an export, in `FILE.manifest.json`: whose messages these are, how many, by which hashes the file is
//! known, and what is not in it. An import and a purge believe an export only as far as this agrees with the file.

use crate::engine::files;
use crate::estate::{Arn, QueueUrl, Timestamp, Untrusted};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The form of a manifest.
pub const SCHEMA: &str = "bartizan.export/1";

/// The manifest of an export.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// `SCHEMA`.
    pub schema: String,
    /// When the first message was asked for: what came later may not be in it.
    pub at: Timestamp,
    /// By whom.
    pub by: Untrusted,
    /// The queue.
    pub queue: Arn,
    /// Its URL.
    pub url: QueueUrl,
    /// Whether it is a FIFO queue.
    pub fifo: bool,
    /// Messages in the file, one a line.
    pub count: u32,
    /// Bytes of the file.
    pub bytes: u64,
    /// Whether the file is packed by gzip.
    pub gzip: bool,
    /// SHA-256 of the file as it lies there, in hex.
    pub sha256: String,
    /// SHA-256 of the messages' ids in the order of the lines, each with a newline, in hex.
    pub ids_sha256: String,
    /// About how many messages the queue had when it began: visible, hidden, delayed. `None`: AWS did not say.
    pub counted: Option<u64>,
    /// Whether everything that could be received is in it.
    pub complete: bool,
    /// What is not in it, and why.
    pub not_exported: Vec<String>,
}

/// Where the manifest of a file is.
#[must_use]
pub fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".manifest.json");
    PathBuf::from(name)
}

impl Manifest {
    /// Writes it beside its file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, file: &Path) -> std::io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        files::replace(&beside(file), &text)
    }

    /// The manifest beside a file.
    ///
    /// # Errors
    /// There is none, or it is none that this version knows.
    pub fn read(file: &Path) -> Result<Self, String> {
        let path = beside(file);
        let name = Untrusted::from(path.display().to_string());
        let text = files::read_text(&path).map_err(|e| format!("{} cannot be read: {e}", name.shown()))?;
        let text = text.ok_or_else(|| {
            format!("there is no {}: an export without its manifest is not trusted", name.shown())
        })?;
        let read: Self = serde_json::from_str(&text)
            .map_err(|e| format!("{} is no manifest of an export: {e}", name.shown()))?;
        if read.schema != SCHEMA {
            let schema = Untrusted::from(read.schema);
            return Err(format!("{} is of the form {}, not {SCHEMA}", name.shown(), schema.shown()));
        }
        Ok(read)
    }
}
