//! The single checks of `doctor`: what was found, in what state that is, and what to do. Nothing is asked
//! here but the machine itself: terminal, paths and modes.

use super::questions::{needs, untried};
use super::{Findings, Reached, Tried};
use crate::cli::exit::{Exit, Failure};
use crate::cli::say;
use crate::cli::setup::Setup;
use crate::cli::table::Tone;
use crate::controls::copy::Through;
use crate::engine::files;
use crate::estate::ask::Operation;
use crate::estate::time::seconds_between;
use crate::estate::{Fault, FaultKind, Service};
use crate::terminal::probe;
use std::path::Path;

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    Ok,
    Warning,
    Problem,
    Unknown,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Problem => "problem",
            State::Unknown => "unknown",
        }
    }

    pub(super) fn glyph(self) -> &'static str {
        match self {
            State::Ok => "●",
            State::Warning => "▲",
            State::Problem => "✖",
            State::Unknown => "○",
        }
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            State::Ok => Tone::Good,
            State::Warning => Tone::Soon,
            State::Problem => Tone::Now,
            State::Unknown => Tone::Unknown,
        }
    }
}

/// A check.
pub(super) struct Check {
    pub group: &'static str,
    pub name: &'static str,
    pub state: State,
    /// What was found; safe to print.
    pub found: String,
    /// What to do, if there is something to do; safe to print.
    pub todo: Option<String>,
    /// What the program exits with because of it.
    pub exit: Exit,
}

impl Check {
    fn ok(group: &'static str, name: &'static str, found: impl Into<String>) -> Self {
        Self { group, name, state: State::Ok, found: found.into(), todo: None, exit: Exit::Done }
    }

    fn state(self, state: State, exit: Exit) -> Self {
        Self { state, exit, ..self }
    }

    fn todo(self, todo: impl Into<String>) -> Self {
        Self { todo: Some(todo.into()), ..self }
    }
}

/// Whether an operation may be done.
pub(super) struct Permission {
    pub operation: &'static Operation,
    pub allowed: &'static str,
    /// Why that is so, where it is not a plain yes; safe to print.
    pub why: Option<String>,
    pub optional: bool,
}

/// What can be told without any estate: configuration, files, terminal.
pub(super) fn here(setup: Result<&Setup, &Failure>) -> Vec<Check> {
    let mut checks = vec![configuration(setup)];
    if let Ok(setup) = setup {
        let group = "configuration";
        checks.extend(
            setup
                .warnings
                .iter()
                .map(|w| Check::ok(group, "warning", w.clone()).state(State::Warning, Exit::Done)),
        );
        if let Err(wrong) = setup.keymap() {
            checks.push(Check::ok(group, "keymap", wrong.words).state(State::Problem, Exit::Usage));
        }
        if let Err(wrong) = setup.theme(probe::Abilities::here().depth) {
            checks.push(Check::ok(group, "theme", wrong.words).state(State::Problem, Exit::Usage));
        }
        checks.push(state_dir(setup));
    }
    checks.extend(terminal());
    checks
}

fn configuration(setup: Result<&Setup, &Failure>) -> Check {
    let (group, name) = ("configuration", "file");
    match setup {
        Err(wrong) => Check::ok(group, name, wrong.words.clone()).state(State::Problem, Exit::Usage),
        Ok(setup) => match &setup.paths.config_file {
            None => Check::ok(group, name, "no home directory: none is read, and none is needed"),
            Some(path) if path.exists() => Check::ok(group, name, say::safe(&path.display().to_string())),
            Some(path) => Check::ok(
                group,
                name,
                format!("none at {}, and none is needed", say::safe(&path.display().to_string())),
            ),
        },
    }
}

const NO_STATE: &str = "no home directory: the watch works, and no run can be started";
const NO_RUNS: &str = "the watch works, and no run can be started";
const ELSEWHERE: &str = "name a directory that can be written with --state-dir or BARTIZAN_STATE_DIR";

