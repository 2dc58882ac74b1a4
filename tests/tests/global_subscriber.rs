//! With the subscriber that a program usually has: the global one, which a task need not bring along.

use detached::background;
use detached_tests::recording::Recording;
use tracing::{dispatcher, info, info_span};

#[background(timeout = "5s")]
async fn record_visit() -> String {
    info!("body");
    dispatcher::get_default(|subscriber| format!("{subscriber:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_finds_the_global_subscriber_by_itself() {
    let recording = Recording::new();
    dispatcher::set_global_default(recording.dispatch()).unwrap();
    let global = dispatcher::get_default(|subscriber| format!("{subscriber:?}"));

    let task = info_span!("request").in_scope(record_visit);
    // To carry it would put a scoped one in place, and cost every span and event of the process its fast path.
    assert_eq!(task.await.unwrap(), global);
    assert_eq!(recording.event("body").span, Some("record_visit"));
    assert_eq!(recording.outcome("record_visit").span, Some("record_visit"));
    assert_eq!(recording.span("record_visit").follows_from, ["request"]);
    assert!(!recording.span("request").is_open && !recording.span("record_visit").is_open);
}
