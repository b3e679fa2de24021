//! An export that is read again: verified as a whole first, against its manifest, which tells the line that is damaged; then
//! line by line. A line that is not what it was when the file was verified is refused, so that nobody can change it in
//! between.

use super::draft::hex;
use super::line;
use super::manifest::{Entry, Manifest};
use crate::estate::message::{BATCH, Ids, MOST_IN_A_BATCH, Message};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// An export that agrees with its manifest.
pub struct Verified {
    /// What its manifest says.
    pub manifest: Manifest,
    /// The batches in which it is sent again, in the order of the lines: so many batches of so many lines.
    pub batches: Vec<(u8, u32)>,
    /// Its largest message, in bytes.
    pub largest: usize,
    /// The ids of its messages.
    pub ids: Ids,
    /// The beginning of each line's hash.
    prints: Vec<u128>,
    path: PathBuf,
}

/// Lines that are named one by one; of more only the first is.
const NAMED: usize = 5;

/// What the manifest says of a message, as much of it as tells whether this is the one.
struct Mark {
    id: u128,
    line: Option<u128>,
}

impl Mark {
    fn of(entry: &Entry) -> Self {
        let line = entry.sha256.get(..32).filter(|_| entry.sha256.len() == 64);
        let line = line.and_then(|hex| u128::from_str_radix(hex, 16).ok()); // what is no hash is nobody's
        Self { id: print(entry.id.wire().as_bytes()), line }
    }
}

/// The lines that are not what the manifest says of them.
#[derive(Default)]
struct Damage {
    count: u32,
    first: Vec<u32>,
}

impl Damage {
    fn add(&mut self, line: u32) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(line);
        }
    }

    /// In words, with the id of a single message; `None` if there is none.
    fn words(&self, path: &Path) -> Option<String> {
        let said: Vec<String> = self.first.iter().map(u32::to_string).collect();
        Some(match (self.first.as_slice(), said.split_last()?) {
            ([line], _) => {
                let mut at = 0;
                let mut id = None;
                // What was read a moment ago; if it cannot be now, the line's number says enough.
                let again = Manifest::read(path, &mut |entry| {
                    at += 1;
                    if at == *line {
                        id = Some(entry.id);
                    }
                });
                let id = id.filter(|_| again.is_ok()).map(|id| format!(", message {}", id.shown()));
                format!("line {line}{} is not what was exported", id.unwrap_or_default())
            }
            (first, (last, rest)) if self.count as usize == first.len() => {
                format!("lines {} and {last} are not what was exported", rest.join(", "))
            }
            ([first, ..], _) => {
                format!("{} lines are not what was exported, line {first} the first of them", self.count)
            }
            ([], _) => return None,
        })
    }
}

/// Reads an export and its manifest, whole. It takes a while: 100,000 messages are some hundred megabytes.
///
/// # Errors
/// It cannot be read, or the two do not agree: in words that repeat nothing of any message, and say which line it is.
pub fn verify(path: &Path) -> Result<Verified, String> {
    let name = || crate::estate::Untrusted::from(path.display().to_string()).shown().to_string();
    let mut marks = Vec::new();
    let manifest = Manifest::read(path, &mut |entry| marks.push(Mark::of(&entry)))?;
    let file = File::open(path).map_err(|e| format!("{} cannot be read: {e}", name()))?;
    let mut lines = Lines::over(file, manifest.gzip);
    let (mut ids, mut set, mut prints) = (Sha256::new(), Ids::default(), Vec::new());
    let (mut sizes, mut largest, mut damage) = (Batches::default(), 0, Damage::default());
    let mut number = 0_u32;
    loop {
        number += 1;
        let read = lines.next_line();
        let read = read.map_err(|e| format!("{} cannot be read from line {number} on: {e}", name()))?;
        let Some(read) = read else { break };
        let print = print(read);
        let mark = marks.get(prints.len());
        prints.push(print);
        let changed = mark.is_some_and(|mark| mark.line != Some(print));
        match line::read(read) {
            Ok(message) => {
                if changed || mark.is_some_and(|mark| mark.id != self::print(message.id.wire().as_bytes())) {
                    damage.add(number);
                }
                ids.update(message.id.wire());
                ids.update(b"\n");
                set.add(&message.id);
                sizes.add(message.size());
                largest = largest.max(message.size());
            }
            Err(_) if changed => damage.add(number),
            Err(e) => return Err(format!("{}, line {number}: {e}; nothing was done", name())),
        }
    }
    let sha256 = lines.hash().map_err(|e| format!("{} cannot be read: {e}", name()))?;
    let differs =
        |what: &str| Err(format!("{} is not what its manifest says: {what}; nothing was done", name()));
    if prints.len() != manifest.count as usize {
        let from = damage.first.first().map(|line| format!(", and from line {line} on it is another"));
        return differs(&format!(
            "it has {} messages, not {}{}",
            prints.len(),
            manifest.count,
            from.unwrap_or_default()
        ));
    }
    if let Some(words) = damage.words(path) {
        return differs(&words);
    }
    if sha256 != manifest.sha256 {
        let yet = if marks.is_empty() { "" } else { ", though each of its lines is what it was" };
        return differs(&format!("its SHA-256 is another{yet}"));
    }
    if hex(ids) != manifest.ids_sha256 {
        return differs("its messages have other ids");
    }
    Ok(Verified { manifest, batches: sizes.finish(), largest, ids: set, prints, path: path.to_owned() })
}

