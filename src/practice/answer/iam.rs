//! The account's alias, which is the word that every screen shows.

use crate::estate::ask::iam::{Answer, Ask, ListAccountAliases};
use crate::estate::names::AccountAlias;

pub(super) fn answer(ask: &Ask) -> Answer {
    match ask {
        Ask::ListAccountAliases(ListAccountAliases {}) => {
            Answer::ListAccountAliases(vec![AccountAlias::new("practice")])
        }
    }
}
