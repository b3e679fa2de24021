//! Holds a child process by a pipe: the child is ended when the pipe closes, which the system does when the
//! test process ends in any way at all, kill -9 included. (PDEATHSIG would kill it when the *thread* ends
//! that started it.)

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::process::{Child, Command, Stdio};

/// A POSIX shell stands between: it starts the server, reads from the pipe until its end, and then ends the
/// server. It waits for the server, so that the server's process id cannot be another's when it is signalled.
const KEEPER: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
( cat <&3 >/dev/null; kill -TERM "$server"; sleep 5; kill -KILL "$server" ) 2>/dev/null &
keeper=$!
exec 3<&-
wait "$server"
code=$?
kill "$keeper" 2>/dev/null
exit "$code"
"#;

/// A process that lives as long as this value, and no longer than the test process.
pub struct Held {
    shell: Child,
}

impl Held {
    /// Starts `program`; what it says goes to `log`.
    pub fn start<'a>(
        program: &OsStr,
        args: &[String],
        env: impl IntoIterator<Item = (&'a str, String)>,
        log: &File,
    ) -> io::Result<Held> {
        let shell = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(program)
            .args(args)
            .envs(env)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            .spawn()?;
        Ok(Held { shell })
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.shell.try_wait(), Ok(None))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // the keeper ends the server first, so that its port is free when this returns
        if let Err(e) = self.shell.wait() {
            eprintln!("a test server could not be waited for: {e}");
        }
    }
}
