//! The practice estate behind either front end: made from a seed or taken from where it was kept, on a clock
//! of its own. It never opens the state directory.

use super::sealing;
use super::sharing::{KeptClock, Shared};
use super::window::open;
use super::{Make, alone, finish, needs_estate, output, over};
use bartizan::cli::args::{Args, Global, Practice as Options};
use bartizan::cli::exit::Failure;
use bartizan::cli::run::World;
use bartizan::cli::setup::{self, Setup};
use bartizan::cli::usage;
use bartizan::console::sheet::line::wrap;
use bartizan::diagnose::{nearest, quoted};
use bartizan::engine::{Archive, FastClock, SystemClock, files};
use bartizan::estate::time::{SignedDuration, Timestamp};
use bartizan::estate::{Clock, DbInstanceName, Estates};
use bartizan::practice::{self, Colleague, Keeper, Practice, Trouble};
use bartizan::terminal::probe;
use bartizan::terminal::prompt::TtyPrompt;
use clap::Parser;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

/// `practice`: the console or a command over a practice estate.
pub fn main(options: Options, outer: Global) -> u8 {
    let inner = match inner(&options.command) {
        Ok(inner) => inner,
        Err(told) => return usage::tell(&told),
    };
    let (command, global) = match inner {
        Some(args) => (args.command, outer.overlaid(args.global)),
        None => (None, outer),
    };
    let patterns = match Practice::patterns() {
        Ok(patterns) => wanted(patterns, &options.system),
        Err(trouble) => return finish(Err(refused(trouble)), &mut output(&global, None)),
    };
    let setup = Setup::load(&global, setup::environment(), Some(patterns));
    let mut out = output(&global, setup.as_ref().ok());
    let ended = match command {
        Some(command) if !needs_estate(&command) => alone(&command, &setup, &mut out),
        Some(command) => Estate::begun(&options).and_then(|estate| {
            let world = World {
                estates: Arc::new(estate.practice.clone()),
                prompt: Arc::new(TtyPrompt),
                archive: estate.archive(),
                clock: estate.clock.clone(),
                explain: None,
                landing: bartizan::cli::signals::Landing::default(),
            };
            let ended = over(&command, &global, &setup, &world, &mut out);
            estate.keep().and(ended)
        }),
        None if options.score => Estate::begun(&options).and_then(|estate| {
            let lines = score(&estate.practice)?;
            let none = || Failure::usage("no incident is practised here; `--incident NAME` begins one");
            println!("{}", fitted(&lines.ok_or_else(none)?, columns()));
            estate.keep().map(|()| 0)
        }),
        None => setup.and_then(|setup| console(setup, &options)),
    };
    finish(ended, &mut out)
}

/// The systems that are there: those that were named, or all.
fn wanted(mut all: setup::Patterns, named: &[String]) -> setup::Patterns {
    if !named.is_empty() {
        all.retain(|(name, _)| named.contains(name));
    }
    all
}

/// The command line after `--`.
fn inner(words: &[OsString]) -> Result<Option<Args>, clap::Error> {
    if words.is_empty() {
        return Ok(None);
    }
    let name = OsString::from("bartizan");
    Args::try_parse_from(std::iter::once(&name).chain(words)).map(Some)
}

fn console(setup: Setup, options: &Options) -> Result<u8, Failure> {
    let estate = Estate::begun(options)?;
    let practice = estate.practice.clone();
    let make: Make = Box::new(move |_| -> Arc<dyn Estates> { Arc::new(practice) });
    let ended = open(setup, make, estate.clock.clone(), estate.archive());
    if let Some(lines) = score(&estate.practice)? {
        println!("{}", fitted(&lines, columns()));
    }
    estate.keep().and(ended)
}

/// How an incident was dealt with so far; nothing where none is practised that is judged.
fn score(practice: &Practice) -> Result<Option<Vec<String>>, Failure> {
    let of_messages = practice.score().map_err(refused)?.map(|s| s.lines());
    let of_key = practice.breach().map_err(refused)?.map(|b| b.lines());
    let of_function = practice.runaway().map_err(refused)?.map(|r| r.lines());
    let of_database = practice.intrusion().map_err(refused)?.map(|i| i.lines());
    let all = [of_messages, of_key, of_function, of_database];
    let lines: Vec<String> = all.into_iter().flatten().flatten().collect();
    Ok((!lines.is_empty()).then_some(lines))
}

