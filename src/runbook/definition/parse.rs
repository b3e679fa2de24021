//! A definition read from TOML: its form, with everything that is wrong told at once, by line. What it means is
//! judged by `check`. It is given text and reads no files.

use super::check::{Spot, findings};
use super::{Argument, Condition, Definition, Input, KINDS, Step, TYPES, type_word};
use crate::diagnose::walk::{Item, Problems, Source, Table};
use crate::diagnose::{Diagnosis, quoted};
use crate::estate::{Timestamp, Untrusted};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::{verbs, words};
use std::collections::BTreeMap;

/// Where things stand: line and column.
/// The bytes at which things begin.
type Marks = BTreeMap<Spot, usize>;

struct Reader {
    marks: Marks,
    problems: Problems,
}

/// Reads and checks a definition.
///
/// # Errors
/// Everything that is wrong, in the order of the file.
pub fn read(source: Source<'_>) -> Result<Definition, Vec<Diagnosis>> {
    let mut reader = Reader { marks: Marks::new(), problems: Problems::new() };
    let Some(document) = source.parse(&mut reader.problems) else { return Err(reader.problems) };
    let definition = reader.definition(&document.table());
    let mut problems = reader.problems;
    if let Some(definition) = &definition {
        let found = findings(definition).into_iter();
        problems.extend(found.map(|(spot, what)| placed(source, &reader.marks, &spot, what)));
    }
    problems.sort_by_key(|p| (p.line, p.column));
    match definition {
        Some(definition) if problems.is_empty() => Ok(definition),
        Some(_) | None => Err(problems),
    }
}

/// As [`read`], without asking whether it makes sense.
#[cfg(test)]
pub fn unchecked(source: Source<'_>) -> Option<Definition> {
    let mut reader = Reader { marks: Marks::new(), problems: Problems::new() };
    let document = source.parse(&mut reader.problems)?;
    reader.definition(&document.table())
}

/// A finding at the line of its place, or of the nearest place around it that stands in the file.
fn placed(source: Source<'_>, marks: &Marks, spot: &Spot, what: Diagnosis) -> Diagnosis {
    let around = match spot {
        Spot::Top(_) => None,
        Spot::Input(nth, _) | Spot::InputWhen(nth, _) => Some(Spot::Input(*nth, "")),
        Spot::Step(nth, _) | Spot::With(nth, _) | Spot::StepWhen(nth, _) => Some(Spot::Step(*nth, "")),
    };
    let mark = marks.get(spot).or_else(|| marks.get(&around?));
    let (line, column) = mark.map_or((1, 1), |byte| source.place(*byte));
    Diagnosis { file: source.file.to_owned(), line, column, ..what }
}

impl Reader {
    fn mark(&mut self, spot: Spot, byte: usize) {
        self.marks.insert(spot, byte);
    }

    fn definition(&mut self, root: &Table<'_>) -> Option<Definition> {
        root.only(&["name", "version", "title", "about", "input", "step"], &mut self.problems);
        for key in ["name", "title", "about", "step"] {
            if let Some(item) = root.get(key) {
                self.mark(Spot::Top(key), item.begins());
            }
        }
        let name = self.needed(root, "name");
        let version = match root.get("version") {
            Some(item) => item.number(1..=i64::from(u32::MAX), &mut self.problems),
            None => self.missing(root, "version"),
        };
        let title = self.needed(root, "title");
        let about = self.needed(root, "about");
        let tables = |reader: &mut Self, key| {
            root.get(key).map_or(Some(Vec::new()), |item| item.tables(&mut reader.problems))
        };
        let inputs = tables(self, "input")?;
        let steps = tables(self, "step")?;
        // All are read, so that all that is wrong is told, before the first that failed ends it.
        let inputs: Vec<Option<Input>> = inputs.iter().enumerate().map(|(n, t)| self.input(n, t)).collect();
        let steps: Vec<Option<Step>> = steps.iter().enumerate().map(|(n, t)| self.step(n, t)).collect();
        Some(Definition {
            name: name?,
            version: u32::try_from(version?).ok()?,
            title: title?,
            about: about?.trim().to_owned(),
            inputs: inputs.into_iter().collect::<Option<_>>()?,
            steps: steps.into_iter().collect::<Option<_>>()?,
        })
    }

