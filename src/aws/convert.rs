//! Small conversions between the SDK's types and the estate's, shared by every service. It knows no service
//! and makes no calls.

use crate::estate::{Cursor, Fault, FaultKind, Timestamp, Untrusted};
use aws_smithy_types::DateTime;
use zeroize::Zeroizing;

/// The instant that AWS named, if the calendar reaches that far. AWS counts milliseconds; JSON carries them
/// as a floating-point number of seconds, whose error would make the same instant differ.
pub(super) fn time(at: Option<&DateTime>) -> Option<Timestamp> {
    let at = at?;
    let ms = (at.subsec_nanos() + 500_000) / 1_000_000;
    let ms = at.secs().checked_mul(1000)?.checked_add(i64::from(ms))?;
    Timestamp::from_millisecond(ms).ok()
}

/// An instant in words, as Lambda writes it: `2026-11-20T09:41:07.000+0000`.
pub(super) fn time_in_words(at: Option<&str>) -> Option<Timestamp> {
    let at = at?;
    let with_colon = || {
        let (head, tail) = at.split_at_checked(at.len().checked_sub(2)?)?;
        format!("{head}:{tail}").parse().ok()
    };
    at.parse().ok().or_else(with_colon)
}

/// An instant as the SDK wants it.
pub(super) fn date_time(at: Timestamp) -> DateTime {
    DateTime::from_secs(at.as_second())
}

/// A field that the service model requires.
pub(super) fn need<T>(operation: &'static str, field: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| malformed(operation, format!("{field} is missing")))
}

/// An answer that cannot be understood.
pub(super) fn malformed(operation: &'static str, what: impl Into<Untrusted>) -> Fault {
    Fault::new(FaultKind::Malformed, operation, what)
}

/// Text that may be absent; an empty text is as good as none.
pub(super) fn text(value: Option<String>) -> Option<Untrusted> {
    value.filter(|t| !t.is_empty()).map(Untrusted::from)
}

/// A policy document without its percent-encoding: "policies returned by this operation are URL-encoded compliant
/// with RFC 3986" (IAM API reference). What is not encoded, or not rightly, stays as it is; a plus sign is one.
pub(super) fn decoded(document: &str) -> Untrusted {
    let mut out = Vec::with_capacity(document.len());
    let mut rest = document.as_bytes();
    while let [first, after @ ..] = rest {
        let byte = match (first, after) {
            (b'%', [high, low, ..]) => std::str::from_utf8(&[*high, *low])
                .ok()
                .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
                .and_then(|hex| u8::from_str_radix(hex, 16).ok()),
            _ => None,
        };
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    match String::from_utf8(out) {
        Ok(text) => Untrusted::from(text),
        Err(_) => Untrusted::from(document),
    }
}

/// A count that cannot be negative.
pub(super) fn count<N>(value: Option<N>) -> Option<u32>
where
    u32: TryFrom<N>,
{
    value.and_then(|n| u32::try_from(n).ok())
}

/// Tags as name and value, in the order of their names where the SDK has none.
pub(super) fn sorted(tags: impl IntoIterator<Item = (String, String)>) -> Vec<(Untrusted, Untrusted)> {
    let mut tags: Vec<_> = tags.into_iter().map(|(k, v)| (Untrusted::from(k), Untrusted::from(v))).collect();
    tags.sort();
    tags
}

/// Wipes a secret that was sent and is not wanted.
pub(super) fn wiped(secret: Option<String>) {
    drop(secret.map(Zeroizing::new));
}

/// The page after this one. Some servers send an empty token with the last page; one that sends the same
/// token again would be asked for ever.
pub(super) fn next(
    operation: &'static str,
    sent: Option<&Cursor>,
    token: Option<String>,
) -> Result<Option<Cursor>, Fault> {
    match token.filter(|t| !t.is_empty()) {
        Some(t) if sent.is_some_and(|s| *s.0 == *t) => {
            Err(malformed(operation, "the same page token came back"))
        }
        token => Ok(token.map(|t| Cursor(t.into()))),
    }
}

/// The token to send for the page that `from` names.
pub(super) fn token(from: Option<&Cursor>) -> Option<String> {
    from.map(|c| c.0.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_token_ends_a_walk_and_a_repeated_one_is_a_fault() {
        assert_eq!(next("x:Y", None, Some(String::new())).unwrap(), None);
        assert_eq!(next("x:Y", None, None).unwrap(), None);
        let a = next("x:Y", None, Some("a".into())).unwrap();
        assert_eq!(a, Some(Cursor("a".into())));
        assert_eq!(next("x:Y", a.as_ref(), Some("b".into())).unwrap(), Some(Cursor("b".into())));
        let again = next("x:Y", a.as_ref(), Some("a".into())).unwrap_err();
        assert_eq!(again.kind, FaultKind::Malformed);
    }

    #[test]
    fn a_document_is_decoded_once() {
        for (sent, read) in [
            ("%7B%22a%22%3A%22b+c%25%22%7D", r#"{"a":"b+c%"}"#),
            (r#"{"a":"100%"}"#, r#"{"a":"100%"}"#),
            ("%C3%A9%+1%zz%", "é%+1%zz%"),
            ("%ff", "%ff"),
            ("", ""),
        ] {
            assert_eq!(decoded(sent).wire(), read, "{sent}");
        }
    }

    #[test]
    fn instants_in_words() {
        let at = time_in_words(Some("2026-11-20T09:41:07Z")).unwrap();
        for same in
            ["2026-11-20T09:41:07.000+0000", "2026-11-20T10:41:07+0100", "2026-11-20T09:41:07.000+00:00"]
        {
            assert_eq!(time_in_words(Some(same)), Some(at), "{same}");
        }
        for none in ["", "é", "yesterday", "2026-11-20"] {
            assert_eq!(time_in_words(Some(none)), None, "{none}");
        }
        assert_eq!(time_in_words(None), None);
    }

    #[test]
    fn a_date_beyond_the_calendar_is_no_date() {
        assert_eq!(time(Some(&DateTime::from_secs(i64::MAX))), None);
        assert_eq!(time(Some(&DateTime::from_secs(0))), Some(Timestamp::UNIX_EPOCH));
    }
}