impl Verified {
    /// Its lines, to be read in their order.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(self) -> io::Result<Reading> {
        let lines = Lines::over(File::open(&self.path)?, self.manifest.gzip);
        Ok(Reading { kept: self, lines, at: 0 })
    }
}

/// A verified export under way.
pub struct Reading {
    /// What is read.
    pub kept: Verified,
    lines: Lines,
    /// Lines that were read.
    at: u32,
}

impl Reading {
    /// The message of a line, from 1. Lines are wanted in their order; going back begins anew.
    ///
    /// # Errors
    /// There is no such line, it cannot be read, or it is not what it was when the file was verified.
    pub fn line(&mut self, number: u32) -> Result<Message, String> {
        let changed = || format!("line {number} of {} is not what it was", self.kept.path.display());
        let changed = crate::estate::Untrusted::from(changed()).shown().to_string();
        if number == 0 || number as usize > self.kept.prints.len() {
            return Err(format!("there is no line {number}"));
        }
        if number <= self.at {
            let file = File::open(&self.kept.path).map_err(|e| e.to_string())?;
            self.lines = Lines::over(file, self.kept.manifest.gzip);
            self.at = 0;
        }
        loop {
            let read = self.lines.next_line().map_err(|e| e.to_string())?.ok_or_else(|| changed.clone())?;
            self.at += 1;
            if self.at == number {
                let known = self.kept.prints.get(number as usize - 1);
                if known != Some(&print(read)) {
                    return Err(changed);
                }
                return line::read(read);
            }
        }
    }
}

/// The beginning of a hash.
fn print(of: &[u8]) -> u128 {
    Sha256::digest(of).iter().take(16).fold(0, |n, b| n << 8 | u128::from(*b))
}

/// The lines of a file, packed or not, none longer than a message can be; the file's bytes are hashed as they pass.
struct Lines {
    from: Source,
    buffer: Zeroizing<Vec<u8>>,
}

enum Source {
    Plain(BufReader<Hashed>),
    Gzip(Box<BufReader<MultiGzDecoder<BufReader<Hashed>>>>),
}

struct Hashed {
    file: File,
    hash: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(into)?;
        self.hash.update(&into[..n]);
        Ok(n)
    }
}

impl Lines {
    fn over(file: File, gzip: bool) -> Self {
        let plain = BufReader::with_capacity(1 << 16, Hashed { file, hash: Sha256::new() });
        let from = match gzip {
            true => Source::Gzip(Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(plain)))),
            false => Source::Plain(plain),
        };
        Self { from, buffer: Zeroizing::new(Vec::new()) }
    }

    /// The next line without its newline; a file that does not end with one was cut.
    fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        self.buffer.clear();
        let most = line::LONGEST as u64;
        let n = match &mut self.from {
            Source::Plain(from) => from.take(most).read_until(b'\n', &mut self.buffer)?,
            Source::Gzip(from) => from.as_mut().take(most).read_until(b'\n', &mut self.buffer)?,
        };
        if n == 0 {
            return Ok(None);
        }
        match self.buffer.strip_suffix(b"\n") {
            Some(line) => Ok(Some(line)),
            None => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "its last line is cut, or longer than any message",
            )),
        }
    }

    /// The hash of the whole file, what follows the packed part too.
    fn hash(self) -> io::Result<String> {
        let mut plain = match self.from {
            Source::Plain(from) => from,
            Source::Gzip(from) => from.into_inner().into_inner(),
        };
        io::copy(&mut plain, &mut io::sink())?;
        let mut done = plain.into_inner();
        if done.file.stream_position()? != done.file.metadata()?.len() {
            return Err(io::Error::other("it changed while it was read"));
        }
        Ok(hex(done.hash))
    }
}

/// Cuts messages into batches as SQS takes them: ten messages and 256 KiB at most, or one that is larger.
#[derive(Default)]
struct Batches {
    done: Vec<(u8, u32)>,
    lines: u8,
    bytes: usize,
}

impl Batches {
    fn add(&mut self, size: usize) {
        let full = usize::from(self.lines) == MOST_IN_A_BATCH || self.bytes + size > BATCH;
        if self.lines > 0 && full {
            self.cut();
        }
        self.lines += 1;
        self.bytes += size;
    }

    fn cut(&mut self) {
        match self.done.last_mut() {
            Some((lines, times)) if *lines == self.lines => *times += 1,
            Some(_) | None => self.done.push((self.lines, 1)),
        }
        (self.lines, self.bytes) = (0, 0);
    }

    fn finish(mut self) -> Vec<(u8, u32)> {
        if self.lines > 0 {
            self.cut();
        }
        self.done
    }
}
