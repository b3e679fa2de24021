//! `runbook list`, `show`, `plan`, `start`, `resume`, `abort` and `undo`: from the words of a command line to a
//! run in hand. How it is driven is in `drive`, how it is written in `plan` and `told`.

mod drive;
mod once;
mod plan;
mod told;

pub use once::{Making, once};

use super::args::{Answers as AnswerWords, Given, Output, Runbook};
use super::confirm::Answers;
use super::exit::{Exit, Failure};
use super::out::Out;
use super::run::World;
use super::runs::failure;
use super::secret_input::{self, From};
use super::setup::Setup;
use super::{incident, read, say};
use crate::cli::args::LogLevel;
use crate::diagnose::Diagnosis;
use crate::engine::definitions;
use crate::engine::runs::{Class, Live, Runs, RunsFault, Site};
use crate::estate::Vault;
use crate::runbook::inputs::{self, Inputs};
use crate::runbook::{Definition, Plan, Value, ValueType, Verb, verbs};
use drive::Drive;
use std::collections::BTreeMap;
use std::io::IsTerminal;

/// Runs one of them.
///
/// # Errors
/// It could not be done.
pub async fn run(verb: &Runbook, setup: &Setup, world: &World, out: &mut Out) -> Result<Exit, Failure> {
    match verb {
        Runbook::List => plan::list(setup, world.clock.now(), out),
        Runbook::Show { name } => plan::show(&definition(setup, name)?, setup, world.clock.now(), out),
        Runbook::Plan { name, given } => {
            let definition = definition(setup, name)?;
            let wanted = Wanted::read(&definition, given, setup, out)?;
            let runs = open(setup, world).await?;
            let planned = runs.plan(&definition, &wanted.inputs).await.map_err(|f| fault(&f))?;
            plan::write(&planned, setup, world.clock.now(), out)
        }
        Runbook::Start { name, given, answers, until, plan_hash, incident, no_incident } => {
            let definition = definition(setup, name)?;
            let answers = answered((answers, &[]), until.as_deref(), &definition)?;
            let incident = match incident {
                Some(id) => Some(incident::open_one(id, setup, world).await?),
                None => None,
            };
            let (live, plan) = start(&definition, given, plan_hash.as_deref(), setup, world, out).await?;
            let belongs = match incident {
                None if !no_incident => incident::only_open(&plan, setup, world, out).await,
                given => given,
            };
            if let Some(id) = belongs {
                incident::attach_begun(&id, &live.run().id, setup, world, out).await;
            }
            Drive::new(live, answers, setup, world, out)?.go(until.as_deref()).await
        }
        Runbook::Resume { run, given, answers, until } => {
            let said = (answers, &[][..]);
            let (live, answers) = resume(run, given, said, until.as_deref(), (setup, world), out).await?;
            Drive::new(live, answers, setup, world, out)?.go(until.as_deref()).await
        }
        Runbook::Abort { run, answers } => {
            let given = Given::default();
            let said = (answers, &[][..]);
            let (live, answers) = resume(run, &given, said, None, (setup, world), out).await?;
            Drive::new(live, answers, setup, world, out)?.abort().await
        }
        Runbook::Undo { run, leave, answers } => {
            let (given, said) = (Given::default(), (answers, leave.as_slice()));
            let (live, answers) = resume(run, &given, said, None, (setup, world), out).await?;
            Drive::new(live, answers, setup, world, out)?.undo().await
        }
    }
}

/// What the engine could not do, with its exit code.
pub(in crate::cli) fn fault(fault: &RunsFault) -> Failure {
    let exit = match fault.class() {
        Class::Usage => Exit::Usage,
        Class::Aws => Exit::Unread,
        Class::Refused => Exit::Refused,
    };
    Failure { exit, words: fault.to_string() }
}

