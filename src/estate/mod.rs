//! What an AWS estate is, as pure data: the things in it, the questions that can be asked about it, the
//! faults that come back, and the ports behind which somebody answers. It imports nothing of ours and
//! knows nothing of screens, files, clocks or SDKs.

pub mod alarm;
pub mod api_key;
pub mod ask;
pub mod at;
pub mod change;
pub mod consent;
pub mod context;
pub mod database;
pub mod edit;
pub mod event_rule;
pub mod fault;
pub mod field_date;
pub mod follow;
pub mod function;
pub mod glob;
pub mod iam_key;
pub mod identity;
pub mod kms_key;
pub mod load;
pub mod logged;
pub mod material;
pub mod message;
pub mod metric;
pub mod names;
pub mod network;
pub mod outside;
pub mod ports;
pub mod principal;
pub mod queue;
pub mod rest_api;
pub mod secret;
pub mod time;
pub mod trail;
pub mod untrusted;
pub mod vault;
pub mod waf;

pub use alarm::{Alarm, AlarmKind, AlarmState, HistoryItem, MuteRule};
pub use api_key::{ApiKey, KeyUsage, UsagePlan};
pub use ask::{Answer, Ask, Asks, Cursor, Operation, Page, Query, Service, Tier};
pub use at::{AccountId, At, Region};
pub use change::{
    Act, Call, Change, Demand, IdempotencyKey, Made, Progress, Receipt, Risk, RunId, Settle, Tally, Verdict,
};
pub use consent::{Consent, Given};
pub use context::Context;
pub use database::{Cluster, Database, DbSnapshot, PendingChanges};
pub use edit::{Edit, EditFault, EditOp, Entry, Fingerprint, Place, Salt, Stands};
pub use event_rule::{EventRule, RuleTarget};
pub use fault::{Fault, FaultKind};
pub use field_date::FieldDate;
pub use follow::follow;
pub use function::{
    Alias, EventSource, Function, FunctionConfig, FunctionUrl, Layer, ListedUrl, OnFailure, Provisioned,
    SourceKind,
};
pub use glob::Glob;
pub use iam_key::{AccessKey, KeyLastUsed, Simulated};
pub use identity::Identity;
pub use kms_key::KmsKey;
pub use load::{Completeness, Field, Gap, Loadable, Seen, Ticket};
pub use logged::Logged;
pub use material::{MaterialSource, MaterialVersion};
pub use message::{Head, Message};
pub use metric::{MetricId, MetricQuery, Series, Window};
pub use names::*;
pub use network::{FlowLog, Ingress, Instance, Peer, SecurityGroup};
pub use outside::{Canary, Listener, Outside};
pub use ports::{BoxFuture, Changes, Clock, Estates, Materials, Ports, Prompt, Reads, Writes};
pub use principal::{
    AttachedPolicy, Authorization, CredentialReport, IdentityProvider, InlinePolicy, LoginProfile, MfaDevice,
    PolicyDetail, Role, RoleDetail, User, UserDetail,
};
pub use queue::{Encryption, MoveTask, MoveTaskStatus, QueueFacts, RedrivePolicy};
pub use rest_api::{RestApi, Stage};
pub use secret::{Secret, SecretVersion};
pub use time::Timestamp;
pub use trail::{Lookup, Minted, Trail, TrailEvent, TrailStatus};
pub use untrusted::{Shown, Untrusted};
pub use vault::{Slot, Vault};
pub use waf::{Rule, RuleAction, Sample, Samples, Scope, WebAcl, WebAclSummary};
