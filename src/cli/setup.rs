//! What holds for a whole command: the configuration in force, the context, the files, and how the answer is
//! drawn. Both front ends start from it.

use super::args::{Global, LogLevel, Output};
use super::exit::Failure;
use super::paint::Paint;
use crate::config::{Colours, Config, Glob, GlyphChoice, PRACTICE, Sources, System};
use crate::controls::Choice;
use crate::controls::choice::File;
use crate::controls::{ColourDepth, Glyphs, Keymap, Theme, keymap_file, theme_file};
use crate::diagnose::walk::Source;
use crate::diagnose::{Diagnosis, Neutral};
use crate::engine::files::{self, Paths};
use crate::estate::{Context, Untrusted};
use crate::terminal::probe;
use std::path::{Path, PathBuf};

/// What holds for a whole command.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The configuration in force.
    pub config: Config,
    /// The context that is meant.
    pub context: Context,
    /// Where the files are.
    pub paths: Paths,
    /// What the person should know, each safe to print.
    pub warnings: Vec<String>,
    /// How the answer is written.
    pub output: Output,
    /// How much is said beside it.
    pub level: LogLevel,
    /// Whether this is the practice estate.
    pub practice: bool,
}

/// The systems of a practice estate, each with its name patterns.
pub type Patterns = Vec<(String, Vec<String>)>;

/// The variables of this process; a name or value that is not Unicode is none of ours.
#[must_use]
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

