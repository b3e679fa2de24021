//! What only files can meet: crashes between two writes, open permissions, other things in their place, a
//! directory that cannot be written.

use super::sample::{append, claim, here, run, wait};
use crate::journal::head::{Head, line};
use crate::journal::store::{Mended, Opened, Store};
use crate::journal::{Error, Files, LineHash};
use std::fs::{self, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

struct Bed {
    dir: tempfile::TempDir,
}

impl Bed {
    /// A run of three records, closed.
    fn new() -> Self {
        let bed = Self { dir: tempfile::tempdir().unwrap() };
        let Opened { writer, .. } = wait(bed.store().create(&run("r-1"), claim())).unwrap();
        append(&*writer, &[1]);
        append(&*writer, &[2]);
        append(&*writer, &[3]);
        bed
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("state").join(name)
    }

    fn store(&self) -> Files {
        Files::new(&self.path(""), here())
    }

    fn open(&self) -> Result<Opened, Error> {
        wait(self.store().open(&run("r-1"), claim()))
    }

    fn change(&self, name: &str, how: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let path = self.path(name);
        fs::write(&path, how(fs::read(&path).unwrap())).unwrap();
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().permissions().mode() & 0o777
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).unwrap();
    }
}

fn error<T>(result: Result<T, Error>) -> Error {
    result.err().expect("it was not refused")
}

fn without_last_line(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.pop();
    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    bytes.truncate(end);
    bytes
}

#[test]
fn all_is_private() {
    let bed = Bed::new();
    let Opened { writer, .. } = bed.open().unwrap();
    wait(writer.lease("arn:x", claim())).unwrap();
    let mut seen = 0;
    let mut open: Vec<PathBuf> = vec![bed.path("")];
    while let Some(path) = open.pop() {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        seen += 1;
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        }
    }
    assert_eq!(seen, 9, "three directories, heads, run, lease and three locks");
}

#[test]
fn what_others_can_reach_is_refused_with_the_command_that_mends_it() {
    for name in ["", "runs", "leases", "runs/r-1.jsonl", "heads.jsonl", "runs/r-1.lock", "heads.lock"] {
        for mode in [0o750, 0o644, 0o701] {
            let bed = Bed::new();
            let private = bed.mode(name);
            bed.set_mode(name, private | mode);
            let Error::TooOpen { path, mode: told, mend } = error(bed.open()) else { panic!("{name}") };
            assert_eq!((path.as_path(), told), (bed.path(name).as_path(), private | mode));
            assert_eq!(mend, format!("chmod {private:o} {}", path.display()));
            if !name.ends_with(".lock") {
                assert!(matches!(error(wait(bed.store().read(&run("r-1")))), Error::TooOpen { .. }));
            }
            bed.set_mode(name, private);
            bed.open().unwrap();
        }
    }
}

#[test]
fn a_link_or_a_directory_in_the_place_of_a_file_is_refused() {
    for name in ["runs/r-1.jsonl", "heads.jsonl", "runs/r-1.lock"] {
        let bed = Bed::new();
        let path = bed.path(name);
        let away = bed.path("away");
        fs::rename(&path, &away).unwrap();
        symlink(&away, &path).unwrap();
        assert_eq!(error(bed.open()), Error::NotOurs { path: path.clone() });
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        error(bed.open());
    }
    let bed = Bed::new();
    fs::remove_dir_all(bed.path("leases")).unwrap();
    fs::write(bed.path("leases"), "").unwrap();
    assert_eq!(error(bed.open()), Error::NotOurs { path: bed.path("leases") });
}

#[test]
fn a_torn_last_line_is_kept_aside_and_cut() {
    let bed = Bed::new();
    let before = fs::read(bed.path("runs/r-1.jsonl")).unwrap();
    for (number, torn) in [(1, &b"{\"v\":1,\"run\""[..]), (2, &b"\0\0\0"[..])] {
        bed.change("runs/r-1.jsonl", |bytes| [&bytes, torn].concat());
        let report = wait(bed.store().verify()).unwrap();
        assert_eq!((report.is_sound(), report.torn), (true, vec![(run("r-1"), torn.len())]));
        let opened = bed.open().unwrap();
        let kept = bed.path(&format!("runs/r-1.torn-{number}"));
        let told = Mended::Torn { bytes: torn.len(), kept: kept.display().to_string() };
        assert_eq!(opened.mended, [told]);
        assert_eq!(fs::read(kept).unwrap(), torn);
        assert_eq!(fs::read(bed.path("runs/r-1.jsonl")).unwrap(), before);
        assert_eq!(opened.records.len(), 3);
    }
    append(&*bed.open().unwrap().writer, &[4]);
    assert_eq!(wait(bed.store().verify()).unwrap().records, 4);
}

