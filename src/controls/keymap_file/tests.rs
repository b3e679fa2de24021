//! What keymap files are refused for, and what the shipped ones promise.

use super::*;
use crate::controls::keymap::Lookup;
use proptest::prelude::*;

fn load(text: &str) -> Result<Keymap, Vec<String>> {
    Keymap::load("mine", Source { file: "mine.toml", text })
        .map_err(|found| found.iter().map(ToString::to_string).collect())
}

/// What is wrong with a keymap that inherits the default one and says `text` from line 2 on.
fn refused(text: &str) -> Vec<String> {
    load(&format!("inherits = \"default\"\n{text}")).expect_err("must be refused")
}

fn keys(text: &str) -> Vec<Key> {
    Key::parse_sequence(text).unwrap()
}

fn shipped() -> Vec<Keymap> {
    shipped_names()
        .map(|name| {
            Keymap::shipped(name).unwrap_or_else(|found| {
                panic!("{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
            })
        })
        .collect()
}

fn reachable(keymap: &Keymap, action: Action) -> Vec<Place> {
    place::real().filter(|p| !keymap.keys_of(*p, action).is_empty()).collect()
}

#[test]
fn every_action_can_be_reached_in_every_shipped_keymap() {
    for keymap in shipped() {
        for action in Action::ALL {
            let by_key = !reachable(&keymap, *action).is_empty();
            let palette = !reachable(&keymap, Action::Palette).is_empty();
            let by_palette = palette && place::real().any(|p| action.in_palette(p));
            assert!(by_key || by_palette, "{} in {}", action.name(), keymap.name());
        }
        for place in place::real() {
            assert_eq!(keymap.lookup(place, &keys("ctrl-c")), Lookup::Found(Action::Quit), "{place:?}");
        }
    }
}

#[test]
fn no_action_needs_the_palette_in_the_default_keymap() {
    let keymap = Keymap::shipped("default").unwrap();
    let unbound: Vec<&str> =
        Action::ALL.iter().filter(|a| reachable(&keymap, **a).is_empty()).map(|a| a.name()).collect();
    assert_eq!(unbound, [""; 0]);
}

/// SCREENS.md, "Keys from start to answer".
#[test]
fn the_budget_of_keys_holds() {
    for keymap in shipped() {
        for (place, typed, action) in [
            (Place::Overview, "enter", Action::Open),
            (Place::Overview, "4", Action::ShowWaf),
            (Place::Waf, "enter", Action::Open),
            (Place::AlarmDetail, "y c", Action::CopyCli),
            (Place::Overview, "?", Action::Help),
            (Place::Overview, ":", Action::Palette),
            (Place::Palette, "enter", Action::Accept),
            (Place::QueueDetail, "esc", Action::Back),
        ] {
            let typed = keys(typed);
            assert_eq!(keymap.lookup(place, &typed), Lookup::Found(action), "{}", keymap.name());
            for i in 1..typed.len() {
                assert!(matches!(keymap.lookup(place, &typed[..i]), Lookup::Pending(_)));
            }
        }
    }
}

#[test]
fn a_pending_key_says_what_may_follow() {
    let keymap = Keymap::shipped("default").unwrap();
    let Lookup::Pending(next) = keymap.lookup(Place::Queues, &keys("y")) else { panic!("y is pending") };
    let said: Vec<String> = next.iter().map(|n| format!("{} {}", n.key, n.label)).collect();
    assert_eq!(
        said,
        [
            "a Copy the ARN",
            "c Copy the AWS CLI line that shows the same",
            "j Copy what is known as JSON",
            "u Copy the URL",
            "y Copy the name",
        ]
    );
    assert_eq!(keymap.lookup(Place::Queues, &keys("y x")), Lookup::None);
    assert_eq!(keymap.hint(Place::Queues, Action::Refresh).as_deref(), Some("f5"));
}

#[test]
fn letters_are_text_where_text_is_typed() {
    for keymap in shipped() {
        for place in [Place::Palette, Place::Filter, Place::Prompt] {
            for c in (' '..='~').chain(['é', '漢', '?', ':']) {
                assert_eq!(keymap.lookup(place, &[Key::char(c)]), Lookup::None, "{c} at {place:?}");
            }
            assert_eq!(keymap.lookup(place, &keys("esc")), Lookup::Found(Action::Cancel));
        }
    }
}

#[test]
fn unknown_names_are_refused_with_line_and_nearest() {
    assert_eq!(
        refused("[global]\n\"x\" = \"refesh\""),
        ["mine.toml:3: unknown action `refesh`; did you mean `refresh`?"]
    );
    assert_eq!(refused("[alarm]\n"), ["mine.toml:2: unknown context `alarm`; did you mean `alarms`?"]);
    assert_eq!(
        refused("[global]\n\"pagedwn\" = \"down\""),
        ["mine.toml:3: `pagedwn` is not a key; did you mean `pagedown`?"]
    );
    assert_eq!(
        refused("[global]\n\"ctlr-x\" = \"down\""),
        ["mine.toml:3: `ctlr-x` is not a key; did you mean `ctrl`?"]
    );
    assert_eq!(
        load("inherits = \"vmi\"").unwrap_err(),
        ["mine.toml:1: `inherits` must be `default`, `vim` or `emacs`, not `vmi`; did you mean `vim`?"]
    );
}

#[test]
fn wrong_types_are_refused() {
    assert_eq!(refused("global = 3"), ["mine.toml:2: `global` must be a table, not the number 3"]);
    assert_eq!(
        refused("[global]\nx = [\"down\"]"),
        ["mine.toml:3: `global.x` must be a string, not an array"]
    );
}

#[test]
fn keys_bound_twice_are_refused_with_both_lines() {
    assert_eq!(
        refused("[global]\n\"tab\" = \"down\"\n\"ctrl-i\" = \"up\""),
        ["mine.toml:4: `ctrl-i` is bound twice in `global`: as `tab` in line 3"]
    );
}

#[test]
fn hidden_bindings_are_refused() {
    assert_eq!(
        refused("[queues]\n\"y\" = \"down\"").first().map(String::as_str),
        Some(
            "mine.toml:3: `y a` (copy-arn) cannot be reached in `queues`, for `y` (down) comes first; take one \
         away with `= \"none\"`, or choose other keys"
        )
    );
    let found = refused("[global]\n\"q q\" = \"down\"");
    assert!(
        found[0].starts_with("mine.toml:3: `q q` (down) cannot be reached in `overview`, for `q` (quit)")
    );
    // All of them with one line each, and not one a place.
    assert_eq!(refused("[global]\n\"y\" = \"down\"").len(), 5);
    // Taking the longer ones away first makes room.
    load(
        "inherits = \"default\"\n[global]\n\"y y\" = \"none\"\n\"y a\" = \"none\"\n\"y u\" = \"none\"\n\
          \"y c\" = \"none\"\n\"y j\" = \"none\"\n\"y\" = \"copy-name\"",
    )
    .unwrap();
}

#[test]
fn actions_where_they_make_no_sense_are_refused() {
    assert_eq!(
        refused("[alarms]\n\"x\" = \"samples\""),
        ["mine.toml:3: `samples` makes no sense in `alarms`; it does in `waf` or `waf-detail`"]
    );
    let found =
        refused("[waf]\n\"x\" = \"down\"\n[waf-detail]\n\"x\" = \"up\"\n[global]\n\"x\" = \"samples\"");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("mine.toml:7: `x` can never do `samples`"), "{found:?}");
}

