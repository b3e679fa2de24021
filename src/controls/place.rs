//! The places a person can be at, which decide what a key means. It knows nothing of what is drawn there.

macro_rules! places {
    ($($(#[$doc:meta])+ $variant:ident $name:literal $title:literal;)+) => {
        /// Where the person is: `Global` is what holds at every place that does not say otherwise.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Place { $($(#[$doc])+ $variant,)+ }

        impl Place {
            /// Every place, `Global` first.
            pub const ALL: &[Place] = &[$(Place::$variant,)+];

            /// Its name as a section of a keymap file.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Place::$variant => $name,)+ }
            }

            /// Its name as a heading.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Place::$variant => $title,)+ }
            }

            /// The place with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Place> {
                match name { $($name => Some(Place::$variant),)+ _ => None }
            }
        }
    };
}

places! {
    /// What holds everywhere.
    Global "global" "Everywhere";
    /// The overview.
    Overview "overview" "Overview";
    /// The list of alarms.
    Alarms "alarms" "Alarms";
    /// One alarm.
    AlarmDetail "alarm-detail" "An alarm";
    /// The list of queues.
    Queues "queues" "Queues";
    /// One queue.
    QueueDetail "queue-detail" "A queue";
    /// The list of web ACLs.
    Waf "waf" "WAF";
    /// One web ACL.
    WafDetail "waf-detail" "A web ACL";
    /// The list of secrets.
    Secrets "secrets" "Secrets";
    /// One secret.
    SecretDetail "secret-detail" "A secret";
    /// The list of runs and runbooks.
    Runs "runs" "Runs and runbooks";
    /// One runbook.
    RunbookDetail "runbook" "A runbook";
    /// What a runbook would do.
    PlanDetail "plan" "A plan";
    /// One run.
    RunDetail "run" "A run";
    /// One incident.
    IncidentDetail "incident" "An incident";
    /// What contains a thing that may be in wrong hands.
    Contain "contain" "Containment";
    /// How old and how complete each source is.
    Freshness "freshness" "Freshness";
    /// The help of a screen.
    Help "help" "Help";
    /// The palette of actions, while a name is typed.
    Palette "palette" "Palette";
    /// The filter of a list, while it is typed.
    Filter "filter" "Filter";
    /// The inputs of a runbook, while they are filled in.
    Form "form" "Inputs";
    /// A change that is to be agreed to by a key.
    Confirm "confirm" "A confirmation";
    /// A change that is to be agreed to by typing a name.
    Phrase "phrase" "A name to type";
    /// A question that is answered by typing, such as an MFA code.
    Prompt "prompt" "Question";
}

impl Place {
    /// Whether plain characters are typed text here, and not keys.
    #[must_use]
    pub fn takes_text(self) -> bool {
        match self {
            Place::Palette | Place::Filter | Place::Form | Place::Phrase | Place::Prompt => true,
            Place::Global
            | Place::Overview
            | Place::Alarms
            | Place::AlarmDetail
            | Place::Queues
            | Place::QueueDetail
            | Place::Waf
            | Place::WafDetail
            | Place::Secrets
            | Place::SecretDetail
            | Place::Runs
            | Place::RunbookDetail
            | Place::PlanDetail
            | Place::RunDetail
            | Place::IncidentDetail
            | Place::Contain
            | Place::Freshness
            | Place::Confirm
            | Place::Help => false,
        }
    }
}

/// Every place a person can be at; keymaps also have `Global`.
pub fn real() -> impl Iterator<Item = Place> {
    Place::ALL.iter().copied().filter(|p| *p != Place::Global)
}
