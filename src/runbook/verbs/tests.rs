//! The registry as a whole, and the verbs that are about no service.

mod canary;
mod errors;
mod people;

use super::*;
use std::collections::BTreeSet;

#[test]
fn verbs_are_told_apart_and_say_what_they_are() {
    let names: BTreeSet<_> = all().iter().map(|v| v.name()).collect();
    assert_eq!(names.len(), all().len(), "two verbs of one name");
    for verb in all() {
        let name = verb.name();
        assert_eq!(find(name).unwrap().name(), name);
        assert!(verb.doc().ends_with('.'), "{name}: a sentence");
        let params: BTreeSet<_> = verb.takes().iter().map(|p| p.name).collect();
        assert_eq!(params.len(), verb.takes().len(), "{name}: two parameters of one name");
        let outputs: BTreeSet<_> = verb.gives().iter().map(|o| o.name).collect();
        assert_eq!(outputs.len(), verb.gives().len(), "{name}: two outputs of one name");
        let snake = |s: &str| s.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(params.iter().chain(&outputs).all(|n| snake(n)), "{name}");
        assert!(verb.takes().iter().all(|p| !p.doc.is_empty()), "{name}");
    }
    assert!(find("secret.lok").is_none());
}
