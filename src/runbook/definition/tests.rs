//! What a definition may say, and what is said of one that is wrong.

use super::*;
use crate::diagnose::Diagnosis;
use crate::diagnose::walk::Source;
use crate::runbook::testing;
use crate::runbook::value::Home;
use std::fmt::Write;

/// A small good definition, which each test breaks in one place.
const GOOD: &str = r#"name = "small"
version = 3
title = "Small"
about = "For tests."

[[input]]
name = "secret"
type = "text"
doc = "Which?"

[[input]]
name = "how"
type = "text"
choices = ["loud", "quiet"]
default = "loud"
doc = "How?"

[[input]]
name = "reason"
type = "text"
when = { how = "quiet" }
doc = "Why?"

[[input]]
name = "moved"
type = "flag"
late = true
doc = "Have they?"

[[step]]
id = "look"
title = "look"
kind = "check"
verb = "secret.look"
with = { secret = "$secret" }

[[step]]
id = "say"
title = "say"
kind = "note"
verb = "note"
when = { how = ["quiet"] }
with = { text = "$reason" }

[[step]]
id = "hold"
title = "hold"
kind = "wait"
verb = "wait"
with = { for = "7d", why = "nothing", accepts = "moved" }
now = "Nothing is at risk."

[[step]]
id = "check"
title = "check"
kind = "verify"
verb = "secret.current"
with = { secret = "look.secret", version = { text = "a.b" }, former = "look.version" }
"#;

fn told(text: &str) -> Vec<String> {
    match read(Source { file: "small.toml", text }) {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().map(ToString::to_string).collect(),
    }
}

/// What is said when `from` is replaced by `to`.
#[track_caller]
fn broken(from: &str, to: &str) -> Vec<String> {
    assert_eq!(GOOD.matches(from).count(), 1, "{from:?} must be there once");
    told(&GOOD.replace(from, to))
}

#[test]
fn a_good_definition_is_read_as_it_says() {
    let read = read(Source { file: "small.toml", text: GOOD }).unwrap();
    assert_eq!((read.name.as_str(), read.version, read.steps.len()), ("small", 3, 4));
    let hold = read.step("hold").unwrap();
    assert_eq!(hold.with["for"], Argument::Literal(Value::Duration(604_800)));
    assert_eq!(hold.kind, StepKind::Wait);
    let check = read.step("check").unwrap();
    assert_eq!(check.with["secret"], Argument::Output("look".into(), "secret".into()));
    assert_eq!(check.with["version"], Argument::Literal(Value::Text("a.b".into())));
    assert_eq!(read.step("say").unwrap().with["text"], Argument::Input("reason".into()));
}

