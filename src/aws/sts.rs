//! The questions to STS.

use super::convert::{malformed, need};
use super::fault::Judge;
use super::http::Http;
use crate::estate::ask::sts::{Answer, Ask};
use crate::estate::{AccessKeyId, AccountId, Arn, Cursor, Fault, Identity, Untrusted};
use aws_sdk_sts::Client;

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    judge: &Judge<'_>,
    key: &str,
    http: &Http,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::GetCallerIdentity(_) => {
            let out = judge.of(client.get_caller_identity().send().await)?;
            let identity = Identity {
                account: account(op, out.account)?,
                arn: Arn::new(need(op, "Arn", out.arn)?),
                user_id: Untrusted::from(out.user_id.unwrap_or_default()),
                key: Some(AccessKeyId::new(key)),
                // the answer that was just had is the last one, or another came meanwhile
                ahead_s: http.ahead_s(),
            };
            Ok((Answer::GetCallerIdentity(identity), None))
        }
        Ask::GetAccessKeyInfo(q) => {
            let out = judge.of(client.get_access_key_info().access_key_id(q.key.wire()).send().await)?;
            Ok((Answer::GetAccessKeyInfo(account(op, out.account)?), None))
        }
    }
}

fn account(op: &'static str, said: Option<String>) -> Result<AccountId, Fault> {
    let said = need(op, "Account", said)?;
    AccountId::new(&said).ok_or_else(|| malformed(op, format!("{said:?} is not an account id")))
}
