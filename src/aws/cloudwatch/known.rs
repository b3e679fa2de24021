//! Alarms that were read before and come again byte for byte the same, as nearly all of a poll do. They are
//! taken out of an answer before the SDK parses it, and are given as the very rows that were given before: a poll
//! of 2,000 quiet alarms makes no new ones. It knows nothing of pages and tokens, which may be new each time.

use super::shared::Shared;
use crate::estate::Alarm;
use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The lists of an answer to `DescribeAlarms` (CloudWatch API reference).
const LISTS: [&str; 3] = ["MetricAlarms", "CompositeAlarms", "LogAlarms"];

/// CBOR's beginning of a list that does not say how long it is, and its end (RFC 8949, 3.2.1 and 3.2.2).
const LIST: u8 = 0x9f;
const BREAK: u8 = 0xff;

/// Length and hash of an alarm's bytes. The hash's keys are random and this program's own, so nobody can make two
/// alarms that are taken for one; by chance it happens once in 10^12 changes of an estate of 20,000.
pub(super) type Mark = (usize, u64);

/// What was read, by its bytes.
#[derive(Default)]
pub(in crate::aws) struct Known {
    hasher: RandomState,
    read: Mutex<Read>,
}

/// Those of the listing under way, and those of the one before that it has not met yet.
#[derive(Default)]
struct Read {
    now: HashMap<Mark, Arc<Alarm>>,
    before: HashMap<Mark, Arc<Alarm>>,
    shared: Shared,
}

/// What an answer held, by what is left to do with it.
#[derive(Debug, Default)]
pub(super) struct Sifted {
    /// Alarms that are known.
    pub known: Vec<Arc<Alarm>>,
    /// The marks of the others, for each of the three lists in its order.
    pub new: [Vec<Mark>; 3],
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known")
    }
}

impl Known {
    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A listing of all alarms begins: what the one before it did not meet is forgotten.
    pub(super) fn begin(&self) {
        let read = &mut *self.read();
        read.before = std::mem::take(&mut read.now);
    }

    /// The answer without the alarms that are known, and these. There is no such answer if none of them is known, or
    /// if it is not what it should be: then it is for the SDK to judge as it came.
    pub(super) fn sift(&self, answer: &[u8]) -> (Option<Vec<u8>>, Sifted) {
        let mut sifted = Sifted::default();
        let Some(lists) = lists(answer) else { return (None, sifted) };
        let read = &mut *self.read();
        let mut rest = Vec::new();
        let mut copied = 0;
        for list in lists {
            rest.extend_from_slice(answer.get(copied..list.whole.start).unwrap_or_default());
            copied = list.whole.end;
            rest.push(LIST);
            for item in list.items {
                let bytes = answer.get(item).unwrap_or_default();
                let mark = (bytes.len(), self.hasher.hash_one(bytes));
                if let Some(alarm) = read.meet(mark) {
                    sifted.known.push(alarm);
                    continue;
                }
                rest.extend_from_slice(bytes);
                if let Some(new) = sifted.new.get_mut(list.which) {
                    new.push(mark);
                }
            }
            rest.push(BREAK);
        }
        rest.extend_from_slice(answer.get(copied..).unwrap_or_default());
        ((!sifted.known.is_empty()).then_some(rest), sifted)
    }

    /// Takes note of an alarm that was parsed, and gives it as it is kept.
    pub(super) fn keep(&self, mark: Option<Mark>, mut alarm: Alarm) -> Arc<Alarm> {
        let read = &mut *self.read();
        read.shared.share(&mut alarm);
        let alarm = Arc::new(alarm);
        if let Some(mark) = mark {
            read.now.insert(mark, Arc::clone(&alarm));
        }
        alarm
    }
}

impl Read {
    fn meet(&mut self, mark: Mark) -> Option<Arc<Alarm>> {
        if let Some(again) = self.now.get(&mark) {
            return Some(Arc::clone(again));
        }
        let alarm = self.before.remove(&mark)?;
        self.now.insert(mark, Arc::clone(&alarm));
        Some(alarm)
    }
}

/// One of the lists of an answer: where it stands and where its items do.
struct List {
    which: usize,
    whole: Range<usize>,
    items: Vec<Range<usize>>,
}

/// The lists of alarms in an answer; `None` if it is not whole. What is wrong with it the SDK says, which gets it as
/// it came.
fn lists(answer: &[u8]) -> Option<Vec<List>> {
    let mut at = Decoder::new(answer);
    let mut lists = Vec::new();
    let mut left = at.map().ok()?;
    while more(&mut at, &mut left)? {
        let which = LISTS.iter().position(|l| at.clone().str().is_ok_and(|key| key == *l));
        at.skip().ok()?;
        let start = at.position();
        match (which, at.datatype().ok()?) {
            (Some(which), Type::Array | Type::ArrayIndef) => {
                let items = items(&mut at)?;
                lists.push(List { which, whole: start..at.position(), items });
            }
            (_, _) => at.skip().ok()?,
        }
    }
    (at.position() == answer.len()).then_some(lists)
}

