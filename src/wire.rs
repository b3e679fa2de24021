//! A part of `main`: takes the command line apart, puts the ports behind the front end that was asked for,
//! and turns how it ended into an exit code. It alone knows which ports there are.

use bartizan::aws::{AwsEstates, AwsOptions};
use bartizan::cli::args::{Args, Command, Config, Global, LogLevel, Output};
use bartizan::cli::doctor::{self, Reached};
use bartizan::cli::exit::{Exit, Failure};
use bartizan::cli::out::Out;
use bartizan::cli::paint::Paint;
use bartizan::cli::run::{World, run};
use bartizan::cli::setup::{self, Setup};
use bartizan::cli::signals::{Ended, Landing, until_signal};
use bartizan::cli::{config, keys, policy, reference};
use bartizan::config::Origin;
use bartizan::diagnose::Neutral;
use bartizan::engine::{Archive, SystemClock};
use bartizan::estate::{Clock, Estates, Outside};
use bartizan::outside;
use bartizan::terminal::probe;
use bartizan::terminal::prompt::TtyPrompt;
use clap::Parser;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

mod guard;
#[cfg(feature = "practice")]
mod practising;
#[cfg(feature = "practice")]
mod sealing;
#[cfg(feature = "practice")]
mod sharing;
mod window;

/// Runs the program and gives its exit code.
pub fn main(words: Vec<OsString>) -> u8 {
    if let Err(e) = guard::no_core_dumps() {
        eprintln!("bartizan: core dumps could not be turned off: {e}");
    }
    let args = match Args::try_parse_from(words) {
        Ok(args) => args,
        Err(told) => return bartizan::cli::usage::tell(&told),
    };
    match args.command {
        #[cfg(feature = "practice")]
        Some(Command::Practice(options)) => practising::main(options, args.global),
        Some(command) => headless(&command, &args.global),
        None => console(&args.global),
    }
}

/// A command over AWS.
fn headless(command: &Command, global: &Global) -> u8 {
    let setup = Setup::load(global, setup::environment(), None);
    let mut out = output(global, setup.as_ref().ok());
    let ended = if needs_estate(command) {
        aws(command, global, &setup, &mut out)
    } else {
        alone(command, &setup, &mut out)
    };
    finish(ended, &mut out)
}

/// Whether a command asks the estate.
pub fn needs_estate(command: &Command) -> bool {
    match command {
        Command::Status(_)
        | Command::Alarms { .. }
        | Command::Queues { .. }
        | Command::Waf { .. }
        | Command::Secrets { .. }
        | Command::Runbook { .. }
        | Command::Runs { .. }
        | Command::Incident { .. }
        | Command::Journal { .. }
        | Command::Doctor => true,
        Command::Keys
        | Command::Policy { .. }
        | Command::Config { .. }
        | Command::Completions { .. }
        | Command::Man => false,
        #[cfg(feature = "practice")]
        Command::Practice(_) => false,
    }
}

fn aws(
    command: &Command,
    global: &Global,
    setup: &Result<Setup, Failure>,
    out: &mut Out,
) -> Result<u8, Failure> {
    let options = aws_options(setup.as_ref().ok());
    let estates = Arc::new(AwsEstates::new(options, Arc::new(SystemClock), outside()));
    let explain = {
        let estates = estates.clone();
        Arc::new(move |context, prompt| {
            let estates = estates.clone();
            let asked: bartizan::estate::BoxFuture<'static, _> = Box::pin(async move {
                estates.explain(&context, prompt).await.map(|e| Reached {
                    region: e.region,
                    credentials: e.credentials.map(|origin| origin.words()),
                    expires: e.expires,
                    role: None,
                    identity: e.identity,
                    ahead_s: e.ahead_s,
                    endpoints: e.endpoints,
                    ca_bundle: e.ca_bundle,
                })
            });
            asked
        })
    };
    let state_dir = setup.as_ref().ok().and_then(|s| s.paths.state_dir.as_deref());
    let world = World {
        estates,
        prompt: Arc::new(TtyPrompt),
        archive: Archive::below(state_dir),
        clock: Arc::new(SystemClock),
        explain: Some(explain),
        landing: Landing::default(),
    };
    over(command, global, setup, &world, out)
}

/// What is not AWS. Its certificates are those that AWS's clients are told to trust, beside the system's.
fn outside() -> Arc<dyn Outside> {
    let bundle = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
    outside::Http::port(bundle.map(PathBuf::from))
}

fn aws_options(setup: Option<&Setup>) -> AwsOptions {
    let mut options = AwsOptions::default();
    if let Some(setup) = setup {
        options.call_timeout = setup.config.limits.timeout;
    }
    options
}

