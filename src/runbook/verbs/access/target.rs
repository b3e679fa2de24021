//! `access.target`: whether the thing is there, under that ARN and in that Region, and not marked for deletion. A secret's ARN
//! ends in six random characters; a policy that names it without them allows nothing. Of a queue or a function, whether it is
//! there.

use super::{RESOURCE, arn, found, maybe, not_it, unknown};
use crate::estate::ask::lambda::GetFunctionConcurrency;
use crate::estate::ask::secretsmanager::{DescribeSecret, ListSecrets};
use crate::estate::ask::sqs::{GetQueueAttributes, ListQueues};
use crate::estate::change::secretsmanager;
use crate::estate::{Arn, Encryption, Fault, FaultKind, FunctionName, QueueUrl, Secret, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::view::View;
use crate::runbook::words::instant;

/// Looks at the thing.
pub struct Target;

impl Verb for Target {
    fn name(&self) -> &'static str {
        "access.target"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Looks whether the resource is in this Region, and, of a secret, whether its ARN has its six random characters, whether \
         it is marked for deletion, and which key it has; of a queue or a function, whether it is there, and a queue's key."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[RESOURCE];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "arn", kind: ValueType::Text }, Output { name: "key", kind: ValueType::Text }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let resource = arn(v, RESOURCE.name)?;
        let mut done = Done {
            outputs: [("arn".to_owned(), Value::Text(resource.text().clone()))].into(),
            ..Done::default()
        };
        let here = v.at.region.as_str();
        if let Some(there) = resource.region().filter(|r| !r.is_empty() && *r != here) {
            let todo = format!("look there, with `--region {}`", crate::runbook::shell::quote(there));
            done.evidence.push(found(
                format!("the resource is in {}, and this looks in {here}", Arn::new(there).shown()),
                todo,
            ));
            return Ok(done);
        }
        let is_secret = resource.service() == Some("secretsmanager") || !resource.wire().starts_with("arn:");
        if !is_secret {
            let (said, key) = other(v, &resource)?;
            done.evidence.push(said);
            done.outputs.extend(key.map(|key| ("key".to_owned(), Value::Text(key))));
            return Ok(done);
        }
        match v.pages(DescribeSecret { secret: resource.clone() })? {
            Ok(pages) => {
                if let Some(secret) = pages.into_iter().next() {
                    done.evidence.extend(there(&resource, &secret));
                    done.outputs.insert("arn".into(), Value::Text(secret.arn.text().clone()));
                    done.outputs.extend(secret.kms_key.map(|key| ("key".to_owned(), Value::Text(key))));
                }
            }
            Err(fault) if fault.kind == FaultKind::NotFound => {
                done.evidence.push(absent(v, &resource)?);
            }
            Err(fault) => done.evidence.push(unknown("whether it is there", &fault)),
        }
        Ok(done)
    }
}

/// Whether a queue or a function is there, and the key of a queue, which whoever sends or receives needs.
fn other(v: &View<'_>, resource: &Arn) -> Result<(String, Option<Untrusted>), Need> {
    let absent = |what: &str| {
        found(
            format!("there is no {what} {} here", resource.shown()),
            "name the right one, Region and account",
        )
    };
    Ok(match resource.service() {
        Some("sqs") => match queue_of(v, resource)? {
            Ok(None) => (absent("queue"), None),
            Err(fault) => (unknown("whether the queue is there", &fault), None),
            Ok(Some(queue)) => match v.pages(GetQueueAttributes { queue })? {
                Err(fault) if fault.kind == FaultKind::NotFound => (absent("queue"), None),
                Err(fault) => (unknown("how the queue is encrypted", &fault), None),
                Ok(facts) => match facts.into_iter().next().map(|f| f.encryption) {
                    Some(Encryption::Kms(key)) => {
                        let said = format!("the queue is there, and encrypted with the key {}", key.shown());
                        (not_it(said), Some(key))
                    }
                    Some(Encryption::None | Encryption::SqsManaged) | None => {
                        (not_it("the queue is there, and no key of its own stands before it"), None)
                    }
                },
            },
        },
        Some("lambda") => {
            let function = function(resource).0;
            match v.pages(GetFunctionConcurrency { function })? {
                Ok(_) => (not_it("the function is there"), None),
                Err(fault) if fault.kind == FaultKind::NotFound => (absent("function"), None),
                Err(fault) => (unknown("whether the function is there", &fault), None),
            }
        }
        Some(_) | None => {
            let what = "whether it is there is looked at of secrets, queues and functions only";
            (format!("not known: {}: {what}", resource.shown()), None)
        }
    })
}

