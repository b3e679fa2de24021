//! What an AWS estate is, as pure data: the things in it, the questions that can be asked about it, the
//! faults that come back, and the ports behind which somebody answers. It imports nothing of ours and
//! knows nothing of screens, files, clocks or SDKs.

pub mod alarm;
pub mod ask;
pub mod at;
pub mod context;
pub mod fault;
pub mod follow;
pub mod function;
pub mod identity;
pub mod load;
pub mod metric;
pub mod names;
pub mod ports;
pub mod queue;
pub mod secret;
pub mod time;
pub mod untrusted;
pub mod waf;

pub use alarm::{Alarm, AlarmKind, AlarmState, HistoryItem, MuteRule};
pub use ask::{Answer, Ask, Asks, Cursor, Operation, Page, Query, Service};
pub use at::{AccountId, At, Region};
pub use context::Context;
pub use fault::{Fault, FaultKind};
pub use follow::follow;
pub use function::{EventSource, Function, OnFailure};
pub use identity::Identity;
pub use load::{Completeness, Field, Gap, Loadable, Seen, Ticket};
pub use metric::{MetricId, MetricQuery, Series, Window};
pub use names::*;
pub use ports::{BoxFuture, Clock, Estates, Ports, Prompt, Reads};
pub use queue::{Encryption, MoveTask, MoveTaskStatus, QueueFacts, RedrivePolicy};
pub use secret::{Secret, SecretVersion};
pub use time::Timestamp;
pub use untrusted::{Shown, Untrusted};
pub use waf::{Rule, RuleAction, Sample, Samples, Scope, WebAcl, WebAclSummary};
