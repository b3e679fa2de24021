//! The binary: parses arguments, picks a front end, exits with its code.

mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(wire::main(std::env::args_os().collect()))
}
