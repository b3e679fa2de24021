//! Fields: setting, making and finding them.

use super::*;

fn set_to(place: Place, create: bool, base: &str, new: &str) -> Result<String, EditFault> {
    made(&set(place, create), base, &[("new", new)])
}

#[test]
fn a_field_is_set_and_nothing_else() {
    let base = "{ \"n\": 1.50e+3,\n\t\"a\\u0062\" : \"\\u00e9\\/\",\"x\":{\"k\":[true, \"old\"]} , \"z\":\"\\ud83d\\ude00\" }\n";
    for (pointer, old, new, spelled) in [
        ("/ab", "\\u00e9\\/", "plain", "plain"),
        ("/x/k/1", "old", "q\"b\\n\nt\té\u{1f600}\u{1}\u{7f}", "q\\\"b\\\\n\\nt\\té\u{1f600}\\u0001\u{7f}"),
        ("/z", "\\ud83d\\ude00", "", ""),
    ] {
        let want = base.replace(&format!("\"{old}\""), &format!("\"{spelled}\""));
        assert_eq!(set_to(field(pointer), false, base, new).unwrap(), want, "{pointer}");
    }
}

#[test]
fn what_is_so_already_keeps_its_spelling() {
    let base = r#"{"a":"\u0041\/"}"#;
    assert_eq!(set_to(field("/a"), false, base, "A/").unwrap(), base);
}

#[test]
fn a_pointer_is_that_of_rfc_6901() {
    let base = r#"{"":"","a/b":"","m~n":"","~1":"","i":["","",{"0":""}],"deep":{"":{"":""}}}"#;
    for pointer in ["/", "/a~1b", "/m~0n", "/~01", "/i/0", "/i/1", "/i/2/0", "/deep//"] {
        let out = set_to(field(pointer), false, base, "found").unwrap();
        let out: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(out.pointer(pointer).unwrap(), "found", "{pointer}");
    }
    for pointer in ["a", "/i/3", "/i/00", "/i/-", "/i/+1", "/i/", "/m~n", "/m~2n", "/a~", "/deep/x/y", "//x"]
    {
        let out = set_to(field(pointer), true, base, "found");
        assert_eq!(out, Err(EditFault::NoField(pointer.into())), "{pointer}");
    }
    assert_eq!(set_to(field(""), false, " \"whole\" ", "x").unwrap(), " \"x\" ");
}

