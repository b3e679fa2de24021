//! An example of config.toml with every key, its meaning and its default, made from the registry.

use super::BAND_COLOURS;
use super::setting::{SETTINGS, Setting, Value};
use super::types::Config;
use super::value;
use crate::diagnose::one_of;

/// A context, a system and a policy, as a person would write them.
const TABLES: &str = r#"
# A way into AWS. Chosen by --context, BARTIZAN_CONTEXT or default_context; one alone is chosen by itself.
#[[context]]
#name = "prod-eu"
#profile = "prod"                   # a profile of the AWS configuration
#region = "eu-central-1"
#role = "arn:aws:iam::123456789012:role/ops"
#mfa_serial = "arn:aws:iam::123456789012:mfa/alice"
#endpoint = "https://vpce.example"  # for every service
#read_only = true                   # no change can be made in it
#production = true                  # changes need the account's alias typed
#colour = "red"                     # COLOURS

# What belongs together: a name that fits one of the patterns (* and ?), or all of the tags. The first wins.
#[[system]]
#name = "logapi"
#names = ["logapi-*", "log-*"]
#tags = { project = "logapi" }

# A request that tells whether a key is good. Runs of runbooks send it with a new key (--set canary=logapi), by
# themselves where what they change fits one of the patterns. No key stands here.
#[[canary]]
#name = "logapi"
#names = ["logapi/*"]
#url = "https://api.example/ping"   # https, or http to this machine
#method = "GET"                     # `GET`, `POST` or `HEAD`
#header = "x-api-key"
#prefix = "Key "                    # before the key in that header
#expect = 200                       # any from 200 to 299 without it

# What of messages is never drawn: fields of bodies, also in the envelopes of SNS, EventBridge and Lambda, and
# attributes. `*` and `?` fit within a name, `**` any number of names. No group is named by what is masked. Exports
# hold everything, for they must be able to send a message again.
#[queues]
#mask = ["body.card.*", "body.**.password", "attr.Authorization"]

# An age of their own for some secrets. The first that fits wins.
#[[policy.secret]]
#names = ["db/*"]
#days = 30
"#;

/// A config.toml that changes nothing: everything in it is a comment that shows the default.
#[must_use]
pub fn example() -> String {
    let defaults = Config::default();
    let mut out =
        String::from("# config.toml of bartizan. Every line can be left out; these are the defaults.\n");
    let mut section = "";
    for setting in SETTINGS.iter().filter(|s| s.in_file) {
        let (table, key) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        if table != section {
            out.push_str(&format!("\n[{table}]\n"));
            section = table;
        }
        let value = shown(setting, &defaults);
        out.push_str(&format!("{:<30}  # {}\n", format!("#{key} = {value}"), setting.doc));
    }
    out.push_str(&TABLES.replace("COLOURS", &one_of(BAND_COLOURS.iter().copied())));
    out
}

fn shown(setting: &Setting, defaults: &Config) -> String {
    match (setting.get)(defaults) {
        Value::Unset => "\"\"".to_owned(),
        found @ (Value::Flag(_) | Value::Number(_) | Value::Text(_)) => value::shown(&found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;
    use crate::diagnose::walk::Source;

    fn load(text: &str) -> Result<Config, String> {
        let sources = Sources { file: Some(Source { file: "config.toml", text }), ..Sources::default() };
        Config::load(&sources).map(|(config, _)| config).map_err(|found| found[0].to_string())
    }

    #[test]
    fn the_example_changes_nothing_and_every_line_of_it_works() {
        let text = example();
        let plain = load("").unwrap();
        assert_eq!(load(&text).unwrap(), plain);
        // With the signs of comment taken away where a key or a table follows directly.
        let active: Vec<String> = text
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') && !rest.contains("= \"\"") => rest.to_owned(),
                Some(_) => String::new(),
                None => line.to_owned(),
            })
            .collect();
        let all = load(&active.join("\n")).unwrap();
        assert_eq!((all.contexts.len(), all.systems.len(), all.policy.secrets.len()), (1, 1, 1));
        assert_eq!((all.canaries.len(), all.masks.texts().count()), (1, 3));
        assert_eq!(all.intervals, plain.intervals);
        assert_eq!(all.limits, plain.limits);
    }
}
