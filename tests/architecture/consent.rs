//! Where a consent may come from: from a person's answer in the two confirm files, and from a verified record in
//! one file of the engine. A change that nobody agreed to cannot be built anywhere else.

use crate::lex::{Kind, tokens};

/// Functions that make a consent, and the files that may call them. The type's own file defines them.
const MAKERS: &[(&str, &[&str])] = &[
    ("give", &["cli/confirm.rs", "console/update/confirm.rs", "estate/consent.rs"]),
    ("recall", &["engine/runs/recall.rs", "estate/consent.rs"]),
];

/// What is wrong with a file of `src` that is no test.
pub fn faults(below_src: &str, source: &str) -> Vec<String> {
    let code = tokens(source);
    let name = |at: usize| match code.get(at).map(|t| &t.kind) {
        Some(Kind::Name(name)) => Some(name.as_str()),
        _ => None,
    };
    let path = |at: usize| code.get(at).is_some_and(|t| t.kind == Kind::Path);
    let mut out = Vec::new();
    for (at, token) in code.iter().enumerate().skip(1) {
        let called = path(at - 1) && !path(at + 1);
        let maker = MAKERS.iter().find(|(maker, _)| called && name(at) == Some(maker));
        if let Some((maker, places)) = maker
            && !places.contains(&below_src)
        {
            let line = token.line;
            out.push(format!("src/{below_src}:{line}: only {} may call Consent::{maker}", places.join(", ")));
        }
        if name(at) == Some("as") && name(at - 1) == Some("Consent") {
            out.push(format!("src/{below_src}:{}: Consent under another name", token.line));
        }
    }
    out
}

#[test]
fn a_consent_made_elsewhere_is_seen() {
    for (source, wrong) in [
        ("fn f() { Consent::give(c, g) }", 1),
        ("fn f() { x.map(crate::estate::Consent :: recall) }", 1),
        ("use crate::estate::Consent as Yes;", 1),
        ("use super::recall::Consents; // Consent::give", 0),
        ("fn f() { \"Consent::give\"; give(c) }", 0),
    ] {
        assert_eq!(faults("console/update/keys.rs", source).len(), wrong, "{source}");
    }
    assert!(faults("cli/confirm.rs", "fn f() { Consent::give(c, g) }").is_empty());
    assert_eq!(faults("cli/confirm.rs", "fn f() { Consent::recall(c, g) }").len(), 1);
}
