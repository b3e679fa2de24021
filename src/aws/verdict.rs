//! What an error answer of AWS means, judged from its status, code and text alone. Pure; `fault` takes the
//! SDK's errors apart and hands the pieces in.

use super::origin::Origin;
use crate::estate::{FaultKind, Operation, Timestamp, Untrusted};

/// So many characters of a message are kept; a server may send any number.
const LONGEST: usize = 2000;

/// What the other side said.
#[derive(Clone, Default, Debug)]
pub(super) struct Said {
    /// HTTP status.
    pub status: u16,
    /// Error code, where the answer had one.
    pub code: Option<String>,
    /// Message, where the answer had one.
    pub message: Option<String>,
    /// The first part of the body.
    pub body: String,
    /// The `Date` header.
    pub date: Option<Timestamp>,
}

/// The kind of fault, and the text to keep with it. `now` is when the answer came.
pub(super) fn verdict(said: &Said, op: &Operation, origin: &Origin, now: Timestamp) -> (FaultKind, String) {
    let message: String = said.message.iter().flat_map(|m| m.chars()).take(LONGEST).collect();
    let Some(code) = said.code.as_deref().map(bare).filter(|c| !c.is_empty()) else {
        return nameless(said, op);
    };
    let kind = coded(code, &message, said, op, origin, now);
    let text = if message.is_empty() { format!("{code}, HTTP {}", said.status) } else { message };
    (kind, text)
}

/// The code without its namespace (`com.amazonaws.sqs#QueueDoesNotExist`,
/// `AWS.SimpleQueueService.NonExistentQueue`) and without the address that some services append.
pub(super) fn bare(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    let code = code.split([':', ';']).next().unwrap_or(code);
    code.rsplit('.').next().unwrap_or(code).trim()
}

fn coded(
    code: &str,
    message: &str,
    said: &Said,
    op: &Operation,
    origin: &Origin,
    now: Timestamp,
) -> FaultKind {
    let lower = message.to_ascii_lowercase();
    let expired = || FaultKind::Expired { mend: origin.renew().into() };
    let skewed = || FaultKind::ClockSkew { ahead_s: ahead(said, now) };
    if lower.contains("not authorized to perform") {
        return denied(message, op);
    }
    match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "Throttled"
        | "TooManyRequestsException"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "BandwidthLimitExceeded"
        | "SlowDown"
        | "EC2ThrottledException"
        | "PriorRequestNotComplete"
        | "ProvisionedThroughputExceededException"
        | "CallRateLimitExceeded" => FaultKind::Throttled,
        // The same codes say "too many resources" elsewhere; a read makes none, but let the text decide.
        "LimitExceeded" | "LimitExceededException" if said.status == 429 || lower.contains("rate") => {
            FaultKind::Throttled
        }
        // Of pages too: "Invalid Token" alone says nothing about who is asking.
        "InvalidToken" | "ExpiredToken" | "ExpiredTokenException" if is_about_pages(&lower) => {
            FaultKind::Invalid
        }
        "InvalidToken" if !is_about_credentials(&lower) => FaultKind::Invalid,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => expired(),
        "RequestExpired" if lower.contains("token") || lower.contains("credential") => expired(),
        "RequestTimeTooSkewed" | "RequestInTheFuture" | "RequestExpired" => skewed(),
        "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "InvalidSignature"
        | "AuthFailure"
        | "IncompleteSignature"
            if lower.contains("signature expired") || lower.contains("not yet current") =>
        {
            skewed()
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidToken"
            if lower.contains("expired") =>
        {
            expired()
        }
        "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "InvalidSignature"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "AuthFailure"
        | "UnrecognizedClientException"
        | "UnrecognizedClient"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "InvalidIdentityToken"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => FaultKind::NoCredentials { mend: origin.check().into() },
        "RequestTimeout" | "RequestTimeoutException" | "GatewayTimeout" => FaultKind::TimedOut,
        "UnknownOperation"
        | "UnknownOperationException"
        | "InvalidAction"
        | "UnsupportedOperation"
        | "UnsupportedOperationException"
        | "OperationNotSupportedException"
        | "NotImplemented"
        | "NotImplementedException"
        | "UnknownService"
        | "UnknownEndpoint"
        | "NotSupported" => FaultKind::Unsupported,
        "QueueDoesNotExist"
        | "NonExistentQueue"
        | "NoSuchEntity"
        | "NoSuchEntityException"
        | "WAFNonexistentItemException"
        | "ResourceNotFound"
        | "NotFound" => FaultKind::NotFound,
        c if ["NotFound", "NotFoundException", "NotFoundFault"].iter().any(|end| c.ends_with(end)) => {
            FaultKind::NotFound
        }
        c if c.contains("AccessDenied") || c.contains("Unauthorized") || c == "AuthorizationError" => {
            denied(message, op)
        }
        "NotAuthorized" | "NotAuthorizedException" | "Forbidden" | "ForbiddenException" => {
            denied(message, op)
        }
        c if c.contains("Validation")
            || c.starts_with("Invalid")
            || c.starts_with("WAFInvalid")
            || c.starts_with("Malformed")
            || c.starts_with("Missing")
            || c == "SerializationException" =>
        {
            FaultKind::Invalid
        }
        _other => match said.status {
            429 => FaultKind::Throttled,
            501 => FaultKind::Unsupported,
            _ => FaultKind::Other(code.into()),
        },
    }
}

