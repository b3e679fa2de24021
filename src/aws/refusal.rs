//! What an error answer means for a call that changes something: who was faster, what was refused, and what
//! may have happened all the same. Pure; it is told what `verdict` made of the answer.

use super::verdict::{Said, bare};
use crate::estate::{Fault, FaultKind, Operation, Untrusted};

/// Whether this HTTP status refuses a request before any effect. "The 4xx class is intended for situations in
/// which the client seems to have erred" (RFC 9110): all but those that say that time ran out (408; 499 of
/// proxies), for then the other side may have begun. 5xx are servers in trouble, and nobody knows where
/// the trouble began.
pub(super) fn is_refusal(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 408 | 499)
}

/// What `Invoke` answers, mostly with 502, when Lambda could not get the function ready: its code did not run,
/// and what is missing is the function's own, not the caller's (Lambda API reference, `Invoke`).
/// `EFSIOException` is not among them: it can come from the function at work.
const DID_NOT_RUN: &[&str] = &[
    "EC2AccessDeniedException",
    "EC2UnexpectedException",
    "EFSMountConnectivityException",
    "EFSMountFailureException",
    "EFSMountTimeoutException",
    "ENILimitReachedException",
    "InvalidRuntimeException",
    "InvalidSecurityGroupIDException",
    "InvalidSubnetIDException",
    "InvalidZipFileException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "ResourceNotReadyException",
    "SnapStartException",
    "SnapStartNotReadyException",
    "SnapStartTimeoutException",
    "SubnetIPAddressLimitReachedException",
];

/// The fault of a write whose answer was `said`.
pub(super) fn of_write(fault: Fault, said: &Said, op: &Operation) -> Fault {
    let code = said.code.as_deref().map(bare).unwrap_or_default();
    if DID_NOT_RUN.contains(&code) {
        return Fault { kind: FaultKind::Other(code.into()), ..fault }.without_effect();
    }
    if !is_refusal(said.status) {
        return in_trouble(fault, said.status, code);
    }
    let fault = match fault.kind {
        // A time-out by its code, whatever its status.
        FaultKind::TimedOut => return fault,
        FaultKind::Throttled => fault,
        _ if somebody_was_faster(code, &fault.message, op) => Fault { kind: FaultKind::Conflict, ..fault },
        _ => fault,
    };
    fault.without_effect()
}

/// Answers of a server in trouble (5xx) are never refusals by their code alone, but for throttling and permissions,
/// which are looked at before anything is done.
fn in_trouble(fault: Fault, status: u16, code: &str) -> Fault {
    let doubtful = match fault.kind {
        FaultKind::Invalid | FaultKind::NotFound | FaultKind::Conflict => true,
        FaultKind::Unsupported => status != 501,
        FaultKind::Denied { .. }
        | FaultKind::Throttled
        | FaultKind::Expired { .. }
        | FaultKind::NoCredentials { .. }
        | FaultKind::ClockSkew { .. }
        | FaultKind::Unreachable
        | FaultKind::TimedOut
        | FaultKind::Malformed
        | FaultKind::Declined
        | FaultKind::Other(_) => false,
    };
    if !doubtful {
        return fault;
    }
    let code = if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() };
    Fault { kind: FaultKind::Other(code.into()), ..fault }
}