impl Setup {
    /// Puts the setup together. `practice` holds the systems of the practice estate where that is meant; it
    /// takes nothing from the AWS environment.
    ///
    /// # Errors
    /// The configuration cannot be read or is wrong: every mistake, one a line.
    pub fn load(
        global: &Global,
        mut environment: Vec<(String, String)>,
        practice: Option<Patterns>,
    ) -> Result<Setup, Failure> {
        let variable = |name: &str| {
            environment.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| PathBuf::from(v))
        };
        let named = global.config.clone().or_else(|| variable("BARTIZAN_CONFIG"));
        let state_dir = global.state_dir.clone().or_else(|| variable("BARTIZAN_STATE_DIR"));
        let paths = Paths::find(named.clone(), state_dir);
        let (name, text) = read_config(&paths, named.is_some())?;
        if practice.is_some() {
            environment.retain(|(n, _)| !n.starts_with("AWS_") && n != "BARTIZAN_CONTEXT");
        }
        let options = options(global, practice.is_some());
        let file = text.as_deref().map(|text| Source { file: &name, text });
        let sources = Sources { file, environment: &environment, options: &options };
        let (mut config, warnings) = Config::load(&sources).map_err(wrong)?;
        let mut warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        warnings.extend(open_config(&paths, text.is_some()));
        let context = match practice {
            Some(patterns) => {
                config.systems = systems(patterns);
                practice_context(config.read_only)
            }
            None => config.context().map_err(|d| wrong(vec![d]))?,
        };
        let practice = context.name.wire() == PRACTICE;
        let (output, level) = (global.output(), global.log_level.unwrap_or_default());
        let setup = Setup { config, context, paths, warnings, output, level, practice };
        setup.named_here(global)?;
        Ok(setup)
    }

    /// A theme or keymap that this very command names must be there, also where the command draws nothing with
    /// it: a slip of the pen is an error. One that the configuration names is said by `doctor` and stops only
    /// the console, so that what runs unattended does not fail over a colour.
    fn named_here(&self, global: &Global) -> Result<(), Failure> {
        if global.theme.is_some() {
            self.theme(ColourDepth::True)?;
        }
        if global.keymap.is_some() {
            self.keymap()?;
        }
        Ok(())
    }

    /// Whether a system is told by tags, so that they are worth their calls.
    #[must_use]
    pub fn tags_wanted(&self) -> bool {
        self.config.systems.iter().any(|s| !s.tags.is_empty())
    }

    /// The keymap in force: a person's own from a file, else a shipped one.
    ///
    /// # Errors
    /// There is none of that name, or its file is wrong.
    pub fn keymap(&self) -> Result<Keymap, Failure> {
        let own = own(&self.paths, "keymaps")?;
        Keymap::find(&self.config.keymap, &self.named_by("keymap"), &sources(&own)).map_err(wrong)
    }

    /// The theme in force on a terminal with so many colours.
    ///
    /// # Errors
    /// There is none of that name, or its file is wrong.
    pub fn theme(&self, depth: ColourDepth) -> Result<Theme, Failure> {
        self.theme_of(depth, &own(&self.paths, "themes")?)
    }

    fn theme_of(&self, depth: ColourDepth, own: &[Own]) -> Result<Theme, Failure> {
        let name = match self.config.theme.as_str() {
            theme_file::AUTO => theme_file::automatic(depth, false),
            name => name,
        };
        Theme::find(name, &self.named_by("theme"), &sources(own)).map(|t| t.at(depth)).map_err(wrong)
    }

    /// Every keymap that can be used, the one in force first. Of a person's own files only the chosen one must
    /// be right; another that is wrong is left out until it is chosen.
    ///
    /// # Errors
    /// As [`Setup::keymap`].
    pub fn keymaps(&self) -> Result<Choice<Keymap>, Failure> {
        let own = own(&self.paths, "keymaps")?;
        let asked_in = self.named_by("keymap");
        let chosen = Keymap::find(&self.config.keymap, &asked_in, &sources(&own)).map_err(wrong)?;
        let others = others("keymaps", keymap_file::SHIPPED, own, chosen.name());
        Ok(Choice::new(chosen, others))
    }

    /// Every theme that can be used on a terminal with so many colours, the one in force first.
    ///
    /// # Errors
    /// As [`Setup::theme`].
    pub fn themes(&self, depth: ColourDepth) -> Result<Choice<Theme>, Failure> {
        let own = own(&self.paths, "themes")?;
        let chosen = self.theme_of(depth, &own)?;
        let others = others("themes", theme_file::SHIPPED, own, chosen.name());
        Ok(Choice::new(chosen, others))
    }

    /// The colours that are drawn on this terminal.
    #[must_use]
    pub fn depth(&self) -> ColourDepth {
        match self.config.colours {
            Colours::Never => ColourDepth::None,
            Colours::Always => ColourDepth::Ansi16.max(probe::Abilities::here().depth),
            Colours::Auto => probe::Abilities::here().depth,
        }
    }

    /// The signs that are drawn on this terminal.
    #[must_use]
    pub fn glyphs(&self) -> Glyphs {
        match self.config.glyphs {
            GlyphChoice::Unicode => Glyphs::UNICODE,
            GlyphChoice::Ascii => Glyphs::ASCII,
            GlyphChoice::Auto if probe::Abilities::here().unicode => Glyphs::UNICODE,
            GlyphChoice::Auto => Glyphs::ASCII,
        }
    }

    /// The colours of text on stdout: those of the theme where it is a terminal that has some, or where they
    /// are asked for always. A theme that cannot be used leaves the text without; who needs it says why.
    #[must_use]
    pub fn paint(&self, terminal: bool) -> Paint {
        let ascii = match self.config.glyphs {
            GlyphChoice::Ascii => true,
            GlyphChoice::Unicode => false,
            // What is piped goes to a program, which takes UTF-8.
            GlyphChoice::Auto => terminal && !probe::Abilities::here().unicode,
        };
        self.coloured(terminal).in_ascii(ascii)
    }

    fn coloured(&self, terminal: bool) -> Paint {
        let wanted = terminal || self.config.colours == Colours::Always;
        let depth = self.depth();
        if !wanted || depth == ColourDepth::None {
            return Paint::none();
        }
        self.theme(depth).map_or_else(|_| Paint::none(), |theme| Paint::of(&theme))
    }

    fn named_by(&self, key: &str) -> String {
        self.config.effective.origin(key).map_or_else(|| key.to_owned(), ToString::to_string)
    }
}

/// All mistakes, one a line.
fn wrong(found: Vec<Diagnosis>) -> Failure {
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    Failure::usage(lines.join("\n"))
}

