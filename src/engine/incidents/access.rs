//! The access logs of API Gateway's stages: where they are, and what of them is about the keys and the addresses of an
//! incident. What a line says was written by whoever called: it goes into the file as it stands, but for what looks like the
//! value of a key, and nowhere else.

use super::evidence::{Asker, Gathering};
use crate::engine::runs::reading::Rest;
use crate::estate::ask::apigateway::{GetRestApis, GetStages};
use crate::estate::ask::logs::FilterLogEvents;
use crate::estate::time::plus_seconds;
use crate::estate::{Asks, Fault, Query, RestApi, Stage, Timestamp, Untrusted};
use crate::runbook::words::counted;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// APIs whose stages are asked where they write.
const MOST_APIS: usize = 60;
/// Keys and addresses that are looked for, each by a question of its own to each log.
const MOST_WORDS: usize = 12;
/// Pages that are read for one of them: of a large log most are empty.
const MOST_PAGES: usize = 40;
/// So many of them are named where it is said what a file holds.
const SAID: usize = 4;
/// Lines that are kept of a log.
const MOST_LINES: usize = 20_000;
/// "Strings of 20 to 128 characters" (API Gateway developer guide, "Usage plans and API keys"): so long is the value of a key
/// at least, and a format may have it in every line.
const VALUE: usize = 20;

/// A log group, and the stages that write to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Log {
    pub group: Untrusted,
    stages: Vec<Value>,
}

impl Log {
    /// One that a person has named.
    pub(super) fn named(group: &Untrusted) -> Self {
        Self { group: group.clone(), stages: Vec::new() }
    }
}

/// What is looked for in a log: keys of the gateway by their ids, and the addresses that other keys were used from.
pub(super) fn sought(what: &Gathering, seen: &BTreeSet<IpAddr>) -> Vec<Untrusted> {
    let keys = what.api_keys.iter().map(|key| key.text().clone());
    let named = what.addresses.iter();
    let addresses = named.chain(seen.iter().filter(|a| !what.addresses.contains(a)));
    keys.chain(addresses.map(|a| Untrusted::from(a.to_string()))).collect()
}

