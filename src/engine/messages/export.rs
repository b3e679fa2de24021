//! An export: receives messages, writes each to a file, and gives all of them back at the end. Memory stays flat: bodies
//! go to the file at once, receipt handles to a nameless private file, and of each message only 128 bits are remembered.
//!
//! Messages are hidden for as long as the whole is thought to take, and not extended: extending 100,000 of them by the
//! minute would be 10,000 calls a minute, more than receiving them. They are given back rather than left to their time,
//! for hidden messages are lost to a redrive, to a consumer and to the next look, and may expire unseen.

use super::draft::{Draft, nameless};
use super::hands::{Account, Agreed, Came, Hands, IN_FLIGHT};
use super::manifest::{Manifest, SCHEMA};
use crate::engine::runs::RunsFault;
use crate::estate::change::messages::Act;
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::message::{Held, Ids, MOST_IN_A_BATCH, Message, Select};
use crate::estate::time::{plus_seconds, seconds_between};
use crate::estate::{Arn, Call, Consent, Fault, MessageId, Receipt, Timestamp, Untrusted, Vault};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// The shortest and the longest time for which messages are hidden, in seconds: a process that dies leaves them hidden
/// for so long.
const HIDDEN_S: std::ops::RangeInclusive<u32> = 60..=900;
/// Messages a second that are surely received, from which the time is reckoned.
const SURELY: u64 = 200;
/// Messages in hand at most: "approximately 120,000 in flight" is the quota (SQS developer guide, "Amazon SQS message
/// quotas"), and others read the queue too.
const HELD: u64 = 100_000;
/// Rounds in a row that found nothing new, after which a queue counts as read. Each has asked every server.
const EMPTY: u8 = 2;
/// Seconds that a receive waits for a first message.
const WAIT_S: u8 = 2;
/// Between two looks for what a lost receive took: not every server waits as it is told.
const AWHILE: Duration = Duration::from_secs(1);

/// For how long an export of about `counted` messages, `most` at most, hides them, in seconds.
#[must_use]
pub fn hidden_s(counted: Option<u64>, most: u64) -> u32 {
    let takes = u32::try_from(counted.unwrap_or(0).min(most) / SURELY).unwrap_or(u32::MAX);
    takes.saturating_add(*HIDDEN_S.start()).min(*HIDDEN_S.end())
}

/// What is wished of an export.
pub struct Wish<'a> {
    /// The file, which must not be there yet.
    pub to: &'a Path,
    /// Pack it by gzip.
    pub gzip: bool,
    /// Which messages; the others are given back.
    pub select: Select,
    /// Who does it.
    pub by: Untrusted,
    /// The queue.
    pub queue: Arn,
    /// Whether it is a FIFO queue.
    pub fifo: bool,
    /// About how many messages it has.
    pub counted: Option<u64>,
}

/// What was exported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exported {
    /// The manifest, as it was written.
    pub manifest: Manifest,
    /// What was done with the messages.
    pub account: Account,
    /// What ended it before its end.
    pub fault: Option<Fault>,
}

/// An export under way.
struct Export<'a> {
    hands: &'a Hands<'a>,
    agreed: Agreed<'a>,
    wish: &'a Wish<'a>,
    vault: Vault,
    draft: Draft,
    handles: Handles,
    ids: Ids,
    account: Account,
    not_chosen: u64,
    fault: Option<Fault>,
}

