//! Makes changes: exactly one AWS write for each call. The SDK retries nothing (`settings`), so that whoever
//! calls knows of every sending. Values meet their call here, taken from the vault that the call's slots name;
//! no fault says one. It decides nothing about what is worth doing.

mod apigateway;
mod ec2;
mod iam;
mod lambda;
mod rds;
mod secretsmanager;
mod sqs;

use super::clients::Clients;
use super::fault::Judge;
use super::marked::Marked;
use super::session::Session;
use crate::estate::change::Call;
use crate::estate::edit::{self, Edit};
use crate::estate::{
    At, BoxFuture, Changes, Clock, EditFault, Fault, FaultKind, IdempotencyKey, Receipt, Slot, Vault,
};
use std::sync::Arc;
use zeroize::Zeroizing;

pub(super) struct AwsChanges {
    pub clients: Arc<Clients>,
    pub session: Arc<Session>,
    pub clock: Arc<dyn Clock>,
}

impl AwsChanges {
    async fn one_call(
        &self,
        at: &At,
        call: &Call,
        key: &IdempotencyKey,
        vault: &Vault,
    ) -> Result<Receipt, Fault> {
        // Without credentials nothing was sent, whatever kept them from coming.
        let held = self.session.ready().await.map_err(Fault::without_effect)?;
        let now = || self.clock.now();
        let judge = &Judge::new(call.operation(), &held.origin, &now).of_a_write();
        let (clients, at) = (&self.clients, &at.region);
        let done = match call {
            Call::SecretsManager(call) => {
                secretsmanager::apply(&clients.secretsmanager(at), call, key, vault, judge).await
            }
            Call::Lambda(call) => lambda::apply(&clients.lambda(at), call, vault, judge).await,
            Call::ApiGateway(call) => apigateway::apply(&clients.apigateway(at), call, vault, judge).await,
            Call::Iam(call) => iam::apply(&clients.iam(at), call, vault, judge).await,
            Call::Rds(call) => rds::apply(clients, at, &held.credentials, call, vault, judge).await,
            Call::Ec2(call) => ec2::apply(clients, at, &held.credentials, call, judge).await,
            Call::Sqs(call) => {
                let ports = sqs::Ports { client: &clients.sqs(at), clock: &*self.clock, vault };
                sqs::apply(&ports, call, judge).await
            }
        };
        if let Err(fault) = &done {
            self.session.not_accepted(&held, &fault.kind);
        }
        done
    }
}

impl Changes for AwsChanges {
    fn apply<'a>(
        &'a self,
        at: &'a At,
        call: &'a Call,
        key: &'a IdempotencyKey,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        Box::pin(async move {
            let done = self.one_call(at, call, key, vault).await;
            done.map_err(|fault| Marked::held(vault, &call.needs()).cleaned(fault))
        })
    }
}

/// The text in a slot, for the one call that sends it. The SDK wants a plain string: this one is made in one
/// piece and moved into the request.
fn text(vault: &Vault, slot: &Slot, judge: &Judge<'_>) -> Result<String, Fault> {
    let bytes = vault.copy(slot).ok_or_else(|| refused(&EditFault::Empty(slot.clone()), judge))?;
    plain(bytes, judge)
}

/// The same bytes as text; they are wiped if they are none.
fn plain(mut bytes: Zeroizing<Vec<u8>>, judge: &Judge<'_>) -> Result<String, Fault> {
    if std::str::from_utf8(&bytes).is_err() {
        return Err(Fault::new(FaultKind::Invalid, judge.operation(), "the value is not UTF-8 text"));
    }
    String::from_utf8(std::mem::take(&mut *bytes))
        .map_err(|_| Fault::new(FaultKind::Invalid, judge.operation(), "the value is not UTF-8 text"))
}

/// The document in `base` after `edit`.
fn edited(vault: &Vault, base: &Slot, edit: &Edit, judge: &Judge<'_>) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let document = vault.copy(base).ok_or_else(|| refused(&EditFault::Empty(base.clone()), judge))?;
    edit::apply(edit, &document, vault).map_err(|why| refused(&why, judge))
}

/// An edit that cannot be made: nothing was sent.
fn refused(why: &EditFault, judge: &Judge<'_>) -> Fault {
    Fault::new(FaultKind::Invalid, judge.operation(), why.to_string())
}

/// Refuses what is larger than the store takes, in bytes.
fn fits(bytes: usize, limit: usize, judge: &Judge<'_>) -> Result<(), Fault> {
    if bytes <= limit { Ok(()) } else { Err(refused(&EditFault::TooLarge { bytes, limit }, judge)) }
}
