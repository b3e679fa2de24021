//! Incidents driven without a terminal: the real binary over a kept practice estate. Checked are the documents, the exit
//! codes, that a run belongs to its incident from its start, and that closing needs a reason while something is open.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking
#![cfg(feature = "practice")] // what is changed is simulated

#[path = "cli/shape.rs"]
#[allow(dead_code)] // shared with the tests of the other commands
mod shape;
#[path = "cli/world.rs"]
#[allow(dead_code)] // as above
mod world;

use serde_json::Value;
use shape::{check, words};
use world::{Ran, World};

const ROLE: &str = "json-stack-deploy";

struct Estate {
    world: World,
    name: String,
}

impl Estate {
    fn new(name: &str) -> Self {
        Self { world: World::new(), name: format!("t{}-{name}", std::process::id()) }
    }

    fn run(&self, before: &[&str], said: &[&str]) -> Ran {
        let practice = ["practice", "--seed", "7", "--keep", &self.name];
        let all: Vec<&str> = practice.iter().chain(before).chain(&["--"]).chain(said).copied().collect();
        self.world.run(&all)
    }

    fn json(&self, code: i32, said: &[&str]) -> Value {
        let said: Vec<&str> = said.iter().copied().chain(["--json"]).collect();
        let ran = self.run(&["--speed", "600"], &said);
        assert_eq!(ran.code, code, "{said:?}: {}{}", ran.stdout, ran.stderr);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{said:?}: {e}: {}", ran.stdout))
    }

