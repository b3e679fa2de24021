//! Canaries: requests that tell whether a key is good, `[[canary]]`. A run gets one as inputs, by its name or by
//! what it is for. Pure; nothing is sent here.

use super::effective::{Effective, Origin, toml_text, toml_texts};
use super::setting::Kind;
use super::system::{read_name, read_patterns};
use super::types::Config;
use super::value;
use crate::diagnose::walk::{Problems, Table};
use crate::diagnose::{Diagnosis, one_of, quoted};
use crate::estate::Glob;

/// What stands for a canary's name among the inputs of a run.
pub const INPUT: &str = "canary";
/// The inputs of a runbook that begin so are what a canary fills.
const PREFIX: &str = "canary_";
/// The inputs that name what a run is about.
const ABOUT: &[&str] = &["secret", "function", "user", "variable"];

const KEYS: &[&str] = &["name", "names", "url", "method", "header", "prefix", "expect"];
const METHODS: &[&str] = &["GET", "POST", "HEAD"];

/// A canary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Canary {
    /// Its name.
    pub name: String,
    /// Patterns for the secrets, functions and users that it is for.
    pub names: Vec<Glob>,
    /// What is asked: https, or http to this machine.
    pub url: String,
    /// `GET`, `POST` or `HEAD`.
    pub method: Option<String>,
    /// The header that carries the key.
    pub header: Option<String>,
    /// What stands before the key in it.
    pub prefix: Option<String>,
    /// The status that a good key gets.
    pub expect: Option<u16>,
}

impl Canary {
    /// As inputs of a run.
    fn inputs(&self) -> Vec<(String, String)> {
        let all = [
            ("url", Some(self.url.clone())),
            ("method", self.method.clone()),
            ("header", self.header.clone()),
            ("prefix", self.prefix.clone()),
            ("expect", self.expect.map(|n| n.to_string())),
        ];
        let named = |(key, value): (&str, Option<String>)| Some((format!("{PREFIX}{key}"), value?));
        all.into_iter().filter_map(named).collect()
    }
}