#[test]
fn a_person_may_name_a_top_level_field() {
    assert_eq!(Place::field("/a/b"), field("/a/b"));
    assert_eq!(Place::field("a/~b"), field("/a~1~0b"));
    assert_eq!(set_to(Place::field("a/~b"), false, r#"{"a/~b":"x"}"#, "y").unwrap(), r#"{"a/~b":"y"}"#);
}

#[test]
fn a_new_field_is_spaced_like_the_others() {
    for (base, want) in [
        ("{}", r#"{"k":"v"}"#),
        ("{ }", r#"{"k":"v" }"#),
        (r#"{"a":1}"#, r#"{"a":1,"k":"v"}"#),
        (r#"{"a": 1}"#, r#"{"a": 1, "k": "v"}"#),
        (r#"{ "a":1 }"#, r#"{ "a":1, "k":"v" }"#),
        (r#"{"a": 1,"b": 2}"#, r#"{"a": 1,"b": 2,"k": "v"}"#),
        (r#"{"a" : 1 , "b" : [2] }"#, r#"{"a" : 1 , "b" : [2] , "k" : "v" }"#),
        ("{\n  \"a\": \"x,}\"\n}\n", "{\n  \"a\": \"x,}\",\n  \"k\": \"v\"\n}\n"),
        ("{\n\t\"a\": 1,\n\t\"b\": {}\n}", "{\n\t\"a\": 1,\n\t\"b\": {},\n\t\"k\": \"v\"\n}"),
        ("{\n  \"a\": 1\n, \"b\": 2\n}", "{\n  \"a\": 1\n, \"b\": 2\n, \"k\": \"v\"\n}"),
        ("{\"a\":\n1}", "{\"a\":\n1,\"k\":\n\"v\"}"),
    ] {
        assert_eq!(set_to(field("/k"), true, base, "v").unwrap(), want, "{base}");
        assert_eq!(set_to(field("/k"), false, base, "v"), Err(EditFault::NoField("/k".into())));
    }
    let inner = r#"{"o": {}, "z": 1}"#;
    assert_eq!(set_to(field("/o/q\""), true, inner, "v").unwrap(), r#"{"o": {"q\"": "v"}, "z": 1}"#);
}

#[test]
fn what_is_no_text_is_not_overwritten() {
    let base = r#"{"n":1,"o":{},"l":["x"],"t":true,"z":null}"#;
    for pointer in ["/n", "/o", "/l", "/t", "/z", ""] {
        assert_eq!(set_to(field(pointer), true, base, "x"), Err(EditFault::NotText(pointer.into())));
        assert_eq!(read(base.as_bytes(), &field(pointer)).err(), Some(EditFault::NotText(pointer.into())));
    }
}

#[test]
fn names_that_stand_twice_are_refused_wherever_they_are() {
    for (base, at) in [
        (r#"{"a":"1","a":"2"}"#, 10),
        (r#"{"a":"1","x":1,"x":2}"#, 16),
        (r#"{"a":"1","\u0061":"2"}"#, 10),
        (r#"{"\u0061":"1","a":"2"}"#, 15),
    ] {
        assert_eq!(set_to(field("/a"), false, base, "x"), Err(EditFault::Duplicate(at)), "{base}");
    }
    let nested = r#"{"o":{"p":{"a":"","b":1,"b":2}},"off":{"c":1,"c":2}}"#;
    assert_eq!(set_to(field("/o/p/a"), false, nested, "x"), Err(EditFault::Duplicate(25)));
    for (base, at) in [
        (r#"{"a":"","off":{"c":1,"c":2}}"#, 22),
        (r#"{"off":[1,[{"k":{},"c":1,"\u0063":2}]],"a":""}"#, 26),
        (r#"{"a":"","off":[{"b":{"x":1,"y":{"x":1},"x":"}"}}]}"#, 40),
    ] {
        assert_eq!(set_to(field("/a"), false, base, "x"), Err(EditFault::Duplicate(at)), "{base}");
        assert_eq!(set_to(field("/new"), true, base, "x"), Err(EditFault::Duplicate(at)), "{base}");
        assert!(shape(base.as_bytes(), &salt(), &field("/a")).is_err(), "{base}");
    }
    // The same name in different objects, and in texts, is no double.
    let fine = r#"{"a":"","o":{"a":1,"p":[{"a":1},{"a":"{\"a\":1,\"a\":2}"}]},"p":["a","a"]}"#;
    assert!(set_to(field("/a"), false, fine, "x").is_ok());
}

#[test]
fn what_is_not_json_is_refused_with_its_byte() {
    for (base, at) in [
        ("", 0),
        ("{\"a\":\"x\",}", 9),
        ("{\"a\":\"x\"} x", 11),
        ("{\n\"a\":01}", 7),
        ("{\"a\":\"\u{1}\"}", 6),
        ("{'a':1}", 1),
        ("\u{feff}{}", 0),
    ] {
        match set_to(field("/a"), false, base, "x") {
            Err(EditFault::NotJson(told)) => assert!(told.abs_diff(at) <= 1, "{base:?}: {told}"),
            other => panic!("{base:?}: {other:?}"),
        }
    }
    // A value that cannot be said may be replaced; it cannot be read.
    assert_eq!(set_to(field("/a"), false, "{\"a\":\"\\ud800\"}", "x").unwrap(), r#"{"a":"x"}"#);
    assert_eq!(read(b"{\"a\":\"\\ud800\"}", &field("/a")).err(), Some(EditFault::NotJson(6)));
    assert_eq!(read(b"{\"a\":\"\xff\"}", &field("/a")).err(), Some(EditFault::NotJson(6)));
}

#[test]
fn what_the_vault_cannot_give_is_said() {
    let edit = set(Place::Whole, false);
    assert_eq!(apply(&edit, b"x", &Vault::default()).err(), Some(EditFault::Empty(Slot::new("new"))));
    let vault = Vault::default();
    vault.put(Slot::new("new"), Zeroizing::new(vec![0xff]));
    assert_eq!(apply(&edit, b"x", &vault).err(), Some(EditFault::NotUtf8(Slot::new("new"))));
}

#[test]
fn a_shape_tells_sizes_and_names_only() {
    let base = br#"{"b":"short, 0123456789abcdefghij ,","\u0061\n":1}"#;
    let told = shape(base, &salt(), &field("/b")).unwrap();
    assert_eq!(told.bytes, base.len());
    assert_eq!(told.fields.unwrap(), [Untrusted::from("b"), "a\n".into()]);
    let sizes: Vec<_> = told.entries.as_ref().unwrap().iter().map(|e| (e.bytes, e.print.is_some())).collect();
    assert_eq!(sizes, [(5, false), (20, true), (0, false)]);
    let print = Fingerprint::of(&salt(), b"0123456789abcdefghij");
    assert_eq!(told.entries.unwrap()[1].print, print);

    assert_eq!(shape(base, &salt(), &Place::Whole).unwrap().entries, None);
    assert_eq!(shape(base, &salt(), &field("/a\n")).unwrap().entries, None);
    assert_eq!(shape(base, &salt(), &field("/c")).err(), Some(EditFault::NoField("/c".into())));
    let plain = shape(b"a,\xff", &salt(), &Place::Whole).unwrap();
    assert_eq!((plain.fields, plain.entries.unwrap().len()), (None, 2));
    assert_eq!(shape(b" \n", &salt(), &Place::Whole).unwrap().entries, Some(Vec::new()));
}

#[test]
fn objects_are_the_same_but_for_some_fields() {
    let but = |a: &str, b: &str| same_but(a.as_bytes(), b.as_bytes(), &["K".into(), "n/a".into()]);
    for (a, b, want) in [
        (r#"{"a":"x","K":"1"}"#, r#"{ "\u004b" : [2], "a":"\u0078" }"#, true),
        (r#"{"a":"x","b":{"c":[1,{"d":null}]}}"#, r#"{"b":{"c":[ 1 ,{"d":null}]},"a":"x","n/a":1}"#, true),
        (r#"{"a":{"x":1,"y":2}}"#, r#"{"a":{"y":2,"x":1}}"#, true),
        (r#"{"a":"x"}"#, r#"{"a":"X"}"#, false),
        (r#"{"a":"x"}"#, r#"{}"#, false),
        (r#"{"a":"1"}"#, r#"{"a":1}"#, false),
        (r#"{"a":[1,2]}"#, r#"{"a":[1]}"#, false),
        (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, false),
        (r#"{"a":{"K":1}}"#, r#"{"a":{"K":2}}"#, false),
        (r#"{"a":[]}"#, r#"{"a":{}}"#, false),
        ("{}", "{}", true),
    ] {
        assert_eq!(but(a, b), Ok(want), "{a} {b}");
        assert_eq!(but(b, a), Ok(want), "{b} {a}");
    }
    assert_eq!(but("{}", "[]"), Err(EditFault::NotObject));
    assert_eq!(but("{}", r#"{"a":1,"a":1}"#), Err(EditFault::Duplicate(8)));
    assert_eq!(but("{}", "{"), Err(EditFault::NotJson(1)));
}

#[test]
fn a_field_is_taken_out_with_one_comma_and_nothing_else() {
    let out =
        |base: &str, pointer: &str| made(&edit(vec![EditOp::Unset { place: field(pointer) }]), base, &[]);
    for (base, want) in [
        (r#"{"k":"v"}"#, "{}"),
        (r#"{ "k" : [1,{"k":2}] }"#, "{ }"),
        (r#"{"a":1,"k":"v"}"#, r#"{"a":1}"#),
        (r#"{"k":"v","b":2}"#, r#"{"b":2}"#),
        (r#"{ "a": 1, "\u006b": "v", "b": 2 }"#, r#"{ "a": 1, "b": 2 }"#),
        ("{\n  \"k\": \"v\",\n  \"b\": 2\n}", "{\n  \"b\": 2\n}"),
        ("{\n  \"a\": 1,\n  \"k\": \"v\"\n}", "{\n  \"a\": 1\n}"),
        (r#"{"b":1}"#, r#"{"b":1}"#),
    ] {
        assert_eq!(out(base, "/k").unwrap(), want, "{base}");
        assert!(serde_json::from_str::<serde_json::Value>(&out(base, "/k").unwrap()).is_ok());
    }
    assert_eq!(out(r#"{"x":{"k":1}}"#, "/x/k").unwrap(), r#"{"x":{}}"#);
    assert_eq!(out(r#"{"x":1}"#, "/y/k").unwrap(), r#"{"x":1}"#, "what is not there is left so");
    assert_eq!(out(r#"{"x":[1]}"#, "/x/0"), Err(EditFault::NotObject));
    assert!(out(r#"{"k":1,"k":2}"#, "/k").is_err());
    let whole = edit(vec![EditOp::Unset { place: Place::Whole }]);
    assert_eq!(made(&whole, "{}", &[]), Err(EditFault::NotObject));
}

#[test]
fn a_field_that_is_gone_stands_as_taken_out() {
    let unset = |pointer: &str| EditOp::Unset { place: field(pointer) };
    let stands_in = |op: EditOp, document: &str| stands(&edit(vec![op]), document.as_bytes(), &vault(&[]));
    assert_eq!(stands_in(unset("/k"), r#"{"a":1}"#), Stands::Yes);
    assert_eq!(stands_in(unset("/k"), r#"{"k":"v"}"#), Stands::No);
    assert_eq!(stands_in(unset("/k"), "nonsense"), Stands::No);
    // set and taken out again: only the last of it counts
    let set = EditOp::Set { place: field("/k"), value: Slot::new("new"), print: None, create: true };
    let both = edit(vec![set, unset("/k")]);
    assert_eq!(stands(&both, br#"{"a":1}"#, &vault(&[("new", "x")])), Stands::Yes);
}
