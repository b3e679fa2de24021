//! Canaries against a server on loopback, and those that are never sent.

use super::request::{Way, request};
use super::*;
use crate::estate::{Slot, Untrusted};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use zeroize::Zeroizing;

const KEY: &str = "hunter2-hunter2-hunter2";

/// A server for one request: it answers with these bytes (none: it never answers) and tells what came.
fn server(answer: Option<&'static str>) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        if let Some(answer) = answer {
            stream.write_all(answer.as_bytes()).unwrap();
        }
        // Until the other side closes: nothing more may come, and a body need not be taken.
        let mut rest = Vec::new();
        if stream.read_to_end(&mut rest).is_ok() {
            assert!(rest.is_empty(), "more than one request");
        }
        String::from_utf8(head).unwrap()
    });
    (at, heard)
}

fn canary(method: &str, url: &str) -> Canary {
    Canary {
        method: method.into(),
        url: url.into(),
        header: "X-Api-Key".into(),
        prefix: "Bearer ".into(),
        key: Slot::new("key"),
    }
}

fn vault(key: &str) -> Vault {
    let vault = Vault::default();
    vault.put(Slot::new("key"), Zeroizing::new(key.as_bytes().to_vec()));
    vault
}

fn sent(http: &Http, canary: &Canary, key: &str) -> Result<u16, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(http.canary(canary, &vault(key)))
}

#[test]
fn the_status_comes_back_and_the_key_goes_in_its_header() {
    for (method, answer, want) in [
        ("GET", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", 200),
        ("POST", "HTTP/1.1 204 No Content\r\n\r\n", 204),
        ("HEAD", "HTTP/1.1 401 Unauthorized\r\ncontent-length: 99\r\n\r\n", 401),
        // A body that never ends is not waited for.
        ("GET", "HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n", 403),
        ("GET", "HTTP/1.1 503 Slow Down\r\ncontent-length: 1000000\r\n\r\n.", 503),
    ] {
        let (at, heard) = server(Some(answer));
        let url = format!("http://{at}/v1/ping?deep=1");
        assert_eq!(sent(&Http::new(None), &canary(method, &url), KEY), Ok(want), "{answer}");
        let heard = heard.join().unwrap();
        assert!(heard.starts_with(&format!("{method} /v1/ping?deep=1 HTTP/1.1\r\n")), "{heard}");
        assert!(heard.contains(&format!("\r\nx-api-key: Bearer {KEY}\r\n")), "{heard}");
        assert!(heard.contains(&format!("\r\nhost: {at}\r\n")), "{heard}");
        assert_eq!(heard.contains("content-length: 0"), method == "POST", "{heard}");
    }
}

#[test]
fn a_redirect_is_an_answer_like_any_other() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let moved = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
        elsewhere.local_addr().unwrap()
    );
    let (at, heard) = server(Some(Box::leak(moved.into_boxed_str())));
    assert_eq!(sent(&Http::new(None), &canary("GET", &format!("http://{at}/")), KEY), Ok(302));
    heard.join().unwrap();
    assert!(elsewhere.accept().is_err(), "somebody followed");
}

#[test]
fn what_does_not_answer_is_given_up() {
    let (at, heard) = server(None);
    let http = Http::within(None, Duration::from_millis(20));
    let fault = sent(&http, &canary("GET", &format!("http://{at}/?token=hunter2")), KEY).unwrap_err();
    assert_eq!(fault.kind, FaultKind::TimedOut);
    tells_nothing(&fault);
    heard.join().unwrap();
}

#[test]
fn what_fails_is_said_without_key_and_query() {
    let refusing = {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap()
    };
    let fault = sent(&Http::new(None), &canary("GET", &format!("http://{refusing}/?t=hunter2")), KEY);
    let fault = fault.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(fault.message.wire().starts_with(&format!("{refusing}: ")), "{fault}");
    tells_nothing(&fault);
    for garbage in ["no HTTP at all\r\n\r\n", "", "HTTP/1.1 999999 What\r\n\r\n"] {
        let (at, heard) = server_that_closes(garbage);
        let fault = sent(&Http::new(None), &canary("GET", &format!("http://{at}/?t=hunter2")), KEY);
        let fault = fault.unwrap_err();
        assert!(fault.may_have_happened(), "{fault:?}");
        tells_nothing(&fault);
        heard.join().unwrap();
    }
}

/// A server that closes the connection after these bytes.
fn server_that_closes(answer: &'static str) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        assert!(stream.read(&mut head).unwrap() > 0);
        stream.write_all(answer.as_bytes()).unwrap();
    });
    (at, heard)
}

