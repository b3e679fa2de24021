//! What a configuration is refused for, whose value wins, and which context is meant.

use super::*;
use crate::diagnose::walk::Source;
use crate::estate::Context;
use proptest::prelude::*;
use std::time::Duration;

fn pairs<'a>(list: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
    list.iter().map(|(n, v)| (*n, (*v).to_owned())).collect()
}

type Outcome = Result<(Config, Vec<String>), Vec<String>>;

fn load_all(text: &str, environment: &[(&str, &str)], options: &[(&str, &str)]) -> Outcome {
    let environment: Vec<(String, String)> =
        pairs(environment).into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
    let options = pairs(options);
    let lines = |found: Vec<Warning>| found.iter().map(ToString::to_string).collect::<Vec<_>>();
    Config::load(&Sources {
        file: Some(Source { file: "config.toml", text }),
        environment: &environment,
        options: &options,
    })
    .map(|(config, warnings)| (config, lines(warnings)))
    .map_err(lines)
}

fn load(text: &str) -> Config {
    load_all(text, &[], &[]).unwrap().0
}

fn refused(text: &str) -> Vec<String> {
    load_all(text, &[], &[]).expect_err("must be refused")
}

fn name(context: &Context) -> &str {
    context.name.wire()
}

#[test]
fn nothing_at_all_is_a_configuration() {
    let (config, warnings) = Config::load(&Sources::default()).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(config.intervals.alarms, Duration::from_secs(30));
    assert_eq!((config.policy.secret_days, config.policy.due_soon_days), (90, 14));
    assert_eq!(config.policy.days_for("anything"), 90);
    let context = config.context().unwrap();
    assert_eq!((name(&context), context.profile.as_deref(), context.production), ("default", None, false));
    assert!(config.effective.list().iter().all(|v| v.origin == Origin::Default));
}

const WHOLE: &str = r#"
keymap = "vim"
theme = "light"
mouse = true
glyphs = "ascii"
default_context = "prod-eu"

[[context]]
name = "prod-eu"
profile = "prod"
region = "eu-central-1"
role = "arn:aws:iam::123456789012:role/ops"
mfa_serial = "arn:aws:iam::123456789012:mfa/alice"
production = true

[[context]]
name = "dev"
endpoint = "http://127.0.0.1:4566"
read_only = true
colour = "green"

[[system]]
name = "mte"
names = ["mte-*", "ProcessAnalysis*"]

[[system]]
name = "logapi"
tags = { project = "log*", tier = "api" }

[policy]
secret_days = 60
expiring_soon_hours = 48

[[policy.secret]]
names = ["db/*"]
days = 30

[intervals]
alarms = 15

[limits]
parallel = 8
"#;

#[test]
fn everything_that_can_be_said_is_understood() {
    let config = load(WHOLE);
    let context = config.context().unwrap();
    assert_eq!(name(&context), "prod-eu");
    assert_eq!(context.region.map(|r| r.to_string()).as_deref(), Some("eu-central-1"));
    assert_eq!((context.production, context.colour.as_deref()), (true, Some("red")));
    assert_eq!(config.contexts[1].colour.as_deref(), Some("green"));
    assert!(config.systems[0].has_name("mte-lambda-dlq") && !config.systems[0].has_name("xmte-"));
    assert!(config.systems[1].has_tags([("tier", "api"), ("project", "logapi")]));
    assert!(!config.systems[1].has_tags([("project", "logapi")]));
    assert!(!config.systems[0].has_tags([("project", "logapi")]));
    assert_eq!((config.policy.days_for("db/main"), config.policy.days_for("other")), (30, 60));
    assert_eq!((config.intervals.alarms, config.limits.parallel), (Duration::from_secs(15), 8));
    assert_eq!((config.keymap.as_str(), config.theme.as_str(), config.mouse), ("vim", "light", true));
}

#[test]
fn every_value_is_listed_with_its_origin() {
    let (config, _) =
        load_all(WHOLE, &[("BARTIZAN_THEME", "dark"), ("AWS_REGION", "eu-west-1")], &[("--keymap", "emacs")])
            .unwrap();
    let shown = |key: &str| {
        let found = config.effective.list().iter().find(|v| v.key == key).unwrap();
        format!("{} ({})", found.value, found.origin)
    };
    assert_eq!(shown("keymap"), "\"emacs\" (option --keymap)");
    assert_eq!(shown("theme"), "\"dark\" (environment BARTIZAN_THEME)");
    assert_eq!(shown("mouse"), "true (file config.toml:4)");
    assert_eq!(shown("limits.timeout_seconds"), "10 (default)");
    assert_eq!(shown("intervals.alarms"), "15 (file config.toml:39)");
    assert_eq!(shown("context.prod-eu.region"), "\"eu-central-1\" (file config.toml:11)");
    assert_eq!(shown("system.mte.names"), "[\"mte-*\", \"ProcessAnalysis*\"] (file config.toml:22)");
    assert_eq!(shown("system.logapi.tags.tier"), "\"api\" (file config.toml:26)");
    assert_eq!(shown("policy.secret.1.days"), "30 (file config.toml:34)");
    assert_eq!(shown("region"), "\"eu-west-1\" (environment AWS_REGION)");
    assert!(config.effective.origin("profile").is_none(), "what is not set is not in force");
}

