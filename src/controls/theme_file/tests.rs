//! What theme files are refused for, and what the shipped ones promise.

use super::*;
use crate::controls::colour::contrast;
use proptest::prelude::*;

fn load(text: &str) -> Result<Theme, Vec<String>> {
    Theme::load("mine", Source { file: "mine.toml", text })
        .map_err(|found| found.iter().map(ToString::to_string).collect())
}

fn shipped(name: &str) -> Theme {
    Theme::shipped(name).unwrap_or_else(|found| {
        panic!("{name}: {}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// The colour under the text of `role` on `ground`, with its own ground if it has one.
fn ratio(theme: &Theme, style: Style, ground: Colour) -> f64 {
    let ink = match theme.ground() {
        Ground::Light => Colour::Rgb(0, 0, 0),
        Ground::Dark | Ground::Any => Colour::Rgb(255, 255, 255),
    };
    let whole = Style { fg: Some(ink), bg: Some(ground), ..Style::default() }.with(style);
    contrast(whole.fg.unwrap(), whole.bg.unwrap())
}

/// WCAG 2.2: 1.4.3 wants 4.5 for text, 1.4.6 wants 7, 1.4.11 wants 3 for lines; what is switched off is
/// exempt, but held to 3 here too.
#[test]
fn every_role_can_be_read() {
    let (black, white) = (Colour::Rgb(0, 0, 0), Colour::Rgb(255, 255, 255));
    for (name, ground, wanted) in [("dark", black, 4.5), ("light", white, 4.5), ("high-contrast", black, 7.0)]
    {
        let theme = shipped(name);
        for role in Role::ALL {
            let least = if matches!(role, Role::Rule | Role::KeyOff) { 3.0 } else { wanted };
            let here = ratio(&theme, theme.style(*role), ground);
            assert!(here >= least, "{} in {name}: {here:.2}", role.name());
        }
        for (band, style) in &theme.bands {
            let here = ratio(&theme, *style, ground);
            assert!(here >= wanted, "band {band} in {name}: {here:.2}");
        }
    }
}

#[test]
fn every_state_can_be_read_on_the_selected_row() {
    let (black, white) = (Colour::Rgb(0, 0, 0), Colour::Rgb(255, 255, 255));
    for (name, ground) in [("dark", black), ("light", white), ("high-contrast", black)] {
        let theme = shipped(name);
        for role in [Role::Text, Role::Dim, Role::Ok, Role::Soon, Role::Now, Role::Unreadable, Role::Stale] {
            let style = theme.style(role).with(theme.style(Role::Selection));
            let here = ratio(&theme, style, ground);
            assert!(here >= 4.5, "{} selected in {name}: {here:.2}", role.name());
        }
    }
}

#[test]
fn the_selection_the_bands_and_practice_are_seen_at_every_depth() {
    for name in shipped_names() {
        for depth in [ColourDepth::None, ColourDepth::Ansi16, ColourDepth::Indexed, ColourDepth::True] {
            let theme = shipped(name).at(depth);
            let mut styles: Vec<Style> = theme.bands.values().copied().collect();
            styles.extend(
                [Role::Selection, Role::Practice, Role::Banner, Role::Cursor].map(|r| theme.style(r)),
            );
            for style in styles {
                assert!(style.reverse || style.bg.is_some(), "{name} at {depth:?}: {style:?}");
                if let (Some(fg), Some(bg), false) = (style.fg, style.bg, style.reverse) {
                    assert!(fg != bg, "{name} at {depth:?}");
                }
            }
        }
    }
}

#[test]
fn severities_differ_wherever_there_is_colour() {
    for name in shipped_names().filter(|n| *n != "mono") {
        for depth in [ColourDepth::Ansi16, ColourDepth::Indexed, ColourDepth::True] {
            let theme = shipped(name).at(depth);
            let (ok, soon, now) = (theme.style(Role::Ok), theme.style(Role::Soon), theme.style(Role::Now));
            assert!(ok.fg != soon.fg && soon.fg != now.fg && ok.fg != now.fg, "{name} at {depth:?}");
        }
    }
}

#[test]
fn the_screen_is_never_filled_in_reverse() {
    for name in shipped_names() {
        for depth in [ColourDepth::None, ColourDepth::Ansi16, ColourDepth::Indexed, ColourDepth::True] {
            let text = shipped(name).at(depth).style(Role::Text);
            assert!(!text.reverse, "{name} at {depth:?}");
            assert!(text.fg.is_none() == text.bg.is_none(), "{name} at {depth:?}: one without the other");
        }
    }
    let text = shipped("high-contrast").at(ColourDepth::Ansi16).style(Role::Text);
    assert_eq!((text.fg, text.bg), (Some(Colour::Ansi(Ansi::BrightWhite)), Some(Colour::Ansi(Ansi::Black))));
}

#[test]
fn no_colour_means_none() {
    for name in shipped_names() {
        let theme = shipped(name).at(ColourDepth::None);
        assert!(theme.styles.iter().chain(theme.bands.values()).all(|s| s.fg.is_none() && s.bg.is_none()));
    }
    let mono = shipped("mono");
    assert_eq!(mono.at(ColourDepth::None), mono);
    assert_eq!(shipped(automatic(ColourDepth::None, true)).name(), "mono");
    assert_eq!(shipped(automatic(ColourDepth::True, true)).ground(), Ground::Light);
}

#[test]
fn mistakes_are_refused_with_line_and_nearest() {
    assert_eq!(
        load("inherits = \"dark\"\n[roles]\naccnt = \"red\"\nok = \"gren\"\nnow = { fg = 3, bld = true }\n")
            .unwrap_err(),
        [
            "mine.toml:3: unknown key `accnt` in `roles`; did you mean `accent`?",
            "mine.toml:4: `gren` is not a colour; did you mean `green`? Colours are `#rrggbb`, `0` to `255`, \
             `default`, names such as `bright-red`, or of the palette",
            "mine.toml:5: unknown key `bld` in `roles.now`; did you mean `bold`?",
            "mine.toml:5: `roles.now.fg` must be a string, not the number 3",
        ]
    );
    let found = load("background = \"drak\"\n").unwrap_err();
    assert!(found[0].ends_with("did you mean `dark`?"), "{found:?}");
    assert!(found[1].contains("no style for text, dim"), "{found:?}");
}

#[test]
fn a_theme_is_found_by_name_ones_own_first() {
    let own = [("dusk".to_owned(), Source { file: "themes/dusk.toml", text: "inherits = \"dark\"" })];
    assert_eq!(Theme::find("dusk", "--theme", &own).unwrap().name(), "dusk");
    assert_eq!(Theme::find("light", "--theme", &own).unwrap().name(), "light");
    let found = Theme::find("dsk", "config.toml:3", &own).unwrap_err();
    assert_eq!(
        found[0].to_string(),
        "config.toml:3: unknown theme `dsk`; did you mean `dusk`? There are `dark`, `light`, \
         `high-contrast`, `ansi16`, `mono` or `dusk`; others are files in themes/ beside config.toml"
    );
}

#[test]
fn a_theme_of_ones_own_says_only_what_it_changes() {
    let mine =
        load("inherits = \"light\"\n[palette]\nink = \"#102030\"\n[roles]\naccent = \"ink\"\n").unwrap();
    assert_eq!(mine.style(Role::Accent).fg, Some(Colour::Rgb(16, 32, 48)));
    assert_eq!(mine.style(Role::Now), shipped("light").style(Role::Now));
    assert_eq!(mine.band(Some("red")), shipped("light").band(Some("red")));
    assert_eq!(mine.band(Some("no such")), mine.band(None));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        drop(load(&text));
        drop(load(&format!("inherits = \"dark\"\n[roles]\naccent = \"{text}\"\n")));
    }
}
