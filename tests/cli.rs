//! The commands as scripts see them: the real binary over practice estates and over nobody at all. Checked
//! are the documents field by field, the exit codes, and that nothing hostile reaches a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking
#![cfg(feature = "practice")] // what is asked about is simulated

#[path = "cli/full_disk.rs"]
mod full_disk;
#[path = "cli/shape.rs"]
mod shape;
#[path = "cli/world.rs"]
mod world;

use serde_json::Value;
use shape::{check, words};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use world::World;

/// The words before a command over one small system, the same in every run.
const SMALL: [&str; 6] = ["practice", "--seed", "7", "--system", "omnitrack", "--"];
/// The same over everything.
const ALL: [&str; 4] = ["practice", "--seed", "7", "--"];

fn with<'a>(before: &[&'a str], words: &[&'a str]) -> Vec<&'a str> {
    before.iter().chain(words).copied().collect()
}

fn document(before: &[&str], words: &[&str]) -> Value {
    let ran = World::new().run(&with(before, &with(words, &["--json"])));
    assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{words:?}: {e}: {}", ran.stdout))
}

#[test]
fn status_is_what_the_contract_says() {
    let doc = document(&ALL, &["status"]);
    check(
        &doc,
        "status",
        &[
            "alarms.alarm n?",
            "alarms.ok n?",
            "alarms.insufficient_data n?",
            "alarms.actions_disabled n?",
            "alarms.muted n?",
            "queues.dead_letter n?",
            "queues.messages n?",
            "queues.oldest_age_s n?",
            "queues.expiring_soon n?",
            "waf.web_acls n?",
            "waf.blocked_1h n?",
            "waf.blocked_per_min n?",
            "secrets.total n?",
            "secrets.overdue n?",
            "secrets.due_soon n?",
            "duties 0",
            "runs.active n",
            "runs.waiting n",
            "runs.in_doubt n",
            "systems[].name s?",
            "systems[].alarms o",
            "systems[].queues o",
            "systems[].waf o",
            "systems[].secrets o",
            "attention[].severity e",
            "attention[].kind e",
            "attention[].name s",
            "attention[].reason s",
            "attention[].runbook 0",
            "gaps[].source e",
            "gaps[].kind e",
            "gaps[].message s",
            "calls.count n",
            "calls.throttled n",
            "calls.usd_estimate n",
        ],
    );
    let severity: Vec<&str> = words(&doc["attention"], "severity");
    let rank = |s: &&str| ["now", "soon", "unknown"].iter().position(|w| w == s);
    assert!(severity.iter().map(rank).is_sorted(), "most urgent first: {severity:?}");
    assert!(doc["calls"]["count"].as_u64() > Some(50), "{}", doc["calls"]);
    // The practice estate denies one thing, which is a gap and no zero.
    assert_eq!(doc["complete"], Value::Bool(false));
    let mongo = doc["systems"].as_array().unwrap().iter().find(|s| s["name"] == "mongo-api").unwrap();
    assert_eq!(mongo["secrets"]["unknown"], 1);
}

#[test]
fn alarms_are_what_the_contract_says() {
    let doc = document(&ALL, &["alarms", "list"]);
    check(
        &doc,
        "alarms",
        &[
            "alarms[].name s",
            "alarms[].arn s",
            "alarms[].kind metric|composite|log|other",
            "alarms[].state e",
            "alarms[].since t?",
            "alarms[].reason s",
            "alarms[].actions_enabled b",
            "alarms[].muted_until t?",
            "alarms[].namespace s?",
            "alarms[].metric s?",
            "alarms[].dimensions o?",
            "alarms[].threshold n?",
            "alarms[].comparison e?",
            "alarms[].treat_missing e?",
            "alarms[].evaluation e?",
            "alarms[].system s?",
        ],
    );
    let alarms = doc["alarms"].as_array().unwrap();
    assert!(alarms.len() > 100, "all pages: {}", alarms.len());
    assert!(alarms.iter().any(|a| a["kind"] == "composite"), "composites are asked for by name");
    assert_eq!(doc["complete"], Value::Bool(true));
}

#[test]
fn queues_are_what_the_contract_says() {
    let doc = document(&ALL, &["queues", "list"]);
    check(
        &doc,
        "queues",
        &[
            "queues[].name s",
            "queues[].arn s?",
            "queues[].url s",
            "queues[].dead_letter b",
            "queues[].origin sqs|lambda|sns|events|unknown",
            "queues[].sources a",
            "queues[].messages n?",
            "queues[].in_flight n?",
            "queues[].delayed n?",
            "queues[].oldest_age_s n?",
            "queues[].retention_s n?",
            "queues[].expires o?",
            "queues[].fifo b?",
            "queues[].encrypted b?",
            "queues[].move_task o?",
            "queues[].system s?",
        ],
    );
    let queues = doc["queues"].as_array().unwrap();
    let expires: Vec<&Value> = queues.iter().map(|q| &q["expires"]).filter(|e| !e.is_null()).collect();
    assert!(!expires.is_empty());
    for e in expires {
        let at = |key: &str| e[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert!(at("earliest") <= at("latest") && e["exact"].is_boolean(), "{e}");
        assert_eq!(e["exact"] == true, at("earliest") == at("latest"), "{e}");
    }
    let central = queues.iter().find(|q| q["name"] == "mte-prod-LambdaDeadLetterQueue").unwrap();
    assert_eq!((&central["dead_letter"], central["origin"].as_str()), (&Value::Bool(true), Some("lambda")));
    assert!(central["sources"].as_array().unwrap().len() > 30, "{central}");
    let fed: Vec<&Value> = queues.iter().filter(|q| q["origin"] == "sqs").collect();
    assert!(fed.iter().all(|q| q["sources"].as_array().unwrap().iter().all(|s| {
        s.as_str().unwrap().starts_with("arn:aws:sqs:") || s.as_str().unwrap().starts_with("arn:aws:lambda:")
    })));
}

#[test]
fn waf_is_what_the_contract_says() {
    let doc = document(&SMALL, &["waf", "list"]);
    check(
        &doc,
        "waf",
        &[
            "web_acls[].name s",
            "web_acls[].id s",
            "web_acls[].arn s",
            "web_acls[].scope regional|cloudfront",
            "web_acls[].rules[].name s",
            "web_acls[].rules[].action e",
            "web_acls[].rules[].mode e",
            "web_acls[].rules[].blocked_1h n?",
            "web_acls[].rules[].counted_1h n?",
            "web_acls[].system s?",
        ],
    );
    let name = doc["web_acls"][0]["name"].as_str().unwrap().to_owned();
    let doc = document(&SMALL, &["waf", "samples", &name]);
    check(
        &doc,
        "waf_samples",
        &[
            "samples[].at t?",
            "samples[].rule s",
            "samples[].action e",
            "samples[].ip s",
            "samples[].country s?",
            "samples[].method s",
            "samples[].uri s",
            "samples[].user_agent s?",
            "top.ip[].value s",
            "top.ip[].weight n",
            "top.country[].weight n",
            "top.uri[].weight n",
            "top.rule[].weight n",
        ],
    );
    for verb in ["show", "blocked"] {
        let ran = World::new().run(&with(&SMALL, &["waf", verb, &name]));
        assert_eq!(ran.code, 0, "{verb}: {}", ran.stderr);
    }
}

#[test]
fn secrets_are_what_the_contract_says_and_hold_no_value() {
    let doc = document(&SMALL, &["secrets", "list"]);
    let fields = [
        "secrets[].name s",
        "secrets[].arn s",
        "secrets[].last_changed t?",
        "secrets[].last_rotated t?",
        "secrets[].last_accessed t?",
        "secrets[].age_days n?",
        "secrets[].policy_days n?",
        "secrets[].state ok|due_soon|overdue|unknown",
        "secrets[].rotation_enabled b",
        "secrets[].deletion_at t?",
        "secrets[].versions n?",
        "secrets[].system s?",
    ];
    check(&doc, "secrets", &fields);
    let name = doc["secrets"][0]["name"].as_str().unwrap().to_owned();
    let versions = document(&SMALL, &["secrets", "versions", &name]);
    check(&versions, "secret_versions", &["versions[].id s", "versions[].stages a", "versions[].created t?"]);
    let shown = document(&SMALL, &["secrets", "show", &name]);
    for doc in [doc, versions, shown] {
        let text = doc.to_string();
        assert!(!text.contains("secret_string") && !text.contains("SecretString"), "{text}");
    }
}

#[test]
fn what_needs_a_person_is_an_exit_code() {
    let ran = World::new().run(&with(&ALL, &["status", "--exit-code", "--log-level", "off"]));
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{}", ran.stdout);
    let ran = World::new().run(&with(&ALL, &["status", "--log-level", "off"]));
    assert_eq!(ran.code, 0);
}

#[test]
fn wrong_usage_names_the_nearest_valid_word() {
    let world = World::new();
    for (typed, meant) in [
        (vec!["statsu"], "status"),
        (vec!["status", "--exitcode"], "--exit-code"),
        (vec!["alarms", "lst"], "list"),
        (vec!["policy", "veiwer"], "viewer"),
        (vec!["practice", "--system", "omnitrak", "--", "status"], "omnitrack"),
        (with(&SMALL, &["waf", "show", "omnitrack-api-protecton"]), "omnitrack-api-protection"),
        (vec!["keys", "--keymap", "emcas"], "emacs"),
        (vec!["--log-level", "wran", "status"], "warn"),
    ] {
        let ran = world.run(&typed);
        assert_eq!(ran.code, 2, "{typed:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(meant), "{typed:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{typed:?}");
    }
    assert_eq!(world.run(&["duties"]).code, 2, "what this version does not have");
    let hostile = world.run(&["\u{1b}[2J\u{202e}"]);
    assert!(hostile.code == 2 && !hostile.stderr.contains('\u{1b}'), "{}", hostile.stderr);
}

#[test]
fn a_wrong_configuration_is_refused_with_file_line_and_word() {
    let world = World::new();
    world.config("[intervals]\nalarms = 30\nqueus = 60\n", 0o600);
    let ran = world.run(&["alarms", "list"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("config.toml:3:") && ran.stderr.contains("`queues`"), "{}", ran.stderr);
    assert_eq!(world.run(&["config", "check"]).code, 2);
    assert_eq!(world.run(&["doctor", "--json"]).code, 2);
    world.config("[intervals]\nalarms = 45\n", 0o644);
    let ran = world.run(&["config", "show"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("chmod 600"), "an open configuration is warned of: {}", ran.stderr);
    let line = ran.stdout.lines().find(|l| l.starts_with("intervals.alarms")).unwrap();
    assert!(line.contains("45") && line.contains("config.toml:2"), "{line}");
    assert_eq!(world.run(&["--config", "/nonexistent/x.toml", "config", "check"]).code, 2);
}

#[test]
fn without_credentials_it_says_so_and_exits_3() {
    let world = World::new();
    for words in [["alarms", "list"], ["secrets", "list"]] {
        let ran = world.run(&with(&["--region", "eu-central-1"], &words));
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        assert!(ran.stderr.contains("credentials") && ran.stdout.is_empty(), "{}", ran.stderr);
    }
    let ran = world.run(&["status", "--json", "--region", "eu-central-1"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let doc: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&doc["complete"], &doc["alarms"]["alarm"]),
        (&Value::Bool(false), &Value::Null),
        "never 0: {doc}"
    );
    assert!(doc["gaps"].as_array().unwrap().iter().all(|g| g["kind"] == "no_credentials"), "{doc}");
}

#[test]
fn nobody_listening_is_exit_3() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let world = World::with(&[("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    let ran = world.run(&["queues", "list", "--region", "eu-central-1", "--endpoint-url", &url]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot be reached"), "{}", ran.stderr);
    let ran = world.run(&["doctor", "--region", "eu-central-1", "--endpoint-url", &url]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
}

#[test]
fn an_open_state_directory_is_refused_with_what_mends_it() {
    let world = World::new();
    let dir = world.dir("state", 0o755);
    let dir = dir.to_str().unwrap();
    let ran = world.run(&["doctor", "--state-dir", dir, "--region", "eu-central-1"]);
    assert_eq!(ran.code, 4, "{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("chmod 700 {dir}")), "{}", ran.stdout);
}

#[test]
fn the_console_without_a_terminal_is_exit_2_and_names_status() {
    for words in [vec![], vec!["practice"]] {
        let ran = World::new().run(&words);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("bartizan status"), "{}", ran.stderr);
    }
}

#[test]
fn global_options_stand_before_or_after_and_read_only_is_told() {
    let world = World::new();
    for words in [
        vec!["--read-only", "--json", "practice", "--system", "logapi", "--", "secrets"],
        vec!["practice", "--system", "logapi", "--", "secrets", "list", "--readonly", "-o", "json"],
    ] {
        let ran = world.run(&words);
        let doc: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr));
        assert_eq!(doc["context"]["read_only"], true, "{words:?}");
    }
    let world = World::with(&[("BARTIZAN_READ_ONLY", "1")]);
    let doc = world.run(&with(&SMALL, &["secrets", "--json"])).stdout;
    assert!(doc.contains("\"read_only\": true"), "{doc}");
}

#[test]
fn nothing_hostile_reaches_a_terminal_and_json_keeps_every_byte() {
    let world = World::new();
    for words in [vec!["alarms"], vec!["queues"], vec!["waf"], vec!["secrets"], vec!["status"]] {
        let ran = world.run(&with(&ALL, &words));
        assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
        for text in [&ran.stdout, &ran.stderr] {
            let bad = text
                .chars()
                .find(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c));
            assert_eq!(bad, None, "{words:?}: {text}");
        }
        assert!(ran.stdout.lines().all(|l| l == l.trim_end()), "{words:?}: trailing blanks");
    }
    let doc = document(&ALL, &["alarms"]);
    let raw = doc["alarms"].as_array().unwrap().iter().filter_map(|a| a["name"].as_str());
    assert!(
        raw.clone().any(|n| n.chars().any(|c| c.is_control() || c == '\u{202e}')),
        "one is kept as it is"
    );
}

#[test]
fn watching_writes_a_document_a_line_and_ends_with_its_signal() {
    for (signal, code) in [
        (rustix::process::Signal::INT, 130),
        (rustix::process::Signal::TERM, 143),
        (rustix::process::Signal::HUP, 129),
    ] {
        let world = World::new();
        let words = with(&SMALL, &["status", "--json", "--watch", "1"]);
        let mut child = world.command(&words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..2 {
            let doc: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            assert_eq!(doc["schema"], "bartizan.status/1");
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let world = World::new();
    let words = with(&SMALL, &["status", "--json", "--watch", "1", "--log-level", "error"]);
    let mut child = world.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with('{'));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
    if let Ok(full) = std::fs::File::options().write(true).open("/dev/full") {
        let done = world.command(&["policy"]).stdout(full).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "a full disk is no success");
    }
}

#[test]
fn a_kept_estate_goes_on_where_it_was_and_the_state_directory_is_never_made() {
    let world = World::new();
    let words = |advance: &'static str| {
        vec![
            "practice",
            "--seed",
            "3",
            "--system",
            "logapi",
            "--keep",
            "night",
            "--advance",
            advance,
            "--",
            "secrets",
            "--json",
        ]
    };
    let ages = |text: &str| -> (jiff::Timestamp, i64) {
        let doc: Value = serde_json::from_str(text).unwrap();
        let at = doc["at"].as_str().unwrap().parse().unwrap();
        (at, doc["secrets"].as_array().unwrap().iter().filter_map(|s| s["age_days"].as_i64()).sum())
    };
    let first = world.run(&words("0s"));
    assert_eq!(first.code, 0, "{}", first.stderr);
    let second = world.run(&words("10d"));
    assert_eq!(second.code, 0, "{}", second.stderr);
    let ((t1, a1), (t2, a2)) = (ages(&first.stdout), ages(&second.stdout));
    let days = t2.duration_since(t1).as_hours() / 24;
    assert!((10..=11).contains(&days), "{t1} {t2}");
    assert!(a2 >= a1 + 10, "secrets age: {a1} {a2}");
    let kept = world.home().join(".local/share/bartizan/practice/night.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(kept).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(!world.home().join(".local/state").exists());
}

#[test]
fn the_same_seed_tells_the_same() {
    let ran = || {
        let doc = document(&SMALL, &["secrets"]);
        words(&doc["secrets"], "name").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ran(), ran());
}

#[test]
fn doctor_tries_every_permission_of_the_policy() {
    let policy: Value = serde_json::from_str(&World::new().run(&["policy"]).stdout).unwrap();
    let granted: std::collections::BTreeSet<String> =
        policy["Statement"].as_array().unwrap().iter().flat_map(|s| words_of(&s["Action"])).collect();
    let doc = document(&ALL, &["doctor"]);
    check(
        &doc,
        "doctor",
        &[
            "ok b",
            "checks[].group s",
            "checks[].name s",
            "checks[].state ok|warning|problem|unknown",
            "checks[].found s",
            "checks[].todo s?",
            "permissions[].action s",
            "permissions[].allowed yes|no|unknown",
            "permissions[].optional b",
        ],
    );
    let tried: std::collections::BTreeSet<String> = doc["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            assert_eq!(p["allowed"], "yes", "{p}");
            p["action"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(granted, tried);
}

fn words_of(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}
