//! The question to STS.

use super::convert::{malformed, need};
use super::fault::Judge;
use crate::estate::ask::sts::{Answer, Ask};
use crate::estate::{AccountId, Arn, Cursor, Fault, Identity, Untrusted};
use aws_sdk_sts::Client;

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    let op = judge.operation();
    match ask {
        Ask::GetCallerIdentity(_) => {
            let out = judge.of(client.get_caller_identity().send().await)?;
            let account = need(op, "Account", out.account)?;
            let identity = Identity {
                account: AccountId::new(&account)
                    .ok_or_else(|| malformed(op, format!("{account:?} is not an account id")))?,
                arn: Arn::new(need(op, "Arn", out.arn)?),
                user_id: Untrusted::from(out.user_id.unwrap_or_default()),
            };
            Ok((Answer::GetCallerIdentity(identity), None))
        }
    }
}