fn wrong(found: &[Diagnosis]) -> Failure {
    Failure::usage(found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn definition(setup: &Setup, name: &str) -> Result<Definition, Failure> {
    definitions::find(&setup.paths, name).map_err(|found| wrong(&found))
}

fn answered(
    (words, leave): (&AnswerWords, &[String]),
    until: Option<&str>,
    definition: &Definition,
) -> Result<Answers, Failure> {
    let answers = Answers::read(words)?.leaving(leave)?;
    answers.fit(definition)?;
    match until {
        Some(step) if !definition.steps.iter().any(|s| s.id == step) => {
            let steps = definition.steps.iter().map(|s| s.id.as_str());
            let what = format!("{} has no step {}", definition.name, crate::diagnose::quoted(step));
            Err(wrong(&[Diagnosis::of("--until", what).near(step, steps)]))
        }
        Some(_) | None => Ok(answers),
    }
}

/// The inputs of a command line.
struct Wanted {
    inputs: Inputs,
    secrets: Vec<From>,
}

impl Wanted {
    /// Reads them; a canary of the configuration fills its own where the runbook has such inputs.
    fn read(definition: &Definition, given: &Given, setup: &Setup, out: &mut Out) -> Result<Self, Failure> {
        let mut pairs = pairs(given)?;
        if definition.input("canary_url").is_some() {
            let (filled, canary) = setup.config.with_canary(pairs).map_err(|d| wrong(&[d]))?;
            if let Some(name) = canary {
                out.note(LogLevel::Warn, format!("the canary {} is used", say::safe(name)));
            }
            pairs = filled;
        }
        let inputs = Inputs::read(definition, &pairs).map_err(|found| wrong(&found))?;
        let secrets = secrets(definition, given, inputs.values())?;
        Ok(Self { inputs, secrets })
    }
}

fn pairs(given: &Given) -> Result<Vec<(String, String)>, Failure> {
    given.set.iter().map(|text| inputs::split(text).map_err(|d| wrong(&[d]))).collect()
}

/// Where secret inputs come from; only those that a runbook knows as secret, and that it will use: who gives a
/// value must not find a generated one in its place.
fn secrets(
    definition: &Definition,
    given: &Given,
    values: &BTreeMap<String, Value>,
) -> Result<Vec<From>, Failure> {
    let found = secret_input::sources(&given.set_file, &given.set_fd)?;
    for from in &found {
        let secret = definition.input(&from.input).is_some_and(|i| i.kind == ValueType::Secret);
        if !secret {
            let names = definition.inputs.iter().filter(|i| i.kind == ValueType::Secret);
            let names = names.map(|i| i.name.as_str());
            let what =
                format!("{} has no secret input {}", definition.name, crate::diagnose::quoted(&from.input));
            return Err(wrong(&[Diagnosis::of("--set-file", what).near(&from.input, names)]));
        }
        if let Some(unused) = inputs::unused(definition, values, &from.input) {
            return Err(wrong(&[unused]));
        }
    }
    Ok(found)
}

/// Reads secret inputs into their slots, and says where a newline was stripped.
fn fill(from: &[From], vault: &Vault, out: &mut Out) -> Result<(), Failure> {
    for from in from {
        if secret_input::read(from, inputs::slot(&from.input), vault)? {
            let words = format!("{}: one final newline was stripped", say::safe(&from.input));
            out.note(LogLevel::Warn, words);
        }
    }
    Ok(())
}

async fn open(setup: &Setup, world: &World) -> Result<Runs, Failure> {
    let opened = read::open(setup, &world.estates, world.prompt.clone()).await?;
    let site = Site {
        context: setup.context.name.clone(),
        read_only: setup.context.read_only,
        production: setup.context.production,
    };
    Ok(world.archive.over(opened.ports, site))
}

/// Plans and begins a run; with its plan.
async fn start(
    definition: &Definition,
    given: &Given,
    hash: Option<&str>,
    setup: &Setup,
    world: &World,
    out: &mut Out,
) -> Result<(Live, Plan), Failure> {
    let wanted = Wanted::read(definition, given, setup, out)?;
    if setup.context.read_only {
        return Err(fault(&RunsFault::ReadOnly));
    }
    shows_nothing(definition)?;
    let vault = Vault::default();
    fill(&wanted.secrets, &vault, out)?;
    let runs = open(setup, world).await?;
    let plan = runs.plan(definition, &wanted.inputs).await.map_err(|f| fault(&f))?;
    may_start(&plan, hash)?;
    Ok((runs.start(plan.clone(), vault).await.map_err(|f| fault(&f))?, plan))
}

/// A field of a secret is shown by the console only: no command ever prints a value.
///
/// # Errors
/// The runbook would show one.
fn shows_nothing(definition: &Definition) -> Result<(), Failure> {
    let shows = verbs::reveal::Reveal.name();
    if definition.steps.iter().any(|step| step.verb == shows) {
        return Err(Failure::refused(format!(
            "{} shows a value, and no command prints one: run `bartizan` and start it from Runs",
            definition.name
        )));
    }
    Ok(())
}

/// Least digits of a plan's hash that tell it from another.
const HASH_DIGITS: usize = 12;

fn may_start(plan: &Plan, hash: Option<&str>) -> Result<(), Failure> {
    if let Some(hash) = hash
        && (hash.len() < HASH_DIGITS || !plan.hash.starts_with(hash))
    {
        return Err(Failure::refused(format!(
            "the plan is now {}, and not {}: look at `runbook plan` again; nothing was started",
            plan.hash,
            say::safe(hash)
        )));
    }
    match plan.refusal() {
        Some((step, why)) => {
            let why = say::safe(why);
            Err(Failure::refused(format!("at {}: {why}; nothing was started", say::safe(step))))
        }
        None => Ok(()),
    }
}

/// Takes a run up and gives it what comes late.
async fn resume(
    name: &str,
    given: &Given,
    words: (&AnswerWords, &[String]),
    until: Option<&str>,
    (setup, world): (&Setup, &World),
    out: &mut Out,
) -> Result<(Live, Answers), Failure> {
    let kept = world.archive.read(name).await.map_err(|f| failure(&f))?;
    let definition = &kept.run.definition;
    let answers = answered(words, until, definition)?;
    let mut late = Vec::new();
    for (input, text) in pairs(given)? {
        let value = Inputs::late(definition, &input, &text).map_err(|d| wrong(&[d]))?;
        late.push((input, value));
    }
    let secrets = secrets(definition, given, &kept.run.inputs)?;
    if setup.context.read_only {
        return Err(fault(&RunsFault::ReadOnly));
    }
    shows_nothing(definition)?;
    let vault = Vault::default();
    fill(&secrets, &vault, out)?;
    let runs = open(setup, world).await?;
    let mut live = runs.resume(&kept.run.id, vault).await.map_err(|f| fault(&f))?;
    for (input, value) in late {
        live.set(&input, value).await.map_err(|f| fault(&f))?;
    }
    Ok((live, answers))
}

/// Whether there is a person to ask: somebody types, and sees what is asked.
fn is_interactive(setup: &Setup) -> bool {
    setup.output == Output::Text && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}
