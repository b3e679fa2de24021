//! Two operators at one kept estate, one in the console and one without: what each changes the other sees, and neither takes
//! it back.

use crate::operator::{Operator, quit};
use crate::{contain_key, key_of};

const SECRET: &str = "shop/deploy/signing-key";

/// The versions of a secret as the estate tells them.
fn versions(operator: &Operator) -> usize {
    let told = operator.command(&["--", "secrets", "versions", SECRET, "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {told}"));
    told["versions"].as_array().unwrap().len()
}

#[test]
fn two_operators_at_one_estate_see_each_others_changes() {
    let operator = Operator::of("leaked-key");
    let (key, before) = (key_of(&operator), versions(&operator));
    let mut console = operator.console("10");
    // one without a terminal gives a secret a new value while the other looks at something else
    let set = format!("secret={SECRET}");
    let start = ["--speed", "600", "--", "runbook", "start", "secret-update"];
    let told =
        operator.command(&[&start[..], &["--set", &set, "--set", "new=generated", "--confirm-all"]].concat());
    assert!(versions(&operator) > before, "{told}");
    // the console contains the key: it writes over nothing
    contain_key(&mut console, &key, "shop-deploy-bot");
    assert!(versions(&operator) > before, "the console has taken it back");
    let attached = operator.score(&[]);
    assert!(attached.contains("contained"), "{attached}");
    // and it sees the run of the other
    console.keys("6");
    console.wait("both runs", |t| {
        t.text().contains("secret-update") && t.text().contains("iam-key-compromised")
    });
    quit(console);
    assert!(versions(&operator) > before, "the end of the console has taken it back");
}
