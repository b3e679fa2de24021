//! The one place where the SDK's errors become faults. It takes them apart; what an answer of AWS means is
//! judged in `verdict`.

use super::http::{Towards, Unmade};
use super::origin::Origin;
use super::refusal::{is_refusal, of_write};
use super::verdict::{Said, is_web_page, verdict};
use crate::diagnose::nearest;
use crate::estate::{Fault, FaultKind, Operation, Region, Timestamp};
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{DispatchFailure, SdkError};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// So much of an answer that could not be understood is looked at.
const LOOKED_AT: usize = 2048;

/// Judges the outcome of one call.
pub(super) struct Judge<'a> {
    operation: &'static Operation,
    origin: &'a Origin,
    now: &'a (dyn Fn() -> Timestamp + Send + Sync),
    writes: bool,
    secret: bool,
}

/// What to do about a connection that TLS refused, by what rustls says of it.
fn tls_hint(why: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|w| why.contains(w));
    if says(&["UnknownIssuer", "CaUsedAsEndEntity", "BadSignature"]) {
        "; behind a proxy that opens TLS, name its CA bundle in AWS_CA_BUNDLE; else install ca-certificates"
    } else if says(&["certificate expired", "Expired", "NotValidYet", "not valid yet"]) {
        "; by this machine's clock its certificate is not valid: look at the clock first"
    } else if says(&["NotValidForName", "not valid for name"]) {
        "; the certificate is another host's: something stands between here and AWS"
    } else if says(&["InvalidContentType"]) {
        "; what answers there does not speak TLS"
    } else {
        ""
    }
}

