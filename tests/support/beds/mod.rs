//! Test beds: AWS-compatible servers on free loopback ports, provisioned once below target/ and ended with
//! the test process, however that ends. It knows nothing of questions and answers.
//!
//! `BARTIZAN_TESTBEDS=off` leaves out what needs them; `BARTIZAN_FAKECLOUD=PATH` names the fakecloud binary.

mod hold;
mod server;
mod venv;

pub use server::{Bed, Server};

/// Whether the servers are left out of this run, by the wish of whoever runs it.
pub fn left_out() -> bool {
    std::env::var_os("BARTIZAN_TESTBEDS").is_some_and(|v| v == "off")
}

/// Where everything that is provisioned lives: below target/, whatever target directory is in use.
fn home() -> Result<std::path::PathBuf, String> {
    let tmp = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let home = tmp.parent().unwrap_or(tmp).join("testbeds");
    std::fs::create_dir_all(&home).map_err(|e| format!("{} cannot be made: {e}", home.display()))?;
    Ok(home)
}
