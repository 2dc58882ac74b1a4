//! A library that only calls background functions needs `detached` alone; the runtime is the program's matter, and here
//! it comes from another crate.

use std::time::Duration;

use detached::{Cause, Context, Key, Reason, Supervisor, TaskError, background};

static PAGE: Key<&'static str> = Key::new("page");

#[background(timeout = "1m", inherit = ["user_id", PAGE])]
async fn record_visit(table: &str) -> Result<String, std::fmt::Error> {
    let user: u8 = Context::current().get("user_id").expect("it is inherited");
    Ok(format!("{table}: {user} {}", PAGE.get()))
}

#[background(timeout = Duration::from_millis(1), grace = "1ms", limit = 1, overflow = "wait", start_timeout = "1m")]
async fn endless() {
    std::future::pending().await
}

#[background(timeout = "none", origin = "follow", shutdown = "cancel", trace = "child")]
async fn until_cancelled() {
    std::future::pending().await
}

#[test]
fn in_a_runtime_of_another_crate() {
    facade::run(async {
        let request = Context::new().with("user_id", 7_u8).with("page", "/");
        let task = request.scope(async { record_visit("visits") }).await;
        assert_eq!(task.await.unwrap().unwrap(), "visits: 7 /");
        assert!(matches!(endless().await, Err(TaskError::TimedOut)));

        let task = request.scope(async { until_cancelled() }).await;
        request.cancel(Cause::Disconnected);
        assert!(matches!(task.await, Err(TaskError::Cancelled(_))));
    });
}

#[test]
fn outside_of_a_runtime() {
    let task = endless();
    assert!(task.is_finished());
    let outcome = facade::run(task);
    assert!(matches!(outcome, Err(TaskError::Rejected(Reason::NoRuntime))));
}

#[test]
fn a_drain_from_anywhere() {
    facade::run(async {
        let supervisor = Supervisor::new();
        let task = supervisor.scope(async { until_cancelled() }).await;
        let report = supervisor.drain(Duration::from_secs(60)).await;
        assert!(matches!(task.await, Err(TaskError::Cancelled(Cause::Shutdown))), "{report}");
    });
}
