//! What may stand in a seed file: the shapes of its entries, and what is meant where nothing is said.

use super::access::{ApiSeed, FunctionSeed, KeySeed, MappingSeed, PlanSeed, RoleSeed, UserSeed};
use super::network::{DatabaseSeed, FlowLogSeed, GroupSeed, KmsKeySeed};
use crate::practice::letters::Letter;
use crate::practice::world::acl::{Action, Looks};
use crate::practice::world::alarm::{Absent, Comparison};
use crate::practice::world::queue::TaskStatus;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One file: a system, or things that belong to none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct Seed {
    /// The system's name; things of none are without. Not in the file: the file is named after it.
    #[serde(skip)]
    pub(in crate::practice) system: Option<String>,
    /// Tags on everything in the file.
    #[serde(default)]
    pub(in crate::practice) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(in crate::practice) function: Vec<FunctionSeed>,
    #[serde(default)]
    pub(in crate::practice) mapping: Vec<MappingSeed>,
    #[serde(default)]
    pub(in crate::practice) queue: Vec<QueueSeed>,
    #[serde(default)]
    pub(in crate::practice) alarm: Vec<AlarmSeed>,
    #[serde(default)]
    pub(in crate::practice) mute: Vec<MuteSeed>,
    #[serde(default)]
    pub(in crate::practice) acl: Vec<AclSeed>,
    #[serde(default)]
    pub(in crate::practice) secret: Vec<SecretSeed>,
    #[serde(default)]
    pub(in crate::practice) api: Vec<ApiSeed>,
    #[serde(default)]
    pub(in crate::practice) plan: Vec<PlanSeed>,
    #[serde(default)]
    pub(in crate::practice) key: Vec<KeySeed>,
    #[serde(default)]
    pub(in crate::practice) user: Vec<UserSeed>,
    #[serde(default)]
    pub(in crate::practice) role: Vec<RoleSeed>,
    #[serde(default)]
    pub(in crate::practice) database: Vec<DatabaseSeed>,
    #[serde(default)]
    pub(in crate::practice) security_group: Vec<GroupSeed>,
    #[serde(default)]
    pub(in crate::practice) flow_log: Vec<FlowLogSeed>,
    #[serde(default)]
    pub(in crate::practice) kms_key: Vec<KmsKeySeed>,
}

/// A queue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct QueueSeed {
    pub(in crate::practice) name: String,
    #[serde(default)]
    pub(in crate::practice) each: Vec<String>,
    #[serde(default = "four_days")]
    pub(in crate::practice) retention_s: i64,
    #[serde(default = "half_a_minute")]
    pub(in crate::practice) visibility_s: i64,
    /// The queue that its failing messages go to.
    pub(in crate::practice) dlq: Option<String>,
    #[serde(default = "three")]
    pub(in crate::practice) max_receive: u32,
    pub(in crate::practice) allow: Option<String>,
    /// `sqs` (managed), `none`, or a KMS key.
    #[serde(default = "managed")]
    pub(in crate::practice) encryption: String,
    #[serde(default)]
    pub(in crate::practice) tags: BTreeMap<String, String>,
    /// Live traffic: about this many messages are waiting.
    #[serde(default)]
    pub(in crate::practice) flow: u64,
    /// Whether arrivals count from their own sending (a move from a standard queue) or start anew (Lambda,
    /// SNS, FIFO): seconds that a message spent in its source before it came here.
    #[serde(default)]
    pub(in crate::practice) stay_s: i64,
    /// What is in it when the practice begins.
    #[serde(default)]
    pub(in crate::practice) holds: Vec<HeldSeed>,
    pub(in crate::practice) bursts: Option<BurstSeed>,
    /// It is redriven to its sources every so often, at this many messages a second.
    pub(in crate::practice) redrive: Option<RedriveSeed>,
    /// What is in it; follows from who sends there without.
    #[serde(default)]
    pub(in crate::practice) letter: Vec<Letter>,
    /// The largest message that it takes, in bytes.
    #[serde(default = "crate::practice::world::queue::largest")]
    pub(in crate::practice) largest: usize,
    /// Finished move tasks, newest first.
    #[serde(default)]
    pub(in crate::practice) task: Vec<TaskSeed>,
}

/// Messages that came together, so many seconds before the practice begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct HeldSeed {
    pub(in crate::practice) ago_s: i64,
    pub(in crate::practice) count: u64,
}

/// How dead letters come: in bursts.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct BurstSeed {
    /// Mean seconds between two.
    pub(in crate::practice) every_s: i64,
    /// The largest.
    pub(in crate::practice) size: u64,
    /// Somebody clears the queue this long after a burst, on average; 0 for never.
    #[serde(default)]
    pub(in crate::practice) cleared_s: i64,
    /// How long before the practice begins it has been so.
    #[serde(default = "fortnight")]
    pub(in crate::practice) since_s: i64,
}

