//! How a command ends: the exit codes that scripts rely on, and the sentences that go with them. It knows
//! nothing of any command.

use std::fmt;

/// Exit codes. The signals' are added by whoever waits for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done; with `--exit-code`, nothing needs attention and nothing is unknown.
    Done,
    /// With `--exit-code`: something needs attention.
    Attention,
    /// Wrong usage, configuration or definition.
    Usage,
    /// AWS could not be read or written.
    Unread,
    /// Refused by a guard.
    Refused,
    /// A run is waiting: for time, for a person, for an outcome to settle.
    Waiting,
    /// A run failed or is in doubt and needs a decision; a journal does not verify.
    Decision,
}

impl Exit {
    /// The number the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Attention => 1,
            Exit::Usage => 2,
            Exit::Unread => 3,
            Exit::Refused => 4,
            Exit::Waiting => 5,
            Exit::Decision => 6,
        }
    }
}

/// A command that could not be done: what to exit with, and a sentence that says what, why and what next.
/// The words are safe to print.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What to exit with.
    pub exit: Exit,
    /// What to say on stderr.
    pub words: String,
}

impl Failure {
    /// Wrong usage or configuration.
    pub fn usage(words: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, words: words.into() }
    }

    /// AWS could not be read.
    #[must_use]
    pub fn unread(fault: &crate::estate::Fault) -> Self {
        Self { exit: Exit::Unread, words: fault.to_string() }
    }

    /// A guard refused.
    pub fn refused(words: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, words: words.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}
