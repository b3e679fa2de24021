//! What commands do on a full disk: the watch works, what must be kept is refused, and an answer that cannot be
//! written is told.

use super::world::World;

/// The program where no file can get a byte, as on a full disk; what it prints goes through a pipe and is no file.
fn on_a_full_disk(world: &World, words: &[&str]) -> (i32, String, String) {
    let command = world.command(&[]);
    let program = command.get_program().to_owned();
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]).arg(program).args(words).env_clear();
    shell.envs(command.get_envs().filter_map(|(n, v)| Some((n, v?))));
    let done = shell.stdin(std::process::Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap_or(-1), text(done.stdout), text(done.stderr))
}

#[test]
fn on_a_full_disk_the_watch_works_and_what_must_be_kept_is_refused() {
    let world = World::new();
    let (code, out, err) = on_a_full_disk(&world, &["practice", "--", "status"]);
    assert_eq!(code, 0, "{err}");
    assert!(!err.contains("File too large"), "it keeps nothing: {err}");
    assert!(out.contains("NEEDS YOU"), "{out}");
    let start =
        ["runbook", "start", "secret-update", "--set", "secret=shop/mail-provider", "--set", "new=generated"];
    let words = [&["practice", "--keep", "full", "--"][..], &start[..], &["--confirm-all"]].concat();
    let (code, out, err) = on_a_full_disk(&world, &words);
    assert!(code != 0 && code != 101, "{code} {err}");
    assert!(err.contains("File too large"), "{err}");
    assert_eq!(out, "", "no run was begun");
}

#[test]
fn an_answer_that_cannot_be_written_is_told() {
    let world = World::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let done =
        world.command(&["practice", "--", "alarms", "list", "-o", "json"]).stdout(full).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    let err = String::from_utf8(done.stderr).unwrap();
    assert!(err.contains("cannot be written to stdout: No space left on device"), "{err}");
}
