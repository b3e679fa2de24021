//! Reads and writes the files of this program: where they are, what modes they must have, and how one is
//! replaced without ever being half written.

use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The largest file of ours that is read: a mistaken path must not fill the memory.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Where this program's files are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paths {
    /// `config.toml`; runbooks/, keymaps/ and themes/ are beside it.
    pub config_file: Option<PathBuf>,
    /// Journals and leases.
    pub state_dir: Option<PathBuf>,
}

impl Paths {
    /// The paths named, else those of the XDG base directories. A home directory that is not there leaves
    /// them `None`: the watch works without files.
    #[must_use]
    pub fn find(config_file: Option<PathBuf>, state_dir: Option<PathBuf>) -> Self {
        let xdg = Xdg::new().ok(); // no home directory: said by `None`
        let config_file =
            config_file.or_else(|| xdg.as_ref().map(|x| x.config_dir().join("bartizan/config.toml")));
        let state_dir =
            state_dir.or_else(|| xdg.as_ref().and_then(Xdg::state_dir).map(|d| d.join("bartizan")));
        Self { config_file, state_dir }
    }

    /// A file or directory beside the configuration file.
    #[must_use]
    pub fn beside_config(&self, name: &str) -> Option<PathBuf> {
        Some(self.config_file.as_ref()?.parent()?.join(name))
    }
}

/// Where practice estates are kept between starts (`$XDG_DATA_HOME/bartizan/practice`): never in the state
/// directory, which holds what is real. `None` without a home directory.
#[must_use]
pub fn practice_dir() -> Option<PathBuf> {
    let xdg = Xdg::new().ok()?; // no home directory: said by `None`
    Some(xdg.data_dir().join("bartizan/practice"))
}

/// The text of a file; `None` if there is none.
///
/// # Errors
/// It cannot be read, is too large (16 MiB), or is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<Option<String>> {
    match read_bytes(path)? {
        Some(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text")),
        None => Ok(None),
    }
}

/// The bytes of a file; `None` if there is none.
///
/// # Errors
/// It cannot be read, or is too large (16 MiB).
pub fn read_bytes(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(e) => return Err(e),
    };
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 16 MiB"));
    }
    Ok(Some(bytes))
}

/// The names (without `.toml`) and paths of the TOML files in a directory; none if it is not there.
///
/// # Errors
/// The directory cannot be read.
pub fn toml_files(dir: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(e) => return Err(e),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml")
            && let Some(name) = path.file_stem().and_then(|s| s.to_str())
        {
            found.push((name.to_owned(), path.clone()));
        }
    }
    found.sort();
    Ok(found)
}

/// Replaces a file as a whole (mode 0600 in directories 0700 that are made as needed): what was there stays
/// until all of the new bytes are on the disk.
///
/// # Errors
/// The directory or the file cannot be made, written or moved; what was there is then untouched.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_by(path, |file| file.write_all(bytes))
}

/// The same for what is too large to be in memory at once.
///
/// # Errors
/// As [`replace`].
pub fn replace_by(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let dir =
        path.parent().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no directory"))?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("file");
    let draft = dir.join(format!(".{name}.{}", std::process::id()));
    let written = write_synced(&draft, write).and_then(|()| fs::rename(&draft, path));
    if let Err(e) = written {
        return match fs::remove_file(&draft) {
            Ok(()) => Err(e),
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => Err(e),
            Err(left) => {
                Err(io::Error::new(e.kind(), format!("{e}; {} is left over: {left}", draft.display())))
            }
        };
    }
    fs::File::open(dir)?.sync_all()
}

fn write_synced(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let mut file = BufWriter::with_capacity(1 << 16, file);
    write(&mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// The permission bits of a file or directory that are more than its owner's; `None` if there is none or it
/// is as private as it should be.
///
/// # Errors
/// It cannot be looked at.
pub fn too_open(path: &Path) -> io::Result<Option<u32>> {
    match fs::metadata(path) {
        Ok(meta) => {
            let mode = meta.permissions().mode() & 0o777;
            Ok((mode & 0o077 != 0).then_some(mode))
        }
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Whether something could be made below `path`, which need not be there yet. Nothing is made.
///
/// # Errors
/// Why not: no permission, a read-only file system.
pub fn can_write_below(path: &Path) -> io::Result<()> {
    let there = path.ancestors().find(|p| p.exists()).unwrap_or(Path::new("."));
    rustix::fs::access(there, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)
        .map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::{can_write_below, read_text, replace, toml_files, too_open};

    #[test]
    fn whether_something_could_be_made_is_told_without_making_it() {
        let dir = tempfile::tempdir().unwrap();
        let far = dir.path().join("a/b/c");
        can_write_below(&far).unwrap();
        assert!(!dir.path().join("a").exists());
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(can_write_below(&file.join("state")).is_err());
    }

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/kept.json");
        assert_eq!(read_text(&path).unwrap(), None);
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(read_text(&path).unwrap().as_deref(), Some("two"));
        assert_eq!(too_open(&path).unwrap(), None);
        assert_eq!(too_open(path.parent().unwrap()).unwrap(), None);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn what_cannot_be_replaced_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("taken");
        std::fs::create_dir(&path).unwrap();
        assert!(replace(&path, b"x").is_err());
        assert!(path.is_dir());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn binary_text_and_missing_directories_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x.toml"), [0xff, 0xfe]).unwrap();
        assert!(read_text(&dir.path().join("x.toml")).is_err());
        assert_eq!(toml_files(&dir.path().join("none")).unwrap(), []);
        assert_eq!(toml_files(dir.path()).unwrap().len(), 1);
    }
}
