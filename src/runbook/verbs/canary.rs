//! `canary.send`: one HTTP request with a key in a header, and whether it is answered as it should be.

use super::super::definition::StepKind;
use super::super::need::{Done, Need};
use super::super::value::ValueType;
use super::super::verb::{Output, Param, Verb};
use super::super::view::{View, refusal};
use super::with;
use crate::estate::{Canary, Slot, Untrusted};

/// Sends a canary request.
pub struct Send;

/// Where nothing else is said.
const METHOD: &str = "GET";
const HEADER: &str = "x-api-key";

impl Verb for Send {
    fn name(&self) -> &'static str {
        "canary.send"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Sends one HTTP request with a value in a header and looks at the status, with patience. Without a `url` \
         nothing is sent, and that is said."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            with::needed("home", ValueType::Home, "where the value is read from"),
            with::optional("url", ValueType::Text, "where to: https, or http to this machine"),
            with::optional("method", ValueType::Text, "`GET`, `POST` or `HEAD`; `GET` without it"),
            with::optional("header", ValueType::Text, "the header with the value; `x-api-key` without it"),
            with::optional("prefix", ValueType::Text, "what stands before the value, e.g. `Bearer `"),
            with::optional(
                "expect",
                ValueType::Number,
                "the status that is good; any from 200 to 299 without it",
            ),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[]
    }

    fn next(&self, view: &View<'_>) -> Result<Done, Need> {
        let said = |text: String| Ok(Done { evidence: vec![text], ..Done::default() });
        let Some(url) = view.maybe_text("url") else {
            return said("no canary is configured: nothing was sent".to_owned());
        };
        let or = |name, other: &str| view.maybe_text(name).cloned().unwrap_or_else(|| Untrusted::from(other));
        let key = Slot::new("canary.key");
        let canary = Canary {
            method: or("method", METHOD),
            url: url.clone(),
            header: or("header", HEADER),
            prefix: or("prefix", ""),
            key: key.clone(),
        };
        let name = format!("{} {}", canary.method.shown(), address(url));
        if view.planning {
            return said(format!("{name} would be sent, with the new value in {}", canary.header.shown()));
        }
        view.fetch(with::home(view, "home")?, &key)?;
        let expected = with::number(view, "expect");
        match view.status(&canary)? {
            Ok(status) if is_good(status, expected) => said(format!("{name} answered {status}")),
            Ok(status) => {
                let lost = format!("{name} answered {status}, and {} is good, still", good(expected));
                Err(with::again(view, "the canary to be answered well", lost))
            }
            Err(fault) if fault.is_passing() => {
                let lost = format!("{name} got no answer ({})", fault.word());
                Err(with::again(view, "the canary to be answered", lost))
            }
            Err(fault) => Err(refusal(fault)),
        }
    }
}

/// The address without what is after `?` or `#`, where keys are sometimes put. Safe to draw.
fn address(url: &Untrusted) -> String {
    let bare = url.wire().split(['?', '#']).next().unwrap_or_default();
    Untrusted::from(bare).shown().to_string()
}

fn is_good(status: u16, expected: Option<i64>) -> bool {
    match expected {
        Some(one) => i64::from(status) == one,
        None => (200..300).contains(&status),
    }
}

fn good(expected: Option<i64>) -> String {
    expected.map_or_else(|| "200 to 299".to_owned(), |one| one.to_string())
}
