//! Storing and restoring: the same estate afterwards, and its future too.

use super::{Practice, Still, all, calm, one, quiet};
use crate::estate::ask::{cloudwatch, secretsmanager, sqs, wafv2};
use crate::estate::{Clock as _, Scope};
use crate::practice::Trouble;

fn everything(p: &Practice) -> String {
    let queues = all(p, sqs::ListQueues {});
    let facts: Vec<_> = queues.iter().map(|q| one(p, sqs::GetQueueAttributes { queue: q.clone() })).collect();
    let alarms = all(p, cloudwatch::DescribeAlarms { names: vec![] });
    let history: Vec<_> =
        alarms.iter().map(|a| all(p, cloudwatch::DescribeAlarmHistory { alarm: a.name.clone() })).collect();
    let secrets = all(p, secretsmanager::ListSecrets {});
    let acls = all(p, wafv2::ListWebACLs { scope: Scope::Regional });
    format!("{queues:?} {facts:?} {alarms:?} {history:?} {secrets:?} {acls:?}")
}

#[test]
fn a_restored_estate_is_the_same_and_has_the_same_future() {
    let (p, clock) = calm(5);
    clock.go(3_700);
    let bytes = p.snapshot().unwrap();
    let later = Still::at(clock.now());
    let q = Practice::restore(&bytes, quiet(), later.clone()).unwrap();
    assert_eq!(q.now(), p.now());
    assert!(everything(&p) == everything(&q));
    for c in [&clock, &later] {
        c.go(90_000);
    }
    assert!(everything(&p) == everything(&q));
    assert_eq!(p.snapshot().unwrap(), q.snapshot().unwrap());
}

#[test]
fn what_cannot_be_read_is_refused_in_words() {
    let (p, clock) = calm(1);
    let bytes = p.snapshot().unwrap();
    let newer = String::from_utf8(bytes.clone()).unwrap().replacen("{\"practice\":2", "{\"practice\":99", 1);
    let edited = String::from_utf8(bytes.clone()).unwrap().replacen("\"period\":300", "\"period\":0", 1);
    let half = &bytes[..bytes.len() / 2];
    for bad in [&b""[..], b"{}", b"\xff\xfe", half, newer.as_bytes(), edited.as_bytes()] {
        let trouble = Practice::restore(bad, quiet(), clock.clone()).err().unwrap();
        assert!(matches!(trouble, Trouble::Stored(_)));
        assert!(trouble.to_string().contains("start a new one"), "{trouble}");
    }
}
