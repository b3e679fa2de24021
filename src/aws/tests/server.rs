//! A server on loopback that answers as it is told, for recorded answers and for none at all.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map_or("", |(_, v)| v)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The operation that is asked for: of JSON by header, of CBOR by path, of Query by form.
    pub fn operation(&self) -> String {
        let target = self.header("x-amz-target");
        if let Some((_, op)) = target.split_once('.') {
            return op.to_owned();
        }
        if let Some((_, op)) = self.line.split_once("/operation/") {
            return op.split(' ').next().unwrap_or("").to_owned();
        }
        let text = self.text();
        let action = text.split('&').find_map(|p| p.strip_prefix("Action="));
        action.map_or_else(|| self.line.clone(), str::to_owned)
    }
}

/// What the server does with a request.
pub enum Reply {
    Http {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// Nothing, for as long as the other side waits.
    Silence,
}

pub fn reply(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Reply {
    Reply::Http { status, headers: vec![("content-type", kind.to_owned())], body: body.into() }
}

pub fn json(status: u16, body: &str) -> Reply {
    reply(status, "application/x-amz-json-1.0", body)
}

pub fn xml(status: u16, body: &str) -> Reply {
    reply(status, "text/xml", body)
}

/// A CBOR answer made from JSON; `{"$time": seconds}` stands for an instant.
pub fn cbor(status: u16, body: &serde_json::Value) -> Reply {
    let mut bytes = Vec::new();
    encode(body, &mut bytes);
    let headers =
        vec![("content-type", "application/cbor".to_owned()), ("smithy-protocol", "rpc-v2-cbor".to_owned())];
    Reply::Http { status, headers, body: bytes }
}

fn encode(value: &serde_json::Value, out: &mut Vec<u8>) {
    use serde_json::Value;
    let head = |major: u8, n: u64, out: &mut Vec<u8>| {
        out.push(major << 5 | 27);
        out.extend(n.to_be_bytes());
    };
    let float = |n: f64, out: &mut Vec<u8>| {
        out.push(0xfb);
        out.extend(n.to_be_bytes());
    };
    match value {
        Value::Null => out.push(0xf6),
        Value::Bool(b) => out.push(if *b { 0xf5 } else { 0xf4 }),
        Value::Number(n) => match (n.as_u64(), n.as_f64()) {
            (Some(n), _) => head(0, n, out),
            (None, n) => float(n.unwrap(), out),
        },
        Value::String(s) => {
            head(3, s.len() as u64, out);
            out.extend(s.as_bytes());
        }
        Value::Array(all) => {
            head(4, all.len() as u64, out);
            all.iter().for_each(|v| encode(v, out));
        }
        Value::Object(map) if map.contains_key("$time") => {
            out.push(0xc1);
            float(map["$time"].as_f64().unwrap(), out);
        }
        Value::Object(map) => {
            head(5, map.len() as u64, out);
            for (k, v) in map {
                encode(&Value::String(k.clone()), out);
                encode(v, out);
            }
        }
    }
}

type Handler = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

/// Listens until dropped.
pub struct Server {
    addr: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    pub fn new(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut server = Self {
            addr: listener.local_addr().unwrap(),
            requests: Arc::default(),
            closed: Arc::default(),
            over: Arc::default(),
            listening: None,
        };
        let handler: Handler = Arc::new(handler);
        let (requests, closed, over) = (server.requests.clone(), server.closed.clone(), server.over.clone());
        let listening = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (handler, requests, closed) = (handler.clone(), requests.clone(), closed.clone());
                let Ok(stream) = stream else { continue };
                std::thread::spawn(move || serve(stream, &handler, &requests, &closed));
            }
        });
        server.listening = Some(listening);
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Whether a client has closed a connection on which it was waiting.
    pub fn saw_close(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.addr));
        // Only then does nobody listen.
        if let Some(listening) = self.listening.take() {
            listening.join().unwrap();
        }
    }
}

fn serve(mut stream: TcpStream, handler: &Handler, requests: &Mutex<Vec<Request>>, closed: &AtomicBool) {
    while let Some(request) = read(&mut stream) {
        requests.lock().unwrap().push(request.clone());
        let sent = match handler(&request) {
            Reply::Http { status, headers, body } => {
                let mut head = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                head.push_str("\r\n");
                stream.write_all(&[head.into_bytes(), body].concat())
            }
            Reply::Raw(bytes) => {
                drop(stream.write_all(&bytes));
                return;
            }
            Reply::Silence => {
                stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                let ended = matches!(stream.read(&mut [0]), Ok(0) | Err(_));
                closed.store(ended, Ordering::SeqCst);
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        let mut some = [0; 4096];
        match stream.read(&mut some) {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend(&some[..n]),
        }
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let pair = |l: &str| l.split_once(':').map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()));
    let headers: Vec<_> = lines.filter_map(pair).collect();
    let mut request = Request { line, headers, body: bytes.split_off(end + 4) };
    let length = request.header("content-length").parse().unwrap_or(0);
    while request.body.len() < length {
        let mut some = [0; 4096];
        match stream.read(&mut some) {
            Ok(0) | Err(_) => return None,
            Ok(n) => request.body.extend(&some[..n]),
        }
    }
    Some(request)
}
