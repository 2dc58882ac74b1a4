//! What of a caller is left where it does not belong.

use std::panic::{AssertUnwindSafe, catch_unwind};

use detached::{Context, Key, Supervisor, Task, background};
use detached_tests::recording::Recording;
use tracing::info_span;

static USER_ID: Key<u64> = Key::new("user_id");

#[background(timeout = "5s", inherit = [USER_ID])]
async fn breaks() {
    panic!("in the middle of a request");
}

#[background(timeout = "5s", inherit = [USER_ID?])]
async fn whose() -> Option<u64> {
    USER_ID.try_get().ok()
}

// A value is put on the thread for a poll and taken off after it, which a panic skips: the next request that this thread
// serves acts in somebody else's name.
#[tokio::test]
async fn values_left_on_the_thread_after_a_panic() {
    let supervisor = Supervisor::new();
    let request = Context::new().with(USER_ID, 7);
    let broken = supervisor.in_scope(|| request.in_scope(breaks));
    broken.await.unwrap_err();
    let unwound = catch_unwind(AssertUnwindSafe(|| request.in_scope(|| panic!("in the handler"))));
    unwound.unwrap_err();

    assert_eq!(USER_ID.try_get().ok(), None, "the thread is nobody's");
    assert_eq!(supervisor.in_scope(whose).await, Ok(None), "and so is the next task");
}

// The work's span is a child of the request's and keeps it open: the request seems to take as long as the work, and
// shows up in the trace when that is done, if ever.
#[tokio::test]
async fn the_requests_span_held_open() {
    let recording = Recording::new();
    let _subscriber = recording.set_default();
    let supervisor = Supervisor::new();
    let (answer, answered) = tokio::sync::oneshot::channel();
    let request = info_span!("request");
    let task: Task<u8> = request.in_scope(|| supervisor.in_scope(|| waits(answered)));
    drop(request);
    tokio::task::yield_now().await;

    assert!(recording.span("waits").is_open);
    assert!(!recording.span("request").is_open, "the request is over, and its span with it");
    assert_eq!(recording.span("waits").follows_from, ["request"], "and the two are tied all the same");
    answer.send(7).unwrap();
    assert_eq!(task.await, Ok(7));
}

#[background(timeout = "5s")]
async fn waits(answered: tokio::sync::oneshot::Receiver<u8>) -> u8 {
    answered.await.unwrap()
}