/// Exports messages, and tells how far it is after each round.
///
/// # Errors
/// The context is read-only, or the consent is for something else; the file cannot be written. Then there is no file, and
/// what had been received was given back as far as could be: the words say so.
pub async fn export(
    hands: &Hands<'_>,
    consent: &Consent,
    wish: &Wish<'_>,
    tell: &(dyn Fn(&Account) + Sync),
) -> Result<Exported, RunsFault> {
    let agreed = hands.agreed(consent)?;
    let name = Untrusted::from(wish.to.display().to_string());
    let refused = |e: io::Error| {
        RunsFault::Refused(format!("{} cannot be written: {e}; nothing was read", name.shown()))
    };
    let draft = Draft::begin(wish.to, wish.gzip).map_err(refused)?;
    let handles = Handles::new(nameless(wish.to, "handles").map_err(refused)?);
    let at = hands.ports.clock.now();
    let mut export = Export {
        hands,
        agreed,
        wish,
        vault: Vault::default(),
        draft,
        handles,
        ids: Ids::default(),
        account: Account::default(),
        not_chosen: 0,
        fault: None,
    };
    let written = export.receive_all(tell).await;
    let given_back = export.give_back(tell).await;
    let Export { draft, account, not_chosen, fault, .. } = export;
    let back = back(&account);
    let failed = |e: io::Error| {
        RunsFault::Refused(format!("{} cannot be written: {e}; there is no export, and {back}", name.shown()))
    };
    written?.map_err(failed)?;
    given_back?;
    // Waiting for the disk must not hold up what else runs here.
    let whole = tokio::task::spawn_blocking(move || draft.finish()).await;
    let mut whole = whole.map_err(io::Error::other).and_then(|whole| whole).map_err(failed)?;
    let mut not_exported = Vec::new();
    if not_chosen > 0 {
        not_exported.push(format!("{not_chosen} messages that were not meant; they were given back"));
    }
    let mut complete = not_chosen == 0 && account.gaps.is_empty() && !account.stopped && !account.dead_end;
    not_exported.extend(account.gaps.iter().cloned());
    if account.stopped {
        not_exported.push("what was not received yet when it was stopped".to_owned());
    }
    if account.dead_end {
        not_exported.push("what another receive would have moved on to another queue".to_owned());
    }
    if let Some(counted) = wish.counted.filter(|n| *n > account.received) {
        let missing = counted - account.received;
        let why = match wish.fifo {
            // SQS developer guide, "Using the message group ID": a group is blocked while messages of it are in flight.
            true => "what is behind the first messages of its group, or is hidden by others",
            false => "what is hidden by others or delayed, or the count is not exact",
        };
        not_exported.push(format!("about {missing} messages of those counted: {why}"));
        complete = false;
    }
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        at,
        ended: Some(hands.ports.clock.now()),
        by: wish.by.clone(),
        queue: wish.queue.clone(),
        url: consent
            .change()
            .tallied()
            .map(|act| act.from().clone())
            .unwrap_or_else(|| crate::estate::QueueUrl::new("")),
        fifo: wish.fifo,
        count: whole.count,
        bytes: whole.bytes,
        gzip: wish.gzip,
        sha256: whole.sha256,
        ids_sha256: whole.ids_sha256,
        counted: wish.counted,
        complete,
        not_exported,
    };
    manifest.write(wish.to, &mut whole.each).map_err(|e| {
        RunsFault::Refused(format!(
            "{} is written and its manifest is not: {e}; it is no export without it, and {back}",
            name.shown()
        ))
    })?;
    Ok(Exported { manifest, account, fault })
}

/// What became of the messages in hand, in words.
fn back(account: &Account) -> String {
    match (account.left, account.until) {
        (0, _) => format!("the {} messages that were read were given back", account.received),
        (left, Some(until)) => format!("{left} messages come back by themselves by {until}"),
        (left, None) => format!("{left} messages come back by themselves"),
    }
}

