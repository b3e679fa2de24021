//! Whose invocation a dead letter is: what is looked for in the logs of functions, what a search of them came to, and how
//! sure that is. The search itself is in `engine::messages::whose`; nothing of a log's lines is here but whose it is.

use super::envelope::By;
use super::trace::Trace;
use crate::estate::names::FunctionName;
use crate::estate::time::Timestamp;
use crate::estate::untrusted::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// Functions whose logs are looked through, at most.
pub const FUNCTIONS: usize = 10;
/// Requests that are looked for, at most: those of one queue are mostly of one function.
pub const REQUESTS: usize = 3;
/// Pages of a look: each goes through a part of a group's streams, and most are empty.
pub const PAGES: usize = 20;

/// What a search costs at most, in words. Beyond the free ones CloudWatch bills requests at about USD 0.01 for 1,000
/// (CloudWatch pricing, "API requests").
#[must_use]
pub fn cost() -> String {
    format!(
        "The logs of the likeliest {FUNCTIONS} functions are read for {REQUESTS} requests: {} calls of FilterLogEvents at \
         most, mostly a few. AWS bills such requests, about USD 0.01 for a thousand.",
        FUNCTIONS * REQUESTS * PAGES
    )
}

/// A request that is looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Its id.
    pub id: Untrusted,
    /// When its event was given up: when the message was sent.
    pub given_up: Timestamp,
}

impl Request {
    /// A request, if its id is one: it becomes a part of a pattern, where nothing else may stand.
    #[must_use]
    pub fn of(id: &Untrusted, given_up: Timestamp) -> Option<Self> {
        let text = id.wire();
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (plain && (8..=64).contains(&text.len())).then(|| Self { id: id.clone(), given_up })
    }
}

/// What a message that was looked at says of its failure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// The request that failed, and when its event was given up.
    pub request: Option<Request>,
    /// The function, and by what it is known.
    pub own: Option<(FunctionName, By)>,
    /// The name of its error.
    pub error: Untrusted,
}

impl Said {
    /// Of a message that was looked at in a run.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let request = trace.request.as_ref().zip(trace.sent);
        Self {
            request: request.and_then(|(id, sent)| Request::of(id, sent)),
            own: trace.function.clone(),
            error: trace.error.clone(),
        }
    }
}

/// The requests that are looked for: first those of messages that say another function or another error than those before
/// them, for a queue may hold what several functions failed on.
#[must_use]
pub fn requests(said: &[Said]) -> Vec<Request> {
    let mut known = BTreeSet::new();
    let (mut first, mut then): (Vec<&Request>, Vec<&Request>) = Default::default();
    for one in said {
        let Some(request) = &one.request else { continue };
        let new = known.insert((one.own.as_ref().map(|(name, _)| name), &one.error));
        if new { &mut first } else { &mut then }.push(request);
    }
    let mut out: Vec<Request> = Vec::new();
    for request in first.into_iter().chain(then) {
        if out.iter().all(|known| known.id != request.id) {
            out.push(request.clone());
        }
    }
    out.truncate(REQUESTS);
    out
}

/// A request that a log names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Its id.
    pub request: Untrusted,
    /// Whose log it is.
    pub function: FunctionName,
    /// When that was written.
    pub at: Timestamp,
}

/// What a search came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Search {
    /// Requests that were found: what a log says of itself is sure.
    pub found: Vec<Found>,
    /// Requests that were not.
    pub not_found: Vec<Untrusted>,
    /// The functions whose logs were looked through.
    pub looked: Vec<FunctionName>,
    /// Functions that have no log group of that name: they never ran, or log elsewhere.
    pub without: Vec<FunctionName>,
    /// What could not be read to its end, and why.
    pub gaps: Vec<String>,
}

/// Whom a look and a search name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// One function, and how sure that is: words that begin with its name (see [`vouches`]), safe to draw.
    One(FunctionName, String),
    /// Several, and each message says its own, which the logs confirm: words of that kind.
    Each(String),
    /// Nobody can be named: why, safe to draw.
    None(String),
}

