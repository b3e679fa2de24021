//! `runbook list`, `runbook show` and `runbook plan`: what there is, what it is made of, and what it would do.

use crate::cli::args::Output;
use crate::cli::exit::{Exit, Failure};
use crate::cli::out::Out;
use crate::cli::runs::{head, input_json, kind};
use crate::cli::say::{self, safe};
use crate::cli::setup::Setup;
use crate::cli::table::{Block, Cell, Column, Table, Tone};
use crate::engine::definitions::{self, Found};
use crate::estate::change::Risk;
use crate::estate::{Timestamp, Untrusted};
use crate::runbook::definition::type_word;
use crate::runbook::{Allowed, Definition, Plan, PlannedCall, PlannedStep, report, shell};
use serde_json::{Map, Value, json};

/// `runbook list`.
pub(super) fn list(setup: &Setup, now: Timestamp, out: &mut Out) -> Result<Exit, Failure> {
    let found = definitions::load(&setup.paths);
    match setup.output {
        Output::Json => {
            let mut document = head("runbooks", now, setup, None, None);
            let wrong = found.iter().filter_map(|f| Some((f, f.definition.as_ref().err()?)));
            let gaps: Vec<Value> = wrong
                .map(|(f, why)| {
                    let why: Vec<String> = why.iter().map(ToString::to_string).collect();
                    json!({ "source": format!("runbook {}", f.name), "kind": "wrong", "message": why.join("; ") })
                })
                .collect();
            document.insert("complete".into(), json!(gaps.is_empty()));
            document.insert("gaps".into(), json!(gaps));
            document.insert("runbooks".into(), found.iter().filter_map(listed).collect());
            out.document(&Value::Object(document), false)?;
        }
        Output::Text => {
            out.blocks(&[Block::Table(table(&found))])?;
        }
    }
    Ok(Exit::Done)
}

fn listed(found: &Found) -> Option<Value> {
    let d = found.definition.as_ref().ok()?; // what is wrong is among the gaps
    Some(json!({ "name": d.name, "version": d.version, "title": d.title, "file": found.file }))
}

fn table(found: &[Found]) -> Table {
    let mut table = Table::new(vec![
        Column::name("RUNBOOK", 0),
        Column::number("VERSION", 2),
        Column::words("WHAT IT DOES", 0),
        Column::name("FILE", 1),
    ]);
    for found in found {
        let file = found.file.as_deref().map_or_else(|| "shipped".to_owned(), safe);
        match &found.definition {
            Ok(d) => {
                table.row(vec![
                    safe(&d.name).into(),
                    d.version.to_string().into(),
                    safe(&d.title).into(),
                    file.into(),
                ]);
            }
            Err(why) => {
                let why = why.first().map(ToString::to_string).unwrap_or_default();
                let cell = Cell::toned(format!("\u{2716} {}", safe(&why)), Tone::Now);
                table.row(vec![safe(&found.name).into(), "".into(), cell, file.into()]);
            }
        }
    }
    table
}

/// `runbook show`.
pub(super) fn show(
    definition: &Definition,
    setup: &Setup,
    now: Timestamp,
    out: &mut Out,
) -> Result<Exit, Failure> {
    match setup.output {
        Output::Json => {
            let mut document = head("runbook", now, setup, None, None);
            document.insert("runbook".into(), json!(definition));
            out.document(&Value::Object(document), false)?;
        }
        Output::Text => {
            out.blocks(&show_blocks(definition))?;
        }
    }
    Ok(Exit::Done)
}

