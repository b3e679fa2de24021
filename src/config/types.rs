//! The configuration as types, with its defaults. Nothing here parses.

use super::canary::Canary;
use super::effective::Effective;
use super::policy::Policy;
use super::system::System;
use crate::estate::Context;
use crate::estate::message::Masks;
use std::time::Duration;

/// Everything that can be configured, in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The contexts of the file.
    pub contexts: Vec<Context>,
    /// The systems of the file, the first that fits wins.
    pub systems: Vec<System>,
    /// The canaries of the file.
    pub canaries: Vec<Canary>,
    /// What of messages is never drawn.
    pub masks: Masks,
    /// What is overdue and what expires soon.
    pub policy: Policy,
    /// How often each source is looked at.
    pub intervals: Intervals,
    /// What is not exceeded.
    pub limits: Limits,
    /// Who is told of incidents.
    pub tell: Tell,
    /// The name of the context that is asked for. [`Config::context`] settles it.
    pub chosen: Option<String>,
    /// The profile that is asked for by an option or AWS_PROFILE.
    pub profile: Option<String>,
    /// The Region that is asked for by an option, AWS_REGION or AWS_DEFAULT_REGION.
    pub region: Option<String>,
    /// The endpoint that is asked for by an option.
    pub endpoint: Option<String>,
    /// No change may be made, in any context.
    pub read_only: bool,
    /// The name of the keymap.
    pub keymap: String,
    /// The name of the theme, or `auto`.
    pub theme: String,
    /// Whether colours are drawn.
    pub colours: Colours,
    /// Which signs are drawn.
    pub glyphs: GlyphChoice,
    /// Whether the mouse is listened to at the start.
    pub mouse: bool,
    /// Every value with its origin.
    pub effective: Effective,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            contexts: Vec::new(),
            systems: Vec::new(),
            canaries: Vec::new(),
            masks: Masks::default(),
            policy: Policy::default(),
            intervals: Intervals::default(),
            limits: Limits::default(),
            tell: Tell::default(),
            chosen: None,
            profile: None,
            region: None,
            endpoint: None,
            read_only: false,
            keymap: "default".to_owned(),
            theme: "auto".to_owned(),
            colours: Colours::Auto,
            glyphs: GlyphChoice::Auto,
            mouse: false,
            effective: Effective::default(),
        }
    }
}

/// How long to wait between two looks at each source.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the registry of settings says what each is
pub struct Intervals {
    pub alarms: Duration,
    pub mutes: Duration,
    pub queues: Duration,
    pub queue_metrics: Duration,
    pub functions: Duration,
    pub waf: Duration,
    pub waf_metrics: Duration,
    pub secrets: Duration,
    pub identity: Duration,
    pub tags: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            alarms: Duration::from_secs(30),
            mutes: Duration::from_secs(300),
            queues: Duration::from_secs(60),
            queue_metrics: Duration::from_secs(60),
            functions: Duration::from_secs(900),
            waf: Duration::from_secs(300),
            waf_metrics: Duration::from_secs(60),
            secrets: Duration::from_secs(900),
            identity: Duration::from_secs(900),
            tags: Duration::from_secs(3_600),
        }
    }
}

/// What is not exceeded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// AWS calls under way at the same time.
    pub parallel: u32,
    /// How long one AWS call may take.
    pub timeout: Duration,
    /// The longest text that is copied through the terminal, in bytes; `controls::copy` says why.
    pub copy_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        // 200 queues at 60 ms a call within half a second need 24 at once.
        Self { parallel: 32, timeout: Duration::from_secs(10), copy_bytes: 74_994 }
    }
}

/// Who is told of incidents. No address that is a secret stands in the configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tell {
    /// The ARN of an SNS topic.
    pub topic: Option<String>,
    /// A file that holds the address of a webhook.
    pub webhook_file: Option<String>,
}

macro_rules! words {
    ($(#[$doc:meta])+ $type:ident { $($(#[$vdoc:meta])+ $variant:ident $word:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $type { $($(#[$vdoc])+ $variant,)+ }

        impl $type {
            /// The words of the file.
            pub const WORDS: &[&str] = &[$($word,)+];

            /// The word of the file.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($type::$variant => $word,)+ }
            }

            /// What the word means.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($type::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// Which signs are drawn.
    GlyphChoice {
        /// By locale and terminal.
        Auto "auto",
        /// Unicode.
        Unicode "unicode",
        /// ASCII.
        Ascii "ascii",
    }
}

words! {
    /// Whether colours are drawn.
    Colours {
        /// On a terminal that has them.
        Auto "auto",
        /// Also where the output is no terminal.
        Always "always",
        /// Nowhere.
        Never "never",
    }
}