/// Whether a message is about who asks: "The security token included in the request is invalid" (the common
/// errors of every service).
fn is_about_credentials(lower: &str) -> bool {
    ["security token", "session token", "credential", "access key", "accesskey"]
        .iter()
        .any(|words| lower.contains(words))
}

/// Whether a message is about where a page begins.
fn is_about_pages(lower: &str) -> bool {
    ["nexttoken", "next token", "pagination token", "page token", "marker"]
        .iter()
        .any(|words| lower.contains(words))
}

/// An answer without a code is rarely AWS: a proxy, a captive portal, an emulator, or a body cut short.
fn nameless(said: &Said, op: &Operation) -> (FaultKind, String) {
    let status = said.status;
    let what = match said.message.as_deref().filter(|m| !m.is_empty()) {
        Some(m) => m.chars().take(LONGEST).collect(),
        None => described(&said.body),
    };
    let text = format!("HTTP {status}, {what}");
    let kind = match status {
        401 | 403 => return (denied(&what, op), text),
        404 | 405 | 501 => FaultKind::Unsupported,
        408 | 504 => FaultKind::TimedOut,
        407 | 502 | 503 => FaultKind::Unreachable,
        429 => FaultKind::Throttled,
        400 | 500 => FaultKind::Other(format!("HTTP {status}").into()),
        s if (400..500).contains(&s) => FaultKind::Other(format!("HTTP {s}").into()),
        _ => FaultKind::Malformed,
    };
    if kind == FaultKind::Malformed && (is_web_page(&said.body) || (300..400).contains(&status)) {
        return (kind, format!("{text}: a captive portal or a proxy?"));
    }
    (kind, text)
}

pub(super) fn is_web_page(body: &str) -> bool {
    let start: String = body.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    start == "<!doctype html" || start.starts_with("<html")
}

/// A body in a few words: never the whole of it.
fn described(body: &str) -> String {
    let body = body.trim();
    if body.is_empty() {
        "with no body".to_owned()
    } else if is_web_page(body) {
        "a web page instead of an answer".to_owned()
    } else {
        format!("{:?}", body.chars().take(120).collect::<String>())
    }
}

/// Which action on what, from "... is not authorized to perform: ACTION on resource: ARN ..." where AWS says
/// so, else from the table of questions.
fn denied(message: &str, op: &Operation) -> FaultKind {
    let table = if op.iam_action.is_empty() { op.name } else { op.iam_action };
    let after = |mark: &str| {
        let from = message.to_ascii_lowercase().find(mark)? + mark.len();
        let word = message.get(from..)?.trim_start_matches([':', ' ']).split_whitespace().next()?;
        Some(word.trim_matches(['"', '\'', '`', '.', ',']).to_owned()).filter(|w| !w.is_empty())
    };
    let action = after("not authorized to perform").filter(|a| a.contains(':'));
    // Some services say it in small letters (`sqs:listqueues`); the table has the spelling to grant.
    let action = action.filter(|a| !a.eq_ignore_ascii_case(table));
    let action = action.or_else(|| kms(message, op)).unwrap_or_else(|| table.to_owned());
    FaultKind::Denied { action: action.into(), resource: after("on resource:").map(Untrusted::from) }
}

