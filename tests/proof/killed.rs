//! Real processes that die: this test program runs itself, the child takes the run as far as it gets and is killed,
//! by itself at a counted point or by its parent at some moment, and the parent goes on with what is on the disk.
//! The estate outlives the child: it is kept after every write, before the answer is told. Whatever the
//! child said, and everything on the disk, is searched for secrets.

use crate::bed::{Bed, End, Fuse, SCRIPTS, Script, base};
use crate::crash::{Undisturbed, as_undisturbed, undisturbed};
use crate::face::{nowhere, raw, secrets};
use bartizan::estate::{Clock, Timestamp};
use bartizan::journal::Files;
use bartizan::runbook::{Halt, RunState};
use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

const DIR: &str = "PROOF_DIR";
const SCRIPT: &str = "PROOF_SCRIPT";
const KILL: &str = "PROOF_KILL";

/// Writes so that a process that dies leaves the old bytes or the new ones.
pub fn keep(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    let new = dir.join(format!("{name}.new"));
    std::fs::write(&new, bytes)
        .and_then(|()| std::fs::rename(&new, dir.join(name)))
        .map_err(|e| e.to_string())
}

async fn bed_in(dir: &Path, system: &str, fuse: Arc<Fuse>) -> Bed {
    let estate = match std::fs::read(dir.join("estate.json")) {
        Ok(bytes) => bytes,
        Err(_) => base(system).to_vec(),
    };
    let then: Option<Timestamp> =
        std::fs::read_to_string(dir.join("clock")).ok().and_then(|text| text.parse().ok());
    let store = Arc::new(Files::new(&dir.join("state"), Files::here()));
    let bed = Bed::restored(&estate, then, store, fuse).await;
    let kept = dir.to_owned();
    bed.practice.keep_by(move |bytes| keep(&kept, "estate.json", bytes));
    bed
}

/// The child. Without its variables it has nothing to do.
#[tokio::test]
#[ignore = "the other tests of this file run it as a process of its own"]
async fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let dir = Path::new(&dir);
    let script = Script::named(&std::env::var(SCRIPT).unwrap());
    let nth: i64 = std::env::var(KILL).unwrap().parse().unwrap();
    let fuse = Fuse::at(nth, if nth < 0 { End::Tell } else { End::Kill });
    let bed = bed_in(dir, script.system, fuse).await;
    let (clock, kept) = (bed.clock.clone(), dir.to_owned());
    let mark = move || keep(&kept, "clock", clock.now().to_string().as_bytes()).unwrap();
    assert!(bed.fuse.mark.set(Box::new(mark)).is_ok());
    let mut live = match bed.only_run().await {
        Some(id) => bed.resume(&id).await,
        None => bed.start(script).await.unwrap(),
    };
    for file in ["/proc/self/cmdline", "/proc/self/environ"] {
        let bytes = std::fs::read(file).unwrap();
        keep(dir, file.rsplit('/').next().unwrap(), &bytes).unwrap();
    }
    loop {
        let halt = live.go(None).await.unwrap();
        if !bed.answer(&mut live, &halt).await {
            println!("{halt:?}");
            break;
        }
        println!("{halt:?} {:?} {:?}", live.run(), live.vault());
    }
}

fn process(script: &Script, dir: &Path, kill: i64) -> Child {
    let kill = kill.to_string();
    spawn("killed::child", [(DIR, dir.as_os_str()), (SCRIPT, script.name.as_ref()), (KILL, kill.as_ref())])
}

/// This program once more, as one ignored test of it that does the work of a child.
pub fn spawn(test: &str, told: [(&str, &OsStr); 3]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env_clear()
        .envs(told)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads what a child says; kills it when it has told of `moment` points. Points are told with single dots.
pub fn ends(mut process: Child, moment: Option<usize>) -> (ExitStatus, String) {
    let mut errors = process.stderr.take().unwrap();
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        errors.read_to_string(&mut text).unwrap();
        text
    });
    let mut out = process.stdout.take().unwrap();
    let (mut said, mut points) = (Vec::new(), 0);
    let mut buffer = [0; 4096];
    loop {
        let n = out.read(&mut buffer).unwrap();
        if n == 0 {
            break;
        }
        said.extend_from_slice(&buffer[..n]);
        points += buffer[..n].iter().filter(|b| **b == b'.').count();
        if moment.is_some_and(|m| points >= m) {
            process.kill().unwrap();
        }
    }
    let status = process.wait().unwrap();
    (status, String::from_utf8(said).unwrap() + &errors.join().unwrap())
}

