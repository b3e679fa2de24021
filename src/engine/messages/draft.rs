//! A file of messages while it is written: private, under another name in the same folder, hashed as it goes, line by line
//! and in sum, and either whole under its own name or not there at all.

use super::{line, manifest};
use crate::estate::Message;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A file under way. Dropped, it is gone.
pub(super) struct Draft {
    path: PathBuf,
    at: PathBuf,
    sink: Option<Sink>,
    ids: Sha256,
    /// What the manifest will say of each message; on the disk, for there can be many.
    each: BufWriter<File>,
    count: u32,
    buffer: Zeroizing<Vec<u8>>,
}

/// What a finished file is known by.
pub(super) struct Whole {
    pub count: u32,
    pub bytes: u64,
    pub sha256: String,
    pub ids_sha256: String,
    /// What the manifest says of each message.
    pub each: File,
}

enum Sink {
    Plain(BufWriter<Hashing>),
    Gzip(GzEncoder<BufWriter<Hashing>>),
}

/// A file that knows the hash of what was written to it.
struct Hashing {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Draft {
    /// Begins a file that will be `path`, which must not be there.
    pub(super) fn begin(path: &Path, gzip: bool) -> io::Result<Self> {
        not_there(path)?;
        let each = BufWriter::with_capacity(1 << 16, nameless(path, "each")?);
        let at = beside(path, "draft")?;
        let file = private(&at)?;
        let file = BufWriter::with_capacity(1 << 16, Hashing { file, hash: Sha256::new(), bytes: 0 });
        let sink = match gzip {
            true => Sink::Gzip(GzEncoder::new(file, Compression::default())),
            false => Sink::Plain(file),
        };
        let (ids, buffer) = (Sha256::new(), Zeroizing::new(Vec::new()));
        Ok(Self { path: path.to_owned(), at, sink: Some(sink), ids, each, count: 0, buffer })
    }

    /// Adds a message.
    pub(super) fn add(&mut self, message: &Message) -> io::Result<()> {
        line::write(message, &mut self.buffer).map_err(io::Error::other)?;
        match &mut self.sink {
            Some(Sink::Plain(to)) => to.write_all(&self.buffer)?,
            Some(Sink::Gzip(to)) => to.write_all(&self.buffer)?,
            None => return Err(io::Error::other("the file is finished")),
        }
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        manifest::entry(self.count, &message.id, &hex(Sha256::new_with_prefix(line)), &mut self.each)?;
        self.ids.update(message.id.wire());
        self.ids.update(b"\n");
        self.count += 1;
        Ok(())
    }

    /// Gives the file its name, when all of it is on the disk. A file that came to be there meanwhile is left alone.
    pub(super) fn finish(mut self) -> io::Result<Whole> {
        let file = match self.sink.take() {
            Some(Sink::Plain(to)) => to,
            Some(Sink::Gzip(to)) => to.finish()?,
            None => return Err(io::Error::other("the file is finished")),
        };
        let done = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        done.file.sync_all()?;
        self.each.flush()?;
        let mut each = self.each.get_ref().try_clone()?;
        each.seek(SeekFrom::Start(0))?;
        not_there(&self.path)?;
        fs::rename(&self.at, &self.path)?;
        File::open(folder(&self.path))?.sync_all()?;
        Ok(Whole {
            count: self.count,
            bytes: done.bytes,
            sha256: hex(done.hash),
            ids_sha256: hex(std::mem::take(&mut self.ids)),
            each,
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After it got its name there is nothing left here.
        match fs::remove_file(&self.at) {
            Ok(()) | Err(_) => {}
        }
    }
}

/// A file without a name, for what is needed until the process ends and not after.
pub(super) fn nameless(near: &Path, what: &str) -> io::Result<File> {
    let at = beside(near, what)?;
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&at)?;
    fs::remove_file(&at)?;
    Ok(file)
}

fn private(at: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(at)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn beside(path: &Path, what: &str) -> io::Result<PathBuf> {
    let name = path.file_name().and_then(|n| n.to_str());
    let name = name.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it is no name of a file"))?;
    Ok(folder(path).join(format!(".{name}.{}.{what}", std::process::id())))
}

fn not_there(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "something is there already")),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    }
}

/// A hash in hex.
pub(super) fn hex(hash: Sha256) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
    hash.finalize().iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}
