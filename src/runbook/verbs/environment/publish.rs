//! What an alias serves: publishing $LATEST and moving the alias ships whatever else is in $LATEST, so it is
//! refused unless that is the alias's version but for the one variable. Source: Lambda developer guide,
//! "Create an alias for a Lambda function", "Lambda SnapStart", "Configuring provisioned concurrency".

use super::{function, settled, usable};
use crate::estate::ask::lambda::{
    GetFunctionConfiguration, GetProvisionedConcurrencyConfig, ListAliases, ListVersionsByFunction,
};
use crate::estate::change::lambda::Act as LambdaAct;
use crate::estate::{
    Act, Alias, AliasName, Change, FunctionConfig, FunctionName, FunctionVersion, MaterialSource, Receipt,
    Slot, Untrusted,
};
use crate::runbook::need::{Fact, Need, Proposal, Question, Want};
use crate::runbook::verbs::key::{again, is_stand_in, made, one, text};
use crate::runbook::verbs::near;
use crate::runbook::view::{View, refusal};

/// What the input `alias` says where callers use none.
pub const NO_ALIAS: &str = "none";

/// The alias that callers use, as the parameter says; `none` is none.
pub fn named(v: &View<'_>) -> Option<AliasName> {
    text(v, "alias").filter(|a| a.wire() != NO_ALIAS && !is_stand_in(a)).map(|a| AliasName::new(a.wire()))
}

/// The aliases of a function.
///
/// # Errors
/// As [`View::must`].
pub fn aliases(v: &View<'_>, function: &FunctionName) -> Result<Vec<Alias>, Need> {
    Ok(v.must(ListAliases { function: function.clone() })?.concat())
}

/// The alias that callers use: as said, else the only one that points at a published version.
///
/// # Errors
/// `Person`, if there are several; `Refuse`, if the one that was said is not there.
pub fn choose(v: &View<'_>, function: &FunctionName) -> Result<Option<AliasName>, Need> {
    let there = aliases(v, function)?;
    let said = text(v, "alias").filter(|a| !is_stand_in(a));
    if let Some(said) = said {
        if said.wire() == NO_ALIAS {
            return Ok(None);
        }
        return match there.iter().find(|a| a.name.text() == said) {
            Some(alias) => Ok(Some(alias.name.clone())),
            None => Err(Need::Refuse(format!(
                "{} has no alias {}{}",
                function.shown(),
                said.shown(),
                near::hint(said, there.iter().map(|a| a.name.wire()), "`alias=none` uses none")
            ))),
        };
    }
    let published: Vec<&Alias> = there.iter().filter(|a| a.version.wire() != "$LATEST").collect();
    match published.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.name.clone())),
        [_, ..] if v.planning => Ok(None),
        several => Err(Need::Person(Question {
            text: format!(
                "{} has several aliases. Which one do the callers use? `{NO_ALIAS}` leaves all as they are, \
                 and $LATEST only gets the new key.",
                function.shown()
            ),
            evidence: several
                .iter()
                .map(|a| format!("{} points at version {}", a.name.shown(), a.version.shown()))
                .collect(),
            words: false,
            accepts: vec!["alias".into()],
            choices: several.iter().map(|a| a.name.wire().to_owned()).chain([NO_ALIAS.to_owned()]).collect(),
        })),
    }
}

