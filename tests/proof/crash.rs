//! A process that dies at every point where a record or a call happens, and one that comes after it: the estate is
//! that of a run that nobody disturbed. Here the engine is dropped at the point; `killed` does it to processes.

use crate::bed::{Bed, End, Fuse, SCRIPTS, Script};
use crate::face::{neutral, nowhere, raw, secrets};
use bartizan::engine::runs::Live;
use bartizan::estate::RunId;
use bartizan::journal::{Here, Memory, RunName};
use bartizan::runbook::run::Run;
use bartizan::runbook::{Halt, RunState};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub fn memory() -> Memory {
    Memory::new(Here { host: "bastion".into(), pid: std::process::id() })
}

/// What an undisturbed run does.
pub struct Undisturbed {
    pub before: Vec<String>,
    pub after: Vec<String>,
    pub points: usize,
}

pub async fn undisturbed(script: &Script) -> Undisturbed {
    let bed = Bed::of(script, Arc::new(memory()), Fuse::never()).await;
    let before = raw(&bed, script.system).await;
    let mut live = bed.start(script).await.unwrap();
    let halt = bed.go(&mut live).await;
    assert_eq!(halt, Halt::Over(RunState::Done), "{}", script.name);
    let after = neutral(&before, &raw(&bed, script.system).await, &live.run().id);
    assert_ne!(after, before);
    Undisturbed { before, after, points: bed.fuse.passed.load(Ordering::SeqCst) }
}

/// That the run is what its journal says, is verified, and has left the estate as one that nobody disturbed.
pub async fn as_undisturbed(bed: &Bed, live: &Live, script: &Script, whole: &Undisturbed, what: &str) {
    let id = live.run().id.clone();
    let now = raw(bed, script.system).await;
    assert_eq!(neutral(&whole.before, &now, &id), whole.after, "{} {what}", script.name);
    adds_up(bed, live, whole, &now, what).await;
}

/// That the run is what its journal says, that it is verified, and that no secret is in either.
pub async fn adds_up(bed: &Bed, live: &Live, whole: &Undisturbed, now: &[String], what: &str) {
    let id = live.run().id.clone();
    let events = bed.runs().events(&id).await.unwrap();
    let folded = Run::fold(events.iter().map(|(s, e)| (s.clone(), e))).unwrap();
    assert_eq!(folded, *live.run(), "the journal adds up to the run");
    assert!(bed.store.verify().await.unwrap().is_sound(), "{what}: the journal does not verify");
    let mut told = format!("{:?}{events:?}{:?}", live.run(), live.vault());
    told.push_str(&serde_json::to_string(&events.iter().map(|(_, e)| e).collect::<Vec<_>>()).unwrap());
    let mut all = secrets(now);
    all.extend(secrets(&whole.before));
    nowhere(&all, &told, "the run or its journal");
}

async fn start_and_go(bed: &Bed, script: &Script) -> Halt {
    let mut live = bed.start(script).await.unwrap();
    bed.go(&mut live).await
}

async fn resume_and_go(bed: &Bed, id: &RunId) -> Halt {
    let mut live = bed.resume(id).await;
    bed.go(&mut live).await
}

/// What is on the disk when a process is gone.
pub fn left(memory: &Memory, id: &RunId) -> Memory {
    let name: RunName = id.as_str().parse().unwrap();
    let next = self::memory();
    next.left(&name, memory.bytes(&name));
    next
}

/// Dies at the `first` point, and the process after it at the `second` one; `false` if it got to its end before.
async fn dies(script: &Script, whole: &Undisturbed, first: i64, second: i64) -> bool {
    let store = memory();
    let bed = Bed::of(script, Arc::new(store.clone()), Fuse::at(first, End::Stops)).await;
    if bed.until_blown(start_and_go(&bed, script)).await.is_some() {
        return false;
    }
    let Some(id) = bed.only_run().await else {
        // Nothing was begun, and so nothing was changed.
        assert_eq!(raw(&bed, script.system).await, whole.before);
        return true;
    };
    let (mut bed, mut store) = (bed, store);
    if second >= 0 {
        let after = left(&store, &id);
        bed = bed.next(Arc::new(after.clone()), Fuse::at(second, End::Stops));
        let ended = bed.until_blown(resume_and_go(&bed, &id)).await;
        store = after;
        if ended.is_some() {
            return false;
        }
    }
    let bed = bed.next(Arc::new(left(&store, &id)), Fuse::never());
    let mut live = bed.resume(&id).await;
    let halt = bed.go(&mut live).await;
    let what = format!("died at {first} and {second}");
    assert_eq!(halt, Halt::Over(RunState::Done), "{} {what}", script.name);
    as_undisturbed(&bed, &live, script, whole, &what).await;
    for once in ["apigateway:CreateApiKey", "rds:RebootDBInstance", "rds:CreateDBSnapshot"] {
        let times = bed.wire.made.lock().unwrap().1.get(once).copied().unwrap_or(0);
        assert!(times <= 1, "{} {what}: {once} was made {times} times", script.name);
    }
    true
}

/// At least so many deaths for each store.
const LEAST: usize = 300;

async fn everywhere(name: &str) {
    let script = Script::named(name);
    let whole = undisturbed(script).await;
    let mut deaths = 0;
    for first in 0.. {
        if !dies(script, &whole, first, -1).await {
            assert_eq!(first, i64::try_from(whole.points).unwrap(), "every point was tried");
            break;
        }
        deaths += 1;
    }
    // And again while coming back, evenly over the run, until there are enough.
    let points = i64::try_from(whole.points).unwrap();
    let mut nth: i64 = 0;
    while deaths < LEAST {
        let (first, second) = (nth * 37 % points, nth * 11 % 60);
        deaths += usize::from(dies(script, &whole, first, second).await);
        nth += 1;
        assert!(nth < 2_000, "{deaths} deaths");
    }
    println!("{name}: {points} points, {deaths} deaths");
    assert!(deaths >= LEAST && SCRIPTS.len() == 13);
}

#[tokio::test]
async fn secret() {
    everywhere("secret").await;
}

#[tokio::test]
async fn lambda_env() {
    everywhere("lambda-env").await;
}

#[tokio::test]
async fn api_gateway() {
    everywhere("api-gateway").await;
}

#[tokio::test]
async fn iam_user() {
    everywhere("iam-user").await;
}

#[tokio::test]
async fn api_gateway_and_lambda_env() {
    everywhere("both").await;
}

#[tokio::test]
async fn iam_key_compromised() {
    everywhere("iam-key-compromised").await;
}

#[tokio::test]
async fn iam_user_compromised() {
    everywhere("iam-user-compromised").await;
}

#[tokio::test]
async fn function_isolated() {
    everywhere("function-isolated").await;
}

#[tokio::test]
async fn cost_overrun() {
    everywhere("cost-overrun").await;
}

#[tokio::test]
async fn api_key_compromised() {
    everywhere("api-key-compromised").await;
}

#[tokio::test]
async fn role_sessions_revoked() {
    everywhere("role-sessions-revoked").await;
}

#[tokio::test]
async fn database_breach() {
    everywhere("database-breach").await;
}

#[tokio::test]
async fn secret_update() {
    everywhere("secret-update").await;
}
