//! Functions, what they do with failures, and what they consume. Source: Lambda API reference
//! (`ListFunctions` and the others: 50 a page at most here).

use super::{Asked, maybe, pairs, text, time};
use crate::estate::ask::Cursor;
use crate::estate::ask::lambda::{Answer, Ask, ListEventSourceMappings, ListFunctions};
use crate::estate::fault::Fault;
use crate::estate::function::{
    Alias, EventSource, Function, FunctionConfig, FunctionUrl, Layer, ListedUrl, OnFailure, Provisioned,
};
use crate::estate::names::{AliasName, Arn, FunctionName, FunctionVersion, RevisionId};
use crate::practice::world::REGION;
use crate::practice::world::function::Config;
use crate::practice::world::{self, Mapping};
use crate::practice::{faults, prng};

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    let world = asked.world;
    match ask {
        Ask::ListFunctions(ListFunctions {}) => {
            let rows = asked.rows(&world.functions);
            let (page, next) = asked.page("", &rows, 50, |f| &f.name)?;
            Ok((Answer::ListFunctions(page.into_iter().map(function).collect()), next))
        }
        Ask::ListFunctionEventInvokeConfigs(q) => {
            asked.single()?;
            let f = find(asked, &q.function)?;
            let config = f.on_failure.iter().map(|to| OnFailure {
                function: Arn::new(format!("{}:$LATEST", f.arn())),
                destination: Arn::new(to.as_str()),
            });
            Ok((Answer::ListFunctionEventInvokeConfigs(config.collect()), None))
        }
        Ask::GetFunctionConfiguration(q) => {
            asked.single()?;
            let f = find(asked, &q.function)?;
            let version = q.version.as_ref().map_or("$LATEST", |v| v.wire());
            let Some(config) = f.version(version) else {
                let message = format!("Function not found: {}:{version}", f.arn());
                return Err(faults::missing(asked.op, "ResourceNotFoundException", &message));
            };
            let arn = q.version.as_ref().map_or_else(|| f.arn(), |v| format!("{}:{}", f.arn(), v.wire()));
            Ok((Answer::GetFunctionConfiguration(configuration(asked, f, config, arn)), None))
        }
        Ask::ListVersionsByFunction(q) => {
            let f = find(asked, &q.function)?;
            let rows: Vec<&Config> = f.versions.iter().rev().chain([&f.latest]).collect();
            let (page, next) = asked.newest(&f.name, &rows, 50)?;
            let config = |c: &&Config| configuration(asked, f, c, format!("{}:{}", f.arn(), c.version));
            Ok((Answer::ListVersionsByFunction(page.into_iter().map(config).collect()), next))
        }
        Ask::ListAliases(q) => {
            let f = find(asked, &q.function)?;
            let rows: Vec<&world::function::Alias> = f.aliases.iter().collect();
            let (page, next) = asked.page(&f.name, &rows, 50, |a| &a.name)?;
            Ok((Answer::ListAliases(page.into_iter().map(alias).collect()), next))
        }
        Ask::GetProvisionedConcurrencyConfig(q) => {
            asked.single()?;
            let f = find(asked, &q.function)?;
            let Some(alias) = f.aliases.iter().find(|a| a.name == q.alias.wire()) else {
                let message = format!("Cannot find alias arn: {}:{}", f.arn(), q.alias.wire());
                return Err(faults::missing(asked.op, "ResourceNotFoundException", &message));
            };
            let config = alias.provisioned.map(|(requested, ready)| Provisioned {
                status: text(if world.now < ready { "IN_PROGRESS" } else { "READY" }),
                requested,
                available: if world.now < ready { 0 } else { requested },
            });
            Ok((Answer::GetProvisionedConcurrencyConfig(config), None))
        }
        Ask::GetFunctionConcurrency(q) => {
            asked.single()?;
            Ok((Answer::GetFunctionConcurrency(find(asked, &q.function)?.reserved), None))
        }
        Ask::GetFunctionUrlConfig(q) => {
            asked.single()?;
            let f = find(asked, &q.function)?;
            let url = f
                .url
                .as_ref()
                .filter(|_| q.alias.is_none())
                .map(|auth| FunctionUrl { url: url_of(&f.name).as_str().into(), auth: text(auth) });
            Ok((Answer::GetFunctionUrlConfig(url), None))
        }
        Ask::GetPolicy(q) => {
            asked.single()?;
            let policy = find(asked, &q.function)?.policy().filter(|_| q.qualifier.is_none());
            Ok((Answer::GetPolicy(policy.map(Into::into)), None))
        }
        Ask::ListFunctionUrlConfigs(q) => {
            asked.single()?;
            let f = find(asked, &q.function)?;
            let url = f.url.iter().map(|auth| ListedUrl {
                function: Arn::new(f.arn()),
                url: FunctionUrl { url: url_of(&f.name).as_str().into(), auth: text(auth) },
                created: Some(time(f.opened)),
                modified: Some(time(f.opened)),
            });
            Ok((Answer::ListFunctionUrlConfigs(url.collect()), None))
        }
        Ask::ListLayers(_) => {
            asked.single()?;
            let layers = asked.rows(&world.standing.layers).into_iter().map(|l| Layer {
                name: text(&l.name),
                newest: Arn::new(l.arn()),
                published: Some(time(l.published)),
            });
            Ok((Answer::ListLayers(layers.collect()), None))
        }
        Ask::ListTags(q) => {
            asked.single()?;
            let f = find(asked, &FunctionName::new(q.function.wire()))?;
            Ok((Answer::ListTags(pairs(&f.tags)), None))
        }
        Ask::ListEventSourceMappings(ListEventSourceMappings {}) => {
            let rows = asked.rows(&world.mappings);
            let (page, next) = asked.page("", &rows, 100, |m| &m.id)?;
            Ok((Answer::ListEventSourceMappings(page.into_iter().map(mapping).collect()), next))
        }
    }
}

