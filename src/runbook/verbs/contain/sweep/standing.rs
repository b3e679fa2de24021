//! What of the lists is a way to come back: what was made or changed since, each a finding; what has no date or is older
//! and lets strangers in, said beside them for a person's eye. And what has become of each finding: of no use, or gone.

use super::super::role::principals;
use super::events::named;
use super::finding::{Finding, Findings, Kind, State};
use super::lists::{Details, Lists, OfUser, is_denied, there};
use crate::estate::{Arn, EventRule, Instance, Region, RoleDetail, Timestamp, Untrusted};
use crate::runbook::words::{counted, instant};

/// So many names of a list are said.
const SHOWN: usize = 12;

/// Everything that was made or changed since `from`.
pub(super) fn take(found: &mut Findings, lists: &Lists, details: &Details, from: Timestamp) {
    let since = |at: Option<Timestamp>| at.filter(|at| *at >= from);
    if let Ok(who) = &lists.who {
        for u in who.users.iter().filter(|u| since(u.created).is_some()) {
            let words = format!("the user {} was made", u.name.shown());
            found.shows(Finding::listed(Kind::User, u.name.text().clone(), words, u.created));
        }
        let made = |r: &&RoleDetail| {
            // What a service has made for itself nobody else can take.
            since(r.created).is_some() && !r.path.wire().starts_with("/aws-service-role/")
        };
        for r in who.roles.iter().filter(made) {
            let trusted = r.trust.as_ref().map_or_else(Vec::new, |t| principals(t.wire()));
            let trusts = if trusted.is_empty() { "nobody that is known".into() } else { some(trusted) };
            let words = format!("the role {}, which trusts {trusts}, was made", r.name.shown());
            found.shows(Finding::listed(Kind::Role, r.name.text().clone(), words, r.created));
        }
        for p in &who.policies {
            if let Some(at) = since(p.updated.max(p.created)) {
                let words = format!("the policy {} was written", p.name.shown());
                found.shows(Finding::listed(Kind::Policy, p.name.text().clone(), words, Some(at)));
            }
        }
    }
    for user in &details.users {
        of_user(found, user, from);
    }
    for (region, answer) in &lists.functions {
        for f in answer.iter().flatten().filter(|f| since(f.modified).is_some()) {
            let words = format!("the function {} was made or changed", f.name.shown());
            let finding = Finding::listed(Kind::Function, f.name.text().clone(), words, f.modified);
            found.shows(there(region, finding));
        }
    }
    for (region, answer) in &details.urls {
        for u in answer.iter().flatten() {
            if let Some(at) = since(u.modified.max(u.created)) {
                let name = named(Kind::Url, u.function.text());
                let open = if u.url.auth.wire() == "NONE" { " that anybody may call" } else { "" };
                let words = format!("a URL{open} of the function {} was made or changed", name.shown());
                found.shows(there(region, Finding::listed(Kind::Url, name, words, Some(at))));
            }
        }
    }
    for (region, answer) in &lists.layers {
        for l in answer.iter().flatten().filter(|l| since(l.published).is_some()) {
            let words = format!("the layer {} was published", l.name.shown());
            found.shows(there(region, Finding::listed(Kind::Layer, l.name.clone(), words, l.published)));
        }
    }
    for (region, answer) in &lists.instances {
        let own = |i: &&Instance| !i.is_gone() && i.group.is_none() && since(i.launched).is_some();
        for i in answer.iter().flatten().filter(own) {
            let mut finding = Finding::listed(Kind::Instance, i.id.clone(), instance(i), i.launched);
            if matches!(i.state.wire(), "stopping" | "stopped") {
                finding.state = State::Contained("it is stopped".into());
            }
            found.shows(there(region, finding));
        }
    }
    for p in details.providers.iter().filter(|p| since(p.created).is_some()) {
        let words = format!("the identity provider {} was made", p.arn.shown());
        found.shows(Finding::listed(Kind::Provider, named(Kind::Provider, p.arn.text()), words, p.created));
    }
    for (region, trail, status) in &details.trails {
        let Ok(Some(status)) = status else { continue };
        if let Some(at) = since(status.stopped).filter(|_| !status.logging) {
            let words = format!("the trail {} was told to stop", trail.name.shown());
            let finding = Finding::listed(Kind::Trail, trail.name.clone(), words, Some(at));
            found.shows(there(region, finding));
        }
    }
    // The command that disables a rule wants its Region, which events that were found by a key do not tell apart.
    for f in found.0.iter_mut().filter(|f| f.kind == Kind::Rule && f.region.is_none()) {
        let of = |(region, answer): &(Region, Result<Vec<EventRule>, _>)| {
            answer.iter().flatten().any(|r| r.name == f.name).then(|| region.clone())
        };
        f.region = lists.rules.iter().find_map(of);
    }
    found.settle();
}

