//! The writing thread over a medium that fails as disks do: short writes, a full disk, a sync that fails, a cut
//! that fails; and how many syncs it makes.

use super::{Committer, Order};
use crate::estate::time::Timestamp;
use crate::journal::chain::{Rest, fold};
use crate::journal::head::{Head, LAG};
use crate::journal::store::Error;
use crate::journal::store::files::heads::{HeadLog, look};
use crate::journal::store::files::lock;
use crate::journal::store::files::medium::Medium;
use crate::journal::store::files::place::Places;
use crate::journal::{Draft, Here, Holder, RunName};
use std::fs;
use std::io::{self, ErrorKind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// What the disk does from now on.
#[derive(Default)]
struct Disk {
    bytes: Vec<u8>,
    syncs: usize,
    /// Bytes that still fit.
    room: Option<usize>,
    sync_fails: bool,
    cut_fails: bool,
}

/// The disk, and a gate at which each sync waits if there is one.
struct Slow {
    disk: Arc<Mutex<Disk>>,
    gate: Option<(Sender<()>, Receiver<()>)>,
}

impl Medium for Slow {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk.lock().unwrap();
        let fit = disk.room.unwrap_or(usize::MAX).min(bytes.len());
        disk.bytes.extend_from_slice(&bytes[..fit]);
        disk.room = disk.room.map(|room| room - fit);
        if fit < bytes.len() { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        if let Some((arrived, open)) = &self.gate {
            arrived.send(()).unwrap();
            open.recv().unwrap();
        }
        let mut disk = self.disk.lock().unwrap();
        disk.syncs += 1;
        if disk.sync_fails { Err(io::Error::other("input/output error")) } else { Ok(()) }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let mut disk = self.disk.lock().unwrap();
        if disk.cut_fails {
            return Err(io::Error::other("input/output error"));
        }
        disk.bytes.truncate(usize::try_from(length).unwrap());
        Ok(())
    }
}

struct Bed {
    dir: tempfile::TempDir,
    disk: Arc<Mutex<Disk>>,
    orders: Sender<Order>,
    thread: JoinHandle<()>,
}

fn name() -> RunName {
    "r-1".parse().unwrap()
}

fn draft(n: usize) -> Draft {
    Draft::new(Timestamp::UNIX_EPOCH, "ana", &n).unwrap()
}

impl Bed {
    fn new(gate: Option<(Sender<()>, Receiver<()>)>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let places = Arc::new(Places::below(&dir.path().join("state")));
        places.prepare().unwrap();
        let here = Here { host: "bastion-1".to_owned(), pid: 1 };
        let since = Timestamp::UNIX_EPOCH;
        let holder = Holder { host: here.host.clone(), pid: 1, since, by: "ana".to_owned() };
        let locked = lock::take(&places, &name(), &holder).unwrap();
        let (mut heads, _) = HeadLog::open(Arc::clone(&places)).unwrap();
        heads.note(&name(), Head::EMPTY).unwrap();
        let disk = Arc::new(Mutex::new(Disk::default()));
        let committer = Committer {
            run: name(),
            here,
            path: places.run(&name()),
            medium: Box::new(Slow { disk: Arc::clone(&disk), gate }),
            heads,
            head: Head::EMPTY,
            size: 0,
            noted: 0,
            synced: 0,
            broken: None,
            _locked: locked,
        };
        let (orders, theirs) = channel();
        let thread = std::thread::spawn(move || committer.work(&theirs));
        Self { dir, disk, orders, thread }
    }

    fn order(&self, drafts: Vec<Draft>) -> oneshot::Receiver<Result<Head, Error>> {
        let (reply, answer) = oneshot::channel();
        assert!(self.orders.send(Order::Append(drafts, reply)).is_ok());
        answer
    }

    fn append(&self, n: usize) -> Result<Head, Error> {
        self.order(vec![draft(n)]).blocking_recv().unwrap()
    }

    fn close(&self) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        assert!(self.orders.send(Order::Close(reply)).is_ok());
        answer.blocking_recv().unwrap()
    }

    fn disk(&self, change: impl FnOnce(&mut Disk)) {
        change(&mut self.disk.lock().unwrap());
    }

    /// What the next opening would find: the bodies, and what follows them.
    fn found(&self) -> (Vec<usize>, Rest) {
        let places = Places::below(&self.dir.path().join("state"));
        let heads = look(&places).unwrap();
        let folded = fold(&name(), self.disk.lock().unwrap().bytes.clone(), Some(heads.of(&name())));
        (folded.records.iter().map(|r| r.body().unwrap()).collect(), folded.rest)
    }
}

#[test]
fn appends_that_come_during_a_sync_share_the_next_one() {
    let (arrived, at_gate) = channel();
    let (open, gate) = channel();
    let bed = Bed::new(Some((arrived, gate)));
    let first = bed.order(vec![draft(0)]);
    at_gate.recv().unwrap(); // the first sync is under way
    let rest: Vec<_> = (1..=40).map(|n| bed.order(vec![draft(n)])).collect();
    open.send(()).unwrap();
    assert_eq!(first.blocking_recv().unwrap().unwrap().count, 1);
    at_gate.recv().unwrap();
    bed.disk(|disk| assert_eq!(disk.syncs, 1));
    open.send(()).unwrap();
    for (answer, count) in rest.into_iter().zip(2..) {
        assert_eq!(answer.blocking_recv().unwrap().unwrap().count, count);
    }
    bed.disk(|disk| assert_eq!(disk.syncs, 2));
    bed.close().unwrap();
    assert_eq!(bed.found(), ((0..=40).collect(), Rest::Nothing));
    bed.thread.join().unwrap();
}

