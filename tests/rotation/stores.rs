//! A whole rotation for each kind of store: what it leaves behind, what it says, and what its journal holds.

use crate::bed::{Bed, answer, calls, done, given, go_until, rotation, said};
use bartizan::estate::ask::{apigateway, iam, lambda, secretsmanager};
use bartizan::estate::*;
use bartizan::runbook::{Halt, Value};

/// Inputs by name.
type Given<'a> = &'a [(&'a str, &'a str)];

pub const CANARY: &str = "https://q7w2m5k9ra.execute-api.us-east-1.amazonaws.com/prod/logs";
pub const BOTH: &[(&str, &str)] = &[
    ("store", "api-gateway,lambda-env"),
    ("function", "logapi-handler"),
    ("variable", "API_KEYS"),
    ("old", "k8d3v6z1xq"),
    ("canary_url", CANARY),
];
pub const ALIASED: &[(&str, &str)] = &[
    ("store", "lambda-env"),
    ("function", "mongo-api-prod-authorizer"),
    ("variable", "API_KEYS"),
    ("alias", "live"),
    ("old", "1"),
    ("canary_url", "https://m3n8b4v6tz.execute-api.us-east-1.amazonaws.com/prod/"),
];
pub const SECRET: &[(&str, &str)] =
    &[("store", "secret"), ("secret", "omnitrack/api-keys"), ("field", "externalApiKey")];
pub const USER: &[(&str, &str)] =
    &[("store", "iam-user"), ("user", "logapi-exporter"), ("target_secret", "logapi/exporter")];
pub const GATEWAY: &[(&str, &str)] = &[("store", "api-gateway"), ("old", "k8d3v6z1xq")];

/// The other variables, as text.
async fn others(bed: &Bed, function: &str) -> serde_json::Value {
    let mut all = bed.environment(function, None).await;
    all.as_object_mut().unwrap().remove("API_KEYS").unwrap();
    all
}

pub async fn gateway_key(bed: &Bed, id: &str) -> String {
    bed.text(&MaterialSource::ApiKey { key: ApiKeyId::new(id) }).await
}

pub async fn new_key(bed: &Bed, run: &RunId) -> ApiKey {
    let keys = bed.all(apigateway::GetApiKeys { name_prefix: Some(run.label().into()) }).await.unwrap();
    let [key] = keys.try_into().expect("one key of the run's name");
    key
}

#[tokio::test]
async fn one_key_in_two_stores() {
    let bed = Bed::of("logapi").await;
    let (old, before) = (gateway_key(&bed, "k8d3v6z1xq").await, others(&bed, "logapi-handler").await);
    let keys = bed.variable("logapi-handler", None, "API_KEYS").await;
    let backup = keys.strip_prefix(&format!("{old},")).unwrap().to_owned();
    let mut live = bed.start(BOTH).await;
    let run = live.run().id.clone();

    let halt = go_until(&bed, &mut live, Some("create")).await;
    assert_eq!(halt, Halt::Reached("create".into()));
    let key = new_key(&bed, &run).await;
    assert!(!key.enabled, "it admits nobody yet");
    let new = gateway_key(&bed, key.id.wire()).await;
    assert_eq!(new.len(), 40);

    go_until(&bed, &mut live, Some("canary")).await;
    assert_eq!(bed.variable("logapi-handler", None, "API_KEYS").await, format!("{old},{new},{backup}"));
    assert!(said(&live, "canary").contains("new 200, old 200"), "{}", said(&live, "canary"));
    assert!(said(&live, "enable").contains("partner"), "{}", said(&live, "enable"));

    done(&bed, &mut live).await;
    assert_eq!(bed.variable("logapi-handler", None, "API_KEYS").await, format!("{new},{backup}"));
    assert_eq!(others(&bed, "logapi-handler").await, before, "every other variable is as it was");
    let gone = bed.all(apigateway::GetApiKey { key: ApiKeyId::new("k8d3v6z1xq") }).await.unwrap_err();
    assert_eq!(gone.kind, FaultKind::NotFound);
    assert!(new_key(&bed, &run).await.enabled);
    let plans = bed.all(apigateway::GetUsagePlans { key: Some(key.id.clone()) }).await.unwrap();
    let mut names: Vec<_> = plans.iter().map(|p| p.name.wire()).collect();
    names.sort_unstable();
    assert_eq!(names, ["internal", "partner"]);
    assert!(said(&live, "refused").contains("403"), "{}", said(&live, "refused"));
    assert!(said(&live, "unused").contains("no call with the old key"), "{}", said(&live, "unused"));
    assert_eq!(calls(&bed, &run, "apigateway:CreateApiKey").await, 1);
    assert_eq!(calls(&bed, &run, "lambda:UpdateFunctionConfiguration").await, 2);
    let journal = bed.journal(&run);
    for value in [&old, &new, &backup] {
        assert!(!journal.contains(value.as_str()), "a key is in the journal");
    }
}

