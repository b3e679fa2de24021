//! Changes to functions: edit the environment under the revision that was read, publish a version, move an
//! alias, invoke as a canary. `UpdateFunctionConfiguration` replaces all variables, so the whole environment
//! is read into a vault, edited there and sent with its `RevisionId`.
//! Source: Lambda API reference, `UpdateFunctionConfiguration`, `PublishVersion`, `UpdateAlias`, `Invoke`.

pub mod contain;

use super::{CliLine, CliValue, IdempotencyKey, Made, Purpose, Receipt, Risk, Settle, Verdict, writes};
use crate::estate::ask::{self, Answer, Asks, Operation, Query};
use crate::estate::at::At;
use crate::estate::edit::Edit;
use crate::estate::material::MaterialSource;
use crate::estate::names::{AliasName, FunctionName, FunctionVersion, MessageId, RevisionId};
use crate::estate::untrusted::Untrusted;
use crate::estate::vault::Slot;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A write that does not show in the configuration for this long after its intent has not happened. Lambda's
/// control plane is consistent; the figure covers a request still on its way.
const QUIET: Duration = Duration::from_secs(60);

writes! { Lambda, "lambda";
    Update = "UpdateFunctionConfiguration", "lambda:UpdateFunctionConfiguration" @ 5;
    Publish = "PublishVersion", "lambda:PublishVersion" @ 2;
    Alias = "UpdateAlias", "lambda:UpdateAlias" @ 2;
    Invoke = "InvokeFunction", "lambda:InvokeFunction" @ 100;
    Reserve = "PutFunctionConcurrency", "lambda:PutFunctionConcurrency" @ 2;
    Unreserve = "DeleteFunctionConcurrency", "lambda:DeleteFunctionConcurrency" @ 2;
    Mapping = "UpdateEventSourceMapping", "lambda:UpdateEventSourceMapping" @ 2;
}

/// The slot of the vault that holds the end of a canary's log (base64, as Lambda gives it): for the screen, never for
/// a record.
pub const LOG_TAIL: &str = "canary.log";

/// What is changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Edits the variables of `$LATEST`.
    EditEnvironment {
        /// Which function.
        function: FunctionName,
        /// The revision that was read with the variables.
        revision: RevisionId,
        /// The slot with the variables, a JSON object of strings.
        environment: Slot,
        /// The names of the variables that are touched, for people.
        variables: Vec<Untrusted>,
        /// What is done.
        edit: Edit,
        /// The edit that undoes it, where the values for it can be had.
        back: Option<Edit>,
        /// What it is made for.
        #[serde(default, skip_serializing_if = "Purpose::is_routine")]
        purpose: Purpose,
    },
    /// Publishes `$LATEST` as a version.
    Publish {
        /// Which function.
        function: FunctionName,
        /// The revision of `$LATEST` that was looked at.
        revision: RevisionId,
        /// Its `CodeSha256`.
        code_sha256: Untrusted,
        /// What the version is described as: the run's name, by which it is recognised.
        description: Untrusted,
    },
    /// Points an alias at another version.
    MoveAlias {
        /// Which function.
        function: FunctionName,
        /// Which alias.
        alias: AliasName,
        /// Where it points now.
        from: FunctionVersion,
        /// Where it will.
        to: FunctionVersion,
        /// The alias's revision that was looked at; `None` in an undo, which looks first.
        revision: Option<RevisionId>,
    },
    /// Invokes once and waits for the answer: a canary.
    Invoke {
        /// Which function.
        function: FunctionName,
        /// Version or alias; `None` is `$LATEST`.
        qualifier: Option<Untrusted>,
        /// The event as JSON; `{key}` in it stands for what `value` holds.
        payload: Untrusted,
        /// The slot whose text replaces `{key}`.
        value: Option<Slot>,
    },
    /// Contains a function, or ends that.
    Contain(contain::Act),
}

