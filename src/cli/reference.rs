//! What is made from the command line's definition: the manual page, completions and docs/cli.md. It adds
//! nothing to what [`super::args`] says.

use super::args::Args;
use clap::{Arg, Command, CommandFactory};
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};
use std::fmt::Write as _;

fn built() -> Command {
    let mut command = Args::command();
    command.build();
    command
}

/// Completions for a shell.
#[must_use]
pub fn completions(shell: clap_complete::Shell) -> String {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "bartizan", &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The commands that can be run, each with the words that lead to it (`alarms show`), without the root.
fn leaves(command: &Command) -> Vec<(String, &Command)> {
    let mut found = Vec::new();
    for sub in command.get_subcommands() {
        found.push((sub.get_name().to_owned(), sub));
        for (path, leaf) in leaves(sub) {
            found.push((format!("{} {path}", sub.get_name()), leaf));
        }
    }
    found
}

/// The arguments of a command that are its own, not the program's.
fn own_args(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|a| {
        !a.is_global_set() && !a.is_hide_set() && !matches!(a.get_id().as_str(), "help" | "version")
    })
}

/// `-p, --profile <NAME>` or `<QUEUE>`.
fn spelled(arg: &Arg) -> String {
    let value = || {
        let names = arg.get_value_names().unwrap_or_default();
        names.iter().map(|n| format!("<{n}>")).collect::<Vec<_>>().join(" ")
    };
    let takes_value = arg.get_action().takes_values();
    match (arg.get_short(), arg.get_long()) {
        (None, None) => value(),
        (short, long) => {
            let mut names: Vec<String> = Vec::new();
            names.extend(short.map(|s| format!("-{s}")));
            names.extend(long.map(|l| format!("--{l}")));
            names.extend(arg.get_visible_aliases().unwrap_or_default().iter().map(|a| format!("--{a}")));
            let names = names.join(", ");
            if takes_value { format!("{names} {}", value()) } else { names }
        }
    }
}

/// What an argument does, with its possible values and default.
fn explained(arg: &Arg) -> String {
    let mut words = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let hidden = arg.is_hide_possible_values_set() || !arg.get_action().takes_values();
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|v| !hidden && !v.is_hide_set())
        .map(|v| v.get_name().to_owned())
        .collect();
    if !values.is_empty() {
        let write = write!(words, " ({})", values.join(", "));
        debug_assert!(write.is_ok(), "a String takes everything");
    }
    words
}

/// docs/cli.md.
#[must_use]
pub fn markdown() -> String {
    let root = built();
    let mut out = String::from(
        "# The command line\n\nMade from the program's own definition; a test fails when the two differ \
         (`UPDATE=1 cargo test --test cli_docs` writes it again).\n\n",
    );
    let about = root.get_long_about().or(root.get_about()).map(ToString::to_string).unwrap_or_default();
    out.push_str(&about);
    out.push_str("\n\n    bartizan [GLOBAL OPTIONS] [COMMAND]\n");
    for (path, command) in leaves(&root) {
        if command.get_name() == "help" {
            continue;
        }
        out.push_str(&format!("\n## bartizan {path}\n\n"));
        out.push_str(&command.get_about().map(ToString::to_string).unwrap_or_default());
        out.push_str(".\n");
        let args: Vec<&Arg> = own_args(command).collect();
        if !args.is_empty() {
            out.push('\n');
        }
        for arg in args {
            out.push_str(&format!("- `{}`: {}\n", spelled(arg), explained(arg)));
        }
    }
    out.push_str("\n## Global options, before or after the command\n\n");
    for arg in root.get_arguments().filter(|a| a.is_global_set() && !a.is_hide_set()) {
        out.push_str(&format!("- `{}`: {}\n", spelled(arg), explained(arg)));
    }
    out.push_str("\n## Environment\n\n");
    for (name, what) in ENVIRONMENT {
        out.push_str(&format!("- `{name}`: {what}\n"));
    }
    out.push_str("\n## Exit codes\n\n");
    for (code, what) in EXIT_CODES {
        out.push_str(&format!("- `{code}`: {what}\n"));
    }
    out
}

