//! What may be in wrong hands: a key, a user, a role, a function, an instance or a secret; and which runbooks take it. Both
//! are told by the names of inputs and outputs, so that a new definition is offered without being listed anywhere.

use super::definition::{Definition, StepKind};
use super::value::{Value, ValueType};
use crate::estate::change::secretsmanager;
use crate::estate::principal::KeyKind;
use crate::estate::{Arn, Untrusted};

/// What kind of thing is suspected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// An access key, by its id.
    Key,
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
    /// A Lambda function.
    Function,
    /// A database instance.
    Instance,
    /// A secret.
    Secret,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] =
        [Kind::Key, Kind::User, Kind::Role, Kind::Function, Kind::Instance, Kind::Secret];

    /// The word for it: the name of the inputs that take one.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Key => "key",
            Kind::User => "user",
            Kind::Role => "role",
            Kind::Function => "function",
            Kind::Instance => "instance",
            Kind::Secret => "secret",
        }
    }

    /// The kind that an input or output is called after: `role`, and `roles` for several.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| name.strip_prefix(kind.word()).is_some_and(|s| matches!(s, "" | "s")))
    }
}

/// Something that may be in wrong hands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Suspect {
    /// What it is.
    pub kind: Kind,
    /// Its id, name or ARN, as the runbooks take it.
    pub name: Untrusted,
}

impl Suspect {
    /// A thing of a kind.
    #[must_use]
    pub fn new(kind: Kind, name: impl Into<Untrusted>) -> Self {
        Self { kind, name: name.into() }
    }

    /// Whether both are the same thing: a secret is also called by its name, which its ARN ends with, before six
    /// characters of Secrets Manager's own.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        fn called(s: &Suspect) -> &str {
            match (s.kind, s.name.wire().split_once(":secret:")) {
                (Kind::Secret, Some((_, name))) => secretsmanager::bare(name),
                _ => s.name.wire(),
            }
        }
        self == other || self.kind == other.kind && called(self) == called(other)
    }

    /// What text from outside names for sure by its form: the id of an access key, or an ARN.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let text = text.trim();
        if matches!(KeyKind::of(text), KeyKind::LongTerm | KeyKind::Temporary) {
            return Some(Self::new(Kind::Key, text));
        }
        let arn = Arn::new(text);
        let resource = text.splitn(6, ':').nth(5).filter(|r| !r.is_empty())?;
        match arn.service()? {
            "iam" | "sts" => {
                let (kind, path) = resource.split_once('/')?;
                match kind {
                    "user" => Some(Self::new(Kind::User, last(path))),
                    "role" => Some(Self::new(Kind::Role, last(path))),
                    "assumed-role" => Some(Self::new(Kind::Role, path.split('/').next()?)),
                    _ => None,
                }
            }
            "lambda" => {
                let name = resource.strip_prefix("function:")?.split(':').next()?;
                Some(Self::new(Kind::Function, name))
            }
            "rds" => resource.strip_prefix("db:").map(|name| Self::new(Kind::Instance, name)),
            "secretsmanager" => Some(Self::new(Kind::Secret, text)),
            _ => None,
        }
        .filter(|s| !s.name.is_empty())
    }

    /// The access keys that a text from outside names, by the form of their ids, each once.
    #[must_use]
    pub fn keys_in(text: &Untrusted) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for word in text.wire().split(|c: char| !c.is_ascii_alphanumeric()) {
            let suspect = Self::new(Kind::Key, word);
            let is_key = matches!(KeyKind::of(word), KeyKind::LongTerm | KeyKind::Temporary);
            if is_key && !found.contains(&suspect) {
                found.push(suspect);
            }
        }
        found
    }

    /// What the inputs or outputs of a run name, each once, in their order. What is called a key and is no access key (an API
    /// gateway's, say) is left out, and so is what only doing it would tell.
    pub fn among<'v>(values: impl IntoIterator<Item = (&'v String, &'v Value)>) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for (name, value) in values {
            let Some(kind) = Kind::of_name(name) else { continue };
            let texts: &[Untrusted] = match value {
                Value::Text(text) => std::slice::from_ref(text),
                Value::List(texts) => texts,
                Value::Number(_)
                | Value::Flag(_)
                | Value::Duration(_)
                | Value::Time(_)
                | Value::Secret(_)
                | Value::Home(_)
                | Value::Findings(_) => &[],
            };
            for text in texts {
                let is_known = !text.is_empty() && !text.wire().contains("<made by ");
                let is_key = kind != Kind::Key || KeyKind::of(text.wire()) != KeyKind::NoKey;
                let suspect = Self { kind, name: text.clone() };
                if is_known && is_key && !found.contains(&suspect) {
                    found.push(suspect);
                }
            }
        }
        found
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How a runbook takes a suspect.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fit {
    /// It only looks: whose it is, what it did.
    Looks,
    /// It contains it.
    Contains,
    /// It changes it in another way: what is done about it after that.
    Changes,
}