impl Export<'_> {
    /// The inner error is the file's; what was received until then is in hand.
    async fn receive_all(&mut self, tell: &(dyn Fn(&Account) + Sync)) -> Result<io::Result<()>, RunsFault> {
        let Act::Peek { most, dead_end, .. } = self.agreed.act else { return Ok(Ok(())) };
        let (most, dead_end) = (most.unwrap_or(u64::MAX), *dead_end);
        let hidden = hidden_s(self.wish.counted, most);
        let (mut nth, mut lanes, mut empty, mut fruitless) = (0_u32, 1_usize, 0_u8, 0_u64);
        // Until when something may be hidden that a receive took whose answer was lost.
        let mut away: Option<Timestamp> = None;
        loop {
            if self.hands.brake.is_pulled() {
                self.account.stopped = true;
                return Ok(Ok(()));
            }
            let left = most - self.account.received.min(most);
            let missing = self.wish.counted.is_none_or(|counted| self.account.received < counted);
            let lost = away.filter(|_| missing);
            let comes_back = lost.is_some_and(|until| self.hands.ports.clock.now() <= until);
            // By the time that it comes back, so does what is kept already: that is passed through once more.
            let patience = match lost {
                Some(_) => self.account.received / MOST_IN_A_BATCH as u64 + 10,
                None => u64::from(EMPTY),
            };
            let read = !comes_back && (empty >= EMPTY || fruitless >= patience);
            if left == 0 || read || self.account.dead_end || self.fault.is_some() {
                return Ok(Ok(()));
            }
            if self.account.received >= HELD {
                let words = format!("{HELD} messages are in hand: more cannot be received at once");
                self.account.gaps.push(words);
                return Ok(Ok(()));
            }
            if empty >= EMPTY {
                self.hands.ports.clock.sleep(AWHILE).await;
            }
            let calls = self.receives(&mut nth, lanes, left, hidden);
            let (asked, mut full, mut came, before) = (calls.len(), 0, 0, self.account.received);
            for Came { call: _, left, lost, result } in
                self.hands.make(&self.agreed, &self.vault, calls).await?
            {
                let until = |left| plus_seconds(left, i64::from(hidden) + i64::from(WAIT_S));
                away = away.max(lost.map(until));
                match result {
                    Ok(Receipt::Received { messages, .. }) => {
                        self.account.receives += 1;
                        full += usize::from(messages.len() >= MOST_IN_A_BATCH);
                        came += messages.len();
                        self.account.until = self.account.until.max(Some(until(left)));
                        for head in &messages {
                            let reached = dead_end.is_some_and(|n| head.receive_count >= n);
                            self.account.dead_end |= reached;
                            let Some(held) = self.vault.shelf().take(&head.id) else { continue };
                            if let Err(e) = self.keep(&held) {
                                // Nothing more is written; the rest of the round is in hand all the same.
                                self.let_in_hand(&messages);
                                return Ok(Err(e));
                            }
                        }
                    }
                    Ok(_) => {}
                    Err(fault) => {
                        self.account.gaps.push(fault.to_string());
                        self.fault.get_or_insert(fault);
                    }
                }
            }
            empty = if came > 0 { 0 } else { empty.saturating_add(1) };
            fruitless = if self.account.received > before { 0 } else { fruitless + 1 };
            lanes = if full == asked { (lanes * 2).min(IN_FLIGHT) } else { lanes.max(1) };
            if self.account.received == before {
                lanes = 1;
            }
            tell(&self.account);
        }
    }

    fn receives(&self, nth: &mut u32, lanes: usize, left: u64, hidden: u32) -> Vec<Call> {
        let mut left = left;
        let mut calls = Vec::with_capacity(lanes);
        while calls.len() < lanes && left > 0 {
            let most = left.min(MOST_IN_A_BATCH as u64);
            left -= most;
            calls.push(Call::Sqs(SqsCall::ReceiveMessage {
                queue: self.agreed.act.from().clone(),
                nth: *nth,
                most: u8::try_from(most).unwrap_or(10),
                visibility_s: hidden,
                wait_s: WAIT_S,
                select: self.wish.select.clone(),
            }));
            *nth += 1;
        }
        calls
    }

    /// Keeps a message: its handle first, so that it is given back whatever happens next.
    fn keep(&mut self, held: &Held) -> io::Result<()> {
        self.handles.add(held);
        if !self.ids.add(&held.message.id) {
            return Ok(());
        }
        self.account.received += 1;
        if !self.wish.select.chooses(&held.message, self.hands.ports.clock.now()) {
            self.not_chosen += 1;
            return Ok(());
        }
        self.draft.add(&held.message)
    }

    /// What is still on the shelf is given back like the rest.
    fn let_in_hand(&mut self, heads: &[crate::estate::Head]) {
        for held in heads.iter().filter_map(|head| self.vault.shelf().take(&head.id)) {
            self.account.received += u64::from(self.ids.add(&held.message.id));
            self.handles.add(&held);
        }
    }

    async fn give_back(&mut self, tell: &(dyn Fn(&Account) + Sync)) -> Result<(), RunsFault> {
        let mut reader = self.handles.rewind();
        let mut broken = false;
        loop {
            let held = reader.next(MOST_IN_A_BATCH * IN_FLIGHT);
            if held.is_empty() {
                break;
            }
            if broken {
                // No answer comes any more: all of them come back by themselves.
                continue;
            }
            let ids: Vec<MessageId> = held.iter().map(|(id, _)| id.clone()).collect();
            for (id, handle) in held {
                let message = Message::new(id, Zeroizing::new(String::new()));
                self.vault.shelf().put(Held { message, handle, until: Timestamp::MAX });
            }
            let calls = ids.chunks(MOST_IN_A_BATCH).map(|ids| {
                Call::Sqs(SqsCall::ChangeMessageVisibilityBatch {
                    queue: self.agreed.act.from().clone(),
                    messages: ids.to_vec(),
                    seconds: 0,
                })
            });
            let calls = calls.collect();
            for came in self.hands.make(&self.agreed, &self.vault, calls).await? {
                match came.result {
                    Ok(Receipt::Batch { done, .. }) => self.account.returned += done.len() as u64,
                    Ok(_) => {}
                    Err(fault) => {
                        broken |= fault.is_about_credentials() || fault.is_passing();
                        if self.fault.is_none() {
                            self.account.gaps.push(format!("giving back: {fault}"));
                        }
                        self.fault.get_or_insert(fault);
                    }
                }
            }
            ids.iter().for_each(|id| drop(self.vault.shelf().take(id)));
            tell(&self.account);
        }
        // A message that came twice was given back twice.
        self.account.returned = self.account.returned.min(self.account.received);
        self.account.left = self.account.received - self.account.returned;
        let now = self.hands.ports.clock.now();
        let over = self.account.until.is_none_or(|until| seconds_between(now, until) <= 0);
        if self.account.left == 0 || over {
            self.account.until = None;
        }
        Ok(())
    }
}

