//! What stands in an account, on the wire: users, roles and policies in one list, providers, URLs and layers of functions,
//! trails and instances. By the published service models; not verified against AWS.

use crate::asking::Asking;
use crate::faults::{open, says};
use crate::server::{Reply, Server};
use crate::services::{ec2_answer, error, json_answer, xml_answer};
use crate::trials_of;
use bartizan::estate::ask::{cloudtrail, ec2, iam, lambda, sqs};
use bartizan::estate::{Arn, FaultKind, FunctionName, Lookup, QueueUrl, Service, Timestamp};
use libtest_mimic::Trial;
use serde_json::{Value, json};

fn served(reply: Reply) -> (Server, Asking) {
    let server = Server::start(says(reply));
    let estate = open(server.url());
    (server, estate)
}

fn form(server: &Server) -> String {
    String::from_utf8(server.last().unwrap().body).unwrap()
}

fn line(server: &Server) -> String {
    server.last().unwrap().line.replace(" HTTP/1.1", "")
}

fn sent(server: &Server) -> Value {
    serde_json::from_slice(&server.last().unwrap().body).unwrap()
}

fn at(second: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(second).unwrap())
}

fn who_stands_in_an_account() {
    let policies = "<AttachedManagedPolicies><member><PolicyName>AWSDenyAll</PolicyName>\
        <PolicyArn>arn:aws:iam::aws:policy/AWSDenyAll</PolicyArn></member></AttachedManagedPolicies>";
    let body = format!(
        "<IsTruncated>true</IsTruncated><Marker>m</Marker><UserDetailList><member><Path>/</Path>\
         <UserName>helper</UserName><UserId>AIDA1</UserId><Arn>arn:aws:iam::123456789012:user/helper</Arn>\
         <CreateDate>2026-11-20T09:41:07Z</CreateDate><GroupList/><UserPolicyList/>{policies}</member></UserDetailList>\
         <RoleDetailList><member><Path>/svc/</Path><RoleName>support</RoleName><RoleId>AROA1</RoleId>\
         <Arn>arn:aws:iam::123456789012:role/svc/support</Arn><CreateDate>2026-11-20T09:41:07Z</CreateDate>\
         <AssumeRolePolicyDocument>%7B%22Version%22%3A%22x%22%7D</AssumeRolePolicyDocument>{policies}</member>\
         </RoleDetailList><GroupDetailList/><Policies><member><PolicyName>p</PolicyName><PolicyId>ANPA1</PolicyId>\
         <Arn>arn:aws:iam::123456789012:policy/p</Arn><Path>/</Path><DefaultVersionId>v2</DefaultVersionId>\
         <CreateDate>2025-01-02T03:04:05Z</CreateDate><UpdateDate>2026-11-20T09:41:07Z</UpdateDate>\
         <PolicyVersionList/></member></Policies>"
    );
    let (server, e) = served(xml_answer("GetAccountAuthorizationDetails", &body));
    let page = e.page(iam::GetAccountAuthorizationDetails {}, None).unwrap();
    assert_eq!(
        form(&server),
        "Action=GetAccountAuthorizationDetails&Version=2010-05-08&Filter.member.1=User&Filter.member.2=Role\
         &Filter.member.3=LocalManagedPolicy"
    );
    let all = e.first(iam::GetAccountAuthorizationDetails {}).unwrap();
    let made = at(1_795_167_667);
    assert_eq!((all.users[0].name.wire(), all.users[0].created), ("helper", made));
    assert_eq!(all.users[0].attached[0].arn, Arn::new("arn:aws:iam::aws:policy/AWSDenyAll"));
    let role = &all.roles[0];
    assert_eq!((role.path.wire(), role.created, role.attached.len()), ("/svc/", made, 1));
    assert_eq!(role.trust.as_ref().unwrap().wire(), r#"{"Version":"x"}"#);
    assert_eq!((all.policies[0].name.wire(), all.policies[0].updated), ("p", made));
    e.page(iam::GetAccountAuthorizationDetails {}, page.next.as_ref()).unwrap_err();
    assert!(form(&server).contains("&Marker=m"), "{}", form(&server));
}

fn providers_of_identities() {
    let saml = "<SAMLProviderList><member><Arn>arn:aws:iam::123456789012:saml-provider/evil</Arn>\
        <ValidUntil>2032-05-09T16:27:11Z</ValidUntil><CreateDate>2026-11-20T09:41:07Z</CreateDate></member></SAMLProviderList>";
    let (server, e) = served(xml_answer("ListSAMLProviders", saml));
    let all = e.all(iam::ListSAMLProviders {}).unwrap();
    assert_eq!(form(&server), "Action=ListSAMLProviders&Version=2010-05-08");
    assert_eq!((all[0].arn.resource().wire(), all[0].created), ("evil", at(1_795_167_667)));
    let openid = "<OpenIDConnectProviderList><member><Arn>arn:o</Arn></member></OpenIDConnectProviderList>";
    let (_server, e) = served(xml_answer("ListOpenIDConnectProviders", openid));
    assert_eq!(e.all(iam::ListOpenIDConnectProviders {}).unwrap(), [Arn::new("arn:o")]);
    let one = "<CreateDate>2026-11-20T09:41:07Z</CreateDate><Url>x.example</Url>\
        <ClientIDList><member>c</member></ClientIDList><ThumbprintList/>";
    let (server, e) = served(xml_answer("GetOpenIDConnectProvider", one));
    let told = e.first(iam::GetOpenIDConnectProvider { provider: Arn::new("arn:o") }).unwrap();
    assert_eq!(told.created, at(1_795_167_667));
    assert!(form(&server).ends_with("&OpenIDConnectProviderArn=arn%3Ao"), "{}", form(&server));
}

fn functions_their_urls_and_layers() {
    let function = json!({
        "FunctionName": "tick", "FunctionArn": "arn:f", "LastModified": "2026-11-20T09:41:07.000+0000",
        "Environment": { "Variables": { "K": "swordfishMARK" } },
    });
    let (_server, e) = served(json_answer(Service::Lambda, &json!({ "Functions": [function] })));
    let all = e.all(lambda::ListFunctions {}).unwrap();
    assert_eq!(all[0].modified, at(1_795_167_667));
    assert!(!format!("{all:?}").contains("MARK"));
    let url = json!({
        "FunctionUrl": "https://x", "FunctionArn": "arn:aws:lambda:r:1:function:tick:live", "AuthType": "NONE",
        "CreationTime": "2026-11-20T09:41:07.123Z", "LastModifiedTime": "2026-11-20T09:41:07.123Z",
    });
    let body = json!({ "FunctionUrlConfigs": [url], "NextMarker": "m" });
    let (server, e) = served(json_answer(Service::Lambda, &body));
    let ask = || lambda::ListFunctionUrlConfigs { function: FunctionName::new("tick") };
    let page = e.page(ask(), None).unwrap();
    assert_eq!(line(&server), "GET /2021-10-31/functions/tick/urls?MaxItems=50");
    let urls = e.first(ask()).unwrap();
    assert_eq!((urls[0].url.auth.wire(), urls[0].created.unwrap().as_second()), ("NONE", 1_795_167_667));
    e.page(ask(), page.next.as_ref()).unwrap_err();
    assert!(line(&server).contains("Marker=m"), "{}", line(&server));
    let newest =
        json!({ "LayerVersionArn": "arn:l:3", "Version": 3, "CreatedDate": "2026-11-20T09:41:07.000+0000" });
    let body =
        json!({ "Layers": [{ "LayerName": "extra", "LayerArn": "arn:l", "LatestMatchingVersion": newest }] });
    let (server, e) = served(json_answer(Service::Lambda, &body));
    let layers = e.all(lambda::ListLayers {}).unwrap();
    assert_eq!(line(&server), "GET /2018-10-31/layers?MaxItems=50");
    assert_eq!((layers[0].name.wire(), layers[0].published), ("extra", at(1_795_167_667)));
    let (_server, e) = served(json_answer(Service::Lambda, &json!({ "Layers": [{ "LayerName": "x" }] })));
    assert_eq!(e.all(lambda::ListLayers {}).unwrap_err().kind, FaultKind::Malformed);
}

fn trails_and_whether_they_write() {
    let trail =
        json!({ "Name": "main", "TrailARN": "arn:t", "HomeRegion": "us-east-1", "IsMultiRegionTrail": true });
    let (server, e) = served(json_answer(Service::CloudTrail, &json!({ "trailList": [trail] })));
    let all = e.all(cloudtrail::DescribeTrails {}).unwrap();
    assert_eq!(sent(&server), json!({ "includeShadowTrails": true }));
    assert_eq!((all[0].name.wire(), all[0].everywhere), ("main", true));
    let status =
        json!({ "IsLogging": false, "StopLoggingTime": 1_795_167_667.0, "StartLoggingTime": 1_790_000_000 });
    let (server, e) = served(json_answer(Service::CloudTrail, &status));
    let told = e.first(cloudtrail::GetTrailStatus { trail: Arn::new("arn:t") }).unwrap();
    assert_eq!(sent(&server), json!({ "Name": "arn:t" }));
    assert_eq!((told.logging, told.stopped), (false, at(1_795_167_667)));
    // whether it writes must be said: what is not said is not "no"
    let (_server, e) = served(json_answer(Service::CloudTrail, &json!({})));
    let fault = e.first(cloudtrail::GetTrailStatus { trail: Arn::new("arn:t") }).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Malformed);
    let (_server, e) = served(error(Service::CloudTrail, 400, "TrailNotFoundException", "no"));
    let fault = e.first(cloudtrail::GetTrailStatus { trail: Arn::new("arn:t") }).unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotFound);
    let (server, e) = served(json_answer(Service::CloudTrail, &json!({ "Events": [] })));
    let from = Timestamp::from_second(1_795_000_000).unwrap();
    e.first(cloudtrail::LookupEvents { by: Lookup::Resource("helper".into()), from }).unwrap();
    let attribute = json!([{ "AttributeKey": "ResourceName", "AttributeValue": "helper" }]);
    assert_eq!(sent(&server)["LookupAttributes"], attribute);
}

