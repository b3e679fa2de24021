//! Asks single questions and nothing that follows from them: one page each, for whoever wants to know
//! whether they can be asked at all.

use super::gate::Gate;
use crate::estate::{Fault, Page, Ports, Query};
use futures_util::stream::{self, StreamExt};

/// Questions in flight.
const FAN_OUT: usize = 8;

/// Asks each of `queries` once and gives the answers in their order. Nothing is asked again: a throttled
/// question is as good an answer as any to "may I?".
pub async fn ask_each(ports: &Ports, queries: Vec<Query>) -> Vec<(Query, Result<Page, Fault>)> {
    let gate = Gate::new(ports.clock.clone());
    stream::iter(queries)
        .map(|query| {
            let gate = &gate;
            async move {
                gate.pass(&query.at, query.ask.operation()).await;
                let answer = ports.reads.fetch(&query, None).await;
                (query, answer)
            }
        })
        .buffered(FAN_OUT)
        .collect()
        .await
}
