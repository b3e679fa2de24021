//! What it takes to agree to a change in the console: a question that was read, a keyboard that was still before
//! the answer and after it, and where it cannot be undone, a name that was typed.

use super::book::*;
use crate::console::model::Overlay;
use crate::console::{Effect, Msg};
use crate::estate::Change;
use crate::runbook::run::StepState;
use crate::runbook::{Halt, Proposal};

#[test]
fn agreeing_needs_a_quiet_keyboard_before_and_after() {
    let asked = || halted((80, 24), run("delete", StepState::Active), consent("delete", vec![promote()]));
    // A key that is held down when the question comes up, or typed on, does not count.
    let mut bench = asked();
    bench.keys("y y y y");
    assert!(bench.agreed.is_empty());
    bench.rest();
    bench.keys("y");
    assert!(bench.agreed.is_empty(), "it holds only if nothing follows it at once");
    bench.rest();
    assert_eq!(bench.agreed, [(id(), vec![promote()])]);
    // Held down after it: nothing.
    let mut bench = asked();
    bench.rest();
    bench.keys("y y");
    bench.rest();
    assert!(bench.agreed.is_empty());
    // Enter alone does nothing, and a paste does not confirm.
    let mut bench = asked();
    bench.rest();
    bench.keys("enter");
    bench.tell(Msg::Paste("y".into()));
    bench.rest();
    assert!(bench.agreed.is_empty());
    assert!(bench.model.overlay.is_some());
    // A press of the mouse neither agrees nor declines.
    bench.tell(Msg::Mouse { kind: crate::console::MouseKind::Press, column: 5, row: 5 });
    assert!(bench.model.overlay.is_some());
}

#[test]
fn what_was_declined_is_asked_again_with_the_key_that_goes_on() {
    let mut bench = halted((80, 24), run("delete", StepState::Active), consent("delete", vec![promote()]));
    bench.rest();
    bench.keys("n");
    assert!(bench.model.overlay.is_none() && bench.agreed.is_empty());
    assert!(bench.screen().contains("The run waits: c asks again"), "{}", bench.screen());
    let orders = bench.orders().len();
    bench.keys("c");
    assert!(matches!(bench.model.overlay, Some(Overlay::Consent(_))));
    assert_eq!(bench.orders().len(), orders, "the question is at hand: AWS is not asked for it");
    bench.rest();
    bench.keys("y");
    bench.rest();
    assert_eq!(bench.agreed.len(), 1);
}

#[test]
fn a_name_is_typed_for_what_cannot_be_undone() {
    let key = "AKIAIOSFODNN7EXAMPLE";
    let change = delete_key(key);
    let crate::estate::Demand::Name(name) = change.demand() else { panic!("a key is deleted for ever") };
    let mut bench =
        halted((80, 24), run("delete", StepState::Active), consent("delete", vec![change.clone()]));
    bench.rest();
    bench.keys("y enter");
    bench.rest();
    assert!(bench.agreed.is_empty(), "y is not the name");
    bench.keys("ctrl-u");
    bench.tell(Msg::Paste(name.wire().to_owned()));
    bench.keys("enter");
    bench.rest();
    assert!(bench.agreed.is_empty(), "a pasted name is not typed");
    bench.type_in(name.wire());
    bench.keys("enter");
    assert!(bench.agreed.is_empty());
    bench.rest();
    assert_eq!(bench.agreed, [(id(), vec![change])]);
}

#[test]
fn nothing_is_agreed_to_before_its_last_line_was_seen() {
    let many: Vec<Change> = (0..12).map(|_| promote()).collect();
    let mut bench = halted((80, 24), run("delete", StepState::Active), consent("delete", many));
    bench.rest();
    assert!(bench.screen().contains("more lines"), "{}", bench.screen());
    bench.keys("y");
    bench.rest();
    assert!(bench.agreed.is_empty());
    assert!(bench.screen().contains("more to read"), "{}", bench.screen());
    for _ in 0..80 {
        bench.keys("down");
    }
    let screen = bench.screen();
    assert!(!screen.contains("more lines") && screen.contains("goes on with the old one"), "{screen}");
    bench.keys("y");
    bench.rest();
    assert_eq!(bench.agreed.len(), 1);
}

#[test]
fn the_aws_lines_of_a_question_are_copied_and_leave_it_there() {
    let mut bench = halted((80, 24), run("delete", StepState::Active), consent("delete", vec![promote()]));
    bench.rest();
    let effects = bench.keys("ctrl-y");
    let copied = effects.iter().find_map(|e| match e {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.unwrap();
    assert!(copied.starts_with("aws secretsmanager update-secret-version-stage"), "{copied}");
    assert!(matches!(bench.model.overlay, Some(Overlay::Consent(_))));
}

#[test]
fn one_name_agrees_to_what_belongs_together() {
    let (deactivate, deny) = contain("AKIAIOSFODNN7EXAMPLE");
    let proposal = |change: &Change| Proposal { changes: vec![change.clone()], ..Proposal::default() };
    let halt = Halt::Consent {
        step: "delete".into(),
        proposal: proposal(&deactivate),
        ahead: Some(Box::new(("deny".into(), proposal(&deny)))),
    };
    let mut bench = halted((80, 24), run("delete", StepState::Active), halt);
    bench.rest();
    let screen = bench.screen();
    for words in
        ["Deactivate access key", "Deny everything to the user deploy-bot", "do all of it:  deploy-bot"]
    {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    let lines = bench.keys("ctrl-y").into_iter().find_map(|e| match e {
        Effect::Copy(text) => Some(text),
        _ => None,
    });
    let lines = lines.unwrap();
    assert!(lines.contains("update-access-key") && lines.contains("attach-user-policy"), "{lines}");
    bench.type_in("deploy-bot");
    bench.keys("enter");
    bench.rest();
    assert_eq!(bench.agreed, [(id(), vec![deactivate, deny])]);
}