fn instances_of_every_reservation() {
    let instance = |id: &str, more: &str| {
        format!(
            "<item><instanceId>{id}</instanceId><imageId>ami-1</imageId><instanceState><code>16</code><name>running</name>\
             </instanceState><instanceType>p4d.24xlarge</instanceType><launchTime>2026-11-20T09:41:07.000Z</launchTime>{more}\
             </item>"
        )
    };
    let tagged = "<keyName>his</keyName><iamInstanceProfile><arn>arn:p</arn><id>AIPA</id></iamInstanceProfile><tagSet><item>\
        <key>Name</key><value>x</value></item><item><key>aws:autoscaling:groupName</key><value>web</value></item></tagSet>";
    let body = format!(
        "<requestId>r</requestId><reservationSet><item><reservationId>r-1</reservationId><groupSet/><instancesSet>{}{}\
         </instancesSet></item><item><instancesSet>{}</instancesSet></item></reservationSet><nextToken>n</nextToken>",
        instance("i-1", ""),
        instance("i-2", tagged),
        instance("i-3", "<tagSet/>")
    );
    let (server, e) = served(ec2_answer("DescribeInstances", &body));
    let page = e.page(ec2::DescribeInstances {}, None).unwrap();
    assert_eq!(form(&server), "Action=DescribeInstances&Version=2016-11-15&MaxResults=1000");
    let all = e.first(ec2::DescribeInstances {}).unwrap();
    assert_eq!(all.iter().map(|i| i.id.wire()).collect::<Vec<_>>(), ["i-1", "i-2", "i-3"]);
    assert_eq!(
        (all[0].launched, all[0].state.wire(), all[0].is_gone()),
        (at(1_795_167_667), "running", false)
    );
    assert_eq!((&all[0].key, &all[0].group, &all[0].profile), (&None, &None, &None));
    let second = (all[1].key.as_ref(), all[1].group.as_ref(), all[1].profile.as_ref());
    assert_eq!(second, (Some(&"his".into()), Some(&"web".into()), Some(&Arn::new("arn:p"))));
    e.page(ec2::DescribeInstances {}, page.next.as_ref()).unwrap_err();
    assert!(form(&server).ends_with("&NextToken=n"), "{}", form(&server));
    let nameless = "<reservationSet><item><instancesSet><item/></instancesSet></item></reservationSet>";
    let (_server, e) = served(ec2_answer("DescribeInstances", nameless));
    assert_eq!(e.first(ec2::DescribeInstances {}).unwrap_err().kind, FaultKind::Malformed);
}

