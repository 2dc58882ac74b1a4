//! A body that completes only after it was told to stop: its outcome is `completed`, and somebody should look.

use std::sync::Arc;
use std::time::Duration;

use detached::{Context, Supervisor, Task, background};
use detached_tests::recording::{RecordedEvent, Recording};
use tokio::sync::Notify;
use tokio::time::sleep;
use tracing::Level;

const SECOND: Duration = Duration::from_secs(1);

#[background(timeout = "5s", grace = "2s", inherit = ["user_id?"])]
async fn tidy_up(error: bool) -> Result<(), &'static str> {
    Context::current().cancelled().await;
    sleep(SECOND).await;
    if error { Err("no") } else { Ok(()) }
}

/// What is said of a completed task besides its name and its values.
fn said(event: &RecordedEvent) -> (Level, &str, [Option<&str>; 4]) {
    (event.level, event.message(), ["outcome", "elapsed_ms", "timeout", "cause"].map(|name| event.field(name)))
}

#[tokio::test(start_paused = true)]
async fn completed_after_its_bound_is_a_warning_that_names_the_bound() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let request = Context::new().with("user_id", 7);
    request.scope(async { tidy_up(false).await }).await.unwrap().unwrap();
    let event = recording.outcome("tidy_up");
    assert_eq!(
        said(&event),
        (Level::WARN, "task completed late", [Some("completed"), Some("6000.0"), Some("5s"), None])
    );
    assert_eq!((event.span, event.field("user_id")), (Some("tidy_up"), Some("7")));
    assert_eq!(recording.span("tidy_up").field("outcome"), Some("completed"));
}

#[tokio::test(start_paused = true)]
async fn completed_after_a_cancellation_is_a_warning_that_names_the_cause() {
    let by_handle: fn(&Task<_>, &Supervisor) = |task, _| task.cancel("the order was withdrawn");
    let by_drain: fn(&Task<_>, &Supervisor) = |_, supervisor| {
        tokio::spawn({
            let supervisor = supervisor.clone();
            async move { supervisor.drain(Duration::ZERO).await }
        });
    };
    for (cancel, elapsed, cause) in [(by_handle, "2000.0", "the order was withdrawn"), (by_drain, "2000.0", "shutdown")]
    {
        let recording = Recording::new();
        let _set = recording.set_default();
        let supervisor = Supervisor::new();
        let task = supervisor.scope(async { tidy_up(false) }).await;
        sleep(SECOND).await;
        cancel(&task, &supervisor);
        task.await.unwrap().unwrap();
        assert_eq!(
            said(&recording.outcome("tidy_up")),
            (Level::WARN, "task completed late", [Some("completed"), Some(elapsed), None, Some(cause)])
        );
    }
}

#[background(timeout = "5s", grace = "2s")]
async fn end_at_once() {
    Context::current().cancelled().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_ends_at_once_when_the_time_is_over_is_late_too() {
    let recording = Recording::new();
    let _set = recording.set_default();
    end_at_once().await.unwrap();
    assert_eq!(
        said(&recording.outcome("end_at_once")),
        (Level::WARN, "task completed late", [Some("completed"), Some("5000.0"), Some("5s"), None])
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_that_comes_late_is_an_error() {
    let recording = Recording::new();
    let _set = recording.set_default();
    tidy_up(true).await.unwrap().unwrap_err();
    let event = recording.outcome("tidy_up");
    assert_eq!((event.level, event.message(), event.field("timeout")), (Level::ERROR, "task failed", None));
}

#[tokio::test]
async fn completed_in_the_poll_in_which_it_was_told_is_late_too() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let supervisor = Supervisor::new();
    let task = detached::task("cancels itself").supervisor(&supervisor).no_timeout().spawn(async {
        Context::current().cancel("enough");
    });
    task.await.unwrap();
    let event = recording.outcome("cancels itself");
    assert_eq!((event.message(), event.field("cause")), ("task completed late", Some("enough")));
}

/// Wants warnings only: no span, and nothing of a task that is on time.
fn warnings() -> Recording {
    Recording::filtered(|metadata| *metadata.level() <= Level::WARN)
}

#[tokio::test(start_paused = true)]
async fn it_is_told_where_only_warnings_are_wanted() {
    let recording = warnings();
    let _set = recording.set_default();
    tidy_up(false).await.unwrap().unwrap();
    assert_eq!(recording.outcome("tidy_up").message(), "task completed late");

    let on_time = Arc::new(Notify::new());
    let notified = Arc::clone(&on_time);
    let task = detached::task("on time").no_timeout().spawn(async move { notified.notified().await });
    tokio::task::yield_now().await;
    on_time.notify_one();
    task.await.unwrap();
    assert_eq!(recording.outcomes("on time"), []);
}
