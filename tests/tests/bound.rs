//! From when a bound counts: from the call, and with a limit from the turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use detached::{Context, OutcomeKind, Supervisor, TaskError, background};
use detached_tests::witness::{Seen, Witness};
use tokio::time::{Instant, advance, sleep};

const SECOND: Duration = Duration::from_secs(1);

#[background(timeout = "5s")]
async fn note(started: Arc<AtomicBool>) -> Option<Instant> {
    started.store(true, Ordering::Relaxed);
    Context::current().deadline()
}

#[tokio::test(start_paused = true)]
async fn what_passes_before_the_first_poll_counts() {
    let supervisor = Supervisor::new();
    let called = Instant::now();
    let task = supervisor.in_scope(|| note(Arc::default()));
    assert_eq!(supervisor.tasks()[0].deadline(), Some(called + 5 * SECOND));
    advance(4 * SECOND).await;
    assert_eq!(task.await, Ok(Some(called + 5 * SECOND)));
}

#[tokio::test(start_paused = true)]
async fn a_task_whose_bound_is_over_before_its_first_poll_never_starts() {
    let witness = Witness::new();
    let started = Arc::new(AtomicBool::new(false));
    let task = witness.supervisor.in_scope(|| note(Arc::clone(&started)));
    // The clock moves before the runtime has polled the task.
    let mut advanced = Box::pin(advance(5 * SECOND));
    assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(advanced.as_mut().poll(cx).is_pending())).await);
    assert_eq!(task.await, Err(TaskError::TimedOut));
    assert!(!started.load(Ordering::Relaxed));
    assert_eq!(witness.seen(), [Seen::End("note", OutcomeKind::TimedOut)], "no start");
}

#[background(timeout = "5s", limit = 1, overflow = "wait")]
async fn one_at_a_time(takes: Duration) {
    sleep(takes).await;
}

#[tokio::test(start_paused = true)]
async fn with_a_limit_the_bound_counts_from_the_turn() {
    let supervisor = Supervisor::new();
    let (first, second, third) =
        supervisor.in_scope(|| (one_at_a_time(4 * SECOND), one_at_a_time(4 * SECOND), one_at_a_time(6 * SECOND)));
    assert_eq!((first.await, second.await), (Ok(()), Ok(())));
    let turn = Instant::now();
    assert_eq!(third.await, Err(TaskError::TimedOut));
    assert_eq!(turn.elapsed(), 5 * SECOND);
}