fn show_blocks(definition: &Definition) -> Vec<Block> {
    let line = |cells: Vec<Cell>| Block::Line(cells);
    let mut blocks = vec![
        line(vec![
            Cell::toned(safe(&definition.title), Tone::Title),
            Cell::toned(format!("  {}, version {}", safe(&definition.name), definition.version), Tone::Faint),
        ]),
        line(vec![Cell::plain(safe(definition.about.trim()))]),
        line(Vec::new()),
    ];
    let mut inputs = Table::new(vec![
        Column::name("INPUT", 0),
        Column::text("TYPE", 1),
        Column::text("WITHOUT IT", 2),
        Column::words("WHAT IT IS", 0),
    ]);
    for input in &definition.inputs {
        let without = match (&input.default, input.optional, input.late) {
            (Some(value), _, _) => report::shown(value),
            (None, _, true) => "may come later".to_owned(),
            (None, true, false) => "left out".to_owned(),
            (None, false, false) => "asked for".to_owned(),
        };
        let choices = if input.choices.is_empty() {
            type_word(input.kind).to_owned()
        } else {
            input.choices.iter().map(|c| safe(c)).collect::<Vec<_>>().join("|")
        };
        inputs.row(vec![safe(&input.name).into(), choices.into(), without.into(), safe(&input.doc).into()]);
    }
    blocks.extend([Block::Table(inputs), line(Vec::new())]);
    let mut steps =
        Table::new(vec![Column::name("STEP", 0), Column::text("KIND", 1), Column::words("WHAT HAPPENS", 0)]);
    for step in &definition.steps {
        let when = step.when.0.iter().map(|(name, values)| format!("{name} is {}", values.join(" or ")));
        let when = when.collect::<Vec<_>>().join(" and ");
        let when = if when.is_empty() { when } else { format!(" (only when {when})") };
        let title = format!("{}{when}", step.title);
        steps.row(vec![safe(&step.id).into(), kind(step.kind).into(), safe(&title).into()]);
    }
    blocks.push(Block::Table(steps));
    blocks
}

/// `runbook plan`: exit 4 if it would be refused as things are.
pub(super) fn write(plan: &Plan, setup: &Setup, now: Timestamp, out: &mut Out) -> Result<Exit, Failure> {
    match setup.output {
        Output::Json => {
            out.document(&document(plan, setup, now), false)?;
        }
        Output::Text => {
            out.blocks(&plan_blocks(plan))?;
        }
    }
    Ok(if plan.refusal().is_some() { Exit::Refused } else { Exit::Done })
}

fn document(plan: &Plan, setup: &Setup, now: Timestamp) -> Value {
    let mut document = head("plan", now, setup, Some(&plan.at), None);
    let inputs: Map<String, Value> = plan.inputs.iter().map(|(k, v)| (k.clone(), input_json(v))).collect();
    document.insert("runbook".into(), json!(plan.definition.name));
    document.insert("version".into(), json!(plan.definition.version));
    document.insert("inputs".into(), Value::Object(inputs));
    document.insert("plan_hash".into(), json!(plan.hash));
    let refusal = plan.refusal().map(|(step, why)| json!({ "step": step, "message": why }));
    document.insert("refusal".into(), refusal.unwrap_or(Value::Null));
    document.insert("steps".into(), plan.steps.iter().map(|s| step_json(s, plan)).collect());
    Value::Object(document)
}

fn step_json(step: &PlannedStep, plan: &Plan) -> Value {
    let call = |c: &PlannedCall| {
        json!({
            "operation": c.operation,
            "resource": c.resource.as_ref().map(Untrusted::wire),
            "iam_action": c.iam_action,
            "cli": shell::line(&c.cli, &plan.at.region),
            "allowed": c.allowed.word(),
        })
    };
    let undo = if step.undo.is_empty() { Value::Null } else { json!(step.undo.join("; ")) };
    json!({
        "id": step.id,
        "title": step.title,
        "kind": kind(step.kind),
        "skipped": step.skipped,
        "summary": step.summary,
        "calls": step.calls.iter().map(call).collect::<Vec<_>>(),
        "risk": step.risk.map(risk),
        "undo": undo,
        "allowed": step.allowed.word(),
        "breaks": step.breaks,
        "evidence": step.evidence,
        "refusal": step.refusal,
    })
}

