//! Runs a command: reads what it needs, picks its words, and says how it ended. A file per subcommand knows
//! the words; this one knows only the order of things.

use super::args::{Alarms, Command, Journal, LogLevel, Output, Queues, Runbook, Runs, Secrets, Status, Waf};
use super::exit::{Exit, Failure};
use super::facts::Facts;
use super::find;
use super::gaps::Gaps;
use super::out::{Out, Reader};
use super::read::{self, Opened, Reading};
use super::scene::Scene;
use super::setup::Setup;
use super::table::Block;
use super::{alarms, incident, journal, messages, queues, runbook, runs, secrets, status, waf};
use crate::engine::Archive;
use crate::estate::{AlarmName, Clock, Estates, Prompt, Scope};
use crate::insight::{About, Broad, Source, Subject, document};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Who answers. Only `main` knows which ports are behind.
#[derive(Clone)]
pub struct World {
    /// Opens the estate.
    pub estates: Arc<dyn Estates>,
    /// Asks a person what opening needs.
    pub prompt: Arc<dyn Prompt>,
    /// Where runs are kept.
    pub archive: Archive,
    /// The estate's clock.
    pub clock: Arc<dyn Clock>,
    /// Tells how the estate is reached, for `doctor`; none for the practice estate.
    pub explain: Option<super::doctor::Explain>,
    /// Where a command leaves its brake while it has something in hand.
    pub landing: super::signals::Landing,
}

/// Runs a command that asks the estate.
///
/// # Errors
/// It could not be done.
pub async fn run(command: &Command, setup: &Setup, world: &World, out: &mut Out) -> Result<Exit, Failure> {
    let open = || read::open(setup, &world.estates, world.prompt.clone());
    match command {
        Command::Status(options) => watch(options, &open().await?, world, out).await,
        Command::Alarms { verb } => {
            about_alarms(verb.as_ref().unwrap_or(&Alarms::List), &open().await?, out).await
        }
        Command::Queues { verb } => {
            let verb = verb.as_ref().unwrap_or(&Queues::List);
            match messages::run(verb, setup, world, out).await? {
                Some(exit) => Ok(exit),
                None => about_queues(verb, &open().await?, out).await,
            }
        }
        Command::Waf { verb } => about_waf(verb.as_ref().unwrap_or(&Waf::List), &open().await?, out).await,
        Command::Secrets { verb } => {
            about_secrets(verb.as_ref().unwrap_or(&Secrets::List), &open().await?, out).await
        }
        Command::Runs { verb } => about_runs(verb.as_ref().unwrap_or(&Runs::List), setup, world, out).await,
        Command::Incident { verb } => incident::run(verb.as_ref(), setup, world, out).await,
        Command::Journal { verb } => {
            about_journal(verb.as_ref().unwrap_or(&Journal::List), setup, world, out).await
        }
        Command::Runbook { verb } => {
            runbook::run(verb.as_ref().unwrap_or(&Runbook::List), setup, world, out).await
        }
        Command::Doctor
        | Command::Keys
        | Command::Policy { .. }
        | Command::Config { .. }
        | Command::Completions { .. }
        | Command::Man => Ok(Exit::Done),
        #[cfg(feature = "practice")]
        Command::Practice(_) => Ok(Exit::Done),
    }
}

/// What journals tell needs no estate.
async fn about_runs(verb: &Runs, setup: &Setup, world: &World, out: &mut Out) -> Result<Exit, Failure> {
    let now = world.clock.now();
    match verb {
        Runs::List => runs::list(&world.archive, now, setup, out).await,
        Runs::Show { run } => runs::show(run, &world.archive, now, setup, out).await,
    }
}

async fn about_journal(verb: &Journal, setup: &Setup, world: &World, out: &mut Out) -> Result<Exit, Failure> {
    let now = world.clock.now();
    match verb {
        Journal::List => journal::list(&world.archive, now, setup, out).await,
        Journal::Verify => journal::verify(&world.archive, now, setup, out).await,
        Journal::Export { run, format } => {
            journal::export(run, *format, &world.archive, now, setup, out).await
        }
    }
}