fn tells_nothing(fault: &Fault) {
    let said = format!("{fault} {fault:?}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn what_would_give_the_key_away_is_refused_before_anything_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let at = listener.local_addr().unwrap();
    let good = format!("http://{at}/?hunter2");
    let refused = |canary: Canary, key: &str| {
        let fault = sent(&Http::new(None), &canary, key).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid, "{canary:?}");
        tells_nothing(&fault);
    };
    for url in [
        "http://192.0.2.1/?hunter2",
        "http://localhost.example/?hunter2",
        "http://127.0.0.1.example/?hunter2",
        "http://127.1/?hunter2",
        "http://[::ffff:127.0.0.1]/?hunter2",
        "http://127.0.0.1:80@example/?hunter2",
        "https://user:hunter2@example/",
        "ftp://127.0.0.1/?hunter2",
        "//127.0.0.1/?hunter2",
        "/?hunter2",
        "hunter2",
        "https://",
        "https:///?hunter2",
        "http://127.0.0.1/ hunter2",
        "",
    ] {
        refused(canary("GET", url), KEY);
    }
    for method in ["get", "PUT", "DELETE", "CONNECT", "GET /hunter2", ""] {
        refused(canary(method, &good), KEY);
    }
    for header in ["Host", "content-length", "Transfer-Encoding", "x key", "x:hunter2", "é", "", "a\r\nb"] {
        refused(Canary { header: header.into(), ..canary("GET", &good) }, KEY);
    }
    for key in ["", "hunter2\r\nx: y", "hunter2\n", "hunter2\0", "\u{7f}hunter2"] {
        refused(canary("GET", &good), key);
    }
    refused(Canary { key: Slot::new("other"), ..canary("GET", &good) }, KEY);
    refused(Canary { prefix: Untrusted::from("a\r\nb: "), ..canary("GET", &good) }, KEY);
    assert!(listener.accept().is_err(), "something was sent");
}

#[test]
fn this_machine_is_reached_without_a_proxy_and_everybody_else_over_tls() {
    for (url, way, host) in [
        ("http://127.0.0.1:8080/x?q", Way::Plain, "127.0.0.1:8080"),
        ("http://LOCALHOST/", Way::Plain, "LOCALHOST"),
        ("http://[::1]:1/", Way::Plain, "[::1]:1"),
        ("https://127.8.8.8/", Way::TlsHere, "127.8.8.8"),
        ("https://api.example/x", Way::Tls, "api.example"),
        ("HTTPS://api.example:444", Way::Tls, "api.example:444"),
    ] {
        let (target, _) = request(&canary("GET", url), &vault(KEY)).unwrap();
        assert_eq!((target.way, target.host.as_str()), (way, host), "{url}");
    }
}

#[test]
fn the_key_is_marked_as_sensitive() {
    let (_, request) = request(&canary("GET", "https://api.example/"), &vault(KEY)).unwrap();
    let request = request.try_into_http1x().unwrap();
    assert!(request.headers().get("x-api-key").unwrap().is_sensitive());
    assert!(!format!("{request:?}").contains(KEY));
}

#[test]
fn a_bundle_that_cannot_be_used_is_said_with_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/?hunter2", listener.local_addr().unwrap());
    let bad = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    for (content, word) in
        [(None, "cannot be read"), (Some("hello"), "no certificate"), (Some(bad), "no certif")]
    {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let fault = sent(&Http::new(Some(path.clone())), &canary("GET", &url), KEY).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unsupported);
        assert!(fault.message.wire().contains(word) && fault.message.wire().contains("ca.pem"), "{fault}");
        tells_nothing(&fault);
    }
}

/// A server for one webhook: it answers with these bytes and gives the whole request.
fn hook(answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut heard, mut byte) = (Vec::new(), [0]);
        while !heard.ends_with(b"\"}") && stream.read(&mut byte).unwrap() == 1 {
            heard.push(byte[0]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(heard).unwrap()
    });
    (at, heard)
}

fn tells(address: &str, text: &str) -> Result<(), Fault> {
    let vault = vault(address);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Http::new(None).tell(&Listener::Webhook(Slot::new("key")), text, &vault))
}

#[test]
fn a_webhook_gets_the_text_once_and_a_fault_tells_nothing_of_its_address() {
    let (at, heard) = hook("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    tells(&format!("http://{at}/services/hunter2\n"), "Incident <!channel> \"leak\"").unwrap();
    let heard = heard.join().unwrap();
    assert!(heard.starts_with("POST /services/hunter2 HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains("content-type: application/json\r\n"), "{heard}");
    assert!(heard.ends_with(r#"{"text":"Incident &lt;!channel&gt; \"leak\""}"#), "{heard}");
    let (at, heard) = hook("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    let fault = tells(&format!("http://{at}/services/hunter2"), "x").unwrap_err();
    assert!(fault.message.wire().contains("answered 404"), "{fault}");
    tells_nothing(&fault);
    heard.join().unwrap();
    for bad in ["http://192.0.2.1/hunter2", "https://user:hunter2@x.example/", "hunter2", "ftp://x/hunter2"] {
        let fault = tells(bad, "x").unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid, "{bad}");
        tells_nothing(&fault);
    }
}
