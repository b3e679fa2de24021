//! Dead letters from the command line: what is looked at and whose it is, and on what everything is deleted.

use super::Estate;

#[test]
fn a_peek_reads_on_for_what_matches_and_says_whose_the_messages_are() {
    let estate = Estate::new("peek");
    let some = ["queues", "peek", "orders-failures", "--filter", "body.kind=order", "--max", "3"];
    let doc = estate.json(0, &some);
    let told = doc["messages"].as_array().unwrap();
    assert!(told.len() == 3 && doc["account"]["received"].as_u64().unwrap() >= 3, "{doc}");
    let none = ["queues", "peek", "orders-failures", "--filter", "body.kind=no-such", "--read", "20"];
    let ran = estate.run(&none);
    assert!(ran.stderr.contains("0 of 20 messages that were read match"), "{}", ran.stderr);
    let logs = ["queues", "peek", "mte-prod-LambdaDeadLetterQueue", "--search-logs"];
    let ran = estate.run(&logs);
    assert!(ran.stdout.contains("(its log names it: sure)"), "{}", ran.stdout);
    let doc = estate.json(0, &logs);
    assert_eq!(doc["search"]["found"].as_array().unwrap().len(), 3, "{doc}");
}

#[test]
fn everything_is_purged_against_a_fresh_export_or_for_a_reason() {
    let estate = Estate::new("fresh");
    let file = estate.world.home().join("kept.jsonl").to_str().unwrap().to_owned();
    assert_eq!(estate.run(&["queues", "export", "legacy-import-dlq", "--to", &file]).code, 0);
    let purge = |after: &[&str], more: &[&str]| {
        let words = ["queues", "purge", "legacy-import-dlq", "--export", &file, "--dry-run"];
        let words: Vec<&str> = words.iter().chain(more).copied().collect();
        let ran = estate.run_after(after, &words);
        format!("{} {}{}", ran.code, ran.stdout, ran.stderr)
    };
    let fresh = purge(&[], &["--whole"]);
    assert!(fresh.starts_with("0 ") && fresh.contains("counts as fresh for"), "{fresh}");
    let stale = purge(&["--advance", "1h"], &["--whole"]);
    assert!(stale.contains("the export was begun 1 h") && stale.contains("--waive REASON"), "{stale}");
    let longer = purge(&[], &["--whole", "--fresh", "2h"]);
    assert!(longer.starts_with("0 "), "{longer}");
    let waived = purge(&[], &["--whole", "--waive", "a test queue"]);
    assert!(waived.starts_with("0 ") && waived.contains("all the same: a test queue"), "{waived}");
    assert!(purge(&[], &[]).starts_with("0 "), "exactly what it holds is deleted at any age");
    assert!(purge(&[], &["--waive", "x"]).starts_with("2 "), "a waiver is for the whole queue");
}
