//! Containment of a function, and its release: how much of it may run at once is lowered, to nothing if need be, and the
//! event sources that feed it are disabled. Nothing here deletes anything. Sources: Lambda API reference,
//! `PutFunctionConcurrency`, `DeleteFunctionConcurrency`, `UpdateEventSourceMapping`; Lambda developer guide,
//! "Configuring reserved concurrency for a function".

use super::{Op, QUIET, op};
use crate::estate::ask::{self, Answer, Asks, Operation, Query};
use crate::estate::at::At;
use crate::estate::change::{CliLine, CliValue, Receipt, Risk, Settle, Verdict};
use crate::estate::names::{Arn, FunctionName};
use crate::estate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What is changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Lets at most so many invocations of a function run at once; of 0, none.
    Limit {
        /// Which function.
        function: FunctionName,
        /// How many.
        to: u32,
        /// What was reserved before; `None` if nothing was.
        was: Option<u32>,
    },
    /// Ends that.
    Unlimit {
        /// Which function.
        function: FunctionName,
        /// What is reserved again; `None` takes the reservation off.
        to: Option<u32>,
        /// The limit that is ended.
        was: u32,
    },
    /// Disables an event source of a function: its messages and records stay where they are.
    Disconnect {
        /// Which function.
        function: FunctionName,
        /// The id of the mapping.
        mapping: Untrusted,
        /// The queue or stream.
        source: Option<Arn>,
    },
    /// Enables it again.
    Connect {
        /// Which function.
        function: FunctionName,
        /// The id of the mapping.
        mapping: Untrusted,
        /// The queue or stream.
        source: Option<Arn>,
    },
}

impl Act {
    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::Limit { .. } | Act::Disconnect { .. } => Risk::Containing,
            Act::Unlimit { .. } | Act::Connect { .. } => Risk::Releasing,
        }
    }

    pub(super) fn function(&self) -> &FunctionName {
        match self {
            Act::Limit { function, .. }
            | Act::Unlimit { function, .. }
            | Act::Disconnect { function, .. }
            | Act::Connect { function, .. } => function,
        }
    }

    pub(super) fn sentence(&self) -> String {
        let of = |mapping: &Untrusted, source: &Option<Arn>| match source {
            Some(source) => source.resource().shown().to_string(),
            None => mapping.shown().to_string(),
        };
        match self {
            Act::Limit { function, to: 0, .. } => {
                format!("Let nothing of {} run: its reserved concurrency becomes 0", function.shown())
            }
            Act::Limit { function, to, .. } => {
                format!("Let at most {to} invocations of {} run at once", function.shown())
            }
            Act::Unlimit { function, to: Some(to), was } => {
                format!("Reserve a concurrency of {to} for {} again, in place of {was}", function.shown())
            }
            Act::Unlimit { function, to: None, was } => {
                format!("Take the reserved concurrency of {was} off {}", function.shown())
            }
            Act::Disconnect { function, mapping, source } => {
                format!("Disable the event source {} of {}", of(mapping, source), function.shown())
            }
            Act::Connect { function, mapping, source } => {
                format!("Enable the event source {} of {} again", of(mapping, source), function.shown())
            }
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::Limit { was: Some(was), .. } => format!("reserve {was} again"),
            Act::Limit { was: None, .. } => "take the reservation off, for there was none".into(),
            Act::Unlimit { was, .. } => format!("reserve {was} again"),
            Act::Disconnect { .. } => "enable it again".into(),
            Act::Connect { .. } => "disable it again".into(),
        }
    }

    pub(super) fn inverse(&self) -> Act {
        match self.clone() {
            Act::Limit { function, to, was } => Act::Unlimit { function, to: was, was: to },
            Act::Unlimit { function, to, was } => Act::Limit { function, to: was, was: to },
            Act::Disconnect { function, mapping, source } => Act::Connect { function, mapping, source },
            Act::Connect { function, mapping, source } => Act::Disconnect { function, mapping, source },
        }
    }

    pub(super) fn call(&self) -> Write {
        match self.clone() {
            Act::Limit { function, to, was } => Write::PutFunctionConcurrency { function, reserved: to, was },
            Act::Unlimit { function, to: Some(to), was } => {
                Write::PutFunctionConcurrency { function, reserved: to, was: Some(was) }
            }
            Act::Unlimit { function, to: None, .. } => Write::DeleteFunctionConcurrency { function },
            Act::Disconnect { function, mapping, .. } => {
                Write::UpdateEventSourceMapping { function, mapping, enabled: false }
            }
            Act::Connect { function, mapping, .. } => {
                Write::UpdateEventSourceMapping { function, mapping, enabled: true }
            }
        }
    }
}

