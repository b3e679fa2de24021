//! The files of an incident: below the state directory, private, never overwritten, on the disk before anything names
//! them. It knows nothing of what they hold.

use super::fault::IncidentFault;
use crate::runbook::incident::IncidentId;
use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Most files of one name.
const MOST: u32 = 10_000;

/// Where the files of an incident are.
pub(super) struct Folder {
    dir: PathBuf,
}

/// A file that is on the disk.
pub(super) struct Written {
    pub file: String,
    pub sha256: String,
    pub bytes: u64,
}

impl Folder {
    /// `incidents/ID` below the state directory; made with its first file.
    ///
    /// # Errors
    /// There is no state directory.
    pub(super) fn of(state: Option<&Path>, id: &IncidentId) -> Result<Self, IncidentFault> {
        let none = || {
            let words = "there is no directory to keep files in: name one with --state-dir (in practice, --keep NAME)";
            IncidentFault::Refused(words.to_owned())
        };
        Ok(Self { dir: state.ok_or_else(none)?.join("incidents").join(id.as_str()) })
    }

    /// Writes a new file; its name is that of the first number that is free.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) async fn write(&self, name: &str, bytes: Vec<u8>) -> Result<Written, IncidentFault> {
        let (dir, name) = (self.dir.clone(), plain(name));
        let failed = |dir: &Path, e: &io::Error| {
            let shown = crate::estate::Untrusted::from(dir.to_string_lossy().as_ref()).shown().to_string();
            IncidentFault::Refused(format!("a file of evidence cannot be written in {shown}: {e}"))
        };
        let place = dir.clone();
        let written = tokio::task::spawn_blocking(move || put(&dir, &name, &bytes)).await;
        match written {
            Ok(done) => done.map_err(|e| failed(&place, &e)),
            Err(died) => Err(failed(&place, &io::Error::other(died.to_string()))),
        }
    }
}

/// A name that is the same on every file system and leads nowhere.
fn plain(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    name.chars().take(100).map(safe).collect()
}

fn put(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<Written> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    for number in 1..=MOST {
        let file = format!("{name}-{number}.json");
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(dir.join(&file));
        let mut open = match made {
            Ok(open) => open,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => continue,
            Err(e) => return Err(e),
        };
        open.write_all(bytes)?;
        open.sync_all()?;
        fs::File::open(dir)?.sync_all()?;
        let hash = Sha256::digest(bytes);
        let sha256 = hash.iter().map(|b| format!("{b:02x}")).collect();
        return Ok(Written { file, sha256, bytes: bytes.len() as u64 });
    }
    Err(io::Error::other("ten thousand files of that name are there already"))
}

#[cfg(test)]
mod tests {
    use super::Folder;
    use crate::runbook::incident::IncidentId;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn files_are_private_new_and_hashed_and_a_name_leads_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let id = IncidentId::new("i-00000001").unwrap();
        let folder = Folder::of(Some(dir.path()), &id).unwrap();
        let one = folder.write("user-../../x y", b"abc".to_vec()).await.unwrap();
        let two = folder.write("user-../../x y", b"other".to_vec()).await.unwrap();
        assert_eq!(
            (one.file.as_str(), two.file.as_str()),
            ("user-______x_y-1.json", "user-______x_y-2.json")
        );
        assert_eq!(one.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((one.bytes, two.bytes), (3, 5));
        let place = dir.path().join("incidents/i-00000001");
        assert_eq!(std::fs::read(place.join(&one.file)).unwrap(), b"abc");
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place), mode(&place.join(&one.file))), (0o700, 0o600));
        assert!(Folder::of(None, &id).is_err());
    }
}
