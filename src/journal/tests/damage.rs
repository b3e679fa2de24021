//! Every way to damage a sample is found, and what a crash leaves is no damage.

use super::sample::{at, body, claim, run, sample, wait};
use crate::journal::chain::{Folded, Rest, fold};
use crate::journal::damage::Reason;
use crate::journal::head::{Head, Heads, LAG, line};
use crate::journal::{Draft, Here, LineHash, Memory, Opened, Store};
use proptest::prelude::*;
use serde_json::Value;

const NAME: &str = "r-1";

fn check(bytes: &[u8], heads: &[Head]) -> Folded {
    fold(&run(NAME), bytes.to_vec(), Some(heads))
}

/// The damage as a sentence; fails if there is none.
fn found(what: &str, bytes: &[u8], heads: &[Head]) -> String {
    let folded = check(bytes, heads);
    let Rest::Damaged(damage) = &folded.rest else { panic!("{what} was not found: {:?}", folded.rest) };
    // what is still given out is what was written
    for record in folded.records.iter() {
        assert_eq!(
            record.body::<Value>().unwrap(),
            body(record.seq()),
            "{what}: a changed record was given out"
        );
    }
    damage.to_string()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|b| *b == b'\n').collect()
}

#[test]
fn a_sound_run_is_read_as_it_was_written() {
    let (bytes, heads) = sample(NAME, 5);
    for known in [Some(&heads[..]), Some(&heads[5..]), None] {
        let folded = fold(&run(NAME), bytes.clone(), known);
        assert_eq!((folded.rest, folded.behind, folded.records.head()), (Rest::Nothing, 0, heads[5]));
        let records: Vec<_> = folded.records.iter().collect();
        assert_eq!(records.len(), 5);
        for (record, n) in records.iter().zip(1..) {
            assert_eq!((record.seq(), record.pid(), record.host()), (n, 4242, "bastion-1"));
            assert_eq!(record.by(), "arn:aws:iam::111122223333:user/ana");
            assert_eq!(record.body::<Value>().unwrap(), body(n));
            assert_eq!(record.hash(), heads[n as usize].hash);
        }
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let (bytes, heads) = sample(NAME, 4);
    // all heads are known, or only the last, as after the log was made short
    for known in [&heads[..], &heads[4..]] {
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            found(&format!("bit {bit}"), &flipped, known);
        }
    }
}

#[test]
fn every_flipped_bit_of_the_heads_is_found() {
    let (bytes, heads) = sample(NAME, 4);
    let log: Vec<u8> = heads.iter().flat_map(|head| line(&run(NAME), *head).unwrap()).collect();
    for bit in 0..log.len() * 8 {
        let mut flipped = log.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let parsed = Heads::parse(&flipped);
        let folded = check(&bytes, parsed.of(&run(NAME)));
        // its last newline: a head that was torn by a crash is told and noted again
        let torn = parsed.whole() < log.len() && folded.behind == 1;
        let seen = parsed.damage().is_some() || torn;
        assert!(seen, "bit {bit} of the heads was not found");
    }
}

#[test]
fn every_cut_is_found_with_the_head_and_is_a_torn_line_without() {
    let (bytes, heads) = sample(NAME, 4);
    for cut in 0..bytes.len() {
        found(&format!("a cut at {cut}"), &bytes[..cut], &heads);
        let folded = fold(&run(NAME), bytes[..cut].to_vec(), None);
        let whole =
            lines(&bytes[..cut]).iter().filter(|l| l.ends_with(b"\n")).map(|l| l.len()).sum::<usize>();
        let expected =
            if whole == cut { Rest::Nothing } else { Rest::Torn { from: whole, bytes: cut - whole } };
        assert_eq!(folded.rest, expected, "cut at {cut}");
    }
}

#[test]
fn a_crash_in_the_last_record_is_no_damage() {
    let (bytes, heads) = sample(NAME, 4);
    let before = lines(&bytes)[..3].concat().len();
    for cut in before..bytes.len() {
        let folded = check(&bytes[..cut], &heads[..4]);
        let torn = Rest::Torn { from: before, bytes: cut - before };
        assert_eq!(folded.rest, if cut == before { Rest::Nothing } else { torn });
        assert_eq!((folded.records.len(), folded.behind), (3, 0));
    }
    let whole = check(&bytes, &heads[..4]);
    assert_eq!((whole.rest, whole.behind, whole.records.len()), (Rest::Nothing, 1, 4));
}

#[test]
fn moved_dropped_and_doubled_lines_are_found() {
    let (bytes, heads) = sample(NAME, 5);
    let lines = lines(&bytes);
    for a in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(a);
        found(&format!("line {a} dropped"), &without.concat(), &heads);
        for b in 0..lines.len() {
            let mut doubled = lines.clone();
            doubled.insert(b, lines[a]);
            found(&format!("line {a} doubled at {b}"), &doubled.concat(), &heads);
            let mut swapped = lines.clone();
            swapped.swap(a, b);
            if a != b {
                found(&format!("lines {a} and {b} swapped"), &swapped.concat(), &heads);
            }
        }
    }
}

