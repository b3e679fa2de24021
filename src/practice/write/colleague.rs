//! A colleague who works on the same things at the same time, without asking anybody.

use super::{iam, secretsmanager};
use crate::estate::Call;
use crate::estate::change::{
    iam as iam_call, lambda as lambda_call, secretsmanager as secret_call, sqs as sqs_call,
};
use crate::estate::names::{Arn, DbInstanceName, FunctionName, QueueUrl, UserName};
use crate::practice::consume;
use crate::practice::genesis::values;
use crate::practice::squatter;
use crate::practice::world::function::Variables;
use crate::practice::world::text::Text;
use crate::practice::world::{Due, World, json};
use zeroize::Zeroizing;

/// What a colleague does.
#[derive(Clone, Debug)]
pub enum Colleague {
    /// `PutSecretValue` without a label: a new current version, with another value in its last field.
    PutsSecretValue(Arn),
    /// Sets the variable `LOG_LEVEL` of a function.
    UpdatesEnvironment(FunctionName),
    /// Makes another access key for a user, if there is room for one.
    MakesAccessKey(UserName),
    /// Deploys a function (or the consumer of the queue of this name) without its mistakes: what failed by them
    /// succeeds from now on, and its errors end.
    Deploys(FunctionName),
    /// Breaks it again: whatever only passes by has not passed.
    Breaks(FunctionName),
    /// Receives up to ten messages of a queue and keeps them for a minute.
    Receives(QueueUrl),
    /// Ends every session in a database but the application's, from inside, where somebody practises on that.
    EndsSessions(DbInstanceName),
    /// Applies what waits for a database's maintenance window, with `ApplyImmediately`.
    AppliesImmediately(DbInstanceName),
}

/// Does it; false if the thing is not there, or there is no room.
pub(in crate::practice) fn act(world: &mut World, what: &Colleague) -> bool {
    match what {
        Colleague::PutsSecretValue(secret) => puts(world, secret.wire()).is_some(),
        Colleague::UpdatesEnvironment(function) => updates(world, function.wire()).is_some(),
        Colleague::MakesAccessKey(user) => makes(world, user.wire()).is_some(),
        Colleague::Deploys(consumer) => consume::deploy(world, consumer.wire()),
        Colleague::Breaks(consumer) => consume::break_down(world, consumer.wire()),
        Colleague::Receives(queue) => receives(world, queue).is_some(),
        Colleague::EndsSessions(database) => squatter::thrown_out(world, database.wire()),
        Colleague::AppliesImmediately(database) => {
            let place = world.database(database.wire());
            place.and_then(|d| world.databases.get_mut(d)).map(|d| d.waits.clear()).is_some()
        }
    }
}

/// Does what is most in the way of `call`, if anything is.
pub(super) fn interfere(world: &mut World, call: &Call) -> bool {
    let what = match call {
        // nobody's new value is in the way of a tag
        Call::SecretsManager(
            secret_call::Call::TagResource { .. } | secret_call::Call::UntagResource { .. },
        ) => {
            return false;
        }
        Call::SecretsManager(c) => Colleague::PutsSecretValue(secretsmanager::secret_of(c).clone()),
        Call::Lambda(
            lambda_call::Call::UpdateFunctionConfiguration { function, .. }
            | lambda_call::Call::PublishVersion { function, .. },
        ) => Colleague::UpdatesEnvironment(function.clone()),
        Call::Iam(iam_call::Call::CreateAccessKey { user, .. }) => Colleague::MakesAccessKey(user.clone()),
        Call::Sqs(sqs_call::Call::ReceiveMessage { queue, .. }) => Colleague::Receives(queue.clone()),
        Call::Lambda(lambda_call::Call::UpdateAlias { .. } | lambda_call::Call::Invoke { .. })
        | Call::Lambda(lambda_call::Call::InvokeMessage { .. } | lambda_call::Call::Contain(_))
        | Call::Iam(
            iam_call::Call::UpdateAccessKey { .. }
            | iam_call::Call::DeleteAccessKey { .. }
            | iam_call::Call::Contain(_),
        )
        | Call::Sqs(
            sqs_call::Call::SendMessageBatch { .. }
            | sqs_call::Call::DeleteMessageBatch { .. }
            | sqs_call::Call::ChangeMessageVisibilityBatch { .. }
            | sqs_call::Call::StartMessageMoveTask { .. }
            | sqs_call::Call::CancelMessageMoveTask { .. }
            | sqs_call::Call::PurgeQueue { .. },
        )
        | Call::Rds(_)
        | Call::Ec2(_)
        | Call::ApiGateway(_) => return false,
    };
    act(world, &what)
}

fn puts(world: &mut World, id: &str) -> Option<()> {
    let place = world.secret(id)?;
    let (seed, now) = (world.seed, world.now);
    world.made += 1;
    let value = values::fill(seed, &format!("<<colleague {}:32>>", world.made), "");
    world.known.learn(&value);
    let secret = world.secrets.get_mut(place).filter(|s| !s.gone && !s.binary)?;
    let current = secret.current()?;
    let opaque = current.text.is_opaque();
    let text = std::str::from_utf8(current.text.bytes()).ok()?;
    let last = json::strings(text).and_then(|s| s.into_iter().rfind(|s| !s.is_name));
    let text = match last {
        Some(s) => format!("{}\"{value}\"{}", text.get(..s.from)?, text.get(s.to..)?),
        None => value,
    };
    let text = Text::written(Zeroizing::new(text.into_bytes()), opaque, &mut world.known)?;
    secret.replace(now, text);
    Some(())
}

fn updates(world: &mut World, name: &str) -> Option<()> {
    let place = world.function(name)?;
    let now = world.now;
    let f = world.functions.get_mut(place)?;
    if f.update.is_some() || f.latest.unreadable.is_some() {
        return None;
    }
    let mut variables: Variables = f.latest.variables.clone();
    let level = if f.rng.draw().is_multiple_of(2) { "debug" } else { "trace" };
    variables.insert("LOG_LEVEL".into(), Text::ours(level));
    let through = now + f.rng.between(3, 9);
    f.configure(variables, now, through);
    world.plan(through, Due::Through(place));
    Some(())
}

fn makes(world: &mut World, name: &str) -> Option<()> {
    let now = world.now;
    let user = world.users.iter_mut().find(|u| u.name == name).filter(|u| u.keys.len() < 2)?;
    iam::add(user, now);
    Some(())
}

fn receives(world: &mut World, url: &QueueUrl) -> Option<()> {
    let (at, q) = (world.now, world.queue(url.name().wire())?);
    let queue = world.queues.get_mut(q)?;
    queue.wake(at);
    let mut last = None;
    for _ in 0..10 {
        let Some(spot) = queue.next(last) else { break };
        queue.give(at, spot, at + 60);
        last = Some(spot);
    }
    consume::settle(world, at, q);
    last.map(drop)
}
