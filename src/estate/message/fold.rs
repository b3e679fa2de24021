//! A text with what differs from one failure to the next folded away: numbers, ids, instants, addresses. One pass over
//! its beginning, so that no text takes long. Knows no messages.

/// The longest result, in characters.
pub const LONGEST: usize = 160;
/// The beginning that is looked at, in bytes.
const LOOKED_AT: usize = 2048;

/// Words with digits that are names, not numbers.
const NAMES: [&str; 22] = [
    "s3", "ec2", "ipv4", "ipv6", "utf8", "utf16", "sha1", "sha256", "md5", "base64", "http2", "oauth2",
    "x509", "h264", "int32", "int64", "float64", "k8s", "i18n", "p99", "route53", "ed25519",
];

/// The text on one line, folded and cut.
#[must_use]
pub fn fold(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() || c.is_control() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
            rest = &rest[c.len_utf8()..];
            continue;
        }
        if let Some(quoted) = quoted_id(rest, out.chars().next_back()) {
            out.push(c);
            out.push_str("<id>");
            out.push(c);
            rest = &rest[quoted..];
            continue;
        }
        let end = rest.find(|c: char| !in_word(c)).unwrap_or(rest.len());
        if end == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        // A full stop or colon at the end belongs to the sentence.
        let word = rest[..end].trim_end_matches(['.', ':', '-', '@', '+']);
        let word = if word.is_empty() { &rest[..end] } else { word };
        out.push_str(&folded(word));
        rest = &rest[word.len()..];
    }
    clip(out.trim_end().to_owned())
}

/// A text cut to the longest there is.
#[must_use]
pub fn clip(text: String) -> String {
    match text.char_indices().nth(LONGEST - 1) {
        Some((at, _)) if text.chars().count() > LONGEST => format!("{}…", &text[..at]),
        Some(_) | None => text,
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | ':' | '-' | '_' | '@' | '+')
}

/// The length of a quoted text that looks like an id, quotes included. An apostrophe in a word begins none.
fn quoted_id(text: &str, before: Option<char>) -> Option<usize> {
    const MOST: usize = 128;
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let inside = text.get(1..)?;
    let end = inside[..inside.floor_char_boundary(MOST)].find(quote)?;
    let inside = &inside[..end];
    let one_word = !inside.is_empty() && inside.chars().all(in_word);
    (one_word && (looks_like_id(inside) || inside.chars().any(|c| c.is_ascii_digit()) && !is_name(inside)))
        .then_some(end + 2)
}

fn is_name(word: &str) -> bool {
    NAMES.iter().any(|n| n.eq_ignore_ascii_case(word))
}

/// A word without what differs.
fn folded(word: &str) -> String {
    if word.starts_with("arn:") {
        return "<arn>".to_owned();
    }
    if is_email(word) {
        return "<email>".to_owned();
    }
    if !word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    if is_instant(word) {
        return "<time>".to_owned();
    }
    if is_address(word) {
        return "<ip>".to_owned();
    }
    if looks_like_id(word) {
        return "<id>".to_owned();
    }
    // Parts of their own: `order-4711`, `host:8080`, `a.b2.c`.
    let mut out = String::new();
    let mut part = String::new();
    for c in word.chars() {
        if matches!(c, ':' | '-' | '_' | '@' | '+')
            || c == '.' && !part.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        {
            out.push_str(&folded_part(&part));
            part.clear();
            out.push(c);
        } else {
            part.push(c);
        }
    }
    out.push_str(&folded_part(&part));
    out
}

/// A part without its numbers: `3000ms` is `<n>ms`, `3.00` is `<n>`.
fn folded_part(part: &str) -> String {
    if is_name(part) {
        return part.to_owned();
    }
    if looks_like_id(part) {
        return "<id>".to_owned();
    }
    let mut out = String::new();
    let mut in_number = false;
    for c in part.chars() {
        if c.is_ascii_digit() {
            if !in_number {
                out.push_str("<n>");
            }
            in_number = true;
        } else if !(in_number && c == '.') {
            in_number = false;
            out.push(c);
        }
    }
    out
}

/// `2026-11-21`, `2026-11-21T09:41:30.123Z`, `09:41:30`.
fn is_instant(word: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let clock = |s: &str| {
        let s = s.trim_end_matches('Z').split(['+', '.']).next().unwrap_or(s);
        let parts: Vec<&str> = s.splitn(4, ':').collect();
        (2..=3).contains(&parts.len()) && parts.iter().all(|p| p.len() == 2 && digits(p))
    };
    let date = |s: &str| {
        let parts: Vec<&str> = s.splitn(4, '-').collect();
        matches!(parts.as_slice(), [y, m, d] if y.len() == 4 && m.len() == 2 && d.len() == 2 && [y, m, d].iter().all(|p| digits(p)))
    };
    match word.split_once(['T', 't']) {
        Some((day, time)) => date(day) && clock(&time[..time.rfind('-').unwrap_or(time.len())]),
        None => date(word) || clock(word) && word.matches(':').count() == 2,
    }
}

/// An address of IP version 4 or 6, a port after it too.
fn is_address(word: &str) -> bool {
    let (host, port) = word.split_once(':').unwrap_or((word, "0"));
    let v4 = host.parse::<core::net::Ipv4Addr>().is_ok() && port.bytes().all(|b| b.is_ascii_digit());
    v4 || (word.matches(':').count() >= 2 && word.parse::<core::net::Ipv6Addr>().is_ok())
}

fn is_email(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
}

/// UUIDs, hexadecimal and other words that no person chose.
fn looks_like_id(word: &str) -> bool {
    let (mut digits, mut letters, mut hex, mut upper, mut lower, mut turns) = (0, 0, true, false, false, 0);
    let mut before = None;
    for c in word.chars() {
        if c.is_ascii_digit() {
            digits += 1;
        } else if c.is_alphabetic() {
            letters += 1;
            upper |= c.is_uppercase();
            lower |= c.is_lowercase();
            hex &= c.is_ascii_hexdigit();
        } else if c == '-' {
            continue;
        } else {
            return false;
        }
        let now = c.is_ascii_digit();
        turns += usize::from(before.is_some_and(|b| b != now));
        before = Some(now);
    }
    let size = digits + letters;
    let prefixed =
        word.len() > 2 && word.starts_with("0x") && word[2..].bytes().all(|b| b.is_ascii_hexdigit());
    let is_hex = hex && size >= 8 && digits > 0 && letters > 0;
    // Digits and letters in turns, as in `AROAEXAMPLE12AB34`, `i-0abc12de`, base 32 and 62.
    let mixed = size >= 10 && digits >= 2 && turns >= 3 && !word.contains('-');
    let long = size >= 20 && digits >= 3 && upper != lower && turns >= 4;
    prefixed || is_hex || mixed || long || (size >= 16 && digits >= 4 && letters > 0 && !word.contains('-'))
}