impl Search {
    /// Whom it and the messages that were looked at name.
    #[must_use]
    pub fn verdict(&self, said: &[Said]) -> Verdict {
        let asked = self.found.len() + self.not_found.len();
        if said.is_empty() {
            let why =
                "no message was to be had: the queue is empty, none is meant, or others have them in hand";
            return Verdict::None(why.to_owned());
        }
        if asked == 0 {
            let why = "no message that was looked at says the id of its request: there is nothing to look for in logs";
            return Verdict::None(why.to_owned());
        }
        let logs: BTreeSet<&FunctionName> = self.found.iter().map(|found| &found.function).collect();
        let own = said.iter().filter_map(|one| one.own.as_ref()).map(|(name, _)| name);
        let all: BTreeSet<&FunctionName> = logs.iter().copied().chain(own).collect();
        let names = |of: &BTreeSet<&FunctionName>| -> String {
            let names: Vec<String> = of.iter().map(|name| name.shown().to_string()).collect();
            names.join(", ")
        };
        let agrees = |found: &Found| {
            let of = |one: &&Said| one.request.as_ref().is_some_and(|request| request.id == found.request);
            said.iter()
                .filter(of)
                .all(|one| one.own.as_ref().is_some_and(|(name, _)| *name == found.function))
        };
        match (logs.first(), all.len()) {
            (None, _) => {
                let gaps =
                    if self.gaps.is_empty() { String::new() } else { format!(": {}", self.gaps.join("; ")) };
                Verdict::None(format!(
                    "no log names {}: {} were looked through{gaps}",
                    if asked == 1 { "the request".to_owned() } else { format!("any of {asked} requests") },
                    match self.looked.len() {
                        1 => "1 function's".to_owned(),
                        n => format!("those of {n} functions"),
                    }
                ))
            }
            (Some(only), 1) => Verdict::One((*only).clone(), sure(only, self.found.len(), asked)),
            (Some(_), _) if said.iter().all(|one| one.own.is_some()) && self.found.iter().all(agrees) => {
                Verdict::Each(format!(
                    "{EACH}: messages name {} themselves, and for {} of {asked} requests that were looked for the log agrees",
                    names(&all),
                    self.found.len()
                ))
            }
            (Some(_), _) => Verdict::None(format!(
                "the messages and the logs name several functions: {}; not each message says its own, or the logs say \
                 otherwise",
                names(&all)
            )),
        }
    }

    /// What it came to, a sentence for each request, and each with how sure it is; safe to draw.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        let found = self.found.iter().map(|found| {
            format!(
                "request {} is of {} (its log names it: sure)",
                found.request.shown(),
                found.function.shown()
            )
        });
        let looked: Vec<String> = self.looked.iter().map(|f| f.shown().to_string()).collect();
        let nowhere = match looked.is_empty() {
            true => "no log could be looked through".to_owned(),
            false => format!(
                "not in the logs of {} (of the likeliest {FUNCTIONS} functions; a log may be gone, or elsewhere)",
                looked.join(", ")
            ),
        };
        let not = self.not_found.iter().map(|id| format!("request {}: {nowhere}", id.shown()));
        found.chain(not).collect()
    }
}

/// How sure it is that what is in a queue is of the function whose log names so many of the requests that were looked for.
fn sure(function: &FunctionName, named: usize, asked: usize) -> String {
    let which = match (named, asked) {
        (1, 1) => "the request that was looked for".to_owned(),
        (n, all) if n == all => format!("all {n} requests that were looked for"),
        (n, all) => format!("{n} of {all} requests that were looked for, and no log the others"),
    };
    let these = if named == 1 { "it" } else { "these" };
    format!(
        "{}: its log names {which}; sure for {these}, likely for others that do not say their own",
        function.shown()
    )
}

/// How words begin that are said of every message's own function.
const EACH: &str = "each message's own";

