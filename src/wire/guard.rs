//! Keeps the memory of this process out of files: no core dump is written and no other process of the same
//! user may attach, since credentials are in that memory while they are valid.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Turns core dumps off.
///
/// # Errors
/// The system forbids it. The program may go on: a system that forbids this has usually done it already.
pub fn no_core_dumps() -> Result<(), rustix::io::Errno> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}
