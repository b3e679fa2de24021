//! The questions of runbooks on the wire: what is asked for and what is made of a good answer, by the
//! published service models; not verified against AWS. Values that come unasked are never kept.

use crate::asking::Asking;
use crate::calls::NEW;
use crate::faults::{open, says};
use crate::server::{Reply, Server};
use crate::services::{api_key, error, json_answer, xml_answer};
use crate::trials_of;
use bartizan::estate::ask::{apigateway, iam, lambda};
use bartizan::estate::{
    AccessKeyId, AliasName, ApiKeyId, Arn, FaultKind, FunctionName, FunctionVersion, RestApiId, Service,
    Untrusted, UsagePlanId, UserName,
};
use libtest_mimic::Trial;
use serde_json::{Value, json};

fn served(reply: Reply) -> (Server, Asking) {
    let server = Server::start(says(reply));
    let estate = open(server.url());
    (server, estate)
}

fn of(service: Service, body: &Value) -> (Server, Asking) {
    served(json_answer(service, body))
}

fn line(server: &Server) -> String {
    server.last().unwrap().line.replace(" HTTP/1.1", "")
}

fn form(server: &Server) -> String {
    String::from_utf8(server.last().unwrap().body).unwrap()
}

fn function() -> FunctionName {
    FunctionName::new("ingest")
}

fn configuration() -> Value {
    json!({
        "FunctionName": "ingest", "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:ingest:7",
        "Version": "7", "RevisionId": "r1", "State": "Active", "LastUpdateStatus": "Successful",
        "CodeSha256": "c0de=", "Description": "", "Handler": "index.handler", "Role": "arn:aws:iam::1:role/x",
        "Layers": [{ "Arn": "arn:l:2" }, { "Arn": "arn:l:1" }], "Timeout": 15, "KMSKeyArn": "arn:aws:kms:k",
        "SnapStart": { "ApplyOn": "PublishedVersions", "OptimizationStatus": "On" },
        "Environment": { "Variables": { "Z": NEW, "A": "é" } },
    })
}

fn a_configuration_without_its_values() {
    let (server, e) = of(Service::Lambda, &configuration());
    let version = Some(FunctionVersion::new("7"));
    let c = e.first(lambda::GetFunctionConfiguration { function: function(), version }).unwrap();
    assert_eq!(line(&server), "GET /2015-03-31/functions/ingest/configuration?Qualifier=7");
    assert_eq!(c.variables, [Untrusted::from("A"), Untrusted::from("Z")]);
    assert_eq!(c.environment_bytes as usize, 2 + NEW.len() + 2);
    assert!(!format!("{c:?}").contains("MARK"));
    assert_eq!((c.state.wire(), c.last_update.wire(), c.timeout_s), ("Active", "Successful", 15));
    assert_eq!((c.revision.wire(), c.version.wire(), c.snap_start), ("r1", "7", true));
    assert_eq!((c.description, c.environment_error), (None, None));
    assert_eq!(c.layers, [Arn::new("arn:l:2"), Arn::new("arn:l:1")]);
    let mut undecrypted = configuration();
    undecrypted["Environment"] =
        json!({ "Error": { "ErrorCode": "AccessDeniedException", "Message": "no" } });
    let (_server, e) = of(Service::Lambda, &undecrypted);
    let c = e.first(lambda::GetFunctionConfiguration { function: function(), version: None }).unwrap();
    assert_eq!(c.environment_error.unwrap().wire(), "AccessDeniedException: no");
}

fn versions_and_aliases() {
    let (server, e) = of(Service::Lambda, &json!({ "Versions": [configuration()], "NextMarker": "m" }));
    let page = e.page(lambda::ListVersionsByFunction { function: function() }, None).unwrap();
    assert_eq!(line(&server), "GET /2015-03-31/functions/ingest/versions?MaxItems=50");
    assert!(!format!("{page:?}").contains("MARK"));
    e.page(lambda::ListVersionsByFunction { function: function() }, page.next.as_ref()).unwrap_err();
    assert!(line(&server).contains("Marker=m"), "{}", line(&server));
    let weights = json!({ "AdditionalVersionWeights": { "8": 0.1 } });
    let live =
        json!({ "Name": "live", "FunctionVersion": "7", "RevisionId": "a1", "RoutingConfig": weights });
    let plain = json!({ "Name": "next", "FunctionVersion": "$LATEST", "RevisionId": "a2" });
    let (server, e) = of(Service::Lambda, &json!({ "Aliases": [live, plain] }));
    let all = e.all(lambda::ListAliases { function: function() }).unwrap();
    assert!(line(&server).starts_with("GET /2015-03-31/functions/ingest/aliases?"));
    assert_eq!(all.iter().map(|a| a.weighted).collect::<Vec<_>>(), [true, false]);
    assert_eq!((all[0].version.wire(), all[0].revision.wire()), ("7", "a1"));
}

