//! Patterns for names: `*` is any text, `?` any one character, everything else itself, capitals included, as
//! AWS names have them. Nothing else is known: no classes, no escapes.

use std::fmt;

/// A pattern for names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glob(Vec<char>);

impl Glob {
    /// The longest name that AWS gives to what is watched here has 512 characters (Secrets Manager,
    /// CreateSecret `Name`).
    pub const LONGEST: usize = 512;

    /// A pattern; `None` if it is empty or longer than any name.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let pattern: Vec<char> = text.chars().collect();
        (!pattern.is_empty() && pattern.len() <= Self::LONGEST).then_some(Self(pattern))
    }

    /// Whether the whole of `name` fits. Only the last `*` is ever tried again, since an earlier one could
    /// not do better; so the time is bounded by the product of both lengths whatever the pattern.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let (pattern, name) = (&self.0, name.chars().collect::<Vec<char>>());
        let (mut p, mut n) = (0, 0);
        let mut star = None;
        while n < name.len() {
            match pattern.get(p) {
                Some('*') => {
                    star = Some((p, n));
                    p += 1;
                }
                Some(c) if *c == '?' || *c == name[n] => {
                    p += 1;
                    n += 1;
                }
                _ => {
                    let Some((star_p, star_n)) = star else { return false };
                    star = Some((star_p, star_n + 1));
                    p = star_p + 1;
                    n = star_n + 1;
                }
            }
        }
        pattern[p..].iter().all(|c| *c == '*')
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|c| fmt::Write::write_char(f, *c))
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;
    use proptest::prelude::*;

    fn fits(pattern: &str, name: &str) -> bool {
        Glob::new(pattern).unwrap().matches(name)
    }

    #[test]
    fn stars_and_question_marks() {
        assert!(fits("mte-*", "mte-lambda-dlq"));
        assert!(fits("*-dlq", "a-dlq-dlq"));
        assert!(fits("*", ""));
        assert!(fits("a?c", "aéc"));
        assert!(fits("a*b*c", "a-bb-b-c"));
        assert!(fits("exact", "exact"));
        assert!(!fits("exact", "Exact"));
        assert!(!fits("mte-*", "xmte-1"));
        assert!(!fits("a?c", "ac"));
        assert!(!fits("a*b", "a-b-c"));
        assert!(!fits("[ab]", "a"));
        assert!(Glob::new("").is_none());
        assert!(Glob::new(&"*".repeat(513)).is_none());
    }

    #[test]
    fn a_hostile_pattern_ends_soon() {
        assert!(!fits(&format!("{}b", "*a".repeat(200)), &"a".repeat(20_000)));
    }

    /// The definition, slow and plain.
    fn plain(pattern: &[char], name: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some(('*', rest)) => (0..=name.len()).any(|i| plain(rest, &name[i..])),
            Some((c, rest)) => {
                name.split_first().is_some_and(|(n, more)| (*c == '?' || c == n) && plain(rest, more))
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?]{1,8}", name in "[ab]{0,10}") {
            let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
            prop_assert_eq!(fits(&pattern, &name), plain(&p, &n));
        }
    }
}
