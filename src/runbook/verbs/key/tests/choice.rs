//! Which entry of a list is the old key, and which tags tell of a template.

use super::bench;
use crate::estate::edit::{EntryShape, Fingerprint};
use crate::estate::{Salt, Untrusted};
use crate::runbook::need::{Facts, Need};
use crate::runbook::verbs::key::list::choose;
use crate::runbook::verbs::key::{grouped, managed};
use crate::runbook::view::View;
use std::collections::{BTreeMap, BTreeSet};

fn entry(value: &str) -> EntryShape {
    EntryShape { bytes: value.len(), print: Fingerprint::of(&Salt("5a17".into()), value.as_bytes()) }
}

/// What is chosen of a list, the input `old` being that.
fn chosen(old: Option<&str>, values: &[&str]) -> Result<usize, Need> {
    let entries: Vec<EntryShape> = values.iter().map(|v| entry(v)).collect();
    let bench = bench(&old.map(|old| ("old", old)).into_iter().collect::<Vec<_>>());
    let (late, facts, held) = (BTreeMap::new(), Facts::default(), BTreeSet::new());
    let view = View {
        run: &bench.run,
        at: &bench.at,
        salt: &bench.salt,
        now: bench.now,
        started: bench.now,
        began: bench.now,
        since: bench.now,
        planning: false,
        with: &bench.with,
        late: &late,
        facts: &facts,
        forgone: &[],
        done: &[],
        held: &held,
        attested: None,
        practice: false,
    };
    choose(&view, &entries).map(|(at, _)| at)
}

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbb";

#[test]
fn the_only_entry_is_meant_and_several_are_asked_about() {
    assert_eq!(chosen(None, &[A]), Ok(0));
    assert_eq!(chosen(None, &["", A, ""]), Ok(1), "an empty entry is none");
    let Err(Need::Person(question)) = chosen(None, &[A, B]) else { panic!("not asked") };
    assert_eq!((question.accepts, question.choices), (vec!["old".to_owned()], vec!["1".into(), "2".into()]));
    assert!(question.evidence.iter().all(|line| !line.contains(A) && !line.contains(B)), "no value is shown");
}

#[test]
fn an_entry_is_named_by_place_or_fingerprint() {
    let print = entry(B).print.unwrap();
    assert_eq!(chosen(Some("2"), &[A, B]), Ok(1));
    assert_eq!(chosen(Some(&print.hex()[..8]), &[A, B]), Ok(1));
    assert_eq!(chosen(Some(print.hex()), &[A, B]), Ok(1));
    for wrong in ["0", "3", "-1", "x", "ffffffff", "1e3"] {
        let Err(Need::Person(question)) = chosen(Some(wrong), &[A, B]) else { panic!("{wrong} is taken") };
        assert!(question.text.contains("names no entry"), "{}", question.text);
    }
}

#[test]
fn what_could_not_be_told_again_is_refused() {
    for (old, values, words) in [
        (Some("1"), &["short", B][..], "write the list with the new key in it by hand"),
        (None, &["short"], "the only entry: with `format=single`"),
        (Some("1"), &[A, A], "more than once"),
        (None, &[""], "no entry"),
    ] {
        let Err(Need::Refuse(why)) = chosen(old, values) else { panic!("{values:?} is taken") };
        assert!(why.contains(words), "{why}");
    }
}

#[test]
fn tags_tell_of_a_template() {
    let tags = |pairs: &[(&str, &str)]| -> Vec<(Untrusted, Untrusted)> {
        pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()
    };
    for (pairs, said) in [
        (
            &[("aws:cloudformation:stack-name", "logapi-prod")][..],
            Some("the CloudFormation stack logapi-prod"),
        ),
        (&[("aws-cdk:bucket", "x")], Some("aws-cdk:bucket=x")),
        (&[("ManagedBy", "Terraform")], Some("ManagedBy=Terraform")),
        (&[("owner", "alice")], None),
        (&[], None),
    ] {
        let found = managed("the function f", &tags(pairs));
        match said {
            Some(said) => assert!(found.as_ref().unwrap().contains(said), "{found:?}"),
            None => assert_eq!(found, None),
        }
    }
    assert_eq!(
        [grouped(0), grouped(999), grouped(41_204), grouped(1_000_000)],
        ["0", "999", "41,204", "1,000,000"]
    );
}
