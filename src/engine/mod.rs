//! What both front ends stand on, and the only place that awaits the outside: the walker behind its gate,
//! the poller, clocks and files. It knows nothing of screens, tables or SDKs.

pub mod archive;
pub mod asking;
pub mod clock;
pub mod definitions;
pub mod files;
pub mod gate;
pub mod gather;
pub mod incidents;
pub mod messages;
pub mod poller;
pub mod runs;
pub mod schedule;
pub mod walker;

pub use archive::{Archive, ArchiveFault};
pub use asking::ask_each;
pub use clock::{FastClock, SystemClock};
pub use gate::Gate;
pub use gather::gather;
pub use incidents::Incidents;
pub use poller::Poller;
pub use runs::{Live, Runs, RunsFault};
pub use walker::Engine;
