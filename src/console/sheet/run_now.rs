//! The foot of a run's page, always on screen: what is to be done now and by which key, what is at risk
//! meanwhile, and that nothing is lost if the program stops here.

use super::line::{Line, cut_end, wrap};
use super::run::state_words;
use super::say::Say;
use crate::console::model::{Model, OpenRun, Screen};
use crate::controls::{Action, Place, Role};
use crate::estate::RunId;
use crate::insight::words;
use crate::runbook::event::WaitingFor;
use crate::runbook::halt::Halt;
use crate::runbook::run::Run;
use crate::runbook::suspect::Suspect;

/// The lines of the foot; nothing while there is nothing to say.
pub fn lines(model: &Model, id: &RunId, say: &Say<'_>) -> Vec<Line> {
    let Some(open) = model.runs.open.get(id) else { return Vec::new() };
    let page = Foot { model, id, open, say };
    // The steps keep two fifths of the page.
    let most = (say.rows * 3 / 5).max(2);
    let safety = page.safety();
    let gaps = if say.rows >= 12 { 2 } else { 0 };
    let now = page.now(most.saturating_sub(safety.len() + gaps).max(1));
    let mut out = Vec::new();
    if gaps > 0 {
        out.push(Line::blank());
    }
    out.extend(now);
    if gaps > 0 && !safety.is_empty() {
        out.push(Line::blank());
    }
    out.extend(safety);
    out
}

struct Foot<'a> {
    model: &'a Model,
    id: &'a RunId,
    open: &'a OpenRun,
    say: &'a Say<'a>,
}

