//! A canary as an HTTP request: what may be sent where, and how the key gets into its header. Knows no
//! connections.

use super::invalid;
use crate::estate::{Canary, Fault, Vault};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::net::{Ipv4Addr, Ipv6Addr};

/// How a host is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// Without TLS: this machine only.
    Plain,
    /// Over TLS, on this machine.
    TlsHere,
    /// Over TLS, through a proxy if there is one.
    Tls,
}

/// Whom a request goes to.
#[derive(Debug)]
pub(super) struct Target {
    pub way: Way,
    /// Host and port: all that a fault may tell of the URL.
    pub host: String,
}

/// Headers that say where a request ends or who it is for. A key in one of them would change the request.
const FRAMING: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The request of a canary, without a body, and whom it goes to.
///
/// # Errors
/// `Invalid`, without a byte of the key or the URL: a method, URL or header that is not allowed, an empty
/// slot, a key that no header can carry.
pub(super) fn request(canary: &Canary, vault: &Vault) -> Result<(Target, HttpRequest), Fault> {
    let method = canary.method.wire();
    if !["GET", "POST", "HEAD"].contains(&method) {
        return Err(invalid("the method of a canary is GET, POST or HEAD"));
    }
    let name = canary.header.wire();
    if FRAMING.iter().any(|f| name.eq_ignore_ascii_case(f)) {
        return Err(invalid("that header cannot carry a key"));
    }
    let mut request = HttpRequest::empty();
    request.set_method(method).map_err(|_| invalid("the method is not one"))?;
    request.set_uri(canary.url.wire()).map_err(|_| invalid("the URL is not one"))?;
    let headers = request.headers_mut();
    let own = concat!("bartizan/", env!("CARGO_PKG_VERSION"));
    let set = headers.try_insert("user-agent", own).and(headers.try_insert("accept", "*/*"));
    set.map_err(|_| invalid("the request cannot be made"))?;
    if method == "POST" {
        // The client would leave it out; some servers answer 411 then.
        headers.try_insert("content-length", "0").map_err(|_| invalid("the request cannot be made"))?;
    }
    // These errors hold the value: they are dropped unseen.
    let set = headers.try_insert(name.to_owned(), value(canary, vault)?);
    set.map_err(|_| invalid("the header, or the key in it, is not one that HTTP can carry"))?;

    let mut request = request.try_into_http1x().map_err(|_| invalid("the request cannot be made"))?;
    let uri = request.uri();
    let target = target(uri.scheme_str(), uri.host(), uri.authority().map(|a| a.as_str()))?;
    // Of the HTTP crate's own type, so that no `Debug` of it tells the key and no compression table keeps it.
    request.headers_mut().iter_mut().for_each(|(_, value)| value.set_sensitive(true));
    let request = HttpRequest::try_from(request).map_err(|_| invalid("the request cannot be made"))?;
    Ok((target, request))
}

/// Prefix and key, in a buffer that does not grow and that the header takes over as it is.
fn value(canary: &Canary, vault: &Vault) -> Result<String, Fault> {
    let prefix = canary.prefix.wire();
    let made = vault.with(&canary.key, |key| {
        let key = std::str::from_utf8(key).map_err(|_| invalid("the key is not text"))?;
        if key.is_empty() {
            return Err(invalid("the key is empty"));
        }
        let mut value = String::with_capacity(prefix.len() + key.len());
        value.push_str(prefix);
        value.push_str(key);
        Ok(value)
    });
    made.unwrap_or_else(|| Err(invalid("the key is not held")))
}

/// Judges a URL by its parts as the client will read them, never by its text.
pub(super) fn target(
    scheme: Option<&str>,
    host: Option<&str>,
    authority: Option<&str>,
) -> Result<Target, Fault> {
    let (Some(scheme), Some(host), Some(authority)) = (scheme, host, authority) else {
        return Err(invalid("the URL of a canary begins with https:// and a host"));
    };
    if authority.contains('@') || host.is_empty() {
        return Err(invalid("the URL of a canary names a host, and no user"));
    }
    let way = match (scheme, is_here(host)) {
        ("https", false) => Way::Tls,
        ("https", true) => Way::TlsHere,
        ("http", true) => Way::Plain,
        ("http", false) => {
            return Err(invalid("without TLS the key could be read on its way: use https"));
        }
        (_, _) => return Err(invalid("the URL of a canary begins with https://")),
    };
    Ok(Target { way, host: authority.to_owned() })
}

/// Whether a host is this machine, by name or address; other spellings of addresses are not accepted.
fn is_here(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let v6 = || bare.and_then(|h| h.parse::<Ipv6Addr>().ok()).is_some_and(|a| a.is_loopback());
    let v4 = || host.parse::<Ipv4Addr>().is_ok_and(|a| a.is_loopback());
    host.eq_ignore_ascii_case("localhost") || v4() || v6()
}