/// One write.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Sends the whole edited environment with the `RevisionId`. Only the environment is sent.
    UpdateFunctionConfiguration {
        /// Which function.
        function: FunctionName,
        /// The revision it must still have.
        revision: RevisionId,
        /// The slot with the variables that are edited.
        environment: Slot,
        /// What is done.
        edit: Edit,
    },
    /// Publishes `$LATEST`, if it still is what was looked at.
    PublishVersion {
        /// Which function.
        function: FunctionName,
        /// The revision it must still have.
        revision: RevisionId,
        /// The code it must still have.
        code_sha256: Untrusted,
        /// The version's description.
        description: Untrusted,
    },
    /// Points an alias at a version.
    UpdateAlias {
        /// Which function.
        function: FunctionName,
        /// Which alias.
        alias: AliasName,
        /// The version.
        version: FunctionVersion,
        /// The revision it must still have, where one was read.
        revision: Option<RevisionId>,
    },
    /// Invokes synchronously (RequestResponse).
    Invoke {
        /// Which function.
        function: FunctionName,
        /// Version or alias.
        qualifier: Option<Untrusted>,
        /// The event as JSON, with `{key}` where the value goes.
        payload: Untrusted,
        /// The slot of the value.
        value: Option<Slot>,
    },
    /// Invokes with the event of a message on the vault's shelf: the body as it is, or what a destination record
    /// says the event was.
    InvokeMessage {
        /// Which function.
        function: FunctionName,
        /// Version or alias.
        qualifier: Option<Untrusted>,
        /// Which message.
        message: MessageId,
        /// Whether to wait for the answer (`RequestResponse`); else Lambda queues it (`Event`), and its 202 says
        /// nothing of success.
        wait: bool,
    },
    /// Contains a function, or ends that.
    Contain(contain::Write),
}

impl Act {
    pub(super) fn risk(&self) -> Risk {
        match self {
            Act::EditEnvironment { purpose, .. } => purpose.risk(),
            Act::Publish { .. } | Act::MoveAlias { .. } | Act::Invoke { .. } => Risk::Ordinary,
            Act::Contain(act) => act.risk(),
        }
    }

