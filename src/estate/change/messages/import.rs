//! Sending what was kept in a file. Its messages are known by their lines: `line-1` is the first. Which come next follows
//! from the tally alone; whoever makes the calls puts the lines on the shelf first.

use super::Tally;
use super::tally::TRIES;
use crate::estate::change::sqs::Call as SqsCall;
use crate::estate::change::{Call, Failed, RunId};
use crate::estate::names::{MessageId, QueueUrl};
use crate::estate::untrusted::Untrusted;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Batches that are in flight at once. Into a FIFO queue one: two at once would change the order of a group.
const AT_ONCE: usize = 16;

/// An export as a change names it: what is in it is known by its hash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Listed {
    /// The file.
    pub file: Untrusted,
    /// SHA-256 of it, in hex: another file of that name is refused.
    pub sha256: String,
    /// Messages in it.
    pub count: u32,
}

/// What is sent from a file.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The file.
    pub from: Listed,
    /// The batches that its lines are cut into, in their order: so many lines, so many times. None is larger than SQS
    /// takes.
    pub batches: Vec<(u8, u32)>,
    /// Where to.
    pub to: QueueUrl,
    /// The run, of which deduplication ids are made.
    pub run: RunId,
    /// It is a FIFO queue.
    pub fifo: bool,
    /// Messages a second at most.
    pub pace: Option<u32>,
}

impl Listed {
    /// The name of the file, without its folder.
    #[must_use]
    pub fn name(&self) -> Untrusted {
        let path = self.file.wire();
        Untrusted::from(path.rsplit('/').next().unwrap_or(path))
    }
}

/// Which lines are done with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lines {
    /// All up to this one.
    through: u32,
    /// Those beyond.
    beyond: BTreeSet<u32>,
    /// How often the others were refused.
    tries: BTreeMap<u32, u8>,
}

/// The name of a line's message.
#[must_use]
pub fn id_of(line: u32) -> MessageId {
    MessageId::new(format!("line-{line}"))
}

/// The line of such a name.
#[must_use]
pub fn line_of(id: &MessageId) -> Option<u32> {
    id.wire().strip_prefix("line-")?.parse().ok() // another name is no line
}

impl Lines {
    /// Whether nothing is to be done with a line any more.
    fn done(&self, line: u32) -> bool {
        line <= self.through || self.beyond.contains(&line)
    }

    fn finish(&mut self, line: u32) {
        self.tries.remove(&line);
        self.beyond.insert(line);
        while self.beyond.remove(&(self.through + 1)) {
            self.through += 1;
        }
    }

    /// What came of a batch; gives those that SQS will not take.
    pub(super) fn add(&mut self, done: &[MessageId], failed: &[Failed]) -> Vec<(MessageId, Untrusted)> {
        done.iter().filter_map(line_of).for_each(|line| self.finish(line));
        let mut refused = Vec::new();
        for f in failed {
            let Some(line) = line_of(&f.id) else { continue };
            let tries = self.tries.entry(line).or_insert(0);
            *tries += 1;
            if f.sender || *tries >= TRIES {
                self.finish(line);
                refused.push((f.id.clone(), f.code.clone()));
            }
        }
        refused
    }
}

impl Import {
    /// The calls to make next.
    pub(super) fn next(&self, tally: &Tally) -> Vec<Call> {
        let mut calls = Vec::new();
        if tally.stopping {
            return calls;
        }
        let at_once = match (self.fifo, self.pace) {
            (true, _) => 1,
            // No more than a second's worth at once.
            (false, Some(pace)) => (pace as usize / 10).clamp(1, AT_ONCE),
            (false, None) => AT_ONCE,
        };
        let mut first = 1_u32;
        for (lines, times) in &self.batches {
            let lines = u32::from(*lines).max(1);
            // Whole batches that are done with are passed over at once.
            let passed = (tally.lines.through.saturating_sub(first - 1) / lines).min(*times);
            first += passed * lines;
            for _ in passed..*times {
                if calls.len() >= at_once {
                    return calls;
                }
                let open: Vec<u32> = (first..first + lines).filter(|line| !tally.lines.done(*line)).collect();
                if !open.is_empty() {
                    calls.push(self.send(open.into_iter().map(id_of).collect()));
                }
                first += lines;
            }
        }
        calls
    }

