//! The verbs of containment as tables: whom they refuse and where they send them, what they say of CloudTrail's gaps, and
//! by whose clock they stamp. Whole runs are in the integration tests over the practice estate.

use super::guard::Guard;
use super::quiet::Quiet;
use super::revoke::Revoke;
use super::sessions::Sessions;
use super::{evidence, owner, role};
use crate::estate::ask::{cloudtrail, iam, sts};
use crate::estate::change::iam::Act as IamAct;
use crate::estate::change::iam::contain::Act as Contain;
use crate::estate::time::plus_seconds;
use crate::estate::*;
use crate::runbook::need::{Done, Fact, Need, Want};
use crate::runbook::testing::{Answers, Bench, beginning, seen};
use crate::runbook::value::Value;
use crate::runbook::verb::Verb;

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

/// What the tables differ in.
#[derive(Clone)]
struct Estate {
    me: &'static str,
    my_key: Option<&'static str>,
    ahead_s: Option<i64>,
    owner: Result<Option<&'static str>, FaultKind>,
    account: &'static str,
    policies: Vec<&'static str>,
    events: Vec<TrailEvent>,
    /// Regions that do not answer.
    silent: &'static [&'static str],
}

impl Default for Estate {
    fn default() -> Self {
        Self {
            me: "arn:aws:sts::123456789012:assumed-role/ops/alice",
            my_key: Some("ASIAOPERATOREXAMPLE0"),
            ahead_s: Some(0),
            owner: Ok(Some("ci")),
            account: "123456789012",
            policies: Vec::new(),
            events: Vec::new(),
            silent: &[],
        }
    }
}

impl Estate {
    fn answer(&self, want: &Want) -> Fact {
        let (Want::Pages(query) | Want::Try(query)) = want else { panic!("{want:?}") };
        Fact::Pages(self.of(query).map(|answer| seen(vec![answer], beginning())))
    }

    fn of(&self, query: &Query) -> Result<Answer, Fault> {
        let fault = |kind: FaultKind| Fault::new(kind, query.ask.operation().name, "said the table");
        Ok(match &query.ask {
            Ask::Sts(sts::Ask::GetCallerIdentity(_)) => {
                Answer::Sts(sts::Answer::GetCallerIdentity(Identity {
                    account: AccountId::new("123456789012").unwrap(),
                    arn: Arn::new(self.me),
                    user_id: "x".into(),
                    key: self.my_key.map(AccessKeyId::new),
                    ahead_s: self.ahead_s,
                }))
            }
            Ask::Sts(sts::Ask::GetAccessKeyInfo(_)) => {
                Answer::Sts(sts::Answer::GetAccessKeyInfo(AccountId::new(self.account).unwrap()))
            }
            Ask::Iam(iam::Ask::GetAccessKeyLastUsed(_)) => match &self.owner {
                Ok(user) => Answer::Iam(iam::Answer::GetAccessKeyLastUsed(KeyLastUsed {
                    user: user.map(UserName::new),
                    at: None,
                    service: "N/A".into(),
                    region: "N/A".into(),
                })),
                Err(kind) => return Err(fault(kind.clone())),
            },
            Ask::Iam(iam::Ask::ListAccessKeys(q)) => {
                Answer::Iam(iam::Answer::ListAccessKeys(vec![AccessKey {
                    id: AccessKeyId::new(KEY),
                    user: q.user.clone(),
                    active: true,
                    created: None,
                }]))
            }
            Ask::Iam(iam::Ask::GetUser(q)) => Answer::Iam(iam::Answer::GetUser(User {
                name: q.user.clone(),
                arn: Arn::new("arn:aws-cn:iam::123456789012:user/team/ci"),
                created: None,
                boundary: None,
                password_used: None,
            })),
            Ask::Iam(iam::Ask::ListAttachedUserPolicies(_)) => {
                let one = |name: &&str| AttachedPolicy { name: PolicyName::new(*name), arn: Arn::new(*name) };
                Answer::Iam(iam::Answer::ListAttachedUserPolicies(self.policies.iter().map(one).collect()))
            }
            Ask::Iam(iam::Ask::ListUserPolicies(_)) => Answer::Iam(iam::Answer::ListUserPolicies(vec![])),
            Ask::Iam(iam::Ask::ListRolePolicies(_)) => Answer::Iam(iam::Answer::ListRolePolicies(vec![])),
            Ask::Iam(iam::Ask::ListGroupsForUser(_)) => {
                return Err(fault(FaultKind::Denied {
                    action: "iam:ListGroupsForUser".into(),
                    resource: None,
                }));
            }
            Ask::Iam(iam::Ask::GetLoginProfile(_)) => Answer::Iam(iam::Answer::GetLoginProfile(None)),
            Ask::Iam(iam::Ask::ListMFADevices(_)) => Answer::Iam(iam::Answer::ListMFADevices(vec![])),
            Ask::CloudTrail(cloudtrail::Ask::LookupEvents(_)) => {
                if self.silent.contains(&query.at.region.as_str()) {
                    return Err(fault(FaultKind::Unreachable));
                }
                let here =
                    |e: &&TrailEvent| e.region.as_ref().is_some_and(|r| r.wire() == query.at.region.as_str());
                let events = self.events.iter().filter(here).cloned().collect();
                Answer::CloudTrail(cloudtrail::Answer::LookupEvents(events))
            }
            other => panic!("{other:?}"),
        })
    }

