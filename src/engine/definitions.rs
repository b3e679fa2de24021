//! The runbooks that can be started: the shipped ones, and a person's own beside the configuration, which win
//! over shipped ones of the same name. A file that is wrong is told when its runbook is wanted.

use super::files::{self, Paths};
use crate::diagnose::walk::Source;
use crate::diagnose::{Diagnosis, Neutral, one_of, quoted};
use crate::runbook::definition::COMMANDS;
use crate::runbook::{Definition, definition};

/// The directory of a person's own.
pub const DIRECTORY: &str = "runbooks";

/// A runbook, or what is wrong with its file.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its name: that of the file, without `.toml`.
    pub name: String,
    /// The file of a person's own; `None` for a shipped one.
    pub file: Option<String>,
    /// What it is.
    pub definition: Result<Definition, Vec<Diagnosis>>,
}

/// All of them, by name.
#[must_use]
pub fn load(paths: &Paths) -> Vec<Found> {
    let mut found = own(paths);
    for (name, _) in definition::SHIPPED {
        if !found.iter().any(|f| f.name == *name)
            && let Some(definition) = definition::shipped(name)
        {
            found.push(Found { name: (*name).to_owned(), file: None, definition });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn own(paths: &Paths) -> Vec<Found> {
    let Some(dir) = paths.beside_config(DIRECTORY) else { return Vec::new() };
    let wrong = |file: &str, e: &std::io::Error| vec![Diagnosis::of(file, format!("it cannot be read: {e}"))];
    let listed = match files::toml_files(&dir) {
        Ok(listed) => listed,
        Err(e) => {
            let file = Neutral(&dir.display().to_string()).to_string();
            let definition = Err(wrong(&file, &e));
            return vec![Found { name: DIRECTORY.to_owned(), file: Some(file), definition }];
        }
    };
    let read = |(name, path): (String, std::path::PathBuf)| {
        let file = path.display().to_string();
        let definition = match files::read_text(&path) {
            Ok(Some(text)) => {
                definition::read(Source { file: &file, text: &text }).and_then(|d| named(d, &name, &file))
            }
            Ok(None) => return None,
            Err(e) => Err(wrong(&file, &e)),
        };
        Some(Found { name, file: Some(file), definition })
    };
    listed.into_iter().filter_map(read).collect()
}

/// A runbook is called by the name of its file: two files cannot claim one name then.
fn named(definition: Definition, name: &str, file: &str) -> Result<Definition, Vec<Diagnosis>> {
    if definition.name == name {
        return Ok(definition);
    }
    let what = format!("`name` is {}, and the file is called {}", quoted(&definition.name), quoted(name));
    Err(vec![Diagnosis::of(file, what).hint("give both the same name")])
}

/// The run of one step that a command makes; a file of a person's own never stands in its place.
///
/// # Errors
/// There is none of that name.
pub fn command(name: &str) -> Result<Definition, Vec<Diagnosis>> {
    let none = || Err(vec![Diagnosis::of("command", format!("nothing makes a run {}", quoted(name)))]);
    definition::command(name).unwrap_or_else(none)
}

/// What commands make runs of; those that are wrong are left out: none that is shipped is, a test holds that.
#[must_use]
pub fn commands() -> Vec<Definition> {
    COMMANDS.iter().filter_map(|(name, _)| command(name).ok()).collect()
}

/// The runbook of that name.
///
/// # Errors
/// There is none, or its file is wrong: every mistake.
pub fn find(paths: &Paths, name: &str) -> Result<Definition, Vec<Diagnosis>> {
    let all = load(paths);
    let names = || all.iter().map(|f| f.name.as_str());
    match (all.iter().find(|f| f.name == name), definition::command(name)) {
        (Some(found), _) => found.definition.clone(),
        // What a command makes is in no list, and can be looked at by its name.
        (None, Some(made)) => made,
        (None, None) => {
            let unknown = Diagnosis::of("runbook", format!("there is no runbook {}", quoted(name)));
            Err(vec![unknown.near(name, names()).hint(format!("there are {}", one_of(names())))])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_persons_own_win_and_wrong_ones_say_so() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths { config_file: Some(dir.path().join("config.toml")), state_dir: None };
        assert!(find(&paths, "secret-update").is_ok());
        assert!(find(&paths, "queue-purge").is_ok() && command("queue-purge").is_ok());
        assert!(load(&paths).iter().all(|f| f.name != "queue-purge"));
        let unknown = find(&paths, "secret-updat").unwrap_err();
        assert!(unknown[0].to_string().contains("secret-update"), "{}", unknown[0]);

        let own = dir.path().join(DIRECTORY);
        fs::create_dir(&own).unwrap();
        let shipped = definition::SHIPPED.iter().find(|(n, _)| *n == "secret-update").unwrap().1;
        let changed = shipped.replace("version = 1", "version = 7");
        fs::write(own.join("secret-update.toml"), changed).unwrap();
        assert_eq!(find(&paths, "secret-update").unwrap().version, 7);
        fs::write(own.join("other.toml"), shipped).unwrap();
        assert!(find(&paths, "other").unwrap_err()[0].to_string().contains("other.toml"));
        fs::write(own.join("broken.toml"), "name = ").unwrap();
        assert!(find(&paths, "broken").is_err());
        assert!(find(&paths, "secret-update").is_ok(), "one broken file does not harm the others");
    }
}
