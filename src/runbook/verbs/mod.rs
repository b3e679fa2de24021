//! The closed registry of verbs: everything that a step of a runbook can do. Each is a file of its own; what it
//! needs and what changes it proposes is data, and nothing here sends anything.

mod access;
mod canary;
mod contain;
mod database;
mod environment;
mod function;
mod function_errors;
mod gateway;
mod iam;
mod key;
mod manual;
mod near;
mod note;
pub mod queue;
mod secret;
mod wait;
mod with;

pub use contain::ALWAYS;
pub use secret::reveal;

use super::verb::Verb;

/// The parameter that names the late input which ends a wait or answers a question; the check of definitions
/// holds that such an input is there.
pub const ACCEPTS: &str = "accepts";

/// Every verb, in the order of the reference.
static ALL: &[&dyn Verb] = &[
    &secret::look::Look,
    &secret::ready::Ready,
    &secret::sweep::Sweep,
    &secret::stage::Stage,
    &secret::staged::Staged,
    &secret::promote::Promote,
    &secret::current::Current,
    &secret::date::Date,
    &secret::close::Close,
    &secret::reveal::Reveal,
    &key::evidence::Evidence,
    &key::preconditions::Preconditions,
    &key::secret::add::Add,
    &key::secret::remove::Remove,
    &key::canary::Send,
    &key::unused::Unused,
    &key::canary::Refused,
    &key::verify::Verify,
    &environment::add::Add,
    &environment::remove::Remove,
    &environment::served::Served,
    &gateway::create::Create,
    &gateway::enable::Enable,
    &gateway::disable::Disable,
    &gateway::delete::Delete,
    &gateway::quiet::Quiet,
    &iam::create::Create,
    &iam::deactivate::Deactivate,
    &iam::delete::Delete,
    &queue::evidence::Evidence,
    &queue::healthy::Healthy,
    &queue::redrive::Redrive,
    &queue::replay::Replay,
    &queue::whose::Whose,
    &queue::cancel::Cancel,
    &queue::quiet::Quiet,
    &contain::owner::Tell,
    &contain::evidence::Evidence,
    &contain::evidence::OfUser,
    &contain::guard::Guard,
    &contain::deactivate::Deactivate,
    &contain::deny::Deny,
    &contain::sessions::Sessions,
    &contain::sweep::Sweep,
    &contain::reach::Reach,
    &contain::quiet::Quiet,
    &contain::contained::Contained,
    &contain::role::Evidence,
    &contain::revoke::Revoke,
    &contain::revoked::Revoked,
    &function::evidence::Evidence,
    &function::disconnect::Disconnect,
    &function::limit::Limit,
    &function::stopped::Stopped,
    &function::leads::Leads,
    &database::evidence::Evidence,
    &database::ready::Ready,
    &database::hold::Hold,
    &database::revoke::Revoke,
    &database::password::Password,
    &database::applied::Applied,
    &database::promote::Promote,
    &database::swap::Swap,
    &database::reboot::Reboot,
    &database::verify::Verify,
    &database::snapshot::Snapshot,
    &access::caller::Caller,
    &access::target::Target,
    &access::identity::Identity,
    &access::resource::Resource,
    &access::boundary::Boundary,
    &access::key::Key,
    &queue::import::Send,
    &queue::purge::Purge,
    &canary::Send,
    &function_errors::Watch,
    &wait::Wait,
    &manual::Manual,
    &note::Note,
];

/// Every verb there is.
#[must_use]
pub fn all() -> &'static [&'static dyn Verb] {
    ALL
}

/// The verb of that name; `None` if there is none.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Verb> {
    ALL.iter().copied().find(|verb| verb.name() == name)
}

#[cfg(test)]
mod tests;
