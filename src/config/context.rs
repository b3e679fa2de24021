//! Contexts: the ways into AWS that the file names, `[[context]]`, and which one is meant.

use super::BAND_COLOURS;
use super::effective::{Effective, Origin, toml_text};
use super::setting::Kind;
use super::system::read_name;
use super::types::Config;
use super::value;
use crate::diagnose::walk::{Problems, Table};
use crate::diagnose::{Diagnosis, one_of, quoted};
use crate::estate::{Context, Region, Untrusted};

/// The name of the practice estate's context, which nothing real may bear.
pub const PRACTICE: &str = "practice";

/// The colour of a production context that names none.
const PRODUCTION_COLOUR: &str = "red";

const KEYS: &[&str] =
    &["name", "profile", "region", "role", "mfa_serial", "endpoint", "read_only", "production", "colour"];

/// Reads the tables of `[[context]]`.
pub(super) fn read(
    tables: &[Table<'_>],
    effective: &mut Effective,
    warnings: &mut Problems,
    problems: &mut Problems,
) -> Vec<Context> {
    let mut contexts: Vec<Context> = Vec::new();
    for table in tables {
        table.only(KEYS, problems);
        let Some(name) = read_name(table, "context", problems) else { continue };
        if name == PRACTICE {
            let what = format!("{} is the name of the practice estate", quoted(name));
            problems.push(table.diagnose(what).hint("choose another, so that nobody mistakes it"));
            continue;
        }
        if contexts.iter().any(|c| c.name.wire() == name) {
            problems.push(table.diagnose(format!("there are two contexts named {}", quoted(name))));
            continue;
        }
        let mut context = read_one(table, name, warnings, problems);
        note(table, &context, effective);
        if context.production && context.colour.is_none() {
            context.colour = Some(PRODUCTION_COLOUR.to_owned());
        }
        contexts.push(context);
    }
    contexts
}

fn read_one(table: &Table<'_>, name: &str, warnings: &mut Problems, problems: &mut Problems) -> Context {
    let text = |key: &str, kind: &Kind, problems: &mut Problems| {
        let item = table.get(key)?;
        value::from_item(&item, kind, problems).and_then(value::text)
    };
    let flag = |key: &str, problems: &mut Problems| {
        table.get(key).and_then(|item| item.flag(problems)).unwrap_or(false)
    };
    let context = Context {
        name: Untrusted::from(name),
        profile: text("profile", &Kind::Text, problems),
        region: text("region", &Kind::Region, problems).and_then(|code| Region::new(&code)),
        role: text("role", &Kind::Text, problems),
        mfa_serial: text("mfa_serial", &Kind::Text, problems),
        endpoint: text("endpoint", &Kind::Url, problems),
        read_only: flag("read_only", problems),
        production: flag("production", problems),
        colour: table.get("colour").and_then(|i| i.word(BAND_COLOURS, problems)).map(str::to_owned),
    };
    if let (Some(role), Some(item)) = (&context.role, table.get("role"))
        && !(role.starts_with("arn:") && role.contains(":role/"))
    {
        let what = format!("`role` must be the ARN of a role, not {}", quoted(role));
        problems.push(item.at_value(what).hint("it looks like `arn:aws:iam::123456789012:role/ops`"));
    }
    if let (None, Some(item)) = (&context.role, table.get("mfa_serial")) {
        let what = "`mfa_serial` is for assuming a role, and this context has no `role`";
        problems.push(item.at_key(what).hint("a profile's own `mfa_serial` stands in the AWS configuration"));
    }
    if let (Some(url), Some(item)) = (&context.endpoint, table.get("endpoint"))
        && value::is_plain_http_abroad(url)
    {
        let what = format!("the context {} talks to {url} without encryption", quoted(name));
        warnings.push(item.at_value(what));
    }
    context
}

fn note(table: &Table<'_>, context: &Context, effective: &mut Effective) {
    let name = context.name.wire();
    for item in table.items() {
        let value = match item.key {
            "profile" => context.profile.as_deref().map(toml_text),
            "region" => context.region.as_ref().map(|r| toml_text(r.as_str())),
            "role" => context.role.as_deref().map(toml_text),
            "mfa_serial" => context.mfa_serial.as_deref().map(toml_text),
            "endpoint" => context.endpoint.as_deref().map(toml_text),
            "read_only" => Some(context.read_only.to_string()),
            "production" => Some(context.production.to_string()),
            "colour" => context.colour.as_deref().map(toml_text),
            _ => None,
        };
        if let Some(value) = value {
            let origin = Origin::File { file: table.file().to_owned(), line: item.line() };
            effective.set(&format!("context.{name}.{}", item.key), value, origin);
        }
    }
    if table.items().len() == 1 {
        // A context of nothing but a name is one all the same.
        let origin = Origin::File { file: table.file().to_owned(), line: table.diagnose("").line };
        effective.set(&format!("context.{name}.name"), toml_text(name), origin);
    }
}

impl Config {
    /// The context that is meant, with what the command line changes about it.
    ///
    /// One is chosen by `--context`, BARTIZAN_CONTEXT or `default_context`; else a single one of the file is
    /// meant unless a profile is asked for; else the AWS environment decides. In the last case the
    /// context of the file for the same profile and Region is meant, and contexts of that profile lend their
    /// marks, so that production stays production however it is entered. What a context says wins over AWS_PROFILE and AWS_REGION, which are for
    /// everything it leaves open and which the AWS chain reads itself; options win over both.
    ///
    /// # Errors
    /// There is no context of the chosen name.
    pub fn context(&self) -> Result<Context, Diagnosis> {
        let mut context = match &self.chosen {
            Some(name) => self.named(name)?.clone(),
            None => match self.contexts.as_slice() {
                [only] if self.profile.is_none() => only.clone(),
                _ => self.ambient(),
            },
        };
        let by_option = |key: &str| matches!(self.effective.origin(key), Some(Origin::CommandLine(_)));
        if by_option("profile") {
            context.profile.clone_from(&self.profile);
        }
        if by_option("region") {
            context.region = self.region.as_deref().and_then(Region::new);
        }
        if self.endpoint.is_some() {
            context.endpoint.clone_from(&self.endpoint);
        }
        context.read_only |= self.read_only;
        Ok(context)
    }

    fn named(&self, name: &str) -> Result<&Context, Diagnosis> {
        let names = || self.contexts.iter().map(|c| c.name.wire());
        self.contexts.iter().find(|c| c.name.wire() == name).ok_or_else(|| {
            let asked_in = match self.effective.origin("default_context") {
                Some(Origin::File { file, line }) => Diagnosis::of(file, "").at(*line, 0),
                Some(Origin::Environment(word) | Origin::CommandLine(word)) => Diagnosis::of(word, ""),
                Some(Origin::Default) | None => Diagnosis::of("default_context", ""),
            };
            let what = format!("there is no context {}", quoted(name));
            let found = Diagnosis { what, ..asked_in }.near(name, names());
            if self.contexts.is_empty() {
                found.hint("config.toml has no `[[context]]`")
            } else {
                found.hint(format!("there are {}", one_of(names())))
            }
        })
    }

    /// The context that the AWS environment and the options describe.
    fn ambient(&self) -> Context {
        let region = self.region.as_deref().and_then(Region::new);
        let alike: Vec<&Context> =
            self.contexts.iter().filter(|c| c.profile.is_some() && c.profile == self.profile).collect();
        let here = |c: &&&Context| c.region.is_none() || region.is_none() || c.region == region;
        if let (Some(one), 1) = (alike.iter().find(here), alike.iter().filter(here).count())
            && one.role.is_none()
            && !alike.iter().any(|c| (c.production && !one.production) || (c.read_only && !one.read_only))
        {
            return (*one).clone();
        }
        let production = alike.iter().any(|c| c.production);
        Context {
            name: Untrusted::from(self.profile.as_deref().unwrap_or("default")),
            profile: None,
            region: None,
            role: None,
            mfa_serial: None,
            endpoint: None,
            read_only: alike.iter().any(|c| c.read_only),
            production,
            colour: production.then(|| PRODUCTION_COLOUR.to_owned()),
        }
    }
}
