//! The function's verbs: what is read first, what must not be shipped, and what is told of old versions.

use super::{alias, bench, config, lambda_page, refusal};
use crate::estate::ask::lambda::{Answer, Ask as LambdaAsk};
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::edit::{EntryShape, Fingerprint, Shape};
use crate::estate::*;
use crate::runbook::need::{Fact, Need, Want};
use crate::runbook::testing::{Answers, Bench, beginning, seen};
use crate::runbook::verbs::environment::{add, remove};
use crate::runbook::verbs::key::preconditions::Preconditions;
use crate::runbook::view::ChangeMade;

/// A function: `$LATEST`, its version 3, and alias `live` on it.
#[derive(Clone)]
struct Function {
    latest: FunctionConfig,
    served: FunctionConfig,
    aliases: Vec<Alias>,
    same: bool,
    entries: Vec<&'static str>,
}

fn function() -> Function {
    Function {
        latest: config("$LATEST"),
        served: config("3"),
        aliases: vec![alias("live", "3")],
        same: true,
        entries: vec![OLD, BACKUP],
    }
}

/// What is wrong with a function.
type Change = fn(&mut Function);

const OLD: &str = "oooooooooooooooooooooooo";
const BACKUP: &str = "bbbbbbbbbbbbbbbbbbbbbbbb";

fn print(value: &str) -> Option<Fingerprint> {
    Fingerprint::of(&Salt("5a17".into()), value.as_bytes())
}

impl Function {
    fn world(self) -> Answers<impl FnMut(&Want) -> Fact> {
        Answers(move |want: &Want| match want {
            Want::Pages(query) => {
                let Ask::Lambda(ask) = &query.ask else { panic!("{query:?}") };
                lambda_page(match ask {
                    LambdaAsk::GetFunctionConfiguration(q) if q.version.is_none() => {
                        Answer::GetFunctionConfiguration(self.latest.clone())
                    }
                    LambdaAsk::GetFunctionConfiguration(_) => {
                        Answer::GetFunctionConfiguration(self.served.clone())
                    }
                    LambdaAsk::ListAliases(_) => Answer::ListAliases(self.aliases.clone()),
                    LambdaAsk::ListTags(_) => Answer::ListTags(Vec::new()),
                    LambdaAsk::ListVersionsByFunction(_) => {
                        Answer::ListVersionsByFunction(vec![self.latest.clone(), self.served.clone()])
                    }
                    other => panic!("{other:?}"),
                })
            }
            Want::Load { .. } => {
                let version = MaterialVersion::Function(self.latest.revision.clone());
                Fact::Loaded(Ok(seen(version, beginning())))
            }
            Want::SameBut { .. } => Fact::Same(Ok(self.same)),
            Want::Shape { of, .. } if of.name() == "key.new" => {
                Fact::Shape(Ok(Shape { bytes: 40, fields: None, entries: None }))
            }
            Want::Shape { .. } => {
                let entry = |v: &&str| EntryShape { bytes: v.len(), print: print(v) };
                let entries = Some(self.entries.iter().map(entry).collect());
                Fact::Shape(Ok(Shape { bytes: 200, fields: None, entries }))
            }
            Want::Make { .. } => Fact::Made(print("nnnnnnnnnnnnnnnnnnnnnnnn")),
            other => panic!("{other:?}"),
        })
    }
}

fn with(old: &str) -> Bench {
    let old = print(old).unwrap();
    bench(&[
        ("store", "lambda-env"),
        ("function", "handler"),
        ("variable", "API_KEYS"),
        ("alias", "live"),
        ("old", old.hex()),
    ])
}