/// Runs are journalled in it: what is there must be private, and it must be possible to write there.
fn state_dir(setup: &Setup) -> Check {
    let (group, name) = ("files", "state directory");
    if setup.practice {
        return Check::ok(group, name, "not opened by the practice estate");
    }
    let Some(dir) = &setup.paths.state_dir else {
        return Check::ok(group, name, NO_STATE).state(State::Warning, Exit::Done).todo(ELSEWHERE);
    };
    let shown = say::safe(&dir.display().to_string());
    match private(dir) {
        Ok(None) => match files::can_write_below(dir) {
            Ok(()) if dir.exists() => Check::ok(group, name, shown),
            Ok(()) => Check::ok(group, name, format!("none at {shown} yet: the first run makes it")),
            Err(e) => Check::ok(group, name, format!("{shown} cannot be written ({e}): {NO_RUNS}"))
                .state(State::Warning, Exit::Done)
                .todo(ELSEWHERE),
        },
        Ok(Some(mode)) => {
            let found =
                format!("{shown} has mode {mode:03o}: others could read or change what is kept there");
            Check::ok(group, name, found)
                .state(State::Problem, Exit::Refused)
                .todo(format!("run `chmod 700 {shown}`"))
        }
        Err(e) => {
            let found = format!("{shown} cannot be looked at: {e}");
            Check::ok(group, name, found).state(State::Warning, Exit::Done)
        }
    }
}

fn private(dir: &Path) -> std::io::Result<Option<u32>> {
    files::too_open(dir)
}

fn terminal() -> Vec<Check> {
    let group = "terminal";
    if !probe::is_terminal() {
        let found = "standard input and output are not both a terminal: the console cannot open here";
        return vec![
            Check::ok(group, "terminal", found)
                .state(State::Warning, Exit::Done)
                .todo("use `bartizan status` and the other commands, or start it in a terminal"),
        ];
    }
    let can = probe::Abilities::here();
    let (columns, rows) = probe::size();
    let mut checks = Vec::new();
    let size = Check::ok(group, "size", format!("{columns}x{rows}"));
    checks.push(if columns < 40 || rows < 12 {
        size.state(State::Warning, Exit::Done).todo("make it at least 40x12")
    } else {
        size
    });
    checks.push(Check::ok(group, "colours", format!("{:?}", can.depth).to_lowercase()));
    let signs = Check::ok(group, "signs", if can.unicode { "Unicode" } else { "ASCII" });
    checks.push(if can.unicode {
        signs
    } else {
        signs.state(State::Warning, Exit::Done).todo("set LANG to a UTF-8 locale for better signs")
    });
    match can.through {
        Through::Nothing => {}
        Through::Tmux => checks.push(Check::ok(group, "inside", "tmux")),
        Through::Screen => checks.push(Check::ok(group, "inside", "GNU screen")),
    }
    checks
}

/// What was found out about the way to the estate.
pub(super) fn estate(findings: &Findings) -> Vec<Check> {
    let reached = match &findings.reached {
        Ok(reached) => reached,
        Err(fault) => return vec![failed("credentials", "context", fault)],
    };
    let mut checks = Vec::new();
    checks.push(match &reached.credentials {
        Ok(from) => Check::ok("credentials", "from", say::safe(from)),
        Err(fault) => failed("credentials", "from", fault),
    });
    if let Some(role) = &reached.role {
        checks.push(Check::ok("credentials", "role", say::safe(role)));
    }
    if let Some(end) = reached.expires {
        let left = seconds_between(findings.now, end);
        let found = format!("{} ({})", say::instant(end), say::until(end, findings.now));
        let check = Check::ok("credentials", "expire", found);
        // A quarter of an hour is less than an incident takes.
        checks.push(if left < 900 {
            check.state(State::Warning, Exit::Done).todo("renew them before you start something long")
        } else {
            check
        });
    }
    checks.push(match &reached.identity {
        Ok(identity) => {
            let found = format!("{} in account {}", identity.arn.shown(), identity.account);
            Check::ok("credentials", "identity", found)
        }
        Err(fault) => failed("credentials", "identity", fault),
    });
    checks.extend(endpoints(findings, reached));
    checks.extend(reached.ca_bundle.as_ref().map(|bundle| {
        match bundle {
            Ok(path) => Check::ok("endpoint", "certificates", say::safe(path)),
            Err(why) => Check::ok("endpoint", "certificates", say::safe(why))
                .state(State::Problem, Exit::Unread)
                .todo("name a file of PEM certificates, or unset it to trust the system's"),
        }
    }));
    checks.push(clock(reached.ahead_s, findings.practice));
    checks
}

