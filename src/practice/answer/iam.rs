//! The account's alias, which is the word that every screen shows.

use super::Asked;
use crate::estate::ask::iam::{Answer, Ask, ListAccountAliases};
use crate::estate::fault::Fault;
use crate::estate::names::AccountAlias;
use crate::practice::faults;

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<Answer, Fault> {
    match ask {
        Ask::ListAccountAliases(ListAccountAliases {}) => {
            Ok(Answer::ListAccountAliases(vec![AccountAlias::new("practice")]))
        }
        Ask::ListAccessKeys(_)
        | Ask::GetAccessKeyLastUsed(_)
        | Ask::ListUserTags(_)
        | Ask::SimulatePrincipalPolicy(_) => Err(faults::unsupported(asked.op)),
    }
}
