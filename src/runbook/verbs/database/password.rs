//! `database.password`: the new master password to RDS, from where it is at home. Forward only: whoever knows the old one
//! must not get in again. RDS applies it in the background.

use super::{CLUSTER, HELD, INSTANCE, STAGED, available, cluster_name, name, new_home, slot};
use crate::estate::change::rds::{Act as RdsAct, is_acceptable_length};
use crate::estate::{Act, Arn, Change, Made, MaterialSource, Place, Untrusted};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal, Question};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::environment::settled;
use crate::runbook::verbs::key::fetch;
use crate::runbook::verbs::secret::is_current;
use crate::runbook::verbs::with;
use crate::runbook::view::View;
use crate::runbook::words::instant;

/// Changes the master password.
pub struct Password;

impl Verb for Password {
    fn name(&self) -> &'static str {
        "database.password"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Changes the master password of a database (of its cluster, where it has one) to the one that an earlier step put \
         into its durable home; the instance's name must be typed. Never with ApplyImmediately. Cannot be undone."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] =
            &[INSTANCE, CLUSTER, with::needed("user", ValueType::Text, "the master user"), STAGED, HELD];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        if v.done.is_empty() {
            return Err(propose(v)?);
        }
        let said = format!(
            "RDS has taken the new password of {} at {} and applies it in the background",
            v.text("user")?.shown(),
            instant(v.now)
        );
        Ok(Done { evidence: with::done(v, said), outputs: [("at".to_owned(), Value::Time(v.now))].into() })
    }

    /// The password stays; but while its only copy is in its staging place, nothing before may be undone.
    fn undo(&self, v: &View<'_>, change: &Change, _: &[Made]) -> Result<Done, Need> {
        let home = new_home(v)?;
        let handed_over = match &home.source {
            MaterialSource::Secret { secret, version } => is_current(v, &Arn::new(secret.wire()), version)?,
            MaterialSource::Environment { function, .. } => {
                let held = match &home.place {
                    Place::Field(pointer) => pointer.wire().trim_start_matches('/').to_owned(),
                    Place::Whole => String::new(),
                };
                !settled(v, function)?.variables.iter().any(|n| n.wire() == held)
            }
            MaterialSource::ApiKey { .. } => true,
        };
        if !handed_over {
            // A refusal would be passed over, for there is no inverse, and the staging place undone next.
            let Some(words) = v.attested else { return Err(Need::Person(only_copy(v, change))) };
            let said = format!("left so, because: {}", Untrusted::from(words).shown());
            return Ok(Done { evidence: vec![said], ..Done::default() });
        }
        let said =
            "the password stays: the old one may be known to others, so it goes forward only".to_owned();
        Ok(Done { evidence: vec![said], ..Done::default() })
    }
}

/// Nothing takes the only copy of a password away that a database takes, but a person who knows better.
fn only_copy(v: &View<'_>, change: &Change) -> Question {
    Question {
        text: format!(
            "{} takes the new password only, and the application does not have it yet: its one copy is where this run \
             staged it, under bartizan-{} (a label of the secret, or the end of a variable's name). Give it to the \
             application by hand first, or leave this here and start the runbook anew, which makes another one. Only if \
             that copy may be lost: say why",
            change.resource().shown(),
            v.run
        ),
        words: true,
        ..Question::default()
    }
}

fn propose(v: &View<'_>) -> Result<Need, Need> {
    let found = available(v)?;
    if !v.planning {
        fetch(v, new_home(v)?, &slot())?;
        let bytes = v.shape(&slot(), &Place::Whole)?.map_err(|e| Need::Refuse(e.to_string()))?.bytes;
        if !is_acceptable_length(bytes) {
            return Err(Need::Refuse(format!(
                "what is staged has {bytes} characters, and RDS takes 8 to 41: somebody changed it since"
            )));
        }
    }
    let act = RdsAct::ChangePassword {
        instance: name(v)?,
        cluster: cluster_name(v),
        user: v.text("user")?.clone(),
        password: slot(),
    };
    let mut breaks = vec![
        "from when RDS applies it (seconds to minutes) until the application has the new one, it can open no new \
         connection"
            .to_owned(),
        "everything else that signs in as this user is refused too: people, reports, replication tools".to_owned(),
    ];
    if !found.pending.others.is_empty() {
        let names: Vec<String> = found.pending.others.iter().map(|n| n.shown().to_string()).collect();
        breaks.push(format!(
            "ApplyImmediately is not sent: {} goes on waiting for the maintenance window",
            names.join(", ")
        ));
    }
    let leaves = vec![
        "sessions that are open: whoever is in stays in until they end, or the database reboots".to_owned(),
        "other accounts of the database, and what was made there: look from inside".to_owned(),
    ];
    let changes = vec![Change { at: v.at.clone(), act: Act::Rds(act) }];
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}
