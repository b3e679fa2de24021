//! What every store does, over files and in memory alike.

use super::sample::{append, at, body, claim, draft, here, run, wait};
use crate::journal::head::Head;
use crate::journal::store::{MOST_AT_ONCE, Opened, Store};
use crate::journal::{Claim, Draft, Error, Files, Memory, RunName};
use serde_json::Value;

/// Does the same with each store; the second is another process's view of the first.
fn each(check: impl Fn(&dyn Store, &dyn Store)) {
    let memory = Memory::new(here());
    check(&memory, &memory.clone());
    let dir = tempfile::tempdir().unwrap();
    let files = || Files::new(&dir.path().join("state"), here());
    check(&files(), &files());
}

fn bodies(store: &dyn Store, run: &RunName) -> Vec<Value> {
    let reading = wait(store.read(run)).unwrap();
    reading.sound().unwrap().iter().map(|r| r.body().unwrap()).collect()
}

fn refused<T>(result: Result<T, Error>) -> Error {
    result.err().expect("it was not refused")
}

#[test]
fn what_was_appended_is_read_back() {
    each(|store, other| {
        assert_eq!(wait(store.runs()).unwrap(), []);
        assert!(wait(store.verify()).unwrap().is_sound());
        let (a, b) = (run("r-a"), run("r-b"));
        let first = wait(store.create(&a, claim())).unwrap();
        assert!(first.records.is_empty() && first.mended.is_empty());
        assert_eq!(bodies(other, &a), [] as [Value; 0]);
        assert_eq!(append(&*first.writer, &[1]).count, 1);
        assert_eq!(append(&*first.writer, &[2, 3]).count, 3);
        let head = append(&*first.writer, &[]);
        assert_eq!(head.count, 3);
        assert_eq!(bodies(other, &a), [body(1), body(2), body(3)], "while it is written");
        let second = wait(store.create(&b, claim())).unwrap();
        append(&*second.writer, &[9]);
        wait(first.writer.close()).unwrap();
        assert_eq!(wait(other.runs()).unwrap(), [a.clone(), b.clone()]);
        let again = wait(other.open(&a, claim())).unwrap();
        assert_eq!((again.records.head(), again.mended.len()), (head, 0));
        append(&*again.writer, &[4]);
        assert_eq!(bodies(store, &a).len(), 4);
        let report = wait(other.verify()).unwrap();
        assert_eq!((report.records, report.is_sound(), report.heads.len()), (5, true, 2));
        assert!(report.torn.is_empty() && report.behind.is_empty());
    });
}

#[test]
fn a_run_has_one_writer_and_the_second_is_told_who() {
    each(|store, other| {
        let name = run("r-1");
        let since = Claim { at: at(77), by: "ana".to_owned() };
        let Opened { writer, .. } = wait(store.create(&name, since)).unwrap();
        append(&*writer, &[1]);
        let Error::Held { holder, .. } = refused(wait(other.open(&name, claim()))) else {
            panic!("not held")
        };
        assert_eq!((holder.pid, holder.host.as_str()), (4242, "bastion-1"));
        assert_eq!((holder.since, holder.by.as_str()), (at(77), "ana"));
        assert_eq!(wait(other.holder(&name)).unwrap().as_ref(), Some(&*holder));
        assert_eq!(refused(wait(other.create(&name, claim()))), Error::Exists(name.clone()));
        drop(writer);
        assert_eq!(wait(other.holder(&name)).unwrap(), None);
        let opened = wait(other.open(&name, claim())).unwrap();
        wait(opened.writer.close()).unwrap();
        assert_eq!(wait(store.holder(&name)).unwrap(), None, "free as soon as it is closed");
        let closed = refused(wait(opened.writer.append(vec![draft(2)])));
        assert_eq!(closed, Error::Closed(name.clone()));
        wait(opened.writer.close()).unwrap();
        wait(store.open(&name, claim())).unwrap();
    });
}

#[test]
fn there_is_no_run_that_was_not_begun() {
    each(|store, _| {
        let name = run("r-none");
        assert_eq!(refused(wait(store.open(&name, claim()))), Error::Missing(name.clone()));
        assert_eq!(refused(wait(store.read(&name))), Error::Missing(name.clone()));
        assert_eq!(wait(store.holder(&name)).unwrap(), None);
        assert_eq!(wait(store.leases()).unwrap(), []);
        assert_eq!(wait(store.runs()).unwrap(), []);
    });
}

