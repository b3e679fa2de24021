//! The sweep as tables: what lists show and CloudTrail does not, who made it as far as that is known, what has become of it,
//! and that a list which does not answer is said. Whole runs are in the integration tests over the practice estate.

mod world;

use self::world::{BOB, Estate, KEY, ME, ago, event, machine, old, role, user};
use crate::estate::*;
use crate::runbook::found::Found;
use crate::runbook::value::Value;

/// With a trail that writes, so that nothing is to be said.
fn calm() -> Estate {
    Estate { trail: Some((true, None)), ..Estate::default() }
}

#[track_caller]
fn tells(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{word}:\n{said}");
    }
}

#[test]
fn everything_that_lists_date_is_a_finding_with_what_contains_it() {
    let who = Authorization {
        users: vec![user("helper", ago(60), &[]), user("bob", old(), &[])],
        roles: vec![
            role("support", "/", ago(50), "arn:aws:iam::999999999999:root", &[]),
            role("AWSServiceRoleForX", "/aws-service-role/x/", ago(50), "x", &[]),
            role("app", "/", old(), "arn:aws:iam::123456789012:root", &[]),
        ],
        policies: vec![
            PolicyDetail {
                name: PolicyName::new("grants"),
                arn: Arn::new("arn:aws:iam::123456789012:policy/grants"),
                created: old(),
                updated: ago(40),
            },
            PolicyDetail {
                name: PolicyName::new("quiet"),
                arn: Arn::new("arn:aws:iam::123456789012:policy/quiet"),
                created: old(),
                updated: old(),
            },
        ],
    };
    let estate = Estate {
        who,
        keys: vec![
            ("helper", "AKIAHELPERHELPERHELP", true, ago(59)),
            ("bob", "AKIABOBSECONDKEY0000", true, ago(30)),
            ("bob", "AKIABOBOLDKEY0000000", true, old()),
        ],
        passwords: vec![("bob", ago(29)), ("helper", None)],
        functions: vec![("tick", ago(20)), ("tock", old())],
        urls: vec![("tock", "NONE", ago(19)), ("tick", "AWS_IAM", old())],
        layers: vec![("extra", ago(18)), ("base", old())],
        instances: vec![machine("i-new", "running", ago(10), None), machine("i-old", "running", old(), None)],
        providers: vec![("evil", ago(9)), ("corp", old())],
        trail: Some((false, ago(8))),
        ..Estate::default()
    };
    let done = estate.swept(&[]);
    let said = done.evidence.join("\n");
    // Each is in the record as data, too, with the very words.
    let Some(Value::Findings(found)) = done.outputs.get("findings") else { panic!("{:?}", done.outputs) };
    let sentences: Vec<&String> = done.evidence.iter().filter(|e| e.starts_with(Found::MARK)).collect();
    assert_eq!(sentences, found.iter().map(Found::sentence).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    assert!(found.iter().all(|f| !f.name.is_empty() && f.at.is_some()), "{found:#?}");
    assert_eq!(done.outputs.get("whole"), Some(&Value::Flag(true)));
    tells(
        &said,
        &[
            "12 findings: contain each",
            "FINDING: the user helper was made 17 Nov 2026, 09:00 UTC (not known by whom: no event was found)",
            "`bartizan runbook start iam-user-compromised --set user=helper`",
            "`bartizan runbook start iam-key-compromised --set key=AKIAHELPERHELPERHELP`",
            "the access key AKIABOBSECONDKEY0000 of the user bob was made",
            "a console password of the user bob was made",
            "the role support, which trusts arn:aws:iam::999999999999:root, was made",
            "role-sessions-revoked --set role=support",
            "the policy grants was written",
            "the function tick was made or changed in eu-central-1",
            "function-isolated --set function=tick",
            "a URL that anybody may call of the function tock",
            "delete-function-url-config --function-name tock --region eu-central-1",
            "the layer extra was published",
            "the instance i-new (p4d.24xlarge, key pair his\\x1b[2J) was started",
            "stop-instances --instance-ids i-new --region eu-central-1",
            "saml-provider/evil was made",
            "the trail main was told to stop",
            "aws cloudtrail start-logging --name main",
        ],
    );
    for word in ["QUIET", "AKIABOBOLDKEY", "quiet", "i-old", "corp", "base", "AWSServiceRole", "role app"] {
        assert!(!said.contains(word), "{word}:\n{said}");
    }
    assert!(!said.contains('\u{1b}'));
    let list = |name: &str| match &done.outputs[name] {
        Value::List(all) => all.iter().map(|t| t.wire().to_owned()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(list("users"), ["helper", "bob"]);
    assert_eq!(list("keys"), ["AKIAHELPERHELPERHELP", "AKIABOBSECONDKEY0000"]);
    assert_eq!(
        (list("roles"), list("functions")),
        (vec!["support".into()], vec!["tick".into(), "tock".into()])
    );
}

#[test]
fn what_an_event_and_a_list_tell_of_one_thing_is_one_finding() {
    let mut made = event(ago(59), "CreateAccessKey", BOB, KEY, Some("helper"));
    made.minted = Some(Minted::Key {
        key: AccessKeyId::new("AKIAHELPERHELPERHELP"),
        user: Some(UserName::new("helper")),
    });
    let estate = Estate {
        who: Authorization { users: vec![user("helper", ago(60), &[])], ..Authorization::default() },
        keys: vec![("helper", "AKIAHELPERHELPERHELP", true, ago(59))],
        instances: vec![machine("i-new", "running", ago(10), None)],
        events: vec![
            event(ago(60), "CreateUser", BOB, KEY, Some("helper")),
            event(ago(58), "AttachUserPolicy", BOB, KEY, Some("helper")),
            made,
            event(ago(11), "RunInstances", BOB, KEY, None),
        ],
        ..calm()
    };
    let said = estate.said();
    tells(
        &said,
        &[
            "3 findings",
            "user/bob made a user helper (CreateUser at 09:00:00 UTC",
            "and 1 event after it, the last AttachUserPolicy",
            "user/bob made an access key AKIAHELPERHELPERHELP",
            "user/bob started instances i-new (RunInstances",
        ],
    );
    assert_eq!(said.matches("FINDING").count(), 3, "{said}");
}

#[test]
fn who_made_what_only_a_list_shows_is_looked_up_by_its_name() {
    // by the operator, who uses none of the credentials in question; by a colleague; by nobody that is known
    let mine = event(ago(30), "CreateRole", ME, "ASIAMINE", Some("mine"));
    let his = event(ago(30), "CreateRole", BOB, "AKIABOBS", Some("his"));
    let roles = ["mine", "his", "nobodys"].map(|name| role(name, "/", ago(30), "123456789012", &[]));
    let estate = Estate {
        who: Authorization { roles: roles.to_vec(), ..Authorization::default() },
        events: vec![mine.clone(), his],
        ..calm()
    };
    let said = estate.said();
    tells(
        &said,
        &[
            "2 findings",
            "KNOWN: arn:aws:sts::123456789012:assumed-role/ops/alice made a role mine",
            "you did it yourself",
            "FINDING: arn:aws:iam::123456789012:user/bob made a role his",
            "FINDING: the role nobodys",
        ],
    );
    // with a credential that is in question nobody is the operator
    let stolen = event(ago(30), "CreateRole", ME, KEY, Some("mine"));
    let stolen = Estate { events: vec![stolen], ..estate.clone() };
    tells(
        &stolen.said(),
        &["3 findings", "FINDING: arn:aws:sts::123456789012:assumed-role/ops/alice made a role mine"],
    );
    // what a person has found rightful does not count
    let done = estate.swept(&["his", "nobodys"]);
    tells(
        &done.evidence.join("\n"),
        &["QUIET: of 3 things", "KNOWN: arn:aws:iam::123456789012:user/bob made a role his"],
    );
    assert_eq!(done.outputs["roles"], Value::List(vec![]));
}

#[test]
fn what_is_contained_or_gone_does_not_count() {
    let mut made = event(ago(50), "CreateAccessKey", BOB, KEY, Some("gone"));
    made.minted = Some(Minted::Key {
        key: AccessKeyId::new("AKIAGONE000000000000"),
        user: Some(UserName::new("gone")),
    });
    let estate = Estate {
        who: Authorization {
            users: vec![
                user("helper", ago(60), &["AWSDenyAll"]),
                user("bob", old(), &["AdministratorAccess"]),
            ],
            roles: vec![role("support", "/", ago(60), "*", &["AWSDenyAll"])],
            ..Authorization::default()
        },
        keys: vec![
            ("helper", "AKIAHELPERHELPERHELP", true, ago(59)),
            ("bob", "AKIABOBSECONDKEY0000", false, ago(30)),
        ],
        instances: vec![
            machine("i-stopped", "stopped", ago(10), None),
            machine("i-dead", "terminated", ago(9), None),
        ],
        events: vec![
            event(ago(60), "CreateUser", BOB, KEY, Some("gone")),
            made,
            event(ago(55), "CreateLoginProfile", BOB, KEY, Some("bob")),
            event(ago(54), "UpdateFunctionCode20150331v2", BOB, KEY, Some("deleted")),
            event(
                ago(53),
                "StopLogging",
                BOB,
                KEY,
                Some("arn:aws:cloudtrail:eu-central-1:123456789012:trail/main"),
            ),
        ],
        ..calm()
    };
    let said = estate.said();
    tells(
        &said,
        &[
            "QUIET: of 10 things that one could have come back by none is open",
            "everything is denied to helper",
            "CONTAINED: the access key AKIABOBSECONDKEY0000",
            "it is inactive",
            "everything is denied to support",
            "the instance i-stopped",
            "it writes again",
            "GONE: arn:aws:iam::123456789012:user/bob made a user gone",
            "GONE: arn:aws:iam::123456789012:user/bob made an access key AKIAGONE000000000000",
            "GONE: arn:aws:iam::123456789012:user/bob set a console password of bob",
            "GONE: arn:aws:iam::123456789012:user/bob made or changed a function deleted",
        ],
    );
    assert!(!said.contains("FINDING") && !said.contains("i-dead"), "{said}");
    // a trail whose settings were touched is not as before because it writes
    let touched = event(ago(53), "PutEventSelectors", BOB, KEY, Some("main"));
    tells(&Estate { events: vec![touched], ..calm() }.said(), &["1 finding:", "TOUCHED LOGGING"]);
}

#[test]
fn what_does_not_answer_is_said_and_nothing_is_called_gone_for_it() {
    let estate = Estate {
        events: vec![
            event(ago(60), "CreateUser", BOB, KEY, Some("helper")),
            event(ago(54), "UpdateFunctionCode20150331v2", BOB, KEY, Some("tick")),
        ],
        keys: vec![("helper", "AKIAHELPERHELPERHELP", true, ago(59))],
        denied: &[
            "iam:GetAccountAuthorizationDetails",
            "lambda:ListFunctions",
            "ec2:DescribeInstances",
            "cloudtrail:GetTrailStatus",
        ],
        ..calm()
    };
    let done = estate.swept(&[]);
    assert_eq!(done.outputs.get("whole"), Some(&Value::Flag(false)));
    let said = done.evidence.join("\n");
    tells(
        &said,
        &[
            "3 findings",
            "NOT LOOKED AT: users, roles and policies: denied: iam:GetAccountAuthorizationDetails",
            "NOT LOOKED AT: functions (eu-central-1, us-west-2): denied",
            "NOT LOOKED AT: instances (eu-central-1, us-west-2): denied",
            "NOT LOOKED AT: whether trails write (main): denied",
            "the access key AKIAHELPERHELPERHELP of the user helper",
        ],
    );
    assert!(!said.contains("GONE"), "{said}");
    let quiet = Estate { events: vec![], ..estate }.said();
    tells(&quiet, &["QUIET: nothing was made that one could come back by, as far as it could be looked at"]);
    let nobody = Estate { events: vec![], denied: &["cloudtrail:LookupEvents"], ..calm() };
    tells(&nobody.said(), &["QUIET", "as far as it could be looked at", "NOT LOOKED AT in eu-central-1"]);
}

#[test]
fn what_is_older_or_without_a_date_is_for_a_person_to_know() {
    let estate = Estate {
        who: Authorization {
            roles: vec![
                role("vendor", "/", old(), "arn:aws:iam::999999999999:root", &[]),
                role("everybody", "/", old(), "*", &[]),
                role("own", "/", old(), "arn:aws:iam::123456789012:root", &[]),
            ],
            ..Authorization::default()
        },
        functions: vec![("tock", old())],
        urls: vec![("tock", "NONE", old())],
        instances: vec![machine("i-scaled", "running", ago(5), Some("web"))],
        trail: Some((false, old())),
        ..Estate::default()
    };
    let said = estate.said();
    tells(
        &said,
        &[
            "QUIET: nothing was made",
            "LOOK AT: older trust in others than this account (2 roles): vendor (trusts arn:aws:iam::999999999999:root), \
             everybody (trusts *)",
            "LOOK AT: older URLs that anybody may call (1 function): tock in eu-central-1",
            "LOOK AT: started since by Auto Scaling (1 instance): i-scaled in eu-central-1 (of the group web)",
            "LOOK AT: the trail main in eu-central-1 writes nothing, since",
            "lists have no date for what was attached",
        ],
    );
    tells(&Estate::default().said(), &["LOOK AT: there is no trail"]);
    assert!(!calm().said().contains("LOOK AT"));
}

#[test]
fn rules_of_event_bridge_stand_without_a_date_and_those_that_cloudtrail_tells_of_are_findings() {
    let rules =
        vec![("keeps-in", "ENABLED"), ("report", "ENABLED"), ("old", "DISABLED"), ("aws-own", "ENABLED")];
    let events = vec![
        event(ago(30), "PutRule", BOB, "AKIAOTHEROTHEROTHER0", Some("keeps-in")),
        event(ago(29), "PutTargets", BOB, KEY, Some("keeps-in")),
        event(ago(28), "PutRule", BOB, KEY, Some("old")),
        event(ago(27), "PutRule", BOB, KEY, Some("deleted")),
    ];
    let said = Estate { rules: rules.clone(), events: events.clone(), ..calm() }.said();
    tells(
        &said,
        &[
            "1 finding:",
            "FINDING: arn:aws:iam::123456789012:user/bob made or changed the rule keeps-in",
            "`aws events disable-rule --name keeps-in --region eu-central-1`, then look at what it sends to",
            "CONTAINED: arn:aws:iam::123456789012:user/bob made or changed the rule old",
            "it is disabled",
            "GONE: arn:aws:iam::123456789012:user/bob made or changed the rule deleted",
            "LOOK AT: rules of EventBridge that stand; when they were made is not known, but for those of which CloudTrail tells \
             above (2 rules): keeps-in in eu-central-1 (rate(5 minutes)",
            "to arn:aws:lambda:eu-central-1:123456789012:function:of-report)",
        ],
    );
    assert!(!said.contains("aws-own") && !said.contains('\u{1b}'), "{said}");
    let denied = Estate { rules, events, denied: &["events:ListRules"], ..calm() }.said();
    tells(&denied, &["NOT LOOKED AT: rules of EventBridge (eu-central-1, us-west-2): denied"]);
    assert!(!denied.contains("GONE"), "{denied}");
    let targets =
        Estate { rules: vec![("x", "ENABLED")], denied: &["events:ListTargetsByRule"], ..calm() }.said();
    tells(
        &targets,
        &["x in eu-central-1 (rate(5 minutes)", "to ? not readable)", "NOT LOOKED AT: where rules"],
    );
}