/// A native redrive that is started again and again.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct RedriveSeed {
    pub(in crate::practice) rate: u32,
    /// The first one started so many seconds before the practice began.
    pub(in crate::practice) ago_s: i64,
    pub(in crate::practice) every_s: i64,
}

/// A move task of the past.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct TaskSeed {
    pub(in crate::practice) status: TaskStatus,
    pub(in crate::practice) ago_s: i64,
    pub(in crate::practice) moved: u64,
    pub(in crate::practice) to_move: u64,
    pub(in crate::practice) rate: Option<u32>,
    pub(in crate::practice) failure: Option<String>,
}

/// An alarm; `{}` in `name`, `rule`, `description` and the dimensions is replaced by each of `each`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct AlarmSeed {
    pub(in crate::practice) name: String,
    #[serde(default)]
    pub(in crate::practice) each: Vec<String>,
    /// `NAMESPACE NAME`.
    pub(in crate::practice) metric: Option<String>,
    #[serde(default)]
    pub(in crate::practice) dims: BTreeMap<String, String>,
    #[serde(default = "sum")]
    pub(in crate::practice) stat: String,
    #[serde(default = "five_minutes")]
    pub(in crate::practice) period_s: u32,
    #[serde(default = "one")]
    pub(in crate::practice) periods: u32,
    pub(in crate::practice) datapoints: Option<u32>,
    #[serde(default = "at_least")]
    pub(in crate::practice) op: Comparison,
    #[serde(default = "unity")]
    pub(in crate::practice) threshold: f64,
    #[serde(default = "missing")]
    pub(in crate::practice) missing: Absent,
    pub(in crate::practice) description: Option<String>,
    /// Topics, or whole ARNs.
    #[serde(default = "pager")]
    pub(in crate::practice) actions: Vec<String>,
    #[serde(default)]
    pub(in crate::practice) ok_actions: Vec<String>,
    #[serde(default = "yes")]
    pub(in crate::practice) actions_enabled: bool,
    /// Metric maths over `metrics` (id to `NAMESPACE NAME`), all with `dims`, `stat` and `period_s`. The
    /// weather is in the first of them.
    pub(in crate::practice) expression: Option<String>,
    #[serde(default)]
    pub(in crate::practice) metrics: BTreeMap<String, String>,
    /// A query of Metrics Insights over `metric`, grouped by the one of `dims` that `{}` stands in.
    pub(in crate::practice) select: Option<String>,
    /// What stands there in its series.
    #[serde(default)]
    pub(in crate::practice) series: Vec<String>,
    /// A composite's rule.
    pub(in crate::practice) rule: Option<String>,
    /// A log alarm's query.
    pub(in crate::practice) query: Option<String>,
    /// `PARTIAL_DATA` and the like.
    pub(in crate::practice) evaluation: Option<String>,
    #[serde(default)]
    pub(in crate::practice) tags: BTreeMap<String, String>,
    /// How often it breaches, mean seconds between two spells; 0 for never.
    #[serde(default = "nine_days")]
    pub(in crate::practice) every_s: i64,
    /// How long a spell lasts, at most.
    #[serde(default = "half_an_hour")]
    pub(in crate::practice) spell_s: i64,
    /// A strict rhythm instead: breach for `on_s` of every `of_s`, `at_s` after the beginning of it.
    pub(in crate::practice) beat: Option<BeatSeed>,
    /// Spells without data instead of spells that breach.
    #[serde(default)]
    pub(in crate::practice) goes_silent: bool,
    /// A spell that is on when the practice begins.
    pub(in crate::practice) now: Option<SpellSeed>,
}

/// A rhythm.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct BeatSeed {
    pub(in crate::practice) of_s: i64,
    pub(in crate::practice) at_s: i64,
    pub(in crate::practice) on_s: i64,
}

/// A spell around the moment at which the practice begins.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct SpellSeed {
    pub(in crate::practice) ago_s: i64,
    pub(in crate::practice) for_s: i64,
}

/// A mute rule: once (`ago_s`) or daily (`hour`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct MuteSeed {
    pub(in crate::practice) name: String,
    pub(in crate::practice) targets: Vec<String>,
    /// Begins so many seconds before the practice does; negative for later.
    pub(in crate::practice) ago_s: Option<i64>,
    /// Begins every day at this hour.
    pub(in crate::practice) hour: Option<u8>,
    pub(in crate::practice) minutes: i64,
    pub(in crate::practice) timezone: Option<String>,
    pub(in crate::practice) description: Option<String>,
}

