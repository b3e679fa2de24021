//! `function.evidence`: what a function is, what feeds it, who may call it, how much it was called, and what was reserved
//! for it, before anything is changed. Looks only, and reads no value of a variable.

use super::spill::{Spill, spills, waiting};
use super::{FUNCTION, called, config, function, reserved, sources, unknown};
use crate::estate::ask::cloudwatch::GetMetricData;
use crate::estate::ask::lambda::{
    GetFunctionUrlConfig, GetPolicy, ListAliases, ListFunctionEventInvokeConfigs, ListVersionsByFunction,
};
use crate::estate::metric::MetricSource;
use crate::estate::time::plus_seconds;
use crate::estate::{
    Alias, Arn, EventSource, Fault, FunctionConfig, FunctionName, FunctionUrl, MetricId, MetricQuery, Series,
    SourceKind, Timestamp, Untrusted, Window,
};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::contain::role::principals;
use crate::runbook::verbs::contain::{role_of, together, wants};
use crate::runbook::verbs::function_errors::{by_minute, minute};
use crate::runbook::verbs::key::all;
use crate::runbook::view::View;
use crate::runbook::words::{counted, instant, said as how_long};

/// Looks at the function.
pub struct Evidence;

/// An hour, and the one before it.
const HOUR: i64 = 3_600;
/// Of so many aliases URL and policy are asked.
const ALIASES: usize = 8;
/// Records of a stream are gone after this: always of a table's, and of Kinesis unless it was told to keep them longer.
const STREAM: i64 = 24 * 3_600;

impl Verb for Evidence {
    fn name(&self) -> &'static str {
        "function.evidence"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Tells a function's code, role, layers, versions, URL, resource policy, event sources, dead letters and reserved \
         concurrency, and how much it was called in this hour and the one before."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[FUNCTION];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[
            Output { name: "function", kind: ValueType::Text },
            Output { name: "role", kind: ValueType::Text },
            Output { name: "longest", kind: ValueType::Duration },
            Output { name: "dead", kind: ValueType::List },
            Output { name: "spills", kind: ValueType::List },
            Output { name: "spilled", kind: ValueType::Number },
            Output { name: "burns", kind: ValueType::Duration },
        ]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let name = function(v)?;
        let config = config(v, &name)?;
        let versions = v.pages(ListVersionsByFunction { function: name.clone() });
        let aliases = v.pages(ListAliases { function: name.clone() });
        let reserved = reserved(v, &name);
        let feeds = sources(v, &name);
        let failing = v.pages(ListFunctionEventInvokeConfigs { function: name.clone() });
        let figures = v.pages(GetMetricData { queries: queries(&name), window: window(v) });
        together([
            wants(&versions),
            wants(&aliases),
            wants(&reserved),
            wants(&feeds),
            wants(&failing),
            wants(&figures),
        ])?;
        let mut said = vec![what_it_is(&config)];
        said.push(match reserved? {
            Some(0) => "its reserved concurrency is 0: nothing of it runs".to_owned(),
            Some(n) => format!("its reserved concurrency is {n}"),
            None => "no concurrency is reserved for it: it may take all that the account has left".to_owned(),
        });
        let aliases = aliases?.map(|pages| pages.concat());
        let there: Vec<Alias> = aliases.as_ref().map_or_else(|_| Vec::new(), Clone::clone);
        said.extend(doors(v, &name, &there)?);
        let mut longest = u64::from(config.timeout_s);
        said.push(unknown("its versions", versions?, |pages| {
            let versions = pages.concat();
            longest =
                versions.iter().map(|c| u64::from(c.timeout_s)).chain([longest]).max().unwrap_or(longest);
            invokable(&config, &versions)
        }));
        said.push(unknown("its aliases", aliases, |aliases| {
            if aliases.is_empty() {
                return "it has no alias".to_owned();
            }
            let each = |a: &Alias| format!("{} -> {}", a.name.shown(), a.version.shown());
            format!("aliases: {}", aliases.iter().map(each).collect::<Vec<_>>().join(", "))
        }));
        let feeds = feeds?;
        said.push(if feeds.is_empty() {
            "nothing feeds it: it has no event source".into()
        } else {
            fed(&feeds)
        });
        said.extend(feeds.iter().filter_map(|m| loses(m, v.now)));
        let mut dead: Vec<Untrusted> = config.dead_letter.iter().map(|a| a.text().clone()).collect();
        let failing = failing?;
        if let Ok(pages) = &failing {
            dead.extend(pages.concat().iter().map(|f| f.destination.text().clone()));
        }
        dead.extend(feeds.iter().filter_map(|m| m.on_failure.as_ref()).map(|a| a.text().clone()));
        dead.sort();
        dead.dedup();
        said.push(dead_letters(&dead, failing.err().as_ref()));
        let spills = spills(v, &feeds)?;
        let burns = spills.iter().map(Spill::after_s).max().unwrap_or(0);
        let mut spill: Vec<Untrusted> =
            spills.iter().filter_map(Spill::target).map(|a| a.text().clone()).collect();
        spill.sort();
        spill.dedup();
        let spilled = waiting(v, &spill)?;
        said.extend(spill.iter().map(|a| {
            format!(
                "what its queue gives it too often in vain goes to {}",
                Arn::new(a.wire()).resource().shown()
            )
        }));
        said.push(unknown("how much it was called", figures?, |pages| {
            usage(&pages.concat(), plus_seconds(window(v).to, -HOUR))
        }));
        let mut outputs: std::collections::BTreeMap<String, Value> = [
            ("function".to_owned(), Value::Text(name.text().clone())),
            ("longest".to_owned(), Value::Duration(longest)),
            ("dead".to_owned(), Value::List(dead)),
            ("spills".to_owned(), Value::List(spill)),
            ("burns".to_owned(), Value::Duration(burns)),
        ]
        .into();
        if let Some(spilled) = spilled.and_then(|n| i64::try_from(n).ok()) {
            outputs.insert("spilled".to_owned(), Value::Number(spilled));
        }
        if let Some(role) = role_of(&Arn::new(config.role.wire())) {
            outputs.insert("role".to_owned(), Value::Text(role.into()));
        }
        Ok(Done { evidence: said, outputs })
    }
}

