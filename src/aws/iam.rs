//! The question to IAM.

use super::convert::{next, token};
use super::fault::Judge;
use crate::estate::ask::iam::{Answer, Ask};
use crate::estate::{AccountAlias, Cursor, Fault, FaultKind};
use aws_sdk_iam::Client;

pub(super) async fn ask(
    client: &Client,
    ask: &Ask,
    from: Option<&Cursor>,
    judge: &Judge<'_>,
) -> Result<(Answer, Option<Cursor>), Fault> {
    match ask {
        Ask::ListAccountAliases(_) => {
            let out = judge.of(client.list_account_aliases().set_marker(token(from)).send().await)?;
            let aliases = out.account_aliases.into_iter().map(AccountAlias::new).collect();
            let marker = out.marker.filter(|_| out.is_truncated);
            Ok((Answer::ListAccountAliases(aliases), next(judge.operation(), from, marker)?))
        }
        Ask::ListAccessKeys(_)
        | Ask::GetAccessKeyLastUsed(_)
        | Ask::ListUserTags(_)
        | Ask::SimulatePrincipalPolicy(_) => {
            Err(Fault::new(FaultKind::Unsupported, judge.operation(), "this version cannot ask it yet"))
        }
    }
}