/// The ids of steps that contain, with or without a number or a word behind: what people type after `--confirm`.
const CONTAINING: [&str; 5] = ["deactivate", "deny", "revoke", "isolate", "disable"];

/// Whether, and how, a runbook takes a thing of this kind: by an input of its name that must be given whatever the
/// others are.
#[must_use]
pub fn fit(book: &Definition, kind: Kind) -> Option<Fit> {
    if !demands(book, kind) {
        return None;
    }
    if book.steps.iter().all(|s| s.kind != StepKind::Change) {
        // What a person does by hand, or is shown a value by, is no look.
        return book.steps.iter().all(|s| s.kind != StepKind::Manual).then_some(Fit::Looks);
    }
    Some(if contains(book) { Fit::Contains } else { Fit::Changes })
}

/// Whether something of this kind must be given to it, whatever else is.
fn demands(book: &Definition, kind: Kind) -> bool {
    let input = book.input(kind.word()).filter(|i| i.kind == ValueType::Text);
    input.is_some_and(|i| !i.late && !i.optional && i.default.is_none() && i.when.0.is_empty())
}

/// Whether a runbook contains something. A rotation, whose steps are called alike, demands nothing of these kinds.
#[must_use]
pub fn contains(book: &Definition) -> bool {
    if !Kind::ALL.into_iter().any(|kind| demands(book, kind)) {
        return false;
    }
    let words = |id: &str| CONTAINING.iter().any(|w| id.split('-').next() == Some(w));
    book.steps.iter().any(|s| s.kind == StepKind::Change && words(&s.id))
}

/// Whether a runbook only looks at a suspect, and names what else is in wrong hands.
#[must_use]
pub fn looks(book: &Definition) -> bool {
    Kind::ALL.into_iter().any(|kind| fit(book, kind) == Some(Fit::Looks))
}

