//! What the verbs of a key's rotation share: which stores the key is in, parameters by their types, what
//! a step has made so far, and who else would put the old key back. Knows no single store's way of keeping keys.

pub mod canary;
pub mod evidence;
pub mod list;
pub mod preconditions;
pub mod secret;
#[cfg(test)]
mod tests;
pub mod unused;
pub mod verify;

use crate::estate::change::Purpose;
use crate::estate::edit::{Fingerprint, Place};
use crate::estate::{
    Act, Arn, Asks, Change, MaterialSource, MaterialVersion, Risk, Slot, Timestamp, Untrusted,
};
use crate::runbook::need::{Fact, Need, Question, Want};
use crate::runbook::value::{Home, Value, ValueType};
use crate::runbook::verb::Param;
use crate::runbook::verbs::contain::FALSE_POSITIVE;
use crate::runbook::view::{ChangeMade, View, is_missing, refusal};
use std::time::Duration;

/// Where a key is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Store {
    /// In a secret of Secrets Manager.
    Secret,
    /// In a variable of a function.
    LambdaEnv,
    /// API Gateway's own key.
    ApiGateway,
    /// An access key of an IAM user.
    IamUser,
    /// The same key in API Gateway and in a function's variable.
    Both,
}

impl Store {
    /// The choices of the input `store`, in its order.
    pub const CHOICES: [(&'static str, Store); 5] = [
        ("secret", Store::Secret),
        ("lambda-env", Store::LambdaEnv),
        ("api-gateway", Store::ApiGateway),
        ("iam-user", Store::IamUser),
        ("api-gateway,lambda-env", Store::Both),
    ];

    /// The store that the parameter `store` names.
    ///
    /// # Errors
    /// `Refuse`, if it names none.
    pub fn of(v: &View<'_>) -> Result<Store, Need> {
        let said = v.text("store")?;
        Self::CHOICES.iter().find(|(name, _)| *name == said.wire()).map(|(_, store)| *store).ok_or_else(
            || {
                let known: Vec<&str> = Self::CHOICES.iter().map(|(name, _)| *name).collect();
                Need::Refuse(format!("there is no store {}; there are {}", said.shown(), known.join("; ")))
            },
        )
    }
}

/// The late input by which the old key is named.
pub const OLD: &str = "old";
/// The late input that goes on although use of the old key cannot be excluded.
pub const OVERRIDE: &str = "override";
/// The parameter with the slot of a key that a person enters.
pub const VALUE: Param = Param {
    name: "value",
    kind: ValueType::Secret,
    optional: true,
    doc: "the new key, where a person enters it because somebody else issues it; else it is made here",
};
/// The parameter with the length of a key that is made.
pub const LENGTH: Param = Param {
    name: "length",
    kind: ValueType::Number,
    optional: true,
    doc: "how many characters a generated key has, 20 to 128; 40 by default",
};

/// The parameter by which a step of a rotation becomes one of a containment.
pub const COMPROMISED: Param = Param {
    name: "compromised",
    kind: ValueType::Flag,
    optional: true,
    doc: "the key is in wrong hands: a name must be typed, no new key need be there, and an undo asks for `false_positive`",
};

/// What a step's changes are made for.
pub fn purpose(v: &View<'_>) -> Purpose {
    if v.flag(COMPROMISED.name) { Purpose::Contains } else { Purpose::Routine }
}

/// Why it was a false alarm, where a change that contained is undone; else nothing is asked.
///
/// # Errors
/// `Person`, until somebody has said it.
pub fn released(v: &View<'_>, change: &Change) -> Result<Option<String>, Need> {
    if change.risk() != Risk::Containing {
        return Ok(None);
    }
    match text(v, FALSE_POSITIVE) {
        Some(reason) => Ok(Some(format!("a false alarm, because: {}", reason.shown()))),
        None => Err(Need::Person(Question {
            text: format!(
                "The key is in wrong hands as far as this run knows: undoing this gives whoever has it its power back ({}). \
                 Only if it was a false alarm: say why (`--set {FALSE_POSITIVE}=REASON`). Else leave it, and give the rightful \
                 callers a new key",
                change.sentence()
            ),
            accepts: vec![FALSE_POSITIVE.into()],
            ..Question::default()
        })),
    }
}

/// What is meant by a stand-in of planning: not known yet, so AWS is not asked about it.
pub fn is_stand_in(text: &Untrusted) -> bool {
    text.is_empty() || text.wire().starts_with('<')
}

/// A parameter or a late input, whichever is there.
fn said<'v>(v: &View<'v>, name: &str) -> Option<&'v Value> {
    v.with.get(name).or_else(|| v.late.get(name))
}

/// A text that may be missing, given from the start or late; an empty one is missing.
pub fn text<'v>(v: &View<'v>, name: &str) -> Option<&'v Untrusted> {
    match said(v, name) {
        Some(Value::Text(text)) if !text.is_empty() => Some(text),
        Some(_) | None => None,
    }
}

/// Where a value is at home, if the parameter is there.
pub fn home<'v>(v: &View<'v>, name: &str) -> Option<&'v Home> {
    match said(v, name) {
        Some(Value::Home(home)) => Some(home),
        Some(_) | None => None,
    }
}

/// An instant, if the parameter is there.
pub fn instant(v: &View<'_>, name: &str) -> Option<Timestamp> {
    match said(v, name) {
        Some(Value::Time(at)) => Some(*at),
        Some(_) | None => None,
    }
}

