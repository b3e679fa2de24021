//! What holds for every document, over generated ones with every spelling that JSON has for the same thing.

use super::text::Span;
use super::*;
use proptest::prelude::*;
use serde_json::Value;

/// A value with a spelling.
#[derive(Clone, Debug)]
enum Tree {
    Word(String),
    Text(Vec<(char, bool)>),
    List(Vec<Tree>),
    Object(Vec<(Vec<(char, bool)>, Tree)>),
}

/// A text whose characters are escaped or not.
fn spelling() -> impl Strategy<Value = Vec<(char, bool)>> {
    let char = prop_oneof![
        4 => "[a-z,~/ ]".prop_map(|s| s.chars().next().unwrap_or('a')),
        1 => any::<char>(),
        1 => proptest::sample::select(vec!['"', '\\', '\n', '\t', '\u{8}', '\u{c}', '\r', '\0', '\u{1f600}', '\u{7f}']),
    ];
    proptest::collection::vec((char, any::<bool>()), 0..8)
}

fn tree() -> impl Strategy<Value = Tree> {
    let words = ["null", "true", "0", "-0", "1.50", "1E+2", "12345678901234567890123", "-0.1e-7"];
    let leaf = prop_oneof![
        2 => proptest::sample::select(words.to_vec()).prop_map(|w| Tree::Word(w.to_owned())),
        3 => spelling().prop_map(Tree::Text),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Tree::List),
            proptest::collection::vec((spelling(), inner), 0..5).prop_map(Tree::Object),
        ]
    })
}

/// A document that is written, where its texts are, and its white space.
struct Writer<'a> {
    out: String,
    texts: Vec<(String, Span)>,
    objects: Vec<String>,
    blanks: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl Writer<'_> {
    fn blank(&mut self) {
        let kind = self.blanks.next().copied().unwrap_or(0);
        self.out.push_str(["", "", "", " ", "\n  ", "\t", "\r\n", "  "][usize::from(kind % 8)]);
    }

    fn text(&mut self, text: &[(char, bool)]) -> Span {
        self.out.push('"');
        let start = self.out.len();
        for (c, escaped) in text {
            let plain = serde_json::to_string(c).unwrap();
            match c {
                '/' if *escaped => self.out.push_str("\\/"),
                c if *escaped => {
                    c.encode_utf16(&mut [0; 2])
                        .iter()
                        .for_each(|u| self.out.push_str(&format!("\\u{u:04X}")));
                }
                _ => self.out.push_str(&plain[1..plain.len() - 1]),
            }
        }
        let end = self.out.len();
        self.out.push('"');
        Span { start, end }
    }

    fn tree(&mut self, tree: &Tree, pointer: &str) {
        self.blank();
        match tree {
            Tree::Word(word) => self.out.push_str(word),
            Tree::Text(text) => {
                let span = self.text(text);
                self.texts.push((pointer.to_owned(), span));
            }
            Tree::List(items) => {
                self.out.push('[');
                for (n, item) in items.iter().enumerate() {
                    self.out.push_str(if n == 0 { "" } else { "," });
                    self.tree(item, &format!("{pointer}/{n}"));
                }
                self.blank();
                self.out.push(']');
            }
            Tree::Object(members) => {
                self.objects.push(pointer.to_owned());
                self.out.push('{');
                let mut names = std::collections::BTreeSet::new();
                for (name, value) in members {
                    let plain: String = name.iter().map(|(c, _)| *c).collect();
                    if !names.insert(plain.clone()) {
                        continue;
                    }
                    self.out.push_str(if names.len() == 1 { "" } else { "," });
                    self.blank();
                    self.text(name);
                    self.blank();
                    self.out.push(':');
                    self.tree(value, &format!("{pointer}/{}", plain.replace('~', "~0").replace('/', "~1")));
                }
                self.blank();
                self.out.push('}');
            }
        }
        self.blank();
    }
}

