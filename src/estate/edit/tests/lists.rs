//! Lists: adding and removing entries, in plain texts and inside JSON strings.

use super::*;

const HELD: &[(&str, &str)] =
    &[("new", "new"), ("old", "old"), ("e", "é\"x"), ("blank", " "), ("long", "0123456789abcdefghij")];

fn whole(op: EditOp, base: &str) -> Result<String, EditFault> {
    made(&edit(vec![op]), base, HELD)
}

fn remove(slot: &str) -> EditOp {
    EditOp::Remove { place: Place::Whole, entry: held(slot) }
}

fn first() -> EditOp {
    EditOp::InsertFirst { place: Place::Whole, entry: Slot::new("new"), print: None }
}

#[test]
fn an_entry_is_added_behind_another_at_the_end_or_first() {
    for (base, after, end, front) in [
        ("old", "old,new", "old,new", "new,old"),
        (" old\n", " old,new\n", " old,new\n", " new,old\n"),
        ("old,b", "old,new,b", "old,b,new", "new,old,b"),
        ("a, old, b", "a, old, new, b", "a, old, b, new", "new, a, old, b"),
        ("a,\n  old\n", "a,\n  old,\n  new\n", "a,\n  old,\n  new\n", "new,\n  a,\n  old\n"),
        ("old,", "old,new,", "old,,new", "new,old,"),
    ] {
        let add = |after| whole(insert(Place::Whole, after), base).unwrap();
        assert_eq!(add(Some(held("old"))), after, "{base:?} after");
        assert_eq!(add(None), end, "{base:?} end");
        assert_eq!(whole(first(), base).unwrap(), front, "{base:?} first");
    }
    for base in ["", " ", "\n"] {
        assert_eq!(whole(insert(Place::Whole, None), base).unwrap(), format!("{base}new"));
        assert_eq!(whole(first(), base).unwrap(), format!("{base}new"));
    }
}

#[test]
fn an_entry_that_is_there_is_left_alone() {
    for base in ["new", "a, new ,b", "new,new", "\tnew"] {
        assert_eq!(whole(insert(Place::Whole, None), base).unwrap(), base);
        assert_eq!(whole(first(), base).unwrap(), base);
        assert_eq!(whole(insert(Place::Whole, Some(held("old"))), base).unwrap(), base);
    }
    assert_eq!(whole(insert(Place::Whole, None), "renewed,newer").unwrap(), "renewed,newer,new");
}

#[test]
fn an_entry_is_removed_with_one_separator() {
    for (base, want) in [
        ("old", ""),
        (" old ", "  "),
        ("old,new", "new"),
        ("a,old", "a"),
        ("a,old,b", "a,b"),
        ("a, old, b", "a, b"),
        ("old, b", "b"),
        (" a , old , b ", " a  , b "),
        ("a,\n  old\n", "a\n"),
        (",old,,", ",,"),
        ("older,old,bold", "older,bold"),
    ] {
        assert_eq!(whole(remove("old"), base).unwrap(), want, "{base:?}");
    }
}

#[test]
fn inside_json_escapes_count_as_what_they_say() {
    let base = r#"{"l":"a\u002c\u006fld,\n\u00e9\"x\/ ,\u00e9\"x\t, \u0062"}"#;
    let op = |slot| EditOp::Remove { place: field("/l"), entry: held(slot) };
    let out = |op| made(&edit(vec![op]), base, HELD);
    assert_eq!(out(op("old")).unwrap(), r#"{"l":"a,\n\u00e9\"x\/ ,\u00e9\"x\t, \u0062"}"#);
    assert_eq!(out(op("e")).unwrap(), r#"{"l":"a\u002c\u006fld,\n\u00e9\"x\/ \t, \u0062"}"#);
    let op = EditOp::Insert { place: field("/l"), entry: Slot::new("e"), print: None, after: None };
    assert_eq!(made(&edit(vec![op.clone()]), base, HELD).unwrap(), base);
    let op = edit(vec![op]);
    assert_eq!(made(&op, r#"{"l":"a"}"#, HELD).unwrap(), r#"{"l":"a,é\"x"}"#);
    assert_eq!(&**entry(base.as_bytes(), &field("/l"), 2).unwrap(), "é\"x/".as_bytes());
    assert_eq!(&**read(br#"{"l":"\u00e9\ud83d\ude00\n"}"#, &field("/l")).unwrap(), "é\u{1f600}\n".as_bytes());
}

#[test]
fn a_fingerprint_finds_an_entry_too() {
    let print = Fingerprint::of(&salt(), b"0123456789abcdefghij").unwrap();
    let by = Entry::Printed(print);
    let base = "a, 0123456789abcdefghij ,b";
    let op = EditOp::Remove { place: Place::Whole, entry: by.clone() };
    assert_eq!(whole(op.clone(), base).unwrap(), "a ,b");
    assert_eq!(whole(op.clone(), "a,b"), Err(EditFault::NoEntry));
    assert_eq!(
        whole(insert(Place::Whole, Some(by.clone())), base).unwrap(),
        "a, 0123456789abcdefghij,new ,b"
    );
    let found = extract(base.as_bytes(), &Place::Whole, &by, &salt(), &Vault::default()).unwrap();
    assert_eq!(&**found, b"0123456789abcdefghij");
    let other = edit(vec![op]);
    let other = Edit { salt: Salt("other".into()), ..other };
    assert_eq!(made(&other, base, HELD), Err(EditFault::NoEntry));
}

#[test]
fn what_a_list_cannot_do_is_refused() {
    for bad in ["a,b", ",", "", " a", "a\n", "\u{a0}a", "a\u{2003}"] {
        let held = [("new", bad)];
        let op = edit(vec![insert(Place::Whole, None)]);
        assert_eq!(made(&op, "x", &held), Err(EditFault::Unlistable), "{bad:?}");
    }
    assert_eq!(whole(remove("old"), "a"), Err(EditFault::NoEntry));
    assert_eq!(whole(remove("blank"), "a,,b"), Err(EditFault::NoEntry));
    assert_eq!(whole(remove("old"), "old,a, old"), Err(EditFault::TwiceInList));
    assert_eq!(whole(remove("none"), "old"), Err(EditFault::Empty(Slot::new("none"))));
    let behind = |base| whole(insert(Place::Whole, Some(held("old"))), base);
    assert_eq!(behind("a"), Err(EditFault::NoEntry));
    assert_eq!(behind("old,old"), Err(EditFault::TwiceInList));
    for nth in [1, 3] {
        assert_eq!(entry(b"a,,b", &Place::Whole, nth).err(), Some(EditFault::NoEntry));
    }
}

#[test]
fn an_environment_is_a_document_like_any_other() {
    let base = r#"{"API_KEYS":"old, backup_key","DB_PASSWORD":"p\u0040ss","EMPTY":""}"#;
    let place = field("/API_KEYS");
    let rotate = edit(vec![
        insert(place.clone(), Some(held("old"))),
        EditOp::Remove { place: place.clone(), entry: held("old") },
    ]);
    let want = r#"{"API_KEYS":"new, backup_key","DB_PASSWORD":"p\u0040ss","EMPTY":""}"#;
    assert_eq!(made(&rotate, base, HELD).unwrap(), want);
    assert_eq!(same_but(base.as_bytes(), want.as_bytes(), &["API_KEYS".into()]), Ok(true));
    assert_eq!(same_but(base.as_bytes(), want.as_bytes(), &["EMPTY".into()]), Ok(false));
}