fn provisioned_concurrency_and_tags() {
    let ask =
        || lambda::GetProvisionedConcurrencyConfig { function: function(), alias: AliasName::new("live") };
    let code = "ProvisionedConcurrencyConfigNotFoundException";
    let (server, e) = served(error(Service::Lambda, 404, code, "none"));
    assert_eq!(e.first(ask()).unwrap(), None);
    assert_eq!(line(&server), "GET /2019-09-30/functions/ingest/provisioned-concurrency?Qualifier=live");
    let (_server, e) = served(error(Service::Lambda, 404, "ResourceNotFoundException", "none"));
    assert_eq!(e.first(ask()).unwrap_err().kind, FaultKind::NotFound);
    let body = json!({
        "RequestedProvisionedConcurrentExecutions": 5, "AvailableProvisionedConcurrentExecutions": 2,
        "Status": "IN_PROGRESS",
    });
    let (_server, e) = of(Service::Lambda, &body);
    let got = e.first(ask()).unwrap().unwrap();
    assert_eq!((got.status.wire(), got.requested, got.available), ("IN_PROGRESS", 5, 2));
    let (server, e) = of(Service::Lambda, &json!({ "Tags": { "b": "2", "a": "1" } }));
    let arn = Arn::new("arn:aws:lambda:eu-central-1:123456789012:function:ingest");
    let tags = e.first(lambda::ListTags { function: arn }).unwrap();
    assert_eq!(tags, [("a".into(), "1".into()), ("b".into(), "2".into())]);
    assert!(line(&server).starts_with("GET /2017-03-31/tags/arn"), "{}", line(&server));
}

fn keys_without_their_values() {
    let (server, e) = of(Service::ApiGateway, &json!({ "item": [api_key("a")], "position": "p/2=" }));
    let page = e.page(apigateway::GetApiKeys { name_prefix: Some("bartizan-".into()) }, None).unwrap();
    let asked = line(&server);
    assert!(asked.starts_with("GET /apikeys?"), "{asked}");
    for word in ["name=bartizan-", "includeValues=false", "limit=500"] {
        assert!(asked.contains(word), "{asked}");
    }
    assert!(!format!("{page:?}").contains("swordfish"), "{page:?}");
    e.page(apigateway::GetApiKeys { name_prefix: None }, page.next.as_ref()).unwrap_err();
    assert!(line(&server).contains("position=p%2F2%3D"), "{}", line(&server));
    let (server, e) = of(Service::ApiGateway, &api_key("a"));
    let key = e.first(apigateway::GetApiKey { key: ApiKeyId::new("id-a") }).unwrap();
    assert_eq!(line(&server), "GET /apikeys/id-a?includeValue=false");
    assert_eq!((key.id.wire(), key.name.wire(), key.enabled), ("id-a", "a", true));
    assert_eq!(key.created.unwrap().as_second(), 1_790_000_000);
    assert!(!format!("{key:?}").contains("swordfish"), "{key:?}");
}