/// A host that is not found, in a Region whose name is most likely misspelt.
fn region_hint(why: &str) -> String {
    let host = why.split_whitespace().find_map(|w| w.split_once(".amazonaws.com").map(|(host, _)| host));
    let region = host.filter(|_| why.contains("lookup address")).and_then(|h| h.rsplit('.').next());
    match region
        .filter(|r| !Region::KNOWN.contains(r))
        .and_then(|r| Some((r, nearest(r, Region::KNOWN.iter().copied())?)))
    {
        Some((region, near)) => format!("; {region} is no Region known here: did you mean {near}?"),
        None => String::new(),
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        operation: &'static Operation,
        origin: &'a Origin,
        now: &'a (dyn Fn() -> Timestamp + Send + Sync),
    ) -> Self {
        Self { operation, origin, now, writes: false, secret: false }
    }

    /// The same for a call that changes something: what was refused is told apart from what may have
    /// happened, and bodies are not quoted.
    pub(super) fn of_a_write(self) -> Self {
        Self { writes: true, secret: true, ..self }
    }

    /// The same for a call whose answer is secret: bodies are not quoted.
    pub(super) fn of_a_secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// `service:Operation` of the call.
    pub(super) fn operation(&self) -> &'static str {
        self.operation.name
    }

    /// The output, or the error as a fault.
    pub(super) fn of<T, E>(&self, outcome: Result<T, SdkError<E, HttpResponse>>) -> Result<T, Fault>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        outcome.map_err(|e| {
            let answer = match &e {
                SdkError::ServiceError(s) => Some(self.said(s.raw(), s.err().code(), s.err().message())),
                SdkError::ResponseError(_)
                | SdkError::ConstructionFailure(_)
                | SdkError::TimeoutError(_)
                | SdkError::DispatchFailure(_)
                | _ => None,
            };
            match (answer, &e) {
                (Some(said), _) => self.answered(&said, &e),
                (None, SdkError::ResponseError(r)) => self.unreadable(r.raw().status().as_u16(), &e),
                (None, SdkError::TimeoutError(_)) => self.fault(FaultKind::TimedOut, root(&e)),
                (None, SdkError::DispatchFailure(d)) => self.not_sent(d, &e),
                (None, _) => self.not_made(&e),
            }
        })
    }

    fn fault(&self, kind: FaultKind, message: String) -> Fault {
        Fault::new(kind, self.operation.name, message)
    }

    fn answered(&self, said: &Said, e: &(dyn Error + 'static)) -> Fault {
        let (kind, mut text) = verdict(said, self.operation, self.origin, (self.now)());
        if kind == FaultKind::Malformed && said.status < 300 && !is_web_page(&said.body) {
            // It may have begun well: say where the reading stopped.
            let why = if self.secret { "what came is no answer to this".to_owned() } else { root(e) };
            text = format!("HTTP {}, {why}", said.status);
        }
        let fault = self.fault(kind, text);
        if self.writes { of_write(fault, said, self.operation) } else { fault }
    }

    /// An answer came, and its body could not be read to the end.
    fn unreadable(&self, status: u16, e: &(dyn Error + 'static)) -> Fault {
        let why = root(e);
        let cut = why.contains("reset") || why.contains("Connection refused");
        let kind = if cut { FaultKind::Unreachable } else { FaultKind::Malformed };
        let fault = self.fault(kind, format!("HTTP {status}, {why}"));
        if is_refusal(status) { fault.without_effect() } else { fault }
    }

    fn not_sent(&self, d: &DispatchFailure, e: &(dyn Error + 'static)) -> Fault {
        if let Some(fault) = find::<Fault>(e) {
            return fault.clone().without_effect();
        }
        // A connection that was never made is nobody answering; one that was made and stays silent is slow.
        let connecting = chain(e).any(|c| c.to_string().contains("HTTP connect"));
        let kind = if d.is_timeout() && !connecting { FaultKind::TimedOut } else { FaultKind::Unreachable };
        let mut why = root(e);
        why.push_str(tls_hint(&why));
        why.push_str(&region_hint(&why));
        let fault = self.fault(kind, why);
        if never_left(e) { fault.without_effect() } else { fault }
    }

    fn not_made(&self, e: &(dyn Error + 'static)) -> Fault {
        if let Some(fault) = find::<Fault>(e) {
            return fault.clone().without_effect();
        }
        if let Some(c) = find::<CredentialsError>(e) {
            return credentials(c, self.origin).without_effect();
        }
        self.fault(FaultKind::Invalid, root(e))
    }

    fn said(&self, raw: &HttpResponse, code: Option<&str>, message: Option<&str>) -> Said {
        let body = raw.body().bytes().unwrap_or_default();
        // Looked at in place: of what may be secret no copy is made.
        let body = String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]);
        let quoted = !self.secret || body.trim().is_empty() || is_web_page(&body);
        let unquoted = "a body that is not shown, for it may hold a value";
        Said {
            status: raw.status().as_u16(),
            code: code.map(str::to_owned),
            message: message.map(str::to_owned),
            body: if quoted { body.into_owned() } else { unquoted.to_owned() },
            date: raw.headers().get("date").and_then(date),
        }
    }
}

/// Whether the request certainly never left this machine: no connection was made (a name that is not found,
/// a refused connection, TLS that failed), or none was even tried. A connection that breaks later has perhaps
/// carried the whole request. The words are those of hyper-util's and the SDK's own errors; should they
/// change, the safe side is taken: it may have happened.
fn never_left(e: &(dyn Error + 'static)) -> bool {
    find::<Unmade>(e).is_some()
        || chain(e)
            .map(ToString::to_string)
            .any(|w| w.contains("client error (Connect)") || w.contains("HTTP connect"))
}

/// What it means that the AWS chain could not load credentials from `origin`.
pub(super) fn credentials(e: &CredentialsError, origin: &Origin) -> Fault {
    if let Some(fault) = find::<Fault>(e) {
        return fault.clone();
    }
    let why = root(e);
    let operation = match origin {
        Origin::Sso { .. } => "sso:GetRoleCredentials",
        Origin::Login { .. } => "signin:CreateOAuth2Token",
        Origin::WebIdentity => "sts:AssumeRoleWithWebIdentity",
        Origin::Nowhere
        | Origin::Environment
        | Origin::Keys { .. }
        | Origin::Process { .. }
        | Origin::Container
        | Origin::Instance
        | Origin::Role { .. } => "",
    };
    let everything = chain(e).map(|c| c.to_string()).collect::<Vec<_>>().join(": ");
    let lower = everything.to_ascii_lowercase();
    let unreachable = chain(e).any(|c| c.is::<aws_smithy_runtime_api::client::result::ConnectorError>());
    let remote = !matches!(origin, Origin::Nowhere | Origin::Instance);
    let kind = if unreachable && remote {
        FaultKind::Unreachable
    } else if lower.contains("timeout occurred") && remote {
        FaultKind::TimedOut
    } else if lower.contains("toomanyrequests") || lower.contains("throttl") {
        FaultKind::Throttled
    } else if lower.contains("forbiddenexception") {
        let mend = format!("{} gives none ({why}): is the role still yours?", origin.words());
        FaultKind::NoCredentials { mend: mend.into() }
    } else if lower.contains("expired") || lower.contains("unauthorizedexception") {
        FaultKind::Expired { mend: origin.renew().into() }
    } else {
        let mend = match origin {
            Origin::Nowhere => origin.renew(),
            Origin::Sso { .. } | Origin::Login { .. } => origin.renew(),
            Origin::Environment
            | Origin::Keys { .. }
            | Origin::Process { .. }
            | Origin::WebIdentity
            | Origin::Container
            | Origin::Instance
            | Origin::Role { .. } => format!("{}: {why}", origin.words()),
        };
        FaultKind::NoCredentials { mend: mend.into() }
    };
    Fault::new(kind, operation, why)
}

/// The instant of a `Date` header ("Sat, 21 Nov 2026 08:00:00 GMT").
pub(super) fn date(header: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header).ok()
}

/// The error and what caused it, outermost first. An `io::Error` hides its own payload from `source`.
fn chain<'a>(e: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(e), |&e| {
        match e.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => e.source(),
        }
    })
}

