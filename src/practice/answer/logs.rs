//! Logs of functions, as far as dead letters tell of them: the line that an invocation failed with was written when its
//! event was given up. Source: CloudWatch Logs API reference, `FilterLogEvents`.

use super::{Asked, text, time};
use crate::estate::ask::logs::{Answer, Ask};
use crate::estate::{Fault, Logged};
use crate::practice::faults;
use crate::practice::letters;
use crate::practice::world::queue::name::Spot;

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<Answer, Fault> {
    asked.single()?;
    let Ask::FilterLogEvents(q) = ask;
    let world = asked.world;
    let name = q.group.wire().strip_prefix("/aws/lambda/").filter(|_| asked.here);
    let Some(function) = name.and_then(|name| world.function(name)) else {
        let message = "The specified log group does not exist.";
        return Err(faults::missing(asked.op, "ResourceNotFoundException", message));
    };
    let mut found = Vec::new();
    for (place, queue) in world.queues.iter().enumerate() {
        for batch in &queue.batches {
            for spot in (0..batch.size).map(|n| Spot(batch.id, n)).filter(|spot| queue.has(*spot)) {
                let Some((who, request, at)) = letters::failed(world, place, spot) else { continue };
                let at = time(at);
                if who == function && request == q.text.wire() && (q.from..=q.to).contains(&at) {
                    found.push(Logged { at, stream: text("practice") });
                }
            }
        }
    }
    found.sort_by_key(|line| line.at);
    Ok(Answer::FilterLogEvents(found))
}
