//! Runbooks driven without a terminal, as scripts do it: the real binary over kept practice estates. Checked are
//! the documents, the exit codes, what is left in AWS's place, and that no secret value is anywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking
#![cfg(feature = "practice")] // what is changed is simulated

#[path = "cli/letters.rs"]
mod letters;
#[path = "cli/shape.rs"]
#[allow(dead_code)] // shared with the tests of the other commands
mod shape;
#[path = "cli/world.rs"]
#[allow(dead_code)] // as above
mod world;

use serde_json::Value;
use shape::check;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use world::{Ran, World};

/// A value that must be nowhere but where it was put.
const MARK: &str = "hunter2-hunter2-hunter2-hunter2";
const SECRET: &str = "omnitrack/api-keys";

/// A kept practice estate of its own.
struct Estate {
    world: World,
    name: String,
}

impl Estate {
    fn new(name: &str) -> Self {
        // The key that seals what is kept is found by name on this machine: two tests must not share one.
        Self { world: World::new(), name: format!("t{}-{name}", std::process::id()) }
    }

    fn words<'a>(&'a self, before: &[&'a str], words: &[&'a str]) -> Vec<&'a str> {
        let practice = ["practice", "--seed", "7", "--keep", &self.name];
        practice.iter().chain(before).chain(&["--"]).chain(words).copied().collect()
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.run_after(&[], words)
    }

    /// The same with options of `practice`, such as `--advance`.
    fn run_after(&self, before: &[&str], words: &[&str]) -> Ran {
        let ran = self.world.run(&self.words(before, words));
        for said in [&ran.stdout, &ran.stderr] {
            assert!(!said.contains("hunter2"), "{words:?} told a secret: {said}");
        }
        ran
    }

    fn json(&self, code: i32, words: &[&str]) -> Value {
        self.json_after(&[], code, words)
    }

    fn json_after(&self, before: &[&str], code: i32, words: &[&str]) -> Value {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        let ran = self.run_after(before, &words);
        assert_eq!(ran.code, code, "{words:?}: {}{}", ran.stdout, ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{words:?}: {e}: {}", ran.stdout))
    }

    /// A file with the marked value.
    fn value(&self) -> String {
        let path = self.world.home().join("value");
        fs::write(&path, format!("{MARK}\n")).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn runs(&self) -> PathBuf {
        self.world.home().join(format!(".local/share/bartizan/practice/{}.runs", self.name))
    }

    /// The version of the secret that is current.
    fn current(&self) -> String {
        let doc = self.json(0, &["secrets", "versions", SECRET]);
        let versions = doc["versions"].as_array().unwrap();
        let is_current = |v: &&Value| v["stages"].as_array().unwrap().iter().any(|s| s == "AWSCURRENT");
        versions.iter().find(is_current).unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Starts a field update and gives its id.
    fn update(&self, more: &[&str], code: i32) -> Value {
        let value = format!("value={}", self.value());
        let secret = format!("secret={SECRET}");
        let start = ["runbook", "start", "secret-update", "--set", &secret, "--set", "field=externalApiKey"];
        let words: Vec<&str> = start.iter().chain(&["--set-file", &value]).chain(more).copied().collect();
        self.json(code, &words)
    }
}

fn id(doc: &Value) -> &str {
    doc["run"]["id"].as_str().unwrap()
}

fn state<'a>(doc: &'a Value, step: &str) -> &'a str {
    let steps = doc["run"]["steps"].as_array().unwrap();
    steps.iter().find(|s| s["id"] == step).unwrap()["state"].as_str().unwrap()
}

