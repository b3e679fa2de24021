//! Any prefix of a journal is a run that can be taken up; a run that is done and undone leaves the estate before it.

use crate::bed::{Bed, Fuse, SCRIPTS, Script};
use crate::crash::memory;
use crate::face::{neutral, raw};
use bartizan::journal::RunName;
use bartizan::runbook::run::Run;
use bartizan::runbook::{Halt, RunState};
use std::sync::Arc;

/// The estate has gone on and the journal has not, as after a restored disk: the run is taken up, and says where it is.
#[tokio::test]
async fn any_prefix_of_a_journal_can_be_resumed() {
    for script in SCRIPTS {
        let store = memory();
        let bed = Bed::of(script, Arc::new(store.clone()), Fuse::never()).await;
        let mut live = bed.start(script).await.unwrap();
        assert_eq!(bed.go(&mut live).await, Halt::Over(RunState::Done));
        let id = live.run().id.clone();
        let events = bed.runs().events(&id).await.unwrap();
        let name: RunName = id.as_str().parse().unwrap();
        let bytes = store.bytes(&name);
        let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        let mut grown: Option<Run> = None;
        for (n, (stamp, event)) in events.iter().enumerate() {
            match &mut grown {
                None => grown = Some(Run::begin(stamp, event).unwrap()),
                Some(run) => run.apply(stamp, event).unwrap(),
            }
            let prefix = events[..=n].iter().map(|(s, e)| (s.clone(), e));
            assert_eq!(grown.as_ref(), Some(&Run::fold(prefix).unwrap()), "{} {n}", script.name);
            let store = memory();
            store.left(&name, lines[..=n].concat());
            let next = bed.next(Arc::new(store), Fuse::never());
            let mut live = next.resume(&id).await;
            let before = next.wire.made.lock().unwrap().1.get("apigateway:CreateApiKey").copied();
            let halt = live.go(None).await.unwrap();
            let told = next.runs().events(&id).await.unwrap();
            let folded = Run::fold(told.iter().map(|(s, e)| (s.clone(), e))).unwrap();
            assert_eq!(folded, *live.run(), "{} {n} {halt:?}", script.name);
            let after = next.wire.made.lock().unwrap().1.get("apigateway:CreateApiKey").copied();
            assert_eq!(before, after, "no key is made without a person's consent");
        }
    }
}

/// Undoes from before `until`, or from the end.
async fn undone(name: &str, until: Option<&str>) {
    let script = Script::named(name);
    let bed = Bed::of(script, Arc::new(memory()), Fuse::never()).await;
    let before = raw(&bed, script.system).await;
    let mut live = bed.start(script).await.unwrap();
    loop {
        let halt = live.go(until).await.unwrap();
        let past = matches!(&halt, Halt::Reached(_));
        if past || !bed.answer(&mut live, &halt).await {
            assert!(past || halt == Halt::Over(RunState::Done), "{name}: {halt:?}");
            break;
        }
    }
    assert_ne!(raw(&bed, script.system).await, before);
    live.undo().await.unwrap();
    let halt = bed.go_again(&mut live, 2).await;
    assert_eq!(halt, Halt::Over(RunState::Undone), "{name}");
    let now = raw(&bed, script.system).await;
    let id = &live.run().id;
    // AWSPREVIOUS says which version was current before, and moves with every promotion.
    let plain = |lines: &[String]| -> Vec<String> {
        lines.iter().filter(|l| !l.contains("[\"AWSPREVIOUS\"]")).cloned().collect()
    };
    assert_eq!(neutral(&before, &plain(&now), id), neutral(&before, &plain(&before), id), "{name}");
}

#[tokio::test]
async fn undo_leaves_the_estate_as_it_was() {
    undone("secret", Some("remove-entry")).await;
    undone("secret-update", Some("watch")).await;
    undone("lambda-env", None).await;
    undone("api-gateway", Some("disable")).await;
    undone("both", Some("disable")).await;
    undone("iam-user", Some("deactivate")).await;
}
