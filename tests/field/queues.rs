//! Messages that are moved by the program over a server, and looked at with the SDK's eyes: what is where afterwards, byte
//! for byte.

use crate::estate::Estate;
use crate::program::Program;
use std::collections::BTreeSet;
use std::time::Duration;

fn bodies(n: usize) -> Vec<String> {
    (0..n).map(|n| format!("{{\"kind\":\"order\",\"n\":{n},\"late\":{}}}", n % 3 == 0)).collect()
}

/// What each message is: its body, and the byte that its binary attribute ends with.
fn as_sent(bodies: &[String]) -> BTreeSet<(String, u8)> {
    bodies.iter().enumerate().map(|(n, body)| (body.clone(), (n % 251) as u8)).collect()
}

/// Only those that a filter chooses go, whole; the rest is in the queue at once.
pub fn some_are_redriven(estate: &Estate) {
    let (dead, source) = estate.make_pair(&estate.name("orders"));
    let sent = bodies(120);
    estate.send(&dead, &sent);
    let mut program = Program::over(estate);
    let words = ["queues", "redrive", &dead, "--filter", "body.late=true", "--rate", "500", "--confirm-all"];
    let ran = program.run(&words);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    let (went, stayed) = (estate.drain(&source), estate.drain(&dead));
    assert_eq!((went.len(), stayed.len()), (40, 80));
    assert!(went.iter().all(|(body, _)| body.contains("true")));
    let all: BTreeSet<_> = went.into_iter().chain(stayed).collect();
    assert_eq!(all, as_sent(&sent));
    program.verifies();
}

/// What a FIFO queue holds goes in the order of each group.
pub fn a_fifo_queue_keeps_its_order(estate: &Estate) {
    let name = estate.name("ledger");
    let (dead, _) = estate.make_queue(&format!("{name}-dlq.fifo"), &[]);
    let (to, _) = estate.make_queue(&format!("{name}.fifo"), &[]);
    let sent = bodies(100);
    estate.send(&dead, &sent);
    let mut program = Program::over(estate);
    let words =
        ["queues", "redrive", &dead, "--to", &to, "--how", "selective", "--rate", "500", "--confirm-all"];
    let ran = program.run(&words);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    let there = estate.drain(&to);
    assert_eq!(there.iter().cloned().collect::<BTreeSet<_>>(), as_sent(&sent));
    for group in 0..4 {
        let of_group: Vec<_> =
            there.iter().map(|(_, n)| usize::from(*n)).filter(|n| n % 4 == group).collect();
        assert!(of_group.is_sorted() && of_group.len() == 25, "group {group}: {of_group:?}");
    }
    assert_eq!(estate.count(&dead), 0);
}

/// An export is imported elsewhere, and what it holds is deleted where it was.
pub fn an_export_is_imported_and_purged(estate: &Estate) {
    let (dead, _) = estate.make_pair(&estate.name("kept"));
    let (to, _) = estate.make_queue(&estate.name("kept-to"), &[]);
    let sent = bodies(60);
    estate.send(&dead, &sent);
    let mut program = Program::over(estate);
    let file = tempfile::tempdir().unwrap();
    let file = file.path().join("kept.jsonl.gz");
    let file = file.to_str().unwrap();
    let ran = program.run(&["queues", "export", &dead, "--to", file, "--gzip"]);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    let later = bodies(63).split_off(60);
    estate.send(&dead, &later);
    let ran = program.run(&["queues", "import", file, "--to", &to, "--confirm-all"]);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    assert_eq!(estate.drain(&to).into_iter().collect::<BTreeSet<_>>(), as_sent(&sent));
    let name = dead.rsplit('/').next().unwrap();
    let phrase = format!("purge={name}");
    let ran = program.run(&["queues", "purge", &dead, "--export", file, "--confirm", &phrase]);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    let left: BTreeSet<_> = estate.drain(&dead).into_iter().map(|(body, _)| body).collect();
    assert_eq!(left, later.into_iter().collect(), "what came after the export stays");
    program.verifies();
}

/// A function in Python that fails for some bodies, and writes down for which it did not.
const PYTHON: &str = "
import os

def handler(event, context):
    if event['late']:
        raise ValueError('order %d is late' % event['n'])
    with open(os.environ['LEDGER'], 'a') as ledger:
        ledger.write('%d\\n' % event['n'])
    return event['n']
";

/// A canary that fails keeps everything; what its filter chooses is invoked, once each, and deleted.
pub fn a_function_is_replayed(estate: &Estate) {
    let name = estate.name("late");
    let (dead, arn) = estate.make_queue(&format!("{name}-dlq"), &[]);
    let place = tempfile::tempdir().unwrap();
    let ledger = place.path().join("ledger");
    estate.make_function_of(&name, &[("LEDGER", ledger.to_str().unwrap())], PYTHON, Some(&arn));
    let sent = bodies(30);
    estate.send(&dead, &sent);
    let mut program = Program::over(estate);
    let replay = |filter: &'static str| -> Vec<String> {
        let words = [
            "queues",
            "replay",
            &dead,
            "--filter",
            filter,
            "--rate",
            "100",
            "--watch",
            "0s",
            "--confirm-all",
        ];
        words.iter().map(|w| (*w).to_owned()).collect()
    };
    let words = replay("body.late=true");
    let ran = program.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ran.code, 6, "{} {}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("the canary failed"), "{}", ran.stdout);
    assert_eq!((estate.count(&dead), ledger.exists()), (30, false), "nothing else was invoked");
    let words = replay("body.late=false");
    let ran = program.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    let invoked = || -> Vec<usize> {
        let text = std::fs::read_to_string(&ledger).unwrap_or_default();
        text.lines().map(|n| n.parse().unwrap()).collect()
    };
    for _ in 0..300 {
        if invoked().len() >= 20 {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut done = invoked();
    done.sort_unstable();
    assert_eq!(done, (0..30).filter(|n| n % 3 != 0).collect::<Vec<_>>(), "each once");
    let left = estate.drain(&dead);
    assert_eq!(left.len(), 10);
    assert!(left.iter().all(|(body, _)| body.contains("true")), "what was not meant stays");
}

/// A move task of SQS that somebody cancels: what was moved stays moved, the rest stays.
pub fn a_native_redrive_is_cancelled(estate: &Estate) {
    let (dead, source) = estate.make_pair(&estate.name("native"));
    let sent = bodies(300);
    estate.send(&dead, &sent);
    let mut program = Program::over(estate);
    let redrive = ["queues", "redrive", &dead, "--how", "native", "--rate", "20", "--confirm-all"];
    let under_way = program.spawn(&redrive);
    let mut moved = 0;
    for _ in 0..200 {
        moved = estate.count(&source);
        if moved > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(moved > 0 && moved < 300, "{moved} were moved");
    let ran = program.run(&["queues", "cancel", &dead, "--confirm-all"]);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    let ran = program.ended(under_way);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("was cancelled"), "{}", ran.stdout);
    let (here, there) = (estate.drain(&dead), estate.drain(&source));
    assert!(!here.is_empty() && !there.is_empty(), "{} here, {} there", here.len(), there.len());
    assert_eq!(here.len() + there.len(), 300);
    let all: BTreeSet<_> = here.into_iter().chain(there).collect();
    assert_eq!(all, as_sent(&sent));
    program.verifies();
}