#[test]
fn a_plan_says_what_would_be_done_and_does_nothing() {
    let estate = Estate::new("plan");
    let before = estate.current();
    let secret = format!("secret={SECRET}");
    let plan = |more: &[&str]| {
        let words = ["runbook", "plan", "secret-update", "--set", &secret, "--set", "field=externalApiKey"];
        estate.json(0, &words.iter().chain(more).copied().collect::<Vec<_>>())
    };
    let doc = plan(&[]);
    check(
        &doc,
        "plan",
        &[
            "runbook s",
            "version n",
            "plan_hash s",
            "refusal 0",
            "steps[].id s",
            "steps[].title s",
            "steps[].kind check|change|wait|manual|verify|note",
            "steps[].summary s",
            "steps[].calls a",
            "steps[].risk ordinary|destructive?",
            "steps[].undo s?",
            "steps[].allowed yes|no|unknown",
        ],
    );
    let steps = doc["steps"].as_array().unwrap();
    let stage = steps.iter().find(|s| s["id"] == "stage").unwrap();
    let call = &stage["calls"][0];
    assert_eq!(call["operation"], "secretsmanager:PutSecretValue");
    assert_eq!(call["iam_action"], "secretsmanager:PutSecretValue");
    assert!(call["resource"].as_str().unwrap().contains(SECRET));
    let cli = call["cli"].as_str().unwrap();
    assert!(cli.starts_with("aws secretsmanager put-secret-value ") && cli.contains("file://"), "{cli}");
    assert_eq!(doc["plan_hash"], plan(&[])["plan_hash"], "the same plan has the same hash");
    assert_ne!(doc["plan_hash"], plan(&["--set", "keep=2d"])["plan_hash"]);
    assert_eq!(estate.json(0, &["runs", "list"])["runs"], Value::Array(Vec::new()));
    assert_eq!(estate.current(), before);

    let unknown = estate.run(&["runbook", "plan", "secret-updat"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("secret-update"), "{}", unknown.stderr);
    for (set, word) in [
        ("sekret=x", "secret"),
        ("create=perhaps", "true"),
        ("value=hunter2", "--set-file"),
        ("x", "key=value"),
    ] {
        let wrong = estate.run(&["runbook", "plan", "secret-update", "--set", &secret, "--set", set]);
        assert_eq!(wrong.code, 2, "{set}");
        assert!(wrong.stderr.contains(word), "{set}: {}", wrong.stderr);
    }
}

#[test]
fn a_field_is_updated_in_several_sittings() {
    let estate = Estate::new("update");
    let before = estate.current();
    // Nothing is answered: as far as it may go, which is before the first change.
    let secret = format!("secret={SECRET}");
    let start = ["runbook", "start", "secret-update", "--set", &secret, "--set", "field=externalApiKey"];
    let started = estate.run(&start);
    assert_eq!(started.code, 5, "{}", started.stderr);
    let run = started.stdout.split(' ').next().unwrap().to_owned();
    assert!(run.len() == 8 && run.bytes().all(|b| b.is_ascii_hexdigit()), "{run}");
    assert!(started.stdout.contains(&format!("bartizan runbook resume {run}")), "{}", started.stdout);

    // A second run over the same secret is told who has it.
    let second = estate.run(&start);
    assert_eq!(second.code, 4);
    assert!(second.stderr.contains(&run), "{}", second.stderr);

    let shown = estate.json(0, &["runs", "show", &run[..4]]);
    check(
        &shown,
        "run",
        &[
            "run.id s",
            "run.runbook s",
            "run.version n",
            "run.state waiting",
            "run.inputs o",
            "run.started_by s",
            "run.steps[].id s",
            "run.steps[].state e",
            "run.steps[].started t?",
            "run.steps[].ended t?",
            "run.steps[].evidence a",
            "waiting_for.kind person",
            "waiting_for.step s",
            "waiting_for.until 0",
            "waiting_for.accepts a",
            "waiting_for.phrase_for 0",
        ],
    );
    let listed = estate.json(0, &["runs", "list"]);
    assert_eq!(listed["runs"][0]["waiting_for"], shown["waiting_for"]);
    let value = format!("value={}", estate.value());
    let resume = |more: &[&str], code| {
        let words: Vec<&str> =
            ["runbook", "resume", &run, "--set-file", &value].iter().chain(more).copied().collect();
        estate.json(code, &words)
    };
    let asked = resume(&[], 5);
    assert_eq!(asked["waiting_for"]["step"], "stage");
    assert_eq!(estate.current(), before);

    // A wrong phrase is refused, and the run is still told; an unknown step is a mistake.
    let wrong = resume(&["--confirm", "stage=something"], 4);
    assert_eq!((id(&wrong), state(&wrong, "stage")), (run.as_str(), "waiting"));
    let unknown = estate.run(&["runbook", "resume", &run, "--confirm", "stag=yes"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("`stage`"), "{}", unknown.stderr);

    let staged = resume(&["--confirm", "stage=yes", "--confirm", "close=yes"], 5);
    assert_eq!((state(&staged, "staged"), state(&staged, "promote")), ("done", "waiting"));
    assert_eq!(estate.current(), before, "a staged version is read by nobody");
    let held = estate.json(5, &["runbook", "resume", &run, "--confirm-all", "--note", "promote=ticket 12"]);
    assert_eq!(held["waiting_for"]["kind"], "time");
    assert_eq!(held["waiting_for"]["accepts"][0], "close");
    assert_ne!(estate.current(), before);

    let ended = estate.json_after(&["--advance", "2d"], 0, &["runbook", "resume", &run, "--confirm-all"]);
    assert_eq!(ended["run"]["state"], "done");
    assert_eq!(ended["waiting_for"], Value::Null);
    let listed = estate.json(0, &["runs", "list"]);
    check(
        &listed,
        "runs",
        &[
            "runs[].id s",
            "runs[].runbook s",
            "runs[].state done",
            "runs[].waiting_for 0",
            "runs[].started t",
            "runs[].by s",
        ],
    );
    let told = estate.run(&["journal", "export", &run]);
    assert!(told.stdout.contains("ticket 12") && told.stdout.contains("put-secret-value"), "{}", told.stdout);
    nothing_leaks(&estate);
}

/// No file under the home holds the value but the one that it was given in.
fn nothing_leaks(estate: &Estate) {
    let mut open = vec![estate.world.home().to_owned()];
    let mut looked = 0;
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().unwrap() != "value" {
                looked += 1;
                let bytes = fs::read(&path).unwrap();
                let found = bytes.windows(7).any(|w| w == b"hunter2");
                assert!(!found, "{} holds the value", path.display());
            }
        }
    }
    assert!(looked > 3, "the estate and its journals were looked at");
}