/// The text of the configuration file and its name. One that was named must be there.
fn read_config(paths: &Paths, named: bool) -> Result<(String, Option<String>), Failure> {
    let Some(path) = &paths.config_file else { return Ok((String::new(), None)) };
    let name = path.display().to_string();
    match files::read_text(path) {
        Ok(None) if named => {
            Err(Failure::usage(format!("{}: there is no such configuration file", Neutral(&name))))
        }
        Ok(text) => Ok((name, text)),
        Err(e) => Err(Failure::usage(format!("{}: the configuration cannot be read: {e}", Neutral(&name)))),
    }
}

/// A warning about a configuration that others can change or read.
fn open_config(paths: &Paths, there: bool) -> Option<String> {
    let path = paths.config_file.as_ref().filter(|_| there)?;
    let name = path.display().to_string();
    match files::too_open(path) {
        Ok(Some(mode)) => Some(format!(
            "{}: its mode is {mode:03o}, others can see or change it; run `chmod 600 {}`",
            Neutral(&name),
            Neutral(&name)
        )),
        Ok(None) => None,
        Err(e) => Some(format!("{}: its mode cannot be looked at: {e}", Neutral(&name))),
    }
}

/// The options that the configuration knows. The practice estate has one context and one place.
fn options(global: &Global, practice: bool) -> Vec<(&'static str, String)> {
    let mut options = Vec::new();
    let mut add = |name: &'static str, value: Option<String>| options.extend(value.map(|v| (name, v)));
    if !practice {
        add("--profile", global.profile.clone());
        add("--region", global.region.clone());
        add("--endpoint-url", global.endpoint_url.clone());
        add("--context", global.context.clone());
    }
    add("--read-only", global.read_only.then(|| "true".to_owned()));
    add("--keymap", global.keymap.clone());
    add("--theme", global.theme.clone());
    add("--refresh", global.refresh.map(|n| n.to_string()));
    add("--no-color", global.no_color.then(|| "true".to_owned()));
    options
}

fn systems(patterns: Patterns) -> Vec<System> {
    patterns
        .into_iter()
        .map(|(name, globs)| System {
            name: Untrusted::from(name),
            tags: Vec::new(),
            names: globs.iter().filter_map(|g| Glob::new(g)).collect(),
        })
        .collect()
}

fn practice_context(read_only: bool) -> Context {
    Context { read_only, ..Context::named(PRACTICE) }
}

/// A file of a person's own: what it is called by, its path, its text.
struct Own {
    name: String,
    path: String,
    text: String,
}

/// The files of a person's own in a directory beside the configuration.
fn own(paths: &Paths, dir: &str) -> Result<Vec<Own>, Failure> {
    let Some(dir) = paths.beside_config(dir) else { return Ok(Vec::new()) };
    let unreadable = |path: &Path, e: std::io::Error| {
        Failure::usage(format!("{}: it cannot be read: {e}", Neutral(&path.display().to_string())))
    };
    let mut found = Vec::new();
    for (name, path) in files::toml_files(&dir).map_err(|e| unreadable(&dir, e))? {
        if let Some(text) = files::read_text(&path).map_err(|e| unreadable(&path, e))? {
            found.push(Own { name, path: path.display().to_string(), text });
        }
    }
    Ok(found)
}

fn sources(own: &[Own]) -> Vec<(String, Source<'_>)> {
    own.iter().map(|o| (o.name.clone(), Source { file: &o.path, text: &o.text })).collect()
}

/// The files beside the chosen one: the shipped in their order, in place of which a person's own may stand,
/// then those of a person's own.
fn others(dir: &str, shipped: &[(&'static str, &'static str)], own: Vec<Own>, chosen: &str) -> Vec<File> {
    let mut all: Vec<File> = shipped
        .iter()
        .map(|(name, text)| File {
            name: (*name).to_owned(),
            path: format!("{dir}/{name}.toml"),
            text: (*text).into(),
        })
        .collect();
    for Own { name, path, text } in own {
        let file = File { name, path, text: text.into() };
        match all.iter_mut().find(|f| f.name == file.name) {
            Some(shipped) => *shipped = file,
            None => all.push(file),
        }
    }
    all.retain(|file| file.name != chosen);
    all
}
