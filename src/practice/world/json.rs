//! The strings of a JSON document with their places, so that one can be changed and every other byte stays.
//! It knows nothing of secrets.

/// A string of a document.
pub(in crate::practice) struct Token {
    /// Where its opening quote is.
    pub(in crate::practice) from: usize,
    /// Behind its closing quote.
    pub(in crate::practice) to: usize,
    /// What it says.
    pub(in crate::practice) value: zeroize::Zeroizing<String>,
    /// Whether it names a field.
    pub(in crate::practice) is_name: bool,
}

/// All strings of a text in their order, if it is one JSON object or array.
pub(in crate::practice) fn strings(text: &str) -> Option<Vec<Token>> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    let (mut found, mut at) = (Vec::new(), 0);
    let bytes = text.as_bytes();
    while let Some(open) = bytes.get(at..)?.iter().position(|b| *b == b'"') {
        let from = at + open;
        let to = end(bytes, from)?;
        let value = zeroize::Zeroizing::new(serde_json::from_str(text.get(from..to)?).ok()?);
        let is_name = bytes.get(to..)?.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b':');
        found.push(Token { from, to, value, is_name });
        at = to;
    }
    Some(found)
}

/// The place behind the quote that closes the string opened at `from`.
fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::strings;

    #[test]
    fn strings_are_found_where_they_are() {
        let text = r#"{ "a\"b" : "c:\\", "n":[1,"é\u00e9", {"x" :null}]}"#;
        let found = strings(text).unwrap();
        let seen: Vec<(&str, &str, bool)> =
            found.iter().map(|t| (&text[t.from..t.to], t.value.as_str(), t.is_name)).collect();
        let wanted = [
            (r#""a\"b""#, "a\"b", true),
            (r#""c:\\""#, "c:\\", false),
            (r#""n""#, "n", true),
            (r#""é\u00e9""#, "éé", false),
            (r#""x""#, "x", true),
        ];
        assert_eq!(seen, wanted);
        for none in ["", "a,b", "\"text\"", "{\"a\":", "{} x"] {
            assert!(strings(none).is_none(), "{none}");
        }
    }
}