/// What `status` reads.
const STATUS: [Source; 10] = [
    Source::Broad(Broad::Alarms),
    Source::Broad(Broad::Mutes),
    Source::Broad(Broad::Queues),
    Source::Broad(Broad::QueueAges),
    Source::Broad(Broad::Functions),
    Source::Broad(Broad::WebAcls(Scope::Regional)),
    Source::Broad(Broad::WebAcls(Scope::CloudFront)),
    Source::Broad(Broad::WafCounts(Scope::Regional)),
    Source::Broad(Broad::WafCounts(Scope::CloudFront)),
    Source::Broad(Broad::Secrets),
];
/// Those of them without which there is no status at all.
const STATUS_MAIN: [Source; 5] = [
    Source::Broad(Broad::Alarms),
    Source::Broad(Broad::Queues),
    Source::Broad(Broad::WebAcls(Scope::Regional)),
    Source::Broad(Broad::WebAcls(Scope::CloudFront)),
    Source::Broad(Broad::Secrets),
];

async fn watch(options: &Status, opened: &Opened<'_>, world: &World, out: &mut Out) -> Result<Exit, Failure> {
    loop {
        let mut reading = opened.read(&STATUS).await;
        match world.archive.runs().await {
            Ok(runs) => reading.runs = Some(runs),
            Err(fault) => out.note(LogLevel::Warn, fault),
        }
        match world.archive.incidents().await {
            Ok(incidents) => reading.incidents = incidents,
            Err(fault) => out.note(LogLevel::Warn, fault),
        }
        let said = say(
            opened,
            &reading,
            &STATUS_MAIN,
            options.watch.is_some(),
            out,
            status::document,
            status::blocks,
        );
        let (reader, failed) = match said {
            Ok(reader) => (reader, None),
            Err(failure) => (Reader::Listens, Some(failure)),
        };
        let exit = match &failed {
            Some(failure) => failure.exit,
            None if options.exit_code => judge(opened, &reading),
            None => Exit::Done,
        };
        let Some(seconds) = options.watch.filter(|_| reader == Reader::Listens) else {
            return failed.map_or(Ok(exit), Err);
        };
        match failed {
            // What cannot be read now may be readable later; what cannot be written never will.
            Some(failure) if failure.exit == Exit::Unread => out.note(LogLevel::Error, &failure),
            Some(failure) => return Err(failure),
            None => {}
        }
        tokio::time::sleep(Duration::from_secs(u64::from(seconds))).await;
    }
}

fn judge(opened: &Opened<'_>, reading: &Reading) -> Exit {
    let gaps = reading.gaps();
    let scene = scene(opened, reading, &gaps);
    let facts = Facts::of(&scene);
    if status::needs_attention(&scene, &facts) {
        Exit::Attention
    } else if gaps.complete() {
        Exit::Done
    } else {
        Exit::Unread
    }
}

fn scene<'a>(opened: &'a Opened<'_>, reading: &'a Reading, gaps: &'a Gaps) -> Scene<'a> {
    Scene {
        inv: &reading.inv,
        now: reading.at,
        context: &opened.setup.context,
        region: &opened.ports.region,
        config: &opened.setup.config,
        gaps,
        practice: opened.ports.practice,
        runs: reading.runs.as_deref(),
        incidents: &reading.incidents,
    }
}

