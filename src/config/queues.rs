//! What of messages is never drawn: `mask` of `[queues]`. Exports are not masked, since they must be able to send again.

use super::effective::{Effective, Origin, toml_texts};
use crate::diagnose::quoted;
use crate::diagnose::walk::{Problems, Table};
use crate::estate::message::Masks;

/// The keys of the section that are no settings.
pub(super) const KEYS: &[&str] = &["mask"];

/// Reads `[queues]`.
pub(super) fn read(section: &Table<'_>, effective: &mut Effective, problems: &mut Problems) -> Masks {
    let before = problems.len();
    let Some(item) = section.get("mask") else { return Masks::default() };
    let items = item.array(problems).unwrap_or_default();
    let texts: Vec<&str> = items.iter().filter_map(|i| i.text(problems)).collect();
    if problems.len() > before {
        return Masks::default();
    }
    match Masks::new(texts.iter().copied()) {
        Ok(masks) => {
            let origin = Origin::File { file: item.file().to_owned(), line: item.line() };
            effective.set("queues.mask", toml_texts(&texts), origin);
            masks
        }
        Err((at, why)) => {
            let text = texts.get(at).copied().unwrap_or_default();
            let what = format!("the mask {} {why}", quoted(text));
            let place = items.get(at).unwrap_or(&item);
            let hint = "write `body.card.*`, `body.**.password`, `/card/number` or `attr.Authorization`";
            problems.push(place.at_value(what).hint(hint));
            Masks::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Origin, Sources};
    use crate::diagnose::walk::Source;

    fn load(text: &str) -> Result<Config, String> {
        let sources = Sources { file: Some(Source { file: "config.toml", text }), ..Sources::default() };
        Config::load(&sources).map(|(config, _)| config).map_err(|found| found[0].to_string())
    }

    #[test]
    fn masks_are_read_and_told_with_their_origin() {
        let config = load("[queues]\nmask = [\"body.card.*\", \"attr.Authorization\"]\n").unwrap();
        assert_eq!(config.masks.texts().collect::<Vec<_>>(), ["body.card.*", "attr.Authorization"]);
        let told = config.effective.list().iter().find(|v| v.key == "queues.mask").unwrap();
        assert_eq!(told.value, "[\"body.card.*\", \"attr.Authorization\"]");
        assert_eq!(told.origin, Origin::File { file: "config.toml".into(), line: 2 });
        assert!(load("").unwrap().masks.is_empty() && load("[queues]\n").unwrap().masks.is_empty());
    }

    #[test]
    fn what_is_wrong_with_a_mask_is_said_where_it_stands() {
        for (text, word) in [
            ("mask = [\"card\"]", "the mask `card` begins with neither"),
            ("mask = [\n\"body.a\",\n\"attr.\"]", "config.toml:4: the mask `attr.`"),
            ("mask = \"body.a\"", "mask"),
            ("mask = [1]", "must be a string"),
            ("maks = []", "did you mean `mask`?"),
        ] {
            let told = load(&format!("[queues]\n{text}\n")).unwrap_err();
            assert!(told.contains(word), "{text}: {told}");
        }
    }
}
