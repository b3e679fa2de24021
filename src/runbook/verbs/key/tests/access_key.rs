//! A new access key whose secret was lost, a colleague's key, and a user without room.

use super::{asked, bench, iam_page, missing, refusal, secret_page};
use crate::estate::ask::{iam, secretsmanager};
use crate::estate::change::iam::{Act as IamAct, Call as IamCall};
use crate::estate::edit::{EntryShape, Shape};
use crate::estate::time::plus_seconds;
use crate::estate::*;
use crate::runbook::need::{Fact, Need, Proposal, Want};
use crate::runbook::testing::secrets::{Secrets, arn};
use crate::runbook::testing::{Answers, Bench, World, beginning};
use crate::runbook::verbs::find;
use crate::runbook::verbs::iam::create::Create;
use crate::runbook::view::ChangeMade;

/// A user's keys beside a secret with fields `id` and `key`.
struct User {
    keys: Vec<AccessKey>,
    secrets: Secrets,
}

fn key(id: &str, seconds_ago: i64) -> AccessKey {
    AccessKey {
        id: AccessKeyId::new(id),
        user: UserName::new("exporter"),
        active: true,
        created: Some(plus_seconds(beginning(), -seconds_ago)),
    }
}

fn user(keys: Vec<AccessKey>) -> User {
    User { keys, secrets: Secrets::new(beginning()) }
}

impl World for User {
    fn answer(&mut self, now: Timestamp, want: &Want) -> Fact {
        match want {
            Want::Pages(query) => match &query.ask {
                Ask::Iam(iam::Ask::ListAccessKeys(_)) => {
                    iam_page(iam::Answer::ListAccessKeys(self.keys.clone()))
                }
                Ask::SecretsManager(secretsmanager::Ask::DescribeSecret(_)) => {
                    secret_page(secretsmanager::Answer::DescribeSecret(self.secrets.secret.clone()))
                }
                _ => self.secrets.answer(now, want),
            },
            Want::Shape { .. } => {
                let entries = Some(vec![EntryShape { bytes: 20, print: None }]);
                Fact::Shape(Ok(Shape { bytes: 100, fields: None, entries }))
            }
            _ => self.secrets.answer(now, want),
        }
    }

    fn apply(&mut self, now: Timestamp, call: &Call, by: &IdempotencyKey) -> Result<Receipt, Fault> {
        match call {
            Call::Iam(IamCall::CreateAccessKey { .. }) => {
                let id = format!("AKIANEW{}", self.secrets.calls.len());
                self.keys.push(AccessKey { created: Some(now), ..key(&id, 0) });
                Ok(Receipt::AccessKey(AccessKeyId::new(id)))
            }
            Call::Iam(IamCall::DeleteAccessKey { key, .. }) => {
                self.keys.retain(|k| k.id != *key);
                Ok(Receipt::Done)
            }
            _ => self.secrets.apply(now, call, by),
        }
    }
}

fn issuing() -> Bench {
    let target = arn();
    bench(&[
        ("user", "exporter"),
        ("old", "AKIAOLD"),
        ("target_secret", target.wire()),
        ("id_field", "id"),
        ("secret_field", "key"),
    ])
}

fn proposed(bench: &mut Bench, world: &mut User) -> Proposal {
    match bench.next(&Create, world) {
        Err(Need::Consent(proposal)) => *proposal,
        other => panic!("nothing is proposed: {other:?}"),
    }
}

#[test]
fn making_and_storing_are_on_one_screen() {
    let proposal = proposed(&mut issuing(), &mut user(vec![key("AKIAOLD", 86_400)]));
    let operations: Vec<_> =
        proposal.changes.iter().flat_map(|c| c.calls()).map(|c| c.operation().name).collect();
    assert_eq!(operations, ["iam:CreateAccessKey", "secretsmanager:PutSecretValue"]);
}

#[test]
fn a_key_whose_secret_was_lost_is_removed_with_its_name_typed_and_made_again() {
    let mut world = user(vec![key("AKIAOLD", 86_400), key("AKIALOST", 0)]);
    let mut bench = issuing();
    let act = IamAct::CreateAccessKey {
        user: UserName::new("exporter"),
        had: vec![AccessKeyId::new("AKIAOLD")],
        into: Slot::new("key.new"),
    };
    let change = Change { at: bench.at.clone(), act: Act::Iam(act) };
    let call = change.next(&Progress::default()).remove(0);
    let made = vec![Made { call, receipt: Receipt::AccessKey(AccessKeyId::new("AKIALOST")) }];
    bench.done = vec![ChangeMade::of(change, made)];
    let proposal = proposed(&mut bench, &mut world);
    assert_eq!(proposal.changes.len(), 1);
    assert_eq!(proposal.changes[0].demand(), change::Demand::Name("AKIALOST".into()));
    // AWS does not tell who made it: whoever types its name must know that it may be a colleague's.
    let why = &proposal.breaks[0];
    assert!(why.contains("the answer was lost") && why.contains("a colleague"), "{why}");

    // It is agreed to: another is made, and only that one is asked for again.
    bench.facts = crate::runbook::need::Facts::default();
    let act = proposal.changes[0].clone();
    let call = act.next(&Progress::default()).remove(0);
    world.apply(beginning(), &call, &IdempotencyKey::derive(&bench.run, "s", 9, 1)).unwrap();
    bench.done.push(ChangeMade::of(act, vec![Made { call, receipt: Receipt::Done }]));
    let proposal = proposed(&mut bench, &mut world);
    assert!(matches!(&proposal.changes[0].act, Act::Iam(IamAct::CreateAccessKey { .. })));
    assert_eq!(proposal.changes.len(), 2);
}

