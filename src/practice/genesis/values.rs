//! Makes up secret texts from templates: `<<NAME:LENGTH>>` stands for a value, which is the same wherever the
//! same name stands and says that it is none (`practice...`). Everything else of a template stays as it is.

use crate::practice::prng::Prng;
use crate::practice::world::World;
use crate::practice::world::secret::Secret;
use crate::practice::world::text::Text;
use crate::practice::world::user::{ALNUM, characters};
use std::collections::BTreeMap;

const SIGN: &str = "practice";

/// The text of a template; `mark` tells the generations of a value apart.
pub(in crate::practice) fn fill(seed: u64, template: &str, mark: &str) -> String {
    let (mut out, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once("<<") {
        let Some((hole, behind)) = after.split_once(">>") else { break };
        out.push_str(before);
        let (name, length) = hole.rsplit_once(':').unwrap_or((hole, ""));
        out.push_str(&value(seed, &format!("{name}{mark}"), length.parse().unwrap_or(32)));
        rest = behind;
    }
    out + rest
}

fn value(seed: u64, name: &str, length: usize) -> String {
    let mut rng = Prng::of(seed, &format!("value {name}"));
    SIGN.to_owned() + &characters(&mut rng, ALNUM, length.saturating_sub(SIGN.len()))
}

/// The template of a secret that has none of its own: a JSON object of `fields`, or a text without any.
pub(super) fn template(name: &str, fields: &[String]) -> String {
    if fields.is_empty() {
        return format!("<<{name}:32>>");
    }
    let fields: Vec<String> = fields.iter().map(|f| format!("\"{f}\": \"<<{name}/{f}:32>>\"")).collect();
    format!("{{{}}}", fields.join(", "))
}

/// The next text of a secret, as rotation by weather makes it.
pub(in crate::practice) fn next(seed: u64, secret: &mut Secret) -> String {
    secret.generation += 1;
    fill(seed, &secret.template, &format!(" next {}", secret.generation))
}

/// The text of a template in a world that is being made.
pub(super) fn text(world: &mut World, template: &str, mark: &str) -> Text {
    let text = fill(world.seed, template, mark);
    world.known.learn(&text);
    Text::ours(&text)
}

/// The texts of templates by name.
pub(super) fn texts(world: &mut World, templates: &BTreeMap<String, String>) -> BTreeMap<String, Text> {
    templates.iter().map(|(name, t)| (name.clone(), text(world, t, ""))).collect()
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn a_value_is_the_same_wherever_its_name_stands() {
        let two = fill(1, "{ \"a\" :\"<<k:24>>\",\t\"b\":\"<<k:24>>,<<l:20>>\"}", "");
        let (a, rest) = two.strip_prefix("{ \"a\" :\"").unwrap().split_at(24);
        assert!(a.starts_with("practice"), "{a}");
        assert!(rest.starts_with(&format!("\",\t\"b\":\"{a},practice")), "{two}");
        assert_ne!(fill(1, "<<k:24>>", " next 1"), a);
        assert_ne!(fill(2, "<<k:24>>", ""), a);
        assert_eq!(fill(1, "no holes, << but this", ""), "no holes, << but this");
    }
}
