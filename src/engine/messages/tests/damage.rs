//! An export is believed only as far as its manifest goes, and what is damaged is named by its line.

use super::keep;
use super::queue::{Queue, messages};
use crate::engine::messages::{Manifest, beside, verify};
use crate::estate::message::Select;
use std::path::{Path, PathBuf};

async fn kept(dir: &Path, n: usize, gzip: bool) -> PathBuf {
    let (queue, file) = (Queue::of(messages(n)), dir.join("kept.jsonl"));
    keep(&queue, &file, (gzip, Select::default(), None)).await.unwrap();
    file
}

fn why(file: &Path) -> String {
    let why = verify(file).err().unwrap();
    assert!(!why.contains("hunter"), "a body is repeated: {why}");
    why
}

/// The manifest with something else in place of something.
fn manifest_with(file: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let text = std::fs::read_to_string(beside(file)).unwrap();
    let mut json = serde_json::from_str(&text).unwrap();
    change(&mut json);
    std::fs::write(beside(file), serde_json::to_vec(&json).unwrap()).unwrap();
}

#[tokio::test]
async fn a_manifest_names_each_message_by_its_id_and_the_hash_of_its_line() {
    use sha2::{Digest, Sha256};
    let dir = tempfile::tempdir().unwrap();
    for n in [0, 1, 23] {
        let file = kept(dir.path(), n, false).await;
        let text = std::fs::read_to_string(&file).unwrap();
        let manifest = std::fs::read_to_string(beside(&file)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let each = json["messages"].as_array().unwrap();
        assert_eq!((each.len(), text.lines().count()), (n, n));
        for (entry, line) in each.iter().zip(text.lines()) {
            let message: serde_json::Value = serde_json::from_str(line).unwrap();
            let hash: String = Sha256::digest(line).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!((&entry["id"], entry["sha256"].as_str()), (&message["id"], Some(hash.as_str())));
        }
        assert!(!manifest.contains("hunter2") && json["schema"] == "bartizan.export/2");
        assert_eq!(verify(&file).unwrap().ids.len(), n);
        std::fs::remove_file(&file).unwrap();
    }
}

#[tokio::test]
async fn a_damaged_message_is_named_by_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = kept(dir.path(), 20, false).await;
    let mut reading = verify(&file).unwrap().open().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let line = text.lines().position(|line| line.contains("hunter2 7\"")).unwrap() + 1;
    std::fs::write(&file, text.replace("hunter2 7\"", "hunter9 7\"")).unwrap();
    let said = why(&file);
    assert!(said.contains(&format!("line {line}, message id-7 is not")), "{said}");
    let read: Result<Vec<_>, String> = (1..=20).map(|n| reading.line(n)).collect();
    assert!(read.unwrap_err().contains("not what it was"));
    // What is no JSON any more is named just so.
    std::fs::write(&file, text.replace("hunter2 7\"", "hunter2 7")).unwrap();
    assert!(why(&file).contains(&format!("line {line}, message id-7 is not")));
    std::fs::write(&file, text.replace("hunter2 1", "hunter9 1")).unwrap();
    let said = why(&file);
    assert!(said.contains("11 lines are not what was exported"), "{said}");
    std::fs::write(&file, text.replace("hunter2 7\"", "x\"").replace("hunter2 8\"", "x\"")).unwrap();
    assert!(why(&file).contains(" and ") && why(&file).contains("lines "), "{}", why(&file));
    // A line that is missing is a number that is.
    let without: String =
        text.lines().filter(|l| !l.contains("hunter2 7\"")).map(|l| format!("{l}\n")).collect();
    std::fs::write(&file, without).unwrap();
    let said = why(&file);
    assert!(said.contains("19 messages, not 20") && said.contains(&format!("from line {line} on")), "{said}");
    std::fs::write(&file, &text[..text.len() - 5]).unwrap();
    assert!(why(&file).contains("from line 20 on"));
    std::fs::write(&file, &text).unwrap();
    verify(&file).unwrap();
}

#[tokio::test]
async fn what_is_packed_anew_is_another_file() {
    use std::io::Write as _;
    let dir = tempfile::tempdir().unwrap();
    let file = kept(dir.path(), 20, true).await;
    let mut more = std::fs::OpenOptions::new().append(true).open(&file).unwrap();
    more.write_all(b"\0\0").unwrap();
    let said = why(&file);
    assert!(said.contains("SHA-256 is another") || said.contains("from line 21 on"), "{said}");
}

#[tokio::test]
async fn a_manifest_that_disagrees_with_itself_or_is_missing_is_not_trusted() {
    let dir = tempfile::tempdir().unwrap();
    let file = kept(dir.path(), 20, false).await;
    let good = std::fs::read_to_string(beside(&file)).unwrap();
    manifest_with(&file, |m| m["messages"][3]["id"] = "id-99".into());
    assert!(why(&file).contains("line 4, message id-99 is not"), "{}", why(&file));
    manifest_with(&file, |m| m["messages"][3] = serde_json::json!({ "id": "id-3", "sha256": "é" }));
    assert!(why(&file).contains("line 4"), "{}", why(&file));
    manifest_with(&file, |m| drop(m["messages"].as_array_mut().unwrap().pop()));
    assert!(why(&file).contains("does not name each"), "{}", why(&file));
    manifest_with(&file, |m| drop(m.as_object_mut().unwrap().remove("messages")));
    assert!(why(&file).contains("does not name each"), "{}", why(&file));
    manifest_with(&file, |m| m["schema"] = "bartizan.export/3".into());
    assert!(why(&file).contains("bartizan.export/3"), "{}", why(&file));
    std::fs::write(beside(&file), good.replacen('{', "{\"messages\": [],", 1)).unwrap();
    assert!(why(&file).contains("no manifest"), "{}", why(&file));
    std::fs::write(beside(&file), format!("{good}x")).unwrap();
    assert!(why(&file).contains("no manifest"), "{}", why(&file));
    std::fs::write(beside(&file), &good).unwrap();
    verify(&file).unwrap();
    std::fs::remove_file(beside(&file)).unwrap();
    assert!(why(&file).contains("manifest"));
    assert!(Manifest::read(&file, &mut |_| {}).is_err());
}

#[tokio::test]
async fn a_manifest_of_the_form_before_is_still_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = kept(dir.path(), 20, false).await;
    manifest_with(&file, |m| {
        let m = m.as_object_mut().unwrap();
        m.remove("messages");
        m.remove("ended");
        m.insert("schema".into(), "bartizan.export/1".into());
    });
    let kept = verify(&file).unwrap();
    assert_eq!((kept.ids.len(), kept.manifest.ended), (20, None));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("hunter2 7\"", "hunter9 7\"")).unwrap();
    assert!(why(&file).contains("its SHA-256 is another;"), "{}", why(&file));
}
