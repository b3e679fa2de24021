//! A secret text of the practice estate: the bytes that its stores give and take, and the form in which it is
//! kept in a snapshot. It knows no store.
//!
//! The practice estate's own texts are made up, say so ("practice..."), and are kept as they are. What a person
//! typed or a run generated is somebody's secret all the same, so it reaches no snapshot: in the kept form
//! a stand-in of the same length takes its place, by number and never derived from it (a weak password
//! could be guessed from a fingerprint). The same value gets the same stand-in wherever it stands, so that a
//! kept estate holds together after a restart: its gateway, its functions and its secrets still agree, and
//! every byte around such a value is as it was. Beside it the text itself may be kept sealed (`seal`).

use super::json;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A secret text. Clones share its bytes, which are wiped with the last of them.
#[derive(Clone)]
pub(in crate::practice) struct Text {
    plain: Arc<Zeroizing<Vec<u8>>>,
    kept: Arc<str>,
    /// Not looked into as JSON: more of it than its strings may be somebody's.
    opaque: bool,
    /// Names a text with stand-ins in its kept form; 0 for all others.
    number: u32,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    text: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    opaque: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    number: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde gives a reference
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Text {
    /// A text that the practice estate made up.
    pub(in crate::practice) fn ours(text: &str) -> Self {
        let plain = Arc::new(Zeroizing::new(text.as_bytes().to_vec()));
        Self { plain, kept: text.into(), opaque: false, number: 0 }
    }

    /// A text that somebody wrote; nothing if it is not UTF-8, which no store takes. `opaque`: it is not
    /// only strings in a document of ours that they wrote.
    pub(in crate::practice) fn written(
        bytes: Zeroizing<Vec<u8>>,
        opaque: bool,
        known: &mut Known,
    ) -> Option<Self> {
        let text = std::str::from_utf8(&bytes).ok()?;
        let kept = match json::strings(text).filter(|_| !opaque) {
            Some(strings) => known.kept_document(text, &strings),
            None => known.kept_list(text),
        };
        let number = if kept == text { 0 } else { known.number() };
        Some(Self { kept: kept.into(), plain: Arc::new(bytes), opaque, number })
    }

    /// What somebody had in a message: kept as a stand-in as a whole, for there may be many.
    pub(in crate::practice) fn message(bytes: Zeroizing<Vec<u8>>, known: &mut Known) -> Self {
        let number = known.number();
        let kept = format!("practiceMessage{number:04}");
        Self { kept: kept.into(), plain: Arc::new(bytes), opaque: true, number }
    }

    pub(in crate::practice) fn bytes(&self) -> &[u8] {
        &self.plain
    }

    pub(in crate::practice) fn is_opaque(&self) -> bool {
        self.opaque
    }

    /// Whether it has these bytes in it.
    pub(in crate::practice) fn mentions(&self, part: &[u8]) -> bool {
        self.plain.windows(part.len().max(1)).any(|w| w == part)
    }

    /// The number of a text that has stand-ins in its kept form.
    pub(in crate::practice) fn number(&self) -> Option<u32> {
        (self.number > 0).then_some(self.number)
    }

    /// Puts back what stand-ins stand for.
    pub(in crate::practice) fn recall(&mut self, bytes: Zeroizing<Vec<u8>>) {
        self.plain = Arc::new(bytes);
    }

    /// Its entries as a list separated by commas, as a function reads one.
    pub(in crate::practice) fn lists(&self, entry: &[u8]) -> bool {
        self.plain.split(|b| *b == b',').any(|e| e.trim_ascii() == entry)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.plain == other.plain
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.plain.len())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Stored { text: self.kept.to_string(), opaque: self.opaque, number: self.number }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Stored { text, opaque, number } = Stored::deserialize(from)?;
        Ok(Self { opaque, number, ..Self::ours(&text) })
    }
}

/// Which values are the practice estate's own, and the stand-ins for the others.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(in crate::practice) struct Known {
    ours: BTreeSet<String>,
    count: u32,
    /// How many texts have stand-ins in them, or had.
    texts: u32,
    /// Whose stand-in has which number. Gone with the process, as the values are.
    #[serde(skip)]
    foreign: Vec<(Zeroizing<Vec<u8>>, u32)>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({} of ours, {} others)", self.ours.len(), self.count)
    }
}

impl Known {
    /// Takes note of a text that the practice estate made up, and of the values in it.
    pub(in crate::practice) fn learn(&mut self, text: &str) {
        self.ours.insert(text.to_owned());
        match json::strings(text) {
            Some(strings) => {
                for value in strings.into_iter().filter(|s| !s.is_name).map(|s| s.value) {
                    self.learn_list(&value);
                }
            }
            None => self.learn_list(text),
        }
    }

    fn number(&mut self) -> u32 {
        self.texts += 1;
        self.texts
    }