/// The alias, if publishing $LATEST and moving it there would ship nothing but the variables named `but`;
/// `None` if it points at $LATEST, so that nothing has to be shipped. Values are compared in `latest`, the
/// slot with the environment of $LATEST; without it (in planning) names only.
///
/// # Errors
/// `Refuse`, with what else would be shipped.
pub fn shippable(
    v: &View<'_>,
    alias: &AliasName,
    latest: &FunctionConfig,
    environment: Option<&Slot>,
    but: &[Untrusted],
) -> Result<Option<Alias>, Need> {
    let function = &latest.name;
    let Some(alias) = aliases(v, function)?.into_iter().find(|a| a.name == *alias) else {
        return Err(Need::Refuse(format!("the alias {} of {} is gone", alias.shown(), function.shown())));
    };
    if alias.weighted {
        return Err(Need::Refuse(format!(
            "the alias {} of {} splits its traffic between two versions: a deployment (CodeDeploy) or a trial \
             is under way; finish it first",
            alias.name.shown(),
            function.shown()
        )));
    }
    if alias.version.wire() == "$LATEST" {
        return Ok(None);
    }
    let version = Some(alias.version.clone());
    let served = one(v, GetFunctionConfiguration { function: function.clone(), version: version.clone() })?;
    usable(&served)?;
    let mut differs = configured_otherwise(latest, &served, but);
    if let (Some(slot), true) = (environment, differs.is_empty()) {
        let other = Slot::new("key.served");
        let source = MaterialSource::Environment { function: function.clone(), version };
        v.load(&source, &other)?.map_err(refusal)?;
        if !same_but(v, slot, &other, but)? {
            differs.push("the values of other variables");
        }
    }
    if differs.is_empty() {
        return Ok(Some(alias));
    }
    Err(Need::Refuse(format!(
        "$LATEST of {} is not what {} serves (version {}): {} differ, and publishing would ship that too; \
         deploy what is in $LATEST first, or put it back",
        function.shown(),
        alias.name.shown(),
        alias.version.shown(),
        differs.join(", ")
    )))
}

fn configured_otherwise(
    latest: &FunctionConfig,
    served: &FunctionConfig,
    but: &[Untrusted],
) -> Vec<&'static str> {
    let names = |c: &FunctionConfig| -> Vec<Untrusted> {
        c.variables.iter().filter(|n| !but.contains(n)).cloned().collect()
    };
    let compared = [
        ("the code", latest.code_sha256 == served.code_sha256),
        ("the layers", latest.layers == served.layers),
        ("the handler", latest.handler == served.handler),
        ("the role", latest.role == served.role),
        ("the time-out", latest.timeout_s == served.timeout_s),
        ("the key of the variables", latest.kms_key == served.kms_key),
        ("the names of the variables", names(latest) == names(served)),
    ];
    compared.into_iter().filter(|(_, same)| !same).map(|(what, _)| what).collect()
}

fn same_but(v: &View<'_>, a: &Slot, b: &Slot, but: &[Untrusted]) -> Result<bool, Need> {
    let want = Want::SameBut { a: a.clone(), b: b.clone(), fields: but.to_vec() };
    match v.facts.get(&want) {
        Some(Fact::Same(Ok(same))) => Ok(*same),
        Some(Fact::Same(Err(fault))) => {
            Err(Need::Refuse(format!("the variables cannot be compared: {fault}")))
        }
        Some(_) | None => Err(Need::Know(vec![want])),
    }
}

/// Publishes what was edited and points the alias at it, one consent after the other; the version that
/// serves then, and what there is to say.
///
/// # Errors
/// What it needs first; `Refuse` where it must not be shipped.
pub fn ship(v: &View<'_>, environment: &Slot) -> Result<Option<(FunctionVersion, Vec<String>)>, Need> {
    let Some(name) = named(v) else { return Ok(None) };
    let function = function(v)?;
    let variable = [v.text("variable")?.clone()];
    let published = match made(v, |a| matches!(a, Act::Lambda(LambdaAct::Publish { .. }))) {
        Some(published) => version_of(published)?,
        None => {
            let latest = settled(v, &function)?;
            let loaded = (!v.planning).then_some(environment);
            if !v.planning {
                let source = MaterialSource::Environment { function: function.clone(), version: None };
                v.load(&source, environment)?.map_err(refusal)?;
            }
            if shippable(v, &name, &latest, loaded, &variable)?.is_none() {
                return Ok(None);
            }
            return Err(publish(v, &latest, &name));
        }
    };
    if made(v, |a| matches!(a, Act::Lambda(LambdaAct::MoveAlias { .. }))).is_none() {
        if !v.planning {
            runs(v, &function, &published)?;
        }
        return Err(point(v, &function, &name, &published)?);
    }
    if !v.planning {
        serves(v, &function, &name, &published)?;
    }
    let said = format!("version {}, alias {}", published.shown(), name.shown());
    Ok(Some((published, vec![said])))
}

