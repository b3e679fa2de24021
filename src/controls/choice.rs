//! One thing in use out of several in files, of which the others are parsed only when their turn comes: the
//! first frame needs one keymap and one theme. Knows what is in the files no better than their parser.

use crate::diagnose::Diagnosis;
use crate::diagnose::walk::Source;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

/// What can be parsed from a file.
pub trait FromFile: Sized {
    /// Parses it.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    fn from_file(name: &str, source: Source<'_>) -> Result<Self, Vec<Diagnosis>>;
}

/// A file that was read and not parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// What it is called by.
    pub name: String,
    /// Where it is, for messages.
    pub path: String,
    /// What it says.
    pub text: Cow<'static, str>,
}

#[derive(Clone, Debug)]
enum Entry<T> {
    Parsed(Arc<T>),
    Unparsed(File),
}

/// What is in use, and what could be.
#[derive(Clone, Debug)]
pub struct Choice<T> {
    current: Arc<T>,
    others: VecDeque<Entry<T>>,
}

impl<T: FromFile> Choice<T> {
    /// `current` is in use; each of `others` comes after the one before.
    pub fn new(current: T, others: impl IntoIterator<Item = File>) -> Self {
        Self { current: Arc::new(current), others: others.into_iter().map(Entry::Unparsed).collect() }
    }

    /// What is in use.
    #[must_use]
    pub fn current(&self) -> &T {
        &self.current
    }

    /// Whether there may be another.
    #[must_use]
    pub fn has_others(&self) -> bool {
        !self.others.is_empty()
    }

    /// Takes the next one, made fit by `fit` when it is parsed. A file that is wrong is left out from then on:
    /// what is wrong with it is said when somebody chooses it by name.
    pub fn turn(&mut self, fit: impl Fn(T) -> T) {
        while let Some(entry) = self.others.pop_front() {
            let next = match entry {
                Entry::Parsed(next) => next,
                Entry::Unparsed(file) => {
                    let source = Source { file: &file.path, text: &file.text };
                    match T::from_file(&file.name, source) {
                        Ok(parsed) => Arc::new(fit(parsed)),
                        Err(_) => continue,
                    }
                }
            };
            self.others.push_back(Entry::Parsed(std::mem::replace(&mut self.current, next)));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, Diagnosis, File, FromFile, Source};

    struct Word(String);

    impl FromFile for Word {
        fn from_file(name: &str, source: Source<'_>) -> Result<Self, Vec<Diagnosis>> {
            if source.text == "wrong" {
                return Err(vec![Diagnosis::of(source.file, "wrong")]);
            }
            Ok(Word(format!("{name} {}", source.text)))
        }
    }

    #[test]
    fn each_has_its_turn_and_a_wrong_one_is_left_out() {
        let file =
            |name: &str, text: &'static str| File { name: name.into(), path: "f".into(), text: text.into() };
        let others = [file("a", "1"), file("b", "wrong"), file("c", "3")];
        let mut choice = Choice::new(Word("first".into()), others);
        let mut seen = Vec::new();
        for _ in 0..5 {
            seen.push(choice.current().0.clone());
            choice.turn(|w| Word(w.0.to_uppercase()));
        }
        assert_eq!(seen, ["first", "A 1", "C 3", "first", "A 1"], "made fit once");
        let mut alone = Choice::new(Word("one".into()), [file("b", "wrong")]);
        alone.turn(|w| w);
        assert_eq!(alone.current().0, "one");
        assert!(!alone.has_others());
    }
}
