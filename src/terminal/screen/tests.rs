//! Whatever is drawn, a terminal that is given the bytes shows exactly that.

use super::{ColourDepth, Screen, Traits};
use proptest::prelude::*;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use std::num::NonZeroU16;

const FULL: Traits = Traits { depth: ColourDepth::True, scrolls: true, back_colour_erase: true };

struct Emulator(vt100::Parser);

impl Emulator {
    fn new(width: u16, height: u16) -> Self {
        let size = |n| NonZeroU16::new(n).unwrap();
        Self(vt100::Parser::new(size(height), size(width), 0))
    }

    /// Compares what it shows with a buffer: text, colours and what is seen of the attributes.
    fn shows(&self, buffer: &Buffer, depth: ColourDepth) -> Result<(), String> {
        let screen = self.0.screen();
        for y in 0..buffer.area.height {
            let mut hidden = 0;
            for x in 0..buffer.area.width {
                if hidden > 0 {
                    hidden -= 1;
                    continue;
                }
                let want = &buffer[(x, y)];
                let got = screen.cell(y, x).ok_or("no such cell")?;
                let width = unicode_width::UnicodeWidthStr::width(want.symbol());
                let (text, blank) = match (want.symbol(), width) {
                    (s, 2) if x + 1 < buffer.area.width => (s, false),
                    (_, 2 | 0) | (" ", _) => (" ", true),
                    (s, _) => (s, false),
                };
                hidden = if text == " " { 0 } else { width - 1 };
                let seen = if got.has_contents() { got.contents() } else { " " };
                let mut differs = Vec::new();
                if seen != text {
                    differs.push(format!("text {seen:?} for {text:?}"));
                }
                if got.is_wide() != (hidden == 1) {
                    differs.push("its width".to_owned());
                }
                let marks = Modifier::REVERSED | Modifier::UNDERLINED;
                let colours =
                    |c: Color| if depth == ColourDepth::None { vt100::Color::Default } else { colour(c) };
                if got.bgcolor() != colours(want.bg) {
                    differs.push(format!("background {:?} for {:?}", got.bgcolor(), want.bg));
                }
                if (!blank || want.modifier.intersects(marks)) && got.fgcolor() != colours(want.fg) {
                    differs.push(format!("colour {:?} for {:?}", got.fgcolor(), want.fg));
                }
                let has = |m| want.modifier.contains(m);
                if got.inverse() != has(Modifier::REVERSED) || got.underline() != has(Modifier::UNDERLINED) {
                    differs.push("reverse or underline".to_owned());
                }
                if !blank
                    && (got.bold() != has(Modifier::BOLD)
                        || got.dim() != has(Modifier::DIM)
                        || got.italic() != has(Modifier::ITALIC))
                {
                    differs.push("weight or slant".to_owned());
                }
                if !differs.is_empty() {
                    return Err(format!("at {x},{y}: {}", differs.join(", ")));
                }
            }
        }
        Ok(())
    }
}

fn colour(c: Color) -> vt100::Color {
    match c {
        Color::Reset => vt100::Color::Default,
        Color::Red => vt100::Color::Idx(1),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        other => panic!("not used in these tests: {other:?}"),
    }
}

fn cell() -> impl Strategy<Value = Cell> {
    let symbol = prop_oneof![
        6 => Just(" "),
        6 => "[a-d]".prop_map(|s| ["a", "b", "c", "d"][usize::from(s.as_bytes()[0] - b'a')]),
        1 => Just("漢"),
        1 => Just("é"),
        1 => Just("e\u{301}"),
        1 => Just("▌"),
        1 => Just("🦀"),
        1 => Just(""),
    ];
    let paint = || {
        prop_oneof![
            8 => Just(Color::Reset),
            1 => Just(Color::Red),
            1 => Just(Color::LightBlue),
            1 => Just(Color::Indexed(200)),
            1 => Just(Color::Rgb(1, 2, 3)),
        ]
    };
    let marks = prop_oneof![
        8 => Just(Modifier::empty()),
        1 => Just(Modifier::BOLD),
        1 => Just(Modifier::DIM | Modifier::ITALIC),
        1 => Just(Modifier::REVERSED),
        1 => Just(Modifier::UNDERLINED | Modifier::BOLD),
    ];
    (symbol, paint(), paint(), marks).prop_map(|(symbol, fg, bg, modifier)| {
        let mut cell = Cell::default();
        cell.set_symbol(symbol).set_style(Style::new().fg(fg).bg(bg).add_modifier(modifier));
        cell
    })
}

/// What happens to a screen between two frames.
#[derive(Clone, Debug)]
enum Change {
    Cells(Vec<(usize, Cell)>),
    Scroll { top: u16, bottom: u16, by: i16 },
    BlankRight { y: u16, from: u16, bg: bool },
    Everything(Cell),
}