/// Whether such words vouch for a function, or for each message's own: they were said of it and of no other.
#[must_use]
pub fn vouches(words: &str, function: Option<&FunctionName>) -> bool {
    let of = function.map_or(EACH, |name| name.wire());
    words.strip_prefix(of).is_some_and(|rest| rest.starts_with(": "))
}

/// What messages say of themselves: how many of them are of which function, and how sure that is; safe to draw.
#[must_use]
pub fn say_themselves(said: &[Said]) -> Vec<String> {
    let mut by: BTreeMap<&(FunctionName, By), u64> = BTreeMap::new();
    for own in said.iter().filter_map(|one| one.own.as_ref()) {
        *by.entry(own).or_default() += 1;
    }
    by.into_iter()
        .map(|((name, by), n)| {
            let how = match by {
                By::Record => "their records name it: sure",
                By::Sender => "their sender is called so: likely, and documented nowhere",
            };
            format!("{n} of {} are of {} ({how})", said.len(), name.shown())
        })
        .collect()
}

/// Functions in the order in which they are likely to have failed on what is in a queue: those that name the queue as the
/// place of their failures, those that its messages name, then those that are called like it. It says no more than likely.
#[must_use]
pub fn likeliest<'a>(
    all: impl IntoIterator<Item = (&'a FunctionName, bool)>,
    named: &[&FunctionName],
    queue: &Untrusted,
) -> Vec<FunctionName> {
    let mut all: Vec<(bool, bool, usize, &FunctionName)> = all
        .into_iter()
        .map(|(name, points)| (points, named.contains(&name), alike(name.wire(), queue.wire()), name))
        .collect();
    all.sort_by(|a, b| (b.0, b.1, b.2).cmp(&(a.0, a.1, a.2)).then_with(|| a.3.cmp(b.3)));
    all.into_iter().map(|(.., name)| name.clone()).collect()
}