#[test]
fn damage_is_told_by_line_and_reason() {
    let (bytes, heads) = sample(NAME, 3);
    let lines = lines(&bytes);
    let said = |text: &[u8]| found("it", text, &heads);
    let third = |text: &str| said(&[lines[0], lines[1], text.as_bytes()].concat());
    let text = std::str::from_utf8(lines[2]).unwrap();
    assert_eq!(
        third(&text.replacen("\"v\":1", "\"v\":2", 1)),
        "run r-1, line 3: it has format version 2, which this program does not know; use a newer bartizan"
    );
    assert!(third("{\"v\":7,\"new\":true}\n").contains("format version 7"));
    assert!(third(&text.replacen("r-1", "r-2", 1)).ends_with("it is a record of run r-2"));
    assert!(third("\n").contains("cut short"));
    assert!(third("{\"v\":1}\n").contains("a field is missing"));
    assert!(said(&[lines[0], lines[2]].concat()).contains("line 2: it has number 3; a line is missing"));
    assert!(said(b"").contains("line 1: 3 records were written and 0 are there"));
    let long = format!("{}{}\n", text.trim_end(), " ".repeat(1024 * 1024));
    assert!(third(&long).contains("longer than a record may be"));
    let other = sample(NAME, 2).0.replace_all("intent", "intend");
    assert!(found("another history", &other, &heads).contains("its hash is not the one"));
}

trait ReplaceAll {
    fn replace_all(&self, from: &str, to: &str) -> Vec<u8>;
}

impl ReplaceAll for Vec<u8> {
    fn replace_all(&self, from: &str, to: &str) -> Vec<u8> {
        String::from_utf8(self.clone()).unwrap().replace(from, to).into_bytes()
    }
}

#[test]
fn a_run_without_a_head_or_far_ahead_of_it_is_damage() {
    let (bytes, heads) = sample(NAME, LAG + 2);
    assert!(found("no head", &bytes, &[]).contains("no head was noted"));
    assert!(found("an old head", &bytes, &heads[..1]).contains("line 1: 1026 records follow the last head"));
    let folded = check(&bytes, &heads[..3]);
    assert_eq!((folded.rest, folded.behind), (Rest::Nothing, LAG));
}

#[test]
fn a_field_that_is_not_known_is_kept_and_hashed() {
    let (bytes, _) = sample(NAME, 1);
    let with = bytes.replace_all("\"body\":", "\"trace\":{\"id\":[1]},\"body\":");
    let head = Head { count: 1, hash: LineHash::of(&with) };
    let folded = check(&with, &[Head::EMPTY, head]);
    assert_eq!(folded.rest, Rest::Nothing);
    let record = folded.records.iter().next().unwrap();
    assert_eq!(record.body::<Value>().unwrap(), body(1));
    assert!(std::str::from_utf8(record.line()).unwrap().contains("trace"));
    found("a flip in it", &with.replace_all("trace", "tracf"), &[Head::EMPTY, head]);
}

#[test]
fn a_body_that_could_not_be_read_again_is_not_taken() {
    let deep = (0..200).fold(Value::Null, |inner, _| Value::from(vec![inner]));
    assert!(Draft::new(at(0), "ana", &deep).is_err());
    let keys = std::collections::BTreeMap::from([(vec![1], 1)]);
    assert!(Draft::new(at(0), "ana", &keys).is_err());
}

#[test]
fn a_doubled_field_is_no_second_meaning() {
    let (bytes, _) = sample(NAME, 1);
    let doubled = bytes.replace_all("\"body\":", "\"body\":{\"kind\":\"none\"},\"body\":");
    let folded = fold(&run(NAME), doubled, None);
    let Rest::Damaged(damage) = folded.rest else { panic!("taken") };
    assert!(matches!(damage.reason, Reason::Unreadable(_)));
}

/// Any JSON, with texts that would break a line or a quote.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\"\\\\\n\r\u{2028}\u{0}a]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_body_by_anybody_comes_back_as_it_was(
        bodies in proptest::collection::vec((json(), any::<String>()), 1..5), host in any::<String>()
    ) {
        let memory = Memory::new(Here { host: host.clone(), pid: u32::MAX });
        let Opened { writer, .. } = wait(memory.create(&run(NAME), claim())).unwrap();
        for (body, by) in &bodies {
            wait(writer.append(vec![Draft::new(at(0), by, body).unwrap()])).unwrap();
        }
        let bytes = memory.bytes(&run(NAME));
        prop_assert_eq!(lines(&bytes).len(), bodies.len());
        let reading = wait(memory.read(&run(NAME))).unwrap();
        for (record, (body, by)) in reading.sound().unwrap().iter().zip(&bodies) {
            prop_assert_eq!(&record.body::<Value>().unwrap(), body);
            prop_assert_eq!((record.by(), record.host(), record.at()), (by.as_str(), host.as_str(), at(0)));
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_are_taken_for_records(
        bytes in proptest::collection::vec(any::<u8>(), 0..400), counts in proptest::collection::vec(0u64..5, 0..4)
    ) {
        let heads: Vec<Head> = counts.iter().map(|c| Head { count: *c, hash: LineHash::of(&[1]) }).collect();
        prop_assert!(check(&bytes, &heads).records.is_empty());
        prop_assert!(fold(&run(NAME), bytes.clone(), None).records.is_empty());
        prop_assert!(Heads::parse(&bytes).runs().next().is_none());
    }

    #[test]
    fn several_changes_at_once_are_found(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..6)
    ) {
        let (bytes, heads) = sample(NAME, 6);
        let mut changed = bytes.clone();
        for (index, with) in &changes {
            changed[index.index(bytes.len())] ^= with;
        }
        prop_assume!(changed != bytes);
        found("a change", &changed, &heads);
    }

    #[test]
    fn any_prefix_of_lines_is_a_journal(records in 0u64..12, keep in any::<prop::sample::Index>()) {
        let (bytes, heads) = sample(NAME, records);
        let keep = keep.index(records as usize + 1);
        let prefix = lines(&bytes)[..keep].concat();
        let folded = check(&prefix, &heads[..=keep]);
        prop_assert_eq!(folded.rest, Rest::Nothing);
        prop_assert_eq!(folded.records.head(), heads[keep]);
    }
}