fn version_of(published: &crate::runbook::view::ChangeMade) -> Result<FunctionVersion, Need> {
    let version = published.made.iter().find_map(|m| match &m.receipt {
        Receipt::Published(version) => Some(version.clone()),
        _ => None,
    });
    version.ok_or_else(|| Need::Refuse("the published version is not known".into()))
}

fn publish(v: &View<'_>, latest: &FunctionConfig, alias: &AliasName) -> Need {
    let mut breaks = Vec::new();
    if latest.snap_start {
        breaks.push("SnapStart takes a snapshot of the new version first: some minutes".to_owned());
    }
    let act = LambdaAct::Publish {
        function: latest.name.clone(),
        revision: latest.revision.clone(),
        code_sha256: latest.code_sha256.clone(),
        description: described(v).into(),
    };
    let leaves = vec![format!("the alias {} serves the version before until it is moved", alias.shown())];
    let changes = vec![Change { at: v.at.clone(), act: Act::Lambda(act) }];
    Need::Consent(Box::new(Proposal { changes, breaks, leaves, differs: None }))
}

/// The description by which a version is known as that of this step: a run may publish two.
fn described(v: &View<'_>) -> String {
    let second = v.done.iter().any(|c| match &c.change.act {
        Act::Lambda(LambdaAct::EditEnvironment { edit, .. }) => {
            edit.ops.iter().any(|op| matches!(op, crate::estate::EditOp::Remove { .. }))
        }
        _ => false,
    });
    if second { format!("{} without the old key", v.run.label()) } else { v.run.label() }
}

/// Waits until a version can be invoked.
fn runs(v: &View<'_>, function: &FunctionName, version: &FunctionVersion) -> Result<(), Need> {
    let config =
        one(v, GetFunctionConfiguration { function: function.clone(), version: Some(version.clone()) })?;
    let what = format!("version {} of {}", version.shown(), function.shown());
    match config.state.wire() {
        "Pending" if config.snap_start => Err(again(15, format!("SnapStart prepares {what}"))),
        "Pending" => Err(again(3, format!("{what} is being made"))),
        "Failed" => Err(Need::Refuse(format!("{what} cannot run (state Failed); the alias was not moved"))),
        // Inactive versions start with their next invocation.
        _ => Ok(()),
    }
}

fn point(
    v: &View<'_>,
    function: &FunctionName,
    name: &AliasName,
    to: &FunctionVersion,
) -> Result<Need, Need> {
    let there = aliases(v, function)?.into_iter().find(|a| a.name == *name);
    let Some(alias) = there else {
        return Err(Need::Refuse(format!("the alias {} of {} is gone", name.shown(), function.shown())));
    };
    if alias.weighted {
        return Err(Need::Refuse(format!(
            "the alias {} splits its traffic between two versions now: somebody deploys; finish that first",
            name.shown()
        )));
    }
    if !v.planning {
        still_the_same(v, function, &alias, to)?;
    }
    let act = LambdaAct::MoveAlias {
        function: function.clone(),
        alias: name.clone(),
        from: alias.version,
        to: to.clone(),
        revision: Some(alias.revision),
    };
    let changes = vec![Change { at: v.at.clone(), act: Act::Lambda(act) }];
    Ok(Need::Consent(Box::new(Proposal { changes, ..Proposal::default() })))
}

