//! What makes a dead-letter queue.

use super::{Origin, Pointer, Role, Roles, name_tells};
use crate::insight::Inventory;
use crate::insight::examples::*;
use crate::insight::{Broad, Source};

#[test]
fn names_tell_word_by_word() {
    for yes in [
        "orders-dlq",
        "OrdersDLQ",
        "ordersDlq.fifo",
        "ordersdlq",
        "dlq2",
        "DLQHandler",
        "dead-letter",
        "LambdaDeadLetterQueue",
        "dead_letters",
        "payments-failed",
        "payment.failures",
        "x-dl",
        "poison-messages",
        "UNDELIVERABLE",
        "deadletter-queue",
        "DEAD-LETTERS",
    ] {
        assert!(name_tells(yes), "{yes}");
    }
    for no in ["orders", "handle", "dead", "letters", "deadline-jobs", "idl", "headline", "unfailed", "", "…"]
    {
        assert!(!name_tells(no), "{no}");
    }
}

#[test]
fn what_points_makes_a_dead_letter_queue_and_a_name_a_suspect() {
    let mut inv = Inventory::default();
    let mut allowed = facts("bin");
    allowed.redrive_allow = Some(
        r#"{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:eu-central-1:123456789012:gone"]}"#
            .into(),
    );
    let mut closed = facts("closed");
    closed.redrive_allow = Some(r#"{"redrivePermission":"denyAll"}"#.into());
    let mut broken = facts("broken");
    broken.redrive_allow = Some("{".into());
    let mut source = facts("orders");
    source.redrive = to("graveyard");
    queues(
        &mut inv,
        &[
            source,
            facts("graveyard"),
            facts("lambda-bin"),
            facts("both"),
            facts("stream-bin"),
            facts("x-dlq"),
            allowed,
            closed,
            broken,
        ],
    );
    let mut other = facts("invoices");
    other.redrive = to("both");
    functions(
        &mut inv,
        &[function("f", Some("lambda-bin")), function("g", Some("both"))],
        &[("f", "lambda-bin")],
        &[("h", "stream-bin")],
    );
    let roles = Roles::of(&inv);
    let origin = |name: &str| roles.role(&url(name)).origin();
    assert_eq!(
        roles.role(&url("graveyard")),
        &Role::DeadLetter { origins: vec![Origin::Sqs], pointed_by: vec![Pointer::Queue(url("orders"))] }
    );
    assert_eq!(roles.role(&url("lambda-bin")).pointed_by().len(), 2);
    assert_eq!(origin("lambda-bin"), Origin::Lambda);
    assert_eq!(origin("stream-bin"), Origin::Lambda);
    assert_eq!(origin("bin"), Origin::Sqs);
    assert_eq!(roles.role(&url("x-dlq")), &Role::Suspect);
    assert_eq!(origin("x-dlq"), Origin::Unknown);
    for plain in ["orders", "closed", "broken"] {
        assert_eq!(roles.role(&url(plain)), &Role::Plain, "{plain}");
    }
    assert!(roles.functions_known());
    let names: Vec<_> = roles.dead_letters(&inv).map(|(row, _)| row.url.name().wire().to_string()).collect();
    assert_eq!(names, ["bin", "both", "graveyard", "lambda-bin", "stream-bin", "x-dlq"]);
}

#[test]
fn of_several_origins_the_one_that_forbids_a_redrive_is_named() {
    let mut inv = Inventory::default();
    let mut source = facts("orders");
    source.redrive = to("both");
    queues(&mut inv, &[source, facts("both")]);
    functions(&mut inv, &[function("g", Some("both"))], &[], &[]);
    let roles = Roles::of(&inv);
    let Role::DeadLetter { origins, .. } = roles.role(&url("both")) else { panic!() };
    assert_eq!(origins, &[Origin::Lambda, Origin::Sqs]);
    assert_eq!(roles.role(&url("both")).origin(), Origin::Lambda);
}

#[test]
fn denied_functions_leave_the_origin_open() {
    let mut inv = Inventory::default();
    queues(&mut inv, &[facts("x-dlq")]);
    refuse(
        &mut inv,
        Source::Broad(Broad::Functions),
        query(crate::estate::ask::lambda::ListFunctions {}),
        denied("lambda:ListFunctions"),
    );
    let roles = Roles::of(&inv);
    assert!(!roles.functions_known());
    assert_eq!(roles.role(&url("x-dlq")).origin(), Origin::Unknown);
}

#[test]
fn a_queue_whose_attributes_are_refused_is_still_pointed_at() {
    let mut inv = Inventory::default();
    let mut source = facts("orders");
    source.redrive = to("secretive");
    let mut answers = queue_answers(&[source, facts("secretive")]);
    answers.pop();
    walk(&mut inv, Source::Broad(Broad::Queues), answers);
    assert!(Roles::of(&inv).role(&url("secretive")).is_dead_letter());
}