#[test]
fn a_second_key_is_an_orphan_only_if_it_is_younger_than_the_step() {
    let mut fresh = user(vec![key("AKIAOLD", 86_400), key("AKIANEWER", 10)]);
    let proposal = proposed(&mut issuing(), &mut fresh);
    assert!(matches!(&proposal.changes[0].act, Act::Iam(IamAct::DeleteAccessKey { .. })));
    assert!(proposal.breaks[0].contains("If a colleague made it, say no"), "{:?}", proposal.breaks);

    let mut aged = user(vec![key("AKIAOLD", 86_400), key("AKIATHEIRS", 3_600)]);
    let why = refusal(issuing().next(&Create, &mut aged));
    assert!(why.contains("two access keys"), "{why}");
    let mut gone = user(vec![key("AKIAELSE", 3_600)]);
    let why = refusal(issuing().next(&Create, &mut gone));
    assert!(why.contains("no access key AKIAOLD any more"), "{why}");
}

/// The pair is current and only the last label could not be taken off: it is not written a second time.
#[test]
fn a_promotion_whose_last_call_was_refused_is_not_staged_again() {
    let (mut world, mut bench) = (user(vec![key("AKIAOLD", 86_400)]), issuing());
    world.secrets.refused = Some("bartizan-7f3a0b1c".to_owned());
    bench.held = [Slot::new("key.new"), Slot::new("key.new.id")].into();
    let why = refusal(bench.go(&Create, &mut world));
    assert!(why.contains("You can't remove that label"), "{why}");
    bench.facts = crate::runbook::need::Facts::default();
    world.secrets.refused = None;
    let sent = world.secrets.calls.len();
    let done = bench.go(&Create, &mut world).unwrap();
    assert_eq!(world.secrets.calls.len() - sent, 1, "the label only: {:?}", world.secrets.calls);
    assert_eq!(world.keys.len(), 2, "and no third key");
    assert_eq!(world.secrets.holder("bartizan-7f3a0b1c"), None);
    assert_eq!(done.outputs["version"], super::text(world.secrets.holder("AWSCURRENT").unwrap()));
    assert_eq!(done.outputs["former"], super::text("v1"));
}

/// Where the swap itself was refused, the label before it is all that an undo takes back.
#[test]
fn undoing_a_promotion_that_lost_takes_its_label_off_and_nothing_else() {
    let (mut world, mut bench) = (user(vec![key("AKIAOLD", 86_400)]), issuing());
    world.secrets.versions[1].stages.push("bartizan-7f3a0b1c-prev".into());
    let act = change::secretsmanager::Act::Promote {
        secret: arn(),
        from: VersionId::new("v1"),
        to: VersionId::new("v2"),
        strip: Some(StageLabel::new("bartizan-7f3a0b1c")),
        keep: Some(StageLabel::new("bartizan-7f3a0b1c-prev")),
        purpose: Default::default(),
    };
    let change = Change { at: bench.at.clone(), act: Act::SecretsManager(act) };
    let call = change.calls().remove(0);
    let partly = ChangeMade::of(change, vec![Made { call, receipt: Receipt::Done }]);
    bench.undo(&Create, &partly, &mut world).unwrap();
    assert_eq!(world.secrets.holder("AWSCURRENT"), Some("v1"));
    assert_eq!(world.secrets.holder("bartizan-7f3a0b1c-prev"), None);
}

#[test]
fn a_user_that_is_not_there_is_told_with_the_nearest_who_is() {
    let said = |may_list: bool, verb: &str| {
        let mut world = Answers(|want: &Want| match asked(want) {
            Ask::Iam(iam::Ask::ListUsers(_)) if may_list => {
                let names = ["deploy-bot", "logapi-exporter"].map(UserName::new).to_vec();
                iam_page(iam::Answer::ListUsers(names))
            }
            Ask::Iam(iam::Ask::ListUsers(_)) => {
                let kind = FaultKind::Denied { action: "iam:ListUsers".into(), resource: None };
                Fact::Pages(Err(Fault::new(kind, "iam:ListUsers", "not for you")))
            }
            Ask::Iam(iam::Ask::ListAccessKeys(_)) => missing("iam:ListAccessKeys"),
            Ask::Iam(iam::Ask::GetUser(_)) => missing("iam:GetUser"),
            other => panic!("{other:?}"),
        });
        let mut bench = bench(&[("store", "iam-user"), ("user", "logapi-exporte")]);
        refusal(bench.next(find(verb).unwrap(), &mut world))
    };
    for verb in ["key.evidence", "credential.user"] {
        let why = said(true, verb);
        assert_eq!(why, "there is no user logapi-exporte (not found); did you mean logapi-exporter?");
        let why = said(false, verb);
        assert!(why.ends_with("(not found); `aws iam list-users` tells which there are"), "{verb}: {why}");
    }
}
