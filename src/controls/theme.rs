//! A theme in use: a style for every role that text can have on screen. No colour is named outside
//! assets/themes. It knows no terminal library; views turn its styles into theirs.

use super::colour::{ColourDepth, Style};
use std::collections::BTreeMap;

macro_rules! roles {
    ($($variant:ident $name:literal $doc:literal;)+) => {
        /// What a piece of text is for, which decides how it looks.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Role { $(#[doc = $doc] $variant,)+ }

        impl Role {
            /// Every role.
            pub const ALL: &[Role] = &[$(Role::$variant,)+];
            /// How many there are.
            pub const COUNT: usize = Role::ALL.len();

            /// Its name in theme files.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Role::$variant => $name,)+ }
            }

            /// What it is for.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self { $(Role::$variant => $doc,)+ }
            }
        }
    };
}

roles! {
    Text "text" "Ordinary text";
    Dim "dim" "Text that matters less: units, labels, what is unchanged";
    Strong "strong" "Text that matters more: a name, a number that was asked for";
    Accent "accent" "The one accent: where you are, what a key does next";
    Header "header" "Headings of lists and parts";
    Rule "rule" "Lines between parts, and borders";
    Selection "selection" "The selected row, laid over its other styles";
    Cursor "cursor" "The cursor in text that is typed";
    Match "match" "The letters that matched what was typed";
    Key "key" "A key in a footer or in the help";
    KeyDoc "key-doc" "What that key does";
    KeyOff "key-off" "A key that does nothing now";
    Ok "ok" "Fine";
    Soon "soon" "Needs somebody soon";
    Now "now" "Needs somebody now";
    Unknown "unknown" "Not known by AWS";
    Unreadable "unreadable" "Not readable by us";
    Stale "stale" "Known once, and old now";
    Chart "chart" "The line or the bars of a chart";
    ChartThreshold "chart-threshold" "The threshold in a chart";
    ChartAxis "chart-axis" "The axes of a chart and their numbers";
    Practice "practice" "The word PRACTICE, on every screen of the practice estate";
    ReadOnly "read-only" "The mark of a read-only context";
    Notice "notice" "What was just done, for a moment";
    Banner "banner" "A fault that concerns everything, such as expired credentials";
}

/// The band of a context that names no colour.
pub(super) const PLAIN_BAND: &str = "plain";

/// The terminal background that a theme is made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // each is the background of that name
pub enum Ground {
    Dark,
    Light,
    Any,
}

/// A theme, complete: every role and every band has a style.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Theme {
    pub(super) name: String,
    pub(super) ground: Ground,
    pub(super) styles: [Style; Role::COUNT],
    pub(super) bands: BTreeMap<&'static str, Style>,
}

impl Theme {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The background it is made for.
    #[must_use]
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// The style of a role, to be laid over that of [`Role::Text`], which fills the screen.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// The style of the identity band of a context with this colour. A name that no theme knows (the
    /// configuration refuses those) is drawn as none.
    #[must_use]
    pub fn band(&self, colour: Option<&str>) -> Style {
        let named = colour.and_then(|c| self.bands.get(c));
        named.or(self.bands.get(PLAIN_BAND)).copied().unwrap_or_default()
    }

    /// The same theme for a terminal of this many colours.
    #[must_use]
    pub fn at(&self, depth: ColourDepth) -> Theme {
        let mut styles = self.styles.map(|style| style.at(depth));
        styles[Role::Text as usize] = self.style(Role::Text).filling_at(depth);
        Theme {
            name: self.name.clone(),
            ground: self.ground,
            styles,
            bands: self.bands.iter().map(|(name, style)| (*name, style.at(depth))).collect(),
        }
    }
}
