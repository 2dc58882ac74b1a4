//! Owners that let go too early or too late.

use std::sync::Arc;
use std::time::Duration;

use detached::testing::TestSupervisor;
use detached::{OutcomeKind, Reason, Supervisor, TaskError, background};
use detached_tests::poll::poll_once;
use tokio::sync::Semaphore;
use tokio::task::yield_now;

#[background(timeout = "5s")]
async fn work(gate: Arc<Semaphore>) -> &'static str {
    gate.acquire().await.unwrap().forget();
    "done"
}

#[background(timeout = "5s", limit = 1, overflow = "wait")]
async fn one_at_a_time(gate: Arc<Semaphore>) -> &'static str {
    gate.acquire().await.unwrap().forget();
    "done"
}

fn closed() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(0))
}

// At the limit the handler waits for a permit and spawns then: whoever disconnects in the meantime takes the work along.
#[tokio::test(start_paused = true)]
async fn the_permit_awaited_in_the_requests_own_future() {
    let (supervisor, gate) = (Supervisor::new(), closed());
    let first = supervisor.in_scope(|| one_at_a_time(Arc::clone(&gate)));
    let answer = poll_once(supervisor.scope(async {
        drop(one_at_a_time(Arc::clone(&gate)));
        "the page"
    }));
    assert_eq!(answer.await, Some("the page"), "the handler does not wait, not even for one poll");
    gate.add_permits(2);
    assert_eq!(first.await, Ok("done"));
    supervisor.idle().await;
    assert_eq!(supervisor.counts().completed, 2);
}

// `close` only lets `wait` return; what is spawned after it runs, is waited for by nobody and cut by the end of the process.
#[tokio::test(start_paused = true)]
async fn a_close_that_does_not_close_admission() {
    let (supervisor, gate) = (Supervisor::new(), closed());
    let before = supervisor.in_scope(|| work(Arc::clone(&gate)));
    let mut drain = Box::pin(supervisor.drain(Duration::from_secs(5)));
    assert!(poll_once(&mut drain).await.is_none());

    let after = supervisor.in_scope(|| work(Arc::clone(&gate)));
    assert_eq!(after.await, Err(TaskError::Rejected(Reason::Draining)));
    gate.add_permits(1);
    let report = drain.await;
    assert_eq!(before.await, Ok("done"));
    assert_eq!(report.lost().rejected.len(), 1, "what came too late is named");
}

// The shutdown cancels first and waits then: work that would have been done in a second is cut off for no gain.
#[tokio::test(start_paused = true)]
async fn cancel_before_wait_at_a_shutdown() {
    let (supervisor, gate) = (Supervisor::new(), closed());
    let task = supervisor.in_scope(|| work(Arc::clone(&gate)));
    let mut drain = Box::pin(supervisor.drain(Duration::from_secs(5)));
    assert!(poll_once(&mut drain).await.is_none());
    yield_now().await;
    assert!(!task.is_finished());
    gate.add_permits(1);
    assert!(drain.await.is_clean());
    assert_eq!(task.await, Ok("done"));
}

// The set of tasks is a local of the handler, and aborts them when the handler returns or is dropped.
#[tokio::test(start_paused = true)]
async fn an_owner_dropped_by_the_handler_that_cancels_its_tasks() {
    let gate = closed();
    let task = {
        let owner = Supervisor::new();
        let handle = owner.in_scope(|| work(Arc::clone(&gate)));
        drop(owner.in_scope(|| work(Arc::clone(&gate))));
        handle
    };
    yield_now().await;
    assert!(!task.is_finished());
    gate.add_permits(2);
    assert_eq!(task.await, Ok("done"));
    yield_now().await;
    assert_eq!(gate.available_permits(), 0, "the one whose handle was dropped has had its permit too");
}

// All tests of a process share one global list: one waits for another's tasks, and fails on their mistakes.
#[tokio::test(start_paused = true)]
async fn one_registry_for_all_tests() {
    let (one, other, gate) = (TestSupervisor::new(), TestSupervisor::new(), closed());
    let open = Arc::new(Semaphore::new(1));
    let others = other.supervisor().in_scope(|| work(Arc::clone(&gate)));
    assert_eq!(one.run(async { work(open).await }).await, Ok("done"), "it does not wait for the other's");
    one.assert_outcomes("work", [OutcomeKind::Completed]);
    other.assert_outcomes("work", []);
    gate.add_permits(1);
    assert_eq!(others.await, Ok("done"));
    other.assert_outcomes("work", [OutcomeKind::Completed]);
}
