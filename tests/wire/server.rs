//! A loopback HTTP/1.1 server that answers what a test tells it to, in the manner it tells it to. It knows
//! nothing of AWS.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method and target of the request line.
    pub line: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, as it came.
    pub body: Vec<u8>,
}

impl Request {
    /// A header; empty if it did not come.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// The number after `page-` wherever the request names one; 0 on the first page.
    pub fn page(&self) -> usize {
        let text = format!("{} {}", self.line, String::from_utf8_lossy(&self.body));
        let digits = |at: usize| text[at + 5..].chars().take_while(char::is_ascii_digit).collect::<String>();
        text.find("page-").and_then(|at| digits(at).parse().ok()).unwrap_or(0)
    }
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The same with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }
}

/// How the server behaves.
pub enum Manner {
    /// Answers every request.
    Answers(Box<dyn Fn(&Request) -> Reply + Send + Sync>),
    /// Answers after a while.
    Slow(Duration, Reply),
    /// Promises the whole body, sends this much of it, and closes in good order.
    Truncated(Reply, usize),
    /// Promises the whole body, sends this much of it, and then nothing more.
    Stalled(Reply, usize),
    /// Takes the request and says nothing.
    Silent,
    /// Resets the connection instead of answering.
    ResetsAtOnce,
    /// Sends this much of the body, then resets the connection.
    ResetsAfter(Reply, usize),
    /// Says something that is not HTTP.
    Babbles(&'static [u8]),
}

/// A running server; its threads end with the test process, its connections when the client lets go.
pub struct Server {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
    last: Arc<Mutex<Option<Request>>>,
}

impl Server {
    pub fn start(manner: Manner) -> Server {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, last) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
        let server = Server { address, requests: requests.clone(), last: last.clone() };
        let manner = Arc::new(manner);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (manner, requests, last) = (manner.clone(), requests.clone(), last.clone());
                std::thread::spawn(move || {
                    // a client that hangs up ends its connection, not the test
                    if serve(&stream, &manner, &requests, &last).is_err() {
                        drop(stream);
                    }
                });
            }
        });
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests have come: one fetch is one call.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// The last request that was read.
    pub fn last(&self) -> Option<Request> {
        self.last.lock().unwrap().clone()
    }
}

fn serve(
    stream: &TcpStream,
    manner: &Manner,
    requests: &AtomicUsize,
    last: &Mutex<Option<Request>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut out = stream;
    match manner {
        // closing a socket whose input was not read makes the system send a reset
        Manner::ResetsAtOnce => {
            stream.peek(&mut [0])?;
            requests.fetch_add(1, Ordering::SeqCst);
            return Ok(());
        }
        Manner::ResetsAfter(reply, much) => {
            stream.peek(&mut [0])?;
            requests.fetch_add(1, Ordering::SeqCst);
            out.write_all(&head(reply))?;
            out.write_all(&reply.body[..*much])?;
            std::thread::sleep(Duration::from_millis(100)); // or the reset overtakes what was sent
            return Ok(());
        }
        Manner::Answers(_)
        | Manner::Slow(..)
        | Manner::Truncated(..)
        | Manner::Stalled(..)
        | Manner::Silent
        | Manner::Babbles(_) => {}
    }
    let mut input = BufReader::new(stream);
    while let Some(request) = read(&mut input)? {
        requests.fetch_add(1, Ordering::SeqCst);
        *last.lock().unwrap() = Some(request.clone());
        match manner {
            Manner::Answers(answer) => {
                let reply = answer(&request);
                out.write_all(&head(&reply))?;
                out.write_all(&reply.body)?;
            }
            Manner::Slow(d, reply) => {
                std::thread::sleep(*d);
                out.write_all(&head(reply))?;
                out.write_all(&reply.body)?;
            }
            Manner::Truncated(reply, much) => {
                out.write_all(&head(reply))?;
                return out.write_all(&reply.body[..*much]);
            }
            Manner::Stalled(reply, much) => {
                out.write_all(&head(reply))?;
                out.write_all(&reply.body[..*much])?;
                out.flush()?;
            }
            Manner::Babbles(bytes) => return out.write_all(bytes),
            Manner::Silent | Manner::ResetsAtOnce | Manner::ResetsAfter(..) => {}
        }
    }
    Ok(())
}

fn head(reply: &Reply) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} -\r\nContent-Length: {}\r\n", reply.status, reply.body.len());
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

fn read(input: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let (mut length, mut headers) = (0, Vec::new());
    loop {
        let mut header = String::new();
        input.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
        if name == "content-length" {
            length = value.parse().unwrap_or(0);
        }
        headers.push((name, value));
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok(Some(Request { line: line.trim_end().to_owned(), headers, body }))
}
