//! Runbooks: their definitions, the verbs that steps name, planning, and the step machine. Pure: a run is a
//! fold over the events of its journal, a verb says what it needs next and somebody else gets it. It knows no
//! ports, files, clocks or screens.

pub mod definition;
pub mod event;
pub mod found;
pub mod halt;
pub mod incident;
pub mod inputs;
pub mod need;
pub mod plan;
pub mod reference;
pub mod report;
pub mod run;
pub mod shell;
pub mod suspect;
#[cfg(test)]
pub mod testing;
pub mod value;
pub mod verb;
pub mod verbs;
pub mod view;
pub mod words;

pub use definition::{Condition, Definition, Input, Step, StepKind};
pub use event::{Event, Failure, Settled};
pub use found::Found;
pub use halt::{Decision, Doubt, Halt, RunLine};
pub use inputs::Inputs;
pub use need::{Done, Fact, Facts, Need, Proposal, Question, Want};
pub use plan::{Allowed, Plan, PlannedCall, PlannedStep};
pub use run::{Run, RunState, StepRecord, StepState};
pub use value::{Home, Value, ValueType};
pub use verb::{Output, Param, Verb};
pub use view::{ChangeMade, View};