/// The URL of a function: its id is 32 letters and digits.
fn url_of(name: &str) -> String {
    let id = format!("{:016x}{:016x}", prng::word(name), prng::mix(prng::word(name), 1, 2));
    format!("https://{id}.lambda-url.{REGION}.on.aws/")
}

/// The function with this name or ARN.
fn find<'a>(asked: &Asked<'a>, name: &FunctionName) -> Result<&'a world::Function, Fault> {
    let wanted = name.wire();
    // the pattern of `FunctionName` in the service model, of which an ARN is one form
    if wanted.is_empty() || !wanted.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:$".contains(c)) {
        let message = "1 validation error detected: Value at 'functionName' failed to satisfy constraint";
        return Err(faults::invalid(asked.op, "ValidationException", message));
    }
    let found = asked.world.function(wanted).filter(|_| asked.here);
    found.and_then(|f| asked.world.functions.get(f)).ok_or_else(|| faults::no_function(asked.op, wanted))
}

/// A configuration without the values of its variables.
fn configuration(asked: &Asked<'_>, f: &world::Function, c: &Config, arn: String) -> FunctionConfig {
    let updating = c.version == "$LATEST" && f.update.is_some();
    let readable = c.unreadable.is_none();
    FunctionConfig {
        name: FunctionName::new(f.name.as_str()),
        arn: Arn::new(arn),
        version: FunctionVersion::new(c.version.as_str()),
        revision: RevisionId::new(c.revision.as_str()),
        state: text(if asked.world.now < c.active_at { "Pending" } else { "Active" }),
        last_update: text(if updating { "InProgress" } else { "Successful" }),
        code_sha256: text(&c.code),
        description: (!c.description.is_empty()).then(|| text(&c.description)),
        handler: text(&c.handler),
        role: text(&c.role),
        layers: c.layers.iter().map(|l| Arn::new(l.as_str())).collect(),
        timeout_s: c.timeout,
        dead_letter: f.dead_letter.as_deref().map(Arn::new),
        kms_key: maybe(c.kms.as_ref()),
        snap_start: c.snap_start,
        variables: c.variables.keys().filter(|_| readable).map(|n| text(n)).collect(),
        environment_bytes: if readable { u32::try_from(c.bytes()).unwrap_or(u32::MAX) } else { 0 },
        environment_error: maybe(c.unreadable.as_ref()),
    }
}

fn alias(a: &world::function::Alias) -> Alias {
    Alias {
        name: AliasName::new(a.name.as_str()),
        version: FunctionVersion::new(a.version.as_str()),
        revision: RevisionId::new(a.revision.as_str()),
        weighted: a.weighted.is_some(),
    }
}

fn function(f: &world::Function) -> Function {
    Function {
        name: FunctionName::new(f.name.as_str()),
        arn: Arn::new(f.arn()),
        dead_letter: f.dead_letter.as_deref().map(Arn::new),
        modified: Some(time(f.modified)),
    }
}

fn mapping(m: &Mapping) -> EventSource {
    EventSource {
        id: m.id.as_str().into(),
        function: Arn::new(m.function.as_str()),
        source: Some(Arn::new(m.source.as_str())),
        on_failure: m.on_failure.as_deref().map(Arn::new),
        state: m.state.as_str().into(),
    }
}
