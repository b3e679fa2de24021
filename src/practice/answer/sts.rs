//! Who is asking: nobody real, and it says so.

use crate::estate::ask::Cursor;
use crate::estate::ask::sts::{Answer, Ask, GetCallerIdentity};
use crate::estate::at::AccountId;
use crate::estate::fault::{Fault, FaultKind};
use crate::estate::identity::Identity;
use crate::estate::names::Arn;
use crate::practice::{faults::PRINCIPAL, world::ACCOUNT};

pub(super) fn answer(ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    match ask {
        Ask::GetCallerIdentity(GetCallerIdentity {}) => {
            let account = AccountId::new(ACCOUNT)
                .ok_or_else(|| Fault::new(FaultKind::Malformed, ask.operation().name, ACCOUNT))?;
            let identity =
                Identity { account, arn: Arn::new(PRINCIPAL), user_id: "AROAPRACTICE00000000:alice".into() };
            Ok((Answer::GetCallerIdentity(identity), None))
        }
    }
}