impl Asker<'_> {
    /// The logs that stages write to, and the file that says where they are and which stages write none that can be read.
    pub(super) async fn access_logs(&self) -> (Vec<Log>, String, Value) {
        let (mut logs, mut gaps, mut stages): (Vec<Log>, Vec<Value>, usize) = (Vec::new(), Vec::new(), 0);
        let mut not_read: Vec<Value> = Vec::new();
        let mut gap = |of: String, why: String| gaps.push(json!({ "of": of, "why": why }));
        let mut apis: Vec<RestApi> = Vec::new();
        match self.one(GetRestApis {}).await {
            Ok(pages) => apis = pages.concat(),
            Err(fault) => gap("REST APIs".to_owned(), fault.to_string()),
        }
        if apis.len() > MOST_APIS {
            gap(format!("{} REST APIs", apis.len() - MOST_APIS), format!("only {MOST_APIS} are asked"));
            apis.truncate(MOST_APIS);
        }
        for api in &apis {
            let pages = match self.one(GetStages { api: api.id.clone() }).await {
                Ok(pages) => pages,
                Err(fault) => {
                    gap(api.id.wire().to_owned(), fault.to_string());
                    continue;
                }
            };
            for stage in pages.concat() {
                stages += 1;
                match group_of(&stage) {
                    Ok(group) => add(&mut logs, group, of_stage(api, &stage)),
                    Err(why) => {
                        let of = format!("{}, stage {}", api.id.wire(), stage.name.wire());
                        not_read.push(json!({ "of": of, "why": why }));
                    }
                }
            }
        }
        let partial = if gaps.is_empty() {
            String::new()
        } else {
            format!("; NOT HAD: {}", counted(gaps.len(), "answer"))
        };
        let holds = format!(
            "where {} of {} write who called: {}; {} without a log that is read here{partial}; APIs of another kind than REST \
             are not asked",
            counted(stages, "stage"),
            counted(apis.len(), "REST API"),
            counted(logs.len(), "log group"),
            counted(not_read.len(), "stage")
        );
        let document = json!({
            "of": "apigateway:GetStages",
            "asked": self.now.to_string(),
            "logs": logs.iter().map(|l| json!({ "group": l.group.wire(), "stages": l.stages })).collect::<Vec<_>>(),
            "not_read": not_read,
            "gaps": gaps,
        });
        (logs, holds, document)
    }

    /// What of a log is about one of these words.
    pub(super) async fn access_log(
        &self,
        log: &Log,
        words: &[Untrusted],
        back_s: i64,
        progress: &mut impl FnMut(&str),
    ) -> (String, Value) {
        let (from, to) = (plus_seconds(self.now, -back_s), self.now);
        let mut gaps: Vec<(String, String)> = Vec::new();
        let mut found: BTreeMap<(Timestamp, Untrusted, Untrusted), Vec<&str>> = BTreeMap::new();
        if words.len() > MOST_WORDS {
            let rest = words.iter().skip(MOST_WORDS).map(Untrusted::wire).collect::<Vec<_>>().join(", ");
            gaps.push((rest, format!("only {MOST_WORDS} are looked for")));
        }
        if words.is_empty() {
            let why = "no key of API Gateway and no address is known to look for";
            gaps.push((log.group.wire().to_owned(), why.to_owned()));
        }
        for word in words.iter().take(MOST_WORDS) {
            progress(&format!("the access log {}, for {}", log.group.shown(), word.shown()));
            let ask = FilterLogEvents { group: log.group.clone(), text: word.clone(), from, to, said: true };
            let query = Query { at: self.at.clone(), ask: ask.ask() };
            let begun = self.some_pages(&query, MOST_PAGES).await;
            let of = word.wire().to_owned();
            match begun.rest {
                Rest::None => {}
                Rest::More => {
                    gaps.push((of, format!("what is after {MOST_PAGES} pages; ask for less with --back")))
                }
                Rest::Fault(fault) => gaps.push((of, fault.to_string())),
            }
            let opened: Result<Vec<_>, Fault> = begun.pages.into_iter().map(FilterLogEvents::open).collect();
            match opened {
                Ok(pages) => {
                    for line in pages.into_iter().flatten() {
                        let said = line.said.unwrap_or_else(|| Untrusted::from(""));
                        found.entry((line.at, line.stream, said)).or_default().push(word.wire());
                    }
                }
                Err(fault) => gaps.push((word.wire().to_owned(), fault.to_string())),
            }
        }
        let all = found.len();
        if all > MOST_LINES {
            gaps.push((
                format!("{} lines", all - MOST_LINES),
                format!("only the first {MOST_LINES} are kept"),
            ));
        }
        let mut hidden = 0;
        let lines: Vec<Value> = found
            .into_iter()
            .take(MOST_LINES)
            .map(|((at, stream, said), about)| {
                let (said, here) = without_values(said.wire());
                hidden += here;
                json!({ "at": at.to_string(), "stream": stream.wire(), "about": about, "said": said })
            })
            .collect();
        let partial = if gaps.is_empty() {
            String::new()
        } else {
            format!("; NOT HAD: {}", counted(gaps.len(), "answer"))
        };
        let mut about: Vec<String> = words.iter().take(SAID).map(|w| w.shown().to_string()).collect();
        if words.len() > SAID {
            about.push(format!("{} more", words.len() - SAID));
        }
        let holds = format!(
            "{} of the access log {} about {} since {from}{partial}; what callers wrote is in it as they wrote it, but for {} \
             that may be the value of a key",
            counted(lines.len(), "line"),
            log.group.shown(),
            if about.is_empty() { "nothing".to_owned() } else { about.join(", ") },
            counted(hidden, "word")
        );
        let document = json!({
            "of": "logs:FilterLogEvents",
            "group": log.group.wire(),
            "stages": log.stages,
            "asked": self.now.to_string(),
            "from": from.to_string(),
            "to": to.to_string(),
            "looked_for": words.iter().map(Untrusted::wire).collect::<Vec<_>>(),
            "gaps": gaps.iter().map(|(of, why)| json!({ "of": of, "why": why })).collect::<Vec<_>>(),
            "hidden": hidden,
            "lines": lines,
        });
        (holds, document)
    }
}