fn instance(i: &Instance) -> String {
    let key = i.key.as_ref().map_or_else(String::new, |k| format!(", key pair {}", k.shown()));
    let profile = i.profile.as_ref().map_or_else(String::new, |p| format!(", profile {}", p.shown()));
    format!("the instance {} ({}{key}{profile}) was started", i.id.shown(), i.kind.shown())
}

fn of_user(found: &mut Findings, user: &OfUser, from: Timestamp) {
    let name = user.name.text();
    let touched = found
        .0
        .iter()
        .any(|f| f.is_open() && matches!(f.kind, Kind::User | Kind::Password) && f.name == *name);
    let of = |finding: Finding| Finding { user: Some(name.clone()), ..finding };
    for key in user.keys.iter().flatten() {
        let new = key.created.is_some_and(|at| at >= from);
        if !(new || touched && key.active) {
            continue;
        }
        let words = if new {
            format!("the access key {} of the user {} was made", key.id.shown(), name.shown())
        } else {
            format!(
                "a user that was made or changed, {}, has the active key {}, made",
                name.shown(),
                key.id.shown()
            )
        };
        found.shows(of(Finding::listed(Kind::Key, key.id.text().clone(), words, key.created)));
    }
    if let Ok(Some(login)) = &user.login
        && login.created.is_some_and(|at| at >= from)
    {
        let words = format!("a console password of the user {} was made", name.shown());
        found.shows(of(Finding::listed(Kind::Password, name.clone(), words, login.created)));
    }
    for device in user.devices.iter().flatten().filter(|d| d.enabled.is_some_and(|at| at >= from)) {
        let words =
            format!("the MFA device {} of the user {} was enabled", device.serial.shown(), name.shown());
        found.shows(of(Finding::listed(Kind::Device, name.clone(), words, device.enabled)));
    }
}

/// What has become of each finding that is still open.
pub(super) fn judge(found: &mut Findings, lists: &Lists, details: &Details) {
    for f in found.0.iter_mut().filter(|f| f.state == State::Open && !f.name.is_empty()) {
        if let Some(state) = become_of(f, lists, details) {
            f.state = state;
        }
    }
}

fn become_of(f: &Finding, lists: &Lists, details: &Details) -> Option<State> {
    let name = f.name.wire();
    let denied =
        |who: &str| State::Contained(format!("everything is denied to {}", Untrusted::from(who).shown()));
    match f.kind {
        Kind::User => {
            let who = lists.who.as_ref().ok()?;
            match who.users.iter().find(|u| u.name.wire() == name) {
                None => Some(State::Gone),
                Some(u) => is_denied(&u.arn, &u.attached).then(|| denied(name)),
            }
        }
        Kind::Key | Kind::Password | Kind::Device => {
            let user = f.user.as_ref()?;
            lists.who.as_ref().ok()?;
            let Some(detail) = lists.user(user.wire()) else { return Some(State::Gone) };
            if is_denied(&detail.arn, &detail.attached) {
                return Some(denied(user.wire()));
            }
            let asked = details.users.iter().find(|u| u.name.text() == user)?;
            match f.kind {
                Kind::Key => match asked.keys.as_ref().ok()?.iter().find(|k| k.id.wire() == name) {
                    None => Some(State::Gone),
                    Some(key) if !key.active => Some(State::Contained("it is inactive".into())),
                    Some(_) => None,
                },
                Kind::Password => asked.login.as_ref().ok()?.is_none().then_some(State::Gone),
                _ => None,
            }
        }
        Kind::Role => {
            let who = lists.who.as_ref().ok()?;
            match who.roles.iter().find(|r| r.name.wire() == name) {
                None => Some(State::Gone),
                Some(r) => is_denied(&r.arn, &r.attached).then(|| denied(name)),
            }
        }
        Kind::Policy => {
            let who = lists.who.as_ref().ok()?;
            (!who.policies.iter().any(|p| p.name.wire() == name)).then_some(State::Gone)
        }
        Kind::Function => {
            let there =
                lists.functions.iter().any(|(_, a)| a.iter().flatten().any(|f| f.name.wire() == name));
            (Lists::whole(&lists.functions) && !there).then_some(State::Gone)
        }
        Kind::Url => {
            let whole = Lists::whole(&lists.functions) && Lists::whole(&details.urls);
            let of = |u: &crate::estate::ListedUrl| named(Kind::Url, u.function.text()) == f.name;
            let there = details.urls.iter().any(|(_, a)| a.iter().flatten().any(of));
            (whole && !there).then_some(State::Gone)
        }
        Kind::Layer => {
            let there = lists.layers.iter().any(|(_, a)| a.iter().flatten().any(|l| l.name.wire() == name));
            (Lists::whole(&lists.layers) && !there).then_some(State::Gone)
        }
        Kind::Trail => {
            // Only what was stopped is as before when it writes again; other settings are for a person to compare.
            let only_stopped = f.deeds.iter().all(|d| d.said.starts_with("StopLogging "));
            let writes = details.trails.iter().any(|(_, t, status)| {
                let same = t.name == f.name || t.arn.text() == &f.name;
                same && matches!(status, Ok(Some(status)) if status.logging)
            });
            (only_stopped && writes).then(|| State::Contained("it writes again".into()))
        }
        Kind::Rule => {
            let mut same =
                lists.rules.iter().flat_map(|(_, a)| a.iter().flatten()).filter(|r| r.name == f.name);
            match same.next() {
                None => Lists::whole(&lists.rules).then_some(State::Gone),
                Some(first) => {
                    let disabled = first.is_disabled() && same.all(EventRule::is_disabled);
                    disabled.then(|| State::Contained("it is disabled".into()))
                }
            }
        }
        Kind::Provider | Kind::Instance | Kind::Other => None,
    }
}