fn plans_and_usage() {
    let (server, e) = of(Service::ApiGateway, &json!({ "item": [{ "id": "p1", "name": "gold" }] }));
    let plans = e.all(apigateway::GetUsagePlans { key: Some(ApiKeyId::new("k1")) }).unwrap();
    assert!(line(&server).contains("keyId=k1"), "{}", line(&server));
    assert_eq!((plans[0].id.wire(), plans[0].name.wire()), ("p1", "gold"));
    let ask = || apigateway::GetUsage {
        plan: UsagePlanId::new("p1"),
        key: ApiKeyId::new("k1"),
        from: "2026-11-01".into(),
        to: "2026-11-03".into(),
    };
    let items = json!({ "k1": [[7, 93], [0, 93], [12, 81]], "k2": [[1, 1]] });
    let whole =
        json!({ "usagePlanId": "p1", "startDate": "2026-11-01", "endDate": "2026-11-03", "values": items });
    let (server, e) = of(Service::ApiGateway, &whole);
    assert_eq!(e.first(ask()).unwrap().per_day, [7, 0, 12]);
    let asked = line(&server);
    assert!(asked.starts_with("GET /usageplans/p1/usage?"), "{asked}");
    for word in ["keyId=k1", "startDate=2026-11-01", "endDate=2026-11-03"] {
        assert!(asked.contains(word), "{asked}");
    }
    let (_server, e) = of(Service::ApiGateway, &json!({ "usagePlanId": "p1", "values": {} }));
    assert_eq!(e.first(ask()).unwrap().per_day, [0_u64; 0]);
    for wrong in [json!([[]]), json!([[-1, 2]])] {
        let (_server, e) = of(Service::ApiGateway, &json!({ "values": { "k1": wrong } }));
        assert_eq!(e.first(ask()).unwrap_err().kind, FaultKind::Malformed);
    }
}

fn access_keys_and_their_last_use() {
    let keys = "<IsTruncated>true</IsTruncated><Marker>m</Marker><AccessKeyMetadata>\
        <member><UserName>svc</UserName><AccessKeyId>AKIA1</AccessKeyId><Status>Active</Status>\
        <CreateDate>2026-01-02T03:04:05Z</CreateDate></member>\
        <member><UserName>svc</UserName><AccessKeyId>AKIA2</AccessKeyId><Status>Inactive</Status></member>\
        </AccessKeyMetadata>";
    let (server, e) = served(xml_answer("ListAccessKeys", keys));
    let ask = || iam::ListAccessKeys { user: UserName::new("svc") };
    let page = e.page(ask(), None).unwrap();
    assert_eq!(form(&server), "Action=ListAccessKeys&Version=2010-05-08&UserName=svc");
    e.page(ask(), page.next.as_ref()).unwrap_err();
    assert!(form(&server).ends_with("&Marker=m"));
    let found = e.first(ask()).unwrap();
    assert_eq!(
        found.iter().map(|k| (k.id.wire(), k.active)).collect::<Vec<_>>(),
        [("AKIA1", true), ("AKIA2", false)]
    );
    assert_eq!((found[0].created.is_some(), found[1].created), (true, None));
    let never = "<UserName>svc</UserName><AccessKeyLastUsed><ServiceName>N/A</ServiceName><Region>N/A</Region></AccessKeyLastUsed>";
    let (_server, e) = served(xml_answer("GetAccessKeyLastUsed", never));
    let last = e.first(iam::GetAccessKeyLastUsed { key: AccessKeyId::new("AKIA1") }).unwrap();
    assert_eq!((last.at, last.service.wire(), last.user), (None, "N/A", Some(UserName::new("svc"))));
    let tags = "<IsTruncated>false</IsTruncated><Tags><member><Key>k</Key><Value>v</Value></member></Tags>";
    let (_server, e) = served(xml_answer("ListUserTags", tags));
    assert_eq!(e.all(iam::ListUserTags { user: UserName::new("svc") }).unwrap(), [("k".into(), "v".into())]);
}

/// Where several resources were asked about, the decision at the top is that of all; each has its own below.
fn simulations() {
    let one = |name: &str, decision: &str| {
        format!(
            "<member><EvalResourceName>{name}</EvalResourceName><EvalResourceDecision>{decision}</EvalResourceDecision></member>"
        )
    };
    let specific = format!("{}{}", one("arn:a", "allowed"), one("arn:b", "explicitDeny"));
    let results = format!(
        "<IsTruncated>false</IsTruncated><EvaluationResults><member><EvalActionName>sqs:A</EvalActionName>\
         <EvalResourceName>arn:a</EvalResourceName><EvalDecision>explicitDeny</EvalDecision>\
         <ResourceSpecificResults>{specific}</ResourceSpecificResults></member>\
         <member><EvalActionName>sqs:B</EvalActionName><EvalResourceName>*</EvalResourceName>\
         <EvalDecision>allowed</EvalDecision></member></EvaluationResults>"
    );
    let (server, e) = served(xml_answer("SimulatePrincipalPolicy", &results));
    let ask = iam::SimulatePrincipalPolicy {
        principal: Arn::new("arn:p"),
        actions: vec!["sqs:A".into(), "sqs:B".into()],
        resources: vec!["arn:a".into(), "arn:b".into()],
    };
    let got = e.all(ask).unwrap();
    let got: Vec<_> = got.iter().map(|s| (s.action.wire(), s.resource.wire(), s.allowed)).collect();
    assert_eq!(got, [("sqs:A", "arn:a", true), ("sqs:A", "arn:b", false), ("sqs:B", "*", true)]);
    assert_eq!(
        form(&server),
        "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn=arn%3Ap\
         &ActionNames.member.1=sqs%3AA&ActionNames.member.2=sqs%3AB\
         &ResourceArns.member.1=arn%3Aa&ResourceArns.member.2=arn%3Ab"
    );
}