fn what_it_is(c: &FunctionConfig) -> String {
    let layers = match c.layers.as_slice() {
        [] => "no layers".to_owned(),
        all => {
            format!("layers {}", all.iter().map(|l| l.shown().to_string()).collect::<Vec<_>>().join(", "))
        }
    };
    format!(
        "{}: code {} ($LATEST), {}, timeout {}, {layers}, role {}",
        c.name.shown(),
        c.code_sha256.shown(),
        c.state.shown(),
        how_long(u64::from(c.timeout_s)),
        Arn::new(c.role.wire()).resource().shown()
    )
}

/// Who gets in: URL and resource policy of the function and of its aliases.
fn doors(v: &View<'_>, name: &FunctionName, aliases: &[Alias]) -> Result<Vec<String>, Need> {
    let of = |alias: Option<&Alias>| alias.map(|a| a.name.clone());
    let ways: Vec<Option<&Alias>> =
        [None].into_iter().chain(aliases.iter().take(ALIASES).map(Some)).collect();
    let urls =
        all(ways.iter().map(|a| v.pages(GetFunctionUrlConfig { function: name.clone(), alias: of(*a) })));
    let policies = all(ways.iter().map(|a| {
        let qualifier = of(*a).map(|a| a.text().clone());
        v.pages(GetPolicy { function: name.clone(), qualifier })
    }));
    together([wants(&urls), wants(&policies)])?;
    let mut said = Vec::new();
    for ((way, url), policy) in ways.iter().zip(urls?).zip(policies?) {
        let what = way.map_or_else(|| "it".to_owned(), |a| format!("alias {}", a.name.shown()));
        let first = way.is_none();
        match url.map(|pages| pages.into_iter().flatten().next()) {
            Ok(Some(url)) => said.push(reached(&what, &url)),
            Ok(None) if first => said.push("it has no URL".to_owned()),
            Ok(None) => {}
            Err(fault) => said.push(format!("whether {what} has a URL is not known: {fault}")),
        }
        match policy.map(|pages| pages.into_iter().flatten().next()) {
            Ok(Some(policy)) => said.push(lets_in(&what, &policy)),
            Ok(None) if first => said.push("no resource policy lets anybody in".to_owned()),
            Ok(None) => {}
            Err(fault) => {
                said.push(format!("whom the resource policy of {what} lets in is not known: {fault}"))
            }
        }
    }
    Ok(said)
}

fn reached(what: &str, url: &FunctionUrl) -> String {
    let who = match url.auth.wire() {
        "NONE" => "whoever knows it may call it".to_owned(),
        _ => format!("callers sign ({})", url.auth.shown()),
    };
    format!("{what} has a URL, {}: {who}", url.url.shown())
}

