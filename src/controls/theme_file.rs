//! Theme files: TOML in, a complete [`Theme`] out, or everything that is wrong with the file. The shipped
//! ones are embedded; a person's own comes as text, for this reads no files.

use super::choice::FromFile;
use super::colour::{Ansi, Colour, ColourDepth, Style};
use super::theme::{Ground, PLAIN_BAND, Role, Theme};
use crate::config::BAND_COLOURS;
use crate::diagnose::walk::{Item, Problems, Source, Table};
use crate::diagnose::{Diagnosis, one_of, quoted};
use std::collections::BTreeMap;

/// The themes that are built in, by name, as text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("ansi16", include_str!("../../assets/themes/ansi16.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

/// The setting that chooses a shipped theme by what the terminal can do.
pub const AUTO: &str = "auto";

/// The names of the shipped themes.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// The shipped theme that `auto` means on such a terminal.
#[must_use]
pub fn automatic(depth: ColourDepth, light_ground: bool) -> &'static str {
    match depth {
        ColourDepth::None => "mono",
        ColourDepth::Ansi16 => "ansi16",
        ColourDepth::Indexed | ColourDepth::True if light_ground => "light",
        ColourDepth::Indexed | ColourDepth::True => "dark",
    }
}

/// The dark theme. Should it be broken, which a test excludes, everything as the terminal draws it.
impl Default for Theme {
    fn default() -> Self {
        Theme::shipped("dark").unwrap_or_else(|_| Theme {
            name: "dark".to_owned(),
            ground: Ground::Any,
            styles: [Style::default(); Role::COUNT],
            bands: BTreeMap::new(),
        })
    }
}

impl Theme {
    /// The theme of this name: of `own`, the person's files by name, or a shipped one. `asked_in` is what
    /// named it (an option, a line of a file), for the message.
    ///
    /// # Errors
    /// There is none of that name, or everything that is wrong with the person's own.
    pub fn find(name: &str, asked_in: &str, own: &[(String, Source<'_>)]) -> Result<Theme, Vec<Diagnosis>> {
        if let Some((_, source)) = own.iter().find(|(known, _)| known == name) {
            return Theme::load(name, *source);
        }
        if let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
            return Theme::load(name, Source { file: &format!("themes/{name}.toml"), text });
        }
        let mut names: Vec<&str> = shipped_names().collect();
        names.extend(own.iter().map(|(known, _)| known.as_str()));
        let hint = format!(
            "there are {}; others are files in themes/ beside config.toml",
            one_of(names.iter().copied())
        );
        let unknown = Diagnosis::of(asked_in, format!("unknown theme {}", quoted(name)));
        Err(vec![unknown.near(name, names.into_iter().chain([AUTO])).hint(hint)])
    }

    /// A shipped theme.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn shipped(name: &str) -> Result<Theme, Vec<Diagnosis>> {
        Theme::find(name, "theme", &[])
    }

    /// A theme from a file.
    ///
    /// # Errors
    /// Everything that is wrong with it: unknown roles and colours, wrong types, roles without a style.
    pub fn load(name: &str, source: Source<'_>) -> Result<Theme, Vec<Diagnosis>> {
        let mut problems = Problems::new();
        match read(name, source, &mut problems) {
            Some(theme) if problems.is_empty() => Ok(theme),
            Some(_) | None => Err(problems),
        }
    }
}

impl FromFile for Theme {
    fn from_file(name: &str, source: Source<'_>) -> Result<Self, Vec<Diagnosis>> {
        Theme::load(name, source)
    }
}

const GROUNDS: &[(&str, Ground)] = &[("dark", Ground::Dark), ("light", Ground::Light), ("any", Ground::Any)];