#[test]
fn a_head_that_was_not_noted_is_noted() {
    for torn in [false, true] {
        let bed = Bed::new();
        bed.change("heads.jsonl", |bytes| {
            let mut less = without_last_line(bytes.clone());
            if torn {
                less.extend_from_slice(&bytes[less.len()..bytes.len() - 1]);
            }
            less
        });
        assert_eq!(wait(bed.store().verify()).unwrap().behind, [(run("r-1"), 1)]);
        assert_eq!(bed.open().unwrap().mended, [Mended::Head { records: 1 }]);
        assert!(bed.open().unwrap().mended.is_empty());
        let report = wait(bed.store().verify()).unwrap();
        assert_eq!((report.is_sound(), report.behind.len(), report.records), (true, 0, 3));
    }
}

#[test]
fn every_flipped_bit_of_the_files_is_found_by_verify() {
    let bed = Bed { dir: tempfile::tempdir().unwrap() };
    let Opened { writer, .. } = wait(bed.store().create(&run("r-1"), claim())).unwrap();
    append(&*writer, &[1]);
    append(&*writer, &[2]);
    drop(writer);
    let store = bed.store();
    wait(async {
        for name in ["runs/r-1.jsonl", "heads.jsonl"] {
            let good = fs::read(bed.path(name)).unwrap();
            let file = fs::OpenOptions::new().write(true).open(bed.path(name)).unwrap();
            for bit in 0..good.len() * 8 {
                let flipped = good[bit / 8] ^ 1 << (bit % 8);
                file.write_all_at(&[flipped], (bit / 8) as u64).unwrap();
                let report = store.verify().await.unwrap();
                // a last head without its newline is one that was being written: said, and noted again
                let torn = name == "heads.jsonl" && bit / 8 == good.len() - 1 && report.behind.len() == 1;
                assert!(!report.is_sound() || torn, "bit {bit} of {name} was not found");
                file.write_all_at(&good[bit / 8..=bit / 8], (bit / 8) as u64).unwrap();
            }
        }
        assert!(store.verify().await.unwrap().is_sound());
    });
}

