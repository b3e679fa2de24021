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

#[test]
fn a_replay_looks_for_whose_it_is_where_that_is_allowed_and_says_how_sure_that_is() {
    let estate = Estate::new("whose");
    let replay = |queue: &str, more: &[&str]| {
        let words = ["queues", "replay", queue, "--search-logs", "--dry-run"];
        estate.run(&words.iter().chain(more).copied().collect::<Vec<_>>())
    };
    let one = replay("mte-prod-LambdaDeadLetterQueue", &[]);
    assert_eq!(one.code, 0, "{}", one.stderr);
    let cost = one.stderr.find("AWS bills such requests").expect("what it costs is said");
    let found = one.stderr.find("(its log names it: sure)").expect("what was found is said");
    assert!(cost < found, "and what it costs before: {}", one.stderr);
    assert!(one.stdout.contains("its log names all 3 requests that were looked for"), "{}", one.stdout);
    let invokes = "Invoke the function of each, or mte-prod-";
    assert!(one.stdout.contains(invokes), "of those that do not say it only: {}", one.stdout);
    let each = replay("shop-functions-dlq", &[]);
    assert!(each.stdout.contains("each message's own: messages name"), "{}{}", each.stdout, each.stderr);
    let none = replay("platform-async-failures", &[]);
    assert!(none.code == 4 && none.stderr.contains("no message was to be had"), "{}", none.stderr);
    assert_eq!(replay("shop-functions-dlq", &["--function", "shop-returns"]).code, 2, "one or the other");
}
