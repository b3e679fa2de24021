//! Pages: all rows, none twice, tokens that hold only for their own question.

use super::{all, calm, fetch, pages, quiet, with};
use crate::estate::ask::{cloudwatch, lambda, secretsmanager, sqs, wafv2};
use crate::estate::{AlarmName, Asks as _, Cursor, FaultKind, Scope};
use crate::practice::Options;
use std::collections::BTreeSet;

#[test]
fn a_walk_tells_everything_once_in_pages_of_aws_size() {
    let (p, _) = with(Options { scale: Some(2_000), ..quiet() });
    let walk = pages(&p, cloudwatch::DescribeAlarms { names: vec![] });
    let (last, full) = walk.split_last().unwrap();
    assert!(full.len() >= 20 && full.iter().all(|page| page.len() == 100) && last.len() <= 100);
    let names: BTreeSet<_> = walk.iter().flatten().map(|a| a.name.clone()).collect();
    assert_eq!(names.len(), walk.iter().flatten().count());
    assert_eq!(names.iter().filter(|n| n.wire().starts_with("scale-alarm-")).count(), 2_000);
    assert_eq!(pages(&p, lambda::ListFunctions {})[0].len(), 50);
    assert_eq!(pages(&p, secretsmanager::ListSecrets {})[0].len(), 100);
    let queues = all(&p, sqs::ListQueues {});
    assert_eq!(queues.iter().filter(|q| q.name().wire().starts_with("scale-")).count(), 200);
}

#[test]
fn twenty_thousand_alarms_and_two_thousand_queues_come_complete() {
    let (p, _) = with(Options { scale: Some(20_000), ..quiet() });
    let alarms = all(&p, cloudwatch::DescribeAlarms { names: vec![] });
    assert!(alarms.len() > 20_000);
    let walk = pages(&p, sqs::ListQueues {});
    assert_eq!((walk.len(), walk[0].len()), (3, 1_000));
}

#[test]
fn things_that_come_and_go_during_a_walk_shift_nothing() {
    let (p, clock) = with(Options { scale: Some(4_000), ..quiet() });
    let steady: BTreeSet<_> = all(&p, secretsmanager::ListSecrets {}).into_iter().map(|s| s.name).collect();
    let (mut seen, mut from) = (Vec::new(), None);
    loop {
        let page = fetch(&p, secretsmanager::ListSecrets {}.ask(), from.as_ref()).unwrap();
        seen.extend(secretsmanager::ListSecrets::open(page.answer).unwrap().into_iter().map(|s| s.name));
        clock.go(60);
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    let once: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(once.len(), seen.len());
    for name in steady.iter().filter(|n| !n.wire().starts_with("sandbox/preview-")) {
        assert!(once.contains(name), "{name:?}");
    }
}

#[test]
fn history_pages_hold_still_while_news_comes() {
    let (p, clock) = calm(1);
    clock.go(2 * 86_400);
    let ask = cloudwatch::DescribeAlarmHistory { alarm: AlarmName::new("sandbox-spot-interruptions") };
    let first = fetch(&p, ask.clone().ask(), None).unwrap();
    let before = fetch(&p, ask.clone().ask(), first.next.as_ref()).unwrap();
    clock.go(600);
    let after = fetch(&p, ask.ask(), first.next.as_ref()).unwrap();
    assert_eq!(before.answer, after.answer);
}

#[test]
fn foreign_tokens_are_refused() {
    let (p, _) = calm(1);
    let alarms = cloudwatch::DescribeAlarms { names: vec![] };
    let good = fetch(&p, alarms.clone().ask(), None).unwrap().next.unwrap();
    let kind = |ask, token: &str| fetch(&p, ask, Some(&Cursor(token.into()))).unwrap_err().kind;
    for bad in ["", "nonsense", "####", "AAAA", &format!("{}x", good.0), "w4PDqQ"] {
        assert_eq!(kind(alarms.clone().ask(), bad), FaultKind::Invalid, "{bad}");
    }
    assert_eq!(kind(sqs::ListQueues {}.ask(), &good.0), FaultKind::Invalid);
    assert_eq!(kind(wafv2::ListWebACLs { scope: Scope::Regional }.ask(), &good.0), FaultKind::Invalid);
    let named = cloudwatch::DescribeAlarms { names: vec![AlarmName::new("orders-replica")] };
    assert_eq!(kind(named.ask(), &good.0), FaultKind::Invalid);
    let queue = all(&p, sqs::ListQueues {}).remove(0);
    assert_eq!(kind(sqs::GetQueueAttributes { queue }.ask(), &good.0), FaultKind::Invalid);
}