#[test]
fn a_lost_record_a_lost_run_and_lost_heads_are_found_and_nothing_is_written() {
    type Case = (&'static str, fn(&Bed));
    let cases: [Case; 5] = [
        ("run r-1, line 3: 3 records were written and 2 are there", |bed| {
            bed.change("runs/r-1.jsonl", without_last_line);
        }),
        ("run r-1, line 1: 3 records were written and 0 are there", |bed| {
            fs::remove_file(bed.path("runs/r-1.jsonl")).unwrap();
        }),
        ("run r-1, line 1: no head was noted for this run", |bed| {
            fs::remove_file(bed.path("heads.jsonl")).unwrap();
        }),
        ("the heads, line 5: it cannot be read (not JSON, byte 2)", |bed| {
            bed.change("heads.jsonl", |b| [&b[..], b"{x}\n"].concat());
        }),
        ("run r-1, line 2: it does not follow from the line before; one of the two was changed", |bed| {
            bed.change("runs/r-1.jsonl", |b| {
                String::from_utf8(b).unwrap().replacen("intent", "intend", 1).into_bytes()
            });
            bed.change("heads.jsonl", |b| {
                let lines: Vec<&[u8]> = b.split_inclusive(|b| *b == b'\n').collect();
                lines[3].to_vec()
            });
        }),
    ];
    for (says, damage) in cases {
        let bed = Bed::new();
        damage(&bed);
        let before = contents(&bed.path(""));
        let Error::Damaged(found) = error(bed.open()) else { panic!("{says}: not found") };
        assert_eq!(found.to_string(), says);
        let report = wait(bed.store().verify()).unwrap();
        assert_eq!(report.damage.first().map(ToString::to_string).as_deref(), Some(says));
        let reading = wait(bed.store().read(&run("r-1"))).unwrap();
        assert_eq!(reading.sound().err().map(ToString::to_string).as_deref(), Some(says));
        error(wait(bed.store().create(&run("r-1"), claim())));
        assert_eq!(contents(&bed.path("")), before, "{says}: something was written");
    }
}

/// A line of the heads that nobody can read may have been of any run that has no head after it, and of no other.
#[test]
fn damage_in_the_heads_stops_the_runs_that_it_may_touch_and_no_other() {
    let bed = Bed::new();
    bed.change("heads.jsonl", |b| [&b[..], b"{x}\n"].concat());
    let refused = error(bed.open());
    assert!(refused.to_string().contains("other runs and new ones go on"), "{refused}");

    let (store, new) = (bed.store(), run("r-2"));
    let begun = wait(store.create(&new, claim())).unwrap();
    append(&*begun.writer, &[1]);
    wait(begun.writer.close()).unwrap();
    append(&*wait(store.open(&new, claim())).unwrap().writer, &[2]);
    let report = wait(store.verify()).unwrap();
    assert_eq!((report.damage.len(), report.stopped.as_slice()), (1, &[run("r-1")][..]));
    assert!(wait(store.read(&new)).unwrap().sound().is_ok());
    assert!(wait(store.read(&run("r-1"))).unwrap().sound().is_err());
    let heads = fs::read_to_string(bed.path("heads.jsonl")).unwrap();
    assert!(heads.contains("{x}\n"), "nothing was repaired");

    // A run that was noted after the damage is verified up to its last head, and a cut of it is found.
    let path = "runs/r-2.jsonl";
    bed.change(path, without_last_line);
    let Error::Damaged(found) = error(wait(store.open(&new, claim()))) else { panic!("not found") };
    assert_eq!(found.to_string(), "run r-2, line 2: 2 records were written and 1 are there");
}

/// The bytes of every file but the locks.
fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else if !path.to_string_lossy().ends_with("lock") && fs::metadata(&path).unwrap().len() > 0 {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_crash_between_head_and_file_leaves_a_run_that_can_be_begun() {
    let bed = Bed::new();
    let name = run("r-2");
    drop(wait(bed.store().create(&name, claim())).unwrap());
    fs::remove_file(bed.path("runs/r-2.jsonl")).unwrap();
    assert_eq!(wait(bed.store().runs()).unwrap(), [run("r-1")]);
    assert!(wait(bed.store().verify()).unwrap().is_sound());
    assert_eq!(error(wait(bed.store().open(&name, claim()))), Error::Missing(name.clone()));
    let opened = wait(bed.store().create(&name, claim())).unwrap();
    append(&*opened.writer, &[1]);
    assert_eq!(wait(bed.store().verify()).unwrap().records, 4);
}

#[test]
fn reading_needs_no_writing() {
    let bed = Bed::new();
    let Opened { writer, .. } = bed.open().unwrap();
    wait(writer.lease("arn:x", claim())).unwrap();
    drop(writer);
    // modes do not hold root back, so what is compared is that nothing there was touched
    let times = |dir: PathBuf| {
        let stamp = |p: &Path| fs::metadata(p).unwrap().modified().unwrap();
        let mut all: Vec<_> =
            fs::read_dir(&dir).unwrap().map(|e| e.unwrap().path()).map(|p| (stamp(&p), p)).collect();
        all.push((stamp(&dir), dir));
        all.sort();
        all
    };
    let before = (times(bed.path("")), times(bed.path("runs")), times(bed.path("leases")));
    for name in ["runs/r-1.jsonl", "heads.jsonl", "runs/r-1.lock", "heads.lock", "leases/lock"] {
        bed.set_mode(name, 0o400);
    }
    let store = bed.store();
    assert_eq!(wait(store.runs()).unwrap(), [run("r-1")]);
    assert_eq!(wait(store.read(&run("r-1"))).unwrap().sound().unwrap().len(), 3);
    assert_eq!(wait(store.holder(&run("r-1"))).unwrap(), None);
    assert_eq!(wait(store.leases()).unwrap().len(), 1);
    assert!(wait(store.verify()).unwrap().is_sound());
    assert_eq!((times(bed.path("")), times(bed.path("runs")), times(bed.path("leases"))), before);
}

#[test]
fn a_lease_that_cannot_be_read_counts_as_held() {
    let bed = Bed::new();
    let Opened { writer, .. } = bed.open().unwrap();
    wait(writer.lease("arn:x", claim())).unwrap();
    let file: Vec<PathBuf> = fs::read_dir(bed.path("leases")).unwrap().map(|e| e.unwrap().path()).collect();
    let file = file.into_iter().find(|p| p.extension().is_some()).unwrap();
    let good = fs::read_to_string(&file).unwrap();
    for bad in ["", "{}", &good.replace("arn:x", "arn:y"), &good.replace("\"v\":1", "\"v\":2")] {
        fs::write(&file, bad).unwrap();
        assert_eq!(error(wait(writer.lease("arn:x", claim()))), Error::BadLease { path: file.clone() });
        assert_eq!(error(wait(writer.release("arn:x"))), Error::BadLease { path: file.clone() });
        assert_eq!(error(wait(bed.store().leases())), Error::BadLease { path: file.clone() });
    }
    fs::write(&file, good).unwrap();
    assert!(wait(writer.release("arn:x")).unwrap());
}

#[test]
fn the_log_of_heads_stays_short() {
    let bed = Bed { dir: tempfile::tempdir().unwrap() };
    let name = run("r-1");
    let Opened { writer, .. } = wait(bed.store().create(&name, claim())).unwrap();
    for n in 0..40u64 {
        append(&*writer, &(n * 256..(n + 1) * 256).collect::<Vec<u64>>());
    }
    wait(writer.close()).unwrap();
    // as if each record had been appended alone
    let mut log = line(&name, Head::EMPTY).unwrap();
    let bytes = fs::read(bed.path("runs/r-1.jsonl")).unwrap();
    for (record, count) in bytes.split_inclusive(|b| *b == b'\n').zip(1..) {
        log.extend(line(&name, Head { count, hash: LineHash::of(record) }).unwrap());
    }
    assert!(log.len() > 1024 * 1024);
    fs::write(bed.path("heads.jsonl"), log).unwrap();
    let Opened { writer, records, .. } = wait(bed.store().open(&name, claim())).unwrap();
    assert_eq!(records.len(), 40 * 256);
    append(&*writer, &[1]);
    assert!(fs::metadata(bed.path("heads.jsonl")).unwrap().len() < 1000);
    append(&*writer, &[2]);
    drop(writer);
    let report = wait(bed.store().verify()).unwrap();
    assert_eq!((report.is_sound(), report.records), (true, 40 * 256 + 2));
}