/// One write.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // each is the operation of its name; fields as in `Act`
pub enum Write {
    PutFunctionConcurrency { function: FunctionName, reserved: u32, was: Option<u32> },
    DeleteFunctionConcurrency { function: FunctionName },
    UpdateEventSourceMapping { function: FunctionName, mapping: Untrusted, enabled: bool },
}

impl Write {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Write::PutFunctionConcurrency { .. } => op(Op::Reserve),
            Write::DeleteFunctionConcurrency { .. } => op(Op::Unreserve),
            Write::UpdateEventSourceMapping { .. } => op(Op::Mapping),
        }
    }

    /// The function that it is about.
    #[must_use]
    pub fn function_name(&self) -> &FunctionName {
        match self {
            Write::PutFunctionConcurrency { function, .. }
            | Write::DeleteFunctionConcurrency { function }
            | Write::UpdateEventSourceMapping { function, .. } => function,
        }
    }

    pub(super) fn cli(&self) -> CliLine {
        match self {
            Write::PutFunctionConcurrency { function, reserved, .. } => {
                CliLine::new("lambda put-function-concurrency")
                    .with("function-name", function.wire())
                    .with("reserved-concurrent-executions", reserved.to_string())
            }
            Write::DeleteFunctionConcurrency { function } => {
                CliLine::new("lambda delete-function-concurrency").with("function-name", function.wire())
            }
            Write::UpdateEventSourceMapping { mapping, enabled, .. } => {
                let line = CliLine::new("lambda update-event-source-mapping").with("uuid", mapping.wire());
                line.also(if *enabled { "enabled" } else { "no-enabled" }, CliValue::Flag)
            }
        }
    }

    /// Whether it lets less through than before.
    fn contains(&self) -> bool {
        match self {
            Write::PutFunctionConcurrency { reserved, was, .. } => was.is_none_or(|was| *reserved < was),
            Write::DeleteFunctionConcurrency { .. } => false,
            Write::UpdateEventSourceMapping { enabled, .. } => !enabled,
        }
    }

    /// Containing twice does no harm and must not wait, so a "no" of what contains counts at once; what releases is
    /// left alone for its quiet time.
    pub(super) fn settle(&self, at: &At) -> Settle {
        let quiet = if self.contains() { Duration::ZERO } else { QUIET };
        let ask = match self {
            Write::PutFunctionConcurrency { function, .. }
            | Write::DeleteFunctionConcurrency { function } => {
                ask::lambda::GetFunctionConcurrency { function: function.clone() }.ask()
            }
            Write::UpdateEventSourceMapping { .. } => ask::lambda::ListEventSourceMappings {}.ask(),
        };
        Settle::Look { query: Query { at: at.clone(), ask }, quiet }
    }

    pub(super) fn verdict(&self, answers: &[Answer]) -> Verdict {
        let stands = match self {
            Write::PutFunctionConcurrency { reserved, .. } => {
                limited(answers).map(|now| now == Some(*reserved))
            }
            Write::DeleteFunctionConcurrency { .. } => limited(answers).map(|now| now.is_none()),
            Write::UpdateEventSourceMapping { mapping, enabled, .. } => {
                let mut found = None;
                for answer in answers {
                    let Answer::Lambda(ask::lambda::Answer::ListEventSourceMappings(page)) = answer else {
                        return Verdict::Unclear;
                    };
                    found = found.or_else(|| page.iter().find(|m| m.id == *mapping));
                }
                match found {
                    None => {
                        let words = format!("the event source mapping {} is gone", mapping.shown());
                        return Verdict::Overtaken(words);
                    }
                    Some(m) => Some(if *enabled { m.is_on() } else { m.is_off() }),
                }
            }
        };
        match stands {
            None => Verdict::Unclear,
            Some(true) => Verdict::Happened(Receipt::Done),
            Some(false) => Verdict::NotHappened,
        }
    }
}

