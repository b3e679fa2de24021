//! The triage as tables: for each reason that AWS can have, where it is found and what is said to do; and that a question
//! which may not be asked is no finding. Whole runs are in the integration tests over the practice estate.

use super::boundary::Boundary;
use super::caller::Caller;
use super::identity::Identity;
use super::key::Key;
use super::resource::Resource;
use super::target::Target;
use crate::estate::ask::{iam, kms, lambda, secretsmanager, sqs, sts};
use crate::estate::*;
use crate::runbook::need::{Done, Fact, Need, Want};
use crate::runbook::testing::{Answers, Bench, beginning, seen};
use crate::runbook::value::Value;
use crate::runbook::verb::Verb;

const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/keys-AbCdEf";
const ROLE: &str = "arn:aws:iam::123456789012:role/app";
const GET: &str = "secretsmanager:GetSecretValue";

/// What the tables differ in.
#[derive(Clone)]
struct Estate {
    deletion: bool,
    there: bool,
    simulated: Result<(bool, bool, Option<bool>, Option<bool>), FaultKind>,
    policy: Option<&'static str>,
    key: Result<(bool, &'static str), FaultKind>,
    key_policy: &'static str,
}

impl Default for Estate {
    fn default() -> Self {
        Self {
            deletion: false,
            there: true,
            simulated: Ok((true, false, None, None)),
            policy: None,
            key: Ok((true, "Enabled")),
            key_policy: r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*"}}"#,
        }
    }
}

impl Estate {
    fn secret(&self) -> Secret {
        Secret {
            name: SecretName::new("app/keys"),
            arn: Arn::new(SECRET),
            description: None,
            created: None,
            last_changed: None,
            last_rotated: None,
            last_accessed: None,
            next_rotation: None,
            deletion_at: self.deletion.then(beginning),
            rotation_enabled: false,
            rotation_days: None,
            kms_key: Some("alias/app".into()),
            owning_service: None,
            primary_region: None,
            tags: vec![],
        }
    }

    fn of(&self, query: &Query) -> Result<Answer, Fault> {
        let fault = |kind: &FaultKind| Fault::new(kind.clone(), query.ask.operation().name, "said the table");
        Ok(match &query.ask {
            Ask::Sts(sts::Ask::GetCallerIdentity(_)) => {
                Answer::Sts(sts::Answer::GetCallerIdentity(Identity_ {
                    account: AccountId::new("123456789012").unwrap(),
                    arn: Arn::new("arn:aws:sts::123456789012:assumed-role/ops/alice"),
                    user_id: "x".into(),
                    key: None,
                    ahead_s: None,
                }))
            }
            Ask::SecretsManager(secretsmanager::Ask::DescribeSecret(_)) if !self.there => {
                return Err(fault(&FaultKind::NotFound));
            }
            Ask::SecretsManager(secretsmanager::Ask::DescribeSecret(_)) => {
                Answer::SecretsManager(secretsmanager::Answer::DescribeSecret(self.secret()))
            }
            Ask::SecretsManager(secretsmanager::Ask::ListSecrets(_)) => {
                Answer::SecretsManager(secretsmanager::Answer::ListSecrets(vec![self.secret()]))
            }
            Ask::SecretsManager(secretsmanager::Ask::GetResourcePolicy(_)) => Answer::SecretsManager(
                secretsmanager::Answer::GetResourcePolicy(self.policy.map(Untrusted::from)),
            ),
            Ask::Iam(iam::Ask::SimulatePrincipalPolicy(q)) => {
                let (allowed, explicit, boundary, organization) =
                    self.simulated.clone().map_err(|kind| fault(&kind))?;
                Answer::Iam(iam::Answer::SimulatePrincipalPolicy(vec![Simulated {
                    action: q.actions[0].clone(),
                    resource: q.resources[0].clone(),
                    allowed,
                    explicit,
                    boundary,
                    organization,
                }]))
            }
            Ask::Kms(kms::Ask::DescribeKey(_)) => {
                let (enabled, state) = self.key.clone().map_err(|kind| fault(&kind))?;
                Answer::Kms(kms::Answer::DescribeKey(KmsKey {
                    arn: Arn::new("arn:aws:kms:eu-central-1:123456789012:key/k"),
                    enabled,
                    state: state.into(),
                    deletion_at: None,
                    aws_managed: false,
                }))
            }
            Ask::Kms(kms::Ask::GetKeyPolicy(_)) => {
                Answer::Kms(kms::Answer::GetKeyPolicy(self.key_policy.into()))
            }
            other => panic!("{other:?}"),
        })
    }