    fn function(&self) -> &FunctionName {
        match self {
            Act::EditEnvironment { function, .. }
            | Act::Publish { function, .. }
            | Act::MoveAlias { function, .. }
            | Act::Invoke { function, .. } => function,
            Act::Contain(act) => act.function(),
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        self.function().text().clone()
    }

    pub(super) fn sentence(&self) -> String {
        match self {
            Act::EditEnvironment { function, variables, .. } => {
                let names: Vec<String> = variables.iter().map(|v| v.shown().to_string()).collect();
                format!(
                    "Change {} in the environment of {}; every other variable stays as it is",
                    names.join(", "),
                    function.shown()
                )
            }
            Act::Publish { function, .. } => {
                format!("Publish $LATEST of {} as a new version", function.shown())
            }
            Act::MoveAlias { function, alias, from, to, .. } => format!(
                "Point alias {} of {} at version {} in place of {}",
                alias.shown(),
                function.shown(),
                to.shown(),
                from.shown()
            ),
            Act::Invoke { function, .. } => format!("Invoke {} once as a canary", function.shown()),
            Act::Contain(act) => act.sentence(),
        }
    }

    pub(super) fn undo(&self) -> String {
        match self {
            Act::EditEnvironment { back: Some(_), .. } => "edit the variable back".into(),
            Act::EditEnvironment { back: None, .. } => {
                "enter the old value again: nothing of AWS keeps it".into()
            }
            Act::Publish { .. } => "none needed: a version that no alias points at serves nobody".into(),
            Act::MoveAlias { from, .. } => format!("point it at version {} again", from.shown()),
            Act::Invoke { .. } => "none: an invocation cannot be taken back".into(),
            Act::Contain(act) => act.undo(),
        }
    }

    pub(super) fn inverse(&self, made: &[Made]) -> Option<Act> {
        match self {
            Act::EditEnvironment {
                function,
                environment,
                variables,
                edit,
                back: Some(back),
                purpose,
                ..
            } => {
                let revision = made.iter().rev().find_map(|m| match &m.receipt {
                    Receipt::Revision(r) => Some(r.clone()),
                    _ => None,
                })?;
                Some(Act::EditEnvironment {
                    function: function.clone(),
                    // Stands for "the one that is read just before": the revision of the receipt has
                    // changed by itself since.
                    revision,
                    environment: environment.clone(),
                    variables: variables.clone(),
                    edit: back.clone(),
                    back: Some(edit.clone()),
                    purpose: purpose.back(),
                })
            }
            Act::MoveAlias { function, alias, from, to, .. } => Some(Act::MoveAlias {
                function: function.clone(),
                alias: alias.clone(),
                from: to.clone(),
                to: from.clone(),
                revision: None,
            }),
            Act::Contain(act) => Some(Act::Contain(act.inverse())),
            Act::EditEnvironment { back: None, .. } | Act::Publish { .. } | Act::Invoke { .. } => None,
        }
    }

    pub(super) fn next(&self, made: &[Made]) -> Vec<Call> {
        if !made.is_empty() {
            return Vec::new();
        }
        vec![match self {
            Act::EditEnvironment { function, revision, environment, edit, .. } => {
                Call::UpdateFunctionConfiguration {
                    function: function.clone(),
                    revision: revision.clone(),
                    environment: environment.clone(),
                    edit: edit.clone(),
                }
            }
            Act::Publish { function, revision, code_sha256, description } => Call::PublishVersion {
                function: function.clone(),
                revision: revision.clone(),
                code_sha256: code_sha256.clone(),
                description: description.clone(),
            },
            Act::MoveAlias { function, alias, to, revision, .. } => Call::UpdateAlias {
                function: function.clone(),
                alias: alias.clone(),
                version: to.clone(),
                revision: revision.clone(),
            },
            Act::Invoke { function, qualifier, payload, value } => Call::Invoke {
                function: function.clone(),
                qualifier: qualifier.clone(),
                payload: payload.clone(),
                value: value.clone(),
            },
            Act::Contain(act) => Call::Contain(act.call()),
        }]
    }
}

impl Call {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Call::UpdateFunctionConfiguration { .. } => op(Op::Update),
            Call::PublishVersion { .. } => op(Op::Publish),
            Call::UpdateAlias { .. } => op(Op::Alias),
            Call::Invoke { .. } | Call::InvokeMessage { .. } => op(Op::Invoke),
            Call::Contain(write) => write.operation(),
        }
    }

    fn function(&self) -> &FunctionName {
        match self {
            Call::UpdateFunctionConfiguration { function, .. }
            | Call::PublishVersion { function, .. }
            | Call::UpdateAlias { function, .. }
            | Call::Invoke { function, .. }
            | Call::InvokeMessage { function, .. } => function,
            Call::Contain(write) => write.function_name(),
        }
    }

    pub(super) fn resource(&self) -> Untrusted {
        self.function().text().clone()
    }

    pub(super) fn cli(&self, _key: &IdempotencyKey) -> CliLine {
        match self {
            Call::UpdateFunctionConfiguration { function, revision, .. } => {
                CliLine::new("lambda update-function-configuration")
                    .with("function-name", function.wire())
                    .with("revision-id", revision.wire())
                    // All variables in one file, for this call replaces them all.
                    .also("environment", CliValue::Secret("file://ALL-VARIABLES.json"))
            }
            Call::PublishVersion { function, revision, code_sha256, description } => {
                CliLine::new("lambda publish-version")
                    .with("function-name", function.wire())
                    .with("code-sha256", code_sha256.wire())
                    .with("revision-id", revision.wire())
                    .with("description", description.wire())
            }
            Call::UpdateAlias { function, alias, version, revision } => {
                let line = CliLine::new("lambda update-alias")
                    .with("function-name", function.wire())
                    .with("name", alias.wire())
                    .with("function-version", version.wire());
                match revision {
                    Some(revision) => line.with("revision-id", revision.wire()),
                    None => line,
                }
            }
            Call::Contain(write) => write.cli(),
            Call::InvokeMessage { function, qualifier, wait, .. } => {
                let mut line = CliLine::new("lambda invoke").with("function-name", function.wire());
                if let Some(qualifier) = qualifier {
                    line = line.with("qualifier", qualifier.wire());
                }
                line.with("invocation-type", if *wait { "RequestResponse" } else { "Event" })
                    .also("payload", CliValue::Secret("file://BODY.json"))
                    .also("", CliValue::File("answer.json"))
            }
            Call::Invoke { function, qualifier, .. } => {
                let mut line = CliLine::new("lambda invoke").with("function-name", function.wire());
                if let Some(qualifier) = qualifier {
                    line = line.with("qualifier", qualifier.wire());
                }
                line.also("payload", CliValue::Secret("file://EVENT.json"))
                    .also("", CliValue::File("answer.json"))
            }
        }
    }

    pub(super) fn needs(&self) -> Vec<Slot> {
        match self {
            Call::UpdateFunctionConfiguration { environment, edit, .. } => {
                let mut slots = vec![environment.clone()];
                slots.extend(edit.needs());
                slots
            }
            Call::Invoke { value, .. } => value.iter().cloned().collect(),
            Call::PublishVersion { .. }
            | Call::UpdateAlias { .. }
            | Call::InvokeMessage { .. }
            | Call::Contain(_) => Vec::new(),
        }
    }

    pub(super) fn settle(&self, at: &At) -> Settle {
        let look = |ask: ask::Ask| Settle::Look { query: Query { at: at.clone(), ask }, quiet: QUIET };
        match self {
            Call::UpdateFunctionConfiguration { function, edit, .. } => Settle::Reread {
                source: MaterialSource::Environment { function: function.clone(), version: None },
                edit: edit.clone(),
                quiet: QUIET,
            },
            Call::PublishVersion { function, .. } => {
                look(ask::lambda::ListVersionsByFunction { function: function.clone() }.ask())
            }
            Call::UpdateAlias { function, .. } => {
                look(ask::lambda::ListAliases { function: function.clone() }.ask())
            }
            Call::Contain(write) => write.settle(at),
            Call::Invoke { .. } => Settle::Accept("a canary may have been invoked twice"),
            Call::InvokeMessage { .. } => Settle::Accept(
                "its message is replayed again: the function may get it twice, and it is named",
            ),
        }
    }

    pub(super) fn verdict(&self, _key: &IdempotencyKey, answers: &[Answer]) -> Verdict {
        match self {
            Call::PublishVersion { description, code_sha256, .. } => {
                let mut versions = Vec::new();
                for answer in answers {
                    let Answer::Lambda(ask::lambda::Answer::ListVersionsByFunction(page)) = answer else {
                        return Verdict::Unclear;
                    };
                    versions.extend(page);
                }
                // Lambda publishes no second version of unchanged code and configuration and gives the
                // newest one back: then its description is not ours, and sending again tells the same.
                let ours = versions
                    .iter()
                    .find(|v| v.description.as_ref() == Some(description) && v.code_sha256 == *code_sha256);
                match ours {
                    Some(v) => Verdict::Happened(Receipt::Published(v.version.clone())),
                    None => Verdict::NotHappened,
                }
            }
            Call::UpdateAlias { alias, version, revision, .. } => {
                let mut aliases = Vec::new();
                for answer in answers {
                    let Answer::Lambda(ask::lambda::Answer::ListAliases(page)) = answer else {
                        return Verdict::Unclear;
                    };
                    aliases.extend(page);
                }
                match aliases.iter().find(|a| a.name == *alias) {
                    Some(a) if a.version == *version => Verdict::Happened(Receipt::Done),
                    Some(a) if revision.as_ref().is_some_and(|r| *r != a.revision) => {
                        Verdict::Overtaken(format!(
                            "alias {} was pointed at version {} by somebody else",
                            alias.shown(),
                            a.version.shown()
                        ))
                    }
                    Some(_) => Verdict::NotHappened,
                    None => Verdict::Overtaken(format!("alias {} is gone", alias.shown())),
                }
            }
            Call::Contain(write) => write.verdict(answers),
            Call::UpdateFunctionConfiguration { .. } | Call::Invoke { .. } | Call::InvokeMessage { .. } => {
                Verdict::Unclear
            }
        }
    }

    pub(super) fn stand_in(&self) -> Receipt {
        match self {
            Call::UpdateFunctionConfiguration { .. } => Receipt::Revision(RevisionId::new("")),
            Call::PublishVersion { .. } => Receipt::Published(FunctionVersion::new("")),
            Call::UpdateAlias { .. } | Call::Contain(_) => Receipt::Done,
            Call::Invoke { .. } | Call::InvokeMessage { .. } => {
                Receipt::Invoked { status: 200, function_error: None, request: None }
            }
        }
    }
}