/// Runs a command over an estate until it ends or a signal comes.
pub fn over(
    command: &Command,
    global: &Global,
    setup: &Result<Setup, Failure>,
    world: &World,
    out: &mut Out,
) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::usage(format!("the system gives no threads: {e}")))?;
    let work = async {
        match (command, setup) {
            (Command::Doctor, setup) => doctor::run(setup.as_ref(), world, global.output(), out).await,
            (command, Ok(setup)) => run(command, setup, world, out).await,
            (_, Err(wrong)) => Err(wrong.clone()),
        }
    };
    let ended = runtime.block_on(until_signal(work, &world.landing));
    // A look-up of a name that hangs in a thread of its own must not hold the exit up.
    runtime.shutdown_background();
    match ended {
        Ok(Ended::Itself(done)) => done.map(Exit::code),
        Ok(Ended::BySignal(code)) => Ok(code),
        Err(e) => Err(Failure::usage(format!("the system lets us listen to no signals: {e}"))),
    }
}

/// A command that needs no estate.
pub fn alone(command: &Command, setup: &Result<Setup, Failure>, out: &mut Out) -> Result<u8, Failure> {
    let setup = || setup.as_ref().map_err(Clone::clone);
    match command {
        Command::Keys => {
            let keymap = setup()?.keymap()?;
            match setup()?.output {
                Output::Json => out.document(&keys::document(&keymap), false)?,
                Output::Text => out.blocks(&keys::blocks(&keymap))?,
            }
        }
        Command::Policy { role } => {
            out.note(LogLevel::Warn, policy::note(*role));
            out.document(&policy::document(*role), false)?
        }
        Command::Config { verb } => {
            let setup = setup()?;
            match (verb.unwrap_or(Config::Show), setup.output) {
                (Config::Show, Output::Json) => out.document(&config::document(setup), false)?,
                (Config::Show, Output::Text) => out.blocks(&config::blocks(setup))?,
                (Config::Check, Output::Json) => out.document(&config::check_document(setup)?, false)?,
                (Config::Check, Output::Text) => out.blocks(&config::check(setup)?)?,
            }
        }
        Command::Completions { shell } => out.raw(&reference::completions(*shell))?,
        Command::Man => out.raw(&reference::man())?,
        Command::Status(_)
        | Command::Alarms { .. }
        | Command::Queues { .. }
        | Command::Waf { .. }
        | Command::Secrets { .. }
        | Command::Runbook { .. }
        | Command::Runs { .. }
        | Command::Incident { .. }
        | Command::Journal { .. }
        | Command::Doctor => return Err(Failure::usage("this command needs an estate")),
        #[cfg(feature = "practice")]
        Command::Practice(_) => {
            return Err(Failure::usage("practice within practice: give the command alone after `--`"));
        }
    };
    Ok(Exit::Done.code())
}

/// The streams: coloured where a person sees them, by the theme.
pub fn output(global: &Global, setup: Option<&Setup>) -> Out {
    let level = global.log_level.unwrap_or_default();
    let mut out = match setup {
        None => Out::of_process(Paint::none(), None, level),
        Some(setup) => {
            let terminal = std::io::stdout().is_terminal();
            let width = terminal.then(|| usize::from(probe::size().0));
            Out::of_process(setup.paint(terminal), width, level)
        }
    };
    for warning in setup.iter().flat_map(|s| &s.warnings) {
        out.note(LogLevel::Warn, warning);
    }
    for value in setup.iter().flat_map(|s| s.config.effective.list()) {
        if value.origin != Origin::Default {
            let (key, text) = (Neutral(&value.key), Neutral(&value.value));
            out.note(LogLevel::Debug, format!("{key} = {text} ({})", value.origin));
        }
    }
    out
}

/// Says why a command could not be done, if it could not, and gives the exit code.
pub fn finish(ended: Result<u8, Failure>, out: &mut Out) -> u8 {
    match ended {
        Ok(code) => code,
        Err(failure) => {
            for line in failure.words.lines() {
                out.note(LogLevel::Error, line);
            }
            failure.exit.code()
        }
    }
}

/// The console over AWS.
fn console(global: &Global) -> u8 {
    let setup = Setup::load(global, setup::environment(), None);
    let mut out = output(global, None);
    let ended = setup.and_then(|setup| {
        let options = aws_options(Some(&setup));
        let make = move |clock: Arc<dyn Clock>| -> Arc<dyn Estates> {
            Arc::new(AwsEstates::new(options, clock, outside()))
        };
        let archive = Archive::below(setup.paths.state_dir.as_deref());
        window::open(setup, Box::new(make), Arc::new(SystemClock), archive)
    });
    finish(ended, &mut out)
}

/// Makes the estates; called after the first frame is drawn.
pub type Make = Box<dyn FnOnce(Arc<dyn Clock>) -> Arc<dyn Estates> + Send>;
