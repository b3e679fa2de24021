//! The command line as data: every command and option, once. Help, man page, completions and docs/cli.md are
//! made from it. It knows nothing of what the commands do. What this version lacks is not in here.

mod incident;
mod queues;

pub use incident::Incident;
pub use queues::{Choice, Once, Queues, Which};

use clap::{Args as Options, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The whole command line.
#[derive(Parser, Debug, Clone)]
#[command(
    name = "bartizan",
    version,
    about = "A terminal operations console for AWS",
    long_about = "A terminal operations console for AWS: alarms, dead-letter queues, WAF blocks and the age of \
                  secrets, always honest about how old and how complete each number is. Without a command it \
                  opens the console.",
    disable_help_subcommand = true,
    max_term_width = 110,
    after_help = "Exit codes: 0 done; 1 something needs attention (with --exit-code); 2 wrong usage or \
                  configuration; 3 AWS could not be read or written; 4 refused by a guard; 5 a run is waiting; \
                  6 a run failed or is in doubt; 129, 130, 143 ended by a signal."
)]
pub struct Args {
    /// Options that hold for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the console without one.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The options that may stand before or after any command.
#[derive(Options, Debug, Clone, Default)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The AWS profile to use
    #[arg(short, long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The AWS Region to ask
    #[arg(short, long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// Ask this endpoint for every service (an emulator, a private endpoint)
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Read this configuration file instead of the usual one
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keep state in this directory instead of the usual one
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// The context of the configuration to use
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// Change nothing, whatever the context allows
    #[arg(long, global = true, alias = "readonly")]
    pub read_only: bool,
    /// The theme: a shipped one or one of your own
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// The keymap: a shipped one or one of your own
    #[arg(long, global = true, value_name = "NAME")]
    pub keymap: Option<String>,
    /// Ask every source again after so many seconds
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub refresh: Option<u32>,
    /// Use no colour
    #[arg(long, global = true)]
    pub no_color: bool,
    /// How much to say on stderr
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
    /// How to write the answer
    #[arg(short, long, global = true, value_name = "FORMAT")]
    pub output: Option<Output>,
    /// Short for `-o json`
    #[arg(long, global = true)]
    pub json: bool,
}

/// How an answer is written.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// Tables for a person.
    #[default]
    Text,
    /// One JSON document for a program.
    Json,
}

/// How much is said on stderr beside the answer.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogLevel {
    /// Nothing at all.
    Off,
    /// Why the command failed.
    Error,
    /// What could not be read, too.
    #[default]
    Warn,
    /// What was read and what it cost, too.
    Info,
    /// Where each setting came from, too.
    Debug,
}

impl Global {
    /// The form of the answer.
    #[must_use]
    pub fn output(&self) -> Output {
        if self.json { Output::Json } else { self.output.unwrap_or_default() }
    }

    /// These options, with those of `inner` (a command line within this one) taking precedence.
    #[must_use]
    pub fn overlaid(self, inner: Global) -> Global {
        Global {
            profile: inner.profile.or(self.profile),
            region: inner.region.or(self.region),
            endpoint_url: inner.endpoint_url.or(self.endpoint_url),
            config: inner.config.or(self.config),
            state_dir: inner.state_dir.or(self.state_dir),
            context: inner.context.or(self.context),
            read_only: inner.read_only || self.read_only,
            theme: inner.theme.or(self.theme),
            keymap: inner.keymap.or(self.keymap),
            refresh: inner.refresh.or(self.refresh),
            no_color: inner.no_color || self.no_color,
            log_level: inner.log_level.or(self.log_level),
            json: inner.json || (self.json && inner.output.is_none()),
            output: inner.output.or(self.output),
        }
    }
}