#[test]
fn unknown_keys_are_refused_with_line_and_nearest() {
    assert_eq!(
        refused("\nthme = \"dark\"\n[intervals]\nalarm = 30\n[[context]]\nname = \"a\"\nreadonly = true\n"),
        [
            "config.toml:2: unknown key `thme`; did you mean `theme`?",
            "config.toml:4: unknown key `alarm` in `intervals`; did you mean `alarms`?",
            "config.toml:7: unknown key `readonly` in `context`; did you mean `read_only`?",
        ]
    );
    // What only options and variables set cannot stand in the file.
    assert!(refused("profile = \"x\"")[0].starts_with("config.toml:1: unknown key `profile`"));
}

#[test]
fn wrong_types_and_values_are_refused() {
    for (text, said) in [
        ("mouse = 1", "config.toml:1: `mouse` must be `true` or `false`, not the number 1"),
        (
            "[intervals]\nalarms = \"30s\"",
            "config.toml:2: `intervals.alarms` must be a whole number, not the string `30s`",
        ),
        ("[intervals]\nalarms = 4", "config.toml:2: `intervals.alarms` must be from 5 to 86400, not 4"),
        ("intervals = 4", "config.toml:1: `intervals` must be a table, not the number 4"),
        (
            "context = \"prod\"",
            "config.toml:1: `context` must be tables, each begun by `[[context]]`, not the string `prod`",
        ),
        (
            "[context]\nname = \"prod\"",
            "config.toml:1: `context` must be tables, each begun by `[[context]]`, not a table",
        ),
        (
            "keymap = \"../../etc/passwd\"",
            "config.toml:1: `keymap` must be a name of letters, digits, `-` and `_`, not `../../etc/passwd`",
        ),
        (
            "glyphs = \"asci\"",
            "config.toml:1: `glyphs` must be `auto`, `unicode` or `ascii`, not `asci`; did you mean `ascii`?",
        ),
        (
            "[[context]]\nname = \"a\"\ncolour = \"gren\"",
            "config.toml:3: `context.colour` must be `grey`, `red`, `orange`, `yellow`, `green`, `teal`, `blue` or `purple`, not `gren`; did you mean `green`?",
        ),
        (
            "[[context]]\nname = \"a\"\nregion = \"EU Frankfurt\"",
            "config.toml:3: `context.region` must be the code of a Region such as `eu-central-1`, not `EU Frankfurt`",
        ),
        (
            "[[context]]\nname = \"a\"\nendpoint = \"localhost:4566\"",
            "config.toml:3: `context.endpoint` must be an address such as `https://host:port`, not `localhost:4566`",
        ),
        (
            "[[context]]\nname = \"a\"\nendpoint = \"https://me:pw@host\"",
            "config.toml:3: `context.endpoint` must be an address such as `https://host:port`, not `https://me:pw@host`",
        ),
        (
            "[[context]]\nname = \"a\"\nrole = \"ops\"",
            "config.toml:3: `role` must be the ARN of a role, not `ops`; it looks like `arn:aws:iam::123456789012:role/ops`",
        ),
        (
            "[[context]]\nname = \"a\"\nmfa_serial = \"x\"",
            "config.toml:3: `mfa_serial` is for assuming a role, and this context has no `role`; a profile's own `mfa_serial` stands in the AWS configuration",
        ),
        ("\n[[context]]\nprofile = \"x\"", "config.toml:2: this `[[context]]` needs a `name`"),
        (
            "[[context]]\nname = \"practice\"",
            "config.toml:1: `practice` is the name of the practice estate; choose another, so that nobody mistakes it",
        ),
        (
            "[[context]]\nname = \"a\"\n[[context]]\nname = \"a\"",
            "config.toml:3: there are two contexts named `a`",
        ),
        (
            "[[system]]\nname = \"a\"",
            "config.toml:1: nothing can belong to the system `a`; give it `names = [\"prefix-*\"]` or `tags`",
        ),
        (
            "[[system]]\nname = \"a\"\nnames = [\"\"]",
            "config.toml:3: `` is no pattern for names; use 1 to 512 characters",
        ),
        (
            "[[system]]\nname = \"a\"\ntags = { x = 1 }",
            "config.toml:3: `system.tags.x` must be a string, not the number 1",
        ),
        ("[[policy.secret]]\nnames = [\"x\"]", "config.toml:1: this `[[policy.secret]]` needs `days`"),
        (
            "default_context = \"prd\"\n[[context]]\nname = \"prod\"",
            "config.toml:1: there is no context `prd`; did you mean `prod`? There are `prod`",
        ),
    ] {
        assert_eq!(refused(text), [said], "{text}");
    }
}

