//! Bounds that bind nobody.

use std::future::pending;
use std::time::Duration;

use detached::{Context, OutcomeKind, Reason, Supervisor, TaskError, background};
use detached_tests::witness::Witness;
use tokio::runtime::Builder;

#[background(timeout = "5s")]
async fn never_ends() {
    pending().await
}

// The bound is taken from the caller's deadline, and where the caller has none there is none: as with a middleware that
// only ever shortens what is there.
#[tokio::test(start_paused = true)]
async fn a_timeout_ignored_when_the_parent_has_none() {
    let supervisor = Supervisor::new();
    let bounded = Context::new().with_timeout(Duration::from_secs(3600));
    let parents = [Context::new(), Context::new().child(), bounded];
    for parent in parents {
        let task = supervisor.in_scope(|| parent.in_scope(never_ends));
        assert_eq!(detached_tests::poll::within_a_day(task).await, Err(TaskError::TimedOut));
    }
}

// The shutdown's deadline passes, and all that is said is that it did: nobody knows whose mail was not sent.
#[tokio::test(start_paused = true)]
async fn a_deadline_passed_and_nobody_named() {
    let supervisor = Supervisor::new();
    let request = Context::new().with("user_id", 7_u64);
    let _task = supervisor.scope(request.scope(async { never_ends() })).await;
    let report = supervisor.drain(Duration::from_secs(1)).await;

    let [lost] = report.lost().cancelled.try_into().unwrap();
    assert_eq!((lost.name, lost.caller.file()), ("never_ends", file!()));
    assert!(!report.is_clean());
    assert!(report.to_string().contains("never_ends"), "{report}");
}

// A runtime that was built without timers panics where the first timer is made: in the handler, which then is to blame.
#[test]
fn a_runtime_without_timers() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let witness = Witness::new();
    let task = runtime.block_on(async { witness.supervisor.in_scope(never_ends) });
    assert_eq!(runtime.block_on(task), Err(TaskError::Rejected(Reason::NoTimeDriver)));
    let why = witness.recording.outcome("never_ends").field("reason").unwrap().to_owned();
    assert!(why.contains("enable_time"), "it says what to write: {why}");
    assert_eq!(witness.check().of(OutcomeKind::Rejected), 1);
}
