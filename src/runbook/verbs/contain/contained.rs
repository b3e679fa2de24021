//! `credential.contained`: the key is inactive, the deny is there, and what is new since the run began is said: only then the
//! word "contained", with its limits. Looks only.

use super::{ALL, ONE, USER, key_command, meant, named as said_keys, user};
use crate::estate::Arn;
use crate::estate::ask::iam::{GetLoginProfile, ListAttachedUserPolicies};
use crate::runbook::definition::StepKind;
use crate::runbook::found::{Found, Kind};
use crate::runbook::need::{Done, Need};
use crate::runbook::value::{Value, ValueType};
use crate::runbook::verb::{Output, Param, Verb};
use crate::runbook::verbs::iam::{keys, said_of};
use crate::runbook::verbs::with::{later, list, needed, optional};
use crate::runbook::view::View;

/// Looks whether it is contained.
pub struct Contained;

impl Verb for Contained {
    fn name(&self) -> &'static str {
        "credential.contained"
    }

    fn kind(&self) -> StepKind {
        StepKind::Verify
    }

    fn doc(&self) -> &'static str {
        "Stops unless the key is inactive and the deny attached; tells keys and a console password that are new since the \
         run began, and what \"contained\" does not cover."
    }

    fn takes(&self) -> &'static [Param] {
        const TAKES: &[Param] = &[
            ONE,
            ALL,
            USER,
            needed("policy", ValueType::Text, "the ARN of the partition's AWSDenyAll"),
            optional("keys", ValueType::List, "the keys that the user had when the run began"),
            optional("password", ValueType::Flag, "it had a console password then"),
            optional("roles", ValueType::List, "roles of which sessions were made with the key"),
        ];
        TAKES
    }

    fn gives(&self) -> &'static [Output] {
        &[Output { name: "findings", kind: ValueType::Findings }]
    }

    fn next(&self, v: &View<'_>) -> Result<Done, Need> {
        let (inactive, user, policy) = (meant(v), user(v)?, Arn::new(v.text("policy")?.wire()));
        if v.planning {
            let what = "whether the key is inactive, the deny attached, and nothing new was made";
            return Ok(Done { evidence: vec![later(what)], ..Done::default() });
        }
        let there = keys(v, &user)?;
        if let Some(key) = there.iter().find(|k| k.active && inactive.contains(&k.id)) {
            return Err(Need::Refuse(format!(
                "NOT CONTAINED: {} is active again: somebody activated it. Find out who, and start anew",
                key.id.shown()
            )));
        }
        let attached = v.must(ListAttachedUserPolicies { user: user.clone() })?.concat();
        if !attached.iter().any(|p| p.arn == policy) {
            return Err(Need::Refuse(format!(
                "NOT CONTAINED: the deny is no longer attached to {}: somebody detached it. Find out who, and start anew",
                user.shown()
            )));
        }
        let keys = match inactive.as_slice() {
            [] => String::new(),
            [one] => format!("{} is inactive, ", one.shown()),
            several => format!("{} are inactive, ", said_keys(several)),
        };
        let mut said = vec![format!(
            "contained: {keys}everything is denied to {}, and nobody was seen to get through",
            user.shown()
        )];
        let known = list(v, "keys");
        let new = there.iter().filter(|k| !inactive.contains(&k.id) && !known.contains(k.id.text()));
        let mut found: Vec<Found> = new
            .map(|k| {
                let command = key_command(&k.id);
                let text = format!(
                    "the user has a key that it had not when this began: {}; `{command}`",
                    said_of(v, k)
                );
                Found::named(Kind::Key, k.id.text().clone(), k.created, text)
            })
            .collect();
        let mut unknown = None;
        match v.pages(GetLoginProfile { user: user.clone() })? {
            Ok(all) => {
                let made = all.into_iter().flatten().next().filter(|_| !v.flag("password"));
                let text = "the user has a console password that it had not when this began: delete it with the user's owner";
                found.extend(
                    made.map(|p| {
                        Found::named(Kind::Password, user.text().clone(), p.created, text.to_owned())
                    }),
                );
            }
            Err(fault) => {
                unknown = Some(format!("whether a console password was made is not known: {fault}"))
            }
        }
        said.extend(found.iter().map(Found::sentence));
        said.extend(unknown);
        said.extend(list(v, "roles").iter().map(|role| {
            let command = super::revoke_command(role.wire());
            format!("OPEN: sessions of the role {} that were made with the key: `{command}`", role.shown())
        }));
        said.push(
            "it covers this user and these keys: not what was read or made with the key (secrets to rotate, resources to find), \
             and not what resource policies allow to others"
                .to_owned(),
        );
        Ok(Done { evidence: said, outputs: [("findings".to_owned(), Value::Findings(found))].into() })
    }
}
