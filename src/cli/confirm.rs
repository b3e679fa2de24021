//! The confirmations of the command line: what was answered before it was asked, and what a person answers when
//! it is. One of the two places that make a consent; the other is the console's. Default is No everywhere.

use super::args::Answers as Words;
use super::exit::Failure;
use super::say::safe;
use crate::diagnose::{nearest, one_of, quoted};
use crate::estate::change::{Act, Demand, messages};
use crate::estate::{At, Change, Consent, Given, Untrusted};
use crate::runbook::{Definition, Proposal};
use std::collections::BTreeMap;

/// What stands for the account in `--confirm account=ALIAS`.
pub const ACCOUNT: &str = "account";

/// The answers of a command line, by step.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    all: bool,
    phrases: BTreeMap<String, Vec<String>>,
    notes: BTreeMap<String, Vec<String>>,
    /// Why what steps made is left as it is, where its undo fails.
    left: BTreeMap<String, Vec<String>>,
}

/// What the answers say to a proposal.
pub enum Reply {
    /// Yes to every change.
    Consents(Vec<Consent>),
    /// Nothing was answered; a phrase is demanded if there is one here.
    Unanswered(Option<Untrusted>),
}

/// Pairs of a step and a text.
fn split(option: &str, texts: &[String]) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in texts {
        let wrong = || Failure::usage(format!("{option}: write `STEP=...`, not {}", quoted(text)));
        let (step, rest) = text.split_once('=').ok_or_else(wrong)?;
        if step.trim().is_empty() || rest.trim().is_empty() {
            return Err(wrong());
        }
        out.entry(step.trim().to_owned()).or_default().push(rest.to_owned());
    }
    Ok(out)
}

impl Answers {
    /// Takes the words apart.
    ///
    /// # Errors
    /// One has another form than `STEP=...`.
    pub fn read(words: &Words) -> Result<Self, Failure> {
        let (phrases, notes) = (split("--confirm", &words.confirm)?, split("--note", &words.note)?);
        Ok(Self { all: words.confirm_all, phrases, notes, left: BTreeMap::new() })
    }

    /// Adds what is left as it is by an undo, as `STEP=REASON`.
    ///
    /// # Errors
    /// One has another form than that.
    pub fn leaving(self, texts: &[String]) -> Result<Self, Failure> {
        Ok(Self { left: split("--leave", texts)?, ..self })
    }

    /// Why what a step made is left as it is, if that was said.
    #[must_use]
    pub fn leaves(&self, step: &str) -> Option<&str> {
        self.left.get(step).and_then(|reasons| reasons.first()).map(String::as_str)
    }

