//! The closed registry of everything a person can do, as one table. An action's line here is its help, its
//! entry in the palette and its line in the manual. It knows neither keys nor how anything is done.

use super::place::Place;
use Place::{
    AlarmDetail, Alarms, Confirm, Contain, Filter, Form, Freshness, Help, IncidentDetail, Overview, Palette,
    Phrase, PlanDetail, Prompt, QueueDetail, Queues, RunDetail, RunbookDetail, Runs, SecretDetail, Secrets,
    Waf, WafDetail,
};

/// Every place, the ones where text is typed included.
const ANY: &[Place] = &[
    Overview,
    Alarms,
    AlarmDetail,
    Queues,
    QueueDetail,
    Waf,
    WafDetail,
    Secrets,
    SecretDetail,
    Runs,
    RunbookDetail,
    PlanDetail,
    RunDetail,
    IncidentDetail,
    Contain,
    Freshness,
    Help,
    Palette,
    Filter,
    Form,
    Confirm,
    Phrase,
    Prompt,
];
/// Every place where keys are keys, but a confirmation: there nothing else is to be done by the way.
const KEYS: &[Place] = &[
    Overview,
    Alarms,
    AlarmDetail,
    Queues,
    QueueDetail,
    Waf,
    WafDetail,
    Secrets,
    SecretDetail,
    Runs,
    RunbookDetail,
    PlanDetail,
    RunDetail,
    IncidentDetail,
    Contain,
    Freshness,
    Help,
];
/// Every screen; help lies over one.
const SCREENS: &[Place] = &[
    Overview,
    Alarms,
    AlarmDetail,
    Queues,
    QueueDetail,
    Waf,
    WafDetail,
    Secrets,
    SecretDetail,
    Runs,
    RunbookDetail,
    PlanDetail,
    RunDetail,
    IncidentDetail,
    Contain,
    Freshness,
];
/// Where things are, one of which is selected.
const THINGS: &[Place] = &[
    Overview,
    Alarms,
    AlarmDetail,
    Queues,
    QueueDetail,
    Waf,
    WafDetail,
    Secrets,
    SecretDetail,
    Runs,
    RunbookDetail,
    PlanDetail,
    RunDetail,
    IncidentDetail,
    Contain,
];
/// Where there is something that an AWS CLI line does too.
const LINES: &[Place] = &[
    Overview,
    Alarms,
    AlarmDetail,
    Queues,
    QueueDetail,
    Waf,
    WafDetail,
    Secrets,
    SecretDetail,
    RunDetail,
    Confirm,
    Phrase,
];
/// Where something may be on screen that is in wrong hands.
const SUSPECTS: &[Place] = &[
    Overview,
    Alarms,
    AlarmDetail,
    Queues,
    QueueDetail,
    Secrets,
    SecretDetail,
    Runs,
    PlanDetail,
    RunDetail,
    IncidentDetail,
];
const LISTS: &[Place] = &[Overview, Alarms, Queues, Waf, Secrets, Runs];
const SORTED: &[Place] = &[Alarms, Queues, Waf, Secrets];
/// Where a selection can be moved, also while a filter or the name of an action is typed.
const MOVES: &[Place] = &[
    Overview,
    Alarms,
    AlarmDetail,
    Queues,
    QueueDetail,
    Waf,
    WafDetail,
    Secrets,
    SecretDetail,
    Runs,
    RunbookDetail,
    PlanDetail,
    RunDetail,
    IncidentDetail,
    Contain,
    Freshness,
    Help,
    Palette,
    Filter,
    Form,
    Confirm,
    Phrase,
];
const CHARTS: &[Place] = &[Alarms, AlarmDetail, Queues, QueueDetail, Waf, WafDetail];
const ALARMS: &[Place] = &[Alarms, AlarmDetail];
const QUEUES: &[Place] = &[Queues, QueueDetail];
const ACLS: &[Place] = &[Waf, WafDetail];
const KEPT: &[Place] = &[Overview, Secrets, SecretDetail];
const VAULTS: &[Place] = &[Secrets, SecretDetail];
const STARTS: &[Place] = &[Runs, RunbookDetail, PlanDetail];
const RUNS: &[Place] = &[Runs, RunDetail];
const ONE_RUN: &[Place] = &[RunDetail];
/// Where something can be noted and written down.
const TOLD: &[Place] = &[RunDetail, IncidentDetail];
const INCIDENTS: &[Place] = &[IncidentDetail];
const PLANS: &[Place] = &[PlanDetail];
const ASKED: &[Place] = &[Confirm];
const TYPED: &[Place] = &[Palette, Filter, Form, Phrase, Prompt];

