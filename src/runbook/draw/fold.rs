//! Lines folded to a width, each continued under its own beginning.

use super::{Line, Part};
use unicode_width::UnicodeWidthStr;

/// Columns for each level of the tree.
const INDENT: usize = 3;

/// The lines as they are printed: indented, and folded at `width` columns where they can be. A word that is longer
/// than a line is left whole, for it is a name that somebody copies.
#[must_use]
pub fn fold(lines: &[Line], width: usize) -> Vec<(Part, String)> {
    lines.iter().flat_map(|line| one(line, width).into_iter().map(|text| (line.part, text))).collect()
}

fn one(line: &Line, width: usize) -> Vec<String> {
    let indent = " ".repeat(line.depth * INDENT);
    if line.part == Part::Aws || line.text.width() + indent.len() <= width {
        return vec![format!("{indent}{}", line.text).trim_end().to_owned()];
    }
    // A number or a sign at the beginning stands out.
    let hang = match line.part {
        Part::Step | Part::Skipped => {
            line.text.len()
                - line.text.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']).len()
        }
        Part::Input
        | Part::Call
        | Part::Undo
        | Part::Final
        | Part::Breaks
        | Part::Refusal
        | Part::Evidence => 2,
        Part::Title | Part::Heading | Part::Text | Part::Detail | Part::Aws | Part::Blank => 0,
    };
    let (mut out, mut current) = (Vec::new(), indent.clone());
    let (mut used, mut begun) = (indent.len(), false);
    // Spaces at the beginning and between columns stay as they are.
    for word in line.text.split_inclusive(' ') {
        let bare = word.trim_end().width();
        if begun && used + bare > width {
            out.push(current.trim_end().to_owned());
            current = format!("{indent}{}", " ".repeat(hang));
            used = current.len();
        }
        current.push_str(word);
        used += word.width();
        begun = begun || bare > 0;
    }
    out.push(current.trim_end().to_owned());
    out
}