#[test]
fn everything_wrong_everywhere_is_reported_at_once() {
    let found = load_all(
        "mouse = 1\nkeymp = \"x\"\n",
        &[("BARTIZAN_READ_ONLY", "perhaps"), ("AWS_REGION", "??")],
        &[("--refresh", "1"), ("--theme", "a/b")],
    )
    .unwrap_err();
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found.contains(&"BARTIZAN_READ_ONLY: must be `1` or `0`, not `perhaps`".to_owned()));
    assert!(found.contains(&"--refresh: must be a whole number from 5 to 86400, not `1`".to_owned()));
}

#[test]
fn the_command_line_wins_over_the_environment_over_the_file() {
    let (config, _) = load_all(
        "theme = \"light\"\nkeymap = \"vim\"\nmouse = true",
        &[("BARTIZAN_THEME", "mono"), ("BARTIZAN_KEYMAP", "emacs"), ("NO_COLOR", "1")],
        &[("--theme", "dark"), ("--refresh", "10")],
    )
    .unwrap();
    assert_eq!((config.theme.as_str(), config.keymap.as_str(), config.mouse), ("dark", "emacs", true));
    assert_eq!(config.colours, Colours::Never);
    assert_eq!(config.intervals.alarms, Duration::from_secs(10));
    assert_eq!(config.intervals.secrets, Duration::from_secs(900));
    assert_eq!(load_all("", &[("NO_COLOR", "")], &[]).unwrap().0.colours, Colours::Auto);
    assert_eq!(
        load_all("colour = \"always\"", &[("NO_COLOR", "1")], &[]).unwrap().0.colours,
        Colours::Always
    );
}

#[test]
fn read_only_can_be_added_and_never_lifted() {
    let file = "[[context]]\nname = \"a\"\nread_only = true\n[[context]]\nname = \"b\"\n";
    let chosen = |environment: &[(&str, &str)], options: &[(&str, &str)]| {
        load_all(file, environment, options).unwrap().0.context().unwrap().read_only
    };
    assert!(chosen(&[("BARTIZAN_READ_ONLY", "0")], &[("--context", "a")]));
    assert!(!chosen(&[], &[("--context", "b")]));
    assert!(chosen(&[("BARTIZAN_READ_ONLY", "1")], &[("--context", "b")]));
    assert!(chosen(&[], &[("--context", "b"), ("--read-only", "true")]));
}

#[test]
fn which_context_is_meant() {
    let two = "[[context]]\nname = \"p\"\nprofile = \"prod\"\nregion = \"eu-west-1\"\nproduction = true\n\
               [[context]]\nname = \"d\"\nprofile = \"dev\"\n";
    let meant = |environment: &[(&str, &str)], options: &[(&str, &str)]| {
        load_all(two, environment, options).unwrap().0.context().unwrap()
    };
    assert_eq!(name(&meant(&[], &[])), "default");
    assert_eq!(name(&meant(&[("BARTIZAN_CONTEXT", "d")], &[])), "d");
    assert_eq!(name(&meant(&[("BARTIZAN_CONTEXT", "d")], &[("--context", "p")])), "p");
    // The context's own profile is not undone by what happens to be in the environment.
    assert_eq!(meant(&[("AWS_PROFILE", "dev")], &[("--context", "p")]).profile.as_deref(), Some("prod"));
    assert_eq!(meant(&[], &[("--context", "p"), ("--profile", "x")]).profile.as_deref(), Some("x"));
    let moved = meant(&[], &[("--context", "p"), ("--region", "us-east-1")]);
    assert_eq!(moved.region.map(|r| r.to_string()).as_deref(), Some("us-east-1"));
    // Production stays production however it is entered.
    assert!(meant(&[("AWS_PROFILE", "prod")], &[]).production);
    assert!(meant(&[], &[("--profile", "prod")]).production);
    // The AWS chain reads AWS_PROFILE itself; only an option is handed on.
    let other = meant(&[("AWS_PROFILE", "other")], &[]);
    assert_eq!((name(&other), other.profile.as_deref()), ("other", None));
    // A single context is meant unless a profile is asked for.
    let one = load("[[context]]\nname = \"only\"\nprofile = \"x\"\n");
    assert_eq!(name(&one.context().unwrap()), "only");
    let found = load_all("", &[], &[("--context", "x")]).unwrap_err();
    assert_eq!(found, ["--context: there is no context `x`; config.toml has no `[[context]]`"]);
}