    pub(super) fn send(&self, messages: Vec<MessageId>) -> Call {
        Call::Sqs(SqsCall::SendMessageBatch {
            to: self.to.clone(),
            messages,
            run: self.run.clone(),
            body: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::change::{Receipt, messages::Act};
    use crate::estate::time::Timestamp;

    fn import(batches: Vec<(u8, u32)>, fifo: bool) -> Import {
        let count = batches.iter().map(|(l, t)| u32::from(*l) * t).sum();
        let from = Listed { file: "kept.jsonl".into(), sha256: "00".into(), count };
        let to = QueueUrl::new("https://sqs.eu-central-1.amazonaws.com/123456789012/orders");
        Import { from, batches, to, run: RunId::new("7f3a0b1c").unwrap(), fifo, pace: None }
    }

    fn ids(call: &Call) -> Vec<MessageId> {
        match call {
            Call::Sqs(SqsCall::SendMessageBatch { messages, .. }) => messages.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn answered(act: &Act, tally: &mut Tally, call: &Call, failed: &[(&str, bool)]) {
        let no = |id: &MessageId| failed.iter().find(|(f, _)| *f == id.wire()).map(|(_, sender)| *sender);
        let done = ids(call).into_iter().filter(|id| no(id).is_none()).collect();
        let failed = ids(call)
            .into_iter()
            .filter_map(|id| no(&id).map(|sender| Failed { id, code: "InternalError".into(), sender }));
        let receipt = Receipt::Batch { at: Timestamp::UNIX_EPOCH, done, failed: failed.collect() };
        act.tally(tally, call, &receipt);
    }

    #[test]
    fn every_line_is_sent_once_and_what_was_refused_again() {
        for fifo in [false, true] {
            let what = import(vec![(10, 40), (3, 1), (1, 2)], fifo);
            let (act, mut tally, mut sent) = (Act::Import(what.clone()), Tally::default(), Vec::new());
            let mut tried = 0;
            loop {
                let calls = what.next(&tally);
                assert!(calls.len() <= if fifo { 1 } else { 16 });
                if calls.is_empty() {
                    break;
                }
                for call in calls {
                    sent.extend(ids(&call));
                    let again = ids(&call).contains(&id_of(17)) && tried < 2;
                    tried += u8::from(again);
                    let failed: &[(&str, bool)] =
                        if again { &[("line-17", false)] } else { &[("line-402", true)] };
                    answered(&act, &mut tally, &call, failed);
                }
            }
            assert_eq!(sent.len(), 405 + 2, "fifo: {fifo}");
            assert_eq!(tally.refused, vec![(id_of(402), "InternalError".into())]);
            assert_eq!(tally.passed_on(), 404);
        }
    }

    #[test]
    fn what_was_in_flight_in_a_crash_is_sent_again_and_named() {
        let what = import(vec![(10, 3)], false);
        let (act, mut tally) = (Act::Import(what.clone()), Tally::default());
        let calls = what.next(&tally);
        answered(&act, &mut tally, &calls[1], &[]);
        tally.doubt(&calls[0], Timestamp::UNIX_EPOCH);
        tally.lose();
        assert_eq!(what.next(&tally), vec![calls[0].clone(), calls[2].clone()]);
        assert_eq!(
            tally.doubtful.keys().cloned().collect::<BTreeSet<_>>(),
            ids(&calls[0]).into_iter().collect()
        );
        assert!(!tally.is_empty());
        tally.stop();
        assert!(what.next(&tally).is_empty());
    }
}
