//! `wait`: lets time pass, for seconds or weeks, unless a person ends it sooner.

use super::super::definition::StepKind;
use super::super::need::{Done, Need};
use super::super::value::{Value, ValueType};
use super::super::verb::{Output, Param, Verb};
use super::super::view::View;
use super::super::words;
use super::with;
use crate::estate::time::{plus_seconds, seconds_between};

/// Waits.
pub struct Wait;

impl Verb for Wait {
    fn name(&self) -> &'static str {
        "wait"
    }

    fn kind(&self) -> StepKind {
        StepKind::Wait
    }

    fn doc(&self) -> &'static str {
        "Lets time pass, counted from when the step begins; a late input can end it sooner."
    }

    fn takes(&self) -> &'static [Param] {
        &[
            Param { name: "for", kind: ValueType::Duration, optional: false, doc: "how long" },
            Param {
                name: "why",
                kind: ValueType::Text,
                optional: false,
                doc: "what it waits for, as the end of `waits for ...`",
            },
            Param {
                name: super::ACCEPTS,
                kind: ValueType::Text,
                optional: true,
                doc: "the late input, a flag, that ends the wait sooner",
            },
        ]
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "ended", kind: ValueType::Time }]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let seconds = with::seconds(view, "for")?;
        let why = view.text("why")?.shown().to_string();
        let until = plus_seconds(view.began, i64::try_from(seconds).unwrap_or(i64::MAX));
        let accepts = view.maybe_text(super::ACCEPTS).map(|name| name.wire().to_owned());
        let done = |said: String| {
            let outputs = [("ended".to_owned(), Value::Time(view.now))].into();
            Ok(Done { evidence: vec![said], outputs })
        };
        if view.planning {
            return done(format!("waits {} for {why}", words::said(seconds)));
        }
        if let Some(name) = accepts.as_deref().filter(|name| view.late.get(*name) == Some(&Value::Flag(true)))
        {
            let waited = words::said(seconds_between(view.began, view.now).max(0).unsigned_abs());
            return done(format!("ended by `{name}` after {waited}"));
        }
        if view.now >= until {
            return done(format!("{} have passed", words::said(seconds)));
        }
        Err(Need::Time { until, accepts: accepts.into_iter().collect(), why })
    }
}