impl Foot<'_> {
    fn key(&self, action: Action) -> String {
        let keys = self.model.keymap().and_then(|k| k.hint(Place::RunDetail, action)).unwrap_or_default();
        keys.split("  ").next().unwrap_or_default().to_owned()
    }

    /// The paragraph, labelled, in at most so many lines. What is too long loses the ends of its longest sentences first;
    /// those that name the key to press stay whole for as long as anything else can give way.
    fn now(&self, most: usize) -> Vec<Line> {
        let narrow = self.say.room < 60;
        let (first, rest) = if narrow { ("", "") } else { ("NOW  ", "     ") };
        let room = self.say.room.saturating_sub(2 + first.len()).clamp(10, 100);
        let mut said: Vec<(Role, Vec<String>)> =
            self.sentences().into_iter().map(|(role, text)| (role, wrap(&text, room))).collect();
        while said.iter().map(|(_, parts)| parts.len()).sum::<usize>() > most {
            // What only explains may go altogether; of the others the beginning stays.
            let explains = |(role, parts): &(Role, Vec<String>)| *role == Role::Text && !parts.is_empty();
            let long = |(_, parts): &(Role, Vec<String>)| parts.len() > 1;
            let gives = |s: &&mut (Role, Vec<String>)| (explains(s), s.0 != Role::Strong, s.1.len());
            let some = said.iter_mut().filter(|s| explains(s) || long(s));
            let Some((_, parts)) = some.max_by_key(gives) else { break };
            parts.pop();
            if let Some(end) = parts.last_mut().filter(|end| !end.ends_with(self.say.glyphs.cut)) {
                end.push_str(self.say.glyphs.cut);
            }
        }
        let mut out: Vec<Line> = Vec::new();
        for (role, part) in
            said.into_iter().flat_map(|(role, parts)| parts.into_iter().map(move |p| (role, p)))
        {
            let label = if out.is_empty() { first } else { rest };
            out.push(Line::of(Role::Header, label).and(role, part));
        }
        out.truncate(most);
        out
    }

    fn sentences(&self) -> Vec<(Role, String)> {
        let mut text: Vec<(Role, String)> = Vec::new();
        let sign = self.say.glyphs.now;
        if let Some(words) = &self.open.trouble {
            text.push((Role::Now, format!("{sign} {words}")));
        }
        let Some(run) = &self.open.run else { return text };
        if self.open.busy && self.model.secret.is_some() {
            text.push((Role::Strong, "Something secret is asked for; it is neither shown nor kept.".into()));
        } else if self.open.busy {
            text.push((
                Role::Accent,
                format!("{} at work; nothing is asked of you", self.say.glyphs.loading),
            ));
        } else {
            match &self.open.halt {
                Some(halt) => text.extend(self.asked(run, halt)),
                None => text.extend(self.at_rest(run)),
            }
        }
        if let Some(step) = run.current().filter(|_| !run.state().over())
            && let Some(defined) = run.defined(&step.id)
            && !defined.now.is_empty()
        {
            text.push((Role::Text, defined.now.clone()));
        }
        let beside = self.model.named_beside(run);
        if !beside.is_empty() {
            let one = |s: &Suspect| {
                let name = self.model.name_of(&Screen::Contain(s.clone())).unwrap_or_else(|| s.name.clone());
                format!("{} {}", s.kind.word(), name.shown())
            };
            let names: Vec<String> = beside.iter().map(one).collect();
            let key = self.key(Action::Contain);
            text.push((Role::Strong, format!("{key} leads to what it named: {}.", names.join(", "))));
        }
        text.extend(run.aborted.iter().flatten().map(|left| (Role::Soon, format!("left over: {left}"))));
        if text.is_empty() {
            text.push((Role::Text, format!("The run is {}.", state_words(run.state()))));
        }
        if self.model.can_undo(self.id) && run.state().over() {
            text.push((Role::Text, format!("{} undoes it, backwards.", self.key(Action::Undo))));
        }
        text
    }

    /// What a run waits for that nobody at this console has taken.
    fn at_rest(&self, run: &Run) -> Vec<(Role, String)> {
        let mut out = Vec::new();
        if run.state().over() {
            return out;
        }
        if let Some(waiting) = &run.waiting {
            let (WaitingFor::Time { why, .. }
            | WaitingFor::Person { why, .. }
            | WaitingFor::Settle { why, .. }) = &waiting.for_what;
            out.push((Role::Text, why.clone()));
        }
        if self.model.can_change() {
            let text = format!("{} goes on with it: it looks at AWS first.", self.key(Action::GoOn));
            out.push((Role::Strong, text));
        }
        out
    }

    /// What a person is asked, in words, and by which key it is answered.
    fn asked(&self, run: &Run, halt: &Halt) -> Vec<(Role, String)> {
        let (go_on, answer) = (self.key(Action::GoOn), self.key(Action::Answer));
        let now = self.say.now;
        match halt {
            Halt::Consent { proposal, .. } => {
                let text =
                    format!("Your consent is needed: {go_on} shows the question. Nothing is sent before.");
                let mut out = vec![(Role::Strong, text)];
                out.extend(proposal.changes.iter().map(|c| (Role::Text, c.sentence())));
                out
            }
            Halt::Arm { alias } => vec![(
                Role::Strong,
                format!(
                    "This account is marked production: its alias {} must be typed once; {go_on} asks for it.",
                    alias.shown()
                ),
            )],
            Halt::Time { until, why, accepts, .. } => {
                let mut out = vec![(Role::Text, why.clone())];
                let until = words::instant(*until, now);
                out.push((
                    Role::Strong,
                    if self.model.looks_by_itself(self.id) {
                        format!("It looks again by itself at {until}, while this program runs. {answer} begins the watch anew.")
                    } else if accepts.is_empty() {
                        format!("Nothing is to be done before {until}; then {go_on} goes on.")
                    } else {
                        format!("It goes on after {until} with {go_on}, or sooner: {answer} says so.")
                    },
                ));
                out
            }
            Halt::Person { question, .. } => {
                let mut out = vec![(Role::Strong, format!("{} {answer} answers.", question.text))];
                out.extend(question.evidence.iter().map(|e| (Role::Text, e.clone())));
                out
            }
            Halt::Enter { input, .. } => vec![(
                Role::Strong,
                format!(
                    "The value of {input} is to be entered: {go_on} asks for it. It is neither shown nor kept."
                ),
            )],
            Halt::Settle { until, why, .. } => vec![
                (Role::Soon, why.clone()),
                (
                    Role::Strong,
                    format!("It can be judged from {}; then {go_on} goes on.", words::clock(*until)),
                ),
            ],
            Halt::Decide { doubt, .. } => {
                let sign = self.say.glyphs.now;
                let mut out = vec![
                    (Role::Now, format!("{sign} in doubt: {}", doubt.call)),
                    (Role::Text, doubt.why.clone()),
                    (Role::Strong, format!("AWS cannot tell, so you decide: {answer}.")),
                ];
                out.extend(doubt.evidence.iter().map(|e| (Role::Text, e.clone())));
                out
            }
            Halt::Failed { failure, .. } => {
                let next = match run.stuck_undoing() {
                    Some(_) => {
                        format!("{go_on} tries to undo it again; {answer} leaves it and undoes the rest.")
                    }
                    None if !run.definition.asked_by(failure).is_empty() => {
                        format!("{answer} says what it names, then it goes on; {go_on} tries the step again.")
                    }
                    None => format!("{go_on} tries the step again."),
                };
                vec![(Role::Now, failure.text.clone()), (Role::Strong, next)]
            }
            Halt::Reached(_) | Halt::Paused => self.at_rest(run),
            Halt::Over(state) => vec![(Role::Text, format!("The run is {}.", state_words(*state)))],
        }
    }

    /// What happens if this program stops here.
    fn safety(&self) -> Vec<Line> {
        let Some(run) = &self.open.run else { return Vec::new() };
        let (id, room) = (&run.id, self.say.room.saturating_sub(2).max(1));
        if run.state().over() {
            let text = format!("Its journal: bartizan journal export {id} --format md");
            return vec![Line::of(Role::Dim, cut_end(&text, room, self.say.glyphs.cut))];
        }
        if self.say.room < 60 || self.say.rows < 12 {
            let text = format!("safe to leave: runbook resume {id}");
            return vec![Line::of(Role::Dim, cut_end(&text, room, self.say.glyphs.cut))];
        }
        self.say.wrapped(
            Role::Dim,
            &format!(
                "If the program stops here, nothing is lost: any operator can go on with `bartizan runbook resume {id}`."
            ),
        )
    }
}
