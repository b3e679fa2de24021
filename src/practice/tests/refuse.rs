//! What AWS refuses, the practice estate refuses: with the same kinds, codes and words.

use super::{all, calm, fetch, fetch_at, one, quiet, with};
use crate::estate::ask::{cloudwatch, lambda, operations, secretsmanager, sqs, sts, wafv2};
use crate::estate::*;
use crate::practice::Options;

fn refusal<A: Asks>(p: &super::Practice, ask: A) -> (FaultKind, String)
where
    A::Out: std::fmt::Debug,
{
    let fault = one(p, ask).unwrap_err();
    (fault.kind, fault.message.wire().to_owned())
}

#[test]
fn what_is_not_there_is_not_found() {
    let (p, _) = calm(1);
    let queue = QueueUrl::new("https://sqs.us-east-1.amazonaws.com/000000000000/none");
    let (kind, said) = refusal(&p, sqs::GetQueueAttributes { queue: queue.clone() });
    assert_eq!(
        (kind, said.as_str()),
        (FaultKind::NotFound, "QueueDoesNotExist: The specified queue does not exist.")
    );
    let elsewhere = QueueUrl::new("https://sqs.us-east-1.amazonaws.com/111111111111/orders");
    assert_eq!(refusal(&p, sqs::GetQueueAttributes { queue: elsewhere }).0, FaultKind::NotFound);
    assert_eq!(refusal(&p, sqs::ListDeadLetterSourceQueues { queue: queue.clone() }).0, FaultKind::NotFound);
    assert_eq!(refusal(&p, sqs::ListQueueTags { queue }).0, FaultKind::NotFound);
    let arn = Arn::new("arn:aws:sqs:us-east-1:000000000000:none");
    assert_eq!(refusal(&p, sqs::ListMessageMoveTasks { queue: arn.clone() }).0, FaultKind::NotFound);
    let (kind, said) = refusal(&p, secretsmanager::DescribeSecret { secret: arn.clone() });
    assert_eq!(kind, FaultKind::NotFound);
    assert_eq!(said, "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
    let ask = wafv2::GetWebACL { name: "none".into(), id: WebAclId::new("none"), scope: Scope::Regional };
    let (kind, said) = refusal(&p, ask);
    assert_eq!(kind, FaultKind::NotFound);
    assert!(said.starts_with("WAFNonexistentItemException: "), "{said}");
    assert_eq!(refusal(&p, wafv2::ListTagsForResource { resource: arn.clone() }).0, FaultKind::NotFound);
    assert_eq!(refusal(&p, cloudwatch::ListTagsForResource { resource: arn }).0, FaultKind::NotFound);
    let rule = cloudwatch::GetAlarmMuteRule { name: MuteRuleName::new("none") };
    assert_eq!(refusal(&p, rule).0, FaultKind::NotFound);
    let function = lambda::ListFunctionEventInvokeConfigs { function: FunctionName::new("none") };
    assert_eq!(refusal(&p, function).0, FaultKind::NotFound);
    // these two answer with an empty list: their models have no such error
    let alarm = AlarmName::new("none");
    assert!(one(&p, cloudwatch::DescribeAlarms { names: vec![alarm.clone()] }).unwrap().is_empty());
    assert!(one(&p, cloudwatch::DescribeAlarmHistory { alarm }).unwrap().is_empty());
}

#[test]
fn an_acl_is_found_by_name_id_and_scope_together() {
    let (p, _) = calm(1);
    let acl = one(&p, wafv2::ListWebACLs { scope: Scope::Regional }).unwrap().remove(0);
    let ask = |name: &str, scope| wafv2::GetWebACL { name: name.into(), id: acl.id.clone(), scope };
    assert!(one(&p, ask(acl.name.wire(), Scope::Regional)).is_ok());
    assert_eq!(refusal(&p, ask("other", Scope::Regional)).0, FaultKind::NotFound);
    assert_eq!(refusal(&p, ask(acl.name.wire(), Scope::CloudFront)).0, FaultKind::NotFound);
}

#[test]
fn denials_name_action_and_resource() {
    let (p, _) = with(Options { denied: vec!["sqs:ListQueues".into()], ..quiet() });
    let fault = one(&p, sqs::ListQueues {}).unwrap_err();
    let FaultKind::Denied { action, resource } = &fault.kind else { panic!("{fault:?}") };
    assert_eq!(action.wire(), "sqs:ListQueues");
    assert!(resource.as_ref().unwrap().wire().starts_with("arn:aws:sqs:us-east-1:000000000000:"));
    assert!(
        fault.message.wire().contains("assumed-role/ops/alice is not authorized to perform: sqs:ListQueues")
    );
    // everything else goes on
    assert!(!all(&p, cloudwatch::DescribeAlarms { names: vec![] }).is_empty());
    // one secret's own policy denies, the list does not
    let secrets = all(&p, secretsmanager::ListSecrets {});
    let atlas = secrets.iter().find(|s| s.name.wire() == "mongo-api/atlas").unwrap();
    let ask = secretsmanager::ListSecretVersionIds { secret: atlas.arn.clone(), deprecated: false };
    let FaultKind::Denied { resource, .. } = one(&p, ask).unwrap_err().kind else { panic!("not denied") };
    assert_eq!(resource.unwrap().wire(), atlas.arn.wire());
}

#[test]
fn every_action_can_be_denied_but_asking_who_one_is() {
    let denied = operations().map(|o| o.name.to_owned()).collect();
    let (p, _) = with(Options { denied, ..quiet() });
    assert!(one(&p, sts::GetCallerIdentity {}).is_ok());
    assert_eq!(one(&p, lambda::ListFunctions {}).unwrap_err().word(), "denied");
    assert_eq!(one(&p, wafv2::ListWebACLs { scope: Scope::Regional }).unwrap_err().word(), "denied");
}

#[test]
fn other_regions_are_empty_and_have_no_cloudfront() {
    let (p, _) = calm(1);
    let alarms = cloudwatch::DescribeAlarms { names: vec![] };
    for ask in [
        alarms.ask(),
        sqs::ListQueues {}.ask(),
        secretsmanager::ListSecrets {}.ask(),
        lambda::ListFunctions {}.ask(),
    ] {
        let page = fetch_at(&p, "eu-central-1", ask.clone(), None).unwrap();
        assert!(page.next.is_none());
        assert_ne!(fetch(&p, ask, None).unwrap().answer, page.answer);
    }
    let regional = wafv2::ListWebACLs { scope: Scope::Regional }.ask();
    let page = fetch_at(&p, "eu-central-1", regional, None).unwrap();
    assert_eq!(wafv2::ListWebACLs::open(page.answer).unwrap(), vec![]);
    let global = wafv2::ListWebACLs { scope: Scope::CloudFront }.ask();
    assert_eq!(fetch_at(&p, "eu-central-1", global, None).unwrap_err().kind, FaultKind::Invalid);
}

#[test]
fn rates_are_those_of_the_table() {
    let (p, clock) = with(Options { quotas: true, ..quiet() });
    let ask = || cloudwatch::DescribeAlarms { names: vec![] };
    let passed = (0..100).take_while(|_| one(&p, ask()).is_ok()).count();
    assert_eq!(passed, 36, "a burst of four times the rate of 9 a second");
    assert_eq!(one(&p, ask()).unwrap_err().kind, FaultKind::Throttled);
    assert!(one(&p, sqs::ListQueues {}).is_ok(), "other operations have their own");
    // a caller that keeps to the rate is never stopped
    clock.go(1);
    for _ in 0..30 {
        for _ in 0..9 {
            assert!(one(&p, ask()).is_ok());
        }
        clock.go(1);
    }
}

#[test]
fn now_and_then_a_good_call_is_throttled_too() {
    let (p, _) = with(Options { hiccup: Some(50), ..quiet() });
    let stopped = (0..2_000).filter(|_| one(&p, sqs::ListQueues {}).is_err()).count();
    assert!((15..80).contains(&stopped), "{stopped}");
}

#[test]
fn answers_take_their_time_by_the_clock() {
    let (p, clock) = with(Options { latency: Options::default().latency, ..quiet() });
    let before = clock.now();
    let page = fetch(&p, sqs::ListQueues {}.ask(), None).unwrap();
    assert_eq!(page.sent, before);
    let took = clock.now().duration_since(before).as_millis();
    assert!((8..=40).contains(&took), "{took}");
}