#[test]
fn a_full_disk_leaves_no_part_of_a_record_and_passes() {
    let bed = Bed::new(None);
    bed.append(0).unwrap();
    for room in [0, 1, 100] {
        bed.disk(|disk| disk.room = Some(room));
        let Err(Error::NotWritten(why)) = bed.append(1) else { panic!("it was written") };
        assert_eq!(why.kind, ErrorKind::StorageFull);
        assert_eq!(bed.found(), (vec![0], Rest::Nothing));
    }
    bed.disk(|disk| disk.room = None);
    assert_eq!(bed.append(2).unwrap().count, 2);
    assert_eq!(bed.found(), (vec![0, 2], Rest::Nothing));
}

#[test]
fn where_a_part_cannot_be_cut_off_nothing_follows_it() {
    let bed = Bed::new(None);
    bed.append(0).unwrap();
    bed.disk(|disk| (disk.room, disk.cut_fails) = (Some(100), true));
    assert!(matches!(bed.append(1), Err(Error::Broken(_))));
    bed.disk(|disk| (disk.room, disk.cut_fails) = (None, false));
    assert!(matches!(bed.append(2), Err(Error::Broken(_))));
    let (bodies, rest) = bed.found();
    assert_eq!(bodies, [0]);
    assert!(matches!(rest, Rest::Torn { bytes: 100, .. }), "{rest:?}");
    bed.close().unwrap();
}

#[test]
fn after_a_failed_sync_nothing_more_is_written() {
    for cut_fails in [false, true] {
        let bed = Bed::new(None);
        bed.append(0).unwrap();
        bed.disk(|disk| (disk.sync_fails, disk.cut_fails) = (true, cut_fails));
        let Err(Error::Broken(why)) = bed.append(1) else { panic!("it was accepted") };
        assert_eq!(why.doing, "sync");
        bed.disk(|disk| (disk.sync_fails, disk.cut_fails) = (false, false));
        let again = bed.append(2);
        assert_eq!(again, Err(Error::Broken(why)), "a second sync would lie");
        // whether it is there is not known; that it may be is said
        let expected = if cut_fails { vec![0, 1] } else { vec![0] };
        assert_eq!(bed.found(), (expected, Rest::Nothing));
        bed.disk(|disk| assert_eq!(disk.syncs, 2));
    }
}

#[test]
fn one_bad_append_does_not_spoil_those_beside_it() {
    let (arrived, at_gate) = channel();
    let (open, gate) = channel();
    let bed = Bed::new(Some((arrived, gate)));
    let first = bed.order(vec![draft(0)]);
    at_gate.recv().unwrap();
    let long = Draft::new(Timestamp::UNIX_EPOCH, "ana", &"x".repeat(1024 * 1024)).unwrap();
    let answers = [bed.order(vec![draft(1)]), bed.order(vec![draft(9), long]), bed.order(vec![draft(2)])];
    open.send(()).unwrap();
    first.blocking_recv().unwrap().unwrap();
    at_gate.recv().unwrap();
    open.send(()).unwrap();
    let [one, bad, two] = answers.map(|answer| answer.blocking_recv().unwrap());
    assert_eq!((one.unwrap().count, two.unwrap().count), (2, 3));
    assert!(matches!(bad, Err(Error::TooLong { .. })));
    assert_eq!(bed.found(), (vec![0, 1, 2], Rest::Nothing));
}

#[test]
fn records_go_on_without_heads_only_as_far_as_a_crash_may_leave_them() {
    let bed = Bed::new(None);
    let heads = bed.dir.path().join("state/heads.jsonl");
    let away = bed.dir.path().join("state/away");
    fs::rename(&heads, &away).unwrap();
    fs::create_dir(&heads).unwrap();
    let mut written = 0;
    let refused = loop {
        match bed.append(written) {
            Ok(head) => written = usize::try_from(head.count).unwrap(),
            Err(e) => break e,
        }
    };
    assert_eq!(written as u64, LAG);
    assert!(matches!(refused, Error::NotWritten(_) | Error::NotOurs { .. }), "{refused:?}");
    fs::remove_dir(&heads).unwrap();
    fs::rename(&away, &heads).unwrap();
    assert_eq!(bed.append(written).unwrap().count, LAG + 1);
    bed.close().unwrap();
    assert_eq!(bed.found(), ((0..=written).collect(), Rest::Nothing));
    let noted = look(&Places::below(&bed.dir.path().join("state"))).unwrap();
    assert_eq!(noted.of(&name()).last().unwrap().count, LAG + 1);
}

#[test]
fn dropping_the_last_handle_ends_the_thread_after_what_was_ordered() {
    let bed = Bed::new(None);
    let answers: Vec<_> = (0..20).map(|n| bed.order(vec![draft(n)])).collect();
    let Bed { orders, thread, disk, dir } = bed;
    drop(orders);
    thread.join().unwrap();
    for (answer, count) in answers.into_iter().zip(1..) {
        assert_eq!(answer.blocking_recv().unwrap().unwrap().count, count);
    }
    let heads = look(&Places::below(&dir.path().join("state"))).unwrap();
    let bytes = disk.lock().unwrap().bytes.clone();
    assert_eq!(fold(&name(), bytes, Some(heads.of(&name()))).behind, 0);
}