#[test]
fn what_was_done_is_undone_and_what_was_begun_is_aborted() {
    let estate = Estate::new("undo");
    let before = estate.current();
    let doc = estate.update(&["--confirm-all", "--until", "verify"], 5);
    let run = id(&doc).to_owned();
    assert_eq!((state(&doc, "verify"), state(&doc, "canary")), ("done", "todo"));
    assert_ne!(estate.current(), before);
    let asked = estate.json(5, &["runbook", "undo", &run]);
    assert_eq!(asked["waiting_for"]["kind"], "person");
    let undone = estate.json(0, &["runbook", "undo", &run, "--confirm-all"]);
    assert_eq!(undone["run"]["state"], "undone");
    assert_eq!(undone["run"]["left_over"], Value::Array(Vec::new()));
    assert_eq!(estate.current(), before);

    let doc = estate.update(&["--confirm", "stage=yes"], 5);
    let run = id(&doc).to_owned();
    let aborted = estate.json(0, &["runbook", "abort", &run]);
    assert_eq!(aborted["run"]["state"], "aborted");
    assert_eq!(aborted["run"]["left_over"].as_array().unwrap().len(), 1, "{}", aborted["run"]["left_over"]);
    assert_eq!(estate.current(), before);
    assert_eq!(estate.run(&["runbook", "abort", &run]).code, 2, "it is over");
    nothing_leaks(&estate);
}

#[test]
fn a_field_that_was_not_updated_stays_as_old_as_it_is() {
    let estate = Estate::new("dates");
    let reasons = |doc: &Value| -> Vec<String> {
        let all = doc["attention"].as_array().unwrap().iter();
        all.filter(|a| a["name"] == SECRET).map(|a| a["reason"].as_str().unwrap().to_owned()).collect()
    };
    let before = estate.json_after(&["--advance", "14d"], 0, &["status"]);
    assert_eq!(reasons(&before), ["97 days old, policy 90"]);
    let run = id(&estate.update(&["--confirm-all"], 5)).to_owned();
    let after = reasons(&estate.json(0, &["status"]));
    assert_eq!(after, ["field apiSecret is at least 97 days old, policy 90; 3 others overdue too"]);
    let doc = estate.json(0, &["secrets", "show", SECRET]);
    let fields = doc["secret"]["fields"].as_array().unwrap();
    let said: Vec<_> = fields.iter().map(|f| (f["name"].as_str().unwrap(), &f["at_least"])).collect();
    assert_eq!(said.len(), 5);
    assert!(said.contains(&("externalApiKey", &Value::Bool(false))), "{said:?}");
    assert!(fields.iter().all(|f| f["ignored"].is_null() && f["changed"].is_string()), "{fields:?}");
    assert_eq!((&doc["secret"]["age_days"], &doc["secret"]["state"]), (&97.into(), &"overdue".into()));
    let ran = estate.run(&["secrets", "show", SECRET]);
    assert!(ran.stdout.contains("at least 97 days old"), "{}", ran.stdout);

    estate.json(0, &["runbook", "undo", &run, "--confirm-all"]);
    let doc = estate.json(0, &["secrets", "show", SECRET]);
    assert_eq!(doc["secret"]["fields"], Value::Array(Vec::new()));
    assert_eq!(reasons(&estate.json(0, &["status"])), ["97 days old, policy 90"]);

    let left = estate.update(&["--set", "dated=false", "--confirm-all"], 5);
    assert_eq!(state(&left, "date"), "skipped");
    assert!(reasons(&estate.json(0, &["status"])).is_empty(), "that is what is asked for");
}

