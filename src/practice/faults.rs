//! The refusals of AWS, with its codes and its words, as the faults that the real port makes of them.
//! Sources: the API reference of each service, "Errors".

use super::world::{ACCOUNT, REGION};
use crate::estate::ask::Operation;
use crate::estate::fault::{Fault, FaultKind};

/// The operator's own role.
pub(super) const ROLE: &str = "ops";
/// The principal that practises.
pub(super) const PRINCIPAL: &str = "arn:aws:sts::000000000000:assumed-role/ops/alice";

fn fault(kind: FaultKind, op: &Operation, code: &str, message: &str) -> Fault {
    Fault::new(kind, op.name, format!("{code}: {message}"))
}

/// `AccessDenied` in the words of the authorisation engine; `why` is what denied it.
pub(super) fn denied(op: &Operation, resource: &str, why: &str) -> Fault {
    let action = op.iam_action;
    let code = match op.name.split(':').next() {
        Some("sqs" | "cloudwatch" | "iam" | "sts" | "rds") => "AccessDenied",
        Some("ec2") => "UnauthorizedOperation",
        Some(_) | None => "AccessDeniedException",
    };
    let message =
        format!("User: {PRINCIPAL} is not authorized to perform: {action} on resource: {resource} {why}");
    let kind = FaultKind::Denied { action: action.into(), resource: Some(resource.into()) };
    fault(kind, op, code, &message)
}

/// Too many calls.
pub(super) fn throttled(op: &Operation) -> Fault {
    match op.name.split(':').next() {
        Some("lambda" | "apigateway") => {
            fault(FaultKind::Throttled, op, "TooManyRequestsException", "Rate exceeded")
        }
        Some("iam" | "sts" | "rds") => fault(FaultKind::Throttled, op, "Throttling", "Rate exceeded"),
        Some("ec2") => fault(FaultKind::Throttled, op, "RequestLimitExceeded", "Request limit exceeded."),
        Some("sqs") => fault(FaultKind::Throttled, op, "RequestThrottled", "Request is throttled."),
        Some(_) | None => fault(FaultKind::Throttled, op, "ThrottlingException", "Rate exceeded"),
    }
}

/// The question is wrong.
pub(super) fn invalid(op: &Operation, code: &str, message: &str) -> Fault {
    fault(FaultKind::Invalid, op, code, message)
}

/// A page token that is none of ours, or that of another question.
pub(super) fn bad_token(op: &Operation) -> Fault {
    match op.name.split(':').next() {
        Some("secretsmanager") => invalid(op, "InvalidNextTokenException", "The NextToken value is invalid."),
        Some("sqs") => invalid(op, "InvalidParameterValue", "Invalid or expired next token."),
        Some("lambda") => invalid(op, "InvalidParameterValueException", "Invalid marker."),
        Some("wafv2") => invalid(
            op,
            "WAFInvalidParameterException",
            "Error reason: The parameter contains formatting that is not valid., field: NEXT_MARKER",
        ),
        Some("iam") => invalid(op, "ValidationError", "Invalid Marker."),
        Some("apigateway") => invalid(op, "BadRequestException", "Invalid position specified"),
        Some(_) | None => invalid(op, "InvalidNextToken", "The next token specified is invalid."),
    }
}

/// There is no such thing.
pub(super) fn missing(op: &Operation, code: &str, message: &str) -> Fault {
    fault(FaultKind::NotFound, op, code, message)
}

/// Somebody else was faster, or the thing is in another state than was looked at.
pub(super) fn conflict(op: &Operation, code: &str, message: &str) -> Fault {
    fault(FaultKind::Conflict, op, code, message)
}

/// There is no such function.
pub(super) fn no_function(op: &Operation, name: &str) -> Fault {
    missing(op, "ResourceNotFoundException", &format!("The function {name} does not exist."))
}

/// There is no such secret.
pub(super) fn no_secret(op: &Operation) -> Fault {
    missing(op, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

/// There is no such user.
pub(super) fn no_user(op: &Operation, name: &str) -> Fault {
    missing(op, "NoSuchEntity", &format!("The user with name {name} cannot be found."))
}

/// There is no such role.
pub(super) fn no_role(op: &Operation, name: &str) -> Fault {
    missing(op, "NoSuchEntity", &format!("The role with name {name} cannot be found."))
}

/// There is no such database.
pub(super) fn no_database(op: &Operation, name: &str) -> Fault {
    missing(op, "DBInstanceNotFound", &format!("DBInstance {name} not found."))
}

/// There is no such security group.
pub(super) fn no_group(op: &Operation, id: &str) -> Fault {
    missing(op, "InvalidGroup.NotFound", &format!("The security group '{id}' does not exist"))
}

/// No answer came; whether the call had its effect is not known to whoever sent it.
pub(super) fn lost(op: &Operation) -> Fault {
    Fault::new(FaultKind::TimedOut, op.name, "no answer within the time for one call")
}

/// There is no such queue.
pub(super) fn no_queue(op: &Operation) -> Fault {
    missing(op, "QueueDoesNotExist", "The specified queue does not exist.")
}

/// What an operation is denied on where nothing nearer is named.
pub(super) fn everything(op: &Operation) -> String {
    match op.name.split(':').next() {
        Some("cloudwatch") => format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"),
        Some("sqs") => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:*"),
        Some(_) | None => "*".to_owned(),
    }
}