    /// # Errors
    /// An answer is for a step that the runbook does not have.
    pub fn fit(&self, definition: &Definition) -> Result<(), Failure> {
        let steps = || definition.steps.iter().map(|s| s.id.as_str());
        let unknown = |option: &str, step: &str, more: Option<&'static str>| {
            let near = nearest(step, steps().chain(more));
            let hint = near.map_or_else(
                || format!("it has {}", one_of(steps())),
                |near| format!("did you mean `{near}`?"),
            );
            let name = &definition.name;
            Err(Failure::usage(format!("{option}: {name} has no step {}; {hint}", quoted(step))))
        };
        for step in self.phrases.keys().filter(|s| *s != ACCOUNT) {
            if !steps().any(|id| id == step) {
                return unknown("--confirm", step, Some(ACCOUNT));
            }
        }
        for (option, said) in [("--note", &self.notes), ("--leave", &self.left)] {
            if let Some(step) = said.keys().find(|step| !steps().any(|id| id == *step)) {
                return unknown(option, step, None);
            }
        }
        Ok(())
    }

    /// The notes, each taken once.
    pub fn take_notes(&mut self, step: &str) -> Vec<String> {
        self.notes.remove(step).unwrap_or_default()
    }

    /// The steps that notes are for.
    #[must_use]
    pub fn noted(&self) -> Vec<String> {
        self.notes.keys().cloned().collect()
    }

    /// The account alias that was typed.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        self.phrases.get(ACCOUNT).and_then(|p| p.last()).map(String::as_str)
    }

    /// Whether one of the phrases for a step is this word.
    #[must_use]
    pub fn says(&self, step: &str, word: &str) -> bool {
        self.phrases.get(step).is_some_and(|p| p.iter().any(|phrase| phrase == word))
    }

    /// What a person decided about a call that AWS cannot tell about: `happened`, `happened:ID` or
    /// `not-happened`. It counts for one call: the next one in doubt is looked at first.
    pub fn take_decision(&mut self, step: &str) -> Option<String> {
        let phrases = self.phrases.get_mut(step)?;
        let decides = |p: &String| p == "happened" || p == "not-happened" || p.starts_with("happened:");
        let at = phrases.iter().position(decides)?;
        Some(phrases.remove(at))
    }

    /// What was answered to the changes of a step. What differs from its plan is for a person who reads it
    /// now: nothing that was said before counts.
    ///
    /// # Errors
    /// A phrase was given, and it is another than the one demanded.
    pub fn reply(&self, step: &str, proposal: &Proposal) -> Result<Reply, Failure> {
        if proposal.differs.is_some() {
            return Ok(Reply::Unanswered(proposal.changes.iter().find_map(phrase_of)));
        }
        let mut consents = Vec::with_capacity(proposal.changes.len());
        for change in &proposal.changes {
            match self.given(step, change)? {
                Some(given) => consents.push(give(change.clone(), given)?),
                None => return Ok(Reply::Unanswered(phrase_of(change))),
            }
        }
        Ok(Reply::Consents(consents))
    }

    fn given(&self, step: &str, change: &Change) -> Result<Option<Given>, Failure> {
        let phrases = self.phrases.get(step).map_or(&[][..], Vec::as_slice);
        // As a person types it: the resource's name, or its owner's for all that belongs together.
        let typed = phrases.iter().find(|p| change.is_named_by(&Untrusted::from(p.as_str())));
        let wrong = || {
            let words = format!("--confirm {step}: the phrase is not the name of what it hits");
            Err(Failure::refused(format!("{words}; nothing was changed by this step")))
        };
        match (change.demand(), typed, phrases.is_empty()) {
            (_, Some(typed), _) => Ok(Some(Given::Typed(Untrusted::from(typed.as_str())))),
            (Demand::Yes, None, _) if self.all || self.says(step, "yes") => Ok(Some(Given::Yes)),
            (_, None, true) => Ok(None),
            (Demand::Yes | Demand::Name(_), None, false) => wrong(),
        }
    }
}

/// The phrase that a change demands.
#[must_use]
pub fn phrase_of(change: &Change) -> Option<Untrusted> {
    match change.demand() {
        Demand::Name(name) => Some(name),
        Demand::Yes => None,
    }
}

/// What a person typed for a change that was just shown: `yes`, or the name that is demanded. `None` is no.
#[must_use]
pub fn typed(change: &Change, answer: &str) -> Option<Consent> {
    let given = match change.demand() {
        Demand::Yes if answer.trim() == "yes" => Given::Yes,
        Demand::Yes => return None,
        Demand::Name(_) => Given::Typed(Untrusted::from(answer.trim())),
    };
    Consent::give(change.clone(), given).ok() // not what is demanded: that is a no
}

/// Asking for a peek is its consent: nothing is changed for good by one.
///
/// # Errors
/// It is something else.
pub fn look(at: At, act: messages::Act) -> Result<Consent, Failure> {
    match act {
        messages::Act::Peek { .. } => give(Change { at, act: Act::Messages(act) }, Given::Yes),
        messages::Act::Redrive { .. }
        | messages::Act::Replay { .. }
        | messages::Act::Discard { .. }
        | messages::Act::Import(_) => {
            Err(Failure::refused("that is more than looking: it needs a confirmation"))
        }
    }
}

