//! `incident`: opens, shows and closes incidents, takes notes, attaches runs and writes the report. What is read needs no
//! estate; who writes is asked of AWS, and when it does not say, that is said and nothing waits for it.

mod gather;
mod show;

use super::args::{ExportFormat, Incident as Verb, LogLevel, Output};
use super::exit::{Exit, Failure};
use super::out::Out;
use super::read;
use super::run::World;
use super::runs::head;
use super::say::{self, safe};
use super::setup::Setup;
use super::table::{Block, Cell, Column, Table, Tone};
use crate::engine::incidents::{Author, IncidentFault, Incidents, Listeners, Opening, author};
use crate::engine::runs::Class;
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{BoxFuture, Prompt, RunId, Timestamp, Untrusted};
use crate::insight::document::incident as document;
use crate::runbook::incident::{Incident, IncidentId, IncidentLine, Phase, Picture, Telling, report};
use crate::runbook::{Halt, Plan, Run};
use serde_json::{Value, json};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Runs one of them.
///
/// # Errors
/// It could not be done.
pub async fn run(verb: Option<&Verb>, setup: &Setup, world: &World, out: &mut Out) -> Result<Exit, Failure> {
    match verb.unwrap_or(&Verb::List) {
        Verb::List => list(setup, world, out).await?,
        Verb::Show { id } => show(&picture(id, world).await?, setup, world, out)?,
        Verb::Report { id, format } => {
            let picture = picture(id, world).await?;
            match format {
                ExportFormat::Md => {
                    out.raw(&report::markdown(&picture, world.clock.now()))?;
                }
                ExportFormat::Json => {
                    out.document(&told("incident", &picture, setup, world), false)?;
                }
            }
        }
        Verb::Start { name, suspected, known_since, attach } => {
            let known = known_since.as_deref().map(|w| since(w, world.clock.now())).transpose()?;
            let words = suspected.as_deref().unwrap_or(name);
            start((name, words), known, attach, setup, world, out).await?;
        }
        Verb::Note { id, text, decision, phase, set_aside } => {
            let incidents = writer(setup, world, out).await?;
            let id = find(id, world).await?;
            let done = match (set_aside, phase.as_deref().and_then(Phase::of_word)) {
                (Some(line), _) => incidents.set_aside(&id, line, text).await,
                (None, Some(phase)) => incidents.enter(&id, phase, text).await,
                (None, None) if *decision => incidents.decide(&id, text).await,
                (None, None) => incidents.note(&id, text).await,
            };
            done.map_err(|f| fault(&f))?;
            after(&id, "noted", setup, world, out).await?;
        }
        Verb::Attach { id, run } => {
            let incidents = writer(setup, world, out).await?;
            let (incident, run) =
                incidents.attach(&find(id, world).await?, run).await.map_err(|f| fault(&f))?;
            after(&incident.id, &format!("run {run} belongs to it"), setup, world, out).await?;
        }
        Verb::Gather { id, key, user, role, api_key, requests, log_group, address, back, in_region } => {
            let (back, requests) = (*back, *requests);
            let named =
                gather::Named { key, user, role, api_key, requests, log_group, address, back, in_region };
            gather::run(&find(id, world).await?, &named, (setup, world), out).await?;
            after(&find(id, world).await?, "has its evidence", setup, world, out).await?;
        }
        Verb::Close { id, reason } => {
            let incidents = writer(setup, world, out).await?;
            let id = find(id, world).await?;
            let closed = incidents.close(&id, reason.as_deref()).await.map_err(|f| fault(&f))?;
            tell(&closed, Telling::Closed, setup, world, out).await;
            after(&id, "closed", setup, world, out).await?;
        }
    }
    Ok(Exit::Done)
}

/// What could not be done with an incident, with its exit code.
pub(in crate::cli) fn fault(fault: &IncidentFault) -> Failure {
    let exit = match fault.class() {
        Class::Usage => Exit::Usage,
        Class::Aws => Exit::Unread,
        Class::Refused => Exit::Refused,
    };
    Failure { exit, words: fault.to_string() }
}