/// The environment variables that are honoured.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("AWS_PROFILE, AWS_REGION, AWS_DEFAULT_REGION", "the profile and Region, unless an option names them"),
    ("AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE", "where the profiles are"),
    ("AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE>", "endpoints to ask instead of AWS's own"),
    ("AWS_CA_BUNDLE", "certificates to trust"),
    ("HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "proxies"),
    ("NO_COLOR", "when set and not empty: no colour"),
    ("BARTIZAN_READ_ONLY", "as --read-only, unless it is empty, 0, false, no or off"),
    ("BARTIZAN_CONFIG", "as --config"),
    ("BARTIZAN_STATE_DIR", "as --state-dir"),
];

/// What each exit code means.
const EXIT_CODES: &[(&str, &str)] = &[
    ("0", "done; with --exit-code, nothing needs attention and nothing is unknown"),
    ("1", "with --exit-code: something needs attention"),
    (
        "2",
        "wrong usage or configuration, a name that does not exist; the message names the nearest valid one",
    ),
    (
        "3",
        "AWS could not be read; the message says which and what to do. If only some of it could not: 0, and `complete` is false",
    ),
    ("4", "refused by a guard: open permissions"),
    ("129, 130, 143", "ended by SIGHUP, SIGINT, SIGTERM"),
];

/// The manual page.
#[must_use]
pub fn man() -> String {
    let root = built();
    let mut page = Roff::default();
    let version = format!("bartizan {}", env!("CARGO_PKG_VERSION"));
    page.control("TH", ["bartizan", "1", "", version.as_str(), "User Commands"]);
    page.control("SH", ["NAME"]);
    let short = root.get_about().map(ToString::to_string).unwrap_or_default();
    page.text([roman(format!("bartizan - {short}"))]);
    page.control("SH", ["SYNOPSIS"]);
    page.text([
        bold("bartizan"),
        roman(" ["),
        italic("GLOBAL OPTIONS"),
        roman("] ["),
        italic("COMMAND"),
        roman("]"),
    ]);
    page.control("SH", ["DESCRIPTION"]);
    let about = root.get_long_about().map(ToString::to_string).unwrap_or_default();
    page.text([roman(about)]);
    page.control("SH", ["COMMANDS"]);
    for (path, command) in leaves(&root) {
        if command.get_name() == "help" {
            continue;
        }
        item(
            &mut page,
            vec![bold(path)],
            &format!("{}.", command.get_about().map(ToString::to_string).unwrap_or_default()),
        );
        if own_args(command).next().is_some() {
            page.control("RS", []);
            for arg in own_args(command) {
                item(&mut page, vec![bold(spelled(arg))], &explained(arg));
            }
            page.control("RE", []);
        }
    }
    page.control("SH", ["GLOBAL OPTIONS"]);
    for arg in root.get_arguments().filter(|a| a.is_global_set() && !a.is_hide_set()) {
        item(&mut page, vec![bold(spelled(arg))], &explained(arg));
    }
    page.control("SH", ["ENVIRONMENT"]);
    for (name, what) in ENVIRONMENT {
        item(&mut page, vec![bold(*name)], what);
    }
    page.control("SH", ["FILES"]);
    item(
        &mut page,
        vec![italic("$XDG_CONFIG_HOME/bartizan/config.toml")],
        "The configuration; keymaps/ and themes/ are beside it. Optional.",
    );
    item(&mut page, vec![italic("$XDG_STATE_HOME/bartizan/")], "State. This version writes none.");
    page.control("SH", ["EXIT STATUS"]);
    for (code, what) in EXIT_CODES {
        item(&mut page, vec![bold(*code)], what);
    }
    page.to_roff()
}

fn item(page: &mut Roff, term: Vec<Inline>, words: &str) {
    page.control("TP", []);
    page.text(term);
    page.text([roman(words)]);
}

#[cfg(test)]
mod tests {
    use super::{completions, man, markdown};
    use crate::cli::args::Args;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn everything_that_is_made_names_every_command() {
        for text in [man(), markdown(), completions(clap_complete::Shell::Bash)] {
            for word in [
                "status",
                "alarms",
                "queues",
                "waf",
                "secrets",
                "runbook",
                "runs",
                "journal",
                "doctor",
                "policy",
                "completions",
            ] {
                assert!(text.contains(word), "{word} in {text}");
            }
        }
    }

    #[test]
    fn what_this_version_lacks_is_named_nowhere() {
        let mut help = Args::command().render_long_help().to_string();
        help.push_str(&markdown());
        help.push_str(&man());
        for later in ["duties", "unmute", "alarms mute"] {
            assert!(!help.contains(later), "{later}");
        }
    }
}