#[tokio::test]
async fn a_gateway_key_alone() {
    let bed = Bed::of("logapi").await;
    let mut live = bed.start(GATEWAY).await;
    let run = live.run().id.clone();
    // The function behind this gateway knows nothing of the new key, so the clients stay where they are.
    let until = loop {
        match live.go(None).await.unwrap() {
            Halt::Time { step, until, accepts, why } if step == "unused" => {
                assert_eq!(accepts, ["override"]);
                assert!(why.contains("calls with the old key"), "{why}");
                break until;
            }
            halt => assert!(answer(&bed, &mut live, &halt).await, "{halt:?}"),
        }
    };
    assert!(until > bed.clock.now());
    live.set("override", Value::Text("the function comes next week".into())).await.unwrap();
    done(&bed, &mut live).await;
    assert!(said(&live, "unused").contains("gone on because: the function comes next week"));
    assert!(new_key(&bed, &run).await.enabled);
    let gone = bed.all(apigateway::GetApiKey { key: ApiKeyId::new("k8d3v6z1xq") }).await.unwrap_err();
    assert_eq!(gone.kind, FaultKind::NotFound);
    assert!(said(&live, "preconditions").contains("there is no canary"));
}

#[tokio::test]
async fn a_variable_behind_an_alias() {
    let bed = Bed::of("mongo-api").await;
    let function = "mongo-api-prod-authorizer";
    let keys = bed.variable(function, None, "API_KEYS").await;
    let (old, web) = keys.split_once(", ").unwrap();
    let before = others(&bed, function).await;
    let mut live = bed.start(ALIASED).await;
    done(&bed, &mut live).await;
    let now = bed.variable(function, None, "API_KEYS").await;
    let (new, rest) = now.split_once(", ").unwrap();
    assert_eq!((new.len(), rest), (40, web), "{now}");
    assert_ne!(new, old);
    assert_eq!(others(&bed, function).await, before);
    let aliases = bed.all(lambda::ListAliases { function: FunctionName::new(function) }).await.unwrap();
    let served = &aliases.iter().find(|a| a.name.wire() == "live").unwrap().version;
    assert_eq!(bed.variable(function, Some(served.wire()), "API_KEYS").await, now, "the alias serves it");
    let other = &aliases.iter().find(|a| a.name.wire() == "canary").unwrap().version;
    assert_eq!(other.wire(), "6", "other aliases stay");
    let named = said(&live, "remove");
    assert!(named.contains("alias canary still serves version 6"), "{named}");
    assert!(said(&live, "unused").contains("a person attests"), "{}", said(&live, "unused"));
}

#[tokio::test]
async fn an_alias_is_asked_for_where_there_are_several() {
    let bed = Bed::of("mongo-api").await;
    let inputs: Vec<_> = ALIASED.iter().filter(|(k, _)| *k != "alias").copied().collect();
    let mut live = bed.start(&inputs).await;
    let halt = live.go(None).await.unwrap();
    let Halt::Person { step, question } = &halt else { panic!("{halt:?}") };
    assert_eq!((step.as_str(), question.accepts.as_slice()), ("preconditions", &["alias".to_owned()][..]));
    assert_eq!(question.choices.last().unwrap(), "none");
    live.set("alias", Value::Text("live".into())).await.unwrap();
    let halt = live.go(None).await.unwrap();
    assert!(matches!(&halt, Halt::Consent { step, .. } if step == "add"), "{halt:?}");
}