fn the_credential_report() {
    for (state, ready) in [("STARTED", false), ("INPROGRESS", false), ("COMPLETE", true)] {
        let body = format!("<State>{state}</State><Description>x</Description>");
        let (server, e) = served(xml_answer("GenerateCredentialReport", &body));
        assert_eq!(e.first(iam::GenerateCredentialReport {}).unwrap(), ready);
        assert_eq!(form(&server), "Action=GenerateCredentialReport&Version=2010-05-08");
    }
    // `user,arn\n<root_account>,x\n`, as AWS sends it
    let body = "<Content>dXNlcixhcm4KPHJvb3RfYWNjb3VudD4seAo=</Content><ReportFormat>text/csv</ReportFormat>\
        <GeneratedTime>2026-11-20T09:41:07Z</GeneratedTime>";
    let (_server, e) = served(xml_answer("GetCredentialReport", body));
    let report = e.first(iam::GetCredentialReport {}).unwrap();
    assert_eq!((report.lines.wire(), report.made), ("user,arn\n<root_account>,x\n", at(1_795_167_667)));
    let (_server, e) = served(error(Service::Iam, 410, "ReportNotPresent", "none"));
    assert!(e.first(iam::GetCredentialReport {}).is_err());
}

fn the_policy_of_a_queue() {
    let body = |policy: &str| json!({ "Attributes": { "QueueArn": "arn:aws:sqs:r:1:q", "Policy": policy } });
    let ask = || sqs::GetQueueAttributes { queue: QueueUrl::new("https://sqs/1/q") };
    let (_server, e) = served(json_answer(Service::Sqs, &body("{}")));
    assert_eq!(e.first(ask()).unwrap().policy, Some("{}".into()));
    let (_server, e) = served(json_answer(Service::Sqs, &body("")));
    assert_eq!(e.first(ask()).unwrap().policy, None);
}

pub fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 7] = [
        ("the_credential_report", the_credential_report),
        ("who_stands_in_an_account", who_stands_in_an_account),
        ("providers_of_identities", providers_of_identities),
        ("functions_their_urls_and_layers", functions_their_urls_and_layers),
        ("trails_and_whether_they_write", trails_and_whether_they_write),
        ("instances_of_every_reservation", instances_of_every_reservation),
        ("the_policy_of_a_queue", the_policy_of_a_queue),
    ];
    trials_of("standing", tests)
}
