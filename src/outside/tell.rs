//! Telling a webhook: `{"text": ...}` posted to an address that is itself the secret, as Slack's incoming webhooks and
//! what is made like them take it (Slack API, "Sending messages using incoming webhooks"). Knows no connections, and no
//! fault says more of the address than its host.

use super::request::{Target, target};
use crate::estate::{Fault, FaultKind, Slot, Vault};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

/// What a fault names as the operation.
pub(super) const TELL: &str = "webhook";
/// Longest text, in characters: more is cut ("text ... truncated after 40,000 characters"; others take less).
const LONGEST: usize = 3_000;

fn invalid(why: &'static str) -> Fault {
    Fault::new(FaultKind::Invalid, TELL, why)
}

/// The request that tells `text`, and whom it goes to.
///
/// # Errors
/// `Invalid`, without a byte of the address: an empty slot, an address that is none or may not be used.
pub(super) fn request(url: &Slot, text: &str, vault: &Vault) -> Result<(Target, HttpRequest), Fault> {
    let address = vault.with(url, |bytes| {
        let text = std::str::from_utf8(bytes).map_err(|_| invalid("the address is not text"))?;
        Ok(text.trim().to_owned())
    });
    let address = address.unwrap_or_else(|| Err(invalid("there is no address")))?;
    let body = body(text);
    let length = body.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").map_err(|_| invalid("the request cannot be made"))?;
    // These errors hold the address: they are dropped unseen.
    request.set_uri(address).map_err(|_| invalid("the address is no URL"))?;
    let headers = request.headers_mut();
    let own = concat!("bartizan/", env!("CARGO_PKG_VERSION"));
    let set = headers
        .try_insert("user-agent", own)
        .and(headers.try_insert("content-type", "application/json"))
        .and(headers.try_insert("content-length", length));
    set.map_err(|_| invalid("the request cannot be made"))?;
    let request = request.try_into_http1x().map_err(|_| invalid("the request cannot be made"))?;
    let uri = request.uri();
    let judged = target(uri.scheme_str(), uri.host(), uri.authority().map(|a| a.as_str()));
    let target =
        judged.map_err(|_| invalid("the address of a webhook begins with https:// and names a host"))?;
    let request = HttpRequest::try_from(request).map_err(|_| invalid("the request cannot be made"))?;
    Ok((target, request))
}

/// The body. `&`, `<` and `>` are what the webhook would read as more than text (Slack API, "Formatting text").
fn body(text: &str) -> String {
    let mut kept: String = text.chars().take(LONGEST).collect();
    if text.chars().count() > LONGEST {
        kept.push('…');
    }
    let safe = kept.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut out = String::from("{\"text\":\"");
    for c in safe.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push_str("\"}");
    out
}

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn the_body_is_json_and_nothing_in_it_is_markup() {
        let text = "a \"key\" \\ <!channel> & <https://evil|x>\n\u{1b}[2J\u{9b}é";
        let parsed: serde_json::Value = serde_json::from_str(&body(text)).unwrap();
        let said = parsed["text"].as_str().unwrap();
        assert_eq!(said, "a \"key\" \\ &lt;!channel&gt; &amp; &lt;https://evil|x&gt;\n\u{1b}[2J\u{9b}é");
        let long = body(&"x".repeat(10_000));
        assert!(long.len() < 3_100 && serde_json::from_str::<serde_json::Value>(&long).is_ok());
    }
}