fn lets_in(what: &str, policy: &Untrusted) -> String {
    let who = principals(policy.wire());
    if who.iter().any(|p| p == "*") {
        return format!("the resource policy of {what} lets EVERYBODY in: {}", who.join(", "));
    }
    format!("the resource policy of {what} lets in {}", who.join(", "))
}

/// What may be invoked beside `$LATEST`.
fn invokable(latest: &FunctionConfig, versions: &[FunctionConfig]) -> String {
    let published: Vec<&FunctionConfig> = versions.iter().filter(|c| c.version.wire() != "$LATEST").collect();
    if published.is_empty() {
        return "no version of it is published".to_owned();
    }
    let other = published.iter().filter(|c| c.code_sha256 != latest.code_sha256).count();
    format!(
        "{} can still be invoked, {other} of them with other code than $LATEST; its reserved concurrency holds for all of \
         them together",
        counted(published.len(), "published version")
    )
}

fn fed(feeds: &[EventSource]) -> String {
    let each = |m: &EventSource| format!("{} ({})", called(m), m.state.shown());
    format!("fed by {}", feeds.iter().map(each).collect::<Vec<_>>().join(", "))
}

/// When something of a stream is lost that nobody takes from.
pub(super) fn loses(source: &EventSource, now: Timestamp) -> Option<String> {
    let until = instant(plus_seconds(now, STREAM));
    match source.kind() {
        SourceKind::TableStream => Some(format!(
            "the {} keeps its records for 24 h: of what is written now, the first is lost {until}",
            called(source)
        )),
        SourceKind::Stream => Some(format!(
            "the {} keeps its records for 24 h unless it was told to keep them longer: of what is written now, the first is \
             lost {until}",
            called(source)
        )),
        SourceKind::Queue | SourceKind::Other => None,
    }
}

fn dead_letters(dead: &[Untrusted], gap: Option<&Fault>) -> String {
    let mut said = match dead {
        [] => "what fails for good goes nowhere: no dead-letter queue and no destination".to_owned(),
        all => {
            let names: Vec<String> =
                all.iter().map(|a| Arn::new(a.wire()).resource().shown().to_string()).collect();
            format!("what fails for good goes to {}", names.join(", "))
        }
    };
    if let Some(fault) = gap {
        said.push_str(&format!(" (its destinations could not be read: {fault})"));
    }
    said
}

/// The last two whole hours, to the minute.
fn window(v: &View<'_>) -> Window {
    let to = minute(v.began);
    Window { from: plus_seconds(to, -2 * HOUR), to }
}

/// The greatest value of a metric of a function, minute by minute.
pub(super) fn greatest(id: &str, metric: &str, function: &Untrusted) -> MetricQuery {
    MetricQuery {
        id: id.into(),
        source: MetricSource::Stat {
            metric: MetricId::of("AWS/Lambda", metric, &[("FunctionName", function.wire())]),
            stat: "Maximum".into(),
            period_s: 60,
            unit: None,
        },
        return_data: true,
        label: None,
    }
}

fn queries(function: &FunctionName) -> Vec<MetricQuery> {
    let name = function.text();
    vec![
        by_minute("calls", "Invocations", name),
        by_minute("errors", "Errors", name),
        by_minute("throttles", "Throttles", name),
        by_minute("duration", "Duration", name),
        greatest("concurrent", "ConcurrentExecutions", name),
    ]
}

/// This hour and the one before it.
fn usage(series: &[Series], turn: Timestamp) -> String {
    let points = |id: &str, late: bool| {
        let points = series.iter().filter(|s| s.id.wire() == id).flat_map(|s| s.points.clone());
        points.filter(|(t, _)| (*t >= turn) == late).map(|(_, n)| n).collect::<Vec<f64>>()
    };
    let sum = |id: &str, late: bool| points(id, late).into_iter().fold(0.0, |all, n| all + n);
    let most = |late: bool| points("concurrent", late).into_iter().fold(0.0, f64::max);
    if let Some(trouble) = series.iter().find_map(|s| s.trouble.as_ref()) {
        return format!("how much it was called: not known (CloudWatch: {})", trouble.shown());
    }
    let hour = |late: bool| {
        format!(
            "{:.0} invocations, {:.0} errors, {:.0} throttles, {:.0} s of run time, {:.0} at once at most",
            sum("calls", late),
            sum("errors", late),
            sum("throttles", late),
            sum("duration", late) / 1_000.0,
            most(late)
        )
    };
    format!("in the last hour {}; in the hour before {}", hour(true), hour(false))
}
