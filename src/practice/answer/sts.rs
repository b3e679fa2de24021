//! Who is asking: nobody real, and it says so.

use super::Asked;
use crate::estate::ask::Cursor;
use crate::estate::ask::sts::{Answer, Ask, GetCallerIdentity};
use crate::estate::at::AccountId;
use crate::estate::fault::{Fault, FaultKind};
use crate::estate::identity::Identity;
use crate::estate::names::Arn;
use crate::estate::principal::KeyKind;
use crate::practice::faults::{self, PRINCIPAL};
use crate::practice::world::ACCOUNT;

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    let account =
        || AccountId::new(ACCOUNT).ok_or_else(|| Fault::new(FaultKind::Malformed, asked.op.name, ACCOUNT));
    match ask {
        Ask::GetCallerIdentity(GetCallerIdentity {}) => {
            let account = account()?;
            let identity = Identity {
                account,
                arn: Arn::new(PRINCIPAL),
                user_id: "AROAPRACTICE00000000:alice".into(),
                key: None,
                ahead_s: Some(0),
            };
            Ok((Answer::GetCallerIdentity(identity), None))
        }
        // Whether there is such a key, only its account is told.
        Ask::GetAccessKeyInfo(q) if KeyKind::of(q.key.wire()) != KeyKind::NoKey => {
            Ok((Answer::GetAccessKeyInfo(account()?), None))
        }
        Ask::GetAccessKeyInfo(_) => {
            Err(faults::invalid(asked.op, "ValidationError", "The access key id is not valid."))
        }
    }
}
