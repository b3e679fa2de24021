//! Documents that mean harm: deep, long, cut, flipped, and full of what must not be told.

use super::*;
use proptest::prelude::*;

/// Everything that can be asked of a document; gives the faults that came of it.
fn everything(document: &[u8], pointer: &str) -> Vec<EditFault> {
    let vault = vault(&[("new", "value"), ("old", "b")]);
    let mut faults = Vec::new();
    for place in [Place::Whole, field(pointer), Place::field(pointer)] {
        let ops = [
            EditOp::Set { place: place.clone(), value: Slot::new("new"), print: None, create: true },
            insert(place.clone(), None),
            insert(place.clone(), Some(held("old"))),
            EditOp::InsertFirst { place: place.clone(), entry: Slot::new("new"), print: None },
            EditOp::Remove { place: place.clone(), entry: held("old") },
        ];
        for op in ops {
            let edit = edit(vec![op]);
            faults.extend(apply(&edit, document, &vault).err());
            // Whatever is told, it is told without harm.
            assert!(matches!(stands(&edit, document, &vault), Stands::Yes | Stands::No | Stands::Unclear));
        }
        faults.extend(shape(document, &salt(), &place).err());
        faults.extend(read(document, &place).err());
        faults.extend(entry(document, &place, 1).err());
        faults.extend(extract(document, &place, &held("old"), &salt(), &vault).err());
    }
    faults.extend(same_but(document, b"{}", &[pointer.into()]).err());
    faults.extend(same_but(document, document, &[]).err());
    faults
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    const DEEP: usize = 200_000;
    let lists = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let objects = format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP));
    for inner in [&lists, &objects] {
        let base = format!("{{\"x\":{inner},\"k\":\"v\"}}");
        let out = made(&set(field("/k"), false), &base, &[("new", "w")]).unwrap();
        assert_eq!(out, base.replace("\"v\"", "\"w\""));
        assert_eq!(same_but(base.as_bytes(), out.as_bytes(), &["k".into()]), Ok(true));
    }
    for base in
        ["[".repeat(DEEP), "{\"a\":".repeat(DEEP), format!("{}{}", "[".repeat(DEEP), "}".repeat(DEEP))]
    {
        assert!(matches!(read(base.as_bytes(), &field("/k")), Err(EditFault::NotJson(_))));
    }
    let differs = lists.replace("[]", "[1]");
    let (a, b) = (format!("{{\"x\":{}}}", &lists[DEEP - 2000..][..4000]), differs);
    let b = format!("{{\"x\":{}}}", &b[DEEP - 2000..][..4001]);
    assert_eq!(same_but(a.as_bytes(), b.as_bytes(), &[]), Ok(false));
    let pointer = "/a".repeat(300);
    let way = format!("{}\"v\"{}", "{\"a\":".repeat(300), "}".repeat(300));
    assert_eq!(&**read(way.as_bytes(), &field(&pointer)).unwrap(), b"v");
}

#[test]
fn many_names_are_compared_in_good_time() {
    // Compared each with each, these would take minutes.
    let members: Vec<String> = (0..200_000).map(|n| format!("\"\\u006e{n}\":\"\"")).collect();
    let base = format!("{{{}}}", members.join(","));
    assert!(read(base.as_bytes(), &field("/n77")).unwrap().is_empty());
    let twice = base.replace("\\u006e199999", "n5");
    assert!(matches!(read(twice.as_bytes(), &field("/n77")), Err(EditFault::Duplicate(_))));
}

#[test]
fn no_fault_tells_a_byte_of_the_document() {
    const MARK: &str = "hunter2";
    for document in [
        "hunter2",
        "{\"k\":hunter2}",
        "{\"hunter2\":1,\"hunter2\":2}",
        "{\"k\":\"hunter2,hunter2\",\"hunter2\":\"",
        "{\"k\":\"hunter2\\ud800\"}",
        "{\"k\":{\"hunter2\":1}}",
        "[\"hunter2\"]",
        "{\"k\":\"b,hunter2,b\"}",
    ] {
        let faults = everything(document.as_bytes(), "/k");
        assert!(!faults.is_empty());
        for fault in faults {
            let said = format!("{fault} {fault:?}");
            assert!(!said.contains(MARK), "{document}: {said}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_do_harm(document in proptest::collection::vec(any::<u8>(), 0..200), pointer in "\\PC{0,8}") {
        everything(&document, &pointer);
    }

    #[test]
    fn nothing_like_json_does_harm(
        document in "[\\[\\]{}\",:\\\\ua0d8ck/ \n\t1.-]{0,80}",
        pointer in "(/[ak01~]{0,2}){0,3}",
    ) {
        everything(document.as_bytes(), &pointer);
    }

    #[test]
    fn no_cut_or_flip_does_harm(cut in 0_usize..70, flip in 0_usize..70, bit in 0_u8..8) {
        let whole = "{\"k\" : \"a,\\u0062 , \\ud83d\\ude00\", \"o\":{\"x\":[1,\"b\",null]}, \"é\":\"b\"}";
        let mut document = whole.as_bytes().to_vec();
        document.truncate(cut);
        everything(&document, "/k");
        let mut document = whole.as_bytes().to_vec();
        if let Some(byte) = document.get_mut(flip) {
            *byte ^= 1 << bit;
        }
        everything(&document, "/k");
        everything(&document, "/o/x/1");
    }
}
