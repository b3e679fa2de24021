//! A home of its own for each run of the binary, and an environment that holds nothing of whoever runs the
//! tests: no credentials, no profiles, no metadata service, no configuration.

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A home and what is in the environment beside it.
pub struct World {
    home: tempfile::TempDir,
    more: Vec<(String, String)>,
}

/// How a run ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    pub fn new() -> Self {
        Self::with(&[])
    }

    pub fn with(more: &[(&str, &str)]) -> Self {
        let more = more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Self { home: tempfile::tempdir().unwrap(), more }
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bartizan"));
        command
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home())
            .env("LANG", "C.UTF-8")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/nonexistent/config")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
            .envs(self.more.iter().map(|(n, v)| (n, v)))
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        let done = self.command(words).output().unwrap();
        Ran {
            code: done.status.code().unwrap_or(-1),
            stdout: String::from_utf8(done.stdout).unwrap(),
            stderr: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// Writes the configuration, with a mode.
    pub fn config(&self, text: &str, mode: u32) {
        let dir = self.home().join(".config/bartizan");
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("config.toml");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Makes a directory with a mode.
    pub fn dir(&self, name: &str, mode: u32) -> PathBuf {
        let dir = self.home().join(name);
        std::fs::DirBuilder::new().mode(mode).create(&dir).unwrap();
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(mode)).unwrap();
        dir
    }
}
