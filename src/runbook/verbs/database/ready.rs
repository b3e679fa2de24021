//! `database.ready`: whether the master password may be changed by this run: RDS does not keep it itself, it is no
//! replica, it is not busy, and the store that gets the new one can take it. Reads only.

use super::{INSTANCE, cluster, instance, patient};
use crate::estate::change::rds::PASSWORD_LENGTH;
use crate::estate::{Arn, Database, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::environment::{
    ALIAS, ENVIRONMENT_LIMIT, FUNCTION, VARIABLE, function, has_variable, publish, settled,
};
use crate::runbook::verbs::key::text;
use crate::runbook::view::View;

/// Checks what must hold.
pub struct Ready;

impl Verb for Ready {
    fn name(&self) -> &'static str {
        "database.ready"
    }

    fn kind(&self) -> StepKind {
        StepKind::Check
    }

    fn doc(&self) -> &'static str {
        "Stops unless the master password can be changed: not managed by RDS, no read replica, not busy; and, where the \
         application has it in a variable, unless that function can take the new one and be published."
    }

    fn takes(&self) -> &'static [Param] {
        static TAKES: [Param; 4] = [INSTANCE, FUNCTION, VARIABLE, ALIAS];
        &TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "alias", kind: ValueType::Text }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let found = instance(v)?;
        let mut managed = found.managed_secret.clone();
        let mut busy = (found.status.clone(), found.pending.password);
        if let Some(name) = &found.cluster {
            let cluster = cluster(v, name)?;
            managed = managed.or(cluster.managed_secret);
            busy.1 |= cluster.pending.password;
            if busy.0.wire() == "available" {
                busy.0 = cluster.status;
            }
        }
        manageable(&found, managed.as_ref()).map_err(Need::Refuse)?;
        let mut done = Done::default();
        if busy.0.wire() == "available" && !busy.1 {
            done.evidence.push("it is available, and no change of its password is pending".to_owned());
        } else if v.planning {
            done.evidence.push(format!("it is {}: the run waits until it is available", busy.0.shown()));
        } else {
            return Err(patient(
                v,
                &format!("{} to be available: it is {}", found.name.shown(), busy.0.shown()),
            ));
        }
        if let (Some(_), Some(_)) = (text(v, FUNCTION.name), text(v, VARIABLE.name)) {
            let alias = holder(v, &mut done)?;
            if let Some(alias) = alias {
                done.outputs.insert("alias".into(), Value::Text(alias));
            }
        }
        Ok(done)
    }
}

fn manageable(found: &Database, managed: Option<&Arn>) -> Result<(), String> {
    let name = found.name.shown();
    if let Some(secret) = managed {
        return Err(format!(
            "RDS itself keeps the password of {name} in {} (ManageMasterUserPassword), and refuses any other: \
             `aws secretsmanager rotate-secret --secret-id {}` gives it a new one at once; then cut the ways in and \
             end the sessions by hand",
            secret.shown(),
            secret.shown()
        ));
    }
    if let Some(source) = &found.replica_of {
        let source = source.shown();
        return Err(format!(
            "{name} is a read replica of {source}: its password is changed there, with `--set instance={source}`"
        ));
    }
    Ok(())
}

/// Whether the function that has the password can be given another one, and published where callers use an alias.
fn holder(v: &View<'_>, done: &mut Done) -> Result<Option<Untrusted>, Need> {
    let function = function(v)?;
    let config = settled(v, &function)?;
    has_variable(v, &config)?;
    let variable = v.text(VARIABLE.name)?;
    let grown =
        config.environment_bytes as usize + super::hold::variable(v, variable).len() + PASSWORD_LENGTH;
    if grown > ENVIRONMENT_LIMIT {
        return Err(Need::Refuse(format!(
            "the variables of {} would be {grown} bytes with the new password beside the old one, of which Lambda takes \
             {ENVIRONMENT_LIMIT}: keep the password in a secret",
            function.shown()
        )));
    }
    let alias = publish::choose(v, &function)?;
    if let Some(alias) = &alias {
        publish::shippable(v, alias, &config, None, std::slice::from_ref(variable))?;
    }
    let served = alias.as_ref().map_or("$LATEST".into(), |a| a.shown().to_string());
    done.evidence.push(format!(
        "{} has {}, {} of {ENVIRONMENT_LIMIT} bytes of variables are used; callers use {served}",
        function.shown(),
        variable.shown(),
        config.environment_bytes
    ));
    Ok(alias.map(|a| a.text().clone()))
}