/// Writes what a reading came to. Where none of `main` could be read there is nothing for a person; a
/// program gets its document with nulls all the same.
#[allow(clippy::too_many_arguments)] // the two closures are one answer in two forms
fn say(
    opened: &Opened<'_>,
    reading: &Reading,
    main: &[Source],
    one_line: bool,
    out: &mut Out,
    document: impl FnOnce(&Scene<'_>, &Facts) -> Value,
    blocks: impl FnOnce(&Scene<'_>, &Facts) -> Vec<Block>,
) -> Result<Reader, Failure> {
    let gaps = reading.gaps();
    let scene = scene(opened, reading, &gaps);
    let facts = Facts::of(&scene);
    let readable = reading.require(main);
    let reader = match (opened.setup.output, &readable) {
        (Output::Json, _) => out.document(&document(&scene, &facts), one_line)?,
        (Output::Text, Ok(())) => out.blocks(&blocks(&scene, &facts))?,
        (Output::Text, Err(_)) => Reader::Listens,
    };
    readable?;
    for sentence in gaps.sentences() {
        out.note(LogLevel::Warn, sentence);
    }
    let spend = reading.inv.spend;
    out.note(
        LogLevel::Info,
        format!(
            "{} AWS calls, {} throttled, about USD {:.6}",
            spend.calls,
            spend.throttled,
            usd(spend.micro_usd)
        ),
    );
    Ok(reader)
}

/// Millionths of a dollar as dollars.
#[allow(clippy::cast_precision_loss)] // far fewer than 2^52 of them are ever spent
#[must_use]
pub fn usd(micro: u64) -> f64 {
    micro as f64 / 1e6
}

async fn about_alarms(verb: &Alarms, opened: &Opened<'_>, out: &mut Out) -> Result<Exit, Failure> {
    match verb {
        Alarms::List => {
            let reading = opened.read(&[Source::Broad(Broad::Alarms), Source::Broad(Broad::Mutes)]).await;
            say(
                opened,
                &reading,
                &[Source::Broad(Broad::Alarms)],
                false,
                out,
                alarms::list_document,
                alarms::list_blocks,
            )?;
        }
        Alarms::Show { name } => {
            let (mut reading, alarm) = one_alarm(name, opened, &[Source::Broad(Broad::Mutes)]).await?;
            let more = document::details(&reading.inv, &Subject::Alarm(alarm.arn.clone()));
            opened.read_more(&mut reading, &more).await;
            say(
                opened,
                &reading,
                &[],
                false,
                out,
                |scene, facts| alarms::show_document(&alarm, scene, facts),
                |scene, facts| alarms::show_blocks(&alarm, scene, facts),
            )?;
        }
        Alarms::History { name } => {
            let (mut reading, alarm) = one_alarm(name, opened, &[]).await?;
            let history = Source::Detail(About::AlarmHistory(alarm.name.clone()));
            opened.read_more(&mut reading, std::slice::from_ref(&history)).await;
            say(
                opened,
                &reading,
                &[history],
                false,
                out,
                |scene, _| alarms::history_document(&alarm, scene),
                |scene, _| alarms::history_blocks(&alarm, scene),
            )?;
        }
    }
    Ok(Exit::Done)
}

/// The alarm of this name. Where there is none, all are read to find the one that was meant.
async fn one_alarm(
    name: &str,
    opened: &Opened<'_>,
    beside: &[Source],
) -> Result<(Reading, Arc<crate::estate::Alarm>), Failure> {
    let source = Source::Detail(About::OneAlarm(AlarmName::new(name)));
    let mut sources = vec![source.clone()];
    sources.extend(beside.iter().cloned());
    let mut reading = opened.read(&sources).await;
    reading.require(&[source])?;
    let found = reading.inv.alarms.values().find(|a| a.name.wire() == name).cloned();
    if let Some(alarm) = found {
        return Ok((reading, alarm));
    }
    opened.read_more(&mut reading, &[Source::Broad(Broad::Alarms)]).await;
    let names = reading.inv.alarms.values().map(|a| a.name.wire());
    Err(find::unknown("alarm", name, names))
}

/// What `queues` reads.
const QUEUES: [Source; 3] =
    [Source::Broad(Broad::Queues), Source::Broad(Broad::QueueAges), Source::Broad(Broad::Functions)];

async fn about_queues(verb: &Queues, opened: &Opened<'_>, out: &mut Out) -> Result<Exit, Failure> {
    let mut reading = opened.read(&QUEUES).await;
    match verb {
        Queues::List => {
            say(
                opened,
                &reading,
                &[Source::Broad(Broad::Queues)],
                false,
                out,
                queues::list_document,
                queues::list_blocks,
            )?;
        }
        // What is about messages was done before.
        Queues::Peek { .. }
        | Queues::Export { .. }
        | Queues::Import { .. }
        | Queues::Redrive { .. }
        | Queues::Replay { .. }
        | Queues::Cancel { .. }
        | Queues::Purge { .. } => {}
        Queues::Show { queue } => {
            reading.require(&[Source::Broad(Broad::Queues)])?;
            let row = find::queue(&reading.inv, queue)?.url.clone();
            let more = document::details(&reading.inv, &Subject::Queue(row.clone()));
            opened.read_more(&mut reading, &more).await;
            let row = reading.inv.queues.get(&row).ok_or_else(|| find::unknown("queue", queue, []))?;
            say(
                opened,
                &reading,
                &[],
                false,
                out,
                |scene, facts| queues::show_document(row, scene, facts),
                |scene, facts| queues::show_blocks(row, scene, facts),
            )?;
        }
    }
    Ok(Exit::Done)
}

/// What `waf` reads.
const WAF: [Source; 4] = [
    Source::Broad(Broad::WebAcls(Scope::Regional)),
    Source::Broad(Broad::WebAcls(Scope::CloudFront)),
    Source::Broad(Broad::WafCounts(Scope::Regional)),
    Source::Broad(Broad::WafCounts(Scope::CloudFront)),
];

async fn about_waf(verb: &Waf, opened: &Opened<'_>, out: &mut Out) -> Result<Exit, Failure> {
    let sources = if let Waf::Samples { .. } = verb { &WAF[..2] } else { &WAF[..] };
    let mut reading = opened.read(sources).await;
    let name = match verb {
        Waf::List => {
            say(opened, &reading, &waf::ACLS, false, out, waf::list_document, waf::list_blocks)?;
            return Ok(Exit::Done);
        }
        Waf::Show { acl } | Waf::Blocked { acl } | Waf::Samples { acl } => acl,
    };
    reading.require(&waf::ACLS)?;
    let arn = find::acl(&reading.inv, name)?.summary.arn.clone();
    let more: Vec<Source> = match verb {
        Waf::Show { .. } => document::details(&reading.inv, &Subject::Acl(arn.clone())),
        Waf::Samples { .. } => vec![Source::Detail(About::AclSamples(arn.clone()))],
        Waf::List | Waf::Blocked { .. } => Vec::new(),
    };
    opened.read_more(&mut reading, &more).await;
    let row = reading.inv.acl(&arn).ok_or_else(|| find::unknown("web ACL", name, []))?;
    let main: Vec<Source> =
        more.into_iter().filter(|s| matches!(s, Source::Detail(About::AclSamples(_)))).collect();
    match verb {
        Waf::List | Waf::Show { .. } => say(
            opened,
            &reading,
            &main,
            false,
            out,
            |scene, facts| waf::show_document(row, scene, facts),
            |scene, facts| waf::show_blocks(row, scene, facts),
        )?,
        Waf::Blocked { .. } => say(
            opened,
            &reading,
            &main,
            false,
            out,
            |scene, facts| waf::blocked_document(row, scene, facts),
            |scene, facts| waf::blocked_blocks(row, scene, facts),
        )?,
        Waf::Samples { .. } => say(
            opened,
            &reading,
            &main,
            false,
            out,
            |scene, _| waf::samples_document(row, scene),
            |scene, _| waf::samples_blocks(row, scene),
        )?,
    };
    Ok(Exit::Done)
}

async fn about_secrets(verb: &Secrets, opened: &Opened<'_>, out: &mut Out) -> Result<Exit, Failure> {
    let mut reading = opened.read(&[Source::Broad(Broad::Secrets)]).await;
    match verb {
        Secrets::List => {
            say(
                opened,
                &reading,
                &[Source::Broad(Broad::Secrets)],
                false,
                out,
                secrets::list_document,
                secrets::list_blocks,
            )?;
        }
        Secrets::Show { id } => {
            reading.require(&[Source::Broad(Broad::Secrets)])?;
            let arn = find::secret(&reading.inv, id)?.secret.arn.clone();
            let more = document::details(&reading.inv, &Subject::Secret(arn.clone()));
            opened.read_more(&mut reading, &more).await;
            let row = reading.inv.secrets.get(&arn).ok_or_else(|| find::unknown("secret", id, []))?;
            say(
                opened,
                &reading,
                &[],
                false,
                out,
                |scene, facts| secrets::show_document(row, scene, facts),
                |scene, facts| secrets::show_blocks(row, scene, facts),
            )?;
        }
        Secrets::Versions { id } => {
            reading.require(&[Source::Broad(Broad::Secrets)])?;
            let arn = find::secret(&reading.inv, id)?.secret.arn.clone();
            let versions = Source::Detail(About::SecretVersions(arn.clone()));
            opened.read_more(&mut reading, std::slice::from_ref(&versions)).await;
            let row = reading.inv.secrets.get(&arn).ok_or_else(|| find::unknown("secret", id, []))?;
            say(
                opened,
                &reading,
                &[versions],
                false,
                out,
                |scene, _| secrets::versions_document(row, scene),
                |scene, _| secrets::versions_blocks(row, scene),
            )?;
        }
    }
    Ok(Exit::Done)
}