/// Reads the tables of `[[canary]]`.
pub(super) fn read(tables: &[Table<'_>], effective: &mut Effective, problems: &mut Problems) -> Vec<Canary> {
    let mut canaries: Vec<Canary> = Vec::new();
    for table in tables {
        let before = problems.len();
        table.only(KEYS, problems);
        let name = read_name(table, "canary", problems);
        let canary = name.and_then(|name| read_one(table, name, problems));
        let Some(canary) = canary.filter(|_| problems.len() == before) else { continue };
        if canaries.iter().any(|c| c.name == canary.name) {
            problems.push(table.diagnose(format!("there are two canaries named {}", quoted(&canary.name))));
            continue;
        }
        let origin = Origin::File { file: table.file().to_owned(), line: table.diagnose("").line };
        let mut set =
            |key: &str, value| effective.set(&format!("canary.{}.{key}", canary.name), value, origin.clone());
        for (key, value) in canary.inputs() {
            set(key.trim_start_matches(PREFIX), toml_text(&value));
        }
        if !canary.names.is_empty() {
            set("names", toml_texts(&canary.names));
        }
        canaries.push(canary);
    }
    canaries
}

fn read_one(table: &Table<'_>, name: &str, problems: &mut Problems) -> Option<Canary> {
    let text = |key: &str, kind: &Kind, problems: &mut Problems| {
        let item = table.get(key)?;
        value::from_item(&item, kind, problems).and_then(value::text)
    };
    let Some(item) = table.get("url") else {
        let what = format!("the canary {} needs a `url`", quoted(name));
        problems.push(table.diagnose(what));
        return None;
    };
    let url = text("url", &Kind::Url, problems)?;
    if value::is_plain_http_abroad(&url) {
        let what = format!("the canary {} would send a key without encryption", quoted(name));
        problems.push(item.at_value(what).hint("use https, or http to this machine"));
    }
    let names = match table.get("names") {
        Some(_) => read_patterns(table, "names", problems)?,
        None => Vec::new(),
    };
    let expect = table.get("expect").and_then(|item| item.number(100..=599, problems));
    Some(Canary {
        name: name.to_owned(),
        names,
        url,
        method: table.get("method").and_then(|i| i.word(METHODS, problems)).map(str::to_owned),
        header: text("header", &Kind::Text, problems),
        prefix: text("prefix", &Kind::Text, problems),
        expect: expect.and_then(|n| u16::try_from(n).ok()), // 100 to 599
    })
}

/// Inputs as they are given: names and texts.
type Given = Vec<(String, String)>;

impl Config {
    /// The inputs of a run with those that a canary of the file gives: the one that `canary=NAME` names, else
    /// the first whose patterns fit what the run is about. What was given by hand wins; `canary=none` is none.
    /// The name of the canary comes with them, so that it can be said.
    ///
    /// # Errors
    /// There is no canary of that name.
    pub fn with_canary(&self, mut given: Given) -> Result<(Given, Option<&str>), Diagnosis> {
        let named = given.iter().position(|(name, _)| name == INPUT).map(|at| given.remove(at).1);
        if given.iter().any(|(name, _)| name == "canary_url") {
            return Ok((given, None));
        }
        let about = |c: &&Canary| {
            let fits = |value: &str| c.names.iter().any(|glob| glob.matches(value));
            given.iter().any(|(name, value)| ABOUT.contains(&name.as_str()) && fits(value))
        };
        let found = match named.as_deref() {
            Some("none") => None,
            Some(name) => Some(self.canary_named(name)?),
            None => self.canaries.iter().find(about),
        };
        let Some(canary) = found else { return Ok((given, None)) };
        for (name, value) in canary.inputs() {
            if !given.iter().any(|(known, _)| *known == name) {
                given.push((name, value));
            }
        }
        Ok((given, Some(&canary.name)))
    }

    fn canary_named(&self, name: &str) -> Result<&Canary, Diagnosis> {
        let names = || self.canaries.iter().map(|c| c.name.as_str());
        self.canaries.iter().find(|c| c.name == name).ok_or_else(|| {
            let found = Diagnosis::of("--set", format!("there is no canary {}", quoted(name)));
            if self.canaries.is_empty() {
                found.hint("config.toml has no `[[canary]]`")
            } else {
                found.near(name, names()).hint(format!("there are {}", one_of(names())))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Sources};
    use crate::diagnose::walk::Source;

    fn load(text: &str) -> Result<Config, String> {
        let sources = Sources { file: Some(Source { file: "config.toml", text }), ..Sources::default() };
        Config::load(&sources).map(|(config, _)| config).map_err(|found| found[0].to_string())
    }

    const TWO: &str = "[[canary]]\nname = \"a\"\nurl = \"https://a.example/ping\"\nnames = [\"omni/*\"]\nexpect = 204\n\
                       [[canary]]\nname = \"b\"\nurl = \"http://127.0.0.1:9/\"\nmethod = \"HEAD\"\nprefix = \"Bearer \"\n";

    fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_canary_becomes_inputs() {
        let config = load(TWO).unwrap();
        let with = |pairs: &[(&str, &str)]| config.with_canary(given(pairs)).unwrap();
        let (inputs, which) = with(&[("secret", "omni/keys")]);
        assert_eq!(which, Some("a"));
        let want =
            [("secret", "omni/keys"), ("canary_url", "https://a.example/ping"), ("canary_expect", "204")];
        assert_eq!(inputs, given(&want));
        assert_eq!(with(&[("secret", "omni/keys"), ("canary", "none")]).0, given(&[("secret", "omni/keys")]));
        assert_eq!(with(&[("secret", "other")]), (given(&[("secret", "other")]), None));
        let by_hand = [("secret", "omni/keys"), ("canary_url", "https://x.example")];
        assert_eq!(with(&by_hand), (given(&by_hand), None));
        let (inputs, _) = with(&[("canary", "b"), ("canary_method", "GET")]);
        let want =
            [("canary_method", "GET"), ("canary_url", "http://127.0.0.1:9/"), ("canary_prefix", "Bearer ")];
        assert_eq!(inputs, given(&want));
        let unknown = config.with_canary(given(&[("canary", "c")])).unwrap_err().to_string();
        assert!(unknown.contains("there is no canary `c`") && unknown.contains('a'), "{unknown}");
    }

    #[test]
    fn what_is_wrong_with_a_canary_is_said() {
        for (text, word) in [
            ("name = \"a\"", "needs a `url`"),
            ("name = \"a\"\nurl = \"http://abroad.example\"", "without encryption"),
            ("name = \"a\"\nurl = \"ftp://x\"", "url"),
            ("name = \"a\"\nurl = \"https://x\"\nmethod = \"PUT\"", "method"),
            ("name = \"a\"\nurl = \"https://x\"\nexpect = 99", "expect"),
            ("name = \"a\"\nurl = \"https://x\"\nkey = \"hunter2\"", "key"),
            ("url = \"https://x\"", "name"),
        ] {
            let told = load(&format!("[[canary]]\n{text}")).unwrap_err();
            assert!(told.contains(word), "{text}: {told}");
        }
        let twice = "[[canary]]\nname = \"a\"\nurl = \"https://x\"\n".repeat(2);
        assert!(load(&twice).unwrap_err().contains("two canaries"));
    }
}