    /// The values that have stand-ins, with their numbers, as far as they are still known.
    pub(in crate::practice) fn foreign(&self) -> impl Iterator<Item = (&[u8], u32)> {
        self.foreign.iter().map(|(value, number)| (value.as_slice(), *number))
    }

    /// Puts back a value that has a stand-in.
    pub(in crate::practice) fn recall(&mut self, value: Zeroizing<Vec<u8>>, number: u32) {
        self.foreign.push((value, number));
    }

    /// How many stand-ins there are, and for how many of them the value is gone.
    pub(in crate::practice) fn stand_ins(&self) -> (u32, u32) {
        let known = u32::try_from(self.foreign.len()).unwrap_or(u32::MAX);
        (self.count, self.count.saturating_sub(known))
    }

    fn learn_list(&mut self, text: &str) {
        self.ours.insert(text.to_owned());
        self.ours.extend(text.split(',').map(|e| e.trim().to_owned()));
    }

    /// A document with stand-ins in its strings.
    fn kept_document(&mut self, text: &str, strings: &[json::Token]) -> String {
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for s in strings.iter().filter(|s| !s.is_name) {
            let kept = self.kept_list(&s.value);
            if kept == *s.value {
                continue;
            }
            out.push_str(text.get(done..s.from).unwrap_or_default());
            out.push_str(&serde_json::Value::from(kept).to_string());
            done = s.to;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }

    /// A list separated by commas, or a single value, with stand-ins for what is not ours.
    fn kept_list(&mut self, text: &str) -> String {
        if self.ours.contains(text) {
            return text.to_owned();
        }
        let entries: Vec<String> = text.split(',').map(|e| self.kept_entry(e)).collect();
        entries.join(",")
    }

    fn kept_entry(&mut self, entry: &str) -> String {
        let bare = entry.trim();
        if self.ours.contains(bare) {
            return entry.to_owned();
        }
        let start = entry.len() - entry.trim_start().len();
        let (before, after) = (entry.get(..start), entry.get(start + bare.len()..));
        let stand_in = self.stand_in(bare.as_bytes());
        format!("{}{stand_in}{}", before.unwrap_or_default(), after.unwrap_or_default())
    }

    fn stand_in(&mut self, value: &[u8]) -> String {
        let number = match self.foreign.iter().find(|(v, _)| v.as_slice() == value) {
            Some((_, number)) => *number,
            None => {
                self.count += 1;
                self.foreign.push((Zeroizing::new(value.to_vec()), self.count));
                self.count
            }
        };
        let mut text = format!("practiceStandIn{number:04}");
        while text.len() < value.len() {
            text.push('x');
        }
        self.ours.insert(text.clone());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &Text) -> String {
        serde_json::to_value(text).unwrap()["text"].as_str().unwrap().to_owned()
    }

    fn written(text: &str, opaque: bool, known: &mut Known) -> Text {
        Text::written(Zeroizing::new(text.as_bytes().to_vec()), opaque, known).unwrap()
    }

    #[test]
    fn only_what_somebody_wrote_gets_a_stand_in() {
        let mut known = Known::default();
        known.learn("{ \"a\" :\"practiceA\",\n \"n\": 1.50, \"l\":\"practiceB, practiceC\"}");
        let text = "{ \"a\" :\"tYped\\u0041\",\n \"n\": 1.50, \"l\":\"practiceB, tYpedA,practiceC\"}";
        let text = written(text, false, &mut known);
        let stand = "practiceStandIn0001";
        let wanted =
            format!("{{ \"a\" :\"{stand}\",\n \"n\": 1.50, \"l\":\"practiceB, {stand},practiceC\"}}");
        assert_eq!(kept(&text), wanted);
        // the same value elsewhere, in a list, and one that is longer than its stand-in
        let list = written("tYpedA,anotherValueOfThirtyCharacters", true, &mut known);
        assert_eq!(kept(&list), format!("{stand},practiceStandIn0002xxxxxxxxxxx"));
        // a document that was typed as a whole may have anything anywhere
        let whole = written("{\"hunter2\":17}", true, &mut known);
        assert!(!kept(&whole).contains("hunter2") && !kept(&whole).contains("17}"), "{}", kept(&whole));
        let seen = format!("{known:?} {text:?} {list:?} {}", serde_json::to_string(&known).unwrap());
        assert!(!seen.contains("tYped") && !seen.contains("another"), "{seen}");
    }

    #[test]
    fn what_was_kept_is_ours_afterwards() {
        let mut known = Known::default();
        known.learn("practiceOld");
        let before = kept(&written("practiceOld,fresh", true, &mut known));
        let mut again: Known = serde_json::from_str(&serde_json::to_string(&known).unwrap()).unwrap();
        assert_eq!(kept(&written(&before, true, &mut again)), before);
        assert_ne!(kept(&written("other", true, &mut again)), "practiceStandIn0001");
    }
}