    fn missing<T>(&mut self, table: &Table<'_>, key: &str) -> Option<T> {
        let mut missing = table.diagnose(format!("{} is missing", quoted(key)));
        missing.line = missing.line.max(1);
        self.problems.push(missing);
        None
    }

    fn needed(&mut self, table: &Table<'_>, key: &str) -> Option<String> {
        match table.get(key) {
            Some(item) => item.text(&mut self.problems).map(str::to_owned),
            None => self.missing(table, key),
        }
    }

    fn flag(&mut self, table: &Table<'_>, key: &str) -> Option<bool> {
        table.get(key).map_or(Some(false), |item| item.flag(&mut self.problems))
    }

    fn input(&mut self, nth: usize, table: &Table<'_>) -> Option<Input> {
        const KEYS: &[&str] = &["name", "type", "doc", "choices", "default", "late", "optional", "when"];
        table.only(KEYS, &mut self.problems);
        self.mark(Spot::Input(nth, ""), table.begins());
        for key in KEYS {
            if let Some(item) = table.get(key) {
                self.mark(Spot::Input(nth, key), item.begins());
            }
        }
        let kind = match table.get("type") {
            Some(item) => one_of_words(&item, TYPES, &mut self.problems),
            None => self.missing(table, "type"),
        };
        let choices = table.get("choices").map_or(Some(Vec::new()), |i| i.texts(&mut self.problems));
        let default = match (table.get("default"), kind) {
            (Some(item), Some(kind)) => Some(literal(&item, Some(kind), &mut self.problems)),
            (Some(_), None) | (None, _) => None,
        };
        let when = self.condition(table, |name| Spot::InputWhen(nth, name));
        let (name, doc) = (self.needed(table, "name"), self.needed(table, "doc"));
        let (late, optional) = (self.flag(table, "late"), self.flag(table, "optional"));
        Some(Input {
            name: name?,
            kind: kind?,
            doc: doc?,
            choices: choices?.into_iter().map(str::to_owned).collect(),
            default: match default {
                Some(read) => Some(read?),
                None => None,
            },
            late: late?,
            optional: optional?,
            when: when?,
        })
    }

    fn step(&mut self, nth: usize, table: &Table<'_>) -> Option<Step> {
        const KEYS: &[&str] = &["id", "title", "kind", "verb", "with", "when", "now"];
        table.only(KEYS, &mut self.problems);
        self.mark(Spot::Step(nth, ""), table.begins());
        for key in KEYS {
            if let Some(item) = table.get(key) {
                self.mark(Spot::Step(nth, key), item.begins());
            }
        }
        let kind = match table.get("kind") {
            Some(item) => one_of_words(&item, KINDS, &mut self.problems),
            None => self.missing(table, "kind"),
        };
        let verb = self.needed(table, "verb");
        let with = self.arguments(nth, table, verb.as_deref());
        let when = self.condition(table, |name| Spot::StepWhen(nth, name));
        let (id, title) = (self.needed(table, "id"), self.needed(table, "title"));
        let now = match table.get("now") {
            Some(item) => item.text(&mut self.problems).map(|t| t.trim().to_owned()),
            None => Some(String::new()),
        };
        Some(Step { id: id?, title: title?, kind: kind?, verb: verb?, with: with?, when: when?, now: now? })
    }

    fn arguments(
        &mut self,
        nth: usize,
        table: &Table<'_>,
        verb: Option<&str>,
    ) -> Option<BTreeMap<String, Argument>> {
        let Some(item) = table.get("with") else { return Some(BTreeMap::new()) };
        let params = verb.and_then(verbs::find).map_or(&[][..], |v| v.takes());
        let mut arguments = BTreeMap::new();
        let mut whole = true;
        for item in item.table(&mut self.problems)?.items() {
            self.mark(Spot::With(nth, item.key.to_owned()), item.begins());
            let kind = params.iter().find(|p| p.name == item.key).map(|p| p.kind);
            match argument(&item, kind, &mut self.problems) {
                Some(argument) => {
                    arguments.insert(item.key.to_owned(), argument);
                }
                None => whole = false,
            }
        }
        whole.then_some(arguments)
    }