/// The refusals that mean that a thing is in another state than was looked at. Retrying the same call is no
/// use; looking again is.
///
/// - Lambda: `PreconditionFailedException` (412) is a `RevisionId` that is no longer the newest.
///   `ResourceConflictException` (409) is "another operation is in progress": when that ends the
///   revision is another one, so that the revision this call names cannot become right by waiting.
///   `ResourceInUseException` is an event source mapping that is between two states.
///   `PublishVersion` says a `CodeSha256` that is not that of `$LATEST` with
///   `InvalidParameterValueException` (reported; the model names no code for it).
/// - Secrets Manager: `ResourceExistsException` is a `ClientRequestToken` that was used with other content.
///   `UpdateSecretVersionStage` says a label that is not where it was expected with
///   `InvalidParameterException`, which everywhere else is a wrong question.
/// - API Gateway: `ConflictException` (409), of a key with the same value among others.
/// - RDS: `InvalidDBInstanceState` and `InvalidDBClusterStateFault`: it is being modified, backed up or rebooted.
///   `DBSnapshotAlreadyExists`: the name is the run's own, so that it is its own snapshot.
/// - IAM: `ConcurrentModification` and `EntityTemporarilyUnmodifiable` (409). `LimitExceeded` of
///   `CreateAccessKey` is the second key that somebody made since the keys were listed.
fn somebody_was_faster(code: &str, message: &Untrusted, op: &Operation) -> bool {
    match code {
        "PreconditionFailedException"
        | "ResourceConflictException"
        | "ResourceInUseException"
        | "ConflictException"
        | "ResourceExistsException"
        | "ConcurrentModification"
        | "ConcurrentModificationException"
        | "EntityTemporarilyUnmodifiable"
        | "EntityTemporarilyUnmodifiableException"
        | "EntityAlreadyExists"
        | "EntityAlreadyExistsException"
        | "InvalidDBInstanceState"
        | "InvalidDBInstanceStateFault"
        | "InvalidDBClusterStateFault"
        | "DBSnapshotAlreadyExists" => true,
        "InvalidParameterException" => op.name == "secretsmanager:UpdateSecretVersionStage",
        "InvalidParameterValueException" if op.name == "lambda:PublishVersion" => {
            message.wire().contains("is different from current CodeSHA256")
        }
        "LimitExceeded" | "LimitExceededException" => op.name == "iam:CreateAccessKey",
        _other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::origin::Origin;
    use crate::aws::verdict::verdict;
    use crate::estate::Timestamp;
    use crate::estate::change::operations;

    fn judged(operation: &str, status: u16, code: &str, message: &str) -> (FaultKind, bool) {
        let op = operations().find(|o| o.name == operation).unwrap();
        let some = |s: &str| Some(s.to_owned()).filter(|s| !s.is_empty());
        let said = Said { status, code: some(code), message: some(message), ..Said::default() };
        let (kind, text) = verdict(&said, op, &Origin::Nowhere, Timestamp::UNIX_EPOCH);
        let fault = of_write(Fault::new(kind, op.name, text), &said, op);
        (fault.kind.clone(), fault.may_have_happened())
    }

    #[test]
    fn who_was_faster_is_a_conflict_and_nothing_was_changed() {
        for (operation, status, code) in [
            ("lambda:UpdateFunctionConfiguration", 412, "PreconditionFailedException"),
            ("lambda:UpdateFunctionConfiguration", 409, "ResourceConflictException"),
            ("lambda:UpdateEventSourceMapping", 400, "ResourceInUseException"),
            ("secretsmanager:PutSecretValue", 400, "ResourceExistsException"),
            ("secretsmanager:UpdateSecretVersionStage", 400, "InvalidParameterException"),
            ("apigateway:CreateApiKey", 409, "ConflictException"),
            ("iam:CreateAccessKey", 409, "LimitExceeded"),
            ("iam:UpdateAccessKey", 409, "ConcurrentModification"),
        ] {
            assert_eq!(judged(operation, status, code, "said"), (FaultKind::Conflict, false), "{code}");
        }
        let code = "CodeSHA256 (a) is different from current CodeSHA256 in $LATEST (b)";
        let publish =
            |message| judged("lambda:PublishVersion", 400, "InvalidParameterValueException", message);
        assert_eq!(publish(code), (FaultKind::Conflict, false));
        assert_eq!(publish("too long"), (FaultKind::Invalid, false));
        assert_eq!(
            judged("secretsmanager:PutSecretValue", 400, "InvalidParameterException", "said"),
            (FaultKind::Invalid, false)
        );
    }

    #[test]
    fn a_refusal_without_a_kind_of_its_own_did_not_happen() {
        let of = |status, code| judged("secretsmanager:PutSecretValue", status, code, "said");
        assert_eq!(of(400, "EncryptionFailure"), (FaultKind::Other("EncryptionFailure".into()), false));
        assert_eq!(
            of(400, "LimitExceededException"),
            (FaultKind::Other("LimitExceededException".into()), false)
        );
        assert_eq!(of(418, ""), (FaultKind::Other("HTTP 418".into()), false));
        assert_eq!(of(429, ""), (FaultKind::Throttled, false));
        assert_eq!(of(503, "SlowDown"), (FaultKind::Throttled, false));
    }

    #[test]
    fn a_server_in_trouble_may_have_done_it() {
        let of = |status, code| judged("lambda:PublishVersion", status, code, "said");
        assert_eq!(of(500, "ServiceException"), (FaultKind::Other("ServiceException".into()), true));
        assert_eq!(of(500, "InvalidThing"), (FaultKind::Other("InvalidThing".into()), true));
        assert!(of(500, "ResourceNotFoundException").1);
        for (status, code) in [
            (500, ""),
            (502, ""),
            (503, ""),
            (504, ""),
            (408, ""),
            (400, "RequestTimeout"),
            (200, ""),
            (302, ""),
        ] {
            assert!(of(status, code).1, "{status} {code}");
        }
        assert!(!of(501, "").1);
        let kms = judged("lambda:InvokeFunction", 502, "KMSAccessDeniedException", "no");
        assert_eq!(kms, (FaultKind::Other("KMSAccessDeniedException".into()), false));
    }
}