/// The endpoint of each service and whether it answered, told by the questions that were tried there.
fn endpoints(findings: &Findings, reached: &Reached) -> Vec<Check> {
    let group = "endpoints";
    let one = |(service, url): &(Service, Result<String, String>)| {
        let name = word(*service);
        let url = match url {
            Ok(url) => say::safe(url),
            Err(why) => {
                let found = format!("none in {}: {}", reached.region, say::safe(why));
                return Check::ok(group, name, found).state(State::Warning, Exit::Done);
            }
        };
        // Without credentials nothing was sent, so nothing is known of who would have answered.
        let sent = |answer: &Result<_, Fault>| {
            !answer
                .as_ref()
                .is_err_and(|f| matches!(f.kind, FaultKind::NoCredentials { .. } | FaultKind::Declined))
        };
        let of_service = |(q, a): &&Tried| q.ask.operation().service == *service && sent(a);
        let mut tried = findings.tried.iter().filter(of_service).peekable();
        if tried.peek().is_none() {
            return Check::ok(group, name, format!("{url}: not tried")).state(State::Unknown, Exit::Done);
        }
        let silent = tried.find_map(|(_, answer)| answer.as_ref().err().filter(|f| is_silence(f)));
        match silent {
            None => Check::ok(group, name, format!("{url}: it answers")),
            Some(fault) => Check::ok(group, name, format!("{url}: {fault}"))
                .state(State::Problem, Exit::Unread)
                .todo("check network, VPN, proxy (HTTPS_PROXY, NO_PROXY), certificates and the Region"),
        }
    };
    reached.endpoints.iter().map(one).collect()
}

/// Whether nobody answered at all.
fn is_silence(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Unreachable | FaultKind::TimedOut)
}

fn word(service: Service) -> &'static str {
    match service {
        Service::CloudWatch => "cloudwatch",
        Service::Sqs => "sqs",
        Service::Wafv2 => "wafv2",
        Service::SecretsManager => "secretsmanager",
        Service::Sts => "sts",
        Service::Lambda => "lambda",
        Service::Iam => "iam",
        Service::ApiGateway => "apigateway",
        Service::CloudTrail => "cloudtrail",
        Service::Rds => "rds",
        Service::Ec2 => "ec2",
        Service::Sns => "sns",
        Service::Kms => "kms",
        Service::Logs => "logs",
        Service::Events => "events",
    }
}

/// Signatures hold for five minutes on either side (Signature Version 4, "Date handling").
const SIGNATURE_S: i64 = 300;

fn clock(ahead_s: Option<i64>, practice: bool) -> Check {
    let (group, name) = ("clock", "clock");
    match ahead_s {
        _ if practice => Check::ok(group, name, "the practice estate's own"),
        None => Check::ok(group, name, "not known: nobody answered").state(State::Unknown, Exit::Done),
        Some(s) => {
            let words = match s {
                -2..=2 => "right to within seconds".to_owned(),
                s => format!("{} s {} AWS's", s.unsigned_abs(), if s > 0 { "ahead of" } else { "behind" }),
            };
            let check = Check::ok(group, name, words);
            if s.abs() >= SIGNATURE_S {
                check.state(State::Problem, Exit::Unread).todo("set it: signatures hold only within 5 min")
            } else if s.abs() >= 60 {
                check.state(State::Warning, Exit::Done).todo("set it before it is 5 min off")
            } else {
                check
            }
        }
    }
}