#[test]
fn everything_wrong_is_told_with_line_and_nearest_word() {
    let cases: &[(&str, &str, &str)] = &[
        ("version = 3", "version = 0", "small.toml:2: `version` must be from 1 to 4294967295, not 0"),
        ("version = 3", "versoin = 3", "small.toml:2: unknown key `versoin`; did you mean `version`?"),
        ("title = \"Small\"", "title = \"\"", "small.toml:3: `title` must be a text of one line"),
        (
            "name = \"small\"",
            "name = \"Small One\"",
            "small.toml:1: a runbook's name begins with a lower-case letter",
        ),
        ("name = \"how\"", "name = \"secret\"", "small.toml:12: there are two inputs `secret`"),
        ("name = \"how\"", "name = \"h.w\"", "small.toml:12: an input's name begins with"),
        (
            "type = \"flag\"",
            "type = \"flga\"",
            "small.toml:26: `input.type` must be `text`, `list`, `number`, `flag`, `duration`, `time`, `secret`, `home` or `findings`, \
             not `flga`; did you mean `flag`?",
        ),
        (
            "type = \"flag\"",
            "type = \"home\"",
            "small.toml:26: a `home` comes from a step, never from an input",
        ),
        (
            "default = \"loud\"",
            "default = \"luod\"",
            "small.toml:15: the default must be `loud` or `quiet`; did you mean `loud`?",
        ),
        (
            "default = \"loud\"",
            "default = \"loud\"\nlate = true",
            "small.toml:15: what has a default is always there",
        ),
        (
            "when = { how = \"quiet\" }",
            "when = { how = \"quite\" }",
            "small.toml:21: `how` is `loud` or `quiet`, never `quite`; did you mean `quiet`?",
        ),
        (
            "when = { how = \"quiet\" }",
            "when = { hwo = \"quiet\" }",
            "small.toml:21: there is no input `hwo` before this; did you mean `how`?",
        ),
        (
            "when = { how = [\"quiet\"] }",
            "when = { moved = true }",
            "small.toml:42: `moved` may come late, when this has been decided",
        ),
        (
            "verb = \"secret.look\"",
            "verb = \"secret.lok\"",
            "small.toml:34: there is no verb `secret.lok`; did you mean `secret.look`?",
        ),
        ("kind = \"check\"", "kind = \"change\"", "small.toml:33: `secret.look` is a check, not a change"),
        (
            "with = { secret = \"$secret\" }",
            "with = { sceret = \"$secret\" }",
            "small.toml:35: `secret.look` takes no `sceret`; did you mean `secret`?",
        ),
        (
            "with = { secret = \"$secret\" }",
            "",
            "small.toml:30: `secret.look` needs `secret`: the name or ARN of the secret",
        ),
        (
            "with = { secret = \"$secret\" }",
            "with = { secret = \"$secert\" }",
            "small.toml:35: there is no input `secert`; did you mean `secret`?",
        ),
        (
            "with = { secret = \"$secret\" }",
            "with = { secret = \"$moved\" }",
            "small.toml:35: `secret` must be a text, and this is a flag",
        ),
        (
            "\"look.secret\"",
            "\"lok.secret\"",
            "small.toml:58: there is no step `lok` before this; did you mean `look`? A text that looks like",
        ),
        (
            "\"look.secret\"",
            "\"look.secrte\"",
            "small.toml:58: the step `look` gives no `secrte`; did you mean `secret`?",
        ),
        ("\"look.secret\"", "\"hold.ended\"", "small.toml:58: `secret` must be a text, and this is a time"),
        (
            "with = { secret = \"$secret\" }",
            "with = { secret = \"check.secret\" }",
            "small.toml:35: the step `check` comes later; only earlier steps give something",
        ),
        ("for = \"7d\"", "for = \"7y\"", "small.toml:50: `step.with.for`: a duration is written e.g."),
        ("for = \"7d\"", "for = 7", "small.toml:50: `step.with.for` must be a string, not the number 7"),
        (
            "accepts = \"moved\"",
            "accepts = \"moves\"",
            "small.toml:50: there is no late input `moves`; did you mean `moved`?",
        ),
        ("now = \"Nothing is at risk.\"", "", "small.toml:45: `now` must say what is at risk"),
        ("id = \"hold\"", "id = \"look\"", "small.toml:46: there are two steps `look`"),
        ("id = \"hold\"", "id = \"account\"", "small.toml:46: `account` cannot be a step"),
        ("text = \"$reason\"", "text = \"quiet\"", "small.toml:19: no step reads the input `reason`"),
        (
            "when = { how = [\"quiet\"] }\nwith",
            "with",
            "small.toml:42: `note` needs `text` always, and the input `reason` may be missing here",
        ),
        (
            "verb = \"secret.look\"",
            "verb = \"secret.look\"\nwhen = { how = \"loud\" }",
            "small.toml:59: `secret.current` needs `secret` always, and the step `look` may be skipped where this one \
             is not",
        ),
        ("doc = \"How?\"", "", "small.toml:11: `doc` is missing"),
    ];
    let mut missed = String::new();
    for (from, to, want) in cases {
        let told = broken(from, to);
        if !told.iter().any(|t| t.starts_with(want)) {
            writeln!(missed, "{from:?} -> {to:?}\n  wanted {want}\n  told   {told:#?}").unwrap();
        }
    }
    assert!(missed.is_empty(), "{missed}");
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let text = GOOD.replace("kind = \"check\"", "kind = \"change\"").replace("now = ", "know = ");
    let lines: Vec<_> = told(&text).iter().map(|t| t.split(':').nth(1).unwrap().to_owned()).collect();
    assert_eq!(lines, ["30", "33", "45", "51"]);
}

#[test]
fn hostile_files_are_refused_not_followed() {
    assert!(!told("").is_empty());
    assert!(!told("name = 'a'\u{1b}").is_empty());
    assert!(!told(&format!("input = {}", "[".repeat(50_000))).is_empty());
    let escapes = GOOD.replace("verb = \"note\"", "verb = \"\\u001b[2J\"");
    assert!(told(&escapes).iter().all(|t| !t.contains('\u{1b}')), "{:?}", told(&escapes));
    let many = format!("{GOOD}\n{}", "[[step]]\nid = \"x\"\n".repeat(2_000));
    assert!(told(&many).len() >= 2_000);
}

