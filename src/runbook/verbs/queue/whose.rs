//! `queue.whose`: which function's failures are in a dead-letter queue, and how sure that is: by who names the queue, by what
//! a sample of its messages says itself, and by the logs of functions, which name the request that each failed with. A
//! person has allowed it, for a look raises receive counts and the reading of logs is billed.

use super::{GROUP, Known, MASKS, QUEUE, functions, known, look_at, named};
use crate::estate::message::whose::{Said, Search, Verdict, cost, likeliest, requests, say_themselves};
use crate::estate::{FunctionName, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::text;
use crate::runbook::verbs::with;
use crate::runbook::view::View;

/// Finds out.
pub struct Whose;

/// Messages that are looked at (ours, as many as a peek takes): of most of them one request each is known.
const SAMPLE: u64 = 10;

impl Verb for Whose {
    fn name(&self) -> &'static str {
        "queue.whose"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Tells which function's failed invocations are in a queue and how sure that is: the only function that names the \
         queue, else what ten of its messages say and what the logs of the likeliest functions say of their requests. \
         Changes nothing but receive counts."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 4] = [
            QUEUE,
            with::optional(
                "function",
                ValueType::Text,
                "the function, where a person knows it: nothing is looked for",
            ),
            GROUP,
            MASKS,
        ];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "function", kind: ValueType::Text }, Output { name: "sure", kind: ValueType::Text }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        if let Some(said) = text(v, "function") {
            let function = named(said.wire());
            let words = format!("{}: a person says so; nothing was looked for", function.shown());
            return Ok(found(Some(&function), words, Vec::new()));
        }
        let queue = known(v)?;
        let fed = functions(v, &queue.facts.arn)?;
        if let ([only], true) = (fed.pointing.as_slice(), queue.sources.is_empty()) {
            let words = format!(
                "{}: it alone names this queue as the place of its failures; nothing was looked for",
                only.shown()
            );
            return Ok(found(Some(only), words, Vec::new()));
        }
        if let Some(gap) = &fed.gap {
            return Err(Need::Refuse(format!(
                "which functions there are cannot be read ({gap}), so no log can be looked through: say which function it \
                 is (`function`)"
            )));
        }
        let Some(looked) = v.done.first() else {
            return match propose(v, &queue)? {
                Ok(proposal) => Err(Need::Consent(Box::new(proposal))),
                Err(why) => Err(Need::Refuse(format!("no message can be looked at: {why}"))),
            };
        };
        if v.planning {
            let evidence = vec!["whose they are is only known when it looks".to_owned()];
            return Ok(Done { evidence, ..Done::default() });
        }
        let group = text(v, GROUP.name);
        let meant = looked.tally.seen.iter().filter(|trace| group.is_none_or(|group| *group == trace.error));
        let said: Vec<Said> = meant.map(Said::of).collect();
        let mut evidence =
            vec![format!("{} messages were looked at, {} of them meant", looked.tally.received, said.len())];
        evidence.extend(say_themselves(&said));
        let names: Vec<&FunctionName> =
            said.iter().filter_map(|s| s.own.as_ref()).map(|(name, _)| name).collect();
        let all = fed.all.iter().map(|name| (name, fed.pointing.contains(name)));
        let requests = requests(&said);
        let search = match requests.is_empty() {
            true => Search::default(),
            false => v.whose(&requests, &likeliest(all, &names, &queue.url.name()))?,
        };
        evidence.extend(search.said());
        evidence.extend(search.gaps.iter().map(|gap| format!("logs: {gap}")));
        Ok(match search.verdict(&said) {
            Verdict::One(function, sure) => found(Some(&function), sure, evidence),
            Verdict::Each(sure) => found(None, sure, evidence),
            Verdict::None(why) => {
                evidence
                    .push(format!("{why}; each message's own function is invoked then, where it says one"));
                Done { evidence, ..Done::default() }
            }
        })
    }
}

/// A function was found, or each message's own is it, and how sure that is.
fn found(function: Option<&FunctionName>, sure: String, mut evidence: Vec<String>) -> Done {
    evidence.push(sure.clone());
    let name = function.map(|name| ("function".to_owned(), Value::Text(name.text().clone())));
    let sure = ("sure".to_owned(), Value::Text(Untrusted::from(sure)));
    Done { evidence, outputs: name.into_iter().chain([sure]).collect() }
}

/// The look at a sample, and what it and the search cost.
fn propose(v: &View<'_>, queue: &Known) -> Result<Result<Proposal, String>, Need> {
    let leaves = vec![
        "every message that is looked at is given back; nothing is invoked and nothing deleted".to_owned(),
    ];
    let proposal = look_at(v, queue, SAMPLE, leaves)?;
    Ok(proposal.map(|mut proposal| {
        proposal.breaks.push(cost());
        proposal
    }))
}