macro_rules! actions {
    ($($group:ident $title:literal { $($variant:ident $name:literal $places:ident $doc:literal;)+ })+) => {
        /// Something a person can do.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Action { $($(#[doc = $doc] $variant,)+)+ }

        /// What actions are for, as the help groups them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Group { $(#[doc = $title] $group,)+ }

        impl Group {
            /// Every group, in the order of the help.
            pub const ALL: &[Group] = &[$(Group::$group,)+];

            /// Its heading.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Group::$group => $title,)+ }
            }
        }

        impl Action {
            /// Every action, in the order of the help.
            pub const ALL: &[Action] = &[$($(Action::$variant,)+)+];

            /// Its name in keymaps and in the palette.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $($(Action::$variant => $name,)+)+ }
            }

            /// What it does, in a few words.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self { $($(Action::$variant => $doc,)+)+ }
            }

            /// Where it can be done.
            #[must_use]
            pub fn places(self) -> &'static [Place] {
                match self { $($(Action::$variant => $places,)+)+ }
            }

            /// What it is for.
            #[must_use]
            pub fn group(self) -> Group {
                match self { $($(Action::$variant => Group::$group,)+)+ }
            }

            /// The action with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Action> {
                match name { $($($name => Some(Action::$variant),)+)+ _ => None }
            }
        }
    };
}

