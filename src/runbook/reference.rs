//! The reference of verbs, made from the registry: the last part of docs/runbooks.md.

use super::definition::{kind_word, type_word};
use super::verb::Verb;
use super::verbs;
use std::fmt::Write;

/// The reference as Markdown, with its heading.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "## The verbs\n\nMade from the program's own registry; a test fails when the two differ (`UPDATE=1 cargo test \
         --lib runbook::reference` writes it again).\n",
    );
    for verb in verbs::all() {
        one(&mut out, *verb);
    }
    out
}

fn one(out: &mut String, verb: &dyn Verb) {
    let takes = verb.takes().iter().map(|p| {
        let must = if p.optional { "may be left out" } else { "needed" };
        format!("| `{}` | {} | {must} | {} |\n", p.name, type_word(p.kind), p.doc)
    });
    let takes: String = takes.collect();
    let gives: Vec<String> =
        verb.gives().iter().map(|o| format!("`{}` ({})", o.name, type_word(o.kind))).collect();
    let head = format!("\n### `{}` ({})\n\n{}\n", verb.name(), kind_word(verb.kind()), verb.doc());
    let table = if takes.is_empty() {
        String::new()
    } else {
        format!("\n| takes | type | | what it means |\n|---|---|---|---|\n{takes}")
    };
    let gives = if gives.is_empty() { String::new() } else { format!("\nGives {}.\n", gives.join(", ")) };
    // Writing to a String cannot fail.
    write!(out, "{head}{table}{gives}").unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_document_ends_with_the_reference() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/runbooks.md");
        let kept = std::fs::read_to_string(&path).unwrap();
        let (written, _) = kept.split_once("## The verbs\n").unwrap();
        let made = format!("{written}{}", markdown());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, made).unwrap();
            return;
        }
        for (nth, (kept, made)) in kept.lines().zip(made.lines()).enumerate() {
            assert_eq!(kept, made, "docs/runbooks.md:{}", nth + 1);
        }
        assert_eq!(kept.len(), made.len(), "docs/runbooks.md");
    }

    #[test]
    fn the_example_in_the_document_is_good() {
        let kept = include_str!("../../docs/runbooks.md");
        let example = kept.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let source = crate::diagnose::walk::Source { file: "docs/runbooks.md", text: example };
        crate::runbook::definition::read(source).unwrap();
    }
}
