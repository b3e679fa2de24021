//! A change outside a runbook: a run of one step, named by its verb. It is planned, confirmed, journalled, resumed and
//! shown as all runs are; only where it comes from is another.

use super::drive::Drive;
use super::{answered, fault, may_start, open, plan, wrong};
use crate::cli::args::Once;
use crate::cli::exit::{Exit, Failure};
use crate::cli::out::Out;
use crate::cli::run::World;
use crate::cli::setup::Setup;
use crate::engine::definitions;
use crate::engine::runs::RunsFault;
use crate::estate::Vault;
use crate::runbook::inputs::Inputs;

/// What a command makes a run of.
pub struct Making<'a> {
    /// The definition, one of `definition::COMMANDS`.
    pub name: &'static str,
    /// Its inputs, as `--set` would have them.
    pub inputs: Vec<(String, String)>,
    /// What is held for it: another body, above all.
    pub vault: Vault,
    /// How it is confirmed.
    pub once: &'a Once,
}

/// Plans it, and begins and drives it unless only the plan is wanted.
///
/// # Errors
/// It could not be done: nothing was changed, or the journal says what was.
pub async fn once(making: Making<'_>, setup: &Setup, world: &World, out: &mut Out) -> Result<Exit, Failure> {
    let definition = definitions::command(making.name).map_err(|found| wrong(&found))?;
    let answers = answered((&making.once.answers, &[]), None, &definition)?;
    let inputs = Inputs::read(&definition, &making.inputs).map_err(|found| wrong(&found))?;
    if setup.context.read_only && !making.once.dry_run {
        return Err(fault(&RunsFault::ReadOnly));
    }
    let runs = open(setup, world).await?;
    let planned = runs.plan(&definition, &inputs).await.map_err(|f| fault(&f))?;
    if making.once.dry_run {
        return plan::write(&planned, setup, world.clock.now(), out);
    }
    may_start(&planned, making.once.plan_hash.as_deref())?;
    let live = runs.start(planned, making.vault).await.map_err(|f| fault(&f))?;
    Drive::new(live, answers, setup, world, out)?.go(None).await
}
