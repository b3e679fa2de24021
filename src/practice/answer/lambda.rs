//! Functions, what they do with failures, and what they consume. Source: Lambda API reference
//! (`ListFunctions` and the others: 50 a page at most here).

use super::Asked;
use crate::estate::ask::Cursor;
use crate::estate::ask::lambda::{Answer, Ask, ListEventSourceMappings, ListFunctions};
use crate::estate::fault::Fault;
use crate::estate::function::{EventSource, Function, OnFailure};
use crate::estate::names::{Arn, FunctionName};
use crate::practice::faults;
use crate::practice::world::{self, Mapping};

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
            let wanted = q.function.wire();
            // the pattern of `FunctionName` in the service model, of which an ARN is one form
            if wanted.is_empty() || !wanted.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:$".contains(c))
            {
                let message =
                    "1 validation error detected: Value at 'functionName' failed to satisfy constraint";
                return Err(faults::invalid(asked.op, "ValidationException", message));
            }
            let found =
                asked.rows(&world.functions).into_iter().find(|f| f.name == wanted || arn(f) == wanted);
            let Some(f) = found else {
                let message = format!("The function {wanted} does not exist.");
                return Err(faults::missing(asked.op, "ResourceNotFoundException", &message));
            };
            let config = f.on_failure.iter().map(|to| OnFailure {
                function: Arn::new(format!("{}:$LATEST", arn(f))),
                destination: Arn::new(to.as_str()),
            });
            Ok((Answer::ListFunctionEventInvokeConfigs(config.collect()), None))
        }
        Ask::GetFunctionConfiguration(_)
        | Ask::ListVersionsByFunction(_)
        | Ask::ListAliases(_)
        | Ask::GetProvisionedConcurrencyConfig(_)
        | Ask::ListTags(_) => Err(faults::unsupported(asked.op)),
        Ask::ListEventSourceMappings(ListEventSourceMappings {}) => {
            let rows = asked.rows(&world.mappings);
            let (page, next) = asked.page("", &rows, 100, |m| &m.id)?;
            Ok((Answer::ListEventSourceMappings(page.into_iter().map(mapping).collect()), next))
        }
    }
}

fn arn(f: &world::Function) -> String {
    world::arn("lambda", &format!("function:{}", f.name))
}

fn function(f: &world::Function) -> Function {
    Function {
        name: FunctionName::new(f.name.as_str()),
        arn: Arn::new(arn(f)),
        dead_letter: f.dead_letter.as_deref().map(Arn::new),
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
