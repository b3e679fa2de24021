//! One running server: which kind, on which port, and whether it answers.

use super::{hold::Held, home, venv};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// What starts a server.
struct Command {
    program: OsString,
    args: Vec<String>,
    env: Vec<(&'static str, String)>,
}

/// The kinds of server. TESTBEDS says what each can and cannot prove.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Bed {
    Ministack,
    Moto,
    Fakecloud,
}

impl Bed {
    /// Its name as the tables and the output have it.
    pub fn name(self) -> &'static str {
        match self {
            Bed::Ministack => "ministack",
            Bed::Moto => "moto",
            Bed::Fakecloud => "fakecloud",
        }
    }

    /// The command that serves it on `port` of the loopback.
    fn command(self, port: u16) -> Result<Command, String> {
        let (program, args, env) = match self {
            Bed::Ministack => (
                venv::bin()?.join("ministack").into(),
                Vec::new(),
                // its default is to listen on every interface
                vec![("BIND_HOST", "127.0.0.1".to_owned()), ("GATEWAY_PORT", port.to_string())],
            ),
            Bed::Moto => (
                venv::bin()?.join("moto_server").into(),
                ["-H", "127.0.0.1", "-p", &port.to_string()].map(str::to_owned).to_vec(),
                Vec::new(),
            ),
            Bed::Fakecloud => (
                std::env::var_os("BARTIZAN_FAKECLOUD")
                    .filter(|path| Path::new(path).is_file())
                    .ok_or("BARTIZAN_FAKECLOUD does not name the fakecloud binary")?,
                vec!["--addr".to_owned(), format!("127.0.0.1:{port}")],
                Vec::new(),
            ),
        };
        Ok(Command { program, args, env })
    }
}

/// A server that answers. It ends when this is dropped, or with the test process.
pub struct Server {
    held: Held,
    address: SocketAddr,
}

impl Server {
    /// Starts one of its own for the caller and waits until it answers.
    ///
    /// The error is one sentence for whoever runs the tests.
    pub fn start(bed: Bed) -> Result<Server, String> {
        Server::start_with(bed, &[])
    }

    /// The same with more arguments for it.
    pub fn start_with(bed: Bed, more: &[&str]) -> Result<Server, String> {
        let mut last = String::new();
        for _ in 0..3 {
            // another process may take the free port before the server does: then the server ends by itself
            let port = free_port()?;
            match Server::start_on(bed, port, more) {
                Ok(server) => return Ok(server),
                Err(Trouble::Ended(why)) => last = why,
                Err(Trouble::Other(why)) => return Err(why),
            }
        }
        Err(last)
    }

    fn start_on(bed: Bed, port: u16, more: &[&str]) -> Result<Server, Trouble> {
        let Command { program, mut args, env } = bed.command(port).map_err(Trouble::Other)?;
        args.extend(more.iter().map(|a| (*a).to_owned()));
        let logs = home().map_err(Trouble::Other)?.join("logs");
        let path = logs.join(format!("{}-{port}.log", bed.name()));
        let log = fs::create_dir_all(&logs)
            .and_then(|()| File::create(&path))
            .map_err(|e| Trouble::Other(format!("{} cannot be written: {e}", path.display())))?;
        let mut held = Held::start(&program, &args, env, &log)
            .map_err(|e| Trouble::Other(format!("{} did not start: {e}", bed.name())))?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let began = Instant::now();
        while !answers(address) {
            let said = || {
                let text = fs::read_to_string(&path).unwrap_or_default();
                text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("nothing").to_owned()
            };
            if held.has_ended() {
                return Err(Trouble::Ended(format!("{} ended at once; it said: {}", bed.name(), said())));
            }
            if began.elapsed() > Duration::from_secs(60) {
                return Err(Trouble::Other(format!(
                    "{} did not answer within a minute; it said: {}",
                    bed.name(),
                    said()
                )));
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Ok(Server { held, address })
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        !self.held.has_ended()
    }
}

enum Trouble {
    /// It ended by itself; another port may help.
    Ended(String),
    Other(String),
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|l| l.local_addr())
        .map(|a| a.port())
        .map_err(|e| format!("no free loopback port: {e}"))
}

/// Whether somebody there speaks HTTP, whatever they say.
fn answers(address: SocketAddr) -> bool {
    let second = Duration::from_secs(1);
    let mut start = [0u8; 5];
    TcpStream::connect_timeout(&address, second)
        .and_then(|mut s| {
            s.set_read_timeout(Some(second))?;
            s.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
            s.read_exact(&mut start)
        })
        .is_ok()
        && &start == b"HTTP/"
}
