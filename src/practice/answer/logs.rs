//! Logs of functions, as far as dead letters tell of them: the line that an invocation failed with was written when its
//! event was given up. And the access logs of gateways. Source: CloudWatch Logs API reference, `FilterLogEvents`.

use super::{Asked, access, text, time};
use crate::estate::ask::Cursor;
use crate::estate::ask::logs::{Answer, Ask};
use crate::estate::{Fault, Logged};
use crate::practice::faults;
use crate::practice::letters;
use crate::practice::world::gateway::Api;
use crate::practice::world::queue::name::Spot;

/// Lines of a page that are wanted for what they say.
const PAGE: usize = 1_000;

pub(super) fn answer(asked: &Asked<'_>, ask: &Ask) -> Result<(Answer, Option<Cursor>), Fault> {
    let Ask::FilterLogEvents(q) = ask;
    let world = asked.world;
    let of_group = |api: &&Api| api.log.as_deref() == Some(q.group.wire());
    if let Some(api) = world.apis.iter().filter(|_| asked.here).find(of_group) {
        let mut lines = access::lines(world, api, q.from.as_second(), q.to.as_second());
        lines.retain(|line| line.said.contains(q.text.wire()));
        let rows: Vec<&access::Written> = lines.iter().collect();
        let about = format!("{} {}", q.group.wire(), q.text.wire());
        let (page, next) = asked.page(&about, &rows, PAGE, |line| &line.name)?;
        let logged = |line: &access::Written| Logged {
            at: time(line.at),
            stream: text("practice"),
            said: q.said.then(|| text(&line.said)),
        };
        return Ok((Answer::FilterLogEvents(page.into_iter().map(logged).collect()), next));
    }
    asked.single()?;
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
                    found.push(Logged {
                        at,
                        stream: text("practice"),
                        said: q.said.then(|| text(&request_line(&request))),
                    });
                }
            }
        }
    }
    found.sort_by_key(|line| line.at);
    Ok((Answer::FilterLogEvents(found), None))
}

fn request_line(request: &str) -> String {
    format!("[ERROR] RequestId: {request}")
}
