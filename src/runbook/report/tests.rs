//! What a run's report holds, and that hostile names stay text in it.

use super::*;
use crate::estate::change::{Act, secretsmanager};
use crate::estate::{AccountId, Arn, At, Change, IdempotencyKey, Progress, RunId, Salt, VersionId};
use crate::runbook::definition::shipped;
use crate::runbook::event::{Event, Failure, Outcome};
use crate::runbook::run::Stamp;
use std::collections::BTreeMap;

/// Tries to leave a table's cell, a code span and Markdown itself.
const HOSTILE: &str = "a`|b``\n# <b>[x](http://evil)\u{1b}[2J*";

fn run(by: &str) -> Run {
    let id = RunId::new("7f3a0b1c").unwrap();
    let at = At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() };
    let secret = Arn::new("arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-x");
    let act = secretsmanager::Act::Promote {
        secret,
        from: VersionId::new("old-version"),
        to: VersionId::new("new-version"),
        strip: None,
        keep: None,
        purpose: Default::default(),
    };
    let what = Change { at: at.clone(), act: Act::SecretsManager(act) };
    let call = what.next(&Progress::default()).remove(0);
    let key = IdempotencyKey::derive(&id, "promote", 0, 1);
    let definition = shipped("secret-update").unwrap().unwrap();
    let secret_input = Value::Secret(crate::estate::Slot::new("value"));
    let inputs = BTreeMap::from([
        ("secret".to_owned(), Value::Text(Untrusted::from(HOSTILE))),
        ("keep".to_owned(), Value::Duration(129_600)),
        ("value".to_owned(), secret_input),
    ]);
    let step = |s: &str| s.to_owned();
    let events = [
        Event::Started {
            run: id,
            definition: Box::new(definition),
            inputs,
            at,
            context: Untrusted::from(HOSTILE),
            alias: Some(Untrusted::from("prod")),
            practice: false,
            salt: Salt("5a17".into()),
            plan_hash: "abcdef".into(),
            planned: BTreeMap::new(),
        },
        Event::Began { step: step("evidence") },
        Event::Finished {
            step: step("evidence"),
            evidence: vec!["83 days old".into()],
            outputs: BTreeMap::new(),
        },
        Event::Noted { step: step("evidence"), text: Untrusted::from(HOSTILE) },
        Event::Began { step: step("preconditions") },
        Event::Consented { step: step("preconditions"), change: 0, what, given: Given::Yes, undoes: None },
        Event::Intent { step: step("preconditions"), change: 0, call: 0, attempt: 1, key, what: call },
        Event::Outcome {
            step: step("preconditions"),
            call: 0,
            attempt: 1,
            result: Outcome::InDoubt(Failure::of("timed_out", "no answer in time")),
        },
    ];
    let stamp = |seq: usize| Stamp {
        seq: seq as u64 + 1,
        at: "2026-12-04T08:02:11Z".parse().unwrap(),
        by: Untrusted::from(by),
        host: Untrusted::from("bastion"),
    };
    Run::fold(events.iter().enumerate().map(|(n, e)| (stamp(n), e))).unwrap()
}

fn report(by: &str) -> String {
    markdown(&run(by), &Chain { records: 8, head: "00ff".into() })
}

#[test]
fn it_says_who_did_what_and_how_it_stands() {
    let text = report("arn:aws:sts::123456789012:assumed-role/ops/alice");
    for wanted in [
        "# Change one field of a secret (in\\_doubt)",
        "| Run | `7f3a0b1c` |",
        "123456789012, eu-central-1",
        "by `arn:aws:sts::123456789012:assumed-role/ops/alice`",
        "8 records verified, last hash `00ff`",
        "account `prod`, not typed yet",
        "| `keep` | `1d12h` |",
        "| `value` | `(secret, never recorded)` |",
        "- 83 days old",
        "Make version new-version",
        "(yes)",
        "`secretsmanager:UpdateSecretVersionStage` on `arn:aws:secretsmanager",
        "in doubt (timed\\_out): no answer in time",
        "`aws secretsmanager update-secret-version-stage --secret-id arn:aws",
        "--region eu-central-1`",
        "nobody knows whether",
        "Not begun.",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in:\n{text}");
    }
}

#[test]
fn hostile_names_stay_text() {
    let text = report(HOSTILE);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
    // Its newline is shown as `\n`, so no line begins with what came after it.
    assert!(!text.lines().any(|l| l.starts_with("# <b>")), "{text}");
    for line in text.lines().filter(|l| l.starts_with('|')) {
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 3, "a cell was left: {line}");
    }
    // Outside of code spans the signs of Markdown and HTML are escaped.
    let note = text.lines().find(|l| l.contains("note of")).unwrap();
    assert!(note.ends_with("\\<b\\>\\[x\\](http://evil)\\\\x1b\\[2J\\*"), "{note}");
}

#[test]
fn code_spans_hold_whatever_is_in_them() {
    for (text, span) in [
        ("plain", "`plain`"),
        ("a`b", "`` a`b ``"),
        ("```", "```` ``` ````"),
        ("a|b", "`a\\|b`"),
        ("", "`  `"),
        (" a", "`  a `"),
    ] {
        assert_eq!(code_text(text), span);
    }
}