actions! {
    Go "Go" {
        Open "open" THINGS "Open what is selected";
        Back "back" KEYS "Go back, or close what is open";
        ShowOverview "overview" SCREENS "Show the overview";
        ShowAlarms "alarms" SCREENS "Show the alarms";
        ShowQueues "queues" SCREENS "Show the queues";
        ShowWaf "waf" SCREENS "Show the web ACLs";
        ShowSecrets "secrets" SCREENS "Show the secrets";
        ShowRuns "runs" SCREENS "Show the runs and the runbooks";
        NextScreen "next-screen" SCREENS "Show the next screen";
        PreviousScreen "previous-screen" SCREENS "Show the previous screen";
        HistoryBack "history-back" SCREENS "Go to where you were before";
        HistoryForward "history-forward" SCREENS "Go forward again";
        Related "related" THINGS "Go to what belongs to this";
        AlarmQueue "alarm-queue" ALARMS "Go to the queue that this alarm watches";
        QueueSources "queue-sources" QUEUES "Go to the sources of this queue";
        QueueAlarms "queue-alarms" QUEUES "Go to the alarms on this queue";
        AclAlarms "acl-alarms" ACLS "Go to the alarms on this web ACL";
    }
    Move "Move" {
        Down "down" MOVES "Move down";
        Up "up" MOVES "Move up";
        PageDown "page-down" MOVES "Move a page down";
        PageUp "page-up" MOVES "Move a page up";
        HalfPageDown "half-page-down" KEYS "Move half a page down";
        HalfPageUp "half-page-up" KEYS "Move half a page up";
        Top "top" KEYS "Move to the top";
        Bottom "bottom" KEYS "Move to the bottom";
        ScrollDown "scroll-down" KEYS "Scroll down, the selection stays";
        ScrollUp "scroll-up" KEYS "Scroll up, the selection stays";
    }
    Look "Look" {
        Filter "filter" LISTS "Filter the list";
        ClearFilter "clear-filter" LISTS "Show everything again";
        SortNext "sort-next" SORTED "Sort by the next column";
        SortReverse "sort-reverse" SORTED "Turn the order round";
        ToggleDetail "toggle-detail" SORTED "Show or hide the detail beside the list";
        ChartLonger "chart-longer" CHARTS "Show a longer time in the chart";
        ChartShorter "chart-shorter" CHARTS "Show a shorter time in the chart";
        Samples "samples" ACLS "Fetch samples of the requests that WAF saw";
        Refresh "refresh" SCREENS "Ask AWS again now";
        Freshness "freshness" SCREENS "Show how old and how complete everything is";
    }
    Change "Change" {
        Rotate "rotate" KEPT "Rotate the key in this secret";
        UpdateSecret "update-secret" VAULTS "Change one field of this secret";
        Contain "contain" SUSPECTS "Contain what may be in wrong hands here: a key, user, role, function or secret";
        Peek "peek" QUEUES "Look at messages of this dead-letter queue, by error, and give them back";
        Redrive "redrive" QUEUES "Redrive or replay the messages of this dead-letter queue";
        Export "export" QUEUES "Keep the messages of this dead-letter queue in a file, and give them back; again stops it";
        Whose "whose" QUEUES "Look in the logs of functions for whose these dead letters are; what it costs is said first";
        Import "import" QUEUES "Send the messages that an export keeps to a queue";
        Purge "purge" QUEUES "Delete messages of this dead-letter queue for ever: those of an export, or all";
        Drain "drain" QUEUES "Drain this dead-letter queue by the runbook: cause, consumer, redrive, and what comes back";
        StartRun "start" STARTS "Start the runbook: its inputs, its plan, then its steps";
        EditInputs "inputs" PLANS "Change the inputs, and plan again";
        GoOn "go-on" RUNS "Go on with the run; it looks at AWS first";
        Answer "answer" ONE_RUN "Say what the run waits for";
        AddNote "note" TOLD "Add a note to the run or the incident";
        Undo "undo" ONE_RUN "Undo what the run did, backwards, step by step";
        StopMoving "stop" ONE_RUN "Stop moving messages: what is in hand is finished or given back";
        Abort "abort" ONE_RUN "Stop the run where it is; nothing is changed by that";
        NewIncident "new-incident" SCREENS "Open an incident: one time line for all that is done about it";
        AttachRun "attach" RUNS "Say that this run belongs to the open incident";
        Decide "decide" INCIDENTS "Write a decision into the incident";
        NextPhase "next-phase" INCIDENTS "Say that the next phase of the incident is entered";
        SetAside "set-aside" INCIDENTS "Set aside a line of the recovery list, and say why";
        CloseIncident "close-incident" INCIDENTS "Close the incident; what is still open is said and kept";
        Agree "agree" ASKED "Do it";
        Decline "decline" ASKED "Leave everything as it is";
    }
    Copy "Copy" {
        CopyName "copy-name" THINGS "Copy the name";
        CopyArn "copy-arn" THINGS "Copy the ARN";
        CopyUrl "copy-url" THINGS "Copy the URL";
        CopyCli "copy-cli" LINES "Copy the AWS CLI line that shows the same";
        CopyJson "copy-json" THINGS "Copy what is known as JSON";
        CopyReport "copy-report" TOLD "Copy the run or the incident as Markdown, for a ticket or a review";
    }
    Program "Program" {
        Palette "palette" KEYS "Do anything by its name";
        Help "help" ANY "Show what may be pressed here";
        CycleTheme "cycle-theme" KEYS "Change to the next theme";
        CycleKeymap "cycle-keymap" KEYS "Change to the next keymap";
        ToggleMouse "toggle-mouse" KEYS "Turn the mouse on or off";
        Redraw "redraw" ANY "Draw the whole screen again";
        Suspend "suspend" ANY "Leave to the shell until `fg`";
        Quit "quit" ANY "Quit";
    }
    Type "Type" {
        Accept "accept" TYPED "Take what is typed or chosen";
        Cancel "cancel" TYPED "Leave without";
        CursorLeft "cursor-left" TYPED "Move the cursor left";
        CursorRight "cursor-right" TYPED "Move the cursor right";
        CursorStart "cursor-start" TYPED "Move the cursor to the start";
        CursorEnd "cursor-end" TYPED "Move the cursor to the end";
        DeleteBack "delete-back" TYPED "Delete the character before the cursor";
        DeleteForward "delete-forward" TYPED "Delete the character under the cursor";
        DeleteWord "delete-word" TYPED "Delete the word before the cursor";
        DeleteLine "delete-line" TYPED "Delete everything before the cursor";
    }
}

impl Action {
    /// Whether it can be done at `place`; at `Global` if it can be done anywhere.
    #[must_use]
    pub fn applies(self, place: Place) -> bool {
        place == Place::Global || self.places().contains(&place)
    }

    /// Whether the palette that was opened at `place` offers it.
    #[must_use]
    pub fn in_palette(self, place: Place) -> bool {
        self != Action::Palette && self.group() != Group::Type && self.applies(place)
    }
}