async fn picture(id: &str, world: &World) -> Result<Picture, Failure> {
    world.archive.picture(id).await.map_err(|f| fault(&f))
}

async fn find(id: &str, world: &World) -> Result<IncidentId, Failure> {
    Ok(world.archive.incident(id).await.map_err(|f| fault(&f))?.incident.id)
}

/// The incident that a run will belong to: it must be there and open before anything is begun.
///
/// # Errors
/// It is not.
pub(in crate::cli) async fn open_one(id: &str, setup: &Setup, world: &World) -> Result<IncidentId, Failure> {
    if setup.context.read_only {
        return Err(fault(&IncidentFault::ReadOnly));
    }
    let incident = world.archive.incident(id).await.map_err(|f| fault(&f))?.incident;
    match incident.closed {
        Some(_) => Err(fault(&IncidentFault::Closed(incident.id))),
        None => Ok(incident.id),
    }
}

/// The open incident that a run belongs to without being told, which is said. With several, which there are is said, and
/// it belongs to none.
pub(in crate::cli) async fn only_open(
    plan: &Plan,
    setup: &Setup,
    world: &World,
    out: &mut Out,
) -> Option<IncidentId> {
    let open = match world.archive.homes(plan, setup.practice).await {
        Ok(open) => open,
        Err(unread) => {
            out.note(LogLevel::Warn, format!("whether an incident is open is not known: {unread}"));
            return None;
        }
    };
    let called = |i: &Incident| format!("{} ({})", i.id, i.name.shown());
    match open.as_slice() {
        [] => None,
        [one] => {
            let words = "the run belongs to the open incident";
            out.note(LogLevel::Warn, format!("{words} {}; --no-incident leaves it out", called(one)));
            Some(one.id.clone())
        }
        several => {
            let all: Vec<String> = several.iter().map(called).collect();
            let how = "`bartizan incident attach ID RUN` says to which it belongs";
            out.note(LogLevel::Warn, format!("several incidents are open: {}; {how}", all.join(", ")));
            None
        }
    }
}

/// Attaches a run that has just begun. What cannot be written is said, and holds nothing up: the run may contain
/// something, and can be attached later.
pub(in crate::cli) async fn attach_begun(
    id: &IncidentId,
    run: &RunId,
    setup: &Setup,
    world: &World,
    out: &mut Out,
) {
    let attached = match writer(setup, world, out).await {
        Ok(incidents) => incidents.attach(id, run.as_str()).await.map_err(|f| fault(&f)),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = attached {
        let later = format!("`bartizan incident attach {id} {run}` does it later");
        out.note(LogLevel::Warn, format!("the run is not attached to {id}: {failure}; {later}"));
    }
}

/// Tells the listeners of the configuration what a run of an open incident has contained and what it waits for. What
/// cannot be told is said, and changes nothing of how the command ends.
pub(in crate::cli) async fn tell_run(
    run: &Run,
    known: usize,
    halt: Option<&Halt>,
    (setup, world): (&Setup, &World),
    out: &mut Out,
) {
    let tell = &setup.config.tell;
    if tell.topic.is_none() && tell.webhook_file.is_none() {
        return;
    }
    let told = match told_by(setup, world, out).await {
        Ok((incidents, listeners)) => {
            incidents.tell_of_run(&listeners, run, known, halt).await.map_err(|f| fault(&f))
        }
        Err(failure) => Err(failure),
    };
    say_told(told, out);
}

fn say_told(told: Result<Vec<String>, Failure>, out: &mut Out) {
    match told {
        Ok(failed) => failed.into_iter().for_each(|why| out.note(LogLevel::Warn, why)),
        Err(failure) => out.note(LogLevel::Warn, format!("nobody could be told: {failure}")),
    }
}

/// Tells of an incident that was just opened or closed.
async fn tell(incident: &Incident, what: Telling, setup: &Setup, world: &World, out: &mut Out) {
    let told = match told_by(setup, world, out).await {
        Ok((incidents, listeners)) => incidents.tell(&listeners, incident, what).await.map_err(|f| fault(&f)),
        Err(failure) => Err(failure),
    };
    say_told(told, out);
}

async fn told_by(setup: &Setup, world: &World, out: &mut Out) -> Result<(Incidents, Listeners), Failure> {
    let opened = read::open(setup, &world.estates, Arc::new(Nobody)).await?;
    let listeners = Listeners::of(&setup.config.tell, opened.ports.outside.clone());
    Ok((writer(setup, world, out).await?, listeners))
}

/// Nobody: opening an estate for a note must not ask anybody for an MFA code.
struct Nobody;

impl Prompt for Nobody {
    fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
        Box::pin(std::future::ready(None))
    }
}

