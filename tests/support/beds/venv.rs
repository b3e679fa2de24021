//! The Python virtual environment with moto and ministack. It is made once for a set of requirements and a
//! Python; a half-made one is recognised by its missing seal and made again; two test processes at a time
//! are kept apart by a lock file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The `bin` directory of the environment, which is made on the first call on a machine.
///
/// The error is one sentence for whoever runs the tests.
pub fn bin() -> Result<PathBuf, String> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    MADE.get_or_init(|| {
        provisioned().map_err(|why| {
            format!(
                "the test servers could not be provisioned: {why}; they need Python 3 and a package index \
                 (BARTIZAN_TESTBEDS=off leaves them out)"
            )
        })
    })
    .clone()
}

fn provisioned() -> Result<PathBuf, String> {
    let home = super::home()?;
    let place = home.join("venv");
    let lock =
        File::create(home.join("venv.lock")).map_err(|e| format!("no lock file could be made: {e}"))?;
    lock.lock().map_err(|e| format!("the lock file could not be locked: {e}"))?;
    if !is_sealed(&place) {
        make(&place)?;
    }
    Ok(place.join("bin"))
}

/// What the seal of a finished environment says: what is in it, and which Python it stands on. An upgrade of
/// Python leaves an environment that still starts and has no packages.
fn seal(place: &Path) -> Result<String, String> {
    let version = output(
        Command::new(place.join("bin/python"))
            .args(["-c", "import sys; print(sys.version, sys.base_prefix)"]),
    )?;
    Ok(format!("{REQUIREMENTS}\n{}\n{version}", place.display()))
}

fn is_sealed(place: &Path) -> bool {
    let Ok(found) = fs::read_to_string(place.join("sealed")) else { return false };
    seal(place).is_ok_and(|wanted| wanted == found)
}

fn make(place: &Path) -> Result<(), String> {
    if place.exists() {
        fs::remove_dir_all(place).map_err(|e| format!("{} cannot be removed: {e}", place.display()))?;
    }
    let python = ["python3", "python"]
        .into_iter()
        .find(|p| {
            output(Command::new(p).args(["-c", "import sys; assert sys.version_info >= (3, 10)"])).is_ok()
        })
        .ok_or("there is no Python 3.10 or newer on the PATH")?;
    output(Command::new(python).args(["-m", "venv"]).arg(place))?;
    let wanted = place.join("requirements.txt");
    fs::write(&wanted, REQUIREMENTS).map_err(|e| format!("{} cannot be written: {e}", wanted.display()))?;
    output(
        Command::new(place.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r"])
            .arg(&wanted),
    )?;
    let seal = seal(place)?;
    let unsealed = place.join("unsealed");
    fs::write(&unsealed, seal)
        .and_then(|()| fs::rename(&unsealed, place.join("sealed")))
        .map_err(|e| format!("{} cannot be sealed: {e}", place.display()))
}

/// What a command printed; else one sentence with the last line that it complained with.
fn output(command: &mut Command) -> Result<String, String> {
    let name = format!("{:?}", command.get_program());
    let out = command.stdin(Stdio::null()).output().map_err(|e| format!("{name} did not start: {e}"))?;
    if out.status.success() {
        return Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let last = said.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("it said nothing").trim();
    Err(format!("{name} failed ({}): {last}", out.status))
}
