//! Whether a document has the fields that are promised: each there, each of its type. A field is a path and
//! a type: `n` number, `s` text, `b` truth, `t` instant, `o` object, `a` list, `e` a word in snake_case, `0`
//! always null, or the words it may be, `a|b`. `?` after it: or null. `[]` in a path: of every element, and
//! there must be one.

use serde_json::Value;

/// Checks the head and every field.
pub fn check(doc: &Value, noun: &str, fields: &[&str]) {
    assert_eq!(doc["schema"], format!("bartizan.{noun}/1"));
    let head = [
        "at t",
        "context.name s",
        "context.account s?",
        "context.region s?",
        "context.principal s?",
        "context.read_only b",
        "complete b",
        "gaps a",
    ];
    for field in head.iter().chain(fields) {
        let (path, kind) = field.split_once(' ').unwrap();
        let parts: Vec<&str> = path.split('.').collect();
        look(doc, &parts, kind, path);
    }
    let gaps = doc["gaps"].as_array().unwrap();
    assert_eq!(doc["complete"] == true, gaps.is_empty(), "complete and gaps agree: {gaps:?}");
}

fn look(value: &Value, path: &[&str], kind: &str, whole: &str) {
    let Some((first, rest)) = path.split_first() else { return judge(value, kind, whole) };
    let (key, each) = first.strip_suffix("[]").map_or((*first, false), |k| (k, true));
    let object = value.as_object().unwrap_or_else(|| panic!("{whole}: {value} is no object"));
    let inside = object.get(key).unwrap_or_else(|| panic!("{whole}: `{key}` is not there in {value}"));
    if each {
        let all = inside.as_array().unwrap_or_else(|| panic!("{whole}: {inside} is no list"));
        assert!(!all.is_empty(), "{whole}: nothing to look at");
        all.iter().for_each(|one| look(one, rest, kind, whole));
    } else {
        look(inside, rest, kind, whole);
    }
}

fn judge(value: &Value, kind: &str, whole: &str) {
    let (kind, or_null) = kind.strip_suffix('?').map_or((kind, false), |k| (k, true));
    if or_null && value.is_null() {
        return;
    }
    let good = match kind {
        "n" => value.is_number(),
        "s" => value.is_string(),
        "b" => value.is_boolean(),
        "o" => value.is_object(),
        "a" => value.is_array(),
        "0" => value.is_null(),
        "t" => value.as_str().is_some_and(|t| t.parse::<jiff::Timestamp>().is_ok()),
        "e" => value.as_str().is_some_and(is_snake),
        words => value.as_str().is_some_and(|v| words.split('|').any(|w| w == v)),
    };
    assert!(good, "{whole}: {value} is not `{kind}`");
}

fn is_snake(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The texts under `key` of every element.
pub fn words<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|v| v[key].as_str().unwrap()).collect()
}