/// The incidents, to be written to by whoever this is.
async fn writer(setup: &Setup, world: &World, out: &mut Out) -> Result<Incidents, Failure> {
    Ok(opened(setup, world, out).await?.0)
}

async fn opened(setup: &Setup, world: &World, out: &mut Out) -> Result<(Incidents, Author), Failure> {
    if setup.context.read_only {
        return Err(fault(&IncidentFault::ReadOnly));
    }
    let opened = read::open(setup, &world.estates, Arc::new(Nobody)).await?;
    let author = author(&opened.ports).await;
    if !author.known {
        let by = author.by.shown();
        out.note(LogLevel::Warn, format!("AWS does not say who this is; it is written down as {by}"));
    }
    let incidents = Incidents::new(world.archive.clone(), world.clock.clone(), author.clone(), false);
    Ok((incidents, author))
}

/// An instant, or how long ago.
fn since(words: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    if let Ok(at) = words.parse::<Timestamp>() {
        return Ok(at);
    }
    let ago = super::duration::parse(words).map_err(|_| {
        let given = crate::diagnose::quoted(words);
        Failure::usage(format!(
            "--known-since: write an instant (2026-12-04T03:12:00Z) or how long ago (20m), not {given}"
        ))
    })?;
    Ok(plus_seconds(now, -i64::try_from(ago.as_secs()).unwrap_or(0)))
}

async fn start(
    (name, suspected): (&str, &str),
    known: Option<Timestamp>,
    attach: &[String],
    setup: &Setup,
    world: &World,
    out: &mut Out,
) -> Result<(), Failure> {
    let (incidents, author) = opened(setup, world, out).await?;
    // What is to be attached must be there before anything is opened.
    for run in attach {
        world.archive.read(run).await.map_err(|f| super::runs::failure(&f))?;
    }
    let opening = Opening {
        name: Untrusted::from(name),
        suspected: Untrusted::from(suspected),
        known,
        at: author.at,
        context: setup.context.name.clone(),
        practice: setup.practice,
    };
    let incident = incidents.open(opening).await.map_err(|f| fault(&f))?;
    if setup.output == Output::Text {
        out.raw(&format!("{} {}\n", incident.id, incident.name.shown()))?;
    }
    let mut attached = Ok(());
    for run in attach {
        attached = attached.and(incidents.attach(&incident.id, run).await.map(|_| ()).map_err(|f| fault(&f)));
    }
    tell(&incident, Telling::Opened, setup, world, out).await;
    let shown = picture(incident.id.as_str(), world).await?;
    match setup.output {
        Output::Json => {
            out.document(&told("incident", &shown, setup, world), false)?;
        }
        Output::Text => {
            let next = format!(
                "next: bartizan runbook start iam-key-compromised --set key=AKIA... --incident {}",
                incident.id
            );
            out.blocks(&[Block::Line(vec![Cell::plain(next)])])?;
        }
    }
    attached
}

