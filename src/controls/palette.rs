//! Ranks names by what a person types of them, as the palette does: actions, and things by their names. It
//! knows nothing of screens; the things are given.

use super::action::Action;
use super::place::Place;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// One candidate that fits, with what to underline in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    /// Which candidate, counted as they were given.
    pub index: usize,
    /// How well it fits; higher is better.
    pub score: u32,
    /// The characters (not bytes) that were matched, in order.
    pub letters: Vec<usize>,
}

/// What fingers type after `:` without asking.
const ALIASES: &[(&str, Action)] = &[("q", Action::Quit), ("q!", Action::Quit), ("qa", Action::Quit)];

/// The longest that is typed; more is no name, and costs time with every candidate.
const LONGEST: usize = 256;

/// Ranks texts by a pattern. It keeps some 130 KiB for its work, so it is made once and used again.
pub struct Ranker {
    matcher: Matcher,
}

impl Default for Ranker {
    fn default() -> Self {
        Self { matcher: Matcher::new(Config::DEFAULT) }
    }
}

impl std::fmt::Debug for Ranker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ranker")
    }
}

impl Ranker {
    /// The candidates that have every word of `typed`, best first, and as they came where equally good.
    /// Capitals count only if some are typed. With nothing typed, all of them as they came.
    pub fn rank<'a>(&mut self, typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<Match> {
        let typed: String = typed.chars().take(LONGEST).collect();
        let pattern = Pattern::new(&typed, CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy);
        let (mut buffer, mut letters) = (Vec::new(), Vec::new());
        let mut found = Vec::new();
        for (index, candidate) in candidates.into_iter().enumerate() {
            // The matcher counts graphemes; letters are characters here, as the drawing counts them.
            buffer.clear();
            let text = if candidate.is_ascii() {
                Utf32Str::Ascii(candidate.as_bytes())
            } else {
                buffer.extend(candidate.chars());
                Utf32Str::Unicode(&buffer)
            };
            letters.clear();
            if let Some(score) = pattern.indices(text, &mut self.matcher, &mut letters) {
                letters.sort_unstable();
                letters.dedup();
                let letters = letters.iter().map(|i| *i as usize).collect();
                found.push(Match { index, score, letters });
            }
        }
        found.sort_by_key(|m| std::cmp::Reverse(m.score)); // stable: equals stay as they came
        found
    }

    /// The actions that the palette opened at `place` offers for `typed`, best first. The letters are those
    /// of [`entry`]. A whole name comes first, for it is typed without looking.
    pub fn actions(&mut self, typed: &str, place: Place) -> Vec<(Action, Match)> {
        let offered: Vec<Action> = Action::ALL.iter().copied().filter(|a| a.in_palette(place)).collect();
        let entries: Vec<String> = offered.iter().map(|a| entry(*a)).collect();
        let mut found: Vec<(Action, Match)> = self
            .rank(typed, entries.iter().map(String::as_str))
            .into_iter()
            .filter_map(|m| offered.get(m.index).map(|a| (*a, m)))
            .collect();
        let typed = typed.trim();
        let meant = ALIASES.iter().find(|(alias, _)| *alias == typed).map(|(_, action)| *action);
        if let Some(action) = meant
            && !found.iter().any(|(a, _)| *a == action)
            && let Some(index) = offered.iter().position(|a| *a == action)
        {
            found.push((action, Match { index, score: 0, letters: Vec::new() }));
        }
        found.sort_by_key(|(action, _)| {
            let name = action.name();
            let exact = name == typed || meant == Some(*action);
            if exact { 0 } else { 1 + usize::from(typed.is_empty() || !name.starts_with(typed)) }
        });
        found
    }
}

/// An action as the palette writes it: its name and what it does.
#[must_use]
pub fn entry(action: Action) -> String {
    format!("{}  {}", action.name(), action.doc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn best(typed: &str, place: Place) -> Option<Action> {
        Ranker::default().actions(typed, place).first().map(|(action, _)| *action)
    }

    #[test]
    fn what_is_typed_finds_what_is_meant() {
        for (typed, action) in [
            ("quit", Action::Quit),
            ("q", Action::Quit),
            ("q!", Action::Quit),
            ("qui", Action::Quit),
            ("que", Action::ShowQueues),
            ("refresh", Action::Refresh),
            ("copycli", Action::CopyCli),
            ("aws cli", Action::CopyCli),
            ("arn", Action::CopyArn),
            ("theme", Action::CycleTheme),
            ("half up", Action::HalfPageUp),
            ("alarms", Action::ShowAlarms),
            ("next theme", Action::CycleTheme),
        ] {
            assert_eq!(best(typed, Place::Queues), Some(action), "{typed}");
        }
        assert_eq!(best("xyzzy", Place::Queues), None);
    }

    #[test]
    fn only_what_can_be_done_here_is_offered() {
        assert_eq!(best("samples", Place::Waf), Some(Action::Samples));
        assert_ne!(best("samples", Place::Queues), Some(Action::Samples));
        let all = Ranker::default().actions("", Place::Overview);
        assert!(all.iter().all(|(a, _)| *a != Action::Palette && *a != Action::Accept));
        assert_eq!(all.first().map(|(a, _)| *a), Some(Action::Open), "with nothing typed, as in the help");
    }

    #[test]
    fn letters_are_the_ones_that_matched() {
        let found = Ranker::default().rank("dlq", ["zzz", "mte-lambda-dlq", "é-dlq"]);
        let letters: Vec<_> = found.iter().map(|m| (m.index, m.letters.clone())).collect();
        assert!(letters.contains(&(1, vec![11, 12, 13])), "{letters:?}");
        assert!(letters.contains(&(2, vec![2, 3, 4])), "{letters:?}");
        assert_eq!(letters.len(), 2);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_letters_exist(typed in "\\PC{0,300}", names in prop::collection::vec(any::<String>(), 0..5)) {
            let mut ranker = Ranker::default();
            for m in ranker.rank(&typed, names.iter().map(String::as_str)) {
                let length = names[m.index].chars().count();
                prop_assert!(m.letters.iter().all(|l| *l < length));
            }
            ranker.actions(&typed, Place::Overview);
        }

        #[test]
        fn a_name_finds_itself(i in 0..Action::ALL.len()) {
            let action = Action::ALL[i];
            if let Some(place) = action.places().iter().find(|p| action.in_palette(**p)) {
                prop_assert_eq!(best(action.name(), *place), Some(action));
            }
        }
    }
}
