//! A task is detached from its origin for every question, and goes on without it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use detached::{Cause, Context, TaskError, ValueError, background};
use detached_tests::poll::poll_once;
use tokio::sync::oneshot::{self, Receiver, Sender};
use tokio::time::{Instant, sleep};

/// Waits for the gate, then tells what it sees of the context around it.
#[background(timeout = "1h", inherit = ["user_id"])]
async fn look(gate: Receiver<()>, saw: Sender<Context>) {
    gate.await.expect("the test opens the gate");
    saw.send(Context::current()).expect("the test looks");
}

fn request() -> Context {
    Context::new().with("user_id", 7_u64)
}

#[tokio::test(start_paused = true)]
async fn a_task_goes_on_when_the_future_that_awaits_it_is_dropped() {
    let ((open, gate), (saw, seen)) = (oneshot::channel(), oneshot::channel());
    let handler = request().scope(async { look(gate, saw).await });

    assert_eq!(poll_once(handler).await, None);

    open.send(()).expect("the task still waits at the gate");
    assert_eq!(seen.await.expect("the task came to its end").get("user_id"), Ok(7_u64));
}

#[tokio::test(start_paused = true)]
async fn a_task_does_not_see_its_origins_cancellation() {
    let request = request();
    let ((open, gate), (saw, seen)) = (oneshot::channel(), oneshot::channel());
    let task = request.scope(async { look(gate, saw) }).await;

    request.cancel(Cause::Disconnected);
    open.send(()).expect("the task still waits at the gate");

    let context = seen.await.expect("the task came to its end");
    assert_eq!((context.is_cancelled(), context.cause()), (false, None));
    assert_eq!(poll_once(context.cancelled()).await, None);
    assert_eq!(task.await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_task_called_after_its_origin_was_cancelled_runs_all_the_same() {
    let request = request();
    request.cancel(Cause::Completed);
    let ((open, gate), (saw, seen)) = (oneshot::channel(), oneshot::channel());
    open.send(()).expect("the gate is there");

    let task = request.scope(async { look(gate, saw) }).await;

    assert_eq!(task.await, Ok(()));
    assert_eq!(seen.await.expect("the task ran").cause(), None);
}

#[tokio::test(start_paused = true)]
async fn a_task_does_not_see_its_origins_deadline() {
    #[background(timeout = "1h")]
    async fn outlast() -> Option<Instant> {
        sleep(Duration::from_secs(60)).await;
        Context::current().deadline()
    }

    let request = Context::new().with_timeout(Duration::from_secs(1));
    let started = Instant::now();
    let deadline = request.scope(async { outlast().await }).await.expect("an hour is enough");

    assert!(request.is_cancelled());
    assert_eq!(deadline, Some(started + Duration::from_secs(3600)), "its own, counted from its call");
}

#[tokio::test(start_paused = true)]
async fn a_task_without_a_bound_has_no_deadline_though_its_origin_has_one() {
    #[background(timeout = "none")]
    async fn deadline() -> Option<Instant> {
        Context::current().deadline()
    }

    let request = Context::new().with_timeout(Duration::from_secs(1));
    assert_eq!(request.scope(async { deadline().await }).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_task_sees_no_value_that_was_not_listed() {
    let request = request().with("tenant", "acme").with_sensitive("token", "s3cret");
    let ((open, gate), (saw, seen)) = (oneshot::channel(), oneshot::channel());
    open.send(()).expect("the gate is there");
    request.scope(async { look(gate, saw) }).await.await.expect("the task ran");

    let context = seen.await.expect("the task ran");
    assert_eq!(context.names(), ["user_id"]);
    assert_eq!(context.get::<&str>("tenant"), Err(ValueError::Absent { name: "tenant" }));
    assert_eq!(context.get::<&str>("token"), Err(ValueError::Absent { name: "token" }));
}

/// A request that holds something large, and the eye on it.
fn heavy_request() -> (Context, Weak<Vec<u8>>) {
    let body = Arc::new(vec![0; 1 << 20]);
    let eye = Arc::downgrade(&body);
    (request().with_sensitive("body", body), eye)
}

#[tokio::test(start_paused = true)]
async fn the_origin_is_freed_while_the_task_runs() {
    let (request, body) = heavy_request();
    let ((open, gate), (saw, seen)) = (oneshot::channel(), oneshot::channel());
    let task = request.scope(async { look(gate, saw) }).await;
    tokio::task::yield_now().await;

    assert!(body.upgrade().is_some());
    drop(request);
    assert!(body.upgrade().is_none(), "the request is freed with its last handle");

    assert!(!task.is_finished(), "and the task still runs");
    open.send(()).expect("the task still waits at the gate");
    assert_eq!(seen.await.expect("the task came to its end").get("user_id"), Ok(7_u64));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_watches_or_follows_its_origin_does_not_keep_it_alive() {
    #[background(timeout = "1h", origin = "follow")]
    async fn watch() {
        let origin = Context::current().origin().expect("called in a request");
        origin.cancelled().await;
        std::future::pending().await
    }

    let (request, body) = heavy_request();
    let outer = Context::new();
    let inner = outer.child();
    let task = request.scope(async { watch() }).await;
    let nested = inner.with_sensitive("request", request.clone()).scope(async { watch() }).await;
    tokio::task::yield_now().await;

    drop(request);
    assert!(body.upgrade().is_none());
    assert!(!task.is_finished() && !nested.is_finished());

    outer.cancel("the end of the test");
    assert_eq!(nested.await, Err(TaskError::Cancelled(Cause::from("the end of the test"))));
}

#[tokio::test(start_paused = true)]
async fn an_origin_is_freed_though_its_tasks_tasks_run() {
    #[background(timeout = "1h", inherit = ["user_id"])]
    async fn call_another(gate: Receiver<()>, saw: Sender<Context>) {
        look(gate, saw);
    }

    let (request, body) = heavy_request();
    let ((open, gate), (saw, seen)) = (oneshot::channel(), oneshot::channel());
    request.scope(async { call_another(gate, saw) }).await.await.expect("the first one ended");

    drop(request);
    assert!(body.upgrade().is_none());
    open.send(()).expect("the second one still waits at the gate");
    assert_eq!(seen.await.expect("the second one came to its end").names(), ["user_id"]);
}

#[tokio::test(start_paused = true)]
async fn a_listed_value_is_freed_as_soon_as_the_task_ends() {
    #[background(timeout = "1h", inherit = ["file"])]
    async fn hold(gate: Receiver<()>) {
        // Asks for its context, so that it is there to be freed too.
        assert_eq!(Context::current().names(), ["file"]);
        let _ = gate.await;
    }

    let file = Arc::new("contents");
    let eye = Arc::downgrade(&file);
    let (open, gate) = oneshot::channel();
    let task = Context::new().with("file", file).scope(async { hold(gate) }).await;
    tokio::task::yield_now().await;
    assert!(eye.upgrade().is_some(), "the task holds it");

    open.send(()).expect("the task still waits at the gate");
    while !task.is_finished() {
        tokio::task::yield_now().await;
    }
    assert!(eye.upgrade().is_none(), "though its handle is still there");
}