fn change(width: u16, height: u16) -> impl Strategy<Value = Change> {
    let cells = usize::from(width * height);
    prop_oneof![
        prop::collection::vec((0..cells, cell()), 1..20).prop_map(Change::Cells),
        (0..height, 0..height, -3i16..=3).prop_map(|(a, b, by)| Change::Scroll {
            top: a.min(b),
            bottom: a.max(b),
            by
        }),
        (0..height, 0..width, any::<bool>()).prop_map(|(y, from, bg)| Change::BlankRight { y, from, bg }),
        cell().prop_map(Change::Everything),
    ]
}

fn apply(change: &Change, buffer: &mut Buffer) {
    let Rect { width, height, .. } = buffer.area;
    match change {
        Change::Cells(cells) => cells.iter().for_each(|(i, c)| buffer.content[*i] = c.clone()),
        Change::Scroll { top, bottom, by } => {
            let was = buffer.clone();
            for y in *top..=*bottom {
                let from = i32::from(y) + i32::from(*by);
                for x in 0..width {
                    buffer[(x, y)] =
                        if from >= i32::from(*top) && from <= i32::from(*bottom) && from < height.into() {
                            was[(x, from as u16)].clone()
                        } else {
                            Cell::default()
                        };
                }
            }
        }
        Change::BlankRight { y, from, bg } => {
            for x in *from..width {
                let cell = &mut buffer[(x, *y)];
                cell.reset();
                if *bg {
                    cell.set_bg(Color::Indexed(200));
                }
            }
        }
        Change::Everything(cell) => buffer.content.fill(cell.clone()),
    }
}

fn traits() -> impl Strategy<Value = Traits> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(colours, scrolls, back_colour_erase)| Traits {
        depth: if colours { ColourDepth::True } else { ColourDepth::None },
        scrolls,
        back_colour_erase,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_terminal_shows_what_was_drawn(
        traits in traits(),
        first in prop::collection::vec(cell(), 24 * 10),
        changes in prop::collection::vec(prop::collection::vec(change(24, 10), 1..4), 1..8),
        cursor in prop::option::of((0u16..24, 0u16..10)),
    ) {
        let mut screen = Screen::new(24, 10, traits);
        let mut emulator = Emulator::new(24, 10);
        emulator.0.process(b"left over \x1b[31;44mfrom before\r\n\x1b[3;5r");
        emulator.0.process(b"\x1b[r");
        let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 10));
        buffer.content = first;
        let cursor = cursor.map(|(x, y)| Position { x, y });
        for changes in std::iter::once(&vec![]).chain(&changes) {
            changes.iter().for_each(|c| apply(c, &mut buffer));
            let bytes = screen.frame(|_, b| { *b = buffer.clone(); cursor });
            emulator.0.process(&bytes);
            if let Err(why) = emulator.shows(&buffer, traits.depth) {
                prop_assert!(false, "{why} after {:?}", String::from_utf8_lossy(&bytes));
            }
            prop_assert_eq!(emulator.0.screen().hide_cursor(), cursor.is_none());
            if let Some(p) = cursor {
                prop_assert_eq!(emulator.0.screen().cursor_position(), (p.y, p.x));
            }
            let again = screen.frame(|_, b| { *b = buffer.clone(); cursor });
            prop_assert_eq!(again, b"", "nothing changed, nothing is sent");
        }
    }
}

/// A list of 2,000 as a console draws it at 200x50: marker, glyph and columns, the selection on a colour.
fn list(first: usize, selected: usize, b: &mut Buffer) {
    let dim = Style::new().fg(Color::Indexed(245));
    b.set_string(1, 0, "prod-eu · acme-prod 123456789012 · eu-central-1 · ops/alice", dim);
    for (row, i) in (3..47).zip(first..) {
        let name = format!("service-{:05}-latency-p99-high", (i * 7919) % 100_003);
        let state = if i % 7 == 0 { "✖ ALARM" } else { "● OK" };
        let style = if i == selected { Style::new().bg(Color::Indexed(236)) } else { Style::new() };
        b.set_style(Rect::new(0, row, 200, 1), style);
        b.set_string(1, row, name, Style::new());
        b.set_string(60, row, state, Style::new().fg(Color::Red));
        b.set_string(80, row, format!("{} min", i * 31 % 59), dim);
        if i == selected {
            b.set_string(0, row, "▌", Style::new().fg(Color::LightBlue));
        }
    }
    b.set_string(1, 49, "enter open   / filter   : do   ? keys", dim);
}

#[test]
fn a_key_costs_few_bytes() {
    let mut screen = Screen::new(200, 50, FULL);
    let mut emulator = Emulator::new(200, 50);
    let mut show = |first, selected| {
        let mut drawn = None;
        let bytes = screen.frame(|_, b| {
            list(first, selected, b);
            drawn = Some(b.clone());
            None
        });
        emulator.0.process(&bytes);
        emulator.shows(&drawn.unwrap(), ColourDepth::True).unwrap();
        bytes.len()
    };
    show(0, 0);
    let step = show(0, 1);
    assert!(step <= 300, "{step} bytes for a move");
    show(0, 43);
    let scroll = show(1, 44);
    assert!(scroll <= 300, "{scroll} bytes for a scroll by one");
    let back = show(0, 1);
    assert!(back <= 500, "{back} bytes for a scroll back and a jump");
}
