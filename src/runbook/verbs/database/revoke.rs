//! `database.revoke`: cuts the ways into a database's port that are extra. It stops who comes next, and nobody who is
//! connected: a tracked connection goes on (EC2 user guide, "Security group connection tracking").

use super::{GROUPS, INSTANCE, KEEP, PORT, extra, groups, name, port, said};
use crate::estate::change::ec2::Act as Ec2Act;
use crate::estate::{Act, Change, Ingress, SecurityGroup};
use crate::runbook::definition::StepKind;
use crate::runbook::need::{Done, Need, Proposal};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::key::again;
use crate::runbook::verbs::with::list;
use crate::runbook::view::View;

/// Cuts ways in.
pub struct Revoke;

impl Verb for Revoke {
    fn name(&self) -> &'static str {
        "database.revoke"
    }

    fn kind(&self) -> StepKind {
        StepKind::Change
    }

    fn doc(&self) -> &'static str {
        "Takes the rules out of a database's security groups that let anybody but the application in to its port; the \
         group's id, or the database's name, must be typed. An undo adds the same rules again."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[INSTANCE, PORT, GROUPS, KEEP];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "at", kind: ValueType::Time }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let (port, keep) = (port(v), list(v, KEEP.name));
        let (mut open, mut late, mut stay) = (Vec::new(), Vec::new(), Vec::new());
        for group in groups(v)? {
            let (cut, left): (Vec<_>, Vec<_>) =
                extra(&group, port, keep).into_iter().partition(|rule| was_cut(v, &group, rule));
            late.extend(cut);
            stay.extend(
                group.ingress.iter().filter(|r| r.opens(port)).filter(|r| !left.contains(r)).cloned(),
            );
            if !left.is_empty() {
                open.push((group, left));
            }
        }
        // A plan's world does not change.
        if !open.is_empty() && (!v.planning || v.done.is_empty()) {
            return Err(proposal(v, &open, &stay)?);
        }
        if !late.is_empty() && !v.planning {
            return Err(again(2, format!("still shown although they were cut: {}", said(&late))));
        }
        let mut evidence: Vec<String> =
            v.done.iter().map(|c| format!("done: {}", c.change.sentence())).collect();
        if evidence.is_empty() {
            evidence.push("nobody but what stays is let in: nothing was changed".to_owned());
        }
        evidence.push(match stay.as_slice() {
            [] => "nobody is let in to its port any more".to_owned(),
            [_, ..] => format!("stays: {}", said(&stay)),
        });
        Ok(Done {
            evidence: if v.planning { Vec::new() } else { evidence },
            outputs: [("at".to_owned(), Value::Time(v.now))].into(),
        })
    }
}

/// Whether this step has cut a rule.
fn was_cut(v: &View<'_>, group: &SecurityGroup, rule: &Ingress) -> bool {
    v.done.iter().any(|c| match &c.change.act {
        Act::Ec2(Ec2Act::Cut { group: of, rules, .. }) => {
            *of == group.id && rules.iter().any(|r| r.is_same(rule))
        }
        Act::Ec2(Ec2Act::Admit { .. })
        | Act::SecretsManager(_)
        | Act::Lambda(_)
        | Act::ApiGateway(_)
        | Act::Iam(_)
        | Act::Sqs(_)
        | Act::Rds(_)
        | Act::Messages(_) => false,
    })
}

fn proposal(v: &View<'_>, open: &[(SecurityGroup, Vec<Ingress>)], stay: &[Ingress]) -> Result<Need, Need> {
    let instance = name(v)?;
    let change = |(group, rules): &(SecurityGroup, Vec<Ingress>)| Change {
        at: v.at.clone(),
        act: Act::Ec2(Ec2Act::Cut {
            instance: instance.clone(),
            group: group.id.clone(),
            rules: rules.clone(),
        }),
    };
    let mut breaks = vec![
        "whoever connects by these rules cannot connect any more, the rightful ones too".to_owned(),
        "a security group may be on other things as well: these are cut off in the same way".to_owned(),
    ];
    if stay.is_empty() {
        breaks.push("NOBODY is let in then, the application neither: name its group in `keep`".to_owned());
    }
    let mut leaves = vec![
        "connections that are open: they are tracked and go on until they end or the database reboots"
            .to_owned(),
    ];
    if !stay.is_empty() {
        leaves.push(format!("these ways in: {}", said(stay)));
    }
    let changes = open.iter().map(change).collect();
    Ok(Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None })))
}