#[test]
fn what_must_not_be_written_or_shipped_is_refused() {
    let cases: &[(Change, &str)] = &[
        (|f| f.latest.environment_error = Some("AccessDenied".into()), "come back empty"),
        (|f| f.latest.last_update = "Failed".into(), "the last update of handler failed"),
        (|f| f.latest.state = "Failed".into(), "in state Failed"),
        (|f| f.latest.environment_bytes = 4_060, "a second key does not fit"),
        (|f| f.latest.variables = vec!["OTHER".into()], "has no variable API_KEYS"),
        (|f| f.aliases[0].weighted = true, "splits its traffic"),
        (|f| f.aliases.clear(), "has no alias live"),
        (|f| f.served.code_sha256 = "other".into(), "the code differ"),
        (|f| f.served.layers = vec![Arn::new("layer")], "the layers differ"),
        (|f| f.served.handler = "other".into(), "the handler differ"),
        (|f| f.served.role = "other".into(), "the role differ"),
        (|f| f.served.variables.push("X".into()), "the names of the variables differ"),
        (|f| f.same = false, "the values of other variables differ"),
    ];
    for (change, words) in cases {
        let mut function = function();
        change(&mut function);
        let why = refusal(with(OLD).next(&Preconditions, &mut function.world()));
        assert!(why.contains(words), "{words}: {why}");
    }
    let done = with(OLD).next(&Preconditions, &mut function().world()).unwrap();
    assert_eq!(done.outputs["alias"], super::text("live"));
}

#[test]
fn an_update_under_way_is_waited_for_and_a_change_between_two_reads_is_read_again() {
    let mut under_way = function();
    under_way.latest.last_update = "InProgress".into();
    let said = with(OLD).next(&add::Add, &mut under_way.world());
    assert!(matches!(said, Err(Need::Again { .. })), "{said:?}");
    let mut moving = function().world();
    let mut between = Answers(move |want: &Want| match want {
        Want::Load { .. } => {
            Fact::Loaded(Ok(seen(MaterialVersion::Function(RevisionId::new("r2")), beginning())))
        }
        want => (moving.0)(want),
    });
    let said = with(OLD).next(&add::Add, &mut between);
    assert!(matches!(said, Err(Need::Again { .. })), "{said:?}");
}

/// AWS's bare fault names nothing that is there.
#[test]
fn a_name_that_is_not_there_is_told_with_the_nearest_one_that_is() {
    let listed = |name: &str| crate::estate::Function {
        name: FunctionName::new(name),
        arn: Arn::new(format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}")),
        dead_letter: None,
        modified: None,
    };
    for (allowed, words) in [
        (true, "there is no function handlr (not found); did you mean handler?"),
        (false, "there is no function handlr (not found); `aws lambda list-functions` tells which there are"),
    ] {
        let mut world = Answers(move |want: &Want| {
            let Want::Pages(query) = want else { panic!("{want:?}") };
            match &query.ask {
                Ask::Lambda(LambdaAsk::GetFunctionConfiguration(_)) => {
                    super::missing("lambda:GetFunctionConfiguration")
                }
                Ask::Lambda(LambdaAsk::ListFunctions(_)) if allowed => {
                    lambda_page(Answer::ListFunctions(vec![listed("handler"), listed("other")]))
                }
                Ask::Lambda(LambdaAsk::ListFunctions(_)) => Fact::Pages(Err(Fault::new(
                    FaultKind::Denied { action: "lambda:ListFunctions".into(), resource: None },
                    "lambda:ListFunctions",
                    "not authorized",
                ))),
                other => panic!("{other:?}"),
            }
        });
        let mut bench = with(OLD);
        bench.with.insert("function".into(), super::text("handlr"));
        assert_eq!(refusal(bench.next(&Preconditions, &mut world)), words);
    }
    let mut bench = with(OLD);
    bench.with.insert("variable".into(), super::text("API_KEY"));
    let why = refusal(bench.next(&Preconditions, &mut function().world()));
    assert_eq!(why, "handler has no variable API_KEY; it has API_KEYS, DB_PASSWORD; did you mean API_KEYS?");
    let mut bench = with(OLD);
    bench.with.insert("alias".into(), super::text("live1"));
    let why = refusal(bench.next(&Preconditions, &mut function().world()));
    assert_eq!(why, "handler has no alias live1; did you mean live?");
}

/// What would be sent is known while an update is under way: a plan that did not say it would stop the run later.
#[test]
fn a_plan_says_what_is_sent_to_a_function_that_is_just_updating() {
    for (state, update) in [("Active", "InProgress"), ("Pending", "InProgress"), ("Pending", "Successful")] {
        let mut under_way = function();
        (under_way.latest.state, under_way.latest.last_update) = (state.into(), update.into());
        let mut bench = with(OLD);
        bench.planning = true;
        bench.next(&Preconditions, &mut under_way.clone().world()).unwrap();
        let said = bench.next(&add::Add, &mut under_way.world());
        let Err(Need::Consent(proposal)) = said else { panic!("{state} {update}: {said:?}") };
        assert!(matches!(&proposal.changes[0].act, Act::Lambda(LambdaAct::EditEnvironment { .. })));
    }
}