/// What was done, in a line or as the document of the incident as it is now.
async fn after(
    id: &IncidentId,
    what: &str,
    setup: &Setup,
    world: &World,
    out: &mut Out,
) -> Result<(), Failure> {
    match setup.output {
        Output::Json => {
            let shown = picture(id.as_str(), world).await?;
            out.document(&told("incident", &shown, setup, world), false)?;
        }
        Output::Text => {
            out.raw(&format!("{id} {what}\n"))?;
        }
    }
    Ok(())
}

/// The document of an incident. Runs that cannot be read are its gaps.
fn told(noun: &str, picture: &Picture, setup: &Setup, world: &World) -> Value {
    let at = &picture.incident.at;
    let mut document = head(noun, world.clock.now(), setup, Some(at), Some(&picture.incident.opened_by));
    let unread = picture.runs.iter().filter(|r| r.run().is_none());
    let gaps: Vec<Value> = unread
        .map(|r| json!({ "source": format!("run {}", r.id), "kind": "damaged", "message": "it cannot be read" }))
        .collect();
    document.insert("complete".into(), json!(gaps.is_empty()));
    document.insert("gaps".into(), json!(gaps));
    document.insert("incident".into(), document::show(picture));
    Value::Object(document)
}

async fn list(setup: &Setup, world: &World, out: &mut Out) -> Result<(), Failure> {
    let lines = world.archive.incidents().await.map_err(|f| fault(&f))?;
    match setup.output {
        Output::Json => {
            let mut document = head("incidents", world.clock.now(), setup, None, None);
            let bad = lines.iter().filter_map(|l| Some((&l.id, l.there.as_ref().err()?)));
            let gaps: Vec<Value> = bad
                .map(|(id, why)| json!({ "source": format!("incident {id}"), "kind": "damaged", "message": why }))
                .collect();
            document.insert("complete".into(), json!(gaps.is_empty()));
            document.insert("gaps".into(), json!(gaps));
            let readable = lines.iter().filter_map(|l| l.there.as_ref().ok());
            document.insert("incidents".into(), readable.map(document::line).collect());
            out.document(&Value::Object(document), false)?;
        }
        Output::Text => {
            out.blocks(&list_blocks(&lines, world.clock.now()))?;
        }
    }
    Ok(())
}

fn list_blocks(lines: &[IncidentLine], now: Timestamp) -> Vec<Block> {
    if lines.is_empty() {
        return vec![Block::Line(vec![Cell::plain("No incidents.")])];
    }
    let mut table = Table::new(vec![
        Column::text("INCIDENT", 0),
        Column::name("NAME", 0),
        Column::text("STATE", 0),
        Column::text("KNOWN FOR", 1),
        Column::number("RUNS", 2),
        Column::words("SUSPECTED", 2),
        Column::name("BY", 3),
    ]);
    for line in lines {
        match &line.there {
            Ok(incident) => {
                let until = incident.closed.as_ref().map_or(now, |c| c.at);
                table.row(vec![
                    line.id.to_string().into(),
                    incident.name.shown().to_string().into(),
                    badge(incident.closed.is_some()),
                    say::span(seconds_between(incident.known, until)).into(),
                    incident.runs.len().to_string().into(),
                    incident.suspected.shown().to_string().into(),
                    incident.opened_by.shown().to_string().into(),
                ]);
            }
            Err(why) => table.row(vec![
                line.id.to_string().into(),
                String::new().into(),
                Cell::toned("✖ damaged", Tone::Now),
                String::new().into(),
                String::new().into(),
                safe(why).into(),
                String::new().into(),
            ]),
        }
    }
    vec![Block::Table(table)]
}

fn badge(closed: bool) -> Cell {
    if closed { Cell::toned("● closed", Tone::Good) } else { Cell::toned("▶ open", Tone::Now) }
}

fn show(picture: &Picture, setup: &Setup, world: &World, out: &mut Out) -> Result<(), Failure> {
    match setup.output {
        Output::Json => out.document(&told("incident", picture, setup, world), false)?,
        Output::Text => out.blocks(&show::blocks(picture, world.clock.now()))?,
    };
    Ok(())
}