/// How wide the terminal is; `None` where nobody looks at one, and a line stays one.
fn columns() -> Option<usize> {
    std::io::stdout().is_terminal().then(|| usize::from(probe::size().0))
}

/// Lines as they are read in that room: broken at words, and what goes on of one stands under it.
fn fitted(lines: &[String], room: Option<usize>) -> String {
    const UNDER: &str = "  ";
    let Some(room) = room else { return lines.join("\n") };
    let one = |line: &String| {
        let first = wrap(line, room);
        match first.split_first() {
            Some((head, [_, ..])) => {
                let rest = line.get(head.len()..).unwrap_or_default().trim_start();
                let under = wrap(rest, room.saturating_sub(UNDER.len()));
                let under = under.into_iter().map(|part| format!("{UNDER}{part}"));
                std::iter::once(head.clone()).chain(under).collect()
            }
            Some(_) | None => first,
        }
    };
    lines.iter().flat_map(one).collect::<Vec<_>>().join("\n")
}

/// A practice estate and where it is kept.
struct Estate {
    practice: Practice,
    clock: Arc<KeptClock>,
    kept: Option<PathBuf>,
}

impl Estate {
    /// The estate, with what was first done by hand.
    fn begun(options: &Options) -> Result<Estate, Failure> {
        let estate = Estate::make(options)?;
        for said in &options.by_hand {
            by_hand(&estate.practice, said)?;
        }
        Ok(estate)
    }

    fn make(options: &Options) -> Result<Estate, Failure> {
        let kept = options.keep.as_deref().map(place).transpose()?;
        let chosen = chosen(options);
        let shared = kept.as_deref().map(Shared::new);
        let stored = match &shared {
            Some(shared) => taken(shared)?,
            None => None,
        };
        let start = match &stored {
            Some(bytes) => {
                let old = Practice::restore(bytes, chosen.clone(), Arc::new(SystemClock)).map_err(refused)?;
                forgotten(old.stand_ins());
                old.now()
            }
            None => Timestamp::now(),
        };
        // What happens in the time that is skipped must happen: the estate is made at its beginning and goes
        // on at its end.
        let stored = match (stored, options.advance) {
            (None, Some(_)) => {
                let still: Arc<dyn Clock> = Arc::new(FastClock::starting(start, 1));
                Some(Practice::new(chosen.clone(), still).and_then(|p| p.snapshot()).map_err(refused)?)
            }
            (stored, _) => stored,
        };
        let ahead = options.advance.unwrap_or_default();
        let ahead = SignedDuration::try_from(ahead).unwrap_or(SignedDuration::MAX);
        let later = start.saturating_add(ahead).unwrap_or(Timestamp::MAX);
        let clock = Arc::new(KeptClock::new(FastClock::starting(later, options.speed.unwrap_or(1))));
        let practice = match &stored {
            Some(bytes) => Practice::restore(bytes, chosen, clock.clone()),
            None => Practice::new(chosen, clock.clone()),
        };
        let practice = practice.map_err(refused)?;
        // Kept after every write, before its answer is told: a process that is killed finds it as it left it, and
        // another one that has it at the same time sees what this one did.
        if let Some(shared) = shared {
            practice.share_by(shared.on(clock.clone()));
        }
        Ok(Estate { practice, clock, kept })
    }

    /// Its runs are kept beside it, and otherwise in memory: never in the state directory.
    fn archive(&self) -> Archive {
        match &self.kept {
            Some(path) => Archive::below(Some(&path.with_extension("runs"))),
            None => Archive::in_memory(),
        }
    }

    /// Stores the estate where it is kept, as a whole or not at all.
    fn keep(&self) -> Result<(), Failure> {
        self.practice.keep().map_err(refused)
    }
}

