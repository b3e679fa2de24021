//! Splits Rust source into the few tokens that the architecture test needs: names, `::`, punctuation.
//! Comments, strings and character literals are dropped, so that prose about a room is no import of it. It
//! knows nothing of rooms.

/// A token and the line it stands on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    pub kind: Kind,
    pub line: usize,
}

/// What a token is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    Name(String),
    /// `::`
    Path,
    Mark(char),
}

/// The tokens of `source`.
pub fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let mut out = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < text.len() {
        let c = text[i];
        let next = text.get(i + 1).copied().unwrap_or('\0');
        let start = i;
        if c == '/' && next == '/' {
            i = until(&text, i, '\n');
        } else if c == '/' && next == '*' {
            i = after_block_comment(&text, i);
        } else if c == '"' {
            i = after_string(&text, i + 1);
        } else if c == '\'' {
            i = after_quote(&text, i);
        } else if c.is_alphabetic() || c == '_' {
            let mut end = i;
            while end < text.len() && (text[end].is_alphanumeric() || text[end] == '_') {
                end += 1;
            }
            let name: String = text[i..end].iter().collect();
            match after_prefixed_literal(&text, &name, end) {
                Some(after) => i = after,
                None if name == "r" && text.get(end) == Some(&'#') => i = end + 1, // a raw name: r#type
                None => {
                    out.push(Token { kind: Kind::Name(name), line });
                    i = end;
                }
            }
        } else if c.is_ascii_digit() {
            while i < text.len() && (text[i].is_alphanumeric() || text[i] == '_') {
                i += 1;
            }
        } else if c == ':' && next == ':' {
            out.push(Token { kind: Kind::Path, line });
            i += 2;
        } else {
            if !c.is_whitespace() {
                out.push(Token { kind: Kind::Mark(c), line });
            }
            i += 1;
        }
        line += text[start..i.min(text.len())].iter().filter(|c| **c == '\n').count();
    }
    out
}

/// The end of a literal that began with the name before it: `r"`, `r#"`, `b"`, `br#"`, `c"`, `b'`.
fn after_prefixed_literal(text: &[char], prefix: &str, at: usize) -> Option<usize> {
    match (prefix, text.get(at)) {
        ("b" | "c", Some('"')) => Some(after_string(text, at + 1)),
        ("b", Some('\'')) => Some(after_quote(text, at)),
        ("r" | "br" | "cr", Some('"' | '#')) => {
            let hashes = text[at..].iter().take_while(|c| **c == '#').count();
            (text.get(at + hashes) == Some(&'"')).then(|| {
                let mut i = at + hashes + 1;
                while i < text.len() {
                    let closes =
                        text[i] == '"' && text[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
                    if closes {
                        return i + 1 + hashes;
                    }
                    i += 1;
                }
                i
            })
        }
        _ => None,
    }
}

fn until(text: &[char], from: usize, end: char) -> usize {
    let from = from.min(text.len());
    text[from..].iter().position(|c| *c == end).map_or(text.len(), |n| from + n)
}

fn after_block_comment(text: &[char], from: usize) -> usize {
    let (mut i, mut depth) = (from, 0usize);
    while i < text.len() {
        match (text[i], text.get(i + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                i += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    i
}

fn after_string(text: &[char], from: usize) -> usize {
    let mut i = from;
    while i < text.len() {
        match text[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    text.len()
}

/// After a character literal; after the `'` alone if it begins a lifetime or a label.
fn after_quote(text: &[char], at: usize) -> usize {
    match (text.get(at + 1), text.get(at + 2)) {
        (Some('\\'), _) => until(text, at + 3, '\'') + 1,
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}