#[tokio::test]
async fn one_field_of_a_secret() {
    let bed = Bed::of("omnitrack").await;
    let before = bed.secret("omnitrack/api-keys").await;
    let mut live = bed.start(SECRET).await;
    go_until(&bed, &mut live, Some("migrate")).await;
    let both = bed.secret("omnitrack/api-keys").await;
    done(&bed, &mut live).await;
    let after = bed.secret("omnitrack/api-keys").await;
    let field = |text: &str| {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        json["externalApiKey"].as_str().unwrap().to_owned()
    };
    let (old, new) = (field(&before), field(&after));
    assert_eq!(field(&both), format!("{old},{new}"));
    assert_eq!(after, before.replace(&old, &new), "every other byte is as it was");
    let labels: Vec<_> = versions(&bed).await.into_iter().flat_map(|v| v.stages).collect();
    assert!(!labels.iter().any(|l| l.wire().starts_with("bartizan-")), "{labels:?}");
    let journal = bed.journal(&live.run().id);
    assert!(!journal.contains(&old) && !journal.contains(&new));
}

async fn versions(bed: &Bed) -> Vec<SecretVersion> {
    let secret =
        bed.all(secretsmanager::DescribeSecret { secret: Arn::new("omnitrack/api-keys") }).await.unwrap().arn;
    bed.all(secretsmanager::ListSecretVersionIds { secret, deprecated: true }).await.unwrap()
}

#[tokio::test]
async fn a_single_key_that_somebody_else_issues_is_entered_and_revoked_by_hand() {
    let bed = Bed::of("omnitrack").await;
    let inputs = [SECRET, &[("format", "single"), ("new", "entered")]].concat();
    let before = bed.secret("omnitrack/api-keys").await;
    let mut live = bed.start(&inputs).await;
    done(&bed, &mut live).await;
    let after: serde_json::Value = serde_json::from_str(&bed.secret("omnitrack/api-keys").await).unwrap();
    assert_eq!(after["externalApiKey"], "typed-by-a-person-0123456789");
    let before: serde_json::Value = serde_json::from_str(&before).unwrap();
    assert_eq!(after["bedrockApiKey"], before["bedrockApiKey"]);
    assert!(said(&live, "revoke").contains("every caller has said so"));
    assert!(!bed.journal(&live.run().id).contains("typed-by-a-person"));
}

#[tokio::test]
async fn an_access_key_goes_into_a_secret() {
    let bed = Bed::of("logapi").await;
    let user = UserName::new("logapi-exporter");
    let [old] = bed.all(iam::ListAccessKeys { user: user.clone() }).await.unwrap().try_into().unwrap();
    let before: serde_json::Value = serde_json::from_str(&bed.secret("logapi/exporter").await).unwrap();
    assert_eq!(before["accessKeyId"], old.id.wire());
    let mut live = bed.start(USER).await;
    done(&bed, &mut live).await;
    let [new] = bed.all(iam::ListAccessKeys { user }).await.unwrap().try_into().unwrap();
    assert!(new.active && new.id != old.id);
    let text = bed.secret("logapi/exporter").await;
    let after: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(after["accessKeyId"], new.id.wire(), "the id is that of the key");
    assert_ne!(after["secretAccessKey"], before["secretAccessKey"]);
    assert_eq!(after["bucket"], before["bucket"]);
    assert_eq!(calls(&bed, &live.run().id, "iam:CreateAccessKey").await, 1);
    let journal = bed.journal(&live.run().id);
    assert!(!journal.contains(after["secretAccessKey"].as_str().unwrap()));
}

#[tokio::test]
async fn an_event_is_a_canary_too() {
    let bed = Bed::of("logapi").await;
    let event = r#"{"headers":{"x-api-key":"{key}"}}"#;
    let inputs = [BOTH, &[("canary_event", event)]].concat();
    let mut live = bed.start(&inputs).await;
    let run = live.run().id.clone();
    go_until(&bed, &mut live, Some("canary")).await;
    assert_eq!(calls(&bed, &run, "lambda:InvokeFunction").await, 1);
    assert!(said(&live, "canary").contains("was invoked with the new key"), "{}", said(&live, "canary"));
    let key = gateway_key(&bed, new_key(&bed, &run).await.id.wire()).await;
    assert!(!bed.journal(&run).contains(&key), "the event in the journal has no key");
}