fn who_reaches_a_function() {
    let (server, e) = served(error(Service::Lambda, 404, "ResourceNotFoundException", "none"));
    let url = |alias| lambda::GetFunctionUrlConfig { function: function(), alias };
    assert_eq!(e.first(url(None)).unwrap(), None);
    assert_eq!(line(&server), "GET /2021-10-31/functions/ingest/url");
    let policy = |qualifier| lambda::GetPolicy { function: function(), qualifier };
    assert_eq!(e.first(policy(None)).unwrap(), None);
    assert_eq!(line(&server), "GET /2015-03-31/functions/ingest/policy");
    let body = json!({
        "FunctionUrl": "https://a.lambda-url.eu-central-1.on.aws/", "AuthType": "NONE",
        "FunctionArn": "arn:f", "CreationTime": "2026-01-01T00:00:00Z", "LastModifiedTime": "2026-01-01T00:00:00Z",
    });
    let (server, e) = of(Service::Lambda, &body);
    let told = e.first(url(Some(AliasName::new("live")))).unwrap().unwrap();
    assert_eq!(line(&server), "GET /2021-10-31/functions/ingest/url?Qualifier=live");
    assert_eq!((told.url.wire(), told.auth.wire()), ("https://a.lambda-url.eu-central-1.on.aws/", "NONE"));
    let (_server, e) = of(Service::Lambda, &json!({ "Policy": "{}", "RevisionId": "r" }));
    assert_eq!(e.first(policy(Some("live".into()))).unwrap(), Some("{}".into()));
    let (_server, e) = served(error(Service::Lambda, 403, "AccessDeniedException", "no"));
    assert!(matches!(e.first(policy(None)).unwrap_err().kind, FaultKind::Denied { .. }));
}

fn where_stages_write_who_called() {
    let (server, e) = of(Service::ApiGateway, &json!({ "item": [{ "id": "a1", "name": "orders" }] }));
    let apis = e.all(apigateway::GetRestApis {}).unwrap();
    assert!(
        line(&server).starts_with("GET /restapis?") && line(&server).contains("limit=500"),
        "{}",
        line(&server)
    );
    assert_eq!((apis[0].id.wire(), apis[0].name.wire()), ("a1", "orders"));
    let group = "arn:aws:logs:eu-central-1:123456789012:log-group:orders";
    let settings = json!({ "destinationArn": group, "format": "$context.identity.apiKeyId" });
    let items = json!({ "item": [
        { "stageName": "prod", "accessLogSettings": settings, "variables": { "token": "swordfish" } },
        { "stageName": "test" },
    ] });
    let (server, e) = of(Service::ApiGateway, &items);
    let stages = e.first(apigateway::GetStages { api: RestApiId::new("a1") }).unwrap();
    assert_eq!(line(&server), "GET /restapis/a1/stages");
    assert_eq!(stages[0].log, Some(Arn::new(group)));
    assert_eq!(stages[0].format.as_ref().unwrap().wire(), "$context.identity.apiKeyId");
    assert_eq!((stages[1].name.wire(), &stages[1].log), ("test", &None));
    assert!(!format!("{stages:?}").contains("swordfish"), "a stage's variables are not taken over");
}

pub fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 9] = [
        ("where_stages_write_who_called", where_stages_write_who_called),
        ("who_reaches_a_function", who_reaches_a_function),
        ("a_configuration_without_its_values", a_configuration_without_its_values),
        ("versions_and_aliases", versions_and_aliases),
        ("provisioned_concurrency_and_tags", provisioned_concurrency_and_tags),
        ("keys_without_their_values", keys_without_their_values),
        ("plans_and_usage", plans_and_usage),
        ("access_keys_and_their_last_use", access_keys_and_their_last_use),
        ("simulations", simulations),
    ];
    trials_of("question", tests)
}