/// Receipt handles, in a file without a name; those that no longer fit on the disk are in memory.
struct Handles {
    file: Option<BufWriter<File>>,
    beside: Vec<(String, Zeroizing<String>)>,
}

impl Handles {
    fn new(file: File) -> Self {
        Self { file: Some(BufWriter::with_capacity(1 << 16, file)), beside: Vec::new() }
    }

    fn add(&mut self, held: &Held) {
        let entry = (held.message.id.wire(), held.handle.as_str());
        let line = serde_json::to_vec(&entry).map(Zeroizing::new);
        let written = match (&mut self.file, &line) {
            (Some(file), Ok(line)) => file.write_all(line).and_then(|()| file.write_all(b"\n")).is_ok(),
            (None, _) | (_, Err(_)) => false,
        };
        if !written {
            self.beside.push((entry.0.to_owned(), Zeroizing::new(entry.1.to_owned())));
        }
    }

    /// All of them, from the first. What cannot be read any more comes back by itself, and is counted so.
    fn rewind(&mut self) -> Back {
        let file = self.file.take().and_then(|mut file| {
            let flushed = file.flush();
            let (mut file, _) = file.into_parts();
            // What was not written is lost with the disk; the rest is there.
            match flushed.and_then(|()| file.seek(SeekFrom::Start(0))) {
                Ok(_) => Some(BufReader::new(file)),
                Err(_) => file.seek(SeekFrom::Start(0)).ok().map(|_| BufReader::new(file)), // as far as it goes
            }
        });
        Back { file, beside: std::mem::take(&mut self.beside) }
    }
}

/// Handles on their way back.
struct Back {
    file: Option<BufReader<File>>,
    beside: Vec<(String, Zeroizing<String>)>,
}

impl Back {
    fn next(&mut self, most: usize) -> Vec<(MessageId, Zeroizing<String>)> {
        let mut out = Vec::new();
        let mut line = Zeroizing::new(String::new());
        while out.len() < most {
            line.clear();
            let read = self.file.as_mut().map(|file| file.read_line(&mut line));
            let entry = match read {
                Some(Ok(n)) if n > 0 => serde_json::from_str::<(String, String)>(&line).ok(), // a torn last line
                Some(_) | None => {
                    self.file = None;
                    match self.beside.pop() {
                        Some((id, handle)) => {
                            out.push((MessageId::new(id), handle));
                            continue;
                        }
                        None => break,
                    }
                }
            };
            out.extend(entry.map(|(id, handle)| (MessageId::new(id), Zeroizing::new(handle))));
        }
        out
    }
}
