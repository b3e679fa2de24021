//! The questions about who has access, on the wire: users, roles and their policies, whose a key is, and what was done
//! with it. By the published service models; not verified against AWS.

use crate::asking::Asking;
use crate::faults::{open, says};
use crate::server::{Reply, Server};
use crate::services::{error, event, good, in_logs, json_answer, line, xml_answer};
use crate::trials_of;
use bartizan::estate::ask::{cloudtrail, ec2, events, iam, kms, logs, rds, secretsmanager, sts};
use bartizan::estate::{
    AccessKeyId, Arn, FaultKind, Lookup, Minted, PolicyName, RoleName, Service, Timestamp, UserName,
};
use libtest_mimic::Trial;
use serde_json::json;

fn served(reply: Reply) -> (Server, Asking) {
    let server = Server::start(says(reply));
    let estate = open(server.url());
    (server, estate)
}

fn form(server: &Server) -> String {
    String::from_utf8(server.last().unwrap().body).unwrap()
}

fn user() -> UserName {
    UserName::new("svc")
}

fn role() -> RoleName {
    RoleName::new("deploy")
}

fn a_user_with_its_boundary() {
    let body = "<User><Path>/team/</Path><UserName>svc</UserName><UserId>AIDA1</UserId>\
        <Arn>arn:aws:iam::123456789012:user/team/svc</Arn><CreateDate>2025-01-02T03:04:05Z</CreateDate>\
        <PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
        <PermissionsBoundaryArn>arn:aws:iam::123456789012:policy/edge</PermissionsBoundaryArn></PermissionsBoundary></User>";
    let (server, e) = served(xml_answer("GetUser", body));
    let told = e.first(iam::GetUser { user: user() }).unwrap();
    assert_eq!(form(&server), "Action=GetUser&Version=2010-05-08&UserName=svc");
    assert_eq!(told.arn, Arn::new("arn:aws:iam::123456789012:user/team/svc"));
    assert_eq!(told.boundary, Some(Arn::new("arn:aws:iam::123456789012:policy/edge")));
    assert_eq!((told.created.is_some(), told.password_used), (true, None));
}

fn names_of_users() {
    let body = "<IsTruncated>true</IsTruncated><Marker>m</Marker><Users><member><Path>/</Path><UserName>svc</UserName>\
        <UserId>AIDA1</UserId><Arn>arn:aws:iam::123456789012:user/svc</Arn><CreateDate>2025-01-02T03:04:05Z</CreateDate>\
        </member></Users>";
    let (server, e) = served(xml_answer("ListUsers", body));
    let page = e.page(iam::ListUsers {}, None).unwrap();
    assert_eq!(form(&server), "Action=ListUsers&Version=2010-05-08");
    assert!(page.next.is_some());
    e.page(iam::ListUsers {}, page.next.as_ref()).unwrap_err();
    assert!(form(&server).ends_with("&Marker=m"));
    assert_eq!(e.first(iam::ListUsers {}).unwrap(), [user()]);
}

