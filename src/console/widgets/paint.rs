//! Painting text into cells in the styles of the theme: the one place where the theme's styles become
//! ratatui's. Everything is cut to its room, so nothing can be drawn outside it.

use crate::console::sheet::line::{self, Line, Span, width};
use crate::controls::{Ansi, Colour, Glyphs, Role, Style as Look, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

/// A buffer with the theme to paint it in.
pub struct Paint<'a> {
    /// Where to.
    pub buf: &'a mut Buffer,
    /// In which styles.
    pub theme: Option<&'a Theme>,
    /// With which signs.
    pub glyphs: &'a Glyphs,
}

impl Paint<'_> {
    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.theme.map_or(Style::new(), |t| style_of(t.style(role)))
    }

    /// Paints `text` from (`x`, `y`) in at most `room` columns; returns how many it took.
    pub fn text(&mut self, x: u16, y: u16, room: u16, role: Role, text: &str) -> u16 {
        let style = self.style(role);
        self.styled(x, y, room, style, text)
    }

    /// The same in a given style.
    pub fn styled(&mut self, x: u16, y: u16, room: u16, style: Style, text: &str) -> u16 {
        let area = self.buf.area;
        if room == 0 || y < area.y || y >= area.bottom() || x < area.x || x >= area.right() {
            return 0;
        }
        let (end, _) = self.buf.set_stringn(x, y, text, usize::from(room), style);
        end - x
    }

    /// Paints spans one after the other; returns how many columns they took.
    pub fn spans(&mut self, x: u16, y: u16, room: u16, spans: &[Span]) -> u16 {
        let mut used = 0;
        for span in spans {
            used += self.text(x + used, y, room - used, span.role, &span.text);
        }
        used
    }

    /// Paints a line in `area`: its left text cut at its end, its right text at the right edge if there is
    /// room for both.
    pub fn line(&mut self, area: Rect, line: &Line) {
        if area.height == 0 || area.width == 0 {
            return;
        }
        let left = line.width();
        let right: usize = line.right.iter().map(|s| width(&s.text)).sum();
        let room = usize::from(area.width);
        if left > room {
            self.cut_spans(area, &line.left);
            return;
        }
        self.spans(area.x, area.y, area.width, &line.left);
        if right > 0 && left + 2 + right <= room {
            let start = area.width - u16::try_from(right).unwrap_or(area.width);
            self.spans(area.x + start, area.y, area.width - start, &line.right);
        }
    }

    fn cut_spans(&mut self, area: Rect, spans: &[Span]) {
        let mut used = 0;
        for span in spans {
            let room = area.width - used;
            let text = if width(&span.text) > usize::from(room) {
                line::cut_end(&span.text, usize::from(room), self.glyphs.cut)
            } else {
                span.text.clone()
            };
            used += self.text(area.x + used, area.y, room, span.role, &text);
        }
        if used >= area.width && area.width > 0 {
            let x = area.right() - 1;
            let style = self.style(Role::Dim);
            self.styled(x, area.y, 1, style, self.glyphs.cut);
        }
    }

    /// Lays the style of `role` over `area`.
    pub fn over(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        self.buf.set_style(area.intersection(self.buf.area), style);
    }

    /// Empties `area` to the style of ordinary text.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buf.area);
        let style = self.style(Role::Text);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buf.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    /// A line across `area`.
    pub fn rule(&mut self, area: Rect) {
        let style = self.style(Role::Rule);
        let sign = self.glyphs.rule;
        for x in area.left()..area.right() {
            if let Some(cell) = self.buf.cell_mut((x, area.y)).filter(|_| area.height > 0) {
                cell.set_symbol(sign).set_style(style);
            }
        }
    }

    /// A line down at `x` along `area`.
    pub fn wall(&mut self, x: u16, area: Rect) {
        let style = self.style(Role::Rule);
        let sign = self.glyphs.wall;
        for y in area.top()..area.bottom() {
            if let Some(cell) = self.buf.cell_mut((x, y)) {
                cell.set_symbol(sign).set_style(style);
            }
        }
    }

    /// Marks the row `area` as the selected one; faintly where the keys go elsewhere.
    pub fn select(&mut self, area: Rect, active: bool) {
        if area.width == 0 || area.height == 0 {
            return;
        }
        self.over(area, Role::Selection);
        let role = if active { Role::Accent } else { Role::Dim };
        let style = self.style(role);
        self.styled(area.x, area.y, 1, style, self.glyphs.selected);
    }
}

/// A style of a theme as ratatui's.
#[must_use]
pub fn style_of(look: Look) -> Style {
    let mut style = Style::new();
    style.fg = look.fg.map(colour);
    style.bg = look.bg.map(colour);
    let attributes = [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.italic, Modifier::ITALIC),
        (look.underline, Modifier::UNDERLINED),
        (look.reverse, Modifier::REVERSED),
    ];
    for (on, modifier) in attributes {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}

fn colour(colour: Colour) -> Color {
    match colour {
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
        Colour::Indexed(i) => Color::Indexed(i),
        Colour::Ansi(ansi) => match ansi {
            Ansi::Black => Color::Black,
            Ansi::Red => Color::Red,
            Ansi::Green => Color::Green,
            Ansi::Yellow => Color::Yellow,
            Ansi::Blue => Color::Blue,
            Ansi::Magenta => Color::Magenta,
            Ansi::Cyan => Color::Cyan,
            Ansi::White => Color::Gray,
            Ansi::BrightBlack => Color::DarkGray,
            Ansi::BrightRed => Color::LightRed,
            Ansi::BrightGreen => Color::LightGreen,
            Ansi::BrightYellow => Color::LightYellow,
            Ansi::BrightBlue => Color::LightBlue,
            Ansi::BrightMagenta => Color::LightMagenta,
            Ansi::BrightCyan => Color::LightCyan,
            Ansi::BrightWhite => Color::White,
        },
    }
}