fn read(name: &str, source: Source<'_>, problems: &mut Problems) -> Option<Theme> {
    let document = source.parse(problems)?;
    let root = document.table();
    root.only(&["inherits", "background", "palette", "roles", "bands"], problems);
    let parent = match root.get("inherits") {
        None => None,
        Some(item) => {
            let names: Vec<&str> = shipped_names().collect();
            let parent = item.word(&names, problems)?;
            match Theme::shipped(parent) {
                Ok(theme) => Some(theme),
                Err(found) => {
                    problems.extend(found);
                    return None;
                }
            }
        }
    };
    let ground = root
        .get("background")
        .and_then(|item| item.word(&["dark", "light", "any"], problems))
        .and_then(|word| GROUNDS.iter().find(|(name, _)| *name == word))
        .map(|(_, ground)| *ground)
        .or(parent.as_ref().map(|p| p.ground))
        .unwrap_or(Ground::Any);
    let palette = read_palette(root.get("palette"), problems);

    let role_names: Vec<&str> = Role::ALL.iter().map(|r| r.name()).collect();
    let mut roles = read_styles(root.get("roles"), &role_names, &palette, problems);
    let band_names: Vec<&str> = [PLAIN_BAND].iter().chain(BAND_COLOURS).copied().collect();
    let mut bands = read_styles(root.get("bands"), &band_names, &palette, problems);

    let mut missing = Vec::new();
    let mut styles = [Style::default(); Role::COUNT];
    for (role, style) in Role::ALL.iter().zip(&mut styles) {
        match roles.remove(role.name()).or(parent.as_ref().map(|p| p.style(*role))) {
            Some(found) => *style = found,
            None => missing.push(role.name()),
        }
    }
    let mut laid = BTreeMap::new();
    for band in band_names {
        match bands.remove(band).or(parent.as_ref().and_then(|p| p.bands.get(band).copied())) {
            Some(found) => {
                laid.insert(band, found);
            }
            None => missing.push(band),
        }
    }
    if !missing.is_empty() {
        let what = format!("no style for {}", missing.join(", "));
        problems.push(root.diagnose(what).hint("give them one, or say `inherits = \"dark\"`"));
    }
    Some(Theme { name: name.to_owned(), ground, styles, bands: laid })
}

type Palette<'a> = BTreeMap<&'a str, Colour>;

fn read_palette<'a>(item: Option<Item<'a>>, problems: &mut Problems) -> Palette<'a> {
    let mut palette = Palette::new();
    let Some(table) = item.and_then(|item| item.table(problems)) else { return palette };
    for item in table.items() {
        let Some(text) = item.text(problems) else { continue };
        match Colour::parse(text) {
            Some(colour) => {
                palette.insert(item.key, colour);
            }
            None => problems.push(not_a_colour(&item, text, &Palette::new())),
        }
    }
    palette
}

fn read_styles<'a>(
    item: Option<Item<'a>>,
    known: &[&str],
    palette: &Palette<'_>,
    problems: &mut Problems,
) -> BTreeMap<&'a str, Style> {
    let mut styles = BTreeMap::new();
    let Some(table) = item.and_then(|item| item.table(problems)) else { return styles };
    table.only(known, problems);
    for item in table.items().into_iter().filter(|i| known.contains(&i.key)) {
        if let Some(style) = read_style(&item, palette, problems) {
            styles.insert(item.key, style);
        }
    }
    styles
}

/// A colour for the text, or a table of colours and attributes.
fn read_style(item: &Item<'_>, palette: &Palette<'_>, problems: &mut Problems) -> Option<Style> {
    let mut style = Style::default();
    if item.is_text() {
        style.fg = read_colour(item, palette, problems)?;
        return Some(style);
    }
    let table: Table<'_> = item.table(problems)?;
    table.only(&["fg", "bg", "bold", "dim", "italic", "underline", "reverse"], problems);
    let colour = |key: &str, problems: &mut Problems| {
        table.get(key).and_then(|item| read_colour(&item, palette, problems)).flatten()
    };
    style.fg = colour("fg", problems);
    style.bg = colour("bg", problems);
    for (key, set) in [
        ("bold", &mut style.bold),
        ("dim", &mut style.dim),
        ("italic", &mut style.italic),
        ("underline", &mut style.underline),
        ("reverse", &mut style.reverse),
    ] {
        *set = table.get(key).and_then(|item| item.flag(problems)).unwrap_or(false);
    }
    Some(style)
}

/// A colour of the palette or any other; `None` in it for `default`, the terminal's own.
fn read_colour(item: &Item<'_>, palette: &Palette<'_>, problems: &mut Problems) -> Option<Option<Colour>> {
    let text = item.text(problems)?;
    if text == "default" {
        return Some(None);
    }
    let found = palette.get(text).copied().or_else(|| Colour::parse(text));
    if found.is_none() {
        problems.push(not_a_colour(item, text, palette));
    }
    found.map(Some)
}

fn not_a_colour(item: &Item<'_>, text: &str, palette: &Palette<'_>) -> Diagnosis {
    let names = palette.keys().copied().chain(Ansi::ALL.iter().map(|a| a.name())).chain(["default"]);
    item.at_value(format!("{} is not a colour", quoted(text)))
        .near(text, names)
        .hint("colours are `#rrggbb`, `0` to `255`, `default`, names such as `bright-red`, or of the palette")
}

#[cfg(test)]
mod tests;