#[test]
fn nobody_can_be_locked_in() {
    let found = refused("[global]\n\"q\" = \"none\"\n\"ctrl-c\" = \"none\"\n");
    assert!(found.iter().any(|d| d.contains("no key does `quit` in `overview`")), "{found:?}");
    let found = refused("[prompt]\nesc = \"none\"\n");
    assert!(found.iter().any(|d| d.contains("no key does `cancel` in `prompt`")), "{found:?}");
    assert!(!load("").unwrap_err().is_empty());
    assert_eq!(
        refused("[filter]\n\"x\" = \"cancel\""),
        ["mine.toml:3: `x` could no longer be typed in `filter`; bind a key with ctrl or alt"]
    );
}

#[test]
fn taking_away_what_is_not_there_is_refused() {
    assert_eq!(
        refused("[global]\n\"ctrl-q\" = \"none\""),
        ["mine.toml:3: `ctrl-q` is not bound in `global`; there is nothing to take away"]
    );
    let keymap = load("inherits = \"default\"\n[alarms]\n\"G\" = \"none\"").unwrap();
    assert_eq!(keymap.lookup(Place::Alarms, &keys("G")), Lookup::None);
    assert_eq!(keymap.lookup(Place::Queues, &keys("G")), Lookup::Found(Action::Bottom));
}

#[test]
fn all_mistakes_are_reported_at_once() {
    assert_eq!(refused("[global]\nx = \"dwn\"\nxx = \"up\"\n[alrms]\n").len(), 3);
}

#[test]
fn an_unknown_keymap_names_the_nearest() {
    let found = Keymap::find("emcas", "--keymap", &[]).unwrap_err();
    assert!(
        found[0].to_string().starts_with("--keymap: unknown keymap `emcas`; did you mean `emacs`? There are")
    );
}

fn any_key() -> impl Strategy<Value = Key> {
    let code = prop_oneof![
        any::<char>().prop_map(crate::controls::KeyCode::Char),
        prop::sample::select(vec!['y', 'g', 'z', 'Z', 'c', ' ', 'x'])
            .prop_map(crate::controls::KeyCode::Char),
        (1u8..=24).prop_map(crate::controls::KeyCode::F),
        Just(crate::controls::KeyCode::Esc),
        Just(crate::controls::KeyCode::Enter),
        Just(crate::controls::KeyCode::Tab),
    ];
    (code, any::<[bool; 3]>()).prop_map(|(code, [ctrl, alt, shift])| Key::new(code, ctrl, alt, shift))
}

proptest! {
    #[test]
    fn no_keys_panic_and_pending_ones_can_end(
        place in prop::sample::select(Place::ALL.to_vec()),
        pressed in prop::collection::vec(any_key(), 0..6),
    ) {
        let keymap = Keymap::shipped("emacs").unwrap();
        if let Lookup::Pending(next) = keymap.lookup(place, &pressed) {
            prop_assert!(!next.is_empty());
            for n in next {
                let mut longer = pressed.clone();
                longer.push(n.key);
                prop_assert_ne!(keymap.lookup(place, &longer), Lookup::None);
            }
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*", section in "[a-z-]{0,12}") {
        drop(load(&text));
        drop(load(&format!("[{section}]\n{text} = \"down\"\n\"{text}\" = \"{section}\"")));
    }
}