fn give(change: Change, given: Given) -> Result<Consent, Failure> {
    Consent::give(change, given)
        .map_err(|change| Failure::refused(format!("that is no consent to: {}", safe(&change.sentence()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::change::{Act, secretsmanager};
    use crate::estate::{AccountId, Arn, At, Region, VersionId};
    use crate::runbook::definition::shipped;

    fn at() -> At {
        At { account: AccountId::new("123456789012"), region: Region::new("eu-central-1").unwrap() }
    }

    fn ordinary() -> Change {
        let secret = Arn::new("arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-x");
        let act = secretsmanager::Act::Promote {
            secret,
            from: VersionId::new("old"),
            to: VersionId::new("new"),
            strip: None,
            keep: None,
            purpose: Default::default(),
        };
        Change { at: at(), act: Act::SecretsManager(act) }
    }

    fn destructive() -> Change {
        let act = crate::estate::change::apigateway::Act::DeleteKey {
            key: crate::estate::ApiKeyId::new("k8d3"),
            name: Untrusted::from("partner"),
        };
        Change { at: at(), act: Act::ApiGateway(act) }
    }

    fn answers(all: bool, confirm: &[&str]) -> Answers {
        let confirm = confirm.iter().map(|c| (*c).to_owned()).collect();
        Answers::read(&Words { confirm_all: all, confirm, note: Vec::new() }).unwrap()
    }

    fn proposal(changes: &[Change]) -> Proposal {
        Proposal { changes: changes.to_vec(), ..Proposal::default() }
    }

    /// How many consents, the phrase that is wanted, or a refusal.
    fn reply(answers: &Answers, proposal: &Proposal) -> Result<Result<usize, Option<String>>, Exit> {
        match answers.reply("step", proposal) {
            Ok(Reply::Consents(consents)) => Ok(Ok(consents.len())),
            Ok(Reply::Unanswered(phrase)) => Ok(Err(phrase.map(|p| p.wire().to_owned()))),
            Err(failure) => Err(failure.exit),
        }
    }

    use crate::cli::exit::Exit;

    #[test]
    fn everything_answers_only_what_can_be_undone() {
        let (one, two) = (proposal(&[ordinary()]), proposal(&[ordinary(), destructive()]));
        let name = destructive().resource().wire().to_owned();
        assert_eq!(reply(&answers(false, &[]), &one), Ok(Err(None)));
        assert_eq!(reply(&answers(true, &[]), &one), Ok(Ok(1)));
        assert_eq!(reply(&answers(false, &["step=yes"]), &one), Ok(Ok(1)));
        assert_eq!(reply(&answers(false, &["other=yes"]), &one), Ok(Err(None)));
        assert_eq!(reply(&answers(false, &["step=perhaps"]), &one), Err(Exit::Refused));
        assert_eq!(reply(&answers(true, &[]), &two), Ok(Err(Some(name.clone()))));
        assert_eq!(reply(&answers(true, &["step=yes"]), &two), Err(Exit::Refused));
        assert_eq!(reply(&answers(true, &["step=another"]), &two), Err(Exit::Refused));
        assert_eq!(reply(&answers(true, &[&format!("step={name}")]), &two), Ok(Ok(2)));
        assert_eq!(reply(&answers(true, &[&format!("step={name} ")]), &two), Err(Exit::Refused));
    }

    #[test]
    fn what_differs_from_its_plan_is_answered_by_nothing_said_before() {
        let name = format!("step={}", destructive().resource().wire());
        let differs = Proposal { differs: Some("another key".into()), ..proposal(&[destructive()]) };
        assert!(matches!(reply(&answers(true, &[&name]), &differs), Ok(Err(Some(_)))));
        let differs = Proposal { differs: Some("another version".into()), ..proposal(&[ordinary()]) };
        assert_eq!(reply(&answers(true, &["step=yes"]), &differs), Ok(Err(None)));
    }

    #[test]
    fn at_the_terminal_only_the_whole_word_is_yes() {
        for no in ["", "y", "Y", "YES", "no", "yes!", "yesyes"] {
            assert!(typed(&ordinary(), no).is_none(), "{no}");
            assert!(typed(&destructive(), no).is_none(), "{no}");
        }
        assert!(typed(&ordinary(), "yes").is_some());
        assert!(typed(&destructive(), "yes").is_none());
        assert!(typed(&destructive(), destructive().resource().wire()).is_some());
    }

    #[test]
    fn answers_are_for_steps_that_there_are() {
        let definition = shipped("secret-update").unwrap().unwrap();
        assert_eq!(answers(false, &["stage=yes", "account=prod", "close=yes"]).fit(&definition), Ok(()));
        let unknown = answers(false, &["stag=yes"]).fit(&definition).unwrap_err();
        assert!(unknown.exit == Exit::Usage && unknown.words.contains("`stage`"), "{unknown}");
        for bad in ["stage", "=yes", "stage=", ""] {
            let words = Words { confirm: vec![bad.to_owned()], ..Words::default() };
            assert_eq!(Answers::read(&words).unwrap_err().exit, Exit::Usage, "{bad}");
        }
    }

    #[test]
    fn a_decision_about_a_doubt_counts_once() {
        let mut answers = answers(true, &["step=yes", "step=happened:abc"]);
        assert_eq!(answers.take_decision("step").as_deref(), Some("happened:abc"));
        assert_eq!(answers.take_decision("step"), None);
        assert_eq!(answers.take_decision("other"), None);
    }
}
