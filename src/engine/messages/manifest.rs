//! What stands beside an export, in `FILE.manifest.json`: whose messages these are, how many, by which hashes the file is
//! known, what is not in it, and of each message its id and the hash of its line. An import and a purge believe an export
//! only as far as this agrees with the file. What is said of each message passes through, for there can be many.

use crate::engine::files;
use crate::estate::{Arn, MessageId, QueueUrl, Timestamp, Untrusted};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// The form of a manifest.
pub const SCHEMA: &str = "bartizan.export/2";
/// The form of before, which says nothing of each message.
const BEFORE: &str = "bartizan.export/1";
/// The largest manifest that is read: one of as many messages as an export holds is a tenth of it.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The manifest of an export.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// `SCHEMA`.
    pub schema: String,
    /// When the first message was asked for: what came later may not be in it.
    pub at: Timestamp,
    /// When all of it was in the file and given back; older forms do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// By whom.
    pub by: Untrusted,
    /// The queue.
    pub queue: Arn,
    /// Its URL.
    pub url: QueueUrl,
    /// Whether it is a FIFO queue.
    pub fifo: bool,
    /// Messages in the file, one a line.
    pub count: u32,
    /// Bytes of the file.
    pub bytes: u64,
    /// Whether the file is packed by gzip.
    pub gzip: bool,
    /// SHA-256 of the file as it lies there, in hex.
    pub sha256: String,
    /// SHA-256 of the messages' ids in the order of the lines, each with a newline, in hex.
    pub ids_sha256: String,
    /// About how many messages the queue had when it began: visible, hidden, delayed. `None`: AWS did not say.
    pub counted: Option<u64>,
    /// Whether everything that could be received is in it.
    pub complete: bool,
    /// What is not in it, and why.
    pub not_exported: Vec<String>,
}

/// Where the manifest of a file is.
#[must_use]
pub fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".manifest.json");
    PathBuf::from(name)
}

/// What a manifest says of one message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Its id.
    pub id: MessageId,
    /// SHA-256 of its line without the newline, in hex.
    pub sha256: String,
}

#[derive(Serialize)]
struct Written<'a> {
    id: &'a str,
    sha256: &'a str,
}

/// Writes what is said of the `nth` message, from 0, on a line of its own.
pub(super) fn entry(nth: u32, id: &MessageId, sha256: &str, to: &mut impl Write) -> io::Result<()> {
    to.write_all(if nth == 0 { b"    " } else { b",\n    " })?;
    Ok(serde_json::to_writer(to, &Written { id: id.wire(), sha256 })?)
}

impl Manifest {
    /// Writes it beside its file, with what is said of each message.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(&self, file: &Path, each: &mut dyn Read) -> io::Result<()> {
        let head = serde_json::to_string_pretty(self)?;
        let head = head.strip_suffix("\n}").unwrap_or(&head);
        files::replace_by(&beside(file), |to| {
            to.write_all(head.as_bytes())?;
            to.write_all(b",\n  \"messages\": [\n")?;
            io::copy(each, to)?;
            to.write_all(b"\n  ]\n}\n")
        })
    }

    /// The manifest beside a file; what it says of each message is given to `each`, in the order of the lines. One of the
    /// form of before says nothing of them.
    ///
    /// # Errors
    /// There is none, or it is none that this version knows.
    pub(super) fn read(file: &Path, each: &mut dyn FnMut(Entry)) -> Result<Self, String> {
        let path = beside(file);
        let name = Untrusted::from(path.display().to_string());
        let open = match File::open(&path) {
            Ok(open) => open,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(format!(
                    "there is no {}: an export without its manifest is not trusted",
                    name.shown()
                ));
            }
            Err(e) => return Err(format!("{} cannot be read: {e}", name.shown())),
        };
        let mut json = serde_json::Deserializer::from_reader(BufReader::new(open.take(LARGEST)));
        let read = Whole(each).deserialize(&mut json).and_then(|read| json.end().map(|()| read));
        let (head, listed) = read.map_err(|e| {
            let why = Untrusted::from(e.to_string());
            format!("{} is no manifest of an export: {}", name.shown(), why.shown())
        })?;
        match (head.schema.as_str(), listed) {
            (SCHEMA, Some(n)) if n == head.count => Ok(head),
            (SCHEMA, _) => Err(format!(
                "{} is no manifest of an export: it does not name each of its {} messages",
                name.shown(),
                head.count
            )),
            (BEFORE, None) => Ok(head),
            (other, _) => {
                let other = Untrusted::from(other);
                Err(format!("{} is of the form {}, not {SCHEMA}", name.shown(), other.shown()))
            }
        }
    }
}

/// A manifest as it is read: what it says of each message goes where it is told to.
struct Whole<'f>(&'f mut dyn FnMut(Entry));

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = (Manifest, Option<u32>);

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = (Manifest, Option<u32>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut head, mut listed) = (serde_json::Map::new(), None);
        while let Some(name) = map.next_key::<String>()? {
            if name != "messages" {
                head.insert(name, map.next_value()?);
            } else if listed.is_none() {
                listed = Some(map.next_value_seed(Each(self.0))?);
            } else {
                return Err(A::Error::duplicate_field("messages"));
            }
        }
        let head = serde_json::from_value(serde_json::Value::Object(head)).map_err(A::Error::custom)?;
        Ok((head, listed))
    }
}

/// What is said of each message; gives how many there were.
struct Each<'f>(&'f mut dyn FnMut(Entry));

impl<'de> DeserializeSeed<'de> for Each<'_> {
    type Value = u32;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<u32, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Each<'_> {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u32, A::Error> {
        let mut count = 0;
        while let Some(entry) = seq.next_element()? {
            (self.0)(entry);
            count += 1;
        }
        Ok(count)
    }
}