/// Whether nothing but the suspect must be given, so that a plan can be made at once: every other input has a default, or
/// is not asked for with the defaults of the rest.
#[must_use]
pub fn is_enough(book: &Definition, kind: Kind) -> bool {
    let defaults = book.inputs.iter().filter_map(|i| Some((i.name.clone(), i.default.clone()?))).collect();
    let open = |i: &super::Input| !i.late && !i.optional && i.default.is_none() && i.when.holds(&defaults);
    book.inputs.iter().all(|i| i.name == kind.word() || !open(i) || i.kind == ValueType::Secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::definition::shipped;
    use std::collections::BTreeMap;

    #[test]
    fn what_text_names() {
        for (text, said) in [
            (" AKIAIOSFODNN7EXAMPLE\n", Some("key AKIAIOSFODNN7EXAMPLE")),
            ("ASIAIOSFODNN7EXAMPLE", Some("key ASIAIOSFODNN7EXAMPLE")),
            ("AIDAIOSFODNN7EXAMPLE", None),
            ("arn:aws:iam::123456789012:user/ci/deploy-bot", Some("user deploy-bot")),
            ("arn:aws:iam::123456789012:role/service-role/r", Some("role r")),
            ("arn:aws:sts::123456789012:assumed-role/ops/alice", Some("role ops")),
            ("arn:aws:iam::123456789012:policy/p", None),
            ("arn:aws:iam::123456789012:root", None),
            ("arn:aws:lambda:us-east-1:123456789012:function:f:live", Some("function f")),
            ("arn:aws:rds:us-east-1:123456789012:db:logs", Some("instance logs")),
            ("arn:aws:s3:::bucket", None),
            ("deploy-bot", None),
            ("", None),
        ] {
            let told = Suspect::named(text).map(|s| format!("{} {}", s.kind.word(), s.name.shown()));
            assert_eq!(told.as_deref(), said, "{text}");
        }
    }

    #[test]
    fn a_secret_is_called_by_its_name_too() {
        let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/deploy/token-AbCdEf";
        let secret = |name: &str| Suspect::new(Kind::Secret, name);
        assert!(secret(arn).is(&secret("shop/deploy/token")) && secret("shop/deploy/token").is(&secret(arn)));
        assert!(!secret(arn).is(&secret("deploy/token")), "names have paths");
        assert!(!secret(arn).is(&Suspect::new(Kind::Role, "shop/deploy/token")));
        assert!(!secret(arn).is(&secret(&arn.replace("us-east-1", "eu-west-1").replace("token", "other"))));
    }

    #[test]
    fn which_keys_a_text_names() {
        let text = "AWS_RISK: AKIAIOSFODNN7EXAMPLE, ASIAIOSFODNN7EXAMPLE. (AKIAIOSFODNN7EXAMPLE) AKIA AIDAIOSFODNN7EXAMPLE";
        let told: Vec<String> =
            Suspect::keys_in(&text.into()).iter().map(|s| s.name.shown().to_string()).collect();
        assert_eq!(told, ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"]);
    }

    #[test]
    fn what_a_run_names() {
        let list = |all: &[&str]| Value::List(all.iter().map(|t| Untrusted::from(*t)).collect());
        let values: BTreeMap<String, Value> = [
            ("key".to_owned(), Value::Text("AKIAIOSFODNN7EXAMPLE".into())),
            ("keys".to_owned(), list(&["AKIAIOSFODNN7EXAMPLE", "a1b2c3"])),
            ("policy".to_owned(), Value::Text("arn:p".into())),
            ("roles".to_owned(), list(&["deploy", "deploy", "<made by x>", ""])),
            ("user".to_owned(), Value::Text("ci".into())),
            ("userpool".to_owned(), Value::Text("x".into())),
        ]
        .into();
        let told: Vec<String> =
            Suspect::among(&values).iter().map(|s| format!("{} {}", s.kind.word(), s.name.shown())).collect();
        assert_eq!(told, ["key AKIAIOSFODNN7EXAMPLE", "role deploy", "user ci"]);
    }

    #[test]
    fn which_shipped_runbooks_take_what() {
        let of = |name: &str, kind| fit(&shipped(name).unwrap().unwrap(), kind);
        assert_eq!(of("iam-key-compromised", Kind::Key), Some(Fit::Contains));
        assert_eq!(of("iam-user-compromised", Kind::User), Some(Fit::Contains));
        assert_eq!(of("role-sessions-revoked", Kind::Role), Some(Fit::Contains));
        assert_eq!(of("access-key-owner", Kind::Key), Some(Fit::Looks));
        assert_eq!(of("secret-update", Kind::Secret), Some(Fit::Changes));
        // A rotation leaves the old key in force meanwhile: it is for routine, and its inputs depend on each other.
        assert_eq!(of("api-key-rotation", Kind::User), None);
        assert_eq!(of("api-key-rotation", Kind::Key), None);
        assert_eq!(of("queue-redrive", Kind::Function), None);
        assert!(!contains(&shipped("api-key-rotation").unwrap().unwrap()));
        let enough = |name: &str, kind| is_enough(&shipped(name).unwrap().unwrap(), kind);
        assert!(enough("iam-key-compromised", Kind::Key) && enough("role-sessions-revoked", Kind::Role));
        assert!(enough("function-isolated", Kind::Function));
        assert!(!enough("cost-overrun", Kind::Function), "with its defaults it wants a limit");
        assert!(!enough("database-breach", Kind::Instance), "where the password lives is asked");
    }
}