/// What is reserved, by the answer; `None` if it does not tell.
fn limited(answers: &[Answer]) -> Option<Option<u32>> {
    match answers {
        [Answer::Lambda(ask::lambda::Answer::GetFunctionConcurrency(now))] => Some(*now),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::function::EventSource;

    fn at() -> At {
        At { account: None, region: crate::estate::Region::us_east_1() }
    }

    fn function() -> FunctionName {
        FunctionName::new("app")
    }

    fn quiet(write: &Write) -> Duration {
        match write.settle(&at()) {
            Settle::Look { quiet, .. } => quiet,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_lets_less_through_needs_no_quiet_time() {
        let put = |reserved, was| Write::PutFunctionConcurrency { function: function(), reserved, was };
        for (write, wanted) in [
            (put(0, None), Duration::ZERO),
            (put(5, Some(100)), Duration::ZERO),
            (put(100, Some(5)), QUIET),
            (Write::DeleteFunctionConcurrency { function: function() }, QUIET),
        ] {
            assert_eq!(quiet(&write), wanted, "{write:?}");
        }
        for (enabled, wanted) in [(false, Duration::ZERO), (true, QUIET)] {
            let write =
                Write::UpdateEventSourceMapping { function: function(), mapping: "m".into(), enabled };
            assert_eq!(quiet(&write), wanted);
        }
    }

    #[test]
    fn an_undo_gives_back_what_was_there_and_no_more() {
        for (was, call) in [
            (None, Write::DeleteFunctionConcurrency { function: function() }),
            (Some(100), Write::PutFunctionConcurrency { function: function(), reserved: 100, was: Some(0) }),
        ] {
            let limit = Act::Limit { function: function(), to: 0, was };
            assert_eq!(limit.inverse().call(), call);
            assert_eq!(limit.inverse().inverse(), limit);
            assert_eq!((limit.risk(), limit.inverse().risk()), (Risk::Containing, Risk::Releasing));
        }
    }

    #[test]
    fn answers_tell_whether_it_happened() {
        let reserved = |now| [Answer::Lambda(ask::lambda::Answer::GetFunctionConcurrency(now))];
        let put = Write::PutFunctionConcurrency { function: function(), reserved: 0, was: None };
        let delete = Write::DeleteFunctionConcurrency { function: function() };
        assert_eq!(put.verdict(&reserved(Some(0))), Verdict::Happened(Receipt::Done));
        assert_eq!(put.verdict(&reserved(None)), Verdict::NotHappened);
        assert_eq!(delete.verdict(&reserved(None)), Verdict::Happened(Receipt::Done));
        assert_eq!(delete.verdict(&reserved(Some(0))), Verdict::NotHappened);
        assert_eq!(delete.verdict(&[]), Verdict::Unclear);
        let listed = |state: &str| {
            let m = EventSource {
                id: "m".into(),
                function: Arn::new("f"),
                source: None,
                on_failure: None,
                state: state.into(),
            };
            [Answer::Lambda(ask::lambda::Answer::ListEventSourceMappings(vec![m]))]
        };
        let off =
            Write::UpdateEventSourceMapping { function: function(), mapping: "m".into(), enabled: false };
        for (state, verdict) in [
            ("Disabled", Verdict::Happened(Receipt::Done)),
            ("Disabling", Verdict::Happened(Receipt::Done)),
            ("Enabled", Verdict::NotHappened),
            ("Updating", Verdict::NotHappened),
        ] {
            assert_eq!(off.verdict(&listed(state)), verdict, "{state}");
        }
        let none = [Answer::Lambda(ask::lambda::Answer::ListEventSourceMappings(vec![]))];
        assert!(matches!(off.verdict(&none), Verdict::Overtaken(_)));
        assert_eq!(off.verdict(&reserved(None)), Verdict::Unclear);
    }
}