fn written<'a>(tree: &Tree, blanks: &'a [u8]) -> Writer<'a> {
    let mut writer =
        Writer { out: String::new(), texts: Vec::new(), objects: Vec::new(), blanks: blanks.iter().cycle() };
    writer.tree(tree, "");
    writer
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A text between quotes, spelled as `serde_json` does.
fn spelled(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

proptest! {
    #[test]
    fn setting_changes_one_value_and_no_other_byte(
        tree in tree(),
        blanks in proptest::collection::vec(any::<u8>(), 1..20),
        which in any::<proptest::sample::Index>(),
        new in "\\PC{0,12}|[\"\\\\\n\t\u{1}a]{0,6}",
    ) {
        let writer = written(&tree, &blanks);
        prop_assume!(!writer.texts.is_empty());
        let base = writer.out.as_str();
        let (pointer, span) = which.get(&writer.texts);
        let old = parsed(base).pointer(pointer).unwrap().as_str().unwrap().to_owned();
        prop_assert_eq!(&**read(base.as_bytes(), &field(pointer)).unwrap(), old.as_bytes());

        let out = made(&set(field(pointer), false), base, &[("new", &new)]).unwrap();
        let mut want = parsed(base);
        *want.pointer_mut(pointer).unwrap() = Value::String(new.clone());
        prop_assert_eq!(parsed(&out), want);
        if new == old {
            prop_assert_eq!(&out, base);
        } else {
            let bytes = format!("{}{}{}", &base[..span.start], spelled(&new), &base[span.end..]);
            prop_assert_eq!(&out, &bytes);
        }
        let edited = set(field(pointer), false);
        prop_assert_eq!(stands(&edited, out.as_bytes(), &vault(&[("new", &new)])), Stands::Yes);

        // Back again: the same bytes, if the old text had no more escapes than it needed.
        let back = made(&edited, &out, &[("new", &old)]).unwrap();
        prop_assert_eq!(parsed(&back), parsed(base));
        if base[span.start..span.end] == spelled(&old) {
            prop_assert_eq!(&back, base);
        }
    }

    #[test]
    fn a_new_field_is_the_last_of_its_object_and_no_byte_is_lost(
        tree in tree(),
        blanks in proptest::collection::vec(any::<u8>(), 1..20),
        which in any::<proptest::sample::Index>(),
        name in "[A-Z\"~/é]{9}",
        new in "\\PC{0,12}",
    ) {
        let writer = written(&tree, &blanks);
        prop_assume!(!writer.objects.is_empty());
        let base = writer.out.as_str();
        let object = which.get(&writer.objects);
        let pointer = format!("{object}/{}", name.replace('~', "~0").replace('/', "~1"));
        let out = made(&set(field(&pointer), true), base, &[("new", &new)]).unwrap();
        let mut want = parsed(base);
        let members = want.pointer_mut(object).unwrap().as_object_mut().unwrap();
        members.insert(name, Value::String(new));
        // With `preserve_order` two maps are equal in any order; their texts are not.
        prop_assert_eq!(parsed(&out).to_string(), want.to_string());
        let added = out.len() - base.len();
        let kept = |at: &usize| base.is_char_boundary(*at) && out.is_char_boundary(*at)
            && out.is_char_boundary(at + added) && out[..*at] == base[..*at] && out[at + added..] == base[*at..];
        prop_assert!((0..=base.len()).any(|at| kept(&at)), "{} -> {}", base, out);
    }

    #[test]
    fn adding_to_a_list_and_removing_restores_the_bytes(
        entries in proptest::collection::vec(("[ \t\n]{0,2}", "[a-zé\"\\\\]{0,4}", "[ \n]{0,1}"), 0..6),
        escape in proptest::collection::vec(any::<bool>(), 1..30),
        anchor in any::<proptest::sample::Index>(),
        spot in 0..3,
        in_json in any::<bool>(),
    ) {
        let parts: Vec<String> = entries.iter().map(|(a, e, b)| format!("{a}{e}{b}")).collect();
        let plain = parts.join(",");
        let (base, place) = if in_json {
            let mut writer = written(&Tree::Word(String::new()), &[0]);
            let text: Vec<_> = plain.chars().zip(escape.iter().copied().cycle()).collect();
            writer.out.push_str("{\"a\":1, \"l\" : ");
            writer.text(&text);
            writer.out.push_str(",\"z\":\"l\"}");
            (writer.out, field("/l"))
        } else {
            (plain.clone(), Place::Whole)
        };
        let whole: Vec<&str> = plain.split(',').map(|e| e.trim_matches([' ', '\t', '\n'])).collect();
        let once: Vec<&str> = whole.iter().copied()
            .filter(|e| !e.is_empty() && whole.iter().filter(|o| o == &e).count() == 1).collect();
        let mut held_now = vec![("new", "N,w".replace(',', "\""))];
        let op = match spot {
            0 => insert(place.clone(), None),
            1 => EditOp::InsertFirst { place: place.clone(), entry: Slot::new("new"), print: None },
            _ => {
                prop_assume!(!once.is_empty());
                held_now.push(("old", (*anchor.get(&once)).to_owned()));
                insert(place.clone(), Some(held("old")))
            }
        };
        let held_now: Vec<(&str, &str)> = held_now.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let adding = edit(vec![op]);
        let out = made(&adding, &base, &held_now).unwrap();
        prop_assert_eq!(stands(&adding, out.as_bytes(), &vault(&held_now)), Stands::Yes);
        prop_assert_eq!(&made(&adding, &out, &held_now).unwrap(), &out);

        let got = read(out.as_bytes(), &place).unwrap();
        let got = String::from_utf8(got.to_vec()).unwrap();
        let got: Vec<&str> = got.split(',').map(|e| e.trim_matches([' ', '\t', '\n'])).collect();
        let others: Vec<&str> = got.iter().copied().filter(|e| *e != "N\"w").collect();
        prop_assert_eq!(got.len() - others.len(), 1);
        let none = plain.trim_matches([' ', '\t', '\n']).is_empty() && others.is_empty();
        prop_assert!(none || others == whole, "{:?} {:?}", others, whole);

        let removing = edit(vec![EditOp::Remove { place: place.clone(), entry: held("new") }]);
        prop_assert_eq!(stands(&removing, out.as_bytes(), &vault(&held_now)), Stands::No);
        prop_assert_eq!(&made(&removing, &out, &held_now).unwrap(), &base);
        prop_assert_eq!(stands(&removing, base.as_bytes(), &vault(&held_now)), Stands::Yes);
    }

    #[test]
    fn a_document_is_the_same_as_itself_in_other_words(
        tree in tree(),
        blanks in proptest::collection::vec(any::<u8>(), 1..9),
    ) {
        let whole = Tree::Object(vec![(vec![('t', false)], tree)]);
        let base = written(&whole, &blanks).out;
        let value = parsed(&base);
        let other = serde_json::to_string_pretty(&value).unwrap();
        // serde_json writes numbers in its own way; without any the two say the same.
        let numbers = ["0", "1.50", "1E+2", "12345678901234567890123", "-0.1e-7"].iter().any(|n| base.contains(n));
        prop_assume!(!numbers);
        prop_assert_eq!(same_but(base.as_bytes(), other.as_bytes(), &[]), Ok(true));
        prop_assert_eq!(same_but(base.as_bytes(), b"{\"u\":1}", &["t".into(), "u".into()]), Ok(true));
        prop_assert_eq!(same_but(base.as_bytes(), b"{\"u\":1}", &["t".into()]), Ok(false));
    }
}
