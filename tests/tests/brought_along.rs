//! A context brings its supervisor along, around futures, streams, bodies and closures.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use detached::{Context, Supervisor, TaskError, background};
use futures_core::Stream;

#[background(timeout = "5s", inherit = ["user_id"])]
async fn audit() -> u64 {
    Context::current().get::<u64>("user_id").unwrap()
}

fn live_of(supervisor: &Supervisor) -> u64 {
    supervisor.counts().function("audit").called
}

/// A request's context, made where `supervisor` is in place.
fn request(supervisor: &Supervisor) -> Context {
    supervisor.in_scope(|| Context::new().with("user_id", 7_u64))
}

#[tokio::test]
async fn a_context_brings_the_supervisor_in_place_where_it_was_made() {
    let supervisor = Supervisor::new();
    let context = request(&supervisor);
    assert_eq!(context.scope(async { audit().await }).await, Ok(7));
    assert_eq!(context.child().scope(async { audit().await }).await, Ok(7));
    assert_eq!(context.in_scope(audit).await, Ok(7));
    assert_eq!(live_of(&supervisor), 3);
}

#[tokio::test]
async fn it_brings_it_to_other_threads_and_tasks() {
    let supervisor = Supervisor::new();
    let context = request(&supervisor);
    let spawned = tokio::spawn(context.scope(async { audit().await }));
    assert_eq!(spawned.await.unwrap(), Ok(7));
    let runtime = tokio::runtime::Handle::current();
    let called = tokio::task::spawn_blocking(move || {
        let _in_runtime = runtime.enter();
        context.in_scope(audit)
    });
    assert_eq!(called.await.unwrap().await, Ok(7));
    assert_eq!(live_of(&supervisor), 2);
}

#[tokio::test]
async fn the_context_of_a_task_brings_the_tasks() {
    #[background(timeout = "5s", inherit = ["user_id"])]
    async fn hand_over() -> Context {
        Context::current()
    }
    let supervisor = Supervisor::new();
    let context = request(&supervisor).scope(async { hand_over().await }).await.unwrap();
    assert_eq!(context.in_scope(audit).await, Ok(7));
    assert_eq!(live_of(&supervisor), 1);
}

#[tokio::test]
async fn an_inner_supervisor_covers_it_and_an_inner_context_that_one() {
    let (outer, inner) = (Supervisor::new(), Supervisor::new());
    let context = request(&outer);
    context.scope(inner.scope(async { audit().await })).await.unwrap();
    assert_eq!((live_of(&outer), live_of(&inner)), (0, 1));
    inner.scope(context.scope(async { audit().await })).await.unwrap();
    assert_eq!((live_of(&outer), live_of(&inner)), (1, 1));
}

#[tokio::test]
async fn a_context_that_knows_none_leaves_what_is_there() {
    let context = Context::new().with("user_id", 7_u64);
    let supervisor = Supervisor::new();
    supervisor.scope(context.scope(async { audit().await })).await.unwrap();
    assert_eq!(live_of(&supervisor), 1);
    assert!(Supervisor::try_current().is_none());
    context.in_scope(|| assert!(Supervisor::try_current().is_none()));
}

#[tokio::test]
async fn what_stood_there_is_back_after_a_panic() {
    let (outer, inner) = (Supervisor::new(), Supervisor::new());
    outer.in_scope(|| {
        let panicked = catch_unwind(AssertUnwindSafe(|| request(&inner).in_scope(|| panic!("as told"))));
        assert!(panicked.is_err());
        assert!(Context::try_current().is_none());
        drop(request(&Supervisor::current()).in_scope(audit));
    });
    assert_eq!((live_of(&outer), live_of(&inner)), (1, 0));
}

struct Pages(u8);

impl Stream for Pages {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut PollContext<'_>) -> Poll<Option<u64>> {
        self.0 += 1;
        Poll::Ready((self.0 < 3).then(|| Context::current().get::<u64>("user_id").unwrap()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (2, Some(2))
    }
}

/// Calls where a streamed answer is dropped half-way.
impl Drop for Pages {
    fn drop(&mut self) {
        drop(audit());
    }
}

#[tokio::test]
async fn a_stream_is_polled_and_dropped_in_the_scope() {
    let supervisor = Supervisor::new();
    let mut pages = Box::pin(request(&supervisor).scope(Pages(0)));
    assert_eq!(pages.size_hint(), (2, Some(2)));
    let mut seen = Vec::new();
    while let Some(user) = std::future::poll_fn(|cx| pages.as_mut().poll_next(cx)).await {
        seen.push(user);
    }
    assert_eq!(seen, [7, 7]);
    drop(pages);
    supervisor.idle().await;
    assert_eq!(supervisor.counts().function("audit").completed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_requests_context_hears_of_the_drain() {
    let supervisor = Supervisor::new();
    let context = request(&supervisor);
    assert!(!context.is_draining());
    let hears = tokio::spawn({
        let context = context.clone();
        async move { context.draining().await }
    });
    supervisor.drain(Duration::ZERO).await;
    hears.await.unwrap();
    assert!(context.is_draining() && context.child().is_draining());
    assert!(!Context::new().is_draining());
}

#[tokio::test(start_paused = true)]
async fn a_task_that_puts_its_request_around_a_call_still_calls_from_inside() {
    #[background(timeout = "5s")]
    async fn outlast(context: Context) -> Result<u64, TaskError> {
        Context::current().draining().await;
        context.scope(async { audit().await }).await
    }
    let supervisor = Supervisor::new();
    let task = supervisor.in_scope(|| outlast(request(&Supervisor::current())));
    assert!(supervisor.drain(Duration::from_secs(1)).await.is_clean());
    assert_eq!(task.await, Ok(Ok(7)));
}
