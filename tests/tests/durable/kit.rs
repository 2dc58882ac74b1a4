//! The stores for the tests of a program.

use std::time::Duration;

use detached::durable::StoreError;
use detached::testing::{Inline, Recorded, TestSupervisor};
use detached::{OutcomeKind, Supervisor};

use crate::functions::{Mail, Seen, explode, send};

fn inline(seen: &Seen) -> TestSupervisor {
    TestSupervisor::with(Supervisor::builder().store(Inline::new().state(seen.clone())))
}

#[tokio::test(start_paused = true)]
async fn inline_runs_what_is_stored_at_once() {
    let seen = Seen::default();
    let test = inline(&seen);
    let later = Duration::from_secs(3600);
    let id = test.run(async { send(Mail::to("ann"), Some(false)).after(later).await }).await;
    assert_eq!(id.unwrap().as_str(), "inline-1");
    assert_eq!(seen.all(), ["ann, urgent: Some(false), attempt 1"]);
    test.assert_outcomes("send", [OutcomeKind::Completed]);
}

#[tokio::test(start_paused = true)]
async fn inline_tries_as_often_as_a_worker() {
    let seen = Seen::default();
    let test = inline(&seen);
    (0..5).for_each(|_| test.expect("send", OutcomeKind::Failed));
    let before = tokio::time::Instant::now();
    test.run(async { send(Mail::to(""), None).await.unwrap() }).await;
    assert_eq!(seen.all().last().unwrap(), ", urgent: None, attempt 5");
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn inline_says_what_a_worker_would_set_aside() {
    let test = TestSupervisor::with(Supervisor::builder().store(Inline::new()));
    let error = test.run(async { send(Mail::to("ann"), None).await }).await.unwrap_err();
    assert!(error.to_string().contains("the worker has no state of the type"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn inline_gives_up_under_a_supervisor_that_drains() {
    let seen = Seen::default();
    let supervisor = Supervisor::builder().store(Inline::new().state(seen.clone())).build();
    supervisor.drain(Duration::ZERO).await;
    supervisor.scope(async { send(Mail::to("ann"), None).await }).await.unwrap();
    assert!(seen.all().is_empty());
}

#[tokio::test]
async fn recorded_keeps_what_is_stored_and_runs_nothing() {
    let recorded = Recorded::new();
    let test = TestSupervisor::with(Supervisor::builder().store(recorded.clone()));
    test.run(async {
        send(Mail::to("ann"), None).await.unwrap();
        explode().await.unwrap();
        send(Mail::to("bob"), None).await.unwrap();
    })
    .await;
    let to: Vec<_> =
        recorded.calls_of::<send>().iter().map(|job| job.envelope.arguments["mail"]["to"].clone()).collect();
    assert_eq!(to, ["ann", "bob"]);
    assert_eq!(recorded.jobs().len(), 3);
    assert_eq!(test.supervisor().counts().called, 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_of_a_function_is_taken_once() {
    let (seen, recorded) = (Seen::default(), Recorded::new());
    let stores = [
        Supervisor::builder().store(Inline::new().state(seen.clone())).build(),
        Supervisor::builder().store(recorded.clone()).build(),
    ];
    for supervisor in stores {
        supervisor
            .scope(async {
                send(Mail::to("ann"), None).key("7").await.unwrap();
                let error = send(Mail::to("ann"), None).key("7").await.unwrap_err();
                assert!(matches!(&error, StoreError::Doubled { key } if key == "7"), "{error:?}");
                send(Mail::to("ann"), None).key("8").await.unwrap();
                explode().key("7").await.expect("another function's");
            })
            .await;
    }
    assert_eq!((seen.all().len(), recorded.jobs().len()), (2, 3));
}
