//! What may be given to a run, and what is said of the rest.

use super::*;
use crate::diagnose::walk::Source;
use crate::runbook::definition;

fn definition() -> Definition {
    let text = r#"
        name = "inputs"
        version = 1
        title = "t"
        about = "a"
        [[input]]
        name = "store"
        type = "text"
        choices = ["secret", "lambda-env", "api-gateway,lambda-env"]
        doc = "Which store?"
        [[input]]
        name = "secret"
        type = "text"
        when = { store = "secret" }
        doc = "Which secret?"
        [[input]]
        name = "plans"
        type = "list"
        optional = true
        when = { store = "api-gateway,lambda-env" }
        doc = "Which plans?"
        [[input]]
        name = "length"
        type = "number"
        default = 40
        doc = "How long?"
        [[input]]
        name = "overlap"
        type = "duration"
        default = "7d"
        doc = "How long do both work?"
        [[input]]
        name = "value"
        type = "secret"
        doc = "What?"
        [[input]]
        name = "since"
        type = "time"
        optional = true
        doc = "Since when?"
        [[input]]
        name = "migrated"
        type = "flag"
        late = true
        doc = "Have they?"
        [[step]]
        id = "say"
        title = "say"
        kind = "note"
        verb = "note"
        with = { text = "x" }
    "#;
    // The check wants every input read by a step; what is tested here is not the definition.
    definition::unchecked(Source { file: "inputs.toml", text }).unwrap()
}

fn given(pairs: &[(&str, &str)]) -> Result<Inputs, Vec<String>> {
    let pairs: Vec<_> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Inputs::read(&definition(), &pairs).map_err(|found| found.iter().map(ToString::to_string).collect())
}

#[test]
fn values_are_read_by_type_and_defaults_filled_in() {
    let read =
        given(&[("store", "api-gateway,lambda-env"), ("plans", "partner, internal"), ("overlap", "1d12h")]);
    let values = read.unwrap().into_values();
    assert_eq!(values["plans"], Value::List(vec!["partner".into(), "internal".into()]));
    assert_eq!(values["overlap"], Value::Duration(129_600));
    assert_eq!(values["length"], Value::Number(40));
    assert_eq!(values["value"], Value::Secret(Slot::new("value")));
    let names: Vec<_> = values.keys().map(String::as_str).collect();
    assert_eq!(names, ["length", "overlap", "plans", "store", "value"]);
}

#[test]
fn everything_wrong_is_told_at_once() {
    for (pairs, want) in [
        (&[][..], "--set: `store` is missing: Which store?; give it with `--set store=...`"),
        (&[("store", "secret")], "--set: `secret` is missing: Which secret?"),
        (&[("stor", "secret")], "--set: inputs has no input `stor`; did you mean `store`?"),
        (&[("zzz", "1")], "--set: inputs has no input `zzz`; it has `store`, `secret`"),
        (
            &[("store", "sceret")],
            "--set: `store` must be `secret`, `lambda-env` or `api-gateway,lambda-env`, not `sceret`; did you mean",
        ),
        (
            &[("store", "lambda-env"), ("secret", "a")],
            "--set: `secret` does not matter here; it does when `store` is `secret`",
        ),
        (&[("store", "lambda-env"), ("store", "secret")], "--set: `store` is given twice"),
        (&[("length", "x")], "--set: `length` must be a whole number, not `x`"),
        (&[("overlap", "7")], "--set: `overlap`: a duration is written e.g."),
        (&[("since", "yesterday")], "--set: `since` must be an instant such as"),
        (&[("migrated", "maybe")], "--set: `migrated` must be `true` or `false`, not `maybe`"),
        (&[("store", "secret"), ("secret", "")], "--set: `secret` must be a text of one line, not ``"),
        (
            &[("store", "secret"), ("secret", "a\u{1b}[2J")],
            "--set: `secret` must be a text of one line, not `a\\u{1b}",
        ),
    ] {
        let told = given(pairs).unwrap_err();
        assert!(told.iter().any(|t| t.starts_with(want)), "{pairs:?}: {told:#?}");
    }
    let told = given(&[("length", "x"), ("overlap", "y"), ("zzz", "1")]).unwrap_err();
    assert_eq!(told.len(), 4, "{told:#?}");
}

#[test]
fn a_secret_is_never_taken_from_an_argument_nor_repeated() {
    let told = given(&[("store", "lambda-env"), ("value", "hunter2")]).unwrap_err();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("--set-file value=PATH") && !told[0].contains("hunter2"), "{told:?}");
    let told = split("hunter2").unwrap_err().to_string();
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn only_late_inputs_come_late() {
    let d = definition();
    assert_eq!(Inputs::late(&d, "migrated", "true"), Ok(Value::Flag(true)));
    let told = Inputs::late(&d, "store", "secret").unwrap_err().to_string();
    assert_eq!(told, "--set: `store` is settled when the run starts; later come `migrated`");
    assert!(Inputs::late(&d, "migratd", "true").unwrap_err().nearest.is_some());
}

/// Who gives a value must not find a generated one in its place.
#[test]
fn a_secret_that_nothing_will_use_is_refused() {
    let shipped = definition::shipped("api-key-rotation").unwrap().unwrap();
    let d = &shipped;
    let made: BTreeMap<_, _> = [("new".to_owned(), Value::Text("generated".into()))].into();
    let told = unused(d, &made, "value").unwrap().to_string();
    assert_eq!(told, "--set-file: `value` does not matter here; it does when `new` is `entered`");
    assert_eq!(unused(d, &made, "old_value"), None);
    let entered = [("new".to_owned(), Value::Text("entered".into()))].into();
    assert_eq!(unused(d, &entered, "value"), None);
}

#[test]
fn what_is_open_is_asked_for_in_order() {
    let d = definition();
    let names = |values: &BTreeMap<String, Value>| -> Vec<String> {
        open(&d, values).iter().map(|i| i.name.clone()).collect()
    };
    assert_eq!(names(&BTreeMap::new())[0], "store");
    let secret = [("store".to_owned(), Value::Text("secret".into()))].into();
    assert_eq!(names(&secret)[0], "secret");
}

#[test]
fn a_pair_is_split_at_its_first_equals_sign() {
    assert_eq!(split("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
    assert_eq!(split("a="), Ok(("a".to_owned(), String::new())));
    assert!(split("=b").is_err() && split("").is_err());
}