fn failed(group: &'static str, name: &'static str, fault: &Fault) -> Check {
    let exit = if fault.kind == FaultKind::Invalid { Exit::Usage } else { Exit::Unread };
    Check::ok(group, name, fault.to_string()).state(State::Problem, exit)
}

/// Each operation of the watch, and whether it may be done.
pub(super) fn permissions(findings: &Findings) -> Vec<Permission> {
    let mut permissions: Vec<Permission> = Vec::new();
    for (query, answer) in &findings.tried {
        let operation = query.ask.operation();
        let (allowed, why) = match answer {
            Ok(_) => ("yes", None),
            Err(Fault { kind: FaultKind::Denied { .. }, .. }) => ("no", None),
            Err(fault) => ("unknown", Some(fault.to_string())),
        };
        // Two questions may use one operation (the two scopes of WAF); the worse answer stands.
        match permissions.iter_mut().find(|p| p.operation.name == operation.name) {
            Some(known) if rank(allowed) > rank(known.allowed) => {
                known.allowed = allowed;
                known.why = why;
            }
            Some(_) => {}
            None => permissions.push(Permission { operation, allowed, why, optional: optional(operation) }),
        }
    }
    let asked: Vec<_> = findings.tried.iter().map(|(q, _)| q.clone()).collect();
    let reached = findings.reached.as_ref().is_ok_and(|r| r.identity.is_ok());
    for operation in untried(&asked) {
        let why = if reached {
            format!(
                "there is no {} to try it on",
                needs(operation).trim_start_matches("a ").trim_start_matches("an ")
            )
        } else {
            "not tried: AWS does not answer who we are".to_owned()
        };
        permissions.push(Permission {
            operation,
            allowed: "unknown",
            why: Some(why),
            optional: optional(operation),
        });
    }
    permissions.retain(|p| !p.operation.iam_action.is_empty());
    permissions
}

fn rank(allowed: &str) -> u8 {
    match allowed {
        "yes" => 0,
        "unknown" => 1,
        _ => 2,
    }
}

/// What the watch can do without: the origin of dead letters among functions, and the account's alias.
fn optional(operation: &Operation) -> bool {
    match operation.service {
        Service::Lambda
        | Service::Iam
        | Service::ApiGateway
        | Service::CloudTrail
        | Service::Rds
        | Service::Ec2
        | Service::Sns
        | Service::Kms
        | Service::Logs
        | Service::Events => true,
        Service::CloudWatch | Service::Sqs | Service::Wafv2 | Service::SecretsManager | Service::Sts => false,
    }
}

/// What cannot be seen without a service's permission.
pub(super) fn loses(service: Service) -> &'static str {
    match service {
        Service::CloudWatch => "alarms, their history and charts, ages of messages, counts of WAF",
        Service::Sqs => "queues and dead letters",
        Service::Wafv2 => "web ACLs, rules and samples",
        Service::SecretsManager => "secrets and their ages",
        Service::Sts => "who is asking",
        Service::Lambda => "which functions feed a dead-letter queue",
        Service::Iam => "the account's alias",
        Service::ApiGateway => "the keys that a gateway checks",
        Service::CloudTrail => "who did what with a credential, when one has leaked",
        Service::Rds => "databases, when one has been broken into",
        Service::Ec2 => "who is let into a database, when one has been broken into",
        Service::Sns => "nothing: others are not told of incidents",
        Service::Kms => "whether a key stands in the way, when access is denied",
        Service::Events => "what runs by the clock or by events, when somebody wants to come back",
        Service::Logs => "whose invocation a dead letter is, when it does not say so",
    }
}
