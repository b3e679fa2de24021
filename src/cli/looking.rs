//! `queues peek` and `queues export`: messages are looked at, kept if wished, and given back. What they tell is understood
//! by `insight::messages` and written by `peek`.

use super::args::{Choice, LogLevel, Output};
use super::exit::{Exit, Failure};
use super::out::Out;
use super::peek as words;
use super::read::{Opened, Reading};
use super::run::World;
use super::runbook::fault;
use super::say::safe;
use super::ticker::Ticker;
use super::{confirm, find, whose};
use crate::engine::gate::Gate;
use crate::engine::messages::{self, Account, Hands, Sought, Wish, known};
use crate::engine::runs::Brake;
use crate::estate::change::messages::{Act, VISIBILITY_S};
use crate::estate::message::Select;
use crate::estate::message::whose::{Search, cost as search_cost};
use crate::estate::{At, Consent, QueueFacts, QueueUrl, Untrusted};
use crate::insight::messages::{Peeked, cost, peeked, retention};
use crate::insight::{Broad, Source};
use std::path::Path;

/// The queue that was meant, and who asks where.
pub(super) struct Meant {
    pub url: QueueUrl,
    pub facts: Option<QueueFacts>,
    pub at: At,
    pub by: Untrusted,
}

/// How much is looked at.
pub(super) struct Sample<'a> {
    /// How many are told at most; `None`: all.
    pub enough: Option<u64>,
    /// How many are read to find them; `None`: all.
    pub read: Option<u64>,
    /// Whose they are is looked for in logs.
    pub logs: bool,
    pub choice: &'a Choice,
}

/// What an export is to be.
pub(super) struct Wanted<'a> {
    pub to: &'a Path,
    pub gzip: bool,
    pub most: Option<u64>,
    pub choice: &'a Choice,
}

impl Meant {
    /// The queue of a name, URL or ARN.
    ///
    /// # Errors
    /// There is none or there are several (exit 2), or queues cannot be listed (exit 3).
    pub(super) async fn find(opened: &Opened<'_>, typed: &str) -> Result<Self, Failure> {
        let queues = Source::Broad(Broad::Queues);
        let reading: Reading = opened.read(std::slice::from_ref(&queues)).await;
        reading.require(&[queues])?;
        let row = find::queue(&reading.inv, typed)?;
        let identity = reading.inv.identity.value();
        Ok(Self {
            url: row.url.clone(),
            facts: row.facts.value().cloned(),
            at: At { account: identity.map(|i| i.account.clone()), region: opened.ports.region.clone() },
            by: identity.map_or_else(|| Untrusted::from("unknown"), |i| i.principal()),
        })
    }

    /// Consent to look at it and to hide what is seen for so many seconds; what that costs is said first.
    fn consent(
        &self,
        most: Option<u64>,
        hidden_s: u32,
        opened: &Opened<'_>,
        out: &mut Out,
    ) -> Result<Consent, Failure> {
        if opened.setup.context.read_only || opened.ports.writes.is_none() {
            let words =
                "this context is read-only: looking at messages raises their receive counts and hides them";
            return Err(Failure::refused(words));
        }
        let cost = cost::of(self.facts.as_ref(), hidden_s);
        if let Some(why) = cost.refused {
            return Err(Failure::refused(why));
        }
        for sentence in &cost.sentences {
            out.note(LogLevel::Warn, sentence);
        }
        let act = Act::Peek { from: self.url.clone(), most, dead_end: cost.dead_end, whose: None };
        confirm::look(self.at.clone(), act)
    }
}

/// Which messages are meant by what was typed.
///
/// # Errors
/// The filter cannot be read.
fn select(choice: &Choice, opened: &Opened<'_>) -> Result<Select, Failure> {
    let filter = choice.filter.as_ref().map(|text| text.parse()).transpose();
    Ok(Select {
        groups: choice.group.iter().map(|group| Untrusted::from(group.as_str())).collect(),
        filter: filter.map_err(|wrong| Failure::usage(format!("--filter: {wrong}")))?,
        masks: opened.setup.config.masks.clone(),
        ..Select::default()
    })
}

/// What was looked at, and whose it is.
pub(super) struct Looked {
    pub seen: messages::Peeked,
    pub told: Peeked,
    /// What logs told of it, where that was wanted.
    pub search: Option<Search>,
    /// How many were to be read at most.
    pub most: Option<u64>,
}

/// Looks at messages and gives them back; what that costs, and the search of logs, is said first.
pub(super) async fn look(
    opened: &Opened<'_>,
    meant: &Meant,
    sample: &Sample<'_>,
    world: &World,
    out: &mut Out,
) -> Result<Looked, Failure> {
    let select = select(sample.choice, opened)?;
    // Without a choice every message is one that is looked for.
    let most = if select.is_all() { sample.enough } else { sample.read.max(sample.enough) };
    if let (false, Some(most), Some(enough)) = (select.is_all(), most, sample.enough) {
        out.note(LogLevel::Warn, format!("Up to {most} messages are read to find {enough} that match."));
    }
    let consent = meant.consent(most, VISIBILITY_S, opened, out)?;
    if sample.logs {
        out.note(LogLevel::Warn, search_cost());
    }
    let sought = Sought { select: &select, enough: sample.enough };
    let (brake, gate) = (Brake::default(), Gate::new(opened.ports.clock.clone()));
    let hands = Hands { ports: &opened.ports, gate: &gate, brake: &brake };
    let landed = world.landing.hold(&brake);
    let ticker = Ticker::of_process();
    let tell = |account: &Account| ticker.say(&so_far(account, None));
    let seen = messages::peek(&hands, &consent, &sought, &tell).await.map_err(|f| fault(&f))?;
    drop(ticker);
    let told = peeked(
        seen.messages.iter().map(|held| &held.message),
        retention(meant.facts.as_ref()),
        &opened.setup.config.masks,
    );
    let search = match sample.logs {
        true => Some(whose::find(opened, meant, &told, &brake).await),
        false => None,
    };
    drop(landed);
    Ok(Looked { seen, told, search, most })
}

