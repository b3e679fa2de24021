//! Systems: which things belong together, told by their tags or their names. `[[system]]`.

use super::effective::{Effective, Origin, toml_text, toml_texts};
use crate::diagnose::quoted;
use crate::diagnose::walk::{Item, Problems, Table};
use crate::estate::Glob;
use crate::estate::Untrusted;

/// A system: something belongs to it if a name pattern fits, or if it has all of the tags.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct System {
    /// Its name.
    pub name: Untrusted,
    /// Tag keys, and patterns for their values.
    pub tags: Vec<(String, Glob)>,
    /// Patterns for names.
    pub names: Vec<Glob>,
}

impl System {
    /// Whether a thing of this name belongs to it.
    #[must_use]
    pub fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|glob| glob.matches(name))
    }

    /// Whether a thing with these tags belongs to it.
    #[must_use]
    pub fn has_tags<'a>(&self, tags: impl IntoIterator<Item = (&'a str, &'a str)> + Clone) -> bool {
        !self.tags.is_empty()
            && self
                .tags
                .iter()
                .all(|(key, glob)| tags.clone().into_iter().any(|(k, v)| k == key && glob.matches(v)))
    }
}

/// Reads the tables of `[[system]]`.
pub(super) fn read(tables: &[Table<'_>], effective: &mut Effective, problems: &mut Problems) -> Vec<System> {
    let mut systems: Vec<System> = Vec::new();
    for table in tables {
        table.only(&["name", "tags", "names"], problems);
        let name = read_name(table, "system", problems);
        let names = match table.get("names") {
            Some(_) => read_patterns(table, "names", problems),
            None => Some(Vec::new()),
        };
        let tags = match table.get("tags") {
            Some(item) => read_tags(&item, problems),
            None => Some(Vec::new()),
        };
        let (Some(name), Some(names), Some(tags)) = (name, names, tags) else { continue };
        if names.is_empty() && tags.is_empty() {
            let what = format!("nothing can belong to the system {}", quoted(name));
            problems.push(table.diagnose(what).hint("give it `names = [\"prefix-*\"]` or `tags`"));
            continue;
        }
        if systems.iter().any(|s| s.name.wire() == name) {
            problems.push(table.diagnose(format!("there are two systems named {}", quoted(name))));
            continue;
        }
        let origin = Origin::File { file: table.file().to_owned(), line: table.diagnose("").line };
        if !names.is_empty() {
            effective.set(&format!("system.{name}.names"), toml_texts(&names), origin.clone());
        }
        for (key, glob) in &tags {
            let path = format!("system.{name}.tags.{key}");
            effective.set(&path, toml_text(&glob.to_string()), origin.clone());
        }
        systems.push(System { name: Untrusted::from(name), tags, names });
    }
    systems
}

/// The `name` of a table, which must be there and short enough for a line.
pub(super) fn read_name<'a>(table: &Table<'a>, of: &str, problems: &mut Problems) -> Option<&'a str> {
    const LONGEST: usize = 40;
    let Some(item) = table.get("name") else {
        problems.push(table.diagnose(format!("this `[[{of}]]` needs a `name`")));
        return None;
    };
    let name = item.text(problems)?;
    if name.trim().is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        let what = format!("{} cannot be the name of a {of}", quoted(name));
        problems.push(item.at_value(what).hint(format!("use 1 to {LONGEST} printable characters")));
        return None;
    }
    Some(name)
}

/// An array of patterns.
pub(super) fn read_patterns(table: &Table<'_>, key: &str, problems: &mut Problems) -> Option<Vec<Glob>> {
    let before = problems.len();
    let items = table.get(key)?.array(problems)?;
    let patterns = items.iter().filter_map(|item| read_pattern(item, problems)).collect();
    (problems.len() == before).then_some(patterns)
}

fn read_pattern(item: &Item<'_>, problems: &mut Problems) -> Option<Glob> {
    let text = item.text(problems)?;
    let glob = Glob::new(text);
    if glob.is_none() {
        let what = format!("{} is no pattern for names", quoted(text));
        problems.push(item.at_value(what).hint(format!("use 1 to {} characters", Glob::LONGEST)));
    }
    glob
}

fn read_tags(item: &Item<'_>, problems: &mut Problems) -> Option<Vec<(String, Glob)>> {
    let before = problems.len();
    let tags = item
        .table(problems)?
        .items()
        .iter()
        .filter_map(|tag| read_pattern(tag, problems).map(|glob| (tag.key.to_owned(), glob)))
        .collect();
    (problems.len() == before).then_some(tags)
}