fn policies_of_a_user() {
    let body = "<IsTruncated>true</IsTruncated><Marker>m</Marker><AttachedPolicies><member>\
        <PolicyName>AWSDenyAll</PolicyName><PolicyArn>arn:aws:iam::aws:policy/AWSDenyAll</PolicyArn></member></AttachedPolicies>";
    let (server, e) = served(xml_answer("ListAttachedUserPolicies", body));
    let page = e.page(iam::ListAttachedUserPolicies { user: user() }, None).unwrap();
    assert_eq!(form(&server), "Action=ListAttachedUserPolicies&Version=2010-05-08&UserName=svc");
    e.page(iam::ListAttachedUserPolicies { user: user() }, page.next.as_ref()).unwrap_err();
    assert!(form(&server).ends_with("&Marker=m"));
    let all = e.first(iam::ListAttachedUserPolicies { user: user() }).unwrap();
    assert_eq!((all[0].name.wire(), all[0].arn.wire()), ("AWSDenyAll", "arn:aws:iam::aws:policy/AWSDenyAll"));
    let names = "<IsTruncated>false</IsTruncated><PolicyNames><member>inline</member></PolicyNames>";
    let (_server, e) = served(xml_answer("ListUserPolicies", names));
    assert_eq!(e.all(iam::ListUserPolicies { user: user() }).unwrap(), [PolicyName::new("inline")]);
    let document = "<UserName>svc</UserName><PolicyName>inline</PolicyName>\
        <PolicyDocument>%7B%22Statement%22%3A%22a%20b%22%7D</PolicyDocument>";
    let (server, e) = served(xml_answer("GetUserPolicy", document));
    let policy = e.first(iam::GetUserPolicy { user: user(), policy: PolicyName::new("inline") }).unwrap();
    assert_eq!(policy.document.wire(), r#"{"Statement":"a b"}"#);
    assert!(form(&server).ends_with("&UserName=svc&PolicyName=inline"));
}

fn groups_password_and_devices() {
    let group = "<IsTruncated>false</IsTruncated><Groups><member><Path>/</Path><GroupName>ci</GroupName>\
        <GroupId>AGPA1</GroupId><Arn>arn:g</Arn><CreateDate>2025-01-02T03:04:05Z</CreateDate></member></Groups>";
    let (_server, e) = served(xml_answer("ListGroupsForUser", group));
    assert_eq!(e.all(iam::ListGroupsForUser { user: user() }).unwrap()[0].wire(), "ci");
    let login = "<LoginProfile><UserName>svc</UserName><CreateDate>2025-01-02T03:04:05Z</CreateDate>\
        <PasswordResetRequired>true</PasswordResetRequired></LoginProfile>";
    let (_server, e) = served(xml_answer("GetLoginProfile", login));
    let profile = e.first(iam::GetLoginProfile { user: user() }).unwrap().unwrap();
    assert!(profile.reset_required && profile.created.is_some());
    let (_server, e) =
        served(error(Service::Iam, 404, "NoSuchEntity", "Login Profile for User svc cannot be found."));
    assert_eq!(e.first(iam::GetLoginProfile { user: user() }).unwrap(), None);
    let (_server, e) = served(error(Service::Iam, 403, "AccessDenied", "no"));
    let fault = e.first(iam::GetLoginProfile { user: user() }).unwrap_err();
    assert!(matches!(fault.kind, FaultKind::Denied { .. }), "{fault:?}");
    let device = "<IsTruncated>false</IsTruncated><MFADevices><member><UserName>svc</UserName>\
        <SerialNumber>arn:mfa</SerialNumber><EnableDate>2025-01-02T03:04:05Z</EnableDate></member></MFADevices>";
    let (_server, e) = served(xml_answer("ListMFADevices", device));
    assert_eq!(e.all(iam::ListMFADevices { user: user() }).unwrap()[0].serial.wire(), "arn:mfa");
}

fn a_role_with_its_trust() {
    let role_xml = "<Path>/svc/</Path><RoleName>deploy</RoleName><RoleId>AROA1</RoleId>\
        <Arn>arn:aws:iam::123456789012:role/svc/deploy</Arn><CreateDate>2025-01-02T03:04:05Z</CreateDate>\
        <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</AssumeRolePolicyDocument>\
        <MaxSessionDuration>7200</MaxSessionDuration>";
    let (server, e) = served(xml_answer("GetRole", &format!("<Role>{role_xml}</Role>")));
    let told = e.first(iam::GetRole { role: role() }).unwrap();
    assert_eq!(form(&server), "Action=GetRole&Version=2010-05-08&RoleName=deploy");
    assert_eq!((told.max_session_s, told.path.wire()), (7200, "/svc/"));
    assert_eq!(told.trust.unwrap().wire(), r#"{"Version":"2012-10-17"}"#);
    let list = format!("<IsTruncated>false</IsTruncated><Roles><member>{role_xml}</member></Roles>");
    let (_server, e) = served(xml_answer("ListRoles", &list));
    assert_eq!(e.all(iam::ListRoles {}).unwrap()[0].name, role());
    let bare = "<Role><Path>/aws-service-role/x/</Path><RoleName>r</RoleName><RoleId>A</RoleId><Arn>arn:r</Arn>\
        <CreateDate>2025-01-02T03:04:05Z</CreateDate></Role>";
    let (_server, e) = served(xml_answer("GetRole", bare));
    let told = e.first(iam::GetRole { role: role() }).unwrap();
    assert_eq!((told.max_session_s, told.is_service_linked(), told.trust), (3600, true, None));
}

fn policies_of_a_role() {
    let attached = "<IsTruncated>false</IsTruncated><AttachedPolicies><member><PolicyName>p</PolicyName>\
        <PolicyArn>arn:p</PolicyArn></member></AttachedPolicies>";
    let (server, e) = served(xml_answer("ListAttachedRolePolicies", attached));
    assert_eq!(e.all(iam::ListAttachedRolePolicies { role: role() }).unwrap()[0].arn, Arn::new("arn:p"));
    assert_eq!(form(&server), "Action=ListAttachedRolePolicies&Version=2010-05-08&RoleName=deploy");
    let names =
        "<IsTruncated>false</IsTruncated><PolicyNames><member>a</member><member>b</member></PolicyNames>";
    let (_server, e) = served(xml_answer("ListRolePolicies", names));
    assert_eq!(e.all(iam::ListRolePolicies { role: role() }).unwrap().len(), 2);
    let document =
        "<RoleName>deploy</RoleName><PolicyName>a</PolicyName><PolicyDocument>%7B%7D</PolicyDocument>";
    let (_server, e) = served(xml_answer("GetRolePolicy", document));
    let policy = e.first(iam::GetRolePolicy { role: role(), policy: PolicyName::new("a") }).unwrap();
    assert_eq!((policy.name.wire(), policy.document.wire()), ("a", "{}"));
    let (_server, e) = served(error(Service::Iam, 404, "NoSuchEntity", "The role policy cannot be found."));
    let gone = e.first(iam::GetRolePolicy { role: role(), policy: PolicyName::new("a") }).unwrap_err();
    assert_eq!(gone.kind, FaultKind::NotFound);
}

fn whose_a_key_is_and_with_what_is_asked() {
    let (server, e) = served(xml_answer("GetAccessKeyInfo", "<Account>123456789012</Account>"));
    let key = AccessKeyId::new("AKIAIOSFODNN7EXAMPLE");
    assert_eq!(e.first(sts::GetAccessKeyInfo { key }).unwrap().to_string(), "123456789012");
    assert_eq!(form(&server), "Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=AKIAIOSFODNN7EXAMPLE");
    let who =
        "<Arn>arn:aws:iam::123456789012:user/svc</Arn><UserId>AIDA</UserId><Account>123456789012</Account>";
    let date = Timestamp::from_second(Timestamp::now().as_second() - 100).unwrap();
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let (server, e) = served(xml_answer("GetCallerIdentity", who).with("Date", date));
    let identity = e.first(sts::GetCallerIdentity {}).unwrap();
    let signed = server.last().unwrap().header("authorization").to_owned();
    let key = identity.key.unwrap();
    assert!(signed.contains(&format!("Credential={}/", key.wire())), "{signed} {key:?}");
    let ahead = identity.ahead_s.unwrap();
    assert!((98..=103).contains(&ahead), "{ahead}");
}

fn events_and_what_they_made() {
    let body = json!({ "Events": [event("AssumeRole")], "NextToken": "t" });
    let (server, e) = served(json_answer(Service::CloudTrail, &body));
    let from = Timestamp::from_second(1_795_000_000).unwrap();
    let ask = || cloudtrail::LookupEvents { by: Lookup::Key(AccessKeyId::new("AKIAOLD")), from };
    let page = e.page(ask(), None).unwrap();
    let sent: serde_json::Value = serde_json::from_slice(&server.last().unwrap().body).unwrap();
    let attribute = json!([{ "AttributeKey": "AccessKeyId", "AttributeValue": "AKIAOLD" }]);
    assert_eq!((&sent["LookupAttributes"], &sent["MaxResults"]), (&attribute, &json!(50)));
    assert_eq!((&sent["StartTime"], sent.get("EndTime")), (&json!(1_795_000_000), None));
    assert!(server.last().unwrap().header("x-amz-target").ends_with(".LookupEvents"));
    let events = e.first(ask()).unwrap();
    let made = Minted::Role {
        key: AccessKeyId::new("ASIANEW"),
        role: Arn::new("arn:aws:iam::123456789012:role/deploy"),
    };
    assert_eq!(events[0].minted, Some(made));
    assert_eq!((events[0].succeeded(), events[0].read_only), (true, Some(false)));
    assert!(!format!("{events:?}").contains("MARK"), "a session token was kept");
    e.page(ask(), page.next.as_ref()).unwrap_err();
    let bare = json!({ "Events": [{ "EventId": "1", "EventName": "X", "EventTime": 1_795_000_000, "CloudTrailEvent": "{" }] });
    let (_server, e) = served(json_answer(Service::CloudTrail, &bare));
    let events = e.all(ask()).unwrap();
    assert_eq!((events[0].at.as_second(), &events[0].error), (1_795_000_000, &None));
    let (_server, e) = served(json_answer(Service::CloudTrail, &json!({ "Events": [{ "EventName": "X" }] })));
    assert_eq!(e.first(ask()).unwrap_err().kind, FaultKind::Malformed);
}

fn what_the_simulator_says_of_boundary_and_organization() {
    let body = "<IsTruncated>false</IsTruncated><EvaluationResults><member><EvalActionName>s3:GetObject</EvalActionName>\
        <EvalResourceName>*</EvalResourceName><EvalDecision>implicitDeny</EvalDecision>\
        <OrganizationsDecisionDetail><AllowedByOrganizations>true</AllowedByOrganizations></OrganizationsDecisionDetail>\
        <PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>\
        </PermissionsBoundaryDecisionDetail></member></EvaluationResults>";
    let (_server, e) = served(xml_answer("SimulatePrincipalPolicy", body));
    let ask = iam::SimulatePrincipalPolicy {
        principal: Arn::new("arn:aws:iam::123456789012:role/app"),
        actions: vec!["s3:GetObject".into()],
        resources: vec!["*".into()],
    };
    let one = e.first(ask).unwrap().remove(0);
    assert_eq!(
        (one.allowed, one.explicit, one.boundary, one.organization),
        (false, false, Some(false), Some(true))
    );
}

fn a_key_its_policy_and_that_of_a_secret() {
    let key = json!({ "KeyMetadata": { "KeyId": "k", "Arn": "arn:k", "Enabled": false, "KeyState": "PendingDeletion",
        "KeyManager": "AWS", "DeletionDate": 1_795_000_000 } });
    let (server, e) = served(json_answer(Service::Kms, &key));
    let told = e.first(kms::DescribeKey { key: "alias/db".into() }).unwrap();
    assert_eq!((told.enabled, told.aws_managed, told.state.wire()), (false, true, "PendingDeletion"));
    assert_eq!(told.deletion_at.unwrap().as_second(), 1_795_000_000);
    assert_eq!(server.last().unwrap().header("x-amz-target"), "TrentService.DescribeKey");
    let (server, e) = served(json_answer(Service::Kms, &json!({ "Policy": "{}", "PolicyName": "default" })));
    assert_eq!(e.first(kms::GetKeyPolicy { key: "arn:k".into() }).unwrap().wire(), "{}");
    let sent: serde_json::Value = serde_json::from_slice(&server.last().unwrap().body).unwrap();
    assert_eq!(sent, json!({ "KeyId": "arn:k", "PolicyName": "default" }));
    let secret = || secretsmanager::GetResourcePolicy { secret: Arn::new("arn:s") };
    let (_server, e) =
        served(json_answer(Service::SecretsManager, &json!({ "ARN": "arn:s", "ResourcePolicy": "{}" })));
    assert_eq!(e.first(secret()).unwrap().unwrap().wire(), "{}");
    let (_server, e) = served(json_answer(Service::SecretsManager, &json!({ "ARN": "arn:s" })));
    assert_eq!(e.first(secret()).unwrap(), None);
}

fn whether_a_request_is_in_a_log_and_nothing_of_its_lines() {
    let page = json!({ "events": [line("START RequestId: 8f5a2c1e-01 hunter2")], "nextToken": "t" });
    let (server, e) = served(json_answer(Service::Logs, &page));
    let page = e.page(in_logs(), None).unwrap();
    let sent = server.last().unwrap();
    assert_eq!(sent.header("x-amz-target"), "Logs_20140328.FilterLogEvents");
    assert_eq!(sent.header("content-type"), "application/x-amz-json-1.1");
    assert!(sent.header("authorization").contains("/eu-central-1/logs/aws4_request"));
    let body: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
    let wanted = json!({
        "logGroupName": "/aws/lambda/ingest", "filterPattern": "\"8f5a2c1e-01\"", "limit": 10,
        "startTime": 1_790_000_000_000_i64, "endTime": 1_790_000_060_000_i64,
    });
    assert_eq!(body, wanted);
    e.page(in_logs(), page.next.as_ref()).unwrap_err();
    let again: serde_json::Value = serde_json::from_slice(&server.last().unwrap().body).unwrap();
    assert_eq!(again["nextToken"], "t");
    let told = e.first(in_logs()).unwrap();
    assert_eq!((told.len(), told[0].at.as_millisecond()), (1, 1_790_000_030_123));
    assert!(!format!("{told:?}").contains("hunter2"));
    let gone =
        error(Service::Logs, 400, "ResourceNotFoundException", "The specified log group does not exist.");
    let (_server, e) = served(gone);
    assert_eq!(e.first(in_logs()).unwrap_err().kind, FaultKind::NotFound);
}

fn databases_and_who_is_let_in() {
    let (server, e) = served(good(Service::Rds));
    let name = bartizan::estate::DbInstanceName::new("logapi");
    let told = e.first(rds::DescribeDBInstances { instance: Some(name) }).unwrap().remove(0);
    assert_eq!(
        form(&server),
        "Action=DescribeDBInstances&Version=2014-10-31&DBInstanceIdentifier=logapi&MaxRecords=100"
    );
    assert_eq!((told.port, told.public, told.backup_days), (Some(3306), true, 7));
    assert_eq!((told.groups[0].wire(), told.vpc.unwrap().wire()), ("sg-1", "vpc-1"));
    assert_eq!((told.pending.password, told.pending.others), (true, vec!["EngineVersion".into()]));
    let (_server, e) = served(good(Service::Ec2));
    let groups = vec![bartizan::estate::SecurityGroupId::new("sg-1")];
    let group = e.first(ec2::DescribeSecurityGroups { groups }).unwrap().remove(0);
    assert_eq!(group.name.wire(), "db & more");
    let ways: Vec<String> = group.ingress.iter().map(|r| r.peer.text().wire().to_owned()).collect();
    assert_eq!(ways, ["sg-app", "203.0.113.0/24", "::/0", "pl-1"], "and nothing of what is let out");
    assert_eq!(group.ingress[1].description.as_ref().unwrap().wire(), "old");
    for (service, status, code) in
        [(Service::Rds, 404, "DBInstanceNotFound"), (Service::Ec2, 400, "InvalidGroup.NotFound")]
    {
        let (_server, e) = served(error(service, status, code, "gone"));
        let fault = match service {
            Service::Rds => e.first(rds::DescribeDBInstances { instance: None }).unwrap_err(),
            _ => e.first(ec2::DescribeSecurityGroups { groups: vec![] }).unwrap_err(),
        };
        assert_eq!(fault.kind, FaultKind::NotFound, "{code}");
    }
}

fn rules_and_where_they_send() {
    let rules = json!({ "Rules": [
        { "Name": "nightly", "Arn": "arn:r", "State": "ENABLED", "ScheduleExpression": "rate(1 day)" },
        { "Name": "own", "State": "DISABLED", "EventPattern": "{}", "ManagedBy": "x.amazonaws.com" },
    ], "NextToken": "t" });
    let (server, e) = served(json_answer(Service::Events, &rules));
    let page = e.page(events::ListRules {}, None).unwrap();
    let sent = server.last().unwrap();
    assert_eq!(sent.header("x-amz-target"), "AWSEvents.ListRules");
    assert!(sent.header("authorization").contains("/eu-central-1/events/aws4_request"));
    e.page(events::ListRules {}, page.next.as_ref()).unwrap_err();
    let again: serde_json::Value = serde_json::from_slice(&server.last().unwrap().body).unwrap();
    assert_eq!(again, json!({ "Limit": 100, "NextToken": "t" }));
    let told = e.first(events::ListRules {}).unwrap();
    assert_eq!(told[0].schedule.as_ref().unwrap().wire(), "rate(1 day)");
    assert!(told[1].is_disabled() && told[1].managed_by.is_some() && !told[0].is_disabled());
    let targets =
        json!({ "Targets": [{ "Id": "1", "Arn": "arn:aws:lambda:r:1:function:f", "Input": "swordfish" }] });
    let (server, e) = served(json_answer(Service::Events, &targets));
    let told = e.first(events::ListTargetsByRule { rule: "nightly".into() }).unwrap();
    assert_eq!(told[0].arn.wire(), "arn:aws:lambda:r:1:function:f");
    assert!(!format!("{told:?}").contains("swordfish"), "what a target is sent is not taken over");
    let sent: serde_json::Value = serde_json::from_slice(&server.last().unwrap().body).unwrap();
    assert_eq!(sent, json!({ "Rule": "nightly", "Limit": 100 }));
}

fn what_a_line_says_where_it_is_evidence() {
    let said = "GET /orders 203.0.113.66 \u{1b}[2J";
    let (server, e) = served(json_answer(Service::Logs, &json!({ "events": [line(said)] })));
    let told = e.first(logs::FilterLogEvents { said: true, ..in_logs() }).unwrap();
    assert_eq!(told[0].said.as_ref().unwrap().wire(), said);
    let sent: serde_json::Value = serde_json::from_slice(&server.last().unwrap().body).unwrap();
    assert_eq!(
        (sent["limit"].as_u64(), sent["filterPattern"].as_str()),
        (Some(1_000), Some("\"8f5a2c1e-01\""))
    );
}

pub fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 14] = [
        ("rules_and_where_they_send", rules_and_where_they_send),
        ("what_a_line_says_where_it_is_evidence", what_a_line_says_where_it_is_evidence),
        (
            "what_the_simulator_says_of_boundary_and_organization",
            what_the_simulator_says_of_boundary_and_organization,
        ),
        ("a_key_its_policy_and_that_of_a_secret", a_key_its_policy_and_that_of_a_secret),
        ("databases_and_who_is_let_in", databases_and_who_is_let_in),
        (
            "whether_a_request_is_in_a_log_and_nothing_of_its_lines",
            whether_a_request_is_in_a_log_and_nothing_of_its_lines,
        ),
        ("a_user_with_its_boundary", a_user_with_its_boundary),
        ("names_of_users", names_of_users),
        ("policies_of_a_user", policies_of_a_user),
        ("groups_password_and_devices", groups_password_and_devices),
        ("a_role_with_its_trust", a_role_with_its_trust),
        ("policies_of_a_role", policies_of_a_role),
        ("whose_a_key_is_and_with_what_is_asked", whose_a_key_is_and_with_what_is_asked),
        ("events_and_what_they_made", events_and_what_they_made),
    ];
    trials_of("access", tests)
}