fn risk(risk: Risk) -> &'static str {
    match risk {
        Risk::Ordinary => "ordinary",
        Risk::Containing => "containing",
        Risk::Releasing => "releasing",
        Risk::Destructive => "destructive",
    }
}

fn plan_blocks(plan: &Plan) -> Vec<Block> {
    let definition = &plan.definition;
    let mut facts = say::Facts::new();
    facts.head(vec![
        Cell::toned(safe(&definition.title), Tone::Title),
        Cell::toned(format!("  {}, version {}", safe(&definition.name), definition.version), Tone::Faint),
    ]);
    let account = plan.at.account.as_ref().map_or_else(|| "unknown account".to_owned(), ToString::to_string);
    facts.add("where", format!("{account}, {}", plan.at.region));
    for (name, value) in &plan.inputs {
        facts.add("input", format!("{} = {}", safe(name), report::shown(value)));
    }
    facts.add("hash", plan.hash.chars().take(super::HASH_DIGITS).collect::<String>());
    let mut blocks = facts.blocks();
    blocks.push(Block::Line(Vec::new()));
    plan.steps.iter().for_each(|step| step_blocks(step, plan, &mut blocks));
    if let Some((step, why)) = plan.refusal() {
        let text = format!("\u{2716} it would be refused at {}: {}", safe(step), safe(why));
        blocks.extend([Block::Line(Vec::new()), Block::Line(vec![Cell::toned(text, Tone::Now)])]);
    }
    blocks
}

fn step_blocks(step: &PlannedStep, plan: &Plan, blocks: &mut Vec<Block>) {
    let mut line = vec![
        Cell::toned(if step.skipped { "\u{2013}" } else { "\u{25cb}" }, Tone::Faint),
        Cell::plain(format!(" {}  {}", safe(&step.id), safe(&step.title))),
        Cell::toned(format!("  {}", kind(step.kind)), Tone::Faint),
    ];
    match step.risk {
        Some(Risk::Destructive) => line.push(Cell::toned("  CANNOT BE UNDONE", Tone::Now)),
        Some(Risk::Containing) => line.push(Cell::toned("  CONTAINS", Tone::Soon)),
        Some(Risk::Releasing) => line.push(Cell::toned("  ENDS A CONTAINMENT", Tone::Soon)),
        Some(Risk::Ordinary) => line.push(Cell::toned("  ordinary", Tone::Good)),
        None => {}
    }
    match (step.calls.is_empty(), step.allowed) {
        (false, Allowed::No) => line.push(Cell::toned("  NOT ALLOWED", Tone::Now)),
        (false, Allowed::Unknown) => line.push(Cell::toned("  allowed: unknown", Tone::Unknown)),
        (false, Allowed::Yes) => line.push(Cell::toned("  allowed", Tone::Good)),
        (true, _) => {}
    }
    blocks.push(Block::Line(line));
    let mut below =
        |text: String, tone| blocks.push(Block::Line(vec![Cell::toned(format!("    {text}"), tone)]));
    if step.skipped {
        return below("skipped: its condition does not hold".to_owned(), Tone::Faint);
    }
    // The first evidence of a step that only looks is its summary too.
    if !step.summary.is_empty() && step.evidence.first() != Some(&step.summary) {
        below(safe(&step.summary), Tone::Plain);
    }
    step.evidence.iter().for_each(|e| below(safe(e), Tone::Plain));
    step.breaks.iter().for_each(|b| below(format!("breaks: {}", safe(b)), Tone::Soon));
    for call in &step.calls {
        let on = call.resource.as_ref().map_or_else(|| "(known later)".to_owned(), |r| r.shown().to_string());
        below(format!("{} on {on}", call.operation), Tone::Plain);
        below(format!("  {}", shell::line(&call.cli, &plan.at.region)), Tone::Faint);
    }
    step.undo.iter().for_each(|u| below(format!("undo: {}", safe(u)), Tone::Faint));
    if let Some(why) = &step.refusal {
        below(format!("refused: {}", safe(why)), Tone::Now);
    }
}