/// The URL of the queue with this ARN; `None` if none of its name is listed here.
///
/// # Errors
/// `Know`. The inner fault is AWS's.
pub(super) fn queue_of(v: &View<'_>, arn: &Arn) -> Result<Result<Option<QueueUrl>, Fault>, Need> {
    let name = arn.resource();
    Ok(v.pages(ListQueues {})?.map(|pages| pages.concat().into_iter().find(|url| url.name() == name)))
}

/// The function of an ARN, and the version or alias that it names.
pub(super) fn function(arn: &Arn) -> (FunctionName, Option<Untrusted>) {
    let mut parts = arn.wire().splitn(8, ':').skip(6);
    let name = parts.next().unwrap_or(arn.wire());
    (FunctionName::new(name), parts.next().filter(|q| !q.is_empty()).map(Untrusted::from))
}

fn there(resource: &Arn, secret: &Secret) -> Vec<String> {
    let mut said = Vec::new();
    if *resource == secret.arn {
        said.push(not_it(format!("{} is there under this ARN", secret.name.shown())));
    } else if resource.wire().starts_with("arn:") {
        // Secrets Manager finds it by a part of its ARN; IAM compares the whole.
        said.push(found(
            format!(
                "the whole ARN is {}: a policy that names {} allows nothing on it",
                secret.arn.shown(),
                resource.shown()
            ),
            "end the ARN in the policy with `-??????`, or with the six characters",
        ));
    } else {
        said.push(not_it(format!("{} is {}", resource.shown(), secret.arn.shown())));
        said.push(maybe(
            "a policy may name it without the six characters that the ARN ends in",
            "end the ARN in the policy with `-??????`",
        ));
    }
    match secret.deletion_at {
        Some(at) => said.push(found(
            format!("it is marked for deletion ({}): its value cannot be read", instant(at)),
            format!(
                "`aws secretsmanager restore-secret --secret-id {}`, if it is still needed",
                crate::runbook::shell::quote(secret.arn.wire())
            ),
        )),
        None => said.push(not_it("it is not marked for deletion")),
    }
    said
}

/// Who may not list is told no other name.
fn absent(v: &View<'_>, resource: &Arn) -> Result<String, Need> {
    let there = v.pages(ListSecrets {})?.map(|p| p.concat()).unwrap_or_default();
    let name = resource.wire().split(":secret:").nth(1).unwrap_or(resource.wire());
    // Made again under the same name, it has other characters at its end.
    let bare = secretsmanager::bare(name);
    let again = there.iter().find(|s| s.name.wire() == bare || s.name.wire() == name);
    Ok(match again {
        Some(secret) => found(
            format!(
                "there is no {}, but {}: it was made again under the same name, with other characters at its end",
                resource.shown(),
                secret.arn.shown()
            ),
            "use that ARN, and end it in policies with `-??????`",
        ),
        None => {
            let near = crate::runbook::verbs::near::hint(
                resource.text(),
                there.iter().map(|s| s.name.wire()),
                "`bartizan secrets list` tells which there are",
            );
            found(
                format!("there is no secret {} here{near}", resource.shown()),
                "name the right one, Region and account",
            )
        }
    })
}