#[test]
fn too_much_is_refused_whole() {
    each(|store, _| {
        let name = run("r-1");
        let Opened { writer, .. } = wait(store.create(&name, claim())).unwrap();
        let one = append(&*writer, &[1]);
        let many = (0..=MOST_AT_ONCE as u64).map(draft).collect();
        assert_eq!(refused(wait(writer.append(many))), Error::TooMany);
        let long = Draft::new(at(0), "ana", &"x".repeat(1024 * 1024)).unwrap();
        let Error::TooLong { bytes } = refused(wait(writer.append(vec![draft(2), long]))) else {
            panic!("not too long")
        };
        assert!(bytes > 1024 * 1024);
        let two = append(&*writer, &[2]);
        assert_eq!((one.count, two.count), (1, 2));
        assert_eq!(bodies(store, &name), [body(1), body(2)]);
        let fits = Draft::new(at(0), "ana", &"x".repeat(1024 * 1024 - 400)).unwrap();
        assert_eq!(wait(writer.append(vec![fits])).unwrap().count, 3);
        let many = (0..MOST_AT_ONCE as u64).map(draft).collect();
        assert_eq!(wait(writer.append(many)).unwrap().count, 3 + MOST_AT_ONCE as u64);
    });
}

#[test]
fn a_lease_outlives_its_writer_and_is_released_by_its_run_only() {
    each(|store, other| {
        let (a, b) = (run("r-a"), run("r-b"));
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/\u{e9}-x";
        let first = wait(store.create(&a, claim())).unwrap();
        let second = wait(other.create(&b, claim())).unwrap();
        assert!(wait(first.writer.lease(arn, claim())).unwrap());
        assert!(!wait(first.writer.lease(arn, claim())).unwrap(), "its own already");
        let Error::Leased(lease) = refused(wait(second.writer.lease(arn, claim()))) else {
            panic!("not held")
        };
        assert_eq!((lease.run.clone(), lease.resource.as_str()), (a.clone(), arn));
        assert_eq!(lease.writer.as_ref().map(|w| w.pid), Some(4242));
        assert!(!wait(second.writer.release(arn)).unwrap());
        drop(first);
        let Error::Leased(lease) = refused(wait(second.writer.lease(arn, claim()))) else {
            panic!("not held")
        };
        assert_eq!(lease.writer, None, "the run waits and keeps it");
        assert!(lease.to_string().contains("no process has that run in hand: resume or abort it"));
        assert_eq!(wait(store.leases()).unwrap(), [*lease]);
        let again = wait(store.open(&a, claim())).unwrap();
        assert!(wait(again.writer.release(arn)).unwrap());
        assert!(!wait(again.writer.release(arn)).unwrap());
        assert!(wait(second.writer.lease(arn, claim())).unwrap());
        assert_eq!(refused(wait(second.writer.lease("", claim()))), Error::BadResource);
        let long = "x".repeat(2049);
        assert_eq!(refused(wait(second.writer.lease(&long, claim()))), Error::BadResource);
        wait(second.writer.close()).unwrap();
        assert_eq!(refused(wait(second.writer.release(arn))), Error::Closed(b));
    });
}

#[test]
fn appends_at_once_are_all_there_and_none_is_mixed() {
    each(|store, other| {
        let name = run("r-1");
        let Opened { writer, .. } = wait(store.create(&name, claim())).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let heads: Vec<Head> = runtime.block_on(async {
            let tasks: Vec<_> = (0..40u64)
                .map(|task| {
                    let writer = writer.clone();
                    tokio::spawn(async move {
                        writer.append((0..5).map(|n| draft(task * 5 + n)).collect()).await.unwrap()
                    })
                })
                .collect();
            let mut heads = Vec::new();
            for task in tasks {
                heads.push(task.await.unwrap());
            }
            heads
        });
        let told: std::collections::BTreeSet<u64> = heads.iter().map(|h| h.count).collect();
        assert_eq!(told, (1..=40).map(|n| n * 5).collect());
        let written: Vec<u64> = bodies(other, &name).iter().map(|b| b["n"].as_u64().unwrap()).collect();
        for five in written.chunks(5) {
            assert_eq!(five, (five[0]..five[0] + 5).collect::<Vec<u64>>(), "one append stays together");
        }
        let all: std::collections::BTreeSet<u64> = written.iter().copied().collect();
        assert_eq!(all, (0..200).collect());
    });
}