/// `queues peek`.
pub(super) async fn peek(
    opened: &Opened<'_>,
    queue: &str,
    sample: &Sample<'_>,
    world: &World,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let select = select(sample.choice, opened)?;
    let meant = Meant::find(opened, queue).await?;
    let Looked { seen, told, search, most } = look(opened, &meant, sample, world, out).await?;
    let now = opened.ports.clock.now();
    match opened.setup.output {
        Output::Json => {
            let found = search.as_ref().map(whose::document);
            out.document(&words::document(&told, &seen, &meant, opened, found), false)?;
        }
        Output::Text => {
            let mut blocks = words::blocks(&told, seen.account.received, now);
            blocks.extend(search.iter().flat_map(|found| whose::blocks(&told, found)));
            out.blocks(&blocks)?;
        }
    }
    if !select.is_all() {
        let (found, read) = (told.messages.len(), seen.account.received);
        let more = match (seen.enough, most.is_some_and(|most| read >= most)) {
            (true, _) => "; there may be more",
            (false, true) => "; that is as many as are read without `--read` or `--all`: there may be more",
            (false, false) => "",
        };
        out.note(LogLevel::Warn, format!("{found} of {read} messages that were read match{more}"));
    }
    for gap in search.iter().flat_map(|found| &found.gaps) {
        out.note(LogLevel::Warn, format!("logs: {}", safe(gap)));
    }
    for said in seen.account.said(opened.ports.clock.now()) {
        out.note(LogLevel::Warn, safe(&said));
    }
    match seen.fault {
        Some(fault) if seen.messages.is_empty() => Err(Failure::unread(&fault)),
        Some(_) | None => Ok(Exit::Done),
    }
}

/// `queues export`.
pub(super) async fn export(
    opened: &Opened<'_>,
    queue: &str,
    wanted: &Wanted<'_>,
    world: &World,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let select = select(wanted.choice, opened)?;
    let meant = Meant::find(opened, queue).await?;
    let unread = || {
        let name = meant.url.name();
        Failure::refused(format!("what {} is could not be read; nothing was exported", name.shown()))
    };
    let facts = meant.facts.as_ref().ok_or_else(unread)?;
    let hidden_s = messages::hidden_s(facts.messages, wanted.most.unwrap_or(u64::MAX));
    let consent = meant.consent(wanted.most, hidden_s, opened, out)?;
    let (brake, gate) = (Brake::default(), Gate::new(opened.ports.clock.clone()));
    let hands = Hands { ports: &opened.ports, gate: &gate, brake: &brake };
    let wish = Wish {
        to: wanted.to,
        gzip: wanted.gzip,
        select,
        by: meant.by.clone(),
        queue: facts.arn.clone(),
        fifo: facts.fifo,
        counted: facts.messages,
    };
    let landed = world.landing.hold(&brake);
    let ticker = Ticker::of_process();
    let tell = |account: &Account| ticker.say(&so_far(account, wish.counted));
    let done = messages::export(&hands, &consent, &wish, &tell).await.map_err(|f| fault(&f))?;
    drop((landed, ticker));
    match opened.setup.output {
        Output::Json => {
            out.document(&words::exported(&done, wanted.to, &meant, opened), false)?;
        }
        Output::Text => {
            let file = safe(&wanted.to.display().to_string());
            out.raw(&format!("{} messages in {file}\n", done.manifest.count))?;
        }
    }
    if let Err(e) =
        std::path::absolute(wanted.to).and_then(|file| known::note(&world.archive, &file, &facts.arn))
    {
        out.note(LogLevel::Warn, format!("where it is could not be noted: {e}"));
    }
    for missing in &done.manifest.not_exported {
        out.note(LogLevel::Warn, format!("not exported: {}", safe(missing)));
    }
    // Its gaps are among what was not exported.
    if let Some(away) = done.account.away(opened.ports.clock.now()) {
        out.note(LogLevel::Warn, away);
    }
    match done.fault {
        Some(fault) if done.manifest.count == 0 => Err(Failure::unread(&fault)),
        Some(_) | None => Ok(Exit::Done),
    }
}

/// How far a look is.
fn so_far(account: &Account, counted: Option<u64>) -> String {
    let of = counted.map(|n| format!(" of about {n}")).unwrap_or_default();
    match account.returned {
        0 => format!("{} messages{of} received; Ctrl-C stops and gives them back", account.received),
        returned => format!("{returned} of {} messages given back", account.received),
    }
}
