//! The key under which a kept practice estate seals what persons typed and runs generated. It is made once for
//! each name and lives in a file system that is memory, so that no disk ever has it; after a restart of the
//! machine it is gone, and so are these values. It knows nothing of what is sealed.

use bartizan::practice::Seal;
use rustix::fs::{FsWord, Mode, OFlags, open, statfs};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// `TMPFS_MAGIC` of statfs(2).
const MEMORY: FsWord = 0x0102_1994;

/// The seal of the estate `name`; none where there is no memory to keep its key in.
///
/// # Errors
/// There is such a place, and the key can be neither read nor made there.
pub fn seal(name: &str) -> io::Result<Option<Seal>> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let places = runtime.into_iter().chain([PathBuf::from("/dev/shm")]);
    let Some(base) = places.into_iter().find(|p| is_memory(p)) else { return Ok(None) };
    let dir = base.join(format!("bartizan-{}", rustix::process::getuid().as_raw()));
    make_private(&dir)?;
    key(&dir.join(format!("practice-{name}.key"))).map(|key| Some(Seal::new(key)))
}

fn is_memory(path: &Path) -> bool {
    path.is_absolute() && statfs(path).is_ok_and(|fs| fs.f_type == MEMORY)
}

/// Others may write beside this directory, so it counts only if it is ours alone.
fn make_private(dir: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
        Ok(()) | Err(_) => {}
    }
    let there = std::fs::symlink_metadata(dir)?;
    let ours = there.is_dir() && there.uid() == rustix::process::getuid().as_raw();
    if ours && there.mode() & 0o077 == 0 {
        return Ok(());
    }
    let why = format!("{}: it is not a directory of yours alone (mode 0700)", dir.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
}

fn key(path: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            getrandom::fill(&mut *key).map_err(io::Error::other)?;
            file.write_all(&*key)?;
            Ok(key)
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            let file = open(path, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
            File::from(file).read_exact(&mut *key)?;
            Ok(key)
        }
        Err(e) => Err(e),
    }
}