/// A duration in seconds, or what it is without being given.
pub fn seconds(v: &View<'_>, name: &str, without: u64) -> i64 {
    match said(v, name) {
        Some(Value::Duration(s)) => i64::try_from(*s).unwrap_or(i64::MAX),
        Some(_) | None => i64::try_from(without).unwrap_or(i64::MAX),
    }
}

/// How long a generated key is: the parameter `length`, 20 to 128 characters as API Gateway takes them.
///
/// # Errors
/// `Refuse` outside of that.
pub fn length(v: &View<'_>) -> Result<usize, Need> {
    let wanted = match said(v, "length") {
        Some(Value::Number(n)) => *n,
        Some(_) | None => 40,
    };
    usize::try_from(wanted)
        .ok()
        .filter(|n| (20..=128).contains(n))
        .ok_or_else(|| Need::Refuse(format!("a key of {wanted} characters: length is 20 to 128")))
}

/// The slot of a new key that a person enters, for somebody else issues it; `None`: it is made here.
pub fn entered<'v>(v: &View<'v>) -> Option<&'v Slot> {
    match v.with.get(VALUE.name) {
        Some(Value::Secret(slot)) => Some(slot),
        Some(_) | None => None,
    }
}

/// The first answer to a question that has one.
///
/// # Errors
/// As [`View::must`]; `Refuse` if there is no answer at all.
pub fn one<Q: Asks>(v: &View<'_>, question: Q) -> Result<Q::Out, Need> {
    v.must(question)?.into_iter().next().ok_or_else(|| Need::Refuse("AWS gave an empty answer".into()))
}

/// All of several answers, asked for together.
///
/// # Errors
/// One `Know` with everything that is missing, or the first other need.
pub fn all<T>(answers: impl Iterator<Item = Result<T, Need>>) -> Result<Vec<T>, Need> {
    let (mut out, mut wants) = (Vec::new(), Vec::new());
    for answer in answers {
        match answer {
            Ok(answer) => out.push(answer),
            Err(Need::Know(more)) => wants.extend(more),
            Err(other) => return Err(other),
        }
    }
    if wants.is_empty() { Ok(out) } else { Err(Need::Know(wants)) }
}

/// The fingerprint of what a slot holds.
///
/// # Errors
/// `Know`, until it has been made.
pub fn print(v: &View<'_>, slot: &Slot) -> Result<Option<Fingerprint>, Need> {
    let want = Want::Print(slot.clone());
    match v.facts.get(&want) {
        Some(Fact::Print(print)) => Ok(print.clone()),
        Some(_) | None => Err(Need::Know(vec![want])),
    }
}

/// A material that was listed a moment ago, in a slot: one that is not found yet is looked for again, since
/// lists and values need not be of the same age.
///
/// # Errors
/// `Know`, until it has been read; `Again`, while it is not there; `Refuse` with AWS's words.
pub fn load(v: &View<'_>, source: &MaterialSource, into: &Slot) -> Result<MaterialVersion, Need> {
    match v.load(source, into)? {
        Ok(version) => Ok(version),
        Err(fault) if is_missing(&fault) => {
            Err(again(2, "what was just made can be listed and not read yet"))
        }
        Err(fault) => Err(refusal(fault)),
    }
}

/// The new key, which was put where it is at home a moment ago, in a slot.
///
/// # Errors
/// As [`load`]; `Refuse`, if it is no longer at home.
pub fn fetch(v: &View<'_>, home: &Home, into: &Slot) -> Result<(), Need> {
    let whole = home.place == Place::Whole && home.entry.is_none();
    let document = if whole { into.clone() } else { Slot::new(format!("{}.document", into.name())) };
    load(v, &home.source, &document)?;
    v.fetch(home, into)
}

/// The last change of this step that `is`.
pub fn made<'v>(v: &View<'v>, is: impl Fn(&Act) -> bool) -> Option<&'v ChangeMade> {
    v.done.iter().rev().find(|c| is(&c.change.act))
}

/// Looks again after some seconds.
pub fn again(seconds: u64, why: impl Into<String>) -> Need {
    Need::Again { after: Duration::from_secs(seconds), why: why.into() }
}

/// A number with separators, as people read it.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Whole days from one instant to another.
pub fn days(from: Timestamp, to: Timestamp) -> i64 {
    crate::estate::time::seconds_between(from, to).max(0) / 86_400
}

/// What would put the old key back: infrastructure code that its tags tell of, one sentence; `None` where no
/// tag does. CloudFormation marks what it makes with `aws:cloudformation:*` (user guide, "Resource tags"), so
/// CDK, SAM and Serverless are among it.
pub fn managed(what: &str, tags: &[(Untrusted, Untrusted)]) -> Option<String> {
    let stack = tags.iter().find(|(k, _)| k.wire() == "aws:cloudformation:stack-name");
    if let Some((_, name)) = stack {
        return Some(format!(
            "{what} belongs to the CloudFormation stack {}: its next deployment puts back what the template \
             says, so change the template too",
            name.shown()
        ));
    }
    let lower = |t: &Untrusted| t.wire().to_ascii_lowercase();
    let tools = ["aws:cloudformation:", "aws-cdk", "terraform", "pulumi", "serverless"];
    tags.iter().find(|(k, v)| tools.iter().any(|t| lower(k).contains(t) || lower(v).contains(t))).map(
        |(k, value)| {
            format!(
                "{what} is made by infrastructure code (tag {}={}): its next deployment puts back what it \
                 says, so change that too",
                k.shown(),
                value.shown()
            )
        },
    )
}

/// The function's ARN without a version, for questions that take no other.
pub fn unqualified(arn: &Arn) -> Arn {
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
    let parts: Vec<&str> = arn.wire().splitn(8, ':').take(7).collect();
    Arn::new(parts.join(":"))
}