fn find<'a, T: Error + 'static>(e: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(e).find_map(|e| e.downcast_ref::<T>())
}

/// The words of the innermost cause, which say what really happened.
fn root(e: &(dyn Error + 'static)) -> String {
    let said = |e: &(dyn Error + 'static)| match e.downcast_ref::<ErrorMetadata>() {
        Some(m) => format!("{}: {}", m.code().unwrap_or("error"), m.message().unwrap_or("no message")),
        None => e.to_string().trim().to_owned(),
    };
    let words = chain(e).map(said).filter(|w| !w.is_empty());
    let words = words.last().unwrap_or_else(|| "no cause was given".to_owned());
    match find::<Towards>(e) {
        Some(towards) => format!("{}: {words}", towards.host),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_region_is_told_with_the_nearest() {
        let lost = "failed to lookup address information: Name or service not known";
        for (host, near) in [
            ("monitoring.us-esat-1.amazonaws.com", Some("us-east-1")),
            ("sts.eu-centrall-1.amazonaws.com", Some("eu-central-1")),
            ("sqs.cn-north-2.amazonaws.com.cn", Some("cn-north-1")),
            ("sqs.eu-west-1.amazonaws.com", None),
            ("sqs.x.amazonaws.com", None),
            ("localhost", None),
        ] {
            let hint = region_hint(&format!("{host}: {lost}"));
            assert_eq!(hint.contains("did you mean"), near.is_some(), "{host}: {hint}");
            assert!(near.is_none_or(|near| hint.contains(near)), "{host}: {hint}");
        }
        assert_eq!(
            region_hint("monitoring.us-esat-1.amazonaws.com: connection refused"),
            "",
            "somebody is there"
        );
    }
}
