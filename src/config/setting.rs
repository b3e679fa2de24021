//! The registry of single settings: key, what may stand there, the variable and the option that also set it,
//! and what it means, as one table. The file, the environment and the command line are read by it.

use super::{Colours, Config, GlyphChoice};
use std::ops::RangeInclusive;
use std::time::Duration;

/// What may stand at a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number(RangeInclusive<i64>),
    /// One of some words.
    Word(&'static [&'static str]),
    /// The name of a keymap or a theme, which is also that of a file.
    Name,
    /// Any text of one line.
    Text,
    /// The code of a Region.
    Region,
    /// `http://` or `https://` and a host.
    Url,
}

/// A value, checked by its kind.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // each is a value of that type
pub enum Value {
    Flag(bool),
    Number(i64),
    Text(String),
    Unset,
}

/// One setting.
pub struct Setting {
    /// Its key in the file, with dots.
    pub key: &'static str,
    /// Whether it may stand in the file.
    pub in_file: bool,
    /// What may stand there.
    pub kind: Kind,
    /// The variables that set it, the first that is set wins.
    pub variables: &'static [&'static str],
    /// The option that sets it.
    pub option: Option<&'static str>,
    /// What it means.
    pub doc: &'static str,
    pub(super) get: fn(&Config) -> Value,
    pub(super) set: fn(&mut Config, Value),
}

/// How a field of [`Config`] is made from a value and shown as one.
trait Field {
    fn show(&self) -> Value;
    fn assign(&mut self, value: Value);
}

impl Field for bool {
    fn show(&self) -> Value {
        Value::Flag(*self)
    }
    fn assign(&mut self, value: Value) {
        if let Value::Flag(v) = value {
            *self = v;
        }
    }
}

impl Field for String {
    fn show(&self) -> Value {
        Value::Text(self.clone())
    }
    fn assign(&mut self, value: Value) {
        if let Value::Text(v) = value {
            *self = v;
        }
    }
}

impl Field for Option<String> {
    fn show(&self) -> Value {
        self.as_ref().map_or(Value::Unset, |v| Value::Text(v.clone()))
    }
    fn assign(&mut self, value: Value) {
        if let Value::Text(v) = value {
            *self = Some(v);
        }
    }
}

impl Field for u32 {
    fn show(&self) -> Value {
        Value::Number(i64::from(*self))
    }
    fn assign(&mut self, value: Value) {
        if let Value::Number(v) = value
            && let Ok(v) = u32::try_from(v)
        {
            *self = v;
        }
    }
}

impl Field for Duration {
    fn show(&self) -> Value {
        Value::Number(i64::try_from(self.as_secs()).unwrap_or(i64::MAX))
    }
    fn assign(&mut self, value: Value) {
        if let Value::Number(v) = value
            && let Ok(v) = u64::try_from(v)
        {
            *self = Duration::from_secs(v);
        }
    }
}

macro_rules! words {
    ($type:ident) => {
        impl Field for $type {
            fn show(&self) -> Value {
                Value::Text(self.word().to_owned())
            }
            fn assign(&mut self, value: Value) {
                if let Value::Text(v) = value
                    && let Some(found) = $type::from_word(&v)
                {
                    *self = found;
                }
            }
        }
    };
}

words!(GlyphChoice);
words!(Colours);

macro_rules! settings {
    ($($key:literal in_file $in_file:literal $kind:expr, [$($field:tt)+], $variables:expr, $option:expr, $doc:literal;)+) => {
        /// Every single setting, in the order of the reference.
        pub static SETTINGS: &[Setting] = &[$(Setting {
            key: $key,
            in_file: $in_file,
            kind: $kind,
            variables: $variables,
            option: $option,
            doc: $doc,
            get: |c| c.$($field)+.show(),
            set: |c, v| c.$($field)+.assign(v),
        },)+];
    };
}

/// At least five seconds: sooner tells nobody more and costs calls. At most a day.
const SECONDS: Kind = Kind::Number(5..=86_400);
const DAYS: Kind = Kind::Number(1..=3_650);

