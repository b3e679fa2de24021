//! Keeps secret values out of faults: AWS may repeat what it was sent ("String measured: {...}" with every
//! variable, when Lambda's 4 KB are exceeded), and so may any server between. It knows no service; what it
//! compares with is wiped when the call is over.

use crate::estate::{Fault, FaultKind, Slot, Untrusted, Vault};
use zeroize::Zeroizing;

/// A piece of this many characters in a row is a repetition, and no chance.
const TELLING: usize = 8;

/// The values that one call carries.
#[derive(Default)]
pub(super) struct Marked(Vec<Zeroizing<Vec<u8>>>);

impl Marked {
    /// The values in `slots`.
    pub(super) fn held(vault: &Vault, slots: &[Slot]) -> Self {
        let mut marked = Self::default();
        for slot in slots {
            vault.with(slot, |value| marked.also(value));
        }
        marked
    }

    /// And this one. Of a JSON document it is the values that count: names of fields are no secret, and a
    /// message about `the secret` must not be withheld because a field is called so.
    pub(super) fn also(&mut self, value: &[u8]) {
        if !value.trim_ascii_start().starts_with(b"{") {
            return self.one(value);
        }
        let mut rest = value;
        while let Some(open) = rest.iter().position(|b| *b == b'"') {
            self.outside(&rest[..open]);
            rest = &rest[open + 1..];
            let mut escaped = false;
            let close = rest.iter().position(|b| {
                let ends = *b == b'"' && !escaped;
                escaped = *b == b'\\' && !escaped;
                ends
            });
            let Some(close) = close else { break };
            let text = &rest[..close];
            rest = &rest[close + 1..];
            if !rest.trim_ascii_start().starts_with(b":") {
                self.one(text);
            }
        }
        self.outside(rest);
    }

    /// Numbers, and what follows a document that is broken off.
    fn outside(&mut self, text: &[u8]) {
        for word in text.split(|b| !b.is_ascii_alphanumeric()).filter(|w| w.len() > 1) {
            if ![&b"true"[..], b"false", b"null"].contains(&word) {
                self.one(word);
            }
        }
    }

    fn one(&mut self, value: &[u8]) {
        let value = letters(value);
        if !value.is_empty() {
            self.0.push(value);
        }
    }

    /// The fault without what repeats a value, or a part of one.
    pub(super) fn cleaned(&self, fault: Fault) -> Fault {
        let message = match self.repeated_in(&fault.message) {
            true => "what it said is not shown, for it repeats a part of the value".into(),
            false => fault.message,
        };
        let kind = match fault.kind {
            FaultKind::Denied { action, resource } => FaultKind::Denied {
                action: if self.repeated_in(&action) { fault.operation.into() } else { action },
                resource: resource.filter(|r| !self.repeated_in(r)),
            },
            FaultKind::Other(code) if self.repeated_in(&code) => FaultKind::Other("an error".into()),
            kind @ (FaultKind::Throttled
            | FaultKind::Expired { .. }
            | FaultKind::NoCredentials { .. }
            | FaultKind::ClockSkew { .. }
            | FaultKind::Unreachable
            | FaultKind::TimedOut
            | FaultKind::Unsupported
            | FaultKind::NotFound
            | FaultKind::Invalid
            | FaultKind::Malformed
            | FaultKind::Conflict
            | FaultKind::Declined
            | FaultKind::Other(_)) => kind,
        };
        Fault { kind, message, ..fault }
    }

    /// Whether `text` repeats a value, or a part of one.
    pub(super) fn repeated_in(&self, text: &Untrusted) -> bool {
        let said = letters(text.wire().as_bytes());
        self.0.iter().any(|value| repeats(&said, value))
    }
}

/// Letters and digits in lower case, and every byte beyond ASCII: what no way of quoting changes.
fn letters(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let kept = |b: &&u8| b.is_ascii_alphanumeric() || !b.is_ascii();
    let mut letters = Zeroizing::new(Vec::with_capacity(text.len()));
    letters.extend(text.iter().filter(kept).map(u8::to_ascii_lowercase));
    letters
}

/// Whether `said` has a telling piece of `value`, or all of a value that is shorter.
fn repeats(said: &[u8], value: &[u8]) -> bool {
    let piece = value.len().min(TELLING);
    said.len() >= piece && value.windows(piece).any(|v| said.windows(piece).any(|s| s == v))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(value: &str, said: &str) -> Fault {
        let mut marked = Marked::default();
        marked.also(value.as_bytes());
        marked.cleaned(Fault::new(FaultKind::Invalid, "lambda:Invoke", said))
    }

    #[test]
    fn a_repeated_value_is_not_in_the_fault_however_it_is_quoted() {
        let value = "s3cr\"et/Sw0rdfish\n";
        for said in [
            "String measured: {\"K\":\"s3cr\\\"et/Sw0rdfish\\n\"}",
            "value=s3cr%22et%2FSw0rdfish%0A",
            "S3CR\"ET/SW0RDFISH",
            "it ends in w0rdfish",
        ] {
            assert!(!format!("{:?}", cleaned(value, said)).to_lowercase().contains("w0rd"), "{said}");
        }
        assert_eq!(cleaned(value, "the limit is 4 KB").message.wire(), "the limit is 4 KB");
        let document = "{ \"secretKey\": \"Sw0rdfish\", \"n\": [4711] }";
        assert_eq!(cleaned(document, "the secret key").message.wire(), "the secret key");
        assert_ne!(cleaned(document, "it was sw0rdfish").message.wire(), "it was sw0rdfish");
        assert_ne!(cleaned(document, "it was 4711").message.wire(), "it was 4711");
        assert_eq!(cleaned("", "the limit is 4 KB").message.wire(), "the limit is 4 KB");
        assert_ne!(cleaned("pw1", "it was pw1").message.wire(), "it was pw1");
    }

    #[test]
    fn nor_in_its_kind() {
        let mut marked = Marked::default();
        marked.also(b"swordfish");
        let denied = FaultKind::Denied { action: "x:swordfish".into(), resource: Some("swordfish".into()) };
        for kind in [denied, FaultKind::Other("swordfish".into())] {
            let fault = marked.cleaned(Fault::new(kind, "lambda:Invoke", "no"));
            assert!(!format!("{fault:?}").contains("swordfish"), "{fault:?}");
        }
    }
}