    fn asked(&self, verb: &dyn Verb, with: &[(&str, &str)]) -> Result<Done, Need> {
        let with: Vec<_> = with.iter().map(|(k, v)| (*k, Value::Text((*v).into()))).collect();
        let mut world = Answers(|want: &Want| {
            let (Want::Pages(query) | Want::Try(query)) = want else { panic!("{want:?}") };
            Fact::Pages(self.of(query).map(|answer| seen(vec![answer], beginning())))
        });
        Bench::with(&with).next(verb, &mut world)
    }

    fn said(&self, verb: &dyn Verb) -> String {
        let with = [("principal", ROLE), ("action", GET), ("resource", SECRET), ("key", "alias/app")];
        self.asked(verb, &with).unwrap().evidence.join("\n")
    }
}

use crate::estate::Identity as Identity_;

#[test]
fn the_message_says_who_what_and_on_what() {
    let message = format!(
        "User: arn:aws:sts::123456789012:assumed-role/app/i-1\u{1b}[2J is not authorized to perform: {GET} on resource: \
         {SECRET} because no identity-based policy allows it"
    );
    let done = Estate::default().asked(&Caller, &[("message", &message)]).unwrap();
    assert_eq!(done.outputs["principal"], Value::Text(ROLE.into()));
    assert_eq!(done.outputs["resource"], Value::Text(SECRET.into()));
    assert_eq!(done.outputs["reason"], Value::Text("identity".into()));
    assert!(!done.evidence.join("").contains('\u{1b}'));
    // what is said beside it comes first, and who is not said is whoever looks
    let bare = [("message", "Access to KMS is not allowed"), ("action", GET), ("resource", "app/keys")];
    let done = Estate::default().asked(&Caller, &bare).unwrap();
    assert_eq!(done.outputs["principal"], Value::Text("arn:aws:iam::123456789012:role/ops".into()));
    assert_eq!(done.outputs["kms"], Value::Flag(true));
    for (message, word) in [
        ("Access to KMS is not allowed", "--set action="),
        ("not authorized to perform: s3:GetObject", "--set resource="),
        (
            "User: arn:aws:iam::999999999999:user/x is not authorized to perform: s3:Get on resource: x",
            "another account",
        ),
        (
            "User: arn:aws:iam::123456789012:root is not authorized to perform: s3:Get on resource: x",
            "root user",
        ),
    ] {
        let Err(Need::Refuse(why)) = Estate::default().asked(&Caller, &[("message", message)]) else {
            panic!("{message}")
        };
        assert!(why.contains(word), "{why}");
    }
}

#[test]
fn the_thing_itself() {
    let of = |estate: &Estate, resource: &str| {
        estate.asked(&Target, &[("resource", resource)]).unwrap().evidence.join("\n")
    };
    let good = of(&Estate::default(), SECRET);
    assert!(!good.contains("FOUND") && good.contains("not marked for deletion"), "{good}");
    let deleted = of(&Estate { deletion: true, ..Estate::default() }, SECRET);
    assert!(
        deleted.contains("FOUND: it is marked for deletion") && deleted.contains("restore-secret"),
        "{deleted}"
    );
    let part = SECRET.strip_suffix("-AbCdEf").unwrap();
    assert!(of(&Estate::default(), part).contains("-??????"), "{}", of(&Estate::default(), part));
    assert!(of(&Estate::default(), "app/keys").contains("MAY BE IT"));
    let again = of(&Estate { there: false, ..Estate::default() }, &SECRET.replace("AbCdEf", "ZyXwVu"));
    assert!(again.contains("made again under the same name"), "{again}");
    let elsewhere = of(&Estate::default(), &SECRET.replace("eu-central-1", "us-east-1"));
    assert!(elsewhere.contains("--region us-east-1"), "{elsewhere}");
}

#[test]
fn policies_in_the_order_in_which_they_decide() {
    let with = |simulated| Estate { simulated: Ok(simulated), ..Estate::default() };
    for (simulated, verb, word) in [
        ((true, false, None, None), &Identity as &dyn Verb, "not it: the policies"),
        ((false, true, None, None), &Identity, "FOUND: a policy"),
        ((false, false, None, None), &Identity, "FOUND: no policy"),
        ((false, false, Some(false), None), &Identity, "MAY BE IT"),
        ((false, false, Some(false), None), &Boundary, "FOUND: the permissions boundary"),
        ((false, false, Some(true), Some(false)), &Boundary, "FOUND: a policy of the organization"),
        ((true, false, Some(true), Some(true)), &Boundary, "not it: the permissions boundary allows"),
    ] {
        let said = with(simulated).said(verb);
        assert!(said.contains(word), "{simulated:?}: {said}");
    }
    let blamed = [("principal", ROLE), ("action", GET), ("resource", SECRET), ("reason", "organization")];
    let said = Estate::default().asked(&Boundary, &blamed).unwrap().evidence.join("\n");
    assert!(said.contains("FOUND: the message says that a policy of the organization"), "{said}");
    let none = Estate::default().said(&Resource);
    assert!(none.contains("not it: it has no resource policy"), "{none}");
    let deny = r#"{"Statement":{"Sid":"Net","Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}}"#;
    let said = Estate { policy: Some(deny), ..Estate::default() }.said(&Resource);
    assert!(said.contains("MAY BE IT: statement Net") && said.contains("that VPC endpoint"), "{said}");
}

#[test]
fn the_key() {
    let good = Estate::default().said(&Key);
    assert!(!good.contains("FOUND") && !good.contains("MAY BE"), "{good}");
    for (estate, word) in [
        (Estate { key: Ok((false, "Disabled")), ..Estate::default() }, "enable-key"),
        (Estate { key: Ok((false, "PendingDeletion")), ..Estate::default() }, "cancel-key-deletion"),
        (Estate { key: Err(FaultKind::NotFound), ..Estate::default() }, "FOUND: there is no key"),
        (Estate { key_policy: r#"{"Statement":[]}"#, ..Estate::default() }, "do nothing, nor the account"),
        (
            Estate {
                key_policy: r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Condition":{"StringEquals":{"kms:ViaService":"sqs.us-east-1.amazonaws.com"}}}}"#,
                ..Estate::default()
            },
            "another service or Region only",
        ),
        (Estate { simulated: Ok((false, false, None, None)), ..Estate::default() }, "MAY BE IT: no policy"),
    ] {
        let said = estate.said(&Key);
        assert!(said.contains(word), "{word}: {said}");
    }
    let none = [("principal", ROLE), ("resource", SECRET)];
    let said = Estate::default().asked(&Key, &none).unwrap().evidence.join("");
    assert!(said.contains("AWS's own key stands in nobody's way"), "{said}");
}

#[test]
fn what_may_not_be_asked_is_no_finding() {
    let denied = FaultKind::Denied { action: "iam:SimulatePrincipalPolicy".into(), resource: None };
    let blind = Estate { simulated: Err(denied), ..Estate::default() };
    for verb in [&Identity as &dyn Verb, &Boundary] {
        let said = blind.said(verb);
        assert!(said.starts_with("not known") && !said.contains("FOUND"), "{said}");
    }
}

const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:orders";
const FUNCTION: &str = "arn:aws:lambda:eu-central-1:123456789012:function:handler:live";

/// An estate with one queue and one function, whose policies are these.
fn of_others(query: &Query, policy: Option<&str>, key: Option<&str>) -> Result<Answer, Fault> {
    let url = QueueUrl::new("https://sqs.eu-central-1.amazonaws.com/123456789012/orders");
    let missing = Fault::new(FaultKind::NotFound, query.ask.operation().name, "said the table");
    Ok(match &query.ask {
        Ask::Sqs(sqs::Ask::ListQueues(_)) => Answer::Sqs(sqs::Answer::ListQueues(vec![url])),
        Ask::Sqs(sqs::Ask::GetQueueAttributes(_)) => {
            Answer::Sqs(sqs::Answer::GetQueueAttributes(QueueFacts {
                arn: Arn::new(QUEUE),
                messages: None,
                in_flight: None,
                delayed: None,
                retention_s: None,
                visibility_s: None,
                created: None,
                redrive: None,
                redrive_allow: None,
                policy: policy.map(Into::into),
                fifo: false,
                encryption: key.map_or(Encryption::None, |key| Encryption::Kms(key.into())),
            }))
        }
        Ask::Lambda(lambda::Ask::GetPolicy(q)) => {
            assert_eq!(
                (q.function.wire(), q.qualifier.as_ref().map(|q| q.wire())),
                ("handler", Some("live"))
            );
            Answer::Lambda(lambda::Answer::GetPolicy(policy.map(Into::into)))
        }
        Ask::Lambda(lambda::Ask::GetFunctionConcurrency(q)) if q.function.wire() == "handler" => {
            Answer::Lambda(lambda::Answer::GetFunctionConcurrency(None))
        }
        Ask::Lambda(lambda::Ask::GetFunctionConcurrency(_)) => return Err(missing),
        other => panic!("{other:?}"),
    })
}

fn said_of(verb: &dyn Verb, resource: &str, who: &str, policy: Option<&str>, key: Option<&str>) -> Done {
    let mut world = Answers(|want: &Want| {
        let (Want::Pages(query) | Want::Try(query)) = want else { panic!("{want:?}") };
        Fact::Pages(of_others(query, policy, key).map(|answer| seen(vec![answer], beginning())))
    });
    let with = [("principal", who), ("action", "sqs:SendMessage"), ("resource", resource)];
    let with: Vec<_> = with.iter().map(|(k, v)| (*k, Value::Text((*v).into()))).collect();
    Bench::with(&with).next(verb, &mut world).unwrap()
}

#[test]
fn policies_of_queues_and_functions() {
    const DENY: &str = r#"{"Statement":{"Sid":"Shut","Effect":"Deny","Principal":"*","Action":"*"}}"#;
    const ALLOW: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/app"},"Action":"*"}}"#;
    const STRANGER: &str = "arn:aws:iam::999999999999:role/app";
    for resource in [QUEUE, FUNCTION] {
        for (who, policy, word) in [
            (ROLE, Some(DENY), "FOUND: statement Shut"),
            (ROLE, Some(ALLOW), "not it: its resource policy allows it"),
            (ROLE, None, "not it: it has no resource policy"),
            (STRANGER, None, "FOUND: it has no resource policy"),
            (STRANGER, Some(ALLOW), "FOUND: its resource policy says nothing of"),
            (ROLE, Some("no policy"), "not known: its resource policy is no policy document"),
        ] {
            let said = said_of(&Resource, resource, who, policy, None).evidence.join("\n");
            assert!(said.contains(word), "{resource} {who} {policy:?}: {said}");
        }
    }
    let gone = said_of(&Resource, "arn:aws:sqs:eu-central-1:123456789012:other", ROLE, None, None);
    assert!(gone.evidence[0].contains("what is not there has no policy"), "{gone:?}");
    let topic = said_of(&Resource, "arn:aws:sns:eu-central-1:123456789012:t", ROLE, None, None);
    assert!(topic.evidence[0].starts_with("not known") && topic.evidence[0].contains("get-topic-attributes"));
    let key = said_of(&Resource, "arn:aws:kms:eu-central-1:123456789012:key/k", ROLE, None, None);
    assert!(key.evidence[0].contains("with the key"), "{key:?}");
    let bucket = said_of(&Resource, "arn:aws:s3:::b", ROLE, None, None);
    assert!(bucket.evidence[0].starts_with("not known"), "{bucket:?}");
}

#[test]
fn queues_and_functions_are_there_or_not() {
    let target = |resource: &str, key: Option<&str>| said_of(&Target, resource, ROLE, None, key);
    assert!(target(QUEUE, None).evidence[0].contains("the queue is there"));
    let keyed = target(QUEUE, Some("alias/q"));
    assert_eq!(keyed.outputs["key"], Value::Text("alias/q".into()), "its key is what is looked at next");
    assert!(
        target("arn:aws:sqs:eu-central-1:123456789012:x", None).evidence[0]
            .contains("FOUND: there is no queue")
    );
    assert!(target(FUNCTION, None).evidence[0].contains("the function is there"));
    let other = target("arn:aws:lambda:eu-central-1:123456789012:function:other", None);
    assert!(other.evidence[0].contains("FOUND: there is no function"), "{other:?}");
}