/// How many letters and digits two names begin with alike, whatever stands between them.
fn alike(one: &str, other: &str) -> usize {
    let plain = |name: &str| -> Vec<u8> {
        let bytes = name.bytes().filter(u8::is_ascii_alphanumeric);
        bytes.map(|b| b.to_ascii_lowercase()).collect()
    };
    plain(one).iter().zip(&plain(other)).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        "2026-11-17T10:00:00Z".parse().unwrap()
    }

    fn search(found: &[(&str, &str)], not: &[&str]) -> Search {
        let found = found.iter().map(|(request, function)| Found {
            request: (*request).into(),
            function: FunctionName::new(*function),
            at: at(),
        });
        Search {
            found: found.collect(),
            not_found: not.iter().map(|id| (*id).into()).collect(),
            looked: vec![FunctionName::new("work")],
            ..Search::default()
        }
    }

    fn said(request: &str, own: Option<&str>) -> Said {
        let request = Some(Request { id: request.into(), given_up: at() });
        Said { request, own: own.map(|name| (FunctionName::new(name), By::Sender)), error: "KeyError".into() }
    }

    #[test]
    fn one_function_is_taken_and_it_is_said_how_sure_that_is() {
        let two = [said("r-1", None), said("r-2", Some("work"))];
        let Verdict::One(work, all) = search(&[("r-1", "work"), ("r-2", "work")], &[]).verdict(&two) else {
            panic!()
        };
        assert_eq!(work.wire(), "work");
        assert_eq!(
            all,
            "work: its log names all 2 requests that were looked for; sure for these, likely for others that do not say their own"
        );
        assert!(vouches(&all, Some(&work)) && !vouches(&all, None));
        for other in ["wor", "work-2", "ork"] {
            assert!(!vouches(&all, Some(&FunctionName::new(other))), "{other}");
        }
        let Verdict::One(_, some) = search(&[("r-1", "work")], &["r-2"]).verdict(&two) else { panic!() };
        assert!(some.contains("1 of 2 requests") && some.contains("no log the others"), "{some}");
    }

    #[test]
    fn of_several_each_messages_own_is_taken_where_it_says_one_and_the_logs_agree() {
        let mixed = [said("r-1", Some("a")), said("r-2", Some("b")), said("r-3", Some("b"))];
        let Verdict::Each(words) = search(&[("r-1", "a"), ("r-2", "b")], &["r-3"]).verdict(&mixed) else {
            panic!()
        };
        assert!(words.contains("a, b themselves") && words.contains("2 of 3"), "{words}");
        assert!(vouches(&words, None) && !vouches(&words, Some(&FunctionName::new("a"))));
        // The logs of one function do not make the others' messages its own.
        let only = search(&[("r-2", "b"), ("r-3", "b")], &[]);
        assert!(matches!(only.verdict(&mixed), Verdict::Each(_)), "{:?}", only.verdict(&mixed));
        let silent = [said("r-1", None), said("r-2", Some("a")), said("r-3", Some("b"))];
        assert!(matches!(search(&[("r-2", "a")], &[]).verdict(&silent), Verdict::None(_)));
        let lies = search(&[("r-1", "b")], &[]);
        assert!(matches!(lies.verdict(&mixed), Verdict::None(_)));
    }

    #[test]
    fn where_nobody_can_be_named_it_is_said_why() {
        let one = [said("r-1", None)];
        let none = |search: Search, of: &[Said]| match search.verdict(of) {
            Verdict::None(why) => why,
            other => panic!("{other:?}"),
        };
        let why = none(search(&[("r-1", "a\u{1b}"), ("r-2", "b")], &[]), &one);
        assert!(why.contains("several functions: a\\x1b, b;"), "{why}");
        assert_eq!(
            none(search(&[], &["r-1"]), &one),
            "no log names the request: 1 function's were looked through"
        );
        assert!(none(search(&[], &[]), &one).contains("nothing to look for"));
        assert!(none(search(&[], &[]), &[]).contains("no message was to be had"));
        let gaps = vec!["work: denied".to_owned()];
        assert!(
            none(Search { gaps, ..search(&[], &["r-1", "r-2"]) }, &one)
                .ends_with("looked through: work: denied")
        );
    }

    #[test]
    fn what_is_looked_for_is_of_as_many_functions_and_errors_as_there_are() {
        let other = Said { error: "timeout".into(), ..said("r-5", Some("a")) };
        let all = [
            said("r-1", Some("a")),
            said("r-1", Some("a")),
            said("r-2", Some("a")),
            said("r-4", Some("b")),
            other,
            said("r-6", Some("c")),
        ];
        let ids: Vec<String> = requests(&all).iter().map(|r| r.id.wire().to_owned()).collect();
        assert_eq!(ids, ["r-1", "r-4", "r-5"]);
        let ids: Vec<String> = requests(&all[..3]).iter().map(|r| r.id.wire().to_owned()).collect();
        assert_eq!(ids, ["r-1", "r-2"]);
    }

    #[test]
    fn the_likeliest_point_here_are_named_or_are_called_alike() {
        let names: Vec<FunctionName> =
            ["billing", "orders-x", "named", "points", "ord"].map(FunctionName::new).into();
        let all = names.iter().map(|name| (name, name.wire() == "points"));
        let likely = likeliest(all, &[&names[2]], &"orders-dlq".into());
        let likely: Vec<&str> = likely.iter().map(FunctionName::wire).collect();
        assert_eq!(likely, ["points", "named", "orders-x", "ord", "billing"]);
        assert_eq!(alike("shop-returns", "shopReturns-dlq"), 11);
        assert_eq!(alike("", "orders"), 0);
    }

    #[test]
    fn what_is_no_id_is_no_part_of_a_pattern() {
        for bad in ["", "short", "8f5a2c1e\" ?hunter2", "{ $.a = 1 }", "8f5a2c1e\n8f5a", &"a".repeat(65)] {
            assert_eq!(Request::of(&bad.into(), at()), None, "{bad}");
        }
        let good: Untrusted = "8f5a2c1e-0000-4000-8000-000000000001".into();
        assert!(Request::of(&good, at()).is_some());
    }
}