    fn asked(&self, verb: &dyn Verb, bench: &mut Bench) -> Result<Done, Need> {
        bench.next(verb, &mut Answers(|want: &Want| self.answer(want)))
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

fn refused(outcome: Result<Done, Need>) -> String {
    match outcome {
        Err(Need::Refuse(why) | Need::Lacks { text: why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

fn event(at: Timestamp, name: &str, error: Option<&str>) -> TrailEvent {
    TrailEvent {
        id: format!("{at}{name}").into(),
        at,
        name: name.into(),
        source: "s3.amazonaws.com".into(),
        region: Some("eu-central-1".into()),
        source_ip: Some("203.0.113.9\u{1b}[2J".into()),
        user_agent: None,
        key: Some(AccessKeyId::new(KEY)),
        principal: Some(Arn::new("arn:aws:iam::123456789012:user/ci")),
        error: error.map(Into::into),
        read_only: Some(true),
        secret: None,
        minted: None,
        target: None,
    }
}

#[test]
fn nobody_contains_themselves() {
    for meant in [("key", text(KEY)), ("all", Value::List(vec!["AKIAANOTHER000000000".into(), KEY.into()]))] {
        nobody_contains_themselves_with(meant);
    }
}

fn nobody_contains_themselves_with(meant: (&str, Value)) {
    let bench = || Bench::with(&[meant.clone(), ("user", text("ci"))]);
    assert!(Estate::default().asked(&Guard, &mut bench()).is_ok());
    for (me, my_key, word) in [
        (
            "arn:aws:sts::123456789012:assumed-role/ops/alice",
            Some(KEY),
            "the very key that this program signs with",
        ),
        ("arn:aws:iam::123456789012:user/ci", Some("AKIAOTHEROTHEROTHER0"), "you are ci yourself"),
        ("arn:aws-cn:iam::123456789012:user/team/a/ci", None, "you are ci yourself"),
    ] {
        let why = refused(Estate { me, my_key, ..Estate::default() }.asked(&Guard, &mut bench()));
        assert!(why.contains(word), "{me}: {why}");
    }
    for other in ["arn:aws:iam::123456789012:user/ci2", "arn:aws:sts::123456789012:assumed-role/ci/x"] {
        assert!(Estate { me: other, ..Estate::default() }.asked(&Guard, &mut bench()).is_ok(), "{other}");
    }
}

#[test]
fn whose_key_it_is_or_where_it_is_contained() {
    let ask = |estate: &Estate, key: &str| {
        estate.asked(&evidence::Evidence, &mut Bench::with(&[("key", text(key))]))
    };
    let denied = || FaultKind::Denied { action: "iam:GetAccessKeyLastUsed".into(), resource: None };
    for (owner, account, word) in [
        (Ok(None), "123456789012", "root user"),
        (Ok(Some("<root_account>")), "123456789012", "root user"),
        (Err(denied()), "999999999999", "belongs to account 999999999999"),
        (Err(FaultKind::NotFound), "123456789012", "no user of it has it"),
    ] {
        let why = refused(ask(&Estate { owner, account, ..Estate::default() }, KEY));
        assert!(why.contains(word), "{why}");
    }
    let sso = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_1/bob";
    for (principal, word) in [
        (sso, "Identity Center"),
        ("arn:aws:sts::123456789012:assumed-role/deploy/x", "--set role=deploy"),
        ("arn:aws:iam::123456789012:user/ci", "run this with the user's AKIA key"),
    ] {
        let mut used = event(beginning(), "ListBuckets", None);
        used.principal = Some(Arn::new(principal));
        let why = refused(ask(&Estate { events: vec![used], ..Estate::default() }, "ASIAIOSFODNN7EXAMPLE"));
        assert!(why.contains(word), "{why}");
    }
    // what begins otherwise is what AWS says it is
    let done = ask(&Estate::default(), "FKIAIOSFODNN7EXAMPLE").unwrap();
    assert_eq!(done.outputs["user"], text("ci"));
    for (owner, word) in [(Ok(None), "root user"), (Err(FaultKind::NotFound), "if it is a session's")] {
        let why = refused(ask(&Estate { owner, ..Estate::default() }, "FSIAIOSFODNN7EXAMPLE"));
        assert!(why.contains(word), "{why}");
    }
    for no_key in ["AKIA", "AROAIOSFODNN7EXAMPLE", "an id with spaces in it"] {
        assert!(refused(ask(&Estate::default(), no_key)).contains("is no id of an access key"), "{no_key}");
    }
    let done =
        ask(&Estate { policies: vec!["AWSCompromisedKeyQuarantineV3"], ..Estate::default() }, KEY).unwrap();
    let said = done.evidence.join("; ");
    assert!(said.contains("AWSCompromisedKeyQuarantineV3 is attached and stays so"), "{said}");
    assert!(said.contains("groups: not known (denied: iam:ListGroupsForUser"), "a gap is said: {said}");
    assert_eq!(
        done.outputs["policy"],
        text("arn:aws-cn:iam::aws:policy/AWSDenyAll"),
        "of the user's partition"
    );
    assert_eq!((&done.outputs["user"], &done.outputs["password"]), (&text("ci"), &Value::Flag(false)));
}

#[test]
fn whose_a_credential_is_is_told_with_what_can_be_contained() {
    let ask = |estate: &Estate, key: &str| {
        estate.asked(&owner::Tell, &mut Bench::with(&[("key", text(key))])).unwrap()
    };
    let of = |principal: &str| {
        let mut used = event(beginning(), "ListBuckets", None);
        used.principal = Some(Arn::new(principal));
        ask(&Estate { events: vec![used], ..Estate::default() }, "ASIAIOSFODNN7EXAMPLE")
    };
    let ids = Value::List(vec![KEY.into()]);
    let done = ask(&Estate::default(), KEY);
    assert_eq!((&done.outputs["user"], &done.outputs["keys"]), (&text("ci"), &ids));
    assert!(done.evidence[0].ends_with("belongs to the user ci"), "{:?}", done.evidence);
    let done = of("arn:aws:sts::123456789012:assumed-role/deploy/x");
    assert_eq!(done.outputs, [("role".to_owned(), text("deploy"))].into());
    assert!(done.evidence.iter().any(|e| e.contains("no event is no proof")), "{:?}", done.evidence);
    // A session of a user dies by the deny on the user: its keys are what is contained.
    let done = of("arn:aws:iam::123456789012:user/team/ci");
    assert_eq!((&done.outputs["user"], &done.outputs["keys"]), (&text("ci"), &ids));
    // Nothing here contains these, and the sentence says what does.
    let done = of("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_1/bob");
    assert!(done.outputs.is_empty() && done.evidence[0].contains("Identity Center"), "{:?}", done.evidence);
    let root = ask(&Estate { owner: Ok(None), ..Estate::default() }, KEY);
    assert!(root.outputs.is_empty() && root.evidence[0].contains("sign in as the root user"));
    let other = Estate { owner: Err(FaultKind::NotFound), account: "999999999999", ..Estate::default() };
    let told = ask(&other, KEY);
    assert!(told.outputs.is_empty() && told.evidence[0].contains("belongs to account 999999999999"));
    assert!(ask(&Estate::default(), "ASIAIOSFODNN7EXAMPLE").evidence[0].contains("does not tell (yet)"));
    assert!(ask(&Estate::default(), "a1b2c3").evidence[0].contains("no id of an access key"));
}

#[test]
fn of_a_user_whatever_it_has_is_told_and_its_quarantine_stays() {
    let mut bench = Bench::with(&[("user", text("ci"))]);
    let estate = Estate { policies: vec!["AWSCompromisedKeyQuarantineV3"], ..Estate::default() };
    let done = estate.asked(&evidence::OfUser, &mut bench).unwrap();
    let said = done.evidence.join("\n");
    assert!(said.contains("its key: ") && said.contains(KEY) && !said.contains("ANOTHER KEY"), "{said}");
    assert!(said.contains("AWSCompromisedKeyQuarantineV3 is attached and stays so"), "{said}");
    assert_eq!(done.outputs["keys"], Value::List(vec![KEY.into()]));
    assert_eq!(done.outputs["user"], text("ci"));
    assert_eq!(done.outputs["policy"], text("arn:aws-cn:iam::aws:policy/AWSDenyAll"));
}

/// What a user did is asked by its name; a role's session that is only called like it is nobody's, unless it is followed.
#[test]
fn a_session_that_is_called_like_the_user_counts_only_if_it_came_of_it() {
    let since = beginning();
    let mut used = event(plus_seconds(since, 600), "ListBuckets", None);
    used.key = Some(AccessKeyId::new("ASIACALLEDLIKEIT0000"));
    used.principal = Some(Arn::new("arn:aws:sts::123456789012:assumed-role/other/ci"));
    let estate = Estate { events: vec![used], ..Estate::default() };
    let watch = |sessions: &[&str]| {
        let sessions = Value::List(sessions.iter().map(|s| (*s).into()).collect());
        let regions = Value::List(vec!["eu-central-1".into()]);
        let mut bench = Bench::with(&[
            ("user", text("ci")),
            ("sessions", sessions),
            ("since", Value::Time(since)),
            ("regions", regions),
        ]);
        bench.now = plus_seconds(since, 4_000);
        estate.asked(&Quiet, &mut bench)
    };
    assert!(watch(&[]).is_ok(), "{:?}", watch(&[]));
    assert!(refused(watch(&["ASIACALLEDLIKEIT0000"])).starts_with("NOT CONTAINED"));
}

fn quiet(estate: &Estate, since: Timestamp, attested: Option<&str>) -> Result<Done, Need> {
    let regions = Value::List(vec!["eu-central-1".into(), "us-east-1".into()]);
    let mut bench = Bench::with(&[("key", text(KEY)), ("since", Value::Time(since)), ("regions", regions)]);
    bench.attested = attested.map(str::to_owned);
    estate.asked(&Quiet, &mut bench)
}

#[test]
fn quiet_is_half_an_hour_and_what_comes_late() {
    let ago = |s: i64| plus_seconds(beginning(), -s);
    let with = |events: Vec<TrailEvent>| Estate { events, ..Estate::default() };
    // not long enough yet, and it is looked at again within five minutes
    for (since, left) in [(0, 300), (44 * 60, 60), (45 * 60 - 1, 1)] {
        let Err(Need::Time { until, .. }) = quiet(&with(vec![]), ago(since), None) else { panic!("{since}") };
        assert_eq!(until, plus_seconds(beginning(), left));
    }
    let done = quiet(&with(vec![]), ago(45 * 60), None).unwrap().evidence.join("; ");
    assert!(done.contains("2 of 2 Regions") && done.contains("no event is no proof"), "{done}");
    // what was refused is counted and is no alarm, nor what nobody can deny, nor what got through at once
    let harmless = vec![
        event(ago(700), "GetObject", Some("NoSuchKey")),
        event(ago(600), "ListBuckets", Some("AccessDenied")),
        event(ago(500), "GetCallerIdentity", None),
        event(ago(45 * 60 - 100), "ListBuckets", None),
    ];
    let done = quiet(&with(harmless), ago(45 * 60), None).unwrap().evidence.join("; ");
    assert!(done.contains("1 attempt refused since"), "{done}");
    assert!(done.contains("does not show that they were denied (NoSuchKey)"), "{done}");
    assert!(done.contains("1 call still got through while the change spread"), "{done}");
    // a success is an alarm at once, even before the time is over
    let why = refused(quiet(&with(vec![event(ago(60), "PutObject", None)]), ago(1_200), None));
    assert!(why.starts_with("NOT CONTAINED: 1 call succeeded") && why.contains("PutObject"), "{why}");
    assert!(why.contains("\\x1b") && !why.contains('\u{1b}'), "{why:?}");
}

#[test]
fn a_region_that_does_not_answer_is_said_and_none_at_all_is_for_a_person() {
    let since = plus_seconds(beginning(), -45 * 60);
    let some = Estate { silent: &["us-east-1"], ..Estate::default() };
    let said = quiet(&some, since, None).unwrap().evidence.join("; ");
    assert!(said.contains("1 of 2 Regions") && said.contains("NOT LOOKED AT in us-east-1"), "{said}");
    let none = Estate { silent: &["us-east-1", "eu-central-1"], ..Estate::default() };
    assert!(matches!(quiet(&none, since, None), Err(Need::Person(_))));
    let said = quiet(&none, since, Some("the firewall's log")).unwrap().evidence.join("; ");
    assert!(said.contains("a person attests it: the firewall's log"), "{said}");
}

#[test]
fn sessions_are_stamped_by_the_clock_of_aws() {
    let stamp = |ahead_s: Option<i64>| {
        let estate = Estate { ahead_s, ..Estate::default() };
        let need = estate.asked(&Revoke, &mut Bench::with(&[("role", text("deploy"))])).unwrap_err();
        let Need::Consent(proposal) = need else { panic!("{need:?}") };
        let Act::Iam(IamAct::Contain(Contain::Revoke { before, policy, .. })) = &proposal.changes[0].act
        else {
            panic!("{proposal:?}")
        };
        assert_eq!(policy.wire(), "BartizanRevokeOlderSessions-7f3a0b1c");
        (*before, proposal.breaks.iter().any(|b| b.contains("machine's own")))
    };
    assert_eq!(stamp(Some(0)), (beginning(), false));
    assert_eq!(stamp(Some(90)), (plus_seconds(beginning(), -90), false));
    assert_eq!(stamp(None), (beginning(), true), "and that is said");
}

#[test]
fn nobody_revokes_the_role_they_work_as() {
    let estate = Estate { me: "arn:aws:sts::123456789012:assumed-role/deploy/alice", ..Estate::default() };
    let why = refused(estate.asked(&role::Evidence, &mut Bench::with(&[("role", text("deploy"))])));
    assert!(why.contains("you work as deploy yourself"), "{why}");
}

/// Every secret whose value was read is to be renewed, whoever of the credentials read it; a refused attempt read nothing.
#[test]
fn secrets_that_were_read_are_told_with_how_often_and_given_to_later_steps() {
    let ago = |s: i64| plus_seconds(beginning(), -s);
    let reads = |at: Timestamp, name: &str, secret: &str, error: Option<&str>| TrailEvent {
        secret: Some(secret.into()),
        target: Some(secret.into()),
        id: format!("{at}{secret}").into(),
        ..event(at, name, error)
    };
    let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/pay-a1B2c3";
    let events = vec![
        reads(ago(900), "GetSecretValue", "app/db main", None),
        reads(ago(800), "GetSecretValue", "app/db main", None),
        reads(ago(700), "GetSecretValue", "app/kept", Some("AccessDenied")),
        reads(ago(600), "GetSecretValue", arn, None),
        reads(ago(500), "GetSecretValue", "x\u{1b}[2J", None),
    ];
    let regions = Value::List(vec!["eu-central-1".into(), "us-east-1".into()]);
    let with = [("key", text(KEY)), ("user", text("ci")), ("regions", regions)];
    let asked = |estate: &Estate| estate.asked(&Sessions, &mut Bench::with(&with)).unwrap();
    let done = asked(&Estate { events, ..Estate::default() });
    let said = done.evidence.join("\n");
    for word in [
        "the value of the secret app/db main was read 2 times, the last GetSecretValue at 09:46:40 UTC",
        "secret-update --set 'secret=app/db main'",
        "app/pay-a1B2c3 was read once",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains("app/kept") && !said.contains('\u{1b}'), "{said}");
    let list = vec!["app/db main".into(), arn.into(), "x\u{1b}[2J".into()];
    assert_eq!(done.outputs["secrets"], Value::List(list));
    // none was read, or CloudTrail does not tell: the list is there, and empty
    let none = asked(&Estate { silent: &["us-east-1", "eu-central-1"], ..Estate::default() });
    assert_eq!(none.outputs["secrets"], Value::List(vec![]));
    assert!(none.evidence.iter().any(|e| e.starts_with("NOT LOOKED AT in eu-central-1")));
}