/// "Access to KMS is not allowed": the key of the thing, not the thing, is out of reach. Reading a secret
/// needs `kms:Decrypt`; writing one `kms:GenerateDataKey` and, in a later version, `kms:Decrypt` too
/// (Secrets Manager user guide, "Permissions for the KMS key").
fn kms(message: &str, op: &Operation) -> Option<String> {
    let lower = message.to_ascii_lowercase();
    let writes = op.name.contains(":Put") || op.name.contains(":Update") || op.name.contains(":Create");
    lower.contains("access to kms is not allowed").then(|| {
        let action = if writes { "kms:GenerateDataKey" } else { "kms:Decrypt" };
        action.to_owned()
    })
}

/// How far this clock is ahead, from the `Date` of the answer, else from the two times in the message:
/// "Signature expired: 20261121T080000Z is now earlier than 20261121T085500Z (20261121T090000Z - 5 min.)",
/// of which the first is ours and the last is theirs.
fn ahead(said: &Said, now: Timestamp) -> Option<i64> {
    if let Some(date) = said.date {
        return Some(now.as_second() - date.as_second());
    }
    let message = said.message.as_deref()?;
    let mut times = message.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(compact);
    let ours = times.next()?;
    let theirs = times.next_back()?;
    Some(ours - theirs)
}

