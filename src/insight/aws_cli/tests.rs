//! Lines that a person pastes into a shell.

use super::*;
use crate::estate::AlarmName;
use crate::estate::Untrusted;
use crate::insight::examples::*;
use crate::insight::{About, Reach};
use proptest::prelude::*;

fn wants() -> Wants {
    Wants { at: at(), now: now(), tags_wanted: true }
}

fn line(ask: impl Asks) -> String {
    command(&query(ask), Access::default())
}

fn named(name: &str) -> String {
    line(cloudwatch::DescribeAlarmHistory { alarm: AlarmName::new(name) })
}

#[test]
fn lines_name_the_region_the_profile_and_the_endpoint() {
    let access = Access { profile: Some("my prod"), endpoint: Some("http://127.0.0.1:4566") };
    assert_eq!(
        command(&query(sqs::ListQueues {}), access),
        "aws sqs list-queues --region eu-central-1 --profile 'my prod' --endpoint-url http://127.0.0.1:4566"
    );
    assert_eq!(
        line(cloudwatch::DescribeAlarms { names: vec![AlarmName::new("a b"), AlarmName::new("c")] }),
        "aws cloudwatch describe-alarms --alarm-types MetricAlarm CompositeAlarm LogAlarm \
         --alarm-names 'a b' c --region eu-central-1"
    );
}

#[test]
fn hostile_names_stay_names() {
    assert!(named("$(reboot)").contains("--alarm-name '$(reboot)' "));
    assert!(named("it's").contains("--alarm-name 'it'\\''s' "));
    assert!(named("a\nb\u{1b}[201~\u{202e}").contains("--alarm-name $'a\\012b\\033[201~\\342\\200\\256' "));
    assert!(named("\u{3164}é").contains("--alarm-name $'\\343\\205\\244é' "), "an invisible letter");
    assert!(named("-x").contains("--cli-input-json '{\"AlarmName\":\"-x\"}'"));
    assert!(
        named("file:///etc/passwd").contains("--cli-input-json '{\"AlarmName\":\"file:///etc/passwd\"}'")
    );
    assert!(
        line(cloudwatch::DescribeAlarms { names: vec![AlarmName::new("[1")] })
            .contains("--cli-input-json '{\"AlarmNames\":[\"[1\"]}'")
    );
}

#[test]
fn every_thing_and_source_has_its_lines() {
    let mut inv = Inventory::default();
    alarms(&mut inv, &[alarm("a")]);
    let shop = acl("shop", Scope::CloudFront, vec![rule("r", crate::estate::RuleAction::Count)]);
    let arn = shop.summary.arn.clone();
    acls(&mut inv, Scope::CloudFront, &[shop]);
    let all = [
        Subject::Alarm(alarm_arn("a")),
        Subject::Queue(url("q")),
        Subject::Acl(arn.clone()),
        Subject::Secret(secret_arn("s")),
    ];
    for subject in all {
        assert_eq!(of_subject(&inv, &subject, &wants(), Access::default()).len(), 1, "{subject:?}");
    }
    let acl = of_subject(&inv, &Subject::Acl(arn), &wants(), Access::default());
    assert!(acl[0].ends_with("--region us-east-1"), "{}", acl[0]);
    let chart = of_source(
        &inv,
        &Source::Detail(About::AlarmChart(alarm_arn("a"), Reach::Near)),
        &wants(),
        Access::default(),
    );
    assert!(chart[0].contains("--start-time 2026-11-21T06:42:00Z --end-time 2026-11-21T09:42:00Z"));
    assert!(chart[0].contains(r#"--metric-data-queries '[{"Id":"q0","#), "{}", chart[0]);
}

/// What a shell makes of a quoted word.
fn unquoted(word: &str) -> String {
    let mut out = Vec::new();
    let mut chars = word.chars().peekable();
    let mut push = |c: char| out.extend(c.to_string().bytes());
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                for c in chars.by_ref().take_while(|c| *c != '\'') {
                    push(c);
                }
            }
            '\\' => push(chars.next().unwrap()),
            '$' => {
                chars.next();
                let mut bytes = Vec::new();
                while let Some(c) = chars.next() {
                    match c {
                        '\'' => break,
                        '\\' if chars.peek().unwrap().is_ascii_digit() => {
                            let octal: String = chars.by_ref().take(3).collect();
                            bytes.push(u8::from_str_radix(&octal, 8).unwrap());
                        }
                        '\\' => bytes.push(chars.next().unwrap() as u8),
                        c => bytes.extend(c.to_string().bytes()),
                    }
                }
                return String::from_utf8(bytes).unwrap();
            }
            c => push(c),
        }
    }
    String::from_utf8(out).unwrap()
}

proptest! {
    #[test]
    fn a_quoted_word_is_that_word_and_one_printable_line(text in any::<String>()) {
        let quoted = quote(&text);
        prop_assert_eq!(unquoted(&quoted), text);
        prop_assert!(!quoted.chars().any(char::is_control));
        let drawn = Untrusted::from(quoted.as_str());
        prop_assert_eq!(drawn.shown().to_string(), quoted);
    }
}
