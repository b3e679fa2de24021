//! The record of an event, as CloudTrail keeps it: JSON. What a careless or hostile record lacks or has in another
//! form is not there; nothing in it is trusted. Source: CloudTrail user guide, "CloudTrail record contents" and
//! "CloudTrail userIdentity element".

use crate::estate::{AccessKeyId, Arn, Minted, Timestamp, Untrusted, UserName};
use serde::Deserialize;
use serde_json::Value;

/// What a record says.
#[derive(Default, Debug, PartialEq)]
pub(super) struct Said {
    pub at: Option<Timestamp>,
    pub region: Option<Untrusted>,
    pub source_ip: Option<Untrusted>,
    pub user_agent: Option<Untrusted>,
    pub key: Option<AccessKeyId>,
    pub principal: Option<Arn>,
    pub error: Option<Untrusted>,
    pub minted: Option<Minted>,
    pub secret: Option<Untrusted>,
    pub target: Option<Untrusted>,
}

/// The parts that are read; the rest is skipped over. A session token is `sessionToken` in the answer's credentials,
/// of which only the id is taken.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Record {
    event_time: Value,
    event_name: Value,
    aws_region: Value,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: Value,
    user_agent: Value,
    error_code: Value,
    user_identity: Identity,
    request_parameters: Option<Asked>,
    response_elements: Option<Answered>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    arn: Value,
    access_key_id: Value,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Asked {
    role_arn: Value,
    role_name: Value,
    user_name: Value,
    function_name: Value,
    secret_id: Value,
    policy_arn: Value,
    policy_name: Value,
    layer_name: Value,
    rule_name: Value,
    name: Value,
    #[serde(rename = "sAMLProviderArn")]
    saml_provider_arn: Value,
    #[serde(rename = "openIDConnectProviderArn")]
    open_id_connect_provider_arn: Value,
    serial_number: Value,
    virtual_mfa_device_name: Value,
    url: Value,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Answered {
    credentials: Option<Credentials>,
    access_key: Option<NewKey>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Credentials {
    access_key_id: Value,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct NewKey {
    access_key_id: Value,
    user_name: Value,
}

pub(super) fn read(json: &str) -> Said {
    // A record that is none leaves the fields around it.
    let Ok(record) = serde_json::from_str::<Record>(json) else { return Said::default() };
    Said {
        at: word(&record.event_time).and_then(|t| t.wire().parse().ok()),
        region: word(&record.aws_region),
        source_ip: word(&record.source_ip_address),
        user_agent: word(&record.user_agent),
        key: word(&record.user_identity.access_key_id).map(|k| AccessKeyId::new(k.wire())),
        principal: word(&record.user_identity.arn).map(|a| Arn::new(a.wire())),
        error: word(&record.error_code),
        minted: minted(&record),
        secret: secret(&record),
        target: target(&record),
    }
}

fn word(value: &Value) -> Option<Untrusted> {
    value.as_str().filter(|text| !text.is_empty()).map(Untrusted::from)
}

/// The secret whose value was asked for. `BatchGetSecretValue` makes an event of this name for each secret (Secrets
/// Manager user guide, "Log events with AWS CloudTrail").
fn secret(record: &Record) -> Option<Untrusted> {
    let asks = record.event_name.as_str() == Some("GetSecretValue");
    record.request_parameters.as_ref().filter(|_| asks).and_then(|asked| word(&asked.secret_id))
}

/// What an event was done to: whom it names first; a policy only where it names nobody that it is put on.
fn target(record: &Record) -> Option<Untrusted> {
    let asked = record.request_parameters.as_ref()?;
    let all = [
        &asked.user_name,
        &asked.role_name,
        &asked.role_arn,
        &asked.function_name,
        &asked.secret_id,
        &asked.policy_arn,
        &asked.policy_name,
        &asked.layer_name,
        &asked.rule_name,
        &asked.saml_provider_arn,
        &asked.open_id_connect_provider_arn,
        &asked.serial_number,
        &asked.virtual_mfa_device_name,
        &asked.name,
        &asked.url,
    ];
    all.into_iter().find_map(word)
}

/// The credentials that an event made. One that failed has no answer, and made none.
fn minted(record: &Record) -> Option<Minted> {
    let name = record.event_name.as_str()?;
    let asked = record.request_parameters.as_ref();
    if name == "CreateLoginProfile" && word(&record.error_code).is_none() {
        return Some(Minted::Password { user: UserName::new(word(&asked?.user_name)?.wire()) });
    }
    let answered = record.response_elements.as_ref()?;
    let session = || Some(AccessKeyId::new(word(&answered.credentials.as_ref()?.access_key_id)?.wire()));
    match name {
        "AssumeRole" | "AssumeRoleWithSAML" | "AssumeRoleWithWebIdentity" => {
            Some(Minted::Role { key: session()?, role: Arn::new(word(&asked?.role_arn)?.wire()) })
        }
        "GetSessionToken" | "GetFederationToken" => Some(Minted::User { key: session()? }),
        "CreateAccessKey" => {
            let new = answered.access_key.as_ref()?;
            let user = word(&new.user_name).map(|u| UserName::new(u.wire()));
            Some(Minted::Key { key: AccessKeyId::new(word(&new.access_key_id)?.wire()), user })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSUMED: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/ci",
        "accessKeyId":"AKIAOLD","userName":"ci"},"eventTime":"2026-11-20T09:41:07Z","eventSource":"sts.amazonaws.com",
        "eventName":"AssumeRole","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9","userAgent":"aws-cli/2 \u001b[2J",
        "requestParameters":{"roleArn":"arn:aws:iam::123456789012:role/deploy","roleSessionName":"x"},
        "responseElements":{"credentials":{"accessKeyId":"ASIANEW","sessionToken":"MARKtoken","expiration":"Nov 20, 2026"},
        "assumedRoleUser":{"arn":"arn:aws:sts::123456789012:assumed-role/deploy/x"}}}"#;

    #[test]
    fn a_session_is_known_by_its_id_and_nothing_else_of_it() {
        let said = read(ASSUMED);
        let role = Arn::new("arn:aws:iam::123456789012:role/deploy");
        assert_eq!(said.minted, Some(Minted::Role { key: AccessKeyId::new("ASIANEW"), role }));
        assert_eq!(said.key, Some(AccessKeyId::new("AKIAOLD")));
        assert_eq!(said.at.map(|t| t.to_string()).as_deref(), Some("2026-11-20T09:41:07Z"));
        assert_eq!(
            (said.error.as_ref(), said.source_ip.as_ref().map(|ip| ip.wire())),
            (None, Some("203.0.113.9"))
        );
        assert!(!format!("{said:?}").contains("MARK"));
    }

    #[test]
    fn what_was_refused_made_nothing() {
        let refused = r#"{"eventName":"AssumeRole","errorCode":"AccessDenied","requestParameters":{"roleArn":"arn:r"},"responseElements":null}"#;
        let said = read(refused);
        assert_eq!((said.minted, said.error.unwrap().wire()), (None, "AccessDenied"));
        let key = r#"{"eventName":"CreateAccessKey","responseElements":{"accessKey":{"accessKeyId":"AKIA2","userName":"ci","status":"Active"}}}"#;
        let user = Some(UserName::new("ci"));
        assert_eq!(read(key).minted, Some(Minted::Key { key: AccessKeyId::new("AKIA2"), user }));
        let login = r#"{"eventName":"CreateLoginProfile","requestParameters":{"userName":"ci"},"responseElements":{"loginProfile":{}}}"#;
        assert_eq!(read(login).minted, Some(Minted::Password { user: UserName::new("ci") }));
    }

    #[test]
    fn a_secret_is_known_by_the_name_that_was_given() {
        let read_one = r#"{"eventName":"GetSecretValue","requestParameters":{"secretId":"db/main"},"responseElements":null}"#;
        assert_eq!(read(read_one).secret, Some(Untrusted::from("db/main")));
        let other = r#"{"eventName":"DescribeSecret","requestParameters":{"secretId":"db/main"}}"#;
        assert_eq!(read(other).secret, None);
    }

    #[test]
    fn a_record_in_another_form_says_nothing() {
        for odd in
            ["", "[]", "null", "{", r#"{"eventName":1,"userIdentity":{"arn":[]}}"#, r#"{"userIdentity":"x"}"#]
        {
            assert_eq!(read(odd), Said::default(), "{odd}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(&format!(r#"{{"eventTime":{deep}}}"#)), Said::default());
    }
}
