//! The rules of composite alarms: a small grammar of states, AND, OR, NOT and parentheses. It knows no
//! alarms, only names. Source: CloudWatch API reference, `PutCompositeAlarm`, `AlarmRule`.

use super::alarm::State;

/// A rule.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::practice) enum Rule {
    Constant(bool),
    In(State, String),
    Not(Box<Rule>),
    And(Box<Rule>, Box<Rule>),
    Or(Box<Rule>, Box<Rule>),
}

impl Rule {
    /// The rule, if `text` is one.
    pub(in crate::practice) fn parse(text: &str) -> Option<Rule> {
        let mut reader = Reader { rest: text, depth: 0 };
        let rule = reader.either()?;
        reader.rest.trim().is_empty().then_some(rule)
    }

    /// Whether it holds; an alarm that is not there is in no state.
    pub(in crate::practice) fn holds(&self, state: &dyn Fn(&str) -> Option<State>) -> bool {
        match self {
            Rule::Constant(b) => *b,
            Rule::In(s, name) => state(name) == Some(*s),
            Rule::Not(r) => !r.holds(state),
            Rule::And(a, b) => a.holds(state) && b.holds(state),
            Rule::Or(a, b) => a.holds(state) || b.holds(state),
        }
    }

    /// The alarms that it names.
    pub(in crate::practice) fn names(&self) -> Vec<String> {
        match self {
            Rule::Constant(_) => Vec::new(),
            Rule::In(_, name) => vec![name.clone()],
            Rule::Not(r) => r.names(),
            Rule::And(a, b) | Rule::Or(a, b) => {
                let mut names = a.names();
                names.extend(b.names());
                names
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    /// How many parentheses and NOTs it is in: a rule that was stored may have been edited.
    depth: u8,
}

impl Reader<'_> {
    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(word) {
            Some(after) if !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') => {
                self.rest = after;
                true
            }
            Some(_) | None => false,
        }
    }

    fn sign(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(sign)?;
        Some(())
    }

    fn either(&mut self) -> Option<Rule> {
        let mut rule = self.both()?;
        while self.word("OR") {
            rule = Rule::Or(Box::new(rule), Box::new(self.both()?));
        }
        Some(rule)
    }

    fn both(&mut self) -> Option<Rule> {
        let mut rule = self.single()?;
        while self.word("AND") {
            rule = Rule::And(Box::new(rule), Box::new(self.single()?));
        }
        Some(rule)
    }

    fn single(&mut self) -> Option<Rule> {
        self.depth = self.depth.checked_add(1).filter(|d| *d < 100)?;
        let rule = self.single_inside();
        self.depth -= 1;
        rule
    }

    fn single_inside(&mut self) -> Option<Rule> {
        if self.word("NOT") {
            return Some(Rule::Not(Box::new(self.single()?)));
        }
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.word(word) {
                return Some(Rule::Constant(value));
            }
        }
        for state in [State::Alarm, State::Ok, State::Insufficient] {
            if self.word(state.word()) {
                self.sign('(')?;
                let name = self.name()?;
                self.sign(')')?;
                return Some(Rule::In(state, name));
            }
        }
        self.sign('(')?;
        let rule = self.either()?;
        self.sign(')')?;
        Some(rule)
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.rest.trim_start();
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(')')?),
        };
        self.rest = after;
        Some(name.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_bind_as_aws_says() {
        let state = |n: &str| Some(if n.starts_with('x') { State::Alarm } else { State::Ok });
        let holds = |t: &str| Rule::parse(t).map(|r| r.holds(&state));
        assert_eq!(holds("ALARM(\"x\")"), Some(true));
        assert_eq!(holds("ALARM(b) OR ALARM(x) AND NOT ALARM(x)"), Some(false));
        assert_eq!(holds("(ALARM(b) OR ALARM(x)) AND OK(b)"), Some(true));
        assert_eq!(holds("NOT (TRUE AND FALSE)"), Some(true));
        assert_eq!(holds("ALARM(\"x\""), None);
        assert_eq!(holds("ALARM(x) ALARM(x)"), None);
        assert_eq!(holds(&"NOT ".repeat(100_000)), None);
        assert_eq!(
            Rule::parse("ALARM(\"a b\") OR OK(c)").map(|r| r.names()),
            Some(vec!["a b".into(), "c".into()])
        );
    }
}