/// A web ACL.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct AclSeed {
    pub(in crate::practice) name: String,
    #[serde(default)]
    pub(in crate::practice) cloudfront: bool,
    pub(in crate::practice) metric: Option<String>,
    #[serde(default = "allow")]
    pub(in crate::practice) default: Action,
    pub(in crate::practice) capacity: u64,
    #[serde(default)]
    pub(in crate::practice) resources: Vec<String>,
    /// Requests a minute that pass.
    #[serde(default)]
    pub(in crate::practice) passes: f64,
    /// Mean seconds between attacks; 0 for never.
    #[serde(default)]
    pub(in crate::practice) attack_every_s: i64,
    #[serde(default)]
    pub(in crate::practice) rule: Vec<RuleSeed>,
}

/// A rule of a web ACL.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct RuleSeed {
    pub(in crate::practice) name: String,
    pub(in crate::practice) metric: Option<String>,
    #[serde(default = "yes")]
    pub(in crate::practice) metrics_on: bool,
    pub(in crate::practice) action: Action,
    /// The status code of a block, where it is not 403.
    pub(in crate::practice) status: Option<u16>,
    pub(in crate::practice) statement: String,
    #[serde(default)]
    pub(in crate::practice) counted: Vec<String>,
    /// The metric names of the rules inside, where it refers to a rule group of the account's own.
    #[serde(default)]
    pub(in crate::practice) inside: Vec<String>,
    /// Matches a minute on a usual day.
    #[serde(default)]
    pub(in crate::practice) usual: f64,
    /// Matches a minute under attack; 0 if attacks never meet it.
    #[serde(default)]
    pub(in crate::practice) attack: f64,
    #[serde(default = "scanner")]
    pub(in crate::practice) looks: Looks,
    /// An attack that is on when the practice begins.
    pub(in crate::practice) now: Option<SpellSeed>,
}

/// A secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::practice) struct SecretSeed {
    pub(in crate::practice) name: String,
    #[serde(default)]
    pub(in crate::practice) each: Vec<String>,
    pub(in crate::practice) description: Option<String>,
    /// Age of the current version when the practice begins.
    pub(in crate::practice) age_days: i64,
    #[serde(default = "two_hundred")]
    pub(in crate::practice) created_days: i64,
    /// Rotated every so many days; none without.
    pub(in crate::practice) rotation_days: Option<u32>,
    /// Rotation is on and fails.
    #[serde(default)]
    pub(in crate::practice) rotation_fails: bool,
    pub(in crate::practice) kms: Option<String>,
    pub(in crate::practice) owner: Option<String>,
    pub(in crate::practice) primary: Option<String>,
    /// Planned deletion: days from the beginning of the practice.
    pub(in crate::practice) deleted_in_days: Option<i64>,
    /// Last read so many days ago; never without.
    #[serde(default)]
    pub(in crate::practice) read_days: Option<i64>,
    #[serde(default)]
    pub(in crate::practice) tags: BTreeMap<String, String>,
    /// Names of the fields of its value: it is a JSON object of them.
    #[serde(default)]
    pub(in crate::practice) fields: Vec<String>,
    /// Its value instead, byte for byte but for `<<NAME:LENGTH>>`.
    pub(in crate::practice) text: Option<String>,
    /// It holds bytes instead of text.
    #[serde(default)]
    pub(in crate::practice) binary: bool,
    /// It is made and deleted again in a rhythm, as those of preview environments are.
    pub(in crate::practice) comes_and_goes: Option<BeatSeed>,
    /// Actions that its own policy denies to the practising operator.
    #[serde(default)]
    pub(in crate::practice) denies: Vec<String>,
}

fn managed() -> String {
    "sqs".into()
}
fn sum() -> String {
    "Sum".into()
}
fn at_least() -> Comparison {
    Comparison::AtLeast
}
fn missing() -> Absent {
    Absent::Missing
}
fn allow() -> Action {
    Action::Allow
}
fn scanner() -> Looks {
    Looks::Scanner
}
fn pager() -> Vec<String> {
    vec!["ops-pager".into()]
}
pub(super) fn yes() -> bool {
    true
}
fn one() -> u32 {
    1
}
fn three() -> u32 {
    3
}
fn unity() -> f64 {
    1.0
}
fn half_a_minute() -> i64 {
    30
}
fn five_minutes() -> u32 {
    300
}
fn half_an_hour() -> i64 {
    1_800
}
fn four_days() -> i64 {
    345_600
}
fn nine_days() -> i64 {
    777_600
}
fn fortnight() -> i64 {
    1_209_600
}
fn two_hundred() -> i64 {
    200
}
