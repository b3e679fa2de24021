//! `api-key-rotation`, one run for each store: exactly the old key is gone, exactly one new key is there, the
//! rest is byte for byte as it was.

use crate::estate::Estate;
use crate::program::Program;

const OLD: &str = "oldMARKkey000000000000000000";
const BACKUP: &str = "backupMARKkey1111111111111";

/// The one entry that is new, in a list that was `old` and the backup key.
fn new_entry(list: &str) -> String {
    let entries: Vec<&str> = list.split(',').collect();
    assert!(entries.len() == 2 && entries[1] == BACKUP, "{list}");
    assert!(entries[0] != OLD && entries[0].len() == 40, "{list}");
    entries[0].to_owned()
}

pub fn in_a_secret(estate: &Estate) {
    let name = estate.name("shop/keys");
    let text = |first: &str| format!("{{ \"keys\":\"{first},{BACKUP}\" ,\n\"n\":1.50}}");
    estate.make_secret(&name, &text(OLD));
    let mut program = Program::over(estate);
    let secret = format!("secret={name}");
    let ran = program.start(
        "api-key-rotation",
        &["store=secret", &secret, "field=keys", "old=1"],
        &["--confirm-all"],
    );
    assert_eq!((ran.code, ran.waits().as_str()), (5, "time migrate"), "{}", ran.stderr);
    let both = estate.secret(&name);
    assert!(both.contains(OLD) && both.contains(BACKUP), "old and new overlap");

    program.finish(ran);
    let now = estate.secret(&name);
    let keys = now.split('"').nth(3).unwrap();
    let new = new_entry(keys);
    assert_eq!(now, text(&new));
    assert!(both.contains(&new), "the key is made once");
    let left = estate.labels(&name).into_iter().flatten().filter(|l| l.starts_with("bartizan")).count();
    assert_eq!(left, 0);
    program.holds_none_of(&[OLD, BACKUP, &new]);
}

pub fn in_a_variable(estate: &Estate) {
    let name = estate.name("verifier");
    let list = format!("{OLD},{BACKUP}");
    estate.make_function(&name, &[("API_KEYS", &list), ("DB", "a=b c\"d otherMARK"), ("EMPTY", "")]);
    let before = estate.variables(&name);
    let mut program = Program::over(estate);
    let function = format!("function={name}");
    let sets = ["store=lambda-env", &function, "variable=API_KEYS", "old=1", "overlap=1s"];
    let ran = program.start("api-key-rotation", &sets, &["--confirm-all"]);
    program.finish(ran);
    let mut after = estate.variables(&name);
    let new = new_entry(&after["API_KEYS"]);
    after.insert("API_KEYS".to_owned(), list);
    assert_eq!(after, before, "other variables stay");
    program.holds_none_of(&[OLD, BACKUP, "d otherMARK", &new]);
}

pub fn of_a_user(estate: &Estate) {
    let (user, secret) = (estate.name("svc"), estate.name("shop/pair"));
    let (old, old_secret) = estate.make_user(&user);
    let text =
        |id: &str, key: &str| format!("{{\"accessKeyId\":\"{id}\", \"secretAccessKey\":\"{key}\" ,\"x\":1}}");
    estate.make_secret(&secret, &text(&old, &old_secret));
    let mut program = Program::over(estate);
    let (user_is, target) = (format!("user={user}"), format!("target_secret={secret}"));
    let sets = ["store=iam-user", &user_is, &target, "overlap=1s", "soak=1s"];
    let ran = program.start("api-key-rotation", &sets, &["--confirm-all"]);
    assert_eq!((ran.code, ran.waits().as_str()), (5, "person delete-key"), "{}", ran.stderr);
    program.finish(ran);
    let keys = estate.active_keys(&user);
    assert!(keys.len() == 1 && keys[0] != old, "{keys:?}");
    let now = estate.secret(&secret);
    let new_secret = now.split('"').nth(7).unwrap().to_owned();
    assert_ne!(new_secret, old_secret);
    assert_eq!(now, text(&keys[0], &new_secret));
    program.holds_none_of(&[&old_secret, &new_secret]);
}

pub fn in_the_gateway(estate: &Estate) {
    let name = estate.name("client");
    let value = format!("{name}{OLD}");
    let old = estate.make_gateway_key(&name, &value);
    let mut program = Program::over(estate);
    let old_is = format!("old={old}");
    let sets = ["store=api-gateway", &old_is, "overlap=1s", "soak=1s"];
    let ran = program.start("api-key-rotation", &sets, &["--confirm-all"]);
    let ran = program.finish(ran);
    assert_eq!(estate.gateway_key(&name), None);
    let (_, new, enabled) = estate.gateway_key(&format!("bartizan-{}", ran.id())).unwrap();
    assert!(enabled && new.len() == 40);
    program.holds_none_of(&[&value, &new]);
}

pub fn in_two_stores(estate: &Estate) {
    let (key, function) = (estate.name("client"), estate.name("verifier"));
    let value = format!("{key}{OLD}");
    let old = estate.make_gateway_key(&key, &value);
    estate.make_function(&function, &[("API_KEYS", &format!("{value},{BACKUP}")), ("DB", "d MARK other")]);
    let mut program = Program::over(estate);
    let (old_is, function_is) = (format!("old={old}"), format!("function={function}"));
    let sets =
        ["store=api-gateway,lambda-env", &function_is, "variable=API_KEYS", &old_is, "overlap=1s", "soak=1s"];
    let ran = program.start("api-key-rotation", &sets, &["--confirm-all"]);
    let ran = program.finish(ran);
    assert_eq!(estate.gateway_key(&key), None);
    let (_, new, enabled) = estate.gateway_key(&format!("bartizan-{}", ran.id())).unwrap();
    assert!(enabled);
    let variables = estate.variables(&function);
    assert_eq!(variables["API_KEYS"], format!("{new},{BACKUP}"), "the same key in both");
    assert_eq!(variables["DB"], "d MARK other");
    program.holds_none_of(&[&value, BACKUP, "d MARK other", &new]);
}