/// The commands.
#[derive(Subcommand, Debug, Clone)]
pub enum Command {
    /// The same program over an embedded estate: no AWS, no credentials, no network
    #[cfg(feature = "practice")]
    Practice(Practice),
    /// What needs attention, and the totals of everything
    Status(Status),
    /// CloudWatch alarms
    Alarms {
        /// What about them; a list without it.
        #[command(subcommand)]
        verb: Option<Alarms>,
    },
    /// SQS queues, dead-letter queues above all
    Queues {
        /// What about them; a list without it.
        #[command(subcommand)]
        verb: Option<Queues>,
    },
    /// WAF web ACLs: what they block
    Waf {
        /// What about them; a list without it.
        #[command(subcommand)]
        verb: Option<Waf>,
    },
    /// Secrets and their age; never a value
    Secrets {
        /// What about them; a list without it.
        #[command(subcommand)]
        verb: Option<Secrets>,
    },
    /// Runbooks: guided procedures that change AWS, one journalled step at a time
    Runbook {
        /// What about them; a list without it.
        #[command(subcommand)]
        verb: Option<Runbook>,
    },
    /// Runs of runbooks, as their journals tell
    Runs {
        /// What about them; a list without it.
        #[command(subcommand)]
        verb: Option<Runs>,
    },
    /// Incidents: what is suspected, the runs for it, one time line, what is open
    Incident {
        /// What about them; a list without it.
        #[command(subcommand)]
        verb: Option<Incident>,
    },
    /// The journal: what runs did and meant to do
    Journal {
        /// What about it; a list without it.
        #[command(subcommand)]
        verb: Option<Journal>,
    },
    /// Try credentials, permissions, clock, terminal and paths, and say what to do
    Doctor,
    /// The effective key bindings
    Keys,
    /// The IAM policy that this version needs, as JSON
    Policy {
        /// For whom
        #[arg(value_enum, default_value_t)]
        role: PolicyRole,
    },
    /// The effective configuration, each value with its origin
    Config {
        /// What about it; `show` without it.
        #[command(subcommand)]
        verb: Option<Config>,
    },
    /// Completions for a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// The manual page, for `man -l -`
    Man,
}

/// How to practise.
#[cfg(feature = "practice")]
#[derive(Options, Debug, Clone, Default)]
pub struct Practice {
    /// Only this system; may be given several times
    #[arg(long, value_name = "NAME")]
    pub system: Vec<String>,
    /// Something that goes wrong while you watch
    #[arg(long, value_name = "NAME")]
    pub incident: Option<String>,
    /// The seed that everything is made from
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Keep the estate under this name between starts; who names it at the same time shares it
    #[arg(long, value_name = "NAME", value_parser = super::duration::file_name)]
    pub keep: Option<String>,
    /// Let its clock run so many times as fast
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub speed: Option<u32>,
    /// Set its clock forward first, e.g. `3d`, `90m`, `1d12h`
    #[arg(long, value_name = "DURATION", value_parser = super::duration::parse)]
    pub advance: Option<std::time::Duration>,
    /// First do by hand what no call to AWS does: `end-sessions=DATABASE`, as somebody inside would with KILL
    #[arg(long, value_name = "WHAT=THING")]
    pub by_hand: Vec<String>,
    /// Tell how the incident was dealt with so far, instead of opening the console
    #[arg(long, conflicts_with = "command")]
    pub score: bool,
    /// A command to run over the estate instead of the console
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<std::ffi::OsString>,
}

/// `status`.
#[derive(Options, Debug, Clone, Default)]
pub struct Status {
    /// Again after so many seconds, until interrupted; one JSON document a line
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub watch: Option<u32>,
    /// Exit 1 if something needs attention, 3 if nothing does but not everything could be read
    #[arg(long)]
    pub exit_code: bool,
}

/// `alarms`.
#[derive(Subcommand, Debug, Clone)]
pub enum Alarms {
    /// All alarms
    List,
    /// One alarm in full
    Show {
        /// Its name
        name: String,
    },
    /// What an alarm did in the last 30 days
    History {
        /// Its name
        name: String,
    },
}

/// `waf`.
#[derive(Subcommand, Debug, Clone)]
pub enum Waf {
    /// All web ACLs
    List,
    /// One web ACL with its rules and what it protects
    Show {
        /// Its name, id or ARN
        acl: String,
    },
    /// What a web ACL blocked and counted in the last hour, rule by rule
    Blocked {
        /// Its name, id or ARN
        acl: String,
    },
    /// Sampled requests of the last three hours, and who sends most
    Samples {
        /// Its name, id or ARN
        acl: String,
    },
}

/// `secrets`.
#[derive(Subcommand, Debug, Clone)]
pub enum Secrets {
    /// All secrets
    List,
    /// One secret: dates, rotation, versions
    Show {
        /// Its name or ARN
        id: String,
    },
    /// All versions of a secret with their staging labels
    Versions {
        /// Its name or ARN
        id: String,
    },
}