    fn text(&self, code: i32, said: &[&str]) -> String {
        let ran = self.run(&[], said);
        assert_eq!(ran.code, code, "{said:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout + &ran.stderr
    }
}

#[test]
fn an_incident_from_its_start_to_its_report() {
    let estate = Estate::new("incident");
    let start = ["incident", "start", "leaked-key", "--suspected", "a session of the pipeline is public"];
    let opened = estate.json(0, &[&start[..], &["--known-since", "20m"]].concat());
    let fields = [
        "incident.id s",
        "incident.name s",
        "incident.state open|closed",
        "incident.suspected s",
        "incident.known_since t",
        "incident.opened t",
        "incident.by s",
        "incident.clock.first_containing t?",
        "incident.phases[].phase e",
        "incident.phases[].since t?",
        "incident.time_line[].at t",
        "incident.time_line[].kind e",
        "incident.time_line[].text s",
        "incident.time_line[].by s",
        "incident.open_ends a",
        "incident.runs a",
        "incident.evidence a",
        "incident.told a",
    ];
    check(&opened, "incident", &fields);
    let id = opened["incident"]["id"].as_str().unwrap();
    let role = format!("role={ROLE}");
    let begin = ["runbook", "start", "role-sessions-revoked", "--set", &role, "--incident", &id[2..6]];
    let run = estate.json(5, &[&begin[..], &["--note", "outage=the pipeline's owner was called"]].concat());
    let run = run["run"]["id"].as_str().unwrap();
    let shown = estate.json(0, &["incident", "show", id]);
    check(
        &shown,
        "incident",
        &["incident.runs[].state e", "incident.open_ends[].kind e", "incident.runs[].head s"],
    );
    assert_eq!(words(&shown["incident"]["runs"], "id"), [run]);
    assert!(words(&shown["incident"]["time_line"], "text").contains(&"the pipeline's owner was called"));

    estate.json(0, &["incident", "note", id, "the partner is told at nine", "--decision"]);
    let refused = estate.text(4, &["incident", "close", id]);
    assert!(refused.contains("--reason") && refused.contains(run), "{refused}");

    let confirm = [format!("revoke={ROLE}"), format!("revoke-again={ROLE}")];
    let resume = ["runbook", "resume", run, "--confirm", &confirm[0], "--confirm", &confirm[1]];
    estate.json(0, &resume);
    // The revocation stands until its sessions have expired: that is to be done, or somebody says why not.
    let shown = estate.json(0, &["incident", "show", id]);
    let fields = [
        "incident.recovery[].id s",
        "incident.recovery[].kind e",
        "incident.recovery[].text s",
        "incident.recovery[].from_run s",
        "incident.recovery[].command s?",
        "incident.recovery[].by_hand s?",
        "incident.recovery[].state open|under_way|done|set_aside",
        "incident.recovery[].run s?",
        "incident.recovery[].at t?",
        "incident.recovery[].by s?",
        "incident.recovery[].why s?",
    ];
    check(&shown, "incident", &fields);
    assert_eq!(words(&shown["incident"]["recovery"], "state"), ["open"]);
    assert_eq!(words(&shown["incident"]["recovery"], "command"), [format!("bartizan runbook undo {run}")]);
    let due = words(&shown["incident"]["recovery"], "id")[0];
    let refused = estate.text(4, &["incident", "close", id]);
    assert!(refused.contains(due) && refused.contains("delete the policy"), "{refused}");
    let wrong = estate.text(2, &["incident", "note", id, "x", "--set-aside", "ffffff"]);
    assert!(wrong.contains(due), "{wrong}");
    let aside =
        ["incident", "note", id, "the policy stays: the role is replaced on Monday", "--set-aside", due];
    let set = estate.json(0, &aside);
    assert_eq!(words(&set["incident"]["recovery"], "state"), ["set_aside"]);
    let closed = estate.json(0, &["incident", "close", id]);
    assert_eq!(
        (&closed["incident"]["state"], &closed["incident"]["open_ends"]),
        (&"closed".into(), &Value::Array(vec![]))
    );
    check(
        &closed,
        "incident",
        &["incident.clock.first_containing t", "incident.clock.contained t", "incident.closed t"],
    );
    assert!(estate.text(4, &["incident", "note", id, "x", "--decision"]).contains("closed"));
    estate.json(0, &["incident", "note", id, "rotate sooner", "--phase", "lessons"]);

    let report = estate.text(0, &["incident", "report", id]);
    for said in [
        "# Incident: leaked-key (closed)",
        "## What was verified",
        "made: Deny everything to the sessions of the role json-stack-deploy",
        "the partner is told at nine",
        "## Recovery",
        "- [x] **give back**",
        "## The limits of this report",
    ] {
        assert!(report.contains(said), "{said} is not in {report}");
    }
    let report = estate.json(0, &["incident", "report", id, "--format", "json"]);
    let lessons =
        report["incident"]["phases"].as_array().unwrap().iter().find(|p| p["phase"] == "lessons").unwrap();
    assert_eq!((&lessons["source"], &lessons["why"]), (&"said".into(), &"rotate sooner".into()));
    let verified = estate.json(0, &["journal", "verify"]);
    assert_eq!(verified["ok"], true);
    assert_eq!(
        words(&estate.json(0, &["journal", "list"])["journals"], "run").len(),
        2,
        "an incident has its own"
    );
    let list = estate.json(0, &["incident", "list"]);
    check(
        &list,
        "incidents",
        &["incidents[].id s", "incidents[].state open|closed", "incidents[].run_ids a"],
    );
    assert_eq!(estate.json(0, &["runs", "list"])["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn closing_with_a_reason_says_what_stays_open() {
    let estate = Estate::new("reason");
    let id = estate.json(0, &["incident", "start", "alarm"])["incident"]["id"].as_str().unwrap().to_owned();
    let role = format!("role={ROLE}");
    let run = estate.json(5, &["runbook", "start", "role-sessions-revoked", "--set", &role]);
    estate.json(0, &["incident", "attach", &id, run["run"]["id"].as_str().unwrap()]);
    let closed = estate.json(0, &["incident", "close", &id, "--reason", "another team goes on"]);
    let incident = &closed["incident"];
    assert_eq!(incident["close_reason"], "another team goes on");
    assert!(incident["left_open"][0].as_str().unwrap().contains("waits for a person"), "{incident}");
}

#[test]
fn others_are_told_and_who_cannot_be_told_holds_nothing_up() {
    use std::os::unix::fs::PermissionsExt;
    let estate = Estate::new("told");
    let hook = estate.world.home().join("hook");
    std::fs::write(&hook, "https://hooks.example/services/hunter2\n").unwrap();
    let mode = |mode| std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o600);
    estate.world.config(&format!("[tell]\nwebhook_file = {:?}\n", hook.to_str().unwrap()), 0o600);
    let opened = estate.json(0, &["incident", "start", "leak"]);
    let id = opened["incident"]["id"].as_str().unwrap();
    let role = format!("role={ROLE}");
    let confirm = [format!("revoke={ROLE}"), format!("revoke-again={ROLE}")];
    let begin = ["runbook", "start", "role-sessions-revoked", "--set", &role, "--incident", id];
    let run = estate.json(5, &begin);
    let resume = ["runbook", "resume", run["run"]["id"].as_str().unwrap(), "--note", "outage=known"];
    estate.json(5, &[&resume[..], &["--confirm", &confirm[0], "--until", "revoke"]].concat());
    let told = |doc: &Value| words(&doc["incident"]["told"], "what").join(" ");
    let shown = estate.json(0, &["incident", "show", id]);
    assert_eq!(told(&shown), "opened decision answered contained", "{shown}");
    mode(0o644);
    let closed = estate.json(0, &["incident", "close", id, "--reason", "exercise"]);
    let last = closed["incident"]["told"].as_array().unwrap().last().unwrap().clone();
    assert!(last["what"] == "closed" && last["failed"].as_str().unwrap().contains("chmod 600"), "{last}");
    let everything = format!("{shown}{closed}{}", estate.text(0, &["incident", "report", id]));
    assert!(!everything.contains("hunter2"), "an address is a secret");
}

#[test]
fn what_contains_belongs_to_the_only_incident_that_is_open() {
    let estate = Estate::new("belongs");
    let role = format!("role={ROLE}");
    let begin = ["runbook", "start", "role-sessions-revoked", "--set", &role];
    let incident = |name: &str| {
        estate.json(0, &["incident", "start", name])["incident"]["id"].as_str().unwrap().to_owned()
    };
    let runs = |id: &str| words(&estate.json(0, &["incident", "show", id])["incident"]["runs"], "id").len();
    let said = |more: &[&str]| {
        let started = estate.run(&[], &[&begin[..], more].concat());
        assert_eq!(started.code, 5, "{}{}", started.stdout, started.stderr);
        let run = started.stdout.split_whitespace().next().unwrap().to_owned();
        let abort = estate.run(&[], &["runbook", "abort", &run]);
        assert_eq!(abort.code, 0, "{}{}", abort.stdout, abort.stderr);
        started.stderr
    };
    assert!(!said(&[]).contains("incident"), "none is open");
    let first = incident("leak");
    let words = said(&[]);
    assert!(words.contains(&format!("belongs to the open incident {first} (leak)")), "{words}");
    assert_eq!(words.lines().filter(|line| line.contains("incident")).count(), 1, "on one line: {words}");
    assert_eq!(runs(&first), 1);
    assert!(!said(&["--no-incident"]).contains("incident"));
    assert_eq!(runs(&first), 1);
    // The overview begins with it.
    let status = estate.json(0, &["status"]);
    let first_of_all = &status["attention"][0];
    assert_eq!(
        (&first_of_all["kind"], &first_of_all["name"]),
        (&"incident".into(), &"leak".into()),
        "{status}"
    );
    let second = incident("another");
    let words = said(&[]);
    assert!(
        words.contains(&first) && words.contains(&second) && words.contains("incident attach"),
        "{words}"
    );
    assert_eq!((runs(&first), runs(&second)), (1, 0));
    said(&["--incident", &second]);
    assert_eq!(runs(&second), 1);
}

#[test]
fn evidence_is_kept_in_private_files_that_the_journal_names_with_their_hashes() {
    use sha2::{Digest, Sha256};
    use std::os::unix::fs::PermissionsExt;
    let estate = Estate::new("kept");
    let id = estate.json(0, &["incident", "start", "leak"])["incident"]["id"].as_str().unwrap().to_owned();
    assert_eq!(estate.run(&[], &["incident", "gather", &id]).code, 2, "nothing is named");
    assert_eq!(estate.run(&[], &["--read-only", "incident", "gather", &id, "--role", ROLE]).code, 4);
    let role = format!("role={ROLE}");
    estate.json(5, &["runbook", "start", "role-sessions-revoked", "--set", &role, "--incident", &id]);
    let gather = ["incident", "gather", &id, "--user", "json-stack-ci", "--key", "AKIAIOSFODNN7EXAMPLE"];
    let doc = estate.json(0, &[&gather[..], &["--in-region", "eu-central-1"]].concat());
    let evidence = doc["incident"]["evidence"].as_array().unwrap();
    let files = words(&doc["incident"]["evidence"], "file");
    let want = [
        "trail-AKIAIOSFODNN7EXAMPLE-1.json",
        "user-json-stack-ci-1.json",
        "role-json-stack-deploy-1.json",
        "credential-report-1.json",
    ];
    assert_eq!(files, want);
    let runs = estate.world.home().join(format!(".local/share/bartizan/practice/{}.runs", estate.name));
    let dir = runs.join("incidents").join(&id);
    assert_eq!(std::fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    for kept in evidence {
        let path = dir.join(kept["file"].as_str().unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let bytes = std::fs::read(&path).unwrap();
        let hash: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(kept["sha256"], hash.as_str());
        serde_json::from_slice::<Value>(&bytes).unwrap();
    }
    let role: Value = serde_json::from_slice(&std::fs::read(dir.join(want[2])).unwrap()).unwrap();
    assert!(role["found"]["trust"].as_str().unwrap().contains("sts:AssumeRole"), "{role}");
    let report: Value = serde_json::from_slice(&std::fs::read(dir.join(want[3])).unwrap()).unwrap();
    let lines = words_of(&report["lines"]);
    assert!(
        lines[0].starts_with("user,arn,") && lines.iter().any(|l| l.starts_with("json-stack-ci,")),
        "{lines:?}"
    );
    let report = estate.text(0, &["incident", "report", &id]);
    assert!(
        report.contains("## Files of evidence") && report.contains(evidence[0]["sha256"].as_str().unwrap())
    );
    assert_eq!(estate.json(0, &["journal", "verify"])["ok"], true);
}

fn words_of(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned()).collect()
}

/// What the gateway counted and WAF sampled; and that what was denied is said, in the file and in the list of files.
#[test]
fn usage_and_sampled_requests_are_kept_and_a_gap_is_no_empty_file() {
    let estate = Estate::new("traffic");
    let id = estate.json(0, &["incident", "start", "abuse"])["incident"]["id"].as_str().unwrap().to_owned();
    let gather = ["incident", "gather", &id, "--api-key", "k8d3v6z1xq", "--requests", "--back", "3d"];
    let doc = estate.json(0, &gather);
    let files = words(&doc["incident"]["evidence"], "file");
    let want = [
        "api-key-k8d3v6z1xq-1.json",
        "waf-requests-1.json",
        "access-logs-1.json",
        "access-log--aws-apigateway-logapi-1.json",
    ];
    assert_eq!(files, want);
    let runs = estate.world.home().join(format!(".local/share/bartizan/practice/{}.runs", estate.name));
    let read = |file: &str| -> Value {
        serde_json::from_slice(&std::fs::read(runs.join("incidents").join(&id).join(file)).unwrap()).unwrap()
    };
    let usage = read(files[0]);
    assert_eq!(usage["found"]["enabled"], true, "{usage}");
    let days = usage["usage"][0]["per_day"].as_array().unwrap();
    assert!(days.len() == 4 && days[1].as_u64().unwrap() > 0, "{usage}");
    let log = read(files[3]);
    let lines = log["lines"].as_array().unwrap();
    assert!(lines.len() > 5_000 && log["gaps"] == serde_json::json!([]), "{} {}", lines.len(), log["gaps"]);
    assert!(lines.iter().all(|l| l["said"].as_str().unwrap().contains(r#""apiKeyId":"k8d3v6z1xq""#)));
    assert!(
        log["stages"][0]["format"].as_str().unwrap().contains("$context.identity.apiKeyId"),
        "{}",
        log["stages"]
    );
    // What writes no access log is said.
    let where_to = read(files[2]);
    let none = where_to["not_read"].as_array().unwrap().iter().find(|g| g["of"] == "m3n8b4v6tz, stage prod");
    assert_eq!(none.unwrap()["why"], "it writes no access log", "{where_to}");
    let requests = read(files[1]);
    let rules = requests["rules"].as_array().unwrap();
    assert!(rules.iter().any(|r| !r["requests"].as_array().unwrap().is_empty()), "{requests}");
    assert_eq!(requests["gaps"], serde_json::json!([]));
    let held = words(&doc["incident"]["evidence"], "holds");
    assert!(
        held[0].contains("requests with the API key k8d3v6z1xq") && !held[0].contains("NOT HAD"),
        "{held:?}"
    );
    // a key that is not there
    let doc = estate.json(0, &["incident", "gather", &id, "--api-key", "nosuchkey0"]);
    let files = words(&doc["incident"]["evidence"], "file");
    assert!(files.contains(&"api-key-nosuchkey0-1.json"), "{files:?}");
    let none = read("api-key-nosuchkey0-1.json");
    assert!(none["found"]["not_answered"].as_str().unwrap().contains("not found"), "{none}");
}

/// What the intruder called is looked for by the addresses that CloudTrail has seen the key at; what he says he is goes into the
/// file and nowhere else.
#[test]
fn an_access_log_is_read_for_the_addresses_of_a_leaked_key() {
    let estate = Estate::new("access");
    let practise = |said: &[&str]| {
        let ran = estate.run(&["--incident", "leaked-key", "--advance", "10m"], said);
        assert_eq!(ran.code, 0, "{said:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    };
    let opened: Value = serde_json::from_str(&practise(&["incident", "start", "leak", "--json"])).unwrap();
    let id = opened["incident"]["id"].as_str().unwrap().to_owned();
    let alarm = practise(&["alarms", "show", "account-credentials-exposed"]);
    let key = &alarm[alarm.find("AKIA").unwrap_or_else(|| panic!("{alarm}"))..][..20];
    let gather = ["incident", "gather", &id, "--key", key, "--in-region", "us-east-1"];
    // Named by a person, it is read without asking what stages there are.
    let said = practise(&[&gather[..], &["--log-group", "/aws/apigateway/shop", "--json"]].concat());
    let doc: Value = serde_json::from_str(&said).unwrap();
    let files = words(&doc["incident"]["evidence"], "file");
    let name = "access-log--aws-apigateway-shop-1.json";
    assert_eq!(files.last(), Some(&name), "{files:?}");
    let runs = estate.world.home().join(format!(".local/share/bartizan/practice/{}.runs", estate.name));
    let bytes = std::fs::read(runs.join("incidents").join(&id).join(name)).unwrap();
    assert!(!bytes.contains(&0x1b), "a file of evidence does not drive a terminal");
    let log: Value = serde_json::from_slice(&bytes).unwrap();
    assert!(words_of(&log["looked_for"]).contains(&"203.0.113.66".to_owned()), "{}", log["looked_for"]);
    let his = |l: &&Value| l["about"][0] == "203.0.113.66";
    let lines: Vec<&Value> = log["lines"].as_array().unwrap().iter().filter(his).collect();
    assert!(lines.len() > 2 && lines[0]["said"].as_str().unwrap().contains('\u{1b}'), "{lines:?}");
    let shown = practise(&["incident", "show", &id]);
    assert!(
        shown.contains("of the access log /aws/apigateway/shop about") && !shown.contains("owned"),
        "{shown}"
    );
    // A log that is not there is a gap, and the file says so.
    let none =
        practise(&[&gather[..], &["--log-group", "no/such", "--address", "192.0.2.1", "--json"]].concat());
    let doc: Value = serde_json::from_str(&none).unwrap();
    let held = words(&doc["incident"]["evidence"], "holds");
    assert!(held.last().unwrap().contains("NOT HAD"), "{held:?}");
}

/// Whoever only says that sessions were ended has ended none: the score tells until it is done by hand.
#[test]
fn what_is_done_by_hand_is_done_and_words_are_not() {
    let estate = Estate::new("by-hand");
    let practise = |more: &[&str]| {
        let words = ["practice", "--seed", "7", "--keep", &estate.name, "--incident", "database-breach"];
        estate.world.run(&[&words[..], more, &["--score"]].concat())
    };
    let before = practise(&["--advance", "10m"]);
    assert!(before.code == 0 && before.stdout.contains("of his sessions are open"), "{}", before.stdout);
    let after = practise(&["--by-hand", "end-sessions=logapi-prod"]);
    assert!(after.stderr.contains("every session in `logapi-prod`"), "{}", after.stderr);
    assert!(!after.stdout.contains("sessions are open"), "{}", after.stdout);
    assert!(after.stdout.contains("NOT SOLVED: the password that he knows is in force"), "{}", after.stdout);
    // he has the password still, and comes back
    assert!(practise(&["--advance", "20m"]).stdout.contains("of his sessions are open"));
    for wrong in ["end-sessions=other", "end-sessions=", "reboot=logapi-prod"] {
        let ran = practise(&["--by-hand", wrong]);
        assert!(ran.code == 2 && ran.stderr.contains("--by-hand"), "{wrong}: {}", ran.stderr);
    }
}

#[test]
fn what_is_wrong_has_its_exit_code() {
    let estate = Estate::new("wrong");
    let id = estate.json(0, &["incident", "start", "alarm"])["incident"]["id"].as_str().unwrap().to_owned();
    for (code, said) in [
        (2, &["incident", "show", "i-00000000"][..]),
        (2, &["incident", "note", "i-00000000", "x"]),
        (2, &["incident", "note", &id, "  "]),
        (2, &["incident", "note", &id, "x", "--phase", "panic"]),
        (2, &["incident", "attach", &id, "abcd"]),
        (2, &["incident", "start", "x", "--known-since", "yesterday"]),
        (2, &["incident", "start", "x", "--known-since", "2999-01-01T00:00:00Z"]),
        (
            2,
            &[
                "runbook",
                "start",
                "role-sessions-revoked",
                "--set",
                "role=json-stack-deploy",
                "--incident",
                "zzzz",
            ],
        ),
        (4, &["--read-only", "incident", "start", "x"]),
        (4, &["--read-only", "incident", "note", &id, "x"]),
        (4, &["--read-only", "incident", "close", &id]),
        (0, &["--read-only", "incident", "show", &id]),
        (0, &["--read-only", "incident", "list"]),
    ] {
        let ran = estate.run(&[], said);
        assert_eq!(ran.code, code, "{said:?}: {}{}", ran.stdout, ran.stderr);
    }
    assert_eq!(estate.json(0, &["runs", "list"])["runs"], Value::Array(vec![]), "nothing was begun");
    assert_eq!(estate.json(0, &["incident", "list"])["incidents"].as_array().unwrap().len(), 1);
}
