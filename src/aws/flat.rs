//! A function's variables as one JSON object of strings, and back. It has its own reader and writer because
//! both must leave no copies: buffers are sized before they are filled. It knows no store.

use std::collections::HashMap;
use zeroize::Zeroizing;

/// The object with these members in this order.
pub(super) fn encode(members: &[(String, Zeroizing<String>)]) -> Zeroizing<Vec<u8>> {
    let size = |text: &str| 2 + escaped_len(text);
    let bytes: usize = members.iter().map(|(name, value)| size(name) + size(value) + 2).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(bytes + 2));
    out.push(b'{');
    for (n, (name, value)) in members.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        quoted(name, &mut out);
        out.push(b':');
        quoted(value, &mut out);
    }
    out.push(b'}');
    out
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    escape(text, out);
    out.push(b'"');
}

/// How many bytes [`escape`] writes.
pub(super) fn escaped_len(text: &str) -> usize {
    text.bytes()
        .map(|b| match b {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            0..0x20 => 6,
            _ => 1,
        })
        .sum()
}

/// Writes `text` as the inside of a JSON string into a buffer with room for it.
pub(super) fn escape(text: &str, out: &mut Vec<u8>) {
    for b in text.bytes() {
        match b {
            b'"' | b'\\' => out.extend([b'\\', b]),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            0..0x20 => out.extend([b'\\', b'u', b'0', b'0', b'0' + (b >> 4), hex(b & 15)]),
            _ => out.push(b),
        }
    }
}

fn hex(digit: u8) -> u8 {
    if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }
}

/// The members of an object of strings; `None` if it is anything else, or names a member twice. The values go
/// to the SDK, which wants plain strings; each is made in one piece.
pub(super) fn decode(document: &[u8]) -> Option<HashMap<String, String>> {
    let mut at = Reader(std::str::from_utf8(document).ok()?);
    let mut members = HashMap::new();
    at.mark('{')?;
    if at.mark('}').is_none() {
        loop {
            let name = at.string()?;
            at.mark(':')?;
            if members.insert(name, at.string()?).is_some() {
                return None;
            }
            if at.mark(',').is_none() {
                at.mark('}')?;
                break;
            }
        }
    }
    at.0.trim_start_matches(WHITE).is_empty().then_some(members)
}

const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn mark(&mut self, mark: char) -> Option<()> {
        self.0 = self.0.trim_start_matches(WHITE).strip_prefix(mark)?;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        self.mark('"')?;
        // No string is longer decoded than encoded.
        let mut out = String::with_capacity(end(self.0)?);
        loop {
            let plain = self.0.find(['"', '\\'])?;
            out.push_str(control_free(&self.0[..plain])?);
            let escape = self.0[plain..].starts_with('\\');
            self.0 = &self.0[plain + 1..];
            if !escape {
                return Some(out);
            }
            self.escaped(&mut out)?;
        }
    }

    fn escaped(&mut self, out: &mut String) -> Option<()> {
        let c = self.0.chars().next()?;
        self.0 = &self.0[c.len_utf8()..];
        match c {
            '"' | '\\' | '/' => out.push(c),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                let unit = self.unit()?;
                let c = match unit {
                    0xd800..0xdc00 => {
                        self.0 = self.0.strip_prefix("\\u")?;
                        let low = self.unit().filter(|l| (0xdc00..0xe000).contains(l))?;
                        0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                    }
                    unit => unit,
                };
                out.push(char::from_u32(c)?);
            }
            _ => return None,
        }
        Some(())
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.0.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.0 = &self.0[4..];
        u32::from_str_radix(digits, 16).ok()
    }
}

/// Where the string ends that begins here.
fn end(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|b| {
        let ends = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        ends
    })
}

fn control_free(text: &str) -> Option<&str> {
    (!text.bytes().any(|b| b < 0x20)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn what_is_written_is_read_by_us_and_by_others(members: BTreeMap<String, String>) {
            let own: Vec<_> = members.iter().map(|(n, v)| (n.clone(), Zeroizing::new(v.clone()))).collect();
            let document = encode(&own);
            prop_assert_eq!(document.capacity() >= document.len(), true);
            let theirs: BTreeMap<String, String> = serde_json::from_slice(&document).unwrap();
            prop_assert_eq!(&theirs, &members);
            let ours: BTreeMap<String, String> = decode(&document).unwrap().into_iter().collect();
            prop_assert_eq!(&ours, &members);
        }

        #[test]
        fn what_others_write_is_read(members: BTreeMap<String, String>) {
            for text in [serde_json::to_string(&members).unwrap(), serde_json::to_string_pretty(&members).unwrap()] {
                let ours: BTreeMap<String, String> = decode(text.as_bytes()).unwrap().into_iter().collect();
                prop_assert_eq!(&ours, &members);
            }
        }

        #[test]
        fn what_is_refused_by_others_is_refused(text in r#"[{}\[\]",:\\u0-9a-d \n]{0,24}"#) {
            let theirs = serde_json::from_str::<HashMap<String, String>>(&text);
            if theirs.is_err() {
                prop_assert!(decode(text.as_bytes()).is_none(), "{}", text);
            }
        }
    }

    #[test]
    fn escapes_and_refusals() {
        let read = |text: &str| decode(text.as_bytes()).and_then(|mut m| m.remove("a"));
        assert_eq!(read(r#"{"a":"\ud83d\ude00\u00e9\/\b"}"#).unwrap(), "\u{1f600}é/\u{8}");
        for wrong in [
            r#"{"a":"\ud83d"}"#,
            r#"{"a":"\ude00"}"#,
            r#"{"a":1}"#,
            r#"{"a":"b"} x"#,
            r#"{"a":"b","a":"c"}"#,
            r#"{"a":"b",}"#,
            "{\"a\":\"b\nc\"}",
            r#"["a"]"#,
            "",
            r#"{"a":"\u+123"}"#,
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(decode(b" { } ").unwrap().len(), 0);
    }

    #[test]
    fn the_buffer_never_grows() {
        let members = vec![("A".to_owned(), Zeroizing::new("\u{1}\"\\\nplain".repeat(50)))];
        let exact: usize = 2 + 3 + 1 + 2 + escaped_len(&members[0].1);
        assert_eq!(encode(&members).len(), exact);
    }
}