settings! {
    "default_context" in_file true Kind::Text, [chosen], &["BARTIZAN_CONTEXT"], Some("--context"),
        "the context to open; without it the AWS environment decides";
    "profile" in_file false Kind::Text, [profile], &["AWS_PROFILE"], Some("--profile"),
        "the AWS profile";
    "region" in_file false Kind::Region, [region], &["AWS_REGION", "AWS_DEFAULT_REGION"], Some("--region"),
        "the Region";
    "endpoint" in_file false Kind::Url, [endpoint], &[], Some("--endpoint-url"),
        "an endpoint for every service";
    "read_only" in_file true Kind::Flag, [read_only], &["BARTIZAN_READ_ONLY"], Some("--read-only"),
        "no change can be made, in any context";
    "keymap" in_file true Kind::Name, [keymap], &["BARTIZAN_KEYMAP"], Some("--keymap"),
        "`default`, `vim`, `emacs`, or the name of a file in keymaps/";
    "theme" in_file true Kind::Name, [theme], &["BARTIZAN_THEME"], Some("--theme"),
        "`auto`, `dark`, `light`, `high-contrast`, `ansi16`, `mono`, or the name of a file in themes/";
    "colour" in_file true Kind::Word(Colours::WORDS), [colours], &[], None,
        "`auto` draws colours on a terminal that has them, unless NO_COLOR is set";
    "glyphs" in_file true Kind::Word(GlyphChoice::WORDS), [glyphs], &["BARTIZAN_GLYPHS"], None,
        "`unicode`, `ascii`, or `auto` by locale and terminal";
    "mouse" in_file true Kind::Flag, [mouse], &[], None,
        "listen to the mouse, which takes the terminal's own selecting away";
    "policy.secret_days" in_file true DAYS, [policy.secret_days], &[], None,
        "a secret whose value is older is overdue";
    "policy.due_soon_days" in_file true Kind::Number(0..=365), [policy.due_soon_days], &[], None,
        "a secret that is overdue within so many days is due soon";
    "policy.expiring_soon_hours" in_file true Kind::Number(1..=336), [policy.expiring_soon_hours], &[], None,
        "a dead letter that may be deleted for ever within so many hours needs somebody now";
    "intervals.alarms" in_file true SECONDS, [intervals.alarms], &[], None,
        "seconds between two looks at the alarms";
    "intervals.mutes" in_file true SECONDS, [intervals.mutes], &[], None,
        "... at the rules that mute alarms";
    "intervals.queues" in_file true SECONDS, [intervals.queues], &[], None,
        "... at the queues and their counts";
    "intervals.queue_metrics" in_file true SECONDS, [intervals.queue_metrics], &[], None,
        "... at the ages of the oldest messages";
    "intervals.functions" in_file true SECONDS, [intervals.functions], &[], None,
        "... at the functions that send to dead-letter queues";
    "intervals.waf" in_file true SECONDS, [intervals.waf], &[], None,
        "... at the web ACLs and their rules";
    "intervals.waf_metrics" in_file true SECONDS, [intervals.waf_metrics], &[], None,
        "... at what WAF blocked and counted";
    "intervals.secrets" in_file true SECONDS, [intervals.secrets], &[], None,
        "... at the secrets, never at their values";
    "intervals.identity" in_file true SECONDS, [intervals.identity], &[], None,
        "... at who we are";
    "intervals.tags" in_file true SECONDS, [intervals.tags], &[], None,
        "... at tags, where systems are told by them";
    "limits.parallel" in_file true Kind::Number(1..=128), [limits.parallel], &[], None,
        "AWS calls under way at the same time";
    "limits.timeout_seconds" in_file true Kind::Number(1..=300), [limits.timeout], &[], None,
        "how long one AWS call may take";
    "limits.copy_bytes" in_file true Kind::Number(64..=100_000_000), [limits.copy_bytes], &[], None,
        "the longest text that is copied through the terminal, in bytes";
    "tell.topic" in_file true Kind::Text, [tell.topic], &[], None,
        "the ARN of an SNS topic that is told of incidents, containment, decisions and the close";
    "tell.webhook_file" in_file true Kind::Text, [tell.webhook_file], &[], None,
        "a file, of mode 0600, that holds the address of a Slack-compatible webhook that is told the same";
}