/// Refuses where somebody deployed since the version was published: moving the alias would take that back.
fn still_the_same(
    v: &View<'_>,
    function: &FunctionName,
    alias: &Alias,
    to: &FunctionVersion,
) -> Result<(), Need> {
    let of = |version: &FunctionVersion| {
        one(v, GetFunctionConfiguration { function: function.clone(), version: Some(version.clone()) })
    };
    let differs = configured_otherwise(&of(to)?, &of(&alias.version)?, &[v.text("variable")?.clone()]);
    if differs.is_empty() {
        return Ok(());
    }
    Err(Need::Refuse(format!(
        "alias {} of {} serves version {} now, and version {} was published by this run from before: {} differ, so \
         somebody deployed in between, and moving the alias would take that back; undo this run and start anew",
        alias.name.shown(),
        function.shown(),
        alias.version.shown(),
        to.shown(),
        differs.join(", ")
    )))
}

/// Waits until the alias serves the version, its provisioned concurrency included.
fn serves(
    v: &View<'_>,
    function: &FunctionName,
    name: &AliasName,
    version: &FunctionVersion,
) -> Result<(), Need> {
    let there = aliases(v, function)?.into_iter().find(|a| a.name == *name);
    let what = format!("alias {} of {}", name.shown(), function.shown());
    match there {
        Some(alias) if alias.version == *version => {}
        Some(_) | None => return Err(again(2, format!("{what} does not show its new version yet"))),
    }
    let provisioned =
        one(v, GetProvisionedConcurrencyConfig { function: function.clone(), alias: name.clone() })?;
    match provisioned.as_ref().map(|p| (p, p.status.wire())) {
        Some((p, "IN_PROGRESS")) => Err(again(
            15,
            format!("{what}: {} of {} provisioned instances are ready", p.available, p.requested),
        )),
        Some((_, "FAILED")) => Err(Need::Refuse(format!(
            "{what}: its provisioned concurrency failed; callers get cold starts, the new version serves"
        ))),
        Some(_) | None => Ok(()),
    }
}

/// Versions before `newest` that still hold what it no longer does, by the aliases that serve them: sentences.
///
/// # Errors
/// As [`View::must`].
pub fn old_ones(
    v: &View<'_>,
    function: &FunctionName,
    newest: Option<&FunctionVersion>,
) -> Result<Vec<String>, Need> {
    let number = |version: &FunctionVersion| version.wire().parse::<u64>().ok();
    let newest = newest.and_then(number);
    let older = |version: &FunctionVersion| match (number(version), newest) {
        (Some(n), Some(newest)) => n < newest,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let versions = v.must(ListVersionsByFunction { function: function.clone() })?.concat();
    let left = versions.iter().filter(|c| older(&c.version)).count();
    let mut said = Vec::new();
    if left > 0 {
        said.push(format!(
            "{left} older published versions of {} keep the variables they were published with, and whoever \
             may invoke them by number still can",
            function.shown()
        ));
    }
    for alias in aliases(v, function)?.iter().filter(|a| older(&a.version)) {
        said.push(format!(
            "alias {} still serves version {}, with the variables of then",
            alias.name.shown(),
            alias.version.shown()
        ));
    }
    Ok(said)
}

/// Published versions that keep the old key, by their numbers, with what stops that: whoever has the key and may invoke
/// one, or is let to it by an alias, still gets in.
///
/// # Errors
/// As [`View::must`].
pub fn still_holding(
    v: &View<'_>,
    function: &FunctionName,
    newest: Option<&FunctionVersion>,
) -> Result<Option<String>, Need> {
    let versions = v.must(ListVersionsByFunction { function: function.clone() })?.concat();
    let old = versions.iter().filter(|c| c.version.wire() != "$LATEST" && Some(&c.version) != newest);
    let names: Vec<String> = old.map(|c| c.version.shown().to_string()).collect();
    Ok((!names.is_empty()).then(|| {
        format!(
            "OPEN: the versions {} keep the old key and can still be invoked: point no alias at them, and delete those that \
             nobody needs (`aws lambda delete-function --function-name {} --qualifier VERSION`)",
            names.join(", "),
            crate::runbook::shell::quote(function.wire())
        )
    }))
}
