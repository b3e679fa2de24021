//! Whether an edit stands, from slots, from fingerprints, or not to be told.

use super::*;

const LONG: &str = "0123456789abcdefghij";

fn print() -> Fingerprint {
    Fingerprint::of(&salt(), LONG.as_bytes()).unwrap()
}

fn told(op: EditOp, document: &str, held: &[(&str, &str)]) -> Stands {
    stands(&edit(vec![op]), document.as_bytes(), &vault(held))
}

#[test]
fn a_value_that_was_set_is_recognised() {
    let op = |print| EditOp::Set { place: field("/k"), value: Slot::new("new"), print, create: true };
    let there = format!(r#"{{"k":"{LONG}"}}"#);
    for (document, held, by, want) in [
        (there.as_str(), &[("new", LONG)][..], None, Stands::Yes),
        (&there, &[("new", "other")], Some(print()), Stands::No),
        (&there, &[], Some(print()), Stands::Yes),
        (&there, &[], None, Stands::Unclear),
        (r#"{"k":" 0123456789abcdefghij"}"#, &[("new", LONG)], None, Stands::No),
        (r#"{"k":"other than that, and long"}"#, &[], Some(print()), Stands::No),
        (r#"{"k":1}"#, &[], None, Stands::No),
        ("{}", &[], Some(print()), Stands::No),
        ("{", &[], None, Stands::No),
    ] {
        assert_eq!(told(op(by), document, held), want, "{document} {held:?}");
    }
}

#[test]
fn an_entry_that_was_added_is_recognised() {
    let op = |print| EditOp::Insert { place: Place::Whole, entry: Slot::new("new"), print, after: None };
    let there = format!("a, {LONG} ,b");
    for (document, held, by, want) in [
        (there.as_str(), &[("new", LONG)][..], None, Stands::Yes),
        (&there, &[], Some(print()), Stands::Yes),
        (&there, &[], None, Stands::Unclear),
        ("a,b", &[("new", LONG)], None, Stands::No),
        ("a,b", &[], Some(print()), Stands::No),
    ] {
        assert_eq!(told(op(by), document, held), want, "{document} {held:?}");
    }
}

#[test]
fn an_entry_that_was_removed_is_nowhere() {
    let op = |entry| EditOp::Remove { place: field("/k"), entry };
    let twice = format!(r#"{{"k":"{LONG},a, {LONG}"}}"#);
    for entry in [held("old"), Entry::Printed(print())] {
        let by = |document: &str| told(op(entry.clone()), document, &[("old", LONG)]);
        assert_eq!(by(&twice), Stands::No);
        assert_eq!(by(r#"{"k":"a,b"}"#), Stands::Yes);
        assert_eq!(by(r#"{"k":""}"#), Stands::Yes);
        assert_eq!(by("{}"), Stands::Yes);
        assert_eq!(by(r#"{"k":1}"#), Stands::No);
        assert_eq!(by("no json"), Stands::No);
    }
    assert_eq!(told(op(held("old")), &twice, &[]), Stands::Unclear);
}

#[test]
fn what_a_later_operation_overrules_does_not_count() {
    let held_all = [("new", "new"), ("old", "old")];
    let remove = |slot| EditOp::Remove { place: Place::Whole, entry: held(slot) };
    let all = |ops: Vec<EditOp>, document: &str| stands(&edit(ops), document.as_bytes(), &vault(&held_all));
    let rotate = || vec![insert(Place::Whole, Some(held("old"))), remove("old")];
    assert_eq!(all(rotate(), "a,new"), Stands::Yes);
    assert_eq!(all(rotate(), "a,old,new"), Stands::No);
    assert_eq!(all(rotate(), "a"), Stands::No);
    assert_eq!(all(vec![remove("new"), insert(Place::Whole, None)], "a,new"), Stands::Yes);
    assert_eq!(all(vec![insert(Place::Whole, None), remove("new")], "a"), Stands::Yes);
    let set = |slot| EditOp::Set { place: Place::Whole, value: Slot::new(slot), print: None, create: false };
    assert_eq!(all(vec![set("old"), set("new")], "new"), Stands::Yes);
    assert_eq!(all(vec![set("old"), insert(Place::Whole, None)], "old,new"), Stands::Unclear);
    assert_eq!(all(vec![set("old"), insert(Place::Whole, None)], "old"), Stands::No);
    assert_eq!(all(Vec::new(), "anything"), Stands::Yes);
}