#[test]
fn a_production_profile_in_another_region_keeps_its_marks() {
    let config = |text: &str, options: &[(&str, &str)]| load_all(text, &[], options).unwrap().0;
    let text = "[[context]]\nname = \"a\"\nprofile = \"prod\"\nregion = \"eu-west-1\"\nproduction = true\n\
                read_only = true\n[[context]]\nname = \"b\"\nprofile = \"prod\"\nregion = \"eu-west-2\"\n";
    let context = config(text, &[("--profile", "prod"), ("--region", "ap-south-1")]).context().unwrap();
    assert!(context.production && context.read_only, "{context:?}");
    let context = config(text, &[("--profile", "prod")]).context().unwrap();
    assert!(context.production && context.read_only, "{context:?}");
}

#[test]
fn what_is_odd_is_warned_of() {
    let (_, warnings) = load_all(
        "[[context]]\nname = \"a\"\nendpoint = \"http://10.0.0.1:80\"\n[[context]]\nname = \"b\"\nendpoint = \"http://localhost:1\"\n",
        &[("BARTIZAN_THEEM", "x"), ("BARTIZAN_STATE_DIR", "/x"), ("BARTIZAN_TEST_X", "1")],
        &[],
    )
    .unwrap();
    assert_eq!(
        warnings,
        [
            "config.toml:3: the context `a` talks to http://10.0.0.1:80 without encryption",
            "environment: the variable `BARTIZAN_THEEM` is not known and does nothing; did you mean `BARTIZAN_THEME`?",
        ]
    );
}

#[test]
fn the_registry_agrees_with_itself() {
    let defaults = Config::default();
    for (i, setting) in SETTINGS.iter().enumerate() {
        assert!(SETTINGS[..i].iter().all(|s| s.key != setting.key), "{} twice", setting.key);
        let shown = value::shown(&(setting.get)(&defaults));
        if !shown.is_empty() && setting.in_file {
            let key = setting.key;
            let same = load(&format!("{key} = {shown}"));
            assert_eq!(Config { effective: defaults.effective.clone(), ..same }, defaults);
        }
        let mut changed = Config::default();
        let other = match &setting.kind {
            Kind::Flag => Value::Flag(!matches!((setting.get)(&defaults), Value::Flag(true))),
            Kind::Number(range) => Value::Number(*range.end()),
            Kind::Word(words) => Value::Text(words[1].to_owned()),
            Kind::Name | Kind::Text | Kind::Url | Kind::Region => Value::Text("other".to_owned()),
        };
        (setting.set)(&mut changed, other.clone());
        assert_eq!((setting.get)(&changed), other, "{}", setting.key);
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*", n in any::<i64>()) {
        drop(load_all(&text, &[], &[]));
        let quoted = effective::toml_text(&text);
        for key in ["keymap", "region", "default_context", "glyphs"] {
            drop(load_all(&format!("{key} = {quoted}"), &[("AWS_REGION", &text)], &[("--context", &text)]));
        }
        drop(load_all(&format!("[intervals]\nalarms = {n}\n[[context]]\nname = {quoted}\nendpoint = {quoted}\n\
                           [[system]]\nname = {quoted}\nnames = [{quoted}]\ntags = {{ {quoted} = {quoted} }}"),
                 &[], &[]));
    }

    #[test]
    fn lines_like_a_configuration_do_not_panic(
        lines in prop::collection::vec(
            prop::sample::select(WHOLE.lines().chain(["[a", "x = {", "'''", "[[policy]]", "[context.x]"]).collect::<Vec<_>>()),
            0..20,
        ),
    ) {
        drop(load_all(&lines.join("\n"), &[], &[]));
    }
}

#[test]
fn files_as_editors_save_them() {
    // With a byte order mark, with the line ends of Windows, with dotted keys and inline tables, without an end.
    assert!(load("\u{feff}mouse = true").mouse);
    let config = load("mouse = true\r\n[policy]\r\nsecret_days = 30\r\n");
    assert_eq!((config.mouse, config.policy.secret_days), (true, 30));
    assert_eq!(refused("a = 1\r\nmouse = 3\r\n").last().unwrap().split(' ').next(), Some("config.toml:2:"));
    let config = load("policy.secret_days = 30\ncontext = [{ name = \"a\" }, { name = \"b\" }]");
    assert_eq!((config.policy.secret_days, config.contexts.len()), (30, 2));
    assert!(load("# nothing\n\n\n").contexts.is_empty());
    assert!(refused("mouse = true\0")[0].starts_with("config.toml:1: not valid TOML"));
}
