//! Whether an action can be done now. The same answer greys the footer, sorts the palette and guards the
//! keys.

use super::{Model, Screen, Tab};
use crate::console::layout;
use crate::controls::{Action, Place};

impl Model {
    /// The thing that an action is about: the open one, or the selected row of the list.
    #[must_use]
    pub fn thing(&self) -> Option<&Screen> {
        match self.screen() {
            Screen::Overview | Screen::Alarms | Screen::Queues | Screen::Waf | Screen::Secrets => {
                let list = self.lists.of(self.screen().tab());
                list.order.get(list.cursor.index()).map(|row| &row.screen)
            }
            Screen::Alarm(_) | Screen::Queue(_) | Screen::Acl(_) | Screen::Secret(_) => Some(self.screen()),
            Screen::Freshness => None,
        }
    }

    /// The hours that the chart on screen can show at most: what its walk reads; 0 without a chart.
    #[must_use]
    pub fn chart_limit(&self) -> u32 {
        match self.screen() {
            Screen::Alarm(_) => 3,
            Screen::Queue(_) => 6,
            Screen::Overview
            | Screen::Alarms
            | Screen::Queues
            | Screen::Waf
            | Screen::Secrets
            | Screen::Acl(_)
            | Screen::Secret(_)
            | Screen::Freshness => 0,
        }
    }

    /// Whether `action` could be done if nothing lay over the screen.
    #[must_use]
    pub fn enabled_under(&self, action: Action) -> bool {
        action.applies(self.screen().place()) && self.enabled(action)
    }

    /// Whether `action` can be done on the screen that is open, with what lies over it left aside.
    #[must_use]
    pub fn enabled(&self, action: Action) -> bool {
        let place = self.screen().place();
        let typed = matches!(self.place(), Place::Filter | Place::Palette | Place::Prompt | Place::Help);
        if !typed && !action.applies(place) {
            return false;
        }
        match action {
            Action::Open => match self.screen() {
                Screen::Overview | Screen::Alarms | Screen::Queues | Screen::Waf | Screen::Secrets => {
                    self.thing().is_some()
                }
                Screen::Alarm(_) | Screen::Queue(_) | Screen::Acl(_) | Screen::Secret(_) => {
                    !self.links().is_empty()
                }
                Screen::Freshness => false,
            },
            Action::Back => {
                self.overlay.is_some()
                    || *self.screen() != Screen::Overview
                    || !self.lists.overview.filter.is_empty()
            }
            Action::HistoryBack => self.trail.has_past(),
            Action::HistoryForward => self.trail.has_ahead(),
            Action::Related => !self.links().is_empty(),
            Action::AlarmQueue => self.links().iter().any(|s| matches!(s, Screen::Queue(_))),
            Action::QueueSources => self.thing().is_some_and(|s| !self.sources_of(s).is_empty()),
            Action::QueueAlarms | Action::AclAlarms => {
                self.links().iter().any(|s| matches!(s, Screen::Alarm(_)))
            }
            Action::Filter => !self.screen().is_detail(),
            Action::ClearFilter => {
                !self.screen().is_detail() && !self.lists.of(self.screen().tab()).filter.is_empty()
            }
            Action::SortNext | Action::SortReverse => {
                !self.screen().is_detail() && self.screen().tab() != Tab::Overview
            }
            Action::ToggleDetail => self.size().0 >= layout::frame::WIDE,
            Action::ChartLonger => self.chart_hours < self.chart_limit(),
            Action::ChartShorter => self.chart_limit() > 0 && self.chart_hours > 1,
            Action::Samples => matches!(self.thing(), Some(Screen::Acl(_))),
            Action::CopyName | Action::CopyArn | Action::CopyJson => self.thing().is_some(),
            Action::CopyCli => true,
            Action::CopyUrl => matches!(self.thing(), Some(Screen::Queue(_))),
            Action::CycleTheme => self.setup.themes.len() > 1,
            Action::CycleKeymap => self.setup.keymaps.len() > 1,
            Action::ShowOverview
            | Action::ShowAlarms
            | Action::ShowQueues
            | Action::ShowWaf
            | Action::ShowSecrets
            | Action::NextScreen
            | Action::PreviousScreen
            | Action::Down
            | Action::Up
            | Action::PageDown
            | Action::PageUp
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::Top
            | Action::Bottom
            | Action::ScrollDown
            | Action::ScrollUp
            | Action::Refresh
            | Action::Freshness
            | Action::Palette
            | Action::Help
            | Action::ToggleMouse
            | Action::Redraw
            | Action::Suspend
            | Action::Quit
            | Action::Accept
            | Action::Cancel
            | Action::CursorLeft
            | Action::CursorRight
            | Action::CursorStart
            | Action::CursorEnd
            | Action::DeleteBack
            | Action::DeleteForward
            | Action::DeleteWord
            | Action::DeleteLine => true,
        }
    }
}
