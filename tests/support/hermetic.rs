//! An environment that holds nothing of whoever runs the tests: no credentials, no profiles, no proxies, no
//! endpoints. A process cannot change its own environment safely, so it starts itself again in a clean one.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Set in the process that runs the tests.
const INSIDE: &str = "BARTIZAN_TEST_CLEAN";

/// What the tests need of the environment they were started in; the rest is left behind.
const KEPT: &[&str] = &[
    "PATH",
    "HOME",
    "TMPDIR",
    "USER",
    "LANG",
    "TERM",
    "CI",
    "RUST_BACKTRACE",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "BARTIZAN_TESTBEDS",
    "BARTIZAN_FAKECLOUD",
    // how pip reaches its index
    "PIP_CONFIG_FILE",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PIP_CERT",
    "PIP_FIND_LINKS",
    "PIP_DEFAULT_TIMEOUT",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
];

/// Keys that are no secret (those of the root user for emulators), and files that do not exist.
const GIVEN: &[(&str, &str)] = &[
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_CONFIG_FILE", "/nonexistent/aws-config"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    (INSIDE, "1"),
];

/// A profile file of this process's own, for tests that ask as somebody else. It does not exist until one of
/// them writes it.
pub fn credentials_file() -> PathBuf {
    std::env::var_os("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from).unwrap_or_default()
}

/// Runs `tests` in a clean environment.
pub fn main(tests: impl FnOnce() -> ExitCode) -> ExitCode {
    if std::env::var_os(INSIDE).is_some() {
        return tests();
    }
    let credentials = format!("{}/credentials-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    let again = std::env::current_exe().and_then(|exe| {
        Command::new(exe)
            .args(std::env::args_os().skip(1))
            .env_clear()
            .envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .envs(GIVEN.iter().copied())
            .env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
            .status()
    });
    if let Err(e) = std::fs::remove_file(&credentials)
        && e.kind() != std::io::ErrorKind::NotFound
    {
        eprintln!("{credentials} could not be removed: {e}");
    }
    match again {
        Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
        Err(e) => {
            eprintln!("the tests could not start themselves in a clean environment: {e}");
            ExitCode::FAILURE
        }
    }
}
