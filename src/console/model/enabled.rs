//! Whether an action can be done now. The same answer greys the footer, sorts the palette and guards the
//! keys.

use super::{Model, Overlay, Screen, Tab};
use crate::console::layout;
use crate::controls::{Action, Place};
use crate::insight::Reach;

/// The hours of its metric that are read of every alarm that is looked at.
pub const ALARM_HOURS: u32 = 3;
/// The hours of its depth that are read of every queue that is looked at.
pub const QUEUE_HOURS: u32 = 6;

impl Model {
    /// The thing that an action is about: the open one, or the selected row of the list.
    #[must_use]
    pub fn thing(&self) -> Option<&Screen> {
        match self.screen() {
            Screen::Overview
            | Screen::Alarms
            | Screen::Queues
            | Screen::Waf
            | Screen::Secrets
            | Screen::Runs => {
                let list = self.lists.of(self.screen().tab());
                list.order
                    .get(list.cursor.index())
                    .filter(|row| row.system().is_none())
                    .map(|row| &row.screen)
            }
            Screen::Alarm(_)
            | Screen::Queue(_)
            | Screen::Acl(_)
            | Screen::Secret(_)
            | Screen::Runbook(_)
            | Screen::Contain(_)
            | Screen::Run(_)
            | Screen::Incident(_) => Some(self.screen()),
            Screen::Plan | Screen::Freshness => None,
        }
    }

    /// The spans in hours that the chart on screen can show, shortest first; none without a chart.
    #[must_use]
    pub fn chart_spans(&self) -> &'static [u32] {
        match self.screen() {
            Screen::Alarm(_) => &[1, ALARM_HOURS, 24, 7 * 24],
            Screen::Queue(_) => &[1, 3, QUEUE_HOURS, 24, 7 * 24],
            Screen::Overview
            | Screen::Alarms
            | Screen::Queues
            | Screen::Waf
            | Screen::Secrets
            | Screen::Acl(_)
            | Screen::Secret(_)
            | Screen::Runs
            | Screen::Runbook(_)
            | Screen::Plan
            | Screen::Run(_)
            | Screen::Incident(_)
            | Screen::Contain(_)
            | Screen::Freshness => &[],
        }
    }

    /// The hours that a chart shows, and how far back they have to be read, where `near` hours are read of
    /// every thing that is looked at. Beside a list no more than those: a selection that moves on would ask
    /// for a week of each row.
    #[must_use]
    pub fn chart_span(&self, near: u32) -> (u32, Reach) {
        if self.chart_hours <= QUEUE_HOURS {
            (self.chart_hours.min(near), Reach::Near)
        } else if !self.screen().is_detail() {
            (near, Reach::Near)
        } else if self.chart_hours <= 24 {
            (24, Reach::Day)
        } else {
            (7 * 24, Reach::Week)
        }
    }

    /// The same of the chart on screen, in hours.
    #[must_use]
    pub fn chart_hours(&self) -> u32 {
        let near = if matches!(self.screen(), Screen::Alarm(_)) { ALARM_HOURS } else { QUEUE_HOURS };
        self.chart_span(near).0
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
        let typed = matches!(
            self.place(),
            Place::Filter
                | Place::Palette
                | Place::Form
                | Place::Confirm
                | Place::Phrase
                | Place::Prompt
                | Place::Help
        );
        if !typed && !action.applies(place) {
            return false;
        }
        match action {
            Action::Open => match self.screen() {
                Screen::Overview => !self.lists.overview.order.is_empty(),
                Screen::Alarms | Screen::Queues | Screen::Waf | Screen::Secrets | Screen::Runs => {
                    self.thing().is_some()
                }
                Screen::Alarm(_) | Screen::Queue(_) | Screen::Acl(_) | Screen::Secret(_) => {
                    !self.links().is_empty()
                }
                Screen::Run(_) => true,
                Screen::Incident(_) => !self.links().is_empty(),
                Screen::Contain(_) => self.choice_here().is_some(),
                Screen::Runbook(_) | Screen::Plan | Screen::Freshness => false,
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
            Action::ChartLonger => self.chart_spans().last().is_some_and(|most| self.chart_hours() < *most),
            Action::ChartShorter => {
                self.chart_spans().first().is_some_and(|least| self.chart_hours() > *least)
            }
            Action::Samples => matches!(self.thing(), Some(Screen::Acl(_))),
            Action::CopyName | Action::CopyArn | Action::CopyJson => self.thing().is_some(),
            Action::CopyCli => true,
            Action::CopyUrl => matches!(self.thing(), Some(Screen::Queue(_))),
            Action::CycleTheme => self.setup.themes.has_others(),
            Action::CycleKeymap => self.setup.keymaps.has_others(),
            Action::Contain => !self.suspects_here().is_empty(),
            Action::Rotate | Action::UpdateSecret => self.can_change() && self.secret_here().is_some(),
            Action::Import => self.can_change(),
            Action::Peek
            | Action::Redrive
            | Action::Drain
            | Action::Export
            | Action::Whose
            | Action::Purge => self.can_change() && self.dead_letters_here().is_some(),
            Action::StopMoving => self.can_change() && self.run_here().is_some_and(|run| self.is_moving(run)),
            Action::StartRun => self.can_change() && self.can_start(),
            Action::EditInputs => self.runs.plan.as_ref().is_some_and(|p| !p.started),
            Action::GoOn => self.can_change() && self.run_here().is_some_and(|run| self.can_go_on(run)),
            Action::Answer => self.can_change() && self.asked_here().is_some(),
            Action::AddNote => {
                self.can_change() && (self.run_here().is_some() || self.incident_here().is_some())
            }
            Action::NewIncident => self.can_change(),
            Action::AttachRun => {
                self.can_change() && self.run_here().is_some() && self.open_incident().is_some()
            }
            Action::Decide | Action::CloseIncident => {
                self.can_change() && self.incident_here().is_some_and(|id| self.is_open(id))
            }
            Action::SetAside => self.can_change() && self.due_here().is_some(),
            Action::NextPhase => {
                let here = self.incident_here().filter(|id| self.is_open(id));
                self.can_change() && here.is_some_and(|id| self.next_phase(id).is_some())
            }
            Action::Undo => self.can_change() && self.run_here().is_some_and(|run| self.can_undo(run)),
            Action::Abort => self.can_change() && self.run_here().is_some_and(|run| self.can_abort(run)),
            Action::CopyReport => self.run_here().is_some() || self.incident_here().is_some(),
            Action::Agree | Action::Decline => matches!(self.overlay, Some(Overlay::Consent(_))),
            Action::ShowRuns
            | Action::ShowOverview
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