    fn condition(&mut self, table: &Table<'_>, spot: impl Fn(String) -> Spot) -> Option<Condition> {
        let Some(item) = table.get("when") else { return Some(Condition::default()) };
        let mut condition = Condition::default();
        let mut whole = true;
        for item in item.table(&mut self.problems)?.items() {
            self.mark(spot(item.key.to_owned()), item.begins());
            match values(&item, &mut self.problems) {
                Some(values) => {
                    condition.0.insert(item.key.to_owned(), values);
                }
                None => whole = false,
            }
        }
        whole.then_some(condition)
    }
}

/// What one of some words stands for.
fn one_of_words<T: Copy>(item: &Item<'_>, known: &[(&str, T)], problems: &mut Problems) -> Option<T> {
    let known_words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
    let word = item.word(&known_words, problems)?;
    known.iter().find(|(known, _)| *known == word).map(|(_, meant)| *meant)
}

/// The values of a condition: a text, `true` or `false`, a number, or an array of texts.
fn values(item: &Item<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    let mut other = Problems::new();
    if let Some(text) = item.text(&mut other) {
        return Some(vec![text.to_owned()]);
    }
    if let Some(flag) = item.flag(&mut other) {
        return Some(vec![flag.to_string()]);
    }
    if let Some(number) = item.number(i64::MIN..=i64::MAX, &mut other) {
        return Some(vec![number.to_string()]);
    }
    Some(item.texts(problems)?.into_iter().map(str::to_owned).collect())
}

/// A parameter: `$input`, `step.output`, or what it says.
fn argument(item: &Item<'_>, kind: Option<ValueType>, problems: &mut Problems) -> Option<Argument> {
    if item.is_text() {
        let text = item.text(problems)?;
        if let Some(name) = text.strip_prefix('$') {
            return Some(Argument::Input(name.to_owned()));
        }
        if let Some((step, output)) = text.split_once('.')
            && [step, output].iter().all(|word| is_word(word))
        {
            return Some(Argument::Output(step.to_owned(), output.to_owned()));
        }
    }
    literal(item, kind, problems).map(Argument::Literal)
}

/// Lower-case letters, digits, `-` and `_`, begun by a letter: the name of a step or of an output.
fn is_word(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
}

/// A value as it stands there. Without a known type, what TOML says it is.
fn literal(item: &Item<'_>, kind: Option<ValueType>, problems: &mut Problems) -> Option<Value> {
    let text = |text: &str| Value::Text(Untrusted::from(text));
    match kind {
        Some(ValueType::Text) => written_out(item, problems).map(text),
        Some(ValueType::List) => {
            Some(Value::List(item.texts(problems)?.into_iter().map(Untrusted::from).collect()))
        }
        Some(ValueType::Number) => item.number(i64::MIN..=i64::MAX, problems).map(Value::Number),
        Some(ValueType::Flag) => item.flag(problems).map(Value::Flag),
        Some(ValueType::Duration) => match words::parse(item.text(problems)?) {
            Ok(seconds) => Some(Value::Duration(seconds)),
            Err(why) => refused(item, why, problems),
        },
        Some(ValueType::Time) => match item.text(problems)?.parse::<Timestamp>() {
            Ok(instant) => Some(Value::Time(instant)),
            Err(_) => refused(item, "an instant is written e.g. `2026-01-31T09:00:00Z`".to_owned(), problems),
        },
        Some(kind @ (ValueType::Secret | ValueType::Home | ValueType::Findings)) => {
            let what = format!("a {} cannot stand in a file", type_word(kind));
            refused(item, what, problems)
        }
        None => {
            let mut other = Problems::new();
            None.or_else(|| written_out(item, &mut other).map(text))
                .or_else(|| item.flag(&mut other).map(Value::Flag))
                .or_else(|| item.number(i64::MIN..=i64::MAX, &mut other).map(Value::Number))
                .or_else(|| literal(item, Some(ValueType::List), problems))
        }
    }
}

/// A text, or `{ text = "..." }` for one that would be taken for a reference.
fn written_out<'a>(item: &Item<'a>, problems: &mut Problems) -> Option<&'a str> {
    let mut other = Problems::new();
    if let Some(table) = item.table(&mut other) {
        table.only(&["text"], problems);
        return table.get("text")?.text(problems);
    }
    item.text(problems)
}

fn refused<T>(item: &Item<'_>, why: String, problems: &mut Problems) -> Option<T> {
    problems.push(item.at_value(format!("`{}`: {why}", item.path)));
    None
}
