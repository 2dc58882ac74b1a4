//! The table of `detached::guide::context`, a test a row: what the origin answers, and what the task's context does.

use std::sync::Arc;
use std::time::Duration;

use detached::{Cause, Context, Supervisor, ValueError, background};
use detached_tests::poll::within_a_day;
use detached_tests::recording::{Recording, Step};
use tokio::sync::oneshot::{self, Receiver};
use tokio::time::{Instant, sleep};
use tracing::Instrument;

const SECOND: Duration = Duration::from_secs(1);

/// A request with a second to live.
fn request() -> Context {
    Context::new().with("user_id", 7_u64).with("page", "/pricing").with_timeout(SECOND)
}

#[tokio::test(start_paused = true)]
async fn deadline() {
    #[background(timeout = "5s")]
    async fn bounded() -> Option<Instant> {
        Context::current().deadline()
    }
    #[background(timeout = "none")]
    async fn unbounded() -> Option<Instant> {
        Context::current().deadline()
    }

    let (request, now) = (request(), Instant::now());
    assert_eq!(request.deadline(), Some(now + SECOND));

    let (first, second) = request.scope(async { (bounded(), unbounded()) }).await;
    // The task is polled later than it is called, and its bound counts from the call.
    tokio::time::advance(SECOND / 2).await;
    assert_eq!(first.await, Ok(Some(now + 5 * SECOND)));
    assert_eq!(second.await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn done() {
    #[background(timeout = "5s", grace = "1s")]
    async fn until_done() -> Duration {
        let started = Instant::now();
        Context::current().cancelled().await;
        started.elapsed()
    }

    let (request, started) = (request(), Instant::now());
    let supervisor = Supervisor::new();
    let call = async { (until_done(), until_done(), until_done()) };
    let (by_time, by_hand, by_drain) = supervisor.scope(request.scope(call)).await;

    within_a_day(request.cancelled()).await;
    assert_eq!(started.elapsed(), SECOND, "the origin's deadline");
    sleep(SECOND).await;
    by_hand.cancel("by hand");
    assert_eq!(by_hand.await, Ok(2 * SECOND));
    assert_eq!(by_time.await, Ok(5 * SECOND));
    assert_eq!(by_drain.await, Ok(5 * SECOND));

    let cut_off = supervisor.scope(async { until_done() }).await;
    let _ = supervisor.drain(3 * SECOND).await;
    assert_eq!(cut_off.await, Ok(3 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn cause() {
    #[background(timeout = "5s", grace = "1s")]
    async fn causes(over: Receiver<()>) -> [Option<Cause>; 3] {
        let context = Context::current();
        over.await.expect("the request ends");
        let before = context.cause();
        context.cancelled().await;
        [before, context.cause(), context.origin().and_then(|origin| origin.cause())]
    }

    let request = request();
    let (end, over) = oneshot::channel();
    let task = request.scope(async { causes(over) }).await;
    request.cancel(Cause::Disconnected);
    end.send(()).expect("the task waits");
    tokio::task::yield_now().await;
    task.cancel("no longer needed");

    assert_eq!(request.cause(), Some(Cause::Disconnected));
    assert_eq!(task.await, Ok([None, Some(Cause::from("no longer needed")), Some(Cause::Disconnected)]));
}

#[tokio::test(start_paused = true)]
async fn values() {
    #[background(timeout = "5s", inherit = ["user_id"])]
    async fn look() -> (Vec<&'static str>, Result<u64, ValueError>) {
        (Context::current().names(), Context::current().get("user_id"))
    }

    let request = request();
    let task = request.scope(async { look() }).await;
    request.insert("user_id", 8_u64);

    assert_eq!((request.names(), request.get("user_id")), (vec!["user_id", "page"], Ok(8_u64)));
    assert_eq!(task.await, Ok((vec!["user_id"], Ok(7))));
}

#[tokio::test(start_paused = true)]
async fn span() {
    #[background(timeout = "5s", inherit = ["user_id"])]
    async fn work() {
        tracing::info!("at work");
    }

    let recording = Recording::new();
    let _recorded = recording.set_default();
    let handler = async {
        tracing::info!("in the handler");
        work()
    };
    let task = request().scope(handler).instrument(tracing::info_span!("request")).await;
    assert!(!recording.span("request").is_open, "it closes on time, the task being still to come");
    task.await.expect("the task ended");

    assert_eq!(recording.event("in the handler").span, Some("request"));
    assert_eq!(recording.event("at work").span, Some("work"));
    let span = recording.span("work");
    assert_eq!((span.parent, span.follows_from.as_slice()), (None, &["request"][..]));
    assert_eq!((span.field("user_id"), span.field("page")), (Some("7"), None));
    assert!(recording.is_before(&Step::Close("request"), &Step::Close("work")));
}

#[tokio::test(start_paused = true)]
async fn retention() {
    #[background(timeout = "5s", inherit = ["user"])]
    async fn hold(gate: Receiver<()>) {
        let _own = Context::current();
        gate.await.expect("the test opens the gate");
    }

    let (user, body) = (Arc::new("user"), Arc::new("body"));
    let (of_user, of_body) = (Arc::downgrade(&user), Arc::downgrade(&body));
    let request = Context::new().with("user", user).with("body", body);
    let (open, gate) = oneshot::channel();
    let task = request.scope(async { hold(gate) }).await;
    tokio::task::yield_now().await;

    assert!(of_user.upgrade().is_some() && of_body.upgrade().is_some(), "the origin holds both");
    drop(request);
    assert!(of_user.upgrade().is_some() && of_body.upgrade().is_none(), "the task holds what is listed");
    open.send(()).expect("the task waits");
    task.await.expect("the task ended");
    assert!(of_user.upgrade().is_none());
}