#[test]
fn a_condition_holds_for_what_it_names_and_nothing_else() {
    let when = |pairs: &[(&str, &[&str])]| {
        Condition(
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), v.iter().map(|s| (*s).to_owned()).collect()))
                .collect(),
        )
    };
    let inputs: BTreeMap<String, Value> = [
        ("store".to_owned(), Value::Text("secret".into())),
        ("create".to_owned(), Value::Flag(true)),
        ("keep".to_owned(), Value::Duration(60)),
    ]
    .into();
    for (condition, holds) in [
        (when(&[]), true),
        (when(&[("store", &["secret"])]), true),
        (when(&[("store", &["iam-user", "secret"])]), true),
        (when(&[("store", &["iam-user"])]), false),
        (when(&[("store", &["secret"]), ("create", &["false"])]), false),
        (when(&[("create", &["true"])]), true),
        (when(&[("absent", &["true"])]), false),
        (when(&[("keep", &["60"])]), false),
    ] {
        assert_eq!(condition.holds(&inputs), holds, "{condition:?}");
    }
    let [narrow, wide] = [when(&[("a", &["x"]), ("b", &["y"])]), when(&[("a", &["x", "z"])])];
    assert!(narrow.implies(&wide) && narrow.implies(&when(&[])) && !wide.implies(&narrow));
}

#[test]
fn a_definition_in_a_journal_stays_readable() {
    let read = read(Source { file: "small.toml", text: GOOD }).unwrap();
    let json = serde_json::to_value(&read).unwrap();
    assert_eq!(serde_json::from_value::<Definition>(json.clone()).unwrap(), read);
    // Written by hand once: what a journal of version 1 holds.
    let step = r#"{"id":"hold","title":"hold","kind":"wait","verb":"wait","with":{
        "accepts":{"literal":{"text":"moved"}},"for":{"literal":{"duration":604800}},
        "why":{"literal":{"text":"nothing"}}},"when":{},"now":"Nothing is at risk."}"#;
    assert_eq!(json["steps"][2], serde_json::from_str::<serde_json::Value>(step).unwrap());
    assert_eq!(json["steps"][3]["with"]["secret"], serde_json::json!({"output": ["look", "secret"]}));
    assert_eq!(json["steps"][1]["with"]["text"], serde_json::json!({"input": "reason"}));
    assert_eq!(json["steps"][1]["when"], serde_json::json!({"how": ["quiet"]}));
    assert_eq!(json["inputs"][1]["default"], serde_json::json!({"text": "loud"}));
    let home = Value::Home(Home {
        source: crate::estate::MaterialSource::Secret {
            secret: testing::secrets::arn(),
            version: crate::estate::VersionId::new("v1"),
        },
        place: crate::estate::Place::Field("/a".into()),
        entry: None,
    });
    let json = serde_json::to_string(&home).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), home);
}

#[test]
fn a_definition_that_a_journal_embeds_is_checked_without_its_file() {
    let mut old = read(Source { file: "small.toml", text: GOOD }).unwrap();
    assert!(check(&old).is_empty());
    old.steps[0].verb = "waf.block".to_owned();
    assert_eq!(
        check(&old)[0].to_string(),
        "small: there is no verb `waf.block`; `docs/runbooks.md` lists them"
    );
}

fn good(read: Result<Definition, Vec<Diagnosis>>) -> Definition {
    read.unwrap_or_else(|found| {
        panic!("{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

#[test]
fn every_shipped_runbook_is_good() {
    for (name, _) in SHIPPED {
        assert_eq!(good(shipped(name).unwrap()).name, *name);
    }
    assert!(shipped("no-such").is_none());
}

#[test]
fn what_a_command_makes_is_a_run_of_one_step_named_by_its_verb() {
    for (name, _) in COMMANDS {
        let read = good(command(name).unwrap());
        assert_eq!(read.name, *name);
        let [only] = read.steps.as_slice() else { panic!("{name}: more than one step") };
        assert_eq!(only.kind, StepKind::Change, "{name}");
        assert_eq!(only.verb.rsplit('.').next(), Some(only.id.as_str()), "{name}");
        assert!(!SHIPPED.iter().any(|(listed, _)| listed == name), "{name} is in two lists");
    }
    assert!(command("secret-update").is_none());
}

proptest::proptest! {
    /// Whatever is done to a good definition, it is read or refused with lines, and never anything worse.
    #[test]
    fn a_spoilt_definition_never_panics(cut in 0..GOOD.len(), long in 0..40_usize, put in ".{0,12}") {
        let end = (cut + long).min(GOOD.len());
        if GOOD.is_char_boundary(cut) && GOOD.is_char_boundary(end) {
            let text = format!("{}{put}{}", &GOOD[..cut], &GOOD[end..]);
            if let Err(found) = read(Source { file: "small.toml", text: &text }) {
                proptest::prop_assert!(found.iter().all(|f| f.line > 0), "{found:?}");
                proptest::prop_assert!(!found.is_empty());
            }
        }
    }
}
