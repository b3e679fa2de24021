//! Whether a text is in another, whatever the case of ASCII letters: in time that grows with both, so that no text of
//! a stranger makes it slow (Knuth, Morris and Pratt).

/// Whether `needle` is in `text`.
pub(super) fn contains(text: &str, needle: &str) -> bool {
    let needle = needle.to_ascii_lowercase().into_bytes();
    if needle.is_empty() {
        return true;
    }
    // How much of the beginning still fits where the next byte does not.
    let mut back = vec![0; needle.len()];
    let mut fit = 0;
    for i in 1..needle.len() {
        while fit > 0 && needle[i] != needle[fit] {
            fit = back[fit - 1];
        }
        fit += usize::from(needle[i] == needle[fit]);
        back[i] = fit;
    }
    fit = 0;
    for byte in text.bytes().map(|b| b.to_ascii_lowercase()) {
        while fit > 0 && byte != needle[fit] {
            fit = back[fit - 1];
        }
        fit += usize::from(byte == needle[fit]);
        if fit == needle.len() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::contains;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_the_definition(text in "[abAé]{0,20}", needle in "[abBé]{0,5}") {
            let plain = text.to_ascii_lowercase().contains(&needle.to_ascii_lowercase());
            prop_assert_eq!(contains(&text, &needle), plain);
        }
    }

    #[test]
    fn a_hostile_text_ends_soon() {
        assert!(!contains(&"a".repeat(1 << 20), &format!("{}b", "a".repeat(2_000))));
    }
}