/// What is kept, at a moment when nobody writes it.
fn taken(shared: &Shared) -> Result<Option<Vec<u8>>, Failure> {
    let bytes = shared.take().map_err(|why| refused(Trouble::Shared(why)))?;
    shared.release();
    Ok(bytes)
}

/// Does what a person does beside AWS.
fn by_hand(practice: &Practice, said: &str) -> Result<(), Failure> {
    let thing = said.strip_prefix("end-sessions=").filter(|thing| !thing.is_empty());
    let Some(database) = thing else {
        let words = format!("--by-hand: there is no {}; there is `end-sessions=DATABASE`", quoted(said));
        return Err(Failure::usage(words));
    };
    let what = Colleague::EndsSessions(DbInstanceName::new(database));
    if practice.colleague(&what).map_err(refused)? {
        eprintln!("bartizan: by hand: every session in {} but the application's was ended", quoted(database));
        return Ok(());
    }
    let words = format!("--by-hand: nobody practises on the sessions of a database {}", quoted(database));
    Err(Failure::usage(words))
}

fn chosen(options: &Options) -> practice::Options {
    let mut chosen = practice::Options {
        systems: options.system.clone(),
        incident: options.incident.clone(),
        mishaps: practice::Mishaps::mild(),
        ..practice::Options::default()
    };
    if let Some(seed) = options.seed {
        chosen.seed = seed;
    }
    if let Some(name) = &options.keep {
        match sealing::seal(name) {
            Ok(seal) => chosen.seal = seal,
            Err(e) => eprintln!(
                "bartizan: {}; what you type into this practice estate is gone when it ends",
                bartizan::diagnose::Neutral(&e.to_string())
            ),
        }
    }
    chosen
}

/// Says that values of a kept estate are gone with the key that they were sealed under.
fn forgotten(count: u32) {
    if count > 0 {
        eprintln!(
            "bartizan: {count} values that were typed or generated are gone, as the memory is that held their key; stand-ins take their places"
        );
    }
}

/// Where a kept estate is: data of the person's, beside no real state.
fn place(name: &str) -> Result<PathBuf, Failure> {
    let dir = files::practice_dir().ok_or_else(|| {
        Failure::usage("there is no home directory to keep the practice estate in; set XDG_DATA_HOME")
    })?;
    Ok(dir.join(format!("{name}.json")))
}

fn refused(trouble: Trouble) -> Failure {
    let words = match &trouble {
        Trouble::UnknownSystem { given, known } => unknown("system", given, known),
        Trouble::UnknownIncident { given, known } => unknown("incident", given, known),
        Trouble::Seed { .. } | Trouble::Stored(_) | Trouble::Shared(_) => trouble.to_string(),
    };
    Failure::usage(bartizan::diagnose::Neutral(&words).to_string())
}

fn unknown(what: &str, given: &str, known: &[String]) -> String {
    let near = nearest(given, known.iter().map(String::as_str));
    let hint = near.map_or_else(|| ".".to_owned(), |n| format!("; did you mean `{n}`?"));
    format!("the practice estate has no {what} {}{hint} There are {}", quoted(given), known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::fitted;

    #[test]
    fn a_score_is_broken_at_words_and_what_goes_on_stands_under_it() {
        let long = "MISTAKE: the user deploy-bot was contained, who has nothing to do with it";
        let lines =
            ["detected   after 4:10 min   par 5:00 min".to_owned(), long.to_owned(), "solved".to_owned()];
        assert_eq!(fitted(&lines, None), lines.join("\n"), "a script reads one line for each");
        assert_eq!(fitted(&lines, Some(80)), lines.join("\n"));
        let narrow = fitted(&lines, Some(42));
        let wanted = "detected   after 4:10 min   par 5:00 min\nMISTAKE: the user deploy-bot was\n  contained, who has nothing to do with it\nsolved";
        assert_eq!(narrow, wanted);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&narrow), words(&lines.join(" ")), "nothing is cut");
        assert!(fitted(&lines, Some(30)).lines().all(|line| line.chars().count() <= 30));
    }
}
