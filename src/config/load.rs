//! Puts the configuration together: defaults, then the file, then the environment, then the command line.
//! Everything wrong in all of them is reported at once.

use super::effective::Origin;
use super::setting::{SETTINGS, Setting, Value};
use super::types::{Colours, Config};
use super::{canary, context, policy, queues, system, value};
use crate::diagnose::walk::{Item, Problems, Source, Table};
use crate::diagnose::{Diagnosis, quoted};

/// Where configuration comes from. Nothing is read here; whoever may read gives the texts.
#[derive(Clone, Copy, Default)]
pub struct Sources<'a> {
    /// config.toml, where there is one.
    pub file: Option<Source<'a>>,
    /// The environment. Only variables that are ours are looked at.
    pub environment: &'a [(String, String)],
    /// Options with their values; `--read-only` and `--no-color` have `true`.
    pub options: &'a [(&'a str, String)],
}

/// Something that is not refused, but that the person should know.
pub type Warning = Diagnosis;

/// Sections that hold settings only, or settings and tables.
const SECTIONS: &[&str] = &["policy", "queues", "intervals", "limits", "tell"];
/// Arrays of tables.
const TABLES: &[&str] = &["context", "system", "canary"];
/// Variables that are ours and read elsewhere, before there is a configuration.
const ELSEWHERE: &[&str] = &["BARTIZAN_CONFIG", "BARTIZAN_STATE_DIR"];
/// The option that sets the intervals of all that changes by the minute.
const REFRESH: &str = "--refresh";
const REFRESHED: &[&str] =
    &["intervals.alarms", "intervals.queues", "intervals.queue_metrics", "intervals.waf_metrics"];

impl Config {
    /// The configuration in force, and what to warn of.
    ///
    /// # Errors
    /// Everything that is wrong, with file and line, variable or option.
    pub fn load(sources: &Sources<'_>) -> Result<(Config, Vec<Warning>), Vec<Diagnosis>> {
        let (mut config, mut warnings, mut problems) = (Config::default(), Vec::new(), Vec::new());
        for setting in SETTINGS {
            let value = (setting.get)(&config);
            config.effective.set(setting.key, value::shown(&value), Origin::Default);
        }
        if let Some(source) = sources.file {
            read_file(source, &mut config, &mut warnings, &mut problems);
        }
        read_environment(sources.environment, &mut config, &mut warnings, &mut problems);
        read_options(sources.options, &mut config, &mut problems);
        // What is not set at all is no value in force.
        config.effective.drop_unset();
        if let (true, Err(unknown)) = (problems.is_empty(), config.context()) {
            problems.push(unknown);
        }
        if problems.is_empty() { Ok((config, warnings)) } else { Err(problems) }
    }
}

fn apply(config: &mut Config, setting: &Setting, value: Value, origin: Origin) {
    config.effective.set(setting.key, value::shown(&value), origin);
    (setting.set)(config, value);
}

fn read_file(source: Source<'_>, config: &mut Config, warnings: &mut Problems, problems: &mut Problems) {
    let Some(document) = source.parse(problems) else { return };
    let root = document.table();
    let single = SETTINGS.iter().filter(|s| s.in_file && !s.key.contains('.')).map(|s| s.key);
    let known: Vec<&str> = single.chain(SECTIONS.iter().copied()).chain(TABLES.iter().copied()).collect();
    root.only(&known, problems);
    for item in root.items() {
        read_setting(&item, config, problems);
        if SECTIONS.contains(&item.key)
            && let Some(section) = item.table(problems)
        {
            read_section(&item, &section, config, problems);
        }
    }
    if let Some(tables) = root.get("context").and_then(|item| item.tables(problems)) {
        config.contexts = context::read(&tables, &mut config.effective, warnings, problems);
    }
    if let Some(tables) = root.get("system").and_then(|item| item.tables(problems)) {
        config.systems = system::read(&tables, &mut config.effective, problems);
    }
    if let Some(tables) = root.get("canary").and_then(|item| item.tables(problems)) {
        config.canaries = canary::read(&tables, &mut config.effective, problems);
    }
}

fn read_section(item: &Item<'_>, section: &Table<'_>, config: &mut Config, problems: &mut Problems) {
    let prefix = format!("{}.", item.key);
    let mut known: Vec<&str> = SETTINGS.iter().filter_map(|s| s.key.strip_prefix(prefix.as_str())).collect();
    if item.key == "policy" {
        known.push("secret");
        if let Some(tables) = section.get("secret").and_then(|item| item.tables(problems)) {
            config.policy.secrets = policy::read(&tables, &mut config.effective, problems);
        }
    }
    if item.key == "queues" {
        known.extend(queues::KEYS);
        config.masks = queues::read(section, &mut config.effective, problems);
    }
    section.only(&known, problems);
    for item in section.items() {
        read_setting(&item, config, problems);
    }
}

fn read_setting(item: &Item<'_>, config: &mut Config, problems: &mut Problems) {
    let Some(setting) = SETTINGS.iter().find(|s| s.in_file && s.key == item.path) else { return };
    if let Some(value) = value::from_item(item, &setting.kind, problems) {
        let origin = Origin::File { file: item.file().to_owned(), line: item.line() };
        apply(config, setting, value, origin);
    }
}

fn read_environment(
    environment: &[(String, String)],
    config: &mut Config,
    warnings: &mut Problems,
    problems: &mut Problems,
) {
    let lookup = |name: &str| environment.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v);
    for setting in SETTINGS {
        let Some((name, text)) = setting.variables.iter().find_map(|n| lookup(n).map(|v| (*n, v))) else {
            continue;
        };
        match value::from_text(name, text, &setting.kind) {
            Ok(value) => apply(config, setting, value, Origin::Environment(name.to_owned())),
            Err(found) => problems.push(found),
        }
    }
    // https://no-color.org: "when present and not an empty string (regardless of its value)".
    if lookup("NO_COLOR").is_some() && config.colours == Colours::Auto {
        set_colours(config, Origin::Environment("NO_COLOR".to_owned()));
    }
    let ours = || SETTINGS.iter().flat_map(|s| s.variables).chain(ELSEWHERE).copied();
    for (name, _) in environment.iter().filter(|(n, _)| n.starts_with("BARTIZAN_")) {
        if !ours().any(|known| known == name) && !name.starts_with("BARTIZAN_TEST_") {
            let what = format!("the variable {} is not known and does nothing", quoted(name));
            warnings.push(Diagnosis::of("environment", what).near(name, ours()));
        }
    }
}

fn set_colours(config: &mut Config, origin: Origin) {
    if let Some(setting) = SETTINGS.iter().find(|s| s.key == "colour") {
        apply(config, setting, Value::Text(Colours::Never.word().to_owned()), origin);
    }
}

fn read_options(options: &[(&str, String)], config: &mut Config, problems: &mut Problems) {
    for (option, text) in options {
        let origin = Origin::CommandLine((*option).to_owned());
        if *option == "--no-color" {
            set_colours(config, origin);
            continue;
        }
        let by_option =
            |s: &&Setting| s.option == Some(*option) || (*option == REFRESH && REFRESHED.contains(&s.key));
        let mut refused = None;
        for setting in SETTINGS.iter().filter(by_option) {
            match value::from_text(option, text, &setting.kind) {
                Ok(value) => apply(config, setting, value, origin.clone()),
                Err(found) => refused = Some(found),
            }
        }
        problems.extend(refused);
    }
}