/// `20261121T080000Z` as seconds.
fn compact(word: &str) -> Option<i64> {
    let bytes = word.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let part = |r: std::ops::Range<usize>| word.get(r).unwrap_or_default();
    let [year, month, day] = [part(0..4), part(4..6), part(6..8)];
    let [hour, minute, second] = [part(9..11), part(11..13), part(13..15)];
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    text.parse::<Timestamp>().ok().map(|t| t.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::ask::sqs::OPERATIONS;

    fn judged(status: u16, code: &str, message: &str) -> FaultKind {
        let some = |s: &str| Some(s.to_owned()).filter(|s| !s.is_empty());
        let said = Said { status, code: some(code), message: some(message), ..Said::default() };
        verdict(&said, &OPERATIONS[0], &Origin::Sso { profile: "prod".into() }, Timestamp::UNIX_EPOCH).0
    }

    #[test]
    fn denied_names_action_and_resource() {
        let m = "User: arn:aws:iam::123456789012:user/a is not authorized to perform: sqs:listqueues on resource: \
                 arn:aws:sqs:eu-central-1:123456789012: because no identity-based policy allows it";
        let expected = FaultKind::Denied {
            action: "sqs:ListQueues".into(),
            resource: Some("arn:aws:sqs:eu-central-1:123456789012:".into()),
        };
        assert_eq!(judged(403, "AccessDenied", m), expected);
        assert_eq!(judged(400, "SomethingNew", m), expected);
        let kms = "User: x is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext";
        let FaultKind::Denied { action, resource } = judged(400, "KMS.AccessDeniedException", kms) else {
            panic!("not denied")
        };
        assert_eq!((action.wire(), resource), ("kms:Decrypt", None));
        let key = FaultKind::Denied { action: "kms:Decrypt".into(), resource: None };
        assert_eq!(judged(400, "AccessDeniedException", "Access to KMS is not allowed"), key);
        let table = FaultKind::Denied { action: "sqs:ListQueues".into(), resource: None };
        assert_eq!(judged(403, "AccessDeniedException", ""), table);
        assert_eq!(judged(403, "", ""), table);
    }

    #[test]
    fn every_spelling_of_throttling() {
        for code in [
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "AWS.SimpleQueueService.RequestThrottled",
            "com.amazonaws.x#ThrottlingException",
            "SlowDown",
        ] {
            assert_eq!(judged(400, code, ""), FaultKind::Throttled, "{code}");
        }
        assert_eq!(judged(400, "LimitExceeded", "Rate exceeded"), FaultKind::Throttled);
        assert_eq!(judged(400, "LimitExceeded", "too many"), FaultKind::Other("LimitExceeded".into()));
        assert_eq!(judged(429, "", ""), FaultKind::Throttled);
    }

    #[test]
    fn expired_says_the_command() {
        let mend = || FaultKind::Expired { mend: "run `aws sso login --profile prod`".into() };
        assert_eq!(
            judged(400, "ExpiredToken", "The security token included in the request is expired"),
            mend()
        );
        assert_eq!(judged(403, "ExpiredTokenException", ""), mend());
        assert_eq!(judged(400, "RequestExpired", "The provided token has expired"), mend());
        assert!(matches!(
            judged(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
            FaultKind::NoCredentials { .. }
        ));
    }

    #[test]
    fn a_page_token_is_no_credential() {
        for message in ["", "Invalid Token", "Invalid token: NextToken has expired"] {
            assert_eq!(judged(400, "InvalidToken", message), FaultKind::Invalid, "{message}");
        }
        assert_eq!(
            judged(400, "ExpiredTokenException", "The pagination token has expired"),
            FaultKind::Invalid
        );
        assert!(matches!(
            judged(403, "InvalidToken", "The security token included in the request is invalid"),
            FaultKind::NoCredentials { .. }
        ));
        assert!(matches!(
            judged(400, "InvalidToken", "The security token included in the request is expired"),
            FaultKind::Expired { .. }
        ));
    }

    #[test]
    fn skew_is_measured_by_the_date_else_by_the_message() {
        let m = "Signature expired: 20261121T080000Z is now earlier than 20261121T085500Z (20261121T090000Z - 5 min.)";
        assert_eq!(judged(403, "SignatureDoesNotMatch", m), FaultKind::ClockSkew { ahead_s: Some(-3600) });
        let m = "Signature not yet current: 20261121T100000Z is still later than 20261121T090500Z (20261121T090000Z + 5 min.)";
        assert_eq!(judged(403, "InvalidSignatureException", m), FaultKind::ClockSkew { ahead_s: Some(3600) });
        assert_eq!(judged(403, "RequestTimeTooSkewed", ""), FaultKind::ClockSkew { ahead_s: None });
        let said = Said {
            status: 403,
            code: Some("RequestTimeTooSkewed".into()),
            date: Timestamp::from_second(40).ok(),
            ..Said::default()
        };
        let now = Timestamp::from_second(100).unwrap();
        let (kind, _) = verdict(&said, &OPERATIONS[0], &Origin::Nowhere, now);
        assert_eq!(kind, FaultKind::ClockSkew { ahead_s: Some(60) });
        assert!(matches!(
            judged(403, "SignatureDoesNotMatch", "The request signature we calculated does not match"),
            FaultKind::NoCredentials { .. }
        ));
    }

    #[test]
    fn the_rest_is_told_apart() {
        assert_eq!(judged(400, "UnknownOperationException", ""), FaultKind::Unsupported);
        assert_eq!(judged(400, "InvalidAction", "no such"), FaultKind::Unsupported);
        assert_eq!(judged(404, "", ""), FaultKind::Unsupported);
        assert_eq!(judged(501, "", ""), FaultKind::Unsupported);
        assert_eq!(judged(400, "AWS.SimpleQueueService.NonExistentQueue", ""), FaultKind::NotFound);
        assert_eq!(judged(404, "ResourceNotFoundException", ""), FaultKind::NotFound);
        assert_eq!(judged(400, "ValidationError", ""), FaultKind::Invalid);
        assert_eq!(judged(400, "WAFInvalidParameterException", ""), FaultKind::Invalid);
        assert_eq!(judged(500, "InternalFailure", ""), FaultKind::Other("InternalFailure".into()));
        assert_eq!(judged(200, "", ""), FaultKind::Malformed);
        assert_eq!(judged(302, "", ""), FaultKind::Malformed);
        assert_eq!(judged(504, "", ""), FaultKind::TimedOut);
    }

    #[test]
    fn a_web_page_is_named_and_not_shown() {
        let said = Said { status: 200, body: "<!DOCTYPE html><h1>Log in</h1>".into(), ..Said::default() };
        let (kind, text) = verdict(&said, &OPERATIONS[0], &Origin::Nowhere, Timestamp::UNIX_EPOCH);
        assert_eq!(kind, FaultKind::Malformed);
        assert!(text.contains("captive portal") && !text.contains("Log in"), "{text}");
    }
}
