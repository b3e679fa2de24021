//! A power that fails at a counted write, before its effect or after it: nothing is heard of it, and whoever waits is dropped.

use crate::bed::{Bed, answer};
use bartizan::engine::Live;
use bartizan::estate::*;
use bartizan::runbook::{Halt, RunState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Makes writes until one where the power fails.
pub struct Failing {
    pub inner: Arc<dyn Changes>,
    pub left: AtomicUsize,
    pub after: bool,
    pub dark: Arc<Notify>,
}

impl Changes for Failing {
    fn apply<'a>(
        &'a self,
        at: &'a At,
        call: &'a Call,
        key: &'a IdempotencyKey,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        Box::pin(async move {
            if self.left.fetch_sub(1, Ordering::SeqCst) > 1 {
                return self.inner.apply(at, call, key, vault).await;
            }
            if self.after {
                drop(self.inner.apply(at, call, key, vault).await);
            }
            self.dark.notify_one();
            std::future::pending().await
        })
    }
}

/// Runs until the `nth` write (from 1), where the power fails; `false` if the run was over before.
pub async fn until_dark(bed: &Bed, live: &mut Live, dark: &Notify) -> bool {
    loop {
        let halt = tokio::select! {
            biased;
            () = dark.notified() => return true,
            halt = live.go(None) => halt.unwrap(),
        };
        if !answer(bed, live, &halt).await {
            assert_eq!(halt, Halt::Over(RunState::Done));
            return false;
        }
    }
}
