//! What could not be read, as the documents carry it and as a person is told: the same for the console and the
//! commands, and for a reading of one time and a watch that goes on.

use super::inventory::{Inventory, MetricKey};
use super::source::Source;
use crate::estate::{Fault, Gap, Untrusted};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One thing that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// The source, as one snake_case word.
    pub source: &'static str,
    /// What it was about, as AWS names it.
    pub about: Option<Untrusted>,
    /// The kind of fault, as one snake_case word.
    pub kind: &'static str,
    /// The sentence for a person; safe to print.
    pub words: String,
}

/// How the sources of an answer stand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gaps {
    /// What is missing.
    pub missing: Vec<Missing>,
}

impl Gaps {
    /// What is missing of `sources`. The account's alias is no part of any document, so that a missing
    /// `iam:ListAccountAliases` does not make one incomplete.
    #[must_use]
    pub fn of(inv: &Inventory, sources: &[Source]) -> Self {
        let mut missing = Vec::new();
        for source in sources {
            let note = |about, fault: &Fault| Missing {
                source: source.word(),
                about,
                kind: fault.word(),
                words: fault.to_string(),
            };
            let standing = inv.standing(source);
            match (inv.trouble(source), standing.seen()) {
                (Some(fault), _) => missing.push(note(None, fault)),
                (None, Some(seen)) => {
                    let gaps = seen.complete.gaps().iter().filter(|g| !is_alias(g));
                    missing.extend(gaps.map(|g| note(g.about.clone(), &g.fault)));
                }
                // A walk that never ended says nothing; it cannot be taken for a complete one.
                (None, None) => missing.push(Missing {
                    source: source.word(),
                    about: None,
                    kind: "timed_out",
                    words: "not read".to_owned(),
                }),
            }
            for (key, words) in inv.metrics(source).into_iter().flat_map(|m| &m.trouble) {
                let name = match key {
                    MetricKey::Stat(metric, _) => &metric.name,
                    MetricKey::Expression(id) => id,
                };
                missing.push(Missing {
                    source: source.word(),
                    about: None,
                    kind: "other",
                    words: format!("CloudWatch could not compute {}: {}", name.shown(), words.shown()),
                });
            }
        }
        Self { missing }
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// As the documents have it.
    #[must_use]
    pub fn json(&self) -> Value {
        let one = |m: &Missing| {
            let message = match &m.about {
                Some(about) => format!("{}: {}", about.wire(), m.words),
                None => m.words.clone(),
            };
            json!({ "source": m.source, "kind": m.kind, "message": message })
        };
        Value::Array(self.missing.iter().map(one).collect())
    }

    /// A sentence for each different thing that went wrong, and how many things it hit.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut seen: BTreeMap<(&str, &str), (usize, Option<&Untrusted>)> = BTreeMap::new();
        for m in &self.missing {
            let entry = seen.entry((m.source, &m.words)).or_insert((0, m.about.as_ref()));
            entry.0 += 1;
        }
        seen.into_iter()
            .map(|((source, words), (times, about))| {
                let source = source.replace('_', " ");
                match (times, about) {
                    (1, Some(about)) => format!("{source}, {}: {words}", about.shown()),
                    (1, None) => format!("{source}: {words}"),
                    (n, _) => format!("{source}: {words} ({n} times)"),
                }
            })
            .collect()
    }
}

fn is_alias(gap: &Gap) -> bool {
    gap.fault.operation == "iam:ListAccountAliases"
}

#[cfg(test)]
mod tests {
    use super::Gaps;
    use crate::estate::ask::{Asks, Query, iam, sqs, sts};
    use crate::estate::{At, Fault, FaultKind, QueueUrl, Region, Ticket, Timestamp};
    use crate::insight::{Broad, Inventory, Source, Spend, Step, WalkEvent};
    use std::sync::Arc;

    fn walked(inv: &mut Inventory, source: Source, gaps: Vec<(crate::estate::Ask, bool)>) {
        let at = At { account: None, region: Region::us_east_1() };
        inv.begin(&source, Ticket(1));
        for (ask, root) in gaps {
            let kind = FaultKind::Denied { action: "x:Y\u{1b}".into(), resource: None };
            let fault = Arc::new(Fault::new(kind, ask.operation().name, ""));
            let step = Step::Gap { query: Query { at: at.clone(), ask }, root, fault };
            inv.fold(WalkEvent { source: source.clone(), ticket: Ticket(1), step });
        }
        let step = Step::End { began: Timestamp::UNIX_EPOCH, spend: Spend::default() };
        inv.fold(WalkEvent { source, ticket: Ticket(1), step });
    }

    #[test]
    fn a_source_that_failed_is_a_gap_and_its_words_are_safe() {
        let mut inv = Inventory::default();
        walked(&mut inv, Source::Broad(Broad::Queues), vec![(sqs::ListQueues {}.ask(), true)]);
        let gaps = Gaps::of(&inv, &[Source::Broad(Broad::Queues)]);
        assert_eq!(gaps.missing.len(), 1);
        assert_eq!((gaps.missing[0].source, gaps.missing[0].kind), ("queues", "denied"));
        assert!(!gaps.sentences()[0].contains('\u{1b}'));
    }

    #[test]
    fn what_was_never_walked_is_not_complete() {
        assert!(!Gaps::of(&Inventory::default(), &[Source::Broad(Broad::Secrets)]).complete());
    }

    #[test]
    fn an_alias_that_may_not_be_read_makes_nothing_incomplete() {
        let mut inv = Inventory::default();
        walked(&mut inv, Source::Broad(Broad::Identity), vec![(iam::ListAccountAliases {}.ask(), true)]);
        // The walk read nothing at all here, which is a failure of the source whatever it was about.
        assert_eq!(Gaps::of(&inv, &[Source::Broad(Broad::Identity)]).missing.len(), 1);
        let only_sts =
            vec![(sts::GetCallerIdentity {}.ask(), true), (iam::ListAccountAliases {}.ask(), true)];
        walked(&mut inv, Source::Broad(Broad::Identity), only_sts);
        assert_eq!(Gaps::of(&inv, &[Source::Broad(Broad::Identity)]).missing.len(), 1);
    }

    #[test]
    fn two_hundred_times_the_same_is_one_sentence() {
        let mut inv = Inventory::default();
        let asks = (0..200).map(|i| {
            (sqs::GetQueueAttributes { queue: QueueUrl::new(format!("https://q/1/{i}")) }.ask(), false)
        });
        walked(&mut inv, Source::Broad(Broad::Queues), asks.collect());
        let gaps = Gaps::of(&inv, &[Source::Broad(Broad::Queues)]);
        assert!(gaps.sentences().len() == 1, "{:?}", gaps.sentences());
    }
}