/// What must not be rotated, and the words that say why.
#[tokio::test]
async fn what_must_not_go_on_is_refused_in_the_plan() {
    let env = |function| {
        vec![("store", "lambda-env"), ("function", function), ("variable", "API_KEYS"), ("alias", "live")]
    };
    let definition = rotation();
    let two_keys = [("store", "iam-user"), ("user", "json-stack-ci"), ("target_secret", "json/none")];
    let single = [BOTH, &[("format", "single")]].concat();
    let cases: &[(&str, Given<'_>, &str, &str)] = &[
        ("omnitrack", &env("omnitrack-api-auth"), "preconditions", "splits its traffic"),
        ("omnitrack", &env("omnitrack-api-twin"), "preconditions", "publishing would ship"),
        ("omnitrack", &env("omnitrack-agents"), "evidence", "come back empty"),
        ("json-stack", &two_keys, "preconditions", "two access keys"),
        ("logapi", &single, "preconditions", "two stores need format=list"),
    ];
    for (system, inputs, step, words) in cases {
        let bed = Bed::of(system).await;
        let plan = bed.runs().plan(&definition, &given(&definition, inputs)).await.unwrap();
        let (at, why) = plan.refusal().unwrap_or_else(|| panic!("not refused: {inputs:?}"));
        assert_eq!(at, *step, "{why}");
        assert!(why.contains(words), "{why}");
    }
}

/// The plan knows the calls before, and nothing that comes in the run differs from it.
#[tokio::test]
async fn a_plan_names_every_call() {
    let definition = rotation();
    for (system, inputs, wanted) in [
        (
            "logapi",
            BOTH,
            &[
                ("create", "apigateway:CreateApiKey"),
                ("add", "lambda:UpdateFunctionConfiguration"),
                ("enable", "apigateway:CreateUsagePlanKey"),
                ("enable", "apigateway:UpdateApiKey"),
                ("disable", "apigateway:UpdateApiKey"),
                ("remove", "lambda:UpdateFunctionConfiguration"),
                ("delete", "apigateway:DeleteApiKey"),
            ][..],
        ),
        (
            "mongo-api",
            ALIASED,
            &[
                ("add", "lambda:PublishVersion"),
                ("add", "lambda:UpdateAlias"),
                ("remove", "lambda:PublishVersion"),
                ("remove", "lambda:UpdateAlias"),
            ],
        ),
        (
            "omnitrack",
            SECRET,
            &[
                ("stage", "secretsmanager:PutSecretValue"),
                ("stage", "secretsmanager:UpdateSecretVersionStage"),
                ("date", "secretsmanager:TagResource"),
                ("date-entry", "secretsmanager:TagResource"),
                ("remove-entry", "secretsmanager:PutSecretValue"),
                ("close", "secretsmanager:UpdateSecretVersionStage"),
            ],
        ),
        (
            "logapi",
            USER,
            &[
                ("issue", "iam:CreateAccessKey"),
                ("issue", "secretsmanager:PutSecretValue"),
                ("issue", "secretsmanager:UpdateSecretVersionStage"),
                ("date-pair", "secretsmanager:TagResource"),
                ("deactivate", "iam:UpdateAccessKey"),
                ("delete-key", "iam:DeleteAccessKey"),
            ],
        ),
    ] {
        let bed = Bed::of(system).await;
        let plan = bed.runs().plan(&definition, &given(&definition, inputs)).await.unwrap();
        assert_eq!(plan.refusal(), None);
        for (step, operation) in wanted {
            let planned = plan.step(step).unwrap();
            let there = planned.calls.iter().any(|c| c.operation == *operation);
            assert!(there, "{step} {operation}: {:?}", planned);
        }
        let mut live = bed.runs().start(plan, Vault::default()).await.unwrap();
        loop {
            let halt = live.go(None).await.unwrap();
            if let Halt::Consent { step, proposal, .. } = &halt {
                assert_eq!(proposal.differs, None, "{step}");
            }
            if !crate::bed::answer(&bed, &mut live, &halt).await {
                assert!(matches!(halt, Halt::Over(_)), "{halt:?}");
                break;
            }
        }
    }
}