/// Everything below `dir`, as text.
fn all_files(dir: &Path, into: &mut String) {
    if !dir.exists() {
        return;
    }
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_files(&path, into);
        } else {
            into.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
}

/// A child that is killed, and a process after it; whether it was killed before its end.
async fn killed(script: &Script, whole: &Undisturbed, kill: i64, moment: Option<usize>) -> bool {
    use std::os::unix::process::ExitStatusExt;
    let dir = tempfile::tempdir().unwrap();
    let (status, said) = ends(process(script, dir.path(), kill), moment);
    let dead = status.signal() == Some(9);
    assert!(dead || status.success(), "{said}");
    let bed = bed_in(dir.path(), script.system, Fuse::never()).await;
    let what = format!("killed at {kill} {moment:?}");
    match bed.only_run().await {
        None => {
            assert!(dead);
            assert_eq!(raw(&bed, script.system).await, whole.before);
        }
        Some(id) => {
            let mut live = bed.resume(&id).await;
            let halt = bed.go(&mut live).await;
            assert_eq!(halt, Halt::Over(RunState::Done), "{} {what}", script.name);
            as_undisturbed(&bed, &live, script, whole, &what).await;
            live.close().await.unwrap();
        }
    }
    // Every secret, wherever the child could have left it. The estate's own file has what the estate made up
    // itself; what a person typed and what was generated is nowhere, there neither.
    let mut all = secrets(&raw(&bed, script.system).await);
    all.extend(secrets(&whole.before));
    let mut disk = String::new();
    all_files(&dir.path().join("state"), &mut disk);
    for file in ["cmdline", "environ"] {
        disk.push_str(&String::from_utf8_lossy(&std::fs::read(dir.path().join(file)).unwrap_or_default()));
    }
    nowhere(&all, &said, "what the child said");
    nowhere(&all, &disk, "state, arguments or environment");
    all.retain(|s| !s.starts_with("practice"));
    if !all.is_empty() {
        all_files(dir.path(), &mut disk);
        nowhere(&all, &disk, "a file");
    }
    dead
}

/// So many children of each store die at counted points.
const CHILDREN: usize = 60;

async fn at_points(name: &str) {
    let script = Script::named(name);
    let whole = undisturbed(script).await;
    let mut dead = 0;
    for n in 0..CHILDREN {
        let nth = i64::try_from(whole.points * n / CHILDREN).unwrap();
        dead += usize::from(killed(script, &whole, nth, None).await);
    }
    println!("{name}: {dead} processes killed");
    assert_eq!(dead, CHILDREN);
}

#[tokio::test]
async fn secret() {
    at_points("secret").await;
}

#[tokio::test]
async fn lambda_env() {
    at_points("lambda-env").await;
}

#[tokio::test]
async fn api_gateway() {
    at_points("api-gateway").await;
}

#[tokio::test]
async fn iam_user() {
    at_points("iam-user").await;
}

#[tokio::test]
async fn two_stores() {
    at_points("both").await;
}

#[tokio::test]
async fn iam_key_compromised() {
    at_points("iam-key-compromised").await;
}

#[tokio::test]
async fn role_sessions_revoked() {
    at_points("role-sessions-revoked").await;
}

#[tokio::test]
async fn iam_user_compromised() {
    at_points("iam-user-compromised").await;
}

#[tokio::test]
async fn function_isolated() {
    at_points("function-isolated").await;
}

#[tokio::test]
async fn cost_overrun() {
    at_points("cost-overrun").await;
}

#[tokio::test]
async fn api_key_compromised() {
    at_points("api-key-compromised").await;
}

#[tokio::test]
async fn database_breach() {
    at_points("database-breach").await;
}

#[tokio::test]
async fn secret_update() {
    at_points("secret-update").await;
}

/// The parent kills when it has heard of a point, and the child is anywhere by then.
#[tokio::test]
async fn at_any_moment() {
    let mut state: u64 = 0x5eed;
    let mut dead = 0;
    let mut wholes = Vec::new();
    for script in SCRIPTS {
        wholes.push(undisturbed(script).await);
    }
    for n in 0..usize::MAX {
        let (script, whole) = (&SCRIPTS[n % SCRIPTS.len()], &wholes[n % SCRIPTS.len()]);
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let moment = 1 + usize::try_from(state >> 33).unwrap() % whole.points;
        dead += usize::from(killed(script, whole, -1, Some(moment)).await);
        if dead == 100 {
            return;
        }
        assert!(n < 300, "only {dead} of {n} were killed in time");
    }
}
