//! The newest export of each queue, as far as it was made here: a note in the state directory (or in memory, where there is
//! none) that says where the file is. It is a help to find it, nothing more: what the file holds is said by its manifest, and
//! who imports it or purges against it has it verified.

use super::manifest::Manifest;
use crate::engine::archive::Archive;
use crate::engine::files;
use crate::estate::Arn;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Exports that were made by this process, by queue. Cloning shares them.
pub type Memory = Arc<Mutex<BTreeMap<Arn, PathBuf>>>;

/// An export that is known and still there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// The file.
    pub file: PathBuf,
    /// What its manifest says.
    pub manifest: Manifest,
}

/// A note of an export. The queue's ARN has the account and the Region in it.
#[derive(Serialize, Deserialize)]
struct Note {
    queue: Arn,
    file: PathBuf,
}

/// Notes an export as the newest of its queue.
///
/// # Errors
/// It cannot be noted; the export is whole all the same.
pub fn note(archive: &Archive, file: &Path, queue: &Arn) -> io::Result<()> {
    archive.exports.lock().unwrap_or_else(PoisonError::into_inner).insert(queue.clone(), file.to_owned());
    let Some(path) = place(archive, queue) else { return Ok(()) };
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let bytes = serde_json::to_vec(&Note { queue: queue.clone(), file: file.to_owned() })?;
    files::replace(&path, &bytes)
}

/// The newest export of a queue that was made here, if its file and manifest still are there and it is of this queue.
#[must_use]
pub fn newest(archive: &Archive, queue: &Arn) -> Option<Known> {
    let here = archive.exports.lock().unwrap_or_else(PoisonError::into_inner).get(queue).cloned();
    let noted = || {
        let bytes = files::read_bytes(&place(archive, queue)?).ok()??; // what cannot be read is offered to nobody
        let note: Note = serde_json::from_slice(&bytes).ok()?; // nor is what is no note
        (note.queue == *queue).then_some(note.file)
    };
    let file = here.or_else(noted)?;
    let manifest = Manifest::read(&file, &mut |_| {}).ok()?; // nor an export without its manifest
    (file.is_file() && manifest.queue == *queue).then_some(Known { file, manifest })
}

/// Where the note about a queue is.
fn place(archive: &Archive, queue: &Arn) -> Option<PathBuf> {
    let name: String = Sha256::digest(queue.wire()).iter().take(16).map(|b| format!("{b:02x}")).collect();
    Some(archive.dir()?.join("exports").join(format!("{name}.json")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn manifest(queue: &Arn) -> String {
        format!(
            "{{\"schema\":\"bartizan.export/1\",\"at\":\"2026-11-17T10:00:00Z\",\"by\":\"alice\",\"queue\":\"{}\",\
             \"url\":\"https://q/1/dlq\",\"fifo\":false,\"count\":3,\"bytes\":9,\"gzip\":false,\"sha256\":\"00\",\
             \"ids_sha256\":\"00\",\"counted\":3,\"complete\":true,\"not_exported\":[]}}",
            queue.wire()
        )
    }

    #[test]
    fn the_newest_export_of_a_queue_is_known_as_long_as_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let queue = Arn::new("arn:aws:sqs:eu-central-1:123456789012:dlq");
        let other = Arn::new("arn:aws:sqs:eu-central-1:210987654321:dlq");
        let file = |name: &str, of: &Arn| {
            let file = folder.path().join(name);
            std::fs::write(&file, "lines").unwrap();
            std::fs::write(super::super::beside(&file), manifest(of)).unwrap();
            file
        };
        let (first, second) = (file("first", &queue), file("second", &queue));
        let archive = || Archive::below(Some(&state));
        assert_eq!(newest(&archive(), &queue), None);
        note(&archive(), &first, &queue).unwrap();
        note(&archive(), &second, &queue).unwrap();
        let known = newest(&archive(), &queue).unwrap();
        assert_eq!((known.file, known.manifest.count), (second.clone(), 3), "another process finds it");
        assert_eq!(newest(&archive(), &other), None, "of this account only");
        let mode = std::fs::metadata(state.join("exports")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        std::fs::remove_file(&second).unwrap();
        assert_eq!(newest(&archive(), &queue), None);
        // A file that was put in its place is of another queue.
        file("second", &other);
        assert_eq!(newest(&archive(), &queue), None);
        let memory = Archive::in_memory();
        note(&memory, &first, &queue).unwrap();
        assert_eq!(newest(&memory.clone(), &queue).map(|k| k.file), Some(first));
    }
}