/// `runbook`.
#[derive(Subcommand, Debug, Clone)]
pub enum Runbook {
    /// All runbooks
    List,
    /// One runbook: its inputs and steps
    Show {
        /// Its name
        name: String,
    },
    /// What a runbook would do to the live estate; changes nothing
    Plan {
        /// Its name
        name: String,
        /// What it is to be done with.
        #[command(flatten)]
        given: Given,
    },
    /// Plan a runbook and run it as far as it may go
    Start {
        /// Its name
        name: String,
        /// What it is to be done with.
        #[command(flatten)]
        given: Given,
        /// What is answered before it is asked.
        #[command(flatten)]
        answers: Answers,
        /// Stop when this step is done
        #[arg(long, value_name = "STEP")]
        until: Option<String>,
        /// Refuse if the plan is another than the one with this hash
        #[arg(long, value_name = "HASH")]
        plan_hash: Option<String>,
        /// The incident that the run belongs to, from its start; without it, a run that contains something, does what
        /// its recovery list asks for or looks at what it is about belongs to the only one that is open
        #[arg(long, value_name = "ID")]
        incident: Option<String>,
        /// It belongs to no incident, even if one is open
        #[arg(long, conflicts_with = "incident")]
        no_incident: bool,
    },
    /// Go on with a run: look at AWS first, then do what may be done
    Resume {
        /// Its id, or at least the first 4 characters of it
        run: String,
        /// What is given late.
        #[command(flatten)]
        given: Given,
        /// What is answered before it is asked.
        #[command(flatten)]
        answers: Answers,
        /// Stop when this step is done
        #[arg(long, value_name = "STEP")]
        until: Option<String>,
    },
    /// Stop a run for good; changes nothing at AWS and lists what is left over
    Abort {
        /// Its id, or at least the first 4 characters of it
        run: String,
        /// What is answered before it is asked.
        #[command(flatten)]
        answers: Answers,
    },
    /// Undo what a run has done, backwards
    Undo {
        /// Its id, or at least the first 4 characters of it
        run: String,
        /// Where the undo of a step fails: leave what it made as it is, for this reason, and undo the rest
        #[arg(long, value_name = "STEP=REASON")]
        leave: Vec<String>,
        /// What is answered before it is asked.
        #[command(flatten)]
        answers: Answers,
    },
}

/// The inputs of a run.
#[derive(Options, Debug, Clone, Default)]
pub struct Given {
    /// An input; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// A secret input from a file; one final newline is stripped
    #[arg(long, value_name = "KEY=PATH")]
    pub set_file: Vec<String>,
    /// A secret input from an open file descriptor; one final newline is stripped
    #[arg(long, value_name = "KEY=N")]
    pub set_fd: Vec<String>,
}

/// Answers to what a run will ask.
#[derive(Options, Debug, Clone, Default)]
pub struct Answers {
    /// Say yes to everything that can be undone
    #[arg(long)]
    pub confirm_all: bool,
    /// Say yes to a step, for what cannot be undone with the name of what it hits; `account=ALIAS` in production
    #[arg(long, value_name = "STEP=PHRASE")]
    pub confirm: Vec<String>,
    /// Note something at a step; what a step waits to be told is answered so
    #[arg(long, value_name = "STEP=TEXT")]
    pub note: Vec<String>,
}

/// `runs`.
#[derive(Subcommand, Debug, Clone)]
pub enum Runs {
    /// All runs
    List,
    /// One run, step by step
    Show {
        /// Its id, or at least the first 4 characters of it
        run: String,
    },
}

/// `journal`.
#[derive(Subcommand, Debug, Clone)]
pub enum Journal {
    /// The journals, with their records and hashes
    List,
    /// Whether every record is as it was written
    Verify,
    /// One run in full, for a ticket or a program
    Export {
        /// Its id, or at least the first 4 characters of it
        run: String,
        /// In which form
        #[arg(long, value_enum, default_value_t)]
        format: ExportFormat,
    },
}

/// How a journal is exported.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExportFormat {
    /// Markdown, for a ticket.
    #[default]
    Md,
    /// The records themselves.
    Json,
}

/// `config`.
#[derive(Subcommand, Debug, Clone, Copy)]
pub enum Config {
    /// Every value and where it comes from
    Show,
    /// Whether the files can be read and understood
    Check,
}

/// Whom a policy is for.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PolicyRole {
    /// Everything the watch reads, and nothing else
    #[default]
    Viewer,
    /// The viewer's, and what the everyday runbooks read and change
    Operator,
    /// The operator's, and what responding to a compromise needs: for a role of its own, with MFA
    BreakGlass,
}