fn items(at: &mut Decoder<'_>) -> Option<Vec<Range<usize>>> {
    let mut left = at.list().ok()?;
    let mut items = Vec::new();
    while more(at, &mut left)? {
        let start = at.position();
        at.skip().ok()?;
        items.push(start..at.position());
    }
    Some(items)
}

/// Whether a map or list that was begun goes on: for as many as it said, or until its end.
fn more(at: &mut Decoder<'_>, left: &mut Option<u64>) -> Option<bool> {
    match left {
        Some(0) => Some(false),
        Some(n) => {
            *n -= 1;
            Some(true)
        }
        None if at.datatype().ok()? == Type::Break => {
            at.skip().ok()?;
            Some(false)
        }
        None => Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::cloudwatch::alarms;
    use aws_sdk_cloudwatch::types::MetricAlarm;

    /// A text, a list or a map of fewer than 24 bytes, items or pairs.
    fn head(major: u8, n: usize) -> u8 {
        major << 5 | u8::try_from(n).unwrap()
    }

    fn text(t: &str) -> Vec<u8> {
        [&[head(3, t.len())], t.as_bytes()].concat()
    }

    fn alarm(name: &str) -> Vec<u8> {
        [vec![head(5, 1)], text("AlarmName"), text(name)].concat()
    }

    fn answer(names: &[&str], endless: bool, token: &str) -> Vec<u8> {
        let items = names.iter().flat_map(|n| alarm(n));
        let (open, close) = if endless { (0xbf, vec![BREAK]) } else { (head(5, 2), vec![]) };
        let mut out = vec![open];
        out.extend(text("MetricAlarms"));
        out.push(if endless { LIST } else { head(4, names.len()) });
        out.extend(items);
        out.extend(&close);
        out.extend(text("NextToken"));
        out.extend(text(token));
        out.extend(&close);
        out
    }

    fn row(name: &str) -> Alarm {
        alarms::metric("op", MetricAlarm::builder().alarm_name(name).alarm_arn(name).build()).unwrap()
    }

    fn read(known: &Known, body: &[u8], names: &[&str]) -> Vec<Arc<Alarm>> {
        let (_, sifted) = known.sift(body);
        let new = sifted.new[0].iter().zip(names).map(|(mark, name)| known.keep(Some(*mark), row(name)));
        sifted.known.into_iter().chain(new).collect()
    }

    #[test]
    fn what_comes_again_is_taken_out_and_given_as_it_was() {
        for endless in [false, true] {
            let known = Known::default();
            known.begin();
            let first = answer(&["a", "b", "c"], endless, "t1");
            let (rest, sifted) = known.sift(&first);
            assert_eq!((rest, sifted.known.len(), sifted.new[0].len()), (None, 0, 3));
            let rows = read(&known, &first, &["a", "b", "c"]);
            known.begin();
            // another token, one alarm changed, one gone
            let (rest, sifted) = known.sift(&answer(&["a", "B", "c"], endless, "t2"));
            assert!(Arc::ptr_eq(&sifted.known[0], &rows[0]) && Arc::ptr_eq(&sifted.known[1], &rows[2]));
            assert_eq!(sifted.new[0].len(), 1);
            let rest = rest.unwrap();
            let left = lists(&rest).unwrap();
            assert_eq!(left[0].items.len(), 1);
            assert_eq!(rest[left[0].items[0].clone()], alarm("B"));
            assert!(rest.windows(2).any(|w| w == b"t2"), "the token is the new one");
        }
    }

    #[test]
    fn words_that_alarms_share_are_held_once() {
        let known = Known::default();
        let kept = |name: &str| {
            let alarm =
                MetricAlarm::builder().alarm_name(name).alarm_arn(name).treat_missing_data("notBreaching");
            known.keep(None, alarms::metric("op", alarm.build()).unwrap())
        };
        let text = |name: &str| kept(name).treat_missing.clone().unwrap();
        assert!(std::ptr::eq(text("a").wire(), text("b").wire()));
    }

    #[test]
    fn what_two_listings_did_not_meet_is_forgotten() {
        let known = Known::default();
        known.begin();
        read(&known, &answer(&["a", "b"], false, "t"), &["a", "b"]);
        known.begin();
        read(&known, &answer(&["a"], false, "t"), &["a"]);
        known.begin();
        let (_, sifted) = known.sift(&answer(&["a", "b"], false, "t"));
        assert_eq!((sifted.known.len(), sifted.new[0].len()), (1, 1));
    }

    #[test]
    fn an_answer_that_is_not_whole_is_left_to_the_sdk() {
        let known = Known::default();
        let whole = answer(&["a", "b"], false, "t");
        read(&known, &whole, &["a", "b"]);
        for end in 0..whole.len() {
            assert_eq!(known.sift(&whole[..end]).0, None, "{end}");
        }
        let longer = [whole.clone(), vec![0]].concat();
        assert_eq!(known.sift(&longer).0, None);
        assert_eq!(known.sift(b"<html>").0, None);
        assert!(known.sift(&whole).0.is_some());
    }
}
