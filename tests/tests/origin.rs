//! What a task may know of its origin, and `origin = "follow"`.

use std::time::Duration;

use detached::{Cause, Context, OutcomeKind, Supervisor, TaskError, background};
use detached_tests::recording::Recording;
use tokio::time::Instant;

#[background(timeout = "1h", origin = "follow")]
async fn follow() {
    std::future::pending().await
}

#[background(timeout = "1h")]
async fn watch() -> Option<Cause> {
    let origin = Context::current().origin()?;
    origin.cancelled().await;
    assert!(origin.is_cancelled() && !Context::current().is_cancelled());
    origin.cause()
}

#[tokio::test(start_paused = true)]
async fn a_task_can_watch_its_origin_and_is_not_cancelled_with_it() {
    let request = Context::new();
    let task = request.scope(async { watch() }).await;
    tokio::task::yield_now().await;

    request.cancel(Cause::Disconnected);
    assert_eq!(task.await, Ok(Some(Cause::Disconnected)));
}

#[tokio::test(start_paused = true)]
async fn a_task_can_watch_its_origin_after_that_was_freed() {
    let request = Context::new();
    let view = request.as_origin();
    let task = request.scope(async { watch() }).await;
    request.cancel(Cause::Completed);
    drop(request);

    assert_eq!(task.await, Ok(Some(Cause::Completed)));
    assert_eq!(view.cause(), Some(Cause::Completed));
}

#[tokio::test(start_paused = true)]
async fn a_task_called_where_no_context_is_has_no_origin() {
    assert_eq!(watch().await, Ok(None));
    assert!(Context::new().origin().is_none(), "nor has a context that is no task's");
}

#[tokio::test(start_paused = true)]
async fn a_nested_tasks_origin_is_its_callers_context() {
    #[background(timeout = "1h")]
    async fn outer() -> Option<Cause> {
        let nested = watch();
        tokio::task::yield_now().await;
        Context::current().child().cancel("not the origin");
        Context::current().cancel("the outer one's end");
        tokio::spawn(nested).await.expect("it does not panic").expect("it ended")
    }

    // The outer one is dropped where it waits; what it called goes on.
    let request = Context::new();
    let supervisor = Supervisor::new();
    let outer = supervisor.scope(request.scope(async { outer().await })).await;
    assert_eq!(outer, Err(TaskError::Cancelled(Cause::from("the outer one's end"))));
    supervisor.idle().await;
    assert_eq!((supervisor.counts().completed, supervisor.counts().cancelled), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_follower_is_cancelled_with_its_origin_and_its_outcome_has_the_cause() {
    let recording = Recording::new();
    let _recorded = recording.set_default();
    let request = Context::new();
    let task = request.scope(async { follow() }).await;
    tokio::task::yield_now().await;
    assert!(!task.is_finished());

    request.cancel(Cause::Disconnected);
    assert_eq!(task.await, Err(TaskError::Cancelled(Cause::Disconnected)));
    let event = recording.outcome("follow");
    assert_eq!(event.field("outcome"), Some(OutcomeKind::Cancelled.name()));
    assert_eq!(event.field("cause"), Some("disconnected"));
}

#[tokio::test(start_paused = true)]
async fn a_follower_ends_at_its_origins_deadline() {
    let started = Instant::now();
    let request = Context::new().with_timeout(Duration::from_secs(1));
    let ended = request.scope(async { follow().await }).await;

    assert_eq!(ended, Err(TaskError::Cancelled(Cause::TimedOut)), "not its own timeout");
    assert_eq!(started.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_follower_whose_origin_is_over_never_starts() {
    #[background(timeout = "1h", origin = "follow")]
    async fn never() {
        panic!("nobody wants this work any more");
    }

    let request = Context::new();
    request.cancel(Cause::Completed);
    assert_eq!(request.scope(async { never().await }).await, Err(TaskError::Cancelled(Cause::Completed)));
}

#[tokio::test(start_paused = true)]
async fn a_follower_has_its_grace() {
    #[background(timeout = "1h", grace = "1h", origin = "follow")]
    async fn tidy_up() -> Option<Cause> {
        Context::current().cancelled().await;
        Context::current().cause()
    }

    let request = Context::new();
    let task = request.scope(async { tidy_up() }).await;
    tokio::task::yield_now().await;
    request.cancel("withdrawn");
    assert_eq!(task.await, Ok(Some(Cause::from("withdrawn"))));
}

#[tokio::test(start_paused = true)]
async fn a_follower_without_an_origin_runs() {
    #[background(timeout = "1h", origin = "follow")]
    async fn run() -> u32 {
        tokio::task::yield_now().await;
        7
    }

    assert_eq!(run().await, Ok(7));
}
