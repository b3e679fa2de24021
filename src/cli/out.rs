//! Where answers go: data to stdout, diagnostics to stderr. A reader that has gone away ends the program
//! quietly; any other trouble is a failure. It knows nothing of what is written.

use super::args::LogLevel;
use super::exit::Failure;
use super::paint::Paint;
use super::table::{Block, Line};
use std::io::{self, Write};

/// The two streams of a command.
pub struct Out {
    data: Box<dyn Write + Send>,
    notes: Box<dyn Write + Send>,
    paint: Paint,
    width: Option<usize>,
    level: LogLevel,
}

/// Whether there is still somebody to write to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// There is.
    Listens,
    /// The other end of the pipe was closed.
    Gone,
}

impl Out {
    /// The streams of this process. `width` is that of the terminal that stdout is, if it is one.
    #[must_use]
    pub fn of_process(paint: Paint, width: Option<usize>, level: LogLevel) -> Self {
        Self { data: Box::new(io::stdout()), notes: Box::new(io::stderr()), paint, width, level }
    }

    /// Other streams, for tests.
    #[must_use]
    pub fn to(data: Box<dyn Write + Send>, notes: Box<dyn Write + Send>) -> Self {
        Self { data, notes, paint: Paint::none(), width: None, level: LogLevel::Warn }
    }

    /// Writes text as it is, in one go.
    ///
    /// # Errors
    /// It cannot be written, for another reason than that the reader has gone.
    pub fn raw(&mut self, text: &str) -> Result<Reader, Failure> {
        let written = self.data.write_all(text.as_bytes()).and_then(|()| self.data.flush());
        match written {
            Ok(()) => Ok(Reader::Listens),
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
            Err(e) => Err(Failure::usage(format!("the answer cannot be written to stdout: {e}"))),
        }
    }

    /// Writes a JSON document: on one line, or indented for a person where it is the only one.
    ///
    /// # Errors
    /// As [`Out::raw`].
    pub fn document(&mut self, document: &serde_json::Value, one_line: bool) -> Result<Reader, Failure> {
        let mut text = if one_line { document.to_string() } else { format!("{document:#}") };
        text.push('\n');
        self.raw(&text)
    }

    /// Writes tables and lines for a person.
    ///
    /// # Errors
    /// As [`Out::raw`].
    pub fn blocks(&mut self, blocks: &[Block]) -> Result<Reader, Failure> {
        let mut text = String::new();
        for block in blocks {
            match block {
                Block::Line(line) => self.line(line, &mut text),
                Block::Table(table) => {
                    for line in table.lines(self.width) {
                        self.line(&line, &mut text);
                    }
                }
            }
        }
        self.raw(&text)
    }

    fn line(&self, line: &Line, text: &mut String) {
        for cell in line {
            self.paint.add(&cell.text, cell.tone, text);
        }
        text.push('\n');
    }

    /// Says something on stderr, if that much is to be said. The words must be safe to print.
    pub fn note(&mut self, level: LogLevel, words: impl std::fmt::Display) {
        if level > self.level || self.level == LogLevel::Off {
            return;
        }
        let written = writeln!(self.notes, "bartizan: {words}").and_then(|()| self.notes.flush());
        if written.is_err() {
            // Nobody can be told that nobody can be told.
            self.level = LogLevel::Off;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Out, Reader};
    use crate::cli::exit::Exit;
    use std::io::{self, Write};

    struct Broken(io::ErrorKind);
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_gone_reader_is_quiet_and_a_full_disk_is_not() {
        let mut out = Out::to(Box::new(Broken(io::ErrorKind::BrokenPipe)), Box::new(io::sink()));
        assert_eq!(out.raw("x"), Ok(Reader::Gone));
        let mut out = Out::to(Box::new(Broken(io::ErrorKind::StorageFull)), Box::new(io::sink()));
        let failure = out.raw("x").unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.words.contains("stdout"), "{failure}");
    }
}
