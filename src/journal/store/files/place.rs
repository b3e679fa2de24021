//! Where each file is, that it is private, and that it is really there: directories 0700, files 0600, names on
//! the disk before anything is written under them. It knows nothing of what the files hold.

use crate::journal::envelope::LineHash;
use crate::journal::name::RunName;
use crate::journal::store::Error;
use rustix::fs::OFlags;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The paths below one directory.
#[derive(Debug)]
pub(super) struct Places {
    dir: PathBuf,
    runs: PathBuf,
    leases: PathBuf,
}

impl Places {
    pub(super) fn below(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), runs: dir.join("runs"), leases: dir.join("leases") }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn runs(&self) -> &Path {
        &self.runs
    }

    pub(super) fn leases(&self) -> &Path {
        &self.leases
    }

    pub(super) fn heads(&self) -> PathBuf {
        self.dir.join("heads.jsonl")
    }

    pub(super) fn heads_lock(&self) -> PathBuf {
        self.dir.join("heads.lock")
    }

    pub(super) fn run(&self, run: &RunName) -> PathBuf {
        self.runs.join(format!("{run}.jsonl"))
    }

    pub(super) fn run_lock(&self, run: &RunName) -> PathBuf {
        self.runs.join(format!("{run}.lock"))
    }

    pub(super) fn torn(&self, run: &RunName, number: u32) -> PathBuf {
        self.runs.join(format!("{run}.torn-{number}"))
    }

    pub(super) fn lease(&self, resource: &str) -> PathBuf {
        self.leases.join(format!("{}.json", LineHash::of(resource.as_bytes())))
    }

    pub(super) fn lease_lock(&self) -> PathBuf {
        self.leases.join("lock")
    }

    /// Makes the directories that are missing, and refuses those that others can reach.
    pub(super) fn prepare(&self) -> Result<(), Error> {
        for dir in [&self.dir, &self.runs, &self.leases] {
            make_dir(dir)?;
        }
        self.check().map(|_| ())
    }

    /// Refuses directories that others can reach; whether there are runs at all.
    pub(super) fn check(&self) -> Result<bool, Error> {
        let mut found = true;
        for dir in [&self.dir, &self.leases, &self.runs] {
            found = match fs::metadata(dir) {
                Ok(meta) if !meta.is_dir() => return Err(Error::NotOurs { path: dir.clone() }),
                Ok(meta) => private(dir, &meta, "700").map(|()| true)?,
                Err(e) if absent(&e) => false,
                Err(e) => return Err(Error::io("look at", dir)(e)),
            };
        }
        Ok(found)
    }
}

/// Whether the failure says that there is nothing of that name.
pub(super) fn absent(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn private(path: &Path, meta: &fs::Metadata, mend: &str) -> Result<(), Error> {
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::TooOpen { path: path.to_owned(), mode, mend: format!("chmod {mend} {}", quoted(path)) })
}

/// The path as one word for a shell.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,".contains(c);
    if text.chars().all(plain) { text.into_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

fn make_dir(dir: &Path) -> Result<(), Error> {
    if dir.exists() {
        return Ok(());
    }
    if let Some(above) = dir.parent().filter(|above| *above != Path::new("")) {
        make_dir(above)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => dir
            .parent()
            .map_or(Ok(()), |above| sync_dir(if above == Path::new("") { Path::new(".") } else { above })),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()), // another process was faster
        Err(e) => Err(Error::io("make the directory", dir)(e)),
    }
}

/// Makes the names in a directory durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), Error> {
    File::open(dir).and_then(|d| d.sync_all()).map_err(Error::io("sync the directory", dir))
}

/// Opens a plain private file as `how` says; `None` if there is none and it is not to be made. A link or a pipe
/// in its place is refused and not followed or waited for.
pub(super) fn open(path: &Path, how: &mut OpenOptions, doing: &'static str) -> Result<Option<File>, Error> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match how.mode(0o600).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(e) if absent(&e) => return Ok(None),
        Err(e) if e.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(Error::NotOurs { path: path.to_owned() });
        }
        Err(e) => return Err(Error::io(doing, path)(e)),
    };
    let meta = file.metadata().map_err(Error::io("look at", path))?;
    if !meta.is_file() {
        return Err(Error::NotOurs { path: path.to_owned() });
    }
    private(path, &meta, "600")?;
    Ok(Some(file))
}

/// The same, where it has to be there.
pub(super) fn must_open(path: &Path, how: &mut OpenOptions, doing: &'static str) -> Result<File, Error> {
    open(path, how, doing)?.ok_or_else(|| Error::io(doing, path)(io::Error::from(ErrorKind::NotFound)))
}

/// The bytes of a file; `None` if there is none.
pub(super) fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, Error> {
    let Some(mut file) = open(path, OpenOptions::new().read(true), "read")? else { return Ok(None) };
    contents(&mut file, path, most).map(Some)
}

/// The bytes of an open file, from where it stands.
pub(super) fn contents(file: &mut File, path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let length = file.metadata().map_err(Error::io("look at", path))?.len();
    let room = usize::try_from(length.min(most)).unwrap_or(0);
    let mut bytes = Vec::with_capacity(room.saturating_add(1)); // one more, so that the end is seen without growing
    file.take(most + 1).read_to_end(&mut bytes).map_err(Error::io("read", path))?;
    if bytes.len() as u64 > most {
        return Err(Error::io("read", path)(io::Error::from(ErrorKind::FileTooLarge)));
    }
    Ok(bytes)
}
