//! The words by which definitions, listings and documents name the types of values and the kinds of steps.

use super::StepKind;
use crate::runbook::value::ValueType;

/// Every type and its word.
pub const TYPES: &[(&str, ValueType)] = &[
    (type_word(ValueType::Text), ValueType::Text),
    (type_word(ValueType::List), ValueType::List),
    (type_word(ValueType::Number), ValueType::Number),
    (type_word(ValueType::Flag), ValueType::Flag),
    (type_word(ValueType::Duration), ValueType::Duration),
    (type_word(ValueType::Time), ValueType::Time),
    (type_word(ValueType::Secret), ValueType::Secret),
    (type_word(ValueType::Home), ValueType::Home),
    (type_word(ValueType::Findings), ValueType::Findings),
];

/// Every kind of step and its word.
pub const KINDS: &[(&str, StepKind)] = &[
    (kind_word(StepKind::Check), StepKind::Check),
    (kind_word(StepKind::Change), StepKind::Change),
    (kind_word(StepKind::Wait), StepKind::Wait),
    (kind_word(StepKind::Manual), StepKind::Manual),
    (kind_word(StepKind::Verify), StepKind::Verify),
    (kind_word(StepKind::Note), StepKind::Note),
];

/// The word for a type.
#[must_use]
pub const fn type_word(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Text => "text",
        ValueType::List => "list",
        ValueType::Number => "number",
        ValueType::Flag => "flag",
        ValueType::Duration => "duration",
        ValueType::Time => "time",
        ValueType::Secret => "secret",
        ValueType::Home => "home",
        ValueType::Findings => "findings",
    }
}

/// The word for a kind of step.
#[must_use]
pub const fn kind_word(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Check => "check",
        StepKind::Change => "change",
        StepKind::Wait => "wait",
        StepKind::Manual => "manual",
        StepKind::Verify => "verify",
        StepKind::Note => "note",
    }
}
