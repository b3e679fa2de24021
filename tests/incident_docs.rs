//! The table of docs/incidents.md: every step of the systems' own procedures is in it, and every runbook, step and
//! command that it names is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use bartizan::runbook::definition::shipped;
use std::collections::BTreeMap;
use std::path::Path;

/// The procedures of the systems' documents, step by step, in their words.
const PROCEDURES: &[(&str, &[&str])] = &[
    (
        "If API Key Compromised",
        &[
            "Remove compromised key from `API_KEYS`",
            "Deploy updated Lambda",
            "Revoke key in API Gateway",
            "Review CloudWatch Logs for abuse",
            "Check API Gateway metrics",
            "Identify affected requests",
            "Issue new API keys",
            "Update all clients",
            "Monitor for continued abuse",
        ],
    ),
    (
        "If Database Breach Suspected",
        &[
            "Rotate database password",
            "Review security group rules",
            "Check VPC flow logs",
            "Review database access logs",
            "Check Lambda execution logs",
            "Analyze network traffic",
            "Update credentials",
            "Tighten security groups",
            "Enable additional monitoring",
        ],
    ),
    (
        "Security Incident Response",
        &[
            "Disable affected Lambda function",
            "Rotate compromised credentials",
            "Check CloudWatch logs for suspicious activity",
            "Review X-Ray traces",
            "Analyze access patterns",
            "Check for data breaches",
            "Deploy patched version",
            "Update security configurations",
            "Notify stakeholders if required",
        ],
    ),
    (
        "Cost Overrun Response",
        &[
            "Check reserved concurrency settings",
            "Review CloudWatch metrics",
            "Disable function if necessary",
            "Identify cost drivers",
            "Review traffic patterns",
            "Check for DDoS or abuse",
            "Adjust memory/timeout settings",
            "Implement additional rate limiting",
            "Optimize code performance",
        ],
    ),
    (
        "The six phases",
        &["Detection", "Investigation", "Containment", "Remediation", "Recovery", "Lessons Learned"],
    ),
];

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file)).unwrap()
}

/// The rows of each table, by the heading above it: step and what does it.
fn tables(text: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut all: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut heading = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            heading = title.to_owned();
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["", step, does, ""] = cells.as_slice()
            && !step.starts_with("--")
            && *step != "step"
        {
            all.entry(heading.clone()).or_default().push(((*step).to_owned(), (*does).to_owned()));
        }
    }
    all
}

/// The pieces of code in a text.
fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_step_of_the_documents_is_in_the_table_once() {
    let tables = tables(&read("incidents.md"));
    for (procedure, steps) in PROCEDURES {
        let rows = tables.get(*procedure).unwrap_or_else(|| panic!("{procedure} has no table"));
        let listed: Vec<&str> = rows.iter().map(|(step, _)| step.as_str()).collect();
        assert_eq!(listed, *steps, "{procedure}");
        assert!(rows.iter().all(|(_, does)| !does.is_empty()), "{procedure}");
    }
    assert_eq!(tables.len(), PROCEDURES.len(), "{:?}", tables.keys());
}

#[test]
fn every_runbook_and_step_that_is_named_is_shipped() {
    let mut named = 0;
    for (step, does) in tables(&read("incidents.md")).into_values().flatten() {
        // `runbook`: `step`, `step`; ...
        for part in does.split(';') {
            let Some((before, after)) = part.split_once("`: `") else { continue };
            let runbook = before.rsplit('`').next().unwrap();
            let definition =
                shipped(runbook).unwrap_or_else(|| panic!("{step}: there is no runbook {runbook}")).unwrap();
            let list = format!("`{after}");
            for id in code(list.split(". ").next().unwrap()) {
                assert!(definition.step(id).is_some(), "{step}: {runbook} has no step {id}");
                named += 1;
            }
        }
    }
    assert!(named > 40, "only {named} steps are named: the table is not read as it is written");
}

#[test]
fn every_command_that_is_named_is_there() {
    let commands = read("cli.md");
    let text = read("incidents.md");
    let of_ours = code(&text).into_iter().filter(|c| c.starts_with("bartizan "));
    let mut named = 0;
    for command in of_ours {
        let words: Vec<&str> = command.split(' ').take_while(|w| !w.starts_with('-')).take(3).collect();
        let heading = format!("\n## {}\n", words.join(" "));
        assert!(commands.contains(&heading), "{command} is not in docs/cli.md");
        named += 1;
    }
    assert!(named > 5);
}