#[test]
fn a_plan_that_has_changed_is_not_started() {
    let estate = Estate::new("hash");
    let secret = format!("secret={SECRET}");
    let given = ["--set", &secret, "--set", "field=externalApiKey"];
    let words = |verb: &'static str| -> Vec<&str> {
        ["runbook", verb, "secret-update"].iter().chain(&given).copied().collect()
    };
    let plan = estate.json(0, &words("plan"));
    let hash = plan["plan_hash"].as_str().unwrap();
    let start = |more: &[&str]| {
        estate.run(&words("start").into_iter().chain(more.iter().copied()).collect::<Vec<_>>()).code
    };
    assert_eq!(start(&["--plan-hash", "000000000000"]), 4);
    assert_eq!(start(&["--plan-hash", &hash[..8]]), 4, "too short to tell plans apart");
    assert_eq!(start(&["--plan-hash", hash, "--set", "keep=2d"]), 4);
    assert_eq!(estate.json(0, &["runs", "list"])["runs"], Value::Array(Vec::new()));
    assert_eq!(start(&["--plan-hash", &hash[..12]]), 5);
}

#[test]
fn guards_refuse_before_anything_is_sent() {
    let estate = Estate::new("guards");
    let before = estate.current();
    let secret = format!("secret={SECRET}");
    let start = ["runbook", "start", "secret-update", "--set", &secret, "--confirm-all"];
    let read_only = estate.run(&[&["--read-only"], &start[..]].concat());
    assert_eq!(read_only.code, 4, "{}", read_only.stderr);
    let nothing = estate.run(&["runbook", "start", "secret-update", "--set", "secret=no/such"]);
    assert_eq!(nothing.code, 4, "{}", nothing.stderr);
    assert_eq!(estate.current(), before);

    let run = id(&estate.update(&[], 5)).to_owned();
    fs::set_permissions(estate.runs(), fs::Permissions::from_mode(0o755)).unwrap();
    let open = estate.run(&["runbook", "resume", &run]);
    assert_eq!(open.code, 4);
    assert!(open.stderr.contains("chmod 700"), "{}", open.stderr);
    fs::set_permissions(estate.runs(), fs::Permissions::from_mode(0o700)).unwrap();
    for name in ["", "abc", "ffffffff0", "zzzz"] {
        assert_eq!(estate.run(&["runs", "show", name]).code, 2, "{name:?}");
    }
}