fn add(logs: &mut Vec<Log>, group: Untrusted, stage: Value) {
    match logs.iter_mut().find(|log| log.group == group) {
        Some(log) => log.stages.push(stage),
        None => logs.push(Log { group, stages: vec![stage] }),
    }
}

fn of_stage(api: &RestApi, stage: &Stage) -> Value {
    json!({
        "api": api.id.wire(),
        "name": api.name.wire(),
        "stage": stage.name.wire(),
        "format": stage.format.as_ref().map(Untrusted::wire),
    })
}

/// The log group of a stage, or why there is none that can be read: `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`, with `:*`
/// behind it perhaps.
fn group_of(stage: &Stage) -> Result<Untrusted, String> {
    let Some(log) = &stage.log else { return Err("it writes no access log".to_owned()) };
    let group = log.wire().split_once(":log-group:").map(|(_, name)| name.trim_end_matches(":*"));
    match group.filter(|name| log.service() == Some("logs") && !name.is_empty()) {
        Some(name) => Ok(Untrusted::from(name)),
        None => Err(format!("its access log goes to {}, which is not read here", log.shown())),
    }
}

/// A line without the words that could be the value of a key, and how many there were. The ids of AWS's own credentials are
/// no secret, and are what is looked for.
fn without_values(line: &str) -> (String, usize) {
    let (mut out, mut word, mut hidden) = (String::with_capacity(line.len()), String::new(), 0);
    for c in line.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        let is_id =
            word.len() <= 21 && ["AKIA", "ASIA", "AROA", "AIDA"].iter().any(|id| word.starts_with(id));
        if word.len() >= VALUE && !is_id {
            hidden += 1;
            out.push_str(&format!("[{} characters not kept]", word.len()));
        } else {
            out.push_str(&word);
        }
        word.clear();
        out.push(c);
    }
    out.pop();
    (out, hidden)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{ApiKeyId, Arn};

    #[test]
    fn what_may_be_a_keys_value_is_not_kept_and_everything_else_is() {
        let value = "Qz7Kp3Vn8Rt2Xw5Yb9Qz7Kp3Vn8Rt2Xw5Yb9";
        let line = format!(
            r#"{{"key":"{value}","id":"k8d3v6z1xq","caller":"AKIAIOSFODNN7EXAMPLE","ip":"203.0.113.66","ua":"a\u001b[2J"}}"#
        );
        let (said, hidden) = without_values(&line);
        assert_eq!(hidden, 1);
        assert_eq!(said, line.replace(value, "[36 characters not kept]"));
        let none = r#"GET /logs?x=1 8f5a2c1e-0000-4000-8000-000000000001 漢字漢字漢字漢字漢字漢字漢字漢字"#;
        assert_eq!(without_values(none), (none.to_owned(), 0));
        assert_eq!(without_values(&"a".repeat(20)).1, 1);
        assert_eq!(without_values(&"a".repeat(19)).1, 0);
        assert_eq!(without_values(&format!("AKIA{}", "b".repeat(30))).1, 1, "longer than any id");
    }

    #[test]
    fn a_stage_says_where_it_writes_or_why_that_is_not_read() {
        let stage = |log: Option<&str>| Stage { name: "prod".into(), log: log.map(Arn::new), format: None };
        let group = |log: &str| group_of(&stage(Some(log))).map(|g| g.wire().to_owned());
        let name = Ok("/aws/apigateway/x".to_owned());
        assert_eq!(group("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/apigateway/x"), name);
        assert_eq!(group("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/apigateway/x:*"), name);
        let firehose = group("arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x");
        assert!(firehose.unwrap_err().contains("is not read here"));
        assert!(group("nonsense").is_err());
        assert_eq!(group_of(&stage(None)), Err("it writes no access log".to_owned()));
    }

    #[test]
    fn keys_come_first_and_each_address_once() {
        let what = Gathering {
            api_keys: vec![ApiKeyId::new("k1")],
            addresses: vec!["203.0.113.9".parse().unwrap()],
            ..Gathering::default()
        };
        let seen = ["203.0.113.9", "2001:db8::1"].map(|a| a.parse().unwrap()).into();
        let words = sought(&what, &seen);
        assert_eq!(words, ["k1", "203.0.113.9", "2001:db8::1"].map(Untrusted::from));
    }
}