/// What is older or has no date, and is for a person to know or not.
pub(super) fn beside(lists: &Lists, details: &Details, from: Timestamp) -> Vec<String> {
    let mut said = Vec::new();
    let older = |at: Option<Timestamp>| at.is_none_or(|at| at < from);
    if let Ok(who) = &lists.who {
        let strangers = who.roles.iter().filter(|r| older(r.created)).filter_map(|r| {
            let all = strangers(r);
            (!all.is_empty()).then(|| format!("{} (trusts {})", r.name.shown(), all.join(", ")))
        });
        push(&mut said, "older trust in others than this account", "role", strangers.collect());
    }
    let urls = details.urls.iter().flat_map(|(region, a)| a.iter().flatten().map(move |u| (region, u)));
    let open = urls.filter(|(_, u)| u.url.auth.wire() == "NONE" && older(u.modified.max(u.created)));
    let open = open.map(|(region, u)| format!("{} in {region}", named(Kind::Url, u.function.text()).shown()));
    push(&mut said, "older URLs that anybody may call", "function", open.collect());
    let scaled = lists.instances.iter().flat_map(|(region, a)| a.iter().flatten().map(move |i| (region, i)));
    let scaled = scaled.filter(|(_, i)| !i.is_gone() && !older(i.launched));
    let scaled: Vec<String> = scaled
        .filter_map(|(region, i)| {
            let group = i.group.as_ref()?;
            Some(format!("{} in {region} (of the group {})", i.id.shown(), group.shown()))
        })
        .collect();
    push(&mut said, "started since by Auto Scaling", "instance", scaled);
    let rules =
        details.targets.iter().filter(|(_, rule, _)| !rule.is_disabled()).map(|(region, rule, targets)| {
            let when =
                rule.schedule.as_ref().map_or_else(|| "by events".to_owned(), |s| s.shown().to_string());
            let mut to: Vec<String> = targets.iter().flatten().map(|t| t.arn.shown().to_string()).collect();
            if to.is_empty() {
                to.push(if targets.is_ok() { "nothing".to_owned() } else { "? not readable".to_owned() });
            }
            format!("{} in {region} ({when}, to {})", rule.name.shown(), to.join(", "))
        });
    let undated = "rules of EventBridge that stand; when they were made is not known, but for those of which CloudTrail tells above";
    push(&mut said, undated, "rule", rules.collect());
    if Lists::whole(&lists.trails) && details.trails.is_empty() {
        said.push(
            "LOOK AT: there is no trail: of what happens only CloudTrail's own history is left, 90 days of it"
                .into(),
        );
    }
    for (region, trail, status) in &details.trails {
        if let Ok(Some(status)) = status
            && !status.logging
            && older(status.stopped)
        {
            let since = status
                .stopped
                .map_or_else(|| "it was never told to".into(), |at| format!("since {}", instant(at)));
            said.push(format!(
                "LOOK AT: the trail {} in {region} writes nothing, {since}",
                trail.name.shown()
            ));
        }
    }
    said
}

fn push(said: &mut Vec<String>, what: &str, thing: &str, names: Vec<String>) {
    if !names.is_empty() {
        said.push(format!("LOOK AT: {what} ({}): {}", counted(names.len(), thing), some(names)));
    }
}

/// Whom a role trusts that is neither of its own account nor a service or a provider.
fn strangers(role: &RoleDetail) -> Vec<String> {
    let own = role.arn.account().unwrap_or_default();
    let trusted = role.trust.as_ref().map_or_else(Vec::new, |t| principals(t.wire()));
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let strange = |who: &String| {
        let arn = Arn::new(who.as_str());
        let account = arn.account().filter(|a| is_account(a)).or_else(|| is_account(who).then_some(who));
        who == "*" || account.is_some_and(|a| a != own)
    };
    trusted.into_iter().filter(strange).collect()
}

/// The first of many.
fn some(names: Vec<String>) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let mut said: Vec<String> = names.into_iter().take(SHOWN).collect();
    if more > 0 {
        said.push(format!("and {more} more"));
    }
    said.join(", ")
}