#[test]
fn damage_is_found_and_stops_the_run() {
    let estate = Estate::new("damage");
    let run = id(&estate.update(&[], 5)).to_owned();
    let good = estate.json(0, &["journal", "verify"]);
    check(&good, "journal", &["records n", "head s", "ok b", "first_bad 0"]);
    assert!(good["records"].as_u64() > Some(3));

    let file = estate.runs().join(format!("runs/{run}.jsonl"));
    let mut bytes = fs::read(&file).unwrap();
    let third = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(1).unwrap().0 + 20;
    bytes[third] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let bad = estate.json(6, &["journal", "verify"]);
    check(&bad, "journal", &["first_bad.run s", "first_bad.line n", "first_bad.reason s"]);
    assert_eq!(bad["first_bad"]["run"], run.as_str());
    assert_eq!(bad["ok"], false);
    let listed = estate.json(0, &["runs", "list"]);
    assert_eq!((&listed["complete"], &listed["runs"][0]["state"]), (&Value::Bool(false), &Value::Null));
    let refused = estate.run(&["runbook", "resume", &run, "--confirm-all"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("journal verify"), "{}", refused.stderr);
}

#[test]
fn a_key_in_two_stores_is_rotated_over_days() {
    let estate = Estate::new("rotate");
    let set = ["store=api-gateway,lambda-env", "function=logapi-handler", "variable=API_KEYS"];
    let mut words = vec!["runbook", "start", "api-key-rotation", "--confirm-all"];
    set.iter().for_each(|s| words.extend(["--set", s]));
    let doc = estate.json(5, &words);
    let run = id(&doc).to_owned();
    assert_eq!(
        (&doc["waiting_for"]["kind"], &doc["waiting_for"]["step"]),
        (&"time".into(), &"migrate".into())
    );
    assert_eq!(doc["waiting_for"]["accepts"][0], "migrated");

    let resume = |advance: &str, more: &[&str], code| {
        let words: Vec<&str> =
            ["runbook", "resume", &run, "--confirm-all"].iter().chain(more).copied().collect();
        estate.json_after(&["--speed", "1000", "--advance", advance], code, &words)
    };
    let waiting = resume("1m", &["--set", "migrated=true"], 5);
    assert_eq!(state(&waiting, "migrate"), "done");
    assert_eq!(waiting["waiting_for"]["step"], "unused", "clients of the simulation never move");
    let soaking = resume("1m", &["--set", "override=all clients were told"], 5);
    assert_eq!((state(&soaking, "disable"), &soaking["waiting_for"]["step"]), ("done", &"soak".into()));

    // Deleting cannot be undone: only the key's own id confirms it.
    let asked = resume("2d", &[], 5);
    assert_eq!(asked["waiting_for"]["step"], "delete");
    let phrase = asked["waiting_for"]["phrase_for"].as_str().unwrap().to_owned();
    let wrong = resume("1m", &["--confirm", "delete=another"], 4);
    assert_eq!(state(&wrong, "delete"), "waiting");
    let confirm = format!("delete={phrase}");
    let done = resume("1m", &["--confirm", &confirm], 0);
    assert_eq!(done["run"]["state"], "done", "{}", done["message"]);
    let status = estate.json(0, &["status"]);
    assert_eq!(status["runs"]["waiting"], 0);
    assert_eq!(estate.json(0, &["journal", "verify"])["ok"], true);
}

#[test]
fn an_interrupted_run_is_still_told_and_goes_on() {
    let estate = Estate::new("signal");
    let set = ["store=lambda-env", "function=logapi-handler", "variable=API_KEYS", "old=1"];
    let mut words = vec!["runbook", "start", "api-key-rotation", "--confirm-all", "--json"];
    set.iter().for_each(|s| words.extend(["--set", s]));
    let mut child = estate
        .world
        .command(&estate.words(&[], &words))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The update of the function is under way for some seconds after its answer: there the signal comes.
    let until = Instant::now() + Duration::from_secs(60);
    let answered = || {
        let files = fs::read_dir(estate.runs().join("runs")).into_iter().flatten();
        let texts = files.filter_map(|f| fs::read_to_string(f.unwrap().path()).ok());
        texts.into_iter().any(|t| t.contains("\"event\":\"outcome\""))
    };
    while !answered() {
        assert!(child.try_wait().unwrap().is_none() && Instant::now() < until, "it never changed anything");
        std::thread::yield_now();
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let done = child.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    assert_eq!(done.status.code(), Some(130), "{stdout}{stderr}");
    let doc: Value = serde_json::from_str(&stdout).unwrap_or_else(|e| panic!("{e}: {stdout}{stderr}"));
    check(&doc, "run", &["run.id s", "run.state active|in_doubt", "waiting_for 0"]);
    assert_eq!(estate.json(0, &["journal", "verify"])["ok"], true);
    let words = ["runbook", "resume", id(&doc), "--confirm-all"];
    let on = estate.json_after(&["--speed", "1000"], 5, &words);
    assert_eq!((state(&on, "add"), &on["waiting_for"]["step"]), ("done", &"migrate".into()));
}

#[test]
fn without_credentials_nothing_is_begun() {
    let world = World::new();
    let ran =
        world.run(&["runbook", "start", "secret-update", "--set", "secret=x", "--region", "eu-central-1"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(!world.home().join(".local/state/bartizan").exists());
    assert_eq!(world.run(&["runs", "list"]).code, 0);
    assert_eq!(world.run(&["journal", "verify"]).code, 0);
    assert_eq!(world.run(&["runs", "show", "abcd"]).code, 2);
}

#[test]
fn policies_grow_by_role_and_runbooks_are_listed() {
    let world = World::new();
    for role in ["viewer", "operator", "break-glass"] {
        let ran = world.run(&["policy", role]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let doc: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(doc["Version"], "2012-10-17");
        assert_eq!(ran.stdout.contains("PutSecretValue"), role != "viewer");
    }
    let ran = world.run(&["runbook", "list", "--json"]);
    let doc: Value = serde_json::from_str(&ran.stdout).unwrap();
    check(&doc, "runbooks", &["runbooks[].name s", "runbooks[].version n", "runbooks[].title s"]);
    let ran = world.run(&["runbook", "show", "api-key-rotation"]);
    assert!(ran.code == 0 && ran.stdout.contains("overlap"), "{}", ran.stderr);
}