#[test]
fn the_old_key_is_never_taken_from_a_list_that_would_let_nobody_in() {
    let mut alone = function();
    alone.entries = vec![OLD];
    let why = refusal(with(OLD).next(&remove::Remove, &mut alone.world()));
    assert!(why.contains("the only entry"), "{why}");
    let mut bench = with(OLD);
    let new = print("nnnnnnnnnnnnnnnnnnnnnnnn").unwrap();
    bench.with.insert("new_print".into(), super::text(new.hex()));
    let why = refusal(bench.next(&remove::Remove, &mut function().world()));
    assert!(why.contains("the new key is no longer in"), "{why}");
    let done = with("xxxxxxxxxxxxxxxxxxxxxxxx").next(&remove::Remove, &mut function().world()).unwrap();
    assert!(done.evidence[0].contains("nothing to remove"), "{:?}", done.evidence);
}

#[test]
fn removing_proposes_its_own_undo_and_names_versions_that_keep_the_key() {
    let Err(Need::Consent(proposal)) = with(OLD).next(&remove::Remove, &mut function().world()) else {
        panic!("nothing is proposed")
    };
    let [change] = proposal.changes.as_slice() else { panic!("{proposal:?}") };
    assert_eq!((change.risk(), change.undo().as_str()), (Risk::Ordinary, "edit the variable back"));
    assert!(
        proposal.leaves.iter().any(|l| l.contains("1 older published versions")),
        "{:?}",
        proposal.leaves
    );
    let Act::Lambda(change::lambda::Act::EditEnvironment { back: Some(back), .. }) = &change.act else {
        panic!("{change:?}")
    };
    assert!(matches!(back.ops.as_slice(), [EditOp::InsertFirst { .. }]), "it was the first of the list");
}

/// The version was published, and before the alias is moved a colleague deploys: the move would take that back.
#[test]
fn a_deployment_between_publishing_and_moving_the_alias_is_not_taken_back() {
    let mut after_edit = function();
    after_edit.entries = vec![BACKUP];
    let mut bench = with(OLD);
    let Err(Need::Consent(edit)) = with(OLD).next(&remove::Remove, &mut function().world()) else { panic!() };
    after_edit.latest.revision = RevisionId::new("r2");
    let made = |change: change::Change, receipt| {
        let call = change.next(&Progress::default()).remove(0);
        ChangeMade::of(change, vec![Made { call, receipt }])
    };
    bench.done.push(made(edit.changes[0].clone(), Receipt::Revision(RevisionId::new("r2"))));
    let publish = LambdaAct::Publish {
        function: FunctionName::new("handler"),
        revision: RevisionId::new("r2"),
        code_sha256: after_edit.latest.code_sha256.clone(),
        description: "bartizan-7f3a0b1c without the old key".into(),
    };
    let publish = change::Change { at: bench.at.clone(), act: Act::Lambda(publish) };
    bench.done.push(made(publish, Receipt::Published(FunctionVersion::new("4"))));
    for (serves, code, moved) in [("3", "sha", true), ("5", "a colleague's", false)] {
        let mut world = after_edit.clone();
        world.aliases = vec![alias("live", serves)];
        let mut world = world.world();
        let mut deployed = Answers(move |want: &Want| match want {
            Want::Pages(query)
                if matches!(&query.ask, Ask::Lambda(LambdaAsk::GetFunctionConfiguration(q))
                    if q.version.as_ref().is_some_and(|v| v.wire() == serves)) =>
            {
                let mut other = config(serves);
                other.code_sha256 = code.into();
                lambda_page(Answer::GetFunctionConfiguration(other))
            }
            want => (world.0)(want),
        });
        bench.facts = crate::runbook::need::Facts::default();
        match bench.next(&remove::Remove, &mut deployed) {
            Err(Need::Consent(proposal)) if moved => {
                assert!(matches!(&proposal.changes[0].act, Act::Lambda(LambdaAct::MoveAlias { .. })));
            }
            Err(Need::Refuse(why)) if !moved => assert!(why.contains("somebody deployed"), "{why}"),
            other => panic!("{serves}: {other:?}"),
        }
    }
}
